"""Frame stacks of any kind to pixels, one after the other: the stack need never fit in memory."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.frame_sources import Source, Take, as_source, each_frame
from nbimage.arrays.ingest import Values, as_values, pick
from nbimage.base.chunked import Array
from nbimage.base.text import format_count
from nbimage.base.user_warnings import warn
from nbimage.mapping.alpha import (
    alpha_extents,
    as_rgb,
    composite_over,
    has_alpha,
    is_opaque_known,
    opaque_alpha,
    warn_clear,
    without_alpha,
)
from nbimage.mapping.channels.blend import Asked, ShownChannel
from nbimage.mapping.channels.blend_frames import (
    ChannelFrames,
    blend_frames,
    find_channel_frames,
)
from nbimage.mapping.color_options import PLAIN, ColorOptions
from nbimage.mapping.color_scale import ColorScale, describe_values
from nbimage.mapping.complex_color import as_real
from nbimage.mapping.index_colors import index_dtype, level_colors, may_be_indices, settle_indices
from nbimage.mapping.limits import (
    Extent,
    GatheredForNorm,
    GatheredValues,
    Limits,
    blank_words,
    check_limit_counts,
    extent,
    join_channels,
    resolve_limits,
)
from nbimage.mapping.norms import Norm, own_limits
from nbimage.mapping.pixels import (
    Pixels,
    color_pixels,
    domain_pixels,
    is_black_and_white,
    label_pixels,
    map_picture,
    phase_scale,
    with_phase_palette,
)
from nbimage.mapping.rerange_values import apply_norm, callable_limits
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale, parse_limit


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
    channels_shown: tuple[ShownChannel, ...] = ()
    """Of a composite, for its legend."""
    texts: tuple[str, ...] = ()
    """What each is called by its coordinate, such as its date; () where it has none."""


def as_frames(
    data: Any,
    scale: ValueScale = UNTOUCHED,
    colors: ColorOptions = PLAIN,
    *,
    shared: bool = True,
    channels: Asked = None,
) -> Frames:
    """Take frames of any kind to pixels.

    Parameters
    ----------
    data : array-like, or iterable of frames
        ``(T, H, W)``, ``(T, H, W, 1|3|4)`` or ``(T, 1|3|4, H, W)``; or a list, an iterator or a
        generator of pictures of one shape and dtype.
    scale : ValueScale
        Its channel axis is that of the stack (1 or -1), or of a frame where frames are given one
        by one.
    shared : bool
        One range for all frames; else each has a range of its own.
    channels : sequence of ChannelColor or False, optional
        Those of a composite, as `resolve_channels` has them.

    Raises
    ------
    TypeError, ValueError
        As for pictures; for frames that differ, naming the frame; for an iterator whose limits
        are not known beforehand.
    """
    way = colors.complex
    if way is None and colors.labels is None:
        data = find_channel_frames(data, scale.channel_axis, channels)
    if isinstance(data, ChannelFrames):
        blended, known = blend_frames(data, scale, shared)
        colors.check_channels(len(known.channels), known.shape, scale)
        shown = blended if data.again else iter(blended)
        frames = as_frames(shown, UNTOUCHED, colors, channels=False)
        text = "frames" if frames.count is None else format_count(frames.count, "frame")
        text = f"{text} of {known.text}"
        return replace(frames, description=text, channels_shown=known.channels)
    source, axis = as_source(data, scale.channel_axis, _reader(way))
    first = source.first
    count = 1 if axis is None else first.shape[axis]
    if count == 2:
        raise ValueError(
            f"frames must have 1, 3 or 4 channels, but got 2 in frames of shape {first.shape}"
        )
    scale = scale.on_axis(axis).in_unit(first.metadata.value_unit)
    if shared and way is None:
        scale = scale.within(first.metadata.windows, count)
    if not shared and scale.contrast is None:
        scale = scale._replace(contrast="minmax")
    colors = colors.check(first, count, scale)
    if way == "phase":
        scale, colors = phase_scale(scale), with_phase_palette(colors)
    paint: Callable[[Values], Pixels]
    if colors.labels is not None:
        paint = functools.partial(label_pixels, palette=colors.labels, axis=axis)
        sample_pixels = paint(first)
    elif way == "domain":
        sample_pixels = domain_pixels(first, axis, scale.vmax)
        middle = sample_pixels.color_scale.middle if sample_pixels.color_scale else None
        paint = functools.partial(domain_pixels, axis=axis, vmax=middle, nan_color=colors.missing)
    else:
        return _by_limits(source, scale, colors, shared)
    return _frames(
        source,
        3,
        sample_pixels.description,
        lambda frame: _opaque(paint(frame).render(), 3),
        axis,
        sample_pixels.color_scale,
    )


def _by_limits(source: Source, scale: ValueScale, colors: ColorOptions, shared: bool) -> Frames:
    first, axis = source.first, scale.channel_axis
    scale, colors = settle_indices(
        scale, colors, index_dtype(first), _extent_of_indices(source, scale, colors)
    )
    norm = scale.norm
    channels = 1 if axis is None else first.shape[axis]
    plain = colors.plain and norm.function is None
    out = channels if colors.plain else max(3, channels)
    known, limits, own_scale = Extent(finite=False), None, scale
    if norm.function is not None:
        ends = callable_limits(scale, first.dtype)
        called, known = _norm_of_stack(source, *ends, norm)
        own_scale = ValueScale(norm=called, channel_axis=axis)
        limits_of_all: Limits | None = Limits((0,), (1,), called=called)
    else:
        if shared:
            known, limits = _limits(source, scale)
        limits_of_all = limits
    opaque = _opaque_of_stack(source, scale) if has_alpha(channels, scale) else None

    def paint(frame: Values) -> Array:
        if opaque is not None:
            frame = replace(frame, opaque=opaque)
            _check_alpha(source, frame, scale)
        color = without_alpha(frame, axis, scale)
        binned, own = (color, limits) if limits is not None else apply_norm(color, own_scale)
        if plain:
            return map_picture(frame, binned, own, axis, again=limits is not None)
        shown = level_colors(colors, own)
        pixels = color_pixels(frame, binned, own, known._replace(finite=False), axis, shown)
        return _opaque(pixels.render(), out)

    if limits_of_all is None:
        return _frames(source, out, f"{first.dtype}, each frame's own range", paint, axis)
    color_scale = ColorScale(
        limits_of_all,
        first.dtype,
        known,
        colors.under,
        colors.over,
        "" if colors.palette is None else colors.palette.name,
        None if colors.palette is None else colors.palette.array,
        channels,
        first.array.dtype.kind == "b" and is_black_and_white(limits_of_all),
    )
    text = describe_values(first, color_scale, axis)
    return _frames(source, out, text, paint, axis, color_scale)


def _frames(
    source: Source,
    channels: int,
    text: str,
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

    frames = "frames" if source.count is None else format_count(source.count, "frame")
    return Frames(
        source.count,
        (rows, columns),
        channels,
        f"{frames} of {text}",
        pixels,
        color_scale,
        first,
        axis,
        texts=source.texts,
    )


def _opaque(array: Array, channels: int) -> Array:
    """Return a frame of so many channels: gray repeated, what is transparent on black."""
    if channels == 1:
        return np.ascontiguousarray(array if array.ndim == 2 else array[:, :, 0])
    if array.shape[2:] == (channels,):
        return array
    return np.ascontiguousarray(as_rgb(composite_over(array, 0)))


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
    if needed and not source.again:
        raise ValueError(
            "norm must have vmin and vmax for an iterator of frames, which is read once: set both"
        )
    gathered = GatheredForNorm(norm)
    for number, part in enumerate(source.slices() if needed else ()):
        gathered.add(part, number)
    known = gathered.known if needed else Extent(finite=False)
    return gathered.settle(vmin, vmax), known


def _extent_of_indices(source: Source, scale: ValueScale, colors: ColorOptions) -> Extent:
    """Return the extent of what may be indices of colors; of an iterator the first frame's."""
    found = Extent()
    if not may_be_indices(scale, colors.palette, index_dtype(source.first)):
        return found
    if not source.again:
        return extent(source.first.array, source.first.mask)
    for part in source.slices():
        found = found.join(extent(part.array, part.mask))
    return found


