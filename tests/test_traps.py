"""The traps that other libraries fall into, one row each, with the right answer.

Each row is checked in what a reader sees: the PNG, decoded by Pillow.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from nbimage import Picture, encode, rerange

Array = np.ndarray[Any, Any]
CLEAR = None


class Case(NamedTuple):
    """Data and the gray values (or colors) that must be seen; `CLEAR` is a transparent pixel."""

    data: Any
    seen: Any
    options: dict[str, Any] = {}  # noqa: RUF012 (never changed)


def decoded(png: bytes) -> list[Any]:
    """Return rows of gray values or RGB tuples; None where a pixel is transparent."""
    image = Image.open(io.BytesIO(png)).convert("RGBA")
    rows = []
    for row in np.asarray(image).tolist():
        rows.append([_pixel(*pixel) for pixel in row])
    return rows


def _pixel(red: int, green: int, blue: int, alpha: int) -> Any:
    if alpha == 0:
        return CLEAR
    assert alpha == 255
    return red if red == green == blue else (red, green, blue)


def gray(*values: float, dtype: Any = float) -> Array:
    return np.array([values], dtype)


def rgb(*pixels: tuple[float, ...], dtype: Any = float) -> Array:
    """Return two rows of these colors, so that the shape has one reading."""
    return np.array([pixels, pixels], dtype)


nan, inf = np.nan, np.inf
top = np.finfo(np.float64).max

CASES = {
    "constant 0": Case(np.full((2, 2), 0.0), [[0, 0], [0, 0]]),
    "constant 0.5": Case(gray(0.5, 0.5), [[0, 0]]),
    "constant 1e6": Case(gray(1e6, 1e6), [[0, 0]]),
    "constant -7 of int16": Case(gray(-7, -7, dtype=np.int16), [[0, 0]]),
    "constant uint8 200 is unchanged": Case(gray(200, 200, dtype=np.uint8), [[200, 200]]),
    "all-True mask": Case(np.ones((2, 2), bool), [[255, 255], [255, 255]]),
    "all-False mask": Case(np.zeros((1, 2), bool), [[0, 0]]),
    "mask": Case(np.eye(2, dtype=bool), [[255, 0], [0, 255]]),
    "mask, symmetric": Case(np.eye(2, dtype=bool), [[255, 128], [128, 255]], {"vsym": True}),
    "uint8 100 and 110": Case(gray(100, 110, dtype=np.uint8), [[100, 110]]),
    "uint8, limits asked": Case(gray(100, 110, dtype=np.uint8), [[0, 255]], {"vmin": 100}),
    "NaN": Case(gray(nan, 0, 1), [[CLEAR, 0, 255]]),
    "infinities": Case(gray(-inf, inf, 0, 1, 2), [[0, 255, 0, 128, 255]]),
    "NaN and infinities": Case(gray(nan, -inf, inf, 3, 4), [[CLEAR, 0, 255, 0, 255]]),
    "NaN and infinities of float16": Case(
        gray(nan, -inf, inf, 3, 4, dtype=np.float16), [[CLEAR, 0, 255, 0, 255]]
    ),
    "masked": Case(np.ma.array(gray(0, 99, 1), mask=gray(0, 1, 0)), [[0, CLEAR, 255]]),
    "masked, of fill value": Case(
        np.ma.array(gray(0, 5, 1), mask=gray(0, 1, 0), fill_value=99), [[0, CLEAR, 255]]
    ),
    "masked NaN beside NaN": Case(
        np.ma.array(gray(nan, nan, 1, 2), mask=gray(0, 1, 0, 0)), [[CLEAR, CLEAR, 0, 255]]
    ),
    "masked uint8": Case(
        np.ma.array(gray(7, 8, 9, dtype=np.uint8), mask=gray(0, 1, 0)), [[7, CLEAR, 9]]
    ),
    "int64": Case(gray(-5, 0, 5, dtype=np.int64), [[0, 128, 255]]),
    "int8": Case(gray(-128, 0, 127, dtype=np.int8), [[0, 128, 255]]),
    "list of ints": Case([[0, 1], [2, 4]], [[0, 64], [128, 255]]),
    "int64 RGB of 0 to 255": Case(
        rgb((0, 128, 255), (255, 64, 0), dtype=np.int64), [[(0, 128, 255), (255, 64, 0)]] * 2
    ),
    "int64 beyond 2^53": Case(2**60 + gray(0, 1, 2, dtype=np.int64), [[0, 128, 255]]),
    "uint16 RGB of 0 to 1000": Case(
        rgb((0, 500, 1000), (250, 750, 0), dtype=np.uint16), [[(0, 128, 255), (64, 192, 0)]] * 2
    ),
    "float RGB of 0 to 2": Case(
        rgb((0, 1, 2.0), (0.5, 1.5, 2)), [[(0, 128, 255), (64, 192, 255)]] * 2
    ),
    "float RGB of -1 to 1": Case(
        rgb((-1, 0, 1.0), (-0.5, 0.5, 1)), [[(0, 128, 255), (64, 192, 255)]] * 2
    ),
    "float RGB with a NaN": Case(rgb((0, 1, 2.0), (0.5, nan, 2)), [[(0, 128, 255), CLEAR]] * 2),
    "span beyond the float maximum": Case(gray(-top, 0, top), [[0, 128, 255]]),
    "span of float32 extremes": Case(gray(-3.4e38, 0, 3.4e38, dtype=np.float32), [[0, 128, 255]]),
    "the least span": Case(gray(0, 5e-324), [[0, 255]]),
    "dates": Case(
        np.array([["2020-01-01", "NaT", "2020-01-02", "2020-01-03"]], "M8[D]"),
        [[0, CLEAR, 128, 255]],
    ),
    "(1, H, W)": Case(np.array([[[0, 1], [2, 4]]]), [[0, 64], [128, 255]]),
    "(H, W, 1)": Case(np.array([[[0], [1]], [[2], [4]]]), [[0, 64], [128, 255]]),
    "(3, H, W)": Case(np.array([[[0, 4]], [[2, 1]], [[4, 3]]]), [[(0, 128, 255), (255, 64, 192)]]),
    "limits with RGB": Case(
        rgb((0, 1, 2.0), (0.5, 1.5, 2)),
        [[(0, 64, 128), (32, 96, 128)]] * 2,
        {"vmin": 0, "vmax": 4},
    ),
    "limits with uint8 RGB": Case(
        rgb((0, 100, 200), dtype=np.uint8), [[(0, 128, 255)]] * 2, {"vmin": 0, "vmax": 200}
    ),
    "limits of each channel": Case(
        rgb((1, 1, 1.0), (0, 2, 4)),
        [[(255, 128, 64), (0, 255, 255)]] * 2,
        {"vmin": 0, "vmax": [1, 2, 4]},
    ),
    "limits inverted": Case(gray(0, 1, 2), [[255, 128, 0]], {"vmin": 2, "vmax": 0}),
    "symmetric limits": Case(gray(-1, 0, 4), [[96, 128, 255]], {"vsym": True}),
    "zeros, symmetric": Case(gray(0, 0), [[128, 128]], {"vsym": True}),
    "matrix of one value": Case([[3]], [[0]]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_picture_is_right(case: Case) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decoded(Picture(case.data, **case.options).png) == case.seen
        assert decoded(encode(case.data, **case.options)) == case.seen


@pytest.mark.parametrize("shape", [(2, 3), (2, 5, 3), (3, 2, 5)])
@pytest.mark.parametrize("value", [nan, inf])
def test_a_picture_of_nothing_is_fully_transparent_and_warns(shape: Any, value: float) -> None:
    with pytest.warns(UserWarning, match="fully transparent"):
        picture = Picture(np.full(shape, value))
    seen = decoded(picture.png)
    assert {pixel for row in seen for pixel in row} == {CLEAR}


@pytest.mark.parametrize("shape", [(3, 6, 3), (4, 6, 3), (3, 6, 4)])
def test_a_shape_of_two_readings_warns_and_is_planar(shape: Any) -> None:
    data = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with pytest.warns(UserWarning, match="channel_axis="):
        picture = Picture(data)
    expected = np.moveaxis(data, 0, -1)
    if shape[0] == 4:  # none of these is alpha
        expected = Picture(data, channel_axis=0).pixels
    np.testing.assert_array_equal(picture.pixels, expected)


class Refusal(NamedTuple):
    """Data that can't be shown, and what the error must say."""

    data: Any
    error: type[Exception]
    says: str


