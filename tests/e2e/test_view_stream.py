"""New data of a live view in JupyterLab: a camera's newest frame, however fast it is."""

from __future__ import annotations

from typing import Any

from tests.e2e.explorer import Viewer
from tests.e2e.harness import NotebookPage, wait_for
from tests.e2e.test_live_view import said, viewer_of

CELLS = {
    "setup": """
import threading, time
import numpy as np
from nbimage import View
view = View(np.zeros((1, 512, 512), np.uint8), axes="tyx", embed=False, width=512, height=512)
box = {"kind": "box", "points": [(139.5, 179.5), (159.5, 219.5)], "id": "box"}
measured = {"shapes": [box], "selected": "box", "panels": ["measure"]}
flat = View(
    np.zeros((300, 400), np.uint8), embed=False, width=400, height=300, state=measured
)
def film(count, rate):
    due = time.monotonic()
    for number in range(1, count + 1):
        view.append(np.full((512, 512), number, np.uint8), max_planes=8)
        due += 1 / rate
        time.sleep(max(0, due - time.monotonic()))
camera = threading.Thread(target=film, args=(90, 30))
""",
    "camera": "view",
    "flat": "flat",
    "code": "exec(open('code.py').read())",
}
# The gray in the middle of the pane in each frame that is drawn, as it changes.
WATCH = """canvas => {
  const pen = canvas.getContext("2d");
  const seen = globalThis.seen = [];
  const look = () => {
    const [gray] = pen.getImageData(canvas.width >> 1, canvas.height >> 1, 1, 1).data;
    if (gray !== seen.at(-1)) seen.push(gray);
    requestAnimationFrame(look);
  };
  look();
}"""
# The same at four places in different tiles: a frame is seen whole.
PLACES = """canvas => [[.25, .25], [.75, .25], [.25, .75], [.75, .75]].map(([x, y]) =>
  canvas.getContext("2d").getImageData(canvas.width * x, canvas.height * y, 1, 1).data[0])"""


def gray(viewer: Viewer) -> list[int]:
    found: list[int] = viewer.ask(".pane canvas", PLACES, frames=2)
    return found


def test_the_newest_frame_of_a_camera_is_shown_and_others_are_counted(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "camera")
    viewer.rest()
    viewer.canvas.evaluate(WATCH)
    said(fresh, "camera.start()")
    wait_for(lambda: gray(viewer) == [90] * 4)
    seen: list[int] = fresh.page.evaluate("seen")
    assert seen == sorted(seen)
    dropped = int(said(fresh, "print(view.dropped)"))
    assert len(seen) >= 90 - dropped  # what was sent was drawn
    assert said(fresh, "print(view.data.shape, view.index)") == "(8, 512, 512) {'t': 7}"
    slider = viewer.find(".axes input[type=range]").first
    assert slider.get_attribute("max") == "7"
    assert viewer.named("Play t").is_enabled()  # there was one plane at first
    viewer.press(",")  # earlier frames are there to go back to
    viewer.press(",")
    wait_for(lambda: gray(viewer) == [88] * 4)


def test_new_data_of_the_same_shape_are_shown_and_read(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "flat")
    viewer.rest()
    said(fresh, "flat.data = np.full((300, 400), 77, np.uint8)")
    wait_for(lambda: gray(viewer) == [77] * 4)

    def value() -> Any:
        return viewer.move(200, 150)

    wait_for(lambda: "77" in value())
    numbers = viewer.find(".shape-numbers")
    wait_for(lambda: "mean\t77" in numbers.inner_text())
    said(fresh, "flat.data = np.full((300, 400), 300, np.uint16); flat.limits = 0, 600")
    wait_for(lambda: "300" in value())


def test_a_busy_kernel_is_answered_by_the_newest_when_it_rests(fresh: NotebookPage) -> None:
    viewer = viewer_of(fresh, "flat")
    said(
        fresh,
        "flat.limits = 0, 255\n"
        "for i in range(60): flat.data = np.full((300, 400), i, np.uint16); time.sleep(.01)",
    )
    wait_for(lambda: gray(viewer) == [59] * 4)
