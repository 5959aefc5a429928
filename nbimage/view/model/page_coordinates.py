"""Coordinates as the page has them, and where compared images lie by them."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.coordinates import text_of
from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.view.model.stack import Stack, split_unit

_MOST_TEXT = 1_000_000  # letters of one axis' coordinates
_IRREGULAR = 1e-6  # of a step: by so much a regular coordinate may be off its place
_WHOLE = 2**53  # from which on float64 does not tell whole numbers apart

Places = dict[str, Any]


def as_places(known: Coordinate | None, *, turned: bool = False) -> Places | None:
    """Return an axis' coordinates: a first one and a step, or texts; None where it has none.

    ``turned``: from the last one to the first.
    """
    if known is None or known.values is None:
        return None
    values = known.values[::-1] if turned else known.values
    label, unit = split_unit(known.label)
    named: Places = {"label": label, "unit": unit}
    line = _line(values)
    if line is not None:
        return {**named, "first": line[0], "step": line[1]}
    texts = [text_of(value) for value in values]
    if sum(map(len, texts)) > _MOST_TEXT:
        return None
    return {**named, "texts": texts}


def _line(values: Array) -> tuple[float, float] | None:
    """Return first and step of regular numbers; None of others."""
    if values.dtype.kind not in "iuf":
        return None
    first, last = (float(str(value)) for value in (values[0], values[-1]))  # 0.1 of float32 too
    if not max(abs(first), abs(last)) < _WHOLE:
        return None
    if len(values) == 1:
        return first, 1.0
    step = (last - first) / (len(values) - 1)
    off = np.abs(values.astype(np.float64) - (first + step * np.arange(len(values))))
    allowed = _IRREGULAR * abs(step)
    if values.dtype.kind == "f":  # of float32 with the rounding that it has
        rounding = 2 * float(np.finfo(values.dtype).eps) * max(abs(first), abs(last))
        allowed = max(allowed, min(rounding, 1e-3 * abs(step)))
    return (first, step) if step and float(off.max()) <= allowed else None


def picture_places(stack: Stack, lower: bool) -> tuple[Places | None, Places | None]:
    """Return the coordinates of the columns, and of the rows from the top as they are shown."""
    x = as_places(stack.coordinate(stack.columns_axis))
    return x, as_places(stack.coordinate(stack.rows_axis), turned=lower)


def placed(image: dict[str, Any], first: dict[str, Any]) -> dict[str, float]:
    """Return where a compared image lies on the first one's samples, both as in the page.

    By the coordinates of both where they are regular numbers of the same axes; else the same
    place for the same shape; else as large as fits within the first one.
    """
    shape = image["rows"], image["columns"]
    same = shape == (first["rows"], first["columns"])
    if same and all(image[axis] in (None, first[axis]) or first[axis] is None for axis in "xy"):
        return {"x": 0.0, "y": 0.0, "sx": 1.0, "sy": 1.0}
    x, y = (_along(image[axis], first[axis]) for axis in "xy")
    if x is not None and y is not None and min(*shape, first["rows"], first["columns"]) > 1:
        return {"x": x[0], "y": y[0], "sx": x[1], "sy": y[1]}
    scale = min(first["rows"] / image["rows"], first["columns"] / image["columns"])
    return {
        "x": (first["columns"] - scale * image["columns"]) / 2,
        "y": (first["rows"] - scale * image["rows"]) / 2,
        "sx": scale,
        "sy": scale,
    }


def _along(own: Places | None, first: Places | None) -> tuple[float, float] | None:
    """Return where an axis begins on the first image's one, and the length of a sample there."""
    if own is None or first is None or "step" not in own or "step" not in first:
        return None
    if (own["label"], own["unit"]) != (first["label"], first["unit"]):
        return None
    length = own["step"] / first["step"]
    begin = (own["first"] - first["first"]) / first["step"] + (1 - length) / 2  # centre to edge
    return (begin, length) if length > 0 and np.isfinite([begin, length]).all() else None


def depth_spacing(stack: Stack) -> float:
    """Return a step along the last further axis in steps along the columns; 1 if unknown."""
    z = as_places(stack.coordinate(stack.further[-1]))
    x = as_places(stack.coordinate(stack.columns_axis))
    if z is None or x is None or "step" not in z or "step" not in x:
        return 1.0
    if z["unit"] and x["unit"] and z["unit"] != x["unit"]:
        return 1.0
    if stack.sizes[-1] < 2 or stack.columns < 2:
        return 1.0
    return float(abs(z["step"] / x["step"]))
