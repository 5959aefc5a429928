"""Which part of a file a path names: ``image.fits[SCI]``, as CFITSIO and ds9 write it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from nbimage.pyramid.remote.url import is_address

_SUFFIXES = (".fits", ".fit", ".fts", ".fz")
_PACKED = (".gz", ".bz2")
_PART = re.compile(r"(?P<file>.+)\[(?P<part>[^\[\]/\\]*)\]", re.DOTALL)


def split_part(source: Any) -> tuple[Any, str | None]:
    """Return a path without the brackets at its end, and what is in them; else as it is and None.

    A file that has the brackets in its own name is meant itself.
    """
    if not isinstance(source, (str, os.PathLike)):
        return source, None
    text = os.fspath(source)
    found = _PART.fullmatch(text) if isinstance(text, str) and text.endswith("]") else None
    if found is None or not _may_have_parts(found["file"]) or _exists(text):
        return source, None
    file = found["file"]
    return (file if isinstance(source, str) else Path(file)), found["part"]


def _may_have_parts(file: str) -> bool:
    name = file.lower()
    for packed in _PACKED:
        name = name.removesuffix(packed)
    address = is_address(file) and "." in name.rpartition("/")[2]
    return address or name.endswith(_SUFFIXES) or _exists(file)


def _exists(text: str) -> bool:
    try:
        return Path(text).expanduser().exists()
    except (OSError, RuntimeError, ValueError):
        return False
