"""The figure's PNG beside the page that a browser shows, in the same font and at the same scale."""

from __future__ import annotations

import base64
import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Picture
from nbimage.export.grid_file import GridSheet
from nbimage.export.raster import draw_pixels
from nbimage.page.html import document_html
from nbimage.raster.fonts import font_path
from tests.e2e.harness import Chromium

Array = np.ndarray
SCALE = 2
NAMES = ["airplane", "automobile", "bird", "cat", "deer", "dog"]
RNG = np.random.default_rng(3)
MATRIX = RNG.integers(0, 99, (6, 6))
PHOTO = RNG.integers(0, 256, (120, 160), dtype=np.uint8)
PICTURES: dict[str, Callable[[], Any]] = {
    "confusion": lambda: Picture(
        MATRIX,
        cmap="Blues",
        overlay="values",
        x=NAMES,
        y=NAMES,
        xlabel="predicted",
        ylabel="true class",
        title="Confusion matrix",
        colorbar="count",
    ),
    "numbers": lambda: Picture(
        PHOTO, x=np.linspace(-4, 4, 160), y=np.linspace(0, 9, 120), colorbar=True, caption="µ = 3°"
    ),
    "far": lambda: Picture(
        PHOTO * 2.5 - 100, under="cyan", over="red", vmin=0, vmax=300, colorbar="a label [m s⁻²]"
    ),
    "dates": lambda: Picture(
        PHOTO,
        y=np.arange("2020-01-01", "2020-04-30", dtype="datetime64[D]"),
        x=True,
        xlabel="x [km]",
        title="Hovmöller",
        width=320,
    ),
    "histogram": lambda: Picture(PHOTO, histogram=True, title="counts", pixel_size=2, unit="mm"),
    "plain": lambda: Picture(PHOTO, title="A title", caption="and a line below it"),
}
FIND = """const find = (root, image) => {
  const found = [], walker = document.createTreeWalker(root, 4);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!node.data.trim()) continue;
    if (parent.closest('script,.nbimage-room,.nbimage-scale,details')) continue;
    if (!parent.checkVisibility({visibilityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects())
      if (box.width && box.height) found.push([node.data, box.x, box.y, box.right, box.bottom]);
  }
  const box = image.getBoundingClientRect();
  return {texts: found, left: box.x, top: box.y, width: box.width, height: box.height};
};"""
TEXTS = f"""() => {{ {FIND}
  return find(document.querySelector('.nbimage'), document.querySelector('.nbimage img'));
}}"""
CELLS = f"""() => {{ {FIND}
  return [...document.querySelectorAll('.nbimage-cell')].map(
    cell => find(cell, cell.querySelector('.nbimage-media img')));
}}"""
LOADED = """async () => {
  await Promise.all(['12px Own', '600 13px Own'].map(font => document.fonts.load(font)));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest.fixture(scope="module")
def tab(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page(scale=SCALE)
    yield page
    page.context.close()


def font_face() -> str:
    faces = []
    for bold in (False, True):
        data = base64.b64encode(Path(font_path(bold=bold)).read_bytes()).decode()
        weight = "500 900" if bold else "100 400"
        faces.append(
            f"@font-face{{font-family:Own;font-weight:{weight};"
            f"src:url(data:font/ttf;base64,{data})}}"
        )
    # without that rendering the widths of letters are rounded to whole pixels
    rule = "*{font-family:Own!important;text-rendering:geometricPrecision}"
    return f"<style>{''.join(faces)}{rule}</style>"


def show(page: Page, shown: Any) -> tuple[Array, dict[str, Any]]:
    """Return a screenshot of a page in the file's font, and where its texts are."""
    page.set_content(document_html(font_face() + shown.html, "figure"))
    page.evaluate(LOADED)
    places = page.evaluate(TEXTS)
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as image:
        return np.asarray(image.convert("RGB")), places


