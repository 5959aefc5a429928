"""Small plain images to pixels: the rule of `rerange` without what only some arrays need.

A table or a chart holds hundreds of them, and what surrounds the arithmetic elsewhere takes
several times as long as it does. Whatever is out of the ordinary is left to `as_pixels`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.base.chunked import Array

_KINDS = {np.dtype(kind) for kind in ("f4", "f8", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")}
_EXACT = 2.0**53  # float64 holds every integer up to here
_MODERATE = 2.0**500  # far from where float64 overflows or loses digits


def is_plain(array: Any) -> bool:
    """Return whether it is a gray image of ordinary numbers: no mask, no names, no channels."""
    return (
        type(array) is np.ndarray and array.ndim == 2 and array.dtype in _KINDS and array.size > 0
    )


def map_small(array: Array, limits: tuple[float, float] | None, out: Array) -> bool:
    """Write a plain image's pixels to ``out``: between two limits, or its minimum and maximum.

    Return False, ``out`` being undefined, where it takes more than `rerange`'s rule in float64.
    """
    low, high = float(array.min()), float(array.max())
    start, end = (low, high) if limits is None else limits
    span = abs(end - start)
    if not (low > -_MODERATE and high < _MODERATE and 1 / _MODERATE < span < _MODERATE):  # or NaN
        return False
    if array.dtype.kind != "f" and max(abs(start), abs(end)) >= _EXACT:
        return False
    t = np.subtract(array, start, dtype=np.float64)
    t /= (end - start) / 256
    if limits is None:
        np.minimum(t, 255, out=t)
    else:
        np.clip(t, 0, 255, out=t)
    np.copyto(out, t, casting="unsafe")
    return True
