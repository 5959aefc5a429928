"""`EmbeddedStack`: an array in memory as a view sees it.

Not here: arrays too large for a page (`tiled_image`), limits and colors (`images`).
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.channels import CHANNEL_NAMES, guess_channel_axis, resolve_channel_axis
from nbimage.arrays.coordinates import text_of
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, pick
from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.base.stack_level import caller_stacklevel
from nbimage.view.model.page_coordinates import (
    PageCoordinate,
    page_coordinate,
    split_unit,
    step_ratio,
)

_MADE_UP = re.compile(r"(phony_)?dim_\d+")  # xarray's own, where nobody has named an axis
_SAMPLE_NAMES = frozenset({"s", "sample", "samples"})  # tifffile's word for a pixel's colors


@dataclass(frozen=True, slots=True, eq=False)
class EmbeddedStack:
    """An array in memory, all of whose samples a page holds."""

    values: Values
    rows_axis: int
    columns_axis: int
    channels_axis: int | None
    further: tuple[int, ...]
    """The array's other axes, the last one the fastest."""

    @property
    def rows(self) -> int:
        """The number of rows of a plane."""
        return self.values.shape[self.rows_axis]

    @property
    def columns(self) -> int:
        """The number of columns of a plane."""
        return self.values.shape[self.columns_axis]

    @property
    def channels(self) -> int:
        """The number of channels of a plane; 1 without such an axis."""
        return 1 if self.channels_axis is None else self.values.shape[self.channels_axis]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples."""
        return np.dtype(self.values.array.dtype)

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
        if self.channels_axis is None:
            return None
        return sum(a < self.channels_axis for a in (self.rows_axis, self.columns_axis))

    @property
    def order(self) -> list[int | str]:
        """What each of the array's own axes is: "y", "x", ":" or a number in `further`."""
        roles: dict[int | None, int | str] = {axis: i for i, axis in enumerate(self.further)}
        roles |= {self.channels_axis: ":", self.rows_axis: "y", self.columns_axis: "x"}
        return [roles[axis] for axis in range(len(self.values.shape))]

    @property
    def upward(self) -> bool:
        """Whether the first row is shown at the bottom."""
        known = self._coordinate(self.rows_axis)
        return known is not None and known.upward

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
        x = page_coordinate(self._coordinate(self.columns_axis))
        return x, page_coordinate(self._coordinate(self.rows_axis), reverse=self.upward)

    def spacing(self) -> float:
        """Return a step along the last further axis in steps along the columns; 1 if unknown."""
        if self.sizes[-1] < 2 or self.columns < 2:
            return 1.0
        z = page_coordinate(self._coordinate(self.further[-1]))
        return step_ratio(z, page_coordinate(self._coordinate(self.columns_axis)))

    def plane(self, index: Sequence[int]) -> Values:
        """Return the plane at an index along the further axes, its rows before its columns."""
        values = self.values
        for axis, i in sorted(zip(self.further, index, strict=True), reverse=True):
            values = pick(values, axis, i)
        if self.rows_axis < self.columns_axis:
            return values
        return _transposed(values, self.channel_axis)

    def planes(self) -> Iterator[Values]:
        """Yield every plane."""
        return (self.plane(index) for index in np.ndindex(self.sizes))

    def find(self, parameter: str, axis: Any) -> int:
        """Return the number in `further` of an axis: a name, or a number of the array's axes."""
        for i, own in enumerate(self.further):
            if isinstance(axis, str) and axis in (self._name(own), self._word(own)):
                return i
            whole = hasattr(axis, "__index__") and not isinstance(axis, bool)
            if whole and axis in (own, own - len(self.values.shape)):
                return i
        known = ", ".join(repr(self._word(own)) for own in self.further)
        raise ValueError(
            f"{parameter} must be one of the axes ({known}), but got {axis!r}"
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
        name = self.values.names[axis] if self.values.names else None
        return name if name and not _MADE_UP.fullmatch(name) else f"axis {axis}"

    def _name(self, axis: int) -> str:
        known = self._coordinate(axis)
        unit = "" if known is None else split_unit(known.label)[1]
        return f"{self._word(axis)} [{unit}]" if unit else self._word(axis)


def on_host(values: Values, axis: int | None) -> tuple[Array, Array | None]:
    """Return a picture's values, channels last, and their mask of the same shape."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    mask = values.mask
    if axis is not None:
        array = np.moveaxis(array, axis, -1)
        mask = None if mask is None else np.moveaxis(mask, axis, -1)
    return array, mask


def as_stack(
    values: Values, axes: Any, channel_axis: int | None, parts: int | None
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
    parts : int, optional
        How many channels are laid over one another; None: colors or gray.

    Raises
    ------
    TypeError, ValueError
        For names that do not fit, and for channels that are no picture's.
    """
    shape = values.shape
    spatial: tuple[int, int] | None = None
    if axes is not None:
        names = _axis_names(axes, shape)
        values = replace(values, names=names)
        lower = [name.lower() for name in names]
        if "y" in lower and "x" in lower:
            spatial = lower.index("y"), lower.index("x")
        elif isinstance(axes, str) or {"y", "x"} & set(lower):
            raise ValueError(f'axes must hold "y" and "x", but got {axes!r}')
    given = _checked(channel_axis, shape)
    if given is not None and spatial is not None and given in spatial:
        raise ValueError(
            f"channel_axis must be no axis of rows or columns, but got {channel_axis} for "
            f"axes={axes!r}"
        )
    named = axes is not None
    if given is not None:
        channels: int | None = given
    elif parts is not None:
        channels = _of_length(values, parts, spatial)
    else:
        channels = _named_channels(values) if named else _guessed(values)
    others = [axis for axis in range(len(shape)) if axis != channels]
    if len(others) < 2:
        raise ValueError(f"data must have rows and columns beside channels, but got shape {shape}")
    rows, columns = spatial or (others[-2], others[-1])
    stack = EmbeddedStack(
        values,
        rows,
        columns,
        channels,
        tuple(axis for axis in others if axis not in (rows, columns)),
    )
    _check_channels(stack, parts)
    return stack


def _axis_names(axes: Any, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Return a name for each axis."""
    if not isinstance(axes, (str, list, tuple)) or not all(isinstance(a, str) and a for a in axes):
        raise TypeError(
            f'axes must be a letter for each axis such as "tzyx", or names, but got {axes!r}'
        )
    names = tuple(axes)
    if len(names) != len(shape):
        raise ValueError(
            f"axes must name each of the {len(shape)} axes of shape {shape}, but got {axes!r}"
        )
    if len({name.lower() for name in names}) < len(names):
        raise ValueError(f"axes must have a name of its own each, but got {axes!r}")
    return names


def _checked(channel_axis: Any, shape: tuple[int, ...]) -> int | None:
    """Return a channel axis as a number from 0 on."""
    if channel_axis is None:
        return None
    if isinstance(channel_axis, bool) or not hasattr(channel_axis, "__index__"):
        raise TypeError(f"channel_axis must be an integer or None, but got {channel_axis!r}")
    axis = int(channel_axis)
    if len(shape) < 3 or not -len(shape) <= axis < len(shape):
        raise ValueError(
            f"channel_axis must be that of an array of 3 axes or more, but got {axis} for one of "
            f"shape {shape}"
        )
    return axis % len(shape)


def _named_channels(values: Values) -> int | None:
    """Return the axis whose name says that it holds channels; samples of a pixel go first."""
    lower = [(name or "").lower() for name in values.names or ()]
    for words in (_SAMPLE_NAMES, CHANNEL_NAMES):
        found = [axis for axis, name in enumerate(lower) if name in words]
        if len(found) > 1:
            raise ValueError(
                f"axes must have one of channels, but got {len(found)} in {values.names}: give "
                "channel_axis"
            )
        if found:
            return found[0]
    return None


def _guessed(values: Values) -> int | None:
    """Return the channel axis of data without axes=, by their own names or by lengths."""
    shape, names = values.shape, values.names
    if len(shape) == 2:
        return None
    if len(shape) == 3:
        try:
            one = guess_channel_axis(shape, names)
        except ValueError:
            return None  # a stack
        if one.ambiguous:
            return resolve_channel_axis(shape, None, names)  # which says so
        return None if one.axis is None else one.axis % 3
    if names and not all(name is None or _MADE_UP.fullmatch(name) for name in names):
        lower = [(name or "").lower() for name in names]
        return next((axis for axis, name in enumerate(lower) if name in CHANNEL_NAMES), None)
    if len(shape) > 4:
        return len(shape) - 1 if shape[-1] in (3, 4) else None
    try:
        guess = guess_channel_axis(shape[1:])
    except ValueError:
        return None
    if guess.axis is None:
        return None
    axis = 1 if guess.axis == 0 else 3
    if guess.ambiguous:
        warnings.warn(
            f"shape {shape} fits two channel layouts and was taken as a stack with channels on "
            f"axis {axis}: give channel_axis={axis} to keep that silently, or channel_axis="
            f"{4 - axis}",
            UserWarning,
            stacklevel=caller_stacklevel(),
        )
    return axis


def _of_length(values: Values, parts: int, spatial: tuple[int, int] | None) -> int:
    """Return the axis that holds as many channels as were named."""
    shape = values.shape
    lower = [(name or "").lower() for name in values.names or ()]
    for axis, name in enumerate(lower):
        if name in CHANNEL_NAMES:
            return axis
    free: list[int] = [*range(len(shape) - 2), len(shape) - 1] if len(shape) > 2 else []
    if spatial is not None:
        free = [axis for axis in range(len(shape)) if axis not in spatial]
    for axis in free:
        if shape[axis] == parts:
            return axis
    raise ValueError(
        f"channels must have an axis, but none of shape {shape} is {parts} long: give "
        "channel_axis, or one color for each channel"
    )


def _check_channels(stack: EmbeddedStack, parts: int | None) -> None:
    axis = stack.channels_axis
    if axis is None:
        return
    count, where = stack.channels, f"along axis {axis} of shape {stack.values.shape}"
    if parts is not None and count != parts:
        raise ValueError(f"channels must be {count}, one for each {where}, but got {parts}")
    if parts is None and count not in (1, 2, 3, 4):
        raise ValueError(
            f"channels must be 1, 2, 3 or 4 of a picture in colors, but got {count} {where}: "
            "give channels=, a name for each, to lay them over one another, or pick one"
        )


def _transposed(values: Values, axis: int | None) -> Values:
    """Return a picture with its rows and columns exchanged."""
    first, second = (i for i in range(len(values.shape)) if i != axis)
    order = list(range(len(values.shape)))
    order[first], order[second] = second, first
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    names, metadata = values.names, values.metadata
    if metadata.coordinates:
        metadata = replace(metadata, coordinates=tuple(metadata.coordinates[i] for i in order))
    return replace(
        values,
        array=array.transpose(order),
        mask=None if values.mask is None else values.mask.transpose(order),
        names=None if names is None else tuple(names[i] for i in order),
        metadata=metadata,
    )
