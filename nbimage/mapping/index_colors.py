"""Whole numbers as indices of colors: value i has color i, as matplotlib draws it.

That is asked for by matplotlib's ``NoNorm``, and meant where integers go with a colormap of n < 256
colors, no limits are given, and each value has a color: it lies within 0…n-1. A list of colors,
which are blended otherwise, must be as long as the largest value says. Limits of 0 and n - 1, or n,
say the same. The colors of a list are not blended either for as many discrete levels.

The rule is a scale from -0.5 to n - 0.5: each value lies in the middle of its color's bins.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.lazy_types import find_type
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.colormap import Palette
from nbimage.mapping.limits import Extent, Limits
from nbimage.mapping.norms import LINEAR, Norm, gives_indices, is_index
from nbimage.mapping.value_scale import ValueScale, is_date

_NUMBERS = (int, float, np.integer, np.floating)


def index_dtype(values: Values) -> np.dtype[Any]:
    """Return the dtype of values; of dates, which are no indices, a float one."""
    if is_date(values.dtype):
        return np.dtype(np.float64)
    return np.dtype(values.array.dtype)


def may_be_indices(scale: ValueScale, palette: Palette | None, dtype: np.dtype[Any]) -> bool:
    """Return whether values of a dtype are indices of colors if all of them lie within these."""
    discrete = palette is not None and palette.discrete
    return discrete and scale.untouched and dtype.kind in "iu"


def index_scale(
    scale: ValueScale, palette: Palette | None, dtype: np.dtype[Any], known: Extent
) -> ValueScale:
    """Return the scale that holds for values of a dtype and an extent, in some colors.

    Raises ValueError for indices of more colors than there are bins.
    """
    count = 256 if palette is None else palette.count
    norm = scale.norm
    if norm.levels is not None:
        return scale
    if is_index(norm):
        if not scale._replace(norm=LINEAR).untouched:
            raise ValueError("vmin, vmax, vsym and contrast must be left out for a NoNorm")
        if dtype.kind == "f":  # which are shares of the colormap
            whole = find_type("matplotlib.colors", "Normalize")(0, 1)
            shares = 256 if palette is not None and palette.steps is not None else count
            return scale._replace(norm=replace(norm, function=whole, colors=shares))
        if count > 256:
            raise ValueError(
                f"cmap must have at most 256 colors for a NoNorm, but has {count}: give cmap(data)"
            )
        return _scale_of(scale, count)
    if norm.function is not None:
        blended = palette is not None and palette.steps is not None and not gives_indices(norm)
        return scale._replace(norm=replace(norm, colors=256 if blended else count))
    if palette is None or not palette.discrete:
        return scale
    as_bytes = scale.untouched and dtype == np.uint8  # which stay value for value
    if palette.steps is None and not as_bytes:
        scale = scale._replace(norm=replace(norm, colors=count))
    if dtype.kind not in "iu":
        return scale
    ends = _limits_alone(scale)
    whole = palette.steps is None and known.high is not None and known.high < count
    if ends == (0, count - 1) or (ends == (0, count) and whole):
        return _scale_of(scale, count)
    if not scale.untouched:
        return scale
    if known.low is None or known.high is None or known.low < 0:
        return scale
    within = known.high == count - 1 if palette.steps is not None else known.high < count
    return _scale_of(scale, count) if within else scale


def _limits_alone(scale: ValueScale) -> tuple[float, float] | None:
    """Return limits where these are all that is asked, as two numbers."""
    low, high = scale.vmin, scale.vmax
    plain = scale._replace(vmin=None, vmax=None).untouched
    if plain and isinstance(low, _NUMBERS) and isinstance(high, _NUMBERS):
        return float(low), float(high)
    return None


def _scale_of(scale: ValueScale, count: int) -> ValueScale:
    return scale._replace(vmin=-0.5, vmax=count - 0.5, norm=LINEAR)


def index_palette(palette: Palette, vmin: Any, vmax: Any, norm: Norm = LINEAR) -> Palette:
    """Return a palette's colors for a scale: not blended where values are indices of them."""
    indices = (vmin, vmax) == (-0.5, palette.count - 0.5) or gives_indices(norm)
    indices |= norm.edges is not None and len(norm.edges) == palette.count + 1
    return palette.in_steps() if indices else palette


def settle_indices(
    scale: ValueScale, colors: ColorOptions, dtype: np.dtype[Any], known: Extent
) -> tuple[ValueScale, ColorOptions]:
    """Return scale and colors for values of a dtype and an extent."""
    palette = colors.palette
    scale = index_scale(scale, palette, dtype, known)
    if palette is not None and palette.steps is not None and scale.limit_count == 1:
        own = index_palette(palette, scale.vmin, scale.vmax, scale.norm)
        colors = colors._replace(palette=own)
    return scale, colors


def level_colors(colors: ColorOptions, limits: Limits) -> ColorOptions:
    """Return the colors that hold for limits: as many as levels are not blended."""
    palette, norm = colors.palette, limits.norm
    if palette is None or norm.edges is None:
        return colors
    return colors._replace(palette=index_palette(palette, limits.vmin[0], limits.vmax[0], norm))


def are_indices(limits: Limits, dtype: str) -> bool:
    """Return whether limits are those of indices of colors."""
    low, high = limits.vmin[0], limits.vmax[0]
    return low == -0.5 and high % 1 == 0.5 and dtype.startswith(("int", "uint", "bool"))
