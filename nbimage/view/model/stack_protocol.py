"""`Stack`: what a view needs to know of its data, wherever the samples are.

`nbimage.view.model.stack.EmbeddedStack` has all of them in memory and puts them into the page,
`nbimage.view.model.tiled_image.TiledStack` reads those of a pyramid tile by tile.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.view.model.page_coordinates import PageCoordinate


class Stack(Protocol):
    """Planes of one size along further axes; the last axis is the fastest."""

    @property
    def rows(self) -> int:
        """The number of rows of a plane."""

    @property
    def columns(self) -> int:
        """The number of columns of a plane."""

    @property
    def channels(self) -> int:
        """The number of channels of a plane; 1 without such an axis."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples."""

    @property
    def label(self) -> str:
        """What the samples are, with their unit: "temperature [K]"; "" if unknown."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole, in the order of its own axes."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the further axes, with units: "level [hPa]"."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """The length of each further axis."""

    @property
    def count(self) -> int:
        """The number of planes."""

    @property
    def channel_axis(self) -> int | None:
        """The axis of the channels in what `plane` returns."""

    @property
    def order(self) -> list[int | str]:
        """What each axis is: "y", "x", ":" (channels), "0" (dropped) or a further one's number."""

    @property
    def upward(self) -> bool:
        """Whether the first row is shown at the bottom."""

    @property
    def tiles(self) -> dict[str, Any] | None:
        """How the page cuts it into tiles; None: the page holds all samples."""

    def labels(self, number: int) -> list[str]:
        """Return a label for each index along a further axis; [] without."""

    def page_coordinates(self) -> tuple[PageCoordinate | None, PageCoordinate | None]:
        """Return the coordinates of the columns, and of the rows from the top as shown."""

    def spacing(self) -> float:
        """Return a step along the last further axis in steps along the columns; 1 if unknown."""

    def find(self, parameter: str, axis: Any) -> int:
        """Return the number of a further axis, given by its name or its own number.

        Raises ValueError, which names ``parameter``, for an axis that is not there.
        """

    def plane(self, index: Sequence[int]) -> Values:
        """Return the plane at an index along the further axes: whole, or an overview of it."""

    def planes(self) -> Iterator[Values]:
        """Yield samples from which limits are found: every plane, or some samples of a few."""

    def with_last(self, number: int) -> Stack:
        """Return the same with a further axis moved to their end."""
