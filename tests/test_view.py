"""`View`: what a page is told of the data, what is refused, and that it is inert."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from skimage import data

import nbimage
from nbimage import Picture, View, nbview

from .test_samples import Samples, decoded

GRAY = np.random.default_rng(4).normal(size=(7, 9))
RGB = np.random.default_rng(5).integers(0, 256, (7, 9, 3), np.uint8)
STACK = np.arange(5 * 7 * 9, dtype=np.uint16).reshape(5, 7, 9)


class Reader(HTMLParser):
    """Reads HTML as a browser does: the tags, the words shown, and what scripts hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.shown = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data
        else:
            self.shown += data


def told(view: View) -> dict[str, Any]:
    """What the page is told, read from the page."""
    (found,) = re.findall(r'<script type="application/json">(.*?)</script>', view.html, re.DOTALL)
    config: dict[str, Any] = json.loads(found)
    return config


def planes(view: View) -> list[np.ndarray]:
    """The values that the page holds."""
    return [
        decoded(
            Samples(
                base64.b64decode(plane["png"]),
                *(plane[name] for name in ("dtype", "rows", "columns", "channels")),
                exact=True,
            )
        )
        for plane in told(view)["planes"]
    ]


def fallback(view: View) -> np.ndarray:
    """The picture that stands where scripts do not run."""
    (uri,) = re.findall(r'<img src="data:image/png;base64,(.*?)"', view.html)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri))))


# ------------------------------------------------------------------------- what a page holds


@pytest.mark.parametrize(
    "array",
    [RGB, np.moveaxis(RGB, -1, 0), np.dstack((RGB, RGB[:, :, 0])), STACK[0], GRAY > 0],
    ids=["interleaved", "planar", "alpha", "uint16", "booleans"],
)
def test_the_page_holds_the_values_channels_last(array: np.ndarray) -> None:
    (found,) = planes(View(array))
    last = np.moveaxis(array, 0, -1) if array.shape[0] == 3 else array
    np.testing.assert_array_equal(found, last)


def test_the_array_is_not_changed_nor_held() -> None:
    array = GRAY.copy()
    view = View(array, norm="log", exact=True)
    np.testing.assert_array_equal(array, GRAY)
    array[:] = 0
    np.testing.assert_array_equal(planes(view)[0], GRAY)


def test_a_stack_has_every_plane_and_one_range() -> None:
    view = View(STACK)
    np.testing.assert_array_equal(planes(view), STACK)
    config = told(view)
    assert config["extent"] == [0, STACK.max()]
    assert (config["look"]["vmin"], config["look"]["vmax"]) == (0, STACK.max())


