"""Projections in Python: NumPy's functions for NaN, names of planes, and what ``state=`` takes."""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from nbimage import View
from nbimage.view.project.projections import KINDS, Projection, find_plane, name_plane
from nbimage.view.project.reduce import project
from nbimage.view.serve.http_server import TileServer
from tests.view.live.test_widget import Page

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(31)
SHAPE = 3, 4, 12, 9
PLACES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "both axes": ((slice(0, 3), slice(1, 4)), (0, 1)),
    "the last axis": ((2, slice(0, 4)), 0),
    "the first axis": ((slice(1, 3), 3), 0),
}


def samples(dtype: Any) -> Array:
    if dtype is bool:
        return RANDOM.random(SHAPE) < 0.4
    if np.dtype(dtype).kind == "f":
        values = (RANDOM.normal(size=SHAPE) * 5 + 1e6).astype(dtype)
        values[RANDOM.random(SHAPE) < 0.3] = np.nan
        values[:, :, 0, 0] = np.nan
        return values
    return RANDOM.integers(np.iinfo(dtype).min // 2, np.iinfo(dtype).max // 2, SHAPE, dtype)


def reference(kind: str, part: Array, axis: Any) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(getattr(np, f"nan{kind}")(part, axis=axis))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.uint32, np.int64, np.float32, np.float64, bool]
)
def test_a_projection_is_numpys(dtype: Any, place: str) -> None:
    array = samples(dtype)
    where, axis = PLACES[place]
    for kind in KINDS:
        index = tuple(
            Projection(kind, one.start, one.stop - 1) if isinstance(one, slice) else one
            for one in where
        )
        found, missing = project(lambda at: (array[at], None), index)
        exact = array.astype(np.float64) if dtype is np.float32 else array
        if kind in ("max", "min"):
            exact = array
        expected = reference(kind, exact[where], axis)
        assert missing is None
        np.testing.assert_allclose(found, expected, rtol=1e-12)
        if array.dtype.kind in "iub" and kind in ("max", "min", "sum"):
            assert found.dtype == expected.dtype
            np.testing.assert_array_equal(found, expected)


def test_the_spread_of_large_whole_numbers_is_not_lost() -> None:
    array = RANDOM.integers(0, 9999, (7, 5, 4))
    for dtype in (np.int64, np.uint64):
        large = array.astype(dtype) + dtype(2**60)
        found, _ = project(lambda at, large=large: (large[at], None), (Projection("std", 0, 6),))
        np.testing.assert_allclose(found, array.std(axis=0), rtol=1e-12)


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_masked_counts_for_nothing(kind: str, embed: bool) -> None:
    mask = RANDOM.random((4, 12, 9)) < 0.3
    array = np.ma.MaskedArray(RANDOM.integers(0, 99, mask.shape), mask)
    view = View(array, axes="zyx", embed=embed, state={"projections": {"z": kind}})
    plane = view.model.images[0].stack.plane(view.model.shown_index)
    found = np.asarray(plane.array, float)
    if plane.mask is not None:
        found[plane.mask] = np.nan
    holes = np.where(mask, np.nan, np.asarray(array, float))
    np.testing.assert_allclose(found, reference(kind, holes, 0), rtol=1e-12)


def test_a_planes_name_says_where_it_is() -> None:
    index = 4, Projection("max", 0, 9)
    assert name_plane(index, (5, 10)) == "4.max0-9"
    assert find_plane("4.max0-9", (5, 10)) == index
    assert name_plane((4, 3), (5, 10)) == 43
    assert find_plane(43, (5, 10)) == (4, 3)


@pytest.mark.parametrize(
    "name", ["4.max0-10", "5.max0-9", "max0-9", "4.max9-0", "4.median0-9", "4.max0-9.1", "../x", ""]
)
def test_a_name_of_no_plane_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="plane must"):
        find_plane(name, (5, 10))


def test_the_state_holds_projections() -> None:
    array = RANDOM.random(SHAPE)
    state = {"projections": {"z": ("max", 1, -1), "t": "max"}}
    view = View(array, axes="tzyx", state=state)
    assert view.state["projections"] == {"t": ["max", 0, 2], "z": ["max", 1, 3]}
    again = View(array, axes="tzyx", state=view.state)
    assert again.state["projections"] == view.state["projections"]


@pytest.mark.parametrize("kind", ["sum", "std"])
@pytest.mark.parametrize("embed", [True, False])
def test_a_sum_and_a_spread_begin_in_limits_of_their_own(kind: str, embed: bool) -> None:
    array = RANDOM.random(SHAPE)
    state = {"projections": {"z": kind}}
    view = View(array, axes="tzyx", embed=embed, state=state)
    expected = reference(kind, array[0], 0)
    [limits] = view.state["displays"][0]["limits"]
    np.testing.assert_allclose(limits, [expected.min(), expected.max()])
    given = View(array, 0, 9, axes="tzyx", embed=embed, state=state)
    assert given.state["displays"][0]["limits"] == [[0, 9]]


@pytest.mark.parametrize(
    ("projections", "message"),
    [
        ({"z": "median"}, "must be one of 'max', 'mean', 'min', 'sum', 'std'"),
        ({"z": ("max", 3, 1)}, "must begin before it ends, but got ('max', 3, 1)"),
        ({"z": ("max", 0, 4)}, "must lie within 0 to 3, but got ('max', 0, 4)"),
        ({"q": "max"}, "must be one of the axes ('t', 'z'), but got 'q'"),
        ("max", "must be a dict {axis: kind}, but got 'max'"),
    ],
)
def test_what_does_not_fit_is_an_error_in_one_line(projections: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        View(np.zeros(SHAPE), axes="tzyx", state={"projections": projections})


def test_labels_and_dates_have_what_makes_sense() -> None:
    whole = RANDOM.integers(0, 9, SHAPE)
    assert View(whole, axes="tzyx", labels=True).model.config["kinds"] == ["max", "min"]
    dates = np.datetime64("2020-01-01", "h") + whole.astype("timedelta64[h]")
    assert View(dates, axes="tzyx").model.config["kinds"] == ["max", "mean", "min"]
    assert View(whole, axes="tzyx", ortho=True).model.config["kinds"] == []
    with pytest.raises(ValueError, match="these values have max and min alone"):
        View(whole, axes="tzyx", labels=True, state={"projections": {"z": "sum"}})


def test_a_live_view_is_projected_from_python() -> None:
    array = RANDOM.integers(0, 255, SHAPE, np.uint8)
    view = View(array, axes="tzyx", embed=False)
    page = Page(view)
    view.projections = {"z": ("max", 1, 2)}
    assert view.projections == {"z": ["max", 1, 2]}
    sent = page.of("state")[-1][0]["changes"]["projections"]
    assert sent == [None, {"kind": "max", "first": 1, "last": 2}]
    picture = np.asarray(Pillow.open(io.BytesIO(view.snapshot().png)))
    np.testing.assert_array_equal(picture, array[0, 1:3].max(axis=0))
    view.projections = None
    assert view.projections == {}
    view.close()


def test_a_server_has_tiles_of_projections() -> None:
    view = View(RANDOM.integers(0, 255, SHAPE, np.uint8), axes="tzyx", embed=False)
    with TileServer(view.model, log=lambda text: None) as server:
        assert server.tile((0, "0.max0-3", 0, 0, 0)) is not None
        for name in ("0.max0-4", "max0-3", "x", "0.max0-3.."):
            assert server.tile((0, name, 0, 0, 0)) is None
