"""Tiles beside OpenSeadragon, in Chromium: `python -m benchmarks.tiles`.

    python -m benchmarks.tiles [--side 8192] [--rounds 3] [--save]

One folder that `View.export` wrote, with its own page, and OpenSeadragon on the same `.dzi`, each
from the same small server, which takes some milliseconds for a tile. A real mouse drags six times
the same way, so that new tiles come all the time; the page writes down when its frames begin, and
Chromium how long scripts and the main thread were busy. A view is complete when its pixels, looked
at in each frame at 64×48, do not change any more. OpenSeadragon is told not to animate or to blend,
since nbview does not: both then follow the mouse at once.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from playwright.sync_api import Page

from benchmarks.views import PANE, WATCH, Action, at_rate, measured, table
from nbimage import View
from tests.e2e.harness import Chromium
from tests.npm import packages

RESULTS = Path(__file__).with_name("tiles.md")
SIZE = 640, 480
DELAY = 0.01  # seconds that a tile takes at least
DRAGS = 6
OPENED = "() => globalThis.watch?.settled"

PAGE = """<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>body { margin: 16px } #pane { width: %dpx; height: %dpx }</style><div id="pane"></div>
<script src="openseadragon.min.js"></script>
<script>
const viewer = OpenSeadragon({
  id: "pane", tileSources: "tiles/0/0.dzi", drawer: "%s", showNavigationControl: false,
  showNavigator: true, animationTime: 0, blendTime: 0, visibilityRatio: 0, maxZoomPixelRatio: 100,
});
viewer.addOnceHandler("open", () => viewer.viewport.fitBounds(
  viewer.viewport.imageToViewportRectangle(%d, %d, %d, %d), true));
</script>
"""

# Notes when what is seen has changed last; told to stop once it has been the same for a second.
LOOK = """(() => {
  const scratch = new OffscreenCanvas(64, 48).getContext("2d", { willReadFrequently: true });
  const look = watch.look = (css) => new Promise((done) => {
    let before = "", last = 0, begun = performance.now();
    const frame = (now) => {
      const canvas = watch.deep(css);
      if (canvas?.width) {
        scratch.clearRect(0, 0, 64, 48);
        scratch.drawImage(canvas, 0, 0, 64, 48);
        const seen = String(new Uint32Array(scratch.getImageData(0, 0, 64, 48).data.buffer));
        if (seen !== before) [before, last] = [seen, now];
        if (last && now - last > 1000) return done(last);
      }
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
  addEventListener("pointermove", () => { watch.moved = performance.now(); }, true);
  look("SELECTOR").then((last) => { watch.settled = last; });
})()"""


@dataclass(slots=True)
class Way:
    """One viewer of the same tiles."""

    name: str
    page: str
    canvas: str
    opened: list[float] = field(default_factory=list)
    pan: Action = field(default_factory=Action)
    after: list[float] = field(default_factory=list)


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if "/tiles/" in self.path:
            time.sleep(DELAY)
        with contextlib.suppress(ConnectionError):  # a tile that is not wanted any more
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


def picture(side: int) -> np.ndarray:
    """Colors with some noise, so that tiles take what those of photographs do."""
    y, x = np.mgrid[:side, :side].astype(np.float32)
    random = np.random.default_rng(0)
    parts = [np.sin(x / 90 + k) * np.cos(y / 70 - k) * 90 + 128 for k in range(3)]
    noise = random.normal(scale=9, size=(side, side)).astype(np.float32)
    return np.stack([np.clip(part + noise, 0, 255) for part in parts], axis=-1).astype(np.uint8)


def written(side: int) -> Path:
    """Return a folder with the tiles and a page for each viewer."""
    folder = Path(tempfile.mkdtemp(prefix="nbimage-tiles-")) / "view"
    left, top = (side - SIZE[0]) // 2, (side - SIZE[1]) // 2
    state = {"viewport": (slice(top, top + SIZE[1]), slice(left, left + SIZE[0]))}
    view = View(picture(side), embed=False, width=SIZE[0], height=SIZE[1], state=state)
    view.export(folder, progress=False)
    script = packages() / "openseadragon" / "build" / "openseadragon" / "openseadragon.min.js"
    shutil.copy(script, folder)
    for drawer in ("canvas", "webgl"):
        text = PAGE % (*SIZE, drawer, left, top, *SIZE)
        (folder / f"{drawer}.html").write_text(text, "utf-8")
    return folder


def raced(browser: Chromium, way: Way, address: str) -> None:
    """Open a page, and drag its picture."""
    page: Page = browser.new_page()
    page.set_default_timeout(60_000)
    look = LOOK.replace("SELECTOR", way.canvas)
    page.add_init_script(WATCH.replace("SELECTOR", way.canvas) + ";\n" + look)
    page.goto(f"{address}/{way.page}")
    page.wait_for_function(OPENED)
    way.opened.append(page.evaluate("watch.settled"))
    box = page.locator(way.canvas).first.bounding_box()
    assert box is not None
    x, y = box["x"] + 560, box["y"] + 300

    def pan() -> None:
        for _ in range(DRAGS):
            page.mouse.move(x, y)
            page.mouse.down()
            at_rate(lambda over: page.mouse.move(x - 480 * over, y - 200 * over))
            page.mouse.up()

    measured(page, way.pan, pan)
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate("css => { watch.rest = watch.look(css); }", way.canvas)
    page.mouse.move(x - 500, y - 250, steps=4)
    page.wait_for_timeout(300)  # so that it does not glide on
    page.mouse.up()
    way.after.append(page.evaluate("watch.rest.then(last => Math.max(0, last - watch.moved))"))
    page.context.close()


def main(side: int, rounds: int) -> str:
    """Measure, and return tables."""
    folder = written(side)
    handler = functools.partial(_Handler, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ways = [
        Way("nbview", "index.html", PANE),
        Way("OpenSeadragon, canvas", "canvas.html", "#pane .openseadragon-canvas canvas"),
        Way("OpenSeadragon, WebGL", "webgl.html", "#pane .openseadragon-canvas canvas"),
    ]
    for number in range(rounds):
        for way in ways[:: -1 if number % 2 else 1]:
            with Chromium() as browser:
                raced(browser, way, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    heads = ["", "median frame, ms", "95th %", "longest", "script, ms a frame", "main thread"]
    heads += ["complete after opening, ms", "after a jump"]
    rows = [
        [way.name, *way.pan.cells(), f"{median(way.opened):.0f}", f"{median(way.after):.0f}"]
        for way in ways
    ]
    ratios = [
        [f"nbview / {way.name}"]
        + [
            f"{float(a) / max(float(b), 0.1):.2f}"
            for a, b in zip(rows[0][1:], row[1:], strict=True)
        ]
        for way, row in zip(ways[1:], rows[1:], strict=True)
    ]
    title = f"## {side}² RGB as JPEG tiles of 254, in a pane of {SIZE[0]}×{SIZE[1]}"
    return f"{title}\n\n{table(heads, rows + ratios)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=8192)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--save", action="store_true")
    options = parser.parse_args()
    text = main(options.side, options.rounds)
    print(text)
    if options.save:
        head = """# Tiles in the browser

Beside OpenSeadragon 6.1.1 on the same `.dzi` from the same server, in headless Chromium without a
graphics card; a frame takes 16.7 ms at least. What is done is in [tiles.py](tiles.py).
"""
        RESULTS.write_text(f"{head}\n{text}\n", "utf-8")
