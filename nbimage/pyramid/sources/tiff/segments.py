"""The tiles or strips of a TIFF's pages: how large, where they lie, their bytes and samples."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.forks import PositionedFile
from nbimage.base.text import one_line
from nbimage.pyramid.sources.codestream_size import check_coded
from nbimage.pyramid.sources.pillow_image import TooLargeError
from nbimage.pyramid.sources.tiff.colors import YCBCR, find_subsampling, join_subsampled
from nbimage.pyramid.sources.tiff.metadata import OtherColorsError, has_other_colors

_LARGEST = 1 << 30  # bytes of one tile or strip
_LARGEST_STRIP = 1 << 36  # bytes of one that libvips is asked to read
_JPEG = frozenset({6, 7, 33007, 34892})


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the tiles or strips of one page lie in the file."""

    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    tables: Any
    """JPEG's own, for all tiles of a page."""
    path: str
    """Of the file, which may be another one than that which was opened."""
    file: PositionedFile | None
    """None: it is not open."""

    def contiguous_start(self) -> int | None:
        """Return where the page begins, if its strips follow one another."""
        ends = [offset + count for offset, count in zip(self.offsets, self.counts, strict=True)]
        whole = bool(ends) and min(self.counts) > 0 and ends[:-1] == list(self.offsets[1:])
        return self.offsets[0] if whole else None

    def read(self, segment: int) -> bytes:
        """Return the bytes of a tile or strip."""
        start, count = self.offsets[segment], self.counts[segment]
        if self.file is not None:
            data = self.file.read_range(start, count)
        else:
            with PositionedFile(self.path) as file:
                data = file.read_range(start, count)
        if len(data) < self.counts[segment]:
            raise ValueError("the file ends early")
        return data


def find_segments(page: Any, opened: Any, file: Any) -> Segments:
    """Return where a page's tiles lie: in ``file``, which tifffile has as ``opened``, or another.

    Raises ValueError where the page contradicts itself.
    """
    offsets, counts = tuple(page.dataoffsets), tuple(page.databytecounts)
    if len(offsets) != len(counts):
        raise ValueError(f"it has {len(offsets)} offsets, but {len(counts)} lengths of tiles")
    handle = page.parent.filehandle
    own = file if handle is opened and isinstance(file, PositionedFile) else None
    return Segments(offsets, counts, page.jpegtables, handle.path, own)


def segment_size(keyframe: Any) -> tuple[int, int]:
    """Return rows and columns of a page's tiles or strips."""
    if keyframe.is_tiled:
        return int(keyframe.tilelength), int(keyframe.tilewidth)
    rows = int(keyframe.rowsperstrip)
    return max(1, min(rows, keyframe.imagelength)), int(keyframe.imagewidth)


