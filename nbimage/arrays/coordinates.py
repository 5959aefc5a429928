"""Coordinates along one axis: what a user or an array gives, and where they lie in pixels.

A coordinate array is 1-D and *tidy*: strictly monotonic finite numbers, datetime64 or timedelta64,
or else names (str). The first pixel's centre is at 0.0, the second's at 1.0.
"""

from __future__ import annotations

import datetime
import functools
import numbers
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.base.chunked import Array

ToPositions = Callable[[Any], Array]

_DATE = re.compile(r"[+-]?\d{4,}(-\d\d(-\d\d([T ]\S+)?)?)?")
_ZONE = re.compile(r"[T ]\S*([Zz]|[+-]\d)")
_UNITS = {"D": "d", "h": "h", "m": "min", "s": "s", "ms": "ms", "us": "µs", "ns": "ns"}
_IRREGULAR = 1e-6  # of a step: by so much a regular coordinate may be off
_EXACT = 1 << 53  # float64 holds every integer up to here


def as_plain(values: Any) -> Array:
    """Convert any array-like of coordinates to numbers, datetime64, timedelta64 or str.

    Dates with a time zone become their local wall time, categories and other objects their names,
    pandas periods their start.
    """
    dtype = getattr(values, "dtype", None)
    special = not isinstance(dtype, np.dtype)
    if hasattr(values, "to_index") and (special or values.dims == (values.name,)):
        index = values.to_index()
        if not isinstance(index.dtype, np.dtype):  # xarray would take local dates to UTC
            values, dtype = index, index.dtype
    array: Array = np.asarray(values)
    if str(dtype) == "category":
        return _named(array)
    if array.dtype.kind == "O":
        return _from_objects(array)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    return array if array.dtype.kind in "biufmMU" else _named(array)


def tidy(values: Array) -> Array:
    """Return plain coordinates as they are if they make a scale; else their names."""
    return values if values.dtype.kind == "U" or _is_scale(values) else _named(values)


def is_ascending(values: Array) -> bool:
    """Say whether coordinates increase from each pixel to the next; one alone does not."""
    return (
        len(values) > 1 and values.dtype.kind in "iufmM" and bool((values[1:] > values[:-1]).all())
    )


def find_line(values: Array) -> tuple[float, float] | None:
    """Return the first one and the step of regular numbers; None of others."""
    if values.dtype.kind not in "iuf":
        return None
    first, last = (float(str(value)) for value in (values[0], values[-1]))  # 0.1 of float32 too
    if not max(abs(first), abs(last)) < _EXACT:
        return None
    if len(values) == 1:
        return first, 1.0
    step = (last - first) / (len(values) - 1)
    off = np.abs(values.astype(np.float64) - (first + step * np.arange(len(values))))
    allowed = _IRREGULAR * abs(step)
    if values.dtype.kind == "f":  # of float32 with the rounding that it has
        rounding = 2 * float(np.finfo(values.dtype).eps) * max(abs(first), abs(last))
        allowed = max(allowed, min(rounding, 1e-3 * abs(step)))
    return (first, step) if step and float(off.max()) <= allowed else None


