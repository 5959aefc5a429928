"""A picture changes its size under the mouse and the keys, and never its shape."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest
from playwright.sync_api import ElementHandle

from nbimage import Picture
from tests.e2e.harness import (
    Chromium,
    HtmlPage,
    JupyterServer,
    NotebookPage,
    OpenPage,
    Shown,
    open_notebook,
    settle,
)

CELLS = {
    "setup": """
import numpy as np
from nbimage import nbimage
picture = np.random.default_rng(3).integers(0, 256, (120, 240, 3), dtype=np.uint8)
wide = np.random.default_rng(4).integers(0, 256, (100, 2000), dtype=np.uint8)
tiny = np.array([[0, 255], [128, 64]], np.uint8)
""",
    "edges": "nbimage(picture)",
    "keys": "nbimage(picture)",
    "room": "nbimage(picture)",
    "many": "for _ in range(3): nbimage(picture)",
    "wide": "nbimage(wide)",
    "tiny": "nbimage(tiny)",
    "width": "nbimage(picture, width=120)",
}
NATURAL = (240, 120)


def check_edges(picture: Shown) -> None:
    """Each handle follows the mouse with the ratio held, and a double-click takes it back."""
    assert picture.size() == NATURAL
    assert {"n", "e", "s", "w", "se"} <= set(picture.handles())
    assert picture.drag("e", 60, 0) == (300, 150)
    assert picture.drag("s", 0, 40) == (380, 190)
    assert picture.drag("se", 100, 20) == (480, 240)
    assert picture.drag("e", -200, 0) == (280, 140)
    assert picture.drag("s", 0, -40) == (200, 100)
    assert picture.drag("w", -30, 0) == (230, 115)
    assert picture.drag("n", 0, 15) == (200, 100)
    assert picture.double_click("e") == NATURAL
    picture.drag("se", 60, 0)
    assert picture.double_click("se") == NATURAL


@pytest.fixture
def narrow(fresh: NotebookPage) -> Iterator[NotebookPage]:
    """The notebook in a window of 500 pixels."""
    before = fresh.page.viewport_size
    assert before is not None
    fresh.page.set_viewport_size({"width": 500, "height": before["height"]})
    settle(fresh.page)
    yield fresh
    fresh.page.set_viewport_size(before)
    settle(fresh.page)


def test_every_edge_resizes_and_a_double_click_restores(fresh: NotebookPage) -> None:
    check_edges(fresh.picture("edges"))


def test_a_double_click_restores_the_width_that_was_asked_for(exported: HtmlPage) -> None:
    picture = exported.picture("width")
    assert picture.size() == (120, 60)
    assert picture.drag("e", 60, 0) == (180, 90)
    assert picture.double_click("e") == (120, 60)


def test_a_picture_is_never_dragged_to_nothing(exported: HtmlPage) -> None:
    picture = exported.picture("edges")
    width, height = picture.drag("e", -400, 0)
    assert width >= 8
    assert width == pytest.approx(2 * height, abs=1)
    assert picture.double_click("e") == NATURAL


def test_a_tiny_picture_can_be_dragged_large(exported: HtmlPage) -> None:
    picture = exported.picture("tiny")
    before = picture.size()
    width, height = picture.drag("e", 100, 0)
    assert width == before[0] + 100
    assert height == width
    assert picture.double_click("e") == before


def test_pictures_on_one_page_are_independent(exported: HtmlPage) -> None:
    first, second, third = (exported.picture("many", index) for index in range(3))
    assert second.drag("e", 60, 0) == (300, 150)
    assert third.drag("s", 0, -30) == (180, 90)
    assert first.size() == NATURAL
    assert second.size() == (300, 150)
    assert third.size() == (180, 90)
    assert second.handles() == first.handles()


def test_arrow_keys_resize_and_escape_restores(fresh: NotebookPage) -> None:
    picture = fresh.picture("keys")
    assert picture.box.get_attribute("tabindex") == "0"
    active = "() => [e2e.panel().content.activeCellIndex, e2e.cells().length]"
    picture.box.focus()
    before = fresh.page.evaluate(active)
    sizes = [picture.size()]
    for key in ("ArrowRight", "ArrowDown"):
        sizes.append(picture.press(key, 3))
    assert sizes == sorted(sizes)
    assert len(set(sizes)) == 3
    largest = sizes[-1]
    for key in ("ArrowLeft", "ArrowUp"):
        sizes.append(picture.press(key, 3))
    assert sizes[-1] < sizes[-2] < largest
    assert all(width == pytest.approx(2 * height, abs=1) for width, height in sizes)
    picture.press("ArrowRight")
    assert picture.press("Escape") == NATURAL
    assert fresh.page.evaluate(active) == before


def test_a_drag_past_the_cell_ends_at_its_width(narrow: NotebookPage) -> None:
    picture = narrow.picture("room")
    room = picture.room()
    assert NATURAL[0] < room < 500
    width, height = picture.drag("e", 450, 0)
    assert width == pytest.approx(room, abs=1)
    assert height == pytest.approx(width / 2, abs=1)
    # The way back starts at the cell's width, not where the mouse had gone to.
    assert picture.drag("e", -50, 0)[0] == pytest.approx(width - 50, abs=1)
    assert picture.double_click("e") == NATURAL


def test_a_picture_wider_than_its_cell_is_shown_whole(narrow: NotebookPage) -> None:
    picture = narrow.picture("wide")
    room = picture.room()
    assert room < 500
    width, height = picture.size()
    assert width == pytest.approx(room, abs=1)
    assert height == pytest.approx(width / 20, abs=1)
    smaller = picture.drag("e", -100, 0)
    assert smaller[0] == pytest.approx(width - 100, abs=1)
    assert smaller[1] == pytest.approx(smaller[0] / 20, abs=1)
    assert picture.drag("e", 300, 0)[0] == pytest.approx(room, abs=1)


def test_the_handles_give_the_output_no_scroll_bars(narrow: NotebookPage) -> None:
    for name in ("edges", "wide", "tiny", "many"):
        hidden = narrow.picture(name).box.evaluate(
            """box => {
              const { scrollWidth, clientWidth, scrollHeight, clientHeight } =
                box.closest(".jp-OutputArea-output");
              return [scrollWidth - clientWidth, scrollHeight - clientHeight];
            }"""
        )
        assert hidden == [0, 0], name


def test_a_fresh_page_has_no_errors_after_all_this(fresh: NotebookPage, chromium: Chromium) -> None:
    assert fresh.errors == []
    assert fresh.console_errors == []
    assert chromium.external == []


def test_trusted_outputs_have_handles_without_being_run(
    executed: Path, names: list[str], server: JupyterServer, chromium: Chromium, tmp_path: Path
) -> None:
    notebook = nbformat.read(executed, 4)
    notebook.cells = [notebook.cells[names.index("edges")]]
    nbformat.write(notebook, tmp_path / "edges.ipynb")
    with open_notebook(tmp_path / "edges.ipynb", ["edges"], server, chromium, "trusted") as page:
        assert all(page.trusted())
        check_edges(page.picture("edges"))
        assert page.errors == []


def test_untrusted_outputs_have_the_corner_of_css(untrusted: NotebookPage) -> None:
    picture = untrusted.picture("edges")
    assert not any(untrusted.trusted())
    assert picture.handles() == []
    assert picture.size() == NATURAL
    assert picture.drag_css_corner(100, 20) == (340, 170)
    assert picture.drag_css_corner(-140, 0) == (200, 100)


def test_an_exported_page_drags_offline(exported: HtmlPage, chromium: Chromium) -> None:
    check_edges(exported.picture("edges"))
    assert exported.errors == []
    assert chromium.external == []


def test_where_scripts_never_run_the_corner_of_css_is_left(chromium: Chromium) -> None:
    picture = np.random.default_rng(3).integers(0, 256, (120, 240, 3), dtype=np.uint8)
    page = Inserted(chromium, Picture(picture).html)  # as marimo does
    shown = page.picture("inserted")
    np.testing.assert_array_equal(shown.pixels()[..., :3], picture)
    assert shown.handles() == []
    assert shown.drag_css_corner(100, 20) == (340, 170)
    page.close()


def test_a_picture_in_a_row_of_others_can_be_dragged_larger(chromium: Chromium) -> None:
    html = Picture(np.zeros((60, 120), np.uint8), zoom=1).html
    page = Inserted(
        chromium, f"<div style='display:flex;gap:20px'>{html}{html}</div>", scripts=True
    )
    assert page.picture("inserted").drag("e", 50, 0) == (170, 85)
    page.close()


class Inserted(OpenPage):
    """A page into which HTML comes through innerHTML, so that its scripts run only if asked."""

    def __init__(self, browser: Chromium, html: str, *, scripts: bool = False) -> None:
        super().__init__(browser.new_page(), ["inserted"])
        self.page.evaluate("html => { document.body.innerHTML = html; }", html)
        if scripts:
            self.page.evaluate(
                """() => {
                  for (const script of document.querySelectorAll("script")) {
                    const twin = document.createElement("script");
                    twin.textContent = script.textContent;
                    script.replaceWith(twin);
                  }
                }"""
            )

    def output(self, name: str) -> ElementHandle:
        body = self.page.query_selector("body")
        assert body is not None
        return body
