"""What keeps a page's style sheet out takes nothing of what is shown, and lets the page hide it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from nbimage.page.guard import ELEMENT, ROOT
from tests.e2e.harness import Chromium, settle
from tests.e2e.outputs import OUTPUTS, Seen, check_alike, compose, make_table

KINDS = {**OUTPUTS, "table": make_table}


@pytest.fixture(scope="module")
def opened(chromium: Chromium) -> Iterator[Page]:
    page = chromium.new_page((1000, 1400))
    yield page
    page.context.close()


@pytest.mark.parametrize("name", KINDS)
def test_on_a_page_without_styles_nothing_is_otherwise_than_without_guard(
    opened: Page, name: str
) -> None:
    """Attributes that say how large a picture is, and the like, are a page's styles too."""
    html = KINDS[name]()
    bare = re.sub(f'({ROOT}|{ELEMENT})(;|(?="))', "", html)
    assert len(bare) < len(html)
    assert not re.search('style="[^"]*all:', bare)
    check_alike(Seen(opened, compose(bare)), Seen(opened, compose(html)))


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_page_can_hide_what_is_shown(opened: Page, name: str) -> None:
    html = OUTPUTS[name]()
    style = "<style>.hidden .nbimage { display: none }</style>"
    opened.set_content(compose(html, styles=style), wait_until="load")
    settle(opened)
    height = "() => document.querySelector('#room').offsetHeight"
    shown = opened.evaluate(height)
    assert shown > 0
    opened.evaluate("() => document.body.classList.add('hidden')")
    assert opened.evaluate(height) == 0
    opened.evaluate("() => document.body.classList.remove('hidden')")
    settle(opened)
    assert opened.evaluate(height) == shown
    opened.evaluate("() => { document.querySelector('.nbimage').hidden = true }")
    assert opened.evaluate(height) == 0
