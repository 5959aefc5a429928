"""Coordinates as the page has them, and where they put compared images.

Not here: reading coordinates of labelled arrays (`nbimage.arrays.coordinates`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.coordinates import text_of
from nbimage.arrays.metadata import Coordinate, split_unit

_MAX_TEXT = 1_000_000  # letters of one axis' coordinates

PageCoordinate = dict[str, Any]
"""An axis' label and unit with ``first`` and ``step``, or with ``texts``."""


def page_coordinate(
    coordinate: Coordinate | None, *, reversed_count: int | None = None
) -> PageCoordinate | None:
    """Return an axis' coordinate as the page has it; None where it has no values.

    ``reversed_count``: of how many samples, from the last one to the first.
    """
    if coordinate is None or (coordinate.values is None and coordinate.regular is None):
        return None
    if reversed_count is not None:
        coordinate = coordinate.reversed(reversed_count)
    label, unit = split_unit(coordinate.label)
    named: PageCoordinate = {"label": label, "unit": unit}
    line = coordinate.line
    if line is not None:
        return {**named, "first": line[0], "step": line[1]}
    values: Any = () if coordinate.values is None else coordinate.values
    texts = [text_of(value) for value in values]
    if sum(map(len, texts)) > _MAX_TEXT:
        return None
    return {**named, "texts": texts}


def find_placement(image: dict[str, Any], first: dict[str, Any]) -> dict[str, float]:
    """Return offset and scale of a compared image on the first one's samples.

    Both as in the page. By their coordinates where these are regular numbers of the same axes;
    else none for the same shape; else centered, as large as fits within the first one.
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


def _along(own: PageCoordinate | None, first: PageCoordinate | None) -> tuple[float, float] | None:
    """Return the offset of an axis on the first image's one, and the length of a sample there."""
    if own is None or first is None or "step" not in own or "step" not in first:
        return None
    if (own["label"], own["unit"]) != (first["label"], first["unit"]):
        return None
    length = own["step"] / first["step"]
    begin = (own["first"] - first["first"]) / first["step"] + (1 - length) / 2  # center to edge
    return (begin, length) if length > 0 and np.isfinite([begin, length]).all() else None


def step_ratio(z: PageCoordinate | None, x: PageCoordinate | None) -> float:
    """Return a step along one coordinate in steps along another; 1 if unknown."""
    if z is None or x is None or "step" not in z or "step" not in x:
        return 1.0
    if z["unit"] and x["unit"] and z["unit"] != x["unit"]:
        return 1.0
    return float(abs(z["step"] / x["step"]))
