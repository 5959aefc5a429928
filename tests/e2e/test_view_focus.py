"""The ring around the explorer that has the focus: it is on the screen, on all four sides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import View
from nbimage.page.html import document_html
from tests.e2e.explorer import Viewer
from tests.e2e.harness import Chromium, frames
from tests.e2e.rings import ring_of

# what a ring inside of the picture would not stand out from: its own colors, dark and light
COLORS = {"black": (0, 0, 0), "white": (255,) * 3, "blue": (6, 61, 125), "pale": (186, 219, 255)}
MEDIA: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced light": {"color_scheme": "light", "forced_colors": "active"},
    "forced dark": {"color_scheme": "dark", "forced_colors": "active"},
}


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("panes", [1, 2])
def test_the_ring_is_seen_on_all_sides(
    panes: int, color: str, media: str, chromium: Chromium, tmp_path: Path
) -> None:
    image = np.full((200, 700, 3), COLORS[color], np.uint8)
    view = View(image) if panes == 1 else View({"a": image, "b": image})
    path = tmp_path / "page.html"
    # as an output of JupyterLab is, which cuts off what is beyond it
    path.write_text(document_html(f"<div style='overflow:auto'>{view.html}</div>", "Ring"), "utf-8")
    page = chromium.new_page()
    page.emulate_media(**MEDIA[media])
    for width in (360, 560, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        viewer = Viewer(page)
        for pane in range(panes):
            css, framed = (".pane > :last-child", pane) if panes > 1 else (".frame", 0)

            def focus(viewer: Viewer = viewer, pane: int = pane) -> None:
                viewer.ask(".pane canvas", "e => e.focus({ preventScroll: true })", pane)
                viewer.page.keyboard.press("Shift")  # by keys, as it were
                frames(viewer.page, 2)

            changed = ring_of(viewer, css, framed, focus)
            assert min(changed.values()) > 0.95, (width, pane, changed)
    page.context.close()
