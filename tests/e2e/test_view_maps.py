"""Maps of what is between images in a real browser: embedded, of tiles, without workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from nbimage.page.html import document_html
from tests.e2e.explorer import Viewer, opened, place_of, rgba, showing, values_of
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.tiles_server import TiledViewer, tiled

RANDOM = np.random.default_rng(31)
SHAPE = 100, 120
BYTES, OTHERS, THIRDS = RANDOM.integers(0, 256, (3, *SHAPE), np.uint8)
COLORS, MORE_COLORS = RANDOM.integers(0, 256, (2, *SHAPE, 3), np.uint8)
LARGE, MORE_LARGE = RANDOM.integers(0, 256, (2, 700, 900), np.uint8)
NO_WORKERS = (
    '<meta http-equiv="Content-Security-Policy" content="worker-src \'none\'">'  # as some pages
)


def numbers(viewer: Viewer) -> dict[str, float]:
    """The numbers that are said, once they are there."""
    box = viewer.find(".outcome")
    wait_for(lambda: "mean" in box.inner_text(), viewer.page)
    rows = (line.rsplit(" ", 1) for line in box.inner_text().split("\n") if " dB" not in line)
    return {name: float(value.replace("−", "-")) for name, value in rows}


def choose(viewer: Viewer, name: str) -> None:
    viewer.named("How to compare (m)").select_option(name)
    viewer.settle()


@pytest.mark.parametrize("workers", [True, False])
@pytest.mark.parametrize("kind", ["gray", "colors"])
def test_maps_of_perception_are_those_of_python(
    kind: str, workers: bool, chromium: Chromium, tmp_path: Path
) -> None:
    a, b = (BYTES, OTHERS) if kind == "gray" else (COLORS, MORE_COLORS)
    view = View({"a": a, "b": b}, width=480, state={"mode": "ssim"})
    text = document_html(view.html, "View")
    path = tmp_path / "page.html"
    path.write_text(text if workers else text.replace("<head>", f"<head>{NO_WORKERS}"), "utf-8")
    page = opened(chromium, path.as_uri())
    viewer = Viewer(page)
    for name, metric, cmap in (("SSIM", "ssim", "magma_r"), ("FLIP", "flip", "magma")):
        choose(viewer, name)
        found = view.compare(metric)
        assert found.map is not None
        said = numbers(viewer)
        assert said["mean"] == pytest.approx(found.value, rel=1e-5)
        assert viewer.find(".pane .name").inner_text() == f"{name} of a, b"
        expected = rgba(Picture(found.map.astype(np.float32), 0, 1, cmap=cmap).render())
        viewer.settle()
        pixels = viewer.pixels()[2::4, 2::4]
        off = np.abs(pixels.astype(int) - expected).max(2) > 0
        assert off.mean() < 2e-3  # a bin's edge between two floats
    assert bool(page.workers) == (workers and SHAPE[0] * SHAPE[1] > 0)
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


def test_a_relative_difference_is_a_share_of_the_second_image(
    chromium: Chromium, tmp_path: Path
) -> None:
    view = View({"a": BYTES, "b": OTHERS}, width=480, state={"mode": "relative"})
    with showing(chromium, tmp_path, view) as viewer:
        expected = view.compare("relative")
        assert numbers(viewer)["mean"] == pytest.approx(expected.value, rel=1e-5)
        assert viewer.find(".pane .name").inner_text() == "(a − b) / |b|"
        text = viewer.move(82, 102)
        a, b = int(BYTES[25, 20]), int(OTHERS[25, 20])
        assert f"{(a - b) / b:.4f}"[:6] in text.replace("−", "-")


@pytest.mark.parametrize("mode", ["difference", "absolute", "relative", "ssim"])
@pytest.mark.parametrize("embed", [True, False])
def test_a_map_says_its_own_value_below_the_pointer(
    embed: bool, mode: str, chromium: Chromium, tmp_path: Path
) -> None:
    state: dict[str, Any] = {"mode": mode, "viewport": np.s_[300:400, 400:520]}
    view = View({"a": LARGE, "b": MORE_LARGE}, width=480, embed=embed, state=state)
    found = view.compare(mode).map
    assert found is not None
    with showing(chromium, tmp_path, view) if embed else tiled(chromium, view) as viewer:
        wait_for(lambda: numbers(viewer), viewer.page)
        for x, y in [(82, 102), (301, 202)]:
            column, row = place_of(text := viewer.move(x, y))
            values = values_of(text.replace("−", "-"))
            assert values[0] == f"a: {LARGE[row, column]}"
            assert values[1] == f"b: {MORE_LARGE[row, column]}"
            assert float(values[-1].split()[-1]) == pytest.approx(found[row, column], rel=1e-3)


def test_panes_have_the_pictures_shape_in_every_mode(chromium: Chromium, tmp_path: Path) -> None:
    wide = RANDOM.integers(0, 256, (300, 512), np.uint8)
    tall = RANDOM.integers(0, 256, (1500, 700), np.uint8)
    images = [{"a": one, "b": one[::-1]} for one in (wide, tall)]
    page = opened(chromium, "about:blank")
    views = [View(image, state={"panels": ["compare"]}) for image in images]
    path = tmp_path / "page.html"
    path.write_text(document_html("".join(view.html for view in views), "Views"), "utf-8")
    for width in (1400, 420):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path.as_uri())
        for i, image in enumerate((wide, tall)):
            viewer = Viewer(page, i)
            modes = viewer.named("How to compare (m)").locator("option").all_inner_texts()
            assert len(modes) == 8
            single = set()
            for name in modes:
                choose(viewer, name)
                across, along = viewer.size()
                assert along / across == pytest.approx(
                    image.shape[0] / image.shape[1], abs=2 / across + 0.01
                ), (width, name)
                if name != "side by side":
                    single.add((across, along))
            assert len(single) == 1  # nothing jumps between them
    page.context.close()


def test_limits_are_the_same_for_all_or_each_its_own(chromium: Chromium, tmp_path: Path) -> None:
    first, second = np.linspace(0, 1, 12000).reshape(SHAPE), np.linspace(4, 9, 12000).reshape(SHAPE)
    view = View({"a": first, "b": second}, width=486, state={"panels": ["compare"]})
    with showing(chromium, tmp_path, view) as viewer:
        switch = viewer.named("the same limits for all")
        assert switch.is_checked()

        def shown(*limits: tuple[float, float]) -> bool:
            arrays = first.astype(np.float32), second.astype(np.float32)
            expected = [
                rgba(Picture(array, *own).render()).repeat(2, 0).repeat(2, 1)
                for array, own in zip(arrays, limits, strict=True)
            ]
            return all(np.array_equal(viewer.pixels(i), one) for i, one in enumerate(expected))

        assert shown((0, 9), (0, 9))
        viewer.press("k")
        assert not switch.is_checked()
        assert shown((0, 1), (4, 9))
        switch.check()
        viewer.settle()
        assert shown((0, 9), (0, 9))


def test_the_state_says_whether_limits_are_linked() -> None:
    view = View({"a": BYTES, "b": OTHERS}, state={"linked": False, "mode": "flicker"})
    assert view.state["linked"] is False
    assert view.state["mode"] == "blink"
    assert len(view.state["displays"]) == 2
    assert View({"a": BYTES, "b": OTHERS}, state=view.state).state == view.state
    assert View({"a": BYTES, "b": OTHERS}).state["linked"] is True


# ------------------------------------------------------------------------------------- tiles


def said_level(viewer: TiledViewer) -> str:
    return viewer.find(".differences [role=status]").inner_text()


def test_tiles_are_compared_at_the_level_at_hand(chromium: Chromium) -> None:
    view = View({"a": LARGE, "b": MORE_LARGE}, embed=False, state={"mode": "absolute"})
    with tiled(chromium, view) as viewer:
        found = numbers(viewer)
        level = 0 if "all samples" in said_level(viewer) else 1
        whole = view.compare("absolute", level=level)
        assert found["MAE"] == pytest.approx(whole.value, rel=1e-4)
        assert found["values"] == whole.numbers["values"]
        viewer.press("1", "+")
        wait_for(lambda: "all samples" in said_level(viewer), viewer.page)
        wait_for(lambda: numbers(viewer)["values"] < 200_000, viewer.page)
        viewer.rest()
        text = viewer.read(120, 90)
        column, row = place_of(text)
        difference = abs(int(LARGE[row, column]) - int(MORE_LARGE[row, column]))
        assert f"a: {LARGE[row, column]}" in text
        assert f"|a − b|: {difference}" in text


@pytest.mark.parametrize(("name", "metric"), [("SSIM", "ssim"), ("FLIP", "flip")])
def test_perception_of_tiles_is_that_of_what_is_seen(
    name: str, metric: str, chromium: Chromium
) -> None:
    view = View({"a": LARGE, "b": MORE_LARGE}, embed=False, state={"mode": metric})
    with tiled(chromium, view) as viewer:
        found = numbers(viewer)
        level = 0 if "all samples" in said_level(viewer) else 1
        assert found["mean"] == pytest.approx(view.compare(metric, level=level).value, rel=1e-4)
        assert viewer.find(".pane .name").inner_text() == f"{name} of a, b"


def test_zooming_out_shows_no_coarser_level_than_is_at_hand(chromium: Chromium) -> None:
    y, x = np.mgrid[:1024, :1024]
    checks = (((x // 4 + y // 4) % 2) * 255).astype(np.uint8)  # gray in coarser levels
    view = View(checks, embed=False, vmin=0, vmax=255, width=480, height=480)
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        viewer.rest()
        viewer.server.open.clear()  # from here on nothing comes
        asked: Any = {numbers[2] for numbers in viewer.server.asked}
        assert 0 in asked
        viewer.press("-")
        viewer.settle()
        pixels = viewer.pixels()[..., 0].astype(int)
        middle = pixels[180:300, 180:300]
        assert viewer.percent() == 50
        assert (np.abs(middle - 127) > 100).mean() > 0.95  # squares of two pixels, not their mean
        viewer.server.open.set()
        viewer.rest()
        np.testing.assert_array_equal(viewer.pixels()[180:300, 180:300, 0], middle)
