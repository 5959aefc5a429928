"""How soon a live view shows something: `python -m benchmarks.first_pictures`, a part of `views`.

A zarr array of 40,000² uint16 without smaller levels, on a disk, in a real JupyterLab: from where
the cell begins to run until the view's canvas has a pixel, by the one clock of kernel and page.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

from tests.e2e.harness import Chromium, JupyterServer, NotebookPage, open_notebook, write_notebook

SIDE, CHUNK = 40_000, 1000
DIFFERENT = 4  # chunks a side that differ: the others are links to these
ROUNDS = 7
HEADS = ["", "View made, ms", "first picture, ms", "of all rounds"]
SETUP = """
import time
from nbimage import View
def show(path):
    begun = time.time()
    view = View(path, width=640, height=640)
    print(begun * 1e3, (time.time() - begun) * 1e3)
    return view
"""
# Notes when the canvas of each view has first something in its middle.
LOOK = """() => {
  const scratch = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const pictures = globalThis.firstPictures = {};
  const look = () => {
    for (const root of document.querySelectorAll(".nbimage-live")) {
      const canvas = root.firstElementChild?.shadowRoot?.querySelector(".pane canvas");
      if (root.dataset.view in pictures || !canvas?.width) continue;
      scratch.clearRect(0, 0, 1, 1);
      scratch.drawImage(canvas, canvas.width >> 1, canvas.height >> 1, 1, 1, 0, 0, 1, 1);
      if (scratch.getImageData(0, 0, 1, 1).data[3]) pictures[root.dataset.view] = Date.now();
    }
    if (globalThis.firstPictures === pictures) requestAnimationFrame(look);
  };
  look();
}"""
LAST = "begun => Object.values(firstPictures).find(time => time >= begun)"


def write_array(folder: Path, side: int = SIDE) -> Path:
    """Write a zarr array of waves with noise; most of its chunks are links to others."""
    import zarr

    path = folder / "large.zarr"
    shape, chunks = (side, side), (CHUNK, CHUNK)
    array = zarr.create_array(path, shape=shape, chunks=chunks, dtype="uint16", fill_value=0)
    length = DIFFERENT * CHUNK
    y, x = np.mgrid[:length, :length].astype(np.float32)
    noise = np.random.default_rng(0).normal(scale=200, size=(length, length))
    waves = np.sin(x / 200) * np.cos(y / 300) * 9000 + 12_000 + noise
    array[:length, :length] = waves.astype(np.uint16)
    count = side // CHUNK
    for row in range(count):
        folder = path / "c" / str(row)
        folder.mkdir(exist_ok=True)
        for column in range(count):
            if max(row, column) >= DIFFERENT:
                source = path / "c" / str(row % DIFFERENT) / str(column % DIFFERENT)
                os.link(source, folder / str(column))
    return path


def shown(page: NotebookPage) -> tuple[float, float]:
    """Milliseconds until the view is made, and until its picture is there."""
    page.page.evaluate(LOOK)
    page.run_cell("view")
    begun, made = map(float, page.output("view").inner_text().split()[:2])
    page.page.wait_for_function(LAST, arg=begun)
    return made, float(page.page.evaluate(LAST, begun)) - begun


def first_pictures(browser: Chromium, folder: Path) -> list[list[str]]:
    """Rows of a table: the first view of a kernel, and the middle one of later ones."""
    root = folder / "first"
    root.mkdir()
    path = write_array(folder)
    cells = {"setup": SETUP, "view": f"show({str(path)!r})"}
    with JupyterServer(root, "lab") as server:
        notebook = write_notebook(folder / "first.ipynb", cells)
        with open_notebook(notebook, list(cells), server, browser, "fresh") as page:
            found = [shown(page) for _ in range(ROUNDS)]
    made, pictures = ([one[i] for one in found] for i in range(2))
    ends = f"{min(pictures):.0f} to {max(pictures):.0f}"
    name = f"{SIDE:,}² uint16, a zarr array"
    return [[name, f"{median(made):.0f}", f"{median(pictures):.0f}", ends]]


if __name__ == "__main__":
    from benchmarks.views import table

    with Chromium() as own:
        print(table(HEADS, first_pictures(own, Path(tempfile.mkdtemp(prefix="nbimage-first-")))))
