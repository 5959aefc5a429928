"""The explorer of more than a picture in a real browser: sliders, playing, facets, planes cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from playwright.sync_api import Locator, Page

from nbimage import Picture, View
from tests.e2e.explorer import (
    Viewer,
    exploring,
    opened,
    place_of,
    rgba,
    same,
    saved,
    values_of,
)
from tests.e2e.harness import Chromium, frames, wait_for

RANDOM = np.random.default_rng(23)
SHAPE = 24, 32
FOUR = RANDOM.integers(0, 999, (5, 3, *SHAPE), np.uint16)
LABELS = ["first", "second", "third", "fourth", "fifth"]
TIMES = xarray.DataArray(
    FOUR,
    dims=("time", "level", "y", "x"),
    coords={"time": LABELS, "level": ("level", [1000.0, 850.0, 500.5], {"units": "hPa"})},
)
SIZES = {"t": 3, "z": 2, "y": 24, "x": 32, "c": 3, "s": 4, "m": 1}
ORDERS = [
    "tyx",
    "ytx",
    "yxt",
    "xyt",
    "xty",
    "zxty",
    "ytxz",
    "cyxt",
    "xcty",
    "tyxc",
    "zytcxm",
    "syx",
]
RGB = RANDOM.integers(0, 256, (4, *SHAPE, 3), np.uint8)
PARTS = {"dna": "blue", "actin": "cyan"}
COLORS = np.array([[0, 0, 255], [0, 255, 255]])
MIXED = RANDOM.integers(0, 256, (3, 2, *SHAPE), np.uint8)
VOLUME = RANDOM.normal(size=(2, 10, *SHAPE)).astype(np.float32)
LARGE = FOUR[:, 0].astype(np.int64) + 2**60
SPACING, DEEP = 3, 9


def permuted(order: str) -> np.ndarray:
    """Numbers of which each occurs once, in axes of this order."""
    shape = [SIZES[name] for name in order]
    array = RANDOM.permutation(np.prod(shape)).reshape(shape).astype(np.int32)
    if "c" in order:
        return array.astype(np.uint8)
    if "s" in order:  # a canvas rounds the colors of what is half clear
        alpha = array.take([3], order.index("s"))
        return np.where(np.arange(4)[:, None, None] < 3, array, 255 * (alpha % 2)).astype(np.uint8)
    return array


ARRAYS = {order: permuted(order) for order in ORDERS}
VIEWS: dict[str, Callable[[], View]] = {
    "two axes": lambda: View(TIMES, state={"index": {"time": 3}}),
    "colors": lambda: View(RGB),
    "composite": lambda: View(MIXED, channels=PARTS, axes="tcyx"),
    "facets": lambda: View(TIMES, facet="time", width=640, height=300),
    "columns": lambda: View(TIMES, facet="level", columns=1),
    "ortho": lambda: View(VOLUME, axes="tzyx", ortho=True, spacing=SPACING, width=480),
    "ortho of numbers": lambda: View(LARGE, ortho=True, spacing=DEEP),
    "ortho of colors": lambda: View(RGB, ortho=True, spacing=DEEP),
    **{order: lambda order=order: View(ARRAYS[order], axes=order) for order in ORDERS},
}


@pytest.fixture(scope="module")
def page(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """All explorers on one page."""
    views = [make() for make in VIEWS.values()]
    with exploring(chromium, tmp_path_factory.mktemp("axes"), *views) as page:
        yield page


def viewer_of(page: Page, name: str) -> Viewer:
    """The explorer of this name, one to one."""
    viewer = Viewer(page, list(VIEWS).index(name))
    viewer.press("1")
    return viewer


def inside(viewer: Viewer, pane: int = 0, shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    """The picture in the middle of its pane, one to one."""
    pixels = viewer.pixels(pane)
    top, left = ((pixels.shape[i] - shape[i] + 1) // 2 for i in (0, 1))
    return pixels[top : top + shape[0], left : left + shape[1]]


def check_shown(viewer: Viewer, expected: np.ndarray, pane: int = 0) -> None:
    """These pixels are shown, as soon as their plane has come."""
    wait_for(lambda: np.array_equal(inside(viewer, pane, expected.shape), expected), viewer.page)


def pixels_of(plane: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """A plane's picture in the range of all of them."""
    return rgba(Picture(plane, vmin=whole.min().item(), vmax=whole.max().item()).render())


