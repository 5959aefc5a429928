"""What the end of a file's name says: the suffix of a format, or a part of the name.

One rule for all that is saved: a suffix that is possible is believed, another one is an error that
lists what is possible, and a name without one gets the default.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from nbimage.plugins import find_plugin_suffix

# Older Pythons know fewer of them.
# fmt: off
_MORE = frozenset({
    "apng", "avif", "bz2", "czi", "dcm", "dng", "dzi", "exr", "flv", "gz", "h5", "hdf5", "heic",
    "heif", "ipynb", "jp2", "jxl", "jxr", "m4v", "mkv", "ndpi", "npy", "npz", "ogg", "ogv", "ozx",
    "parquet", "pickle", "raw", "sgi", "svgz", "svs", "szi", "tga", "tgz", "webm", "webp",
    "wmv", "xz", "zarr", "zst",
})
# fmt: on


_LIKE_ONE = re.compile("[a-z]{2,4}")


def name_suffix(path: Any) -> str:
    """Return the suffix of a file's name, without the dot, in small letters; "" without one.

    It is what is known as one, and two to four letters that nobody knows: ``x.html``,
    ``x.tar.gz`` and ``x.xyz`` have one, ``plot.v2``, ``plot.1`` and ``mean.of.three`` have none.
    What a plugin takes is one too.
    """
    suffix = os.path.splitext(_as_text(path))[1].lower()[1:]
    if known_suffix(path) or _LIKE_ONE.fullmatch(suffix):
        return suffix
    return find_plugin_suffix(path) if suffix else ""


def _as_text(path: Any) -> str:
    if not isinstance(path, (str, bytes, os.PathLike)):
        raise TypeError(f"a file must have a name, but got {path!r:.60}: give it as text or path")
    return os.fsdecode(path)


def known_suffix(path: Any) -> str:
    """Return the suffix of a file's name if it is known as one: folders are called anything."""
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()[1:]
    return suffix if len(suffix) > 1 and (suffix in _MORE or suffix in _known()) else ""


def resolve_name(
    path: Any, possible: Mapping[str, str], what: str, way: str = "give it one of these suffixes"
) -> tuple[str, str]:
    """Return the name of a file that is saved, with its suffix, and its format.

    ``possible`` are the formats by their suffixes, the default first. Raises ValueError, which
    begins with ``what`` is saved and ends with the ``way`` out, for another suffix, and for a path
    without a name.
    """
    name = _as_text(path)
    if not os.path.basename(name):
        raise ValueError(f"a file must have a name, but got {name!r}: add one")
    suffix = os.path.splitext(name)[1].lower()[1:]
    if suffix in possible:
        return name, possible[suffix]
    if name_suffix(name):
        raise ValueError(f"{what} is saved as {list_suffixes(possible)}, but got {name!r}: {way}")
    suffix = next(iter(possible))
    return f"{name.rstrip('.')}.{suffix}", possible[suffix]


def list_suffixes(possible: Mapping[str, str]) -> str:
    """Return ".png, .jpg or .html": the first suffix of each format."""
    first: dict[str, str] = {}
    for suffix, format_ in possible.items():
        first.setdefault(format_, suffix)
    return list_words(f".{suffix}" for suffix in first.values())


def list_words(words: Iterable[str]) -> str:
    """Return "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


@functools.cache
def _known() -> frozenset[str]:
    import mimetypes  # only where something is saved

    types = mimetypes.MimeTypes()  # of Python itself: the same on every machine
    return frozenset(
        suffix[1:].lower()
        for known in (*types.types_map, types.encodings_map, types.suffix_map)
        for suffix in known
    )
