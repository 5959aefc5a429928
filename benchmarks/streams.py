"""Streams and projections in the explorer: `python -m benchmarks.streams`, a part of `views`.

A thread of the kernel appends frames of 512² uint8 to a live view, in a real JupyterLab; the page
writes down which of them its canvas has in each animation frame. Projections: of 100 planes of 512²
uint16, in the page's own script under Node, in tiles, and in NumPy.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any

import numpy as np

from nbimage import View
from nbimage.view.live.tile_scheduler import TileScheduler
from nbimage.view.model.tiled_image import TileAddress
from tests.e2e.harness import Chromium, JupyterServer, open_notebook, write_notebook
from tests.e2e.test_live_view import said, viewer_of
from tests.e2e.test_view_stream import WATCH
from tests.page.js.node import Node

SECONDS = 4
KINDS = ("max", "mean", "min", "sum", "std")
SETUP = """
import threading, time
import numpy as np
from nbimage import View
noise = np.random.default_rng(0).integers(0, 256, (512, 512), np.uint8)
view = View(np.zeros((1, 512, 512), np.uint8), axes="tyx", embed=False, width=512, height=512)
def film(rate, seconds, still):
    due = time.monotonic()
    for number in range(1, rate * seconds + 1):
        frame = np.full_like(noise, number % 256) if still else noise // 2 + number % 128
        frame[192:320, 192:320] = number % 256
        view.append(frame, max_planes=30)
        due += 1 / rate
        time.sleep(max(0, due - time.monotonic()))
"""
CELLS = {"setup": SETUP, "view": "view", "code": "exec(open('code.py').read())"}


def streamed(browser: Chromium, folder: Path) -> list[list[str]]:
    """Rows of a table: frames a second that were taken and shown."""
    rows = []
    root = folder / "lab"
    root.mkdir()
    with JupyterServer(root, "lab") as server:
        path = write_notebook(folder / "stream.ipynb", CELLS)
        with open_notebook(path, list(CELLS), server, browser, "fresh") as page:
            viewer = viewer_of(page, "view")
            viewer.rest()
            for name, still in (("flat", True), ("noise", False)):
                for rate in (30, 60):
                    before = int(said(page, "print(view.dropped)"))
                    viewer.canvas.evaluate(WATCH)
                    thread = f"threading.Thread(target=film, args=({rate}, {SECONDS}, {still}))"
                    said(page, f"thread = {thread}; thread.start()")
                    sleep(SECONDS + 2)
                    seen: list[int] = page.page.evaluate("seen")
                    dropped = int(said(page, "print(view.dropped)")) - before
                    last = seen[-1] == rate * SECONDS % 256
                    shown = (len(seen) - 1) / SECONDS
                    rows.append(
                        [name, str(rate), f"{shown:.1f}", str(dropped), "yes" if last else "no"]
                    )
    return rows


def timed(do: Callable[[], Any], rounds: int = 5) -> float:
    """Milliseconds of the middle one of some calls."""
    times = []
    for _ in range(rounds):
        begin = perf_counter()
        do()
        times.append(1e3 * (perf_counter() - begin))
    return median(times)


def projected(count: int = 100, side: int = 512) -> list[list[str]]:
    """Rows of a table: milliseconds for each kind in the page, in tiles and in NumPy."""
    array = np.random.default_rng(0).integers(0, 4000, (count, side, side), np.uint16)
    embedded = View(array, axes="zyx", embed=True)
    node = Node("view/project/planes")
    node.evaluate(
        """async (config) => {
          globalThis.source = new ProjectedSource(config.images[0], config.axes);
          await source.plane(0);
        }""",
        embedded.model.config,
    )
    rows = []
    stack = View(array, axes="zyx", embed=False).model.tiled[0]
    whole = f"0-{count - 1}"
    for kind in KINDS:
        text = f"""async () => {{
          const begin = performance.now();
          await source.make("{kind}{whole}", () => true);
          return performance.now() - begin;
        }}"""
        node.evaluate(text)  # whose planes are decoded then
        page = median(node.evaluate(text) for _ in range(3))

        def tiles(kind: str = kind) -> None:
            scheduler = TileScheduler([stack])
            for row in range(-(-side // 256)):
                for column in range(-(-side // 256)):
                    scheduler.tile(0, TileAddress(f"{kind}{whole}", 0, column, row))
            scheduler.close()

        function = getattr(np, f"nan{kind}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            numpy = timed(lambda function=function: function(array, axis=0))  # type: ignore[misc]
        rows.append([kind, f"{page:.0f}", f"{timed(tiles, 3):.0f}", f"{numpy:.0f}"])
    node.close()
    return rows


STREAM_HEADS = ["", "appended a second", "shown a second", "dropped", "ends with the newest"]
PROJECTION_HEADS = ["", "page, ms", "tiles, ms", "NumPy, ms"]


if __name__ == "__main__":
    from benchmarks.views import table

    print(table(PROJECTION_HEADS, projected()))
    with Chromium() as own:
        print(table(STREAM_HEADS, streamed(own, Path(tempfile.mkdtemp(prefix="nbimage-streams-")))))