def at_sample(viewer: Viewer, row: int, column: int, pane: int = 0) -> str:
    """What is read at a sample, one to one."""
    width, height = viewer.size(pane)
    left, top = (width - SHAPE[1] + 1) // 2, (height - SHAPE[0] + 1) // 2
    return viewer.move(left + column + 0.5, top + row + 0.5, pane)


def said_of(viewer: Viewer, axis: str) -> str:
    """The place along an axis as it is written, which a screen reader is told too."""
    slider = viewer.named(axis)
    text = viewer.find(".axis output > :first-child").nth(
        [
            viewer.find(".axis > [type=range]").nth(i).get_attribute("aria-label") for i in range(2)
        ].index(axis)
    )
    assert slider.get_attribute("aria-valuetext") == text.inner_text()
    return text.inner_text()


def place_on(viewer: Viewer, *axes: str) -> list[int]:
    """Where the sliders stand."""
    return [int(viewer.named(axis).input_value()) for axis in axes]


# --------------------------------------------------------------------------------- sliders


def test_sliders_go_to_every_plane_and_say_where_they_are(page: Page) -> None:
    viewer = viewer_of(page, "two axes")
    level = "level [hPa]"
    assert place_on(viewer, "time", level) == [3, 0]  # as was asked for
    for number, time in enumerate(LABELS):
        viewer.named("time").focus()
        page.keyboard.press("Home")
        for _ in range(number):
            page.keyboard.press("ArrowRight")
        assert said_of(viewer, "time") == time
        for place, text in enumerate(("1000", "850", "500.5")):
            slider = viewer.named(level)
            box = slider.bounding_box()
            assert box is not None
            viewer.mouse.click(box["x"] + 8 + place / 2 * (box["width"] - 16), box["y"] + 8)
            assert place_on(viewer, "time", level) == [number, place]
            assert float(said_of(viewer, level)) == float(text)
            check_shown(viewer, pixels_of(FOUR[number, place], FOUR))
            row, column = RANDOM.integers(0, SHAPE)
            told = at_sample(viewer, row, column)
            assert place_of(told) == (column, row)
            assert same(values_of(told)[0], FOUR[number, place, row, column])


def test_keys_step_along_the_last_axis_and_the_one_before_and_stop_at_the_ends(page: Page) -> None:
    viewer = viewer_of(page, "two axes")
    axes = "time", "level [hPa]"
    viewer.press("[", *"<<<<<")
    assert place_on(viewer, *axes) == [0, 0]
    time = level = 0
    for key, along, step in (
        (".", 0, 1),
        (">", 1, 0),
        (".", 0, 1),
        (".", 0, 1),  # no further
        (",", 0, -1),
        (">", 1, 0),
        ("<", -1, 0),
        ("]", 0, 9),
        ("[", 0, -9),
        (",", 0, -1),
    ):
        viewer.press(key)
        time, level = np.clip([time + along, level + step], 0, [4, 2]).tolist()
        assert place_on(viewer, *axes) == [time, level], key
        check_shown(viewer, pixels_of(FOUR[time, level], FOUR))
        name, text = (axes[0], LABELS[time]) if along else (axes[1], said_of(viewer, axes[1]))
        assert viewer.find(".spoken").inner_text() == f"{name} {text}"


def test_values_end_where_those_of_other_axes_do_and_do_not_jump(page: Page) -> None:
    viewer = viewer_of(page, "two axes")
    tracks = """e => [...e.querySelectorAll('.axis > [type=range]')].map(
        one => one.getBoundingClientRect())"""
    boxes = []
    for keys in (["[", *"<<<<<"], [">"], ["."], ["."]):
        viewer.press(*keys)
        boxes += [[one["left"], one["right"]] for one in viewer.ask(".axes", tracks)]
    assert all(box == boxes[0] for box in boxes)


