"""Pixels as the documentation has them, in exact arithmetic: slow, and apart from the code.

A value is a Fraction, an infinite float, or None where it is missing. Functions that only decimal
numbers can hold (logarithms) have 50 digits. A pixel has all bins that rounding can lead to: the
documented formula is float64's, whose values next to the edge of a bin may come to either side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

Value = Fraction | float | None
Bins = frozenset[int]
EPSILON = Fraction(1, 2**52)
DIGITS = 50
SMALL = Decimal("1e-22")  # what is that small is its own logarithm of 1 + x, to 22 digits


class Limits(NamedTuple):
    """What pixel 0 begins with and pixel 255 ends with; None where nothing is finite."""

    low: Fraction
    high: Fraction


def values_of(array: Any) -> list[Value]:
    """Return the values of an array of numbers, booleans, dates or spans, row by row."""
    mask = np.ma.getmaskarray(array).ravel().tolist()
    plain = np.asarray(np.ma.getdata(array)).ravel()
    if plain.dtype.kind in "mM":
        found: list[Value] = [None if np.isnat(x) else Fraction(int(x.astype("i8"))) for x in plain]
    elif plain.dtype == np.longdouble:
        found = [_value(x) for x in plain]
    else:
        found = [_value(x) for x in plain.tolist()]
    return [None if masked else x for masked, x in zip(mask, found, strict=True)]


def _value(x: Any) -> Value:
    if isinstance(x, (bool, int)):
        return Fraction(int(x))
    if np.isnan(x):
        return None
    return float(x) if np.isinf(x) else Fraction(*x.as_integer_ratio())


def finite(values: Iterable[Value]) -> list[Fraction]:
    """Return the values that count for limits, sorted."""
    return sorted(x for x in values if isinstance(x, Fraction))


def percentile(ordered: Sequence[Fraction], percent: Any) -> Fraction:
    """Return a percentile of sorted values, between two of them as NumPy's default has it."""
    at = Fraction(percent) / 100 * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (at - below)


# Norms: what spreads values; None for a value that has none


def _decimal(x: Fraction) -> Decimal:
    return Decimal(x.numerator) / Decimal(x.denominator)


def logarithm(x: Fraction) -> Decimal | float | None:
    if x < 0:
        return None
    return -math.inf if x == 0 else _decimal(x).ln()


def arsinh(width: Fraction) -> Callable[[Fraction], Decimal]:
    def spread(x: Fraction) -> Decimal:
        z = abs(_decimal(x / width))
        found = z if z < SMALL else (z + (z * z + 1).sqrt()).ln()
        return found if x >= 0 else -found

    return spread


def symlog(threshold: Fraction) -> Callable[[Fraction], Decimal]:
    def spread(x: Fraction) -> Decimal:
        z = abs(_decimal(x / threshold))
        found = z if z < SMALL else (1 + z).ln()
        return found if x >= 0 else -found

    return spread


def linear_bins(x: Value, limits: Limits) -> Bins:
    """Return the bins that a value may come to: clip(floor((x - low) * 256 / span), 0, 255)."""
    low, high = limits
    if x is None:
        return frozenset({0})
    if low == high:
        return frozenset({255 if x > low else 0})
    if isinstance(x, float):
        return frozenset({255 if (x > 0) == (high > low) else 0})
    span = high - low
    at = (x - low) * 256 / span
    # Each number is rounded once, and so is each of three operations.
    error = 4 * abs(at) * EPSILON
    error += 256 * (_rounding(x) + _rounding(low)) / abs(span)
    error += abs(at) * (_rounding(low) + _rounding(high)) / abs(span)
    return _between(at - error, at + error)


def _rounding(x: Fraction) -> Fraction:
    """Return what is lost of a number in float64, and of limits that were calculated in it."""
    return Fraction(0) if Fraction(float(x)) == x else abs(x) * 4 * EPSILON


def _between(low: Any, high: Any) -> Bins:
    first, last = (min(max(math.floor(at), 0), 255) for at in (low, high))
    return frozenset(range(first, last + 1))


