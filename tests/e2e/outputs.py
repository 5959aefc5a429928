"""One output of each kind, and what is seen of it on a page: boxes and pixels."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image
from playwright.sync_api import Page

from nbimage import Grid, Picture, Video, View, show_images
from nbimage.page.trees.sketches import image_html, images_html
from nbimage.trees.bundles import make_tree
from tests.e2e.harness import settle, wait_for, wait_until

ROWS, COLUMNS = np.mgrid[0:90, 0:140]
WAVE = np.sin(COLUMNS / 13) * np.cos(ROWS / 17)
STACK = np.stack([np.roll(WAVE, 9 * i, 1) for i in range(4)])
NAMES = [f"a long name {i}" for i in range(8)]
AROUND: dict[str, Any] = {"x": True, "y": True, "colorbar": "volt"}


def tree_of(data: Any) -> str:
    bundle = make_tree(data)
    assert bundle is not None
    return str(bundle[0]["text/html"])


OUTPUTS: dict[str, Callable[[], str]] = {
    "plain": lambda: Picture(WAVE).html,
    "figure": lambda: (
        Picture(
            WAVE,
            x=True,
            y=True,
            xlabel="x in mm",
            ylabel="y in mm",
            title="A title",
            colorbar="volt",
            histogram=True,
            overlay=WAVE > 0.5,
            caption=True,
            under="red",
            over="blue",
            vmax=0.8,
            vmin=-0.8,
            width=350,
        ).html
    ),
    "narrow": lambda: Picture(WAVE, **AROUND, width=1500).html,
    "names": lambda: Picture(WAVE[:6, :8], x=NAMES, y=NAMES[:6], pixel_size=1, unit="m").html,
    "stretched": lambda: Picture(WAVE, aspect=0.5, x=True, colorbar=True).html,
    "channels": lambda: Picture(STACK[:2], channel_axis=0, channels=["DAPI", "GFP"]).html,
    "grid": lambda: Grid(STACK, NAMES[:4], **AROUND, border="red").html,
    "pages": lambda: Grid(list(STACK), page=2, columns=2).html,
    "row bars": lambda: Grid([list(STACK[:2]), list(STACK[2:])], shared="row", colorbar=True).html,
    "video": lambda: Video(STACK, x=True, y=True, colorbar=True, title="moving").html,
    "plain video": lambda: Video(STACK).html,
    "view": lambda: View(WAVE, title="explored").html,
    "view of planes": lambda: View(STACK, overlay=STACK[0] > 0.5).html,
    "compared": lambda: View({"one": WAVE, "two": -WAVE}).html,
    "tree": lambda: tree_of({"a": WAVE, "b": {"c": STACK, "d": 3}}),
    "small pictures": lambda: images_html([image_html(Picture(WAVE).data_uri, 40, 26)] * 2),
}


def make_table() -> str:
    """Return a table of pandas with pictures in it; the rest of it is the page's to style."""
    frame = pd.DataFrame({"n": [1, 2], "image": [WAVE[:12, :20], WAVE.T[:9]]})
    return str(show_images(frame, shared=False).to_html())


ROOM = (
    '<div id="room" style="position:absolute;left:0;top:0;width:900px;box-sizing:content-box;'
    'margin:0;padding:0;background:COLORS">'
)
_BOXES = """() => {
  const room = document.querySelector("#room"), { x, y } = room.getBoundingClientRect();
  const found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const box = one.getBoundingClientRect();
      if (!["script", "style"].includes(one.localName))
        found.push([`${one.localName}.${one.className}`, box.x - x, box.y - y, box.width,
          box.height]);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(room);
  return found;
}"""


def compose(html: str, frame: str = "", styles: str = "", *, dark: bool = False) -> str:
    """Return a page with an output in a room of 900 CSS pixels, within elements that it has."""
    room = ROOM.replace("COLORS", "#121212;color:#ddd" if dark else "#fff;color:#222")
    themed = " data-theme=dark data-bs-theme=dark style='color-scheme:dark'" if dark else ""
    closing = "".join(f"</{one.split()[0].strip('<>')}>" for one in reversed(frame.split("<")[1:]))
    return (
        f"<!DOCTYPE html><html lang=en{themed}><head><meta charset=utf-8>{styles}</head>"
        f"<body style='margin:0'>{frame}{room}{html}</div>{closing}</body></html>"
    )


class Seen:
    """A page with what is shown in it, its boxes and its pixels."""

    def __init__(self, page: Page, html: str, act: Callable[[Page], None] | None = None) -> None:
        page.mouse.move(950, 1350)  # beside it
        page.set_content(html, wait_until="load")
        wait_until(page, "() => [...document.images].every(image => image.complete)")
        settle(page)
        if act is not None:
            act(page)
            settle(page)
        self.boxes: list[list[Any]] = []
        wait_for(lambda: self._has_settled(page), page)
        data = page.locator("#room").screenshot(animations="disabled", caret="hide")
        pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
        height: float = page.evaluate("() => document.querySelector('#room').clientHeight")
        self.pixels = pixels[: int(height) - 1]  # the last row may be half of the page's

    def _has_settled(self, page: Page) -> bool:
        """Read the boxes; return whether they are those that were read before."""
        before, self.boxes = self.boxes, page.evaluate(_BOXES)
        settle(page)
        return self.boxes == before


def check_alike(plain: Seen, styled: Seen) -> None:
    """Assert that nothing has another box or another pixel."""
    assert [box[0] for box in styled.boxes] == [box[0] for box in plain.boxes]
    moved = [
        (own, there)
        for own, there in zip(plain.boxes, styled.boxes, strict=True)
        if np.abs(np.subtract(own[1:], there[1:])).max() > 0.1
    ]
    assert moved == []
    assert styled.pixels.shape == plain.pixels.shape
    assert np.abs(styled.pixels - plain.pixels).max() <= 2
