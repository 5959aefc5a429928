"""Tiles that come as they are asked for: of a folder, of `nbimage view`, of JupyterLab's kernel."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from tests.e2e.harness import JupyterServer, wait_for, write_notebook
from tests.e2e.test_view_command import serving
from tests.peers.engines.browser import Browser
from tests.peers.engines.conftest import check
from tests.peers.engines.explorer import Explorer

WORDS = np.random.default_rng(18).integers(0, 60_000, (1100, 1500), np.uint16)


def check_tiles(explorer: Explorer) -> None:
    """Go to single samples of `WORDS`, and check that they and their values are there."""
    browser = explorer.browser
    explorer.focus()
    browser.key("1")
    for _ in range(3):
        browser.key("+")
    explorer.wait("shadow.querySelector('.zoom').textContent === '400 %'")
    for dx, dy in ((0, 0), (-60, -50), (-90, 40), (120, -70)):
        if dx:
            x, y, _, _ = explorer.box()
            browser.drag((x + 150, y + 120), (x + 150 + dx, y + 120 + dy))
        wait_until_exact(explorer)


def wait_until_exact(explorer: Explorer) -> None:
    """Wait until a pane at 400 % has the pixels and a value of `WORDS`; say what it has instead."""
    try:
        wait_for(functools.partial(is_exact, explorer))
    except AssertionError as error:
        raise AssertionError(f"{error}: {describe(explorer)}") from error


def is_exact(explorer: Explorer) -> bool:
    """Return whether a pane at 400 % has the pixels and a value of `WORDS`."""
    row, column, *values = explorer.read(41, 33)
    pixels = explorer.pixels()[..., 0]
    right = any(np.array_equal(pixels, one) for one in find_drawn(pixels.shape, row, column))
    return right and values == [str(WORDS[row, column])]


def find_drawn(shape: tuple[int, ...], row: int, column: int) -> Iterator[np.ndarray]:
    """Yield all that a pane at 400 % may show where a sample is read at column 41, row 33."""
    height, width = shape
    top, left = row - 33 // 4 - 1, column - 41 // 4 - 1
    part = WORDS[top : top + height // 4 + 4, left : left + width // 4 + 4]
    drawn = Picture(part, 0, 60_000).pixels.repeat(4, 0).repeat(4, 1)
    for y, x in np.ndindex(9, 9):
        yield drawn[y : y + height, x : x + width]


DESCRIBE = """(() => {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const text = (css) => shadow.querySelector(css)?.textContent;
  const status = shadow.querySelector(".waiting");
  return {
    zoom: text(".zoom"), pane: [left, top, width, height], canvas: [canvas.width, canvas.height],
    ratio: devicePixelRatio, window: [innerWidth, innerHeight, scrollX, scrollY],
    below: document.elementFromPoint(left + 41, top + 33)?.outerHTML.slice(0, 200),
    focused: [document.activeElement, shadow.activeElement].map((one) => one?.className),
    readout: text(".readout"), title: shadow.querySelector(".readout .index")?.title,
    pinned: text(".pinned"), failed: text(".failed"), hint: text(".hint"),
    tiles: `${status?.dataset.count} to come`, shown: !status?.hidden, views: views.length,
  };
})()"""


def describe(explorer: Explorer) -> str:
    """Say what an explorer shows, and which of its pixels are not those of `WORDS`."""
    found = explorer.ask(DESCRIBE)
    pixels = explorer.pixels()[..., 0]
    where = [int(number) for number in re.findall(r"\d+", found["title"] or "")]
    if len(where) != 2:
        return f"nothing is read: {found}"
    same = [one for one in find_drawn(pixels.shape, *where) if one.shape == pixels.shape]
    wrong = min((np.argwhere(one != pixels) for one in same), key=len, default=None)
    if wrong is None:
        return f"the image ends within the pane: {found}"
    box = [wrong.min(0).tolist(), wrong.max(0).tolist()] if len(wrong) else None
    return f"{len(wrong)} of {pixels.size} pixels differ, rows and columns {box}: {found}"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_an_exported_folder_has_its_tiles_and_values(browser: Browser, tmp_path: Path) -> None:
    View(WORDS, 0, 60_000, embed=False, width=600).export(tmp_path / "words", raw=True)
    handler = functools.partial(Quiet, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            browser.open()
            browser.go(f"http://127.0.0.1:{server.server_port}/words/")
            check_tiles(Explorer(browser))
            check(browser)
        finally:
            browser.go("about:blank")
            server.shutdown()


def test_the_page_of_the_command_has_its_tiles_and_values(browser: Browser, tmp_path: Path) -> None:
    np.save(tmp_path / "words.npy", WORDS)
    with serving(tmp_path, "words.npy", "--vmin", "0", "--vmax", "60000") as process:
        browser.open()
        browser.go(process.address)
        check_tiles(Explorer(browser))
        check(browser)
        browser.go("about:blank")


# ------------------------------------------------------------------------------ JupyterLab

CELLS = {
    "setup": """
