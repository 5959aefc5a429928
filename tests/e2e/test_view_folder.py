"""An exported folder in the browser, from a disk and over HTTP: exact, no request fails."""

from __future__ import annotations

import functools
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from nbimage import View, open_pyramid, rerange
from nbimage.mapping.colormap import as_palette
from nbimage.view.serve.one_page import one_page
from tests.e2e.explorer import Viewer, opened, place_of, rgba, same, values_of
from tests.e2e.harness import Chromium, wait_for

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(18)
LIMITS = 1000, 58_000
WORDS = RANDOM.integers(0, 60_000, (1100, 1500), np.uint16)
RGB = RANDOM.integers(0, 256, (1100, 1500, 3), np.uint8)
FLOATS = RANDOM.normal(size=(700, 900))
STACK = RANDOM.integers(0, 60_000, (3, 600, 800), np.uint16)
WHERE = "file", "http"


class Quiet(SimpleHTTPRequestHandler):
    """A web server like any other."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """Left by pages in the middle of an answer."""

    def handle_error(self, *_: Any) -> None:
        """Say nothing: what fails is seen on the page."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All exports."""
    folder = tmp_path_factory.mktemp("exports")
    words = View(WORDS, *LIMITS, embed=False, cmap="viridis")
    words.export(folder / "raw words", raw=True)
    words.export(folder / "words")
    View(RGB, embed=False).export(folder / "colors", format="png")
    View(FLOATS, embed=False).export(folder / "floats", raw=True)
    stack = View(STACK, *LIMITS, embed=False, axes="zyx")
    stack.export(folder / "raw stack", raw=True)
    stack.export(folder / "stack")
    both = View({"one": WORDS, "other": WORDS[:500]}, *LIMITS, embed=False)
    both.export(folder / "both")
    (folder / "one").mkdir()
    (folder / "one" / "index.html").write_text(one_page(words.model), "utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folders: Path) -> Iterator[Callable[[str, str], str]]:
    """Where an export is, from a disk or over HTTP."""

    handler = functools.partial(Quiet, directory=str(folders))
    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def address(name: str, where: str) -> str:
        if where == "file":
            return (folders / name / "index.html").as_uri()
        return f"http://127.0.0.1:{server.server_port}/{name}/"

    yield address
    server.shutdown()
    server.server_close()


@contextmanager
def shown(chromium: Chromium, address: str, root: str = ".nbimage-tiled") -> Iterator[Viewer]:
    """The explorer of an export; no request may fail, nothing may be said on the console."""
    page = chromium.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))

    def failed(request: Any) -> None:
        if request.failure != "net::ERR_ABORTED":  # what is not wanted any more is given up
            wrong.append(f"{request.url}: {request.failure}")

    page.on("requestfailed", failed)
    page.on("response", lambda r: wrong.append(f"{r.url} {r.status}") if r.status >= 400 else None)
    page.goto(address)
    yield Viewer(page, root=root)
    assert wrong == []
    page.context.close()


def rested(viewer: Viewer) -> None:
    """Wait until the page asks for nothing more and has drawn all, and the values are read."""
    viewer.rest()
    wait_for(lambda: "…" not in viewer.readout(), viewer.page)


def window(viewer: Viewer) -> tuple[slice, slice]:
    """The rows and columns that are seen, one pixel each."""
    assert viewer.percent() == 100
    width, height = viewer.size()
    column, row = place_of(f"{viewer.move(width / 2, height / 2).partition(': ')[0].rstrip(':')}: ")
    left, top = column - int(width / 2), row - int(height / 2)
    return slice(top, top + height), slice(left, left + width)


@pytest.mark.parametrize("where", WHERE)
def test_raw_tiles_give_the_arrays_own_values_and_pixels(
    chromium: Chromium, address: Callable[[str, str], str], where: str
) -> None:
    with shown(chromium, address("raw words", where)) as viewer:
        for x, y in ((20, 30), (300, 200), (500, 400)):
            viewer.move(x, y)
            rested(viewer)
            text = viewer.readout()
            column, row = place_of(text)
            assert values_of(text) == [str(WORDS[row, column])]
        viewer.press("1")
        rested(viewer)
        rows, columns = window(viewer)
        colors = as_palette("viridis").array[rerange(WORDS[rows, columns], *LIMITS)]
        assert np.array_equal(viewer.pixels(), rgba(colors))
        before = viewer.pixels()
        viewer.press("i")
        assert not np.array_equal(viewer.pixels(), before)


