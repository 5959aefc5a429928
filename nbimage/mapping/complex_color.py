"""Map complex numbers to what can be shown: magnitude, phase, or both as a color."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array, for_blocks
from nbimage.mapping.value_sample import find_percentiles, sample


def as_real(values: Values, way: str) -> Values:
    """Return the magnitude ("abs") or the phase of all values, in radians from -π to π."""
    array = _inexact(values.array)
    with np.errstate(all="ignore"):
        if way == "abs":
            return replace(values, array=np.abs(array))
        real = np.angle(array).astype(np.float64)
        np.clip(real, -math.pi, math.pi, out=real)  # a float32's π is beyond π
        real[np.isnan(array)] = np.nan
    return replace(values, array=real)


def _inexact(array: Array | DeviceArray) -> Array:
    """Return an array on the host, of floats or complex numbers: int8 has no abs(-128)."""
    array = array.host() if isinstance(array, DeviceArray) else array
    return array if array.dtype.kind in "fc" else array.astype(np.float64)


def middle_magnitude(values: Values) -> float:
    """Return the magnitude that takes full color: the median of those above 0, or 1."""
    with np.errstate(over="ignore"):
        some = np.abs(_inexact(sample(values.array, values.mask, "nonzero")))
    some = some[np.isfinite(some)]  # of two large parts it may not be
    return float(find_percentiles(some, (50, 50))[0]) if some.size else 1.0


def domain_colors(array: Array, middle: float) -> Array:
    """Return the colors of complex numbers: hue is the phase, lightness the magnitude.

    Positive numbers are red, i yellow-green, negative ones cyan; 0 is black, infinity white, and
    the magnitude ``middle`` has the full color: lightness ``|z| / (|z| + middle)``, hue
    ``arg z / 2π``, saturation 1 in HSL. uint8, an axis of 3 is added; NaN is black.

    Source: E. Wegert, Visual Complex Functions, 2012, with a lightness in place of contour lines.
    """
    out = np.empty((*array.shape, 3), np.uint8)

    def work(indices: Sequence[Any]) -> None:
        for index in indices:
            z = _inexact(array[index])
            with np.errstate(all="ignore"):
                size = np.abs(z).astype(np.float64)
                light = 1 / (1 + middle / size)  # nothing overflows, infinity is 1
                hue = np.angle(z).astype(np.float64) * (3 / math.pi) % 6
                chroma = 1 - np.abs(2 * light - 1)
                for channel, offset in enumerate((0, 4, 2)):
                    ramp = np.clip(np.abs((hue + offset) % 6 - 3) - 1, 0, 1)
                    part = np.clip(np.floor((light + chroma * (ramp - 0.5)) * 256), 0, 255)
                    part[np.isnan(part)] = 0
                    np.copyto(out[index][..., channel], part, casting="unsafe")

    for_blocks(work, array.shape)
    return out


def phase_colors() -> Array:
    """Return the 256 colors of phases from -π to π at full color, ``(256, 4)``."""
    turns = (np.arange(256) + 0.5) / 256 - 0.5
    colors = domain_colors(np.exp(2j * math.pi * turns), 1.0)
    return np.concatenate([colors, np.full((256, 1), 255, np.uint8)], axis=1)


def lightness_colors() -> Array:
    """Return 256 colors from magnitude 0 to infinity, of positive numbers, ``(256, 4)``."""
    light = (np.arange(256) + 0.5) / 256
    colors = domain_colors((light / (1 - light)).astype(complex), 1.0)
    return np.concatenate([colors, np.full((256, 1), 255, np.uint8)], axis=1)
