"""Picture files of kinds that Pillow does not write, and color profiles."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def make_png(
    array: Array,
    bits: int = 8,
    *,
    key: Sequence[int] | None = None,
    palette: Array | None = None,
    palette_alpha: Sequence[int] | None = None,
    profile: bytes | None = None,
) -> bytes:
    """Return a PNG file of ``(H, W)`` or ``(H, W, 2|3|4)`` samples, with a transparent key."""
    rows, columns = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    kind = 3 if palette is not None else {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    data = _SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, bits, kind, 0, 0, 0))
    if profile is not None:
        data += chunk(b"iCCP", b"a\0\0" + zlib.compress(profile))
    if palette is not None:
        data += chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    if palette_alpha is not None:
        data += chunk(b"tRNS", bytes(palette_alpha))
    if key is not None:
        data += chunk(b"tRNS", struct.pack(f">{len(key)}H", *key))
    if bits == 16:
        lines = [row.astype(">u2").tobytes() for row in array]
    elif bits == 8:
        lines = [row.astype(np.uint8).tobytes() for row in array]
    else:
        shifts = np.arange(bits - 1, -1, -1)
        lines = [
            np.packbits((row[:, None] >> shifts & 1).astype(np.uint8)).tobytes() for row in array
        ]
    packed = zlib.compress(b"".join(b"\0" + line for line in lines))
    return data + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


# Color profiles of version 2: three primaries and a curve, or one gray curve

_WHITE_D50 = 0.9642, 1.0, 0.8249
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
PRIMARIES = {
    "sRGB": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "Display P3": ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06)),
    "Adobe RGB (1998)": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
}
_D65 = 0.3127, 0.3290


def rgb_to_xyz(name: str) -> Array:
    """Return the matrix from linear colors of a space to XYZ as D50 has it."""
    corners = np.array([[x / y, 1, (1 - x - y) / y] for x, y in PRIMARIES[name]]).T
    white = np.array([_D65[0] / _D65[1], 1, (1 - sum(_D65)) / _D65[1]])
    matrix = corners * np.linalg.solve(corners, white)
    cones = np.array(_BRADFORD @ np.array(_WHITE_D50) / (_BRADFORD @ white))
    adapted: Array = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ matrix
    return adapted


def make_profile(name: str, *, space: str = "Display P3", gamma: float | None = None) -> bytes:
    """Return a profile of a space of colors, or of gray; without a gamma it has sRGB's curve."""
    if gamma is None:
        curve = np.linspace(0, 1, 1024)
        linear = np.where(curve <= 0.04045, curve / 12.92, ((curve + 0.055) / 1.055) ** 2.4)
        points = np.round(linear * 65535).astype(">u2")
        trc = b"curv\0\0\0\0" + struct.pack(">I", len(points)) + points.tobytes()
    else:
        trc = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = name.encode("ascii") + b"\0"
    desc = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 78
    tags = {b"desc": desc, b"wtpt": _xyz(_WHITE_D50), b"cprt": b"text\0\0\0\0none\0"}
    if space == "gray":
        tags[b"kTRC"] = trc
    else:
        for letter, column in zip(b"rgb", rgb_to_xyz(space).T, strict=True):
            tags[bytes([letter]) + b"XYZ"] = _xyz(column)
            tags[bytes([letter]) + b"TRC"] = trc
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for tag, data in tags.items():
        table += tag + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    kind = b"GRAY" if space == "gray" else b"RGB "
    head = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"\0\0\0\0", 0x02400000, b"mntr", kind, b"XYZ "
    )
    head += b"\0" * 12 + b"acsp" + b"\0" * 28 + _s15(*_WHITE_D50)
    return head.ljust(128, b"\0") + table + body


def _s15(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def _xyz(numbers: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + _s15(*numbers)


def to_srgb(colors: Array, space: str) -> Array:
    """Return uint8 colors of a space with sRGB's curve in sRGB, cut to its range."""
    x = colors / 255
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    other = linear @ (np.linalg.inv(rgb_to_xyz("sRGB")) @ rgb_to_xyz(space)).T
    other = np.clip(other, 0, 1)
    curved = np.where(other <= 0.0031308, other * 12.92, 1.055 * other ** (1 / 2.4) - 0.055)
    return np.round(curved * 255).astype(np.uint8)


def make_netpbm(array: Array, largest: int, *, plain: bool = False) -> bytes:
    """Return a PGM of ``(H, W)`` or a PPM of ``(H, W, 3)`` samples."""
    kind = (2 if array.ndim == 2 else 3) + (0 if plain else 3)
    head = f"P{kind}\n# made here\n{array.shape[1]} {array.shape[0]}\n{largest}\n".encode()
    if plain:
        return head + b" ".join(b"%d" % sample for sample in array.ravel()) + b"\n"
    return head + array.astype(">u2" if largest > 255 else np.uint8).tobytes()
