"""Times of the CF conventions; the dates are those of cftime."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage.arrays.cf import decode_times, packing, valid_limits


def decoded(values: object, units: str, calendar: str = "") -> list[str]:
    found = decode_times(np.asarray(values), {"units": units, "calendar": calendar})
    return [str(one)[:19] for one in found]


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, np.float64])
def test_times_are_dates_whatever_they_are_stored_as(dtype: type) -> None:
    counts = [np.dtype(dtype).type(count) for count in (0, 24, 36)]
    dates = ["2000-02-28T12:00:00", "2000-02-29T12:00:00", "2000-03-01T00:00:00"]
    assert decoded(counts, "hours since 2000-02-28 12:00") == dates


def test_nan_is_no_date() -> None:
    assert decoded([1.5, np.nan], "days since 2000-01-01") == ["2000-01-02T12:00:00", "NaT"]
    assert decoded([np.nan], "days since 2000-01-01") == ["NaT"]


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_dates_beyond_those_of_nanoseconds_are_right(dtype: type) -> None:
    assert decoded(np.array([300_000], dtype), "days since 1850-01-01") == ["2671-05-17T00:00:00"]
    proleptic = decoded(np.array([730_119], dtype), "days since 0001-01-01", "proleptic_gregorian")
    assert proleptic == ["2000-01-01T00:00:00"]
    assert decoded(np.array([1_500_000_001], dtype), "nanoseconds since 2300-01-01") == [
        "2300-01-01T00:00:01"
    ]


@pytest.mark.parametrize("calendar", ["", "standard", "gregorian"])
def test_days_are_counted_from_dates_of_the_julian_calendar(calendar: str) -> None:
    assert decoded([730_121], "days since 0001-01-01", calendar) == ["2000-01-01T00:00:00"]
    assert decoded([1], "days since 1582-10-04", calendar) == ["1582-10-15T00:00:00"]
    assert decoded([50_000], "days since 1500-02-20", calendar) == ["1637-01-21T00:00:00"]


@pytest.mark.parametrize("year", [1, 100, 300, 400, 1000, 1100, 1500, 1582])
def test_each_day_about_a_leap_day_is_one_of_the_julian_calendar(year: int) -> None:
    cftime = pytest.importorskip("cftime")
    for month, day in ((1, 1), (2, 1), (2, 28), (3, 1), (3, 31), (4, 1), (10, 4), (12, 31)):
        units = f"days since {year:04}-{month:02}-{day:02}"
        count = cftime.date2num(cftime.datetime(2000, 1, 1), units, "standard")
        assert decoded([count], units) == ["2000-01-01T00:00:00"], units


@pytest.mark.parametrize(
    ("value", "units", "calendar"),
    [
        (1, "days since 2000-13-01", ""),
        (1, "hours since 1900-01-01 24:00", ""),
        (1, "days since 2000-01-01", "noleap"),
        (1, "fortnights since 2000-01-01", ""),
        (-1, "days since 1582-10-15", "standard"),
        (2**62, "days since 2000-01-01", ""),
    ],
)
def test_what_names_no_date_stays_a_number(value: int, units: str, calendar: str) -> None:
    found = decode_times(np.array([value]), {"units": units, "calendar": calendar})
    assert found.tolist() == [value]


@pytest.mark.parametrize(
    ("seconds", "names"),
    [
        (86_400, ("day", "days", "d")),
        (3_600, ("hour", "hours", "hr", "hrs", "h")),
        (60, ("minute", "minutes", "min", "mins")),
        (1, ("second", "seconds", "sec", "secs", "s")),
        (1e-3, ("millisecond", "milliseconds", "msec", "ms")),
        (1e-6, ("microsecond", "microseconds", "us")),
        (1e-9, ("nanosecond", "nanoseconds", "ns")),
    ],
)
def test_units_of_time_have_all_their_names(seconds: float, names: tuple[str, ...]) -> None:
    for name in names:
        count = round(86_400 * 3 / seconds)
        assert decoded([count], f"{name} since 2000-01-01") == ["2000-01-04T00:00:00"]


def test_valid_limits_of_bytes_that_stand_for_unsigned_ones_are_unsigned() -> None:
    limits = {"valid_range": np.array([0, -6], np.int8), "_Unsigned": "true"}
    assert valid_limits(limits, np.dtype(np.int8)) == (0, 250)
    assert valid_limits({"valid_min": -6, "_Unsigned": "true"}, np.dtype(np.int8)) == (250, np.inf)
    assert valid_limits({"valid_min": -6}, np.dtype(np.int8)) == (-6, np.inf)


def test_what_is_not_packed_has_a_factor_of_1_and_an_offset_of_0() -> None:
    assert packing({}) == (1, 0)
    assert packing({"scale_factor": 0.5}) == (0.5, 0)
    assert packing({"add_offset": [3]}) == (1, 3)
    assert packing({"scale_factor": 0, "add_offset": 3}) == (1, 0)
    for wrong in (np.nan, np.inf, "twice", [1, 2], None):
        assert packing({"scale_factor": wrong, "add_offset": 3}) == (1, 0)
        assert packing({"scale_factor": 2, "add_offset": wrong}) == (1, 0)
