"""Trees of arrays, tables and progress bars on the page: folded, narrow, copied, untrusted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from playwright.sync_api import Page

import nbimage
from nbimage.page.html import document_html
from nbimage.page.trees import stable_ids
from nbimage.trees.bundles import make_tree
from tests.e2e.harness import Chromium, NotebookPage, OpenPage

CELLS = {
    "setup": """
%load_ext nbimage
import numpy as np, pandas as pd, nbimage
from nbimage.base import progress
progress._DELAY = 0
gray = np.random.default_rng(3).random((40, 50))
""",
    "done": "nbimage.Video(np.zeros((9, 16, 16), np.uint8), progress=True); print('done')",
    "stopped": """
try:
    with progress.progress_bar("work", 2, True) as count:
        count(1)
        raise KeyboardInterrupt
except KeyboardInterrupt:
    print("done")
""",
    "tree": "{'image': gray, 'line': gray[0], 'nest': {'deep': [gray > 0.5], 'n': 7}}",
    "table": "nbimage.show_images(pd.DataFrame({'x': [0.5, 1 / 3], 'image': [gray, gray]}))",
}
GRAY = np.random.default_rng(3).random((40, 50))
TREE: dict[str, Any] = {
    "image": GRAY,
    "a rather long name of a thing": GRAY[0],
    "nest": {"deep": [GRAY > 0.5, {"deeper": np.arange(9)}], "n": 7},
    "text": "a text that is longer than its line " * 3,
}


@pytest.fixture
def tab(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


def open_page(tab: Page, folder: Path, *bundles: Any) -> None:
    path = folder / "page.html"
    path.write_text(document_html("".join(one[0]["text/html"] for one in bundles), "x"), "utf-8")
    tab.goto(path.as_uri())


def copied(page: OpenPage, name: str) -> str:
    """The text that a selection of the whole output would copy."""
    text: str = page.output(name).evaluate(
        """node => {
          const range = document.createRange();
          range.selectNodeContents(node);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
          const text = getSelection().toString();
          getSelection().removeAllRanges();
          return text;
        }"""
    )
    return text


@pytest.mark.parametrize("name", ["done", "stopped"])
def test_a_progress_bar_leaves_no_room_behind(fresh: NotebookPage, name: str) -> None:
    shown = fresh.output(name).query_selector_all(":scope > .jp-OutputArea-child")
    assert [one.inner_text().strip() for one in shown] == ["done"]


def test_a_trees_numbers_are_copied_and_its_drawings_are_not(fresh: NotebookPage) -> None:
    words = copied(fresh, "tree").split()
    assert words[words.index("line") :][:3] == ["line", "50", "float64"]
    assert words[words.index("nest") :][:4] == ["nest", "dict", "of", "2"]
    assert not [word for word in words if word in {"▸", "▾", "▶", "▼"} or "data:" in word]


def test_a_tables_numbers_are_copied(fresh: NotebookPage) -> None:
    words = copied(fresh, "table").split()
    assert words[-4:] == ["0", "0.500000", "1", "0.333333"]


STACK = np.random.default_rng(3).integers(0, 255, (3, 40, 50), dtype=np.uint8)
PICTURES: dict[str, Any] = {
    "picture": lambda: nbimage.Picture(GRAY, colorbar="K", x=True, y=True, xlabel="X"),
    "scale bar": lambda: nbimage.Picture(GRAY, pixel_size=2, unit="um"),
    "histogram": lambda: nbimage.Picture(GRAY, histogram=True),
    "grid": lambda: nbimage.Grid([GRAY, GRAY + 1], colorbar=True),
    "grid of rows": lambda: nbimage.Grid([[GRAY, GRAY], [GRAY, GRAY]], colorbar=True, x=True),
    "grid with a bar each": lambda: nbimage.Grid([GRAY, GRAY + 1], shared=False, colorbar=True),
    "video": lambda: nbimage.Video(STACK, colorbar=True, x=True),
    "view": lambda: nbimage.View(GRAY),
}


@pytest.mark.parametrize("width", [400, 1000])
@pytest.mark.parametrize("name", PICTURES)
def test_no_tick_of_a_picture_is_copied(tab: Page, tmp_path: Path, name: str, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    open_page(tab, tmp_path, PICTURES[name]()._repr_mimebundle_())
    text = tab.evaluate(
        """() => {
          getSelection().selectAllChildren(document.body);
          return getSelection().toString();
        }"""
    )
    assert not [letter for letter in text if letter.isdigit()]


@pytest.mark.parametrize("way", ["fresh", "untrusted"])
def test_a_tree_folds_without_scripts(request: pytest.FixtureRequest, way: str) -> None:
    root = request.getfixturevalue(way).output("tree")
    folds = root.query_selector_all("details")
    assert [fold.evaluate("node => node.open") for fold in folds] == [True] * 3
    line = folds[1].query_selector("img")
    assert line is not None
    assert line.is_visible()
    summary = folds[1].query_selector("summary")
    assert summary is not None
    summary.click()
    assert not line.is_visible()
    summary.click()
    assert line.is_visible()
    assert [image.evaluate("node => node.naturalWidth > 0") for image in
            root.query_selector_all("img")] == [True] * 4  # fmt: skip


def starts(root: Any, text: str) -> list[float]:
    """Where texts begin, from the left."""
    found: list[float] = root.evaluate(
        """(node, text) => [...node.querySelectorAll("span")]
          .filter(one => !one.children.length && one.textContent === text)
          .map(one => one.getBoundingClientRect().left)""",
        text,
    )
    return found


@pytest.mark.parametrize("way", ["fresh", "untrusted"])
def test_columns_stand_in_line_at_every_depth(request: pytest.FixtureRequest, way: str) -> None:
    root = request.getfixturevalue(way).output("tree")
    shapes = starts(root, "40 × 50") + starts(root, "50")
    assert len(shapes) == 3
    assert max(shapes) - min(shapes) <= 1


@pytest.mark.parametrize("letters", range(1, 24))
def test_a_short_name_is_one_line_at_every_depth(tab: Page, tmp_path: Path, letters: int) -> None:
    tab.set_viewport_size({"width": 1200, "height": 700})
    line = {"n" * letters: np.zeros((3, 4))}
    open_page(tab, tmp_path, make_tree({"a": line, "b": {"c": {"d": line}}}))
    heights = tab.evaluate(
        """() => [...document.querySelectorAll("details")].map(node => node.open = true) &&
          [...document.querySelectorAll("code")].map(node => node.getClientRects().length)"""
    )
    assert set(heights) == {1}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [300, 420, 900, 1600])
def test_nothing_is_wider_than_the_page(tab: Page, tmp_path: Path, width: int, scheme: Any) -> None:
    tab.set_viewport_size({"width": width, "height": 700})
    tab.emulate_media(color_scheme=scheme)
    open_page(tab, tmp_path, make_tree(TREE))
    for fold in tab.query_selector_all("details"):
        fold.evaluate("node => node.open = true")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tree = tab.query_selector(".nbimage-tree")
    assert tree is not None
    assert tree.evaluate("node => node.scrollWidth <= node.clientWidth")
    overlapping = tab.evaluate(
        """() => {
          const texts = [...document.querySelectorAll("span, code, img")].filter(
            one => !one.closest("summary") && !one.children.length && one.getClientRects().length);
          const boxes = texts.map(one => one.getBoundingClientRect());
          return boxes.some((a, i) => boxes.some((b, j) => i < j
            && a.left < b.right - 1 && b.left < a.right - 1
            && a.top < b.bottom - 4 && b.top < a.bottom - 4));
        }"""
    )
    assert not overlapping


def test_what_is_opened_in_one_output_stays_closed_in_an_equal_one(
    tab: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stable_ids, "find_cell", lambda: ("cell", 1))
    data = xarray.Dataset({"t": (("y", "x"), GRAY, {"units": "K"})}, {"y": np.arange(40.0)})
    open_page(tab, tmp_path, make_tree(data), make_tree(data))
    for fold in tab.query_selector_all("details"):
        fold.evaluate("node => node.open = true")
    checks = tab.query_selector_all("input.xr-var-attrs-in")
    labels = tab.query_selector_all("input.xr-var-attrs-in + label")
    half = len(checks) // 2
    unit = next(i for i in range(half) if checks[i].evaluate("node => !node.disabled"))
    labels[half + unit].click()
    states = [check.evaluate("node => node.checked") for check in checks]
    assert [i for i, state in enumerate(states) if state] == [half + unit]
