"""A picture reaches the screen with its own pixels, wherever the notebook is read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nbimage import Picture, rerange
from tests.e2e.harness import Chromium, HtmlPage, NotebookPage, OpenPage, Shown

ARRAYS = """
import numpy as np

rng = np.random.default_rng(7)
gray = rng.normal(size=(31, 47))
rgb = rng.integers(0, 256, (23, 37, 3), dtype=np.uint8)
planar = rng.integers(0, 256, (3, 26, 41), dtype=np.uint8)
deep = rng.integers(100, 60000, (29, 33)).astype(np.uint16)
mask = rng.random((28, 35)) < 0.5
holes = np.where(rng.random((24, 36)) < 0.3, np.nan, rng.normal(size=(24, 36)))
squares = rng.integers(0, 256, (17, 19), dtype=np.uint8)
smooth = rng.integers(0, 256, (150, 200), dtype=np.uint8)
before = rng.integers(0, 256, (40, 80), dtype=np.uint8)
after = rng.integers(0, 256, (40, 80), dtype=np.uint8)
wide = rng.integers(0, 256, (100, 2000), dtype=np.uint8)
"""

CELLS = {
    "setup": ARRAYS + "from nbimage import nbimage",
    "gray": "nbimage(gray, zoom=1)",
    "rgb": "nbimage(rgb, zoom=1)",
    "planar": "nbimage(planar, zoom=1)",
    "vsym": "nbimage(gray, vsym=True, zoom=1)",
    "limits": "nbimage(gray, -1, 0.5, zoom=1)",
    "deep": "nbimage(deep, zoom=1)",
    "mask": "nbimage(mask, zoom=1)",
    "holes": "nbimage(holes, zoom=1)",
    "enlarged": "nbimage(squares, zoom=8)",
    "reduced": "nbimage(smooth, width=90)",
    "wide": "nbimage(wide, zoom=1)",
    "live": "nbimage(before, display_id='live', zoom=1); shown = before",
    "again": "nbimage(shown, display_id='live', zoom=1)",
}

arrays: dict[str, np.ndarray] = {}
exec(ARRAYS, arrays)


def opaque(pixels: np.ndarray) -> np.ndarray:
    """RGBA of gray or RGB pixels, as a canvas returns them."""
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    return np.concatenate([pixels, np.full_like(pixels[..., :1], 255)], axis=2)


def with_holes(values: np.ndarray) -> np.ndarray:
    """RGBA of values whose NaN are transparent, which a canvas returns as four zeros."""
    return opaque(rerange(values)) * np.isfinite(values)[..., None].astype(np.uint8)


EXPECTED = {
    "gray": opaque(rerange(arrays["gray"])),
    "rgb": opaque(arrays["rgb"]),
    "planar": opaque(np.moveaxis(arrays["planar"], 0, 2)),
    "vsym": opaque(rerange(arrays["gray"], vsym=True)),
    "limits": opaque(rerange(arrays["gray"], -1, 0.5)),
    "deep": opaque(rerange(arrays["deep"])),
    "mask": opaque(np.where(arrays["mask"], 255, 0).astype(np.uint8)),
    "holes": with_holes(arrays["holes"]),
}


def squares_of(pixels: np.ndarray, zoom: int) -> np.ndarray:
    """RGB of a gray picture in which each pixel is a square of `zoom` screen pixels."""
    return np.kron(opaque(pixels)[..., :3], np.ones((zoom, zoom, 1), np.uint8))


def image_rendering(picture: Shown) -> str:
    return picture.img.evaluate("img => getComputedStyle(img).imageRendering")


def check_pixels(page: OpenPage) -> None:
    """Every picture of EXPECTED is there, in its own size, with its own pixels."""
    for name, expected in EXPECTED.items():
        picture = page.picture(name)
        height, width = expected.shape[:2]
        assert picture.natural_size() == (width, height), name
        assert picture.size() == (width, height), name
        np.testing.assert_array_equal(picture.pixels(), expected, err_msg=name)


# --------------------------------------------------------------------- run in the notebook


def test_fresh_pictures_have_the_pixels_of_the_array(fresh: NotebookPage) -> None:
    assert all(fresh.trusted())
    check_pixels(fresh)


def test_an_enlarged_picture_is_made_of_sharp_squares(fresh: NotebookPage) -> None:
    picture = fresh.picture("enlarged")
    np.testing.assert_array_equal(picture.screenshot(), squares_of(arrays["squares"], 8))


def test_a_reduced_picture_is_smoothed(exported: HtmlPage) -> None:
    picture = exported.picture("reduced")
    assert picture.size() == (90, 67.5)
    assert picture.natural_size() == (200, 150)
    assert image_rendering(picture) == "auto"


def test_a_wide_picture_is_as_wide_as_its_cell(fresh: NotebookPage) -> None:
    picture = fresh.picture("wide")
    width, height = picture.size()
    assert width == pytest.approx(picture.room(), abs=1)
    assert height == pytest.approx(width / 20, abs=1)


def test_display_id_updates_in_place_and_keeps_the_dragged_size(fresh: NotebookPage) -> None:
    picture = fresh.picture("live")
    np.testing.assert_array_equal(picture.pixels(), opaque(arrays["before"]))
    assert picture.drag("e", 60, 0) == (140, 70)

    assert fresh.execute("shown = after") == ""
    fresh.run_cell("again")

    assert len(fresh.stored("live")) == 1
    assert fresh.stored("again") == []
    assert len(fresh.output("live").query_selector_all("img")) == 1
    np.testing.assert_array_equal(picture.pixels(), opaque(arrays["after"]))
    assert picture.size() == (140, 70)
    assert picture.drag("e", -60, 0) == (80, 40)
    assert picture.drag("se", 40, 20) == (120, 60)
    assert picture.double_click("e") == (80, 40)


def test_running_a_cell_again_shows_its_display_id_again(fresh: NotebookPage) -> None:
    fresh.run_cell("live")
    picture = fresh.picture("live")
    assert len(fresh.stored("live")) == 1
    np.testing.assert_array_equal(picture.pixels(), opaque(arrays["before"]))
    assert picture.size() == (80, 40)


RULES = """() => {
  const inside = (rules) => [...rules].flatMap(
    (rule) => rule.selectorText?.split(",") ?? inside(rule.cssRules ?? []));
  return [...document.querySelectorAll("style")]
    .filter((style) => /nbimage/i.test(style.textContent))
    .flatMap((style) => inside(style.sheet.cssRules).map((selector) => selector.trim()));
}"""
"""The selectors of our style sheets: each is of one figure alone."""


def test_nothing_of_ours_reaches_beyond_the_output(fresh: NotebookPage) -> None:
    for name in CELLS:
        if name not in ("setup", "again"):
            output = fresh.output(name)
            found = output.query_selector_all(".nbimage-box, .nbimage-box *, img, style, link")
            tags = {element.evaluate("e => e.localName") for element in found}
            assert not tags & {"style", "link"}, name
            assert not any(element.get_attribute("id") for element in found), name
    everywhere = fresh.page.evaluate(RULES)
    assert all(re.match(r"\.nbimage-[0-9a-f]{8}\b", rule) for rule in everywhere), everywhere
    named = "() => [...document.querySelectorAll('[id]')].filter(e => /nbimage/i.test(e.id)).length"
    assert fresh.page.evaluate(named) == 0
    ours = "() => Object.getOwnPropertyNames(window).filter(name => /^_*nbimage/i.test(name))"
    # The dragged sizes by display id, and what viewers remember of each other.
    assert set(fresh.page.evaluate(ours)) <= {"nbimageWidths", "nbimageViews"}


def test_a_fresh_page_has_no_errors_and_asks_nothing_of_the_network(
    fresh: NotebookPage, chromium: Chromium
) -> None:
    assert fresh.errors == []
    assert fresh.console_errors == []
    assert chromium.external == []


# ------------------------------------------------------------ read by those who did not run


def test_untrusted_pictures_have_the_pixels_of_the_array(untrusted: NotebookPage) -> None:
    assert not any(untrusted.trusted())
    check_pixels(untrusted)
    assert untrusted.picture("enlarged").size() == (152, 136)
    assert untrusted.errors == []


def test_an_untrusted_wide_picture_is_not_wider_than_its_cell(untrusted: NotebookPage) -> None:
    picture = untrusted.picture("wide")
    assert picture.size()[0] == pytest.approx(picture.room(), abs=1)


def test_an_exported_page_shows_the_pictures_offline(
    exported: HtmlPage, chromium: Chromium
) -> None:
    check_pixels(exported)
    picture = exported.picture("enlarged")
    np.testing.assert_array_equal(picture.screenshot(), squares_of(arrays["squares"], 8))
    wide = exported.picture("wide")
    assert wide.size()[0] == pytest.approx(wide.room(), abs=1)
    assert exported.errors == []
    assert exported.console_errors == []
    assert chromium.external == []


def test_a_page_without_scripts_shows_the_picture(chromium: Chromium, tmp_path: Path) -> None:
    path = tmp_path / "picture.html"
    html = Picture(arrays["squares"], zoom=8).html
    path.write_text(f"<!doctype html><meta charset=utf-8><body style='margin:0'>{html}")
    page = chromium.new_page(scripts=False)
    page.goto(path.as_uri())
    seen = OpenPage(page, []).screenshot()[: 17 * 8, : 19 * 8].copy()
    page.context.close()
    expected = squares_of(arrays["squares"], 8)
    seen[-16:, -16:] = expected[-16:, -16:]  # the grip that CSS `resize` draws in the corner
    np.testing.assert_array_equal(seen, expected)
