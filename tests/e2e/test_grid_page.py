"""A grid on the page: it flows, is dragged, enlarged, walked by keys and read aloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video
from tests.e2e.harness import Chromium, HtmlPage, NotebookPage, OpenPage

CELLS = {
    "setup": """
import numpy as np
from nbimage import nbgrid
arrays = np.random.default_rng(3).normal(size=(7, 80, 120))
""",
    "grid": "nbgrid(arrays, list('abcdefg'), columns=4, title='Seven', zoom=1)",
    "rows": "nbgrid([list(arrays[:3]), list(arrays[3:5])], shared='row', zoom=1)",
    "pages": "nbgrid(arrays, page=4)",
    "live": "nbgrid(arrays, columns=3, zoom=1, display_id='grids')",
    "again": "nbgrid(-arrays, columns=3, zoom=1, display_id='grids')",
}
RANDOM = np.random.default_rng(3)
ARRAYS = RANDOM.normal(size=(12, 40, 60))
Rectangle = tuple[float, float, float, float]
Open = Callable[..., AbstractContextManager["GridPage"]]


class GridPage(OpenPage):
    """A grid's own page."""

    def __init__(self, browser: Chromium, path: Path, width: int = 1000) -> None:
        super().__init__(browser.new_page(), [])
        self.page.set_viewport_size({"width": width, "height": 700})
        self.page.goto(path.as_uri())
        settle(self.page)

    def places(self) -> list[Rectangle]:
        return places(self.page)

    def layout(self) -> list[Rectangle]:
        """The same, wherever the page has been scrolled to."""
        down = self.page.evaluate("() => scrollY")
        return [(x, y + down, width, height) for x, y, width, height in self.places()]

    def widths(self) -> list[float]:
        return [round(width, 1) for _, _, width, _ in self.places()]

    def in_rows(self) -> list[int]:
        """How many pictures stand in each row."""
        tops = [top for _, top, _, _ in self.places()]
        return [tops.count(top) for top in sorted(set(tops))]

    def style(self, index: int, name: str) -> str:
        return self.page.evaluate(
            "([i, name]) => getComputedStyle(document.querySelectorAll("
            "'.nbimage-media > :first-child')[i])[name]",
            [index, name],
        )

    def focused(self) -> int:
        return focused(self.page)

    def drag(self, index: int, edge: str, dx: float, dy: float) -> None:
        drag(self.page, self.places()[index], edge, dx, dy)

    def click(self, index: int) -> None:
        left, top, width, height = self.places()[index]
        self.page.mouse.click(left + width / 2, top + height / 2)
        settle(self.page)

    def press(self, *keys: str) -> None:
        press(self.page, *keys)


def settle(page: Page) -> None:
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


def places(page: Page) -> list[Rectangle]:
    """Left, top, width and height of each picture in the window."""
    found = page.evaluate(
        """() => [...document.querySelectorAll(".nbimage-media")].map(item => {
          const { x, y, width, height } = item.getBoundingClientRect();
          return [x, y, width, height];
        })"""
    )
    return [(x, y, width, height) for x, y, width, height in found]


def focused(page: Page) -> int:
    return page.evaluate(
        "() => [...document.querySelectorAll('.nbimage-media')].indexOf(document.activeElement)"
    )


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    settle(page)


def drag(page: Page, place: Rectangle, edge: str, dx: float, dy: float) -> None:
    left, top, width, height = place
    x = left + (width - 3 if "e" in edge else 3 if "w" in edge else width / 2)
    y = top + (height - 3 if "s" in edge else 3 if "n" in edge else height / 2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=5)
    page.mouse.up()
    settle(page)


@pytest.fixture
def open_grid(chromium: Chromium, tmp_path: Path) -> Open:
    """Save a grid as a page and open it; whatever its scripts throw fails the test."""

    @contextmanager
    def opened(grid: Grid, width: int = 1000) -> Iterator[GridPage]:
        page = GridPage(chromium, grid.save(tmp_path / "grid.html"), width)
        try:
            yield page
            assert page.errors == []
            assert page.console_errors == []
            assert chromium.external == []
        finally:
            page.close()

    return opened


