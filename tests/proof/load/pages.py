"""A live view that is used for long in a browser, with a real kernel; many on a page; slow ways.

What the kernel and the page hold is measured while the view is panned, zoomed and shown at other
contrasts; then it is asked whether what is visible stays usable where tiles are late.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.e2e.explorer import Viewer
from tests.e2e.harness import (
    Chromium,
    JupyterServer,
    NotebookPage,
    open_notebook,
    wait_until,
    write_notebook,
)

CELLS = {
    "setup": """
import os, threading, time
import numpy as np
from nbimage import View, nbview
import nbimage
yy, xx = np.mgrid[:4000, :5000]
image = ((yy * 7 + xx * 3) % 60000).astype(np.uint16)
nbimage.write_tiff(image, "large.tif", progress=False)
small = image[:300, :400]
view = View("large.tif", embed=False, width=500, height=400)
""",
    "view": "view",
    # JupyterLab shows 50 outputs of a cell at first, of which each view has two
    **dict.fromkeys(
        ("many", "more"), "for _ in range(25): nbview(small, embed=False, width=120, height=100)"
    ),
}
STATE = """
print(int(open("/proc/self/statm").read().split()[1]) * 4096,
      len(os.listdir("/proc/self/fd")), threading.active_count())
"""
LATE = """
from nbimage.view.live import tile_scheduler
whole = tile_scheduler.TileScheduler.tile
def late(self, *given):
    time.sleep(0.3)
    return whole(self, *given)
tile_scheduler.TileScheduler.tile = late
"""
_MANY = "many", "more"
_SLOW = {"latency": 400, "downloadThroughput": 60_000, "uploadThroughput": 60_000}
_HEAP, _KERNEL = 24 << 20, 48 << 20  # bytes that come and go: tiles of a page, of a kernel


class Open:
    """A notebook whose cells are run, in JupyterLab."""

    def __init__(self, page: NotebookPage) -> None:
        self.notebook, self.page = page, page.page
        self.session = self.page.context.new_cdp_session(self.page)
        for domain in ("Performance", "HeapProfiler", "Network"):
            self.session.send(f"{domain}.enable")

    def viewer(self, name: str) -> Viewer:
        """Return the live view that a cell shows."""
        output = self.notebook.output(name)
        ready = "e => e.querySelector('.nbimage-live')?.firstElementChild?.shadowRoot"
        self.page.wait_for_function(ready, arg=output)
        output.evaluate("e => { e.querySelector('.nbimage-live').dataset.cell = 'one' }")
        return Viewer(self.page, root=".nbimage-live[data-cell=one]")

    def measure(self) -> dict[str, int]:
        """Return what the page and the kernel hold, when what is not used has been let go."""
        self.session.send("HeapProfiler.collectGarbage")
        found = self.session.send("Performance.getMetrics")["metrics"]
        known = {one["name"]: int(one["value"]) for one in found}
        resident, files, threads = map(int, self.notebook.execute(STATE).split())
        page = {name: known[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}
        return {**page, "resident": resident, "files": files, "threads": threads}


@contextmanager
def opened(folder: Path, *names: str) -> Iterator[Open]:
    """Open JupyterLab, and run cells after that which makes the images."""
    cells = {name: CELLS[name] for name in ("setup", *(names or ("view",)))}
    with JupyterServer(folder, "lab") as server, Chromium() as browser:
        source = write_notebook(folder / "load.ipynb", cells)
        with open_notebook(source, list(cells), server, browser, "fresh") as page:
            yield Open(page)
            assert page.errors == [], page.errors


def pan(viewer: Viewer, round_: int) -> None:
    """Use a view as a hand does: drag it about, zoom in and out."""
    chance = np.random.default_rng(round_)
    for _ in range(8):
        ends = [tuple(chance.integers(40, 360, 2).tolist()) for _ in range(3)]
        viewer.drag(*ends)
        viewer.press(str(chance.choice(["+", "-", "1", "0"])))
    viewer.rest()


def check_long_use(folder: Path, minutes: float) -> str:
    """Pan a live view for so long; return what the page and the kernel hold then."""
    with opened(folder) as found:
        viewer = found.viewer("view")
        end, rounds, known = time.monotonic() + minutes * 60, 0, list[dict[str, int]]()
        while time.monotonic() < end or len(known) < 4:
            pan(viewer, rounds)
            rounds += 1
            if rounds % 4 == 0:
                known.append(found.measure())
        half, last = known[len(known) // 2], known[-1]
        for name, value in last.items():
            allowed = {"JSHeapUsedSize": _HEAP, "resident": _KERNEL}.get(name, half[name] // 10)
            assert value <= half[name] + allowed, f"{name}: {[one[name] for one in known]}"
        return (
            f"{rounds * 8} drags, kernel {last['resident'] >> 20} MiB, page "
            f"{last['JSHeapUsedSize'] >> 20} MiB, {last['Nodes']:,} nodes"
        )


def check_many(folder: Path) -> None:
    """Show 50 views on a page: each shows its pixels, and there are no errors."""
    with opened(folder, *_MANY) as found:
        for name in _MANY:
            output = found.notebook.output(name)
            shown = "e => e.querySelectorAll('.nbimage-live').length === 25"
            wait_until(found.page, shown, output)
            for number, root in enumerate(output.query_selector_all(".nbimage-live")):
                root.scroll_into_view_if_needed()
                root.evaluate("(e, name) => { e.dataset.cell = name }", f"{name}{number}")
                viewer = Viewer(found.page, root=f".nbimage-live[data-cell={name}{number}]")
                viewer.rest()
                assert (viewer.pixels()[:, :, 3] == 255).mean() > 0.8  # 4 to 3 in 6 to 5


def check_slow(folder: Path, way: str) -> None:
    """Use a view whose tiles are late: it moves, without holes, and in the end all is there."""
    with opened(folder) as found:
        viewer = found.viewer("view")
        viewer.rest()
        if way == "kernel":
            assert found.notebook.execute(LATE) == ""
        else:
            found.session.send("Network.emulateNetworkConditions", {"offline": False, **_SLOW})
        for act in _gestures(viewer):
            before = viewer.pixels()
            act()
            now = viewer.pixels()
            assert (now[:, :, 3] == 255).mean() > 0.99, f"{way}: there are holes"
            assert (now != before).any(), f"{way}: nothing moves"
        viewer.rest()
        assert (viewer.pixels()[:, :, 3] == 255).all()


def _gestures(viewer: Viewer) -> list[Callable[[], Any]]:
    return [
        lambda: viewer.press("1"),
        lambda: viewer.drag((300, 200), (120, 150)),
        lambda: viewer.press("-"),
        lambda: viewer.wheel(-240, control=True),
        lambda: viewer.drag((100, 100), (300, 250)),
    ]
