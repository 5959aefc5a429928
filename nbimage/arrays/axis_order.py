"""Which axis of an array is what: rows, columns, the channels of a pixel, or one to go along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.channels import (
    CHANNEL_NAMES,
    Names,
    guess_channel_axis,
    resolve_channel_axis,
)
from nbimage.base.box import Box
from nbimage.base.chunked import Array

_SAMPLES = frozenset({"s", "sample", "samples"})
_COLORS = (1, 3, 4)


@dataclass(frozen=True, slots=True)
class AxisOrder:
    """What each axis of an array is."""

    rows: int
    columns: int
    channels: int | None
    further: tuple[int, ...]
    names: tuple[str, ...]
    """Of the further axes."""
    single: tuple[int, ...] = ()
    """Axes of length 1 that need no place."""

    def squeezed(self, shape: Sequence[int]) -> AxisOrder:
        """Return the same without further axes of length 1."""
        kept = [(a, n) for a, n in zip(self.further, self.names, strict=True) if shape[a] > 1]
        return replace(
            self,
            further=tuple(axis for axis, _ in kept),
            names=tuple(name for _, name in kept),
            single=tuple(axis for axis in self.further if shape[axis] == 1),
        )

    def axes(self, shape: Sequence[int]) -> tuple[tuple[str, int], ...]:
        """Return names and lengths of the further axes of an array of this shape."""
        return tuple(
            (name, int(shape[axis])) for name, axis in zip(self.names, self.further, strict=True)
        )

    def count(self, shape: Sequence[int]) -> int:
        """Return how many channels a picture of an array of this shape has."""
        return 1 if self.channels is None else int(shape[self.channels])

    def index(self, box: Box, plane: tuple[int, ...]) -> tuple[Any, ...]:
        """Return the index of a part of the array."""
        count = len(self.further) + len(self.single) + 2 + (self.channels is not None)
        where: list[Any] = [slice(None)] * count
        where[self.rows], where[self.columns] = box.slices
        for axis, place in zip(self.further, plane, strict=True):
            where[axis] = place
        for axis in self.single:
            where[axis] = 0
        return tuple(where)

    def picture(self, part: Array) -> Array:
        """Return what `index` has picked as rows, columns and channels, in this order."""
        kept = sorted(axis for axis in (self.rows, self.columns, self.channels) if axis is not None)
        order = [kept.index(self.rows), kept.index(self.columns)]
        if self.channels is None:
            return part.transpose(order)
        part = part.transpose([*order, kept.index(self.channels)])
        return part[:, :, 0] if part.shape[2] == 1 else part


def resolve_axis_order(
    shape: Sequence[int],
    names: Names | None = None,
    axes: Any = None,
    channel_axis: int | None = None,
    *,
    colors: bool = True,
) -> AxisOrder:
    """Find out which axis is what.

    Parameters
    ----------
    shape : sequence of int
        The array's shape.
    names : tuple of (str or None), optional
        The axes' own names.
    axes : str or sequence of str, optional
        The caller's names, which count more.
    channel_axis : int, optional
        Where the channels of a pixel are.
    colors : bool, optional
        False: unless that is said, no axis holds the channels of a pixel.

    Raises
    ------
    TypeError, ValueError
        For what no picture can be found in.
    """
    shape = tuple(int(n) for n in shape)
    if len(shape) < 2:
        raise ValueError(
            f"data must have at least 2 axes (height, width), but got shape {shape}: give it two"
        )
    if 0 in shape:
        raise ValueError(f"data must hold at least one pixel, but is empty: its shape is {shape}")
    if axes is not None:
        names = _given(axes, shape)
    lower = [(name or "").lower() for name in names or ("",) * len(shape)]
    spatial = (lower.index("y"), lower.index("x")) if {"y", "x"} <= set(lower) else None
    channels = None
    if colors or channel_axis is not None:
        channels = _channels(shape, names, lower, channel_axis)
    left = [axis for axis in range(len(shape)) if axis != channels]
    if len(left) < 2 or (spatial is not None and channels in spatial):
        raise ValueError(
            f"data must have rows and columns beside channels, but got channel_axis={channel_axis} "
            f"for shape {shape}"
        )
    rows, columns = spatial or (left[-2], left[-1])
    further = tuple(axis for axis in left if axis not in (rows, columns))
    known = tuple((names[axis] if names else None) or f"axis {axis}" for axis in further)
    return AxisOrder(rows, columns, channels, further, known)


def _given(axes: Any, shape: tuple[int, ...]) -> Names:
    if not isinstance(axes, (str, list, tuple)) or not all(isinstance(a, str) and a for a in axes):
        raise TypeError(
            f'axes must be a letter for each axis such as "tzyx", or names, but got {axes!r}'
        )
    lower = {name.lower() for name in axes}
    if len(axes) != len(shape) or len(lower) < len(axes):
        raise ValueError(
            f"axes must name each of the {len(shape)} axes of shape {shape}, but got {axes!r}"
        )
    if not {"y", "x"} <= lower:
        raise ValueError(f'axes must hold "y" and "x", but got {axes!r}')
    return tuple(axes)


def _channels(
    shape: tuple[int, ...], names: Names | None, lower: list[str], channel_axis: Any
) -> int | None:
    if channel_axis is not None:
        return resolve_channel_axis(shape, channel_axis, names)
    if any(lower):
        for words, lengths in ((_SAMPLES, (1, 2, 3, 4)), (CHANNEL_NAMES, _COLORS)):
            found = [axis for axis, name in enumerate(lower) if name in words]
            if len(found) == 1 and shape[found[0]] in lengths:
                return found[0]
            if found:
                return None
        if {"y", "x"} <= set(lower):
            return None
    if len(shape) == 3:
        try:
            guess_channel_axis(shape, names)
        except ValueError:
            return None  # a stack
        return resolve_channel_axis(shape, None, names)  # which says so if it is ambiguous
    return len(shape) - 1 if len(shape) > 3 and shape[-1] in (3, 4) else None


def compute_part(array: Any, index: tuple[Any, ...]) -> Array:
    """Return a part of an array, computed here and now: no cluster, no other threads."""
    part = array[index]
    if hasattr(part, "compute"):  # dask
        part = part.compute(scheduler="synchronous")
    return np.asarray(part)
