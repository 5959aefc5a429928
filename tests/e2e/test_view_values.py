"""The explorer's numbers and pixels: each value as it is, each pixel as in the picture."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Picture, View
from tests.e2e.explorer import (
    PANE,
    READING,
    Viewer,
    exploring,
    opened,
    place_of,
    rgba,
    same,
    saved,
    showing,
    values_of,
)
from tests.e2e.harness import Chromium

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
    "float16": (NOISE.astype(np.float16), {"cmap": "magma"}),
    "float32": (FLOATS, {"cmap": "viridis"}),
    "float64": (NOISE * 1e9, {"exact": True}),
    "float64 rounded": (NOISE, {}),
    "holes": (HOLES, {}),
    "rgb": (RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8), {}),
}
PLACES = 7  # a zoom and kind for the mouse; 500 and more in all
MANY_PLACES = 56
EDGE = 12  # there the mouse takes hold of the edges

SMALL = 40, 50  # at the zooms below a whole number of pixels is left on either side
STAGE = 400, 320
ZOOMS = {1: "1", 2: "+", 3: "+", 4: "+", 8: "++"}
TINY = FLOATS[: SMALL[0], : SMALL[1]]
TINY_HOLES = HOLES[: SMALL[0], : SMALL[1]]
TINY_RGB = READ["rgb"][0][: SMALL[0], : SMALL[1]]
TINY_WORDS = READ["uint16"][0][: SMALL[0], : SMALL[1]]
LOOKS: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "as they are": (READ["uint8"][0][: SMALL[0], : SMALL[1]], {}),
    "linear": (TINY, {}),
    "nearer": (TINY, {"vmin": -0.5, "vmax": 0.75, "cmap": "magma"}),
    "symmetric": (TINY, {"vsym": True, "cmap": "RdBu"}),
    "inverted": (TINY, {"vmin": 2, "vmax": -1, "cmap": "turbo"}),
    "robust": (TINY, {"contrast": "robust"}),
    "log": (np.exp(3 * TINY), {"norm": "log", "cmap": "inferno"}),
    "log of what is not above 0": (TINY, {"norm": "log", "vmin": 0.01}),
    "asinh": (TINY, {"norm": ("asinh", 0.1), "cmap": "cividis"}),
    "symlog": (TINY, {"norm": "symlog", "cmap": "coolwarm"}),
    "square root": (np.abs(TINY), {"norm": "sqrt"}),
    "gamma": (TINY, {"norm": 0.4, "vmin": 0, "vmax": 3}),
    "missing": (TINY_HOLES, {"cmap": "viridis"}),
    "masked": (np.ma.masked_less(TINY_WORDS, 9000), {"vmin": 0, "vmax": 60000}),
    "masked colors": (np.ma.masked_less(TINY_RGB, 40), {}),
    "large": (READ["int64"][0][: SMALL[0], : SMALL[1]], {}),
    "far": (NOISE[: SMALL[0], : SMALL[1]] * 3e307, {"exact": True}),
    "half": (READ["float16"][0][: SMALL[0], : SMALL[1]], {}),
    "booleans": (TINY > 0, {}),
    "constant": (np.full(SMALL, 7.0), {}),
    "zeros": (np.zeros(SMALL), {"vsym": True}),
    "photograph": (TINY_RGB, {}),
    "photograph of one limit a channel": (
        TINY_RGB,
        {"vmin": [0, 50, 90], "vmax": [255, 200, 100]},
    ),
    "planar": (np.moveaxis(TINY_RGB, -1, 0), {}),
    "own colors": (TINY, {"cmap": ["navy", "white", "red"]}),
    "colors that are seen through": (TINY, {"cmap": ["#ff000000", "#00ff0080", "blue"]}),
    "pixels that are seen through": (
        RANDOM.integers(0, 256, (*SMALL, 4), np.uint8),
        {},
    ),
}
CHANNELS = np.stack([TINY, 100 * TINY[::-1] ** 2, TINY_HOLES], axis=-1)
COMPOSITES: dict[str, dict[str, tuple[int, int, int]]] = {
    "primaries": {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)},
    "mixed": {"magenta": (255, 0, 255), "yellow": (255, 255, 0), "#204060": (32, 64, 96)},
}


@pytest.fixture(scope="module")
def read(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of those of READ."""
    views = [View(array, **options, width=480) for array, options in READ.values()]
    with exploring(chromium, tmp_path_factory.mktemp("read"), *views) as page:
        yield page