def ink_box(pixels: Array, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
    """Return the first and last column and row of what is dark within a box of CSS pixels."""
    left, top, right, bottom = (round(side * SCALE) for side in box)
    dark = pixels[max(top, 0) : bottom, max(left, 0) : right].min(axis=2) < 160
    rows, columns = (np.flatnonzero(dark.any(axis=axis)) for axis in (1, 0))
    assert len(rows), box
    return columns[0], columns[-1], rows[0], rows[-1]


@pytest.mark.parametrize("name", PICTURES)
def test_texts_are_where_the_page_has_them(name: str, tab: Page, tmp_path: Path) -> None:
    picture = PICTURES[name]()
    with Image.open(picture.save(tmp_path / "x.png", figure=True, scale=SCALE)) as image:
        file = np.asarray(image.convert("RGB"))
    page, places = show(tab, picture)
    left, top, width, height = picture._draw().pictures[0].box
    assert (places["width"], places["height"]) == pytest.approx((width, height), abs=0.1)
    right, down = left - places["left"], top - places["top"]
    assert len(places["texts"]) >= 2
    for text, x0, y0, x1, y1 in places["texts"]:
        box = x0 - 2, y0 + 1, x1 + 2, y1 - 1
        moved = box[0] + right, box[1] + down, box[2] + right, box[3] + down
        one, other = np.array(ink_box(page, box)), np.array(ink_box(file, moved))
        assert np.abs(one - other).max() <= 2 * SCALE, (text, one, other)


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_as_on_the_page(name: str, tab: Page, tmp_path: Path) -> None:
    picture = PICTURES[name]()
    with Image.open(picture.save(tmp_path / "x.png", figure=True, scale=SCALE)) as image:
        file = np.asarray(image.convert("RGB")).astype(int)
    page, places = show(tab, picture)
    left, top, width, height = (round(side * SCALE) for side in picture._draw().pictures[0].box)
    x, y = round(places["left"] * SCALE), round(places["top"] * SCALE)
    ours = file[top : top + height, left : left + width]
    over = picture.figure.overlay or picture.figure.scale_bar  # letters are smoothed otherwise
    shares = []
    # half a CSS pixel is rounded by the browser as it likes
    for down, across in itertools.product((y - 1, y, y + 1), (x - 1, x, x + 1)):
        theirs = page[down : down + height, across : across + width].astype(int)
        shares.append((np.abs(ours - theirs).max(axis=2) > 8).mean())
    assert min(shares) <= (0.05 if over else 0.0), shares


GRIDS: dict[str, Callable[[], Grid]] = {
    "rows": lambda: Grid(
        RNG.normal(size=(2, 3, 40, 60)), row=0, column=1, shared="row", title="All"
    ),
    "columns": lambda: Grid(
        RNG.normal(size=(2, 3, 40, 60)), row=0, column=1, shared="column", colorbar="a label"
    ),
    "titles": lambda: Grid({"one": PHOTO, "two µ": PHOTO, "three": PHOTO}, vmax=99, colorbar="K"),
    "axes": lambda: Grid([MATRIX, MATRIX], x=NAMES, y=NAMES, border="green"),
}


@pytest.mark.parametrize("name", GRIDS)
def test_titles_and_ticks_of_a_grid_are_where_the_page_has_them(name: str, tab: Page) -> None:
    grid = GRIDS[name]()
    cells, layout, bars = grid._arrange()
    drawing = GridSheet(cells, layout, grid.pictures).draw("", bars, (), "")
    file = draw_pixels(drawing, SCALE)
    page, _ = show(tab, grid)
    cells_shown = tab.evaluate(CELLS)
    assert len(cells_shown) == len(grid.pictures)
    for shown, picture in zip(cells_shown, drawing.pictures, strict=True):
        left, top, width, height = picture.box
        assert (shown["width"], shown["height"]) == pytest.approx((width, height), abs=0.1)
        right, down = left - shown["left"], top - shown["top"]
        for text, x0, y0, x1, y1 in shown["texts"]:
            box = x0 - 2, y0 + 1, x1 + 2, y1 - 1
            moved = box[0] + right, box[1] + down, box[2] + right, box[3] + down
            one, other = np.array(ink_box(page, box)), np.array(ink_box(file, moved))
            assert np.abs(one - other).max() <= 2 * SCALE, (text, one, other)
