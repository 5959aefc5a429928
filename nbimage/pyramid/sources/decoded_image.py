"""Pictures that Pillow does not open, decoded as a whole by imagecodecs or pillow-heif.

JPEG XL, JPEG XR, JPEG-LS, JPEG of 12 bits or without loss, Radiance, LERC, PFM in color, HEIF.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import FullScale, Metadata
from nbimage.arrays.pillow.color_profile import ColorProfile, find_profile, note_of
from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_imagecodecs, import_pillow_heif
from nbimage.base.text import explain_damage
from nbimage.pyramid.sources.array import ArraySource, open_named

_JXL = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
_HEIF = b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"
_HEIF_STRUCTURES = b"mif1", b"msf1"  # of any codec: the brands after it tell
_STARTS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # of a JPEG's frame
_LOSSLESS, _LS = 0xC3, 0xF7
_NO_LENGTH = frozenset({0x01, 0xFF, *range(0xD0, 0xD9)})
_PFM = re.compile(rb"PF\s+(\d+)\s+(\d+)\s+(-?[\d.eE+-]+)\s")


def find_decoder(path: Path) -> Callable[[Path], Values] | None:
    """Return what decodes a picture that Pillow does not open; None for any other file."""
    with path.open("rb") as file:
        head = file.read(64)
    if head.startswith(_JXL):
        return _decode_jpeg_xl
    if head.startswith(b"II\xbc"):
        return _decode_jpeg_xr
    if head.startswith((b"#?RADIANCE", b"#?RGBE")):
        return _decode_radiance
    if head.startswith(b"Lerc2 "):
        return _decode_lerc
    if _PFM.match(head):
        return _decode_pfm
    if head[4:8] == b"ftyp" and _is_heif(head):
        return _decode_heif
    if head.startswith(b"\xff\xd8\xff"):
        start = _find_frame(path)
        if start is not None and (start[0] in (_LOSSLESS, _LS) or start[1] > 8):
            return _decode_jpeg
    return None


def open_decoded(
    path: Path, decode: Callable[[Path], Values], axes: Any, channel_axis: int | None
) -> ArraySource:
    """Return a picture as a source, decoded now. Raises ImportError or ValueError in one line."""
    try:
        values = decode(path)
    except ImportError as error:
        raise ImportError(f"{path} can't be opened: {error}") from None
    except Exception as error:  # each decoder has its own
        raise ValueError(f"{path} must be a whole picture: {explain_damage(error)}") from error
    return open_named(values, path, axes, channel_axis)


def _as_values(array: Array, bits: int = 0, note: str = "", mask: Array | None = None) -> Values:
    """Return samples ``([frames,] H, W[, C])`` of which so many bits are used."""
    count = 1 if array.ndim == 2 else array.shape[-1]
    windows: tuple[FullScale, ...] = ()
    if 0 < bits < 8 * array.dtype.itemsize:
        windows = (FullScale(0, (1 << bits) - 1),) * count
    names = (None, None) if array.ndim == 2 else (None, None, "sample")
    if array.ndim > len(names):
        return Values(array, mask, ("frame", *names), metadata=Metadata(note=note))
    return Values(array, mask, names, metadata=Metadata(windows=windows, note=note))


def _decode_jpeg_xl(path: Path) -> Values:
    found = np.asarray(import_imagecodecs("JPEG XL").jpegxl_decode(path.read_bytes()))
    return _as_values(found[..., 0] if found.ndim > 2 and found.shape[-1] == 1 else found)


def _decode_jpeg_xr(path: Path) -> Values:
    return _as_values(np.asarray(import_imagecodecs("JPEG XR").jpegxr_decode(path.read_bytes())))


def _decode_radiance(path: Path) -> Values:
    data = path.read_bytes()
    size = re.search(rb"\n([-+][XY]) \d+ ([-+][XY]) \d+\n", data[: 1 << 16])
    if size is None:
        raise ValueError("it lacks the line of its rows and columns")
    if size.groups() != (b"-Y", b"+X"):
        found = b" ".join(size.groups()).decode()
        raise ValueError(
            f"rows must go down and columns to the right, -Y +X, but got {found}: turn it first"
        )
    return _as_values(np.asarray(import_imagecodecs("Radiance HDR").rgbe_decode(data)))


def _decode_lerc(path: Path) -> Values:
    found, masks = import_imagecodecs("LERC").lerc_decode(path.read_bytes(), masks=True)
    mask = None if masks is None else ~np.asarray(masks, bool)
    if mask is not None and mask.ndim < found.ndim:
        mask = np.broadcast_to(mask[..., None], found.shape)
    return _as_values(np.asarray(found), mask=mask)


def _decode_pfm(path: Path) -> Values:
    """Return the floats of a portable float map in color, whose last row is stored first."""
    data = path.read_bytes()
    head = _PFM.match(data)
    if head is None:
        raise ValueError("its head is damaged")
    wide, high, scale = int(head[1]), int(head[2]), float(head[3])
    kind = np.dtype("<f4" if scale < 0 else ">f4")
    if len(data) - head.end() < high * wide * 12:
        raise ValueError(f"it has less than {high} rows of {wide} pixels")
    samples = np.frombuffer(data, kind, high * wide * 3, head.end()).reshape(high, wide, 3)
    return _as_values(samples[::-1].astype(np.float32))


def _is_heif(head: bytes) -> bool:
    brand, others = head[8:12], head[16 : int.from_bytes(head[:4], "big")]
    return brand in _HEIF or (brand in _HEIF_STRUCTURES and any(one in others for one in _HEIF))


def _decode_heif(path: Path) -> Values:
    """Return a photo, upright, in its own bits; colors of 8 bits as sRGB."""
    heif = import_pillow_heif()
    image = heif.open_heif(path, convert_hdr_to_8bit=False, hdr_to_16bit=False)
    found = np.array(image)  # a copy: before pillow-heif 1.6 the buffer ended with the image
    bits = int(image.info.get("bit_depth") or 8)
    note, profile = "", image.info.get("icc_profile")
    if profile and found.ndim == 3:
        known = find_profile(profile, "RGB")
        converts = found.dtype == np.uint8
        note = note_of(known, converts)
        if converts and isinstance(known, ColorProfile):
            found = known.convert_array(found)
    return _as_values(found, bits, note)


def _find_frame(path: Path) -> tuple[int, int] | None:
    """Return the marker that starts a JPEG's frame, and the bits of a sample; else None."""
    with path.open("rb") as file:
        file.seek(2)
        while len(marker := file.read(2)) == 2 and marker[0] == 0xFF:
            if marker[1] in _NO_LENGTH:
                file.seek(-1 if marker[1] == 0xFF else 0, 1)
                continue
            length = file.read(2)
            if marker[1] in _STARTS:
                bits = file.read(1)
                return (marker[1], bits[0]) if bits else None
            if len(length) < 2 or marker[1] == 0xDA:
                return None
            file.seek(int.from_bytes(length, "big") - 2, 1)
    return None


def _decode_jpeg(path: Path) -> Values:
    start = _find_frame(path)
    marker, bits = start or (0, 0)
    codecs, data = import_imagecodecs("this kind of JPEG"), path.read_bytes()
    if marker == _LS:
        return _as_values(np.asarray(codecs.jpegls_decode(data)), bits)
    if marker == _LOSSLESS:
        return _as_values(np.asarray(codecs.jpegsof3_decode(data)), bits)
    return _as_values(np.asarray(codecs.jpeg8_decode(data)), bits)
