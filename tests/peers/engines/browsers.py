"""Chromium and Firefox with the same few hands; a browser that is missing is an error."""

from __future__ import annotations

import base64
import io
import json
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from tests import npm
from tests.e2e.harness import HANG, VIEWPORT, Chromium, wait_for

FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def find_program(name: str, package: str) -> str:
    """Return a program's path. Raises RuntimeError that names the package which brings it."""
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} must be on the path: `.ci/programs {package}` installs it")
    return found


class Browser(ABC):
    """One browser with one page at a time; x and y are CSS pixels of the page."""

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


class ChromiumBrowser(Browser):
    """The Chromium of the other tests."""

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.chromium = self.stack.enter_context(Chromium())
        self.page: Any = None
        self.wrong: list[str] = []

    def open(self, scale: float = 1) -> None:
        if self.page:
            self.page.context.close()
        self.page = self.chromium.new_page(scale=scale)
        self.page.on("pageerror", lambda error: self.wrong.append(f"{error}\n{error.stack}"))

    def go(self, url: str) -> None:
        self.page.goto(url)

    def evaluate(self, function: str, *args: Any) -> Any:
        return self.page.evaluate(f"given => ({function})(...given)", list(args))

    def move(self, x: float, y: float) -> None:
        self.page.mouse.move(x, y)

    def down(self) -> None:
        self.page.mouse.down()

    def up(self) -> None:
        self.page.mouse.up()

    def turn(self, x: float, y: float, amount: float) -> None:
        self.page.mouse.move(x, y)
        self.page.mouse.wheel(0, amount)

    def key(self, name: str) -> None:
        self.page.keyboard.press(name)

    def screen(self) -> bytes:
        data: bytes = self.page.screenshot()
        return data

    def errors(self) -> list[str]:
        found, self.wrong = self.wrong, []
        return found

    def close(self) -> None:
        self.stack.close()


class Firefox(Browser):
    """Firefox by WebDriver BiDi, which `tests/scripts/firefox.mjs` speaks."""

    def __init__(self) -> None:
        program = find_program("firefox-esr", "firefox")
        script = npm.SETTINGS / "firefox.mjs"
        command = [npm.program("node"), script, npm.packages(), program, *map(str, VIEWPORT)]
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"Firefox has ended with {self.process.wait(HANG)}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def _ask(self, name: str, **more: Any) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"name": name, **more}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def open(self, scale: float = 1) -> None:
        self._ask("open", scale=scale)

    def go(self, url: str) -> None:
        self._ask("go", url=url)

    def evaluate(self, function: str, *args: Any) -> Any:
        return self._ask("evaluate", body=function, args=args)

    def move(self, x: float, y: float) -> None:
        self._ask("move", x=x, y=y)

    def down(self) -> None:
        self._ask("down")

    def up(self) -> None:
        self._ask("up")

    def turn(self, x: float, y: float, amount: float) -> None:
        self.move(x, y)
        self._ask("wheel", amount=amount)

    def key(self, name: str) -> None:
        self._ask("press", key=name)

    def screen(self) -> bytes:
        return base64.b64decode(self._ask("picture"))

    def errors(self) -> list[str]:
        return [str(one) for one in self._ask("errors")]

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(HANG)
        finally:
            self.process.kill()


BROWSERS: dict[str, Callable[[], Browser]] = {
    "chromium": ChromiumBrowser,
    "firefox": Firefox,
}
