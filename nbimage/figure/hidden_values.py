"""What a picture hides: most of its values in a few of its bins, because of some far away."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array
from nbimage.base.scalars import Number
from nbimage.mapping.color_scale import format_value
from nbimage.mapping.pixels import Pixels
from nbimage.mapping.value_sample import find_percentiles, find_zscale, sample
from nbimage.mapping.value_scale import ValueScale, is_date

MOST_VALUES = 1 << 18
"""How many values tell of a tail, at most: the same ones for a picture and for a view."""
_ROUGH = 1 << 12  # values that tell of most pictures that nothing is hidden
_PART = 1 / 8  # of the range, which is too little for most of the values
_BINS = 32  # parts of that: as near to an end nothing lies beyond
_LEAST = 1024  # values: of fewer nobody looks for a tail
_DISTINCT = 8  # values that are worth telling apart
_RANKS = (1.0, 99.0)


class Tail(NamedTuple):
    """Values far away from most others: from the least to the largest is much too wide a range."""

    text: str
    """What is hidden, in words."""
    contrast: tuple[Number, Number]
    """The 1st and the 99th percentile."""
    above: bool
    """Whether they are large: no others are far away."""
    zscale: tuple[float, float] | None
    """The limits of ``contrast="zscale"``, where they are asked for and narrow."""


def find_tail(
    values: Array, low: Number, high: Number, dtype: str, *, zscale: bool = False
) -> Tail | None:
    """Return what the range from ``low`` to ``high`` hides of finite values; None for nothing.

    98 % of them lie in an eighth of it.
    """
    if values.size < _LEAST or not _may_hide(_thin(values), low, high):
        return None
    first, last = (x if isinstance(x, int) else float(x) for x in find_percentiles(values, _RANKS))
    part = (high - low) * _PART
    if not last - first < part:
        return None
    middle = values[(values >= first) & (values <= last)]
    if len(np.unique(_thin(middle))) < _DISTINCT:
        return None
    ends = [
        format_value(dtype, end if isinstance(end, int) else float(f"{end:.3g}"))
        for end in (first, last)
    ]
    above = first - low < part / _BINS
    if above:
        text = f"99 % of values lie below {ends[1]}"
    elif high - last < part / _BINS:
        text = f"99 % of values lie above {ends[0]}"
    else:
        text = f"98 % of values lie between {ends[0]} and {ends[1]}"
    narrow = find_zscale(values) if zscale and above else (low, high)
    found = narrow if 0 < narrow[1] - narrow[0] < part else None
    return Tail(text, (first, last), above, found)


def _thin(values: Array) -> Array:
    """Return some of the values, where they are many."""
    return values[:: -(-values.size // _ROUGH) | 1]


def _may_hide(values: Array, low: Number, high: Number) -> bool:
    """Say whether a few of the values do not rule a tail out."""
    first, last = find_percentiles(values, _RANKS)
    return float(last) - float(first) < 2 * _PART * (high - low)


def describe_hidden(values: Values, pixels: Pixels, scale: ValueScale) -> str | None:
    """Return a line on what a picture of one channel hides, and the way out; None for nothing.

    Only where neither the caller nor the file asks for limits.
    """
    color_scale, array, mask = pixels.color_scale, values.array, values.mask
    if color_scale is None or color_scale.channels != 1 or array.ndim != 2 or array.size < _LEAST:
        return None
    limits = color_scale.limits
    plain = limits.unchanged or limits.blank or color_scale.bilevel or color_scale.phase
    if plain or is_date(values.dtype) or not scale.within(values.metadata.windows).untouched:
        return None
    low, high = limits.vmin[0], limits.vmax[0]
    few = sample(array, mask, most=_ROUGH)
    if few.size < _LEAST or _may_hide(few, low, high):
        tail = find_tail(sample(array, mask, most=MOST_VALUES), low, high, values.dtype)
        if tail is not None:
            more = " or norm='asinh'" if tail.above else ""
            return f"{tail.text}: contrast=(1, 99){more}"
    return None
