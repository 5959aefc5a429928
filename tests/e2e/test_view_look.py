"""How the explorer is laid out: its tools, its panels, its frame, and what opens over it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import View
from tests.e2e.explorer import Viewer, opened, saved, showing
from tests.e2e.harness import Chromium, wait_for

RANDOM = np.random.default_rng(17)
GRAY = RANDOM.normal(size=(60, 90)).astype(np.float32)
STACK = RANDOM.integers(0, 999, (3, 2, 60, 90), np.uint16)
BOX = "e => { const { left, right, top, bottom } = e.getBoundingClientRect();" + (
    " return { left, right, top, bottom }; }"
)
KINDS: dict[str, Any] = {
    "gray": lambda: View(GRAY),
    "array of 3 × 4": lambda: View(np.arange(12.0).reshape(3, 4)),
    "32 pixels": lambda: View(GRAY[:32, :32], width=32),
    "stack": lambda: View(STACK),
    "compared": lambda: View({"a": GRAY, "b": -GRAY}, state={"panels": []}),
    "facets": lambda: View(STACK[:, 0], facet=0, axes="tyx"),
    "channels": lambda: View(STACK[:, 0], channels=["a", "b", "c"]),
}


@pytest.fixture(scope="module", params=KINDS)
def viewer(
    chromium: Chromium, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Viewer]:
    """An explorer of each kind."""
    folder = tmp_path_factory.mktemp("look")
    with showing(chromium, folder, KINDS[request.param]()) as viewer:
        yield viewer


@pytest.fixture
def plain(chromium: Chromium, tmp_path: Path) -> Iterator[Viewer]:
    """An explorer of a stack on a tall page."""
    view = View(STACK, width=360)
    with showing(chromium, tmp_path, view, style="html{height:4000px}") as viewer:
        yield viewer


def resize(viewer: Viewer, width: int) -> None:
    viewer.page.set_viewport_size({"width": width, "height": 900})
    viewer.settle()
    viewer.settle()


@pytest.mark.parametrize("width", [420, 1000, 1920])
def test_the_tools_stand_in_one_line_and_panels_beside_where_there_is_room(
    viewer: Viewer, width: int
) -> None:
    resize(viewer, width)
    viewer.press("c", "s")
    try:
        tops = viewer.ask(".tools", "e => [...e.children].map(c => c.getBoundingClientRect().top)")
        assert len(set(tops)) == 1
        stage, side = viewer.ask(".frame", BOX), viewer.ask(".side", BOX)
        main = viewer.ask(".main", BOX)
        host = viewer.root.evaluate("e => e.clientWidth")
        if host - (main["right"] - main["left"]) >= 300:
            assert side["right"] - side["left"] == 280
            assert side["left"] >= main["right"]
            assert abs(side["top"] - stage["top"]) < 24
        else:
            assert side["top"] >= main["bottom"]
        assert viewer.page.evaluate("() => document.documentElement.scrollWidth") <= width
    finally:
        viewer.press("c", "s")


def test_in_full_screen_panels_stand_beside(plain: Viewer) -> None:
    resize(plain, 1000)
    plain.press("c", "f")
    plain.page.wait_for_function("() => document.fullscreenElement")
    wait_for(lambda: plain.ask(".side", BOX)["left"] >= plain.ask(".main", BOX)["right"])
    stage, main = plain.ask(".frame", BOX), plain.ask(".main", BOX)
    assert main["bottom"] <= plain.page.evaluate("() => innerHeight")
    assert stage["right"] > 560
    plain.press("f")


def test_a_frame_is_seen_while_the_wheel_and_the_keys_are_its_own(plain: Viewer) -> None:
    page = plain.page
    framed = "e => getComputedStyle(e).outlineStyle !== 'none'"
    assert not plain.ask(".frame", framed)
    plain.mouse.click(*plain.point(50, 50))
    assert plain.ask(".frame", framed)
    plain.press("c")
    plain.button("Zoom in (+)").click()  # by mouse, after which they are still
    assert plain.ask(".frame", framed)
    before = plain.percent()
    plain.move(50, 50)
    plain.wheel(-120)
    assert plain.percent() > before
    page.keyboard.press("0")
    plain.settle()
    assert plain.percent() < before * 1.1
    plain.find(".contrast-panel input[type=text]").first.click()  # where keys are typed
    assert not plain.ask(".frame", framed)
    page.keyboard.press("Escape")  # leads to the picture, once more away
    assert plain.ask(".frame", framed)
    page.keyboard.press("Escape")
    assert not plain.ask(".frame", framed)
    left, top = plain.ask(".frame", "e => [e.getBoundingClientRect().left, e.offsetTop]")
    assert left >= 3 and top >= 3  # it is not cut off where an output begins


def test_how_to_zoom_is_said_once(plain: Viewer) -> None:
    plain.move(50, 50)
    plain.wheel(10)
    assert plain.ask(".hint", "e => e.classList.contains('on')")
    hint, stage = plain.ask(".hint", BOX), plain.ask(".frame", BOX)
    assert hint["bottom"] <= stage["bottom"] and hint["top"] > (stage["top"] + stage["bottom"]) / 2
    plain.ask(".hint", "e => e.classList.remove('on')")
    plain.wheel(10)
    assert not plain.ask(".hint", "e => e.classList.contains('on')")


@pytest.mark.parametrize("width", [420, 1000])
def test_help_lies_over_the_picture_in_groups_and_fits(viewer: Viewer, width: int) -> None:
    resize(viewer, width)
    viewer.press("?")
    help_, stage = viewer.ask(".help", BOX), viewer.ask(".frame", BOX)
    assert help_["left"] >= 0 and help_["right"] <= width
    assert help_["top"] < stage["bottom"] and help_["bottom"] <= 900
    assert viewer.ask(".help", "e => e.scrollWidth - e.clientWidth") <= 0
    assert viewer.find(".help h4").all_inner_texts()[:2] == ["Move", "Read"]
    viewer.page.keyboard.press("Escape")
    assert not viewer.find(".help").is_visible()
    assert viewer.ask(".pane canvas", "e => e === e.getRootNode().activeElement")


def test_each_slider_has_one_button_to_play_and_the_rate_behind_it(plain: Viewer) -> None:
    for axis in ("axis 0", "axis 1"):
        row = plain.find(".axis").nth(int(axis[-1]))
        names = [one.get_attribute("aria-label") for one in row.locator("button").all()]
        assert names == [f"Play {axis}", f"Rate and loop of {axis}"]
        assert not plain.root.get_by_role("spinbutton").count()
        plain.click(f"Rate and loop of {axis}")
        assert plain.root.get_by_role("spinbutton").input_value() == "10"
        plain.page.keyboard.press("Escape")


def test_targets_are_44_pixels_for_fingers(chromium: Chromium, tmp_path: Path) -> None:
    state = {"panels": ["contrast", "measure", "compare"]}
    views = View(STACK, state=state), View({"a": GRAY, "b": -GRAY}, state=state)
    page = opened(chromium, saved(tmp_path, *views))
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    session.send(
        "Emulation.setEmulatedMedia", {"features": [{"name": "pointer", "value": "coarse"}]}
    )
    assert page.evaluate("() => matchMedia('(pointer: coarse)').matches")
    for i in range(2):
        viewer = Viewer(page, i)
        small = viewer.root.evaluate(
            """root => [...root.lastElementChild.shadowRoot.querySelectorAll("button, select")]
              .filter(e => e.checkVisibility())
              .map(e => [e.ariaLabel ?? e.textContent, e.offsetWidth, e.offsetHeight])
              .filter(([name, width, height]) => width < 44 || height < 44)"""
        )
        assert small == []
    page.context.close()


def test_the_tool_bar_is_one_tab_stop_and_arrows_go_along_it(plain: Viewer) -> None:
    page = plain.page
    names = []
    active = "() => document.querySelector('.nbimage-view').lastElementChild.shadowRoot" + (
        ".activeElement?.ariaLabel"
    )
    stops = plain.ask(".tools", "e => e.querySelectorAll('button:not([tabindex=\"-1\"])').length")
    assert stops == 1
    plain.ask(".tools button", "e => e.focus()")
    for _ in range(12):
        names.append(page.evaluate(active))
        page.keyboard.press("ArrowRight")
    assert names[0] == "Zoom out (−)" and len(set(names)) < 12  # and around
    for name in ("Zoom in (+)", "Fit (0)", "Contrast (c)", "Measure (s)", "Save and copy"):
        assert name in names
    page.keyboard.press("End")
    assert page.evaluate(active) == "Keys (?)"
    page.keyboard.press("Enter")
    assert plain.find(".help").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(active) == "Keys (?)"
    page.keyboard.press("Escape")
    assert plain.ask(".pane canvas", "e => e === e.getRootNode().activeElement")


def test_the_menu_of_what_is_saved_goes_by_keyboard(plain: Viewer) -> None:
    page = plain.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    plain.button("Save and copy").focus()
    page.keyboard.press("Enter")
    menu = plain.root.get_by_role("menuitem")
    assert menu.count() >= 1
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    plain.settle()
    assert not plain.find(".menu").is_visible()
    wait_for(lambda: plain.copied().startswith("state={"))


def test_the_page_s_own_colors_say_which_theme_it_is(plain: Viewer) -> None:
    dark = "e => e.closest('.shell').getRootNode().host.classList.contains('dark')"
    plain.page.evaluate("() => { document.body.style.cssText = 'background:#111;color:#ddd' }")
    wait_for(lambda: plain.ask(".frame", dark))
    plain.page.evaluate("() => { document.body.style.cssText = 'background:#fff;color:#222' }")
    wait_for(lambda: not plain.ask(".frame", dark))
    # a theme may lay a light ground under outputs of a dark page: boxes are drawn for it too
    scheme = "e => getComputedStyle(e).colorScheme"
    for page, color, found in (("dark", "#222", "light"), ("light", "#ddd", "dark")):
        plain.page.evaluate("all => { document.body.style.cssText = all }", f"color:{color}")
        plain.page.evaluate(
            "scheme => { document.documentElement.style.colorScheme = scheme }", page
        )
        wait_for(lambda found=found: plain.ask("[type=checkbox]", scheme) == found)
        assert plain.ask("select", scheme) == found
    plain.page.evaluate("() => { document.documentElement.style.colorScheme = '' }")
    plain.page.evaluate("() => { document.body.style.cssText = '' }")


def test_a_screen_reader_is_told_what_each_part_is(plain: Viewer) -> None:
    plain.press("c", "s")
    session = plain.page.context.new_cdp_session(plain.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = {
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node.get("ignored")
    }
    for one in (
        ("toolbar", "View"),
        ("region", "Contrast"),
        ("region", "Measure"),
        ("heading", "Contrast"),
        ("button", "Contrast (c)"),
        ("button", "Play axis 0"),
        ("slider", "axis 0"),
        ("button", "Save and copy"),
        ("button", "Full screen (f)"),
        ("button", "Keys (?)"),
    ):
        assert one in found
    (zoom,) = [name for role, name in found if role == "button" and "one to one" in name]
    assert re.match(r"\d+ %", zoom)


def test_forced_colors_leave_what_is_held_open_and_dragged_visible(plain: Viewer) -> None:
    plain.page.emulate_media(forced_colors="active")
    plain.press("c")
    assert plain.ask(".frame", "e => getComputedStyle(e).outlineStyle") == "solid"
    pressed = plain.button("Contrast (c)")
    assert pressed.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    kept = "e => getComputedStyle(e).forcedColorAdjust"
    for css in (".strip i", ".map"):
        assert plain.ask(css, kept) == "none"


def test_names_of_any_length_are_text_and_stay_on_a_narrow_page(
    chromium: Chromium, tmp_path: Path
) -> None:
    word = "<img src=x onerror='window.wrong = 1'>" * 3
    names = [word, f"b{word}", "c"]
    first: Any = {"panels": ["contrast", "measure"], "cursor": (3, 3)}
    shape = {"kind": "box", "points": [(5, 5), (20, 30)], "label": word}
    state = {**first, "shapes": [shape]}
    views = [
        View(STACK[:, 0], channels=names, title=word, state=state),
        View({names[0]: GRAY, names[1]: -GRAY}, state=state),
    ]
    for view in views:
        page = opened(chromium, saved(tmp_path, view))
        page.set_viewport_size({"width": 420, "height": 900})
        viewer = Viewer(page)
        assert viewer.move(30, 30)
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 420
        assert page.evaluate("() => window.wrong") is None
        assert page.wrong == []  # type: ignore[attr-defined]
        page.context.close()
