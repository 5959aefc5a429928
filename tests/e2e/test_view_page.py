"""The explorer in real browsers: each value as it is, each pixel as in the picture, no traps."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page

from nbimage import Picture, View
from nbimage.page.html import document_html

from .harness import Chromium, NotebookPage

RANDOM = np.random.default_rng(11)
SHAPE = 100, 120
NOISE = RANDOM.normal(size=SHAPE)
FLOATS = NOISE.astype(np.float32)
HOLES = FLOATS.copy()
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
HOLES.flat[5::13] = -np.inf
READ: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "uint8": (RANDOM.integers(0, 256, SHAPE, np.uint8), {}),
    "uint16": (RANDOM.integers(0, 65536, SHAPE, np.uint16), {}),
    "int64": (RANDOM.integers(2**60, 2**60 + 999, SHAPE), {}),
    "float32": (FLOATS, {"cmap": "viridis"}),
    "float64": (NOISE * 1e9, {"exact": True}),
    "holes": (HOLES, {}),
    "rgb": (RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8), {}),
}
LOOKS: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "as they are": READ["uint8"],
    "linear": (FLOATS, {}),
    "nearer": (FLOATS, {"vmin": -0.5, "vmax": 0.75, "cmap": "magma"}),
    "symmetric": (FLOATS, {"vsym": True, "cmap": "RdBu"}),
    "inverted": (FLOATS, {"vmin": 2, "vmax": -1, "cmap": "turbo"}),
    "log": (np.exp(3 * FLOATS), {"norm": "log", "cmap": "inferno"}),
    "log of what is not above 0": (FLOATS, {"norm": "log", "vmin": 0.01}),
    "asinh": (FLOATS, {"norm": ("asinh", 0.1), "cmap": "cividis"}),
    "symlog": (FLOATS, {"norm": "symlog", "cmap": "coolwarm"}),
    "gamma": (FLOATS, {"norm": 0.4, "vmin": 0, "vmax": 3}),
    "missing": (HOLES, {"cmap": "viridis"}),
    "masked": (np.ma.masked_less(READ["uint16"][0], 9000), {"vmin": 0, "vmax": 60000}),
    "masked colours": (np.ma.masked_less(READ["rgb"][0], 40), {}),
    "large": READ["int64"],
    "far": (NOISE * 3e307, {"exact": True}),
    "booleans": (FLOATS > 0, {}),
    "constant": (np.full(SHAPE, 7.0), {}),
    "zeros": (np.zeros(SHAPE), {"vsym": True}),
    "photograph": READ["rgb"],
    "photograph of one limit a channel": (
        READ["rgb"][0],
        {"vmin": [0, 50, 90], "vmax": [255, 200, 100]},
    ),
    "planar": (np.moveaxis(READ["uint16"][0].reshape(100, 40, 3), -1, 0), {}),
    "own colours": (FLOATS, {"cmap": ["navy", "white", "red"]}),
}
STACK = RANDOM.integers(0, 999, (6, *SHAPE), np.uint16)
CELLS = {
    "setup": "import numpy as np; from nbimage import nbview; a = np.arange(1e4).reshape(100, 100)",
    "live": "nbview(a, display_id='view', title='Live')",
    "again": "for _ in range(10): nbview(a, display_id='view', title='Live')",
    "tall": "from IPython.display import HTML; HTML('<div style=\"height:3000px\">tall</div>')",
}
in_lab = pytest.mark.parametrize("server", ["lab"], indirect=True, scope="session")


class Viewer:
    """One explorer on a page, and the hands to use it with."""

    def __init__(self, page: Page, index: int = 0, root: str = ".nbimage-view") -> None:
        self.page, self.mouse = page, page.mouse
        self.root = page.locator(root).nth(index)
        self.canvas = self.find(".stage canvas")
        self.canvas.wait_for(state="visible")
        self.canvas.scroll_into_view_if_needed()
        self.settle()

    def find(self, css: str) -> Locator:
        return self.root.locator(css)

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def pixels(self) -> np.ndarray:
        """What the canvas shows, RGBA."""
        uri = self.canvas.evaluate("c => c.toDataURL()")
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))

    def readout(self) -> str:
        return self.find(".readout").inner_text()

    def percent(self) -> int:
        return int(re.findall(r"(\d+) %", self.readout())[-1])

    def move(self, x: float, y: float) -> str:
        """Point at a place of the stage; return what is read there."""
        box = self.canvas.bounding_box()
        assert box is not None
        self.mouse.move(box["x"] + float(x), box["y"] + float(y))
        self.settle()
        return self.readout()

    def size(self) -> tuple[int, int]:
        width, height = self.canvas.evaluate("c => [c.clientWidth, c.clientHeight]")
        return width, height

    def press(self, *keys: str) -> None:
        self.canvas.focus()
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def click(self, action: str) -> None:
        self.find(f"[data-do={action}]").click()
        self.settle()

    def wheel(self, amount: float, *, control: bool = False) -> None:
        if control:
            self.page.keyboard.down("Control")
        self.mouse.wheel(0, amount)
        self.page.wait_for_timeout(60)
        if control:
            self.page.keyboard.up("Control")
        self.settle()


def place_of(text: str) -> tuple[int, int]:
    found = re.match(r"x (\d+), y (\d+): ", text)
    assert found, text
    return int(found[1]), int(found[2])


def values_of(text: str) -> list[str]:
    return text.split(": ")[1].split("   ")[0].strip().rsplit("  ", 1)[0].split(", ")


def same(text: str, value: Any) -> bool:
    """Whether the text is the value, none of its digits lost."""
    text = re.sub(r"\s+\d+ %$", "", text).replace("−", "-")
    if isinstance(value, np.integer):
        return int(text) == int(value)
    return np.array_equal(type(value)(text), value, equal_nan=True)


def rgba(array: np.ndarray) -> np.ndarray:
    """Pixels as a canvas has them; what is transparent has no colour there."""
    if array.ndim == 2:
        array = array[:, :, None]
    if array.shape[2] in (1, 2):
        array = np.concatenate([array[:, :, :1]] * 3 + [array[:, :, 1:]], axis=2)
    if array.shape[2] == 3:
        array = np.concatenate([array, np.full_like(array[:, :, :1], 255)], axis=2)
    return np.where(array[:, :, 3:] == 0, 0, array)


def saved(folder: Path, *views: View, style: str = "") -> str:
    """A page of its own that holds these explorers; its address."""
    path = folder / "page.html"
    html = f"<style>{style}</style>" + "".join(view.html for view in views)
    path.write_text(document_html(html, "Views"), "utf-8")
    return path.as_uri()


def opened(chromium: Chromium, address: str, *, scripts: bool = True) -> Page:
    page = chromium.new_page(scripts=scripts)
    page.set_default_timeout(10_000)
    page.wrong = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.wrong.append(str(error)))  # type: ignore[attr-defined]
    page.goto(address)
    return page


@pytest.fixture(scope="module")
def many(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of many explorers: those of READ, then those of LOOKS at 1:1, then a stack."""
    chromium.external.clear()
    views = [View(array, **options) for array, options in READ.values()]
    views += [View(array, **options, width=240) for array, options in LOOKS.values()]
    page = opened(chromium, saved(tmp_path_factory.mktemp("many"), *views, View(STACK)))
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    assert chromium.external == []
    page.context.close()


