"""Hands and eyes for the explorer's tests: a page of viewers, and what is done and seen there."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page

from nbimage import View
from nbimage.page.html import document_html
from tests.e2e.harness import HANG, Chromium, hold, wait_for

# What a function says of an element in a viewer, its shadow too, as soon as it is there; one call
# instead of a locator's several.
ASK = """async ([root, index, css, nth, frames, patience]) => {
  const within = node => [...node.querySelectorAll(css), ...[...node.querySelectorAll("*")]
    .flatMap(({ shadowRoot }) => shadowRoot ? within(shadowRoot) : [])];
  const frame = () => new Promise(requestAnimationFrame), end = performance.now() + patience;
  while (frames--) await frame();
  while (performance.now() < end) {
    const view = document.querySelectorAll(root)[index], found = view && within(view)[nth];
    if (found) return (FUNCTION)(found);
    await frame();
  }
  throw new Error(`nothing is found at ${css}`);
}"""
APPEAR = """async canvas => {
  const visible = () => canvas.checkVisibility({ visibilityProperty: true })
    && canvas.clientWidth && canvas.clientHeight;
  while (!visible()) {
    if (performance.now() > end) throw new Error("the pane stays invisible");
    await frame();
  }
  canvas.scrollIntoViewIfNeeded();
  await frame();
  await frame();
}"""
PLACE = """e => {
  const { x, y } = e.getBoundingClientRect(), ratio = devicePixelRatio;
  return [x, y].map((at) => Math.round(at * ratio) / ratio); // browsers draw at whole pixels
}"""
PANE, READOUT, ZOOM = ".pane canvas", ".readout > :first-child", ".zoom"


class Viewer:
    """One explorer on a page, and the hands to use it with; x and y are CSS pixels in a pane."""

    def __init__(self, page: Page, index: int = 0, root: str = ".nbimage-view") -> None:
        self.page, self.mouse = page, page.mouse
        self.css, self.index = root, index
        self.root = page.locator(root).nth(index)
        self.canvas = self.pane(0)
        self.ask(PANE, APPEAR)  # a locator would bring its scripts to the page first

    def find(self, css: str) -> Locator:
        """Return what is found in the viewer, its shadow too."""
        return self.root.locator(css)

    def ask(self, css: str, function: str, index: int = 0, *, frames: int = 0) -> Any:
        """Return what a JavaScript function says of what is found, after so many frames."""
        asked = [self.css, self.index, css, index, frames, HANG * 1000]
        return self.page.evaluate(ASK.replace("FUNCTION", function), asked)

    def named(self, name: str) -> Locator:
        """Return the control of this name: what a screen reader calls it, whole."""
        return self.root.get_by_label(name, exact=True)

    def button(self, name: str | re.Pattern[str]) -> Locator:
        """Return the button of this name or text."""
        return self.root.get_by_role("button", name=name, exact=True)

    def pane(self, index: int) -> Locator:
        return self.find(PANE).nth(index)

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def rest(self) -> None:
        """Wait until every tile that the view has use for has come and is drawn."""
        calm = 0

        def rests() -> bool:
            nonlocal calm
            self.settle()
            calm = calm + 1 if self.waiting() == 0 else 0
            return calm == 2

        wait_for(rests)

    def waiting(self) -> int:
        """How many tiles the view waits for."""
        return int(self.ask(".waiting", "e => e.dataset.count || -1"))  # -1: not drawn yet

    def shows(self, expected: np.ndarray, pane: int = 0) -> None:
        """Wait until a pane has these pixels."""
        wait_for(lambda: np.array_equal(self.pixels(pane), expected), self.page)

    def changes(self, act: Callable[[], Any], pane: int = 0) -> None:
        """Do something, and wait until a pane looks different."""
        before = self.pixels(pane)
        act()
        wait_for(lambda: not np.array_equal(self.pixels(pane), before), self.page)
        self.settle()

    def pixels(self, pane: int = 0) -> np.ndarray:
        """What a pane shows, RGBA."""
        uri = self.ask(PANE, "c => c.toDataURL()", pane)
        return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))

    def readout(self) -> str:
        """What is said of the place below the pointer."""
        return str(self.ask(READOUT, READING))

    def percent(self) -> int:
        return int(self.ask(ZOOM, "e => e.innerText").removesuffix(" %"))

    def point(self, x: float, y: float, pane: int = 0) -> tuple[float, float]:
        """Return a pane's place on the page."""
        left, top = self.ask(PANE, PLACE, pane)
        return left + float(x), top + float(y)

    def move(self, x: float, y: float, pane: int = 0) -> str:
        """Point at a place of a pane; return what is read there."""
        self.mouse.move(*self.point(x, y, pane))
        return str(self.ask(READOUT, READING, frames=2))

    def drag(self, *places: tuple[float, float], pane: int = 0, steps: int = 4) -> None:
        """Press at the first place, go by the others, rest there, let go."""
        self.mouse.move(*self.point(*places[0], pane))
        self.mouse.down()
        for place in places[1:]:
            self.mouse.move(*self.point(*place, pane), steps=steps)
        hold(self.page, 80)  # so that it does not glide on
        self.mouse.up()
        self.settle()

    def size(self, pane: int = 0) -> tuple[int, int]:
        width, height = self.ask(PANE, "c => [c.clientWidth, c.clientHeight]", pane)
        return width, height

    def press(self, *keys: str) -> None:
        """Press keys in the first pane."""
        self.ask(PANE, "c => c.focus()")
        for key in keys:
            self.page.keyboard.press(key)
        self.settle()

    def click(self, name: str | re.Pattern[str]) -> None:
        self.button(name).click()
        self.settle()

    def save(self, entry: str) -> None:
        """Choose something of the menu of what is saved and copied."""
        self.button("Save and copy").click()
        self.root.get_by_role("menuitem", name=entry, exact=True).click()
        self.settle()

    def wheel(self, amount: float, *, control: bool = False) -> None:
        if control:
            self.page.keyboard.down("Control")
        self.page.evaluate(
            """() => { window.wheeled = new Promise(done => addEventListener(
              "wheel", () => requestAnimationFrame(done), { once: true, capture: true })) }"""
        )
        self.mouse.wheel(0, amount)
        self.page.evaluate("() => window.wheeled")
        if control:
            self.page.keyboard.up("Control")
        self.settle()

    def copied(self) -> str:
        """What was copied last (the page must be allowed to read the clipboard)."""
        return str(self.page.evaluate("() => navigator.clipboard.readText()"))