def test_the_readout_follows_the_plane_below_a_pointer_at_rest(page: Page) -> None:
    viewer = viewer_of(page, "two axes")
    viewer.press("[", *"<<<<<")
    check_shown(viewer, pixels_of(FOUR[0, 0], FOUR))
    at_sample(viewer, 7, 9)
    for time in range(1, 5):
        viewer.press(">")
        check_shown(viewer, pixels_of(FOUR[time, 0], FOUR))
        assert values_of(viewer.readout()) == [str(FOUR[time, 0, 7, 9])]


def test_colors_and_channels_have_planes_like_any_other(page: Page) -> None:
    viewer = viewer_of(page, "colors")
    for number, plane in enumerate(RGB):
        check_shown(viewer, rgba(plane))
        assert values_of(at_sample(viewer, 3, 5)) == [str(value) for value in plane[3, 5]]
        viewer.press(".")
        assert place_on(viewer, "axis 0") == [min(number + 1, 3)]
    viewer = viewer_of(page, "composite")
    for plane in MIXED:
        light = (plane.astype(int)[..., None] * COLORS[:, None, None] + 127) // 255
        check_shown(viewer, rgba(light.sum(0).clip(0, 255).astype(np.uint8)))
        texts = [f"{name} {value}" for name, value in zip(PARTS, plane[:, 4, 6], strict=True)]
        assert values_of(at_sample(viewer, 4, 6)) == texts
        viewer.press(".")


@pytest.mark.parametrize("order", ORDERS)
def test_any_order_of_axes_shows_what_numpy_says(page: Page, order: str) -> None:
    viewer = viewer_of(page, order)
    sliders = [name for name in order if name not in "yxcs"]
    channels = "c" if "c" in order else "s" if "s" in order else ""
    array = np.einsum(f"{order}->{''.join(sliders)}yx{channels}", ARRAYS[order])
    sizes = [SIZES[name] for name in sliders]
    names = [
        viewer.find(".axis > [type=range]").nth(i).get_attribute("aria-label")
        for i in range(len(sliders))
    ]
    assert names == sliders
    assert viewer.find(".axis > [type=range]").count() == len(sliders)
    for place in np.ndindex(*sizes):
        for name, index in zip(sliders, place, strict=True):
            slider = viewer.named(name)
            assert slider.is_disabled() == (SIZES[name] == 1)
            if SIZES[name] > 1:
                slider.focus()
                page.keyboard.press("Home")
                for _ in range(index):
                    page.keyboard.press("ArrowRight")
        plane = array[place]
        expected = rgba(plane) if channels else pixels_of(plane, array)
        check_shown(viewer, expected)
        for row, column in RANDOM.integers(0, SHAPE, (3, 2)):
            told = at_sample(viewer, row, column)
            assert place_of(told) == (column, row)
            texts, values = values_of(told), np.atleast_1d(plane[row, column])
            assert all(map(same, texts, values)), told
            assert len(texts) == len(values)


# --------------------------------------------------------------------------------- playing

RECORD = """canvas => {
  const pen = canvas.getContext("2d"), drawn = canvas.drawn = [];
  const slider = canvas.getRootNode().querySelector("[type=range]");
  pen.drawImage = function (...where) { // each picture as it comes to the canvas
    CanvasRenderingContext2D.prototype.drawImage.apply(this, where);
    const corners = [[9, 9], [canvas.width - 9, canvas.height - 9]];
    const [first, last] = corners.map(([x, y]) => this.getImageData(x, y, 1, 1).data[0]);
    drawn.push([performance.now(), first, last, +slider.value]);
  };
}"""
COUNT = 12


def movie(folder: Path, **options: Any) -> str:
    """A page with a stack whose planes are of one value each: 20 times their number."""
    planes = np.arange(COUNT, dtype=np.uint8)[:, None, None] * np.full((90, 120), 20, np.uint8)
    return saved(folder, View(planes, width=240, **options))


@pytest.fixture
def playing(request: pytest.FixtureRequest, chromium: Chromium, tmp_path: Path) -> Iterator[Viewer]:
    """A movie of which each picture is recorded as it is drawn."""
    page = opened(chromium, movie(tmp_path, **getattr(request, "param", {})))
    viewer = Viewer(page)
    viewer.canvas.evaluate(RECORD)
    yield viewer
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


