"""Small files that are, or say that they are, far larger than memory."""

from __future__ import annotations

import functools
import gzip
import io
import json
import struct
import zipfile
import zlib

import numpy as np

from tests.fits_files import make_unit
from tests.picture_files import chunk, make_netpbm, make_png

Bomb = tuple[str, dict[str, bytes], str]
"""What it is, its files, and what is opened."""
_SMALL = np.zeros((4, 4), np.uint8)
_ZEROS = 3 << 30
_SIDES = (60_000, 2**31 - 1)


@functools.cache
def _deflated(size: int, gz: bool = False) -> bytes:
    """Return so many zeros, deflated."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31 if gz else 15)
    block = bytes(1 << 24)
    parts = [packer.compress(block) for _ in range(size >> 24)]
    return b"".join([*parts, packer.flush()])


def _one(name: str, data: bytes, what: str = "") -> Bomb:
    return what or name, {name: data}, name


def _png() -> list[Bomb]:
    found = []
    for side in _SIDES:
        for bits, kind in ((8, 2), (16, 6), (1, 0)):
            head = struct.pack(">IIBBBBB", side, side, bits, kind, 0, 0, 0)
            data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            data += chunk(b"IDAT", _deflated(64 << 20)) + chunk(b"IEND", b"")
            found.append(_one("a.png", data, f"{side} pixels wide, of {bits} bits"))
    plain = make_png(_SMALL)
    for name in (b"iCCP", b"zTXt", b"iTXt"):
        head = b"a\0\0" if name != b"iTXt" else b"a\0\1\0\0\0"
        data = plain[:33] + chunk(name, head + _deflated(1 << 30)) + plain[33:]
        found.append(_one("a.png", data, f"a text of 1 GiB in {name.decode()}"))
    return found


def _tiff() -> list[Bomb]:
    def make(rows: int, columns: int, tile: tuple[int, int] | None, data: bytes, how: int) -> bytes:
        entries = {256: (4, columns), 257: (4, rows), 258: (3, 8), 259: (3, how), 262: (3, 1)}
        entries |= {277: (3, 1)}
        if tile:
            entries |= {322: (4, tile[1]), 323: (4, tile[0]), 324: (4, 8), 325: (4, len(data))}
        else:
            entries |= {273: (4, 8), 278: (4, rows), 279: (4, len(data))}
        table = struct.pack("<H", len(entries))
        for code, (form, value) in sorted(entries.items()):
            table += struct.pack("<HHII", code, form, 1, value)
        start = 8 + len(data) + len(data) % 2
        return b"II*\0" + struct.pack("<I", start) + data.ljust(start - 8, b"\0") + table + bytes(4)

    packed = _deflated(_ZEROS)
    return [
        _one("a.tif", make(256, 256, (256, 256), packed, 8), "a tile of 3 GiB"),
        _one("a.tif", make(256, 256, None, packed, 8), "a strip of 3 GiB"),
        _one("a.tif", make(2**31, 2**31, (256, 256), packed[:100], 8), "2^31 rows, one tile"),
        _one("a.tif", make(2**31, 2**31, None, packed[:100], 8), "2^31 rows, one strip"),
        _one("a.tif", make(2**31, 2**31, None, packed[:100], 1), "2^31 rows, as they are"),
        _one("a.tif", make(60000, 60000, (65536, 65536), packed[:99], 5), "a tile of 2^32 pixels"),
        _one("a.tif", make(60000, 60000, (16, 16), packed[:99], 1), "tiles that are not there"),
    ]


def _npy() -> list[Bomb]:
    head = "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }"
    found = []
    for shape in ("1099511627776, 4", "60000, 60000", "0, 5", "-1, -1", "4, " * 70, "9" * 4000):
        text = (head % shape).encode().ljust(118) + b"\n"
        data = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(64)
        found.append(_one("a.npy", data, f"of shape {shape[:30]}"))
    nested = b"\x93NUMPY\2\0" + struct.pack("<I", 200_000) + b"(" * 200_000
    return [*found, _one("a.npy", nested, "200,000 brackets")]


def _npz() -> list[Bomb]:
    found = []
    for shape, size in (("60000, 60000", 1 << 30), ("1073741824, 4", 1 << 24), ("4, 4", 1 << 30)):
        text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({shape}), }}".encode()
        text = text.ljust(118) + b"\n"
        inner = b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text
        found.append(_one("a.npz", _zip("arr_0.npy", inner, size), f"of shape {shape}"))
    return found


def _zip(name: str, start: bytes, zeros: int) -> bytes:
    """Return a zip file of one file: of these bytes, and then of so many zeros."""
    written = io.BytesIO()
    block = bytes(1 << 24)
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED
        with file.open(info, "w", force_zip64=True) as inner:
            inner.write(start)
            for _ in range(zeros >> 24):
                inner.write(block)
    return written.getvalue()


def _fits() -> list[Bomb]:
    found = []
    for sides in ((2**31, 2**31), (60000, 60000), (1, 2**62), (0, 4)):
        cards = {"NAXIS1": sides[1], "NAXIS2": sides[0]}
        data = make_unit(_SMALL, {})
        for key, side in cards.items():
            old = f"{key:<8}= {4:>20}".encode()
            data = data.replace(old, f"{key:<8}= {side:>20}".encode())
        found.append(_one("a.fits", data, f"of {sides[0]} x {sides[1]}"))
    zeros = gzip.compress(make_unit(_SMALL, {}))[:-8] + _deflated(1 << 30, gz=True)
    head = gzip.compress(make_unit(_SMALL, {})) + _deflated(1 << 30, gz=True)
    return [*found, _one("a.fits.gz", head, "1 GiB after it"), _one("a.fits.gz", zeros, "cut gzip")]


def _zarr() -> list[Bomb]:
    """Return arrays that are large; how large a chunk becomes, its codec alone knows."""
    found: list[Bomb] = []
    for shape, chunks in (
        ([2**31, 2**31], [256, 256]),
        ([2**40, 2**40], [2**20, 2**20]),
        ([2**62, 4], [2**62, 4]),
        ([60000, 60000], [60000, 60000]),
        ([0, 5], [1, 5]),
        ([4] * 40, [4] * 40),
    ):
        about = {
            "zarr_format": 2,
            "shape": shape,
            "chunks": chunks,
            "dtype": "<f8",
            "compressor": {"id": "zlib", "level": 1},
            "fill_value": 0,
            "order": "C",
            "filters": None,
        }
        files = {"a.zarr/.zarray": json.dumps(about).encode()}
        found.append((f"of shape {shape}"[:60], files, "a.zarr"))
    nested = {
        "a.zarr/zarr.json": b'{"zarr_format":3,"node_type":"group","attributes":' + b"[" * 10**5
    }
    return [*found, ("JSON of 100,000 brackets", nested, "a.zarr")]


def _ngff() -> list[Bomb]:
    found: list[Bomb] = []
    levels = [{"path": str(i)} for i in range(100_000)]
    wells = [{"path": f"A/{i}", "rowIndex": 0, "columnIndex": i} for i in range(100_000)]
    for what, ome in (
        ("100,000 levels", {"multiscales": [{"axes": ["y", "x"], "datasets": levels}]}),
        ("itself as a level", {"multiscales": [{"axes": ["y", "x"], "datasets": [{"path": "."}]}]}),
        ("levels elsewhere", {"multiscales": [{"datasets": [{"path": "../../../etc"}]}]}),
        (
            "100,000 wells",
            {
                "plate": {
                    "rows": [{"name": "A"}],
                    "columns": [{"name": "0"}] * 10**5,
                    "wells": wells,
                }
            },
        ),
        ("wells of one another", {"plate": {"rows": [], "columns": [], "wells": [{"path": "."}]}}),
    ):
        group = {
            "zarr_format": 3,
            "node_type": "group",
            "attributes": {"ome": {"version": "0.5", **ome}},
        }
        found.append((what, {"a.zarr/zarr.json": json.dumps(group).encode()}, "a.zarr"))
    return found


def _tiles() -> list[Bomb]:
    found: list[Bomb] = []
    text = (
        '<Image TileSize="{0}" Overlap="{1}" Format="png" '
        'xmlns="http://schemas.microsoft.com/deepzoom/2008">'
        '<Size Width="{2}" Height="{2}"/></Image>'
    )
    for sides in ((1, 0, 2**31 - 1), (2**31, 0, 4), (256, 10**9, 999), (4, 4, 4), (64, 1, 10**10)):
        files = {
            "a.dzi": text.format(*sides).encode(),
            "a_files/0/0_0.png": make_png(_SMALL[:1, :1]),
        }
        found.append((f"{sides}", files, "a.dzi"))
    large = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0))
    tile = b"\x89PNG\r\n\x1a\n" + large + chunk(b"IDAT", _deflated(1 << 30)) + chunk(b"IEND", b"")
    files = {
        "a.dzi": text.format(64, 0, 64).encode(),
        "a_files/6/0_0.png": tile,
        "a_files/0/0_0.png": tile,
    }
    return [*found, ("a tile of 30,000 pixels", files, "a.dzi")]


def _jpeg_2000() -> list[Bomb]:
    found = []
    for side, tile, count in (
        (2**31, 2**31, 1),
        (60000, 1, 1),
        (60000, 60000, 16384),
        (4, 4, 65535),
    ):
        size = struct.pack(">H8IH", 0, side, side, 0, 0, tile, tile, 0, 0, count)
        size += b"\7\1\1" * count
        data = b"\xff\x4f\xff\x51" + struct.pack(">H", (len(size) + 2) % 65536) + size
        data += b"\xff\x52" + struct.pack(">HBBHBBBBBB", 12, 0, 0, 1, 0, 5, 4, 4, 0, 1)
        data += b"\xff\x5c" + struct.pack(">HBB", 4, 0x40, 0x40)
        data += b"\xff\x90" + struct.pack(">HHIBB", 10, 0, 0, 0, 1) + b"\xff\x93\0\0\xff\xd9"
        found.append(_one("a.j2k", data, f"{side} pixels wide, tiles of {tile}, {count} samples"))
    return found


def _pictures() -> list[Bomb]:
    netpbm = make_netpbm(_SMALL, 255).replace(b"4 4\n", b"60000 60000\n")
    gif = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
    gif += b"," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\2\2\x4c\1\0;"
    bmp = b"BM" + struct.pack("<IIIIiiHH", 60, 0, 54, 40, 50000, -50000, 1, 24) + bytes(24)
    digits = netpbm.replace(b"60000", b"9" * 4000)
    return [
        _one("a.pgm", netpbm),
        _one("a.pgm", digits, "numbers of 4000 digits"),
        _one("a.gif", gif),
        _one("a.bmp", bmp),
    ]


def _nifti() -> list[Bomb]:
    found = []
    for shape in ((32767,) * 3, (32767,) * 7, (-4, 4, 4), (0, 4, 4)):
        head = bytearray(352)
        struct.pack_into("<i", head, 0, 348)
        struct.pack_into("<8h", head, 40, len(shape), *shape, *[1] * (7 - len(shape)))
        struct.pack_into("<hh", head, 70, 16, 32)
        struct.pack_into("<8f", head, 76, *[1.0] * 8)
        struct.pack_into("<f", head, 108, 352.0)
        head[344:348] = b"n+1\0"
        found.append(_one("a.nii", bytes(head), f"of shape {shape}"))
        found.append(_one("a.nii.gz", gzip.compress(bytes(head)), f"of shape {shape}, packed"))
    packed = gzip.compress(bytes(found[4][1]["a.nii"])) + _deflated(1 << 30, gz=True)
    return [*found, _one("a.nii.gz", packed, "1 GiB after it")]


_MAKERS = {
    "PNG": _png,
    "TIFF": _tiff,
    "npy": _npy,
    "npz": _npz,
    "FITS": _fits,
    "zarr": _zarr,
    "OME-Zarr": _ngff,
    "Deep Zoom and tiles": _tiles,
    "JPEG 2000": _jpeg_2000,
    "pictures": _pictures,
    "NIfTI": _nifti,
}


def find_bombs(form: str) -> list[Bomb]:
    """Return the files of a format that are far larger than they look."""
    make = _MAKERS.get(form)
    return make() if make else []