def _opaque_of_stack(source: Source, scale: ValueScale) -> float:
    """Return the alpha that is opaque in all frames; of an iterator by the first and the limits."""
    axis, dtype = scale.channel_axis or 0, source.first.array.dtype
    if is_opaque_known(dtype) or not source.again:
        colors, alpha = alpha_extents(source.first, axis, scale)
        for name, limit in (("vmin", scale.vmin), ("vmax", scale.vmax)):
            for end in parse_limit(name, limit, source.first.dtype) or ():
                colors = colors.join(Extent(end, end))
        return opaque_alpha(dtype, colors, alpha)
    colors, alpha = Extent(), Extent()
    for part in source.slices():
        one, other = alpha_extents(part, axis + 1, scale)
        colors, alpha = colors.join(one), alpha.join(other)
    opaque = opaque_alpha(dtype, colors, alpha)
    warn_clear((source.count or 0, *source.first.shape), str(dtype), alpha, opaque)
    return opaque


def _check_alpha(source: Source, frame: Values, scale: ValueScale) -> None:
    """Raise ValueError for a frame of an iterator whose alpha is on a larger scale than thought."""
    if source.again or is_opaque_known(frame.array.dtype):
        return
    most = alpha_extents(frame, scale.channel_axis, scale, Extent())[1].high
    if most is not None and frame.opaque is not None and most > frame.opaque:
        raise ValueError(
            f"alpha must be at most {frame.opaque:g}, as in the first frame of an iterator, but "
            f"got {most:g}: give frames of uint8, or all of them as one array"
        )


