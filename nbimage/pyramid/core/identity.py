"""What tells one image from another: its files, its samples in memory, and how they are read.

What is kept of an earlier run is used again for the same image alone. A file is the same as long as
its size, its times, its number on the disk and a sample of its bytes are; an array in memory has
all its values looked at. How a source reads them is all that a pickle of it would hold, and what
the notebook's or program's own functions take from around them.
"""

from __future__ import annotations

import hashlib
import math
import os
import sys
import types
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), np.generic, np.dtype)
_SAMPLES, _SAMPLE = 16, 1 << 12  # of a file, and bytes of each
_SAMPLED_FILES = 16  # of a folder, of which some bytes are read as well
_ROWS = 1 << 22  # bytes that are looked at together


class UnknownImageError(ValueError):
    """It can't be told whether an image is the same as before."""


def identify(*what: Any) -> str:
    """Return a name of images and options: another one for what would be read differently.

    Raises UnknownImageError where that can't be told.
    """
    walk = _Walk()
    try:
        walk.add(what)
    except UnknownImageError:
        raise
    except Exception as error:  # each library's objects have their own
        raise UnknownImageError(str(error)) from error
    return walk.digest.hexdigest()


def file_state(path: Path) -> tuple[Any, ...]:
    """Return what changes when a file does: its size, times and number, and some of its bytes."""
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        size = status.st_size
        starts = {size * i // _SAMPLES for i in range(_SAMPLES)} | {max(0, size - _SAMPLE)}
        digest = hashlib.blake2b(digest_size=16)
        for start in sorted(starts):
            file.seek(start)
            digest.update(file.read(_SAMPLE))
    return size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, digest.hexdigest()


class _Walk:
    """Goes through objects as a pickle would, and adds to a digest what they are made of."""

    def __init__(self) -> None:
        self.digest = hashlib.blake2b(digest_size=16)
        self._inside: set[int] = set()
        self._paths: set[str] = set()
        self._functions: dict[int, Any] = {}

    def add(self, value: Any) -> None:
        """Add an object. Raises UnknownImageError for one that has no describable state."""
        if isinstance(value, _PLAIN):
            self._put(type(value).__name__, repr(value))
            if isinstance(value, str) and _may_name_file(value):
                self._add_path(Path(value))
        elif isinstance(value, Path):
            self._put("path")
            self._add_path(value)
        elif id(value) in self._inside:
            self._put("again")
        else:
            self._inside.add(id(value))
            self._add_parts(value)
            self._inside.discard(id(value))

    def _add_parts(self, value: Any) -> None:
        if isinstance(value, np.ndarray):
            self._add_array(value)
        elif isinstance(value, (tuple, list, deque)):
            self._put(type(value).__name__, len(value))
            for each in value:
                self.add(each)
        elif isinstance(value, (set, frozenset)):
            self.add(sorted(value, key=repr))
        elif isinstance(value, Mapping):
            self._put("mapping", len(value))
            for key in sorted(value, key=repr):
                self.add(key)
                self.add(value[key])
        elif isinstance(value, slice):
            self.add((value.start, value.stop, value.step))
        elif isinstance(value, (type, types.BuiltinFunctionType, types.ModuleType, np.ufunc)):
            self._put("global", getattr(value, "__module__", ""), value.__name__)
        elif isinstance(value, types.FunctionType):
            self._add_function(value)
        else:
            self._add_object(value)

    def _add_function(self, function: types.FunctionType) -> None:
        self._put("function", function.__module__, function.__qualname__)
        if id(function) in self._functions:  # each task of a graph may have it
            return
        self._functions[id(function)] = function
        self._add_code(function.__code__)
        cells = [cell.cell_contents for cell in function.__closure__ or ()]
        self.add((function.__defaults__, function.__kwdefaults__, cells))
        if not _is_imported(function):
            around = function.__globals__
            self.add({name: around[name] for name in _find_names(function.__code__, around)})

    def _add_object(self, value: Any) -> None:
        if isinstance(value, find_type("dask.array", "Array")):
            self._add_dask(value)
        elif isinstance(value, find_type("dask.utils", "SerializableLock")):
            self._put("lock")
        elif isinstance(value, find_type("zarr", "Array")):
            self._add_zarr(value)
        elif isinstance(value, find_type("h5py", "Dataset")):
            self._put("hdf5", value.name)
            self._add_path(Path(value.file.filename))
        elif isinstance(value, find_type("nbimage.pyramid.remote.remote_file", "RemoteFile")):
            raise UnknownImageError(f"{value} is at an address, where it may change unseen")
        else:
            self._add_reduced(value)

    def _add_reduced(self, value: Any) -> None:
        describe = getattr(type(value), "describe", None)
        reduced = value.__reduce_ex__(4) if describe is None else (None, (), describe(value))
        self._put("object", type(value).__module__, type(value).__qualname__)
        if isinstance(reduced, str):
            self._put(reduced)
            return
        _, arguments, *rest = reduced
        self.add(arguments)
        for each in rest:
            self.add(list(each) if isinstance(each, Iterator) else each)
        for path in getattr(value, "companions", ()):
            self._add_path(path)

    def _add_code(self, code: types.CodeType) -> None:
        self._put(code.co_code.hex(), code.co_names)
        for each in code.co_consts:
            if isinstance(each, types.CodeType):
                self._add_code(each)
            else:
                self.add(each)

    def _add_array(self, array: Array) -> None:
        if array.dtype.hasobject:
            raise UnknownImageError("arrays of objects can't be told from others")
        self._put("array", array.dtype.str, array.shape)
        if isinstance(array, np.ma.MaskedArray):
            self._add_array(np.ma.getmaskarray(array))
            array = np.ma.getdata(array)
        root = _find_map(array)
        if root is not None and root.filename is not None:
            begin, own = (one.__array_interface__["data"][0] for one in (root, array))
            self._put("mapped", own - begin + root.offset, array.strides)
            self._add_path(Path(root.filename))
            step = max(1, len(array) // _SAMPLES) if array.ndim else 1
            array = array[::step][:_SAMPLES] if array.ndim else array
            array = array[(slice(None), *[slice(64)] * (array.ndim - 1))]
        rows = max(1, _ROWS // max(1, array[:1].nbytes)) if array.ndim else 1
        for start in range(0, len(array) if array.ndim else 1, rows):
            part = array[start : start + rows] if array.ndim else array
            self.digest.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8).data)

    def _add_dask(self, array: Any) -> None:
        """Add a token, and what the graph reads: of that a token has no more than the name."""
        self._put("dask", sys.modules["dask"].base.tokenize(array), array.shape, array.dtype.str)
        graph = array.__dask_graph__()
        for layer in getattr(graph, "layers", {"": graph}).values():
            if not hasattr(layer, "is_materialized") or layer.is_materialized():
                for task in dict(layer).values():
                    self.add(task)
            else:
                state = layer.__dict__
                for name in sorted(state):
                    if name not in ("_cached_dict", "annotations", "collection_annotations"):
                        self.add(state[name])

    def _add_zarr(self, array: Any) -> None:
        self._put("zarr", array.path, array.shape, str(array.dtype))
        store = array.store
        root = getattr(store, "root", None) or getattr(store, "path", None)
        if "file" not in getattr(getattr(store, "fs", None), "protocol", "file"):
            root = None  # its paths are not this machine's
        if isinstance(store, find_type("zarr.storage", "MemoryStore")):
            rows = max(1, _ROWS // max(1, math.prod(array.shape[1:]) * array.dtype.itemsize))
            for start in range(0, array.shape[0] if array.shape else 0, rows):
                self._add_array(np.asarray(array[start : start + rows]))
        elif isinstance(root, (str, Path)) and Path(root).exists():
            self._add_path(Path(root))
        else:
            raise UnknownImageError(f"a {type(store).__name__} can't be told from another")

    def _add_path(self, path: Path) -> None:
        """Add a file's or a folder's state, and where it is; nothing where there is none."""
        name = os.path.realpath(path)
        self._put(name)
        if name in self._paths or not Path(name).exists():
            return
        self._paths.add(name)
        plain = Path(name)
        found = (
            [plain, plain.with_name(f"{plain.stem}_files")] if plain.suffix == ".dzi" else [plain]
        )
        for each in found:
            if each.is_dir():
                self._add_folder(each)
            elif each.is_file():
                self._put(*file_state(each))

    def _add_folder(self, folder: Path) -> None:
        sampled = 0
        for above, folders, names in os.walk(folder):
            folders.sort()
            for name in sorted(names):
                file = Path(above, name)
                status = file.stat()
                own = status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino
                self._put(os.path.relpath(file, folder), *own)
                if sampled < _SAMPLED_FILES and file.is_file():
                    sampled += 1
                    self._put(file_state(file)[-1])

    def _put(self, *words: Any) -> None:
        self.digest.update(repr(words).encode("utf-8", "surrogatepass"))


def _may_name_file(text: str) -> bool:
    """Return whether a text may be a path: an absolute one, or of what is in the working folder."""
    if len(text) >= 4096 or "\0" in text:
        return False
    if os.path.isabs(text):  # noqa: PTH117
        return True
    return ("." in text[1:] or os.sep in text) and os.path.exists(text)  # noqa: PTH110


def _is_imported(function: types.FunctionType) -> bool:
    """Return whether a function is a module's own, and so what it uses is the module's."""
    found: Any = sys.modules.get(function.__module__)
    for name in function.__qualname__.split("."):
        found = getattr(found, name, None)
    return function.__module__ != "__main__" and found is function


def _find_names(code: types.CodeType, around: Mapping[str, Any]) -> set[str]:
    """Return which names of a module some code uses, and the functions within it."""
    inner = [each for each in code.co_consts if isinstance(each, types.CodeType)]
    names = {name for name in code.co_names if name in around}
    return names.union(*(_find_names(each, around) for each in inner))


def _find_map(array: Any) -> np.memmap[Any, Any] | None:
    """Return the map of a file that an array is a part of, if nobody writes to it."""
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap) and isinstance(array.base, find_type("mmap", "mmap")):
            return array if array.mode == "r" else None
        array = array.base
    return None
