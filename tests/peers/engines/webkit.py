"""WebKitGTK's small browser, in a window of a screen that nobody sees, by WebDriver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.webkitgtk.options import Options

from tests.e2e.harness import HANG, VIEWPORT, wait_for
from tests.peers.engines.browser import Browser, find_program

# What the driver writes for keys that have no letter.
KEYS = {
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "End": "\ue010",
    "Enter": "\ue007",
    "Escape": "\ue00c",
    "Home": "\ue011",
    "Tab": "\ue004",
}
ASK = """const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
(async () => (FUNCTION)(...given))().then(
  (value) => done({ value }), (error) => done({ error: `${error}\\n${error?.stack}` }));"""


def find_window() -> str:
    """Return the path of the program that the driver opens: it is on no path."""
    found = sorted(Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser"))
    if not found:
        raise RuntimeError("WebKit's MiniBrowser is missing: `.ci/programs webkit` installs it")
    return str(found[-1])


class WebKit(Browser):
    """WebKit; one device pixel is one CSS pixel."""

    scales = False

    def __init__(self) -> None:
        for name in ("WebKitWebDriver", "Xvfb", "openbox"):
            find_program(name, "webkit")
        options = Options()
        options.binary_location = find_window()
        options.add_argument("--automation")
        # else what a file's scripts throw is "Script error."
        options.add_argument("--allow-file-access-from-file-urls=true")
        self.stack = ExitStack()
        try:
            self.driver = webdriver.Remote(self._start(), options=options)
            self.stack.callback(self.driver.quit)
            self.driver.set_script_timeout(HANG)
            self._fit()
        except BaseException:
            self.stack.close()
            raise

    def _start(self) -> str:
        """Start the driver on a screen of its own; return its address."""
        home = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="nbimage-webkit-"))
        own = dict.fromkeys(("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"), home)
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("screen.py"), *map(str, VIEWPORT)],
            # containers run as root
            env=os.environ | own | {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.stack.enter_context(process)  # closes its input, with which it ends
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"WebKit's screen has ended with {process.wait(HANG)}")
        return str(json.loads(line))

    def _fit(self) -> None:
        """Make the page as large as the other browsers' is, whatever stands around it."""
        wanted, outer = list(VIEWPORT), list(VIEWPORT)

        def fits() -> bool:
            self.driver.set_window_rect(0, 0, *outer)
            self.settle()
            *inner, focused = self.evaluate("() => [innerWidth, innerHeight, document.hasFocus()]")
            outer[:] = [a + b - c for a, b, c in zip(outer, wanted, inner, strict=True)]
            return bool(focused and inner == wanted)

        wait_for(fits)

    def open(self, scale: float = 1) -> None:
        if scale != 1:
            raise ValueError(f"WebKit's screen has one device pixel a CSS pixel, but got {scale}")
        self.driver.get("about:blank")

    def go(self, url: str) -> None:
        self.driver.get(url)

    def evaluate(self, function: str, *args: Any) -> Any:
        answer = self.driver.execute_async_script(ASK.replace("FUNCTION", function), *args)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")

    def _act(self, do: Callable[[Any], Any]) -> None:
        actions = ActionBuilder(self.driver, duration=0)
        do(actions)
        actions.perform()

    def move(self, x: float, y: float) -> None:
        self._act(lambda act: act.pointer_action.move_to_location(round(x), round(y)))

    def down(self) -> None:
        self._act(lambda act: act.pointer_action.pointer_down())

    def up(self) -> None:
        self._act(lambda act: act.pointer_action.pointer_up())

    def turn(self, x: float, y: float, amount: float) -> None:
        self._act(lambda act: act.wheel_action.scroll(round(x), round(y), 0, round(amount)))

    def key(self, name: str) -> None:
        code = KEYS.get(name, name)

        def press(act: Any) -> None:
            act.key_action.key_down(code)
            act.key_action.key_up(code)

        self._act(press)

    def screen(self) -> bytes:
        data: bytes = self.driver.get_screenshot_as_png()
        return data

    def errors(self) -> list[str]:
        found = self.evaluate("() => (window.nbimageErrors ?? []).splice(0)")
        return [str(one) for one in found]

    def close(self) -> None:
        self.stack.close()
