"""The explorer in the oldest browsers that it is for: without popovers and ARIA's properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nbimage import View
from tests.e2e.explorer import Viewer, saved
from tests.e2e.harness import Chromium

FORGET = """
for (const name of ["popover", "showPopover", "hidePopover", "togglePopover"])
  delete HTMLElement.prototype[name];
for (const name of ["popoverTargetElement", "popoverTargetAction"])
  delete HTMLButtonElement.prototype[name];
for (const name of Object.getOwnPropertyNames(Element.prototype))
  if (name.startsWith("aria")) delete Element.prototype[name];
"""


def test_what_opens_is_closed_by_esc_its_button_and_a_press_beside_it(
    chromium: Chromium, tmp_path: Path
) -> None:
    page = chromium.new_page()
    page.add_init_script(FORGET)
    page.goto(saved(tmp_path, View(np.arange(600.0).reshape(20, 30), width=300)))
    viewer = Viewer(page)
    assert page.evaluate("() => !('popover' in document.body)")
    for name, css in (("Save and copy", ".menu"), ("Keys (?)", ".help")):
        opener, box = viewer.button(name), viewer.find(css)
        assert not box.is_visible()
        opener.click()
        assert box.is_visible()
        page.keyboard.press("Escape")
        assert not box.is_visible()
        opener.click()
        assert box.is_visible()
        page.mouse.click(900, 900)
        assert not box.is_visible()
    opener, box = viewer.button("Save and copy"), viewer.find(".menu")
    opener.click()
    assert box.is_visible()
    opener.click()
    assert not box.is_visible()
    viewer.press("?")
    assert viewer.find(".help").is_visible()
    page.keyboard.press("?")
    assert not viewer.find(".help").is_visible()
    contrast = viewer.button("Contrast (c)")
    contrast.click()
    assert contrast.get_attribute("aria-expanded") == "true"
    viewer.button("Save and copy").click()
    viewer.find(".menu [role=menuitem]").first.press("ArrowDown")
    page.keyboard.press("Escape")
    assert not viewer.find(".menu").is_visible()
    page.context.close()


def test_jupyterlab_has_its_menu_but_over_the_picture(chromium: Chromium, tmp_path: Path) -> None:
    page = chromium.new_page()
    page.goto(saved(tmp_path, View(np.arange(600.0).reshape(20, 30), width=300)))
    viewer = Viewer(page)
    page.evaluate(
        """() => document.addEventListener("contextmenu", ({ target }) => {
          window.left = target.closest("[data-jp-suppress-context-menu]") === null; })"""
    )
    left, top = viewer.point(40, 40)
    for x, y, left_to_page in ((left, top, False), (left + 700, top, True), (left, top, False)):
        page.mouse.click(x, y, button="right")
        assert page.evaluate("() => window.left") is left_to_page
    page.context.close()
