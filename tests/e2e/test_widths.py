"""Widths in percent follow the output, and what is said of a size is height × width."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View
from nbimage.page.html import document_html
from tests.e2e.explorer import showing
from tests.e2e.harness import Chromium, wait_until

GRAY = np.arange(40.0 * 60).reshape(40, 60)
AXES: dict[str, Any] = {"x": True, "y": True, "colorbar": "depth", "xlabel": "columns"}
ROOMS = (500, 900)
KINDS = {
    "picture": lambda: Picture(GRAY, width="50%"),
    "axes": lambda: Picture(GRAY, width="50%", **AXES),
    "video": lambda: Video([GRAY, GRAY], width="50%", progress=False),
}
WIDTH = "e => e.getBoundingClientRect().width"


def show(chromium: Chromium, path: Path, html: str, room: int) -> Page:
    page = chromium.new_page()
    path.write_text(
        document_html(f'<div id="room" style="width:{room}px">{html}</div>', "a"), encoding="utf-8"
    )
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("kind", KINDS)
def test_half_of_the_output_is_half_of_it(chromium: Chromium, tmp_path: Path, kind: str) -> None:
    page = show(chromium, tmp_path / "a.html", KINDS[kind]().html, ROOMS[0])
    page.set_viewport_size({"width": 1200, "height": 700})
    box = page.locator(".nbimage-box")
    for room in ROOMS:
        page.evaluate("room => document.getElementById('room').style.width = room + 'px'", room)
        wait_until(page, f"e => Math.abs(({WIDTH})(e) - {room / 2}) < 1", box.element_handle())
    if kind != "video":  # whose keys go through its frames
        box.focus()
        box.press("ArrowRight")
        assert box.evaluate(WIDTH) == ROOMS[-1] / 2 + 16
        box.press("Escape")
        assert box.evaluate(WIDTH) == ROOMS[-1] / 2
    page.context.close()


def test_four_columns_of_a_quarter_stand_in_a_row(chromium: Chromium, tmp_path: Path) -> None:
    for options in ({}, {"columns": 4}):
        grid = Grid([GRAY] * 8, width="25%", **options)
        page = show(chromium, tmp_path / "a.html", grid.html, 900)
        cells = page.locator(".nbimage-cell")
        found = cells.evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())")
        assert [one["top"] == found[0]["top"] for one in found] == [True] * 4 + [False] * 4
        assert found[3]["right"] - found[0]["left"] > 800
        page.context.close()


def test_a_view_is_as_wide_as_its_share(chromium: Chromium, tmp_path: Path) -> None:
    views = View(GRAY, width="50%"), View({"a": GRAY, "b": -GRAY}, width="50%")
    for view in views:
        with showing(chromium, tmp_path, view) as viewer:
            frame = viewer.find(".frame")
            for room in ROOMS:
                viewer.page.set_viewport_size({"width": room, "height": 700})
                near = f"e => Math.abs(({WIDTH})(e) - {room / 2}) < 20"
                wait_until(viewer.page, near, frame.element_handle())


def test_the_explorer_says_height_times_width(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View(GRAY)) as viewer:
        assert viewer.find(".readout").inner_text().startswith("40×60 float32")
