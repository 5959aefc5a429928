"""The CF conventions: what attributes say of values, of coordinates and of what is missing.

https://cfconventions.org. Arrays that xarray has opened are decoded by it already; those that
come from zarr itself are not.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import find_spatial
from nbimage.arrays.coordinates import is_ascending
from nbimage.arrays.metadata import LabelTable
from nbimage.base.chunked import Array

_GENERIC_NAME = re.compile(r"(phony_)?dim_\d+|__xarray_.*__|.*-[0-9a-f]{32}")  # no person's names
_NORTH_UNITS = frozenset(
    {"degrees_north", "degree_north", "degrees_n", "degree_n", "degreesn", "degreen"}
)
_NORTH_STANDARD = frozenset({"latitude", "grid_latitude", "projection_y_coordinate"})
_EAST_UNITS = frozenset(
    {"degrees_east", "degree_east", "degrees_e", "degree_e", "degreese", "degreee"}
)
_EAST_STANDARD = frozenset({"longitude", "grid_longitude", "projection_x_coordinate"})
_NORTH_NAMES = frozenset({"lat", "latitude", "northing"})
_FILLS = ("_FillValue", "missing_value", "nodata")
_SINCE = re.compile(r"\s*(\w+)\s+since\s+(\d{4,}-\d\d?-\d\d?)(?:[T ]+(\d\d?:\d\d(?::\d\d)?)\S*)?.*")
_TIME_UNITS = {
    **dict.fromkeys(("day", "days", "d"), 86_400_000_000_000),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), 3_600_000_000_000),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 60_000_000_000),
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1_000_000_000),
    **dict.fromkeys(("millisecond", "milliseconds", "msec", "ms"), 1_000_000),
    **dict.fromkeys(("microsecond", "microseconds", "us"), 1_000),
    **dict.fromkeys(("nanosecond", "nanoseconds", "ns"), 1),
}
_CALENDARS = ("", "standard", "gregorian", "proleptic_gregorian")
_FINEST_FIRST = {"ns": 1, "us": 1_000, "ms": 1_000_000, "s": 1_000_000_000}
_SECOND = _FINEST_FIRST["s"]
_FULLEST = 0.999 * 2**63  # counts of a unit, which int64 holds
_FIRST_GREGORIAN = -12_219_292_800  # seconds from 1970 back to 1582-10-15


def label_of(attrs: Mapping[str, Any], name: str) -> str:
    """Return what values are called, with their units: "air temperature [K]"."""
    words = as_text(attrs.get("long_name")) or as_text(attrs.get("standard_name")).replace("_", " ")
    if not words and not _GENERIC_NAME.fullmatch(name):
        words = name
    units = units_of(attrs)
    return f"{words} [{units}]".lstrip() if units else words


def units_of(attrs: Mapping[str, Any]) -> str:
    """Return the units; "" for none and for pure numbers."""
    units = as_text(attrs.get("units"))
    return "" if units == "1" else units  # CF's word for no unit at all


def as_text(value: Any) -> str:
    """Return an attribute in one line; "" for none."""
    return "" if value is None else " ".join(str(value).split())


def points_up(values: Array, name: str, attrs: Mapping[str, Any]) -> bool:
    """Say whether a coordinate is a northing or a height, by the CF conventions, and increases."""
    if values.dtype.kind not in "iuf" or not is_ascending(values):
        return False

    def lower(key: str) -> str:
        return as_text(attrs.get(key)).lower()

    if lower("positive"):
        return lower("positive") == "up"
    return (
        lower("units") in _NORTH_UNITS
        or lower("standard_name") in _NORTH_STANDARD
        or lower("axis") == "y"
        or name.lower() in _NORTH_NAMES
    )


def names_by_attributes(
    names: tuple[str | None, ...], attributes_of: Callable[[str], Mapping[str, Any]]
) -> tuple[str | None, ...]:
    """Return names with "y" and "x" for axes that the CF conventions call so.

    Where the names do not tell rows and columns, but the attributes of their coordinates do.
    """
    if len(names) < 3 or find_spatial(names) is not None:
        return names
    sides = [_side_of(attributes_of(name)) if name else "" for name in names]
    if sides.count("y") != 1 or sides.count("x") != 1:
        return names
    return tuple(side or name for side, name in zip(sides, names, strict=True))


def _side_of(attrs: Mapping[str, Any]) -> str:
    """Return "y" or "x" for a coordinate of rows or columns; "" for any other."""
    axis, standard, units = (
        as_text(attrs.get(key)).lower() for key in ("axis", "standard_name", "units")
    )
    if axis:
        return axis if axis in ("x", "y") else ""
    if standard in _NORTH_STANDARD or units in _NORTH_UNITS:
        return "y"
    return "x" if standard in _EAST_STANDARD or units in _EAST_UNITS else ""


def label_metadata(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of metadata that say that values are numbers of classes, and of which.

    By the attributes that list these. Bits of flags are none whose values have names.
    """
    if "flag_values" not in attrs and "flag_masks" not in attrs:
        return {}
    values, texts = attrs.get("flag_values"), attrs.get("flag_meanings")
    names = as_text(texts).split() if isinstance(texts, (str, bytes)) else _listed(texts)
    if isinstance(values, str):
        values = [int(value) for value in re.findall(r"[-+]?\d+", values)]
    numbers = [] if "flag_masks" in attrs else _listed(values)
    known = len(numbers) == len(names) and all(isinstance(n, (int, float)) for n in numbers)
    found = {int(n): str(name) for n, name in zip(numbers, names, strict=True)} if known else {}
    return {"labels": True, "label_table": LabelTable.of_names(found)}


