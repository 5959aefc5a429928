"""Frame stacks of any kind to pixels, one after the other: the stack need never fit in memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from nbimage.arrays.frame_sources import Source, Take, as_source, each_frame
from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import Array
from nbimage.mapping.color_options import PLAIN, Colors, check_alone
from nbimage.mapping.color_scale import ColorScale, describe_values
from nbimage.mapping.complex_color import as_real, check_way
from nbimage.mapping.limits import (
    Contrast,
    Extent,
    Limit,
    Limits,
    extent,
    limit_count,
    resolve_limits,
    sample,
)
from nbimage.mapping.norms import LINEAR, Norm, own_limits, with_limits
from nbimage.mapping.pixels import (
    Pixels,
    check_gray,
    color_pixels,
    domain_pixels,
    is_black_and_white,
    label_pixels,
    map_picture,
    of_phase,
    without_alpha,
)
from nbimage.mapping.rerange_values import callable_limits, spread

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
    color_scale: ColorScale | None
    """What pixel values stand for, where all frames have that in common."""
    first: Values
    """The first frame as it came in."""
    channel_axis: int | None
    """Of a frame."""

    def in_color(self) -> Frames:
        """Return gray frames as RGB ones."""

        def pixels() -> Iterator[Array]:
            for frame in self.pixels():
                yield np.repeat(frame[:, :, None], 3, axis=2)

        return replace(self, channels=3, pixels=pixels)


def as_frames(
    data: Any,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    *,
    contrast: FrameContrast = None,
    norm: Norm = LINEAR,
    channel_axis: int | None = None,
    complex: str | None = None,  # noqa: A002 (the word for it)
    colors: Colors = PLAIN,
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
    check_way(complex)
    source, axis = as_source(data, channel_axis, _reader(complex))
    first = source.first
    channels = 1 if axis is None else first.shape[axis]
    if channels == 2:
        raise ValueError(
            f"frames must have 1, 3 or 4 channels, but got 2 in frames of shape {first.shape}"
        )
    check_gray(first, channels, colors, complex)
    check_alone(complex, vmin, vmax, vsym, contrast, norm, colors)
    if complex == "phase" and norm.function is None:
        vmin, vmax = -math.pi if vmin is None else vmin, math.pi if vmax is None else vmax
    if complex == "phase":
        colors = of_phase(colors)
    paint: Callable[[Values], Pixels]
    if colors.labels is not None:
        paint = functools.partial(label_pixels, palette=colors.labels, axis=axis)
        sample_pixels = paint(first)
    elif complex == "domain":
        sample_pixels = domain_pixels(first, axis, vmax)
        middle = sample_pixels.color_scale.middle if sample_pixels.color_scale else None
        paint = functools.partial(domain_pixels, axis=axis, vmax=middle, nan_color=colors.missing)
    else:
        return _by_limits(source, vmin, vmax, vsym, contrast, norm, axis, colors)
    said = sample_pixels.description
    return _frames(
        source,
        3,
        said,
        lambda frame: _opaque(paint(frame).shown(), 3),
        axis,
        sample_pixels.color_scale,
    )


def _by_limits(
    source: Source,
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: FrameContrast,
    norm: Norm,
    axis: int | None,
    colors: Colors,
) -> Frames:
    first = source.first
    channels = 1 if axis is None else first.shape[axis]
    plain = colors is PLAIN and norm.function is None
    out = channels if colors is PLAIN else max(3, channels)
    known, limits, called = Extent(finite=False), None, norm
    if norm.function is not None:
        ends = callable_limits(vmin, vmax, vsym, contrast, first.dtype)
        called, known = _norm_of_stack(source, *ends, norm)
    elif contrast != "frame":
        known, limits = _limits(source, vmin, vmax, vsym, contrast, axis, norm)

    def paint(frame: Values) -> Array:
        color = without_alpha(frame, axis, vmin, vmax)
        if limits is not None:
            binned, own = color, limits
        elif norm.function is not None:
            binned, own = spread(color, None, None, vsym, None, called, axis)
        else:
            binned, own = spread(color, vmin, vmax, vsym, "minmax", norm, axis)
        if plain:
            return map_picture(frame, binned, own, axis)
        pixels = color_pixels(frame, binned, own, replace(known, finite=False), axis, colors)
        return _opaque(pixels.shown(), out)

    if norm.function is not None:
        limits_said: Limits | None = Limits((0,), (1,), called=called)
    else:
        limits_said = limits
    if limits_said is None:
        return _frames(source, out, f"{first.dtype}, each frame's own range", paint, axis)
    cmap = "" if colors.palette is None else colors.palette.name
    table = None if colors.palette is None else colors.palette.array
    bilevel = first.array.dtype.kind == "b" and is_black_and_white(limits_said)
    color_scale = ColorScale(
        limits_said, first.dtype, known, colors.under, colors.over, cmap, table, channels, bilevel
    )
    return _frames(source, out, describe_values(first, color_scale, axis), paint, axis, color_scale)


def _frames(
    source: Source,
    channels: int,
    said: str,
    paint: Callable[[Values], Array],
    axis: int | None,
    color_scale: ColorScale | None = None,
) -> Frames:
    first = source.first
    rows, columns = (n for i, n in enumerate(first.shape) if i != axis)

    def pixels() -> Iterator[Array]:
        for number, frame in enumerate(each_frame(source)):
            if frame.shape != first.shape or frame.dtype != first.dtype:
                raise ValueError(
                    f"frame {number} must be {first.dtype} of shape {first.shape} as frame 0 is, "
                    f"but got {frame.dtype} of shape {frame.shape}"
                )
            yield paint(frame)

    frames = "frames" if source.count is None else f"{source.count} frames"
    return Frames(
        source.count,
        (rows, columns),
        channels,
        f"{frames} of {said}",
        pixels,
        color_scale,
        first,
        axis,
    )


def _opaque(array: Array, channels: int) -> Array:
    """Return a frame of so many channels: gray repeated, what is transparent on black."""
    if array.ndim == 2:
        array = array[:, :, None]
    count = array.shape[2]
    if channels == 1 or count == channels:
        return array if channels > 1 else np.ascontiguousarray(array[:, :, 0])
    alpha = array[:, :, -1:] if count in (2, 4) else None
    colors = array[:, :, : count - (alpha is not None)]
    if alpha is not None:
        colors = (colors.astype(np.uint16) * alpha + 127) // 255
    return np.ascontiguousarray(np.broadcast_to(colors, (*array.shape[:2], 3)), np.uint8)


def _reader(complex_: str | None) -> Take:
    """Return how frames are taken in: magnitude or phase of complex ones, if that was asked."""
    if complex_ in ("abs", "phase"):
        way: str = complex_
        return lambda data: as_real(as_values(data, True), way)
    return lambda data: as_values(data, complex_ is not None)


def _norm_of_stack(
    source: Source, vmin: float | None, vmax: float | None, norm: Norm
) -> tuple[Norm, Extent]:
    """Return a callable norm with limits: its own, those given, or the stack's."""
    own = own_limits(norm)
    needed = own is not None and any(
        mine is None and given is None for mine, given in zip(own, (vmin, vmax), strict=True)
    )
    known = Extent(finite=False)
    ends: list[float] = [0.0, 1.0]
    if needed and not source.again:
        raise ValueError(
            "norm must have vmin and vmax for an iterator of frames, which is read once: set both"
        )
    if needed:
        positive = Extent()
        for part in source.slices():
            known = known.join(extent(part.array, part.mask))
            positive = positive.join(extent(part.array, part.mask, positive=True))
        ends = [x for x in (known.low, known.high, positive.low) if x is not None] or ends
    return with_limits(norm, np.array(ends), vmin, vmax), known


