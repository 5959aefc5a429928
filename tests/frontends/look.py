"""What a reader finds on a front-end's page, whatever frames and shadow roots it is in."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import ElementHandle, Error, Frame, Page

_FIND = """() => {
  const parts = root => {
    const found = [];
    const walk = part => {
      for (const e of part.querySelectorAll("*")) {
        found.push(e);
        if (e.shadowRoot) walk(e.shadowRoot);
      }
    };
    walk(root);
    if (root.shadowRoot) walk(root.shadowRoot);
    return found;
  };
  const all = parts(document);
  const seen = e => e.checkVisibility() && e.getBoundingClientRect().width > 1;
  const plain = ({ filter, opacity, paddingTop }) => filter === "none" && opacity === "1"
    && paddingTop === "0px";  // themes dim pictures, or give them a border
  const drawn = e => e.complete && e.naturalWidth > 0 && seen(e) && plain(getComputedStyle(e));
  const of = (e, tag) => parts(e).filter(one => one.localName === tag);
  const byClass = name => all.filter(e => e.classList.contains(name));
  const explorer = "nbimage-view nbimage-still nbimage-live".split(" ").map(c => "." + c).join();
  const alone = e => !e.closest(explorer) && seen(e);
  const out = {};
  const figure = byClass("nbimage-box").filter(alone)
    .find(e => e.closest(".nbimage-figure") && !e.querySelector("video"));
  if (figure && of(figure, "img").some(drawn)) out.figure = [figure, "drawn"];
  const video = all.find(e => e.localName === "video" && seen(e));
  if (video) out.video = [video, video.readyState > 1 ? "plays" : "nothing"];
  const animated = all.find(e => e.localName === "img" && /^data:image.webp/.test(e.src)
    && drawn(e));
  if (!video && animated) out.video = [animated, "plays"];
  const grid = byClass("nbimage-grid").find(alone);
  if (grid && of(grid, "img").filter(drawn).length === 6) out.grid = [grid, "drawn"];
  const say = e => of(e, "canvas").some(c => seen(c) && c.width > 60) ? "live"
    : of(e, "img").some(drawn) ? "still" : "nothing";
  const called = all.filter(e => e.localName === "div" && e.textContent === "a live view"
    && seen(e)).at(-1);
  const titled = called?.closest(".nbimage");
  const view = byClass("nbimage-view").find(e => seen(e) && !titled?.contains(e));
  if (view) out.view = [view, say(view)];
  const live = byClass("nbimage-live").find(seen) ?? titled;
  if (live) out.live = [live, say(live)];
  const table = all.find(e => e.localName === "table" && of(e, "img").filter(drawn).length === 3);
  if (table) out.table = [table, "drawn"];
  return out;
}"""
_BARE = """() => {
  const imgs = [...document.images].filter(e => e.complete && e.naturalWidth > 100
    && e.checkVisibility());
  return imgs.length;
}"""
_TEXTS = """e => {
  let text = "";
  const down = root => {
    for (const n of root.childNodes) {
      if (n.nodeType === 3) text += n.data + " ";
      else if (!["STYLE", "SCRIPT"].includes(n.nodeName)) down(n);
      if (n.shadowRoot) down(n.shadowRoot);
    }
  };
  if (e.shadowRoot) down(e.shadowRoot);
  down(e);
  return text;
}"""
_CANVAS = """e => {
  const found = [];
  const down = root => {
    for (const one of root.querySelectorAll("*")) {
      if (one.localName === "canvas" && one.checkVisibility()) found.push(one);
      if (one.shadowRoot) down(one.shadowRoot);
    }
  };
  down(e);
  if (e.shadowRoot) down(e.shadowRoot);
  const area = c => c.getBoundingClientRect().width * c.getBoundingClientRect().height;
  return found.sort((a, b) => area(b) - area(a))[0] ?? null;
}"""
_TITLE = """e => {
  let root = e;  // what is around it may be another's, with a title of its own
  for (; root; root = root.parentElement ?? root.getRootNode().host) {
    const found = [...root.querySelectorAll("div, b, caption")]
      .find(d => /^a (live )?(figure|video|grid|view)$/.test(d.textContent) && d.checkVisibility());
    if (found) return found;
  }
  return null;
}"""
_DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
HANG = 60  # seconds after which nothing more will come
READABLE = 4.5
"""WCAG's least contrast of text."""
TITLED = ("figure", "video", "grid", "view", "live")
FOUND = ("figure", "video", "grid", "view", "live", "table")


