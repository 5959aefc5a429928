"""Figures in outputs of any width, on screens and on paper: whole, apart, at one distance."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View
from nbimage.page.html import document_html
from tests.e2e.harness import Chromium

rows, columns = np.mgrid[:200, :300]
WAVE = np.sin(columns / 20) * np.cos(rows / 17) * 8 + rows / 20 - 3
DAYS = np.datetime64("2024-01-01") + np.arange(300)
LONG = "temperature anomaly at two metres above the ground, mean of all members [K]"
STATIONS = ["Amsterdam", "Berlin", "København", "Paris", "Oslo", "Rome", "Wien", "Stockholm"]
NAMES = {"x": STATIONS, "y": STATIONS[:6], "xlabel": "to", "ylabel": "from"}
PLACES = {"x": (0, 18), "y": (0, 12), "xlabel": "x [km]", "ylabel": "y [km]"}
FIGURES: dict[str, Picture] = {
    "levels": Picture(WAVE, levels=11, vsym=True, colorbar="anomaly [K]", **PLACES),
    "bar alone": Picture(WAVE, colorbar=LONG, vmax=5, title=LONG, caption=LONG),
    "histogram": Picture(WAVE, colorbar="depth", vmin=0, histogram=True),
    "dates": Picture(WAVE, colorbar="depth", x=DAYS, y=(50.0, 20.0), xlabel=LONG, ylabel=LONG[:33]),
    "large": Picture(np.kron(WAVE, np.ones((4, 4))), colorbar="depth", x=True, y=True),
    "domain": Picture(WAVE + 1j * WAVE[::-1], complex="domain"),
    "mask": Picture(WAVE > 0, colorbar="is seen"),
    "names": Picture(WAVE[:6, :8], colorbar="share", overlay="values", **NAMES),
    "log": Picture(np.exp(WAVE), norm="log", colorbar="counts"),
    "small": Picture(WAVE[:4, :5], colorbar="depth below the surface"),
    "scale": Picture(WAVE, pixel_size=2, unit="µm", colorbar=True),
}
BARS = [name for name in FIGURES if name != "histogram"]  # which has no form that lies

MEASURE = """() => [...document.querySelectorAll(".nbimage-figure")].map(figure => {
  const seen = e => e.checkVisibility({ visibilityProperty: true });
  const box = e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    const { left, top, right, bottom } = range.getBoundingClientRect();
    return [left, top, right, bottom];
  };
  const texts = document.createTreeWalker(figure, NodeFilter.SHOW_TEXT);
  const root = figure.closest(".nbimage").getBoundingClientRect();
  const out = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (!node.data.trim() || !seen(node.parentElement)) continue;
    if (node.parentElement.closest("script,style,.nbimage-room")) continue;
    const [left, top, right, bottom] = box(node);
    const edge = figure.getBoundingClientRect();
    if (left < root.left - 8 || right > Math.max(root.right, edge.right) + 8
        || right > innerWidth || left < 0
        || top < edge.top - 1 || bottom > edge.bottom + 1) out.push([node.data, left, right]);
  }
  const axes = [...figure.querySelectorAll(".nbimage-axis")].filter(seen).map(axis => {
    const flat = !!axis.closest(".nbimage-flat");
    const shown = [...axis.querySelectorAll(".nbimage-tick")].filter(seen);
    const turned = !!axis.dataset.turned;
    return {
      kind: axis.closest(".nbimage-y") ? "y" : flat ? "flat"
        : axis.closest(".nbimage-aside") ? "bar" : "x",
      turned, named: !!axis.dataset.named,
      ticks: shown.map(tick => ({
        text: tick.lastElementChild.textContent,
        box: box(tick.lastElementChild),
        at: [tick.getBoundingClientRect().x, tick.getBoundingClientRect().y],
      })),
    };
  });
  const gaps = {};
  const of = kind => axes.filter(axis => axis.kind === kind && !axis.turned)
    .flatMap(axis => axis.ticks.map(tick => tick.box));
  const y = figure.querySelector(".nbimage-y [title]");
  if (y && of("y").length) gaps.left = Math.min(...of("y").map(b => b[0])) - box(y)[2];
  const x = figure.querySelector(".nbimage-x > :last-child:not(.nbimage-axis)");
  if (x && of("x").length) gaps.below = box(x)[1] - Math.max(...of("x").map(b => b[3]));
  for (const bar of figure.querySelectorAll(".nbimage-bar")) {
    if (!seen(bar)) continue;
    const ticks = [...bar.querySelectorAll(".nbimage-tick")].filter(seen)
      .map(tick => box(tick.lastElementChild));
    const flat = bar.closest(".nbimage-flat");
    const label = flat ? bar.lastElementChild : bar.firstElementChild.firstElementChild;
    if (!label.textContent.trim() || label.querySelector("img")) continue;
    gaps[flat ? "flat" : "above"] = flat
      ? box(label)[1] - Math.max(...ticks.map(b => b[3]))
      : Math.min(bar.getBoundingClientRect().top, ...ticks.map(b => b[1])) - box(label)[3];
  }
  return { out, axes, gaps, flat: axes.some(axis => axis.kind === "flat") };
})"""


@pytest.fixture(scope="module")
def tab(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.context.close()


@pytest.fixture(scope="module")
def page_of_all(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("narrow") / "all.html"
    path.write_text(document_html("".join(one.html for one in FIGURES.values()), "all"))
    return path.as_uri()


def frames(page: Page) -> None:
    """Let the page lay itself out, and what that asks for once more."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def measure(page: Page) -> dict[str, Any]:
    return dict(zip(FIGURES, page.evaluate(MEASURE), strict=True))


