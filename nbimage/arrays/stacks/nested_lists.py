"""Nested lists whose innermost items are arrays of any kind, as one array with their masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.device import DeviceArray, stack_tensors
from nbimage.base.chunked import Array

_PLAIN = {int, float, bool, complex, np.ndarray}


class Item(Protocol):
    """One item, as values."""

    @property
    def array(self) -> Array | DeviceArray:
        """Its values."""

    @property
    def mask(self) -> Array | None:
        """Where values are missing."""

    @property
    def names(self) -> Names | None:
        """The names of its axes."""

    @property
    def dtype(self) -> str:
        """Its dtype in words."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its shape."""


Stacked = tuple["Array | DeviceArray", "Array | None", "Names | None", str]
"""Array, mask, names of the axes, dtype in words ("": the array's)."""


def stack_items(data: Sequence[Any], take: Callable[[Any], Item]) -> Stacked | None:
    """Return what the innermost items of nested lists are together.

    None where all of them are numbers and plain arrays, of which NumPy makes one quicker. ``take``
    takes one item in.

    Raises ValueError for items and lists that do not fit one another.
    """
    if _is_plain(data):
        return None
    items: list[Any] = []
    outer = _walk(data, items)
    if outer is None or not items:
        return None
    if any(item is None for item in items):
        raise TypeError("data must hold numbers, but an item is None: numpy.nan is what is missing")
    found = [None if item is np.ma.masked else take(_as_item(item)) for item in items]
    known = [values for values in found if values is not None]
    if not known:
        return np.zeros(outer), np.ones(outer, bool), None, ""
    shape = known[0].shape
    if any(values.shape != shape for values in known) or (shape and len(known) < len(found)):
        raise ValueError(f"items have shapes of {sorted({values.shape for values in known})}")
    names = known[0].names if all(values.names == known[0].names for values in known) else None
    dtypes = {values.dtype for values in known}
    return (
        _stack_arrays(found, known, (*outer, *shape)),
        _stack_masks(found, (*outer, *shape)),
        None if names is None else (*(None for _ in outer), *names),
        dtypes.pop() if len(dtypes) == 1 else "",
    )


def _is_plain(data: Any) -> bool:
    """Return whether nested lists hold numbers alone."""
    kinds = set(map(type, data))
    if kinds <= {list, tuple}:
        return all(map(_is_plain, data))
    return kinds <= {int, float, bool, complex}


def _walk(data: Any, items: list[Any]) -> tuple[int, ...] | None:
    """Collect the items of nested lists; return the lists' lengths, or None if all are plain."""
    kinds = set(map(type, data))
    if not any(issubclass(kind, (list, tuple)) for kind in kinds):
        items += data
        plain = kinds <= _PLAIN or all(issubclass(kind, (np.generic, str, bytes)) for kind in kinds)
        return None if plain else (len(data),)
    if not all(issubclass(kind, (list, tuple)) for kind in kinds):
        return None  # ragged, as NumPy will say
    inner = [_walk(part, items) for part in data]
    if all(lengths is None for lengths in inner):
        return None
    lengths = {_lengths(part) for part in data}
    if len(lengths) > 1:
        raise ValueError(f"lists have lengths of {sorted(lengths)}")
    return (len(data), *lengths.pop())


def _lengths(data: Any) -> tuple[int, ...]:
    """Return the lengths of lists, whose first items are as long as all others."""
    if not isinstance(data, (list, tuple)):
        return ()
    return (len(data), *(_lengths(data[0]) if data else ()))


def _as_item(item: Any) -> Any:
    return np.asarray(item) if isinstance(item, (int, float, complex)) else item


def _stack_arrays(
    found: list[Item | None], known: list[Item], shape: tuple[int, ...]
) -> Array | DeviceArray:
    arrays = [values.array for values in known]
    if all(isinstance(array, DeviceArray) for array in arrays):
        return stack_tensors(arrays, shape)  # type: ignore[arg-type]
    hosts = [array.host() if isinstance(array, DeviceArray) else array for array in arrays]
    out = np.zeros((len(found), *hosts[0].shape), np.result_type(*hosts))
    for index, values in enumerate(found):
        if values is not None:
            array = values.array
            out[index] = array.host() if isinstance(array, DeviceArray) else array
    return out.reshape(shape)


def _stack_masks(found: list[Item | None], shape: tuple[int, ...]) -> Array | None:
    if all(values is not None and values.mask is None for values in found):
        return None
    inner = next((values.shape for values in found if values is not None), ())
    out = np.zeros((len(found), *inner), bool)
    for index, values in enumerate(found):
        if values is None:
            out[index] = True
        elif values.mask is not None:
            out[index] = values.mask
    return out.reshape(shape)
