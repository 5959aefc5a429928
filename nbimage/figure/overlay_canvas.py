"""Convert the caller's coordinates to those of an overlay's SVG document.

What is drawn at them is in `overlay` and `overlay_rasters`; SVG strings in `page.svg_primitives`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import Array
from nbimage.mapping.colormap import as_palette
from nbimage.page import svg_primitives as shapes
from nbimage.page.svg_primitives import Color

ToPositions = Callable[[Array], Array]
"""Coordinates along one axis to pixel positions: 0.0 is the centre of the first pixel."""
Options = dict[str, Any]
_FAR = 1e9  # pixels: browsers drop a path that holds a number too large for float32


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture below an overlay, and the functions from coordinates to its pixels."""

    rows: int
    columns: int
    x_positions: ToPositions
    y_positions: ToPositions
    lower: bool
    text_size: float
    """A readable height of letters, in picture pixels."""
    values: Values | None = None
    """The picture's own values ``(H, W)``, where it has one channel."""
    pixels: Array | None = None
    """What is below: uint8 ``(H, W[, 2|3|4])``, in the order of the values' rows."""

    def to_svg(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Convert coordinates to those of the SVG document, both NaN where one is not finite."""
        right = to_pixels("x", x, self.x_positions) + 0.5
        down = self.flip(to_pixels("y", y, self.y_positions) + 0.5)
        missing = ~(np.isfinite(right) & np.isfinite(down))
        return np.where(missing, np.nan, right), np.where(missing, np.nan, down)

    def flip(self, y: Array) -> Array:
        """Convert distances from the edge of row 0 to distances from the top."""
        return self.rows - y if self.lower else y


def to_numpy(data: Any) -> Array:
    """Return an array-like as a NumPy array."""
    array = as_values(data).array
    return array.host() if isinstance(array, DeviceArray) else array


def to_pixels(axis: str, values: Array, to_positions: ToPositions) -> Array:
    """Return pixel positions of coordinates along an axis. Raises TypeError for other kinds."""
    found = np.asarray(to_positions(values))
    if found.dtype.kind not in "biuf" or found.shape != values.shape:
        raise TypeError(
            f"{axis} must be numbers on this picture, but got {values.dtype} {str(values[0])!r}"
        )
    return found.astype(np.float64)


def _round_coordinates(values: Array) -> Array:
    """Return coordinates to a thousandth of a pixel, none too far for a browser."""
    near: Array = np.round(np.clip(values, -_FAR, _FAR), 3) + 0.0  # no -0
    return near


def format_coordinates(values: Array) -> list[str]:
    """Return coordinates as SVG writes them."""
    return shapes.format_numbers(_round_coordinates(values).tolist())


def path_data(x: Array, y: Array, closed: bool = False) -> str:
    """Return a line's path data; one that ends where it starts is closed there."""
    if len(x) > 2 and x[0] == x[-1] and y[0] == y[-1]:
        x, y, closed = x[:-1], y[:-1], True
    return shapes.path_data(format_coordinates(x), format_coordinates(y), closed=closed)


def group_item_colors(options: Options, count: int) -> list[tuple[Color, Sequence[int]]]:
    """Return the colors of so many things of an item, by their values if they have some."""
    if options.get("values") is None:
        if options.get("cmap") is not None:
            raise ValueError("cmap must be left out where there are no values")
        return shapes.group_colors(options["color"], count)
    values = as_item_values(options["values"], count)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    shares = (values / 2 - low / 2) / (high / 2 - low / 2) if high > low else values * 0 + 0.5
    palette = as_palette("viridis" if options["cmap"] is None else options["cmap"]).array
    bins = np.clip(np.nan_to_num(shares) * 256, 0, 255).astype(np.intp)
    gray = (128, 128, 128, 255)
    colors = [
        tuple(palette[i].tolist()) if known else gray
        for i, known in zip(bins, np.isfinite(values), strict=True)
    ]
    return shapes.group_colors(colors, count) if count else []


def as_item_values(values: Any, count: int) -> Array:
    """Return one number each, NaN where one is missing."""
    found = np.ma.filled(np.ma.asarray(values).astype(np.float64), np.nan)
    if found.shape != (count,):
        raise ValueError(f"values must be {count} numbers, one each, but got shape {found.shape}")
    return found
