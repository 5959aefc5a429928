"""What is a container, what is an array, and what is in a container: nothing is read or computed.

Only types whose items are there already are looked into; of files only the names and metadata.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time, timedelta
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.lazy_types import find_type

SCALARS = (type(None), bool, int, float, complex, str, bytes)
_VALUES = (*SCALARS, date, time, timedelta, Enum, Fraction, PurePath, slice, range, np.generic)
_MAPPINGS = (dict, MappingProxyType, UserDict, ChainMap)
_SEQUENCES = (list, tuple, deque, UserList)
_LOCAL_STORES = ("LocalStore", "MemoryStore", "ZipStore")
UNREADABLE = (
    *(AttributeError, TypeError, ValueError, RuntimeError, OSError, LookupError, MemoryError),
    ArithmeticError,
)
"""What the attributes and values of other people's objects may raise."""
Listed = dict[str, list[tuple[str, Any]]]
"""The members of zarr's groups that were listed before, by where each group lies."""

_MOST_VISITED, _DEPTH, _EACH = 300, 6, 64  # objects, levels, items of one container


class Items(NamedTuple):
    """What is in a container."""

    kind: str
    size: int
    pairs: Iterable[tuple[str, Any]]
    """Names and items, made one by one."""


def is_array(value: Any) -> bool:
    """Return whether a value is an array of any kind, or a picture of Pillow's."""
    kind = type(value)
    if kind in SCALARS or isinstance(value, np.generic):
        return False
    if isinstance(value, np.ndarray):
        return True
    if hasattr(kind, "shape") and hasattr(kind, "dtype"):
        return True
    return isinstance(
        value, (find_type("PIL.Image", "Image"), find_type("scipy.sparse", "spmatrix"))
    )


def is_value(value: Any) -> bool:
    """Return whether a value is small and plain, so that it can be written in its line."""
    return isinstance(value, _VALUES)


def read_items(value: Any, listed: Listed | None = None) -> Items | None:
    """Return what is in a container; None for anything else.

    ``listed`` keeps what takes long to list, for the next look at it.
    """
    if type(value) in SCALARS:
        return None
    return (
        _read_mapping(value)
        or _read_sequence(value)
        or _read_xarray(value)
        or _read_group(value, {} if listed is None else listed)
        or _read_fields(value)
    )


def holds_arrays(value: Any, listed: Listed | None = None) -> bool:
    """Return whether there is an array in a container, as far as a quick look shows.

    The look is bounded in objects, in levels and in the items of each container.
    ``listed`` is that of `read_items`.
    """
    known: set[int] = set()
    level, visited = [value], 0
    for _ in range(_DEPTH):
        following: list[Any] = []
        for container in level:
            if id(container) in known:
                continue
            known.add(id(container))
            try:
                found = read_items(container, listed)
                pairs = () if found is None else itertools.islice(found.pairs, _EACH)
                for _, item in pairs:
                    if type(item) in SCALARS:
                        continue
                    visited += 1
                    if is_array(item):
                        return True
                    if visited > _MOST_VISITED:
                        return False
                    following.append(item)
            except UNREADABLE:
                continue
        level = following
    return False


def _read_mapping(value: Any) -> Items | None:
    if isinstance(value, dict):  # past a class's own __getitem__, which may load what is asked for
        pairs: Callable[[], Iterator[Any]] = lambda: iter(dict.items(value))  # noqa: E731
        size = dict.__len__(value)
    elif isinstance(value, _MAPPINGS):
        pairs, size = lambda: iter(value.items()), len(value)
    else:
        return None
    return Items(type(value).__name__, size, ((_name_key(key), item) for key, item in pairs()))


def _read_sequence(value: Any) -> Items | None:
    if not isinstance(value, _SEQUENCES):
        return None
    names = getattr(type(value), "_fields", None)
    if isinstance(value, tuple) and isinstance(names, tuple) and len(names) == len(value):
        return _of_fields(value, list(zip(map(str, names), tuple.__iter__(value), strict=True)))
    items = iter(value)
    if isinstance(value, (list, tuple)):  # past a class's own __iter__
        items = list.__iter__(value) if isinstance(value, list) else tuple.__iter__(value)
    pairs = ((f"[{i}]", item) for i, item in enumerate(items))
    return Items(type(value).__name__, len(value), pairs)


def _read_fields(value: Any) -> Items | None:
    """Return the stored fields of dataclasses, attrs, pydantic and plain namespaces."""
    kind = type(value)
    if dataclasses.is_dataclass(kind):
        names = [one.name for one in dataclasses.fields(kind)]
    elif isinstance(getattr(kind, "__attrs_attrs__", None), tuple):
        names = [one.name for one in kind.__attrs_attrs__]
    elif isinstance(value, find_type("pydantic", "BaseModel")):
        names = list(kind.model_fields)
    elif isinstance(value, SimpleNamespace):
        names = list(vars(value))
    else:
        return None
    own = getattr(value, "__dict__", {})
    pairs = []
    for name in names:
        if name in own:
            pairs.append((name, own[name]))
        elif hasattr(kind, name):  # a slot; a property would be computed
            slot = getattr(kind, name)
            if type(slot).__name__ == "member_descriptor":
                pairs.append((name, getattr(value, name)))
    return _of_fields(value, pairs)


