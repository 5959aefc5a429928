"""`View`: what a page is told of the data, what is refused, and that it is inert."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Callable
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
from nbimage import Picture, View, frames, nbview
from nbimage.page.scripts import packed_script
from nbimage.page.view_html import EMBEDDED, FOLDER, PARTS, SERVED
from nbimage.view.model.page_config import page_config
from nbimage.view.model.pane_layout import resolve_layout
from nbimage.view.model.view_state import resolve_state
from tests.clips import make_clip
from tests.view.model.test_samples import Samples, bytes_of, decoded

GRAY = np.random.default_rng(4).normal(size=(7, 9))
RGB = np.random.default_rng(5).integers(0, 256, (7, 9, 3), np.uint8)
WAVES = np.sin(np.arange(70) / 9) * np.cos(np.arange(80) / 7)[:, None]
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


def read_config(view: View) -> dict[str, Any]:
    """What the page is told, read from the page."""
    (found,) = re.findall(r'<script type="application/json">(.*?)</script>', view.html, re.DOTALL)
    config: dict[str, Any] = json.loads(found)
    return config


def values(config: dict[str, Any], image: int = 0) -> np.ndarray:
    """The values that the page holds of an image: its axes, rows, columns, channels if any."""
    shown = config["images"][image]
    shape = [shown[name] for name in ("rows", "columns", "channels")]
    planes = []
    for stored in shown["planes"]:
        planes.append(decoded(Samples(bytes_of(stored), stored["dtype"], *shape, exact=True)))
    sizes = [axis["size"] for axis in config["axes"]]
    assert len(planes) == np.prod(sizes, dtype=int)
    return np.array(planes).reshape(*sizes, *planes[0].shape)


def fallback(view: View) -> np.ndarray:
    """The picture that stands where scripts do not run."""
    (uri,) = re.findall(r'<img src="data:image/png;base64,(.*?)"', view.html)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri))))


def read_display(view: View) -> dict[str, Any]:
    """The one look of a page."""
    (found,) = read_config(view)["state"]["displays"]
    return found


# ------------------------------------------------------------------------- what a page holds


@pytest.mark.parametrize(
    "array",
    [RGB, np.moveaxis(RGB, -1, 0), np.dstack((RGB, RGB[:, :, 0])), STACK[0], GRAY > 0],
    ids=["interleaved", "planar", "alpha", "uint16", "booleans"],
)
def test_the_page_holds_the_values_channels_last(array: np.ndarray) -> None:
    last = np.moveaxis(array, 0, -1) if array.shape[0] == 3 else array
    np.testing.assert_array_equal(values(read_config(View(array))), last)


def test_the_array_is_not_changed_nor_held() -> None:
    array = GRAY.copy()
    view = View(array, norm="log", exact=True)
    np.testing.assert_array_equal(array, GRAY)
    array[:] = 0
    np.testing.assert_array_equal(values(read_config(view)), GRAY)


def test_a_stack_has_every_plane_and_one_range() -> None:
    view = View(STACK)
    config = read_config(view)
    np.testing.assert_array_equal(values(config), STACK)
    assert config["images"][0]["extent"] == [[0, STACK.max()]]
    assert (read_display(view)["vmin"], read_display(view)["vmax"]) == ([0], [STACK.max()])


def test_the_extent_is_that_of_all_planes_also_where_they_are_shown_as_they_are() -> None:
    stack = np.stack([RGB[:, :, 0] // 2, RGB[:, :, 0], RGB[:, :, 0] // 3, *[RGB[:, :, 1]] * 3])
    view = View(stack)
    assert read_config(view)["images"][0]["extent"] == [[stack.min(), stack.max()]]
    assert (read_display(view)["vmin"], read_display(view)["vmax"]) == (
        [0],
        [256],
    )  # bins of one value each


@pytest.mark.parametrize("axis", [None, 1, 3, -1, -3])
def test_a_stack_of_colors_has_a_plane_for_each(axis: int | None) -> None:
    stack = np.stack([RGB, RGB[::-1], RGB // 2])
    given = np.moveaxis(stack, -1, 1) if axis in (1, -3) else stack
    np.testing.assert_array_equal(values(read_config(View(given, channel_axis=axis))), stack)


def test_what_stands_without_scripts_is_the_first_plane_in_the_range_of_all() -> None:
    view = View(STACK)
    expected = Picture(STACK[0], 0, int(STACK.max())).pixels
    np.testing.assert_array_equal(fallback(view), expected)
    np.testing.assert_array_equal(view.picture.pixels, expected)


@pytest.mark.parametrize("options", [{}, {"vmin": -1, "vmax": 2}, {"norm": "asinh"}])
def test_what_stands_without_scripts_is_the_picture(options: dict[str, Any]) -> None:
    np.testing.assert_array_equal(fallback(View(GRAY, **options)), Picture(GRAY, **options).pixels)


@pytest.mark.parametrize("labels", [False, True])
def test_beside_all_samples_a_page_has_a_preview_of_a_large_picture(labels: bool) -> None:
    y, x = np.mgrid[:900, :1000]
    array = (y // 90 + x // 100) if labels else np.hypot(y, x).astype(np.float32)
    view = View(array, labels=labels)
    (kind,) = re.findall(r'<img src="data:image/(.*?);base64', view.html)
    assert kind == ("png" if labels else "jpeg")
    expected = Picture(array, labels=labels)
    np.testing.assert_array_equal(view.picture.pixels, expected.pixels)
    assert view.picture.png == expected.png
    assert (view.picture.width, view.picture.alt) == (expected.width, expected.alt)


def test_a_narrow_picture_stands_where_scripts_do_not_run_with_all_its_pixels() -> None:
    array = np.random.default_rng(0).integers(0, 256, (199, 4000), np.uint8)
    np.testing.assert_array_equal(fallback(View(array)), array)


def test_rows_that_go_north_are_turned_as_in_the_picture() -> None:
    field = xarray.DataArray(
        GRAY, dims=("lat", "lon"), coords={"lat": np.arange(7.0), "lon": np.arange(9.0)}
    )
    view = View(field, exact=True)
    config = read_config(view)
    np.testing.assert_array_equal(values(config), GRAY[::-1])
    np.testing.assert_array_equal(fallback(view), Picture(field).pixels)
    (image,) = config["images"]
    assert image["lower"]
    assert (image["y"]["first"], image["y"]["step"]) == (6, -1)
    assert (image["x"]["first"], image["x"]["step"]) == (0, 1)


def test_under_log_the_range_begins_above_0() -> None:
    for array in (GRAY, np.stack([GRAY, GRAY * 2, GRAY / 3, GRAY, GRAY])):
        ((low, high),) = read_config(View(array, norm="log"))["images"][0]["extent"]
        assert (low, high) == (array[array > 0].min(), array.max())


def test_numbers_beyond_a_browsers_own_keep_their_differences() -> None:
    large = np.int64(2**62) + np.arange(5 * 42).reshape(5, 6, 7)
    for array in (large[0], np.concatenate([large, large - 1000])):
        config = read_config(View(array, embed=True))
        (image,), (shown,) = config["images"], config["state"]["displays"]
        np.testing.assert_array_equal(values(config).astype(np.int64), array)
        assert int(image["base"]) == array.min()
        assert int(image["base"]) + int(shown["vmax"][0]) == array.max()
        assert image["extent"] == [[0, float(array.max() - array.min())]]


@pytest.mark.parametrize("array", [np.full((2, 3), np.nan), np.full((2, 3), np.inf)])
@pytest.mark.filterwarnings("ignore:.*finite:UserWarning")
def test_data_without_a_number_are_shown_all_the_same(array: np.ndarray) -> None:
    np.testing.assert_array_equal(values(read_config(View(array))), array)


def test_alpha_is_of_the_full_scale_of_the_data_not_of_what_is_stored() -> None:
    image = np.full((2, 2, 4), 200, np.int32)
    for bright, opaque in ((255, 255), (256, 65535), (65536, 2**31 - 1)):
        image[0, 0] = bright
        image[0, 1, 3] = opaque
        (config,) = read_config(View(image, axes="yxs"))["images"]
        assert config["alpha"] == [0, opaque]


def test_each_channel_may_have_limits_of_its_own_in_a_stack_too() -> None:
    stack = np.stack([RGB, RGB // 2])
    shown = read_display(View(stack, [0, 1, 2], [250.0, 200, 100]))
    assert (shown["vmin"], shown["vmax"]) == ([0, 1, 2], [250, 200, 100])
    shown = read_display(View(stack, [0, 1, 2]))
    assert shown["vmax"] == stack.max(axis=(0, 1, 2)).tolist()


def test_masked_values_are_missing_and_the_others_stay() -> None:
    masked = np.ma.masked_less(STACK, 100)
    found = values(read_config(View(masked)))
    np.testing.assert_array_equal(np.isnan(found), masked.mask)
    np.testing.assert_array_equal(found[~masked.mask], STACK[~masked.mask])


# --------------------------------------------------------------------------------- colors


def palette(config: dict[str, Any], name: str) -> np.ndarray:
    colors = np.frombuffer(base64.b64decode(config["palettes"][name]), np.uint8)
    return colors.reshape(256, -1)


def test_a_page_holds_the_chosen_colors_and_some_to_choose_from() -> None:
    for cmap in (None, "magma", "gray", ["#f00", "#00f8"]):
        config = read_config(View(GRAY, cmap=cmap))
        (shown,) = config["state"]["displays"]
        assert len(config["palettes"]) >= 12
        assert {palette(config, name).shape[1] for name in config["palettes"]} <= {3, 4}
        expected = Picture(np.arange(256, dtype=np.uint8)[None], cmap=cmap).render()[0]
        expected = np.repeat(expected[:, None], 3, axis=1) if expected.ndim == 1 else expected
        np.testing.assert_array_equal(palette(config, shown["cmap"]), expected)


def test_a_photographs_page_has_no_colors_to_choose_from() -> None:
    assert list(read_config(View(RGB))["palettes"]) == ["gray"]


# --------------------------------------------------------------------------------- inert


@settings(max_examples=30)
@given(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"))  # NumPy drops a last \0
    | st.sampled_from(
        ["</script><script>alert(1)</script>", "<!--<script>", "]]>", "&lt;b&gt;", "\u2028", "'\""]
    )
)
def test_whatever_the_words_hold_they_are_only_words(words: str) -> None:
    def page(words: str) -> View:
        coords = {"t": [words, words], "x": [words] * 9, "y": ("y", np.arange(7), {"units": words})}
        stack = xarray.DataArray(
            np.stack([STACK[:2]] * 2), dims=("band", "t", "y", "x"), coords=coords
        ).assign_attrs(long_name=words, units=words)
        return View({words + "0": stack, "1": stack}, channels={words + "1": None, "2": "red"})

    plain, view = Reader(page("plain").html), page(words)
    found = Reader(view.html)
    assert found.tags == plain.tags
    assert len(found.scripts) == len(plain.scripts)
    assert found.scripts[-1] == plain.scripts[-1]
    config = read_config(view)
    assert config["axes"] == [{"name": "t", "size": 2, "labels": [words] * 2}]
    assert config["images"][0]["name"] == words + "0"
    assert config["images"][0]["colors"][0]["name"] == words + "1"
    title = Reader(View(STACK[:2], title=words).html)
    assert title.tags[1:] == ["div"] * bool(words) + Reader(View(STACK[:2]).html).tags[1:]


def test_a_page_of_its_own_is_written_whole(tmp_path: Path) -> None:
    view = View(RGB, title="<colors>")
    path = view.save(tmp_path / "view")
    assert path.name == "view.html"
    text = path.read_text("utf-8")
    assert view.html in text
    assert "<title>&lt;colors&gt;</title>" in text
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
    assert (
        metadata["image/png"]["width"] == view.picture.width + 16
    )  # of its figure, with the title
    assert bundle["text/plain"].startswith("<View 'Field': 7×9 float64")
    assert "View" in nbimage.__all__


def test_several_pictures_stand_where_scripts_do_not_run() -> None:
    for view in (View(STACK, facet=0), View(dict(enumerate(STACK)))):
        assert Reader(view.html).tags.count("img") == len(STACK)
        bundle, _ = view._repr_mimebundle_()
        assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("part", "module", "most"),
    [
        ("", EMBEDDED, 75_000),
        ("axes", EMBEDDED, 80_000),
        ("layers", EMBEDDED, 80_000),
        ("compare", EMBEDDED, 85_000),
        ("", SERVED, 87_500),
        ("", FOLDER, 87_500),
    ],
)
def test_the_script_is_small(part: str, module: str, most: int) -> None:
    assert len(packed_script(*([PARTS[part]] if part else []), module)) <= most


@pytest.mark.parametrize(
    ("view", "parts"),
    [
        (lambda: View(GRAY), []),
        (lambda: View(np.zeros((7, 9, 3), np.uint8)), []),
        (lambda: View(np.zeros((2, 7, 9)), channels=["DNA", "actin"]), []),
        (lambda: View(STACK), ["axes"]),
        (lambda: View(STACK, facet=0), ["axes"]),
        (lambda: View(STACK, ortho=True), ["axes", "ortho"]),
        (lambda: View(GRAY, labels=GRAY > 1), ["layers"]),
        (lambda: View({"a": GRAY, "b": GRAY}), ["compare"]),
        (lambda: View(WAVES), ["steps"]),
    ],
    ids=["gray", "color", "composite", "stack", "facets", "ortho", "layers", "compare", "waves"],
)
def test_a_page_carries_the_parts_that_it_needs(view: Callable[[], View], parts: list[str]) -> None:
    page = view().html
    named = re.findall(r'class="nbimage-view" data-parts="([^"]*)"', page)
    assert named == ([" ".join(parts)] if parts else [])
    script = packed_script(*(PARTS[name] for name in parts), EMBEDDED)
    assert f"<script>{script}</script>" in page


def test_a_photographs_page_is_little_more_than_its_picture_twice() -> None:
    photograph = data.astronaut()
    twice = 2 * len(Picture(photograph).html)
    assert len(View(photograph).html) < 1.05 * twice + 62_000


# ------------------------------------------------------------------------------ parameters


@pytest.mark.parametrize(
    ("array", "size"),
    [
        (np.zeros((10, 10)), (320, 320)),
        (np.zeros((300, 400)), (400, 300)),
        (np.zeros((3000, 4000)), (640, 480)),
        (np.zeros((10, 4000)), (640, 120)),
        (np.zeros((4000, 10)), (300, 560)),
    ],
)
def test_the_picture_area_has_a_size_to_work_in(array: np.ndarray, size: Any) -> None:
    config = read_config(View(array, embed=True))
    assert (config["width"], config["height"]) == size


def test_a_size_that_is_asked_for_is_the_pages() -> None:
    array = np.zeros((300, 400))
    for options, size in (
        ({"width": 1000}, (1000, 750)),
        ({"height": 600}, (800, 600)),
        ({"width": 333, "height": 444}, (333, 444)),
    ):
        config = read_config(View(array, **options))
        assert (config["width"], config["height"]) == size


def test_how_playing_begins_is_told() -> None:
    state = read_config(View(STACK, fps=24, loop=False))["state"]
    assert (state["fps"], state["loop"], state["playing"]) == (24, False, -1)
    assert read_config(View(STACK))["state"]["fps"] == 10


@pytest.mark.parametrize("embed", [True, False])
def test_a_clip_plays_at_its_own_rate(embed: bool, tmp_path: Path) -> None:
    path = make_clip(tmp_path, "rare.mkv")
    clip = frames(path)
    for source in (str(path), clip, {"a": clip, "b": clip}):
        state = View(source, embed=embed).model.config["state"]
        assert state["fps"] == pytest.approx(24000 / 1001, abs=0.02)
    assert View(path, embed=embed, fps=5).model.config["state"]["fps"] == 5


# --------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("array", "options", "words"),
    [
        (GRAY, {"norm": np.tanh}, "norm must be a name or a gamma"),
        (GRAY, {"norm": "cubic"}, "norm must be one of"),
        (GRAY, {"cmap": "viridian"}, "cmap"),
        (RGB, {"cmap": "viridis"}, "cmap must have one channel"),
        (GRAY, {"vmin": np.nan}, "vmin must be finite"),
        (GRAY, {"channel_axis": 0}, "channel_axis must be"),
        (np.zeros((5, 9, 7, 3)), {"channel_axis": 1}, "got 9 along axis 1"),
        (np.zeros((5, 6, 7, 3)), {"channel_axis": 7}, "but got 7"),
        (np.zeros((5, 6, 7, 3)), {"channel_axis": "c"}, "must be an integer"),
        (STACK, {"axes": "zy"}, "each of the 3 axes"),
        (STACK, {"axes": "tzy"}, 'must hold "y" and "x"'),
        (STACK, {"axes": "yyx"}, "a name of its own"),
        (STACK, {"axes": 3}, "a letter for each axis"),
        (STACK, {"axes": "tyx", "channel_axis": 1}, "no axis of rows"),
        (STACK, {"channels": ["a", "b"]}, "none of shape (5, 7, 9) is 2 long"),
        (STACK, {"channels": ["a", "b"], "axes": "cyx"}, "must be 5, one for each"),
        (STACK, {"channels": {}}, "channels must be 1 to 16, but got 0"),
        (STACK, {"channels": list("abcdefghijklmnopq")}, "but got 17"),
        (STACK, {"channels": "abcde"}, "channels must be names"),
        (STACK, {"channels": [1, 2, 3, 4, 5]}, "channels must be names"),
        (STACK, {"channels": {**dict.fromkeys("abcd"), "e": "reddish"}}, "must be a CSS color"),
        (STACK, {"channels": list("abcde"), "cmap": "hot"}, "cmap must be left out"),
        (STACK, {"channels": list("abcde"), "vmin": [1, 2]}, "one for each of 5 channels"),
        (STACK, {"facet": "q"}, "facet must be one of the axes ('axis 0'), but got 'q'"),
        (STACK, {"facet": 1}, "facet must be one of the axes"),
        (GRAY, {"facet": 0}, "facet must be left out"),
        (STACK, {"facet": 0, "ortho": True}, "facet must be left out with ortho"),
        ([GRAY, GRAY], {"ortho": True}, "must be left out with several arrays"),
        ([STACK, STACK], {"facet": 0}, "must be left out with several arrays"),
        (GRAY, {"ortho": True}, "ortho must have a volume"),
        (STACK, {"spacing": 2}, "spacing must be left out"),
        (STACK, {"spacing": 0, "ortho": True}, "spacing must be finite"),
        (STACK, {"columns": 2}, "columns must be left out"),
        (STACK, {"columns": 0, "facet": 0}, "columns must be 1 or more"),
        (STACK, {"fps": 0}, "fps must be"),
        (STACK, {"width": -1}, "width must be"),
        ({}, {}, "at least one array"),
        ([GRAY, STACK], {}, "data[0] has none and data[1] 5 of 'axis 0'"),
        ({"a": GRAY, "b": GRAY + 1j}, {}, "data['b']: data must be real"),
        ([GRAY, GRAY.astype("M8[s]")], {}, "shared=False"),
        (np.zeros((0, 5)), {}, "empty"),
        (np.zeros(5), {}, "at least 2 axes"),
        (GRAY + 1j, {}, "data must be real"),
        (np.array([["a", "b"]]), {}, "data"),
        (np.array([[1, "2024"]], object), {}, "data"),
        (xarray.Dataset(dict.fromkeys("ab", (("y", "x"), GRAY))), {}, "pick one"),
    ],
)
def test_what_can_not_be_shown_is_refused_in_one_line(
    array: Any, options: dict[str, Any], words: str
) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        View(array, **options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_more_than_a_page_should_hold_is_refused() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (5, 700, 700), np.uint8)
    images = list(View(noise).model.images)
    layout, first = resolve_layout(images, None, None, False, None), resolve_state(None, images)
    page_config(images, [[0]], layout, first, cmap=None, exact=False, max_bytes=3_000_000)
    with pytest.raises(ValueError, match=r"at most 2 MB in the page, but take about 2: show a"):
        page_config(images, [[0]], layout, first, cmap=None, exact=False, max_bytes=2_000_000)


def test_long_doubles_beyond_every_double_are_refused() -> None:
    huge = np.array([[-1, 1]], np.longdouble) * np.longdouble("1e400")
    with pytest.raises(ValueError, match="within the range of float64"):
        View(huge)
