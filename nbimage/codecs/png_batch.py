"""Encode many small PNGs of one shape at once: shared work is done once.

Each is what `encode_png` makes, but that its codings are found for all of a batch.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from nbimage.base.chunked import Array, share_out
from nbimage.base.text import encode_base64
from nbimage.codecs.packing.codings import FAST, Coding, find_codings_of_many
from nbimage.codecs.packing.deflate import adler32
from nbimage.codecs.packing.filters import FILTERS, filter_rows
from nbimage.codecs.png import COLOR_TYPES, INDEXED, SIGNATURE, make_chunk
from nbimage.codecs.stored_picture import StoredPicture
from nbimage.mapping.pixels import Pixels

_BATCH = 64  # pictures: enough to share what they have in common, few enough to be shared out
_AT_ONCE = 16  # of them: few enough to stay in the cache
_SMALL = 1 << 17  # bytes of a picture up to which many are encoded at once
_BY_BYTES = 16  # an index from which on an indexed picture has a byte a pixel
_FEW_PIXELS = 1 << 12  # which may have few of the colors between the first and the last
_URI = "data:image/png;base64,"


def encode_batch(
    stack: Array,
    compression: int = FAST,
    *,
    step: int = 1,
    palette: Array | None = None,
    tries: int = 1,
) -> list[bytes]:
    """Encode pictures, uint8 ``(N, H, W · step)``, as PNG.

    ``stack[:, 0]`` must be zeros, and is no part of the pictures: it is the row that a PNG's
    filters suppose above the first one, so that they run over all pictures as over one. ``step``
    is how many bytes a pixel has; with an opaque ``palette`` ``(N, 4)`` they are its indices, and
    are changed here.
    With two ``tries`` each takes the better of two codings, in half as much time again.
    """
    count, height, width = stack.shape
    color_type = COLOR_TYPES[step] if palette is None else INDEXED
    header = struct.pack(">IIBBBBB", width // step, height - 1, 8, color_type, 0, 0, 0)
    head = b"".join([SIGNATURE, *make_chunk(b"IHDR", header), *make_chunk(b"sRGB", b"\0")])
    end = make_chunk(b"IEND", b"")
    heads = [head] * count
    if palette is not None:
        tables = [make_chunk(b"PLTE", colors) for colors in _take_colors(stack[:, 1:], palette)]
        heads = [b"".join((head, *table)) for table in tables]
    codings = None
    encoded: list[bytes] = []
    for start in range(0, count, _AT_ONCE):
        part = stack[start : start + _AT_ONCE]
        rows = part.reshape(-1, width)
        if codings is None:
            codings = find_codings_of_many(rows, step, FILTERS, compression, tries)
        bodies = _deflate_each(part, rows, step, codings)
        for own, (body, total) in zip(heads[start:], bodies, strict=False):
            data = make_chunk(b"IDAT", b"\x78\x01", body, struct.pack(">I", total))
            encoded.append(b"".join([own, *data, *end]))
    return encoded


def _take_colors(pictures: Array, palette: Array) -> list[bytes]:
    """Return the colors that each picture needs of a palette, and number its pixels by them.

    Of large ones, which have most of them, those from the first to the last. Equal neighbours
    stay equal, and near ones near.
    """
    if pictures[0].size > _FEW_PIXELS:
        lows, tops = pictures.min(axis=(1, 2)), pictures.max(axis=(1, 2)).tolist()
        pictures -= lows[:, None, None]
        ends = zip(lows.tolist(), tops, strict=True)
        return [palette[low : top + 1, :3].tobytes() for low, top in ends]
    found = []
    for picture in pictures:
        used = np.zeros(256, bool)
        used[picture] = True
        picture[...] = (np.cumsum(used) - 1).astype(np.uint8)[picture]
        found.append(palette[np.flatnonzero(used), :3].tobytes())
    return found


def _deflate_each(
    part: Array, rows: Array, step: int, codings: Sequence[Coding]
) -> list[tuple[bytes, int]]:
    """Return each picture by the coding that makes it smallest, and the sum of its bytes."""
    found: list[tuple[bytes, int]] = [(b"", 1)] * len(part)
    filtered = np.empty((len(rows), rows.shape[1] + 1), np.uint8)
    kind = None
    for coding in codings:
        if coding.filter != kind:
            kind = coding.filter
            filter_rows(kind, rows, 0, len(rows), step, filtered)
        for number, raw in enumerate(filtered.reshape(len(part), -1)[:, filtered.shape[1] :]):
            body, best = coding.deflate(raw), found[number][0]
            if not best or len(body) < len(best):
                found[number] = body, adler32(raw)
    return found


class _Kind(NamedTuple):
    """What small, plain pictures must have in common to be encoded together."""

    shape: tuple[int, ...]
    compression: int
    palette: bytes


def split_evenly(numbers: Sequence[int]) -> list[list[int]]:
    """Return pictures that are alike in parts to be encoded at once, of about one size."""
    count = -(-len(numbers) // _BATCH)
    ends = [len(numbers) * part // max(1, count) for part in range(count + 1)]
    return [list(numbers[start:stop]) for start, stop in itertools.pairwise(ends)]


def write_uris(pictures: Sequence[StoredPicture]) -> list[str]:
    """Return the data URIs of pictures, as a page has them; small ones of a kind share the work.

    They have the same pixels as each by itself; of one alone they are the same bytes.
    """
    groups: dict[_Kind, list[int]] = {}
    uris = [""] * len(pictures)
    for number, picture in enumerate(pictures):
        kind = _find_kind(picture)
        if kind is None:  # a large one is shared out itself
            uris[number] = picture.data_uri
        else:
            groups.setdefault(kind, []).append(number)
    batches = []
    for kind, numbers in groups.items():
        if len(numbers) == 1:
            uris[numbers[0]] = pictures[numbers[0]].data_uri
        else:
            batches += [(kind, part) for part in split_evenly(numbers)]

    def work(shares: Sequence[tuple[_Kind, list[int]]]) -> None:
        for kind, numbers in shares:
            pixels = [pictures[number].pixels for number in numbers]
            for number, data in zip(numbers, _encode_alike(pixels, kind.compression), strict=True):
                uris[number] = encode_base64(data, _URI)

    share_out(work, batches)
    return uris


def _find_kind(picture: StoredPicture) -> _Kind | None:
    """Return the kind of a small, plain picture; None of another."""
    pixels, compression = picture.pixels, picture.plain_compression
    array, palette = pixels.array, pixels.palette
    if compression is None or array.nbytes > _SMALL or array.ndim > 3:
        return None
    if pixels.mask is not None or pixels.marks or pixels.bilevel:
        return None
    if palette is None:
        return _Kind(array.shape, compression, b"")
    if array.ndim > 2 or array.max() < _BY_BYTES or (palette[:, 3] < 255).any():
        return None
    return _Kind(array.shape, compression, palette.tobytes())


def _encode_alike(pictures: Sequence[Pixels], compression: int) -> list[bytes]:
    height, *rest = pictures[0].array.shape
    step = rest[1] if len(rest) > 1 else 1
    stack = np.zeros((len(pictures), height + 1, rest[0] * step), np.uint8)
    for row, pixels in zip(stack, pictures, strict=True):
        row[1:] = pixels.array.reshape(height, -1)
    return encode_batch(stack, compression, step=step, palette=pictures[0].palette, tries=2)
