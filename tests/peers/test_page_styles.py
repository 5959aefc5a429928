"""What is shown stands against the style sheet of the page that it is in.

The sheets are the real ones: of reveal.js, Bootstrap and Tailwind as npm has them, of the themes
of Sphinx as PyPI has them. With and without them each figure has the same boxes and pixels.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars
import pytest
from playwright.sync_api import Page

from nbimage import show_images
from tests.e2e.harness import Chromium
from tests.e2e.outputs import OUTPUTS, WAVE, Seen, check_alike, compose, make_table
from tests.e2e.test_tables_page import check_room
from tests.npm import packages

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


@pytest.fixture(scope="module")
def open_page(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page((1000, 1400))
    yield page
    page.context.close()


def read_sheet(theme: str) -> str:
    text = "\n".join(path.read_text("utf-8") for path in sheets()[theme])
    return f"<style>{text}</style>"


@pytest.mark.parametrize("theme", FRAMES)
@pytest.mark.parametrize("name", OUTPUTS)
def test_a_page_sheet_changes_no_box_and_no_pixel(open_page: Page, name: str, theme: str) -> None:
    html = OUTPUTS[name]()
    plain = Seen(open_page, compose(html))
    check_alike(plain, Seen(open_page, compose(html, FRAMES[theme], read_sheet(theme))))


@pytest.mark.parametrize("theme", ["bootstrap", "furo", "pydata"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_nor_does_a_dark_page(open_page: Page, name: str, theme: str) -> None:
    html = OUTPUTS[name]()
    open_page.emulate_media(color_scheme="dark")
    try:
        plain = Seen(open_page, compose(html, dark=True))
        styled = Seen(open_page, compose(html, FRAMES[theme], read_sheet(theme), dark=True))
    finally:
        open_page.emulate_media(color_scheme="light")
    check_alike(plain, styled)
    assert plain.pixels[:, -1].max() < 40  # its ground


SPHINX = {
    "myst_nb": '<div class="cell_output docutils container"><div class="output text_html">',
    "nbsphinx": '<div class="nboutput nblast docutils container">'
    '<div class="output_area rendered_html docutils container">',
}


@pytest.mark.parametrize("extension", SPHINX)
def test_the_rules_for_sphinx_take_the_light_ground_away(open_page: Page, extension: str) -> None:
    documented = (Path(__file__).parents[2] / "docs/frontends.md").read_text("utf-8")
    rules = documented.partition("```css\n")[2].partition("```")[0]
    colors = """() => ["article", ".nbimage"].map(name => {
      const around = document.querySelector(name), { parentElement: parent } = around;
      return [getComputedStyle(around).color, getComputedStyle(parent).backgroundColor];
    })"""
    found = []
    for more in ("", f"<style>{rules}</style>"):
        open_page.set_content(
            f'<html data-theme="dark">{read_sheet("pydata")}{more}<body><main class="bd-main">'
            f'<div class="bd-content"><article>{SPHINX[extension]}{OUTPUTS["figure"]()}'
        )
        found.append(open_page.evaluate(colors))
    (page, themed), (_, own) = found
    assert themed[0] != page[0]
    assert own == [page[0], "rgba(0, 0, 0, 0)"]


def enlarge(page: Page) -> None:
    page.locator("#room .nbimage-media").first.click()
    page.wait_for_selector(".nbimage-lightbox")
    page.mouse.move(950, 1350)


@pytest.mark.parametrize("theme", FRAMES)
def test_a_page_sheet_changes_no_enlarged_picture(open_page: Page, theme: str) -> None:
    html = OUTPUTS["grid"]()
    plain = Seen(open_page, compose(html), enlarge)
    check_alike(plain, Seen(open_page, compose(html, FRAMES[theme], read_sheet(theme)), enlarge))


def make_polars_table() -> str:
    frame = polars.DataFrame({"n": [1, 2], "image": [WAVE[:12, :20].tolist(), WAVE.T[:9].tolist()]})
    return str(show_images(frame, "image")._repr_html_())


TABLES = {"pandas": make_table, "polars": make_polars_table}


VISIBLE = """image => {
  const style = getComputedStyle(image), { width, height } = image.getBoundingClientRect();
  const names = ["padding", "border-width", "border-radius", "box-shadow", "background", "filter",
    "opacity", "transform", "clip-path", "mask", "object-fit", "image-rendering",
    "mix-blend-mode", "visibility", "margin"];
  return [width, height, ...names.map(name => style.getPropertyValue(name))];
}"""


def read_pictures(page: Page, html: str) -> list[Any]:
    """Return how large each picture of a table is, and all that changes its pixels."""
    Seen(page, html)
    return [image.evaluate(VISIBLE) for image in page.locator("#room td img").all()]


@pytest.mark.parametrize("theme", FRAMES)
@pytest.mark.parametrize("name", TABLES)
def test_pictures_in_tables_are_as_large_and_the_same(
    open_page: Page, name: str, theme: str
) -> None:
    """How the table around them looks is the page's to say, but for the room in its cells."""
    html = TABLES[name]()
    plain = read_pictures(open_page, compose(html))
    assert len(plain) == 2
    assert read_pictures(open_page, compose(html, FRAMES[theme], read_sheet(theme))) == plain


@pytest.mark.parametrize("theme", FRAMES)
@pytest.mark.parametrize("name", TABLES)
def test_what_is_in_the_cells_of_a_table_does_not_touch(
    open_page: Page, name: str, theme: str
) -> None:
    Seen(open_page, compose(TABLES[name](), FRAMES[theme], read_sheet(theme)))
    check_room(open_page)