def _limits(
    source: Source,
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: Any,
    axis: int | None,
    norm: Norm,
) -> tuple[Extent, Limits]:
    """Return what is known of the values, and the limits of the whole stack."""
    first = without_alpha(source.first, axis, vmin, vmax)
    asked = vmin is not None or vmax is not None or vsym or contrast is not None
    asked = asked or not norm.linear
    kind = first.array.dtype.kind
    settled = (
        (vmin is not None and vmax is not None)
        or (first.array.dtype == np.uint8 and not asked)
        or (kind == "b" and vmin is None and vmax is None)
        or (kind in "iu" and contrast == "infer" and not norm.positive)
    )
    if not source.again and not settled:
        raise ValueError(
            f"vmin and vmax must be given for an iterator of {first.dtype} frames, which is read "
            'once: give both, or contrast="frame", or uint8 frames'
        )
    count = max(limit_count(vmin), limit_count(vmax), 1)
    known = [Extent()] * count
    whole = Extent()
    samples: list[Array] = []
    if source.again and not settled:
        for part in source.slices():
            color = without_alpha(part, None if axis is None else axis + 1, vmin, vmax)
            for channel in range(count):
                index: Any = ...
                if count > 1:
                    index = (*[slice(None)] * ((axis or 0) + 1), channel)
                mask = None if color.mask is None else color.mask[index]
                found = extent(color.array[index], mask, positive=norm.positive)
                known[channel] = known[channel].join(found)
            if norm.positive:  # what lies at 0 and below has been left out
                whole = whole.join(extent(color.array, color.mask))
            if contrast is not None and (not isinstance(contrast, str) or contrast == "robust"):
                samples.append(sample(color.array, color.mask))
    array, mask = first.array, first.mask
    if samples and count == 1:
        array, mask = np.concatenate(samples)[None], None
    limits = resolve_limits(
        array,
        mask,
        vmin,
        vmax,
        vsym,
        contrast,
        axis,
        first.dtype,
        known if samples == [] else (),
        norm,
    )
    for each in known:
        whole = whole.join(each)
    return whole, replace(limits, clean=limits.clean and not settled)
