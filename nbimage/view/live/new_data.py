"""Arrays that replace those of a live view: whether they fit, and what the page is told of them.

Not here: when a page gets them (`stream`).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import pick
from nbimage.base.chunked import Array
from nbimage.base.text import format_count
from nbimage.mapping.limits import Extent, extent
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.sources.array import ArraySource
from nbimage.view.model.images import as_images
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_model import ViewModel

_TIMES = ("t", "time")
_SPARE = 16  # planes, at the least, that fit behind those that are kept


@dataclass(slots=True)
class New:
    """What replaces the data of a view."""

    stacks: list[TiledStack]
    axes: list[dict[str, Any]]
    """As the page has them."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Of the page's state."""


def open_like(model: ViewModel, data: Any, opening: tuple[Any, ...]) -> New:
    """Open data as a view's first ones were. Raises TypeError or ValueError if they do not fit."""
    before = model.tiled
    source = before[0].array_source
    plain = type(data) is np.ndarray and data.dtype.kind not in "mM"
    if source is not None:  # masks are of their own data, and dates are counted in whole numbers
        plain = plain and source.decoding is None and not source.metadata.dtype
    if len(before) == 1 and plain and source is not None:
        _check_alike("data", data, source.levels[0])
        return New([renew(before[0], data)], model.config["axes"])
    axes, channel_axis, channel_colors, _, *more = opening
    images = as_images(data, axes, channel_axis, channel_colors, False, *more)
    if len(images) != len(before):
        own = format_count(len(before), "image")
        raise ValueError(f"data must be of {own} as before, but are {len(images)}")
    stacks = []
    for image, old in zip(images, before, strict=True):
        stack = image.stack
        if not isinstance(stack, TiledStack):
            raise TypeError(f"data must be arrays, but got {type(data).__name__}")
        if stack.shape != old.shape or (stack.rows, stack.columns) != (old.rows, old.columns):
            raise ValueError(
                f"data must have the shape {old.shape} as before, but got {stack.shape}: make "
                "another View"
            )
        if stack.metadata.dtype != old.metadata.dtype:  # of dates: they are counted otherwise
            kinds = (one.metadata.dtype or str(one.dtype) for one in (stack, old))
            raise TypeError("data must be of {1} as before, but got {0}".format(*kinds))
        _check_kind("data", stack.dtype, old.dtype)
        stacks.append(stack)
    return New(stacks, model.config["axes"])


def renew(stack: TiledStack, array: Array) -> TiledStack:
    """Return a stack of another array in memory, whose further axes may be of other lengths."""
    source = stack.array_source
    if source is None:
        raise TypeError("the view must be of an array in memory")
    fresh = ArraySource([array], source.axis_order)
    found, metadata = copy.copy(source), source.metadata
    if metadata.coordinates and fresh.axes != source.axes:
        count = len(fresh.axes)
        kept = tuple(
            one if new == old else None
            for one, new, old in zip(metadata.coordinates, fresh.axes, source.axes, strict=False)
        )
        coordinates = (*kept, *metadata.coordinates[count:])
        metadata = replace(metadata, coordinates=coordinates)
    found.levels, found.dtype, found.stored = [array], fresh.dtype, fresh.stored
    found.axes, found.blocks, found.metadata = fresh.axes, fresh.blocks, metadata
    return TiledStack(Pyramid(found), stack.composite_channels)


def _check_alike(name: str, array: Array, before: Any) -> None:
    if array.shape != tuple(before.shape):
        raise ValueError(
            f"{name} must have the shape {tuple(before.shape)} as before, but got {array.shape}: "
            "make another View"
        )
    _check_kind(name, array.dtype, before.dtype)


def _check_kind(name: str, dtype: np.dtype[Any], before: np.dtype[Any]) -> None:
    same = dtype.kind == before.kind or {dtype.kind, before.kind} == {"i", "u"}
    if not same:
        raise TypeError(f"{name} must be of a dtype as {before} before, but got {dtype}")


