"""What the boxes of a JPEG 2000 file say of the colors of its samples.

Source: ITU-T T.800, annex I.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.base.chunked import Array

JPEG_2000_HEADS = (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
"""How a file in boxes begins, and a bare codestream."""
_MOST_BOXES = 1000
_LARGEST_HEADER = 1 << 26
_SRGB, _GRAY = 16, 17
_GEOJP2 = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Where the codestream lies, and what its samples are."""

    start: int
    color_space: int | None = None
    """The number of the color space; None: not said, or by a profile."""
    profile: bytes = b""
    palette: Array | None = None
    """The colors of indices, ``(N, C)``."""
    palette_bits: int = 8
    premultiplied: bool = False
    geotiff: bytes = b""
    """A TIFF of one pixel that says where the picture lies (GeoJP2)."""

    @property
    def plain(self) -> bool:
        """Whether colors are gray or RGB, or not said."""
        return self.color_space in (None, _SRGB, _GRAY)


def read_boxes(file: Any) -> Boxes:
    """Return what the boxes of a file say. Raises ValueError where it has no codestream."""
    file.seek(0)
    if file.read(4) == JPEG_2000_HEADS[1]:
        return Boxes(0)
    header: dict[bytes, bytes] = {}
    offset, geotiff = 0, b""
    for _ in range(_MOST_BOXES):
        file.seek(offset)
        kind, skipped, length = _box(file.read(16))
        if kind == b"jp2c":
            return replace(_describe(header, offset + skipped), geotiff=geotiff)
        if kind == b"jp2h":
            file.seek(offset + skipped)
            data = file.read(min(length - skipped, _LARGEST_HEADER))
            header = dict(reversed(list(_parts(data))))  # of several the first one counts
        if kind == b"uuid" and skipped + 16 <= length <= _LARGEST_HEADER:
            file.seek(offset + skipped)
            data = file.read(length - skipped)
            geotiff = data[16:] if data[:16] == _GEOJP2 else geotiff
        if length == 0:
            break
        offset += length
    raise ValueError("it has no codestream")


def _box(head: bytes) -> tuple[bytes, int, int]:
    """Return the kind of a box, the length of its head, and its own; 0: to the file's end."""
    if len(head) < 8:
        raise ValueError("it ends in its boxes")
    length, kind = struct.unpack_from(">I4s", head)
    skipped = 8
    if length == 1:
        if len(head) < 16:
            raise ValueError("it ends in its boxes")
        (length,) = struct.unpack_from(">Q", head, 8)
        skipped = 16
    if length and length < skipped:
        raise ValueError(f"a box is said to be {length} bytes long")
    return kind, skipped, length


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset + 8 <= len(data):
        kind, skipped, length = _box(data[offset : offset + 16])
        end = offset + length if length else len(data)
        yield kind, data[offset + skipped : end]
        offset = end


def _describe(header: dict[bytes, bytes], start: int) -> Boxes:
    color, space, profile = header.get(b"colr", b""), None, b""
    if len(color) >= 7 and color[0] == 1:
        (space,) = struct.unpack_from(">I", color, 3)
    elif color[:1] in (b"\2", b"\3"):
        profile = color[3:]
    palette, bits = None, 8
    if b"pclr" in header:
        palette, bits = _read_palette(header[b"pclr"], header.get(b"cmap", b""))
    channels = header.get(b"cdef", b"\0\0")
    kinds = [struct.unpack_from(">HHH", channels, at)[1] for at in range(2, len(channels) - 5, 6)]
    return Boxes(start, space, profile, palette, bits, premultiplied=2 in kinds)


def _read_palette(data: bytes, columns: bytes) -> tuple[Array, int]:
    count, wide = struct.unpack_from(">HB", data)
    depths = [1 + (one & 127) for one in data[3 : 3 + wide]]
    if not depths or max(depths) > 16 or any(one & 128 for one in data[3 : 3 + wide]):
        raise ValueError("its palette is of more than 16 bits, or signed")
    identity = [(0, 1, column) for column in range(wide)]
    found = [struct.unpack_from(">HBB", columns, at) for at in range(0, len(columns) - 3, 4)]
    if (found and found != identity) or len(set(depths)) > 1:
        raise ValueError("its palette is of other bits for each color, or of several indices")
    dtype = np.dtype(np.uint8 if depths[0] <= 8 else ">u2")
    colors = np.frombuffer(data, dtype, count * wide, 3 + wide).reshape(count, wide)
    return colors.astype(dtype.newbyteorder("=")), depths[0]
