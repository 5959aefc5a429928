"""Small plain images to pixels: the rule of `rerange` without what only some arrays need.

A table or a chart holds hundreds of them, and what surrounds the arithmetic elsewhere takes
several times as long as it does. Whatever is out of the ordinary is left to `as_pixels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.base.chunked import Array

_KINDS = {np.dtype(kind) for kind in ("f4", "f8", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8")}
_EXACT = 2.0**53  # float64 holds every integer up to here
_AT_ONCE = 1 << 18  # bytes of images: they and what is made of them stay in the cache
_MODERATE = 2.0**500  # far from where float64 overflows or loses digits


def is_plain(array: Any) -> bool:
    """Return whether it is a gray image of ordinary numbers: no mask, no names, no channels."""
    return (
        type(array) is np.ndarray and array.ndim == 2 and array.dtype in _KINDS and array.size > 0
    )


def map_small(
    arrays: Sequence[Array], limits: tuple[float, float] | None, out: Array
) -> list[bool]:
    """Write plain images of one shape to ``out``: between two limits, or its minimum and maximum.

    Several at once, so that threads need not wait for one another at each small step. Return
    whether each was: an image that was not takes more than `rerange`'s rule in float64, and its
    pixels are undefined.
    """
    count = max(1, _AT_ONCE // (8 * arrays[0].size))
    scratch = np.empty((min(count, len(arrays)), *arrays[0].shape))
    bins = np.empty(scratch.shape, np.uint16)
    done: list[bool] = []
    for first in range(0, len(arrays), count):
        part = arrays[first : first + count]
        t, pixels = scratch[: len(part)], out[first : first + count]
        spans = []
        for array, row in zip(part, t, strict=True):
            span = _find_span(array, limits)
            start, step = span or (0.0, 1.0)
            spans.append(step)
            done.append(span is not None)
            if span is not None:
                np.subtract(array, start, out=row, dtype=np.float64)
        t /= np.array(spans)[:, None, None]
        if limits is None:  # from 0 to 256: integers are compared in a quarter of the time
            own = bins[: len(part)]
            np.copyto(own, t, casting="unsafe")
            np.copyto(pixels, np.minimum(own, 255, out=own), casting="unsafe")
        else:
            np.copyto(pixels, np.clip(t, 0, 255, out=t), casting="unsafe")
    return done


def _find_span(array: Array, limits: tuple[float, float] | None) -> tuple[float, float] | None:
    """Return the lower limit and the width of a bin; None where that is not all it takes."""
    low, high = float(array.min()), float(array.max())
    start, end = (low, high) if limits is None else limits
    span = abs(end - start)
    if not (low > -_MODERATE and high < _MODERATE and 1 / _MODERATE < span < _MODERATE):  # or NaN
        return None
    if array.dtype.kind != "f" and max(abs(start), abs(end)) >= _EXACT:
        return None
    return start, (end - start) / 256
