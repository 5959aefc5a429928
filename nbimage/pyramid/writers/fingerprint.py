"""What an image is, told without reading it: the same as long as it hasn't changed."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.remote.url import local_path


def run_name(source: Any, pyramid: Pyramid, scale: ValueScale, *how: Any) -> str:
    """Return a name of what is written, and how: of one's own where that can't be told."""
    known = _of_pyramid(pyramid)
    if known is None and isinstance(source, (str, os.PathLike)):
        known = _of_path(source)
    norm = scale.norm
    limits = scale.vmin, scale.vmax, scale.vsym, scale.contrast, norm.name, norm.parameter
    image = pyramid.shapes[0], pyramid.dtype.str, pyramid.channels
    digest = hashlib.blake2b(repr((2, how, limits, image)).encode(), digest_size=12)
    try:
        digest.update(b"" if norm.function is None else pickle.dumps(norm.function))
    except Exception:  # it can't be told from another
        known = None
    if known is None:
        return os.urandom(12).hex()
    digest.update(known.encode())
    return digest.hexdigest()


def _of_pyramid(pyramid: Pyramid) -> str | None:
    """Return what tells a source from another."""
    source: Any = pyramid.source
    levels = getattr(source, "levels", None)
    array = levels[0] if isinstance(levels, list) and levels else None
    mask = getattr(source, "mask", None)
    if isinstance(array, find_type("dask.array", "Array")):
        return f"dask {sys.modules['dask'].base.tokenize(array)}"
    if isinstance(array, np.memmap) and array.filename:
        file = _of_path(array.filename)
        return file and f"{file} {array.offset} {array.strides}"
    if isinstance(array, np.ndarray):
        return _of_array(array) + ("" if mask is None else _of_array(np.asarray(mask)))
    store = getattr(array, "store_path", None)
    if store is not None:
        folder = local_path(str(store))
        return None if folder is None else _of_path(folder)
    path = getattr(source, "_path", None)
    return _of_path(path) if isinstance(path, Path) else None


def _of_array(array: Array) -> str:
    """Return a hash of all values."""
    digest = hashlib.blake2b(f"{array.dtype} {array.shape}".encode(), digest_size=16)
    rows = max(1, (1 << 22) // max(1, array[0].nbytes))
    for start in range(0, len(array), rows):
        digest.update(np.ascontiguousarray(array[start : start + rows]).view(np.uint8).data)
    return digest.hexdigest()


def _of_path(path: Any) -> str | None:
    """Return the path, and size and time of all files; None if it isn't there."""
    plain = Path(os.path.realpath(Path(path).expanduser()))
    digest = hashlib.blake2b(str(plain).encode(), digest_size=16)
    if not plain.exists():
        return None
    found = [plain, plain.with_name(f"{plain.stem}_files")] if plain.suffix == ".dzi" else [plain]
    for each in found:
        _add(digest, each)
    return digest.hexdigest()


def _add(digest: Any, path: Path) -> None:
    if not path.is_dir():
        about = path.stat()
        digest.update(f"{path.name} {about.st_size} {about.st_mtime_ns}\n".encode())
        return
    for name in sorted(os.listdir(path)):  # noqa: PTH208 (names)
        _add(digest, path / name)
