"""Pictures, figures, grids and videos on pages that are scaled: they follow the pointer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import ElementHandle, Page

from nbimage import Grid, Picture, Video
from nbimage.page.html import document_html
from tests.e2e.harness import Chromium, frames, rectangle, settle, wait_for
from tests.e2e.test_view_scaled import STYLES

GRAY = np.arange(60 * 90, dtype=np.uint16).reshape(60, 90)
FRAMES = np.arange(20, dtype=np.uint8)[:, None, None] * np.full((64, 160), 12, np.uint8)
WIDTH = "e => parseFloat(getComputedStyle(e).width)"
SHOWN = {
    "picture": lambda: Picture(GRAY, width=120),
    "figure": lambda: Picture(GRAY, width=120, x=(0, 3), y=(0, 2), colorbar=True, title="Gray"),
    "a share": lambda: Picture(GRAY, width="30%"),
    "video": lambda: Video(FRAMES, fps=10, width=160),
    "video with axes": lambda: Video(FRAMES, fps=10, width=160, x=(0, 1)),
    "grid": lambda: Grid([GRAY, GRAY], columns=2, width=100),
    "grid of figures": lambda: Grid([GRAY, GRAY], columns=2, width=100, x=(0, 3), colorbar=True),
    "grid of videos": lambda: Grid([Video(FRAMES, fps=10)] * 2, columns=2, width=160),
}


def open_page(chromium: Chromium, folder: Path, html: str, style: str) -> Page:
    path = folder / "page.html"
    outer = f"<div style='width:800px;transform-origin:0 0;{style}'>{html}</div>"
    path.write_text(document_html(outer, "Scaled"), "utf-8")
    page = chromium.new_page((1700, 1200))
    page.goto(path.as_uri())
    settle(page)
    return page


def pull(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    (x, y), (dx, dy) = start, by
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()
    frames(page, 2)


def find_edge(element: ElementHandle, edge: str) -> tuple[float, float]:
    """A place of the page that is on an edge of an element."""
    left, top, wide, tall = rectangle(element)
    x = left + wide - 2 if "e" in edge else left + wide / 2
    return x, top + tall - 2 if "s" in edge else top + tall / 2


@pytest.mark.parametrize("scaled", STYLES)
@pytest.mark.parametrize("kind", SHOWN)
def test_an_edge_stays_below_the_pointer(
    kind: str, scaled: str, chromium: Chromium, tmp_path: Path
) -> None:
    style, sx, sy = STYLES[scaled]
    page = open_page(chromium, tmp_path, SHOWN[kind]().html, style)
    box = page.query_selector(".nbimage-box, .nbimage-media")
    assert box is not None
    edges = ["e"] if kind == "grid of videos" else ["e", "s", "se"]
    for edge in edges:
        for amount in (40, -24):
            before = box.evaluate(WIDTH)
            left, top, wide, tall = rectangle(box)
            by = (amount * sx * ("e" in edge), amount * sy * (edge == "s"))
            pull(page, find_edge(box, edge), by)
            now = rectangle(box)
            moved = (now[0] + now[2] - left - wide, now[1] + now[3] - top - tall)
            side = int(edge == "s")
            assert moved[side] == pytest.approx(by[side], abs=0.5), (edge, amount)
            ratio = 1 if "e" in edge else before * tall / sy / (before * wide / sx)
            grown = amount if ratio == 1 else amount / ratio
            assert box.evaluate(WIDTH) == pytest.approx(before + grown, abs=0.5), (edge, amount)
    page.context.close()


@pytest.mark.parametrize("scaled", STYLES)
@pytest.mark.parametrize("kind", [kind for kind in SHOWN if "video" in kind])
def test_the_bar_of_a_video_is_below_it_and_seeks(
    kind: str, scaled: str, chromium: Chromium, tmp_path: Path
) -> None:
    style, sx, _ = STYLES[scaled]
    page = open_page(chromium, tmp_path, SHOWN[kind]().html, style)
    page.wait_for_function("document.querySelector('video').readyState >= 2")
    media = page.query_selector_all(".nbimage-box, .nbimage-media")
    bars = page.query_selector_all(".nbimage-player")
    assert len(media) == len(bars) >= 1
    for box, bar in zip(media, bars, strict=True):
        inner, whole = rectangle(box), rectangle(bar)
        assert whole[0] == pytest.approx(inner[0], abs=0.5 * sx)
        assert whole[2] >= inner[2] - 0.5 * sx
        slider = bar.evaluate_handle("e => e.shadowRoot.querySelector('[type=range]')")
        element = slider.as_element()
        assert element is not None
        left, top, wide, tall = rectangle(element)
        for number in (19, 5, 12):
            thumb = 16 * sx  # whose middle goes from half of it to half of it before the end
            x = left + thumb / 2 + (wide - thumb) * number / 19
            page.mouse.click(x, top + tall / 2)
            reached = "e => +e.value"
            assert element.evaluate(reached) == number
            text = "e => e.shadowRoot.querySelector('output small').textContent"
            wait_for(lambda bar=bar, text=text, n=number: bar.evaluate(text) == f"{n + 1}/20", page)
            shown = "e => Math.floor(e.querySelector('video').currentTime * 10 + 1e-3)"
            wait_for(lambda box=box, shown=shown, n=number: box.evaluate(shown) == n, page)
    page.context.close()
