"""An explorer that is updated in place: what was zoomed, chosen and opened stays in sight."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage import Picture
from tests.e2e.explorer import Viewer, rgba
from tests.e2e.harness import NotebookPage

CELLS = {
    "setup": """
import time
import numpy as np
from nbimage import nbview
rows, columns = np.mgrid[:200, :300]
def show(i):
    nbview(((columns + rows + 8 * i) % 256).astype(np.float32), display_id="view")
""",
    "view": "show(0)",
    "other": "nbview(np.zeros((50, 60)), display_id='other')",
}
WATCH = """name => {
  const area = e2e.cells()[name].outputArea.node;
  const watch = window.watching = { frames: 0, plain: 0, heights: [], on: true };
  const look = () => {
    watch.frames++;
    const height = Math.round(area.getBoundingClientRect().height);
    if (!watch.heights.includes(height)) watch.heights.push(height);
    const plain = area.querySelector(".nbimage-fallback img");
    if (!plain || plain.offsetWidth) watch.plain++;
    if (watch.on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def frame(i: int) -> np.ndarray:
    y, x = np.mgrid[:200, :300]
    return ((x + y + 8 * i) % 256).astype(np.float32)


def test_an_update_keeps_what_was_zoomed_chosen_and_opened(fresh: NotebookPage) -> None:
    fresh.output("view")
    viewer = Viewer(fresh.page)
    viewer.press("+", "+", "c")
    viewer.named("colormap").select_option("magma")
    viewer.drag((100, 100), (60, 70))
    viewer.find(".edge.corner").hover()
    fresh.page.mouse.down()
    fresh.page.mouse.move(*viewer.point(400, 280))
    fresh.page.mouse.up()
    viewer.settle()
    before = viewer.move(50, 60), viewer.percent(), viewer.size()
    assert fresh.execute("show(1)") == ""
    viewer = Viewer(fresh.page)
    place, _, value = viewer.move(50, 60).partition(": ")
    assert (place, viewer.percent(), viewer.size()) == (
        before[0].partition(": ")[0],
        *before[1:],
    )
    column, row = (int(part.split()[1]) for part in place.split(", "))
    assert float(value) == frame(1)[row, column]
    assert viewer.find(".contrast").is_visible()
    assert viewer.named("colormap").input_value() == "magma"
    viewer.press("1")
    shown = viewer.pixels()
    inside = viewer.move(120, 130)
    column, row = (int(part.split()[1]) for part in inside.partition(": ")[0].split(", "))
    expected = rgba(Picture(frame(1), cmap="magma").render())
    assert (shown[130, 120] == expected[row, column]).all()


def test_while_it_is_updated_the_viewer_is_always_there(fresh: NotebookPage) -> None:
    fresh.page.evaluate(WATCH, fresh.names.index("view"))
    loop = "for i in range(30):\n    show(i)\n    time.sleep(0.1)"
    assert fresh.execute(loop) == ""
    watched: dict[str, Any] = fresh.page.evaluate("() => (watching.on = false, watching)")
    assert watched["plain"] <= max(1, 0.02 * watched["frames"])
    assert fresh.page.locator(".nbimage-view").count() == 2
    assert fresh.errors == []


def test_another_display_is_not_touched(fresh: NotebookPage) -> None:
    viewer = Viewer(fresh.page, 1)
    assert viewer.percent() == 500
    assert viewer.move(3, 3).endswith(": 0")
