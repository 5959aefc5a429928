"""What a part of an image is in few samples: smaller, as one pixel, or some that tell its range."""

from __future__ import annotations

import numpy as np

from nbimage.base.chunked import Array
from nbimage.pyramid.core.downsample import halved

_MOST = 1 << 16  # samples of a part from which limits are estimated


def halved_often(part: Array, times: int) -> Array:
    """Return means of two by two, so many times."""
    for _ in range(times):
        part = halved(part)
    return part


def smaller_levels(array: Array) -> list[Array]:
    """Return all smaller levels, down to one pixel."""
    found = []
    while max(array.shape[:2]) > 1:
        array = halved(array)
        found.append(array)
    return found


def mean_pixel(part: Array) -> Array:
    """Return the mean of all pixels, in the same dtype; NaN are left out."""
    if part.dtype.kind != "f":
        mean = part.mean(axis=(0, 1), dtype=np.float64)
        if part.dtype.kind == "b":
            return np.asarray(mean >= 0.5)
        if part.dtype.itemsize == 8:  # floats near the largest integers are beyond them
            mean = np.minimum(mean, np.nextafter(float(np.iinfo(part.dtype).max), 0))
        return np.asarray(np.rint(mean).astype(part.dtype))
    there = ~np.isnan(part)
    with np.errstate(all="ignore"):
        total = np.where(there, part, 0).sum(axis=(0, 1), dtype=np.float64)
        return np.asarray((total / there.sum(axis=(0, 1))).astype(part.dtype))


def some_of(part: Array) -> Array:
    """Return some of the samples of a piece; the least and the largest are among them."""
    rows, columns = part.shape[:2]
    step = int(np.ceil((part.size / _MOST) ** 0.5))
    if step <= 1 or min(rows, columns) <= step:
        return part[: max(1, _MOST // max(1, part.size // rows))].copy()
    some = part[step // 2 :: step, step // 2 :: step].copy()
    finite = np.isfinite(part) if part.dtype.kind == "f" else None
    if some.shape[1] < 2 or (finite is not None and not finite.all()):
        return some
    some[0, 0], some[0, 1] = part.min(axis=(0, 1)), part.max(axis=(0, 1))
    return some
