"""Coordinates of any kind give the pixel they lie at, or one line that says why they can't."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from nbimage.arrays.coordinates import (
    as_plain,
    check_coordinate,
    make_to_positions,
    reduce_values,
    text_of,
    tidy,
)

Array = np.ndarray[Any, Any]
DAYS = np.arange("2000-01-01", "2000-01-06", dtype="datetime64[D]")
UNITS = ["D", "h", "m", "s", "ms", "us", "ns"]
DTYPES = ["int8", "uint8", "int32", "uint64", "float16", "float32", "float64", ">i4", ">f8"]


def places(values: Any, asked: Any) -> list[Any]:
    found = make_to_positions(values, len(values))(asked)
    assert isinstance(found, np.ndarray)
    assert found.dtype == np.float64
    return found.tolist()  # type: ignore[no-any-return]


numbers = st.one_of(
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=30, unique=True),
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, unique=True),
    st.lists(st.integers(-(2**62), -(2**62) + 2**50), min_size=1, max_size=30, unique=True),
    st.lists(st.integers(2**63, 2**63 + 2**50), min_size=1, max_size=30, unique=True),
    st.lists(st.integers(-(2**52), 2**52), min_size=1, max_size=30, unique=True),
).map(sorted)


# From coordinates to pixels


@given(numbers, st.booleans())
def test_every_number_lies_at_the_centre_of_its_own_pixel(values: Any, down: bool) -> None:
    array = np.array(values[::-1] if down else values)
    np.testing.assert_array_equal(
        make_to_positions(array, len(array))(array), np.arange(len(array))
    )


@given(
    st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=30, unique=True).map(sorted),
    st.sampled_from(["datetime64", "timedelta64"]),
    st.sampled_from(UNITS),
    st.booleans(),
)
def test_every_time_lies_at_the_centre_of_its_own_pixel(
    ticks: Any, kind: str, unit: str, down: bool
) -> None:
    array = np.array(ticks[::-1] if down else ticks, np.int64).astype(f"{kind}[{unit}]")
    np.testing.assert_array_equal(
        make_to_positions(array, len(array))(array), np.arange(len(array))
    )


@given(st.lists(st.text(), min_size=1, unique=True))
def test_every_name_lies_at_the_centre_of_its_own_pixel(names: list[str]) -> None:
    names = np.unique(np.array(names, dtype=np.str_)).tolist()  # NumPy drops trailing NULs
    np.testing.assert_array_equal(
        make_to_positions(names, len(names))(names), np.arange(len(names))
    )


@given(numbers.filter(lambda v: len(v) > 1), st.data())
def test_positions_grow_along_the_axis(values: Any, data: Any) -> None:
    place = make_to_positions(np.array(values), len(values))
    low, high = float(values[0]), float(values[-1])
    asked = sorted(
        data.draw(
            st.lists(
                st.floats(2 * low, 2 * high) if low < 0 < high else st.floats(low, high), min_size=2
            )
        )
    )
    assert (np.diff(place(np.array(asked))) >= 0).all()


@given(st.integers(2, 40), st.floats(-1e3, 1e3), st.floats(0.01, 100), st.floats(-50, 90))
def test_even_steps_go_on_beyond_both_ends(
    count: int, first: float, step: float, position: float
) -> None:
    for sign in (1, -1):
        values = first + sign * step * np.arange(count)
        asked = first + sign * step * position
        assert make_to_positions(values, count)(asked) == pytest.approx(
            position, rel=1e-6, abs=1e-6
        )


def test_uneven_steps_go_on_as_the_end_steps() -> None:
    values = [0.0, 1.0, 3.0, 7.0]
    assert places(values, [-2, 0.5, 2, 5, 11, 15]) == [-2, 0.5, 1.5, 2.5, 4, 5]
    assert places(values[::-1], [-2, 0.5, 2, 5, 11, 15]) == [5, 2.5, 1.5, 0.5, -1, -2]


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_of_any_dtype_are_places_along_any_other(dtype: str) -> None:
    for other in DTYPES:
        assert places(np.array([10, 20, 30], dtype), np.array([30, 0, 20], other)) == [2, -1, 1]


def test_places_keep_the_shape_that_was_asked() -> None:
    for values, asked in (
        ([1.0, 2.0], 1.5),
        (DAYS, np.datetime64("2000-01-02")),
        (["a", "b"], "b"),
        (pd.timedelta_range("1h", periods=3), np.timedelta64(1, "h")),
    ):
        place = make_to_positions(values, len(values))
        assert place(asked).shape == ()
        assert place(np.full((3, 2), asked)).shape == (3, 2)
        assert place([]).shape == (0,)


def test_an_axis_of_one_pixel_has_steps_of_one() -> None:
    assert places([5.0], [4, 5, 7]) == [-1, 0, 2]
    assert places(DAYS[:1], ["1999-12-31", "2000-01-03"]) == [-1, 2]
    assert places(["a"], ["a"]) == [0]


def test_large_integers_are_told_apart() -> None:
    values = np.arange(2**62, 2**62 + 4)
    assert places(values, [2**62 + 2, 2**62 + 5]) == [2, 5]
    assert places(values.astype(np.uint64), values[::-1]) == [3, 2, 1, 0]
    assert places(values, float(2**62)) == 0


def test_nan_and_missing_places_are_nan() -> None:
    for values, asked in (
        ([1.0, 2.0], [np.nan, None, 1]),
        (DAYS, [np.datetime64("NaT"), None, DAYS[0]]),
        (DAYS, [pd.NaT, None, DAYS[0]]),
        (pd.to_timedelta([1, 2], unit="h"), [pd.NaT, None, pd.Timedelta("1h")]),
    ):
        np.testing.assert_array_equal(places(values, asked), [np.nan, np.nan, 0])


def test_infinite_places_lie_infinitely_far() -> None:
    assert places([1.0, 2.0], [-np.inf, np.inf]) == [-np.inf, np.inf]
    assert places([2.0, 1.0], [-np.inf, np.inf]) == [np.inf, -np.inf]


def test_dates_of_every_kind_are_places() -> None:
    noon = datetime.datetime(2000, 1, 2, 12)
    for asked in (
        noon,
        pd.Timestamp(noon),
        np.datetime64(noon, "ns"),
        "2000-01-02T12:00",
        "2000-01-02 12:00:00.000",
        noon.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=9))),
    ):
        assert places(DAYS, asked) == 1.5
        assert places(DAYS, [asked, asked]) == [1.5, 1.5]
        assert places(DAYS.astype("datetime64[ns]"), [asked]) == [1.5]
    assert places(DAYS, [datetime.date(2000, 1, 3), noon]) == [2, 1.5]
    assert places(DAYS, ["2000-01", "2000-01-05"]) == [0, 4]
    assert places(DAYS, pd.date_range("2000-01-02", periods=2, tz="Asia/Tokyo")) == [1, 2]


def test_months_and_years_are_as_long_as_they_are() -> None:
    months = np.arange("2000-01", "2000-05", dtype="datetime64[M]")
    assert places(months, months) == [0, 1, 2, 3]
    assert places(months, "2000-01-16T12:00") == 0.5
    years = np.arange("2000", "2003", dtype="datetime64[Y]")
    assert places(years, ["2000", "2002-01-01"]) == [0, 2]


@pytest.mark.parametrize(
    ("values", "asked", "message"),
    [
        ([1, 2], "1", "coordinates must be numbers as the axis has, but got '1'"),
        ([1, 2], DAYS[0], "coordinates must be numbers"),
        (DAYS, [1, 2], r"coordinates must be dates as the axis has, but got \[1, 2\]"),
        (DAYS, "5", "coordinates must be ISO dates such as .* but got '5'"),
        (DAYS, "now", "but got 'now'"),
        (DAYS, "2000-13-01", "but got '2000-13-01'"),
        (DAYS, "2000-01-01T00:00Z", "but got '2000-01-01T00:00Z'"),
        (DAYS - DAYS[0], DAYS, "coordinates must be durations"),
        (DAYS - DAYS[0], np.timedelta64(1, "M"), "coordinates must be in a unit that fits"),
        (["Berlin", "Rome"], "Berln", "but got 'Berln': did you mean 'Berlin'[?]"),
        (["Berlin", "Rome"], ["Rome", "xyz"], "but got 'xyz': they are 'Berlin', 'Rome'"),
        (["Berlin", "Rome"], 1, "but got '1'"),
    ],
)
def test_places_of_another_kind_say_so_in_one_line(values: Any, asked: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        make_to_positions(values, len(values))(asked)
    assert "\n" not in str(caught.value)


def test_numbers_in_no_order_are_names() -> None:
    assert places([2001, 1999, 2000], [2000.0, 2001.0]) == [2, 0]
    with pytest.raises(ValueError, match=r"but got '1999\.5'"):
        places([2001, 1999, 2000], 1999.5)


def test_repeated_names_are_found_at_the_first() -> None:
    assert places(["a", "b", "a"], ["a", "b"]) == [0, 1]


def test_there_is_one_coordinate_a_pixel() -> None:
    with pytest.raises(ValueError, match=r"3 coordinates, but got shape \(2,\)"):
        make_to_positions([1, 2], 3)


@pytest.mark.parametrize("dtype", ["f8", "i4", "M8[ms]", "m8[ms]"])
@given(st.integers(1, 9), st.integers(1, 9))
def test_of_several_pixels_there_is_the_middle(dtype: str, count: int, factor: int) -> None:
    values = (10 * np.arange(count * factor)).astype(dtype)
    found = reduce_values(values, factor)
    assert found.astype("f8").tolist() == [5 * (factor - 1) + 10 * factor * i for i in range(count)]
    assert reduce_values(np.array(list("abcdefgh")), 3).tolist() == ["a", "d", "g"]


# What a user gives


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 4],
        (1, 2, 4),
        np.array([1, 2, 4], np.int8),
        pd.Index([1, 2, 4]),
        pd.Index([1, 2, 4], dtype="Int64"),
        pd.Series([1.0, 2, 4]),
        xr.DataArray([1, 2, 4], dims="x"),
        np.ma.array([1, 2, 4]),
        [Decimal(1), Decimal(2), 4],
        np.array([1, 2, 4], object),
    ],
    ids=lambda v: type(v).__name__,
)
def test_any_sequence_of_numbers_is_a_coordinate(values: Any) -> None:
    found = check_coordinate("x", values, 3)
    assert type(found) is np.ndarray
    assert found.dtype.kind in "if"
    np.testing.assert_array_equal(found, [1, 2, 4])


def test_ranges_are_coordinates_and_keep_their_order() -> None:
    np.testing.assert_array_equal(check_coordinate("y", range(5, 0, -1), 5), [5, 4, 3, 2, 1])


@pytest.mark.parametrize(
    "values",
    [
        DAYS,
        list(DAYS),
        DAYS.tolist(),
        pd.DatetimeIndex(DAYS),
        pd.DatetimeIndex(DAYS).tz_localize("America/New_York"),
        pd.Series(pd.DatetimeIndex(DAYS).tz_localize("Asia/Tokyo")),
        [pd.Timestamp(day, tz="UTC") for day in DAYS],
        pd.PeriodIndex(DAYS, freq="D"),
        xr.DataArray(DAYS.astype("datetime64[ns]"), dims="t"),
    ],
    ids=lambda v: type(v).__name__,
)
def test_dates_are_coordinates_in_their_own_wall_time(values: Any) -> None:
    found = check_coordinate("x", values, 5)
    assert found.dtype.kind == "M"
    np.testing.assert_array_equal(found, DAYS)


def test_durations_are_coordinates() -> None:
    hours = np.arange(3) * np.timedelta64(1, "h")
    for values in (hours, hours.tolist(), pd.TimedeltaIndex(hours), list(pd.to_timedelta(hours))):
        found = check_coordinate("x", values, 3)
        assert found.dtype.kind == "m"
        np.testing.assert_array_equal(found, hours)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        (["b", "a", "a"], ["b", "a", "a"]),
        (["2000-01-01", "2000-01-02", "x"], ["2000-01-01", "2000-01-02", "x"]),
        ([3, 1, 2], ["3", "1", "2"]),
        ([1, 1, 2], ["1", "1", "2"]),
        ([0.1 + 0.2, 0.1, 1e7], ["0.3", "0.1", "1e+07"]),
        ([1.00000001, 1.0, 1.00000002], ["1.00000001", "1.0", "1.00000002"]),
        ([True, False, True], ["True", "False", "True"]),
        (DAYS[[1, 0, 2]], ["2000-01-02", "2000-01-01", "2000-01-03"]),
        (pd.CategoricalIndex([1, 2, 3]), ["1", "2", "3"]),
        (pd.Index(["a", None, "b"]), ["a", "", "b"]),
        (pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)]), ["a, 1", "a, 2", "b, 1"]),
        (np.array([b"a", b"b", b"c"]), ["a", "b", "c"]),
        ([1, "a", None], ["1", "a", ""]),
    ],
    ids=repr,
)
def test_what_is_no_scale_is_names(values: Any, names: list[str]) -> None:
    found = check_coordinate("x", values, 3)
    assert found.dtype.kind == "U"
    assert found.tolist() == names


@given(st.integers(3, 300), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_two_numbers_are_the_first_and_the_last_pixel(
    count: int, first: float, last: float
) -> None:
    if abs(last - first) < 1e-3:
        return
    found = check_coordinate("x", (first, last), count)
    assert found.shape == (count,)
    assert (found[0], found[-1]) == (first, last)
    np.testing.assert_allclose(np.diff(found), (last - first) / (count - 1), rtol=1e-4)


@pytest.mark.parametrize(
    "ends",
    [
        ("2000-01-01", "2000-01-05"),
        (DAYS[0], DAYS[4]),
        [datetime.datetime(2000, 1, 1), pd.Timestamp("2000-01-05")],
        (datetime.date(2000, 1, 1), datetime.date(2000, 1, 5)),
    ],
    ids=repr,
)
def test_two_dates_are_the_first_and_the_last_pixel(ends: Any) -> None:
    np.testing.assert_array_equal(check_coordinate("x", ends, 5), DAYS)
    found = check_coordinate("x", ends, 9)
    assert found[1] == np.datetime64("2000-01-01T12:00")
    np.testing.assert_array_equal(check_coordinate("x", ends[::-1], 5), DAYS[::-1])


def test_dates_far_away_are_ends_too() -> None:
    found = check_coordinate("x", ("0001-01-01", "9999-12-31"), 4)
    assert (found[0], found[-1]) == (np.datetime64("0001-01-01"), np.datetime64("9999-12-31"))
    assert (np.diff(found) > np.timedelta64(1000 * 365, "D")).all()


def test_two_coordinates_of_two_pixels_are_just_these() -> None:
    np.testing.assert_array_equal(check_coordinate("x", [5, 3], 2), [5, 3])
    assert check_coordinate("x", ["2000-01-01", "2000-01-02"], 2).dtype.kind == "U"


@pytest.mark.parametrize(
    ("name", "values", "count", "message"),
    [
        ("x", range(5), 512,
         "x must have 512 coordinates, one a column, or 2 for its ends, but got 5"),
        ("y", range(5), 2, "y must have 2 coordinates, one a row, but got 5"),
        ("y", range(2), 1, "y must have 1 coordinate, one a row, but got 2"),
        ("x", ["a", "b"], 5,
         "x must have 5 coordinates, one a column, or 2 for its ends, but got 2 names"),
        ("x", [], 5, "x must have 5 coordinates, .* but got 0"),
        ("x", [1, np.nan, 3], 3, "x must be finite everywhere, but got nan at 1"),
        ("x", [1, None, 3], 3, "x must be finite everywhere, but got nan at 1"),
        ("x", [1, 2, np.inf], 3, "x must be finite everywhere, but got inf at 2"),
        ("x", [DAYS[0], np.datetime64("NaT")], 2, "but got NaT at 1"),
        ("x", np.ma.array([1, 2, 3], mask=[0, 1, 0]), 3, "no masked values, but has 1"),
        ("x", np.zeros((2, 3)), 3, r"x must have one axis, but got shape \(2, 3\)"),
        ("x", [[1], [2, 3]], 2, "x must be one list"),
        ("x", 5, 1, "x must be a list or an array, but got 5"),
        ("x", "abc", 3, "x must be a list or an array, but got 'abc'"),
        ("x", (n for n in range(3)), 3, "x must be a list or an array, but got <generator"),
        ("x", (1, 1), 5, r"x must have two different ends, but got \[1, 1\]"),
        ("x", ("2000-01-01", "2000-01-01"), 5, "x must have two different ends"),
    ],
)  # fmt: skip
def test_what_fits_no_axis_says_so_in_one_line(
    name: str, values: Any, count: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        check_coordinate(name, values, count)
    assert "\n" not in str(caught.value)


def test_what_a_user_gave_stays_as_it_was() -> None:
    values = np.array([3.0, 1, 2])
    index = pd.date_range("2000-01-01", periods=3, tz="Asia/Tokyo")
    kept, kept_index = values.copy(), index.copy(deep=True)
    check_coordinate("x", values, 3)
    check_coordinate("x", index, 3)
    make_to_positions(values, 3)
    np.testing.assert_array_equal(values, kept)
    pd.testing.assert_index_equal(index, kept_index)


# Texts


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.datetime64("2013-01-01T00:00:00.000000000"), "2013-01-01"),
        (np.datetime64("2013-01-01T12:30:00.000"), "2013-01-01 12:30"),
        (np.datetime64("2013-01-01T00:00:05"), "2013-01-01 00:00:05"),
        (np.datetime64("2013-01-01T00:00:10"), "2013-01-01 00:00:10"),
        (np.datetime64("2013-01-01T12:30:15.500000"), "2013-01-01 12:30:15.5"),
        (np.datetime64("2010"), "2010"),
        (datetime.datetime(2013, 1, 1), "2013-01-01"),
        (np.timedelta64(6 * 3600 * 10**9, "ns"), "6 h"),
        (np.timedelta64(90, "m"), "90 min"),
        (np.timedelta64(48, "h"), "2 d"),
        (np.timedelta64(0, "h"), "0 h"),
        (np.timedelta64(3, "M"), "3 months"),
        (np.timedelta64("NaT"), ""),
        (np.float32(0.1), "0.1"),
        (1 / 3, "0.333333"),
        (12345678, "12345678"),
        ("2013-01-01T00:00:00", "2013-01-01T00:00:00"),
        (("a", 1.0), "a, 1"),
        (b"caf\xc3\xa9", "café"),
        (None, ""),
        (pd.NA, ""),
    ],
    ids=repr,
)
def test_coordinates_are_written_in_short(value: Any, text: str) -> None:
    assert text_of(value) == text


def test_scales_are_kept_and_not_copied() -> None:
    for values in (np.arange(4.0), np.arange(4)[::-1], DAYS, np.array(["b", "a"])):
        assert tidy(as_plain(values)) is values
