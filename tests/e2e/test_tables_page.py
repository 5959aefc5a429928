"""Pictures in tables, in Chromium."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import Dialog, ElementHandle, Page

from nbimage import data_uri, rerange
from nbimage.tables.tables import data_uris, show_images
from tests.e2e.harness import Chromium
from tests.tables.test_tables import LINE, PAYLOADS, digits

Array = np.ndarray[Any, Any]


Open = Callable[[str], Page]
PIXELS = """async image => {
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  return [canvas.width, [...context.getImageData(0, 0, canvas.width, canvas.height).data]];
}"""


@pytest.fixture
def opened(chromium: Chromium, tmp_path: Path) -> Iterator[Open]:
    """Open HTML as a file's page, on which nothing may ask for the network, fail or speak up."""
    trouble: list[str] = []
    pages: list[Page] = []
    before = len(chromium.external)

    def speak(dialog: Dialog) -> None:
        trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open_page(html: str) -> Page:
        path = tmp_path / f"page{len(pages)}.html"
        path.write_text(html, "utf-8")
        page = chromium.new_page()
        page.on("dialog", speak)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(path.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not trouble
    assert chromium.external[before:] == []


def seen(image: ElementHandle | None) -> Array:
    """What an <img> holds, as Chromium decodes it: RGBA."""
    assert image is not None
    width, data = image.evaluate(PIXELS)
    return np.array(data, np.uint8).reshape(-1, width, 4)


def screenshot(page: Page) -> Array:
    return np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB"))


def box_of(page: Page, selector: str) -> dict[str, float]:
    element = page.wait_for_selector(selector)
    assert element is not None
    box: Any = element.bounding_box()
    return box


def document(inner: str) -> str:
    return f"<!doctype html><meta charset=utf-8><body>{inner}"


def check_rows(opened: Open, as_html: Callable[[pd.DataFrame], str]) -> None:
    """Have each row of a table show its own picture, pixel by pixel."""
    frame = pd.DataFrame({"digit": digits(5), "n": range(5)})
    page = opened(document(as_html(frame)))
    images = page.query_selector_all("tbody td img")
    assert len(images) == 5
    for image, digit in zip(images, digits(5), strict=True):
        np.testing.assert_array_equal(seen(image)[..., 0], rerange(digit))


@pytest.mark.parametrize(
    "as_html",
    [
        lambda frame: show_images(frame, shared=False).to_html(),
        lambda frame: frame.to_html(
            escape=False, formatters={"digit": lambda a: f'<img src="{data_uri(a)}">'}
        ),
    ],
    ids=["pandas", "to_html"],
)
def test_every_row_of_a_table_shows_its_picture(
    opened: Open, as_html: Callable[[pd.DataFrame], str]
) -> None:
    check_rows(opened, as_html)


INSIDE = """cells => cells.map(cell => {
  const range = document.createRange();
  range.selectNodeContents(cell);
  const { left, right, top, bottom } = range.getBoundingClientRect();
  return { left, right, top, bottom };
})"""


def check_room(page: Page) -> None:
    """What is in a cell keeps off what is in the cells beside and below it."""
    rows = [row.eval_on_selector_all("th, td", INSIDE) for row in page.query_selector_all("tr")]
    filled = [[cell for cell in row if cell["right"] > cell["left"]] for row in rows]
    assert len(filled) >= 3
    for row in filled:
        for left, right in itertools.pairwise(row):
            assert right["left"] - left["right"] >= 8
    for above, below in itertools.pairwise(filled):
        highest, lowest = (c["top"] for c in below), (c["bottom"] for c in above)
        assert min(highest) - max(lowest) >= 8


def test_what_is_in_cells_does_not_touch_where_a_page_has_no_room_for_it(opened: Open) -> None:
    """As in marimo, whose sheet takes the padding of all and has none for tables."""
    reset = "<style>*{margin:0;padding:0;border:0 solid}table{border-collapse:collapse}</style>"
    frame = pd.DataFrame({"name": list("abc"), "digit": digits(3), "n": range(3)})
    check_room(opened(document(reset + show_images(frame, shared=False).to_html())))


def test_a_small_picture_is_large_and_sharp_on_the_page(opened: Open) -> None:
    corner = np.array([[0, 255], [255, 0]], np.uint8)
    page = opened(document(show_images(pd.DataFrame({"a": [corner]}), shared=False).to_html()))
    box = box_of(page, "td img")
    assert (box["width"], box["height"]) == (96, 96)
    x, y = int(box["x"]), int(box["y"])
    shot = screenshot(page)[y : y + 96, x : x + 96, 0]
    np.testing.assert_array_equal(shot, np.kron(corner, np.ones((48, 48), np.uint8)))


def test_text_of_strangers_does_nothing_on_the_page(opened: Open) -> None:
    data: dict[str, Any] = {"text": PAYLOADS, "image": digits(len(PAYLOADS))}
    data |= {payload: range(len(PAYLOADS)) for payload in PAYLOADS}
    index = pd.Index(PAYLOADS, name=PAYLOADS[0])
    html = show_images(pd.DataFrame(data, index=index), shared=False).to_html()
    check_payloads(opened(document(html)))


def check_payloads(page: Page) -> None:
    """The text of strangers stands in the table, and none of it is run."""
    assert len(page.query_selector_all("img")) == len(PAYLOADS)
    assert page.query_selector("script, svg") is None
    texts = page.eval_on_selector_all("th, td", "all => all.map(e => e.textContent)")
    for payload in PAYLOADS:
        assert texts.count(payload) >= 2


def test_labels_and_names_of_strangers_are_pixels_and_nothing_else(opened: Open) -> None:
    frame = pd.DataFrame({payload: digits(1) for payload in PAYLOADS})
    (uri,) = data_uris(frame, titles=True, shared=False)
    page = opened(document(f'<img src="{uri}">'))
    assert seen(page.query_selector("img")).shape == (8 + LINE, 8 * len(PAYLOADS) + 40, 4)
    assert page.query_selector("script, svg") is None