@pytest.fixture
def viewer(chromium: Chromium, tmp_path: Path) -> Iterator[Viewer]:
    """A float picture above a tall page, alone and as it is at first."""
    view = View(FLOATS, title="Noise", width=480)
    page = opened(chromium, saved(tmp_path, view, style="html{height:5000px}"))
    yield Viewer(page)
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


# ----------------------------------------------------------------------- values and pixels


@pytest.mark.parametrize("name", READ)
def test_the_readout_is_the_value_below_the_pointer_at_any_zoom(name: str, many: Page) -> None:
    array, options = READ[name]
    shown = rgba(Picture(array, **{k: v for k, v in options.items() if k != "exact"}).shown())
    viewer = Viewer(many, list(READ).index(name))
    random = np.random.default_rng(3)
    width, height = viewer.size()
    read = 0
    for _ in range(9):
        viewer.click("fit")
        viewer.move(*random.integers(20, (width - 20, height - 20)))
        viewer.wheel(float(random.integers(-200, 40)), control=True)
        viewer.wheel(float(random.integers(-100, 40)), control=True)
        pixels = viewer.pixels()
        for _ in range(11):
            x, y = random.integers(0, (width, height))
            text = viewer.move(x, y)
            if ":" not in text:  # beside the picture
                assert not pixels[y, x].any()
                continue
            column, row = place_of(text)
            expected = np.atleast_1d(array[row, column])
            texts = values_of(text)
            assert len(texts) == len(expected)
            assert all(map(same, texts, expected)), (text, expected)
            if 100 <= viewer.percent() < 2000:  # from there on lines lie over the pixels
                assert (pixels[y, x] == shown[row, column]).all(), text
            read += 1
    assert read >= 50


