"""The two axes of a picture: coordinates to positions and ticks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from nbimage.page.figure import Axis
from nbimage.page.ticks import Tick, fitting_level, name_ticks, number_ticks, scale_ticks
from nbimage.values.blocks import Array
from nbimage.values.coordinates import check_coordinate, place_of
from nbimage.values.labelled import Coordinate

_UNITS = (("d", 86400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))
_LETTER, _LINE = 7, 16  # CSS pixels of a letter's width and of a line


@dataclass(frozen=True, slots=True, eq=False)
class PlacedAxis:
    """An axis with its coordinates settled."""

    values: Array | None
    """One a pixel, or None: pixel numbers."""
    count: int
    label: str
    shown: bool
    """Whether there are ticks."""
    upward: bool = False

    @property
    def place(self) -> Callable[[Array], Array]:
        """The function from coordinates to pixel positions, 0 at the first pixel's centre."""
        if self.values is None:
            return _as_they_are
        return place_of(self.values, self.count)

    def drawn(self, length: float, *, across: bool, lower: bool = False) -> Axis | None:
        """Return what the page draws, of an axis so many CSS pixels long; None for nothing."""
        ticks = self._ticks(lower) if self.shown else ()
        if not ticks and not self.label:
            return None
        upright = across and self._names and _fits_upright(ticks, length)
        return Axis(ticks, self.label, upright)

    @property
    def _names(self) -> bool:
        return self.values is not None and self.values.dtype.kind == "U"

    def _ticks(self, lower: bool) -> tuple[Tick, ...]:
        place = self.place

        def position(value: Any) -> float:
            along = (float(place(np.array([value]))[0]) + 0.5) / self.count
            return 1 - along if lower else along

        values = self.values
        if values is None:
            return number_ticks(0, self.count - 1, position, whole=True)
        if self._names:
            return _named(values, lower)
        if values.dtype.kind == "M":
            from nbimage.page.date_ticks import date_ticks

            ends = as_datetime(values[0]), as_datetime(values[-1])
            if ends[0] is None or ends[1] is None:
                return _named(values, lower)
            return date_ticks(ends[0], ends[1], lambda date: position(np.datetime64(date)))
        if values.dtype.kind == "m":
            low, high = (float(v.astype(np.int64)) for v in (values[0], values[-1]))
            _, factor = duration_unit(str(values.dtype), high - low)
            kind = values.dtype
            return number_ticks(
                low * factor,
                high * factor,
                lambda x: position(np.int64(round(x / factor)).view(kind)),
            )
        low, high = float(values[0]), float(values[-1])
        if values.dtype.kind == "f":
            return scale_ticks(low, high, position)  # of even ones they are even too
        if len(set(np.diff(values.astype(np.float64)).tolist())) > 1:
            uneven = scale_ticks(low, high, position)
            whole = tuple(tick for tick in uneven if "." not in tick.text)
            if len(whole) > 1:
                return whole
        return number_ticks(low, high, position, whole=True)


def as_axis(
    name: str, given: Any, label: str | None, own: Coordinate | None, count: int
) -> PlacedAxis:
    """Settle an axis: what the caller gave, else what the data bring, else nothing.

    ``given`` is None, False (no ticks), True (pixel numbers) or coordinates.
    """
    if isinstance(given, np.bool_):
        given = bool(given)
    upward = own is not None and own.upward
    said = str(label) if label is not None else ("" if own is None or given is False else own.label)
    if given is not None and not isinstance(given, bool):
        values = check_coordinate(name, given, count)
        return PlacedAxis(values, count, _with_unit(said, values), True)
    values_own = None if own is None or given is True else own.values
    if given is False:
        return PlacedAxis(values_own, count, said, False, upward)
    shown = given is True or own is not None
    return PlacedAxis(values_own, count, _with_unit(said, values_own), shown, upward)


def _with_unit(label: str, values: Array | None) -> str:
    if values is None or values.dtype.kind != "m":
        return label
    span = float((values[-1] - values[0]).astype(np.int64))
    unit, _ = duration_unit(str(values.dtype), span)
    return f"{label} [{unit}]" if label else f"[{unit}]"


def _named(values: Array, lower: bool) -> tuple[Tick, ...]:
    ticks = name_ticks([str(value) for value in values])
    if not lower:
        return ticks
    return tuple(Tick(1 - tick.position, tick.text, tick.levels) for tick in ticks)


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


def _fits_upright(ticks: tuple[Tick, ...], length: float) -> bool:
    """Return whether names find more room when they run downwards."""
    return fitting_level(ticks, length, False) > fitting_level(ticks, length, True)
