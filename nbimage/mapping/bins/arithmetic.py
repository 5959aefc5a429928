"""The arithmetic of even bins: the rule. What gives the same pixels sooner is `quick`'s."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nbimage.mapping.limits import Limits

_EXACT_INTEGER = 2**53  # float64 holds every integer up to here


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