def _listed(values: Any) -> list[Any]:
    found: list[Any] = [] if values is None else np.ravel(values).tolist()
    return found


def missing_values(attrs: Mapping[str, Any], dtype: Any) -> list[Any]:
    """Return what stands for missing values, as the dtype holds it."""
    found = [fill for key in _FILLS for fill in as_held(attrs.get(key), dtype)]
    if wraps(attrs, dtype):  # they may be given without the sign too
        plain = np.dtype(f"u{np.dtype(dtype).itemsize}")
        given = [fill for key in _FILLS for fill in as_held(attrs.get(key), plain)]
        found += [fill.astype(dtype) for fill in given]
    return list(dict.fromkeys(found))


def as_held(value: Any, dtype: Any) -> Iterator[Any]:
    """Yield an attribute's values as the array's dtype holds them, if it can."""
    kind = getattr(dtype, "kind", "O")
    if isinstance(value, str):
        value = _packed_float(value)
    listed: Any = value if isinstance(value, (list, tuple)) else np.ravel(value).tolist()
    for fill in listed:
        known = isinstance(fill, (int, float, np.integer, np.floating))
        if not known or isinstance(fill, bool) or fill != fill:
            continue  # NaN is missing without being told
        if kind == "f":
            with np.errstate(over="ignore"):
                held = np.asarray(fill).astype(dtype)
            if np.isfinite(held) == np.isfinite(float(fill)):
                yield held[()]
        elif kind in "iu" and float(fill).is_integer():
            limits = np.iinfo(dtype)
            if limits.min <= fill <= limits.max:
                yield dtype.type(int(fill))


def _packed_float(text: str) -> Any:
    """Return a float that xarray has written to zarr 3 as base64; None for other text."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return struct.unpack("<d", data)[0] if len(data) == 8 else None


def parse_nodata(text: str | None, dtype: np.dtype[Any]) -> list[Any]:
    """Return the sample that GDAL's word means, such as "-9999" or "1e+20"; none for no sample."""
    word = (text or "").strip("\0 \t\r\n").replace(",", ".")
    value: float
    try:
        value = int(word)
    except ValueError:
        try:
            value = float(word)
        except ValueError:
            return []
    if dtype.kind == "b":
        return [np.bool_(value)] if value in (0, 1) else []
    return list(as_held(value, dtype))


