"""Explorers on exported pages: what is read is what is drawn, and gestures do the same."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage import Picture, View
from tests.e2e.nearest import RATIOS, READ_ALL, ZOOMS, check_samples, make_view
from tests.peers.engines.browser import Browser
from tests.peers.engines.conftest import Load
from tests.peers.engines.explorer import Explorer

FLOATS = np.random.default_rng(18).normal(size=(50, 70)).astype(np.float32)
STACK = np.stack([FLOATS, FLOATS + 1, FLOATS * 2])
SHIFT = "(size) => { document.querySelector('.nbimage-view').style.margin = size; }"


def test_at_thirty_ratios_each_device_pixel_is_read_as_it_is_drawn(
    browser: Browser, load: Load
) -> None:
    for ratio in RATIOS:
        # where a screen has no other pixels, samples have as many of them by the zoom
        scale, more = (ratio, 1) if browser.scales else (1, ratio)
        zooms = [zoom * more for zoom in ZOOMS]
        load(*map(make_view, zooms), scale=scale)
        for index in range(len(zooms)):
            Explorer(browser, index)
        browser.move(1, 1)  # away: what lies below a still pointer is read too
        browser.settle()
        for zoom, found in zip(zooms, browser.evaluate(READ_ALL, ".nbimage-view"), strict=True):
            assert found["ratio"] == pytest.approx(scale)
            check_samples(zoom, found)


def test_the_pixel_below_the_mouse_is_read_wherever_a_pane_begins(
    browser: Browser, load: Load
) -> None:
    load(make_view(1))  # a sample a device pixel
    explorer = Explorer(browser)
    for offset in (0, 0.2, 0.4, 0.55, 0.8):
        browser.evaluate(SHIFT, f"{offset}px")
        browser.move(1, 1)
        browser.settle()
        shown = browser.picture()
        left, top, _, _ = explorer.box()
        x, y = round(left) + 1, round(top) + 1
        for step in range(0, 60, 7):
            column, row, _ = shown[y + step, x + step]
            read = explorer.read(x + step - left, y + step - top)
            assert read[:2] == [row, column], (offset, step)


def test_an_explorer_is_exact_and_follows_pointer_wheel_and_keys(
    browser: Browser, load: Load
) -> None:
    load(View(FLOATS, cmap="viridis", width=280))
    explorer = Explorer(browser)
    colors = Picture(FLOATS, cmap="viridis").render()
    assert explorer.percent() == 400
    np.testing.assert_array_equal(explorer.pixels()[..., :3], colors.repeat(4, 0).repeat(4, 1))
    for row, column in ((0, 3), (17, 33), (47, 66)):
        read = explorer.read(4 * column + 2, 4 * row + 2)
        assert read[:2] == [row, column]
        assert np.float32(read[2].replace("−", "-")) == FLOATS[row, column]
    # the wheel is the page's until the explorer has the focus
    explorer.focus()
    held = explorer.read(100, 90)
    browser.turn(*explorer.point(100, 90), -120)
    explorer.wait("parseInt(shadow.querySelector('.zoom').textContent) > 420")
    assert explorer.read(100, 90) == held
    # a sample taken hold of follows the pointer
    browser.drag(explorer.point(100, 90), explorer.point(150, 70))
    assert explorer.read(150, 70) == held
    for key, zoom in (("1", "100 %"), ("+", "200 %"), ("0", "400 %")):
        browser.key(key)
        explorer.wait("shadow.querySelector('.zoom').textContent === args[0]", zoom)
    np.testing.assert_array_equal(explorer.pixels()[..., :3], colors.repeat(4, 0).repeat(4, 1))
    browser.key("p")
    explorer.wait("!shadow.querySelector('.pinned').hidden")
    browser.key("Escape")
    explorer.wait("shadow.querySelector('.pinned').hidden")


def test_two_drags_from_one_point_are_no_double_click(browser: Browser, load: Load) -> None:
    load(View(FLOATS, width=280))
    explorer = Explorer(browser)
    held = explorer.read(100, 90)
    explorer.focus()
    start, end = explorer.point(100, 90), explorer.point(120, 80)
    for _ in range(3):
        browser.drag(start, end)
    assert explorer.read(160, 60) == held
    assert explorer.percent() == 400
    left, top, width, height = explorer.box(".colorbar .strip")
    start = left + width / 2, top + height / 10
    for _ in range(2):
        browser.drag(start, (start[0], start[1] + height / 5))
    browser.settle()
    limit = explorer.ask("shadow.querySelectorAll('.colorbar [role=slider]')[1].ariaValueNow")
    low, high = FLOATS.min(), FLOATS.max()
    assert float(limit) == pytest.approx(high - 2 / 5 * (high - low), abs=0.1)


def test_contrast_follows_the_handles_of_the_colorbar(browser: Browser, load: Load) -> None:
    load(View(FLOATS, 0, 2, width=280))
    explorer = Explorer(browser)
    handles = "[...shadow.querySelectorAll('.colorbar [role=slider]')]"
    limits = f"{handles}.map((one) => +one.getAttribute('aria-valuenow'))"
    assert explorer.ask(limits) == [0, 2]
    left, _, width, height = explorer.box(".colorbar .strip")
    middle = f"{handles}.map((one) => one.getBoundingClientRect()).map((b) => b.top + b.height / 2)"
    x, y = left + width / 2, explorer.ask(middle)[1]
    browser.drag((x, y), (x, y + height / 4))
    changed = explorer.wait(f"({limits})[1] < 1.9 && {limits}")
    assert changed[0] == 0
    expected = Picture(FLOATS, *changed).pixels.repeat(4, 0).repeat(4, 1)
    browser.settle()
    assert np.abs(explorer.pixels()[..., 0].astype(int) - expected).max() <= 1  # of fewer digits


def test_planes_of_a_stack_are_stepped_by_keys(browser: Browser, load: Load) -> None:
    load(View(STACK, 0, 1, axes="zyx", width=280))
    explorer = Explorer(browser)
    explorer.focus()
    for plane in (1, 2):
        browser.key(".")
        explorer.wait("shadow.querySelector('[type=range]').value === args[0]", str(plane))
        expected = Picture(STACK[plane], 0, 1).pixels.repeat(4, 0).repeat(4, 1)
        browser.settle()
        np.testing.assert_array_equal(explorer.pixels()[..., 0], expected)
