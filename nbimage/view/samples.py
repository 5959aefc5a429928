"""An array's own values as a page holds them: PNG files of their bytes, which browsers inflate.

PNG's filters and deflate are for rows of bytes, so values of several bytes are laid out as planes
of bytes, the most significant one first, one below the other. Nothing is rounded, but for float64
that nobody asked to be exact, and then by far less than a bin of their range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.codecs.png import encode_png
from nbimage.values.blocks import Array, for_blocks
from nbimage.values.limits import extent

_SMALLER = ("uint8", "int8", "uint16", "int16", "uint32", "int32")
_EXACT = 2**53  # whole numbers that a browser's own numbers hold
_ROUNDING = 2.0**-24  # by float32, as a part of each value; and of the values' range, at most:
_ROUGHEST = 2.0**-16


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One plane's values, ready for a page."""

    png: bytes
    dtype: str
    """The name of NumPy's dtype, of which the bytes are."""
    rows: int
    columns: int
    channels: int
    exact: bool
    """False: float64 rounded to float32."""


def as_samples(array: Array, mask: Array | None = None, *, exact: bool = False) -> Samples:
    """Return the values of ``(H, W)`` or ``(H, W, C)``, in the smallest dtype that keeps them all.

    Masked values become NaN, so whole numbers become floats then.
    """
    values = np.asarray(array)
    held = True
    if mask is not None:
        whole, size = values.dtype.kind in "biu", values.dtype.itemsize
        if whole or size <= 2:
            values = values.astype(np.float32 if size <= 2 else np.float64)
        values = np.where(mask if values.ndim == 2 else mask[:, :, None], np.nan, values)
        exact = exact or whole
        held = not whole or size < 8 or not (np.abs(values) >= _EXACT).any()
    dtype, kept = _dtype(values, exact)
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(values, dtype)
    rows, columns = values.shape[:2]
    channels = 1 if values.ndim == 2 else values.shape[2]
    return Samples(encode_png(_planes(values)), dtype.name, rows, columns, channels, kept and held)


def _planes(values: Array) -> Array:
    """Return the bytes as ``(k * H, W * C)``: the k-th most significant ones in the k-th part."""
    rows, size = len(values), values.dtype.itemsize
    if size == 1:
        return values.view(np.uint8).reshape(rows, -1)
    parts = values.astype(values.dtype.newbyteorder(">")).view(np.uint8).reshape(rows, -1, size)
    return np.ascontiguousarray(np.moveaxis(parts, 2, 0)).reshape(size * rows, -1)


def _dtype(values: Array, exact: bool) -> tuple[np.dtype[Any], bool]:
    """Return the smallest dtype that a browser has for all values, and whether it keeps them."""
    dtype = values.dtype
    if dtype.kind == "b":
        return np.dtype(np.uint8), True
    if dtype.kind in "iu":
        low, high = int(values.min()), int(values.max())
        for name in _SMALLER:
            info = np.iinfo(name)
            if info.min <= low and high <= info.max:
                return np.dtype(name), True
        return np.dtype(np.float64 if max(-low, high) <= _EXACT else dtype), True
    if dtype.itemsize <= 4:
        return np.dtype(np.float32), True
    if _fits_float32(values):
        return np.dtype(np.float32), True
    if exact or not _nearly_float32(values):
        return np.dtype(np.float64), dtype.itemsize == 8
    return np.dtype(np.float32), False


def _fits_float32(values: Array) -> bool:
    """Return whether all values, NaN among them, are the same as float32."""

    def same(block: Array, small: Array) -> bool:
        return np.array_equal(small, block, equal_nan=True)

    return _all_blocks(same, values)


def _nearly_float32(values: Array) -> bool:
    """Return whether float32 can stand for all values: none out of its range, none far off."""

    def held(block: Array, small: Array) -> bool:
        tiny = np.finfo(np.float32).tiny
        return bool(
            (
                (np.isfinite(small) == np.isfinite(block))
                & ((block == 0) | ~(np.abs(small) < tiny))
            ).all()
        )

    if not _all_blocks(held, values):
        return False
    known = extent(values)
    if known.low is None or known.high is None:
        return True
    largest = max(abs(known.low), abs(known.high))
    return bool(largest * _ROUNDING <= (known.high / 2 - known.low / 2) * 2 * _ROUGHEST)


def _all_blocks(check: Callable[[Array, Array], bool], values: Array) -> bool:
    """Return whether a check of each block and its float32 holds everywhere."""
    flat = values.reshape(-1)

    def checked(indices: Any) -> bool:
        with np.errstate(all="ignore"):
            return all(check(flat[index], flat[index].astype(np.float32)) for index in indices)

    return all(for_blocks(checked, flat.shape))
