"""Samples as a page holds them: PNG files of their bytes, which browsers inflate.

PNG's filters and deflate are for rows of bytes, so the channels, and of values of several bytes
each byte, the most significant one first, are planes that lie one below the other. Nothing is
rounded, but for float64 that nobody asked to be exact, and then by far less than a bin of their
range.

Float32 of which that takes fewer bytes are steps and the bits below them
(`nbimage.codecs.packing.floats`): planes of the steps are the PNG, a chunk ``stEP`` has the rest.
Colors of one byte a channel that follow one another are stored as red - green, green,
blue - green (and alpha), modulo 256; a chunk ``grEN`` says so. Not here: pictures to be looked at
(`nbimage.codecs.png`), bytes as text (`nbimage.codecs.packing.base85`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.chunked import Array, for_blocks
from nbimage.codecs.packing.base85 import encode_base85
from nbimage.codecs.packing.floats import find_stepping, sample_parts
from nbimage.codecs.png import SIGNATURE, encode_png, make_chunk
from nbimage.mapping.limits import extent

_SMALLER = ("uint8", "int8", "uint16", "int16", "uint32", "int32")
_EXACT = 2**53  # whole numbers that a browser's own numbers hold
_ROUNDING = 2.0**-24  # by float32, as a part of each value; and of the values' range, at most:
_ROUGHEST = 2.0**-16
_SMALL = 1 << 23  # bytes of samples for which more time is taken to store them in fewer
_LESS, _LEAST = 2, 4  # PNG's compression of these; of an eighth of as many bytes
_FEWEST = 1 << 12  # float32 of which steps are tried
_MANY = 1 << 20  # samples of which halves are decoded side by side
_SAVED = 0.97  # of the bytes: where steps take so many, they are worth their time
_HEAD = len(SIGNATURE) + 25  # bytes before what comes after IHDR


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """One plane's samples, ready for a page."""

    png: bytes
    dtype: str
    """The name of NumPy's dtype, of which the bytes are."""
    rows: int
    columns: int
    channels: int
    exact: bool
    """False: float64 rounded to float32."""
    lower: bytes = b""
    """The PNG of the lower half of the rows, if it has one of its own."""
    steps: bool = False
    """They are steps and the bits below, not byte planes."""

    @property
    def size(self) -> int:
        """How many bytes they take."""
        return len(self.png) + len(self.lower)

    @property
    def stored(self) -> dict[str, Any]:
        """As the page has it: the dtype, and the PNG as text in an encoding; of halves a list."""
        texts = [encode_base85(png) for png in (self.png, self.lower) if png]
        data = texts if self.lower else texts[0]
        stored = {"dtype": self.dtype, "data": data, "encoding": "base85"}
        return stored | {"steps": True} if self.steps else stored


def as_samples(
    array: Array,
    mask: Array | None = None,
    *,
    exact: bool = False,
    quick: bool = False,
    page: bool = False,
) -> Samples:
    """Return the values of ``(H, W)`` or ``(H, W, C)``, in the smallest dtype that keeps them all.

    Masked values become NaN, so whole numbers become floats then. ``quick``: take no time to find
    fewer bytes. ``page``: float32 may be steps, where that takes fewer, and of many samples there
    are halves, which are decoded side by side; both only the page's own script reads.
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
    dtype, exactly = _smallest_dtype(values, exact)
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(values, dtype)
    rows, columns = values.shape[:2]
    channels = 1 if values.ndim == 2 else values.shape[2]
    known = dtype.name, rows, columns, channels, exactly and held
    if not page:
        return Samples(_encode_png(values, quick), *known)
    upper = rows if values.size < _MANY else -(-rows // 2)
    halves = [half for half in (values[:upper], values[upper:]) if len(half)]
    pngs = [_encode_steps(half) for half in halves]
    stepped = all(pngs)
    if not stepped:
        pngs = [_encode_png(half, quick) for half in halves]
    return Samples(pngs[0], *known, b"".join(pngs[1:]), stepped)


def _encode_png(values: Array, quick: bool) -> bytes:
    """Return the PNG of ``(H, W[, C])``, in fewer bytes where that takes little time."""
    planes = _byte_planes(values)
    columns = planes.shape[-1]
    if quick or values.dtype.itemsize > 1 or values.nbytes > _SMALL:
        return encode_png(planes.reshape(-1, columns))
    extra = b""
    if len(planes) in (3, 4):
        less_green = planes.copy()
        less_green[[0, 2]] -= planes[1]
        if _roughness(less_green) < _roughness(planes):
            planes, extra = less_green, b"".join(make_chunk(b"grEN"))
    flat = planes.reshape(-1, columns)
    compression = _LEAST if values.nbytes <= _SMALL // 8 else _LESS
    found = encode_png(flat, compression=compression)
    return found[:_HEAD] + extra + found[_HEAD:]


def _encode_steps(values: Array) -> bytes:
    """Return the PNG of float32 as steps; none where that takes more bytes, or hardly fewer."""
    if values.dtype != np.float32 or values.size < _FEWEST:
        return b""
    columns = values.shape[1]
    flat = np.ascontiguousarray(np.atleast_3d(values).transpose(2, 0, 1)).reshape(-1)
    stepping = find_stepping(flat, columns)
    if stepping is None:
        return b""
    stepped = plain = 0
    for start, stop in sample_parts(flat.size, columns):
        planes = np.empty((2, stop - start), np.uint8)
        stepped += len(stepping.encode_part(flat, start, stop, planes).rstrip(b"\0"))
        stepped += len(encode_png(planes.reshape(-1, columns), filtered=False))
        part = flat[start:stop].reshape(-1, columns)
        plain += len(encode_png(_byte_planes(part).reshape(-1, columns)))
    if stepped > _SAVED * plain:
        return b""
    planes, rest = stepping.encode(flat)
    found = encode_png(planes.reshape(-1, columns), filtered=False)
    return b"".join((found[:_HEAD], *make_chunk(b"stEP", rest), found[_HEAD:]))


def _byte_planes(values: Array) -> Array:
    """Return the bytes of ``(H, W[, C])`` as ``(C * k, H, W)``, the most significant ones first."""
    shape = *values.shape[:2], -1
    parts = values.astype(values.dtype.newbyteorder(">"), copy=False).view(np.uint8).reshape(shape)
    return np.ascontiguousarray(np.moveaxis(parts, 2, 0))


def _roughness(planes: Array) -> int:
    """Return how much neighbours differ, either way."""
    differences = planes[:, :, 1:] - planes[:, :, :-1]
    return int(np.minimum(differences, -differences).sum(dtype=np.int64))


def _smallest_dtype(values: Array, exact: bool) -> tuple[np.dtype[Any], bool]:
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

    return _holds_for_blocks(same, values)


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

    if not _holds_for_blocks(held, values):
        return False
    known = extent(values)
    if known.low is None or known.high is None:
        return True
    largest = max(abs(known.low), abs(known.high))
    return bool(largest * _ROUNDING <= (known.high / 2 - known.low / 2) * 2 * _ROUGHEST)


def _holds_for_blocks(check: Callable[[Array, Array], bool], values: Array) -> bool:
    """Return whether a check of each block and its float32 holds everywhere."""
    flat = values.reshape(-1)

    def checked(indices: Any) -> bool:
        with np.errstate(all="ignore"):
            return all(check(flat[index], flat[index].astype(np.float32)) for index in indices)

    return all(for_blocks(checked, flat.shape))