def check_apart(found: dict[str, Any]) -> None:
    """No two texts of an axis touch, and nothing is cut."""
    for name, figure in found.items():
        assert not figure["out"], name
        for axis in figure["axes"]:
            if axis["turned"]:  # whose boxes overlap, but not their letters
                continue
            boxes = [tick["box"] for tick in axis["ticks"]]
            assert boxes or name == "histogram", (name, axis["kind"])
            for i, one in enumerate(boxes):
                for other in boxes[:i]:
                    apart = one[0] >= other[2] or other[0] >= one[2]
                    apart |= one[1] >= other[3] - 2 or other[1] >= one[3] - 2
                    assert apart, (name, axis)


@pytest.mark.parametrize("width", [300, 360, 420, 480, 640, 900, 1600])
def test_nothing_is_cut_and_no_texts_touch_at_any_width(
    tab: Page, page_of_all: str, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    tab.goto(page_of_all)
    frames(tab)
    check_apart(measure(tab))
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [300, 420, 640, 900, 1600])
def test_axes_of_one_scale_have_one_step(tab: Page, page_of_all: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    tab.goto(page_of_all)
    frames(tab)
    found = measure(tab)
    for name in ("levels", "large"):
        steps = [
            {
                abs(float(a["text"]) - float(b["text"]))
                for a, b in itertools.pairwise(sorted(axis["ticks"], key=lambda t: t["at"]))
            }
            for axis in found[name]["axes"]
            if axis["kind"] in "xy"
        ]
        assert len(steps) == 2
        assert steps[0] == steps[1] and len(steps[0]) == 1, (name, steps)


@pytest.mark.parametrize("width", [340, 900])
def test_labels_stand_at_one_distance_from_the_ticks(
    tab: Page, page_of_all: str, width: int
) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    tab.goto(page_of_all)
    frames(tab)
    found = measure(tab)
    sides = {(name, side): gap for name, one in found.items() for side, gap in one["gaps"].items()}
    assert {side for _, side in sides} >= {"left", "below", "flat" if width < 400 else "above"}
    for where, gap in sides.items():
        assert 3 <= gap <= 5, where


def test_bars_lie_below_where_the_output_is_narrow(tab: Page, page_of_all: str) -> None:
    tab.set_viewport_size({"width": 372, "height": 700})
    tab.goto(page_of_all)
    frames(tab)
    narrow = measure(tab)
    assert [name for name, one in narrow.items() if one["flat"]] == BARS
    tab.set_viewport_size({"width": 1600, "height": 700})
    frames(tab)
    wide = measure(tab)
    assert not any(one["flat"] for one in wide.values())
    for name in BARS:
        flat = next(axis for axis in narrow[name]["axes"] if axis["kind"] == "flat")
        bar = next(axis for axis in wide[name]["axes"] if axis["kind"] == "bar")
        ticks = sorted(flat["ticks"], key=lambda tick: tick["at"][0])
        apart = np.diff([tick["at"][0] for tick in ticks])
        if not flat["named"] and len(ticks) > 2:
            assert apart.min() >= 59, name
        assert 2 <= len(ticks) <= (7 if not flat["named"] else 20), name
        both = [t["text"] for t in ticks if t["text"] in {one["text"] for one in bar["ticks"]}]
        down = sorted(bar["ticks"], key=lambda tick: -tick["at"][1])
        assert both == [t["text"] for t in down if t["text"] in both]  # low ones first
        assert not any("-" in tick["text"] for tick in ticks)
    labels = tab.evaluate(
        """() => [...document.querySelectorAll(".nbimage-flat .nbimage-bar")]
          .map(bar => bar.lastElementChild.textContent)"""
    )
    assert labels[:2] == ["anomaly [K]", LONG]


def test_a_bar_that_lies_has_the_color_of_each_value_at_its_tick(tab: Page, tmp_path: Path) -> None:
    from PIL import Image

    picture = Picture(WAVE, -10, 10, cmap="viridis", colorbar=True, under="black", over="white")
    tab.set_viewport_size({"width": 330, "height": 700})
    tab.goto(picture.save(tmp_path / "bar.html").as_uri())
    frames(tab)
    image = tab.query_selector(".nbimage-flat img[src^='data:image/png']")
    assert image is not None
    colors = np.asarray(Image.open(io.BytesIO(image.screenshot())).convert("RGB"))[5].astype(int)
    left = image.evaluate("e => e.getBoundingClientRect().x")
    (figure,) = tab.evaluate(MEASURE)
    axis = next(axis for axis in figure["axes"] if axis["kind"] == "flat")
    for tick in axis["ticks"]:
        value = float(tick["text"].replace("−", "-"))
        want = Picture([[value]], -10, 10, cmap="viridis").pixels[0, 0].astype(int)
        at = min(max(round(tick["at"][0] - left), 2), len(colors) - 3)
        assert np.abs(colors[at] - want).max() <= 12, tick


@pytest.mark.parametrize("width", [300, 420, 800])
def test_without_scripts_nothing_touches_either(
    chromium: Chromium, page_of_all: str, width: int
) -> None:
    page = chromium.new_page(scripts=False)
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(page_of_all)
    check_apart(measure(page))
    page.context.close()


@pytest.mark.parametrize("style", ["display:flex", "display:inline-block", "float:left"])
def test_a_figure_is_as_wide_as_it_asks_where_only_that_counts(
    tab: Page, tmp_path: Path, style: str
) -> None:
    path = tmp_path / "flex.html"
    inner = FIGURES["levels"].html
    path.write_text(document_html(f'<div style="{style}">{inner}</div>', "flex"))
    tab.set_viewport_size({"width": 1000, "height": 700})
    tab.goto(path.as_uri())
    frames(tab)
    (figure,) = tab.evaluate(MEASURE)
    assert not figure["out"] and not figure["flat"]
    box = tab.query_selector(".nbimage-box")
    assert box is not None
    assert box.evaluate("e => e.offsetWidth") == FIGURES["levels"].width


# ----------------------------------------------------------------------------------- paper


def words_of(page: Any) -> list[tuple[str, tuple[float, float, float, float]]]:
    """The texts of a page of a PDF file, with left, bottom, right and top of each."""
    text = page.get_textpage()
    boxes = [text.get_rect(i) for i in range(text.count_rects())]
    return [(text.get_text_bounded(*box).strip(), box) for box in boxes]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("paper", [{"width": "85mm", "height": "240mm"}, {"format": "A4"}])
def test_printed_ticks_are_apart_and_figures_whole(
    chromium: Chromium, tmp_path: Path, paper: dict[str, Any], scripts: bool
) -> None:
    page = chromium.new_page(scripts=scripts)
    page.set_viewport_size({"width": 1600, "height": 700})
    flat = [one.html for name, one in FIGURES.items() if name != "names"]  # which are turned
    path = tmp_path / "print.html"
    path.write_text(document_html("".join(flat), "print"))
    page.goto(path.as_uri())
    document = pypdfium2.PdfDocument(page.pdf(**paper))
    page.context.close()
    assert len(document) > 1
    seen = ""
    for sheet in document:
        words = words_of(sheet)
        width, height = sheet.get_size()
        seen += " ".join(word for word, _ in words)
        for i, (word, one) in enumerate(words):
            assert one[0] >= 0 and one[2] <= width and one[1] >= 0 and one[3] <= height, word
            for other, box in words[:i]:
                across = min(one[2], box[2]) - max(one[0], box[0])
                down = min(one[3], box[3]) - max(one[1], box[1])
                assert across <= 1 or down <= 2, (word, other)
    assert "anomaly [K]" in seen and "counts" in seen


def test_a_printed_page_has_no_controls(tab: Page, tmp_path: Path) -> None:
    items = {
        "picture": Picture(WAVE, colorbar=True),
        "grid": Grid([WAVE] * 3),
        "video": Video(np.stack([WAVE, WAVE * 0.5]), 0, 8),
        "view": View(WAVE, state={"panels": ["contrast"]}),
        "stack": View(np.stack([WAVE, WAVE * 0.5])),
    }
    path = tmp_path / "print.html"
    path.write_text(document_html("".join(one.html for one in items.values()), "print"))
    tab.set_viewport_size({"width": 700, "height": 700})
    tab.goto(path.as_uri())
    frames(tab)
    count = """() => {
      const all = root => [...root.querySelectorAll("*")].flatMap(
        e => e.shadowRoot ? [e, ...all(e.shadowRoot)] : [e]);
      const controls = "button,select,input,.histogram";
      return all(document).filter(e => e.matches(controls) && e.checkVisibility()).length;
    }"""
    assert tab.evaluate(count) > 5
    tab.emulate_media(media="print")
    assert tab.evaluate(count) == 0
    tab.emulate_media(media="screen")