import numpy as np
from nbimage import View, nbimage
random = np.random.default_rng(18)
words = random.integers(0, 60_000, (1100, 1500), np.uint16)
""",
    "picture": "nbimage(words[:60, :90], 0, 60_000, width=180)",
    "live": "View(words, 0, 60_000, embed=False, width=600, height=400)",
}
PANEL = "[...window.jupyterapp?.shell.widgets('main') ?? []].find((one) => one.context)"
RUN = f"""() => {{
  const panel = {PANEL};
  if (!panel?.context.isReady || panel.context.sessionContext.session?.kernel?.status !== "idle")
    return false;
  if (jupyterapp.shell.currentWidget !== panel) {{
    jupyterapp.shell.activateById(panel.id); // the first page of a window may not have the focus
    return false;
  }}
  jupyterapp.commands.execute("notebook:run-all-cells");
  return true;
}}"""
STATE = f"""() => {{
  const panel = {PANEL};
  const {{ status, connectionStatus }} = panel?.context.sessionContext.session?.kernel ?? {{}};
  const texts = (css) => [...document.querySelectorAll(css)].map((one) =>
    one.textContent.slice(0, 200));
  return {{
    app: !!window.jupyterapp, panel: panel?.id, ready: panel?.context.isReady,
    current: window.jupyterapp?.shell.currentWidget?.id, status, connectionStatus,
    page: document.readyState, focused: [document.hasFocus(), document.activeElement.className],
    dialogs: texts(".jp-Dialog"), cells: texts(".jp-InputPrompt"),
    outputs: texts(".jp-OutputArea-output"),
  }};
}}"""
SHOWN = "() => !!document.querySelector('.nbimage-live')?.firstElementChild?.shadowRoot"
END = f"""async () => {{
  const {{ context }} = {PANEL};
  await context.save(); // else the browser asks whether to leave
  await context.sessionContext.shutdown();
}}"""


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """JupyterLab."""
    with JupyterServer(tmp_path_factory.mktemp("lab"), "lab") as running:
        yield running


def test_in_jupyterlab_pictures_and_live_tiles_are_exact(
    browser: Browser, lab: JupyterServer, tmp_path: Path
) -> None:
    notebook = write_notebook(lab.root / f"{tmp_path.name}.ipynb", CELLS)
    browser.open()
    browser.go(lab.notebook_url(notebook.name))
    try:
        browser.wait(RUN)
        browser.wait(SHOWN)
    except AssertionError as error:
        log = lab.log_path.read_text("utf-8", "replace")[-2000:]
        raise AssertionError(f"{error}: {browser.evaluate(STATE)}\n{log}") from error
    check_tiles(Explorer(browser))
    check(browser, ".jp-OutputArea-output")
    browser.wait("() => document.querySelector('.nbimage-box img')?.complete")
    browser.evaluate(
        "() => document.querySelector('.nbimage-box').scrollIntoView({ block: 'center' })"
    )
    browser.settle()
    left, top, width, height = browser.rectangle(".nbimage-box img")
    pixels = Picture(WORDS[:60, :90], 0, 60_000).pixels
    shown = browser.part(".nbimage-box img")
    np.testing.assert_array_equal(shown[..., 0], pixels.repeat(2, 0).repeat(2, 1))
    middle = top + height // 2
    browser.drag((left + width - 1, middle), (left + width + 59, middle))
    assert browser.rectangle(".nbimage-box img")[2:] == (240, 160)
    browser.evaluate(END)
    browser.go("about:blank")
