"""Pixels of any norm as steps: the least value of each pixel, for who can only search for values.

All norms by name and all discrete levels rise with the values, or fall, so that 255 values say
which pixel any other has. They are found by halving, with the pixels that the host makes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.limits import Limits

_ERROR = 2.0**-40  # of logarithms and powers, as a part of what they are of: a thousandfold theirs
_PIXELS = np.arange(1, 256)


class Steps(NamedTuple):
    """How many of ``starts`` are not above a value is its pixel, or 255 less it.

    Where ``before`` and ``after`` tell other numbers of a value, its pixel is to be worked out.
    """

    before: Array
    after: Array
    rising: bool


def find_steps(
    pixels_of: Callable[[Array], Array], limits: Limits, dtype: np.dtype[Any]
) -> Steps | None:
    """Return the steps of limits; None where pixels neither rise nor fall with the values.

    ``pixels_of`` gives the pixels of an array of the dtype, by the rule.
    """
    rising = bool(limits.vmin[0] <= limits.vmax[0])
    if limits.norm.positive and not rising:  # what is missing, below 0, has the pixel 0
        return None
    low, high = _ends(dtype)

    def count(keys: Array) -> Array:
        pixels = pixels_of(_as_values(keys, dtype))
        return pixels if rising else 255 - pixels

    first, last = count(np.array([low, high], np.int64))
    starts = np.full(255, low, np.int64)
    wanted = (first < _PIXELS) & (last >= _PIXELS)
    numbers = _PIXELS[wanted]
    below = np.full(numbers.shape, low, np.int64)
    reached = np.full(numbers.shape, high, np.int64)
    for _ in range(64):  # bits of a key
        middle = (below & reached) + ((below ^ reached) >> 1)  # no sum that may overflow
        enough = count(middle) >= numbers
        reached = np.where(enough, middle, reached)
        below = np.where(enough, below, middle)
    starts[wanted] = reached
    values = _as_values(starts[last >= _PIXELS], dtype)
    return Steps(*_around(values, limits, dtype), rising)


def _ends(dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the keys of the least and of the greatest value of a dtype."""
    if dtype.kind in "iu":
        return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
    most = int(np.array(np.inf, dtype).view(f"i{dtype.itemsize}"))
    return -most, most


def _as_values(keys: Array, dtype: np.dtype[Any]) -> Array:
    """Return the values of keys: integers of the values' order, next to the next value's."""
    if dtype.kind in "iu":
        return keys.astype(dtype)
    sizes = np.abs(keys).astype(f"i{dtype.itemsize}").view(dtype)
    values: Array = np.copysign(sizes, np.where(keys < 0, -1, 1).astype(dtype))
    return values


def _around(starts: Array, limits: Limits, dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """Return what surely lies before each start, and what surely does not.

    Both are the start where the dtype is coarser than what a norm's arithmetic may be wrong by.
    """
    norm = limits.norm
    if norm.linear or norm.edges is not None:  # each operation is rounded rightly, none can turn
        return starts, starts
    with np.errstate(all="ignore"):
        sizes = np.abs(starts.astype(np.float64))
        if norm.name == "gamma":
            ends = abs(float(limits.vmin[0])) + abs(float(limits.vmax[0]))
            sizes = (sizes + ends) * (1 + 1 / (norm.parameter or 1))
        error = _ERROR * sizes
        if dtype.kind in "iu":
            whole = np.floor(2 * error).astype(np.int64)
            info = np.iinfo(dtype)
            wide = starts.astype(np.int64)
            before = np.where(wide < info.min + whole, info.min, wide - whole)
            after = np.where(wide > info.max - whole, info.max, wide + whole)
            return before.astype(dtype), after.astype(dtype)
        fine = error >= np.spacing(np.abs(starts)).astype(np.float64) / 2
        far = error.astype(dtype)
        before = np.where(fine, np.nextafter(starts - far, dtype.type(-np.inf)), starts)
        after = np.where(fine, np.nextafter(starts + far, dtype.type(np.inf)), starts)
    return np.maximum.accumulate(before), np.maximum.accumulate(after)
