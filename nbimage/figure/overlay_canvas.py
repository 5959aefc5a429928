"""The picture that an overlay is drawn on: the caller's coordinates to those of the SVG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import as_values
from nbimage.base.chunked import Array
from nbimage.page import svg_primitives as shapes

Place = Callable[[Array], Array]
"""Coordinates along one axis to pixel positions: 0.0 is the centre of the first pixel."""
Options = dict[str, Any]
_FAR = 1e9  # pixels: browsers drop a path that holds a number too large for float32


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture that is drawn on, and where the caller's coordinates lie on it."""

    rows: int
    columns: int
    place_x: Place
    place_y: Place
    lower: bool
    text_size: float
    """A readable height of letters, in picture pixels."""

    def placed(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Return the caller's coordinates as SVG's, both NaN where one is not finite."""
        right = positions("x", x, self.place_x) + 0.5
        down = self.downward(positions("y", y, self.place_y) + 0.5)
        lost = ~(np.isfinite(right) & np.isfinite(down))
        return np.where(lost, np.nan, right), np.where(lost, np.nan, down)

    def downward(self, y: Array) -> Array:
        """Return distances from the edge of row 0 as distances from the top."""
        return self.rows - y if self.lower else y


def on_host(data: Any) -> Array:
    """Return an array-like as a NumPy array."""
    array = as_values(data).array
    return array.host() if isinstance(array, DeviceArray) else array


def positions(axis: str, values: Array, place: Place) -> Array:
    """Return pixel positions of coordinates along an axis. Raises TypeError for other kinds."""
    placed = np.asarray(place(values))
    if placed.dtype.kind not in "biuf" or placed.shape != values.shape:
        raise TypeError(
            f"{axis} must be numbers on this picture, but got {values.dtype} {str(values[0])!r}"
        )
    return placed.astype(np.float64)


def rounded(values: Array) -> Array:
    """Return coordinates to a thousandth of a pixel, none too far for a browser."""
    near: Array = np.round(np.clip(values, -_FAR, _FAR), 3) + 0.0  # no -0
    return near


def written(values: Array) -> list[str]:
    """Return coordinates as SVG writes them."""
    return shapes.numbers(rounded(values).tolist())


def course(x: Array, y: Array, closed: bool = False) -> str:
    """Return a line's path data; one that ends where it starts is closed there."""
    if len(x) > 2 and x[0] == x[-1] and y[0] == y[-1]:
        x, y, closed = x[:-1], y[:-1], True
    return shapes.course(written(x), written(y), closed=closed)
