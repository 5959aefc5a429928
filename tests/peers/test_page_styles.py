"""What is shown stands against the style sheet of the page that it is in.

The sheets are the real ones: of reveal.js, Bootstrap and Tailwind as npm has them, of the themes
of Sphinx as PyPI has them. With and without them each figure has the same boxes and pixels.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View, show_images
from nbimage.trees.bundles import make_tree
from tests.e2e.harness import Chromium, settle, wait_until
from tests.npm import packages

ROWS, COLUMNS = np.mgrid[0:90, 0:140]
WAVE = np.sin(COLUMNS / 13) * np.cos(ROWS / 17)
STACK = np.stack([np.roll(WAVE, 9 * i, 1) for i in range(4)])
NAMES = [f"a long name {i}" for i in range(8)]


def make_table() -> str:
    frame = polars.DataFrame({"n": [1, 2], "image": [WAVE[:12, :20].tolist(), WAVE.T[:9].tolist()]})
    return str(show_images(frame, "image")._repr_html_())


SHOWN: dict[str, Callable[[], str]] = {
    "plain": lambda: Picture(WAVE).html,
    "figure": lambda: (
        Picture(
            WAVE,
            x=True,
            y=True,
            xlabel="x in mm",
            ylabel="y in mm",
            title="A title",
            colorbar="volt",
            histogram=True,
            overlay=WAVE > 0.5,
            caption=True,
            under="red",
            over="blue",
            vmax=0.8,
            vmin=-0.8,
            width=350,
        ).html
    ),
    "narrow": lambda: Picture(WAVE, x=True, y=True, colorbar="volt", width=1500).html,
    "names": lambda: Picture(WAVE[:6, :8], x=NAMES, y=NAMES[:6], pixel_size=1, unit="m").html,
    "stretched": lambda: Picture(WAVE, aspect=0.5, x=True, colorbar=True).html,
    "grid": lambda: Grid(STACK, NAMES[:4], x=True, y=True, colorbar="volt", border="red").html,
    "pages": lambda: Grid(list(STACK), page=2, columns=2).html,
    "row bars": lambda: Grid([list(STACK[:2]), list(STACK[2:])], shared="row", colorbar=True).html,
    "video": lambda: Video(STACK, x=True, y=True, colorbar=True, title="moving").html,
    "view": lambda: View(WAVE, title="explored").html,
    "tree": lambda: str(
        (make_tree({"a": WAVE, "b": {"c": STACK, "d": 3}}) or [{}])[0]["text/html"]
    ),
}

# A page's elements around what is shown, by which the rules of its sheet hold, and the sheet.
FRAMES = {
    "reveal": '<div class="reveal" style="height:100vh"><div class="slides">'
    '<section class="present">',
    "bootstrap": '<main class="container"><div class="card-body text-center">',
    "tailwind": '<main><article class="prose">',
    "rtd": '<div class="wy-nav-content"><div class="rst-content"><div class="document">',
    "furo": '<div class="main"><div class="content"><article id="furo-main-content">',
    "pydata": '<main class="bd-main"><div class="bd-content"><article class="bd-article">'
    '<div class="cell docutils container"><div class="cell_output docutils container">'
    '<div class="output text_html">',
}


def theme_file(package: str, path: str) -> Path:
    """Return a file of an installed theme, which need not be imported."""
    found = importlib.util.find_spec(package)
    assert found is not None and found.origin is not None, f"pip install {package}"
    return Path(found.origin).parent / path


def sheets() -> dict[str, list[Path]]:
    npm = packages()
    pydata = "theme/pydata_sphinx_theme/static/styles/pydata-sphinx-theme.css"
    return {
        "reveal": [
            npm / "reveal.js/dist" / name for name in ("reset.css", "reveal.css", "theme/white.css")
        ],
        "bootstrap": [npm / "bootstrap/dist/css/bootstrap.css"],
        "tailwind": [npm / "tailwindcss/preflight.css"],
        "rtd": [theme_file("sphinx_rtd_theme", "static/css/theme.css")],
        "furo": [
            theme_file("furo", f"theme/furo/static/styles/{name}.css")
            for name in ("furo", "furo-extensions")
        ],
        "pydata": [theme_file("pydata_sphinx_theme", pydata)],
    }


ROOM = (
    '<div id="room" style="position:absolute;left:0;top:0;width:900px;box-sizing:content-box;'
    'margin:0;padding:0;background:#fff;color:#222">'
)
BOXES = """() => {
  const room = document.querySelector("#room"), { x, y } = room.getBoundingClientRect();
  const found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const box = one.getBoundingClientRect();
      const name = `${one.localName}.${one.className} ${one.style?.cssText}`;
      if (!["script", "style"].includes(one.localName))
        found.push([name, box.x - x, box.y - y, box.width, box.height]);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(room);
  return found;
}"""


class Seen:
    """A page with what is shown in it, its boxes and its pixels."""

    def __init__(self, page: Page, html: str) -> None:
        page.set_content(html, wait_until="load")
        wait_until(page, "() => [...document.images].every(image => image.complete)")
        settle(page)
        self.boxes: list[list[Any]] = page.evaluate(BOXES)
        room = page.locator("#room")
        data = room.screenshot(animations="disabled", caret="hide")
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
        height: float = page.evaluate("() => document.querySelector('#room').clientHeight")
        self.pixels = pixels[: int(height) - 1]  # the last row may be half of the page's


@pytest.fixture(scope="module")
def open_page(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    page.set_viewport_size({"width": 1000, "height": 1400})
    yield page
    page.context.close()


def compose(frame: str, html: str, styles: str = "") -> str:
    closing = "".join(f"</{one.split()[0].strip('<>')}>" for one in reversed(frame.split("<")[1:]))
    return (
        f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8>{styles}</head>"
        f"<body style='margin:0'>{frame}{ROOM}{html}</div>{closing}</body></html>"
    )


@pytest.mark.parametrize("theme", FRAMES)
@pytest.mark.parametrize("name", SHOWN)
def test_a_page_sheet_changes_no_box_and_no_pixel(open_page: Page, name: str, theme: str) -> None:
    html = SHOWN[name]()
    text = "\n".join(path.read_text("utf-8") for path in sheets()[theme])
    plain = Seen(open_page, compose("", html))
    styled = Seen(open_page, compose(FRAMES[theme], html, f"<style>{text}</style>"))
    assert [box[0] for box in styled.boxes] == [box[0] for box in plain.boxes]
    moved = [
        (own, there)
        for own, there in zip(plain.boxes, styled.boxes, strict=True)
        if np.abs(np.subtract(own[1:], there[1:])).max() > 0.1
    ]
    assert moved == []
    assert styled.pixels.shape == plain.pixels.shape
    assert np.abs(styled.pixels - plain.pixels).max() <= 2