@pytest.mark.parametrize("where", WHERE)
def test_every_digit_of_float64_is_there(
    chromium: Chromium, address: Callable[[str, str], str], where: str
) -> None:
    with shown(chromium, address("floats", where)) as viewer:
        viewer.move(200, 100)
        rested(viewer)
        column, row = place_of(viewer.readout())
        (text,) = values_of(viewer.readout())
        assert same(text, FLOATS[row, column])


def seen(viewer: Viewer) -> Array:
    """The pixels of the stage on the screen: those of pictures can't be read from its canvas."""
    width, height = viewer.size()
    x, y = viewer.point(0, 0)
    png = viewer.page.screenshot(clip={"x": x, "y": y, "width": width, "height": height})
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", ["words", "colors"])
def test_pictures_are_shown_pixel_for_pixel(
    chromium: Chromium,
    address: Callable[[str, str], str],
    folders: Path,
    name: str,
    where: str,
) -> None:
    with open_pyramid(folders / name / "tiles/0/0.dzi") as pyramid:
        whole = pyramid.read(0)
    with shown(chromium, address(name, where)) as viewer:
        viewer.press("1")
        rested(viewer)
        rows, columns = window(viewer)
        viewer.mouse.move(2, 2)  # so that nothing lies over it
        viewer.settle()
        shot, (high, wide) = seen(viewer), whole[rows, columns].shape[:2]
        inner = (slice(0, high - 150), slice(10, wide - 150))  # the navigator is in the corner
        assert np.array_equal(shot[inner], whole[rows, columns][inner])


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", ["raw stack", "stack"])
def test_planes_have_a_slider(
    chromium: Chromium, address: Callable[[str, str], str], name: str, where: str
) -> None:
    with shown(chromium, address(name, where)) as viewer:
        viewer.press("1")
        for z in (1, 2):
            viewer.press(".")
            rested(viewer)
            rows, columns = window(viewer)
            viewer.mouse.move(2, 2)
            viewer.settle()
            pixels = rgba(rerange(STACK[z][rows, columns], *LIMITS))[..., :3]
            inner = (slice(0, len(pixels) - 150), slice(10, pixels.shape[1] - 150))
            assert np.array_equal(seen(viewer)[inner], pixels[inner])


def test_images_are_compared(chromium: Chromium, address: Callable[[str, str], str]) -> None:
    with shown(chromium, address("both", "file")) as viewer:
        rested(viewer)
        assert viewer.find(".pane canvas").count() == 2
        modes = viewer.find(".compare select").first.locator("option").all_inner_texts()
        assert "difference" not in modes


def test_pictures_offer_nothing_that_needs_values(
    chromium: Chromium, address: Callable[[str, str], str]
) -> None:
    with shown(chromium, address("words", "file")) as viewer:
        rested(viewer)
        assert viewer.button("Fit (0)").count() == 1
        for name in ("Contrast (c)", "Line profile (l)", "Region (b)"):
            assert viewer.button(name).count() == 0
        viewer.press("c", "l", "b", "i")
        assert viewer.find(".contrast").count() == 0
        assert not viewer.move(100, 100).endswith(":")


def test_one_page_is_the_explorer_with_its_values(
    chromium: Chromium, address: Callable[[str, str], str]
) -> None:
    with shown(chromium, address("one", "file"), ".nbimage-view") as viewer:
        viewer.press("1")
        rows, columns = window(viewer)
        colors = as_palette("viridis").array[rerange(WORDS[rows, columns], *LIMITS)]
        assert np.array_equal(viewer.pixels(), rgba(colors))


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("where", WHERE)
def test_a_tile_that_is_gone_is_named_and_comes_when_it_is_back(
    chromium: Chromium, tmp_path: Path, where: str, raw: bool
) -> None:
    folder = View(WORDS, *LIMITS, embed=False).export(tmp_path / "out", raw=raw)
    server = Server(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    tile = folder / ("tiles/0/0/0/2_2.js" if raw else "tiles/0/0_files/11/2_2.png")
    tile.rename(tmp_path / "gone")
    page: Page = opened(
        chromium,
        (folder / "index.html").as_uri()
        if where == "file"
        else f"http://127.0.0.1:{server.server_port}/",
    )
    viewer = Viewer(page, root=".nbimage-tiled")
    viewer.press("1")
    failed = viewer.find(".failed")
    expect(failed).to_contain_text(f"2_2.{'js' if raw else 'png'} can't be loaded")
    (tmp_path / "gone").rename(tile)
    viewer.click("retry")
    expect(failed).to_be_hidden()
    page.context.close()
    server.shutdown()
    server.server_close()
