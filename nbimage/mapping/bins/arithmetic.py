"""The arithmetic of even bins: the rule, and a quicker line that gives the same pixels."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nbimage.mapping.limits import Limits

_EXACT_INTEGER = 2**53  # float64 holds every integer up to here
_TILT = 2.0**-33


class Line(NamedTuple):
    """A straight line through the bins: ``x * slope + offset``."""

    slope: Any
    offset: Any
    clip: bool
    """The upper limit itself comes out past the last bin."""


class Arithmetic(NamedTuple):
    """The limits in the arithmetic that holds them: ``(x * factor - low) / step`` is the bin."""

    low: Any
    step: Any
    factor: float
    dtype: np.dtype[Any]


def choose_arithmetic(limits: Limits, dtype: np.dtype[Any]) -> Arithmetic:
    """Choose the arithmetic in which the limits, and what lies between them, are exact enough."""
    vmin, vmax = limits.vmin[0], limits.vmax[0]
    wide = dtype == np.longdouble
    if dtype.kind in "iu" and (abs(vmin) > _EXACT_INTEGER or abs(vmax) > _EXACT_INTEGER):
        wide = True
    work: Any = np.longdouble if wide else np.float64
    low, high = work(vmin), work(vmax)
    factor = 1.0
    with np.errstate(over="ignore"):
        span = abs(high - low)
        if not np.isfinite(span * 256):
            factor = 2.0**-10
        elif 0 < span < np.finfo(work).tiny * 2.0**64:
            factor = 2.0**100
    low, high = low * factor, high * factor
    return Arithmetic(low, (high - low) / 256, factor, np.dtype(work))


def bins(x: Any, scale: Arithmetic) -> Any:
    """Return the bin of each value, as the rule has it, before it is clipped and made uint8."""
    x = np.asarray(x).astype(scale.dtype)
    return np.floor((x * scale.factor - scale.low) / scale.step)


def proven_line(scale: Arithmetic, limits: Limits) -> Line | None:
    """Return slope and offset of a line through the bins that gives the same pixels, or None.

    For every float32 x: both the rule and the line never fall as x grows, so they agree
    everywhere if they agree next to each edge between two bins: on three neighbouring float32
    values, of which the first lies below the edge and the last does not. The line is
    tried in float32, then in float64 tilted by 2^-33 of a bin, so that rounding can't push an
    edge down a float32 value nor the upper limit out of the last bin.
    """
    vmin, vmax = np.float64(limits.vmin[0]), np.float64(limits.vmax[0])
    if not vmin < vmax or scale.factor != 1 or scale.dtype != np.float64:
        return None
    with np.errstate(all="ignore"):
        edges = (vmin + np.arange(1, 256) * scale.step).astype(np.float32)
        below, above = (np.nextafter(edges, np.float32(end)) for end in (-np.inf, np.inf))
        x = np.stack((below, edges, above))
        right = bins(x, scale)
        k = np.arange(1, 256)
        if not ((right[0] < k) & (right[-1] >= k)).all():
            return None
        slope, offset = 1 / scale.step, -vmin / scale.step
        tilted = slope * (1 - _TILT / 255.5), offset * (1 - _TILT / 255.5) + _TILT
        exact = np.float32(slope) == slope and np.float32(offset) == offset
        tried: list[tuple[Any, Any, Any]] = [(np.float64, *tilted)]
        if exact:  # else float32 hardly ever passes
            tried.insert(0, (np.float32, slope, offset))
        for dtype, a, b in tried:
            slope, offset = dtype(a), dtype(b)
            first, last = np.array([vmin, vmax], np.float32).astype(dtype) * slope + offset
            got = np.floor(x.astype(dtype) * slope + offset)
            if first >= 0 and np.array_equal(got, right):
                return Line(slope, offset, clip=bool(last >= 256))
    return None
