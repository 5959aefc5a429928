"""Exported pages in Chromium and Firefox: the same pixels, values and gestures.

What each browser is asked is the same; `browsers` says how it is asked.
"""

from __future__ import annotations

import base64
import functools
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from nbimage.page.html import document_html
from tests import npm
from tests.e2e.nearest import RATIOS, READ_ALL, ZOOMS, check_samples, make_view
from tests.e2e.test_view_accessibility import AXE
from tests.peers.engines.browsers import BROWSERS, Browser

RANDOM = np.random.default_rng(18)
RGB = RANDOM.integers(0, 256, (60, 90, 3), np.uint8)
WORDS = RANDOM.integers(0, 60_000, (1100, 1500), np.uint16)
FLOATS = RANDOM.normal(size=(50, 70)).astype(np.float32)
STACK = np.stack([FLOATS, FLOATS + 1, FLOATS * 2])


@pytest.fixture(scope="module", params=BROWSERS)
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """Each of the browsers."""
    opened = BROWSERS[request.param]()
    yield opened
    opened.close()


@pytest.fixture
def load(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Opens a page of what is given; none of its scripts may fail, axe-core finds nothing."""

    def load(*shown: Any, scale: float = 1) -> None:
        browser.open(scale)
        path = tmp_path / "page.html"
        path.write_text(document_html("".join(one.html for one in shown), "Page"), "utf-8")
        browser.go(path.as_uri())

    yield load
    assert faults(browser) == []
    assert browser.errors() == []


def faults(browser: Browser) -> list[str]:
    """What axe-core calls serious."""
    script = (npm.packages() / "axe-core" / "axe.min.js").read_text("utf-8")
    browser.evaluate("text => { (0, eval)(text); }", script)
    return list(browser.evaluate(AXE))


# ------------------------------------------------------------------------------- explorers

FIND = """const views = [...document.querySelectorAll(
  ".nbimage-view, .nbimage-tiled, .nbimage-live")].filter((view) =>
  [...view.children].some((one) => one.shadowRoot));
const shadow = [...views[index].children].find((one) => one.shadowRoot).shadowRoot;
const canvas = shadow.querySelector(".pane canvas");"""
TEXT = """const texts = (e) => {
  const [row, column] = e.querySelector(".index").title.match(/\\d+/g).map(Number);
  return [row, column, ...[...e.querySelectorAll("data")].map((one) => one.value
    || one.textContent)];
};"""


class Explorer:
    """Hands and eyes for one of the explorers of a page; x and y are CSS pixels in its pane."""

    def __init__(self, browser: Browser, index: int = 0) -> None:
        self.browser, self.index = browser, index
        ready = f"""(index) => {{ try {{ {FIND} return canvas.width > 0 && shadow.querySelector(
          ".zoom").textContent; }} catch {{ return false; }} }}"""
        browser.wait(ready, index)
        self.ask("canvas.scrollIntoView({ block: 'center' })")
        browser.settle()

    def ask(self, expression: str, *args: Any) -> Any:
        """Return what an expression of `shadow`, `canvas` and `args` gives."""
        function = f"async (index, ...args) => {{ {FIND} {TEXT} return {expression}; }}"
        return self.browser.evaluate(function, self.index, *args)

    def wait(self, expression: str, *args: Any) -> Any:
        """Wait until an expression gives something."""
        function = f"async (index, ...args) => {{ {FIND} {TEXT} return {expression}; }}"
        return self.browser.wait(function, self.index, *args)

    def box(self, css: str = ".pane canvas") -> tuple[float, float, float, float]:
        """Left, top, width and height on the page."""
        left, top, width, height = self.ask(
            """(({ left, top, width, height }) => [left, top, width, height])(
              shadow.querySelector(args[0]).getBoundingClientRect())""",
            css,
        )
        return left, top, width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        left, top, _, _ = self.box()
        return left + x, top + y

    def read(self, x: float, y: float) -> list[Any]:
        """Point at a place; return its row, column and values."""
        self.browser.move(*self.point(x, y))
        self.browser.settle()
        read: list[Any] = self.wait(
            "shadow.querySelector('.readout .index') && texts(shadow.querySelector('.readout'))"
        )
        return read

    def pixels(self) -> np.ndarray:
        """What the pane shows, RGBA."""
        width, height, text = self.ask(
            """((data) => {
              let text = "";
              for (let i = 0; i < data.length; i += 8192)
                text += String.fromCharCode(...data.subarray(i, i + 8192));
              return [canvas.width, canvas.height, btoa(text)];
            })(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)"""
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def percent(self) -> int:
        return int(self.ask("shadow.querySelector('.zoom').textContent").removesuffix(" %"))

    def focus(self) -> None:
        self.ask("canvas.focus()")


def test_at_thirty_ratios_each_device_pixel_is_read_as_it_is_drawn(
    browser: Browser, load: Callable[..., None]
) -> None:
    for scale in RATIOS:
        load(*map(make_view, ZOOMS), scale=scale)
        for index in range(len(ZOOMS)):
            Explorer(browser, index)
        for zoom, found in zip(ZOOMS, browser.evaluate(READ_ALL, ".nbimage-view"), strict=True):
            check_samples(zoom, found)


def test_an_explorer_is_exact_and_follows_pointer_wheel_and_keys(
    browser: Browser, load: Callable[..., None]
) -> None:
    load(View(FLOATS, cmap="viridis", width=280))
    explorer = Explorer(browser)
    colors = Picture(FLOATS, cmap="viridis").render()
    assert explorer.percent() == 400
    np.testing.assert_array_equal(explorer.pixels()[..., :3], colors.repeat(4, 0).repeat(4, 1))
    for row, column in ((0, 3), (17, 33), (47, 66)):
        read = explorer.read(4 * column + 2, 4 * row + 2)
        assert read[:2] == [row, column]
        assert np.float32(read[2].replace("−", "-")) == FLOATS[row, column]
    # the wheel is the page's until the explorer has the focus
    explorer.focus()
    held = explorer.read(100, 90)
    browser.turn(*explorer.point(100, 90), -120)
    explorer.wait("parseInt(shadow.querySelector('.zoom').textContent) > 420")
    assert explorer.read(100, 90) == held
    # a sample taken hold of follows the pointer
    browser.drag(explorer.point(100, 90), explorer.point(150, 70))
    assert explorer.read(150, 70) == held
    for key, zoom in (("1", "100 %"), ("+", "200 %"), ("0", "400 %")):
        browser.key(key)
        explorer.wait("shadow.querySelector('.zoom').textContent === args[0]", zoom)
    np.testing.assert_array_equal(explorer.pixels()[..., :3], colors.repeat(4, 0).repeat(4, 1))
    browser.key("p")
    explorer.wait("!shadow.querySelector('.pinned').hidden")
    browser.key("Escape")
    explorer.wait("shadow.querySelector('.pinned').hidden")


def test_contrast_follows_the_handles_of_the_colorbar(
    browser: Browser, load: Callable[..., None]
) -> None:
    load(View(FLOATS, 0, 2, width=280))
    explorer = Explorer(browser)
    handles = "[...shadow.querySelectorAll('.colorbar [role=slider]')]"
    limits = f"{handles}.map((one) => +one.getAttribute('aria-valuenow'))"
    assert explorer.ask(limits) == [0, 2]
    left, _, width, height = explorer.box(".colorbar .strip")
    middle = f"{handles}.map((one) => one.getBoundingClientRect()).map((b) => b.top + b.height / 2)"
    x, y = left + width / 2, explorer.ask(middle)[1]
    browser.drag((x, y), (x, y + height / 4))
    changed = explorer.wait(f"({limits})[1] < 1.9 && {limits}")
    assert changed[0] == 0
    expected = Picture(FLOATS, *changed).pixels.repeat(4, 0).repeat(4, 1)
    browser.settle()
    assert np.abs(explorer.pixels()[..., 0].astype(int) - expected).max() <= 1  # of fewer digits


def test_planes_of_a_stack_are_stepped_by_keys(browser: Browser, load: Callable[..., None]) -> None:
    load(View(STACK, 0, 1, axes="zyx", width=280))
    explorer = Explorer(browser)
    explorer.focus()
    for plane in (1, 2):
        browser.key(".")
        explorer.wait("shadow.querySelector('[type=range]').value === args[0]", str(plane))
        expected = Picture(STACK[plane], 0, 1).pixels.repeat(4, 0).repeat(4, 1)
        browser.settle()
        np.testing.assert_array_equal(explorer.pixels()[..., 0], expected)


# ---------------------------------------------------------------------------- other pages


def rectangle(browser: Browser, css: str, index: int = 0) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element on the page."""
    left, top, width, height = browser.evaluate(
        """(css, index) => { const { left, top, width, height } =
          document.querySelectorAll(css)[index].getBoundingClientRect();
          return [left, top, width, height]; }""",
        css,
        index,
    )
    return left, top, width, height


def test_a_picture_has_its_pixels_and_is_dragged_larger(
    browser: Browser, load: Callable[..., None]
) -> None:
    load(Picture(RGB, width=180))
    browser.wait("() => document.querySelector('img').complete")
    left, top, width, height = map(round, rectangle(browser, "img"))
    browser.move(1, 1)
    browser.settle()
    seen = browser.picture()[top : top + height, left : left + width]
    np.testing.assert_array_equal(seen, RGB.repeat(2, 0).repeat(2, 1))
    middle = top + height // 2
    browser.drag((left + width - 1, middle), (left + width + 59, middle))
    assert rectangle(browser, "img")[2:] == (240, 160)
    browser.key("Escape")
    browser.settle()
    assert rectangle(browser, "img")[2:] == (180, 120)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_an_exported_folder_has_its_tiles_and_values(browser: Browser, tmp_path: Path) -> None:
    View(WORDS, 0, 60_000, embed=False, width=600).export(tmp_path / "words", raw=True)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser.open()
        browser.go(f"http://127.0.0.1:{server.server_port}/words/")
        try:
            check_tiles(Explorer(browser))
            assert faults(browser) == []
            assert browser.errors() == []
        finally:
            browser.go("about:blank")
            server.shutdown()


def check_tiles(explorer: Explorer) -> None:
    """Go to single samples of `WORDS`, and check that they and their values are there."""
    browser = explorer.browser
    explorer.focus()
    browser.key("1")
    for _ in range(3):
        browser.key("+")
    explorer.wait("shadow.querySelector('.zoom').textContent === '400 %'")

    def found() -> bool:
        row, column, *values = explorer.read(41, 33)
        return values == [str(WORDS[row, column])]

    explorer.wait("!+shadow.querySelector('.waiting').dataset.count")
    for _ in range(3):
        x, y, _, _ = explorer.box()
        browser.drag((x + 150, y + 120), (x + 90, y + 70))
        explorer.wait("shadow.querySelector('.waiting').dataset.count === '0'")
        while not found():
            browser.settle()
        row, column, _ = explorer.read(41, 33)
        drawn = explorer.pixels()[33, 41, 0]
        assert drawn == Picture(WORDS[row : row + 1, column : column + 1], 0, 60_000).pixels
