"""The explorer's contrast panel in a real browser: every control, and the pixels that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

from nbimage import Picture, View, rerange
from tests.e2e.explorer import Viewer, opened, rgba, saved
from tests.e2e.harness import Chromium

RANDOM = np.random.default_rng(17)
SHAPE = 60, 80
FLOATS = RANDOM.normal(size=SHAPE).astype(np.float32)
HOLES = FLOATS.copy()
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
HOLES.flat[5::13] = -np.inf
FEW = RANDOM.choice(10, SHAPE, p=np.array([9, 0, 1, 4, 16, 2, 0, 8, 4, 1]) / 45)
PARTS = {"dna": "blue", "actin": "lime", "glow": "orange"}
COLORS = {"dna": (0, 0, 255), "actin": (0, 255, 0), "glow": (255, 165, 0)}
DATA: dict[str, Any] = {
    "floats": FLOATS,
    "bytes": RANDOM.integers(0, 256, SHAPE, np.uint8),
    "positive": np.exp(3 * FLOATS),
    "negative": -np.abs(FLOATS) - 1,
    "holes": HOLES,
    "doubles": RANDOM.normal(size=SHAPE) * 1e9,
    "large": RANDOM.integers(2**60, 2**60 + 999, SHAPE),
    "few": FEW.astype(np.uint16),
    "rgb": RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8),
    "rgba": RANDOM.integers(0, 256, (*SHAPE, 4), np.uint8) | np.uint8([[[0, 0, 0, 255]]]),
    "cover": RANDOM.integers(0, 256, (*SHAPE, 4), np.uint8),
    "composite": RANDOM.normal(size=(3, *SHAPE)).astype(np.float32) * [[[1]], [[5]], [[50]]],
    "constant": np.full(SHAPE, 7.0),
    "missing": np.full(SHAPE, np.nan),
    "ranks": RANDOM.permutation(1000)[:, None] * 1000 + np.arange(1000),
    "stack": np.stack([FLOATS, 400 + FLOATS, 1000 * FLOATS, FLOATS, FLOATS]),
    "apart": {"a": FLOATS, "b": 100 + 9 * FLOATS},
}
DATA["cover"][:, :, 3] = 255  # a canvas rounds the colors of what is half clear
DATA["rgba"][::3, :, 3] = DATA["cover"][::4, :, 3] = 0
OPTIONS: dict[str, dict[str, Any]] = {
    "doubles": {"exact": True},
    "composite": {"channels": PARTS, "contrast": "minmax"},
    "cover": {"vmin": [0, 0, 0, 0], "vmax": [255, 200, 100, 250]},
    "apart": {"shared": False},
    "ranks": {"width": 240},
}
ALL, ROBUST = "min\N{EN DASH}max", "2 %"
SYMMETRIC = "around 0"
STRIP = ".contrast :is(.plot:not([hidden]), .channel.on .strip)"  # of what is edited
NORMS = {  # as they are chosen, and for `Picture`
    "sqrt": 0.5,
    "log": "log",
    "asinh": "asinh",
    "symlog": "symlog",
}


@pytest.fixture(scope="module")
def page(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """All data on one page, each with its panel open."""
    opened_panel = {"panels": ["contrast"]}
    with pytest.warns(UserWarning, match="no finite value"):
        views = [View(a, state=opened_panel, **OPTIONS.get(name, {})) for name, a in DATA.items()]
    page = opened(chromium, saved(tmp_path_factory.mktemp("contrast"), *views))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


def viewer_of(page: Page, name: str) -> Viewer:
    """The explorer of these data, as it was given, one to one."""
    viewer = Viewer(page, list(DATA).index(name))
    if viewer.button("all").count():
        viewer.click("all")
    viewer.click("reset")
    viewer.press("1")
    return viewer


def inside(viewer: Viewer, pane: int = 0) -> np.ndarray:
    """The picture in the middle of its pane."""
    pixels = viewer.pixels(pane)
    top, left = ((pixels.shape[i] - SHAPE[i] + 1) // 2 for i in (0, 1))
    return pixels[top : top + SHAPE[0], left : left + SHAPE[1]]


def check_look(viewer: Viewer, data: Any, **options: Any) -> None:
    """The canvas is the picture of these options."""
    np.testing.assert_array_equal(inside(viewer), rgba(Picture(data, **options).render()))


def copied(viewer: Viewer) -> dict[str, Any]:
    """The arguments that the menu copies."""
    viewer.click("Save and copy")
    viewer.root.get_by_role("menuitem", name="Copy contrast as Python").click()
    return dict(eval(f"dict({viewer.copied()})"))


def check_copied(viewer: Viewer, data: Any) -> dict[str, Any]:
    """The canvas is the picture of the arguments that are copied; return these."""
    options = copied(viewer)
    check_look(viewer, data, **options)
    return options


def handle(viewer: Viewer, name: str) -> Locator:
    strip = viewer.find(STRIP)
    return strip.get_by_role("slider", name=re.compile(rf"^(\w+ )?{name}$"))


def field(viewer: Viewer, name: str) -> Locator:
    return viewer.root.get_by_role("textbox", name=name, exact=True)


def limits_of(viewer: Viewer) -> list[float]:
    """What the two fields say; the handles must say the same."""
    texts = [field(viewer, name).input_value() for name in ("from", "to")]
    for name, text in zip(("from", "to"), texts, strict=True):
        assert handle(viewer, name).get_attribute("aria-valuetext") == text
    return [float(text) for text in texts]


def robust_limits(viewer: Viewer) -> None:
    """Choose the 2nd and the 98th percentile."""
    viewer.named("percentiles").select_option(ROBUST)
    viewer.settle()


def press(viewer: Viewer, button: str) -> None:
    """Press a button of the panel, or choose percentiles."""
    robust_limits(viewer) if button == ROBUST else viewer.click(button)


def type_in(viewer: Viewer, name: str, text: str, key: str = "Enter") -> None:
    field(viewer, name).fill(text)
    viewer.page.keyboard.press(key)
    viewer.settle()


def plot_of(viewer: Viewer) -> tuple[float, float, float]:
    """The histogram's left edge, a height in its middle, and its width on the page."""
    plot = viewer.find(STRIP)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    return box["x"], box["y"] + box["height"] / 2, box["width"]


