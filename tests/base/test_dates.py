"""Limits of dates and time spans: of any kind, exactly, beyond int64 as well."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View, rerange
from nbimage.base.dates import count_units, date_at, format_count

DAYS = np.array([["2024-01-01", "2024-01-02", "2024-01-05"]], "M8[D]")


def pandas_date(text: str, **options: Any) -> Any:
    import pandas

    return pandas.Timestamp(text, **options)


@pytest.mark.parametrize("unit", ["D", "h", "s", "ms", "ns"])
@pytest.mark.parametrize(
    "limit",
    [
        "2024-01-03",
        np.datetime64("2024-01-03"),
        np.datetime64("2024-01-03T00:00:00.000000000"),
        np.array("2024-01-03", "M8[s]"),
        datetime.date(2024, 1, 3),
        datetime.datetime(2024, 1, 3),
        datetime.datetime(2024, 1, 3, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
        pandas_date("2024-01-03"),
        pandas_date("2024-01-03T02:00", tz="Europe/Helsinki"),
    ],
    ids=str,
)
def test_limits_of_dates_may_be_dates_of_any_kind(limit: Any, unit: str) -> None:
    data = DAYS.astype(f"M8[{unit}]")
    expected = rerange(data.view(np.int64), vmax=int(np.datetime64("2024-01-03", unit).view("i8")))
    np.testing.assert_array_equal(rerange(data, vmax=limit), expected)
    np.testing.assert_array_equal(Picture(data, vmax=limit).pixels, expected)


def test_a_limit_between_two_days_is_between_them() -> None:
    got = rerange(DAYS, "2024-01-01T12:00", "2024-01-03T12:00")
    assert got.tolist() == [[0, 64, 255]]
    assert count_units("2024-01-01T12:00", "datetime64[D]") == 19723.5


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (np.datetime64("9999-01-01"), "9999-01-01"),
        (np.datetime64("9999-01-01T00:00:00"), "9999-01-01"),
        ("9999-01-01", "9999-01-01"),
        (datetime.date(9999, 1, 1), "9999-01-01"),
        (2**64, "2554-07-21"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"colorbar": True}, {"vsym": True, "colorbar": True}])
def test_dates_beyond_int64_are_limits(limit: Any, text: str, options: dict[str, Any]) -> None:
    data = DAYS.astype("M8[ns]")
    picture = Picture(data, vmin=0, vmax=limit, **options)
    assert f"white is {text}" in picture.description
    assert picture.html
    top = limit if isinstance(limit, int) else count_units(limit, "datetime64[ns]")
    assert top >= 2**63
    expected = [int(x) * 256 // top for x in data.view(np.int64).ravel().tolist()]
    if "vsym" in options:
        expected = [(int(x) + top) * 256 // (2 * top) for x in data.view(np.int64).ravel()]
    assert picture.pixels.ravel().tolist() == expected
    assert text in repr(View(data, vmin=0, vmax=limit))


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("tomorrow", "vmin must be a datetime64.ns. value, but got 'tomorrow'"),
        (np.datetime64("NaT"), "vmin must be finite"),
        (np.timedelta64(5, "s"), "vmin must be a datetime64.ns. value"),
        (float("nan"), "vmin must be finite"),
        (1j, "vmin must be a datetime64.ns. value"),
    ],
)
def test_what_is_no_date_is_named_in_one_line(limit: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{message}") as caught:
        rerange(DAYS.astype("M8[ns]"), limit)
    assert "\n" not in str(caught.value)


def test_dates_are_no_limits_of_numbers() -> None:
    for limit in (np.datetime64("2024-01-01"), datetime.date(2024, 1, 1), "2024-01-01"):
        with pytest.raises(TypeError, match=r"^vmin must be a number"):
            rerange(np.arange(6.0).reshape(2, 3), limit)


def test_time_spans_are_counted_in_the_data_s_unit() -> None:
    assert count_units(datetime.timedelta(minutes=3), "timedelta64[s]") == 180
    assert count_units(np.timedelta64(2, "D"), "timedelta64[h]") == 48
    assert count_units(np.timedelta64(3, "Y"), "timedelta64[M]") == 36
    assert count_units(np.timedelta64(30, "s"), "timedelta64[10s]") == 3
    assert count_units(np.datetime64("2024-03"), "datetime64[Y]") == 54 + 1 / 6
    with pytest.raises(TypeError, match="months differ"):
        count_units(np.timedelta64(1, "M"), "timedelta64[D]")


def test_counts_are_dates_again() -> None:
    assert format_count(0, "datetime64[ns]") == "1970-01-01T00:00:00.000000000"
    assert format_count(2**70, "timedelta64[Y]") == f"{2**70} Y"
    date = date_at(-(2**65), "datetime64[ns]")
    assert date.dtype == "M8[us]"
    assert int(date.astype(np.int64)) == -(2**65) // 1000
    assert date_at(2**63, "datetime64[D]").dtype == "M8[W]"
    assert date_at(2**63, "datetime64[W]") is None  # there is no coarser unit of days
    assert format_count(2**63, "timedelta64[W]") == f"{2**63} W"
