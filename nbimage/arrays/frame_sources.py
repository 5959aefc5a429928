"""Where frames come from: a stack, a lazy one, a list or an iterator, a few frames at a time.

An array has its frames along the first axis; a lazy one (dask, zarr, xarray) is read in slices. A
list holds frames. Any other iterable is read once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.channels import resolve_channel_axis
from nbimage.arrays.ingest import Values, as_values, pick

_AT_ONCE = 1 << 23  # values of a slice read at once
Take = Callable[[Any], Values]


@dataclass(frozen=True, slots=True)
class Source:
    """Where slices of frames come from: each a `Values` whose first axis is time."""

    slices: Callable[[], Iterator[Values]]
    count: int | None
    first: Values
    """One frame, for its shape, its dtype and its names."""
    again: bool
    """The slices can be read more than once."""


def as_source(data: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    """Return the source of slices, and the channel axis of one frame."""
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _from_list(data, channel_axis, take)
    if hasattr(data, "shape") and hasattr(data, "__getitem__"):
        return _from_stack(data, channel_axis, take)
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return _from_iterator(iter(data), channel_axis, take)
    if hasattr(data, "__array__") or hasattr(data, "__dlpack__"):
        return _from_stack(as_values(data, True).array, channel_axis, take)
    raise TypeError(f"data must be a stack or an iterable of frames, but got {type(data).__name__}")


def _from_stack(data: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    shape = tuple(int(n) for n in data.shape)
    if len(shape) not in (3, 4):
        raise ValueError(
            f"a stack must have 3 or 4 axes, frames first, but got shape {shape}: "
            "give one picture as data[None]"
        )
    if 0 in shape:
        raise ValueError(
            f"a stack must hold at least one pixel, but is empty: its shape is {shape}"
        )
    if channel_axis is not None and channel_axis % len(shape) == 0:
        raise ValueError(
            f"channel_axis must be 1 or -1 for a stack, but got {channel_axis} for {shape}: "
            "axis 0 holds the frames"
        )
    lazy = not isinstance(data, np.ndarray)
    chunks = getattr(data, "chunks", None)
    step = max(1, _AT_ONCE // int(np.prod(shape[1:], dtype=np.int64)))
    if chunks:  # a chunk is read whole in any case
        along = chunks[0][0] if isinstance(chunks[0], tuple) else chunks[0]
        step = max(int(along), step // int(along) * int(along))

    def slices() -> Iterator[Values]:
        if not lazy:
            yield take(data)
            return
        for start in range(0, shape[0], step):
            yield take(data[start : start + step])

    first = pick(take(data[:1]), 0, 0)
    axis = None
    if len(shape) == 4:
        own = None if channel_axis is None else channel_axis % 4 - 1
        axis = resolve_channel_axis(first.shape, own, first.names)
    elif channel_axis is not None:
        raise ValueError(f"channel_axis must be None for a stack of gray frames, shape {shape}")
    return Source(slices, shape[0], first, True), axis


def _from_list(frames: Any, channel_axis: int | None, take: Take) -> tuple[Source, int | None]:
    def slices() -> Iterator[Values]:
        for frame in frames:
            yield _as_slice(take(frame))

    if not frames:
        raise ValueError("a list of frames must hold at least one, but is empty")
    first = take(frames[0])
    axis = resolve_channel_axis(first.shape, channel_axis, first.names)
    return Source(slices, len(frames), first, True), axis


def _from_iterator(
    frames: Iterator[Any], channel_axis: int | None, take: Take
) -> tuple[Source, int | None]:
    try:
        head = next(frames)
    except StopIteration:
        raise ValueError("an iterator of frames must yield at least one, but yields none") from None
    first = take(head)
    axis = resolve_channel_axis(first.shape, channel_axis, first.names)

    def slices() -> Iterator[Values]:
        for frame in itertools.chain([head], frames):
            yield _as_slice(take(frame))

    return Source(slices, None, first, False), axis


def each_frame(source: Source) -> Iterator[Values]:
    """Yield one frame after the other."""
    for part in source.slices():
        for number in range(part.shape[0]):
            yield pick(part, 0, number)


def _as_slice(frame: Values) -> Values:
    mask = None if frame.mask is None else frame.mask[None]
    return Values(frame.array[None], mask, None, frame.dtype)
