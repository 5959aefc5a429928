"""What a zarr array says of itself: names of axes, coordinates, units, missing values.

As xarray and zarr 3 write it. Coordinates are the arrays beside it that are named as its axes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import Names, find_spatial
from nbimage.arrays.cf import (
    as_held,
    as_text,
    decode_times,
    label_of,
    missing_values,
    names_by_attributes,
    packing,
    points_up,
    wraps,
)
from nbimage.arrays.coordinates import as_plain, tidy
from nbimage.arrays.decoding import Decoding, Missing
from nbimage.arrays.metadata import Coordinate, Metadata

Beside = Callable[[str], Any]
"""The array of a name beside another one; None where there is none."""


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
    attrs, names = dict(array.attrs), _stored_names(array)
    xarray_has_it = "_ARRAY_DIMENSIONS" in attrs and array.metadata.zarr_format == 2
    decoding = zarr_decoding(array, filled=xarray_has_it)
    name = array.name.rpartition("/")[2] if names and array.name else ""
    label = label_of(attrs, name)
    if names is None:
        return Metadata(label), decoding
    find = _beside(array) if beside is None else beside
    coordinates = tuple(
        _coordinate(find, name, length) for name, length in zip(names, array.shape, strict=True)
    )
    return Metadata(label, coordinates=coordinates), decoding


def zarr_decoding(array: Any, *, filled: bool = False) -> Decoding:
    """Return how an array's samples become values by its attributes.

    ``filled``: its fill value is that of CF too.
    """
    attrs = dict(array.attrs)
    missing = missing_values(attrs, array.dtype)
    if filled:
        missing += as_held(array.fill_value, array.dtype)
    scale, offset = packing(attrs)
    unsigned = wraps(attrs, array.dtype)
    return Decoding(None, tuple(map(Missing, missing)), scale, offset, wraps=unsigned)


def main_array(arrays: dict[str, Any]) -> str | None:
    """Return the name of the one that is no coordinate of another; None where several are."""
    bounds = {as_text(array.attrs.get("bounds")) for array in arrays.values()}
    found = [name for name, array in arrays.items() if array.ndim > 1 and name not in bounds]
    return found[0] if len(found) == 1 else None


def _coordinate(find: Beside, name: str | None, length: int) -> Coordinate | None:
    array = None if name is None else find(name)
    if name is None or array is None or array.shape != (length,):
        return None if name is None or not label_of({}, name) else Coordinate(None, name)
    attrs = dict(array.attrs)
    unsigned = wraps(attrs, array.dtype)
    values = Decoding(None, (), *packing(attrs), wraps=unsigned).unpack(np.asarray(array[...]))
    values = tidy(as_plain(decode_times(values, attrs)))
    words = {} if values.dtype.kind == "M" else attrs
    label = label_of({**attrs, "units": words.get("units")}, name)
    return Coordinate(values, label, points_up(values, name, attrs))


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
