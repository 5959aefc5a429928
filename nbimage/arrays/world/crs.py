"""Coordinates of the earth: degrees of a projected system, by pyproj where it is there."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from nbimage.arrays.metadata import Transform
from nbimage.arrays.world.coordinates import World, WorldPart
from nbimage.base.chunked import Array

_CODE = re.compile(
    r'(?:ID\[\s*"EPSG"\s*,\s*"?(\d+)"?\s*\]|AUTHORITY\["EPSG"\s*,\s*"(\d+)"\])\s*\]\s*$', re.I
)
_NAME = re.compile(r'\s*\w+\s*\[\s*"([^"]*)"')


_EARTH, _OFF = 6_378_137.0, 30_000.0  # meters of its radius, and by how much ellipsoids differ


def name_system(text: str) -> str:
    """Return what well-known text calls a reference system: "EPSG:32633" or its name."""
    code, name = _CODE.search(text), _NAME.match(text)
    number = code and (code[1] or code[2])
    return f"EPSG:{number}" if number else (name[1] if name else "")


def parse_transform(text: Any) -> Transform | None:
    """Return the six numbers of a ``GeoTransform`` of GDAL's; None of anything else."""
    try:
        numbers = [float(one) for one in str(text or "").split()]
    except ValueError:
        return None
    if len(numbers) != 6 or not all(map(math.isfinite, numbers)):
        return None
    c, a, b, f, d, e = numbers
    return (a, b, c, d, e, f) if a * e - b * d else None


def crs_world(transform: Transform, crs: str, *, names: bool = False) -> World | None:
    """Return longitude and latitude of pixels in a reference system that is no geographic one.

    Parameters
    ----------
    transform : six numbers
        From columns and rows, 0 at the center of the first, to the system's x and y.
    crs : str
        Such as "EPSG:32633", or well-known text.
    names : bool
        Without pyproj, and of systems that it does not know, x and y themselves are returned: of
        images whose axes have no coordinates of their own.
    """
    a, b, c, d, e, f = transform
    system = _open_system(crs)
    geographic = system is not None and system.is_geographic
    if system is None or (geographic and not (b or d)):
        return _plain_world(transform, system) if names else None
    from pyproj import Transformer

    size = system.ellipsoid.semi_major_metre if system.ellipsoid else _EARTH
    base = "EPSG:4326" if abs(size - _EARTH) < _OFF else system.geodetic_crs
    to_degrees = Transformer.from_crs(system, base, always_xy=True)

    def locate(columns: Array, rows: Array) -> Array:
        x, y = a * columns + b * rows + c, d * columns + e * rows + f
        x, y = to_degrees.transform(x, y, errcheck=False)
        found = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)], 1)
        found[~np.isfinite(found).all(axis=1)] = np.nan
        return found

    name = "WGS 84" if isinstance(base, str) else base.name
    return World((WorldPart("earth", ("lon", "lat"), "", str(name), signed=True),), locate)


def _plain_world(transform: Transform, system: Any) -> World:
    """Return x and y of a system as they are."""
    a, b, c, d, e, f = transform
    unit = ""
    if system is not None and system.axis_info:
        unit = {"metre": "m", "degree": "°"}.get(str(system.axis_info[0].unit_name), "")

    def locate(columns: Array, rows: Array) -> Array:
        return np.stack([a * columns + b * rows + c, d * columns + e * rows + f], 1)

    words = ("longitude", "latitude") if unit == "°" else ("easting", "northing")
    return World(tuple(WorldPart("number", (word,), unit) for word in words), locate)


def _open_system(crs: str) -> Any:
    """Return pyproj's reference system; None where it is not there or does not know it."""
    if not crs:
        return None
    try:
        from pyproj import CRS
        from pyproj.exceptions import CRSError
    except ImportError:
        return None
    try:
        system = CRS.from_user_input(crs)
    except CRSError:
        return None
    horizontal = system.sub_crs_list[0] if system.is_compound else system
    return horizontal if horizontal.is_projected or horizontal.is_geographic else None