# ------------------------------------------------------------------------------- how it flows


def test_as_many_columns_as_fit_and_all_of_one_size(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, width=100, colorbar=False)) as page:
        assert page.in_rows() == [6, 6]  # where there is room for 9
        for width in (700, 300, 1280):
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            across = (width - 32 + 8) // 108
            assert page.in_rows()[0] == min(6, across)
            assert set(page.widths()) == {100}


def test_a_narrow_page_shows_pictures_no_wider_than_itself(open_grid: Open) -> None:
    for columns in ("auto", 1, 3):
        with open_grid(Grid(ARRAYS[:3], width=600, columns=columns), 300) as page:
            assert all(x > 0 and x + width <= 300 for x, _, width, _ in page.places())
            assert page.page.evaluate("() => document.documentElement.scrollWidth") <= 300


def test_columns_asked_for_shrink_with_the_page_and_keep_their_ratio(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, columns=4, width=300)) as page:
        for width in (1280, 800, 400):
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            assert page.in_rows() == [4, 4, 4]
            for _, _, wide, tall in page.places():
                assert wide == pytest.approx(1.5 * tall, abs=1)
                assert wide <= width / 4


def test_the_colorbar_stands_beside_the_pictures_and_stays_in_sight(open_grid: Open) -> None:
    bar = """() => {
      const { x, y } = document.querySelector(".nbimage-bar").getBoundingClientRect();
      return [x, y];
    }"""
    with open_grid(Grid(ARRAYS[:3])) as page:
        last = page.places()[-1]
        left, _ = page.page.evaluate(bar)
        assert 0 < left - (last[0] + last[2]) < 40
    with open_grid(Grid(RANDOM.normal(size=(60, 99, 99)))) as page:
        _, before = page.page.evaluate(bar)
        page.page.evaluate("() => scrollTo(0, 500)")
        settle(page.page)
        _, after = page.page.evaluate(bar)
        assert 0 <= after <= before


def test_pictures_of_differing_sizes_keep_their_relative_scale(open_grid: Open) -> None:
    sizes = (30, 60, 120)
    grid = Grid([RANDOM.normal(size=(n, n)) for n in sizes], columns=3)
    with open_grid(grid) as page:
        assert page.widths() == [60, 120, 240]
        page.drag(1, "e", 30, 0)
        assert page.widths() == [75, 150, 300]
        assert [round(height, 1) for *_, height in page.places()] == [75, 150, 300]


def test_row_titles_heads_and_pictures_are_in_line(open_grid: Open) -> None:
    import xarray as xr

    cube = xr.DataArray(RANDOM.normal(size=(2, 3, 40, 60)), dims=("run", "step", "y", "x"))
    with open_grid(Grid(cube)) as page:
        first = page.places()
        assert page.in_rows() == [3, 3]
        assert [x for x, *_ in first[:3]] == [x for x, *_ in first[3:]]
        for j in range(3):
            text = page.page.get_by_text(f"step = {j}").bounding_box()
            assert text is not None
            assert text["x"] + text["width"] / 2 == pytest.approx(
                first[j][0] + first[j][2] / 2, abs=4
            )
        for i in range(2):
            text = page.page.get_by_text(f"run = {i}").bounding_box()
            assert text is not None
            assert text["x"] + text["width"] <= first[3 * i][0]
            middle = first[3 * i][1] + first[3 * i][3] / 2
            assert text["y"] + text["height"] / 2 == pytest.approx(middle, abs=4)


# --------------------------------------------------------------------------------- the pointer


@pytest.mark.parametrize(
    ("edge", "move", "width"),
    [
        ("e", (30, 0), 90),
        ("s", (0, 20), 90),
        ("se", (30, 5), 90),
        ("w", (-15, 0), 75),
        ("n", (0, -10), 75),
        ("e", (-20, 0), 40),
    ],
)
def test_dragging_an_edge_of_one_resizes_all(
    open_grid: Open, edge: str, move: tuple[int, int], width: int
) -> None:
    for columns in ("auto", 4):
        with open_grid(Grid(ARRAYS, width=60, columns=columns)) as page:
            page.drag(2, edge, *move)
            assert set(page.widths()) == {width}
            for _, _, wide, tall in page.places():
                assert wide == pytest.approx(1.5 * tall, abs=0.6)


