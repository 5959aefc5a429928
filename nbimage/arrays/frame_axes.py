"""Frames that lie along axes of known names: which, and what is known along them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.metadata import Coordinate, list_positions


class FrameAxis(NamedTuple):
    """An axis along which frames lie."""

    name: str
    length: int
    known: Coordinate | None


class AxisFrames(Sequence[Any], ABC):
    """Frames of a file, in the order of its axes: the last one is the fastest."""

    def __init__(self, axes: tuple[FrameAxis, ...], label: str) -> None:
        self.axes = axes
        """What they lie along."""
        self.label = label
        """What the values are."""

    @property
    def texts(self) -> tuple[str, ...]:
        """What each frame is called."""
        known = next((axis.known for axis in self.axes if axis.length > 1), None)
        return list_positions(known, len(self))

    def __len__(self) -> int:
        return math.prod(axis.length for axis in self.axes)

    def __getitem__(self, number: Any) -> Any:
        if not 0 <= number < len(self):
            raise IndexError(number)
        sizes = tuple(axis.length for axis in self.axes)
        return self._read(tuple(map(int, np.unravel_index(number, sizes))) if sizes else ())

    @abstractmethod
    def _read(self, index: tuple[int, ...]) -> Any:
        """Return the frame at one index along the axes."""
