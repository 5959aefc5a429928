"""The samples of an image in a FITS file, any part of them at a time.

Values are unsigned, or bytes with a sign, where the header shifts them so; scaled ones, and those
that are missing, are left to `nbimage.arrays.decoding`.
"""

from __future__ import annotations

import io
import os
import threading
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.optional_imports import import_astropy_fits
from nbimage.base.text import explain_damage
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.grid import Grid
from nbimage.pyramid.remote.remote_array import find_block
from nbimage.pyramid.sources.unpacked import PlainFile

_DTYPES = {8: "u1", 16: "i2", 32: "i4", 64: "i8", -32: "f4", -64: "f8"}
_AT_ONCE = 1 << 19  # samples of compressed tiles that are decoded together
_CACHE_BYTES = 1 << 27
_BAND = 256  # rows of them


class SampleKind(NamedTuple):
    """How the numbers in a file become samples."""

    stored: np.dtype[Any]
    dtype: np.dtype[Any]
    shifted: bool
    """Half of the range is added: integers of the other kind, signed or unsigned."""
    scale: float = 1.0
    offset: float = 0.0
    blank: Any = None
    """The sample that stands for a missing value."""


def find_kind(header: Any) -> SampleKind:
    """Return how the numbers that a header is of become samples."""
    bits = int(header["BITPIX"])
    stored = np.dtype(_DTYPES[bits])
    scale, offset = header.get("BSCALE", 1), header.get("BZERO", 0)
    half = -128 if bits == 8 else 1 << (bits - 1 if bits > 0 else 0)
    shifted = bits > 0 and scale == 1 and offset == half
    other = "i" if stored.kind == "u" else "u"
    dtype = np.dtype(f"{other}{stored.itemsize}") if shifted else stored
    if shifted:
        scale, offset = 1, 0
    blank = header.get("BLANK")
    if bits < 0 or not isinstance(blank, (int, np.integer)):
        blank = None
    else:
        info = np.iinfo(stored)
        known = info.min <= blank <= info.max
        blank = shift(np.array([blank], stored), dtype)[0] if known else None
        blank = blank if not known or shifted else dtype.type(header["BLANK"])
    return SampleKind(stored, dtype, shifted, float(scale), float(offset), blank)


def shift(samples: Array, dtype: np.dtype[Any]) -> Array:
    """Return integers with half of their range added, which are those of a dtype then."""
    bits = samples.view(f"u{samples.dtype.itemsize}")
    half = bits.dtype.type(1 << 8 * bits.dtype.itemsize - 1)
    return np.asarray((bits ^ half).view(dtype))


class MappedSamples:
    """Samples as they lie in the file, mapped into memory when they are first read."""

    def __init__(self, file: PlainFile, offset: int, shape: tuple[int, ...], kind: SampleKind):
        self.shape, self.dtype = shape, kind.dtype
        self._asked = file, offset, shape, kind
        if file.is_remote:
            self.chunks = find_block(shape, kind.stored.itemsize)
        self._array: Any = None

    def __getitem__(self, where: Any) -> Array:
        file, offset, shape, kind = self._asked
        if self._array is None:
            swapped = kind.stored.newbyteorder(">")
            self._array = file.map(swapped, offset, shape)
        part = np.asarray(self._array[where]).astype(kind.stored)
        return shift(part, kind.dtype) if kind.shifted else part

    def __reduce__(self) -> Any:
        return MappedSamples, self._asked


class CompressedSamples:
    """Samples in compressed tiles, of which those are decoded that a part is in."""

    def __init__(
        self,
        file: PlainFile,
        number: int,
        shape: tuple[int, ...],
        tile: tuple[int, ...],
        kind: SampleKind,
    ) -> None:
        self.shape, self.dtype = shape, kind.dtype
        self._asked = file, number, shape, tile, kind
        self._opened: Any = None
        self.chunks = _join_tiles(shape, tile)
        self._blocks = BlockCache(_CACHE_BYTES)
        self._renew()
        call_in_child(self._renew)

    def _renew(self) -> None:
        """Open the file anew: another process shares where it is read."""
        if self._opened is not None:
            abandon(self._opened)
        self._opened, self._lock = None, threading.Lock()

    def __getitem__(self, where: Any) -> Array:
        index = where if isinstance(where, tuple) else (where,)
        sides = (
            [
                one.indices(n)
                for one, n in zip(index[-2:], self.shape[-2:], strict=True)
                if isinstance(one, slice)
            ]
            if len(index) == len(self.shape)
            else []
        )
        lead = index[:-2]
        if len(sides) != 2 or any(isinstance(one, slice) for one in lead):
            return self._decode(where)
        (top, bottom, down), (left, right, across) = sides
        if (down, across) != (1, 1) or bottom <= top or right <= left:
            return self._decode(where)
        block = self.chunks[-2], self.chunks[-1]
        grid = Grid((self.shape[-2], self.shape[-1]), block)

        def read_block(row: int, column: int) -> Array:
            return self._decode((*lead, *grid.box(row, column).slices))

        return self._blocks.assemble((lead,), Box(top, bottom, left, right), block, read_block)

    def _decode(self, where: Any) -> Array:
        file, number, _, _, kind = self._asked
        with self._lock:
            try:
                if self._opened is None:
                    self._opened = open_file(file)
                part = np.asarray(self._opened[number].section[where])
            except Exception as error:  # each way of compression has its own
                raise ValueError(
                    f"{file.path} must be a whole FITS file: {explain_damage(error)}"
                ) from error
        part = part.astype(kind.stored, copy=False)
        return shift(part, kind.dtype) if kind.shifted else part

    def __reduce__(self) -> Any:
        return CompressedSamples, self._asked


def open_file(file: PlainFile) -> Any:
    """Open a file with astropy, nothing scaled."""
    fits, opened = import_astropy_fits(), file.open() if file.is_remote else _EndedFile(file.plain)
    try:
        return fits.open(opened, "readonly", memmap=False, do_not_scale_image_data=True)
    except BaseException:
        opened.close()
        raise


class _EndedFile(io.FileIO):
    """A file without positions beyond its end, of which astropy would warn the whole process."""

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a position, at most to the end."""
        position, end = super().seek(offset, whence), os.fstat(self.fileno()).st_size
        return position if position <= end else super().seek(end)


def _join_tiles(shape: tuple[int, ...], tile: tuple[int, ...]) -> tuple[int, ...]:
    """Return what is decoded together: thin tiles, such as of one row, become bands."""
    high, wide = tile[-2], min(tile[-1], shape[-1])
    times = max(1, min(_BAND // high, _AT_ONCE // max(1, high * wide)))
    return (*tile[:-2], min(shape[-2], high * times), wide)
