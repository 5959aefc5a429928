"""Outputs where the system forces its colors, in print and in narrow windows: nothing is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View
from nbimage.page.html import document_html
from tests.e2e.explorer import Viewer
from tests.e2e.harness import Chromium, frames, settle

Y, X = np.mgrid[:120, :180]
WAVE = (1000 * np.sin(X / 17) * np.cos(Y / 23)).astype(np.float32)
STACK = np.stack([WAVE, WAVE / 2, WAVE / 3])
CHANNELS = {"one": "red", "two": "lime", "three": "blue"}
SHAPES = {
    "panels": ["contrast", "layers", "measure"],
    "shapes": [{"kind": "box", "points": [(10, 10), (60, 90)], "id": "b", "color": "#ff00ff"}],
}
SHOWN = {
    "picture": lambda: Picture(WAVE),
    "figure": lambda: Picture(WAVE, x=(0, 3), y=(0, 2), colorbar=True, title="A figure"),
    "composite": lambda: Picture(STACK, channels=CHANNELS),
    "clear": lambda: Picture(np.ma.masked_array(WAVE, WAVE > 0), background="orange"),
    "video": lambda: Video(STACK, -1000, 1000, fps=5),
    "grid": lambda: Grid([WAVE, WAVE, WAVE], titles=["a", "b", "c"], columns=3),
    "view": lambda: View(WAVE, cmap="viridis", state=SHAPES),
    "composite view": lambda: View(STACK, channels=CHANNELS, state={"panels": ["contrast"]}),
    "labels": lambda: View(np.minimum(X // 40, 3).astype(np.uint8), cmap="tab10"),
    "clear view": lambda: View(np.ma.masked_array(WAVE, WAVE > 0), background="orange"),
    "stack": lambda: View(STACK, axes="zyx"),
    "compared": lambda: View({"a": WAVE, "b": -WAVE}, state={"mode": "swipe"}),
}
VIEWS = ("view", "composite view", "labels", "clear view", "stack", "compared")
# All elements, those of shadows too.
ALL = """const all = root => [...root.querySelectorAll("*")].flatMap(
  e => e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);"""
# What stands for a color of the data: squares beside names, and what is behind clear pixels.
COLORED = (
    "() => {"
    + ALL
    + """
  return all(document).filter(e => e.checkVisibility() && (
    e.matches("s, .swatch, .shape-list b, .behind, .dot, img") && e.style.background
    || e.textContent === "■")).map(e => {
      const { color, backgroundColor } = getComputedStyle(e);
      return e.textContent === "■" ? color : backgroundColor;
    }).filter(color => !color.endsWith(", 0)") || color.startsWith("rgb("));
}"""
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forced") / "page.html"
    html = "".join(f"<p>{name}</p>{make().html}" for name, make in SHOWN.items())
    path.write_text(document_html(html, "All"), "utf-8")
    return path


@pytest.fixture
def page(chromium: Chromium, path: Path) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.context.close()


def show(page: Page, path: Path, **media: Any) -> None:
    page.emulate_media(**media)
    page.goto(path.as_uri())
    settle(page)
    for i in range(len(VIEWS)):
        Viewer(page, i)


def test_what_stands_for_colors_keeps_them(page: Page, path: Path) -> None:
    show(page, path)
    own = page.evaluate(COLORED)
    named = {"rgb(255, 0, 0)", "rgb(0, 255, 0)", "rgb(0, 0, 255)", "rgb(255, 0, 255)"}
    assert {*named, "rgb(255, 165, 0)"} <= set(own)
    for scheme in ("light", "dark"):
        show(page, path, forced_colors="active", color_scheme=scheme)
        assert page.evaluate(COLORED) == own, scheme


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("forced", ["none", "active"])
def test_the_lines_of_limits_are_seen(page: Page, path: Path, forced: Any, scheme: Any) -> None:
    show(page, path, forced_colors=forced, color_scheme=scheme)
    viewer = Viewer(page, 0)
    for index in range(4):  # the colorbar's two and the panel's
        box = "e => { e.scrollIntoView(); const b = e.getBoundingClientRect(); return %s }"
        clip = box % "{ x: b.x - 8, y: b.y - 8, width: b.width + 16, height: b.height + 16 }"
        found = []
        for visibility in ("hidden", ""):
            viewer.ask(".strip i", f"e => {{ e.style.visibility = '{visibility}' }}", index)
            part = viewer.ask(".strip i", clip, index)
            image = Image.open(io.BytesIO(page.screenshot(clip=part))).convert("L")
            found.append(np.asarray(image).astype(int))
        assert (np.abs(found[0] - found[1]) > 60).sum() >= 20, index


def test_in_print_there_are_limits_and_no_controls(page: Page, path: Path) -> None:
    page.set_viewport_size({"width": 420, "height": 800})  # where bars lie below
    show(page, path)
    kinds = f"""() => {{ {ALL}
      return all(document).filter(e => e.matches("button, select, input, .nbimage-player")
        && e.checkVisibility()).map(e => e.outerHTML.slice(0, 80)); }}"""
    assert len(page.evaluate(kinds)) > 30
    page.emulate_media(media="print")
    assert page.evaluate(kinds) == []
    page.emulate_media(media="screen")


def test_in_print_the_limits_stand_at_the_ends_of_the_colors(
    chromium: Chromium, tmp_path: Path
) -> None:
    """Paper is wider than the window was, in which the bar lay below."""
    path = tmp_path / "view.html"
    path.write_text(document_html(View(WAVE, -1, 5, cmap="viridis").html, "View"), "utf-8")
    page = chromium.new_page((420, 800))
    page.goto(path.as_uri())
    Viewer(page)
    document = pypdfium2.PdfDocument(page.pdf(format="A4"))
    page.context.close()
    sheet = document[0]
    pixels = np.asarray(sheet.render(scale=1).to_pil().convert("RGB")).astype(int)
    text = sheet.get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    words = {text.get_text_bounded(*box).strip(): box for box in boxes}
    middle = {word: (left + right) / 2 for word, (left, _, right, _) in words.items()}
    height = sheet.get_size()[1]

    def columns(color: tuple[int, int, int]) -> np.ndarray:
        """Where a color is, in the lowest row above the texts that has it."""
        found = np.abs(pixels - color).max(axis=2) < 30
        above = found[: int(height - words["5"][3])]
        return np.flatnonzero(above[np.flatnonzero(above.any(axis=1))[-1]])

    assert middle["−4"] == pytest.approx(columns((68, 1, 84))[0], abs=4)
    assert middle["8"] == pytest.approx(columns((253, 231, 37))[-1], abs=4)
    lines = columns((6, 61, 125))  # the limits'
    for limit in ("−1", "5"):
        assert np.abs(lines - middle[limit]).min() <= 2, limit


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 420])
def test_in_a_narrow_window_sizes_are_height_by_width_and_nothing_stands_out(
    page: Page, path: Path, width: int, scheme: Any
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    show(page, path, color_scheme=scheme)
    frames(page, 2)
    texts = page.evaluate(
        f"""() => {{ {ALL}
          return all(document).flatMap(e => [e.title, e.alt, e.getAttribute("aria-label"),
            ...[...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data)]).join("\\n"); }}"""
    )
    assert len(re.findall(r"\b120 ?× ?180\b", texts)) >= 10
    assert not re.search(r"\b180 ?× ?120\b", texts)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
