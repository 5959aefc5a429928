"""A view of tiles on 127.0.0.1 as `nbimage view` serves it, slower or broken as a test wants it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

from nbimage import View
from nbimage.view.live.tile_scheduler import Tile
from nbimage.view.serve.http_server import TileServer
from tests.e2e.explorer import Viewer
from tests.e2e.harness import HANG, Chromium, wait_for

Numbers = tuple[int, ...]
ROOT = ".nbimage-tiled"
COUNT = """
window.fetching = 0;  // requests whose answers a page has not had yet
const { fetch } = window;
window.fetch = async (...args) => {
  fetching++;
  try {
    const { body, ...answer } = await fetch(...args).then(async answer => ({
      body: await answer.arrayBuffer(), status: answer.status, headers: answer.headers }));
    return new Response(body.byteLength ? body : null, answer);
  } finally {
    setTimeout(() => fetching--);  // when who asked has asked for the next
  }
};
"""


class TestServer(TileServer):
    """Keeps the addresses of tiles in ``asked``: image, plane, level, column, row.

    Those whose answer was final are in ``answered``: rough ones may be asked for again.
    """

    __test__ = False

    def __init__(self, view: View) -> None:
        self.asked: list[Numbers] = []
        self.answered: list[Numbers] = []
        self.at_once = self.most_at_once = 0
        self.delay = 0.0
        self.broken: Callable[[Numbers], bool] = lambda numbers: False
        self.open = threading.Event()
        self.open.set()
        self._counting = threading.Lock()
        super().__init__(view.model, log=lambda text: None)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def tile(self, numbers: Numbers) -> Callable[[], Tile] | None:
        """Return what makes a tile: late, not before ``open`` is set, or never."""
        make = super().tile(numbers)

        def late() -> Tile:
            with self._counting:
                self.asked.append(numbers)
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                self.open.wait(HANG)
                time.sleep(self.delay)
                if self.broken(numbers):
                    raise ValueError(f"tile {numbers} is broken")
                assert make is not None
                made = make()
                with self._counting:
                    self.answered += [] if made.rough else [numbers]
                return made
            finally:
                with self._counting:
                    self.at_once -= 1

        return make and late

    def close(self) -> None:
        """Stop serving."""
        self.open.set()
        self.shutdown()
        self._thread.join()
        self.server_close()


class TiledViewer(Viewer):
    """An explorer whose tiles a server has."""

    def __init__(self, page: Page, server: TestServer) -> None:
        self.server = server
        super().__init__(page, root=ROOT)

    def rest(self) -> TiledViewer:
        """Wait until no tile comes any more, seen or not, and all are drawn."""
        rest = super().rest
        wait_for(lambda: rest() or not self.page.evaluate("fetching"), self.page)
        rest()
        return self

    def read(self, x: float, y: float, pane: int = 0) -> str:
        """Point at a place; return what is read once its values are there."""
        self.move(x, y, pane)
        self.page.wait_for_function(
            "([root]) => !document.querySelector(root).lastElementChild.shadowRoot"
            ".querySelector('.readout > :first-child').textContent.includes('…')",
            arg=[ROOT],
        )
        return self.readout()


@contextmanager
def tiled(
    chromium: Chromium,
    view: View,
    *,
    before: Callable[[TestServer], Any] = lambda server: None,
    size: tuple[int, int] | None = None,
    dark: bool = False,
    said: int = 0,
) -> Iterator[TiledViewer]:
    """A view of tiles in a browser; nothing may go wrong but ``said`` tiles."""
    server = TestServer(view)
    before(server)
    page = chromium.new_page()
    page.add_init_script(COUNT)
    if size:
        page.set_viewport_size({"width": size[0], "height": size[1]})
    if dark:
        page.emulate_media(color_scheme="dark")
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    try:
        page.goto(server.address)
        yield TiledViewer(page, server).rest()
        failed = [text for text in wrong if "500" in text]
        assert [text for text in wrong if text not in failed] == []
        assert len(failed) <= said
    finally:
        page.context.close()
        server.close()