def drag(viewer: Viewer, *shares: float) -> None:
    """Drag in the histogram along shares of its width."""
    left, y, width = plot_of(viewer)
    viewer.mouse.move(left + shares[0] * width, y)
    viewer.mouse.down()
    for share in shares[1:]:
        viewer.mouse.move(left + share * width, y, steps=5)
    viewer.settle()
    viewer.mouse.up()
    viewer.settle()


def seen_at(viewer: Viewer, name: str) -> float:
    """Where a handle is seen, as a share of the histogram's width."""
    left, _, width = plot_of(viewer)
    box = handle(viewer, name).bounding_box()
    assert box is not None
    return (box["x"] + box["width"] / 2 - left) / width


def near(expected: list[float], span: float) -> Any:
    """As near as a pixel of the histogram, and the digits that a drag gives."""
    return pytest.approx(expected, abs=span / 100)


# ---------------------------------------------------------------------------------- limits


@pytest.mark.parametrize("name", ["floats", "bytes", "holes", "doubles", "positive", "large"])
def test_buttons_set_the_limits_that_numpy_says(page: Page, name: str) -> None:
    data = DATA[name]
    finite = data[np.isfinite(data)]
    viewer = viewer_of(page, name)
    given = check_copied(viewer, data)
    low, high = finite.min().item(), finite.max().item()
    most = max(-low, high)
    robust = np.percentile(finite, [2, 98]).tolist()
    if name == "large":  # whole numbers, as Python has them
        robust = [2**60 + round(end) for end in np.percentile(data - 2**60, [2, 98])]
    for button, expected in (
        (ALL, [low, high]),
        (ROBUST, robust),
        (SYMMETRIC, [-most, most]),
    ):
        press(viewer, button)
        options = check_copied(viewer, data)
        digits = 1e-15 if button == SYMMETRIC else 0  # doubles about 0
        limits = [options["vmin"], options["vmax"]]
        assert limits == pytest.approx(expected, rel=digits, abs=0), button
        check_look(viewer, data, vmin=expected[0], vmax=expected[1])
        assert options.get("vsym", False) == (button == SYMMETRIC)
    viewer.click("reset")
    assert check_copied(viewer, data) == given


