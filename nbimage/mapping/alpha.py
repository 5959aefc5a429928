"""Alpha: which of its values is opaque, and how pixels that have it lie over a ground.

Which channel it is, is said by `arrays/colors`. Alpha is coverage, not a value: it does not count
for the limits, and lies on the scale that the colors lie on as they came in. Integers of which all
channels fit into 0 to 255 are opaque at 255, larger ones at 65535, and so on up to the dtype's own
range. Floats are opaque at 1 where alpha goes up to that, at 255 or 65535 where it goes beyond;
what interpolation adds at the edges (an alpha below 2, or twice the scale's end) counts for
nothing. That is decided once for all that is shown together, never part by part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata
from nbimage.base.chunked import Array
from nbimage.base.scalars import Number
from nbimage.base.user_warnings import warn
from nbimage.mapping.limits import FULL_SCALES, Extent, extent
from nbimage.mapping.value_scale import ValueScale, count_limits

_DARK = 16  # floats of 0 to 255 are hardly all below this


def as_colors(values: Values, axis: int | None) -> Values:
    """Return a picture's values of which nobody has to find out whether the channels are colors."""
    if axis is None:
        return values
    count = len(values.shape)
    names = ("sample" if own == axis % count else None for own in range(count))
    return replace(values, names=tuple(names))


def has_alpha(channels: int, scale: ValueScale) -> bool:
    """Return whether the last channel is alpha that no limits are given for."""
    return channels in (2, 4) and channels not in map(count_limits, (scale.vmin, scale.vmax))


def without_alpha(values: Values, axis: int | None, scale: ValueScale) -> Values:
    """Return the channels that the limits are about: all but an alpha without limits given."""
    channels = 1 if axis is None else values.shape[axis]
    return pick_channels(values, axis, slice(0, -1)) if has_alpha(channels, scale) else values


def alpha_of(values: Values, axis: int | None) -> Values:
    """Return the last channel."""
    return pick_channels(values, axis, slice(-1, None))


def pick_channels(values: Values, axis: int | None, channels: slice) -> Values:
    """Return some channels, along the same axis."""
    index: Any = (*[slice(None)] * (axis or 0), channels)
    mask = None if values.mask is None else values.mask[index]
    metadata = Metadata(values.metadata.label, quantity=values.metadata.quantity)
    return Values(values.array[index], mask, values.names, values.dtype, metadata)


def is_opaque_known(dtype: np.dtype[Any]) -> bool:
    """Return whether the dtype alone tells which alpha is opaque."""
    return dtype.kind == "b" or dtype.itemsize == 1


def opaque_alpha(dtype: np.dtype[Any], colors: Extent, alpha: Extent) -> Number:
    """Return the alpha that is opaque, by what the colors and alpha itself hold.

    Colors below 0 lie on no such scale: then alpha alone decides.
    """
    largest: Number = int(np.iinfo(dtype).max) if dtype.kind in "iu" else 1
    if is_opaque_known(dtype):
        return largest
    own = most = max(0, alpha.high or 0)
    if colors.high is not None and colors.low is not None and colors.low >= 0:
        most = max(own, colors.high)
    if dtype.kind == "f":
        if own < 2 or most < _DARK:
            return 1
        return next((one for one in FULL_SCALES[1:] if most < 2 * one), own)
    return min(largest, next((one for one in FULL_SCALES[1:] if most <= one), largest))


def with_opaque(
    pictures: Sequence[Values], axes: Sequence[int | None], scale: ValueScale
) -> list[Values]:
    """Return pictures that are shown together, each with the alpha that is opaque in it.

    It is the same for all of one dtype. Warns where not one of these has an opaque pixel.
    """
    found = list(pictures)
    with_alpha = [
        i
        for i, axis in enumerate(axes)
        if axis is not None and has_alpha(pictures[i].shape[axis], scale)
    ]
    for dtype in {found[i].array.dtype for i in with_alpha}:
        members = [i for i in with_alpha if found[i].array.dtype == dtype]
        colors, alpha = Extent(), Extent()
        for i in members:
            one, other = alpha_extents(found[i], axes[i], scale)
            colors, alpha = colors.join(one), alpha.join(other)
        opaque = opaque_alpha(dtype, colors, alpha)
        warn_clear(found[members[0]].shape, str(dtype), alpha, opaque)
        for i in members:
            found[i] = replace(found[i], opaque=opaque)
    return found


def alpha_extents(
    values: Values, axis: int | None, scale: ValueScale, known: Extent | None = None
) -> tuple[Extent, Extent]:
    """Return the extents of the colors, which may be known, and of alpha."""
    alpha = alpha_of(values, axis)
    found = extent(alpha.array, alpha.mask)
    if is_opaque_known(values.array.dtype):
        return Extent(), found
    if known is None:
        colors = without_alpha(values, axis, scale)
        known = extent(colors.array, colors.mask)
    return known, found


def warn_clear(
    shape: tuple[int, ...], dtype: str, alpha: Extent, opaque: Number, *, sampled: bool = False
) -> None:
    """Say that not one pixel of a picture is opaque, or of those that were looked at."""
    if alpha.high is not None and alpha.high >= opaque:
        return
    most = "nowhere finite" if alpha.high is None else f"{alpha.high:g} at most"
    which = "no pixel looked at" if sampled else "no pixel"
    warn(
        f"{which} of the {dtype} array of shape {shape} is opaque: its alpha, the last channel, "
        f"is {most}, of {opaque:g}",
    )


def composite_over(pixels: Array, ground: Array | int) -> Array:
    """Return uint8 pixels without alpha, over a gray or colors ``(H, W, 3)`` that show through.

    Gray ones stay gray over a gray. Opaque ones are returned as they are.
    """
    if pixels.ndim == 2 or pixels.shape[2] not in (2, 4):
        return pixels
    alpha = pixels[:, :, -1:].astype(np.uint16)
    mixed = (pixels[:, :, :-1] * alpha + np.asarray(ground, np.uint16) * (255 - alpha) + 127) // 255
    return (mixed[:, :, 0] if mixed.shape[2] == 1 else mixed).astype(np.uint8)


def as_rgb(pixels: Array) -> Array:
    """Return opaque pixels as ``(H, W, 3)``: of gray ones a read-only view."""
    array = pixels if pixels.ndim == 3 else pixels[:, :, None]
    return np.broadcast_to(array, (*array.shape[:2], 3))