class Frames:
    """Planes along an axis in a buffer, of which the oldest ones go.

    What was given to be shown stays as it is: when the buffer is full, another one is begun.
    """

    def __init__(self, array: Array, axis: int, number: int) -> None:
        self._axis, self._number = axis, number
        self._kept = np.moveaxis(array, axis, 0)
        self._buffer: Array = self._kept
        self._start, self._stop = 0, len(self._kept)

    @classmethod
    def of(cls, model: ViewModel, data: Any) -> Frames:
        """Begin with a view's array. Raises ValueError for what has no axis to go on along."""
        stack = model.tiled[0]
        source = stack.array_source
        if len(model.tiled) > 1 or source is None or not isinstance(source.levels[0], np.ndarray):
            raise ValueError(
                "append must be of a view of one array in memory: set view.data, or give one array"
            )
        if source.decoding is not None:
            raise ValueError(
                "append must be of a view of an array without a mask: give floats with NaN where "
                "values are missing"
            )
        if source.metadata.dtype:
            raise ValueError(
                f"append must be of a view of numbers, but got {source.metadata.dtype}: set "
                "view.data"
            )
        if not stack.sizes:
            raise ValueError(
                "append must be of a view with an axis beside rows and columns, but it has none: "
                'give View(array[None], axes="tyx", embed=False)'
            )
        plain = [name.partition(" [")[0].lower() for name in stack.names]
        number = next((i for i, name in enumerate(plain) if name in _TIMES), 0)
        return cls(source.levels[0], stack.order.index(number), number)

    @property
    def array(self) -> Array:
        """The planes that are kept, in the axes of the view's array."""
        return np.moveaxis(self._kept, 0, self._axis)

    @property
    def newest(self) -> Array:
        """The last plane, with its axis."""
        return np.moveaxis(self._kept[-1:], 0, self._axis)

    def append(self, frame: Any, max_planes: int | None, model: ViewModel) -> New:
        """Add a plane. Raises TypeError or ValueError if it does not fit."""
        given = _as_frame(frame)
        before = self._kept
        keep: Any = len(before) if max_planes is None else max_planes
        if isinstance(keep, bool) or not hasattr(keep, "__index__") or keep < 1:
            raise ValueError(f"max_planes must be a whole number from 1 on, but got {keep!r:.60}")
        _check_alike("frame", given, before[0])
        if given.dtype != before.dtype and not np.can_cast(given.dtype, before.dtype):
            raise TypeError(f"frame must be of {before.dtype} as before, but got {given.dtype}")
        keep = int(keep)
        kept = before[max(0, len(before) - keep + 1) :] if keep > 1 else before[:0]
        if self._stop == len(self._buffer):
            room = len(kept) + 1 + max(_SPARE, len(kept) // 2)  # whatever may be kept one day
            self._buffer = np.empty((room, *before.shape[1:]), before.dtype)
            self._buffer[: len(kept)] = kept
            self._start, self._stop = 0, len(kept)
        else:
            self._start = self._stop - len(kept)
        self._buffer[self._stop] = given
        self._stop += 1
        self._kept = self._buffer[self._start : self._stop]
        return self._describe(len(before), model)

    def _describe(self, before: int, model: ViewModel) -> New:
        number, size = self._number, len(self._kept)
        axes = [dict(axis) for axis in model.config["axes"]]
        axes[number] |= {"size": size, "labels": []}
        index = list(model.state["index"])
        index[number] = size - 1
        changes: dict[str, Any] = {"index": index}
        projections = list(model.state["projections"])
        one = projections[number]
        if one is not None and size != before:
            projections[number] = resize(one, before, size)
            changes["projections"] = projections
        return New([renew(model.tiled[0], self.array)], axes, changes)


def _as_frame(frame: Any) -> Array:
    """Return a frame as an array, with NaN where values are masked."""
    if not isinstance(frame, np.ma.MaskedArray) or not np.ma.is_masked(frame):
        return np.asarray(frame)
    if frame.dtype.kind not in "fc":
        raise TypeError(
            f"frame must have all its values, but some of {frame.dtype} are masked: give a view "
            "and its frames as floats, with NaN where values are missing"
        )
    return np.asarray(frame.filled(np.nan))


def resize(projection: dict[str, Any], before: int, size: int) -> dict[str, Any]:
    """Return a projection of as many planes that ends with the newest one; of all, if it was."""
    first, last = projection["first"], projection["last"]
    if first == 0 and last == before - 1:
        return {**projection, "first": 0, "last": size - 1}
    return {**projection, "first": max(0, first + size - 1 - last), "last": size - 1}


def find_displays(model: ViewModel, stacks: Sequence[TiledStack]) -> list[dict[str, Any]]:
    """Return display settings whose limits are the least and the largest values that are shown."""
    displays: list[dict[str, Any]] = model.state["displays"]
    found = [_find_extents(model, i, stack) for i, stack in enumerate(stacks)]
    shared = len(displays) < len(stacks)
    changed = []
    for i, display in enumerate(displays):
        members = found if shared else [found[i]]
        ends = []
        for channel in range(len(display["vmin"])):
            known = Extent()
            for one in members:
                known = known.join(one[min(channel, len(one) - 1)])
            ends.append(known)
        base = model.base(i)
        if all(one.low is not None and one.high is not None for one in ends):
            low = [float((one.low or 0) - base) for one in ends]
            high = [float((one.high or 0) - base) for one in ends]
            display = {**display, "vmin": low, "vmax": high}
        changed.append(display)
    return changed


def _find_extents(model: ViewModel, image: int, stack: TiledStack) -> list[Extent]:
    index = zip(model.state["index"], stack.sizes, strict=True)
    values = stack.plane([min(i, size - 1) for i, size in index])
    axis = stack.channel_axis
    if axis is None:
        return [extent(values.array, values.mask)]
    channels = [pick(values, axis, c) for c in range(stack.channels)]
    if model.images[image].kind != "composite" and stack.has_alpha:
        channels = channels[:-1]
    return [extent(one.array, one.mask) for one in channels]
