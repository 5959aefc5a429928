"""A grid on the page: it flows, is dragged, enlarged, walked by keys and read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import matplotlib.colors as norms
import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video
from tests.e2e.harness import HANG, Chromium, HtmlPage, NotebookPage, OpenPage, rectangle

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


LISTEN = """() => {
  if (!window.pointer)
    addEventListener("pointermove", ({ clientX, clientY }) => {
      document.querySelector(".nbimage-reading").textContent = "";
      window.pointer = [clientX, clientY];
    }, true);
  window.pointer = [NaN, NaN];
}"""
READING = """async ([x, y, patience]) => {
  const reading = document.querySelector(".nbimage-reading"), end = performance.now() + patience;
  const near = () => Math.abs(pointer[0] - x) < 1 && Math.abs(pointer[1] - y) < 1;
  while (!reading.textContent || !near()) {
    if (performance.now() > end) throw new Error("nothing is read at the pointer");
    await new Promise(requestAnimationFrame);
  }
  return reading.innerText;
}"""


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

    def box(self, selector: str) -> Rectangle:
        found = self.page.locator(selector).bounding_box()
        assert found is not None
        return found["x"], found["y"], found["width"], found["height"]

    def enlarged(self) -> Rectangle:
        return self.box(".nbimage-lightbox .nbimage-media")

    def rendering(self) -> str:
        return self.page.evaluate(
            "() => getComputedStyle(document.querySelector("
            "'.nbimage-lightbox .nbimage-media > :first-child')).imageRendering"
        )

    def head(self) -> tuple[str, str]:
        """The title of the enlarged picture and its number."""
        title = self.page.locator(".nbimage-lightbox-title")
        return title.inner_text(), title.locator("xpath=following-sibling::*[1]").inner_text()

    def read(self, row: int, column: int, shape: tuple[int, ...]) -> str:
        """What is said of a pixel of the enlarged picture of this shape."""
        left, top, width, height = self.enlarged()
        x = left + width * (column + 0.5) / shape[1]
        y = top + height * (row + 0.5) / shape[0]
        # a picture that comes below a still pointer is read too, at some time
        self.page.evaluate(LISTEN)
        self.page.mouse.move(x + 1, y)
        self.page.mouse.move(x, y)
        return str(self.page.evaluate(READING, [x, y, HANG * 1000]))

    def swipe(self, across: float) -> None:
        """A finger that goes so far to the right over the enlarged picture."""
        self.page.evaluate(
            """across => {
              const item = document.querySelector(".nbimage-lightbox .nbimage-media");
              const { left, top, width, height } = item.getBoundingClientRect();
              const [x, y] = [left + width / 2, top + height / 2];
              const send = (name, clientX) => item.dispatchEvent(new PointerEvent(name, {
                bubbles: true, pointerType: "touch", clientX, clientY: y }));
              send("pointerdown", x);
              send("pointerup", x + across);
            }""",
            across,
        )
        settle(self.page)


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


WIDTHS = (300, 420, 519, 640, 900, 1600)


def test_the_colorbar_lies_below_where_the_page_is_narrow(open_grid: Open) -> None:
    grid = Grid(ARRAYS, vmin=-1, vmax=1, colorbar="temperature [K]", width=120)
    with open_grid(grid) as page:
        for width in WIDTHS:
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            upright, lying = page.box(".nbimage-bars"), page.box(".nbimage-bars-below")
            bottom = max(top + height for _, top, _, height in page.places())
            right = max(left + wide for left, _, wide, _ in page.places())
            if width - 32 < 520:
                assert upright[2] == 0
                assert lying[3] > 40
                bar = page.box(".nbimage-bar-below")
                assert bottom < bar[1] < bottom + 24
                assert bar[0] + bar[2] <= width
            else:
                assert lying[3] == 0
                bar = page.box(".nbimage-bars .nbimage-bar")
                assert 12 <= bar[0] - right <= 20
                assert bar[0] + bar[2] <= width
            assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_the_colorbar_is_as_high_as_the_pictures_up_to_240(open_grid: Open) -> None:
    for count, side, high in ((2, 120, 120), (2, 200, 200), (9, 160, 240)):
        grid = Grid(RANDOM.normal(size=(count, side, side)), columns=3, zoom=1)
        with open_grid(grid) as page:
            _, top, _, height = page.box(".nbimage-bars .nbimage-bar")
            assert height == pytest.approx(high, abs=1)
            assert top == pytest.approx(page.places()[0][1], abs=8)


def test_a_bar_that_lies_below_leaves_no_gap_where_the_grid_is_low(open_grid: Open) -> None:
    grid = Grid(ARRAYS[:3], colorbar="temperature [K]", width=200)
    with open_grid(grid, width=300) as page:
        for width in (300, 420):
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            bottom = max(top + height for _, top, _, height in page.places())
            assert bottom < page.box(".nbimage-bar-below")[1] < bottom + 24


LYING = {
    "axes": Grid(ARRAYS[:4], columns=2, x=(0.0, 18.0), y=(5000.0, 200.0), colorbar="K", width=150),
    "frames": Grid(ARRAYS[:4], border="red", width=120, colorbar=True),
    "as many as fit": Grid(ARRAYS[:4], width=180, colorbar=True),
    "titles of rows": Grid(ARRAYS[:4].reshape(2, 2, 40, 60), row=0, column=1, colorbar=True),
}


@pytest.mark.parametrize("name", LYING)
def test_a_bar_that_lies_is_as_wide_as_the_pictures(open_grid: Open, name: str) -> None:
    with open_grid(LYING[name], width=420) as page:
        page.page.set_viewport_size({"width": 480, "height": 700})
        settle(page.page)
        left = min(x for x, _, _, _ in page.places())
        right = max(x + wide for x, _, wide, _ in page.places())
        bar = page.box(".nbimage-bar-below")
        # half a text of its ticks may stand out at its ends
        assert left - 1 <= bar[0] <= left + 16
        assert right - 24 <= bar[0] + bar[2] <= max(right, left + 240) + 1


@pytest.mark.parametrize("width", [300, 1000])
def test_borders_are_whole_at_the_edges_of_the_output(open_grid: Open, width: int) -> None:
    grid = Grid(ARRAYS[:4], border="red", width=120)
    with open_grid(grid, width=width) as page:
        frames = page.page.evaluate(
            """() => [...document.querySelectorAll(".nbimage-border")].map(frame => {
              const { left, right, bottom } = frame.getBoundingClientRect();
              const whole = frame.closest(".nbimage").getBoundingClientRect();
              return [left - whole.left, whole.right - right, whole.bottom - bottom];
            })"""
        )
        assert len(frames) == 4
        assert all(room >= 0 for frame in frames for room in frame)


@pytest.mark.parametrize("shared", ["row", "column"])
def test_bars_of_rows_and_columns_are_as_long_as_these(open_grid: Open, shared: Any) -> None:
    with open_grid(Grid(ARRAYS[:8], columns=4, shared=shared, colorbar="K")) as page:
        for width in WIDTHS[1:]:
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            places = page.places()
            if shared == "column":
                bars = page.page.locator(".nbimage-grid .nbimage-bar")
                boxes = [bars.nth(i).bounding_box() for i in range(4)]
                for box, (left, _, wide, _) in zip(boxes, places[:4], strict=True):
                    assert box is not None
                    assert left <= box["x"] < box["x"] + box["width"] <= left + wide
                    assert box["width"] > wide / 2
            else:
                bars = page.page.locator(".nbimage-row-bars")
                for i in (0, 1):
                    box = bars.nth(i).bounding_box()
                    assert box is not None
                    assert box["height"] == pytest.approx(max(72, places[4 * i][3]), abs=1)
            assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_equal_data_have_equal_sizes_and_tops_whatever_stands_around_them(open_grid: Open) -> None:
    data = RANDOM.normal(size=(40, 60))
    pictures = [
        data,
        Picture(data),
        Picture(data, x=True, y=True, title="axes", xlabel="a long name of x", ylabel="y"),
        Picture(data, colorbar="a label of several words above the bar", histogram=True),
        Picture(data, labels=np.arange(2400).reshape(40, 60) // 50, caption="below"),
    ]
    for titles in (None, ["", "a title", "", "another one", ""]):
        with open_grid(Grid(pictures, titles, columns=5, border=["red", *[None] * 4])) as page:
            for width in WIDTHS[1:]:
                page.page.set_viewport_size({"width": width, "height": 700})
                settle(page.page)
                places = page.places()
                assert len({round(top, 1) for _, top, _, _ in places}) == 1
                assert len({(round(w, 1), round(h, 1)) for _, _, w, h in places}) == 1


@pytest.mark.parametrize("side", [7, 8, 14, 16, 28])
def test_64_feature_maps_are_8_rows_of_8(open_grid: Open, side: int) -> None:
    with open_grid(Grid(RANDOM.normal(size=(64, side, side))), 900) as page:
        for width in (900, 1600):
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            assert page.in_rows() == [8] * 8
            assert page.widths()[0] % side == 0
            assert page.widths()[0] >= 72
            assert page.style(0, "imageRendering") == "pixelated"


@pytest.mark.parametrize("side", [5, 7, 8, 10, 16, 20])
def test_64_feature_maps_are_8_rows_of_8_beside_the_panels_of_a_notebook(
    open_grid: Open, side: int
) -> None:
    with open_grid(Grid(RANDOM.normal(size=(64, side, side))), 792) as page:
        assert page.in_rows() == [8] * 8


def test_few_columns_are_fewer_where_that_takes_no_more_rows(open_grid: Open) -> None:
    for count, rows in ((3, [3]), (4, [2, 2]), (5, [3, 2]), (6, [3, 3]), (8, [3, 3, 2])):
        with open_grid(Grid(ARRAYS[:count], width=200, colorbar=False), 700) as page:
            assert page.in_rows() == rows


def facets() -> Grid:
    import xarray as xr

    cube = xr.DataArray(
        RANDOM.normal(size=(12, 19, 36)),
        dims=("time", "lat", "lon"),
        coords={
            "time": np.arange("2020-01", "2021-01", dtype="datetime64[M]"),
            "lat": ("lat", np.linspace(90, -90, 19), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(-180, 180, 10), {"units": "degrees_east"}),
        },
    )
    return Grid(cube, columns=4)


def test_ticks_of_facets_stay_out_of_their_neighbours(open_grid: Open) -> None:
    texts = """() => [...document.querySelectorAll(".nbimage-grid .nbimage-tick")]
      .filter(tick => tick.checkVisibility()).map(tick => {
        const range = document.createRange();
        range.selectNodeContents(tick.lastElementChild);
        const { x, y, width, height } = range.getBoundingClientRect();
        return [x, y + 2, width, height - 4];
      })"""
    with open_grid(facets()) as page:
        for width in WIDTHS[1:]:
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            places = page.places()
            assert page.in_rows() == [4, 4, 4]
            assert len({(round(w), round(h)) for _, _, w, h in places}) == 1
            boxes = page.page.evaluate(texts)
            assert len(boxes) >= 7
            for i, one in enumerate(boxes):
                assert 0 <= one[0] <= one[0] + one[2] <= width
                for other in [*boxes[:i], *places]:
                    assert not overlap(one, other), (width, one, other)


def overlap(one: Rectangle, other: Rectangle) -> bool:
    return all(
        one[i] + 0.5 < other[i] + other[i + 2] and other[i] + 0.5 < one[i] + one[i + 2]
        for i in (0, 1)
    )


def test_an_enlarged_facet_has_the_axes_of_all(open_grid: Open) -> None:
    with open_grid(facets()) as page:
        before = page.layout()
        page.click(6)
        assert page.head() == ("time = 2020-07-01", "7 of 12")
        ticks = page.page.locator(".nbimage-lightbox .nbimage-tick").evaluate_all(
            "ticks => ticks.filter(t => t.checkVisibility()).map(t => t.textContent)"
        )
        assert {"0°", "60°E", "60°N"} <= set(ticks)
        left, top, width, height = page.enlarged()
        assert width == 36 * (width // 36)
        outer = page.box(".nbimage-lightbox .nbimage-figure")
        assert outer[0] < left
        assert outer[1] + outer[3] > top + height
        page.press("ArrowRight", "Escape")
        assert page.layout() == before


def test_numbers_of_seven_digits_are_whole(open_grid: Open) -> None:
    cut = """name => [...document.querySelectorAll(`.${name} .nbimage-y .nbimage-tick`)]
      .map(tick => tick.lastElementChild)
      .filter(text => text.checkVisibility())
      .map(text => {
        const range = document.createRange();
        range.selectNodeContents(text);
        const [whole, room] = [range, text].map(one => one.getBoundingClientRect().width);
        return [text.textContent.length, whole > room + 0.05];
      })"""
    northing = 5_000_300 - np.arange(300)
    with open_grid(Grid([RANDOM.normal(size=(300, 400))] * 2, x=False, y=northing)) as page:
        found = page.page.evaluate(cut, "nbimage-grid")
        assert len(found) >= 3
        page.click(0)
        found += page.page.evaluate(cut, "nbimage-lightbox")
        assert all(one == [7, False] for one in found)


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


@pytest.mark.parametrize("columns", ["auto", 1, 4])
def test_a_click_enlarges_one_over_the_grid_and_moves_no_other(
    open_grid: Open, columns: Any
) -> None:
    with open_grid(Grid(ARRAYS, [str(i) for i in range(12)], columns=columns, width=90)) as page:
        before = page.layout()
        page.click(2)
        assert page.head() == ("2", "3 of 12")
        left, top, width, height = page.enlarged()
        assert width == 60 * (width // 60) > 3 * 90
        assert width == pytest.approx(1.5 * height, abs=0.1)
        outer = page.box(".nbimage-lightbox")
        assert outer[3] >= 320
        assert outer[0] < left < left + width < outer[0] + outer[2]
        assert outer[1] < top < top + height < outer[1] + outer[3]
        page.press("Escape")
        assert page.layout() == before
        assert page.focused() == 2


def test_the_enlarged_picture_is_walked_by_buttons_keys_and_swipes(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, list("abcdefghijkl"), columns=6, width=90)) as page:
        before = page.layout()
        page.click(1)
        assert page.head() == ("b", "2 of 12")
        page.page.get_by_role("button", name="Next").click()
        assert page.head() == ("c", "3 of 12")
        page.page.get_by_role("button", name="Previous").click()
        page.press("ArrowLeft", "ArrowLeft")  # at the first one nothing comes before
        assert page.head() == ("a", "1 of 12")
        assert page.page.get_by_role("button", name="Previous").is_disabled()
        page.press("End")
        assert page.head() == ("l", "12 of 12")
        page.swipe(-120)
        assert page.head() == ("l", "12 of 12")
        page.swipe(120)
        assert page.head() == ("k", "11 of 12")
        page.press("Home", "ArrowRight")
        assert page.head() == ("b", "2 of 12")
        page.page.get_by_role("button", name="Close").click()
        settle(page.page)
        assert page.layout() == before
        assert page.page.locator(".nbimage-lightbox").count() == 0


def test_a_click_beside_the_enlarged_picture_closes_it(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, columns=6, width=90)) as page:
        before = page.layout()
        page.click(1)
        left, top, width, height = page.enlarged()
        page.page.mouse.click(left + width / 2, top + height / 2)
        assert page.page.locator(".nbimage-lightbox").count() == 1
        outer = page.box(".nbimage-lightbox")
        page.page.mouse.click(outer[0] + 60, top + height / 2)
        settle(page.page)
        assert page.layout() == before


def test_tab_stays_among_the_buttons_of_the_enlarged_picture(open_grid: Open) -> None:
    name = "() => document.activeElement.ariaLabel"
    with open_grid(Grid(ARRAYS[:3], columns=3, width=90)) as page:
        page.press("Tab", "ArrowRight", "Enter")
        seen = []
        for _ in range(4):
            page.press("Tab")
            seen.append(page.page.evaluate(name).split()[0])
        assert seen == ["Close", "Previous", "Next", "Close"]
        page.press("Shift+Tab")
        assert page.page.evaluate(name).startswith("Next")
        page.press("Enter")
        assert page.head()[1] == "3 of 3"
        page.press("Escape")
        assert page.focused() == 2


def test_a_small_output_gives_the_enlarged_picture_room(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS[:2], zoom=1)) as page:
        low = page.box(".nbimage")[3]
        page.click(0)
        assert low < 200 < 320 <= page.box(".nbimage")[3] <= 0.9 * 700 + 1
        page.press("Escape")
        assert page.box(".nbimage")[3] == low


def test_an_enlarged_picture_follows_the_page(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, width=90)) as page:
        page.click(4)
        for width in (300, 400, 1600):
            page.page.set_viewport_size({"width": width, "height": 700})
            settle(page.page)
            left, _, wide, _ = page.enlarged()
            assert 0 < left < left + wide <= width
            assert wide == 60 * (wide // 60) >= 180
            assert page.page.evaluate("() => document.documentElement.scrollWidth") <= width
        page.press("Escape")
        assert set(page.widths()) == {90}


LARGE = RANDOM.normal(size=(120, 160))
HOLED = np.where(LARGE > 1, np.nan, LARGE)
BYTES = RANDOM.integers(0, 256, (200, 300), dtype=np.uint8)
READ: dict[str, tuple[Any, dict[str, Any]]] = {
    "small": (LARGE[:7, :9], {}),
    "gray": (LARGE, {}),
    "float32": (LARGE.astype(np.float32), {"cmap": "viridis"}),
    "log": (np.abs(LARGE) + 0.1, {"norm": "log", "cmap": "magma"}),
    "asinh": (LARGE, {"norm": "asinh"}),
    "gamma": (np.abs(LARGE), {"norm": 0.3}),
    "two slopes": (LARGE, {"norm": norms.TwoSlopeNorm(0.3), "cmap": "RdBu"}),
    "boundaries": (LARGE, {"norm": norms.BoundaryNorm([-9, -1, 0, 9], 256), "cmap": "viridis"}),
    "levels": (LARGE, {"levels": [-2, -1, 0, 0.3, 2], "cmap": "viridis"}),
    "few colors": (LARGE, {"cmap": ["red", "blue", "red"]}),
    "clipped": (LARGE, {"contrast": "robust"}),
    "marked": (LARGE, {"vmin": -1, "vmax": 1, "under": "black", "over": "white"}),
    "inverted": (LARGE, {"vmin": 1, "vmax": -1}),
    "missing": (HOLED, {}),
    "missing in color": (HOLED, {"cmap": "viridis", "nan_color": "red", "mark_clipped": True}),
    "uint8": (BYTES, {}),
    "uint8 in colors": (BYTES, {"cmap": "tab10"}),
    "int16": (BYTES.astype(np.int16) * 3, {}),
    "bool": (LARGE > 0, {}),
    "labels": (BYTES % 9, {"labels": True}),
    "many labels": (BYTES.astype(int) * 3, {"labels": True}),
}
EXACT = {"small", "uint8", "bool", "labels"}


@pytest.mark.parametrize("name", READ)
def test_the_values_below_the_pointer_are_true(open_grid: Open, name: str) -> None:
    data, options = READ[name]
    with open_grid(Grid([data], **options)) as page:
        page.click(0)
        rows = [0, len(data) - 1, *RANDOM.integers(0, len(data), 30).tolist()]
        columns = [0, data.shape[1] - 1, *RANDOM.integers(0, data.shape[1], 30).tolist()]
        for row, column in zip(rows, columns, strict=True):
            where, _, text = page.read(row, column, data.shape).partition(": ")
            assert where == f"row {row}, column {column}"
            value = float(data[row, column])
            ranges = [bounds(part) for part in text.split(" or ")]
            if np.isnan(value):
                assert "no value" in text.split(" or ")
                continue
            assert any(low <= value <= high for low, high in ranges), text
            if name in EXACT:
                assert ranges == [(value, value)]


def bounds(text: str) -> tuple[float, float]:
    """Between which two values a reading says that one is, with true minus signs."""
    assert not re.search(r"(?<![\d.])-\d", text)
    text = text.replace("\N{MINUS SIGN}", "-")
    number = r"(-?[\d.]+(?:e[+-]\d+)?)"
    if found := re.fullmatch(f"≈ {number} ± {number}", text):
        middle, off = map(float, found.groups())
        return middle - off - 1e-12, middle + off + 1e-12
    if found := re.fullmatch(f"{number} to {number}", text):
        return float(found[1]), float(found[2])
    if found := re.fullmatch(f"([≤≥]) {number}", text):
        return (-np.inf, float(found[2])) if found[1] == "≤" else (float(found[2]), np.inf)
    value = {"True": 1.0, "False": 0.0, "no value": np.nan}.get(text)
    return (float(text),) * 2 if value is None else (value, value)


def test_the_coordinates_below_the_pointer_are_said(open_grid: Open) -> None:
    import xarray as xr

    names = {"x": ["cat", "dog", "cow"], "y": ["cat", "dog", "cow"]}
    days = np.datetime64("2024-03-01") + np.arange(40)
    bent = np.arange(60) ** 2.0
    with open_grid(Grid([np.arange(9).reshape(3, 3)], **names)) as page:
        page.click(0)
        assert page.read(2, 1, (3, 3)) == "row 2 (cow), column 1 (dog): 7"
    with open_grid(Grid([ARRAYS[0]], y=days, x=bent)) as page:
        page.click(0)
        assert page.read(2, 7, (40, 60)).startswith("row 2 (2024-03-03), column 7 (49): ")
    with open_grid(Grid([ARRAYS[0]], y=(50.0, 20.0), x=(1e6, 1e6 + 1))) as page:
        page.click(0)
        where = "row 7 (44.615), column 9 (1000000.153): "  # in digits that tell neighbours apart
        assert page.read(7, 9, (40, 60)).startswith(where)
    globe = xr.DataArray(
        np.arange(1200).reshape(2, 20, 30),
        dims=("time", "latitude", "longitude"),
        coords={
            "latitude": ("latitude", np.arange(20) - 5.0, {"units": "degrees_north"}),
            "longitude": ("longitude", np.arange(30) * 2, {"units": "degrees_east"}),
        },
    )
    with open_grid(Grid(globe)) as page:
        page.click(1)
        where = "row 3 (2° S), column 4 (8° E): 694"  # whose first row is at the bottom
        assert page.read(16, 4, (20, 30)) == where
    for options in ({}, {"x": True, "y": True}):
        with open_grid(Grid([BYTES], **options)) as page:
            page.click(0)
            assert page.read(7, 8, BYTES.shape) == f"row 7, column 8: {BYTES[7, 8]}"


def test_the_reading_names_labels_channels_and_what_is_missing(open_grid: Open) -> None:
    holed = LARGE.copy()
    holed[3, 4] = np.nan
    labels = RANDOM.integers(0, 9, (200, 300))
    many = np.arange(60_000).reshape(200, 300)
    colors = RANDOM.integers(0, 256, (90, 90, 3), dtype=np.uint8)
    colors[7, 8, :2] = 0, 255
    rising = np.linspace(0, 1, 600 * 40).reshape(40, 600)
    grid = Grid([holed, colors, Picture(labels, labels=True), BYTES > 127], ["a", "b", "c", "d"])
    with open_grid(grid) as page:
        page.click(0)
        assert page.read(3, 4, (120, 160)) == "row 3, column 4: no value"
        page.press("ArrowRight")
        r, g, b = colors[7, 8]
        assert page.read(7, 8, (90, 90)) == f"row 7, column 8: R {r}, G {g}, B {b}"
        page.press("ArrowRight")
        assert page.read(7, 8, (200, 300)) == "row 7, column 8"  # of a picture nothing is known
        page.press("ArrowRight")
        assert page.read(7, 8, (200, 300)) == f"row 7, column 8: {BYTES[7, 8] > 127}"
    with open_grid(Grid([labels, many], labels=True)) as page:
        page.click(0)
        assert page.read(9, 9, (200, 300)) == f"row 9, column 9: {labels[9, 9]}"
        page.press("ArrowRight")
        assert page.read(9, 9, (200, 300)) == "row 9, column 9"  # too many have that color
    with open_grid(Grid([Picture(rising, origin="lower", max_pixels=6000)])) as page:
        page.click(0)
        assert page.read(0, 0, (20, 300)) == "row 38–39, column 0–1"  # noqa: RUF001


def test_crisp_when_enlarged_and_smooth_when_reduced(open_grid: Open) -> None:
    with open_grid(Grid(ARRAYS, zoom=1, columns=6)) as page:
        assert page.style(0, "imageRendering") == "pixelated"
        page.drag(0, "e", -20, 0)
        assert page.style(0, "imageRendering") == "auto"
        page.click(2)
        assert page.rendering() == "pixelated"
        assert page.style(3, "imageRendering") == "auto"
    sizes = Grid([RANDOM.normal(size=(n, n)) for n in (133, 399)], width=200)
    with open_grid(sizes) as page:
        assert page.widths() == [200, 200]
        assert [page.style(i, "imageRendering") for i in (0, 1)] == ["pixelated", "auto"]
        page.drag(0, "e", -90, 0)
        assert [page.style(i, "imageRendering") for i in (0, 1)] == ["auto", "auto"]
    with open_grid(Grid(RANDOM.normal(size=(4, 900, 900)), columns=4)) as page:
        assert page.style(0, "imageRendering") == "auto"  # the page has made them smaller
        page.click(0)
        assert page.rendering() == "auto"  # 900 pixels are not on the page yet


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


@pytest.mark.parametrize("titles", [None, list("abc")])
def test_each_picture_has_a_name_that_says_what_it_is(
    open_grid: Open, titles: list[str] | None
) -> None:
    grid = Grid(list(ARRAYS[:3]), titles)
    with open_grid(grid) as page:
        for number, picture in enumerate(grid.pictures):
            before = f"{titles[number]}: " if titles else ""
            item = page.page.locator(".nbimage-media").nth(number)
            named = item.get_attribute("role"), item.get_attribute("aria-label")
            assert named == ("img", before + picture.alt)


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
            assert page.enlarged()[2] > 3 * 90
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
        assert page.enlarged()[2] > 2 * before[1][2]
        page.press("Escape")
        assert page.layout() == before


def test_a_figure_with_axes_is_enlarged_with_them(open_grid: Open) -> None:
    picture = Picture(ARRAYS[0], x=True, y=True, colorbar="K", title="axes")
    with open_grid(Grid([picture, ARRAYS[1]])) as page:
        before = page.layout()
        page.click(0)
        left, _, width, _ = page.enlarged()
        assert width >= 480
        figure = page.page.locator(".nbimage-lightbox .nbimage-figure").bounding_box()
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
    enlarged = fresh.output("grid").query_selector(".nbimage-lightbox .nbimage-media")
    assert rectangle(enlarged)[2] >= 360
    press(fresh.page, "ArrowRight", "Escape")
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
