"""A browser, whichever it is: the few hands and eyes that all tests of engines have."""

from __future__ import annotations

import io
import math
import shutil
from abc import ABC, abstractmethod
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from tests.e2e.harness import wait_for

FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def find_program(name: str, package: str) -> str:
    """Return a program's path. Raises RuntimeError that names the package which brings it."""
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} must be on the path: `.ci/programs {package}` installs it")
    return found


class Browser(ABC):
    """One browser with one page at a time; x and y are CSS pixels of the page."""

    scales = True
    """Whether it can be asked for screens of more or less than a device pixel a CSS pixel."""

    @abstractmethod
    def open(self, scale: float = 1) -> None:
        """Open another page, on a screen of so many device pixels a CSS pixel."""

    @abstractmethod
    def go(self, url: str) -> None:
        """Load an address."""

    @abstractmethod
    def evaluate(self, function: str, *args: Any) -> Any:
        """Return what a JavaScript function gives, awaited."""

    @abstractmethod
    def move(self, x: float, y: float) -> None: ...

    @abstractmethod
    def down(self) -> None: ...

    @abstractmethod
    def up(self) -> None: ...

    @abstractmethod
    def turn(self, x: float, y: float, amount: float) -> None:
        """Turn the wheel with the pointer at a place."""

    @abstractmethod
    def key(self, name: str) -> None:
        """Press a key, named as `KeyboardEvent.key` names it."""

    @abstractmethod
    def screen(self) -> bytes:
        """What is seen, as PNG."""

    @abstractmethod
    def errors(self) -> list[str]:
        """What scripts have thrown since it was asked last and nothing caught."""

    @abstractmethod
    def close(self) -> None: ...

    def settle(self) -> None:
        """Wait until what was asked for is drawn."""
        self.evaluate(FRAMES)

    def wait(self, function: str, *args: Any) -> Any:
        """Wait until a JavaScript function gives something, and return it."""

        def asked() -> Any:
            self.settle()
            return self.evaluate(function, *args)

        return wait_for(asked)

    def drag(self, *places: tuple[float, float], steps: int = 4) -> None:
        """Press at the first place, go by the others, rest there, let go."""
        self.move(*places[0])
        self.down()
        for (x0, y0), (x1, y1) in pairwise(places):
            for step in range(1, steps + 1):
                self.move(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps)
        self.evaluate("() => new Promise(done => setTimeout(done, 80))")  # it does not glide on
        self.up()
        self.settle()

    def picture(self) -> np.ndarray:
        """What is seen, an RGB array."""
        return np.asarray(Image.open(io.BytesIO(self.screen())).convert("RGB"))

    def click(self, x: float, y: float) -> None:
        self.move(x, y)
        self.down()
        self.up()

    def focus(self, css: str) -> None:
        """Give an element the keys."""
        self.evaluate("(css) => document.querySelector(css).focus()", css)

    def rectangle(self, css: str, index: int = 0) -> tuple[float, float, float, float]:
        """Left, top, width and height of an element on the page."""
        left, top, width, height = self.evaluate(
            """(css, index) => { const { left, top, width, height } =
              document.querySelectorAll(css)[index].getBoundingClientRect();
              return [left, top, width, height]; }""",
            css,
            index,
        )
        return left, top, width, height

    def part(self, css: str, index: int = 0) -> np.ndarray:
        """What is seen of an element, which browsers draw on whole pixels, an RGB array."""
        place = self.rectangle(css, index)
        left, top, width, height = (math.floor(one + 0.5) for one in place)
        return self.picture()[top : top + height, left : left + width]
