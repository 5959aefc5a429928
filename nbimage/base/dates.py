"""Dates and time spans of any kind as counts of another unit, exactly, beyond int64 as well."""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import Any

import numpy as np

_SECONDS = {
    "W": Fraction(604800),
    "D": Fraction(86400),
    "h": Fraction(3600),
    "m": Fraction(60),
    **{unit: Fraction(1, 1000**power) for power, unit in enumerate(("s", "ms", "us", "ns"))},
    **{unit: Fraction(1, 1000**power) for power, unit in enumerate(("ps", "fs", "as"), 4)},
}
_COARSER = ("as", "fs", "ps", "ns", "us", "ms", "s", "m", "h", "D", "W")
_MONTHS = {"Y": 12, "M": 1}
_FARTHEST = 10**15  # years, of which the days are counted
_EXACT = 2**53  # float64 holds every integer up to here


def count_units(date: Any, dtype: str) -> int | float:
    """Return a date or time span as a count of ``dtype``'s unit, such as "datetime64[ns]".

    ``date`` is one of NumPy, of `datetime`, of pandas, or text. What lies between two counts is a
    float while that is exact enough, else the nearest count.

    Raises
    ------
    TypeError
        For what is neither, and for months as a time span of days.
    ValueError
        For NaT.
    """
    target = np.dtype(dtype)
    found = _as_numpy(date, target.kind)
    if found.dtype.kind != target.kind:
        raise TypeError(f"{found.dtype} is no {dtype}")
    if np.isnat(found):
        raise ValueError("NaT is no limit")
    unit, step = np.datetime_data(target)
    if "generic" in (unit, np.datetime_data(found.dtype)[0]):
        return int(found.astype(np.int64))
    count = _count(found, unit) / step
    if count.denominator == 1:
        return int(count)
    return float(count) if abs(count) < _EXACT else round(count)


def date_at(count: float, dtype: str) -> Any:
    """Return the date or time span of NumPy's at a count of ``dtype``'s unit.

    In a coarser unit where need be; None where none holds it.
    """
    target = np.dtype(dtype)
    unit, step = np.datetime_data(target)
    if -(2**63) < count < 2**63:
        return np.int64(count).astype(target)
    if unit not in _SECONDS:
        return None
    for wider in _COARSER[_COARSER.index(unit) + 1 :]:
        held = int(count) * step * _SECONDS[unit] // _SECONDS[wider]
        if -(2**63) < held < 2**63:
            return np.int64(held).astype(f"{target.kind}8[{wider}]")
    return None


def format_count(count: float, dtype: str) -> str:
    """Return a count of ``dtype``'s unit as a date or a time span."""
    date = date_at(count, dtype)
    unit, step = np.datetime_data(np.dtype(dtype))
    return f"{int(count) * step} {unit}" if date is None else str(date)


def _as_numpy(date: Any, kind: str) -> Any:
    for method in ("to_datetime64", "to_timedelta64"):  # pandas'
        if hasattr(date, method):
            return np.asarray(getattr(date, method)())
    if isinstance(date, datetime.datetime) and date.tzinfo is not None:
        date = date.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    if isinstance(date, str):
        return np.asarray(np.datetime64(date) if kind == "M" else np.timedelta64(date))
    if isinstance(date, (datetime.date, datetime.timedelta)):
        date = np.datetime64(date) if isinstance(date, datetime.date) else np.timedelta64(date)
    found = np.asarray(date)
    if found.dtype.kind not in "mM" or found.ndim:
        raise TypeError(f"{type(date).__name__} is neither a date nor a time span")
    return found


def _count(date: Any, unit: str) -> Fraction:
    """Return the count of a unit."""
    own, step = np.datetime_data(date.dtype)
    count = int(date.astype(np.int64)) * step
    if own in _MONTHS and unit in _MONTHS:
        return Fraction(count * _MONTHS[own], _MONTHS[unit])
    if own in _MONTHS or unit in _MONTHS:
        if date.dtype.kind == "m":
            raise TypeError(f"{date.dtype} is no whole number of {unit}: months differ")
        if unit in _MONTHS:  # the month that it lies in
            months = int(date.astype("datetime64[M]").astype(np.int64))
            return Fraction(months, _MONTHS[unit])
        if abs(count) > _FARTHEST:
            raise ValueError(f"{count} {own} lies too far away")
        date, own = date.astype("datetime64[D]"), "D"
        count = int(date.astype(np.int64))
    return count * _SECONDS[own] / _SECONDS[unit]
