"""Which limits each channel of a composite has: those of its file, or robust ones of its own.

Where nothing is asked for, each channel is shown from its 2nd to its 98th percentile, as
``contrast="robust"`` has them; bytes are shown as they are. Where these are one value, the channel
is shown from its minimum to its maximum: a few bright spots on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values, pick
from nbimage.arrays.metadata import Window
from nbimage.mapping.limits import Extent, Limits, extent
from nbimage.mapping.shared_limits import common_limits, join_windows
from nbimage.mapping.value_scale import ROBUST, ValueScale, count_limits

_BYTES = Limits((0,), (255,), unchanged=True)


def check_channel_limits(scale: ValueScale, count: int) -> None:
    """Raise ValueError unless limits are one, or one a channel, and for discrete levels."""
    if scale.norm.levels is not None:
        raise ValueError(f"levels must have one channel, but got {count}: pick one of them")
    for name, limit in (("vmin", scale.vmin), ("vmax", scale.vmax)):
        given = count_limits(limit)
        if given not in (0, 1, count):
            raise ValueError(
                f"{name} must be one number or one for each of {count} channels, but got {given}"
            )


def channel_scales(
    scale: ValueScale, windows: Sequence[Window | None], count: int, dtype: np.dtype[Any]
) -> list[ValueScale]:
    """Return the scale of each channel by itself: within its window, or robust.

    ``windows``: those of a file, one a channel. ``dtype``: that of what is stored. Raises
    ValueError for more limits than one, or than one a channel.
    """
    check_channel_limits(scale, count)
    windows = windows if len(windows) == count else (None,) * count
    return [_as_robust(scale.of_channel(i).within((w,)), dtype) for i, w in enumerate(windows)]


def _as_robust(scale: ValueScale, dtype: np.dtype[Any]) -> ValueScale:
    settled = scale.vmin is not None and scale.vmax is not None
    asked = scale.contrast is not None or scale.norm.function is not None
    as_it_is = dtype.kind == "b" or (dtype == np.uint8 and scale.untouched)
    return scale if settled or asked or as_it_is else scale._replace(contrast=ROBUST)


def find_channel_limits(
    channel: Sequence[Values], scale: ValueScale, asked: ValueScale
) -> tuple[Limits, Extent]:
    """Return the limits of one channel in all pictures, and the extent of its values.

    ``scale``: one of `channel_scales`; ``asked``: the one that these were made of.
    """
    found = common_limits(channel, scale)
    if found is not None:
        return spread_limits(*found, asked), found[1]
    known = Extent()
    for values in channel:
        known = known.join(extent(values.array, values.mask))
    return (Limits((0,), (1,)) if channel[0].array.dtype == np.bool_ else _BYTES), known


def spread_limits(limits: Limits, known: Extent, asked: ValueScale) -> Limits:
    """Return limits that are two: where robust ones are one, those of all values."""
    if asked.contrast is not None or limits.vmin != limits.vmax or limits.blank:
        return limits
    low, high = known.low, known.high
    if asked.vmin is not None or asked.vmax is not None or low is None or high is None:
        return limits
    if limits.vsym:
        low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    return limits._replace(vmin=(low,), vmax=(high,))


def share_channel_limits(images: Sequence[Values], scale: ValueScale) -> ValueScale:
    """Return a scale in which each channel has the same limits in all of several composites.

    The scale itself where the pictures have other channels, or their files other windows, and
    where limits are given, symmetric or a norm's own.
    """
    counts = {values.channels and values.shape[values.channels.axis] for values in images}
    names = {values.channels and values.channels.names for values in images}
    dtypes = {values.array.dtype for values in images}
    windows = join_windows([values.metadata.windows for values in images])
    count = next(iter(counts))
    if len(counts) > 1 or len(names) > 1 or len(dtypes) > 1 or not count or windows is None:
        return scale
    given = scale.vmin is not None and scale.vmax is not None
    if given or scale.vsym or scale.norm.function is not None:
        return scale
    scale = scale.in_unit(images[0].metadata.value_unit)
    found = []
    for number, own in enumerate(channel_scales(scale, windows, count, next(iter(dtypes)))):
        channel = [pick(one, one.channels.axis, number) for one in images if one.channels]
        found.append(find_channel_limits(channel, own, scale)[0])
    if any(limits.unchanged or limits.blank or len(limits.vmin) > 1 for limits in found):
        return scale
    low, high = (tuple(getattr(one, end)[0] for one in found) for end in ("vmin", "vmax"))
    return scale._replace(vmin=low, vmax=high, contrast=None)
