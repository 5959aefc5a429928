"""`Stack`: what a view needs to know of its data; `EmbeddedStack`: an array in memory.

Not here: arrays too large for a page (`tiled_image.TiledStack`, which is a `Stack` too), which axis
is what (`nbimage.arrays.axis_order`), limits and colors (`images`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.axis_names import axis_word
from nbimage.arrays.axis_order import LAYERS, AxisOrder, resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.coordinates import text_of
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, pick, transpose
from nbimage.arrays.metadata import Coordinate, Metadata
from nbimage.base.chunked import Array
from nbimage.figure.page_coordinate import PageCoordinate, page_coordinate
from nbimage.mapping.value_sample import Counting
from nbimage.view.model.page_coordinates import (
    name_with_unit,
    step_ratio,
)
from nbimage.view.project.projections import Along, find_index, is_projected
from nbimage.view.project.reduce import project


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
    def stored(self) -> np.dtype[Any]:
        """Their type where they are stored: integers may be floats for the sake of missing ones."""

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
    def metadata(self) -> Metadata:
        """What is known of the channels, among other things."""

    @property
    def channel_colors(self) -> tuple[str, ...]:
        """The channels' colors as a file has them, ``#rrggbb``; empty: not known."""

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the channels are called; empty: not known."""

    @property
    def composite(self) -> bool:
        """Whether the channels are laid over one another rather than being colors."""

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

    def plane(self, index: Sequence[Along]) -> Values:
        """Return the plane at an index along the further axes: whole, or an overview of it."""

    def planes(self, counting: Counting | None = None) -> Iterator[Values]:
        """Yield samples from which limits are found: every plane, or some samples of a few.

        ``counting``: which of them limits come from, if from these.
        """

    def whole_plane(self, index: Sequence[Along]) -> Values | None:
        """Return all samples of a plane; None where there are too many to look at them all."""

    def forget_samples(self) -> None:
        """Let go of what `planes` keeps for the next call."""

    def with_last(self, number: int) -> Stack:
        """Return the same with a further axis moved to their end."""


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedStack:
    """An array in memory, all of whose samples a page holds."""

    values: Values
    axis_order: AxisOrder
    further: tuple[int, ...]
    """The array's other axes, the last one the fastest."""
    channel_colors: tuple[str, ...] = ()
    """As a file has them."""
    channel_names: tuple[str, ...] = ()
    composite: bool = False
    letters: tuple[int | str, ...] = ()
    """What each axis of the file's own array is, where its samples are in another order."""

    @property
    def described(self) -> int:
        """How many channels a file describes."""
        return max(len(self.channel_names), len(self.channel_colors))

    @property
    def rows(self) -> int:
        """The number of rows of a plane."""
        return self.values.shape[self.axis_order.rows]

    @property
    def columns(self) -> int:
        """The number of columns of a plane."""
        return self.values.shape[self.axis_order.columns]

    @property
    def channels(self) -> int:
        """The number of channels of a plane; 1 without such an axis."""
        return self.axis_order.channel_count(self.values.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples."""
        return np.dtype(self.values.array.dtype)

    @property
    def stored(self) -> np.dtype[Any]:
        """The same."""
        return self.dtype

    @property
    def label(self) -> str:
        """What the samples are, with their unit."""
        return self.values.metadata.label

    @property
    def shape(self) -> tuple[int, ...]:
        """The array's shape."""
        return self.values.shape

    @property
    def sizes(self) -> tuple[int, ...]:
        """The length of each further axis."""
        return tuple(self.values.shape[axis] for axis in self.further)

    @property
    def count(self) -> int:
        """The number of planes."""
        return math.prod(self.sizes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the further axes, with units: "level [hPa]"."""
        return tuple(self._name(axis) for axis in self.further)

    @property
    def channel_axis(self) -> int | None:
        """The axis of the channels in what `plane` returns."""
        order = self.axis_order
        if order.channels is None:
            return None
        return sum(axis < order.channels for axis in (order.rows, order.columns))

    @property
    def order(self) -> list[int | str]:
        """What each of the array's own axes is: "y", "x", ":", "0" or a number in `further`."""
        order = self.axis_order
        if not self.letters:
            return replace(order, further=self.further).letters
        return [
            self.further.index(order.further[own]) if isinstance(own, int) else own
            for own in self.letters
        ]

    @property
    def upward(self) -> bool:
        """Whether the first row is shown at the bottom."""
        known = self._coordinate(self.axis_order.rows)
        return known is not None and known.upward

    @property
    def metadata(self) -> Metadata:
        """What is known of the channels, among other things."""
        return self.values.metadata

    @property
    def tiles(self) -> None:
        """None: the page holds all samples."""

    def labels(self, number: int) -> list[str]:
        """Return a label for each index along a further axis; [] without coordinates."""
        known = self._coordinate(self.further[number])
        if known is None or known.values is None:
            return []
        return [text_of(value) for value in known.values]

    def page_coordinates(self) -> tuple[PageCoordinate | None, PageCoordinate | None]:
        """Return the coordinates of the columns, and of the rows from the top as shown."""
        x = page_coordinate(self._coordinate(self.axis_order.columns))
        y = self._coordinate(self.axis_order.rows)
        return x, page_coordinate(y, reversed_count=self.rows if self.upward else None)

    def spacing(self) -> float:
        """Return a step along the last further axis in steps along the columns; 1 if unknown."""
        if self.sizes[-1] < 2 or self.columns < 2:
            return 1.0
        z = page_coordinate(self._coordinate(self.further[-1]))
        return step_ratio(z, page_coordinate(self._coordinate(self.axis_order.columns)))

    def plane(self, index: Sequence[Along]) -> Values:
        """Return the plane at an index along the further axes, its rows before its columns."""
        if is_projected(index):
            axis = self.channel_axis
            alpha = not self.composite and self.channels in (2, 4)
            read = project(lambda one: on_host(self._plane(one), axis), index, alpha=alpha)
            array, mask = (
                part if part is None or axis is None else np.moveaxis(part, -1, axis)
                for part in read
            )
            own = self._plane(find_index(index))
            return Values(array, mask, own.names, metadata=own.metadata)  # type: ignore[arg-type]
        return self._plane(find_index(index))

    def _plane(self, index: Sequence[int]) -> Values:
        values = self.values
        order = self.axis_order
        picked = dict.fromkeys(order.dropped, 0) | dict(zip(self.further, index, strict=True))
        for axis, i in sorted(picked.items(), reverse=True):
            values = pick(values, axis, i)
        if order.rows < order.columns:
            return values
        first, second = (i for i in range(len(values.shape)) if i != self.channel_axis)
        axes = list(range(len(values.shape)))
        axes[first], axes[second] = second, first
        return transpose(values, axes)

    def planes(self, counting: Counting | None = None) -> Iterator[Values]:
        """Yield every plane."""
        return (self.plane(index) for index in np.ndindex(self.sizes))

    def whole_plane(self, index: Sequence[Along]) -> Values:
        """Return all samples of a plane."""
        return self.plane(index)

    def forget_samples(self) -> None:
        """Do nothing: the page has them all."""

    def find(self, parameter: str, axis: Any) -> int:
        """Return the number in `further` of an axis: a name, or a number of the array's axes."""
        for i, own in enumerate(self.further):
            if isinstance(axis, str) and axis in (self._name(own), self._word(own)):
                return i
            whole = hasattr(axis, "__index__") and not isinstance(axis, bool)
            if whole and axis in (own, own - len(self.values.shape)):
                return i
        words = [self._word(own) for own in self.further]
        known = ", ".join(map(repr, words))
        way = ": axes= gives them names" if any(word.startswith("axis ") for word in words) else ""
        raise ValueError(
            f"{parameter} must be one of the axes ({known}), but got {axis!r}{way}"
            if known
            else f"{parameter} must be left out for data of shape {self.values.shape}: "
            "they have no axis beside rows, columns and channels"
        )

    def with_last(self, number: int) -> EmbeddedStack:
        """Return the same with a further axis moved to their end."""
        axis = self.further[number]
        others = tuple(own for own in self.further if own != axis)
        return replace(self, further=(*others, axis))

    def _coordinate(self, axis: int) -> Coordinate | None:
        """Return the coordinate of one of the array's own axes."""
        known = self.values.metadata.coordinates
        return known[axis] if known else None

    def _word(self, axis: int) -> str:
        return axis_word(self.values.names, axis)

    def _name(self, axis: int) -> str:
        return name_with_unit(self._word(axis), self._coordinate(axis))


def on_host(values: Values, axis: int | None) -> tuple[Array, Array | None]:
    """Return a picture's values, channels last, and their mask of the same shape."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    mask = values.mask
    if axis is not None:
        array = np.moveaxis(array, axis, -1)
        mask = None if mask is None else np.moveaxis(mask, axis, -1)
    return array, mask


def as_stack(
    values: Values, axes: Any, channel_axis: int | None, composite_channels: int | None
) -> EmbeddedStack:
    """Find out which axis is what.

    Parameters
    ----------
    values : Values
        The array, with two axes or more.
    axes : str or sequence of str, optional
        A letter or a name for each axis; else the array's own names and lengths decide.
    channel_axis : int, optional
        Where the channels are.
    composite_channels : int, optional
        How many channels are laid over one another; None: colors or gray.

    Raises
    ------
    TypeError, ValueError
        For names that do not fit, and for channels that are no picture's.
    """
    order = resolve_axis_order(
        values.shape,
        values.names,
        axes,
        channel_axis,
        channels=composite_channels,
        samples=Samples(values.array, values.mask, values.metadata),
    )
    if axes is not None:
        values = replace(values, names=tuple(axes))
    elif LAYERS in order.names:
        names = list(values.names or (None,) * len(values.shape))
        names[order.further[order.names.index(LAYERS)]] = LAYERS
        values = replace(values, names=tuple(names))
    return EmbeddedStack(values, order, order.further)


def join_letters(letters: Sequence[int | str], along: int) -> list[int | str]:
    """Return what each axis is once one of the further ones holds the channels of a plane."""
    return [
        ":" if own == along else own - 1 if isinstance(own, int) and own > along else own
        for own in letters
    ]
