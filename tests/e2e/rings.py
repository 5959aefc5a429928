"""What of a ring of focus is on the screen: the pixels around an element, before and after."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from tests.e2e.explorer import Viewer
from tests.e2e.harness import frames

AWAY = 4  # CSS pixels beyond the element in which its ring may be
VISIBLE = 60  # gray levels by which a pixel of it differs from what was there
BOX = "e => { const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom] }"
BLUR = """e => {
  for (let one = document.activeElement; one; one = one.shadowRoot?.activeElement) one.blur();
}"""


def ring_of(viewer: Viewer, css: str, index: int, focus: Callable[[], None]) -> dict[str, float]:
    """Return of each side the share along which the ring comes with the focus."""
    page = viewer.page

    def screen() -> np.ndarray:
        image = Image.open(io.BytesIO(page.screenshot())).convert("L")
        return np.asarray(image).astype(int)

    page.mouse.move(0, 0)
    viewer.ask(css, BLUR, index)
    frames(page, 2)
    before = screen()
    focus()
    after = screen()
    viewer.ask(css, BLUR, index)
    left, top, right, bottom = (round(edge) for edge in viewer.ask(css, BOX, index))
    differs = np.abs(after - before) > VISIBLE
    near = AWAY + 2  # what is in a corner belongs to two sides
    inner = differs[max(0, top - AWAY) : bottom + AWAY, max(0, left - AWAY) : right + AWAY]
    return {
        "left": float(inner[near:-near, :near].any(axis=1).mean()),
        "right": float(inner[near:-near, -near:].any(axis=1).mean()),
        "top": float(inner[:near, near:-near].any(axis=0).mean()),
        "bottom": float(inner[-near:, near:-near].any(axis=0).mean()),
    }
