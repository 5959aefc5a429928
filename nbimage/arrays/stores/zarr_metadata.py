"""What a zarr array says of itself: names of axes, coordinates, units, missing values.

As xarray and zarr 3 write it. Coordinates are the arrays beside it that are named as its axes.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import Names, find_spatial
from nbimage.arrays.cf import as_held, label_metadata, label_of, names_by_attributes
from nbimage.arrays.decoding import Decoding
from nbimage.arrays.metadata import Metadata
from nbimage.arrays.stores.cf_arrays import Beside, Variable, decoding_of, metadata_of


def zarr_names(array: Any) -> Names | None:
    """Return the names of a zarr array's axes; None where it has none.

    "y" and "x" where attributes of its coordinates tell them, and names do not.
    """
    found = _stored_names(array)
    if found is None or len(found) < 3 or find_spatial(found) is not None:
        return found
    find = _beside(array)

    def attributes_of(name: str) -> dict[str, Any]:
        along = find(name)
        return {} if along is None else dict(along.attrs)

    return names_by_attributes(found, attributes_of)


def _stored_names(array: Any) -> Names | None:
    names = getattr(array.metadata, "dimension_names", None) or array.attrs.get("_ARRAY_DIMENSIONS")
    if not isinstance(names, (list, tuple)) or len(names) != array.ndim:
        return None
    found = tuple(None if name is None else str(name) for name in names)
    return found if any(found) else None


def zarr_labels(array: Any, beside: Beside | None = None) -> tuple[Metadata, Decoding]:
    """Return what a zarr array says of its values, and how its samples become values."""
    refuse_pickles(array)
    attrs, names = dict(array.attrs), _stored_names(array)
    xarray_has_it = "_ARRAY_DIMENSIONS" in attrs and array.metadata.zarr_format == 2
    decoding = zarr_decoding(array, filled=xarray_has_it)
    name = array.name.rpartition("/")[2] if names and array.name else ""
    if names is None:
        return Metadata(label_of(attrs, name), **label_metadata(attrs)), decoding
    find = _beside(array) if beside is None else beside

    def find_safe(name: str) -> Any:
        along = find(name)
        if along is not None:
            refuse_pickles(along)
        return along

    return metadata_of(attrs, name, names, array.shape, find_safe), decoding


def refuse_pickles(array: Any) -> None:
    """Raise ValueError where chunks are pickles: zarr would run whatever these say."""
    stored = array.metadata
    codecs = [*(getattr(stored, "filters", None) or ()), getattr(stored, "compressor", None)]
    if any(getattr(codec, "codec_id", None) == "pickle" for codec in codecs):
        raise ValueError(
            f"the zarr array {array.name or array.store} must hold numbers, but its chunks are "
            "pickles, which may run any code: read it with zarr if you trust it"
        )


def zarr_decoding(array: Any, *, filled: bool = False) -> Decoding:
    """Return how an array's samples become values by its attributes.

    ``filled``: its fill value is that of CF too.
    """
    further = as_held(array.fill_value, array.dtype) if filled else ()
    return decoding_of(dict(array.attrs), array.dtype, further)


def zarr_variables(arrays: Mapping[str, Any]) -> list[Variable]:
    """Return the arrays of a group as what may be images."""
    axes = {name for array in arrays.values() for name in _stored_names(array) or ()}
    return [
        Variable(name, array.shape, np.dtype(array.dtype), dict(array.attrs), name in axes)
        for name, array in arrays.items()
    ]


def _beside(array: Any) -> Beside:
    """Return what finds arrays in the group that an array is in."""
    zarr = sys.modules["zarr"]
    parent = array.path.rpartition("/")[0]

    def find(name: str) -> Any:
        if not array.path:
            return None
        try:
            found = zarr.open_group(array.store, path=parent, mode="r").get(name)
        except (OSError, KeyError, ValueError):
            return None
        return found if hasattr(found, "shape") else None

    return find
