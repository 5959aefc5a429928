"""Pictures updated in place thirty times a second: no blank frame, nothing piles up, sizes stay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.e2e.harness import NotebookPage, settle, wait_until
from tests.e2e.test_grid_page import drag, grid_of

CELLS = {
    "setup": """
import os
import time
import numpy as np
from nbimage import nbgrid, nbimage, nbvideo
y, x = np.mgrid[:512, :512]
def frame(i):
    return ((x + y + 8 * i) % 256).astype(np.uint8)
def grid(i):
    nbgrid([frame(i + k)[:96, :96] for k in range(4)], columns=2, width=150, display_id="grid")
def picture(i):
    nbimage(frame(i), display_id="picture")
def video(i):
    frames = np.stack([frame(i + k)[:96, :144] for k in range(5)])
    nbvideo(frames, display_id="video", progress=False, zoom=1)
def loop(show, count, rate=30):
    start = time.perf_counter()
    for i in range(count):
        show(i)
        time.sleep(max(0, start + (i + 1) / rate - time.perf_counter()))
def loop_until_told(show, rate=30):
    i = 0
    while not os.path.exists("stop"):
        show(i := i + 1)
        time.sleep(1 / rate)
""",
    "picture": "picture(0)",
    "grid": "grid(0)",
    "video": "video(0)",
    "below": "'what is below'",
}
COUNT = 45  # one and a half seconds

WATCH = """name => {
  const area = e2e.cells()[name].outputArea.node;
  const watch = window.watching = { frames: 0, shown: 0, empty: 0, flat: 0, heights: [], on: true };
  let last = "";
  const look = () => {
    watch.frames++;
    const picture = area.querySelector("img");
    const height = Math.round(area.getBoundingClientRect().height);
    if (!watch.heights.includes(height)) watch.heights.push(height);
    if (!picture || !picture.complete || !picture.naturalWidth) watch.empty++;
    else if (!picture.getBoundingClientRect().height) watch.flat++;
    else if (picture.src !== last) [last, watch.shown] = [picture.src, watch.shown + 1];
    if (watch.on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
SOURCE = "output => output.querySelector('img').src"
NODES = "() => document.querySelectorAll('*').length"


def watch(page: NotebookPage, name: str, code: str) -> dict[str, Any]:
    """What each animation frame saw in a cell's output while code ran."""
    page.output(name)
    page.page.evaluate(WATCH, page.names.index(name))
    assert page.execute(code) == ""
    return page.page.evaluate("() => { watching.on = false; return watching; }")


def watch_height(page: NotebookPage, name: str, code: str) -> list[int]:
    """The heights that a cell's output had while code ran."""
    page.output(name)
    page.page.evaluate(WATCH, page.names.index(name))
    assert page.execute(code) == ""
    return page.page.evaluate("() => { watching.on = false; return watching.heights; }")


@contextmanager
def updating(page: NotebookPage, name: str) -> Iterator[Callable[[], None]]:
    """Update a picture thirty times a second meanwhile; give what waits for the next update."""
    stop = page.server.root / "stop"
    stop.unlink(missing_ok=True)
    output = page.output(name)
    code = f"loop_until_told({name})"

    def await_next() -> None:
        seen = output.evaluate(SOURCE)
        wait_until(
            page.page,
            "([output, seen]) => ![seen, undefined].includes(output.querySelector('img')?.src)",
            [output, seen],
        )

    page.page.evaluate(
        "code => { window.running = e2e.kernel().requestExecute({ code }).done; }", code
    )
    await_next()
    try:
        yield await_next
    finally:
        stop.touch()
        page.page.evaluate("async () => { await window.running; }")
        settle(page.page)


@pytest.mark.parametrize("name", ["picture", "grid"])
def test_no_frame_is_blank_and_the_last_picture_is_the_one_shown(
    fresh: NotebookPage, name: str
) -> None:
    seen = watch(fresh, name, f"loop({name}, {COUNT})")
    assert seen["empty"] == seen["flat"] == 0
    assert len(seen["heights"]) == 1  # what is below never moves
    assert seen["shown"] > 1  # some machines draw few frames a second
    last = fresh.output(name).evaluate(SOURCE)
    assert fresh.execute(f"{name}({COUNT - 1})") == ""
    assert fresh.output(name).evaluate(SOURCE) == last
    assert fresh.execute(f"{name}({COUNT})") == ""
    assert fresh.output(name).evaluate(SOURCE) != last


@pytest.mark.parametrize("name", ["picture", "grid"])
def test_updates_leave_nothing_behind_in_the_page(fresh: NotebookPage, name: str) -> None:
    fresh.output(name)
    assert fresh.execute(f"{name}(0)") == ""
    before = fresh.page.evaluate(NODES)
    assert fresh.execute(f"loop({name}, {COUNT})") == ""
    piled_up = fresh.page.evaluate(NODES) - before
    assert piled_up < COUNT / 2  # not even one an update; the front-end may add a few of its own
    assert len(fresh.stored(name)) == 1


def test_a_dragged_size_stays_and_a_drag_outlives_the_updates(fresh: NotebookPage) -> None:
    picture = fresh.picture("picture")
    picture.double_click("e")
    assert picture.size() == (512, 512)
    left, top, width, height = picture.rectangle()
    mouse = fresh.page.mouse
    with updating(fresh, "picture") as await_next:
        mouse.move(left + width, top + height / 2)
        mouse.down()
        for step in range(1, 11):
            mouse.move(left + width - 20 * step, top + height / 2)
            await_next()
        mouse.up()
    assert picture.size() == (312, 312)
    assert fresh.execute("picture(1)") == ""
    assert picture.size() == (312, 312)
    assert picture.double_click("e") == (512, 512)


def test_a_grid_can_be_dragged_and_enlarged_while_it_is_updated(fresh: NotebookPage) -> None:
    mouse = fresh.page.mouse
    with updating(fresh, "grid") as await_next:
        left, top, width, height = grid_of(fresh, "grid")[0]
        mouse.move(left + width - 3, top + height / 2)
        mouse.down()
        for step in range(1, 11):
            mouse.move(left + width - 3 + 5 * step, top + height / 2)
            await_next()
        mouse.up()
    assert {round(width) for _, _, width, _ in grid_of(fresh, "grid")} == {200}

    with updating(fresh, "grid") as await_next:
        left, top, width, height = grid_of(fresh, "grid")[1]
        mouse.move(left + width / 2, top + height / 2)
        mouse.down()
        await_next()
        mouse.up()
        await_next()
    settle(fresh.page)
    enlarged = ".nbimage-lightbox .nbimage-media"
    shown = fresh.output("grid").query_selector(enlarged)
    assert shown is not None
    assert shown.bounding_box()["width"] > 400
    fresh.page.keyboard.press("Escape")
    settle(fresh.page)
    assert fresh.output("grid").query_selector(enlarged) is None
    assert {round(width) for _, _, width, _ in grid_of(fresh, "grid")} == {200}
    drag(fresh.page, grid_of(fresh, "grid")[0], "e", -50, 0)
    assert fresh.execute("grid(3)") == ""
    assert {round(width) for _, _, width, _ in grid_of(fresh, "grid")} == {150}


def test_a_video_is_replaced_at_the_size_it_has(fresh: NotebookPage) -> None:
    def size() -> list[float]:
        return fresh.output("video").evaluate(
            """output => {
              const { width, height } = output.querySelector("video").getBoundingClientRect();
              return [width, height];
            }"""
        )

    poster = "output => output.querySelector('video').poster"
    picture = fresh.picture("video")
    assert size() == [144, 96]
    handle = picture.handle("e")
    box = handle.bounding_box()
    assert box is not None
    drag(fresh.page, (box["x"], box["y"], box["width"], box["height"]), "", 72, 0)
    assert size() == [216, 144]
    before = fresh.output("video").evaluate(poster)
    seen = watch_height(fresh, "video", "for i in range(1, 5): video(i)")
    assert fresh.output("video").evaluate(poster) != before
    assert size() == [216, 144]
    assert len(seen) == 1


def test_nothing_was_thrown_meanwhile(fresh: NotebookPage) -> None:
    assert fresh.errors == []
    assert fresh.console_errors == []