REFUSALS = {
    "complex": Refusal(np.zeros((2, 3), complex), TypeError, r"abs\(data\)"),
    "object": Refusal(np.array([[1, None]], object), TypeError, "object"),
    "strings": Refusal([["a", "b"]], TypeError, "<U1"),
    "structured": Refusal(np.zeros((2, 3), [("r", "u1")]), TypeError, "r"),
    "ragged": Refusal([[1, 2], [3]], TypeError, "rectangular"),
    "0-d": Refusal(np.array(1.0), ValueError, r"\(\)"),
    "1-d": Refusal([1, 2, 3], ValueError, r"\(3,\)"),
    "empty (0, 4)": Refusal(np.empty((0, 4)), ValueError, r"empty.*\(0, 4\)"),
    "empty (4, 0, 3)": Refusal(np.empty((4, 0, 3)), ValueError, r"empty.*\(4, 0, 3\)"),
    "five channels": Refusal(np.zeros((6, 7, 5)), ValueError, r"\(6, 7, 5\)"),
    "a stack": Refusal(np.zeros((2, 6, 7, 3)), ValueError, r"\(2, 6, 7, 3\)"),
}


@pytest.mark.parametrize("case", REFUSALS.values(), ids=REFUSALS.keys())
@pytest.mark.parametrize("show", [Picture, encode], ids=["Picture", "encode"])
def test_what_can_not_be_shown_says_why_in_one_line(
    show: Callable[[Any], Any], case: Refusal
) -> None:
    with pytest.raises(case.error, match=case.says) as caught:
        show(case.data)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(("data must", "channels must", "the data are empty"))