def _limits(source: Source, scale: ValueScale) -> tuple[Extent, Limits]:
    """Return what is known of the values, and the limits of the whole stack."""
    axis, positive = scale.channel_axis, scale.norm.positive
    first = without_alpha(source.first, axis, scale)
    kind = first.array.dtype.kind
    settled = (
        (scale.vmin is not None and scale.vmax is not None)
        or (first.array.dtype == np.uint8 and scale.untouched)
        or (kind == "b" and scale.vmin is None and scale.vmax is None)
        or (kind in "iu" and scale.contrast == "infer" and not positive)
    )
    settled &= scale.settled or not (source.again and scale.norm.wants_noise)
    if not source.again and not settled:
        raise ValueError(
            f"vmin and vmax must be given for an iterator of {first.dtype} frames, which is read "
            'once: give both, or contrast="frame", or uint8 frames'
        )
    if settled:
        limits = resolve_limits(first.array, first.mask, scale, first.dtype)
        return Extent(), limits._replace(clean=False)
    check_limit_counts(scale, 1 if axis is None else first.shape[axis])
    parts = [GatheredValues(scale.of_channel(i)) for i in range(scale.limit_count)]
    whole = Extent()
    for number, part in enumerate(source.slices()):
        color = without_alpha(part, None if axis is None else axis + 1, scale)
        for channel, gathered in enumerate(parts):
            one = color if len(parts) == 1 else pick(color, (axis or 0) + 1, channel)
            gathered.add(one, number)
        if positive:  # what lies at 0 and below has been left out
            whole = whole.join(extent(color.array, color.mask))
    for gathered in parts:
        whole = whole.join(gathered.known)
    kind = np.dtype(first.array.dtype)
    limits = join_channels([one.resolve(kind, first.dtype) for one in parts])
    if limits.blank:
        shape = (source.count, *source.first.shape)
        warn(f"{blank_words(limits)} in the {first.dtype} array of shape {shape}")
    return whole, limits