READING = """e => {
  const place = e.querySelector(".index");
  if (!place) return e.innerText;
  const [row, column] = place.title.match(/\\d+/g);
  const all = [...e.querySelectorAll(".values > span")].map((one) => {
    const data = one.querySelector("data");
    const [name, unit] = one.textContent.split(data.textContent);
    const sign = name && !one.querySelector(".dot") ? ":" : "";
    return `${name.trim()}${sign} ${data.value || data.textContent}${unit}`.trim();
  });
  const [where, names] = ["where", "names"].map((one) => e.querySelector(`.${one}`)?.textContent);
  const some = names ? ` (${names})` : "";
  return `x ${column}, y ${row}: ${all.join(", ")}${some}${where ? ` at ${where}` : ""}`;
}"""
"""All that a line of the readout says, its values in all their digits."""


def place_of(text: str) -> tuple[int, int]:
    """Return the column and row in a readout, coordinates left aside."""
    found = re.match(r"x (\d+), y (\d+): ", text)
    assert found, text
    return int(found[1]), int(found[2])


def values_of(text: str) -> list[str]:
    """Return the values in a readout, what stands behind them left aside."""
    values = text.partition(": ")[2].partition(" at ")[0]
    return re.sub(r" \(.*\)$", "", values).split(", ")


def same(text: str, value: Any) -> bool:
    """Whether the text is the value, none of its digits lost."""
    text = text.replace("−", "-")
    if isinstance(value, np.integer):
        return int(text) == int(value)
    return np.array_equal(type(value)(text), value, equal_nan=True)


def rgba(array: np.ndarray) -> np.ndarray:
    """Pixels as a canvas has them; what is transparent has no color there."""
    if array.ndim == 2:
        array = array[:, :, None]
    if array.shape[2] in (1, 2):
        array = np.concatenate([array[:, :, :1]] * 3 + [array[:, :, 1:]], axis=2)
    if array.shape[2] == 3:
        array = np.concatenate([array, np.full_like(array[:, :, :1], 255)], axis=2)
    return np.where(array[:, :, 3:] == 0, 0, array)


def saved(folder: Path, *views: View, style: str = "") -> str:
    """A page of its own that holds these explorers; its address."""
    path = folder / "page.html"
    html = f"<style>{style}</style>" + "".join(view.html for view in views)
    path.write_text(document_html(html, "Views"), "utf-8")
    return path.as_uri()


def opened(chromium: Chromium, address: str, *, scripts: bool = True) -> Page:
    """A page with the errors of its scripts in `page.wrong`."""
    page = chromium.new_page(scripts=scripts)
    page.wrong = []  # type: ignore[attr-defined]
    page.on("pageerror", lambda error: page.wrong.append(str(error)))  # type: ignore[attr-defined]
    page.goto(address)
    return page


@contextmanager
def exploring(chromium: Chromium, folder: Path, *views: View, style: str = "") -> Iterator[Page]:
    """Some explorers on a page of their own; no script may fail there."""
    page = opened(chromium, saved(folder, *views, style=style))
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


@contextmanager
def showing(chromium: Chromium, folder: Path, *views: View, style: str = "") -> Iterator[Viewer]:
    """The first of some explorers on a page of their own; no script may fail there."""
    with exploring(chromium, folder, *views, style=style) as page:
        yield Viewer(page)
