"""Frames that lie along axes of known names: which, and what is known along them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from nbimage.arrays.metadata import Coordinate


class FrameAxis(NamedTuple):
    """An axis along which frames lie."""

    name: str
    length: int
    known: Coordinate | None


class AxisFrames(Sequence[Any], ABC):
    """Frames of a file, in the order of its axes: the last one is the fastest."""

    @property
    @abstractmethod
    def axes(self) -> tuple[FrameAxis, ...]:
        """What they lie along."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What the values are."""