class Sight:
    """The outputs on a page, found anew at every look."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.elements: dict[str, ElementHandle] = {}
        self.states: dict[str, str] = {}

    def look(self) -> dict[str, str]:
        """Return what is seen of each kind: "drawn", "plays", "live", "still", "nothing"."""
        self.elements, self.states = {}, {}
        for frame in self.page.frames:
            try:
                self._look_into(frame)
            except Exception:  # a frame that has just gone
                continue
        return self.states

    def _look_into(self, frame: Frame) -> None:
        found = frame.evaluate_handle(_FIND)
        for name, pair in found.get_properties().items():
            element = pair.get_property("0").as_element()
            if name not in self.states and element is not None:
                self.elements[name] = element
                self.states[name] = str(pair.get_property("1").json_value())

    def wait(self, wanted: dict[str, str], seconds: float = 2 * HANG) -> dict[str, str]:
        """Look until all is there that is wanted, or the time is over; return what is there."""
        end = time.monotonic() + seconds
        while True:
            found = self.look()
            if all(found.get(name) == state for name, state in wanted.items()):
                return found
            if time.monotonic() > end:
                return found
            for name in wanted.keys() & found.keys():
                if found[name] != wanted[name]:  # what is not in sight may not have begun
                    with contextlib.suppress(Error):  # it has gone
                        self.elements[name].scroll_into_view_if_needed(timeout=1000)
            self.page.wait_for_timeout(250)

    def drag(self) -> str:
        """Drag the figure's corner; return "yes", "corner" (CSS alone) or "no"."""
        box = self.elements.get("figure")
        if box is None:
            return "no"
        handle = box.query_selector(".nbimage-handle[data-edge=se]")
        (box if handle is None else handle).scroll_into_view_if_needed()
        before = box.evaluate("e => e.getBoundingClientRect().width")
        spot = (box if handle is None else handle).bounding_box()
        if spot is None:
            return "no"
        x, y = spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2
        if handle is None:
            x, y = spot["x"] + spot["width"] - 5, spot["y"] + spot["height"] - 5
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + 60, y + 40, steps=6)
        mouse.up()
        box.evaluate(_DRAWN)
        grown = box.evaluate("e => e.getBoundingClientRect().width") - before
        if abs(grown - 60) > 3:
            return f"no ({grown:+.0f} px for +60)"
        return "corner" if handle is None else "yes"

    def hover(self, name: str = "view") -> str:
        """Point at an explorer's picture; return "yes" if it says row, column and value."""
        element = self.elements.get(name)
        canvas = element and element.evaluate_handle(_CANVAS).as_element()
        if element is None or not canvas:
            return "no"
        canvas.scroll_into_view_if_needed()
        spot = canvas.bounding_box()
        if spot is None:
            return "no"
        end = time.monotonic() + HANG
        for step in itertools.count():
            x, y = spot["x"] + spot["width"] * 0.4 + step % 7, spot["y"] + spot["height"] * 0.6
            self.page.mouse.move(x, y)
            element.evaluate(_DRAWN)
            if re.search(r"-?[−]?\d+\.\d{3}", element.evaluate(_TEXTS)):
                return "yes"
            if time.monotonic() > end:
                break
        return "no"

    def contrast(self) -> float:
        """Return the least contrast of a title with what is behind it, as WCAG has it."""
        self.page.mouse.move(0, 0)
        there = [name for name in TITLED if name in self.elements]
        return min((_contrast(self._title(name)) for name in there), default=0.0)

    def is_dark(self) -> bool:
        """Return whether what is behind the figure's title is dark."""
        return bool(np.median(_luminance_of(self._title("figure"))) < 0.2)

    def _title(self, name: str) -> ElementHandle | None:
        element = self.elements.get(name)
        return element and element.evaluate_handle(_TITLE).as_element()


def _luminance_of(title: ElementHandle | None) -> np.ndarray:
    if title is None:
        return np.ones(1)
    pixels = np.asarray(Image.open(io.BytesIO(title.screenshot())).convert("RGB"))
    return luminance(pixels[:, :60])


def _contrast(title: ElementHandle | None) -> float:
    light = _luminance_of(title)
    return float((light.max() + 0.05) / (light.min() + 0.05))


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Return the relative luminance of sRGB pixels."""
    share = pixels / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def count_pictures(page: Page) -> int:
    """Return how many larger pictures are on a page that has lost all classes."""
    return sum(frame.evaluate(_BARE) for frame in page.frames)


def describe(found: dict[str, str], names: Sequence[str] = FOUND) -> dict[str, Any]:
    """Return the states of all kinds, "no" for what is not there."""
    return {name: found.get(name, "no") for name in names}
