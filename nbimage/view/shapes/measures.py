"""Numbers of the samples inside of a shape: which values these are, and their statistics.

``page/js/view/shapes/numbers.js`` has the same in JavaScript.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.ingest import as_values, names_of, only_variable
from nbimage.base.chunked import Array
from nbimage.base.scalars import as_index
from nbimage.view.shapes.masks import Point, find_inside

_MOST_HELD = 1 << 25  # values of which all are needed at once


def read_inside(
    kind: str,
    points: Sequence[Point],
    plane: Mapping[Any, int] | None,
    data: Any,
    axes: Any,
) -> tuple[Array, int]:
    """Return the values inside of a shape, and which axis of them is that of the samples.

    Raises TypeError or ValueError for data in which no picture can be found.
    """
    data = only_variable(data)
    if not hasattr(data, "shape") or not hasattr(data, "__getitem__"):
        data = np.asarray(data)
    order = resolve_axis_order(data.shape, names_of(data), axes, dtype=getattr(data, "dtype", None))
    slices, inside = find_inside(kind, points, (data.shape[order.rows], data.shape[order.columns]))
    where: list[Any] = [slice(None)] * len(data.shape)
    where[order.rows], where[order.columns] = slices
    for axis, i in (plane or {}).items():
        number = order.names.index(axis) if axis in order.names else axis
        if isinstance(number, int) and 0 <= number < len(order.further):
            size = data.shape[order.further[number]]
            one = as_index(f"plane[{axis!r}]", i, size)
            where[order.further[number]] = slice(one, one + 1)
    if not inside.any():
        sides = [len(range(*w.indices(n))) for w, n in zip(where, data.shape, strict=True)]
        whole: Array = np.zeros(sides, getattr(data, "dtype", float))
    else:
        values = as_values(data[tuple(where)], any_shape=True)
        mask = values.mask
        whole = np.asarray(values.array)
        if mask is not None and mask.any():
            whole = np.ma.MaskedArray(whole, mask)
    picked = [axis for axis, w in enumerate(where) if w != slice(None) and axis in order.further]
    first = min(order.rows, order.columns)
    whole = np.moveaxis(whole, (order.rows, order.columns), (first, first + 1))
    chosen: Any = (*[slice(None)] * first, inside)
    found = whole[chosen]
    gone = tuple(axis if axis < first else axis - 1 for axis in picked)
    return found.squeeze(gone) if gone else found, first - sum(axis < first for axis in picked)


class Measure:
    """The statistics of values that come part by part: as `find_statistics` gives them.

    Whole numbers of 8 and 16 bits are counted, others held, up to so many.
    """

    def __init__(self) -> None:
        self._counts: Array | None = None
        self._low = 0
        self._parts: list[Array] = []
        self._missing = self._size = 0

    @property
    def held(self) -> bool:
        """Whether there are not too many to be held."""
        return self._size <= _MOST_HELD

    def add(self, values: Array, known: Array | None = None) -> None:
        """Add values, of any shape; ``known``: which of them are not missing."""
        flat = values.ravel() if known is None else values[known]
        self._missing += values.size - flat.size
        if flat.dtype == bool:
            flat = flat.astype(np.uint8)
        if flat.dtype.kind not in "iu" or flat.dtype.itemsize > 2:
            self._parts.append(flat)
            self._size += flat.size
            return
        self._low = int(np.iinfo(flat.dtype).min)
        counts = np.bincount(flat.astype(np.intp) - self._low, minlength=1 << 16).astype(np.int64)
        self._counts = counts if self._counts is None else self._counts + counts

    def describe(self) -> dict[str, Any]:
        """Return the statistics."""
        if self._counts is None or not self._counts.any():
            found = _describe(np.concatenate(self._parts) if self._parts else [])
            return {**found, "missing": found["missing"] + self._missing}
        counts, values = self._counts, np.arange(1 << 16, dtype=np.int64) + self._low
        count, total = int(counts.sum()), int((counts * values).sum())
        ranks = [(count - 1) // 2 + 1, count // 2 + 1]
        low, high = np.flatnonzero(counts)[[0, -1]]
        return {
            "count": count,
            "missing": self._missing,
            "min": int(values[low]),
            "max": int(values[high]),
            "mean": total / count,
            "median": float(values[np.searchsorted(np.cumsum(counts), ranks)].mean()),
            "std": float(np.sqrt((counts * (values - total / count) ** 2).sum() / count)),
            "sum": total,
        }


def find_statistics(values: Array, axis: int = 0) -> dict[str, Any]:
    """Return the statistics along an axis, of each of the others: numbers, or arrays of them."""
    last = np.moveaxis(values, axis, -1)
    if last.ndim == 1:
        return _describe(last)
    count = math.prod(last.shape[:-1])
    rows = [_describe(row) for row in last.reshape(count, last.shape[-1])]
    return {
        key: np.array([row[key] for row in rows]).reshape(last.shape[:-1]) for key in _describe([])
    }


def _describe(row: Any) -> dict[str, Any]:
    count = len(row)
    known = np.ma.compressed(row) if isinstance(row, np.ma.MaskedArray) else np.asarray(row)
    if known.dtype.kind == "f":
        known = known[np.isfinite(known)]
    found: dict[str, Any] = {"count": len(known), "missing": count - len(known)}
    if not len(known):
        return {**found, **dict.fromkeys(("min", "max", "mean", "median", "std"), np.nan), "sum": 0}
    if known.dtype.kind == "f":
        wide = known.astype(np.float64)
        return {
            **found,
            "min": wide.min().item(),
            "max": wide.max().item(),
            "mean": wide.mean().item(),
            "median": np.median(wide).item(),
            "std": wide.std().item(),
            "sum": wide.sum().item(),
        }
    if known.dtype == bool:
        known = known.astype(np.uint8)
    low, high = int(known.min()), int(known.max())
    # as seen from the smallest one, which leaves all digits
    above = known.astype(np.uint64) - np.uint64(low % 2**64)
    halves = (int((above >> 32).sum()) << 32) + int((above & 0xFFFFFFFF).sum())
    total = low * len(known) + halves
    middle = np.partition(above, ((len(above) - 1) // 2, len(above) // 2))
    twice = int(middle[(len(above) - 1) // 2]) + int(middle[len(above) // 2])
    return {
        **found,
        "min": low,
        "max": high,
        "mean": total / len(known),
        "median": (2 * low + twice) / 2,
        "std": above.astype(np.float64).std().item(),
        "sum": total,
    }
