"""What a pyramid says of itself, as a view needs it: the same of tiles and of what is embedded."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbimage.arrays.metadata import UNLABELLED, Coordinate, Metadata
from nbimage.pyramid.core.pyramid import Pyramid


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
