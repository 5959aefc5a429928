"""What a dataset of HDF5 says of itself: names of axes, coordinates, units, missing values.

As dimension scales and NetCDF 4 write it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.cf import as_held, label_metadata, label_of, names_by_attributes
from nbimage.arrays.decoding import Decoding
from nbimage.arrays.metadata import Metadata
from nbimage.arrays.stores.cf_arrays import Variable, decoding_of, metadata_of
from nbimage.base import optional_imports as optional

_NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
_UNWRITTEN = 9.969209968386869e36  # NetCDF's floats that nobody has written
_MATLAB = "MATLAB_class"
_NO_NUMBERS = frozenset({"cell", "char", "function_handle", "struct"})
_OWN = frozenset({"CLASS", "DIMENSION_LIST", "DIMENSION_LABELS", "REFERENCE_LIST"})


class _Scale:
    """A dimension scale, whose attributes are text and numbers."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.shape, self.dtype = dataset.shape, dataset.dtype
        self.attrs = hdf5_attributes(dataset)

    def __getitem__(self, where: Any) -> Any:
        return self._dataset[where]


def hdf5_attributes(dataset: Any) -> dict[str, Any]:
    """Return attributes; text is str, one number or text in a list is itself."""
    found: dict[str, Any] = {}
    for key in dataset.attrs:
        if key in _OWN:
            continue
        try:
            value = dataset.attrs[key]
        except (OSError, TypeError, ValueError):  # of a type that NumPy has not
            continue
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.ravel()[0]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        found[key] = value
    return found


def _scales(dataset: Any) -> list[Any]:
    """Return the dimension scale of each axis; None where it has none."""
    found = []
    for axis in range(dataset.ndim):
        try:
            scales = list(dataset.dims[axis].values())
        except (KeyError, OSError, RuntimeError, ValueError):
            scales = []
        found.append(scales[0] if scales else None)
    return found


def hdf5_names(dataset: Any) -> Names | None:
    """Return the names of a dataset's axes: its labels, or its dimension scales'."""
    scales = _scales(dataset)
    names = tuple(_name_of(dataset, axis, scale) for axis, scale in enumerate(scales))
    if not any(names):
        return None

    def attributes_of(name: str) -> dict[str, Any]:
        scale = scales[names.index(name)]
        return {} if scale is None else hdf5_attributes(scale)

    return names_by_attributes(names, attributes_of)


def find_matlab_axes(dataset: Any) -> tuple[str, ...] | None:
    """Return what the axes of an array of MATLAB are; None for any other.

    They are stored from the last to the first: pages, colors, columns, rows.
    """
    if _MATLAB not in dataset.attrs or dataset.ndim < 2:
        return None
    return matlab_axes(dataset.shape[::-1], dataset.dtype)[::-1]


def matlab_axes(shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[str, ...]:
    """Return what the axes of an array in MATLAB's own order are: an M-by-N-by-3 one is colors."""
    count = len(shape) - 2
    colors = count > 0 and shape[2] == 3 and dtype.kind in "uf"
    further = ["s" if colors else "page", *(f"dimension {i}" for i in range(4, 3 + count))]
    return ("y", "x", *further[:count])


def hdf5_labels(dataset: Any) -> tuple[Metadata, Decoding]:
    """Return what a dataset says of its values, and how its samples become values."""
    attrs, scales = hdf5_attributes(dataset), _scales(dataset)
    dtype = dataset.dtype.newbyteorder("=")
    further = []
    if dtype.kind == "f" and any(scale is not None for scale in scales):
        further = [fill for fill in as_held(_UNWRITTEN, dtype) if dataset.fillvalue == fill]
    decoding = decoding_of(attrs, dtype, further)
    names = tuple(_name_of(dataset, axis, scale) for axis, scale in enumerate(scales))
    name = dataset.name.rpartition("/")[2] if dataset.name else ""
    if not any(names):
        label = label_of(attrs, name if "units" in attrs else "")
        return Metadata(label, **label_metadata(attrs)), decoding

    def find(axis_name: str) -> Any:
        scale = scales[names.index(axis_name)]
        if scale is None or str(hdf5_attributes(scale).get("NAME", "")).startswith(_NO_VARIABLE):
            return None
        return _Scale(scale)

    return metadata_of(attrs, name, names, dataset.shape, find), decoding


def _name_of(dataset: Any, axis: int, scale: Any) -> str | None:
    own = scale.name.rpartition("/")[2] if scale is not None and scale.name else None
    return own or dataset.dims[axis].label or None


def hdf5_variables(group: Any, path: str = "") -> Iterator[Variable]:
    """Yield the datasets in a group and in those below it."""
    hard, names = optional.import_h5py().h5l.TYPE_HARD, dict[int, str]()

    def visit(name: bytes, link: Any) -> None:
        if link.type == hard:
            names.setdefault(link.u, name.decode("utf-8", "surrogateescape"))

    # visititems reads where all chunks are, of every dataset
    group.id.links.visit(visit, info=True)
    for name in names.values():
        item = group[name]
        if not hasattr(item, "shape") or item.shape is None:
            continue
        if hdf5_attributes(item).get(_MATLAB) in _NO_NUMBERS or "MATLAB_empty" in item.attrs:
            continue
        whole = f"{path.strip('/')}/{name}".lstrip("/")
        yield Variable(whole, item.shape, item.dtype, hdf5_attributes(item), item.is_scale)