@pytest.fixture(scope="module")
def looks(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of those of LOOKS, then COMPOSITES."""
    chromium.external.clear()
    views = [View(array, **options, width=STAGE[0]) for array, options in LOOKS.values()]
    for colors in COMPOSITES.values():
        own: dict[str, Any] = {"channels": {name: name for name in colors}, "contrast": "minmax"}
        views.append(View(CHANNELS, **own, width=STAGE[0]))
    page = opened(chromium, saved(tmp_path_factory.mktemp("looks"), *views))
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    assert chromium.external == []
    page.context.close()


def shown(array: np.ndarray, options: dict[str, Any]) -> np.ndarray:
    """A picture's pixels as a canvas has them."""
    return rgba(Picture(array, **{k: v for k, v in options.items() if k != "exact"}).render())


@cache
def picture_of(name: str) -> np.ndarray:
    """The pixels of a picture of READ."""
    return shown(*READ[name])


def check_reading(name: str, text: str, pixel: np.ndarray, percent: int) -> bool:
    """Check what is read at a place, and the pixel there; whether there is something."""
    array, _ = READ[name]
    if ":" not in text:  # beside the picture
        assert not pixel.any()
        return False
    column, row = place_of(text)
    expected = np.atleast_1d(array[row, column])
    assert text.endswith(" (7 digits)") == (name == "float64 rounded")
    if name == "float64 rounded":
        expected = expected.astype(np.float32)
    texts = values_of(text)
    assert len(texts) == len(expected)
    assert all(map(same, texts, expected)), (text, expected)
    if 100 <= percent < 2000:  # from there on lines lie over the pixels
        assert (pixel == picture_of(name)[row, column]).all(), text
    return True


# ----------------------------------------------------------------------------------- values


@pytest.mark.parametrize("name", READ)
def test_the_readout_is_the_value_below_the_pointer_at_any_zoom(name: str, read: Page) -> None:
    viewer = Viewer(read, list(READ).index(name))
    random = np.random.default_rng(list(READ).index(name))
    left, top = viewer.point(0, 0)
    width, height = viewer.size()
    found = 0
    viewer.canvas.focus()
    for _ in range(5):
        read.keyboard.press("0")
        x, y = random.uniform(0, (width - EDGE, height - EDGE))
        viewer.mouse.move(left + x, top + y)
        viewer.mouse.wheel(0, float(random.integers(-400, 250)))
        viewer.mouse.wheel(0, float(random.integers(-200, 40)))
        viewer.settle()
        pixels, percent = viewer.pixels(), viewer.percent()
        for _ in range(PLACES):
            x, y = random.integers(0, (width - EDGE, height - EDGE))
            viewer.mouse.move(left + float(x), top + float(y))
            text = read.evaluate(READ_ONE, list(READ).index(name))
            found += check_reading(name, text, pixels[y, x], percent)
    assert found >= 15


READ_ONE = """index => new Promise(done => requestAnimationFrame(() => {
  const { shadowRoot } = document.querySelectorAll(".nbimage-view")[index].lastElementChild;
  done((READING)(shadowRoot.querySelector(".reading")));
}))""".replace("READING", READING)
READ_ALL = """async places => {
  const all = [...document.querySelectorAll(".nbimage-view")].map(root => {
    const { shadowRoot } = root.lastElementChild;
    const canvas = shadowRoot.querySelector(".pane canvas");
    return [canvas, canvas.getBoundingClientRect(), shadowRoot.querySelector(".readout")];
  });
  const found = [];
  for (const [x, y] of places) {
    for (const [canvas, { left, top }] of all)
      canvas.dispatchEvent(new PointerEvent("pointermove",
        { bubbles: true, composed: true, clientX: left + x, clientY: top + y }));
    await new Promise(requestAnimationFrame);
    found.push(all.map(([, , readout]) => (READING)(readout.firstChild)));
  }
  return found;
}""".replace("READING", READING)


def test_five_hundred_values_of_each_kind_are_read_as_they_are(read: Page) -> None:
    viewers = [Viewer(read, i) for i in range(len(READ))]
    random = np.random.default_rng(3)
    width, height = viewers[0].size()
    read.mouse.move(1, 1)
    found = dict.fromkeys(READ, 0)
    for keys in [["0"], *(["+", f"Arrow{side}"] for side in 2 * ["Up", "Left", "Down", "Right"])]:
        for viewer in viewers:
            viewer.ask(PANE, "c => c.focus()")
            for key in keys:
                read.keyboard.press(key)
        viewers[0].settle()
        pixels = [viewer.pixels() for viewer in viewers]
        percents = [viewer.percent() for viewer in viewers]
        places = random.integers(0, (width, height), (MANY_PLACES, 2))
        for (x, y), texts in zip(places, read.evaluate(READ_ALL, places.tolist()), strict=True):
            for i, name in enumerate(READ):
                found[name] += check_reading(name, texts[i], pixels[i][y, x], percents[i])
    assert min(found.values()) >= 300


def test_coordinates_and_units_are_read_beside_the_value(
    chromium: Chromium, tmp_path: Path
) -> None:
    xarray = pytest.importorskip("xarray")
    degrees = {"units": "degrees_north"}
    field = xarray.DataArray(
        FLOATS,
        dims=("lat", "lon"),
        coords={"lat": ("lat", np.arange(100.0) - 30, degrees), "lon": 3 * np.arange(120.0)},
        attrs={"units": "K"},
        name="t",
    )
    with showing(chromium, tmp_path, View(field, width=240)) as viewer:
        expected = rgba(Picture(field).render()).repeat(2, 0).repeat(2, 1)
        np.testing.assert_array_equal(viewer.pixels(), expected)
        text = viewer.move(31, 11)
        column, row = place_of(text)
        assert (column, row) == (15, 94)  # the first row is at the bottom
        value, unit = values_of(text)[0].split()
        assert same(value, FLOATS[row, column])
        assert unit == "K"
        assert text.endswith(" at lon 45, 64° N")


# ----------------------------------------------------------------------------------- pixels


def check_zooms(viewer: Viewer, expected: np.ndarray) -> None:
    """The canvas has these pixels at each whole zoom, in its middle, and no others."""
    viewer.canvas.focus()
    for zoom, keys in ZOOMS.items():
        viewer.press(*keys)
        assert viewer.percent() == 100 * zoom
        rows, columns = zoom * SMALL[0], zoom * SMALL[1]
        top, left = (STAGE[1] - rows) // 2, (STAGE[0] - columns) // 2
        whole = np.zeros((STAGE[1], STAGE[0], 4), np.uint8)
        whole[top : top + rows, left : left + columns] = expected.repeat(zoom, 0).repeat(zoom, 1)
        check_same(viewer.pixels(), whole)


def check_same(found: np.ndarray, expected: np.ndarray) -> None:
    """Pixels are the same, as far as a canvas can tell: it has colors times alpha."""
    alpha = expected[:, :, 3:]
    if np.isin(alpha, (0, 255)).all():
        np.testing.assert_array_equal(found, expected)
        return
    np.testing.assert_array_equal(found[:, :, 3:], alpha)
    light = (part[:, :, :3] * (alpha / 255) for part in (found, expected))
    assert np.abs(np.subtract(*light)).max() <= 1


@pytest.mark.parametrize("name", LOOKS)
def test_at_whole_zooms_each_sample_is_a_square_of_the_pictures_pixel(
    name: str, looks: Page
) -> None:
    check_zooms(Viewer(looks, list(LOOKS).index(name)), shown(*LOOKS[name]))


@pytest.mark.parametrize("name", COMPOSITES)
def test_channels_add_up_as_light(name: str, looks: Page) -> None:
    total = np.zeros((*SMALL, 3), int)
    for channel, color in enumerate(COMPOSITES[name].values()):
        gray = rgba(Picture(CHANNELS[:, :, channel]).render()).astype(int)
        total += (gray[:, :, :1] * color + 127) // 255
    expected = np.minimum(total, 255).astype(np.uint8)
    check_zooms(Viewer(looks, len(LOOKS) + list(COMPOSITES).index(name)), rgba(expected))


def test_each_colormap_of_the_chooser_gives_the_pictures_pixels(looks: Page) -> None:
    viewer = Viewer(looks, list(LOOKS).index("linear"))
    viewer.press("c")
    chooser = viewer.named("colormap")
    names = chooser.locator("option").all_inner_texts()
    assert len(names) >= 12
    for name in names:
        chooser.select_option(name)
        check_zooms(viewer, shown(TINY, {"cmap": name}))


def test_a_colormap_of_a_known_name_is_the_callers_own(chromium: Chromium, tmp_path: Path) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    own = LinearSegmentedColormap.from_list("viridis", ["black", "red"])
    with showing(chromium, tmp_path, View(TINY, cmap=own, width=STAGE[0])) as viewer:
        check_zooms(viewer, shown(TINY, {"cmap": own}))


@pytest.mark.parametrize("ratio", [2, 1.25, 3])
def test_on_any_screen_a_sample_is_whole_pixels_of_the_screen_and_read_where_it_is(
    ratio: float, chromium: Chromium, tmp_path: Path
) -> None:
    page = opened(chromium, saved(tmp_path, View(TINY, cmap="magma", width=STAGE[0])))
    screen = {"width": 800, "height": 600, "deviceScaleFactor": ratio, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", screen)
    page.reload()
    viewer = Viewer(page)
    expected = shown(TINY, {"cmap": "magma"})
    pixels = viewer.pixels()
    assert pixels.shape[:2] == (STAGE[1] * ratio, STAGE[0] * ratio)
    times = 8 * ratio
    np.testing.assert_array_equal(pixels, expected.repeat(times, 0).repeat(times, 1))
    viewer.press("+", "ArrowLeft")
    pixels = viewer.pixels()
    random = np.random.default_rng(1)
    for x, y in random.integers(0, STAGE, (30, 2)):
        text = viewer.move(x, y)
        column, row = place_of(text)
        assert same(values_of(text)[0], TINY[row, column])
        pixel = pixels[int(y * ratio), int(x * ratio)]
        assert (pixel == expected[row, column]).all()
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


def test_far_out_a_picture_is_the_means_of_its_samples(chromium: Chromium, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    large = random.integers(0, 256, (512, 960), np.uint8)
    wide = random.normal(size=(2048, 3840)).astype(np.float32)
    colors = random.integers(0, 256, (512, 960, 3), np.uint8)
    limits = -1.0, 1.0
    views = View(large, width=240), View(wide, *limits, width=240), View(colors, width=240)
    with showing(chromium, tmp_path, *views) as viewer:
        means = large.reshape(128, 4, 240, 4).mean((1, 3))
        assert np.abs(viewer.pixels()[:, :, 0] - np.floor(means)).max() <= 1
        means = wide.reshape(128, 16, 240, 16).mean((1, 3), dtype=np.float64)
        expected = Picture(means, *limits).pixels
        found = Viewer(viewer.page, 1).pixels()[:, :, 0]
        assert np.abs(found - expected.astype(float)).max() <= 1
        means = colors.reshape(128, 4, 240, 4, 3).mean((1, 3))
        assert np.abs(Viewer(viewer.page, 2).pixels()[:, :, :3] - np.floor(means)).max() <= 1


def test_means_are_of_values_and_not_of_colors(chromium: Chromium, tmp_path: Path) -> None:
    """One sample far above the others among four by four, in a logarithmic colormap."""
    sparse = np.ones((512, 960), np.float32)
    sparse[::4, ::4] = 1e4
    options: dict[str, Any] = {"norm": "log", "cmap": "viridis"}
    with showing(chromium, tmp_path, View(sparse, **options, width=240)) as viewer:
        mean = np.full((1, 1), (1e4 + 15) / 16)
        expected = rgba(Picture(mean, 1, 1e4, **options).render())[0, 0]
        assert np.abs(viewer.pixels().astype(int) - expected).max() <= 1


def test_what_is_missing_takes_no_part_in_means(chromium: Chromium, tmp_path: Path) -> None:
    holes = np.random.default_rng(2).normal(size=(512, 960)).astype(np.float32)
    holes[np.random.default_rng(3).random(holes.shape) < 0.4] = np.nan
    holes[:64, :64] = np.nan
    with showing(chromium, tmp_path, View(holes, -1, 1, width=240)) as viewer:
        pixels = viewer.pixels()
        assert not pixels[:16, :16].any()
        assert (pixels[17:, 17:, 3] == 255).mean() > 0.999
