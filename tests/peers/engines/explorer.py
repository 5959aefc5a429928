"""Hands and eyes for an explorer on a page of any browser."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from tests.peers.engines.browser import Browser

FIND = """const views = [...document.querySelectorAll(
  ".nbimage-view, .nbimage-tiled, .nbimage-live")].filter((view) =>
  [...view.children].some((one) => one.shadowRoot));
const shadow = [...views[index].children].find((one) => one.shadowRoot).shadowRoot;
const canvas = shadow.querySelector(".pane canvas");"""
TEXT = """const texts = (e) => {
  const [row, column] = e.querySelector(".index").title.match(/\\d+/g).map(Number);
  return [row, column, ...[...e.querySelectorAll("data")].map((one) => one.value
    || one.textContent)];
};"""


class Explorer:
    """Hands and eyes for one of the explorers of a page; x and y are CSS pixels in its pane."""

    def __init__(self, browser: Browser, index: int = 0) -> None:
        self.browser, self.index = browser, index
        ready = f"""(index) => {{ try {{ {FIND} return canvas.width > 0 && shadow.querySelector(
          ".zoom").textContent; }} catch {{ return false; }} }}"""
        browser.wait(ready, index)
        self.ask("canvas.scrollIntoView({ block: 'center' })")
        browser.settle()

    def ask(self, expression: str, *args: Any) -> Any:
        """Return what an expression of `shadow`, `canvas` and `args` gives."""
        function = f"async (index, ...args) => {{ {FIND} {TEXT} return {expression}; }}"
        return self.browser.evaluate(function, self.index, *args)

    def wait(self, expression: str, *args: Any) -> Any:
        """Wait until an expression gives something."""
        function = f"async (index, ...args) => {{ {FIND} {TEXT} return {expression}; }}"
        return self.browser.wait(function, self.index, *args)

    def box(self, css: str = ".pane canvas") -> tuple[float, float, float, float]:
        """Left, top, width and height on the page."""
        left, top, width, height = self.ask(
            """(({ left, top, width, height }) => [left, top, width, height])(
              shadow.querySelector(args[0]).getBoundingClientRect())""",
            css,
        )
        return left, top, width, height

    def point(self, x: float, y: float) -> tuple[float, float]:
        left, top, _, _ = self.box()
        return left + x, top + y

    def read(self, x: float, y: float) -> list[Any]:
        """Point at a place; return its row, column and values."""
        self.browser.move(*self.point(x, y))
        self.browser.settle()
        read: list[Any] = self.wait(
            "shadow.querySelector('.readout .index') && texts(shadow.querySelector('.readout'))"
        )
        return read

    def pixels(self) -> np.ndarray:
        """What the pane shows, RGBA."""
        width, height, text = self.ask(
            """((data) => {
              let text = "";
              for (let i = 0; i < data.length; i += 8192)
                text += String.fromCharCode(...data.subarray(i, i + 8192));
              return [canvas.width, canvas.height, btoa(text)];
            })(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data)"""
        )
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def percent(self) -> int:
        return int(self.ask("shadow.querySelector('.zoom').textContent").removesuffix(" %"))

    def focus(self) -> None:
        self.ask("canvas.focus()")