@pytest.mark.parametrize("axis", [None, 1, 3, -1, -3])
def test_a_stack_of_colours_has_a_plane_for_each(axis: int | None) -> None:
    stack = np.stack([RGB, RGB[::-1], RGB // 2])
    given = np.moveaxis(stack, -1, 1) if axis in (1, -3) else stack
    np.testing.assert_array_equal(planes(View(given, channel_axis=axis)), stack)


def test_what_stands_without_scripts_is_the_first_plane_in_the_range_of_all() -> None:
    view = View(STACK)
    expected = Picture(STACK[0], 0, int(STACK.max())).pixels
    np.testing.assert_array_equal(fallback(view), expected)
    np.testing.assert_array_equal(view.picture.pixels, expected)


@pytest.mark.parametrize("options", [{}, {"vmin": -1, "vmax": 2}, {"norm": "asinh"}])
def test_what_stands_without_scripts_is_the_picture(options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(fallback(View(GRAY, **options)), Picture(GRAY, **options).pixels)


def test_planes_bear_the_names_of_their_coordinates() -> None:
    days = np.datetime64("2024-02-28") + np.arange(5)
    stack = xarray.DataArray(STACK, dims=("time", "y", "x"), coords={"time": days})
    names = told(View(stack))["names"]
    assert names == [f"time = {day}" for day in days]
    assert told(View(STACK))["names"] == []


def test_rows_that_go_north_are_turned_as_in_the_picture() -> None:
    field = xarray.DataArray(
        GRAY, dims=("lat", "lon"), coords={"lat": np.arange(7.0), "lon": np.arange(9.0)}
    )
    view = View(field, exact=True)
    np.testing.assert_array_equal(planes(view)[0], GRAY[::-1])
    np.testing.assert_array_equal(fallback(view), Picture(field).pixels)


def test_under_log_the_range_begins_above_0() -> None:
    for array in (GRAY, np.stack([GRAY, GRAY * 2, GRAY / 3, GRAY, GRAY])):
        low, high = told(View(array, norm="log"))["extent"]
        assert (low, high) == (array[array > 0].min(), array.max())


def test_numbers_beyond_a_browsers_own_keep_their_differences() -> None:
    large = np.int64(2**62) + np.arange(12).reshape(3, 4)
    view = View(large)
    config = told(view)
    np.testing.assert_array_equal(planes(view)[0], large)
    assert int(config["base"]) + int(config["look"]["vmax"]) == large.max()
    assert config["look"]["vmax"] - config["look"]["vmin"] == 11


@pytest.mark.parametrize("array", [np.full((2, 3), np.nan), np.full((2, 3), np.inf)])
@pytest.mark.filterwarnings("ignore:.*finite:UserWarning")
def test_data_without_a_number_are_shown_all_the_same(array: np.ndarray) -> None:
    view = View(array)
    np.testing.assert_array_equal(planes(view)[0], array)


def test_alpha_is_of_the_full_scale_of_the_data_not_of_what_is_stored() -> None:
    faint = np.full((2, 2, 4), 200, np.uint16)
    config = told(View(faint))
    assert config["planes"][0]["dtype"] == "uint8"
    assert config["full"] == 65535


# --------------------------------------------------------------------------------- inert


@settings(deadline=None, max_examples=30)
@given(
    st.text()
    | st.sampled_from(
        ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;b&gt;", "\u2028", "'\""]
    )
)
def test_whatever_the_words_hold_they_are_only_words(words: str) -> None:
    plain = Reader(View(STACK[:2]).html)
    stack = xarray.DataArray(
        STACK[:2], dims=("t", "y", "x"), coords={"t": [words, words]}, attrs={"long_name": words}
    )
    view = View(stack, title=words)
    found = Reader(view.html)
    title = ["div"] if words else []
    assert sorted(found.tags) == sorted(plain.tags + title)
    assert len(found.scripts) == len(plain.scripts)
    assert found.scripts[0] == plain.scripts[0]
    assert found.scripts[-1] == plain.scripts[-1]
    assert told(view)["names"] == [f"t = {words}"] * 2


def test_a_page_of_its_own_is_written_whole(tmp_path: Path) -> None:
    view = View(RGB, title="<colours>")
    path = view.save(tmp_path / "view")
    assert path.name == "view.html"
    text = path.read_text("utf-8")
    assert view.html in text
    assert "<title>&lt;colours&gt;</title>" in text
    assert list(tmp_path.iterdir()) == [path]
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", text)


def test_nbview_saves_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert nbview(GRAY, saveas=tmp_path / "field.html") is None
    assert (tmp_path / "field.html").exists()
    assert "field.html" in capsys.readouterr().out


def test_a_notebook_gets_html_a_png_and_a_line() -> None:
    view = View(GRAY, title="Field")
    bundle, metadata = view._repr_mimebundle_()
    assert set(bundle) == {"text/html", "image/png", "text/plain"}
    assert bundle["text/html"] == view.html == view._repr_html_()
    assert metadata["image/png"]["width"] == view.picture.width
    assert bundle["text/plain"].startswith("<View 'Field': 7×9 float64")
    assert "View" in nbimage.__all__


def test_the_script_is_small() -> None:
    empty = len(View([[0]]).html)
    assert empty < 60_000


def test_a_photographs_page_is_little_more_than_its_picture_twice() -> None:
    photograph = data.astronaut()
    twice = 2 * len(Picture(photograph).html)
    assert len(View(photograph).html) < 1.05 * twice + 60_000


# --------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("array", "options", "words"),
    [
        (GRAY, {"norm": np.tanh}, "norm must be a name or a gamma"),
        (GRAY, {"norm": "cubic"}, "norm must be one of"),
        (GRAY, {"cmap": "viridian"}, "cmap"),
        (GRAY, {"vmin": np.nan}, "vmin must be finite"),
        (GRAY, {"channel_axis": 0}, "channel_axis must be"),
        (np.zeros((2, 2, 2, 2, 2)), {}, "shape (2, 2, 2, 2, 2): index it first"),
        (np.zeros((5, 6, 7, 8)), {}, "channels must be the first or the last axis"),
        (np.zeros((5, 6, 7, 3)), {"channel_axis": 0}, "for a stack, but got 0"),
        (np.zeros((5, 6, 7, 3)), {"channel_axis": 7}, "for a stack, but got 7"),
        (np.zeros((0, 5)), {}, "empty"),
        (np.zeros(5), {}, "at least 2 axes"),
        (GRAY + 1j, {}, "data must be real"),
        (np.array([["a", "b"]]), {}, "data"),
        (np.array([[1, "2024"]], object), {}, "data"),
    ],
)
def test_what_can_not_be_shown_is_refused_in_one_line(
    array: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        View(array, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_than_a_page_should_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbimage.view.explorer._MOST", 2_000_000)
    noise = np.random.default_rng(0).integers(0, 256, (5, 700, 700), np.uint8)
    View(noise[0])
    with pytest.raises(ValueError, match=r"at most 2 MB in the page, but take 2: show a part"):
        View(noise)


def test_long_doubles_beyond_every_double_are_refused() -> None:
    huge = np.array([[-1, 1]], np.longdouble) * np.longdouble("1e400")
    with pytest.raises(ValueError, match="within the range of float64"):
        View(huge)
