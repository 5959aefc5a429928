"""Projections in a real browser: equal to NumPy's, embedded and by tiles, with limits that fit."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Picture, View
from tests.e2e.explorer import (
    READING,
    Viewer,
    exploring,
    opened,
    place_of,
    rgba,
    values_of,
)
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.test_view_axes import at_sample, check_shown
from tests.e2e.tiles_server import TiledViewer, tiled

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(29)
KINDS = ("max", "mean", "min", "sum", "std")
SHAPE = 24, 32
STACK = RANDOM.normal(1e4, 30, (3, 5, *SHAPE))
STACK[RANDOM.random(STACK.shape) < 0.2] = np.nan
WHOLE = RANDOM.integers(0, 65536, (4, *SHAPE), np.uint16)
LABELS = RANDOM.integers(0, 9, (4, *SHAPE), np.uint16)
COLORS = RANDOM.integers(0, 256, (4, *SHAPE, 3), np.uint8)
LARGE = RANDOM.integers(0, 4000, (3, 4, 300, 500), np.uint16)
VIEWS: dict[str, Any] = {
    "floats": lambda: View(STACK, axes="tzyx", exact=True, state={"index": {"t": 1}}),
    "whole": lambda: View(WHOLE, axes="zyx"),
    "labels": lambda: View(LABELS, axes="zyx", labels=True),
    "colors": lambda: View(COLORS, axes="zyxs"),
    "first": lambda: View(WHOLE, axes="zyx", state={"projections": {"z": ("sum", 1, 2)}}),
    "two": lambda: View({"a": WHOLE, "b": WHOLE // 2}, axes="zyx", width=400, height=200),
    "facets": lambda: View(STACK, axes="tzyx", facet="t", exact=True, width=600, height=200),
    "ortho": lambda: View(WHOLE, axes="zyx", ortho=True),
    "plane": lambda: View(WHOLE[0]),
}


@pytest.fixture(scope="module")
def page(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """All explorers on one page."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        views = [make() for make in VIEWS.values()]
    with exploring(chromium, tmp_path_factory.mktemp("projections"), *views) as page:
        yield page


def viewer_of(page: Page, name: str) -> Viewer:
    viewer = Viewer(page, list(VIEWS).index(name))
    viewer.press("1")
    return viewer


# Every text that is read, in every frame.
COLLECT = """() => {
  const root = [...document.querySelectorAll("*")].map((one) => one.shadowRoot).find(Boolean);
  const texts = (globalThis.texts = []);
  const look = () => {
    texts.push(READING(root.querySelector(".readout > :first-child")));
    requestAnimationFrame(look);
  };
  look();
}""".replace("READING", f"({READING})")


def choose(viewer: Viewer, axis: str, kind: str) -> None:
    viewer.named(f"Planes of {axis}").select_option(kind)
    viewer.settle()


def nan(kind: str, part: Array, axis: Any) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(getattr(np, f"nan{kind}")(part, axis=axis))


def number(text: str) -> float:
    return float(values_of(text)[0].replace("−", "-"))


def check_values(viewer: Viewer, expected: Array) -> None:
    for row, column in ((0, 0), (7, 20), (23, 31)):

        def equal(row: int = row, column: int = column) -> bool:
            found = number(at_sample(viewer, row, column))
            return bool(np.isclose(found, expected[row, column], rtol=1e-12, equal_nan=True))

        wait_for(equal, viewer.page)


@pytest.mark.parametrize("kind", KINDS)
def test_a_projection_of_all_planes_has_numpys_values(page: Page, kind: str) -> None:
    viewer = viewer_of(page, "floats")
    choose(viewer, "z", kind)
    check_values(viewer, nan(kind, STACK[1], 0))
    choose(viewer, "t", kind)
    check_values(viewer, nan(kind, STACK, (0, 1)))
    choose(viewer, "t", "")
    choose(viewer, "z", "")
    check_values(viewer, STACK[1, 0])


def test_what_is_read_is_called_a_projection_once_it_is_one(
    chromium: Chromium, tmp_path: Path
) -> None:
    rising = np.arange(40, dtype=np.float32)[:, None, None] + np.zeros((512, 512), np.float32)
    path = View(rising, axes="zyx").save(tmp_path / "rising.html")
    page = chromium.new_page()
    try:
        page.goto(path.as_uri())
        viewer = Viewer(page)
        viewer.move(50, 50)
        page.evaluate(COLLECT)
        for kind in ("max", "sum", "mean", ""):
            choose(viewer, "z", kind)
            wait_for(lambda kind=kind: kind in viewer.move(50, 50), page)
        texts = page.evaluate("texts")
    finally:
        page.context.close()
    values = {"max": 39, "sum": 780, "mean": 19.5, "": 0}
    assert len({text for text in texts if "of z" in text}) >= 3
    for text in texts:
        kind = next((kind for kind in ("max", "sum", "mean") if f"{kind} of z" in text), "")
        assert number(text) == values[kind], text


