"""Limits that Python and a page set: of any kind, and exact for long integers."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, Shape, View

Array = np.ndarray[Any, Any]
SMALL = np.arange(300 * 300, dtype=np.uint16).reshape(300, 300)


def long_integers(offset: int, dtype: Any) -> Array:
    row = np.arange(256, dtype=dtype) + np.array(2**60 + offset, dtype)
    return np.repeat(row[None], 64, axis=0)


@pytest.mark.parametrize("offset", [0, 3, 7, 100])
@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_a_snapshot_of_long_integers_is_exact(offset: int, dtype: Any) -> None:
    array = long_integers(offset, dtype)
    view = View(array, embed=False)
    np.testing.assert_array_equal(view.snapshot().pixels, Picture(array).pixels)
    low, high = 2**60 + offset + 50, 2**60 + offset + 201
    for limits in ((low, high), np.array([low, high], dtype), [(np.array(low), dtype(high))]):
        view.limits = limits
        assert view.limits == (low, high)
        np.testing.assert_array_equal(view.snapshot().pixels, Picture(array, low, high).pixels)
    view.limits = int(array.min()), int(array.max())
    assert view.state["displays"][0]["limits"] == [[int(array.min()), int(array.max())]]
    view.close()


def test_limits_are_set_to_anything_that_holds_numbers() -> None:
    import dask.array
    import xarray

    view = View(SMALL, embed=False)
    lazy = dask.array.from_array(np.array([5, 500]))
    for limits in (
        (np.float32(5), np.array(500)),
        (lazy[0], lazy[1]),
        lazy.compute(),
        xarray.DataArray([5, 500]),
        (Fraction(5), [500][0]),
    ):
        view.limits = 1, 2
        view.limits = limits
        assert view.limits == (5, 500)
    view.close()


@pytest.mark.parametrize(
    "limits", [5, (1,), (1, 2, 3), "12", ("a", 2), (1, np.nan), (1, 1j), [[1, 2], [3, 4]], None]
)
def test_limits_that_make_no_sense_are_named_in_one_line(limits: Any) -> None:
    view = View(SMALL, embed=False)
    with pytest.raises(ValueError, match=r"^limits must be .*but got .*$"):
        view.limits = limits
    view.close()


@pytest.mark.skipif(np.dtype(np.longdouble).itemsize == 8, reason="long double is double here")
@pytest.mark.parametrize("embed", [True, False])
def test_long_doubles_that_float64_does_not_tell_apart_are_said_to_be_rounded(embed: bool) -> None:
    ends = np.longdouble(1) + np.arange(256, dtype=np.longdouble) * np.longdouble(2) ** -60
    array = np.repeat(ends[None], 64, axis=0)
    with pytest.warns(UserWarning, match=r"differ by .*less than 256 steps, as float64"):
        view = View(array, embed=embed)
    shown = view.picture if embed else view.snapshot()
    np.testing.assert_array_equal(shown.pixels, Picture(array).pixels)
    assert len(np.unique(shown.pixels)) == 256
    if not embed:
        view.close()


def test_limits_of_dates_are_set_to_dates() -> None:
    import datetime

    hours = np.datetime64("2024-01-01", "ns") + np.arange(90_000).astype("m8[h]")
    view = View(hours.reshape(300, 300), embed=False)
    low, high = np.datetime64("2025-01-01"), np.datetime64("2026-01-01T00:00")
    expected = tuple(int(date.astype("M8[ns]").astype(np.int64)) for date in (low, high))
    for limits in ((low, high), ("2025-01-01", datetime.date(2026, 1, 1)), expected):
        view.limits = 0, 1
        view.limits = limits
        assert view.limits == expected
    with pytest.raises(ValueError, match=r"^limits must be a datetime64.ns. value"):
        view.limits = "2025-01-01", np.timedelta64(1, "D")
    view.close()


def test_the_shapes_of_a_live_view_are_copied_as_a_list_of_their_own() -> None:
    view = View(np.zeros((20, 30)), embed=False)
    view.shapes = (Shape("point", [at]) for at in [(1, 2)])
    found = view.shapes
    for copied in (copy.deepcopy(found), copy.copy(found), pickle.loads(pickle.dumps(found))):
        assert copied == found
        copied.clear()
        assert len(view.shapes) == 1
    view.close()
