"""What the end of a file's name says: the suffix of a format, or a part of the name."""

from __future__ import annotations

import functools
import os
from typing import Any

# Older Pythons know fewer of them.
# fmt: off
_MORE = frozenset({
    "apng", "avif", "bz2", "czi", "dcm", "dng", "dzi", "exr", "flv", "gz", "h5", "hdf5", "heic",
    "heif", "ipynb", "jp2", "jxl", "jxr", "m4v", "mkv", "ndpi", "npy", "npz", "ogg", "ogv",
    "parquet", "pickle", "raw", "sgi", "svgz", "svs", "szi", "tga", "tgz", "webm", "webp",
    "wmv", "xz", "zarr", "zst",
})
# fmt: on


def name_suffix(path: Any) -> str:
    """Return the suffix of a file's name, without the dot; nothing where it is none of a format.

    So ``x.html`` and ``x.tar.gz`` have one, ``plot.v2`` and ``plot.1`` have none.
    """
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()
    return suffix[1:] if len(suffix) > 2 and suffix[1:] in _MORE | _known() else ""


@functools.cache
def _known() -> frozenset[str]:
    import mimetypes  # only where something is saved

    types = mimetypes.MimeTypes()  # of Python itself: the same on every machine
    return frozenset(
        suffix[1:].lower()
        for known in (*types.types_map, types.encodings_map, types.suffix_map)
        for suffix in known
    )
