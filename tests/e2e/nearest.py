"""Every device pixel of explorers at many zooms: which sample is drawn there, and which is read.

What is asked of a page is in JavaScript that every browser runs, so that `tests/e2e` and
`tests/peers/engines` ask the same.
"""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from nbimage import View

ROWS, COLUMNS = 110, 170
ZOOMS = (1.2, 1.5, 2.5, 3, 3.7, 4.5)
RATIOS = (1, 1.25, 1.5, 1.75, 0.9)
"""Device pixels a CSS pixel; with `ZOOMS` thirty in all."""
SIZE = 160, 100  # of the panes, in CSS pixels
FIRST = 3.3, 7.7  # row and column at which what is seen begins

PLACES = np.empty((ROWS, COLUMNS, 3), np.uint8)
PLACES[..., 0] = np.arange(COLUMNS)
PLACES[..., 1] = np.arange(ROWS)[:, None]
PLACES[..., 2] = 77
"""Samples that say where they are."""
LABELS = np.arange(ROWS * COLUMNS, dtype=np.int32).reshape(ROWS, COLUMNS) + 1


def make_view(zoom: float, *, labels: bool = False) -> View:
    """Return an explorer whose samples are `zoom` CSS pixels large."""
    (row, column), (width, height) = FIRST, SIZE
    box = [[row, row + height / zoom], [column, column + width / zoom]]
    data: Any = LABELS if labels else PLACES
    options: dict[str, Any] = {"labels": True} if labels else {"channel_axis": -1}
    return View(data, width=width, height=height, state={"viewport": box}, **options)


READ_ALL = """async (root) => {
  const ratio = devicePixelRatio;
  const frame = () => new Promise(requestAnimationFrame);
  const drawn = (edge) => Math.round(edge * ratio) / ratio; // on whole device pixels
  const views = [...document.querySelectorAll(root)].map((view) => {
    const { shadowRoot } = [...view.children].find((one) => one.shadowRoot);
    const canvas = shadowRoot.querySelector(".pane canvas");
    return { shadowRoot, canvas, reads: [] };
  });
  scrollTo(0, 0); // WebKit cuts the fractions of a position off, also above the window
  await frame();
  const most = Math.max(...views.flatMap(({ canvas }) => [canvas.width, canvas.height]));
  for (let at = 0; at < most; at++) {
    for (const { canvas } of views) {
      const { left, top, width, height } = canvas.getBoundingClientRect();
      const x = ((at % canvas.width) + 0.5) * width / canvas.width;
      const y = ((at % canvas.height) + 0.5) * height / canvas.height;
      const [clientX, clientY] = [drawn(left) + x, drawn(top) + y];
      const more = { clientX, clientY, pointerId: 1, bubbles: true };
      canvas.dispatchEvent(new PointerEvent("pointermove", more));
    }
    await frame();
    for (const { shadowRoot, reads } of views)
      reads.push(shadowRoot.querySelector(".readout .index")?.title.match(/\\d+/g).map(Number));
  }
  return views.map(({ canvas, reads }) => {
    const { width, height } = canvas;
    const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
    let text = "";
    for (let i = 0; i < data.length; i += 8192)
      text += String.fromCharCode(...data.subarray(i, i + 8192));
    return { width, height, reads, ratio, pixels: btoa(text) };
  });
}"""
"""What explorers show, and what is read at each device pixel of a diagonal, which goes on from the
other side: a column and a row of the samples each."""


def decode_pixels(found: dict[str, Any]) -> np.ndarray:
    """Return the pixels of one explorer that `READ_ALL` tells of."""
    data = np.frombuffer(base64.b64decode(found["pixels"]), np.uint8)
    return data.reshape(found["height"], found["width"], 4)


def check_reads(found: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Check that the sample at each pixel is read there; return the pixels' columns and rows."""
    pixels = decode_pixels(found)
    height, width, _ = pixels.shape
    assert (pixels[..., 2:] == (77, 255)).all()
    columns, rows = pixels[0, :, 0].astype(int), pixels[:, 0, 1].astype(int)
    np.testing.assert_array_equal(pixels[..., 0], np.broadcast_to(columns, (height, width)))
    np.testing.assert_array_equal(pixels[..., 1], np.broadcast_to(rows[:, None], (height, width)))
    for at, read in enumerate(found["reads"]):
        assert read == [rows[at % height], columns[at % width]], at
    return columns, rows


def check_samples(zoom: float, found: dict[str, Any]) -> None:
    """Check that each pixel has the sample at its center, and that this one is read there."""
    columns, rows = check_reads(found)
    for drawn, first in ((columns, FIRST[1]), (rows, FIRST[0])):
        each = zoom * found["ratio"]
        begin = np.round(-first * each)  # pictures begin at a whole device pixel
        centers = (np.arange(len(drawn)) + 0.5 - begin) / each
        tie = np.abs(centers - np.round(centers)) < 1e-6
        np.testing.assert_array_equal(drawn[~tie], np.floor(centers[~tie]))
        assert (np.abs(drawn[tie] + 0.5 - centers[tie]) < 0.51).all()