def drawn(viewer: Viewer) -> tuple[list[int], list[float]]:
    """The planes that were drawn one after the other, and when; each is the slider's own."""
    found = viewer.canvas.evaluate("canvas => canvas.drawn")
    planes: list[int] = []
    times: list[float] = []
    for time, first, last, told in found:
        assert first == last == 20 * told
        if not planes or planes[-1] != told:
            planes.append(told)
            times.append(time / 1000)
    return planes, times


def until_drawn(viewer: Viewer, count: int) -> None:
    """Wait until so many pictures have come."""
    viewer.page.wait_for_function(
        "([canvas, count]) => canvas.drawn.filter((one, i, all) => one[3] !== all[i - 1]?.[3])"
        ".length >= count",
        arg=[viewer.canvas.element_handle(), count],
    )


def rate_of(viewer: Viewer) -> Locator:
    """Show what the rate of playing is; return its field."""
    viewer.click("Rate and loop of axis 0")
    return viewer.root.get_by_role("spinbutton")


def is_playing(viewer: Viewer) -> bool:
    return viewer.button("Play axis 0").get_attribute("aria-pressed") == "true"


@pytest.mark.parametrize("playing", [{"fps": 25}, {"fps": 120}], indirect=True, ids=["25", "120"])
def test_playing_shows_every_plane_in_order_and_none_wrong_or_too_early(
    playing: Viewer, request: pytest.FixtureRequest
) -> None:
    fps = request.node.callspec.params["playing"]["fps"]
    assert float(rate_of(playing).input_value()) == fps
    playing.page.keyboard.press("Escape")
    playing.click("Play axis 0")
    assert is_playing(playing)
    until_drawn(playing, 3 * COUNT)
    playing.click("Play axis 0")
    assert not is_playing(playing)
    planes, times = drawn(playing)
    start = planes[0]
    assert planes == [(start + i) % COUNT for i in range(len(planes))]
    assert times[-1] - times[0] >= (len(planes) - 4) / fps
    frames(playing.page, 20)
    assert drawn(playing)[0] == planes  # it has stopped


@pytest.mark.parametrize("playing", [{"fps": 60, "loop": False}], indirect=True, ids=["once"])
def test_without_loop_playing_ends_at_the_last_plane_and_begins_anew(playing: Viewer) -> None:
    loop = playing.root.get_by_role("checkbox", name="again and again")
    rate_of(playing)
    assert not loop.is_checked()
    playing.page.keyboard.press("Escape")
    ended = "button => button.getAttribute('aria-pressed') === 'false'"
    button = playing.button("Play axis 0")
    for plays in (1, 2):
        button.click()
        playing.page.wait_for_function(ended, arg=button.element_handle())
        planes, _ = drawn(playing)
        assert planes == [*range(1 if planes[0] else 0, COUNT), *list(range(COUNT)) * (plays - 1)]
    rate_of(playing)
    loop.check()
    playing.page.keyboard.press("Escape")
    button.click()
    until_drawn(playing, len(planes) + COUNT + 3)
    assert is_playing(playing)
    rate_of(playing)
    loop.uncheck()
    playing.page.wait_for_function(ended, arg=button.element_handle())
    assert drawn(playing)[0][-1] == COUNT - 1


def test_the_space_bar_plays_and_a_step_by_hand_ends_it(playing: Viewer) -> None:
    playing.press("Space")
    until_drawn(playing, 3)
    assert is_playing(playing)
    playing.press("Space")
    assert not is_playing(playing)
    slider = playing.named("axis 0")

    def by_slider() -> None:
        slider.press("Home")  # one of the two moves it, wherever it has come to by now
        slider.press("End")

    for by_hand in (
        lambda: playing.press("."),
        by_slider,
    ):
        playing.press("Space")
        assert is_playing(playing)
        by_hand()
        playing.settle()
        assert not is_playing(playing)
        planes = drawn(playing)[0]
        frames(playing.page, 20)
        assert drawn(playing)[0] == planes


