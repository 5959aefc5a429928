"""Find contour lines of an array, and round levels for them.

They are drawn by `overlay_rasters`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

import numpy as np

from nbimage.arrays.ingest import as_values
from nbimage.base.chunked import Array
from nbimage.figure.overlay_canvas import Options, to_numpy
from nbimage.mapping.colormap import as_palette
from nbimage.page.svg_primitives import Color, as_svg_color

_MOST = 1000  # levels that are asked for as a count


def resolve_levels(levels: Any, array: Array) -> list[float]:
    """Return levels in rising order: those given, or about as many round ones as asked for.

    A whole number is how many; any other number is one level. An array without two different
    finite values has no round levels.
    """
    if isinstance(levels, Integral) and not isinstance(levels, bool):
        count = int(levels)
        if not 1 <= count <= _MOST:
            raise ValueError(
                f"levels must be numbers, or how many from 1 to {_MOST}, but got {levels}: "
                f"write [{levels}] for this one level"
            )
        finite = array[np.isfinite(array)]
        return _round_levels(float(finite.min()), float(finite.max()), count) if finite.size else []
    given = [levels] if isinstance(levels, Real) else levels
    try:
        found = sorted({float(level) for level in given})
    except (TypeError, ValueError):
        found = [math.nan]
    if isinstance(levels, (bool, str)) or not all(map(math.isfinite, found)):
        raise ValueError(f"levels must be finite numbers, or how many, but got {levels!r}")
    return found


def _round_levels(low: float, high: float, count: int) -> list[float]:
    """Return the multiples of a round step between two numbers of which there are about count."""
    rough = high / (count + 1) - low / (count + 1)
    if not rough > 0:
        return []
    exponent = math.floor(math.log10(rough))
    choices = [
        _multiples(Decimal(f"{mantissa}e{power}"), low, high)
        for power in (exponent, exponent + 1)
        for mantissa in ("1", "2", "5", "2.5")
    ]
    return min(choices, key=lambda levels: abs(len(levels) - count))


def _multiples(step: Decimal, low: float, high: float) -> list[float]:
    """Return the multiples of a step that lie between two numbers."""
    first, last = math.floor(Decimal(low) / step), math.ceil(Decimal(high) / step)
    levels = dict.fromkeys(float(number * step) for number in range(first, last + 1))
    return [level for level in levels if low < level < high]


@dataclass(frozen=True, slots=True)
class Contour:
    """The lines of one level."""

    level: float
    share: float
    """Its position between the first level (0) and the last one (1)."""
    lines: list[Array]
    """``(N, 2)`` of x and y, (0, 0) the first pixel's upper left corner; a closed line ends where
    it starts."""


def find_contours(array: Array, levels: list[float], shape: tuple[int, int]) -> list[Contour]:
    """Return the lines along which an array, stretched over ``shape``, has rising levels.

    A square of four pixels of which one is not finite holds no line; a level without lines is
    left out.
    """
    from contourpy import LineType, contour_generator

    generator = contour_generator(
        z=np.ma.masked_invalid(np.asarray(array, np.float64)),
        name="serial",
        corner_mask=False,
        line_type=LineType.Separate,
    )
    stretch = np.array([shape[1] / array.shape[1], shape[0] / array.shape[0]])
    found = []
    for level in levels:
        lines = [(np.asarray(line) + 0.5) * stretch for line in generator.lines(level)]
        span = levels[-1] / 2 - levels[0] / 2  # halves do not overflow
        share = (level / 2 - levels[0] / 2) / span if span else 0.5
        if lines:
            found.append(Contour(level, share, lines))
    return found


def find_middle_of_longest(lines: list[Array]) -> Array:
    """Return the vertex halfway along the longest line."""
    steps = [np.hypot(*np.diff(line, axis=0).T) for line in lines]
    longest = max(range(len(lines)), key=lambda number: float(steps[number].sum()))
    along = np.cumsum(steps[longest])
    vertex: Array = lines[longest][int(np.searchsorted(along, along[-1] / 2))]
    return vertex


def read_field(data: Any, options: Options) -> tuple[Array, Callable[[Contour], Color]]:
    """Return the values that contours are drawn of, NaN where missing, and the colors of these.

    Raises ValueError for fewer than 2 rows or columns, and for both a color and a cmap.
    """
    values = as_values(data)
    array = to_numpy(values).astype(np.float64)
    if array.ndim != 2 or min(array.shape) < 2:
        raise ValueError(f"contour must have 2 rows and columns or more, but got {array.shape}")
    if values.mask is not None:
        array[values.mask] = np.nan
    color, cmap = options["color"], options["cmap"]
    if color is not None and cmap is not None:
        raise ValueError(f"color must be left out where there is a cmap, but got {color!r}")
    plain = as_svg_color("white" if color is None else color)
    if cmap is None:
        return array, lambda _: plain
    palette = as_palette(cmap).array.tolist()
    return array, lambda contour: as_svg_color(palette[round(contour.share * 255)])