@pytest.mark.parametrize("name", LOOKS)
def test_each_pixel_is_the_pictures_at_one_to_one(name: str, many: Page) -> None:
    array, options = LOOKS[name]
    viewer = Viewer(many, len(READ) + list(LOOKS).index(name))
    viewer.press("1")
    expected = rgba(Picture(array, **{k: v for k, v in options.items() if k != "exact"}).shown())
    rows, columns = expected.shape[:2]
    pixels = viewer.pixels()
    top, left = (pixels.shape[0] - rows) // 2, (pixels.shape[1] - columns) // 2
    inside = pixels[top : top + rows, left : left + columns]
    np.testing.assert_array_equal(inside, expected)
    assert np.count_nonzero(pixels) == np.count_nonzero(inside)


@pytest.mark.parametrize("times", [2, 3, 4])
@pytest.mark.parametrize("name", ["linear", "log", "missing", "photograph"])
def test_enlarged_each_sample_is_a_square_of_its_pixel(
    name: str, times: int, chromium: Chromium, tmp_path: Path
) -> None:
    array, options = LOOKS[name]
    view = View(array, **options, width=times * SHAPE[1])
    page = opened(chromium, saved(tmp_path, view))
    pixels = Viewer(page).pixels()
    expected = rgba(Picture(array, **options).shown()).repeat(times, 0).repeat(times, 1)
    np.testing.assert_array_equal(pixels, expected)
    page.context.close()


