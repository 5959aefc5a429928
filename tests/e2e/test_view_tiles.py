"""The explorer of tiles shows what the array has: every pixel, every value, at any zoom."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View, open_pyramid
from nbimage.pyramid.core.pyramid import Pyramid
from tests.e2e.explorer import place_of, rgba, same, showing, values_of
from tests.e2e.harness import Chromium, frames, wait_for
from tests.e2e.tiles_server import Numbers, TestServer, TiledViewer, tiled

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(23)
SHAPE = 1400, 1900
SPOTS = ((40, 50), (320, 200), (600, 370))


def smooth(rows: int, columns: int) -> Array:
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    return np.asarray(np.sin(x / 97) * np.cos(y / 71) * 2000 + 2500 + (x + y) / 5)


def noise(*shape: int) -> Array:
    return RANDOM.integers(0, 2**16, shape, dtype=np.uint16)


def with_nan() -> Array:
    values = smooth(700, 900)
    values[100:300, 200:500] = np.nan
    return values


def with_holes() -> Array:
    pixels = RANDOM.integers(0, 256, (700, 900, 4), dtype=np.uint8)
    pixels[..., 3] = np.where(pixels[..., 3] < 90, 0, 255)
    return pixels


KINDS: dict[str, Array] = {
    "uint8": RANDOM.integers(0, 256, (700, 900), dtype=np.uint8),
    "rgb": RANDOM.integers(0, 256, (700, 900, 3), dtype=np.uint8),
    "rgba": with_holes(),
    "int16": RANDOM.integers(-999, 999, (700, 900), dtype=np.int16),
    "int64": RANDOM.integers(2**60, 2**60 + 999, (700, 900), dtype=np.int64),
    "float32": with_nan(),
    "float64": RANDOM.normal(size=(700, 900)),
    "bool": RANDOM.integers(0, 2, (700, 900)).astype(bool),
}


def corner(viewer: TiledViewer, zoom: int = 1, at: tuple[int, int] = (320, 200)) -> Any:
    """Return the pane's place, in pixels, of the image's upper left corner."""
    x, y = at
    column, row = place_of(viewer.move(x, y))
    left = next(x - i for i in range(zoom) if place_of(viewer.move(x - i - 1, y))[0] < column)
    top = next(y - i for i in range(zoom) if place_of(viewer.move(x, y - i - 1))[1] < row)
    return left - column * zoom, top - row * zoom


def seen_of(picture: Array, left: int, top: int, size: tuple[int, int]) -> Array:
    """Return what a pane shows of pixels whose corner is at a place."""
    wide, high = size
    pane = np.zeros((high, wide, 4), np.uint8)
    x0, y0 = max(left, 0), max(top, 0)
    part = rgba(picture)[y0 - top : high - top, x0 - left : wide - left]
    pane[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part
    return pane


def levels(pyramid: Pyramid, halved: int) -> Array:
    return pyramid.read(halved)


def covered(viewer: TiledViewer, pane: int = 0) -> float:
    """Return which share of the pane is not clear."""
    return float((viewer.pixels(pane)[..., 3] == 255).mean())


# ------------------------------------------------------------------------------ what is seen


@pytest.mark.parametrize("kind", KINDS)
def test_one_to_one_pixels_and_values_are_those_of_the_array(kind: str, chromium: Chromium) -> None:
    array = KINDS[kind]
    with tiled(chromium, View(array, embed=False)) as viewer:
        viewer.press("1")
        viewer.rest()
        place = corner(viewer)
        shown = rgba(Picture(array).render())
        assert np.array_equal(viewer.pixels(), seen_of(shown, *place, viewer.size()))
        for _ in range(2):
            for spot in SPOTS:
                text = viewer.read(*spot)
                column, row = place_of(text)
                values = np.atleast_1d(array[row, column])
                values = values.astype(np.uint8) if kind == "bool" else values
                assert all(map(same, values_of(text), values)), text
            viewer.press("0")  # far out too
            viewer.rest()


def test_magnified_samples_are_squares_of_the_arrays_colors(chromium: Chromium) -> None:
    array = noise(*SHAPE)
    shown = rgba(Picture(array, cmap="viridis").render())
    with tiled(chromium, View(array, embed=False, cmap="viridis")) as viewer:
        viewer.press("1")
        for zoom in (2, 4, 8):
            while viewer.percent() < 100 * zoom:
                viewer.press("+")
            viewer.rest()
            left, top = corner(viewer, zoom)
            row, column = max(0, -top // zoom), max(0, -left // zoom)  # what is seen, and no more
            wide, high = viewer.size()
            part = shown[row : row + high // zoom + 2, column : column + wide // zoom + 2]
            large = part.repeat(zoom, 0).repeat(zoom, 1)
            place = left + column * zoom, top + row * zoom
            assert np.array_equal(viewer.pixels(), seen_of(large, *place, viewer.size()))


def test_smaller_zooms_show_the_pyramids_levels(chromium: Chromium) -> None:
    array = noise(2500, 3100)
    pyramid = open_pyramid(array)
    view = View(array, embed=False, vmin=0, vmax=2**16 - 1)
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        for halved, percent in ((1, 50), (2, 25)):
            while viewer.percent() > percent:
                viewer.press("-")
            viewer.rest()
            level = levels(pyramid, halved)
            shown = rgba(Picture(level, vmin=0, vmax=2**16 - 1).render())
            column, row = place_of(viewer.read(320, 240))
            place = 320 - (column >> halved), 240 - (row >> halved)
            assert np.array_equal(viewer.pixels(), seen_of(shown, *place, viewer.size()))


def test_there_are_no_seams_at_any_zoom(chromium: Chromium, tmp_path: Path) -> None:
    array = smooth(*SHAPE).astype(np.uint16)
    for region in (np.s_[:, :], np.s_[200:1100, 300:1500], np.s_[500:700, 600:850]):
        state = {"viewport": region}
        with tiled(chromium, View(array, embed=False, state=state)) as viewer:
            ours = viewer.pixels().astype(int)
        with showing(chromium, tmp_path, View(array, embed=True, state=state)) as other:
            theirs = other.pixels().astype(int)
        assert np.abs(ours - theirs).max() <= 2


def test_no_hole_is_left_after_any_view(chromium: Chromium) -> None:
    with tiled(chromium, View(noise(3000, 3000), embed=False, width=500, height=500)) as viewer:
        viewer.press("1")
        for action in range(12):
            if action % 3 == 2:
                viewer.mouse.move(*viewer.point(250, 250))
                viewer.wheel([-300, 500, -200, -150][action // 3])
            else:
                there = (250 + 10 * action, 220), (400, 300)
                viewer.drag(*((100, 100), *there)[:: 1 if action % 2 else -1])
            viewer.rest()
            assert covered(viewer) == 1


def test_planes_facets_and_composites_are_those_of_the_array(chromium: Chromium) -> None:
    stack = noise(3, 700, 900)
    view = View(stack, embed=False, axes="tyx", vmin=0, vmax=65535)
    with tiled(chromium, view) as viewer:
        viewer.press("1")
        for plane in range(3):
            viewer.rest()
            shown = Picture(stack[plane], vmin=0, vmax=65535).render()
            place = corner(viewer)
            assert np.array_equal(viewer.pixels(), seen_of(shown, *place, viewer.size()))
            viewer.press(".")
    with tiled(chromium, View(stack, embed=False, axes="tyx", facet=0)) as viewer:
        for pane in range(3):
            text = viewer.read(60, 60, pane)
            column, row = place_of(text)
            found = re.findall(r": (\d+)", text.partition(": ")[2])
            assert [int(value) for value in found] == [int(part[row, column]) for part in stack]
            assert covered(viewer, pane) > 0.6
    channels = {"a": "red", "b": "lime", "c": "blue"}
    with tiled(chromium, View(stack, embed=False, axes="cyx", channels=channels)) as viewer:
        viewer.press("1")
        viewer.rest()
        text = viewer.read(320, 200)
        column, row = place_of(text)
        expected = [f"{name} {stack[i, row, column]}" for i, name in enumerate("abc")]
        assert values_of(text) == expected


def test_images_of_different_sizes_are_compared_in_place(chromium: Chromium) -> None:
    large = smooth(1200, 1600).astype(np.uint16)
    small = large[::2, ::2].copy()
    view = View({"large": large, "small": small}, embed=False, vmin=0, vmax=5000)
    with tiled(chromium, view) as viewer:
        for mode in ("side", "swipe", "blink"):
            viewer.rest()
            x, y = (side // 2 - 20 for side in viewer.size())
            viewer.move(x - 9, y)
            text = viewer.read(x, y)
            column, row = place_of(text)
            values = large[row, column], small[row // 2, column // 2]
            assert [int(one) for one in re.findall(r"(?:large|small): (\d+)", text)] == [*values]
            seen = viewer.pixels()[y, x]
            assert abs(int(seen[0]) - int(values[0]) * 255 / 5000) < 6, mode
            viewer.press("m")


def test_the_contrast_panel_counts_the_overview_and_asks_for_no_tile(chromium: Chromium) -> None:
    with tiled(chromium, View(noise(*SHAPE), embed=False)) as viewer:
        viewer.press("1", "c")
        viewer.rest()
        asked, before = len(viewer.server.asked), viewer.pixels()
        box = viewer.find(".contrast-panel [role=slider]").first.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        viewer.mouse.move(x, y)
        viewer.mouse.down()
        viewer.mouse.move(x + 60, y, steps=10)
        viewer.mouse.up()
        viewer.settle()
        assert len(viewer.server.asked) == asked
        assert not np.array_equal(viewer.pixels(), before)
        assert float(viewer.find(".contrast-panel input").first.input_value()) > 1000


# --------------------------------------------------------------------------- when tiles are late


def broken_at(level: int) -> Any:
    def set_up(server: TestServer) -> None:
        server.broken = lambda numbers: numbers[2] == level

    return set_up


def test_tiles_that_fail_are_told_marked_and_asked_for_again(chromium: Chromium) -> None:
    array = noise(700, 900)
    view = View(array, embed=False)
    with tiled(chromium, view, before=broken_at(0), said=24) as viewer:
        viewer.press("1")
        viewer.rest()
        told = viewer.find(".failed")
        assert re.search(r"tiles can't be read: .*tile \(.*\) is broken", told.inner_text())
        assert "can't be read" in viewer.read(300, 200)
        assert covered(viewer) == 1  # the coarser level is there
        red = (viewer.pixels()[..., :3] == (0xEE, 0x33, 0x33)).all(axis=-1)
        assert red.mean() > 0.001
        viewer.server.broken = lambda numbers: False
        viewer.button("retry").click()
        viewer.rest()
        assert not told.is_visible()
        assert np.array_equal(
            viewer.pixels(), seen_of(Picture(array).render(), *corner(viewer), viewer.size())
        )


def test_an_overview_that_fails_is_told_and_asked_for_again(chromium: Chromium) -> None:
    with tiled(chromium, View(noise(700, 900), embed=False), before=broken_at(2), said=4) as viewer:
        assert viewer.find(".failed").is_visible()
        viewer.press("1")
        viewer.rest()
        assert covered(viewer) == 1
        viewer.server.broken = lambda numbers: False
        viewer.button("retry").click()
        viewer.rest()
        assert not viewer.find(".failed").is_visible()


def test_while_tiles_are_late_coarser_ones_are_seen_and_a_sign_says_so(chromium: Chromium) -> None:
    with tiled(chromium, View(noise(*SHAPE), embed=False)) as viewer:
        viewer.server.open.clear()
        viewer.press("1")
        sign = viewer.find(".waiting")
        sign.wait_for(state="visible")
        assert "waiting" in sign.inner_text()
        assert covered(viewer) == 1
        viewer.server.open.set()
        viewer.rest()
        assert not sign.is_visible()


def test_what_a_view_left_behind_had_asked_for_is_not_asked_for_any_more(
    chromium: Chromium,
) -> None:
    with tiled(chromium, View(noise(4000, 6000), embed=False)) as viewer:
        server = viewer.server
        viewer.press("1")
        viewer.rest()
        server.open.clear()
        server.asked.clear()
        server.most_at_once = 0
        for _ in range(4):  # far away, by arrows
            viewer.press("Shift+ArrowRight")
        wait_for(lambda: server.asked, viewer.page)
        frames(viewer.page, 20)
        waiting = set(server.asked)
        assert len(waiting) <= 12  # those under way, and those that were cancelled on it
        for _ in range(4):
            viewer.press("Shift+ArrowLeft")
        frames(viewer.page, 10)
        server.open.set()
        viewer.rest()
        assert max(numbers[3] for numbers in server.asked if numbers[2] == 0) <= 19
        assert covered(viewer) == 1
        assert all(len(group) < 4 for group in repeated(server.asked).values())


def repeated(asked: list[Numbers]) -> dict[Numbers, list[Numbers]]:
    return {one: [other for other in asked if other == one] for one in set(asked)}


def test_no_tile_is_asked_for_twice_and_never_more_than_a_few_at_once(chromium: Chromium) -> None:
    def slow(server: TestServer) -> None:
        server.delay = 0.01

    with tiled(chromium, View(noise(3000, 4000), embed=False), before=slow) as viewer:
        viewer.press("1")
        viewer.rest()
        viewer.press("-")
        viewer.rest()
        viewer.press("+")
        viewer.rest()
        answered = viewer.server.answered
        assert len(answered) > 20 and len(set(answered)) == len(answered)
        assert viewer.server.most_at_once <= 6


# -------------------------------------------------------------------------------- around the image


def test_the_navigator_shows_and_moves_the_view(chromium: Chromium) -> None:
    with tiled(chromium, View(smooth(*SHAPE).astype(np.uint16), embed=False)) as viewer:
        navigator = viewer.find(".navigator")
        assert not navigator.is_visible()
        viewer.press("1")
        assert navigator.is_visible()
        box = navigator.locator("canvas").bounding_box()
        assert box is not None
        for share in (0.2, 0.8):
            x, y = box["x"] + share * box["width"], box["y"] + share * box["height"]
            viewer.mouse.move(x - 9, y - 9)
            viewer.mouse.down()
            viewer.mouse.move(x, y, steps=3)
            viewer.mouse.up()
            viewer.rest()
            wide, high = viewer.size()
            column, row = place_of(viewer.read(wide / 2, high / 2))
            assert abs(column - share * SHAPE[1]) < SHAPE[1] / 60
            assert abs(row - share * SHAPE[0]) < SHAPE[0] / 60
        viewer.press("0")
        assert not navigator.is_visible()


def test_the_scale_bar_is_as_long_as_it_says(chromium: Chromium, tmp_path: Path) -> None:
    import tifffile

    path = tmp_path / "small.ome.tif"
    pixels = {"PhysicalSizeX": 0.25, "PhysicalSizeY": 0.25}
    units = {"PhysicalSizeXUnit": "µm", "PhysicalSizeYUnit": "µm"}
    tifffile.imwrite(path, np.zeros(SHAPE, np.uint8), ome=True, metadata={**pixels, **units})
    view = View(str(path), embed=False)
    with tiled(chromium, view) as viewer:
        for key in ("1", "+"):
            viewer.page.evaluate(
                "window.texts = []; const own = CanvasRenderingContext2D.prototype;"
                "const before = own.fillText; own.fillText = function(text, ...rest) {"
                "texts.push(text); return before.call(this, text, ...rest); }; 0"
            )
            viewer.press(key)
            viewer.rest()
            (text,) = set(viewer.page.evaluate("texts"))
            length, unit = text.split()
            micrometres = float(length) * {"nm": 1e-3, "µm": 1, "mm": 1e3}[unit]
            high = viewer.size()[1]
            bar = (viewer.pixels()[high - 11, :, 0] == 255).sum()
            assert bar * 0.25 / (viewer.percent() / 100) == pytest.approx(micrometres, rel=0.02)


def test_more_tiles_than_a_page_has_room_for_are_not_all_kept(chromium: Chromium) -> None:
    array = np.broadcast_to(np.array(0.1), (16384, 16384))  # half a megabyte a tile
    state = {"viewport": np.s_[:600, :800]}
    with tiled(chromium, View(array, embed=False, state=state, width=800, height=600)) as viewer:
        session = viewer.page.context.new_cdp_session(viewer.page)
        viewer.press("1")
        sizes = []
        for row in range(3):
            for _ in range(14):
                viewer.press(*(["Shift+Arrow" + ("Left" if row % 2 else "Right")] * 4))
            viewer.rest()
            viewer.press(*["Shift+ArrowDown"] * 3)
            session.send("HeapProfiler.collectGarbage")
            heap = session.send("Runtime.getHeapUsage")
            sizes.append(heap.get("backingStorageSize", 0) + heap["usedSize"])
        assert len(set(viewer.server.asked)) * 2**19 > 2**27 + 2**26
        assert max(sizes) < 2**27 + 2**26


def test_narrow_and_dark_pages_have_it_too(chromium: Chromium) -> None:
    view = View(noise(*SHAPE), embed=False)
    with tiled(chromium, view, size=(300, 600), dark=True) as viewer:
        viewer.press("1")
        viewer.rest()
        assert viewer.page.evaluate("document.documentElement.scrollWidth") <= 300
        assert covered(viewer) == 1
        box = viewer.find(".navigator").bounding_box()
        assert box is not None
        assert box["width"] < 0.3 * viewer.size()[0]
