"""What is left of a figure where others clean its HTML: one picture, its title and its notes.

GitHub and PyPI take all styles and classes away (here bleach and nh3 with their lists); what stays
then must not be a column of numbers. DOMPurify leaves styles: nothing looks otherwise.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import bleach
import nh3
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Picture
from tests.e2e.harness import Chromium, settle
from tests.npm import packages

ROWS, COLUMNS = np.mgrid[0:90, 0:140]
WAVE = np.sin(COLUMNS / 13) * np.cos(ROWS / 17)
NAMES = [f"a long name {i}" for i in range(8)]
FIGURES: dict[str, dict[str, Any]] = {
    "figure": {
        "x": True,
        "y": True,
        "xlabel": "right",
        "ylabel": "down",
        "colorbar": "volt",
        "histogram": True,
        "overlay": WAVE > 0.5,
        "pixel_size": 2,
        "unit": "mm",
    },
    "bar": {"colorbar": "volt", "under": "red", "vmin": 0, "y": True},
    "stretched": {"aspect": 0.5, "x": True},
}
# github.com/gjtorikian/html-pipeline, lib/html_pipeline/sanitization_filter.rb
GITHUB_NAMES = """
h1 h2 h3 h4 h5 h6 br b i strong em a pre code img input tt div ins del sup sub p picture ol ul table
thead tbody tfoot blockquote dl dt dd kbd q samp var hr ruby rt rp li tr td th s strike summary
details caption figure figcaption abbr bdo cite dfn mark small source span time wbr
"""
GITHUB_TAGS = frozenset(GITHUB_NAMES.split())
GITHUB_ATTRIBUTES = {"img": ["src", "alt", "title", "width", "height"], "details": ["open"]}


def clean_as_github(html: str) -> str:
    """Clean HTML by GitHub's list; scripts and style sheets go with what is in them."""
    without = nh3.clean(
        html,
        tags=nh3.ALLOWED_TAGS | GITHUB_TAGS,
        attributes={"*": set(), **{tag: set(names) for tag, names in GITHUB_ATTRIBUTES.items()}},
        url_schemes={"data", "https"},
    )
    protocols = ["data", "https"]
    return str(
        bleach.clean(without, GITHUB_TAGS, GITHUB_ATTRIBUTES, protocols=protocols, strip=True)
    )


def clean_as_pypi(html: str) -> str:
    """Clean HTML by nh3's own list, as PyPI does."""
    return nh3.clean(html, url_schemes={"data", "https"})


@pytest.fixture(scope="module")
def opened(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.context.close()


def show(page: Page, html: str) -> np.ndarray[Any, Any]:
    page.set_content(f"<!DOCTYPE html><body style='margin:0'><div id=room>{html}</div>")
    settle(page)
    data = page.locator("#room").screenshot()
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


SEEN = """() => [...document.querySelectorAll("#room img")].filter(one => one.checkVisibility())
    .map(one => one.getAttribute("src"))"""


@pytest.mark.parametrize("clean", [clean_as_github, clean_as_pypi])
@pytest.mark.parametrize("name", FIGURES)
def test_without_styles_there_is_one_picture_with_title_and_notes(
    opened: Page, name: str, clean: Any
) -> None:
    picture = Picture(WAVE, title="A title", caption="a note", **FIGURES[name])
    show(opened, clean(picture.html))
    assert opened.evaluate(SEEN) == [picture.data_uri]
    lines = opened.locator("#room").inner_text().split("\n")
    notes = [*picture.figure.notes]
    assert [line for line in lines if line.strip()] == ["A title", *notes]


@pytest.mark.parametrize("clean", [clean_as_github, clean_as_pypi])
def test_without_styles_a_grid_is_its_pictures_with_their_titles(opened: Page, clean: Any) -> None:
    grid = Grid([WAVE, -WAVE], ["one", "two"], x=True, y=True, colorbar="volt")
    show(opened, clean(grid.html))
    assert opened.evaluate(SEEN) == [picture.data_uri for picture in grid.pictures]
    lines = opened.locator("#room").inner_text().split("\n")
    assert [line for line in lines if line.strip()] == ["one", "two"]


@pytest.mark.parametrize("name", FIGURES)
def test_what_dompurify_leaves_looks_as_before(opened: Page, name: str) -> None:
    html = Picture(WAVE, title="A title", caption="a note", **FIGURES[name]).html
    opened.add_script_tag(path=packages() / "dompurify" / "dist" / "purify.min.js")
    cleaned = opened.evaluate("html => DOMPurify.sanitize(html)", html)
    assert "<script" not in cleaned
    before = show(opened, html[: html.index("<script")] + html[html.rindex("</script>") + 9 :])
    after = show(opened, cleaned)
    assert after.shape == before.shape
    assert np.abs(after - before).max() <= 2