def test_from_the_south_the_first_row_is_at_the_bottom(chromium: Chromium, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    field = xarray.DataArray(
        FLOATS, dims=("lat", "lon"), coords={"lat": np.arange(100.0), "lon": np.arange(120.0)}
    )
    page = opened(chromium, saved(tmp_path, View(field, width=240)))
    viewer = Viewer(page)
    expected = rgba(Picture(field).shown()).repeat(2, 0).repeat(2, 1)
    np.testing.assert_array_equal(viewer.pixels(), expected)
    column, row = place_of(text := viewer.move(31, 11))
    assert (column, row) == (15, 94)
    assert same(values_of(text)[0], FLOATS[row, column])
    page.context.close()


def test_far_out_a_picture_is_the_means_of_its_samples(chromium: Chromium, tmp_path: Path) -> None:
    large = np.random.default_rng(1).integers(0, 256, (512, 960), np.uint8)
    page = opened(chromium, saved(tmp_path, View(large, width=240)))
    means = large.reshape(128, 4, 240, 4).mean((1, 3))
    found = Viewer(page).pixels()
    assert np.abs(found[:, :, 0] - np.floor(means)).max() <= 1
    page.context.close()


def test_the_slider_shows_every_plane_in_its_order(many: Page) -> None:
    viewer = Viewer(many, len(READ) + len(LOOKS))
    viewer.press("1")
    slider = viewer.find(".planes input")
    slider.focus()
    for index, plane in enumerate(STACK):
        if index:
            many.keyboard.press("ArrowRight")
        assert viewer.find(".planes output").inner_text() == str(index)
        expected = rgba(Picture(plane, vmin=int(STACK.min()), vmax=int(STACK.max())).shown())
        many.wait_for_timeout(50)
        viewer.settle()
        inside = viewer.pixels()
        top, left = (inside.shape[0] - SHAPE[0]) // 2, (inside.shape[1] - SHAPE[1]) // 2
        inside = inside[top : top + SHAPE[0], left : left + SHAPE[1]]
        np.testing.assert_array_equal(inside, expected)
        text = viewer.move(left + 7.5, top + 9.5)
        assert place_of(text) == (7, 9)
        assert values_of(text)[0].split()[0] == str(plane[9, 7])
        slider.focus()


# -------------------------------------------------------------------- wheel, keys and mouse


def test_the_wheel_scrolls_the_page_until_the_viewer_has_the_focus(viewer: Viewer) -> None:
    viewer.move(100, 100)
    viewer.wheel(120)
    viewer.page.wait_for_function("() => scrollY > 50")
    assert viewer.percent() == 400
    assert viewer.find(".hint").evaluate("e => e.style.opacity") == "1"
    viewer.page.evaluate("() => scrollTo(0, 0)")
    viewer.page.wait_for_function("() => scrollY === 0")
    viewer.move(100, 100)
    viewer.mouse.down()
    viewer.mouse.up()
    viewer.wheel(-120)
    assert viewer.percent() > 400
    assert viewer.page.evaluate("() => scrollY") == 0


@pytest.mark.parametrize("amount", [-150, -60, 20])
def test_the_wheel_with_control_zooms_about_the_pointer(viewer: Viewer, amount: int) -> None:
    before = viewer.move(322, 166)
    percent = viewer.percent()
    for _ in range(3):
        viewer.wheel(amount, control=True)
    after = viewer.readout()
    assert place_of(after) == place_of(before)
    assert (viewer.percent() > percent) == (amount < 0)
    assert viewer.page.evaluate("() => scrollY") == 0


def test_the_sample_taken_hold_of_follows_the_pointer(viewer: Viewer) -> None:
    viewer.press("+", "+")
    before = viewer.move(200, 150)
    viewer.mouse.down()
    for x, y in ((190, 160), (120, 210), (90, 240)):
        assert place_of(viewer.move(x, y)) == place_of(before)
    viewer.mouse.up()
    assert place_of(viewer.move(200, 150)) != place_of(before)


def test_a_double_click_doubles_about_the_pointer(viewer: Viewer) -> None:
    before = viewer.move(301, 77)
    box = viewer.canvas.bounding_box()
    assert box is not None
    viewer.mouse.dblclick(box["x"] + 301, box["y"] + 77)
    viewer.settle()
    assert viewer.percent() == 800
    assert place_of(viewer.readout()) == place_of(before)


def test_keys_zoom_fit_and_pan(viewer: Viewer) -> None:
    middle = viewer.move(240, 200)
    viewer.press("+")
    assert viewer.percent() == 600
    viewer.press("-", "-")
    assert viewer.percent() == 267
    viewer.press("1")
    assert viewer.percent() == 100
    viewer.press("0")
    assert viewer.percent() == 400
    assert viewer.readout() == middle
    column, row = place_of(middle)
    for key, dx, dy in (("Right", 15, 0), ("Down", 0, 15), ("Left", -15, 0), ("Up", 0, -15)):
        column, row = column + dx, row + dy
        viewer.press(f"Arrow{key}")
        assert place_of(viewer.readout()) == (column, row)


def test_escape_gives_the_wheel_back_to_the_page(viewer: Viewer) -> None:
    viewer.press("Escape")
    viewer.move(100, 100)
    viewer.wheel(120)
    viewer.page.wait_for_function("() => scrollY > 50")


def test_one_sample_can_be_zoomed_in_and_out(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, View([[3]])))
    viewer = Viewer(page)
    first = viewer.percent()
    viewer.press("+")
    assert viewer.percent() >= first
    viewer.press("1")
    viewer.press("-")
    assert viewer.percent() < 100
    page.context.close()


