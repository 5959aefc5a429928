"""How many rows and columns a coded picture says that it has, read from its head alone.

Sources: ITU-T T.81 (JPEG), ITU-T T.800 (JPEG 2000), RFC 9649 (WebP), the PNG specification.
"""

from __future__ import annotations

import math
import struct

_JPEG = frozenset({6, 7, 33007, 34892})
_JPEG_2000 = frozenset({33003, 33004, 33005, 34712})
_WEBP = frozenset({34927, 50001})
_PNG = 34933
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # marks without a length
_FEW = 1 << 20  # pixels that may be decoded for any tile
_BOX = b"\0\0\0\x0cjP  "


def check_coded(data: bytes, compression: int, size: tuple[int, int]) -> None:
    """Raise ValueError where a tile or strip holds a picture far larger than it is."""
    coded = coded_size(compression, data)
    if coded is not None and math.prod(coded) > max(_FEW, 4 * math.prod(size)):
        raise ValueError(
            f"a tile or strip must have {size[0]} x {size[1]} pixels, but one has "
            f"{coded[0]} x {coded[1]}"
        )


def coded_size(compression: int, data: bytes) -> tuple[int, int] | None:
    """Return rows and columns of a tile of a TIFF; None where it does not say, or is damaged."""
    try:
        if compression in _JPEG:
            return _of_jpeg(data)
        if compression in _JPEG_2000:
            return _of_jpeg_2000(data)
        if compression in _WEBP:
            return _of_webp(data)
        if compression == _PNG:
            return _two(">II", data, 16)[::-1]
    except (struct.error, IndexError):
        pass
    return None


def _of_jpeg(data: bytes) -> tuple[int, int] | None:
    offset = 2
    while True:
        offset = data.find(b"\xff", offset)
        if offset < 0:
            return None
        while data[offset] == 0xFF:
            offset += 1
        mark = data[offset]
        if mark in _FRAMES:
            return _two(">HH", data, offset + 4)
        if mark == 0 or mark in _ALONE:
            offset += 1
        else:
            offset += 1 + int(struct.unpack_from(">H", data, offset + 1)[0])


def _of_jpeg_2000(data: bytes) -> tuple[int, int] | None:
    offset = 0
    if data.startswith(_BOX):
        while data[offset + 4 : offset + 8] != b"jp2c":
            length, head = int(struct.unpack_from(">I", data, offset)[0]), 8
            if length == 1:
                length, head = int(struct.unpack_from(">Q", data, offset + 8)[0]), 16
            if length < head or offset + length >= len(data):
                return None
            offset += length
        offset += 16 if data[offset : offset + 4] == b"\0\0\0\1" else 8
    if data[offset : offset + 4] != b"\xff\x4f\xff\x51":
        return None
    wide, high, left, top = struct.unpack_from(">IIII", data, offset + 8)
    return high - top, wide - left


def _of_webp(data: bytes) -> tuple[int, int] | None:
    offset = 12 if data.startswith(b"RIFF") else 0
    kind = data[offset : offset + 4]
    if kind == b"VP8X":
        wide = int(struct.unpack_from("<I", data, offset + 12)[0]) & 0xFFFFFF
        high = int(struct.unpack_from("<I", data, offset + 14)[0]) >> 8
        return high + 1, wide + 1
    if kind in (b"VP8 ", b"VP8L"):
        offset += 8
    if data[offset] == 0x2F:
        bits = int(struct.unpack_from("<I", data, offset + 1)[0])
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1
    wide, high = struct.unpack_from("<HH", data, offset + 6)
    return high & 0x3FFF, wide & 0x3FFF


def _two(form: str, data: bytes, offset: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, data, offset)
    return first, second
