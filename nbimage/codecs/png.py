"""Encode PNG fast: bands of rows are filtered in NumPy and deflated side by side on threads.

Each band takes the coding under which a few of its rows take the fewest bytes (`packing`), is
compressed as a raw deflate stream of its own and goes into an IDAT chunk of its own; the streams
join to one zlib stream, whose Adler-32 sum is combined from the bands'.

Source: PNG specification, third edition, W3C 2025; RFC 1950, 1951.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from nbimage.base.chunked import Array, share_out
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.codecs.packing.codings import FAST, find_codings, pack_little
from nbimage.codecs.packing.deflate import adler32, adler32_combine, crc32
from nbimage.codecs.packing.filters import FILTERS, filter_rows
from nbimage.mapping.pixels import used_values

SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
INDEXED = 3
_BAND = 1 << 19  # bytes of a band: long enough for deflate, short enough to share out
_SHORTEST = 1 << 17  # of those of pictures that would be one or two
_LARGEST = 2**31 - 1


def encode_png(
    array: Array,
    *,
    mask: Array | None = None,
    palette: Array | None = None,
    bilevel: bool = False,
    compression: int = FAST,
    pixel_size: float | None = None,
    filtered: bool = True,
) -> bytes:
    """Encode pixels as PNG.

    Parameters
    ----------
    array : uint8 array
        ``(H, W)`` gray, or indices where there is a palette; ``(H, W, 2)`` gray and alpha;
        ``(H, W, 3)`` RGB; ``(H, W, 4)`` RGBA. Any strides.
    mask : bool array ``(H, W)``, optional
        True where a gray pixel is to be transparent. Only where one of the 256 values is free;
        `find_free_value` tells.
    palette : uint8 array ``(N, 3|4)``, optional
        The colors, N up to 256: the picture is stored as indices.
    bilevel : bool
        All gray pixels are 0 or 255: stored with one bit each.
    compression : int
        0 (stored) to 9 (smallest); 1, the default, is fast, 3 small and still quick.
    pixel_size : float, optional
        Width and height of a pixel in metres, stored as pHYs.
    filtered : bool
        Bytes may be near to those of their neighbours.

    Raises
    ------
    ValueError
        For another shape or dtype, an index outside the palette, or a picture larger than PNG
        can hold (2^31 - 1 pixels a side).
    """
    _check(array)
    compression = check_compression(compression)
    if mask is not None and palette is not None:
        raise ValueError("mask must be left out where there is a palette: use a clear color in it")
    height, width = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    color_type, depth = COLOR_TYPES[channels], 8
    extra = make_chunk(b"sRGB", b"\0")
    if pixel_size is not None:
        per_metre = round(1 / pixel_size)
        if 0 < per_metre <= _LARGEST:
            extra += make_chunk(b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    if palette is not None:
        color_type = INDEXED
        extra += _palette_chunks(array, palette)
        depth = next(bits for bits in (1, 2, 4, 8) if len(palette) <= 1 << bits)
        array = _pack_bits(array, depth)
    elif bilevel and mask is None and channels == 1:
        depth = 1
        array = _pack_bits(array >> 7, 1)
    elif mask is not None:
        free = find_free_value(array, mask)
        if free is None or channels != 1:
            raise ValueError("mask must leave one gray value free, but all 256 are used")
        array = np.where(mask, np.uint8(free), array)
        extra += make_chunk(b"tRNS", struct.pack(">H", free))
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    rows = array.reshape(height, -1)
    step = 1 if depth < 8 or palette is not None else channels
    filters = FILTERS if filtered and depth == 8 else FILTERS[:1]
    data = _encode_rows(rows, step, filters, compression)
    return b"".join(
        [SIGNATURE, *make_chunk(b"IHDR", header), *extra, *data, *make_chunk(b"IEND", b"")]
    )


def find_free_value(array: Array, mask: Array) -> int | None:
    """Return a gray value that no visible pixel has, or None if there is none."""
    used = used_values(array, mask)
    return None if used.all() else int(np.argmin(used))


def _check(array: Array) -> None:
    shape = array.shape
    fits = len(shape) == 2 or (len(shape) == 3 and shape[2] in (2, 3, 4))
    if array.dtype != np.uint8 or not fits or 0 in shape:
        raise ValueError(
            f"pixels must be uint8 of shape (H, W) or (H, W, 2|3|4), but got {array.dtype} {shape}"
        )
    if max(shape[:2]) > _LARGEST:
        raise ValueError(f"a PNG must have at most {_LARGEST} pixels a side, but got {shape}")


def check_compression(compression: object) -> int:
    """Return a whole number from 0 to 9. Raises ValueError for all else."""
    if not 0 <= whole_or_nan(compression) <= 9:
        raise ValueError(f"compression must be a whole number from 0 to 9, but got {compression!r}")
    return as_whole("compression", compression)


def _palette_chunks(array: Array, palette: Array) -> list[bytes]:
    if palette.ndim != 2 or palette.shape[1] not in (3, 4) or not 1 <= len(palette) <= 256:
        raise ValueError(
            f"palette must be (N, 3) or (N, 4) with N from 1 to 256, but got {palette.shape}"
        )
    if palette.dtype != np.uint8:
        raise ValueError(f"palette must be uint8, but got {palette.dtype}")
    if array.ndim != 2 or array.max() >= len(palette):
        raise ValueError(
            f"indices must be (H, W) and below {len(palette)}, but got shape {array.shape} "
            f"with a maximum of {array.max()}"
        )
    palette = np.ascontiguousarray(palette, np.uint8)
    chunks = make_chunk(b"PLTE", palette[:, :3].tobytes())
    opaque = palette.shape[1] == 3 or (palette[:, 3] == 255).all()
    if not opaque:
        last = int(np.flatnonzero(palette[:, 3] != 255)[-1])
        chunks += make_chunk(b"tRNS", palette[: last + 1, 3].tobytes())
    return chunks


def _pack_bits(indices: Array, depth: int) -> Array:
    """Pack (H, W) indices below 2^depth into bytes, the leftmost pixel in the high bits."""
    if depth == 8:
        return indices
    if depth == 1:
        return np.packbits(indices.astype(bool), axis=1)
    per_byte = 8 // depth
    height, width = indices.shape
    padded = np.zeros((height, -(-width // per_byte), per_byte), np.uint8)
    padded.reshape(height, -1)[:, :width] = indices
    shifts = np.arange(8 - depth, -1, -depth, dtype=np.uint8)
    packed: Array = np.bitwise_or.reduce(padded << shifts, axis=2)
    return packed


def _encode_rows(rows: Array, step: int, filters: Sequence[int], compression: int) -> list[bytes]:
    """Return the IDAT chunks, as parts, of rows whose pixels are ``step`` bytes apart."""
    height, width = rows.shape
    count = max(1, min(_BAND, max(_SHORTEST, height * width // 4)) // width)
    bands = list(range(0, height, count))
    done: list[tuple[bytes, int, int]] = [(b"", 1, 0)] * len(bands)
    little = pack_little(rows, step, filters) if compression and len(bands) == 1 else None
    if little is not None:
        body, raw = little
        done = [(body, adler32(raw), raw.size)]

    def work(numbers: Sequence[int]) -> None:
        scratch = np.empty((min(count, height), width + 1), np.uint8)
        for number in numbers:
            start = bands[number]
            stop = min(start + count, height)
            filtered = scratch[: stop - start]
            kind = None
            for coding in find_codings(rows, start, stop, step, filters, compression):
                if coding.filter != kind:
                    kind = coding.filter
                    filter_rows(kind, rows, start, stop, step, filtered)
                raw = filtered.reshape(-1).data
                body = coding.deflate(raw, last=stop == height)
                if not done[number][0] or len(body) < len(done[number][0]):
                    done[number] = body, adler32(raw), raw.nbytes

    if little is None or compression > FAST:  # where more is tried
        share_out(work, list(range(len(bands))))
    total = 1
    for _, checksum, length in done:
        total = adler32_combine(total, checksum, length)
    chunks: list[bytes] = []
    for number, (body, _, _) in enumerate(done):
        head = b"\x78\x01" if number == 0 else b""
        tail = struct.pack(">I", total) if number == len(done) - 1 else b""
        chunks += make_chunk(b"IDAT", head, body, tail)
    return chunks


def make_chunk(name: bytes, *parts: bytes) -> list[bytes]:
    """Return a chunk as parts, for one join at the end."""
    length = sum(len(part) for part in parts)
    checksum = crc32(name)
    for part in parts:
        checksum = crc32(part, checksum)
    return [struct.pack(">I", length), name, *parts, struct.pack(">I", checksum)]