# --------------------------------------------------------------------------------- contrast


def limits_of(viewer: Viewer) -> list[float]:
    return [float(text) for text in viewer.find(".range").inner_text().split(" to ")]


def check_look(viewer: Viewer, vmin: float, vmax: float, **options: Any) -> None:
    """The canvas is the picture of these limits."""
    expected = rgba(Picture(FLOATS, vmin, vmax, **options).shown()).repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(viewer.pixels(), expected)


def test_buttons_set_the_limits_and_the_colours_follow(viewer: Viewer) -> None:
    viewer.click("contrast")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    most = max(-low, high)
    robust = np.sort(FLOATS, axis=None)[[int(0.02 * FLOATS.size), int(0.98 * FLOATS.size) - 1]]
    for name, expected in (
        ("robust", [float(x) for x in robust]),
        ("symmetric", [-most, most]),
        ("minmax", [low, high]),
        ("given", [low, high]),
    ):
        viewer.click(name)
        assert limits_of(viewer) == pytest.approx(expected, rel=1e-4)
        check_look(viewer, *expected)


def test_handles_drag_the_limits(viewer: Viewer) -> None:
    viewer.click("contrast")
    low, high = limits_of(viewer)
    plot = viewer.find(".histogram canvas").bounding_box()
    assert plot is not None
    for start, end in ((3, 80), (255, 190)):
        viewer.mouse.move(plot["x"] + start, plot["y"] + 30)
        viewer.mouse.down()
        viewer.mouse.move(plot["x"] + end, plot["y"] + 30, steps=4)
        viewer.mouse.up()
        viewer.mouse.move(plot["x"] + 130, plot["y"] + 30)
    viewer.settle()
    share = np.array([80, 190]) / 260
    assert limits_of(viewer) == pytest.approx(low + share * (high - low), abs=0.04)
    low, high = (np.float64(FLOATS.max() - FLOATS.min()) * share) + np.float64(FLOATS.min())
    found, expected = viewer.pixels()[::4, ::4, 0], Picture(FLOATS, low, high).pixels
    assert np.abs(found.astype(int) - expected).max() <= 1


def test_colours_can_be_chosen_and_inverted(viewer: Viewer) -> None:
    viewer.click("contrast")
    chooser = viewer.find(".cmap")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    for name in ("viridis", "RdBu", "turbo", "gray"):
        chooser.select_option(name)
        viewer.settle()
        check_look(viewer, low, high, cmap=name)
    viewer.click("invert")
    np.testing.assert_array_equal(
        255 - viewer.pixels()[::4, ::4, 0], Picture(FLOATS, low, high).pixels
    )


def test_a_colormap_of_a_known_name_is_the_callers_own(chromium: Chromium, tmp_path: Path) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    own = LinearSegmentedColormap.from_list("viridis", ["black", "red"])
    page = opened(chromium, saved(tmp_path, View(FLOATS, cmap=own, width=480)))
    check_look(Viewer(page), float(FLOATS.min()), float(FLOATS.max()), cmap=own)
    page.context.close()


# --------------------------------------------------------------------------- on any page


def test_the_picture_fills_the_stage_as_it_is_resized(viewer: Viewer) -> None:
    viewer.find(".stage").evaluate("s => Object.assign(s.style, { width: '242px' })")
    viewer.page.wait_for_timeout(100)
    viewer.settle()
    assert viewer.percent() == 200
    viewer.press("1")
    viewer.find(".stage").evaluate("s => Object.assign(s.style, { width: '482px' })")
    viewer.page.wait_for_timeout(100)
    viewer.settle()
    assert viewer.percent() == 100  # whoever has zoomed keeps the zoom