def test_a_dragged_edge_stays_below_the_pointer(open_grid: Open) -> None:
    """Also where a figure has a colorbar, which takes its share of the column."""
    with open_grid(Grid(ARRAYS[:2], shared=False, columns=2, width=200)) as page:
        left, _, width, _ = page.places()[0]
        page.drag(0, "e", 50, 0)
        assert page.places()[0][0] == pytest.approx(left, abs=1)
        assert page.places()[0][2] == pytest.approx(width + 50, abs=1.5)


def test_a_drag_ends_at_the_page_and_the_way_back_starts_there(open_grid: Open) -> None:
    for columns in ("auto", 3):
        with open_grid(Grid(ARRAYS[:6], columns=columns, width=90, colorbar=False)) as page:
            page.drag(0, "e", 890, 0)
            most = page.widths()[0]
            assert most == pytest.approx(968 if columns == "auto" else (968 - 16) / 3, abs=1)
            page.drag(0, "e", -40, 0)
            assert page.widths()[0] == pytest.approx(most - 40, abs=1)
            page.press("Escape")
            assert set(page.widths()) == {90}


def test_a_double_click_on_an_edge_restores(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, width=60)) as page:
        page.drag(0, "e", 30, 0)
        left, top, width, height = page.places()[0]
        page.page.mouse.dblclick(left + width - 3, top + height / 2)
        settle(page.page)
        assert set(page.widths()) == {60}


def test_the_cursor_says_what_a_press_would_do(open_grid: Open) -> None:
    cursor = "() => getComputedStyle(document.querySelector('.nbimage-media')).cursor"
    with open_grid(Grid(ARRAYS, width=90)) as page:
        left, top, width, height = page.places()[0]
        for x, y, shape in (
            (width / 2, height / 2, "zoom-in"),
            (width - 2, height / 2, "e-resize"),
            (width / 2, height - 2, "s-resize"),
            (width - 2, height - 2, "se-resize"),
        ):
            page.page.mouse.move(left + x, top + y)
            assert page.page.evaluate(cursor) == shape
        page.click(0)
        left, top, width, height = page.places()[0]
        page.page.mouse.move(left + width / 2, top + 30)
        assert page.page.evaluate(cursor) == "zoom-out"


@pytest.mark.parametrize("columns", ["auto", 1, 4])
def test_a_click_enlarges_one_and_moves_only_what_is_below_its_row(
    open_grid: Open, columns: Any
) -> None:
    with open_grid(Grid(ARRAYS, [str(i) for i in range(12)], columns=columns, width=90)) as page:
        before = page.layout()
        page.click(0)
        after = page.layout()
        assert after[0][2] > 3 * before[0][2]
        assert after[0][2] == pytest.approx(1.5 * after[0][3], abs=1)
        assert after[0][0] + after[0][2] <= 1000
        for old, new in zip(before[1:], after[1:], strict=True):
            assert new[2:] == old[2:]
            assert new[0] == old[0]
            if old[1] == before[0][1]:  # of the same row
                assert new[1] == old[1]
        page.press("Escape")
        assert page.layout() == before


def test_enlarging_another_reduces_the_first_and_a_second_click_too(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, columns=6, width=90)) as page:
        before = page.layout()
        page.click(1)
        page.click(3)
        after = page.layout()
        assert after[1] == before[1]
        assert after[3][2] > 3 * before[3][2]
        page.click(3)
        assert page.layout() == before


