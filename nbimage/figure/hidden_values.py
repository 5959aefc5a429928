"""What a picture hides: most of its values in a few of its bins, because of some far away."""

from __future__ import annotations

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values
from nbimage.mapping.color_scale import format_value
from nbimage.mapping.pixels import Pixels
from nbimage.mapping.value_scale import ValueScale, is_date

_SIDE = 64  # rows and columns that are looked at
_FEW = 32  # bins: fewer are too few to tell values apart
_LEAST = 1024  # values: of fewer nobody looks for a tail
_DISTINCT = 8  # values that are worth telling apart


def describe_hidden(values: Values, pixels: Pixels, scale: ValueScale) -> str | None:
    """Return a line on what a picture of one channel hides, and the way out; None for nothing.

    Only where nothing is asked of its limits: 98 % of the values lie in an eighth of the range.
    """
    color_scale = pixels.color_scale
    if values.array.size < _LEAST:
        return None
    asked = scale.vmin is not None or scale.vmax is not None or scale.contrast or scale.vsym
    if asked or not scale.norm.linear or color_scale is None or color_scale.channels != 1:
        return None
    limits, array = color_scale.limits, values.array
    plain = limits.unchanged or limits.blank or color_scale.bilevel or color_scale.phase
    if plain or isinstance(array, DeviceArray) or array.ndim != 2 or is_date(values.dtype):
        return None
    steps = tuple(slice(None, None, -(-n // _SIDE)) for n in array.shape)
    shares = np.cumsum(np.bincount(pixels.array[steps].reshape(-1), minlength=256))
    bins = np.searchsorted(shares, (shares[-1] * 0.01, shares[-1] * 0.99))
    if bins[1] - bins[0] >= _FEW:  # most pictures; where it is less, missing ones may be why
        return None
    sample = array[steps]
    sample = sample[~values.mask[steps]] if values.mask is not None else sample.reshape(-1)
    sample = sample[np.isfinite(sample)]
    if not sample.size:
        return None
    first, last = np.percentile(sample, (1, 99)).tolist()
    low, high = float(limits.vmin[0]), float(limits.vmax[0])
    part = (high - low) / 256 * _FEW
    if not last - first < part:
        return None
    if len(np.unique(sample[(sample >= first) & (sample <= last)])) < _DISTINCT:
        return None
    ends = [format_value(values.dtype, float(f"{end:.3g}")) for end in (first, last)]
    way = "contrast=(1, 99)"
    if first - low < part / _FEW:  # the tail is above
        return f"99 % of values lie below {ends[1]}: {way} or norm='asinh'"
    if high - last < part / _FEW:
        return f"99 % of values lie above {ends[0]}: {way}"
    return f"98 % of values lie between {ends[0]} and {ends[1]}: {way}"