def test_nothing_stands_out_of_a_narrow_page(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, View(STACK.astype(float) / 7, width=600)))
    page.set_viewport_size({"width": 300, "height": 700})
    page.reload()
    viewer = Viewer(page)
    viewer.click("contrast")
    viewer.move(100, 50)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 300
    width, height = viewer.size()
    assert width <= 268
    assert height == pytest.approx(width * SHAPE[0] / SHAPE[1], abs=1.5)
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_can_be_read_on_light_and_dark(
    chromium: Chromium, tmp_path: Path, scheme: Any
) -> None:
    page = opened(chromium, saved(tmp_path, View(FLOATS)))
    page.emulate_media(color_scheme=scheme)
    viewer = Viewer(page)
    for css in (".readout", "[data-do=fit]", ".cmap"):
        ink = viewer.find(css).evaluate("e => getComputedStyle(e).color")
        light = np.mean([int(x) for x in re.findall(r"\d+", ink)[:3]])
        assert (light > 150) == (scheme == "dark")
    page.context.close()


def test_without_scripts_the_picture_stands(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, View(FLOATS)), scripts=False)
    picture = page.locator(".nbimage-fallback img")
    assert picture.is_visible()
    box = picture.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (120, 100)
    assert page.locator("body").inner_text().strip() == ""
    page.context.close()


def test_titles_and_names_are_text(chromium: Chromium, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    evil = "</script><img src=x onerror=document.title='hit'>"
    stack = xarray.DataArray(
        STACK[:2], dims=(evil, "y", "x"), coords={evil: [evil, "<b>two</b>"]}, name=evil
    )
    page = opened(chromium, saved(tmp_path, View(stack, title=evil)))
    viewer = Viewer(page)
    assert viewer.find(".planes output").inner_text() == f"{evil} = {evil}"
    viewer.find(".planes input").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(60)
    assert viewer.find(".planes output").inner_text() == f"{evil} = <b>two</b>"
    assert page.locator("b, img[onerror]").count() == 0
    assert page.title() == "Views"
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


# ------------------------------------------------------------------------------- notebooks


@in_lab
def test_keys_and_wheel_are_the_viewers_in_a_notebook(fresh: NotebookPage) -> None:
    fresh.output("live")
    viewer = Viewer(fresh.page)
    cells = "() => e2e.panel().content.widgets.length"
    before = fresh.page.evaluate(cells)
    viewer.move(50, 50)
    percent = viewer.percent()
    viewer.press("b", "x", "+", "c", "d", "d", "a")
    assert fresh.page.evaluate(cells) == before
    assert viewer.percent() > percent
    assert viewer.find(".contrast").is_visible()
    top = viewer.canvas.bounding_box()
    viewer.press("0")
    viewer.wheel(-100)
    assert viewer.canvas.bounding_box() == top
    assert viewer.percent() > percent
    assert fresh.errors == []


@in_lab
def test_an_output_shown_again_and_again_does_not_grow(fresh: NotebookPage) -> None:
    session = fresh.page.context.new_cdp_session(fresh.page)

    def nodes() -> int:
        fresh.page.wait_for_timeout(500)
        session.send("HeapProfiler.collectGarbage")
        return int(session.send("Memory.getDOMCounters")["nodes"])

    fresh.run_cell("again")
    before = nodes()
    for _ in range(3):
        fresh.run_cell("again")
    one = fresh.page.evaluate(
        "() => document.querySelector('.nbimage-view').querySelectorAll('*').length"
    )
    assert fresh.page.locator(".nbimage-view").count() == 1
    assert nodes() - before < 10 * max(one, 60)
    assert fresh.errors == []


@in_lab
def test_in_a_notebook_nobody_trusts_the_picture_stands(untrusted: NotebookPage) -> None:
    root = untrusted.output("live")
    image = root.query_selector("img")
    assert image is not None
    assert image.is_visible()
    assert image.evaluate("e => e.naturalWidth") == 100
    assert "float64" not in root.inner_text()
    assert "{" not in root.inner_text()
