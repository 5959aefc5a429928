"""Coordinates as a view has them, of arrays and pyramids, and where they put compared images.

Not here: reading coordinates of labelled arrays (`nbimage.arrays.coordinates`), and how a page has
them (`nbimage.figure.page_coordinate`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.metadata import UNLABELLED, Coordinate, Metadata
from nbimage.figure.page_coordinate import PageCoordinate
from nbimage.pyramid.core.pyramid import Pyramid


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


def find_coordinate(pyramid: Pyramid, axis: int) -> Coordinate | None:
    """Return the coordinate of an axis: the further ones, then rows and columns.

    The file's or the array's own; else of rows and columns from the size of a pixel, and of the
    axis "c" the channels' names.
    """
    known, count = pyramid.metadata.along(axis), len(pyramid.axes)
    if known is not None and (known.values is not None or known.regular is not None):
        return known
    if axis >= count:
        size = pyramid.pixel_size
        if size is None:
            return known
        step, unit = size[axis - count], pyramid.unit
        label = known.label if known else ""
        return Coordinate(None, f"{label} [{unit}]".lstrip(), regular=(step / 2, step))
    name, length = pyramid.axes[axis]
    names = pyramid.channel_names
    if name.lower() == "c" and len(names) == length:
        return Coordinate(np.array(names, dtype=np.str_))
    return known


def whole_metadata(pyramid: Pyramid) -> Metadata:
    """Return metadata of all planes: the further axes, rows, columns, and channels if several."""
    count = len(pyramid.axes) + 2
    found = tuple(find_coordinate(pyramid, axis) for axis in range(count))
    channels = () if pyramid.channels == 1 else (None,)
    if pyramid.metadata == UNLABELLED and not any(found):
        return UNLABELLED
    return replace(pyramid.metadata, coordinates=(*found, *channels))


def name_with_unit(name: str, known: Coordinate | None) -> str:
    """Return an axis' name with the unit of its labels, if it has some: "level [hPa]"."""
    unit = "" if known is None or known.values is None else known.unit
    return f"{name} [{unit}]" if unit else name
