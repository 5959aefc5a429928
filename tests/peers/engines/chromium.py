"""The Chromium of the other tests."""

from __future__ import annotations

from typing import Any

from tests.e2e.harness import Chromium
from tests.peers.engines.browser import Browser


class ChromiumBrowser(Browser):
    """Pages of a Chromium that runs."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium
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
        """It is not ours: the fixture that has started it ends it."""
