"""What is read is what is drawn: at each device pixel, at zooms that no screen divides evenly."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nbimage import Picture
from tests.e2e.explorer import Viewer, saved
from tests.e2e.harness import Chromium
from tests.e2e.nearest import (
    LABELS,
    RATIOS,
    READ_ALL,
    ZOOMS,
    check_reads,
    check_samples,
    decode_pixels,
    make_view,
)


@pytest.mark.parametrize("ratio", RATIOS)
def test_each_device_pixel_has_the_sample_that_is_read_there(
    ratio: float, chromium: Chromium, tmp_path: Path
) -> None:
    page = chromium.new_page(scale=ratio)
    page.goto(saved(tmp_path, *map(make_view, ZOOMS)))
    for index in range(len(ZOOMS)):
        Viewer(page, index)  # waits until it is there
    found = page.evaluate(READ_ALL, ".nbimage-view")
    for zoom, one in zip(ZOOMS, found, strict=True):
        assert one["ratio"] == pytest.approx(ratio)
        check_samples(zoom, one)
    page.context.close()


@pytest.mark.parametrize("ratio", [1, 1.25, 1.5])
def test_the_column_below_the_mouse_is_read_at_each_device_pixel(
    ratio: float, chromium: Chromium, tmp_path: Path
) -> None:
    page = chromium.new_page(scale=ratio)
    page.goto(saved(tmp_path, make_view(1 / ratio)))  # a sample a device pixel
    viewer = Viewer(page)
    pixels = viewer.pixels()
    box = page.locator(".nbimage-view .pane canvas").bounding_box()
    assert box is not None
    left = box["x"] * ratio
    assert left == round(left)
    for step in range(1, 40):
        page.mouse.move((left + step) / ratio, box["y"] + 30)  # as a mouse: at the pixel's edge
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        title = page.locator(".nbimage-view .readout .index").get_attribute("title")
        assert int(re.findall(r"\d+", title or "")[1]) == pixels[0, step, 0]
    page.context.close()


def test_what_a_drag_keeps_of_earlier_frames_is_read_as_it_is_drawn(
    chromium: Chromium, tmp_path: Path
) -> None:
    page = chromium.new_page(scale=1.25)
    page.goto(saved(tmp_path, make_view(2.5)))
    viewer = Viewer(page)
    for right, down in ((-37, -21), (9, -16), (-61, 30)):
        viewer.drag((80, 50), (80 + right, 50 + down), steps=9)
        before = viewer.pixels()
        (found,) = page.evaluate(READ_ALL, ".nbimage-view")
        check_reads(found)
        np.testing.assert_array_equal(decode_pixels(found), before)
    page.context.close()


@pytest.mark.parametrize("zoom", [1 / 3, 0.3, 0.7, 1.5])
def test_of_labels_far_out_the_one_that_is_drawn_is_read(
    zoom: float, chromium: Chromium, tmp_path: Path
) -> None:
    page = chromium.new_page(scale=1.25)
    page.goto(saved(tmp_path, make_view(zoom, labels=True)))
    Viewer(page)
    (found,) = page.evaluate(READ_ALL, ".nbimage-view")
    pixels = decode_pixels(found)
    colors = Picture(LABELS, labels=True).render()
    reads = [(at, read) for at, read in enumerate(found["reads"]) if read]
    assert len(reads) > 20
    for at, (row, column) in reads:
        drawn = pixels[at % found["height"], at % found["width"]]
        assert (drawn[:3] == colors[row, column, :3]).all(), (at, row, column)
    page.context.close()