def wraps(attrs: Mapping[str, Any], dtype: Any) -> int:
    """Return what is to be added to negative samples that stand for unsigned ones; else 0."""
    unsigned = as_text(attrs.get("_Unsigned")).lower() == "true"
    return 1 << 8 * dtype.itemsize if unsigned and getattr(dtype, "kind", "O") == "i" else 0


def valid_limits(attrs: Mapping[str, Any], dtype: Any) -> tuple[float, float] | None:
    """Return the smallest and the largest sample that is no missing value; None where not told."""
    if "valid_range" in attrs:
        found = np.ravel(attrs["valid_range"]).tolist()
    else:
        found = [attrs.get("valid_min", -np.inf), attrs.get("valid_max", np.inf)]
    try:
        low, high = (np.asarray(one).item() for one in found)
        shift = wraps(attrs, dtype)
        low, high = (one + shift if shift and -shift < one < 0 else one for one in (low, high))
        if not low <= high:
            return None
    except (TypeError, ValueError):
        return None
    return None if (low, high) == (-np.inf, np.inf) else (low, high)


def packing(attrs: Mapping[str, Any]) -> tuple[float, float]:
    """Return factor and offset of packed values; 1 and 0 where they are as they are."""
    found = [attrs.get("scale_factor", 1.0), attrs.get("add_offset", 0.0)]
    try:
        scale, offset = (float(np.asarray(one).item()) for one in found)
    except (TypeError, ValueError):
        return 1.0, 0.0
    return (scale, offset) if np.isfinite([scale, offset]).all() and scale else (1.0, 0.0)


def decode_times(values: Array, attrs: Mapping[str, Any]) -> Array:
    """Return "days since 2000-01-01" and the like as datetime64; other values as they are.

    In nanoseconds where these reach all of them, else in the finest unit that does. Values that
    name no date of the Gregorian calendar stay what they are, too.
    """
    found = _SINCE.fullmatch(as_text(attrs.get("units")))
    step = _TIME_UNITS.get(found[1].lower()) if found else None
    calendar = as_text(attrs.get("calendar")).lower()
    known = values.dtype.kind in "iuf" and calendar in _CALENDARS
    start = _parse_start(found[2], found[3] or "00:00", calendar) if found and known else None
    if step is None or start is None:
        return values
    finite = values[np.isfinite(values)]
    counts = [_number(end) * step for end in (finite.min(), finite.max())] if finite.size else [0]
    start_count = start * _SECOND
    first = start_count + min(counts)
    if calendar != "proleptic_gregorian" and first < _FIRST_GREGORIAN * _SECOND:
        return values
    farthest = max(abs(start_count), *map(abs, counts), abs(first), abs(start_count + max(counts)))
    for unit, size in _FINEST_FIRST.items():
        if farthest < _FULLEST * size:
            spans = _spans(values, step, unit)
            return np.asarray(np.datetime64(start, "s").astype(f"M8[{unit}]") + spans)
    return values


def _parse_start(day: str, clock: str, calendar: str) -> int | None:
    """Return a date as seconds from 1970 on; None where there is no such date.

    Before 1582-10-15 it is one of the Julian calendar, unless the calendar is said to be proleptic.
    """
    year, month, number = map(int, day.split("-"))
    hours, rest = clock.split(":", 1)
    try:
        start = np.datetime64(f"{year:04}-{month:02}-{number:02}T{hours:0>2}:{rest}", "s")
    except ValueError:
        return None
    seconds = int(start.astype(np.int64))
    if calendar != "proleptic_gregorian" and seconds < _FIRST_GREGORIAN:
        century = (year - (month < 3)) // 100
        seconds += (century - century // 4 - 2) * 86_400
    return seconds


def _number(value: Any) -> int | float:
    return int(value) if value.dtype.kind in "iu" else float(value)


def _spans(values: Array, step: int, unit: Any) -> Array:
    """Return counts of so many nanoseconds as time spans of a unit, NaN as NaT."""
    size = _FINEST_FIRST[unit]
    if values.dtype.kind != "f" and step % size == 0:
        return np.asarray(values.astype(np.int64) * np.timedelta64(step // size, unit))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.rint(values.astype(np.float64) * (step / size)), f"m8[{unit}]")
