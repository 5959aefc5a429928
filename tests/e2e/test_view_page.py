"""The explorer on a page: wheel, keys, mouse and touch do what they say, and nothing else."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import CDPSession, Page

from nbimage import Picture, View
from tests.e2e.explorer import (
    READING,
    Viewer,
    exploring,
    opened,
    place_of,
    rgba,
    same,
    saved,
    showing,
    values_of,
)
from tests.e2e.harness import Chromium, frames, hold, wait_for, wait_until

RANDOM = np.random.default_rng(11)
SHAPE = 100, 120
FLOATS = RANDOM.normal(size=SHAPE).astype(np.float32)
STACK = RANDOM.integers(0, 999, (6, *SHAPE), np.uint16)
RGB = RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8)
STEPS = 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 160


@pytest.fixture(scope="module")
def tall(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A float picture of 4:1 above a tall page."""
    folder = tmp_path_factory.mktemp("tall")
    view = View(FLOATS, title="Noise", width=480)
    page = opened(chromium, saved(folder, view, style="html{height:5000px}"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


@pytest.fixture
def viewer(tall: Page) -> Viewer:
    """The same as it is at first."""
    tall.evaluate("() => scrollTo(0, 0)")
    tall.mouse.move(900, 800)
    tall.reload()
    return Viewer(tall)


@pytest.fixture(scope="module")
def many(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Explorers of every kind on one page."""
    views = every_kind()
    with exploring(chromium, tmp_path_factory.mktemp("many"), *views.values()) as page:
        yield page


def every_kind() -> dict[str, View]:
    """One explorer of each kind, with all its panels open."""
    start: dict[str, Any] = {
        "panels": ["contrast", "measure", "compare"],
        "cursor": (3, 4),
        "shapes": [
            {"kind": "line", "points": [(1, 1), (20, 30)]},
            {"kind": "box", "points": [(4.5, 8.5), (49.5, 89.5)], "id": "box"},
        ],
        "selected": "box",
    }
    return {
        "gray": View(FLOATS, state=start),
        "color": View(RGB, state=start),
        "composite": View(STACK[:3], channels=["one", "two", "three"], state=start),
        "stack": View(STACK.reshape(3, 2, *SHAPE), state=start),
        "facets": View(STACK, facet=0, state=start),
        "volume": View(STACK, ortho=True, state=start),
        "compared": View({"first": FLOATS, "other": -FLOATS}, shared=False, state=start),
        "divided": View({"first": FLOATS, "other": -FLOATS}, state={**start, "mode": "swipe"}),
    }


def pinned(viewer: Viewer) -> str:
    """What is said of the pinned cursor; "" where there is none."""
    found = viewer.find(".pinned")
    return str(found.locator(".reading").evaluate(READING)) if found.is_visible() else ""


def rested(viewer: Viewer) -> str:
    """Wait until what is read below the pointer stays; return it."""

    def rests() -> bool:
        before = viewer.pixels()
        frames(viewer.page, 3)
        return np.array_equal(viewer.pixels(), before)

    wait_for(rests)
    return viewer.readout()


# ------------------------------------------------------------------------------------ wheel


def test_the_wheel_scrolls_the_page_until_the_viewer_has_the_focus(viewer: Viewer) -> None:
    viewer.move(100, 100)
    viewer.wheel(120)
    viewer.page.wait_for_function("() => scrollY > 50")
    assert viewer.percent() == 400
    hint = viewer.find(".hint")
    wait_until(viewer.page, "e => getComputedStyle(e).opacity === '1'", hint.element_handle())
    assert "Ctrl" in hint.inner_text()
    viewer.page.evaluate("() => scrollTo(0, 0)")
    viewer.page.wait_for_function("() => scrollY === 0")
    viewer.mouse.click(*viewer.point(100, 100))
    viewer.wheel(-120)
    assert viewer.percent() > 400
    assert viewer.page.evaluate("() => scrollY") == 0
    viewer.press("Escape")
    viewer.wheel(120)
    viewer.page.wait_for_function("() => scrollY > 50")


def test_the_wheel_with_control_zooms_about_the_pointer_and_never_the_page(viewer: Viewer) -> None:
    for amount in (-150, -60, 20, 90):
        viewer.page.evaluate("() => document.activeElement?.blur()")
        before = viewer.move(322, 166)
        percent = viewer.percent()
        for _ in range(3):
            viewer.wheel(amount, control=True)
        assert place_of(viewer.readout()) == place_of(before)
        assert (viewer.percent() > percent) == (amount < 0)
    assert viewer.page.evaluate("() => [scrollY, visualViewport.scale]") == [0, 1]


# ------------------------------------------------------------------------------------ mouse


def test_the_sample_taken_hold_of_follows_the_pointer(viewer: Viewer) -> None:
    viewer.press("+", "+")
    before = viewer.move(200, 150)
    viewer.mouse.down()
    for x, y in ((190, 160), (120, 210), (90, 240)):
        assert place_of(viewer.move(x, y)) == place_of(before)
    hold(viewer.page, 100)
    viewer.mouse.up()
    assert place_of(rested(viewer)) == place_of(before)
    assert place_of(viewer.move(200, 150)) != place_of(before)


def swing(viewer: Viewer) -> tuple[int, int]:
    """Push the picture to the left and let go while moving; return the sample that was held.

    The events say themselves when they were, so that a slow machine has the same swing.
    """
    viewer.press("1", "+", "+", "+", "+", "+", "+")
    assert viewer.percent() == 1200
    held = place_of(viewer.move(420, 150))
    session, start = viewer.page.context.new_cdp_session(viewer.page), time.time()
    events = [("mousePressed", 420), *(("mouseMoved", x) for x in range(410, 290, -10))]
    for i, (kind, x) in enumerate([*events, ("mouseReleased", 300)]):
        place = dict(zip("xy", viewer.point(x, 150), strict=True))
        told = {"type": kind, "timestamp": start + 0.016 * i, "button": "left", "buttons": 1}
        session.send("Input.dispatchMouseEvent", {**told, **place, "clickCount": 1})
    session.detach()
    return held


def test_after_a_swing_the_picture_glides_on_and_comes_to_rest(viewer: Viewer) -> None:
    held = swing(viewer)
    columns = [place_of(viewer.readout())[0]]
    for _ in range(12):
        frames(viewer.page, 1)
        columns.append(place_of(viewer.readout())[0])
    column, row = place_of(rested(viewer))
    columns.append(column)
    assert row == held[1]
    assert column > held[0] + 2
    assert columns == sorted(columns)  # never back
    swing(viewer)
    viewer.mouse.down()  # a hand stops it
    viewer.settle()  # what the last step asked for is still to be drawn
    before = viewer.pixels()
    frames(viewer.page, 10)
    np.testing.assert_array_equal(viewer.pixels(), before)
    viewer.mouse.up()


def test_nothing_glides_for_who_wants_little_motion(viewer: Viewer) -> None:
    viewer.page.emulate_media(reduced_motion="reduce")
    viewer.page.reload()
    calm = Viewer(viewer.page)
    held = swing(calm)
    assert place_of(calm.readout()) == held
    assert place_of(rested(calm)) == held
    moving = calm.root.evaluate(
        """root => [...root.lastElementChild.shadowRoot.querySelectorAll("*")].filter(e => {
          const { transitionDuration, animationName } = getComputedStyle(e);
          return transitionDuration !== "0s" || animationName !== "none";
        }).length"""
    )
    assert moving == 0
    viewer.page.emulate_media(reduced_motion="no-preference")


def test_a_double_click_doubles_about_the_pointer(viewer: Viewer) -> None:
    before = viewer.move(301, 77)
    viewer.mouse.dblclick(*viewer.point(301, 77))
    viewer.settle()
    assert viewer.percent() == 800
    assert place_of(viewer.readout()) == place_of(before)
    viewer.page.keyboard.down("Shift")
    viewer.mouse.dblclick(*viewer.point(301, 77))
    viewer.page.keyboard.up("Shift")
    viewer.settle()
    assert viewer.percent() == 400
    assert place_of(viewer.readout()) == place_of(before)
    assert pinned(viewer) == ""


def test_two_drags_from_one_point_are_no_double_click(viewer: Viewer) -> None:
    """Though a browser may say so: WebKit counts what is pressed, whatever lies between."""
    viewer.page.evaluate("() => { window.twice = 0; addEventListener('dblclick', () => twice++); }")
    left, top, width = viewer.ask(
        ".colorbar .strip",
        "e => (({ left, top, width }) => [left, top, width])(e.getBoundingClientRect())",
    )
    limit = "e => +e.getAttribute('aria-valuenow')"
    for start, by in ((viewer.point(300, 150), 30), ((left + width / 2, top + 5), 30)):
        for count, way in ((1, 1), (2, -1)):  # there, and back
            press_and_drag(viewer, start, way * by, count)
        viewer.settle()
        assert viewer.percent() == 400
    assert viewer.page.evaluate("() => twice") == 2
    at_most = pytest.approx(float(FLOATS.max()), rel=0.01)  # of few digits
    assert viewer.ask(".colorbar [role=slider]", limit, 1) == at_most


def press_and_drag(viewer: Viewer, start: tuple[float, float], by: float, count: int) -> None:
    """Drag downwards, as the browser's so many'th press at that point."""
    session = viewer.page.context.new_cdp_session(viewer.page)
    x, y = start
    steps = (("mousePressed", y), ("mouseMoved", y + by), ("mouseReleased", y + by))
    for kind, at in steps:
        told = {"type": kind, "button": "left", "buttons": 1, "clickCount": count}
        session.send("Input.dispatchMouseEvent", {**told, "x": x, "y": at})
    session.detach()


def test_the_other_buttons_of_the_mouse_do_nothing(viewer: Viewer) -> None:
    before = viewer.pixels()
    viewer.move(200, 150)
    for button in ("middle", "right"):
        viewer.mouse.down(button=button)  # type: ignore[arg-type]
        viewer.move(120, 90)
        viewer.mouse.up(button=button)  # type: ignore[arg-type]
    viewer.settle()
    np.testing.assert_array_equal(viewer.pixels(), before)
    assert pinned(viewer) == ""


# ------------------------------------------------------------------------------------- keys


def test_keys_and_buttons_zoom_fit_and_pan(viewer: Viewer) -> None:
    middle = viewer.move(240, 200)
    for near, far, whole, fit in (("+", "-", "1", "0"), ("=", "-", "1", "0")):
        for key, percent in ((near, 600), (far, 400), (far, 300), (whole, 100), (fit, 400)):
            viewer.press(key)
            assert viewer.percent() == percent
    for name, percent in (
        ("Zoom in (+)", 600),
        ("Zoom out (−)", 400),
        ("Zoom out (−)", 300),
        (re.compile("One to one", re.I), 100),
        ("Fit (0)", 400),
    ):
        viewer.click(name)
        assert viewer.percent() == percent
    viewer.press("+")
    viewer.move(240, 200)
    assert viewer.readout() == middle
    column, row = place_of(middle)
    ways = {"Right": (10, 0), "Down": (0, 10), "Left": (-10, 0), "Up": (0, -10)}
    for key, (dx, dy) in ways.items():
        viewer.press(f"Arrow{key}")
        column, row = column + dx, row + dy
        assert place_of(viewer.readout()) == (column, row)
    for key, (dx, dy) in ways.items():
        viewer.press(f"Shift+Arrow{key}")
        found = place_of(viewer.readout())
        assert (np.subtract(found, (column, row)) * (dx, dy)).sum() > 10 * 10  # further
        column, row = found


def test_the_zoom_goes_by_whole_steps_from_the_least_to_the_most(viewer: Viewer) -> None:
    viewer.press("1")
    for step in STEPS[1:]:
        viewer.press("+")
        assert viewer.percent() == 100 * step
    viewer.press("+")
    assert viewer.percent() == 100 * STEPS[-1]
    viewer.press("1")
    for step in STEPS[1:4]:
        viewer.press("-")
        assert viewer.percent() == round(100 / step)
    viewer.press(*["-"] * 20)
    assert viewer.percent() > 0
    text = viewer.move(240, 200)
    assert same(values_of(text)[0], FLOATS[place_of(text)[::-1]])


def test_keys_with_control_alt_or_meta_are_the_browsers(viewer: Viewer) -> None:
    viewer.canvas.focus()
    told = viewer.page.evaluate(
        """() => {
          const canvas = document.querySelector(".nbimage-view").lastElementChild
            .shadowRoot.querySelector("canvas");
          const stopped = (key, more) => !canvas.dispatchEvent(new KeyboardEvent("keydown",
            { key, bubbles: true, cancelable: true, composed: true, ...more }));
          const keys = ["0", "1", "+", "-", "f", "p", "l", "b", "i", "Tab", "F5", "Home", "s"];
          const held = ["ctrlKey", "altKey", "metaKey"];
          return keys.filter(key => held.some(one => stopped(key, { [one]: true })))
            .concat(["Tab", "F5", "z", "Enter"].filter(key => stopped(key, {})));
        }"""
    )
    assert told == []


def test_one_sample_can_be_zoomed_in_and_out(chromium: Chromium, tmp_path: Path) -> None:
    with showing(chromium, tmp_path, View([[3]])) as viewer:
        first = viewer.percent()
        viewer.press("+")
        assert viewer.percent() >= first
        viewer.press("1", "-")
        assert viewer.percent() < 100
        viewer.press("0")
        assert viewer.percent() == first


@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (2, 2)])
def test_pictures_of_any_shape_are_seen_whole_and_read(
    shape: tuple[int, int], chromium: Chromium, tmp_path: Path
) -> None:
    array = np.arange(np.prod(shape)).reshape(shape)
    with showing(chromium, tmp_path, View(array)) as viewer:
        width, height = viewer.size()
        assert viewer.pixels()[:, :, 3].any()
        viewer.press("1", "+", "+")
        text = viewer.move(width // 2, height // 2)
        assert same(values_of(text)[0], array[place_of(text)[::-1]])
        viewer.press("0")
        assert viewer.pixels()[:, :, 3].any()


# ------------------------------------------------------------------------------------ touch


class Fingers:
    """Fingers on a page, moved as a touch screen tells it."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.session: CDPSession = viewer.page.context.new_cdp_session(viewer.page)
        told = {"enabled": True, "maxTouchPoints": 5}
        self.session.send("Emulation.setTouchEmulationEnabled", told)

    def send(self, kind: str, *places: tuple[float, float]) -> None:
        points = [
            dict(zip(("x", "y", "id"), (*self.viewer.point(*place), i), strict=True))
            for i, place in enumerate(places)
        ]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def go(self, *paths: tuple[tuple[float, float], tuple[float, float]], steps: int = 8) -> None:
        """Put fingers down at the first places, move them to the other ones, lift them."""
        self.send("touchStart", *(start for start, _ in paths))
        for step in range(1, steps + 1):
            share = step / steps
            self.send(
                "touchMove",
                *((a + share * (c - a), b + share * (d - b)) for (a, b), (c, d) in paths),
            )
            self.viewer.settle()
        hold(self.viewer.page, 80)
        self.send("touchEnd")
        self.viewer.settle()

    def tap(self, x: float, y: float) -> None:
        self.send("touchStart", (x, y))
        self.send("touchEnd")
        self.viewer.settle()


def test_fingers_scroll_the_page_pinch_and_pan(viewer: Viewer) -> None:
    page = viewer.page
    fingers = Fingers(viewer)
    before = viewer.pixels()
    start = page.evaluate("() => scrollY")
    fingers.go(((200, 300), (200, 60)))
    page.wait_for_function("from => scrollY > from + 50", arg=start)
    np.testing.assert_array_equal(viewer.pixels(), before)
    page.evaluate("() => scrollTo(0, 0)")
    page.wait_for_function("() => scrollY === 0")
    viewer.settle()

    fingers.go(((200, 150), (140, 150)), ((240, 150), (300, 150)))  # two are always the viewer's
    assert viewer.percent() == pytest.approx(1600, rel=0.02)
    assert page.evaluate("() => [scrollY, visualViewport.scale]") == [0, 1]
    middle = viewer.move(220, 150)
    assert abs(np.subtract(place_of(middle), (55, 37))).max() <= 1

    fingers.tap(220, 150)
    assert page.evaluate("() => document.activeElement.shadowRoot?.activeElement?.tagName") == (
        "CANVAS"
    )
    fingers.go(((220, 150), (60, 70)))
    assert page.evaluate("() => scrollY") == 0
    assert viewer.percent() == pytest.approx(1600, rel=0.02)
    assert abs(np.subtract(place_of(viewer.move(60, 70)), place_of(middle))).max() <= 1
    fingers.session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})


# ----------------------------------------------------------------------------- edges, screen


def test_edges_are_dragged_and_the_picture_fits_what_there_is(viewer: Viewer) -> None:
    width, height = viewer.size()
    assert (width, height) == (480, 400)
    sizes = [(width + 120, height), (width + 120, height - 100), (width - 120, height - 200)]
    drags = {"right": (120, 7), "bottom": (9, -100), "corner": (-240, -100)}
    for (name, (dx, dy)), size in zip(drags.items(), sizes, strict=True):
        box = viewer.find(f".edge.{name}").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        viewer.mouse.move(x, y)
        viewer.mouse.down()
        viewer.mouse.move(x + dx, y + dy, steps=5)
        viewer.mouse.up()
        viewer.mouse.move(x + dx + 50, y + dy + 50)
        viewer.settle()
        assert viewer.size() == size
        check_fitted(viewer)
    viewer.named("Size of the viewer: arrow keys").focus()
    for key, size in {
        "ArrowRight": (380, 200),
        "ArrowDown": (380, 220),
        "ArrowLeft": (360, 220),
        "ArrowUp": (360, 200),
    }.items():
        viewer.page.keyboard.press(key)
        viewer.settle()
        assert viewer.size() == size
        check_fitted(viewer)
    viewer.press("1")
    viewer.named("Size of the viewer: arrow keys").focus()
    viewer.page.keyboard.press("ArrowRight")
    viewer.settle()
    assert viewer.percent() == 100  # whoever has zoomed keeps the zoom


def check_fitted(viewer: Viewer) -> None:
    """All of the picture is seen, as large as can be, and drawn for this very size."""
    width, height = viewer.size()
    pixels = viewer.pixels()
    assert pixels.shape[:2] == (height, width)
    scale = min(width / SHAPE[1], height / SHAPE[0])
    assert viewer.percent() == int(100 * scale + 0.5)  # as scripts round
    seen = pixels[:, :, 3] > 0
    assert seen.any(axis=0).sum() == pytest.approx(scale * SHAPE[1], abs=1)
    assert seen.any(axis=1).sum() == pytest.approx(scale * SHAPE[0], abs=1)


def test_full_screen_shows_the_picture_as_large_as_the_screen(viewer: Viewer) -> None:
    page = viewer.page
    before = viewer.pixels()
    full = """() => !!document.fullscreenElement &&
        document.fullscreenElement === document.querySelector(".nbimage-view").lastElementChild"""
    for enter, leave in (
        (lambda: viewer.press("f"), lambda: viewer.press("f")),
        (lambda: viewer.click("Full screen (f)"), lambda: viewer.click("Full screen (f)")),
    ):
        enter()
        page.wait_for_function(full)
        bar = viewer.ask(".colorbar", "e => e.offsetWidth")  # which stands beside it
        wait_for(
            lambda bar=bar: viewer.size()[0] + bar > 0.95 * page.evaluate("() => innerWidth"), page
        )
        viewer.settle()
        check_fitted(viewer)
        screen = page.evaluate("() => [innerWidth, innerHeight]")
        width, height = viewer.size()
        assert width + bar > 0.95 * screen[0]
        assert height > 0.7 * screen[1]
        text = viewer.move(width // 2, height // 2)
        assert same(values_of(text)[0], FLOATS[place_of(text)[::-1]])
        for css in (".tools", ".readout"):
            box = viewer.find(css).first.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= screen[1]
        leave()
        page.wait_for_function("() => !document.fullscreenElement")
        viewer.shows(before)


@pytest.mark.parametrize("width", [420, 1000])
def test_in_full_screen_panels_stand_beside_the_picture(
    width: int, chromium: Chromium, tmp_path: Path
) -> None:
    view = View(FLOATS, state={"panels": ["contrast"]})
    with showing(chromium, tmp_path, view) as viewer:
        page = viewer.page
        page.set_viewport_size({"width": width, "height": 700})
        viewer.press("f")
        page.wait_for_function("() => !!document.fullscreenElement")
        viewer.settle()
        page.set_viewport_size({"width": width, "height": 700})

        def beside() -> bool:
            stage, side = (viewer.find(css).bounding_box() for css in (".frame", ".side"))
            assert stage is not None and side is not None
            right = stage["x"] + stage["width"]
            return bool(side["x"] >= right > 150 and side["x"] + side["width"] <= width)

        wait_for(beside, page)


# ----------------------------------------------------------------------------- cursor, copies


def test_the_cursor_is_pinned_and_moved_and_its_value_copied(viewer: Viewer) -> None:
    page = viewer.page
    viewer.mouse.click(*viewer.point(202, 102))  # the first click only takes the focus
    viewer.settle()
    assert pinned(viewer) == ""
    before = viewer.pixels()
    hold(page, 600)  # else two clicks are a double one
    viewer.mouse.click(*viewer.point(202, 102))
    viewer.settle()
    row, column = 25, 50
    assert place_of(pinned(viewer)) == (column, row)
    assert (viewer.pixels() != before).any()  # it is seen
    moves = [("ArrowRight", 0, 1), ("ArrowDown", 1, 0), ("ArrowLeft", 0, -1), ("ArrowUp", -1, 0)]
    moves += [(f"Shift+{key}", 10 * dy, 10 * dx) for key, dy, dx in moves[:2]]
    quiet = viewer.find("[aria-live=polite]")
    viewer.move(300, 300)
    for key, dy, dx in moves:
        row, column = row + dy, column + dx
        viewer.press(key)
        text = pinned(viewer)
        assert place_of(text) == (column, row)
        assert same(values_of(text)[0], FLOATS[row, column])
        assert values_of(text)[0] in quiet.inner_text()  # for who does not see it
    said = quiet.inner_text()
    viewer.move(30, 40)
    viewer.move(110, 140)
    assert quiet.inner_text() == said  # and nothing for each place of the pointer
    viewer.page.evaluate("() => navigator.clipboard.writeText('nothing')")
    viewer.press("Control+c")
    assert same(viewer.copied(), FLOATS[row, column])
    viewer.press("ArrowUp")
    viewer.find(".pinned").get_by_role("button").first.click()
    viewer.settle()
    assert same(viewer.copied(), FLOATS[row - 1, column])
    viewer.press("Escape")
    assert pinned(viewer) == ""
    np.testing.assert_array_equal(viewer.pixels(), before)
    viewer.canvas.focus()
    below = viewer.move(77, 31)
    viewer.press("Control+c")
    assert same(viewer.copied(), FLOATS[place_of(below)[::-1]])
    viewer.press("p")
    assert place_of(pinned(viewer)) == place_of(below)
    viewer.named("Unpin").click()
    viewer.settle()
    assert pinned(viewer) == ""


def test_the_pinned_cursor_stays_in_the_picture_and_in_sight(viewer: Viewer) -> None:
    viewer.canvas.focus()
    viewer.move(240, 200)
    viewer.press("p", *["+"] * 8)
    column, row = place_of(pinned(viewer))
    for key, way in (("Right", (1, 0)), ("Up", (0, -1)), ("Left", (-1, 0)), ("Down", (0, 1))):
        for times in (4, 9):
            viewer.press(*[f"Shift+Arrow{key}"] * times)
            column = int(np.clip(column + 10 * times * way[0], 0, SHAPE[1] - 1))
            row = int(np.clip(row + 10 * times * way[1], 0, SHAPE[0] - 1))
        text = pinned(viewer)
        assert place_of(text) == (column, row)
        assert same(values_of(text)[0], FLOATS[row, column])
        width, height = viewer.size()
        middle = width // 2, height // 2
        assert column in {place_of(viewer.move(x, middle[1]))[0] for x in places_along(width)}
        assert row in {place_of(viewer.move(middle[0], y))[1] for y in places_along(height)}
    assert (column, row) == (0, SHAPE[0] - 1)


def places_along(size: int) -> list[int]:
    """Places from end to end, but for where the edges are taken hold of."""
    return [*range(1, size - 13, 60), size - 13]


@pytest.mark.parametrize("upward", [False, True])
def test_the_copied_view_shows_the_same_again(
    upward: bool, chromium: Chromium, tmp_path: Path
) -> None:
    xarray = pytest.importorskip("xarray")
    rows = np.arange(100.0)
    stack = xarray.DataArray(
        STACK, dims=("step", "lat", "lon"), coords={"lat": rows if upward else rows[::-1]}
    )
    line = {"shapes": [{"kind": "line", "points": [(8, 9), (20, 80)], "id": "a"}]}
    with showing(chromium, tmp_path, View(stack, width=480, state=line)) as viewer:
        page = viewer.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        viewer.press("+", "+", "Shift+ArrowRight", "ArrowUp", "ArrowUp", ".", ".", ".", "i", "c")
        viewer.move(100, 80)
        viewer.press("p")
        place = place_of(pinned(viewer))
        rested(viewer)
        viewer.save("Copy view as Python")
        given = eval(f"dict({viewer.copied()})", {"slice": slice, "dict": dict, "np": np})
        pixels, readout = viewer.pixels(), viewer.move(301, 203)
        seen = given["state"]["viewport"]
        expected = (slice(10, 60) if upward else slice(40, 90)), slice(60, 120)
        assert all(isinstance(part, slice) for part in seen)
        assert place[0] in range(*seen[1].indices(120))
        assert place[1] in range(*seen[0].indices(100))
        assert expected[1].stop - expected[1].start == seen[1].stop - seen[1].start
        again = tmp_path / "again"
        again.mkdir()
        page.goto(saved(again, View(stack, width=480, **given)))
        other = Viewer(page)
        np.testing.assert_array_equal(other.pixels(), pixels)
        assert other.move(301, 203) == readout
        assert place_of(pinned(other)) == place
        assert other.find(".contrast").is_visible()
        other.click("JSON")
        [same_line] = json.loads(wait_for(other.copied))
        assert same_line["points"] == [[8, 9], [20, 80]]


def test_help_lists_the_keys_and_goes_away_again(viewer: Viewer) -> None:
    assert not viewer.find(".help").is_visible()
    viewer.press("?")
    text = viewer.find(".help").inner_text()
    for word in ("wheel", "fit", "one to one", "full screen", "Ctrl+C", "arrows", "Esc"):
        assert word in text
    viewer.press("?")
    assert not viewer.find(".help").is_visible()
    viewer.click("Keys (?)")
    assert viewer.find(".help").is_visible()
    viewer.page.keyboard.press("Escape")
    assert not viewer.find(".help").is_visible()
    viewer.click("Keys (?)")
    viewer.click("Close (Esc)")
    assert not viewer.find(".help").is_visible()


# ------------------------------------------------------------------- names, order, colors

ROLES = {"application", "button", "checkbox", "combobox", "slider", "spinbutton", "textbox"}
KINDS = ["gray", "color", "composite", "stack", "facets", "volume", "compared", "divided"]


def test_everything_that_can_be_used_has_a_name(many: Page) -> None:
    session = many.context.new_cdp_session(many)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found: dict[str, int] = {}
    for node in nodes:
        role = node.get("role", {}).get("value")
        own = {told["name"]: told["value"].get("value") for told in node.get("properties", [])}
        if node.get("ignored") or (role not in ROLES and not own.get("focusable")):
            continue
        if role in ("RootWebArea", "option", "MenuListOption"):
            continue
        found[role] = found.get(role, 0) + 1
        name = node.get("name", {}).get("value", "")
        assert re.search(r"\w", name), node
    assert found["button"] >= 8 * len(KINDS)
    assert {"slider", "checkbox", "textbox"} <= set(found)


FOCUSED = """() => {
  let found = document.activeElement;
  while (found?.shadowRoot) found = found.shadowRoot.activeElement;
  if (!found || found === document.body) return null;
  const { x, y, width, height } = found.getBoundingClientRect();
  const root = found.getRootNode();
  const roots = [...document.querySelectorAll(".nbimage-view")];
  const label = found.getAttribute("aria-label") || found.textContent || found.tagName;
  return { x, y: y + scrollY, width, height, label: label.slice(0, 40),
    index: roots.findIndex(one => one.lastElementChild === root.host) };
}"""


def test_tab_goes_through_everything_as_it_is_seen_and_leaves(many: Page) -> None:
    Viewer(many)
    many.evaluate("() => { scrollTo(0, 0); document.activeElement?.blur(); }")
    many.mouse.click(1270, 5)
    before: dict[str, Any] | None = None
    reached: dict[int, int] = {}
    for _ in range(600):
        many.keyboard.press("Tab")
        now = many.evaluate(FOCUSED)
        if now is None:
            break
        assert now["width"] > 0
        assert now["height"] > 0
        index = now["index"]
        reached[index] = reached.get(index, 0) + 1
        if before is not None:
            assert index >= before["index"]
            if index == before["index"]:
                check_order(before, now)
        before = now
    else:
        raise AssertionError("Tab never leaves the page")
    assert sorted(reached) == list(range(len(KINDS)))  # nothing outside, nobody left out
    assert min(reached.values()) >= 10


def check_order(first: dict[str, Any], then: dict[str, Any]) -> None:
    """What comes then is not above what came first, nor to its left in the same row."""
    text = f"{first} before {then}"
    middle = then["y"] + then["height"] / 2
    if then["y"] + then["height"] <= first["y"] + 1:  # only where columns stand side by side
        assert then["x"] >= first["x"], text
    elif first["y"] < middle < first["y"] + first["height"] and "Size" not in first["label"]:
        assert then["x"] + then["width"] / 2 >= first["x"], text


TEXTS = """root => {
  const NO_TEXT = "option, style, .hint, .spoken, :disabled, [type=range], svg *";
  const number = text => text.match(/[\\d.]+/g).map(Number);
  const canvas = document.createElement("div");
  canvas.style.cssText = "background:Canvas";
  document.body.append(canvas);
  const page = number(getComputedStyle(canvas).backgroundColor).slice(0, 3);
  canvas.remove();
  const over = ([r, g, b, a = 1], below) =>
    [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
  const light = color => {
    const [r, g, b] = color.map(part => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  const { shadowRoot } = root.lastElementChild;
  for (const element of shadowRoot.querySelectorAll("*")) {
    const own = element.matches("input, select") ? element.value || "1"
      : [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join("").trim();
    if (!/[\\p{L}\\p{N}]/u.test(own) || element.matches(NO_TEXT) ||
      !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const chain = [];
    for (let e = element; e; e = e.parentElement) chain.unshift(getComputedStyle(e));
    let below = page, shown = 1;
    for (const { backgroundColor, opacity } of chain) {
      const [r, g, b, a = 1] = number(backgroundColor);
      shown *= +opacity;
      below = over([r, g, b, a * shown], below);
    }
    const [r, g, b, a = 1] = number(getComputedStyle(element).color);
    const ink = over([r, g, b, a * shown], below);
    const [low, high] = [light(ink), light(below)].sort((p, q) => p - q);
    found.push([own.slice(0, 30), (high + 0.05) / (low + 0.05)]);
  }
  return found;
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_on_light_and_on_dark(scheme: Any, many: Page) -> None:
    many.emulate_media(color_scheme=scheme)
    many.reload()
    try:
        for i, name in enumerate(KINDS):
            viewer = Viewer(many, i)
            viewer.press("?")
            viewer.move(60, 60)
            found = viewer.root.evaluate(TEXTS)
            assert len(found) > 20
            assert [pair for pair in found if pair[1] < 7] == [], name
    finally:
        many.emulate_media(color_scheme="light")


# ------------------------------------------------------------------------------ on any page


def test_nothing_stands_out_of_a_narrow_page(many: Page) -> None:
    size = many.viewport_size
    many.set_viewport_size({"width": 300, "height": 900})
    many.reload()
    try:
        for i, name in enumerate(KINDS):
            viewer = Viewer(many, i)
            viewer.press("?")
            viewer.move(100, 50)
            wide = viewer.root.evaluate(
                """root => [...root.lastElementChild.shadowRoot.querySelectorAll("*")]
                  .filter(e => e.checkVisibility())
                  .filter(e => !e.closest("svg, .shape-numbers, .spoken, .divider"))
                  .filter(e => e.getBoundingClientRect().right > 300)
                  .map(e => `${e.tagName} ${e.className} ${e.getBoundingClientRect().right}`)"""
            )
            assert wide == [], name
            assert many.evaluate("() => document.documentElement.scrollWidth") <= 300
            width, height = viewer.size()
            assert width <= 268
            if i < 2:
                assert height == pytest.approx(width * SHAPE[0] / SHAPE[1], abs=1.5)
    finally:
        assert size is not None
        many.set_viewport_size(size)
        many.reload()


def test_a_page_narrowed_after_loading_keeps_the_ratio(viewer: Viewer) -> None:
    page = viewer.page
    size = page.viewport_size
    assert size is not None
    for wide, expected in ((300, 266), (400, 366), (1280, 480)):
        page.set_viewport_size({"width": wide, "height": size["height"]})
        wait_for(lambda wide=expected: abs(viewer.size()[0] - wide) <= 20, page)
        viewer.settle()
        width, height = viewer.size()
        assert width == pytest.approx(expected, abs=20)
        assert height == pytest.approx(width * SHAPE[0] / SHAPE[1], abs=2)
        check_fitted(viewer)
    assert viewer.size() == (480, 400)


def test_in_a_hidden_tab_it_waits_and_draws_once_it_is_shown(
    chromium: Chromium, tmp_path: Path
) -> None:
    style = "body.hidden .nbimage{display:none}"
    address = saved(tmp_path, View(FLOATS, width=480), style=style)
    page = opened(chromium, address)
    page.add_init_script(
        "new MutationObserver((_, own) => { if (!document.body) return;"
        " document.body.className = 'hidden'; own.disconnect(); })"
        ".observe(document, { childList: true, subtree: true })"
    )
    page.reload()
    page.wait_for_function(
        "() => document.querySelector('.nbimage-view')?.lastElementChild.shadowRoot"
    )
    assert page.evaluate("() => document.querySelector('.nbimage').offsetWidth") == 0
    page.evaluate("() => { document.body.className = '' }")
    viewer = Viewer(page)
    expected = rgba(Picture(FLOATS).render()).repeat(4, 0).repeat(4, 1)
    np.testing.assert_array_equal(viewer.pixels(), expected)
    viewer.press("+")
    before = viewer.pixels()
    page.evaluate("() => { document.body.className = 'hidden' }")
    frames(page, 5)
    page.evaluate("() => { document.body.className = '' }")
    viewer.shows(before)
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


def test_taken_out_of_the_page_and_put_back_it_goes_on(viewer: Viewer) -> None:
    page = viewer.page
    viewer.press("+")
    before = viewer.pixels()
    page.evaluate(
        """async () => {
          const root = document.querySelector(".nbimage"), place = root.parentNode;
          const frame = () => new Promise(requestAnimationFrame);
          root.remove();
          for (let i = 0; i < 5; i++) await frame();
          place.prepend(root);
        }"""
    )
    viewer.shows(before)
    viewer.press("0")
    assert viewer.percent() == 400
    text = viewer.move(101, 55)
    assert same(values_of(text)[0], FLOATS[place_of(text)[::-1]])
    assert page.locator(".nbimage-view > div").count() == 2


def test_explorers_of_one_page_know_nothing_of_one_another(many: Page) -> None:
    many.reload()
    viewers = [Viewer(many, i) for i in range(len(KINDS))]
    many.mouse.move(1, 1)
    wait_until(  # hints go away
        many,
        """() => [...document.querySelectorAll(".nbimage-view")].every(root =>
          !root.lastElementChild.shadowRoot.querySelector(".hint.on"))""",
    )
    states = """() => [...document.querySelectorAll(".nbimage-view")].map(root => {
      const { shadowRoot } = root.lastElementChild;
      const all = shadowRoot.querySelectorAll("canvas, input, select, output, .readout, .pinned");
      return [...all].map(e => e.toDataURL?.() ?? e.value ?? e.innerText).join("|");
    })"""
    before = many.evaluate(states)
    for i, viewer in enumerate(viewers):
        viewer.press("+", "ArrowLeft", "c", "i", "Escape")
        many.mouse.move(1, 1)
        viewer.settle()
        after = many.evaluate(states)
        assert [b != a for b, a in zip(before, after, strict=True)] == [
            j == i for j in range(len(KINDS))
        ]
        before = after


def listeners(page: Page) -> list[tuple[str, str]]:
    """What is listened to on all of a page."""
    session = page.context.new_cdp_session(page)
    found = []
    for name in ("window", "document", "document.body", "document.documentElement"):
        remote = session.send("Runtime.evaluate", {"expression": name})["result"]["objectId"]
        told = session.send("DOMDebugger.getEventListeners", {"objectId": remote, "depth": 0})
        found += [(name, one["type"]) for one in told["listeners"]]
    return sorted(found)


def test_a_page_gets_nothing_that_is_global(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, *every_kind().values()))
    page.wait_for_function(  # by no locator: those listen to the window themselves
        """count => [...document.querySelectorAll(".nbimage-view")].filter(root =>
          root.lastElementChild.shadowRoot?.querySelector("canvas")).length === count""",
        arg=len(KINDS),
    )
    plain = opened(chromium, "about:blank")
    plain.wait_for_function("() => true")
    assert listeners(page) == listeners(plain)  # those of the tests' own tools
    plain.context.close()
    own = page.evaluate(
        """() => {
          const frame = document.body.appendChild(document.createElement("iframe"));
          const plain = new Set(Object.getOwnPropertyNames(frame.contentWindow));
          frame.remove();
          return Object.getOwnPropertyNames(window).filter(name => !plain.has(name));
        }"""
    )
    own = [name for name in own if not re.fullmatch(r"\d+|__playwright.*", name)]
    # the plain pictures' dragged sizes by display id; what is remembered of explorers
    assert set(own) <= {"nbimageWidths", "nbimageViews"}
    # those in a shadow are of nobody else's
    assert page.evaluate("() => document.querySelectorAll('.nbimage-view [id]').length") == 0
    assert page.evaluate("() => document.querySelectorAll('.nbimage style').length") == 0
    assert page.evaluate("() => document.head.querySelectorAll('script, style').length") == 0
    page.context.close()


def test_without_scripts_the_picture_stands(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, View(FLOATS)), scripts=False)
    picture = page.locator(".nbimage-fallback img")
    assert picture.is_visible()
    box = picture.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (240, 200)
    assert page.locator("body").inner_text().strip() == ""
    page.context.close()


def test_titles_and_names_are_text(chromium: Chromium, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    evil = "</script><img src=x onerror=document.title='hit'>"
    stack = xarray.DataArray(
        STACK[:2],
        dims=(evil, "y", "x"),
        coords={
            evil: [evil, "<b>two</b>"],
            "x": ("x", np.arange(120.0), {"units": evil, "long_name": evil}),
        },
        name=evil,
        attrs={"units": evil, "long_name": evil},
    )
    channels = {evil: "red", "<b>other</b>": "lime"}
    shape = {"kind": "line", "points": [(1, 1), (20, 30)], "label": evil, "id": evil}
    line = {"shapes": [shape], "selected": evil}
    views = (
        View(stack, title=evil),
        View(STACK[:2], channels=channels, state={"panels": ["contrast"]}),
        View({evil: FLOATS, "<b>other</b>": FLOATS}, state=line),
        View(stack, facet=evil),
    )
    with showing(chromium, tmp_path, *views) as viewer:
        page = viewer.page
        slider = viewer.find(".axis > [type=range]").first
        slider.focus()
        assert evil in (slider.get_attribute("aria-valuetext") or "")
        page.keyboard.press("ArrowRight")
        wait_for(lambda: slider.get_attribute("aria-valuetext") == "<b>two</b>", page)
        assert evil in viewer.move(60, 60)  # units
        for index, word in ((1, evil), (1, "<b>other</b>"), (2, evil), (3, evil)):
            other = Viewer(page, index)
            other.move(20, 20)
            text = other.root.evaluate("root => root.lastElementChild.shadowRoot.textContent")
            assert word in text, index
        assert page.locator(".nbimage :is(b b, img[onerror])").count() == 0
        bold = page.locator(".nbimage b").all_inner_texts()
        assert not {"two", "other"} & set(bold)
        assert page.title() == "Views"
