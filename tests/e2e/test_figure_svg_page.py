"""A figure's SVG file opened in Chromium: nothing is cut, nothing overlaps, nothing runs."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage.page.figure_model import Axis, Bar, Figure, Histogram, ScaleBar
from nbimage.page.figure_svg import figure_svg
from nbimage.page.ticks.levels import Tick, name_ticks
from nbimage.page.ticks.numbers import number_ticks
from tests.e2e.harness import Chromium
from tests.page.test_figure_svg import (
    COLORS,
    COLUMN,
    CURVE,
    DOWN,
    FIELDS,
    FULL,
    HOSTILE,
    LONG,
    NUMBERS,
    PICTURE,
    drawn,
    rendered,
)

SCRIPTS = [
    "WWWWWWWWWWWWMMMMMMMMMM%%%%%%",
    "0123456789−1.5e−10 1e+300",
    "Größe ÄÖÜ Ħŋß Ångström µm²",
    "ЩЖЮМФЪ широкие буквы ШЩЮ",
    "日本語の軸ラベルと東京都庁",
    "🖼🎨👩‍🔬⌚☀️✅ emoji",
    "عنوان طويل بالعربية",
    "हिन्दी में शीर्षक",
    "ΑΒΓΔ ΩΨΦΜ αβγδεζω",
    "≤≥≠∞∑∏∫√∂→←↔…—‰",
    "e\u0301a\u0308o\u0302 combining",
]
BOXES = """thin => {
  const svg = document.documentElement, box = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].map(text => {
    const own = text.getBBox(), matrix = text.getScreenCTM();
    const corners = [[0, 0], [1, 0], [0, 1], [1, 1]].map(([x, y]) => new DOMPoint(
      own.x + x * own.width, own.y + y * own.height).matrixTransform(matrix));
    const xs = corners.map(p => p.x - box.x), ys = corners.map(p => p.y - box.y);
    if (thin && matrix.b < 0 && matrix.a > 0.1) { // at 45°, 14 pixels across are 20 along the axis
      const end = new DOMPoint(text.x.baseVal[0].value, text.y.baseVal[0].value)
        .matrixTransform(matrix).x - box.x - 6;
      return [text.textContent, end - 8, Math.min(...ys), end + 8, Math.max(...ys)];
    }
    return [text.textContent, Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  });
}"""
Box = tuple[str, float, float, float, float]


@pytest.fixture(scope="module")
def tab(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.context.close()


def open_svg(page: Page, folder: Path, svg: str) -> tuple[float, float]:
    """Open the file by itself; return its width and height."""
    path = folder / "figure.svg"
    path.write_text(svg, "utf-8")
    page.goto(path.as_uri())
    width, height = page.evaluate(
        "() => { const b = document.documentElement.viewBox.baseVal; return [b.width, b.height]; }"
    )
    return width, height


def everywhere(text: str) -> Figure:
    """A figure with one text in each of its places."""
    ticks = tuple(Tick(place, text) for place in (0.0, 1.0))
    return Figure(
        title=text,
        x=Axis(ticks, text),
        y=Axis(ticks, text),
        bars=(Bar(COLUMN, ticks, text, "#00f", "#f00"),),
        histogram=Histogram((("#888", CURVE),), ticks, text),
        scale_bar=ScaleBar(0.25, text),
        notes=(text,),
    )


def outside(page: Page, size: tuple[float, float]) -> list[Box]:
    boxes: list[Box] = page.evaluate(BOXES)
    assert boxes
    return [
        box
        for box in boxes
        if min(box[1:]) < 0 or box[3] > size[0] or box[4] > size[1] or box[1] == box[3]
    ]


def overlapping(page: Page) -> list[tuple[Box, Box]]:
    boxes: list[Box] = page.evaluate(BOXES, True)
    assert len(boxes) > 10
    found = []
    for one, other in itertools.combinations(boxes, 2):
        across = min(one[3], other[3]) - max(one[1], other[1])
        down = min(one[4], other[4]) - max(one[2], other[2])
        if min(across, down) > 2.5:  # boxes hold some leading
            found.append((one, other))
    return found


@pytest.mark.parametrize("text", [*SCRIPTS, LONG, 12 * "W " + 60 * "M"])
@pytest.mark.parametrize("size", [(250, 200), (30, 24), (800, 90)])
def test_no_text_is_cut(tab: Page, tmp_path: Path, text: str, size: tuple[int, int]) -> None:
    file_size = open_svg(tab, tmp_path, drawn(everywhere(text), *size))
    assert not outside(tab, file_size)


@pytest.mark.parametrize("name", FIELDS)
def test_no_text_is_cut_where_it_stands_alone(tab: Page, tmp_path: Path, name: str) -> None:
    for text in (*SCRIPTS, 20 * "🖼", 20 * "⌚", 30 * "m"):
        file_size = open_svg(tab, tmp_path, drawn(FIELDS[name](text), 30, 24))
        assert not outside(tab, file_size), text


@pytest.mark.parametrize("size", [(250, 200), (60, 40)])
def test_long_labels_lie_apart(tab: Page, tmp_path: Path, size: tuple[int, int]) -> None:
    figure = Figure(
        title=LONG,
        x=Axis((), LONG),
        y=Axis((), LONG),
        bars=(Bar(COLUMN, (), LONG), Bar(COLUMN, (), LONG)),
        histogram=Histogram((("#888", CURVE),), (), LONG),
        notes=(LONG,),
    )
    open_svg(tab, tmp_path, drawn(figure, *size))
    assert not overlapping(tab)


@pytest.mark.parametrize("turned", [False, True])
def test_no_two_texts_lie_upon_each_other(tab: Page, tmp_path: Path, turned: bool) -> None:
    names = name_ticks(["Berlin", "São Paulo", "New York City", "Tokyo", "Ouagadougou"])
    bars = tuple(Bar(COLUMN, DOWN, label, "#00f", "#f00") for label in ("Amplitude [V]", LONG))
    figure = Figure(
        title=LONG,
        x=Axis(names, LONG, turned, named=True),
        y=Axis(names[:4], LONG),
        bars=bars,
        histogram=Histogram((("#888", CURVE),), DOWN, "values"),
        notes=(LONG, "another note"),
    )
    size = open_svg(tab, tmp_path, drawn(figure))
    assert not outside(tab, size)
    assert not overlapping(tab)


def test_texts_stand_at_their_ticks(tab: Page, tmp_path: Path) -> None:
    ticks = number_ticks(0, 100, lambda value: value / 100)
    figure = Figure(x=Axis(ticks), y=Axis(ticks), bars=(Bar(COLUMN, ticks),))
    for turned in (False, True):
        x = Axis(ticks, "", turned, named=turned)
        open_svg(tab, tmp_path, drawn(Figure(x=x, y=figure.y, bars=figure.bars), 300, 300))
        left, top, *_ = tab.evaluate(
            "() => { const r = document.querySelector('image').getBoundingClientRect();"
            "return [r.x, r.y]; }"
        )
        for text, x0, y0, x1, y1 in tab.evaluate(BOXES, True):
            along = (x0 + x1) / 2 - left if y0 > top + 300 else (y0 + y1) / 2 - top
            assert along == pytest.approx(3 * float(text), abs=1.5)


def test_the_pictures_pixels_are_at_their_places(tab: Page, tmp_path: Path) -> None:
    svg = drawn(Figure(title="A title", x=Axis(NUMBERS, "x"), y=Axis(NUMBERS, "y")))
    open_svg(tab, tmp_path, svg)
    left, top = tab.evaluate(
        "() => { const r = document.querySelector('image').getBoundingClientRect();"
        "return [r.x, r.y]; }"
    )
    assert (left, top) == (int(left), int(top))
    clip = {"x": left, "y": top, "width": 250, "height": 200}
    shown = np.asarray(Image.open(io.BytesIO(tab.screenshot(clip=clip))).convert("RGB"))
    assert np.array_equal(shown, COLORS.repeat(50, axis=0).repeat(50, axis=1))


def test_chromium_and_librsvg_draw_the_same_figure(tab: Page, tmp_path: Path) -> None:
    svg = drawn(FULL)
    width, height = open_svg(tab, tmp_path, svg)
    clip = {"x": 0, "y": 0, "width": width, "height": height}
    shown = np.asarray(Image.open(io.BytesIO(tab.screenshot(clip=clip))).convert("RGB"))
    other = rendered(svg)[:, :, :3]
    assert shown.shape == other.shape
    differ = np.abs(shown.astype(int) - other).max(axis=2) > 40
    assert differ.mean() < 0.05  # letters and edges


@pytest.mark.parametrize("name", FIELDS)
def test_no_text_runs_anything(chromium: Chromium, tmp_path: Path, name: str) -> None:
    """Opened by itself, and pasted into a page as nbconvert and README files do."""
    page, before = chromium.new_page(), list(chromium.external)
    for payload in HOSTILE:
        svg = figure_svg(PICTURE, 60, 40, FIELDS[name](payload), alt=payload, crisp=True)
        open_svg(page, tmp_path, svg)
        assert page.evaluate("typeof window.pwned") == "undefined"
        assert page.evaluate("document.querySelector('parsererror') === null")
        page.goto("about:blank")
        page.set_content(f"<!doctype html><meta charset=utf-8><body>{svg}<p id=end>")
        page.mouse.move(60, 40)
        assert page.evaluate("typeof window.pwned") == "undefined"
        assert page.evaluate("document.querySelector('body > #end') !== null")
        assert page.evaluate("document.querySelectorAll('script').length") == 0
    page.context.close()
    assert chromium.external == before
