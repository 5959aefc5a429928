"""Texts that are code somewhere, at every door: nothing runs, nothing is fetched.

python -m tests.proof payloads
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.e2e.harness import Chromium
from tests.peers.engines.browser import Browser
from tests.peers.engines.chromium import ChromiumBrowser
from tests.proof.payloads.pages import check_pages, check_trap, trapped
from tests.proof.payloads.static import check_all
from tests.proof.payloads.texts import make_payloads

CLAIM = "Whatever a text holds, it is shown as text: nothing of it runs, and nothing is fetched"


def prove() -> str:
    """Try all texts at all doors, and on pages in three browsers; return figures."""
    from tests.peers.engines.firefox import Firefox  # with Selenium, which the extra test lacks
    from tests.peers.engines.webkit import WebKit

    counts = check_all(make_payloads())
    pages, asks, texts = 0, 0, 0
    with trapped() as trap:
        for open_browser in (_chromium, Firefox, WebKit):
            with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
                browser = stack.enter_context(_closing(open_browser(), stack))
                own = make_payloads(trap.address)
                found = check_trap(browser, Path(folder), own, trap)
                assert found > 20, f"of texts that are elements {found} alone ask the trap"
                pages += check_pages(browser, Path(folder), own, trap)
                asks, texts = asks + found, len(own)
    return (
        f"{texts} texts at {counts['doors']:,} doors (each parameter of each verb, what data and "
        "files say of themselves, what is written): "
        f"{counts['shown'] + counts['possible']:,} outputs with the elements "
        f"that letters make, {counts['refused']:,} refused in a short line; {pages} pages in "
        f"Chromium, Firefox and WebKit: nothing asked, where {asks} of these texts as elements did"
    )


def _chromium() -> Browser:
    return ChromiumBrowser(Chromium().__enter__())


@contextmanager
def _closing(browser: Browser, stack: ExitStack) -> Iterator[Browser]:
    if isinstance(browser, ChromiumBrowser):
        stack.push(browser.chromium)
    try:
        yield browser
    finally:
        browser.close()
