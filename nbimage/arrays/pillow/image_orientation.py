"""Which way up a `PIL.Image` is, as its EXIF or XMP says it.

Pillow turns TIFFs itself when it decodes them, and nothing else.
"""

from __future__ import annotations

import struct
from typing import IO, Any

from nbimage.arrays.orientation import UPRIGHT, as_orientation, find_turn

_ORIENTATION = 274
_PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK = struct.Struct(">I4s")
_LARGEST_EXIF = 1 << 24  # bytes


def find_orientation(image: Any) -> int:
    """Return the orientation of an image as its samples are now, 1 to 8.

    Of a TIFF that was only opened the stored one: it is gone when that was decoded.
    """
    from PIL import Image

    if image.format == "PNG" and "exif" not in image.info and image.tile:
        return read_png_orientation(image.fp)
    try:
        return as_orientation(Image.Image.getexif(image).get(_ORIENTATION))
    except Exception:  # one for each kind of damage, which must not keep it from being shown
        return UPRIGHT


def load_whole(image: Any) -> None:
    """Decode an image, a TIFF on its side too.

    Of one that is not compressed Pillow maps the file, but with the width that it has when it is
    upright, which shears it. It does not map what has no name.
    """
    name = getattr(image, "filename", "")
    if image.format == "TIFF" and name and find_turn(find_orientation(image)).transposes:
        image.filename = ""
    try:
        image.load()
    finally:
        if name:
            image.filename = name


def read_png_orientation(file: IO[bytes]) -> int:
    """Return the orientation in the eXIf chunk of a PNG, of which nothing is decoded."""
    from PIL import Image

    exif = Image.Exif()
    try:
        exif.load(_read_png_exif(file) or b"")
        return as_orientation(exif.get(_ORIENTATION))
    except Exception:  # as above
        return UPRIGHT


def _read_png_exif(file: IO[bytes]) -> bytes | None:
    """Return a PNG's eXIf chunk, which may stand behind its pixels; the file stays where it is."""
    before = file.tell()
    try:
        file.seek(0)
        if file.read(len(_PNG)) != _PNG:
            return None
        while len(head := file.read(_CHUNK.size)) == _CHUNK.size:
            size, kind = _CHUNK.unpack(head)
            if kind == b"eXIf":
                return file.read(size) if size <= _LARGEST_EXIF else None
            if kind == b"IEND":
                break
            file.seek(size + 4, 1)
        return None
    finally:
        file.seek(before)
