"""The two axes of a picture: their coordinates, labels and pixel positions.

Ticks are in `axis_ticks`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from nbimage.arrays.metadata import Coordinate, split_unit
from nbimage.base.chunked import Array

_UNITS = (("d", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
_TIME = "time"
_DEGREES = ("", "°", "deg", "degree", "degrees")
_GLOBE = (
    ("NS", ("degrees_north", "degree_north", "degrees_n", "degree_n"), ("lat", "latitude"), 90),
    ("EW", ("degrees_east", "degree_east", "degrees_e", "degree_e"), ("lon", "longitude"), 360),
)


@dataclass(frozen=True, slots=True, eq=False)
class ResolvedAxis:
    """An axis of a picture with its coordinates and its label."""

    values: Array | None
    """One a pixel, or None: pixel numbers."""
    count: int
    label: str
    shown: bool
    """Whether there are ticks."""
    upward: bool = False
    degrees: str = ""
    """The letters of the two ways where these are degrees on a globe: "NS" or "EW"."""

    @property
    def to_positions(self) -> Callable[[Array], Array]:
        """The function from coordinates to pixel positions, 0 at the first pixel's centre."""
        if self.values is None:
            return _as_they_are
        from nbimage.arrays.coordinates import make_to_positions

        return make_to_positions(self.values, self.count)

    @property
    def unit(self) -> str:
        """What its coordinates are measured in; "" where nothing says."""
        if self.values is not None and self.values.dtype.kind in "Mm":
            return _TIME
        return _DEGREES[1] if self.degrees else split_unit(self.label)[1]


def are_unlike(x: ResolvedAxis, y: ResolvedAxis) -> bool:
    """Whether axes measure different things, such as time and length: no pixel is square then."""
    if not (x.shown and y.shown) or x.unit == y.unit:
        return False
    return bool(x.unit and y.unit) or _TIME in (x.unit, y.unit)


def resolve_axis(
    name: str, given: Any, label: str | None, own: Coordinate | None, count: int
) -> ResolvedAxis:
    """Resolve an axis: what the caller gave, else what the data bring, else nothing.

    ``given`` is None, False (no ticks), True (pixel numbers) or coordinates.
    """
    if isinstance(given, np.bool_):
        given = bool(given)
    upward = own is not None and own.upward
    text = str(label) if label is not None else ("" if own is None or given is False else own.label)
    if given is not None and not isinstance(given, bool):
        from nbimage.arrays.coordinates import check_coordinate

        values = check_coordinate(name, given, count)
        return ResolvedAxis(values, count, _with_unit(text, values), True)
    values_own = None if own is None or given is True else own.listed(count)
    if given is False:
        return ResolvedAxis(values_own, count, text, False, upward)
    shown = given is True or (own is not None and (values_own is not None or bool(own.label)))
    degrees = "" if own is None or values_own is None else _find_degrees(own, values_own)
    if degrees and label is None:
        text = ""  # its ticks say it
    return ResolvedAxis(values_own, count, _with_unit(text, values_own), shown, upward, degrees)


def _find_degrees(own: Coordinate, values: Array) -> str:
    """Return "NS" for latitudes, "EW" for longitudes, "" for all else."""
    if values.dtype.kind not in "iuf":
        return ""
    unit, name = own.unit.lower().replace(" ", "_"), own.label.partition(" [")[0].lower()
    plain = unit in _DEGREES
    for letters, units, names, most in _GLOBE:
        if (unit in units or (plain and name in names)) and np.abs(values).max() <= most:
            return letters
    return ""


def _with_unit(label: str, values: Array | None) -> str:
    if values is None or values.dtype.kind != "m":
        return label
    span = float((values[-1] - values[0]).astype(np.int64))
    unit, _ = duration_unit(str(values.dtype), span)
    return f"{label} [{unit}]" if label else f"[{unit}]"


def _as_they_are(values: Array) -> Array:
    return np.asarray(values, np.float64)


def as_datetime(date: Any) -> datetime | None:
    """Return a datetime64 as a datetime, to the microsecond; None beyond the years 1 to 9999."""
    found = np.datetime64(date).astype("datetime64[us]").item()
    return found if isinstance(found, datetime) else None


def duration_unit(dtype: str, span: float) -> tuple[str, float]:
    """Return the unit in which to say durations, and the factor from the dtype's own."""
    unit, number = np.datetime_data(np.dtype(dtype))
    try:
        own = float(np.int64(1).view(dtype) / np.timedelta64(1, "s"))
    except TypeError:  # months and years have no length
        return unit, float(number)
    for name, seconds in _UNITS:
        if abs(span) * own >= 2 * seconds:
            return name, own / seconds
    return "µs", own / 1e-6