def _of_fields(value: Any, pairs: list[tuple[str, Any]]) -> Items:
    return Items(type(value).__name__, len(pairs), [(f".{name}", item) for name, item in pairs])


def _read_xarray(value: Any) -> Items | None:
    if isinstance(value, find_type("xarray", "Dataset")):
        return Items("xarray.Dataset", len(value.variables), _variables(value))
    if isinstance(value, find_type("xarray", "DataTree")):
        own = value.dataset
        children = ((f"/{_name_key(name)}", child) for name, child in value.children.items())
        count = len(own.variables) + len(value.children)
        return Items("xarray.DataTree", count, itertools.chain(_variables(own), children))
    return None


def _variables(dataset: Any) -> Iterator[tuple[str, Any]]:
    for name in itertools.chain(dataset.data_vars, dataset.coords):
        yield _name_key(name), dataset[name]


def _read_group(value: Any, listed: Listed) -> Items | None:
    """Return what is in a group of zarr on this machine, or of HDF5; links are not followed."""
    if isinstance(value, find_type("h5py", "Group")):
        if not value:  # its file is closed
            return None
        return Items("h5py.Group", len(value), _hdf5_members(value))
    if isinstance(value, find_type("zarr", "Group")):
        if type(value.store).__name__ not in _LOCAL_STORES:
            return Items("zarr.Group", 0, ())
        where = str(value.store_path)
        if where not in listed:
            members = sorted(value.members(), key=lambda pair: pair[0])
            listed[where] = [(_name_key(name), item) for name, item in members]
        return Items("zarr.Group", len(listed[where]), listed[where])
    if isinstance(value, find_type("numpy.lib.npyio", "NpzFile")):
        if value.zip is None:  # it is closed
            return None
        return Items("npz file", len(value.files), _npz_members(value))
    if isinstance(value, find_type("netCDF4", "Dataset")):
        file = value
        while file.parent is not None:  # a group never says that it is open
            file = file.parent
        if not file.isopen():
            return None
        parts = [*value.variables.items(), *value.groups.items()]
        kind = f"netCDF4.{type(value).__name__}"
        return Items(kind, len(parts), ((_name_key(name), item) for name, item in parts))
    return None


def _hdf5_members(group: Any) -> Iterator[tuple[str, Any]]:
    for name in group:
        link = group.get(name, getlink=True)
        where = getattr(link, "path", None)
        if where is None:
            yield _name_key(name), group[name]
        else:
            file = getattr(link, "filename", "")
            yield _name_key(name), Link(f"link to {file}{':' if file else ''}{where}")


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class StoredArray:
    """An array in a file that can only be read whole."""

    shape: tuple[int, ...]
    dtype: Any
    stored_in: str


def _npz_members(file: Any) -> Iterator[tuple[str, Any]]:
    """Yield the arrays of a zip file of NumPy's, of which only the heads are read."""
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    stored = set(file.zip.namelist())
    for name in file.files:
        with file.zip.open(name if name in stored else f"{name}.npy") as entry:
            header = read[np.lib.format.read_magic(entry)]
            shape, _, dtype = header(entry)
        yield _name_key(name), StoredArray(shape, dtype, "npz")


class Link(NamedTuple):
    """A name for something that lies elsewhere."""

    text: str


def _name_key(key: Any) -> str:
    """Return a key as a line's name; of strange objects only what they are."""
    if isinstance(key, str):
        text = str.__str__(key)
    elif all(_is_plain_key(part) for part in (key if type(key) is tuple else (key,))):
        text = f"[{key!r}]"
    else:
        text = f"[{type(key).__name__}]"
    return text if len(text) <= 60 else text[:59] + "…"


def _is_plain_key(key: Any) -> bool:
    return type(key) in SCALARS or isinstance(key, (np.generic, date, Enum, PurePath))


def identify(value: Any) -> Any:
    """Return what two names of one object have in common."""
    if isinstance(value, (find_type("h5py", "Group"), find_type("h5py", "Dataset"))):
        return "h5py", hash(value.id)
    return id(value)


def count_bytes(shape: Iterable[int], data: Any) -> int:
    """Return how large an array's values are, without reading any."""
    dtype = data.dtype
    dtype = getattr(dtype, "numpy_dtype", dtype)  # tensorstore's
    size = getattr(dtype, "itemsize", None)
    return 0 if size is None else math.prod(shape) * int(size)


def format_bytes(size: float) -> str:
    """Return a number of bytes to three digits."""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 999.5 or unit == "TB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"
