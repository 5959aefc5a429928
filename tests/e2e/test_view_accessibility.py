"""The explorer for everybody: axe-core finds nothing serious, and all of it goes by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from nbimage import View
from tests.e2e.explorer import (
    Viewer,
    exploring,
)
from tests.e2e.harness import Chromium
from tests.npm import packages

RANDOM = np.random.default_rng(17)
GRAY = RANDOM.normal(size=(60, 90)).astype(np.float32)
STACK = RANDOM.integers(0, 999, (3, 2, 60, 90), np.uint16)
OPEN: dict[str, Any] = {
    "panels": ["contrast", "layers", "measure", "compare"],
    "shapes": [
        {"kind": "line", "points": [(1, 1), (20, 30)], "id": "line"},
        {"kind": "box", "points": [(5, 9), (49, 79)], "id": "box", "label": "a cell"},
    ],
    "selected": "box",
    "cursor": (3, 4),
}
KINDS = {
    "gray": lambda **more: View(GRAY, state=OPEN, **more),
    "stack": lambda **more: View(STACK, state=OPEN, **more),
    "composite": lambda **more: View(STACK[0], channels=["one", "two"], state=OPEN, **more),
    "ortho": lambda **more: View(np.concatenate([STACK[:, 0]] * 4), ortho=True, state=OPEN, **more),
    "compared": lambda **more: View(
        {"a": GRAY, "b": -GRAY}, state=OPEN | {"mode": "difference"}, **more
    ),
}
AXE = """async () => {
  const { violations } = await axe.run(document, {
    rules: { "color-contrast-enhanced": { enabled: true }, region: { enabled: false } } });
  return violations.filter(({ impact }) => /serious|critical/.test(impact)).flatMap(one =>
    one.nodes.map(node => `${one.id}: ${node.target.join(" ")}: ${node.html.slice(0, 200)}`));
}"""


def faults(page: Page) -> list[str]:
    """What axe-core calls serious, at a contrast of 7:1."""
    if not page.evaluate("() => 'axe' in window"):
        page.add_script_tag(path=packages() / "axe-core" / "axe.min.js")
    return list(page.evaluate(AXE))


@pytest.fixture(scope="module")
def page(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One explorer of each kind with all of its panels open."""
    views = [make() for make in KINDS.values()]
    style = "html{background:Canvas}"  # which axe-core takes for white otherwise
    with exploring(chromium, tmp_path_factory.mktemp("kinds"), *views, style=style) as page:
        yield page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_with_all_panels_open(page: Page, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    page.reload()
    for i in range(len(KINDS)):
        Viewer(page, i)
    assert "\n".join(faults(page)) == ""
    viewer = Viewer(page, 1)
    for name in ("Keys (?)", "Save and copy", "Rate and loop of axis 0"):
        viewer.click(name)
        assert viewer.find(":popover-open").count() == 1
        assert faults(page) == [], name
        page.keyboard.press("Escape")