def test_the_rate_is_set_on_the_page(playing: Viewer) -> None:
    rate = rate_of(playing)
    assert rate.input_value() == "10"
    for text, least, most in (("50", 50, 50), ("-3", 0.1, 50), ("999", 50, 120), ("", 50, 120)):
        rate.fill(text)
        playing.page.keyboard.press("Enter")
        assert least <= float(rate.input_value()) <= most, text
    rate.fill("40")
    playing.page.keyboard.press("Enter")
    playing.page.keyboard.press("Escape")
    playing.click("Play axis 0")
    until_drawn(playing, 2 * COUNT)
    playing.click("Play axis 0")
    planes, times = drawn(playing)
    assert times[-1] - times[0] >= (len(planes) - 4) / 40


def test_scrubbing_never_shows_another_plane_than_the_sliders(playing: Viewer) -> None:
    slider = playing.named("axis 0")
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    playing.mouse.move(box["x"] + 8, y)
    playing.mouse.down()
    for share in (*np.linspace(0, 1, 30), *np.linspace(1, 0.3, 20)):
        playing.mouse.move(box["x"] + 8 + share * (box["width"] - 16), y)
    playing.mouse.up()
    at = int(slider.input_value())
    expected = np.full((180, 240), 20 * at, np.uint8)
    check_shown(playing, rgba(expected))
    planes, _ = drawn(playing)
    assert len(planes) > 5
    assert planes[-1] == at == round(0.3 * (COUNT - 1))


@pytest.mark.parametrize("axis", ["time", "level [hPa]"])
def test_each_of_two_axes_plays_by_itself(page: Page, axis: str) -> None:
    viewer = viewer_of(page, "two axes")
    viewer.press("[", *"<<<<")
    button, other = viewer.button(f"Play {axis}"), {"time", "level [hPa]"} - {axis}
    button.click()
    value = viewer.named(axis).element_handle()
    for expected in ("1", "2", "0"):
        page.wait_for_function("([e, v]) => e.value === v", arg=[value, expected])
    assert place_on(viewer, *other) == [0]
    viewer.press("Space")  # what was played last
    assert button.get_attribute("aria-pressed") == "false"
    time, level = place_on(viewer, "time", "level [hPa]")
    check_shown(viewer, pixels_of(FOUR[time, level], FOUR))


def test_playing_ends_when_its_output_is_taken_away(playing: Viewer) -> None:
    playing.click("Play axis 0")
    until_drawn(playing, 3)
    playing.root.evaluate("root => { window.taken = root; root.remove(); }")
    frames(playing.page, 5)
    asked = playing.page.evaluate(
        """async () => {
          let frames = 0;
          const own = window.requestAnimationFrame;
          window.requestAnimationFrame = call => { frames++; return own(call); };
          for (let i = 0; i < 20; i++) await new Promise(done => own(done));
          window.requestAnimationFrame = own;
          document.body.append(window.taken);
          return frames;
        }"""
    )
    assert asked == 0
    viewer = Viewer(playing.page)
    viewer.press(".", "[")
    assert place_on(viewer, "axis 0") == [0]
    check_shown(viewer, rgba(np.zeros((180, 240), np.uint8)))


# ---------------------------------------------------------------------------------- facets


def test_facets_are_the_planes_along_an_axis_and_the_other_axis_has_a_slider(page: Page) -> None:
    viewer = viewer_of(page, "facets")
    names = viewer.find(".pane .name").all_inner_texts()
    assert names == [f"time = {label}" for label in LABELS]
    sliders = viewer.find(".axis > [type=range]")
    assert sliders.count() == 1
    for level in range(3):
        for pane in range(5):
            check_shown(viewer, pixels_of(FOUR[pane, level], FOUR), pane)
        told = at_sample(viewer, 5, 11, pane=level)
        assert place_of(told) == (11, 5)
        values = [f"time = {n}: {v}" for n, v in zip(LABELS, FOUR[:, level, 5, 11], strict=True)]
        assert told.partition(": ")[2].split(", ") == values
        viewer.press(".")