def test_the_slider_is_a_range_that_keys_move(page: Page) -> None:
    viewer = viewer_of(page, "whole")
    assert viewer.named("z").is_visible()
    choose(viewer, "z", "max")
    assert not viewer.named("z").is_visible()
    first, last = viewer.named("first of z"), viewer.named("last of z")
    assert [first.input_value(), last.input_value()] == ["0", "3"]
    check_shown(viewer, rgba(Picture(WHOLE.max(0), int(WHOLE.min()), int(WHOLE.max())).render()))
    first.focus()
    page.keyboard.press("ArrowRight")
    last.focus()
    page.keyboard.press("ArrowLeft")
    check_values(viewer, WHOLE[1:3].max(0))
    assert viewer.find(".project output").inner_text() == "1\N{EN DASH}2"
    choose(viewer, "z", "")
    assert viewer.named("z").is_visible()


def test_a_sum_has_limits_of_its_own_and_slices_have_theirs_again(page: Page) -> None:
    viewer = viewer_of(page, "whole")
    before = rgba(Picture(WHOLE[0], int(WHOLE.min()), int(WHOLE.max())).render())
    check_shown(viewer, before)
    choose(viewer, "z", "sum")
    total = WHOLE.sum(0)
    check_shown(viewer, rgba(Picture(total.astype(float)).render()))
    choose(viewer, "z", "mean")
    mean = Picture(WHOLE.mean(0), int(WHOLE.min()), int(WHOLE.max())).render()
    check_shown(viewer, rgba(mean))
    choose(viewer, "z", "")
    check_shown(viewer, before)


def test_labels_have_the_largest_and_the_smallest_alone(page: Page) -> None:
    viewer = viewer_of(page, "labels")
    options = viewer.named("Planes of z").locator("option").all_inner_texts()
    assert options == ["slice", "max", "min"]
    choose(viewer, "z", "max")
    check_values(viewer, LABELS.max(0))


def test_colors_are_projected_channel_by_channel(page: Page) -> None:
    viewer = viewer_of(page, "colors")
    choose(viewer, "z", "min")
    check_shown(viewer, rgba(COLORS.min(0)))


def test_a_view_begins_with_a_projection_and_copies_it(page: Page) -> None:
    viewer = viewer_of(page, "first")
    check_values(viewer, WHOLE[1:3].sum(0))
    check_shown(viewer, rgba(Picture(WHOLE[1:3].sum(0).astype(float)).render()))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer.find("[aria-label='Save and copy']").click()
    entry = viewer.root.get_by_role("menuitem").filter(has_text=re.compile("copy", re.I))
    names = entry.all_inner_texts()
    chosen = next(name for name in names if "view" in name.lower())
    entry.filter(has_text=chosen).first.click()
    assert '"projections": {"z": ["sum", 1, 2]}' in viewer.copied()


def test_compared_images_are_projected_alike(page: Page) -> None:
    viewer = viewer_of(page, "two")
    choose(viewer, "z", "max")
    expected = WHOLE.max(0)
    wait_for(lambda: f"{expected[12, 16]}" in viewer.move(*_middle(viewer)), page)


def _middle(viewer: Viewer) -> tuple[float, float]:
    width, height = viewer.size()
    left, top = (width - SHAPE[1] + 1) // 2, (height - SHAPE[0] + 1) // 2
    return left + 16.5, top + 12.5


def test_facets_are_projected_along_the_other_axis(page: Page) -> None:
    viewer = viewer_of(page, "facets")
    choose(viewer, "z", "mean")
    expected = [nan("mean", STACK[pane], 0)[5, 6] for pane in range(3)]

    def equal() -> bool:
        found = re.findall(r"t = \d: ([\d.]+)", at_sample(viewer, 5, 6))
        return len(found) == 3 and np.allclose(list(map(float, found)), expected, rtol=1e-12)

    wait_for(equal, page)


def test_there_is_no_switch_where_nothing_can_be_projected(page: Page) -> None:
    for name in ("ortho", "plane"):
        assert viewer_of(page, name).find(".project").count() == 0


def check_tiles(viewer: TiledViewer, expected: Array) -> None:
    for x, y in ((20, 30), (290, 100), (470, 270)):
        found = viewer.read(x + 0.5, y + 0.5)
        column, row = place_of(found)
        assert np.isclose(number(found), expected[row, column], rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_of_a_projection_have_numpys_values(chromium: Chromium, kind: str) -> None:
    view = View(LARGE, axes="tzyx", embed=False, width=500, height=300)
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        choose(viewer, "z", kind)
        viewer.rest()
        check_tiles(viewer, nan(kind, LARGE[0], 0))
        choose(viewer, "t", kind)
        viewer.rest()
        check_tiles(viewer, nan(kind, LARGE, (0, 1)))
        planes = {numbers[1] for numbers in viewer.server.asked}
        assert f"{kind}0-2.{kind}0-3" in planes


def test_a_folder_of_tiles_has_no_switch(chromium: Chromium, tmp_path: Path) -> None:
    view = View(LARGE, axes="tzyx", embed=False, state={"projections": {"z": "max"}})
    view.export(tmp_path / "out", raw=True, progress=False)
    page = opened(chromium, (tmp_path / "out" / "index.html").as_uri())
    viewer = Viewer(page, root=".nbimage-tiled")
    viewer.rest()
    assert viewer.find(".project").count() == 0
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()
