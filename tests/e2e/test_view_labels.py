"""Labels in the explorer: at every zoom each pixel has the color of one of them, none is mixed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from PIL import Image
from playwright.sync_api import Locator

from nbimage import Grid, Picture, View
from tests.e2e.explorer import Viewer, opened, showing
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.tiles_server import tiled

Array = np.ndarray[Any, Any]
LABELS = np.random.default_rng(7).choice(np.array([1, 2, 5, 9], np.uint16), (700, 900))
COLORS = Picture(LABELS[:40, :40], labels=True).render()
STAGE = {"width": 300, "height": 240}
KEYS = "0", "-", "+", "+", "+", "1", "+", "-", "-"


def as_words(pixels: Array) -> Array:
    """Return opaque pixels as one number each."""
    opaque = pixels[pixels[..., -1] == 255] if pixels.shape[-1] == 4 else pixels.reshape(-1, 3)
    return opaque[:, :3].astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)


def on_screen(found: Locator) -> Array:
    with Image.open(io.BytesIO(found.screenshot())) as image:
        return np.asarray(image.convert("RGB"))


def check(viewer: Viewer, pane: int = 0, beside: float = 0) -> None:
    """Compare the colors that a pane shows with those of labels, but for a share of them."""
    seen = viewer.pixels(pane)
    found = as_words(seen)
    assert len(found) > 1000 and (~np.isin(found, as_words(COLORS))).mean() <= beside
    assert (seen[..., 3] % 255 != 0).mean() < 0.02  # at the image's edges alone


def check_zooms(viewer: Viewer, panes: int = 1, beside: float = 0) -> None:
    for key in KEYS:
        viewer.press(key)
        for pane in range(panes):
            check(viewer, pane, beside)


def test_no_zoom_mixes_labels_that_the_page_holds(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(LABELS, labels=True, **STAGE)) as viewer:
        check_zooms(viewer)
        viewer.press("1")
        assert viewer.move(150, 120).rpartition(": ")[2] in ("1", "2", "5", "9")


def test_no_zoom_mixes_labels_that_come_as_tiles(chromium: Chromium) -> None:
    with tiled(chromium, View(LABELS, labels=True, embed=False, **STAGE)) as viewer:
        for key in KEYS:
            viewer.press(key)
            viewer.rest()
            check(viewer)


@pytest.mark.parametrize("raw", [True, False])
def test_no_zoom_mixes_labels_of_an_exported_folder(
    chromium: Chromium, tmp_path: Path, raw: bool
) -> None:
    View(LABELS, labels=True, embed=False, **STAGE).export(tmp_path / "out", raw=raw)
    page = opened(chromium, (tmp_path / "out" / "index.html").as_uri())
    viewer = Viewer(page, root=".nbimage-tiled")
    for key in KEYS:
        viewer.press(key)
        viewer.rest()
        if raw:
            check(viewer)
        else:  # of pictures from a disk scripts see no pixels
            seen = on_screen(viewer.pane(0))[20:150, 20:200]  # without the navigator
            assert np.isin(as_words(seen), [*as_words(COLORS), 0xFFFFFF]).mean() > 0.97
            assert np.isin(as_words(seen), as_words(COLORS)).sum() > 1000
    page.context.close()


def test_no_zoom_mixes_labels_that_are_compared(chromium: Chromium, tmp_path: Path) -> None:
    views = View({"a": LABELS, "b": LABELS[::-1]}, labels=True, **STAGE)
    with showing(chromium, tmp_path, views) as viewer:
        check_zooms(viewer, 2)
    both = View({"a": LABELS, "b": LABELS[::-1]}, labels=True, state={"mode": "swipe"}, **STAGE)
    with showing(chromium, tmp_path, both) as viewer:
        check_zooms(viewer, 1, beside=0.03)  # the divider, and names


def test_the_page_gives_labels_other_colors_and_their_own_again(
    chromium: Chromium, tmp_path: Path
) -> None:
    view = View(LABELS, labels=True, state={"panels": ["contrast"]}, **STAGE)
    with showing(chromium, tmp_path, view) as viewer:
        assert not viewer.named("vmin").last.is_visible()
        before = viewer.pixels()
        viewer.changes(lambda: viewer.named("colormap").select_option("gray"))
        gray = viewer.pixels()
        shades = Picture(LABELS[:40, :40]).render()
        assert np.isin(gray[gray[..., 3] == 255][:, 0], shades).all()
        viewer.changes(lambda: viewer.named("colormap").select_option("labels"))
        assert np.array_equal(viewer.pixels(), before)


@pytest.mark.parametrize("width", [90, 233, 450, 1300])
def test_a_picture_of_labels_is_mixed_at_no_width(
    chromium: Chromium, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "page.html"
    Picture(LABELS, labels=True, width=width).save(path)
    page = opened(chromium, path.as_uri())
    image = page.locator("img").first
    wait_for(lambda: image.evaluate("e => e.complete && e.naturalWidth > 0"))
    pixels = on_screen(image)[2:-20, 2:-20]
    assert np.isin(as_words(pixels), as_words(COLORS)).all()
    page.context.close()


@pytest.mark.parametrize("width", [90, 233, 450])
def test_a_grid_of_labels_mixes_none_at_no_width(
    chromium: Chromium, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "page.html"
    Grid([LABELS, LABELS], labels=True, width=width, columns=2).save(path)
    page = opened(chromium, path.as_uri())
    image = page.locator("img").first
    wait_for(lambda: image.evaluate("e => e.complete && e.naturalWidth > 0"))
    assert np.isin(as_words(on_screen(image)[2:-2, 2:-2]), as_words(COLORS)).all()
    image.click()
    enlarged = page.locator(".nbimage-lightbox .nbimage-media img")
    wait_for(lambda: enlarged.count() == 1 and enlarged.bounding_box()["width"] > 0)
    assert np.isin(as_words(on_screen(enlarged)[9:300, 9:300]), as_words(COLORS)).all()
    page.context.close()


@pytest.mark.parametrize("embed", [True, False])
def test_the_readout_says_what_a_label_is_called(
    chromium: Chromium, tmp_path: Path, embed: bool
) -> None:
    flags = {"flag_values": [1, 2, 5], "flag_meanings": "land water <b>ice</b>"}
    data = xarray.DataArray(LABELS, dims=("y", "x"), attrs=flags)
    view = View(data, labels=True, embed=embed, **STAGE)
    known = {"1 (land)", "2 (water)", "5 (<b>ice</b>)", "9"}
    with showing(chromium, tmp_path, view) if embed else tiled(chromium, view) as viewer:
        viewer.press("1")
        if not embed:
            viewer.rest()
        seen = {viewer.move(100 + i, 100).rpartition(": ")[2] for i in range(20)}
        assert len(seen) > 2 and seen <= known