def test_facets_stay_in_line_while_one_is_enlarged(open_grid: Open) -> None:
    import xarray as xr

    cube = xr.DataArray(RANDOM.normal(size=(3, 4, 40, 60)), dims=("run", "step", "y", "x"))
    with open_grid(Grid(cube)) as page:
        before = page.layout()
        page.click(5)
        after = page.layout()
        assert after[5][2] > 600
        others = [i for i in range(12) if i != 5]
        assert [after[i][0] for i in others] == [before[i][0] for i in others]
        rows = [[after[i][1] for i in others if i // 4 == row] for row in range(3)]
        assert [len(set(row)) for row in rows] == [1, 1, 1]
        assert rows[1][0] < after[5][1] < rows[2][0]


def test_an_enlarged_picture_follows_the_page(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, width=90)) as page:
        page.click(4)
        page.page.set_viewport_size({"width": 400, "height": 700})
        settle(page.page)
        left, _, width, _ = page.places()[4]
        assert left + width <= 400
        assert width > 250
        rows = [top for _, top, _, _ in page.places()]
        assert rows[4] > rows[0]
        page.press("Escape")
        assert set(page.widths()) == {90}


def test_crisp_when_enlarged_and_smooth_when_reduced(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, zoom=1, columns=6)) as page:
        assert page.style(0, "imageRendering") == "pixelated"
        page.drag(0, "e", -20, 0)
        assert page.style(0, "imageRendering") == "auto"
        page.click(2)
        assert page.style(2, "imageRendering") == "pixelated"
        assert page.style(3, "imageRendering") == "auto"
    with open_grid(Grid(RANDOM.normal(size=(4, 900, 900)), columns=4)) as page:
        assert page.style(0, "imageRendering") == "auto"  # the page has made them smaller
        page.click(0)
        assert page.style(0, "imageRendering") == "auto"  # 900 pixels are not on the page yet


# ------------------------------------------------------------------------------------ the keys


def test_one_tab_stop_and_arrow_keys_in_reading_order(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, columns=5, width=60)) as page:
        page.press("Tab")
        assert page.focused() == 0
        steps = {
            "ArrowRight": [1, 2],
            "ArrowDown": [7, 11, 11],
            "ArrowUp": [6, 1, 1],
            "ArrowLeft": [0, 0],
            "End": [11],
            "Home": [0],
        }
        for key, expected in steps.items():
            for index in expected:
                page.press(key)
                assert page.focused() == index, key
        page.press("ArrowDown", "Tab")
        assert page.focused() == -1
        page.press("Shift+Tab")
        assert page.focused() == 5
        assert page.page.locator(".nbimage-media[tabindex='0']").count() == 1


def test_arrow_keys_pass_over_gaps(open_grid: Open) -> None:
    rows = [[ARRAYS[0], ARRAYS[1], ARRAYS[2]], [ARRAYS[3]], [None, None, ARRAYS[4]]]
    with open_grid(Grid(rows)) as page:
        page.press("Tab", "ArrowRight", "ArrowRight", "ArrowDown")
        assert page.focused() == 3
        page.press("ArrowDown")
        assert page.focused() == 4


def test_keys_enlarge_resize_and_restore(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, columns=4, width=90)) as page:
        before = page.layout()
        page.press("Tab", "ArrowRight")
        for key in ("Enter", " "):
            page.press(key)
            assert page.places()[1][2] > 3 * 90
            page.press(key)
            assert page.layout() == before
        page.press("+")
        assert set(page.widths()) == {106}
        page.press("-", "-")
        assert set(page.widths()) == {74}
        page.press("Enter", "Escape")
        assert set(page.widths()) == {74}
        page.press("Escape")
        assert page.layout() == before
        assert page.focused() == 1


def test_the_focus_is_seen_when_it_comes_by_key(open_grid: Open) -> None:
    outline = "() => getComputedStyle(document.activeElement).outlineStyle"
    with open_grid(Grid(ARRAYS, width=90)) as page:
        page.press("Tab", "ArrowRight")
        assert page.page.evaluate(outline) == "solid"
        page.drag(3, "e", 10, 0)
        assert page.focused() == 3
        assert page.page.evaluate(outline) == "none"


