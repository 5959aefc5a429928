"""What arrays of a store say of themselves by the CF conventions: labels, coordinates, samples.

The same for zarr, HDF5 and NetCDF: an array has attributes, names of its axes, and others beside
it, of which those that are named as its axes are its coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.cf import (
    as_text,
    decode_times,
    label_metadata,
    label_of,
    missing_values,
    packing,
    points_up,
    valid_limits,
    wraps,
)
from nbimage.arrays.coordinates import as_plain, tidy
from nbimage.arrays.decoding import Decoding, Missing
from nbimage.arrays.metadata import Coordinate, Metadata
from nbimage.base.text import as_line

Beside = Callable[[str], Any]
"""The array of a name beside another one; None where there is none."""
_LISTED = 12  # variables that an error names
_LONGEST = 100  # letters of one of them


class Variable(NamedTuple):
    """What tells images from coordinates among the arrays of a store."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    attrs: Mapping[str, Any]
    is_axis: bool = False
    """It holds the coordinates along an axis."""

    def __str__(self) -> str:
        return f"{self.name} {self.shape}"


def metadata_of(
    attrs: Mapping[str, Any], name: str, names: Names, shape: tuple[int, ...], find: Beside
) -> Metadata:
    """Return label and coordinates of an array whose axes are named."""
    axes = zip(names, shape, strict=True)
    coordinates = tuple(coordinate_of(find, axis, length) for axis, length in axes)
    return Metadata(label_of(attrs, name), coordinates=coordinates, **label_metadata(attrs))


def decoding_of(
    attrs: Mapping[str, Any], dtype: np.dtype[Any], further: Iterable[Any] = ()
) -> Decoding:
    """Return how samples become values; ``further`` ones are missing beside those of attributes."""
    if dtype.kind not in "biuf":
        return Decoding()
    missing = dict.fromkeys([*missing_values(attrs, dtype), *further])
    scale, offset = packing(attrs)
    valid = valid_limits(attrs, dtype)
    return Decoding(
        None, tuple(map(Missing, missing)), scale, offset, wraps=wraps(attrs, dtype), valid=valid
    )


def coordinate_of(find: Beside, name: str | None, length: int) -> Coordinate | None:
    """Return the coordinates along an axis of a name; None where nothing is known of it."""
    array = None if name is None else find(name)
    if name is None or array is None or tuple(array.shape) != (length,):
        return None if name is None or not label_of({}, name) else Coordinate(None, name)
    attrs = dict(array.attrs)
    unsigned = wraps(attrs, array.dtype)
    stored = np.asarray(array[...])
    if stored.dtype.kind == "O":  # HDF5's strings
        stored = np.array([one.decode() if isinstance(one, bytes) else one for one in stored])
    elif stored.dtype.kind == "S":
        stored = np.char.decode(stored, "utf-8", "replace")
    values = Decoding(None, (), *packing(attrs), wraps=unsigned).unpack(stored)
    values = tidy(as_plain(decode_times(values, attrs)))
    words = {} if values.dtype.kind == "M" else attrs
    label = label_of({**attrs, "units": words.get("units")}, name)
    return Coordinate(values, label, points_up(values, name, attrs))


def find_images(variables: Iterable[Variable]) -> list[Variable]:
    """Return those that are images: numbers along two axes, and no coordinates of others."""
    every = sorted(variables, key=lambda one: one.name)
    others: set[str] = set()
    for one in every:
        for key in ("bounds", "coordinates", "climatology", "grid_mapping"):
            others.update(as_text(one.attrs.get(key)).split())
    return [
        one
        for one in every
        if len(one.shape) > 1
        and not one.is_axis
        and 0 not in one.shape
        and one.dtype.kind in "biuf"
        and one.name.rpartition("/")[2] not in others
    ]


def choose_image(variables: Iterable[Variable], path: str) -> str:
    """Return the name of the only image.

    Raises
    ------
    ValueError
        Where there are several or none: it says which variables there are.
    """
    every = list(variables)
    found = find_images(every)
    if len(found) == 1:
        return found[0].name
    if found:
        way = f"name one, such as {path.rstrip('/')}/{found[0].name}"
        raise ValueError(f"{path} must hold one image, but holds {list_variables(found)}: {way}")
    held = list_variables(every) if every else "no arrays"
    raise ValueError(f"{path} must hold an image of at least two axes, but holds {held}")


def list_variables(variables: Iterable[Variable]) -> str:
    """Return variables with their shapes, at most a dozen of them: "t (3, 4), u (3, 4)"."""
    every = list(variables)
    text = as_line(", ".join(str(one)[:_LONGEST] for one in every[:_LISTED]))
    left = len(every) - _LISTED
    return f"{text} and {left} more" if left > 0 else text