EVIL = """<script>alert(1)</script>"'&</div><img src=x onerror="alert(2)">"""


@pytest.mark.parametrize("name", ["title", "alt", "caption", "display_id"])
def test_text_from_the_user_is_escaped(name: str) -> None:
    html = Picture(np.eye(3), **{name: EVIL}).html
    plain = Picture(np.eye(3), **{name: "word"}).html
    assert "word" in plain
    assert "alert(1)" in html
    for tag in ("<script", "</script", "<img", "</div", "<div"):
        assert html.count(tag) == plain.count(tag), tag
    for piece in (EVIL, 'onerror="', "<script>alert"):
        assert piece not in html


def test_xarray_coordinates_of_the_caller_are_unchanged() -> None:
    times = np.array(["2020-01-01", "2020-01-02"], "M8[ns]")
    data = xr.DataArray(
        np.arange(6.0).reshape(2, 3), {"time": times, "x": [3, 2, 1]}, ("time", "x"), "t", {"u": 1}
    )
    before = data.copy(deep=True)
    Picture(data)
    rerange(data, vsym=True)
    xr.testing.assert_identical(data, before)
    assert data.time.dtype == before.time.dtype


def test_a_float_heatmap_is_stored_as_gray_bytes() -> None:
    data = np.random.default_rng(0).random((512, 512))
    png = Picture(data).png
    assert Image.open(io.BytesIO(png)).mode == "L"
    assert len(png) < 512 * 512 * 1.05