def test_the_names_are_what_a_screen_reader_says(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS[:2], ["first", "second"])) as page:
        tree = page.page.locator("body").aria_snapshot()
        lines = [line.strip() for line in tree.splitlines()]
        assert 'list "2 pictures: arrow keys walk' in lines[0]
        assert sum("listitem" in line for line in lines) == 2
        assert 'img "first: Gray picture, 40 × 60, values from' in tree
        assert 'img "second: Gray picture, 40 × 60, values from' in tree


# ------------------------------------------------------------------------- what else it may hold


def test_a_video_plays_within_the_grid_and_the_keys_walk_past_it(open_grid: Open) -> None:
    frames = RANDOM.integers(0, 256, (30, 64, 96), dtype=np.uint8)
    grid = Grid([ARRAYS[0], Video(frames, progress=False), ARRAYS[1]], ["a", "b", "c"])
    with open_grid(grid) as page:
        page.page.evaluate("() => document.querySelector('video').play()")
        page.page.wait_for_function("() => document.querySelector('video').currentTime > 0.1")
        page.press("Tab", "ArrowRight")
        assert page.focused() == 1
        page.press("ArrowRight")
        assert page.focused() == 2
        page.press("ArrowLeft")
        before = page.layout()
        page.press("Enter")
        assert page.places()[1][2] > 2 * before[1][2]
        page.press("Escape")
        assert page.layout() == before


def test_a_figure_with_axes_is_enlarged_with_them(open_grid: Open) -> None:
    picture = Picture(ARRAYS[0], x=True, y=True, colorbar="K", title="axes")
    with open_grid(Grid([picture, ARRAYS[1]])) as page:
        before = page.layout()
        page.click(0)
        left, _, width, _ = page.places()[0]
        assert width > 500
        figure = page.page.locator(".nbimage-figure").bounding_box()
        assert figure is not None
        assert figure["x"] < left
        assert left + width < figure["x"] + figure["width"] <= 1000
        page.press("Escape")
        assert page.layout() == before


def test_more_opens_the_next_page_and_one_drag_resizes_both(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, page=5, width=60)) as page:
        seen = page.page.locator(".nbimage-media:visible")
        assert seen.count() == 5
        page.page.get_by_text("more: 6 to 10 of 12").click()
        settle(page.page)
        assert seen.count() == 10
        page.drag(0, "e", 20, 0)
        page.page.get_by_text("more: 11 to 12 of 12").click()
        settle(page.page)
        assert seen.count() == 12
        assert page.widths() == [80] * 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_are_readable_on_light_and_dark_pages(
    chromium: Chromium, tmp_path: Path, scheme: Any
) -> None:
    grid = Grid([*ARRAYS[:2], "x"], ["a", "b", "c"], title="All", errors="show", page=2)
    page = chromium.new_page()
    page.emulate_media(color_scheme=scheme)
    page.goto(grid.save(tmp_path / "grid.html").as_uri())
    colors = page.evaluate(
        """() => {
          const light = text => {
            const c = document.createElement("canvas").getContext("2d");
            c.fillStyle = text; c.fillRect(0, 0, 1, 1);
            return c.getImageData(0, 0, 1, 1).data[1];
          };
          const body = scheme => light(getComputedStyle(document.documentElement).colorScheme);
          const canvas = document.createElement("div");
          canvas.style.background = "Canvas";
          document.body.append(canvas);
          const back = light(getComputedStyle(canvas).backgroundColor);
          const texts = [...document.querySelectorAll(
            ".nbimage > div, .nbimage-title, .nbimage-error, .nbimage-bar div, summary")];
          return texts.map(text => Math.abs(light(getComputedStyle(text).color) - back));
        }"""
    )
    page.context.close()
    assert len(colors) > 6
    assert min(colors) > 120


def test_a_thousand_thumbnails_are_all_shown(open_grid: Open) -> None:
    thumbs = RANDOM.normal(size=(1000, 16, 16)).astype(np.float32)
    with open_grid(Grid(thumbs, width=40)) as page:
        page.page.evaluate("async () => { for (const i of document.images) await i.decode(); }")
        assert len(page.places()) == 1000
        assert page.page.locator("img").evaluate_all(
            "images => images.every(image => image.naturalWidth > 0)"
        )
        page.press("Tab", "End")
        assert page.focused() == 999
        assert 0 <= page.places()[999][1] <= 700


