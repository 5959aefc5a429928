"""A cell that is run again in JupyterLab: its explorers go on where they were."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.explorer import Viewer
from tests.e2e.harness import NotebookPage, wait_for

CELLS = {
    "setup": """
import numpy as np
from nbimage import nbview
def stack(offset, rows=60, dtype=np.uint16):
    values = np.arange(6 * rows * 80) % 251 + offset
    return values.reshape(6, rows, 80).astype(dtype)
asked = {}
options = {}
""",
    "twins": "for i in range(2): nbview(stack(i, **options), width=240, **asked)",
    "other": "nbview(stack(5), width=240)",
    "live": "nbview(stack(9, rows=600), embed=False, width=240, height=160, **asked)",
}


def viewers(page: NotebookPage, name: str) -> list[Viewer]:
    """The explorers that a cell shows."""
    css = ".nbimage-live" if name == "live" else ".nbimage-view"
    wait_for(lambda: page.output(name).query_selector(f"{css} .frame"), page.page)
    roots = page.output(name).query_selector_all(css)
    for i, root in enumerate(roots):
        root.evaluate("(e, name) => { e.dataset.test = name }", f"{name}{i}")
    return [Viewer(page.page, root=f"[data-test={name}{i}]") for i in range(len(roots))]


def seen(viewer: Viewer) -> list[Any]:
    """Zoom, index and what is read in the middle of what is seen."""
    index = viewer.find(".axes input[type=range]").first.input_value()
    return [viewer.percent(), index, viewer.move(60, 60).partition(":")[0]]


def change(viewer: Viewer, keys: tuple[str, ...]) -> None:
    viewer.press(*keys)
    viewer.drag((90, 90), (60, 70))


@pytest.fixture
def page(fresh: NotebookPage) -> NotebookPage:
    """The notebook as it is at first: explorers of other images have come in between."""
    assert fresh.execute("asked, options = {}, {'rows': 30}") == ""
    fresh.run_cell("twins")
    assert fresh.execute("options = {}") == ""
    fresh.run_cell("twins")
    return fresh


def test_a_cell_that_is_run_again_shows_each_view_as_it_was(page: NotebookPage) -> None:
    first, second = viewers(page, "twins")
    other = seen(viewers(page, "other")[0])
    change(first, ("1", "+", "+", "+", "+", "]"))
    change(second, ("1", "+", "+", "]", "]"))
    before = seen(first), seen(second)
    assert before[0] != before[1]
    for _ in range(2):
        page.run_cell("twins")
        again = viewers(page, "twins")
        assert (seen(again[0]), seen(again[1])) == before
    assert seen(viewers(page, "other")[0]) == other
    page.run_cell("other")
    assert seen(viewers(page, "other")[0]) == other
    assert page.errors == []


@pytest.mark.parametrize("options", ["{'rows': 61}", "{'dtype': np.float32}"])
def test_images_of_another_shape_or_dtype_begin_anew(page: NotebookPage, options: str) -> None:
    fresh = seen(viewers(page, "twins")[0])
    change(viewers(page, "twins")[0], ("1", "+", "]"))
    assert page.execute(f"options = {options}") == ""
    page.run_cell("twins")
    assert seen(viewers(page, "twins")[0])[1] == fresh[1]
    assert viewers(page, "twins")[0].percent() == fresh[0]


def test_what_the_caller_asks_for_anew_is_shown_and_all_else_stays(page: NotebookPage) -> None:
    change(viewers(page, "twins")[0], ("1", "+", "+", "]"))
    before = seen(viewers(page, "twins")[0])
    assert page.execute("asked = {'state': {'index': {0: 3}}}") == ""
    page.run_cell("twins")
    now = seen(viewers(page, "twins")[0])
    assert (now[0], now[1], now[2]) == (before[0], "3", before[2])
    assert page.execute("asked = {'state': {'viewport': np.s_[:30, :40]}}") == ""
    page.run_cell("twins")
    assert viewers(page, "twins")[0].percent() == 600


def test_limits_that_were_chosen_stay_until_others_are_asked_for(page: NotebookPage) -> None:
    viewer = viewers(page, "twins")[0]
    viewer.press("i")
    inverted = viewer.pixels()
    page.run_cell("twins")
    viewers(page, "twins")[0].shows(inverted)
    assert page.execute("asked = {'vmin': 0, 'vmax': 100}") == ""
    page.run_cell("twins")
    viewer = viewers(page, "twins")[0]
    bright = viewer.pixels()
    assert (bright != inverted).any()
    page.run_cell("twins")
    viewers(page, "twins")[0].shows(bright)


def test_a_live_view_that_is_run_again_tells_python_what_it_kept(page: NotebookPage) -> None:
    assert page.execute("asked = {}") == ""
    page.run_cell("live")
    viewer = viewers(page, "live")[0]
    viewer.press("1", "]", "]")
    viewer.rest()
    before = seen(viewer)
    page.run_cell("live")
    viewer = viewers(page, "live")[0]
    viewer.rest()
    assert seen(viewer) == before
    assert page.errors == []