def segment_number(keyframe: Any, sample: int, row: int, column: int) -> int:
    """Return the number of a tile or strip in its page; planes of samples follow one another."""
    high, wide = segment_size(keyframe)
    down, across = -(-int(keyframe.imagelength) // high), -(-int(keyframe.imagewidth) // wide)
    return (sample * down + row) * across + column


def _check_not_empty(keyframe: Any, name: str) -> tuple[int, int]:
    """Return rows and columns of a tile or a strip. Raises ValueError where there are none."""
    high, wide = segment_size(keyframe)
    if min(high, wide) < 1 or not (keyframe.is_tiled or keyframe.rowsperstrip):
        raise ValueError(
            f"{name} must have tiles or strips of at least one row and column, but has some of none"
        )
    return high, wide


def check_segments(keyframe: Any, name: str, *, whole: bool) -> None:
    """Raise ValueError for tiles or strips that no file can hold, or that no memory should.

    ``whole``: the page is the whole image, which libvips may read then: TooLargeError.
    """
    high, wide = _check_not_empty(keyframe, name)
    samples = keyframe.samplesperpixel if keyframe.planarconfig == 1 else 1
    size = high * wide * samples * keyframe.dtype.itemsize
    if keyframe.is_final:
        _check_end(keyframe, name)
        return
    if size <= _LARGEST:
        return
    # libvips reads strips row by row, but ends the process where memory is short
    readable = whole and not keyframe.is_tiled and size <= _LARGEST_STRIP
    raise (TooLargeError if readable else ValueError)(
        f"{name} must have tiles or strips of at most 1 GiB, but has some of {high} x {wide} pixels"
    )


def _check_end(keyframe: Any, name: str) -> None:
    """Raise ValueError for a page that lies in one piece, whose file ends before it does."""
    counts, size = keyframe.databytecounts, keyframe.parent.filehandle.size
    if not counts or min(counts) < 1 or not keyframe.is_contiguous:
        return
    end = keyframe.dataoffsets[0] + keyframe.nbytes
    if end > size:
        raise ValueError(f"{name} must be a whole TIFF of {end} bytes, but ends at byte {size}")


def decode_segment(keyframe: Any, segments: Segments, segment: int, data: bytes, row: int) -> Array:
    """Return a tile or strip of a row of such as ``(H, W, s)``, cut off at the image's end."""
    high, wide = segment_size(keyframe)
    check_coded(data, keyframe.compression, (high, wide))
    if is_subsampled(keyframe):
        shape = high, wide
        if not keyframe.is_tiled:
            shape = min(high, keyframe.imagelength - row * high), wide
        decompress = optional.import_tifffile().TIFF.DECOMPRESSORS[keyframe.compression]
        plain = data if keyframe.compression == 1 else decompress(data)
        return join_subsampled(plain, shape, find_subsampling(keyframe))
    options = {}
    if keyframe.compression in _JPEG:
        options = {"jpegtables": segments.tables, "jpegheader": keyframe.jpegheader}
    decoded, _, shape = keyframe.decode(data, segment, **options)
    if keyframe.dtype == bool and decoded.dtype == np.uint8:  # of facsimiles
        decoded = decoded.astype(bool)
    if decoded.dtype.newbyteorder("=") != np.dtype(keyframe.dtype).newbyteorder("="):
        raise ValueError(f"a tile or strip must be of {keyframe.dtype}, but is of {decoded.dtype}")
    if keyframe.bitspersample == 24 and decoded.dtype.kind == "u" and _swaps_24_bits(decoded.dtype):
        decoded = decoded.byteswap()
    if keyframe.predictor == 2 and _has_spare_bits(keyframe):  # sums have wrapped around
        decoded = decoded & decoded.dtype.type((1 << keyframe.bitspersample) - 1)
    part: Array = decoded[0, : shape[1], : shape[2]][: keyframe.imagelength - row * high]
    return part if part.size == decoded.size else np.array(part)  # nothing larger is kept for it


def is_subsampled(keyframe: Any) -> bool:
    """Say whether tiles and strips have fewer color differences than pixels, once unpacked."""
    few = find_subsampling(keyframe) != (1, 1) and has_other_colors(keyframe)
    return bool(few and keyframe.photometric == YCBCR and keyframe.planarconfig == 1)


def check_decoder(keyframe: Any, name: str) -> None:
    """Raise ValueError for tiles or strips that nothing here decodes."""
    if is_subsampled(keyframe):
        if keyframe.predictor == 1 and keyframe.bitspersample == 8 == 8 * keyframe.dtype.itemsize:
            known = optional.import_tifffile().TIFF.DECOMPRESSORS
            if keyframe.compression == 1 or keyframe.compression in known:
                return
        raise ValueError(f"{name} must be of colors for each pixel, or of bytes: convert it first")
    _check_not_empty(keyframe, name)  # tifffile divides by them
    if not keyframe.decode.__name__.startswith("decode_raise"):
        return
    try:
        keyframe.decode(b"", 0)
    except (ValueError, NotImplementedError) as error:
        other = OtherColorsError if find_spec("imagecodecs") is None else ValueError
        raise other(  # of the first Pillow is asked too
            f"{name} must have tiles or strips that imagecodecs decodes: {one_line(error)}: "
            "convert it first"
        ) from error


def _has_spare_bits(keyframe: Any) -> bool:
    bits = keyframe.bitspersample
    return (
        isinstance(bits, int) and keyframe.dtype.kind == "u" and bits < 8 * keyframe.dtype.itemsize
    )


@functools.cache
def _swaps_24_bits(dtype: np.dtype[Any]) -> bool:
    """Return whether imagecodecs unpacks integers of 24 bits in the wrong order, as up to 2025."""
    one = optional.import_imagecodecs("TIFF of 24 bits").packints_decode(
        b"\0\0\1", dtype, 24, runlen=1
    )
    return int(one[0]) != 1


def make_empty(keyframe: Any, row: int, column: int) -> Array:
    """Return a tile or strip that the file leaves out."""
    high, wide = segment_size(keyframe)
    shape = (
        min(high, keyframe.imagelength - row * high),
        min(wide, keyframe.imagewidth - column * wide),
        keyframe.samplesperpixel if keyframe.planarconfig == 1 else 1,
    )
    return np.full(shape, keyframe.nodata, keyframe.dtype)