# ------------------------------------------------------------------------------- in a notebook


def grid_of(page: OpenPage, name: str) -> list[Rectangle]:
    found = page.output(name).evaluate(
        """output => [...output.querySelectorAll(".nbimage-media")].map(item => {
          const { x, y, width, height } = item.getBoundingClientRect();
          return [x, y, width, height];
        })"""
    )
    return [(x, y, width, height) for x, y, width, height in found]


def seen_in(page: OpenPage, name: str) -> int:
    """How many pictures are visible."""
    return page.output(name).evaluate(
        "output => [...output.querySelectorAll('.nbimage-media')]"
        ".filter(item => item.checkVisibility()).length"
    )


def test_keys_in_a_grid_do_nothing_to_the_notebook(fresh: NotebookPage) -> None:
    state = (
        "() => [e2e.panel().content.activeCellIndex, e2e.cells().length, e2e.panel().content.mode]"
    )
    left, top, width, height = grid_of(fresh, "grid")[1]
    fresh.page.mouse.click(left + width / 2, top + height / 2)
    settle(fresh.page)
    before = fresh.page.evaluate(state)
    assert grid_of(fresh, "grid")[1][2] > 360
    press(fresh.page, "Escape")
    assert grid_of(fresh, "grid")[1][2] == width
    press(fresh.page, "ArrowRight", "ArrowDown", "Home", "End", "+", "-", "Enter", "Escape", " ")
    press(fresh.page, "Escape", "ArrowLeft")
    assert fresh.page.evaluate(state) == before
    assert grid_of(fresh, "grid")[1][2] == width


def test_more_opens_by_key_and_does_nothing_else(fresh: NotebookPage) -> None:
    fresh.output("pages").query_selector("summary").focus()
    before = fresh.page.evaluate("() => [e2e.cells().length, e2e.panel().content.mode]")
    press(fresh.page, "Enter")
    assert seen_in(fresh, "pages") == 7
    assert fresh.page.evaluate("() => [e2e.cells().length, e2e.panel().content.mode]") == before


def test_a_dragged_width_survives_an_update(fresh: NotebookPage) -> None:
    drag(fresh.page, grid_of(fresh, "live")[0], "e", 30, 0)
    assert {round(width) for _, _, width, _ in grid_of(fresh, "live")} == {150}
    source = "output => output.querySelector('img').src"
    before = fresh.output("live").evaluate(source)
    assert fresh.execute("arrays = arrays[::-1]") == ""
    fresh.run_cell("again")
    assert fresh.output("live").evaluate(source) != before
    assert {round(width) for _, _, width, _ in grid_of(fresh, "live")} == {150}
    assert fresh.errors == []


def test_an_untrusted_grid_shows_all_pictures_in_their_rows(untrusted: NotebookPage) -> None:
    assert not any(untrusted.trusted())
    for name, rows in (("grid", [4, 3]), ("rows", [3, 2])):
        found = grid_of(untrusted, name)
        tops = [top for _, top, _, _ in found]
        assert [tops.count(top) for top in sorted(set(tops))] == rows
        assert {round(width) for _, _, width, _ in found} == {120}
        assert {round(height) for *_, height in found} == {80}
    text = untrusted.output("grid").inner_text()
    assert all(title in text for title in ("Seven", *"abcdefg"))
    untrusted.output("pages").query_selector("summary").click()
    assert seen_in(untrusted, "pages") == 7
    assert untrusted.errors == []


def test_an_exported_notebook_has_a_grid_that_works_offline(
    exported: HtmlPage, chromium: Chromium
) -> None:
    drag(exported.page, grid_of(exported, "grid")[0], "e", 30, 0)
    assert {round(width) for _, _, width, _ in grid_of(exported, "grid")} == {150}
    assert {round(width) for _, _, width, _ in grid_of(exported, "rows")} == {120}
    assert exported.errors == []
    assert exported.console_errors == []
    assert chromium.external == []
