"""Discrete levels: values between two neighbouring edges have one color.

A bin holds its lower edge and not its upper one; the last bin holds both, as `np.histogram` and
matplotlib's ``BoundaryNorm`` have it. What lies beyond the edges has the color of the nearest bin.
"""

from __future__ import annotations

import itertools
import math
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.scalars import Number

if TYPE_CHECKING:
    from fractions import Fraction

MOST_LEVELS = 256
_STEPS = (10, 15, 20, 25, 30, 40, 50, 60, 80)  # tenths
_FEW = 24  # edges up to which it is quicker to compare with each
_ALONE = 20  # of one value, which has no range: its part to which edges reach on both sides


def check_edges(edges: Sequence[Number]) -> tuple[Number, ...]:
    """Return edges that only rise, or only fall. Raises ValueError for others."""
    steps = [later - sooner for sooner, later in itertools.pairwise(edges)]
    if not (all(step > 0 for step in steps) or all(step < 0 for step in steps)):
        raise ValueError(f"levels must be edges that rise or fall, but got {list(edges)}")
    return tuple(edges)


def find_edges(low: Number, high: Number, count: int) -> tuple[Number, ...]:
    """Return the edges of at most ``count`` bins of equal width that hold all from low to high.

    They are multiples of the smallest step of 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten
    that needs no more bins: the steps of matplotlib's ``MaxNLocator``, of contour plots. Where
    floats can't tell such multiples apart, the step is the smallest at which they can.
    """
    from fractions import Fraction  # 3 ms that an import need not take

    if low > high:
        return find_edges(high, low, count)[::-1]
    if count == 1:  # on both sides of 0 no multiples are neighbours
        two = find_edges(low, high, 2)
        return two[0], two[-1]
    start, end = (Fraction(*number.as_integer_ratio()) for number in (low, high))
    if start == end:
        reach = (abs(start) or Fraction(1)) / _ALONE
        start, end = start - reach, end + reach
    finest = 2 * Fraction(math.ulp(_as_number(max(abs(start), abs(end)))))
    least = (end - start) / count
    power = math.floor(math.log10(least.numerator) - math.log10(least.denominator)) - 1
    while True:
        for tenths in _STEPS:
            step = Fraction(tenths, 10) * Fraction(10) ** power
            first, last = math.floor(start / step), math.ceil(end / step)
            if last - first <= count and (step >= finest or step.denominator == 1):
                return tuple(_as_number(i * step) for i in range(first, last + 1))
        power += 1


def _as_number(exact: Fraction) -> Number:
    if exact.denominator == 1:
        return int(exact)
    most = sys.float_info.max
    return most if exact > most else -most if exact < -most else float(exact)


def level_pixels(edges: Sequence[Number]) -> Array:
    """Return the pixel of each bin, uint8, spread from 0 to 255 as ``BoundaryNorm`` does."""
    count = len(edges) - 1
    if count == 1:
        return np.array([127], np.uint8)
    spread: Array = (np.arange(count) * 255 // (count - 1)).astype(np.uint8)
    return spread


def level_shares(x: Array, edges: Sequence[Number]) -> Array:
    """Return where the pixels of values lie, from 0 to 1; beyond that for values beyond the edges.

    As float64, NaN for NaN.
    """
    pixels = np.empty(x.shape, np.uint8)
    make_converter(edges, x.dtype)(x, pixels)
    shares: Array = (pixels + 0.5) / 256
    low, high = sorted((edges[0], edges[-1]))
    below, above = (-0.5, 1.5) if edges[0] < edges[-1] else (1.5, -0.5)
    shares[x < low], shares[x > high] = below, above
    shares[np.isnan(x)] = np.nan
    return shares


def make_converter(edges: Sequence[Number], dtype: np.dtype[Any]) -> Callable[[Array, Array], None]:
    """Return what writes the pixels of values of a dtype into a uint8 array."""
    pixels = level_pixels(edges)
    rising = edges[0] < edges[-1]
    pixels = pixels if rising else pixels[::-1]
    starts = _starts(sorted(edges)[1:-1], dtype)

    def convert(block: Array, out: Array) -> None:
        if len(starts) > _FEW:
            np.copyto(out, np.searchsorted(starts, block, "right"), casting="unsafe")
        else:
            out[...] = 0
            for start in starts:
                out += block >= start
        out[...] = pixels[out]
        if dtype.kind == "f":
            out[np.isnan(block)] = 0

    return convert


def _starts(edges: Sequence[Number], dtype: np.dtype[Any]) -> Array:
    """Return the least value of a dtype in each bin but the first, exactly."""
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        whole = [max(math.ceil(edge), int(info.min)) for edge in edges]
        return np.array([edge for edge in whole if edge <= info.max], dtype)
    with np.errstate(all="ignore"):
        nearest = np.array([_as_float(edge) for edge in edges], np.longdouble).astype(dtype)
        for i, edge in enumerate(edges):
            own = nearest[i] if dtype == np.longdouble else float(nearest[i])
            if own < edge:
                nearest[i] = np.nextafter(nearest[i], dtype.type(np.inf))
    return nearest


def _as_float(edge: Number) -> Any:
    return edge if isinstance(edge, float) else np.longdouble(edge)
