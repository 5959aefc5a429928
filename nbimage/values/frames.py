"""Frame stacks of any kind to pixels, a few frames at a time: the stack need never fit in memory.

An array has its frames along the first axis; a lazy one (dask, zarr, xarray) is read in slices. A
list holds frames. Any other iterable is read once, so its limits have to be known beforehand.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nbimage.values.blocks import Array
from nbimage.values.channels import resolve_channel_axis
from nbimage.values.intake import Values, as_values
from nbimage.values.limits import (
    Contrast,
    Extent,
    Limit,
    Limits,
    extent,
    limit_count,
    resolve_limits,
    sample,
)
from nbimage.values.pixels import describe, map_picture, without_alpha

_AT_ONCE = 1 << 23  # values of a slice read at once
FrameContrast = Contrast | Literal["frame"]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames as pixels: ``pixels()`` yields uint8 ``(H, W)``, ``(H, W, 3)`` or ``(H, W, 4)``."""

    count: int | None
    """How many there are; None for an iterable that does not say."""
    shape: tuple[int, int]
    channels: int
    description: str
    pixels: Callable[[], Iterator[Array]]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where slices of frames come from: each a `Values` whose first axis is time."""

    slices: Callable[[], Iterator[Values]]
    count: int | None
    first: Values
    """One frame, for its shape, its dtype and its names."""
    again: bool
    """The slices can be read more than once."""


def as_frames(
    data: Any,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    *,
    contrast: FrameContrast = "minmax",
    channel_axis: int | None = None,
) -> Frames:
    """Take frames of any kind to pixels, with one range for all of them.

    Parameters
    ----------
    data : array-like, or iterable of frames
        ``(T, H, W)``, ``(T, H, W, 1|3|4)`` or ``(T, 1|3|4, H, W)``; or a list, an iterator or a
        generator of pictures of one shape and dtype.
    contrast
        As for `rerange`; or ``"frame"``: each frame has a range of its own.
    channel_axis : int, optional
        The axis of the stack (1 or -1), or of a frame where frames are given one by one.

    Raises
    ------
    TypeError, ValueError
        As for pictures; for frames that differ, naming the frame; for an iterator whose limits
        are not known beforehand.
    """
    source, axis = _source(data, channel_axis)
    first = source.first
    channels = 1 if axis is None else first.shape[axis]
    if channels == 2:
        raise ValueError(
            f"frames must have 1, 3 or 4 channels, but got 2 in frames of shape {first.shape}"
        )
    rows, columns = (n for i, n in enumerate(first.shape) if i != axis)
    known, limits = Extent(), None
    if contrast != "frame":
        known, limits = _limits(source, vmin, vmax, vsym, contrast, axis)

    def pixels() -> Iterator[Array]:
        for number, frame in enumerate(_each(source)):
            if frame.shape != first.shape or frame.dtype != first.dtype:
                raise ValueError(
                    f"frame {number} must be {first.dtype} of shape {first.shape} as frame 0 is, "
                    f"but got {frame.dtype} of shape {frame.shape}"
                )
            colour = without_alpha(frame, axis, vmin, vmax)
            own = limits or resolve_limits(
                colour.array, colour.mask, vmin, vmax, vsym, "minmax", axis, frame.dtype
            )
            yield map_picture(frame, colour, own, axis)

    said = "each frame's own range"
    if limits is not None:
        said = describe(first, limits, known, channels, axis)
    frames = "frames" if source.count is None else f"{source.count} frames"
    description = f"{frames} of {said}" if limits else f"{frames} of {first.dtype}, {said}"
    return Frames(source.count, (rows, columns), channels, description, pixels)


def _source(data: Any, channel_axis: int | None) -> tuple[_Source, int | None]:
    """Return the source of slices, and the channel axis of one frame."""
    if isinstance(data, Sequence) and not isinstance(data, (str, bytes)):
        return _from_list(data, channel_axis)
    if hasattr(data, "shape") and hasattr(data, "__getitem__"):
        return _from_stack(data, channel_axis)
    if isinstance(data, Iterable) and not isinstance(data, (str, bytes, dict)):
        return _from_iterator(iter(data), channel_axis)
    if hasattr(data, "__array__") or hasattr(data, "__dlpack__"):
        return _from_stack(as_values(data).array, channel_axis)
    raise TypeError(f"data must be a stack or an iterable of frames, but got {type(data).__name__}")


def _from_stack(data: Any, channel_axis: int | None) -> tuple[_Source, int | None]:
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
            yield as_values(data)
            return
        for start in range(0, shape[0], step):
            yield as_values(data[start : start + step])

    first = _frame(as_values(data[:1]), 0)
    axis = None
    if len(shape) == 4:
        own = None if channel_axis is None else channel_axis % 4 - 1
        axis = resolve_channel_axis(first.shape, own, first.names)
    elif channel_axis is not None:
        raise ValueError(f"channel_axis must be None for a stack of gray frames, shape {shape}")
    return _Source(slices, shape[0], first, True), axis


def _from_list(frames: Any, channel_axis: int | None) -> tuple[_Source, int | None]:
    def slices() -> Iterator[Values]:
        for frame in frames:
            yield _as_slice(as_values(frame))

    if not frames:
        raise ValueError("a list of frames must hold at least one, but is empty")
    first = as_values(frames[0])
    axis = resolve_channel_axis(first.shape, channel_axis, first.names)
    return _Source(slices, len(frames), first, True), axis


def _from_iterator(frames: Iterator[Any], channel_axis: int | None) -> tuple[_Source, int | None]:
    try:
        head = next(frames)
    except StopIteration:
        raise ValueError("an iterator of frames must yield at least one, but yields none") from None
    first = as_values(head)
    axis = resolve_channel_axis(first.shape, channel_axis, first.names)

    def slices() -> Iterator[Values]:
        for frame in itertools.chain([head], frames):
            yield _as_slice(as_values(frame))

    return _Source(slices, None, first, False), axis


def _limits(
    source: _Source,
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: Any,
    axis: int | None,
) -> tuple[Extent, Limits]:
    """Return what is known of the values, and the limits of the whole stack."""
    first = without_alpha(source.first, axis, vmin, vmax)
    asked = vmin is not None or vmax is not None or vsym or contrast != "minmax"
    kind = first.array.dtype.kind
    settled = (
        (vmin is not None and vmax is not None)
        or (first.array.dtype == np.uint8 and not asked)
        or (kind == "b" and vmin is None and vmax is None)
        or (kind in "iu" and contrast == "infer")
    )
    if not source.again and not settled:
        raise ValueError(
            f"vmin and vmax must be given for an iterator of {first.dtype} frames, which is read "
            'once: give both, or contrast="frame", or uint8 frames'
        )
    count = max(limit_count(vmin), limit_count(vmax), 1)
    known = [Extent()] * count
    samples: list[Array] = []
    if source.again and not settled:
        for part in source.slices():
            colour = without_alpha(part, None if axis is None else axis + 1, vmin, vmax)
            for channel in range(count):
                index: Any = ...
                if count > 1:
                    index = (*[slice(None)] * ((axis or 0) + 1), channel)
                mask = None if colour.mask is None else colour.mask[index]
                found = extent(colour.array[index], mask)
                known[channel] = known[channel].join(found)
            if not isinstance(contrast, str) or contrast == "robust":
                samples.append(sample(colour.array, colour.mask))
    array, mask = first.array, first.mask
    if samples and count == 1:
        array, mask = np.concatenate(samples)[None], None
    limits = resolve_limits(
        array, mask, vmin, vmax, vsym, contrast, axis, first.dtype, known if samples == [] else ()
    )
    whole = known[0]
    for each in known[1:]:
        whole = whole.join(each)
    return whole, replace(limits, clean=limits.clean and not settled)


def _each(source: _Source) -> Iterator[Values]:
    for part in source.slices():
        for number in range(part.shape[0]):
            yield _frame(part, number)


def _frame(stack: Values, number: int) -> Values:
    mask = None if stack.mask is None else stack.mask[number]
    names = None if stack.names is None else stack.names[1:]
    return Values(stack.array[number], mask, names, stack.dtype)


def _as_slice(frame: Values) -> Values:
    mask = None if frame.mask is None else frame.mask[None]
    return Values(frame.array[None], mask, None, frame.dtype)
