"""The explorer's colorbar, rows of channels and readout in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator

from nbimage import View, rerange
from tests.e2e.explorer import Viewer, opened, rgba, saved, showing
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.tiles_server import tiled

RANDOM = np.random.default_rng(5)
SKY = RANDOM.normal(100, 5, (200, 260)).astype(np.float32)
SKY[::20, ::20] += np.float32(10) ** RANDOM.uniform(2, 6, SKY[::20, ::20].shape).astype(np.float32)
PARTS = {"dna": "blue", "actin": "lime", "glow": "orange"}
CHANNELS = RANDOM.integers(0, 4000, (3, 60, 80)).astype(np.uint16)
COLORS = {"dna": (0, 0, 255), "actin": (0, 255, 0), "glow": (255, 165, 0)}


def bar_handle(viewer: Viewer, end: str) -> Locator:
    return viewer.root.get_by_role("slider", name=f"Colorbar {end}", exact=True)


def box_of(found: Locator) -> dict[str, float]:
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    assert box is not None
    return dict(box)


def limits_of(viewer: Viewer) -> list[float]:
    return [
        float(bar_handle(viewer, end).get_attribute("aria-valuenow") or "nan")
        for end in ("from", "to")
    ]


def drag_to(viewer: Viewer, end: str, share: float) -> None:
    """Drag a handle of an upright colorbar to a share of its height."""
    strip = box_of(viewer.find(".colorbar .strip"))
    grip = box_of(bar_handle(viewer, end))
    x = strip["x"] + 6
    viewer.mouse.move(x, grip["y"] + grip["height"] / 2)
    viewer.mouse.down()
    start = share_of(viewer, end)
    way = (share - start) * strip["height"]
    viewer.mouse.move(x, grip["y"] + grip["height"] / 2 - way, steps=5)
    viewer.settle()
    viewer.mouse.up()
    viewer.settle()


def share_of(viewer: Viewer, end: str) -> float:
    code = """e => {
      const box = e.parentElement.getBoundingClientRect();
      const line = e.getBoundingClientRect().bottom - parseFloat(e.style.getPropertyValue("--off"));
      return (box.bottom - line) / box.height;
    }"""
    return float(bar_handle(viewer, end).evaluate(code))


def overlap(one: dict[str, float], other: dict[str, float], side: str, size: str) -> float:
    ends = [(box[side], box[side] + box[size]) for box in (one, other)]
    return min(end for _, end in ends) - max(start for start, _ in ends)


@pytest.mark.parametrize("limits", [None, (99, 101), (100, 100), (0, 1e-3), (110, 90)])
def test_handles_are_44_pixels_and_do_not_overlap(
    limits: Any, chromium: Chromium, tmp_path: Path
) -> None:
    options = {} if limits is None else {"vmin": limits[0], "vmax": limits[1]}
    with showing(chromium, tmp_path, View(SKY, **options)) as viewer:
        boxes = [box_of(bar_handle(viewer, end)) for end in ("from", "to")]
        assert all(box["height"] >= 44 and box["width"] >= 44 for box in boxes)
        assert overlap(boxes[0], boxes[1], "y", "height") <= 0.01


@pytest.mark.parametrize("embed", [True, False])
def test_long_tailed_data_are_set_by_mouse(embed: bool, chromium: Chromium, tmp_path: Path) -> None:
    """Each drag goes far, and the scale follows: 40 of a million within four drags."""

    def check(viewer: Viewer) -> None:
        assert limits_of(viewer)[1] > 1e5
        drags = 0
        while limits_of(viewer)[1] > 250 and drags < 4:
            drag_to(viewer, "to", 0.04)
            drags += 1
        low, high = limits_of(viewer)
        assert low < high <= 250
        at = share_of(viewer, "to")
        drag_to(viewer, "to", at - 0.1)
        assert 90 < limits_of(viewer)[1] < high
        assert abs(share_of(viewer, "from") - share_of(viewer, "to")) > 0.2

    if embed:
        with showing(chromium, tmp_path, View(SKY)) as viewer:
            check(viewer)
    else:
        with tiled(chromium, View(SKY, embed=False)) as viewer:
            viewer.rest()
            check(viewer)


def test_the_colorbar_is_set_by_keys_and_a_double_click(chromium: Chromium, tmp_path: Path) -> None:
    data = RANDOM.normal(size=(80, 100)).astype(np.float32)
    low, high = float(data.min()), float(data.max())
    with showing(chromium, tmp_path, View(data)) as viewer:
        handle = bar_handle(viewer, "to")
        assert handle.get_attribute("aria-orientation") == "vertical"
        handle.focus()
        for key, expected in (
            ("ArrowDown", high - 0.01 * (high - low)),
            ("PageDown", high - 0.11 * (high - low)),
            ("Home", low),
            ("End", high),
        ):
            viewer.page.keyboard.press(key)
            viewer.settle()
            assert limits_of(viewer)[1] == pytest.approx(expected, abs=0.02), key
        viewer.find(".colorbar .strip").dblclick(position={"x": 6, "y": 100})
        viewer.settle()
        auto = np.percentile(data, [0.5, 99.5]).tolist()
        assert limits_of(viewer) == pytest.approx(auto, rel=1e-6)


@pytest.mark.parametrize("width", [420, 1000])
def test_the_colorbar_stands_at_the_edge_or_below_it_where_that_is_narrow(
    width: int, chromium: Chromium, tmp_path: Path
) -> None:
    page = opened(chromium, saved(tmp_path, View(SKY, title="sky")))
    page.set_viewport_size({"width": width, "height": 800})
    viewer = Viewer(page)
    viewer.settle()
    picture, bar = box_of(viewer.find(".frame")), box_of(viewer.find(".colorbar .strip"))
    if width < 500:
        assert bar["y"] >= picture["y"] + picture["height"]
        assert bar["width"] > 5 * bar["height"]
        first, second = (box_of(bar_handle(viewer, end)) for end in ("from", "to"))
        assert first["width"] >= 44 and overlap(first, second, "x", "width") <= 0.01
    else:
        assert bar["x"] >= picture["x"] + picture["width"]
        assert bar["y"] == pytest.approx(picture["y"], abs=2)
    page.context.close()


def test_few_names_have_a_legend(chromium: Chromium, tmp_path: Path) -> None:
    data = RANDOM.random((40, 50)) > 0.5
    with showing(chromium, tmp_path, View(data, width=200)) as viewer:
        assert viewer.find(".legend").inner_text().split() == ["False", "True"]
        assert not viewer.find(".colorbar .strip").is_visible()
        text = viewer.move(50, 40)
        assert "True" in text or "False" in text
    labels = RANDOM.integers(0, 4, (40, 50)).astype(np.uint8)
    with showing(chromium, tmp_path, View(labels, labels=True, width=200)) as viewer:
        assert viewer.find(".legend").inner_text().split() == ["1", "2", "3"]


# --------------------------------------------------------------------------------- channels


def laid_over(colors: dict[str, tuple[int, int, int]]) -> np.ndarray:
    total = np.zeros((*CHANNELS.shape[1:], 3), int)
    for channel, name in zip(CHANNELS, PARTS, strict=True):
        if name in colors:
            bins = rerange(channel, 0, 4000).astype(int)
            total += (bins[:, :, None] * colors[name] + 127) // 255
    return rgba(np.minimum(total, 255).astype(np.uint8))


def shows(viewer: Viewer, expected: np.ndarray) -> None:
    """Wait until the middle of the pane has these pixels."""
    rows, columns = expected.shape[:2]

    def same() -> bool:
        pixels = viewer.pixels()
        top, left = ((pixels.shape[i] - expected.shape[i] + 1) // 2 for i in (0, 1))
        return np.array_equal(pixels[top : top + rows, left : left + columns], expected)

    wait_for(same, viewer.page)


def composite(**options: Any) -> View:
    limits: dict[str, Any] = {"vmin": 0, "vmax": 4000}
    return View(CHANNELS, channels=PARTS, **limits, **options)


def test_a_channel_has_another_color_and_is_seen_alone(chromium: Chromium, tmp_path: Path) -> None:
    page = opened(chromium, saved(tmp_path, composite(state={"panels": ["contrast"]})))
    viewer = Viewer(page)
    viewer.press("1")
    shows(viewer, laid_over(COLORS))
    viewer.named("color of actin").fill("#ff8001")
    viewer.settle()
    changed = {**COLORS, "actin": (255, 128, 1)}
    shows(viewer, laid_over(changed))
    viewer.click("solo actin")
    shows(viewer, laid_over({"actin": changed["actin"]}))
    viewer.click("solo actin")
    shows(viewer, laid_over(changed))
    viewer.root.get_by_role("checkbox", name="show dna", exact=True).click(modifiers=["Alt"])
    viewer.settle()
    shows(viewer, laid_over({"dna": changed["dna"]}))
    viewer.click("reset")
    shows(viewer, laid_over(COLORS))
    handle = viewer.root.get_by_role("slider", name="glow to", exact=True)
    handle.focus()
    page.keyboard.press("Shift+ArrowLeft")
    viewer.settle()
    assert float(handle.get_attribute("aria-valuenow") or "nan") == pytest.approx(3600, abs=10)
    viewer.click("auto glow")
    expected = float(np.percentile(CHANNELS[2], 99.5))
    assert float(handle.get_attribute("aria-valuenow") or "nan") == pytest.approx(expected)
    page.context.close()


def test_colors_of_channels_are_asked_for_in_the_state(chromium: Chromium, tmp_path: Path) -> None:
    colors = ["#102030", "red", (0, 255, 255)]
    view = composite(state={"displays": [{"colors": colors}]})
    assert view.state["displays"][0]["colors"] == ["#102030", "#ff0000", "#00ffff"]
    again = composite(state=view.state)
    expected = laid_over({"dna": (16, 32, 48), "actin": (255, 0, 0), "glow": (0, 255, 255)})
    np.testing.assert_array_equal(rgba(again.picture.render()), expected)
    with showing(chromium, tmp_path, again) as viewer:
        viewer.press("1")
        shows(viewer, expected)


@pytest.mark.parametrize("colors", ["red", ["red"], ["red", "blue", "no color"], 3])
def test_colors_that_are_none_are_refused(colors: Any) -> None:
    with pytest.raises(ValueError, match=r"displays.*must be"):
        composite(state={"displays": [{"colors": colors}]})


# ---------------------------------------------------------------------------------- readout


def test_columns_of_the_readout_stay_where_they_are(chromium: Chromium, tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    data = RANDOM.normal(size=(90, 120)).astype(np.float32) * np.float32(10) ** RANDOM.integers(
        -3, 4, (90, 120)
    ).astype(np.float32)
    degrees = {"units": "degrees_north"}, {"units": "degrees_east"}
    field = xarray.DataArray(
        data,
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", np.arange(90) / 4 - 11, degrees[0]),
            "lon": ("lon", np.arange(120) / 4 - 15, degrees[1]),
        },
        attrs={"units": "degC"},
    )
    with showing(chromium, tmp_path, View(field)) as viewer:
        lefts = set()
        for x, y in RANDOM.integers(2, (110, 80), (30, 2)).tolist():
            viewer.move(x, y)
            columns = [viewer.find(f".reading > .{name}") for name in ("where", "index")]
            lefts.add(tuple(round(box_of(column)["x"]) for column in columns))
        assert len(lefts) == 1
        text = viewer.find(".reading").inner_text()
        assert "°C" in text
        assert "° E" in text or "° W" in text


def test_the_value_stands_beside_the_pointer_on_demand(chromium: Chromium, tmp_path: Path) -> None:
    data = np.arange(6000, dtype=np.int16).reshape(60, 100) - 3000
    with showing(chromium, tmp_path, View(data, width=300)) as viewer:
        tip = viewer.find(".tip")
        viewer.move(30, 30)
        assert not tip.is_visible()
        viewer.press("t")
        viewer.move(40, 30)
        value = viewer.find(".reading data").inner_text()
        assert value.startswith("\N{MINUS SIGN}")
        assert value in tip.inner_text()
        assert viewer.find(".reading .index").inner_text() in tip.inner_text()
        viewer.press("t")
        viewer.move(50, 30)
        assert not tip.is_visible()
    with showing(chromium, tmp_path, View(data, width=300, state={"tip": True})) as viewer:
        viewer.move(40, 30)
        assert viewer.find(".tip").is_visible()


def test_all_digits_are_pinned_and_copied_with_an_ordinary_minus(
    chromium: Chromium, tmp_path: Path
) -> None:
    data = -RANDOM.random((40, 60)).astype(np.float32)
    page = opened(chromium, saved(tmp_path, View(data, state={"cursor": (7, 9)})))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    viewer = Viewer(page)
    shown = viewer.find(".pinned .reading data").inner_text()
    assert shown == str(data[7, 9]).replace("-", "\N{MINUS SIGN}")
    viewer.press("Control+c")
    assert viewer.copied() == str(data[7, 9])
    page.context.close()
