"""Explorers and grids on pages that are scaled: what is dragged follows the pointer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nbimage import Grid, View
from nbimage.page.html import document_html
from tests.e2e.explorer import READING, Viewer, place_of
from tests.e2e.harness import Chromium

WORDS = np.arange(60 * 90, dtype=np.uint16).reshape(60, 90)
STYLES = {
    "half": ("transform:scale(.5)", 0.5, 0.5),
    "more": ("transform:scale(1.5)", 1.5, 1.5),
    "double": ("transform:scale(2)", 2, 2),
    "uneven": ("transform:scale(1.5,.75)", 1.5, 0.75),
    "zoomed": ("zoom:1.5", 1.5, 1.5),
}


@pytest.mark.parametrize("name", STYLES)
def test_what_is_dragged_follows_the_pointer(name: str, chromium: Chromium, tmp_path: Path) -> None:
    style, sx, sy = STYLES[name]
    shown = [View(WORDS, width=360), Grid([WORDS, WORDS], columns=2)]
    inner = "".join(one.html for one in shown)
    path = tmp_path / "page.html"
    html = f"<div style='width:600px;transform-origin:0 0;{style}'>{inner}</div>"
    path.write_text(document_html(html, "Scaled"), "utf-8")
    page = chromium.new_page((1280, 2400))
    page.goto(path.as_uri())
    viewer = Viewer(page)

    def read(x: float, y: float) -> tuple[int, int]:
        page.mouse.move(*viewer.point(x * sx, y * sy))
        return place_of(str(viewer.ask(".readout > :first-child", READING, frames=2)))

    for column, row in ((3, 2), (40, 31), (80, 50)):  # of four own pixels each
        assert read(4 * column + 2, 4 * row + 2) == (column, row)
    viewer.press("+")
    held = read(103, 93)
    start, end = viewer.point(103 * sx, 93 * sy), viewer.point(163 * sx, 63 * sy)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.evaluate("() => new Promise(done => setTimeout(done, 80))")
    page.mouse.up()
    viewer.settle()
    assert read(163, 63) == held
    for css, amount in ((".edge.right", 60), (".edge.right", -30)):
        before = viewer.ask(".frame", "e => e.offsetWidth")
        left, top, wide, tall = viewer.ask(
            css,
            "e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height] }",
        )
        page.mouse.move(left + wide / 2, top + tall / 2)
        page.mouse.down()
        page.mouse.move(left + wide / 2 + amount * sx, top + tall / 2, steps=5)
        page.mouse.up()
        viewer.settle()
        assert viewer.ask(".frame", "e => e.offsetWidth") == pytest.approx(before + amount, abs=1)
    for css in (".nbimage-media",):
        element = page.query_selector_all(css)[-1]  # the explorer's own picture is hidden
        own = "e => parseFloat(getComputedStyle(e).width)"
        before = element.evaluate(own)
        for amount in (-60, 20):
            box = element.bounding_box()
            assert box is not None
            x, y = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
            page.mouse.move(x, y)
            page.mouse.down()
            page.mouse.move(x + amount * sx, y, steps=5)
            page.mouse.up()
            viewer.settle()
            before += amount
            assert element.evaluate(own) == pytest.approx(before, abs=1), (css, amount)
    page.context.close()
