"""The fingerprint of what is written, and how: the same as long as the image has not changed.

By it a run finds the checkpoint of an earlier one. Files are not read for it, arrays in memory are.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.orientation import UPRIGHT
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.oriented import stored_source
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.remote.url import local_path


def make_fingerprint(source: Any, pyramid: Pyramid, scale: ValueScale, *how: Any) -> str:
    """Return a name of what is written, and how: a new one if images can't be told apart."""
    known = _identify_pyramid(pyramid)
    if known is None and isinstance(source, (str, os.PathLike)):
        known = _hash_path(source)
    norm = scale.norm
    limits = scale.vmin, scale.vmax, scale.vsym, scale.contrast, norm.name, norm.parameter
    turned = () if pyramid.source.turned_from == UPRIGHT else (pyramid.source.turned_from,)
    image = pyramid.shapes[0], pyramid.dtype.str, pyramid.channels, *turned
    digest = hashlib.blake2b(repr((2, how, limits, image)).encode(), digest_size=12)
    try:
        digest.update(b"" if norm.function is None else pickle.dumps(norm.function))
    except Exception:  # it can't be told from another
        known = None
    if known is None:
        return os.urandom(12).hex()
    digest.update(known.encode())
    return digest.hexdigest()


def _identify_pyramid(pyramid: Pyramid) -> str | None:
    """Return what tells a source from another."""
    source: Any = stored_source(pyramid.source)
    levels = getattr(source, "levels", None)
    array = levels[0] if isinstance(levels, list) and levels else None
    mask = getattr(source, "mask", None)
    if isinstance(array, find_type("dask.array", "Array")):
        return f"dask {sys.modules['dask'].base.tokenize(array)}"
    if isinstance(array, np.memmap) and array.filename:
        file = _hash_path(array.filename)
        return file and f"{file} {array.offset} {array.strides}"
    if isinstance(array, np.ndarray):
        return _hash_array(array) + ("" if mask is None else _hash_array(np.asarray(mask)))
    store = getattr(array, "store_path", None)
    if store is not None:
        folder = local_path(str(store))
        return None if folder is None else _hash_path(folder)
    path = getattr(source, "_path", None)
    return _hash_path(path) if isinstance(path, Path) else None


def _hash_array(array: Array) -> str:
    """Return a hash of all values."""
    digest = hashlib.blake2b(f"{array.dtype} {array.shape}".encode(), digest_size=16)
    rows = max(1, (1 << 22) // max(1, array[0].nbytes))
    for start in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[start : start + rows]).view(np.uint8).data)
    return digest.hexdigest()


def _hash_path(path: Any) -> str | None:
    """Return the path, and size and time of all files; None if it isn't there."""
    plain = Path(os.path.realpath(Path(path).expanduser()))
    digest = hashlib.blake2b(str(plain).encode(), digest_size=16)
    if not plain.exists():
        return None
    found = [plain, plain.with_name(f"{plain.stem}_files")] if plain.suffix == ".dzi" else [plain]
    for each in found:
        _add_file(digest, each)
    return digest.hexdigest()


def _add_file(digest: Any, path: Path) -> None:
    if not path.is_dir():
        status = path.stat()
        digest.update(f"{path.name} {status.st_size} {status.st_mtime_ns}\n".encode())
        return
    for name in sorted(os.listdir(path)):  # noqa: PTH208 (names)
        _add_file(digest, path / name)
