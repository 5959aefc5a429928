"""Firefox by WebDriver BiDi, which `tests/scripts/firefox.mjs` speaks."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import Any

from tests import npm
from tests.e2e.harness import HANG, VIEWPORT
from tests.peers.engines.browser import Browser, find_program


class Firefox(Browser):
    """Firefox without windows."""

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