def reduce_values(values: Array, factor: int) -> Array:
    """Return the coordinates in the middle of so many pixels each, of names the first ones."""
    last = len(values) - 1
    firsts = np.arange(0, len(values), factor)
    if values.dtype.kind not in "iufmM":
        return np.asarray(values[firsts])
    low = values[np.minimum(firsts + (factor - 1) // 2, last)]
    high = values[np.minimum(firsts + factor // 2, last)]
    return (
        np.asarray(low + (high - low) / 2)
        if values.dtype.kind in "iuf"
        else low + (high - low) // 2
    )


def text_of(value: Any) -> str:
    """Write one coordinate in short: dates without a midnight, floats with six digits."""
    if _is_missing(value):
        return ""
    if isinstance(value, np.timedelta64):
        return _duration(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, tuple):
        return ", ".join(text_of(part) for part in value)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.6g}"
    text = str(value)
    if not isinstance(value, str) and _DATE.fullmatch(text):
        return _short_date(text)
    return text


def make_to_positions(values: Any, count: int) -> ToPositions:
    """Return the function from coordinates along an axis to pixel positions, as floats.

    Between pixels it is linear, beyond the ends it goes on with the end steps; an axis of one
    pixel has steps of 1 in its own unit. NaN and NaT give NaN. Dates may be datetime64, datetime
    objects or ISO strings. A name gives its (first) index.

    Raises
    ------
    ValueError
        If there are not ``count`` coordinates; and by the function, for coordinates of another kind
        and for unknown names.
    """
    plain = as_plain(values)
    if plain.shape != (count,):
        raise ValueError(f"values must be {count} coordinates, but got shape {plain.shape}")
    plain = tidy(plain)
    kind = plain.dtype.kind
    if kind == "U":
        known: dict[str, int] = {}
        for index, name in enumerate(plain.tolist()):
            known.setdefault(name, index)
        return functools.partial(_locate_names, known)
    if kind not in "mM":
        base = _base(plain)
        return functools.partial(_locate_numbers, _distances(plain, base), base)
    if kind == "M" and np.datetime_data(plain.dtype)[0] in ("Y", "M"):
        plain = plain.astype("datetime64[s]")  # months have no length, their starts have
    step = np.ones(1, f"m8[{np.datetime_data(plain.dtype)[0]}]")[0]
    return functools.partial(_locate_times, (plain - plain[:1]) / step, plain[:1], step)


def check_coordinate(name: str, values: Any, count: int) -> Array:
    """Take what a user gives as the coordinates of an axis to ``count`` tidy ones.

    Parameters
    ----------
    name : str
        ``"x"`` or ``"y"``, for the messages.
    values : array-like
        One number, date, duration or name a pixel; or the first pixel's and the last one's (two
        numbers, dates or ISO date strings), evenly spaced between. Numbers that are not strictly
        monotonic are taken as names.
    count : int
        How many pixels the axis has.

    Raises
    ------
    ValueError
        For another length or more axes, for NaN, NaT and infinity, and for ends that coincide.
    """
    try:
        plain = as_plain(values)
    except ValueError as error:
        raise ValueError(f"{name} must be one list of coordinates, but got {error}") from error
    if plain.ndim == 0:
        raise ValueError(f"{name} must be a list or an array, but got {_short(values)}")
    if plain.ndim > 1:
        raise ValueError(
            f"{name} must have one axis, but got shape {plain.shape}: "
            f"take one row or column of it, or leave {name} out for pixel numbers"
        )
    if np.ma.is_masked(values):
        raise ValueError(
            f"{name} must have no masked values, but has {int(np.ma.getmaskarray(values).sum())}: "
            f"fill them, or leave {name} out"
        )
    missing = ~np.isfinite(plain) if plain.dtype.kind in "fmM" else np.zeros(len(plain), bool)
    if missing.any():
        at = int(missing.argmax())
        raise ValueError(
            f"{name} must be finite everywhere, but got {plain[at]} at {at}: "
            f"fill it, or leave {name} out"
        )
    if len(plain) == count:
        return tidy(plain)
    if len(plain) == 2 and count > 2 and (ends := _ends(plain)) is not None:
        return _between(name, ends, count)
    one = {"x": ", one a column", "y": ", one a row"}.get(name, "")
    raise ValueError(
        f"{name} must have {count} coordinate{'s'[: count != 1]}{one}"
        f"{', or 2 for its ends' if count > 2 else ''}, but got {len(plain)}"
        f"{' names' if plain.dtype.kind == 'U' else ''}"
    )


def _ends(plain: Array) -> Array | None:
    """Return two ends as numbers or times; None if they are names."""
    if plain.dtype.kind != "U":
        return None if plain.dtype.kind == "b" else plain
    try:
        return _parse_dates(plain)
    except ValueError:
        return None


def _in_unit(times: Array, unit: str) -> Array | None:
    """Return times in another unit; None where NumPy, from 2.5 on, says that it is too fine."""
    try:
        return times.astype(f"{times.dtype.kind}8[{unit}]")
    except OverflowError:
        return None


def _between(name: str, ends: Array, count: int) -> Array:
    if ends.dtype.kind in "mM":
        fine = _in_unit(ends, "ns")  # which reach from 1678 to 2262
        if fine is None or (fine.astype(ends.dtype) != ends).any():
            fine = ends.astype(f"{ends.dtype.kind}8[s]")
        first, last = (int(end) for end in fine.astype(np.int64))
        steps = [first + (last - first) * i // (count - 1) for i in range(count)]
        plain = np.array(steps, np.int64).astype(fine.dtype)
    else:
        plain = np.linspace(float(ends[0]), float(ends[1]), count)
    if not _is_scale(plain):
        raise ValueError(f"{name} must have two different ends, but got {_short(ends.tolist())}")
    return plain


def _locate_names(known: dict[str, int], coordinates: Any) -> Array:
    plain = _named(as_plain(coordinates))
    found = np.array([known.get(name, -1) for name in plain.ravel().tolist()], np.float64)
    if (found < 0).any():
        name = plain.ravel()[int((found < 0).argmax())]
        import difflib

        near = difflib.get_close_matches(name, known, 3)
        way = f"did you mean {' or '.join(map(repr, near))}?" if near else ""
        way = way or f"they are {_short(list(known))[1:-1]}"
        raise ValueError(f"coordinates must be names of the axis, but got {str(name)!r}: {way}")
    return found.reshape(plain.shape)


def _locate_numbers(line: Array, base: int | None, coordinates: Any) -> Array:
    plain = as_plain(coordinates)
    if plain.dtype.kind not in "biuf":
        raise ValueError(
            f"coordinates must be numbers as the axis has, but got {_short(coordinates)}"
        )
    return _along(line, _distances(plain, base))


def _locate_times(line: Array, first: Array, step: Any, coordinates: Any) -> Array:
    plain = as_plain(coordinates)
    if plain.size == 0:
        return np.zeros(plain.shape)
    kind = first.dtype.kind
    if kind == "M" and plain.dtype.kind == "U":
        plain = _parse_dates(plain)
    if plain.dtype.kind != kind:
        known = "dates" if kind == "M" else "durations"
        raise ValueError(
            f"coordinates must be {known} as the axis has, but got {_short(coordinates)}"
        )
    try:
        asked = (plain.ravel() - first) / step
    except TypeError as error:  # months and days have no common measure
        raise ValueError(
            f"coordinates must be in a unit that fits {first.dtype}, but got {plain.dtype}"
        ) from error
    return _along(line, asked).reshape(plain.shape)


def _along(line: Array, asked: Array) -> Array:
    """Interpolate positions along a monotonic line, beyond its ends by the end steps."""
    if len(line) == 1:
        return np.asarray(asked - line[0], np.float64)
    if line[0] > line[-1]:
        line, asked = -line, -asked
    last = len(line) - 1
    with np.errstate(over="ignore", invalid="ignore"):
        before = np.clip(np.searchsorted(line, asked, "right") - 1, 0, last - 1)
        start, end = line[before], line[before + 1]
        inside = before + (asked - start) / (end - start)  # np.interp's slopes may overflow
        below = (asked - line[0]) / (line[1] - line[0])
        above = last + (asked - line[-1]) / (line[-1] - line[-2])
    outside = [asked < line[0], asked > line[-1]]
    return np.asarray(np.select(outside, [below, above], inside), np.float64)


def _base(values: Array) -> int | None:
    """Return what to subtract so that float64 tells large integers apart, if there are any."""
    if values.dtype.kind not in "iu" or not len(values):
        return None
    largest = max(abs(int(values.min())), abs(int(values.max())))
    return int(values[0]) if largest > _EXACT else None


def _distances(values: Array, base: int | None) -> Array:
    if base is None:
        return values.astype(np.float64)
    if values.dtype.kind in "iu":
        return np.asarray(values.astype(object) - base, np.float64)  # Python's are exact
    return np.asarray(values.astype(np.float64) - base)


def _parse_dates(texts: Array) -> Array:
    """Take ISO date strings to datetime64 of the unit that the finest of them has."""
    found = []
    for text in texts.ravel().tolist():
        try:
            # NumPy takes "5" for a year, "now" for a date, and drops time zones to UTC
            if not _DATE.fullmatch(text) or _ZONE.search(text):
                raise ValueError("no ISO date")
            found.append(np.datetime64(text))
        except ValueError as error:
            raise ValueError(
                f"coordinates must be ISO dates such as '2013-01-31 12:00', but got {text!r}"
            ) from error
    return np.array(found).reshape(texts.shape)


def _from_objects(array: Array) -> Array:
    values = [
        value.to_timestamp() if hasattr(value, "to_timestamp") else value  # pandas' periods
        for value in array.ravel().tolist()
    ]
    present = [value for value in values if not _is_missing(value)]

    def all_are(*types: type) -> bool:
        return all(isinstance(value, types) and not isinstance(value, bool) for value in present)

    from decimal import Decimal

    plain: Array
    if present and all_are(datetime.timedelta, np.timedelta64):
        plain = np.array([_time(value, "timedelta64") for value in values])
    elif present and all_are(datetime.date, np.datetime64):
        plain = np.array([_time(value, "datetime64") for value in values])
    elif all_are(numbers.Real, Decimal):
        plain = np.array([np.nan if _is_missing(value) else value for value in values])
        plain = plain if plain.dtype.kind in "iuf" else plain.astype(np.float64)
    else:
        return _named(array)
    return plain.reshape(array.shape)


def _time(value: Any, kind: str) -> Any:
    """Return a date or a duration of any library as NumPy's, a time zone left off."""
    if _is_missing(value):
        return getattr(np, kind)("NaT")
    if getattr(value, "tzinfo", None) is not None:
        value = value.replace(tzinfo=None)
    to_numpy = getattr(value, f"to_{kind}", None)  # pandas: keeps nanoseconds
    return to_numpy() if to_numpy else getattr(np, kind)(value)


def _is_missing(value: Any) -> bool:
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    if isinstance(value, (float, np.floating)):
        return bool(np.isnan(value))
    return type(value).__name__ in ("NoneType", "NAType", "NaTType")


def _is_scale(values: Array) -> bool:
    if values.dtype.kind == "b" or not np.isfinite(values).all():
        return False
    return len(values) < 2 or is_ascending(values) or is_ascending(values[::-1])


def _named(values: Array) -> Array:
    if values.dtype.kind == "U":
        return values
    flat = list(values.ravel()) if values.dtype.kind in "fmM" else values.ravel().tolist()
    texts = [text_of(value) for value in flat]
    if values.dtype.kind == "f" and len(set(texts)) < len(np.unique(values[~np.isnan(values)])):
        texts = [str(value) for value in flat]  # six digits would make different coordinates alike
    return np.array(texts, dtype=np.str_).reshape(values.shape)


def _short_date(text: str) -> str:
    text = text.replace("T", " ")
    if "." in text:
        text = text.rstrip("0").removesuffix(".")
    text = re.sub(r"(:\d\d):00$", r"\1", text)
    return text.removesuffix(" 00:00")


def _duration(value: np.timedelta64) -> str:
    own = np.datetime_data(value.dtype)[0]
    for unit, symbol in _UNITS.items() if own in _UNITS else ():
        whole = value.astype(f"m8[{unit}]")
        if whole == value and (whole or unit == own):
            return f"{whole.astype(np.int64)} {symbol}"
    return str(value)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:59] + "…"
