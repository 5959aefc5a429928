"""`World`: what the rows and columns of an image stand for on the sky or the earth.

Not here: where that comes from (`wcs`, `crs`), and how a page gets it (`patches`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nbimage.base.chunked import Array


class WorldPart(NamedTuple):
    """A position on a sphere, or one number."""

    kind: str
    """"sky" or "earth", of two numbers in degrees, longitude and latitude; or "number"."""
    names: tuple[str, ...]
    """Such as "RA" and "Dec"."""
    unit: str = ""
    """Of a number."""
    frame: str = ""
    """Such as "ICRS" or "EPSG:4326"."""
    hours: bool = False
    """The longitude is said in hours."""
    signed: bool = False
    """The longitude goes from -180 to 180 rather than from 0 to 360."""

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return 1 if self.kind == "number" else 2


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """The coordinates of each pixel of an image, as the library that knows them has them."""

    parts: tuple[WorldPart, ...]
    locate: Callable[[Array, Array], Array]
    """From columns and rows, 0 at the center of the first, to numbers ``(n, k)``: two for each
    position on a sphere and one for each number; NaN where there are none."""

    def shifted(self, offset: tuple[float, float], scale: tuple[float, float]) -> World:
        """Return the same of an image whose columns and rows are others.

        ``offset`` and ``scale``: of the first column and row, and of a step along each.
        """

        def locate(columns: Array, rows: Array) -> Array:
            return self.locate(offset[0] + scale[0] * columns, offset[1] + scale[1] * rows)

        return World(self.parts, locate)

    def vectors(self, columns: Array, rows: Array) -> Array:
        """Return smooth numbers ``(n, k)``: of positions on a sphere unit vectors."""
        found, taken = self.locate(columns, rows), 0
        smooth: list[Array] = []
        for part in self.parts:
            own = found[:, taken : taken + part.size]
            taken += part.size
            smooth.append(own if part.kind == "number" else as_vectors(own))
        whole = np.concatenate(smooth, axis=1)
        whole[~np.isfinite(whole).all(axis=1)] = np.nan
        return whole


def as_vectors(degrees: Array) -> Array:
    """Return unit vectors ``(n, 3)`` of longitudes and latitudes in degrees ``(n, 2)``."""
    longitude, latitude = np.radians(degrees).T
    flat = np.cos(latitude)
    return np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], 1)
