"""What is between two images, sample by sample, and numbers of it.

The page has the same in ``js/view/compare/difference.js``.
"""

from __future__ import annotations

import math

import numpy as np

from nbimage.base.chunked import Array
from nbimage.metrics.bands import for_bands

_HALF = 1 << 32


def subtract(a: Array, b: Array) -> Array:
    """Return a - b as float64, whole numbers of 64 bits as exact as that holds."""
    if a.dtype.kind in "iu" and b.dtype.kind in "iu" and 8 in (a.itemsize, b.itemsize):
        (high, low), (other_high, other_low) = _halves(a), _halves(b)
        return np.asarray((high - other_high) * float(_HALF) + (low - other_low))
    with np.errstate(invalid="ignore"):
        return np.asarray(_as_float(a) - _as_float(b), np.float64)


def _as_float(array: Array) -> Array:
    return array if array.dtype == np.longdouble else array.astype(np.float64)


def _halves(array: Array) -> tuple[Array, Array]:
    """Return the upper and the lower 32 bits of whole numbers."""
    wide = array.astype(np.int64 if array.dtype.kind == "i" else np.uint64)
    return (wide // _HALF).astype(np.float64), (wide % _HALF).astype(np.float64)


def difference_map(a: Array, b: Array, kind: str = "difference") -> Array:
    """Return a - b of two arrays of one shape, as float64.

    ``kind``: "difference", "absolute": its magnitude, or "relative": its share of the magnitude of
    b. That is 0 where both are 0, and infinite where b alone is.
    """
    out = np.empty(a.shape)
    rows = len(a)

    def work(start: int, stop: int) -> None:
        one, other = a[start:stop], b[start:stop]
        less = subtract(one, other)
        if kind == "absolute":
            less = np.abs(less)
        elif kind == "relative":
            less = np.where(less == 0, 0 * less, less / np.abs(other.astype(np.float64)))
        out[start:stop] = less

    for_bands(rows, math.prod(a.shape[1:]), 0, work)
    return out


def summarize_difference(less: Array, a: Array, b: Array, peak: float) -> dict[str, float]:
    """Return numbers of a difference of two arrays where it is finite.

    ``peak``: the range of values that PSNR is of; 0: a relative difference, which has none.
    ``unmatched``, where there are some, counts what is missing or infinite in one image alone.
    """
    known = np.isfinite(less)
    values = less[known]
    same = ~known
    if a.dtype.kind == "f" or b.dtype.kind == "f":
        same &= ~((np.isnan(a) & np.isnan(b)) | (a == b))
    unmatched = int(np.count_nonzero(same))
    size = np.abs(values)
    with np.errstate(all="ignore"):  # squares of huge values are infinite
        mse = float(np.mean(values**2)) if values.size else math.nan
        rmse = math.sqrt(mse)
        psnr = float(20 * np.log10(np.float64(peak) / rmse))
    found: dict[str, float] = {
        "max": float(size.max()) if values.size else 0.0,
        "mean": float(values.mean()) if values.size else math.nan,
        "mae": float(size.mean()) if values.size else math.nan,
        "mse": mse,
        "rmse": rmse,
        "psnr": psnr,
        "peak": float(peak),
        "values": values.size,
    }
    if not peak:
        del found["psnr"], found["peak"]
    return found | ({"unmatched": unmatched} if unmatched else {})


def mean_of_finite(found: Array) -> float:
    """Return the mean of what is finite; NaN for nothing."""
    known = found[np.isfinite(found)]
    return float(known.mean()) if known.size else math.nan
