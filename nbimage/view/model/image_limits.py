"""The limits of a view's images, and what else their values say of how to show them.

Not here: what limits are and how they are found (`nbimage.mapping`).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from nbimage.arrays.ingest import Values, pick
from nbimage.figure.hidden_values import MOST_VALUES, Tail, find_tail
from nbimage.mapping.alpha import alpha_extents, has_alpha, opaque_alpha, warn_clear, without_alpha
from nbimage.mapping.channels.channel_limits import channel_scales, find_channel_limits
from nbimage.mapping.colormap import Palette
from nbimage.mapping.index_colors import index_dtype, index_scale
from nbimage.mapping.limits import Extent, Limits, extent
from nbimage.mapping.norms import as_named, is_index
from nbimage.mapping.shared_limits import common_limits, join_windows, shared_limits
from nbimage.mapping.value_sample import SAMPLE, Counting, ValueSample, find_noise
from nbimage.mapping.value_scale import ValueScale, is_date
from nbimage.view.model.images import Image
from nbimage.view.model.stack import Stack
from nbimage.view.project.projections import Along, find_measure

_UNCHANGED = Limits((0,), (255,), unchanged=True)


def browser_scale(
    scale: ValueScale, images: Sequence[Image], palette: Palette | None
) -> ValueScale:
    """Return a scale of which a browser can follow the norm.

    Raises ValueError for a callable that is no object of matplotlib's with the same formula.
    """
    if scale.norm.function is None:
        return scale
    if is_index(scale.norm):
        dtype = index_dtype(next(images[0].stack.planes()))  # as stored, where some are missing
        scale = index_scale(scale, palette, dtype, Extent())
        if scale.norm.function is None:
            return scale
    found = as_named(scale.norm)
    if found is None:
        raise ValueError(
            "norm must be a name or a gamma, which a browser can follow, but got "
            f"{type(scale.norm.function).__name__}: show it by nbimage"
        )
    norm, vmin, vmax = found
    low, high = (
        own if given is None else given for own, given in ((vmin, scale.vmin), (vmax, scale.vmax))
    )
    named = scale._replace(norm=norm, vmin=low, vmax=high)
    return named._replace(contrast="minmax") if named.untouched else named


def describe_asked(scale: ValueScale, state: Any) -> str:
    """Return a short text that is another one where other limits are asked for; "" for none.

    A page keeps the limits that were chosen there as long as the caller asks for the same ones.
    """
    displays = state.get("displays") if isinstance(state, Mapping) else None
    if scale.untouched and displays is None:
        return ""
    asked = scale.vmin, scale.vmax, scale.vsym, scale.contrast, scale.norm.levels, displays
    return f"{zlib.crc32(repr(asked).encode('utf-8', 'replace')):08x}"


def find_limits(images: Sequence[Image], scale: ValueScale, palette: Palette | None) -> None:
    """Give images that share display settings their limits."""
    channels = max(image.stack.channels for image in images)
    if scale.norm.levels is not None and channels > 1:
        raise ValueError(f"levels must have one channel, but got {channels}: pick one of them")
    for image in images:
        if image.kind == "composite":  # has settings of its own
            _find_composite_limits(image, scale)
            return
    scale = _within_window(images, scale)
    counting = _find_counting(scale)
    found = [
        (plane, image.stack.channel_axis)
        for image in images
        for plane in image.stack.planes(counting)
    ]
    planes, axes = [plane for plane, _ in found], [axis for _, axis in found]
    if images[0].labels or planes[0].array.dtype.kind == "b":
        sample, noise = ValueSample(), 0.0
    else:
        sample = _sample_values(planes, axes, scale)
        noise = find_noise(sample.values)
    if scale.norm.wants_noise:
        scale = scale._replace(norm=replace(scale.norm, noise=noise))
    settled, known = scale, None
    several = len(planes) > 1 or images[0].stack.tiles is not None
    if scale.limit_count > 1 and several:
        settled = _find_channel_limits(planes, axes, scale)
    elif several:  # an overview has means
        gray = all(image.kind == "gray" for image in images)
        settled, known = shared_limits(planes, axes, scale, palette if gray else None)
        settled = scale if known is not None and known.low is None else settled
    _find_opaque(images, scale)
    for image in images:
        image.scale = settled
        samples = (
            without_alpha(plane, image.stack.channel_axis, scale)
            for plane in image.stack.planes(counting)
        )
        positive = scale.norm.positive
        own = known if known is not None and len(images) == 1 and not positive else None
        image.extents = (own or _find_extent(samples, positive),)
        image.noise = (noise,)
    tail = _find_tail(images, sample, scale)
    for image in images:
        image.tail = tail


def find_measured_limits(
    images: Sequence[Image], scale: ValueScale, palette: Palette | None, index: Sequence[Along]
) -> None:
    """Give images whose sum or spread is shown first the limits of that, unless some are given."""
    if not find_measure(index) or scale.vmin is not None or scale.vmax is not None:
        return
    measured = [
        replace(image, stack=cast(Stack, _Measured(image.stack, index))) for image in images
    ]
    find_limits(measured, scale, palette)
    for image, own in zip(images, measured, strict=True):
        image.scale, image.limits, image.noise, image.tail = own.scale, own.limits, own.noise, None


class _Measured:
    """A stack of the one plane to which its planes are projected."""

    def __init__(self, stack: Stack, index: Sequence[Along]) -> None:
        self._stack, self._plane = stack, stack.plane(index)
        self.metadata = replace(stack.metadata, windows=())
        self.dtype = self.stored = np.dtype(self._plane.array.dtype)

    def planes(self, counting: Counting | None = None) -> Iterator[Values]:
        return iter([self._plane])

    def whole_plane(self, index: Sequence[Along]) -> Values:
        return self._plane

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stack, name)


def _sample_values(
    planes: Sequence[Values], axes: Sequence[int | None], scale: ValueScale
) -> ValueSample:
    """Return a sample of the values of all planes: fewer where no limits come from it."""
    sample = ValueSample(most=SAMPLE if scale.norm.wants_noise else MOST_VALUES)
    for number, (plane, axis) in enumerate(zip(planes, axes, strict=True)):
        colors = without_alpha(plane, axis, scale)
        sample.add(colors.array, colors.mask, (number,))
    return sample


def _find_tail(images: Sequence[Image], sample: ValueSample, scale: ValueScale) -> Tail | None:
    """Return what gray images hide in the limits that they have where none are asked for."""
    dtype = images[0].stack.metadata.dtype or images[0].stack.dtype.name
    plain = images[0].stack.dtype in (np.uint8, np.bool_) or is_date(dtype)
    if plain or images[0].kind != "gray" or not scale.untouched:
        return None
    whole = Extent()
    for image in images:
        whole = whole.join(image.extents[0])
    if whole.low is None or whole.high is None:
        return None
    return find_tail(sample.values, whole.low, whole.high, dtype, zscale=True)


def _find_counting(scale: ValueScale) -> Counting | None:
    """Return which values limits are found from; None where they are given."""
    if scale.settled:
        return None
    return "positive" if scale.norm.positive else "finite"


def _within_window(images: Sequence[Image], scale: ValueScale) -> ValueScale:
    """Return the scale with the limits that the files give together, if they do not differ.

    Those of the first one where they are planes along an axis, which is seen first.
    """
    channels = {image.stack.channels for image in images}
    several = channels != {1}
    known = [image.stack.metadata.windows for image in images]
    windows = join_windows([own if several else own[:1] for own in known])
    return scale if windows is None or len(channels) > 1 else scale.within(windows, *channels)


def _find_opaque(images: Sequence[Image], scale: ValueScale) -> None:
    """Find the alpha that is opaque in all planes: the same for all images of one dtype."""
    with_alpha = [image for image in images if has_alpha(image.stack.channels, scale)]
    for dtype in {image.stack.dtype for image in with_alpha}:
        members = [image for image in with_alpha if image.stack.dtype == dtype]
        colors, alpha, sampled = Extent(), Extent(), False
        for stack in (image.stack for image in members):
            for plane in stack.planes():
                one, other = alpha_extents(plane, stack.channel_axis, scale)
                colors, alpha = colors.join(one), alpha.join(other)
            sampled |= stack.whole_plane((0,) * len(stack.sizes)) is None
        opaque = opaque_alpha(dtype, colors, alpha)
        warn_clear(members[0].stack.shape, dtype.name, alpha, opaque, sampled=sampled)
        for image in members:
            image.opaque = opaque


def _find_extent(planes: Iterator[Values], positive: bool) -> Extent:
    found = Extent()
    for plane in planes:
        found = found.join(extent(plane.array, plane.mask, positive=positive))
    return found


def find_label_limits(image: Image) -> Limits:
    """Return the limits of labels where they are shown as other values: all values."""
    known, dtype = image.extents[0], image.stack.dtype
    if dtype.kind == "b":
        return Limits((0,), (1,))
    if dtype == np.uint8 or known.low is None or known.high is None:
        return _UNCHANGED
    return Limits((known.low,), (known.high,))


def _find_channel_limits(
    planes: list[Values], axes: list[int | None], scale: ValueScale
) -> ValueScale:
    """Return limits of each channel that hold for all planes."""
    counts = {1 if axis is None else p.shape[axis] for p, axis in zip(planes, axes, strict=True)}
    count = scale.limit_count
    if any(n != count and not (n in (2, 4) and n - 1 == count) for n in counts):
        raise ValueError(
            f"vmin and vmax must be one number or one a channel, but got {count} for images of "
            f"{', '.join(map(str, sorted(counts)))}"
        )
    found = [
        common_limits(
            [p if a is None else pick(p, a, c) for p, a in zip(planes, axes, strict=True)],
            scale.of_channel(c),
        )
        for c in range(count)
    ]
    limits = [_UNCHANGED if one is None else one[0] for one in found]
    low, high = (tuple(one.vmin[0] for one in limits), tuple(one.vmax[0] for one in limits))
    return scale._replace(vmin=low, vmax=high, contrast=None)


def _find_composite_limits(image: Image, scale: ValueScale) -> None:
    stack = image.stack
    count, axis = len(image.channel_colors), stack.channel_axis
    found, noises = [], []
    scales = channel_scales(scale, stack.metadata.windows, count, stack.stored)
    for channel, own in enumerate(scales):
        planes = [
            p if axis is None else pick(p, axis, channel) for p in stack.planes(_find_counting(own))
        ]
        boolean = planes[0].array.dtype.kind == "b"
        values = _sample_values(planes, [None] * len(planes), own)
        noises.append(0.0 if boolean else find_noise(values.values))
        if own.norm.wants_noise:
            own = own._replace(norm=replace(own.norm, noise=noises[-1]))
        found.append(find_channel_limits(planes, own, scale))
    image.limits = tuple(limits for limits, _ in found)
    image.extents = tuple(known for _, known in found)
    image.noise = tuple(noises)
