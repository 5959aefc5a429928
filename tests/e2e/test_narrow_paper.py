"""What is printed on paper 8.5 cm wide: no buttons, no texts that touch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pypdfium2
import pytest
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View
from tests.e2e.harness import Chromium, settle, wait_until

ROWS, COLUMNS = np.mgrid[0:90, 0:140]
WAVE = np.sin(COLUMNS / 13) * np.cos(ROWS / 17)
TICKS = {str(number) for number in range(0, 141, 20)} | {"50", "−0.5", "0.0", "0.5", "−1.0", "1.0"}


@pytest.fixture(scope="module")
def opened(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page((1000, 1000))
    yield page
    page.context.close()


def printed(page: Page, html: str) -> pypdfium2.PdfDocument:
    page.set_content(f"<!DOCTYPE html><body style='margin:8px'>{html}", wait_until="load")
    settle(page)
    return pypdfium2.PdfDocument(page.pdf(width="8.5cm", height="24cm"))


def text_of(document: pypdfium2.PdfDocument) -> str:
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("name", ["picture", "grid", "video"])
def test_the_numbers_of_axes_do_not_touch(opened: Page, name: str) -> None:
    around = {"x": True, "y": True, "colorbar": "volt"}
    made = {
        "picture": lambda: Picture(WAVE, **around),
        "grid": lambda: Grid([WAVE, -WAVE], ["one", "two"], columns=2, **around),
        "video": lambda: Video(np.stack([WAVE, -WAVE]), **around),
    }[name]()
    words = text_of(printed(opened, made.html)).split()
    numbers = {word for word in words if any(letter.isdigit() for letter in word)}
    assert len(numbers) > 4
    assert numbers <= TICKS  # two that touch are one word


def test_an_explorer_is_printed_without_buttons(opened: Page) -> None:
    opened.set_content(f"<!DOCTYPE html><body style='margin:8px'>{View(WAVE).html}")
    wait_until(opened, "() => !document.querySelector('.nbimage-fallback')?.checkVisibility()")
    settle(opened)
    document = pypdfium2.PdfDocument(opened.pdf(width="8.5cm", height="24cm"))
    assert "Contrast" not in text_of(document)
