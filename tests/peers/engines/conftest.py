"""The browsers of a process, each started when it is first asked for, and the pages they open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from nbimage.page.html import document_html
from tests import npm
from tests.e2e.test_view_accessibility import AXE
from tests.peers.engines.browser import Browser
from tests.peers.engines.chromium import ChromiumBrowser
from tests.peers.engines.firefox import Firefox
from tests.peers.engines.webkit import WebKit

Load = Callable[..., None]


class Started:
    """The browsers that run; a test of another one does not end them."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.stack = ExitStack()

    def take(self, name: str, make: Callable[[], Browser]) -> Browser:
        """Return a browser, which is started if it has not been."""
        if name not in self.browsers:
            self.browsers[name] = make()
            self.stack.callback(self.browsers[name].close)
        return self.browsers[name]


@pytest.fixture(scope="session")
def started() -> Iterator[Started]:
    """The browsers of this process."""
    started = Started()
    with started.stack:
        yield started


@pytest.fixture(scope="session", params=["chromium", "firefox", "webkit"])
def browser(request: pytest.FixtureRequest, started: Started) -> Browser:
    """Each of the browsers; one that is not installed is an error."""

    def make() -> Browser:
        if request.param == "chromium":
            return ChromiumBrowser(request.getfixturevalue("chromium"))
        return {"firefox": Firefox, "webkit": WebKit}[request.param]()

    return started.take(request.param, make)


ERRORS = """<script>
window.nbimageErrors = [];
addEventListener("error", ({ message, error }) => {
  if (!message.startsWith("ResizeObserver loop")) // which only says that a frame came between
    nbimageErrors.push(`${message}\\n${error?.stack}`);
});
addEventListener("unhandledrejection", ({ reason }) =>
  nbimageErrors.push(`${reason}\\n${reason?.stack}`));
</script>"""


@pytest.fixture
def load(browser: Browser, tmp_path: Path) -> Iterator[Load]:
    """Opens a page of what is given; none of its scripts may fail, axe-core finds nothing."""

    def load(*shown: Any, scale: float = 1) -> None:
        browser.open(scale)
        path = tmp_path / "page.html"
        body = "".join([ERRORS, *(one.html for one in shown)])
        path.write_text(document_html(body, "Page"), "utf-8")
        browser.go(path.as_uri())

    yield load
    check(browser)


def check(browser: Browser, css: str = "html") -> None:
    """Check that no script has failed and that axe-core finds nothing serious there."""
    script = (npm.packages() / "axe-core" / "axe.min.js").read_text("utf-8")
    browser.evaluate(f"() => {{\n{script}\n}}")  # rules against eval leave it alone
    assert browser.evaluate(AXE.replace("run(document", f"run({css!r}")) == []
    assert browser.errors() == []