def test_facets_zoom_and_move_together(page: Page) -> None:
    viewer = viewer_of(page, "facets")
    viewer.press("[", "0")
    width, height = viewer.size()
    viewer.drag((30, 40), (50, 35), pane=3)
    viewer.move(width / 3, height / 2, pane=2)
    viewer.wheel(-150, control=True)
    place = place_of(viewer.readout())
    first = viewer.pixels(0)
    assert first.shape[:2] == (height, width)
    for pane in range(5):
        told = viewer.move(width / 3, height / 2, pane)
        assert place_of(told) == place
        shown = viewer.pixels(pane)
        np.testing.assert_array_equal(shown[:, :, 3], first[:, :, 3])
        column, row = place
        expected = pixels_of(FOUR[pane, 0], FOUR)[row, column]
        np.testing.assert_array_equal(shown[height // 2, int(width / 3)], expected)


def test_facets_stand_in_as_many_columns_as_asked_for(page: Page) -> None:
    viewer = viewer_of(page, "columns")
    boxes = [viewer.pane(i).bounding_box() for i in range(3)]
    assert len({round(box["x"]) for box in boxes if box}) == 1
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    viewer = viewer_of(page, "facets")
    assert viewer.find(".pane").count() == 5


# ------------------------------------------------------------------------- planes that cut


def cuts(volume: np.ndarray, z: int, y: int, x: int) -> list[np.ndarray]:
    """The planes through a place as their panes have them: x, y; z, y; x, z."""
    return [volume[z], np.moveaxis(volume[:, :, x], 0, 1), volume[:, y]]


def check_cuts(
    viewer: Viewer, volume: np.ndarray, at: tuple[int, int, int], whole: np.ndarray, step: int = 1
) -> None:
    """The panes are NumPy's slices, but for the lines of the crosshair."""
    z, y, x = at
    repeats = [(1, 1), (1, step), (step, 1)]
    lines = [(y, x), (y, z), (z, x)]
    for pane, cut in enumerate(cuts(volume, *at)):
        full = pixels_of(cut, whole) if cut.ndim == 2 else rgba(cut)
        (down, right), (row, column) = repeats[pane], lines[pane]
        full = full.repeat(down, 0).repeat(right, 1)
        free = np.ones(full.shape[:2], bool)
        middle = int((row + 0.5) * down), int((column + 0.5) * right)
        for line, axis in zip(middle, (0, 1), strict=True):
            near = slice(max(0, line - 3), line + 4)
            free[(near, slice(None)) if axis == 0 else (slice(None), near)] = False

        def shows(pane: int = pane, full: Any = full, free: Any = free) -> bool:
            return np.array_equal(inside(viewer, pane, full.shape)[free], full[free])

        wait_for(shows, viewer.page)
        beside = viewer.pixels(pane)[:, :, 3]  # only the crosshair gets there
        top, left = ((beside.shape[i] - full.shape[i] + 1) // 2 for i in (0, 1))
        across, along = np.flatnonzero(beside[:, 1]), np.flatnonzero(beside[1])
        expected = top + (row + 0.5) * down, left + (column + 0.5) * right
        assert (across.mean() + 0.5, along.mean() + 0.5) == pytest.approx(expected, abs=0.6)


def centre_of(
    viewer: Viewer, pane: int, right: float, down: float, size: Any
) -> tuple[float, float]:
    """Where a place in world units is in a pane, one to one."""
    width, height = viewer.size(pane)
    return (width - size[0]) / 2 + right, (height - size[1]) / 2 + down


def test_three_planes_are_numpys_slices_and_a_click_or_the_slider_moves_them(page: Page) -> None:
    viewer = viewer_of(page, "ortho")
    names = viewer.find(".pane .name").all_inner_texts()
    assert names == ["x, y", "z, y", "x, z"]
    volume, depth = VOLUME[0], 10 * SPACING
    sizes = [(32, 24), (depth, 24), (32, depth)]
    check_cuts(viewer, volume, (5, 12, 16), VOLUME, SPACING)  # in the middle
    at = [5, 12, 16]
    for pane, to in ((0, (None, 3, 29)), (1, (7, 20, None)), (2, (2, None, 5)), (1, (9, 0, None))):
        at = [new if new is not None else old for new, old in zip(to, at, strict=True)]
        z, y, x = at
        world = [(x + 0.5, y + 0.5), ((z + 0.5) * SPACING, y + 0.5), (x + 0.5, (z + 0.5) * SPACING)]
        place = centre_of(viewer, pane, *world[pane], sizes[pane])
        viewer.mouse.click(*viewer.point(*place, pane))
        viewer.settle()
        assert place_on(viewer, "z") == [z]
        check_cuts(viewer, volume, (z, y, x), VOLUME, SPACING)
    viewer.named("z").focus()
    page.keyboard.press("ArrowLeft")
    at[0] -= 1
    check_cuts(viewer, volume, (at[0], at[1], at[2]), VOLUME, SPACING)
    viewer.press("<", ">")  # another time
    assert place_on(viewer, "t", "z") == [1, at[0]]
    check_cuts(viewer, VOLUME[1], (at[0], at[1], at[2]), VOLUME, SPACING)
    viewer.press("<")
    check_cuts(viewer, volume, (at[0], at[1], at[2]), VOLUME, SPACING)


def test_arrow_keys_move_the_cross_in_the_pane_that_has_the_focus(page: Page) -> None:
    viewer = viewer_of(page, "ortho")
    viewer.press("<", "[", "0", "1")
    place = centre_of(viewer, 0, 10.5, 8.5, (32, 24))
    viewer.mouse.click(*viewer.point(*place, 0))
    at = {"z": 0, "y": 8, "x": 10}
    for pane, axes in enumerate(("xy", "zy", "xz")):
        viewer.pane(pane).focus()
        for key, axis, step in (("Right", 0, 1), ("Shift+Down", 1, 10), ("Up", 1, -1)):
            *shift, name = key.split("+")
            page.keyboard.press("+".join([*shift, f"Arrow{name}"]))
            most = {"x": 31, "y": 23, "z": 9}[axes[axis]]
            at[axes[axis]] = min(max(at[axes[axis]] + step, 0), most)
        viewer.settle()
        check_cuts(viewer, VOLUME[0], (at["z"], at["y"], at["x"]), VOLUME, SPACING)
    assert place_on(viewer, "z") == [at["z"]]


def test_the_values_of_three_planes_are_read_where_they_are(page: Page) -> None:
    viewer = viewer_of(page, "ortho")
    viewer.press("<", "[")
    depth = 10 * SPACING
    sizes = [(32, 24), (depth, 24), (32, depth)]
    place = centre_of(viewer, 0, 10.5, 8.5, sizes[0])
    viewer.mouse.click(*viewer.point(*place, 0))
    viewer.press("0", "1")
    at = {"z": 0, "y": 8, "x": 10}
    check_cuts(viewer, VOLUME[0], (0, 8, 10), VOLUME, SPACING)
    for pane, axes in enumerate(("xy", "zy", "xz")):
        for _ in range(4):
            there = {name: int(RANDOM.integers({"x": 32, "y": 24, "z": 10}[name])) for name in axes}
            right, down = ((there[n] + 0.5) * (SPACING if n == "z" else 1) for n in axes)
            told = viewer.move(*centre_of(viewer, pane, right, down, sizes[pane]), pane)
            spot = at | there
            indices = viewer.ask(".readout .index", "e => e.innerText")
            assert indices == f"[0, {spot['z']}, {spot['y']}, {spot['x']}]", told
            assert same(values_of(told)[0], VOLUME[0, spot["z"], spot["y"], spot["x"]]), told


@pytest.mark.parametrize("name", ["ortho of numbers", "ortho of colors"])
def test_planes_that_cut_hold_any_kind_of_values(page: Page, name: str) -> None:
    viewer = viewer_of(page, name)
    volume = RGB if name.endswith("colors") else LARGE
    check_cuts(viewer, volume, (2, 12, 16), volume, DEEP)
    viewer.press(".")
    check_cuts(viewer, volume, (3, 12, 16), volume, DEEP)
    size = SHAPE[1], len(volume) * DEEP
    told = viewer.move(*centre_of(viewer, 2, 5.5, 1.5 * DEEP, size), 2)
    values = np.atleast_1d(volume[1, 12, 5])
    assert values_of(told) == [str(value) for value in values]