def spread_bins(x: Value, limits: Limits, spread: Callable[[Fraction], Any]) -> Bins | None:
    """Return the bins of a norm that spreads values by a function; None for a missing value."""
    with localcontext() as context:
        context.prec = DIGITS
        if x is None:
            return None
        low, high = (spread(end) for end in limits)
        if isinstance(x, float):
            return None if spread is logarithm and x < 0 else linear_bins(x, limits)
        at = spread(x)
        if at is None:
            return None
        if low == high:
            return frozenset({255 if at > low else 0})
        if isinstance(at, float):
            return frozenset({0 if high > low else 255})
        found = (at - low) * 256 / (high - low)
        error = (abs(at) + abs(low)) * 4096 / abs(high - low) * Decimal(2) ** -52
        error += abs(found) * Decimal(2) ** -48
        return _between(found - error, found + error)


def gamma_bins(x: Value, limits: Limits, gamma: Fraction) -> Bins:
    """Return the bins of ``t ** gamma``, with t from 0 to 1 between the limits."""
    if not isinstance(x, Fraction) or limits.low == limits.high:
        return linear_bins(x, limits)
    t = (x - limits.low) / (limits.high - limits.low)
    if t <= 0:
        return frozenset({0})
    if t >= 1:
        return frozenset({255})
    with localcontext() as context:
        context.prec = DIGITS
        found = ((_decimal(t).ln() * _decimal(gamma)).exp()) * 256
        error = found * Decimal(2) ** -44
        return _between(found - error, found + error)


# Whole arrays

Norm = str | float | tuple[str, float]


def find_limits(
    values: Sequence[Value],
    dtype: np.dtype[Any],
    *,
    vmin: float | None = None,
    vmax: float | None = None,
    vsym: bool = False,
    contrast: Any = None,
    norm: Norm = "linear",
) -> Limits | None:
    """Return the limits of an array; None where nothing counts for them and none are given."""
    counting = finite(values)
    if norm == "log":
        counting = [x for x in counting if x > 0]
    ends: tuple[Fraction, Fraction] | None = None
    if dtype.kind == "b" and contrast is None:
        ends = Fraction(0), Fraction(1)
    elif contrast == "infer" and dtype.kind in "iu":
        info = np.iinfo(dtype)
        ends = Fraction(int(info.min)), Fraction(int(info.max))
        if norm == "log" and ends[0] <= 0:
            if not counting:
                return None
            ends = counting[0], ends[1]
    elif counting and contrast == "infer":
        largest = max(abs(counting[0]), abs(counting[-1]))
        scales = [one for one in (1, 255, 65535, 2**32 - 1) if one >= largest]
        full = Fraction(scales[0]) if scales else largest
        low_of_scale = Fraction(0) if counting[0] >= 0 else -full
        ends = (counting[0] if norm == "log" else low_of_scale), full
    elif counting and contrast in (None, "minmax"):
        ends = counting[0], counting[-1]
    elif counting:
        low, high = (2, 98) if contrast == "robust" else contrast
        ends = percentile(counting, low), percentile(counting, high)
        if dtype.kind in "iu" and max(map(abs, counting)) > 2**53:  # then they are whole numbers
            ends = Fraction(round(ends[0])), Fraction(round(ends[1]))
    low_end = Fraction(vmin) if vmin is not None else ends and ends[0]
    high_end = Fraction(vmax) if vmax is not None else ends and ends[1]
    if low_end is None or high_end is None:
        return None
    if vmin is None and vmax is not None:  # what is found never crosses what is given
        low_end = min(low_end, high_end)
    elif vmax is None and vmin is not None:
        high_end = max(low_end, high_end)
    if vsym:
        half = max(abs(low_end), abs(high_end))
        return Limits(-half, half)
    return Limits(low_end, high_end)


def bins_of(
    values: Sequence[Value], limits: Limits, norm: Norm = "linear", *, vsym: bool = False
) -> list[Bins | None]:
    """Return the bins that each value may come to; None for those that are missing."""
    if vsym and limits.high == 0:
        middle = {True: 255, False: 0}
        return [
            None if x is None else frozenset({128 if x == 0 else middle[x > 0]}) for x in values
        ]
    return [None if x is None else _bins(x, limits, norm) for x in values]


def _bins(x: Value, limits: Limits, norm: Norm) -> Bins | None:
    if norm == "linear":
        return linear_bins(x, limits)
    if norm == "log":
        return spread_bins(x, limits, logarithm)
    if isinstance(norm, tuple):
        spread = {"asinh": arsinh, "symlog": symlog}[norm[0]]
        return spread_bins(x, limits, spread(Fraction(norm[1])))
    return gamma_bins(x, limits, Fraction(1, 2) if norm == "sqrt" else Fraction(norm))