def test_percentiles_of_a_large_picture_are_near_those_of_all_values(page: Page) -> None:
    viewer = Viewer(page, list(DATA).index("ranks"))
    robust_limits(viewer)
    assert limits_of(viewer) == pytest.approx([20_000, 980_000], abs=3000)
    viewer.click(ALL)
    assert limits_of(viewer) == [0, 999_999]


def test_each_handle_follows_the_mouse_and_the_other_one_stays(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    span = high - low
    drag(viewer, 0.005, 0.5, 0.3)
    assert limits_of(viewer) == near([low + 0.3 * span, high], span)
    check_copied(viewer, FLOATS)
    drag(viewer, 0.995, 0.7)
    assert limits_of(viewer) == near([low + 0.3 * span, low + 0.7 * span], span)
    check_copied(viewer, FLOATS)
    assert seen_at(viewer, "from") == pytest.approx(0.3, abs=0.01)
    assert seen_at(viewer, "to") == pytest.approx(0.7, abs=0.01)
    drag(viewer, 0.7, 1.5)  # no further than the values go
    assert limits_of(viewer)[1] == pytest.approx(high, rel=1e-6)
    drag(viewer, 0.3, -1)
    assert limits_of(viewer) == pytest.approx([low, high], rel=1e-6)
    check_look(viewer, FLOATS)


def test_a_handle_dragged_past_the_other_one_turns_the_colors_round(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    type_in(viewer, "to", "0")
    drag(viewer, 0.005, 0.9)
    vmin, vmax = limits_of(viewer)
    assert vmin > vmax == 0
    check_look(viewer, FLOATS, **check_copied(viewer, FLOATS))


def test_limits_in_one_place_can_be_dragged_apart_again(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    for end in (low, high, 0.0):
        share = (end - low) / (high - low)
        for name in ("from", "to"):
            type_in(viewer, name, str(end))
        check_look(viewer, FLOATS, vmin=end, vmax=end)
        drag(viewer, min(max(share, 0.005), 0.995), 0.4 if share > 0.4 else 0.8)
        vmin, vmax = limits_of(viewer)
        assert vmin < vmax
        check_copied(viewer, FLOATS)


def test_dragged_between_the_handles_both_limits_move_together(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    span = high - low
    type_in(viewer, "from", str(low + 0.4 * span))
    type_in(viewer, "to", str(low + 0.6 * span))
    drag(viewer, 0.5, 0.75, 0.7)
    assert limits_of(viewer) == near([low + 0.6 * span, low + 0.8 * span], span)
    check_copied(viewer, FLOATS)
    drag(viewer, 0.7, 0.2)
    assert limits_of(viewer) == near([low + 0.1 * span, low + 0.3 * span], span)
    check_copied(viewer, FLOATS)


def test_a_double_click_in_the_histogram_leaves_few_values_out(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    type_in(viewer, "from", "0.5")
    left, y, width = plot_of(viewer)
    viewer.mouse.dblclick(left + width / 2, y)
    viewer.settle()
    low, high = np.percentile(FLOATS, [0.5, 99.5]).tolist()
    assert limits_of(viewer) == pytest.approx([low, high], rel=1e-6)


def test_a_finger_drags_a_limit(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    left, y, width = plot_of(viewer)
    session = page.context.new_cdp_session(page)
    for kind, share in (("touchStart", 0.99), *(("touchMove", 0.9 - i / 20) for i in range(5))):
        point = {"x": left + share * width, "y": y, "id": 1}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
        viewer.settle()
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    viewer.settle()
    assert limits_of(viewer) == near([low, low + 0.71 * (high - low)], 2 * (high - low))
    check_copied(viewer, FLOATS)
    session.detach()


def test_handles_move_by_keys_and_say_where_they_are(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    low, high = float(FLOATS.min()), float(FLOATS.max())
    span = high - low
    for name, end, other in (("from", 0, 1), ("to", 1, 0)):
        slider = handle(viewer, name)
        slider.focus()
        at = limits_of(viewer)[end]
        for key, step in (
            ("ArrowRight", 0.01),
            ("ArrowUp", 0.01),
            ("Shift+ArrowRight", 0.1),
            ("ArrowLeft", -0.01),
            ("ArrowDown", -0.01),
            ("Shift+ArrowDown", -0.1),
        ):
            kept = limits_of(viewer)[other]
            page.keyboard.press(key)
            viewer.settle()
            now = limits_of(viewer)
            assert now[end] - at == pytest.approx(step * span, rel=0.15, abs=span / 200)
            assert now[other] == kept
            assert float(slider.get_attribute("aria-valuenow") or "nan") == pytest.approx(now[end])
            at = now[end]
        check_copied(viewer, FLOATS)
        slider.focus()
        for key, expected in (("End", high), ("Home", low)):
            page.keyboard.press(key)
            viewer.settle()
            assert limits_of(viewer)[end] == pytest.approx(expected, rel=1e-6)
        for which, least in (("min", low), ("max", high)):
            told = slider.get_attribute(f"aria-value{which}")
            assert float(told or "nan") == pytest.approx(least)


def test_a_handle_that_was_dragged_has_the_keys(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    drag(viewer, 0.995, 0.6)
    before = limits_of(viewer)
    page.keyboard.press("ArrowLeft")
    viewer.settle()
    after = limits_of(viewer)
    assert after[0] == before[0]
    assert after[1] < before[1]


def test_a_limit_can_be_typed_and_what_is_no_number_is_not_taken(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    for text, key, expected in (
        ("-0.5", "Enter", -0.5),
        (" 0,25 ", "Tab", 0.25),
        ("-1e2", "Enter", -100),  # beyond the values
        ("", "Enter", -100),
        ("wide", "Enter", -100),
        ("inf", "Tab", -100),
        ("NaN", "Enter", -100),
        ("1e-300", "Enter", 1e-300),
    ):
        type_in(viewer, "from", text, key)
        assert limits_of(viewer)[0] == expected, text
    type_in(viewer, "to", "1.5")
    assert limits_of(viewer) == [1e-300, 1.5]
    assert check_copied(viewer, FLOATS) == {"vmin": 1e-300, "vmax": 1.5}


def test_whole_numbers_beyond_2_53_are_typed_and_said_to_the_last_digit(page: Page) -> None:
    data = DATA["large"]
    viewer = viewer_of(page, "large")
    ends = viewer.find(".contrast .ends").inner_text().split()
    assert [int(ends[0]), int(ends[-1])] == [data.min(), data.max()]
    low = 2**60 + 123
    type_in(viewer, "from", str(low))
    type_in(viewer, "to", str(low + 255))
    assert [field(viewer, n).input_value() for n in ("from", "to")] == [str(low), str(low + 255)]
    assert check_copied(viewer, data) == {"vmin": low, "vmax": low + 255}
    type_in(viewer, "from", "0.5")
    assert field(viewer, "from").input_value() == str(low)
    drag(viewer, 0.123, 0.3)
    vmin = int(field(viewer, "from").input_value())
    assert vmin == pytest.approx(2**60 + 300, abs=8)
    assert vmin - 2**60 == pytest.approx(300, abs=8)
    assert check_copied(viewer, data)["vmin"] == vmin


@pytest.mark.parametrize("name", ["constant", "missing"])
def test_data_of_one_value_or_none_leave_every_control_alive(page: Page, name: str) -> None:
    viewer = viewer_of(page, name)
    before = inside(viewer)
    for button in (ALL, ROBUST, SYMMETRIC, "reset", "invert", "invert"):
        press(viewer, button)
    handle(viewer, "to").focus()
    for key in ("End", "ArrowRight", "ArrowLeft", "Home"):
        page.keyboard.press(key)
    drag(viewer, 0.2, 0.6)
    assert all(np.isfinite(limits_of(viewer)))
    check_copied(viewer, DATA[name])
    viewer.click("reset")
    np.testing.assert_array_equal(inside(viewer), before)


# ---------------------------------------------------------------------- norms and colormaps


@pytest.mark.parametrize("name", ["positive", "bytes"])
def test_a_norm_that_is_chosen_gives_the_pictures_pixels(page: Page, name: str) -> None:
    data = DATA[name]
    viewer = viewer_of(page, name)
    viewer.click(ALL)
    norm = viewer.named("norm")
    for word, expected in NORMS.items():
        norm.select_option(word)
        viewer.settle()
        assert check_copied(viewer, data)["norm"] == expected
        assert norm.evaluate("e => e.selectedOptions[0].text") == word
    norm.select_option("linear")
    viewer.settle()
    assert "norm" not in check_copied(viewer, data)


def test_gamma_is_a_slider_for_mouse_and_keys(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    gamma = viewer.named("gamma")
    assert not gamma.is_visible()
    viewer.named("norm").select_option("gamma")
    viewer.settle()
    assert gamma.is_visible()
    check_look(viewer, FLOATS)  # 1 to begin with
    found = [1.0]
    for key in ("ArrowLeft", "PageDown", "Home", "End"):
        gamma.focus()
        page.keyboard.press(key)
        viewer.settle()
        found.append(check_copied(viewer, FLOATS)["norm"])
        assert gamma.get_attribute("aria-valuetext") == f"{found[-1]:g}"
    assert 0 < found[3] < found[2] < found[1] < 1 < found[4]
    box = gamma.bounding_box()
    assert box is not None
    viewer.mouse.click(box["x"] + box["width"] / 3, box["y"] + box["height"] / 2)
    viewer.settle()
    assert found[3] < check_copied(viewer, FLOATS)["norm"] < found[4]


def test_log_of_values_not_all_above_0_begins_at_the_least_that_is(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    viewer.named("norm").select_option("log")
    viewer.settle()
    options = check_copied(viewer, FLOATS)
    assert options["norm"] == "log"
    assert options["vmin"] == FLOATS[FLOATS > 0].min()
    assert options["vmax"] == FLOATS.max()
    for text in ("0", "-3"):
        type_in(viewer, "from", text)
        assert limits_of(viewer)[0] > 0
    assert not viewer.button(SYMMETRIC).is_visible()
    viewer.named("norm").select_option("linear")
    viewer.settle()
    check_copied(viewer, FLOATS)


def test_with_log_equal_steps_of_a_handle_are_equal_ratios(page: Page) -> None:
    data = DATA["positive"]
    low, high = np.log(float(data.min())), np.log(float(data.max()))
    viewer = viewer_of(page, "positive")
    viewer.named("norm").select_option("log")
    viewer.settle()
    drag(viewer, 0.005, 0.25)
    drag(viewer, 0.995, 0.75)
    expected = [low + share * (high - low) for share in (0.25, 0.75)]
    assert np.log(limits_of(viewer)).tolist() == near(expected, high - low)
    check_copied(viewer, data)
    drag(viewer, 0.5, 0.6)
    expected = [low + share * (high - low) for share in (0.35, 0.85)]
    assert np.log(limits_of(viewer)).tolist() == near(expected, high - low)
    check_copied(viewer, data)
    viewer.named("norm").select_option("linear")


@pytest.mark.parametrize(
    ("name", "disabled"),
    [("negative", ["log"]), ("large", ["log", "asinh", "symlog"]), ("positive", [])],
)
def test_norms_that_the_values_do_not_have_cannot_be_chosen(
    page: Page, name: str, disabled: list[str]
) -> None:
    viewer = viewer_of(page, name)
    found = viewer.named("norm").evaluate(
        "e => [...e.options].filter(option => option.disabled).map(option => option.text)"
    )
    assert found == disabled


def test_every_colormap_of_the_chooser_is_pythons_inverted_too(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    chooser = viewer.named("colormap")
    names = chooser.locator("option").all_inner_texts()
    assert len(names) > 8
    for name in names:
        chooser.select_option(name)
        viewer.settle()
        check_look(viewer, FLOATS, cmap=None if name == "gray" else name)
        viewer.press("i")
        assert viewer.button("invert").get_attribute("aria-pressed") == "true"
        assert check_copied(viewer, FLOATS)["cmap"] == f"{name}_r"
        viewer.click("invert")
    assert viewer.button("invert").get_attribute("aria-pressed") == "false"


def test_what_a_call_asked_for_is_what_given_gives_back(chromium: Chromium, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"vmin": -0.5, "vmax": 2, "norm": ("asinh", 0.3), "cmap": "magma_r"}
    page = opened(chromium, saved(tmp_path, View(FLOATS, **asked)))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer = Viewer(page)
    panel = viewer.find(".contrast")
    assert not panel.is_visible()
    viewer.press("1", "c")
    assert panel.is_visible()
    assert viewer.button("Contrast (c)").get_attribute("aria-expanded") == "true"
    check_look(viewer, FLOATS, **asked)
    assert check_copied(viewer, FLOATS) == asked
    viewer.named("norm").select_option("linear")
    viewer.named("colormap").select_option("turbo")
    viewer.click(SYMMETRIC)
    viewer.press("i")
    assert check_copied(viewer, FLOATS)["cmap"] == "turbo_r"
    viewer.click("reset")
    assert check_copied(viewer, FLOATS) == asked
    viewer.click("invert")
    assert check_copied(viewer, FLOATS) == asked | {"cmap": "magma"}
    viewer.click("Contrast (c)")
    assert not panel.is_visible()
    assert viewer.button("Contrast (c)").get_attribute("aria-expanded") == "false"
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


# --------------------------------------------------------------------------------- channels


def channel_box(viewer: Viewer, name: str) -> Locator:
    return viewer.root.get_by_role("checkbox", name=f"show {name}", exact=True)


@pytest.mark.parametrize("name", ["rgb", "rgba"])
def test_colors_are_switched_off_and_on_each_by_itself(page: Page, name: str) -> None:
    data = DATA[name]
    viewer = viewer_of(page, name)
    check_look(viewer, data)
    for channel, color in enumerate(("red", "green", "blue")):
        box = channel_box(viewer, color)
        box.uncheck()
        viewer.settle()
        without = data.copy()
        without[:, :, channel] = 0
        check_look(viewer, without)
        box.focus()
        page.keyboard.press("Space")
        viewer.settle()
        check_look(viewer, data)
    assert not viewer.named("colormap").is_visible()
    assert not viewer.button("invert").is_visible()


@pytest.mark.parametrize("name", ["rgb", "rgba"])
def test_one_color_has_limits_of_its_own_and_the_others_keep_theirs(page: Page, name: str) -> None:
    data = DATA[name]
    viewer = viewer_of(page, name)
    type_in(viewer, "to", "200")
    assert limits_of(viewer) == [0, 200]
    check_copied(viewer, data)
    viewer.click("green")
    assert viewer.button("green").get_attribute("aria-pressed") == "true"
    assert viewer.button("all").get_attribute("aria-pressed") == "false"
    type_in(viewer, "from", "50")
    type_in(viewer, "to", "100")
    options = check_copied(viewer, data)
    assert options["vmin"][:3] == [0, 50, 0]
    assert options["vmax"][:3] == [200, 100, 200]
    robust_limits(viewer)
    robust = np.percentile(data[:, :, 1], [2, 98])
    assert limits_of(viewer) == pytest.approx(robust.tolist())
    check_copied(viewer, data)
    viewer.click("red")
    assert limits_of(viewer) == [0, 200]
    viewer.click("all")
    viewer.click(ALL)
    options = check_copied(viewer, data)
    expected = data[:, :, :3].min(), data[:, :, :3].max()
    assert [set(np.ravel(options[end])[:3]) for end in ("vmin", "vmax")] == [
        {value} for value in expected
    ]


def test_the_limits_of_alpha_stay_as_they_were_given(page: Page) -> None:
    data = DATA["cover"]
    viewer = viewer_of(page, "cover")
    assert check_copied(viewer, data) == OPTIONS["cover"]
    viewer.click("all")
    type_in(viewer, "to", "120")
    assert check_copied(viewer, data)["vmax"] == [120, 120, 120, 250]
    viewer.click("blue")
    robust_limits(viewer)
    options = check_copied(viewer, data)
    assert options["vmax"][:2] == [120, 120]
    assert (options["vmin"][3], options["vmax"][3]) == (0, 250)


def laid_over(data: np.ndarray, limits: dict[str, tuple[float, float]]) -> np.ndarray:
    """Channels that are on, in their limits and colors."""
    total = np.zeros((*SHAPE, 3), int)
    for channel, (name, color) in zip(data, COLORS.items(), strict=True):
        if name in limits:
            bins = rerange(channel, *limits[name]).astype(int)
            total += (bins[:, :, None] * color + 127) // 255
    return rgba(np.minimum(total, 255).astype(np.uint8))


def test_channels_laid_over_one_another_have_limits_each_and_can_be_hidden(page: Page) -> None:
    data = DATA["composite"]
    viewer = viewer_of(page, "composite")
    limits = {name: (float(c.min()), float(c.max())) for name, c in zip(PARTS, data, strict=True)}
    assert viewer.button("all").count() == 0
    for channel, name in enumerate(PARTS):
        np.testing.assert_array_equal(inside(viewer), laid_over(data, limits))
        viewer.click(name)
        assert limits_of(viewer) == pytest.approx(limits[name], rel=1e-6)
        type_in(viewer, "from", "0.5")
        limits[name] = 0.5, limits[name][1]
        np.testing.assert_array_equal(inside(viewer), laid_over(data, limits))
        channel_box(viewer, name).uncheck()
        viewer.settle()
        rest = {other: own for other, own in limits.items() if other != name}
        np.testing.assert_array_equal(inside(viewer), laid_over(data, rest))
        channel_box(viewer, name).check()
        robust_limits(viewer)
        robust = np.percentile(data[channel], [2, 98]).tolist()
        assert limits_of(viewer) == pytest.approx(robust, rel=1e-6)
        limits[name] = robust[0], robust[1]
    viewer.settle()
    np.testing.assert_array_equal(inside(viewer), laid_over(data, limits))
    picture = View(data, channels=PARTS, **copied(viewer)).picture
    np.testing.assert_array_equal(inside(viewer), rgba(picture.render()))


def test_arrays_with_looks_of_their_own_are_edited_one_at_a_time(page: Page) -> None:
    viewer = viewer_of(page, "apart")
    other = viewer.pixels(1)
    type_in(viewer, "from", "0.5")
    check_look(viewer, FLOATS, vmin=0.5)
    np.testing.assert_array_equal(viewer.pixels(1), other)
    viewer.named("image").select_option("b")
    viewer.settle()
    data = DATA["apart"]["b"]
    assert limits_of(viewer) == pytest.approx([data.min(), data.max()], rel=1e-6)
    type_in(viewer, "to", "105")
    viewer.named("colormap").select_option("magma")
    viewer.settle()
    expected = rgba(Picture(data, vmax=105, cmap="magma").render())
    np.testing.assert_array_equal(inside(viewer, 1), expected)
    check_look(viewer, FLOATS, vmin=0.5)
    viewer.named("image").select_option("a")
    viewer.settle()
    assert limits_of(viewer)[0] == 0.5
    assert viewer.named("colormap").input_value() == "gray"


# -------------------------------------------------------------------------------- histogram


def bars_of(viewer: Viewer) -> tuple[np.ndarray, np.ndarray]:
    """The heights of the histogram's bars, 1 the tallest, and the row of colors below."""
    read = "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"
    canvas = viewer.find(f"{STRIP} canvas")
    width, height = canvas.evaluate("c => [c.width, c.height]")
    pixels = np.array(canvas.evaluate(read), float).reshape(height, width, 4)
    filled = pixels[:, :, 3].any(1)
    strip = pixels[-1]
    gap = np.flatnonzero(~filled)[-1]
    heights = (pixels[:gap, :, 3] > 0).sum(0)
    return heights / heights.max(), strip


def test_bars_are_as_tall_as_the_root_of_how_often_a_value_occurs(page: Page) -> None:
    viewer = viewer_of(page, "few")
    heights, _ = bars_of(viewer)
    counts = np.bincount(FEW.ravel(), minlength=10)
    for value, count in enumerate(counts):
        place = round(np.clip(value / 9, 0.02, 0.98) * len(heights))  # a bar's middle, or near
        assert heights[place] == pytest.approx(np.sqrt(count / counts.max()), abs=0.03), value


@pytest.mark.parametrize(("name", "norm"), [("floats", "linear"), ("positive", "log")])
def test_the_histogram_has_the_shape_of_numpys(page: Page, name: str, norm: str) -> None:
    viewer = viewer_of(page, name)
    viewer.named("norm").select_option(norm)
    viewer.settle()
    values = DATA[name].astype(float)
    values = np.log(values) if norm == "log" else values
    heights, _ = bars_of(viewer)
    counts = np.histogram(values, 128)[0]
    places = (np.arange(len(heights)) + 0.5) / len(heights) * 128
    clear = np.abs(places % 1 - 0.5) < 0.2  # no bar's edge
    expected = np.sqrt(counts / counts.max())[places.astype(int)]
    np.testing.assert_allclose(heights[clear], expected[clear], atol=0.04)
    viewer.named("norm").select_option("linear")


def test_under_the_bars_are_the_colors_that_values_get_between_the_limits(page: Page) -> None:
    viewer = viewer_of(page, "floats")
    type_in(viewer, "from", "-1")
    type_in(viewer, "to", "2")
    for norm, cmap in ((1, None), (0.5, None), (1, "viridis"), (1, "viridis_r")):
        viewer.named("norm").select_option("sqrt" if norm == 0.5 else "linear")
        viewer.named("colormap").select_option((cmap or "gray").removesuffix("_r"))
        if cmap == "viridis_r":
            viewer.press("i")
        viewer.settle()
        _, strip = bars_of(viewer)
        shares = (np.arange(len(strip)) + 0.5) / len(strip)
        low, high = float(FLOATS.min()), float(FLOATS.max())
        if norm == 0.5:  # the scale is the norm's own
            ends = [np.sign(t) * abs(t) ** 0.5 for t in ((low + 1) / 3, (high + 1) / 3)]
            t = ends[0] + shares * (ends[1] - ends[0])
            values = (np.sign(t) * t**2 * 3 - 1).astype(np.float32)
        else:
            values = (low + shares * (high - low)).astype(np.float32)
        found, expected = (
            strip[:, :3],
            rgba(Picture(values[None], vmin=-1, vmax=2, norm=norm, cmap=cmap).render())[0, :, :3],
        )
        assert np.abs(found - expected).max() <= 4  # a bin's step
    viewer.named("norm").select_option("linear")


def test_the_histogram_is_that_of_the_plane_that_is_shown(page: Page) -> None:
    viewer = viewer_of(page, "stack")
    shapes = []
    for _ in range(3):
        robust_limits(viewer)
        plane = DATA["stack"][len(shapes)]
        robust = np.percentile(plane, [2, 98]).tolist()
        assert limits_of(viewer) == pytest.approx(robust, rel=1e-6)
        check_look(viewer, plane, vmin=robust[0], vmax=robust[1])
        viewer.click("reset")
        shapes.append(bars_of(viewer)[0])
        if len(shapes) < 3:
            viewer.changes(lambda: viewer.press("."))
    assert (shapes[0] > 0).sum() < (shapes[2] > 0).sum() / 4
    assert not np.array_equal(shapes[0], shapes[1])
