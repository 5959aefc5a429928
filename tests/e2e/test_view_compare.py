"""Comparing in a real browser: each pixel and number of a difference as NumPy has it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from playwright.sync_api import Page

from nbimage import Picture, View
from tests.e2e.explorer import READING, Viewer, opened, place_of, rgba, same, saved, showing
from tests.e2e.harness import Chromium, wait_for

RANDOM = np.random.default_rng(23)
NOTHING = "\N{EN DASH}"
SHAPE = 100, 120
NOISE = RANDOM.normal(size=SHAPE)
BYTES, OTHERS, THIRDS = (RANDOM.integers(0, 256, SHAPE, np.uint8) for _ in range(3))
WORDS, MORE_WORDS = (RANDOM.integers(0, 65536, SHAPE, np.uint16) for _ in range(2))
FLOATS = NOISE.astype(np.float32)
LARGE, MORE_LARGE = (RANDOM.integers(2**60, 2**60 + 999, SHAPE) for _ in range(2))
RGB, RGB2 = (RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8) for _ in range(2))
STACK = RANDOM.integers(0, 256, (5, *SHAPE), np.uint8)
HOLES, MORE_HOLES = FLOATS.copy(), np.roll(FLOATS, 5)
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
HOLES.flat[5::13] = -np.inf
MORE_HOLES.flat[::5] = np.nan
MORE_HOLES.flat[3::17] = np.inf


def field(array: np.ndarray, lat: np.ndarray, lon: np.ndarray) -> xarray.DataArray:
    return xarray.DataArray(array, dims=("lat", "lon"), coords={"lat": lat, "lon": lon})


COARSE = field(OTHERS[:40, :50], 80.5 - 2 * np.arange(40), 20.5 + 2 * np.arange(50))
FINE = field(BYTES, 99.0 - np.arange(100), np.arange(120.0))
FROM_SOUTH = FINE[::-1].copy(data=BYTES[::-1])
COARSE_FROM_SOUTH = COARSE[::-1].copy(data=OTHERS[:40, :50][::-1])


def enlarged(array: np.ndarray) -> np.ndarray:
    """A smaller image where it lies on a larger one, twice as large, nothing around it."""
    large = array.astype(np.float64).repeat(2, 0).repeat(2, 1)
    out = np.full(SHAPE, np.nan)
    top, left = (SHAPE[0] - large.shape[0]) // 2, (SHAPE[1] - large.shape[1]) // 2
    out[top : top + large.shape[0], left : left + large.shape[1]] = large
    return out


def nearest(field: xarray.DataArray, on: xarray.DataArray) -> np.ndarray:
    """A coarse field's values on a finer one's places, NaN beside it."""
    inside = [
        (on[axis] > field[axis].min() - 1) & (on[axis] < field[axis].max() + 1)
        for axis in ("lat", "lon")
    ]
    values = field.sel(lat=on.lat, lon=on.lon, method="nearest").values.astype(np.float64)
    return np.where(inside[0].values[:, None] & inside[1].values, values, np.nan)


# Two images, and the second one in the first one's places
PAIRS: dict[str, tuple[Any, Any, np.ndarray]] = {
    "uint8": (BYTES, OTHERS, OTHERS),
    "uint16": (WORDS, MORE_WORDS, MORE_WORDS),
    "float32": (FLOATS, FLOATS[::-1] ** 2, FLOATS[::-1] ** 2),
    "float64": (NOISE * 1e9, NOISE[::-1] ** 2, NOISE[::-1] ** 2),
    "int64": (LARGE, MORE_LARGE, MORE_LARGE),
    "missing": (HOLES, MORE_HOLES, MORE_HOLES),
    "colors": (RGB, RGB2, RGB2),
    "gray and colors": (BYTES, RGB, RGB),
    "colors and gray": (RGB, BYTES, BYTES[..., None]),
    "smaller": (BYTES, OTHERS[:50, :60], enlarged(OTHERS[:50, :60])),
    "smaller and wider": (BYTES, OTHERS[:30, :60], enlarged(OTHERS[:30, :60])),
    "by coordinates": (FINE, COARSE, nearest(COARSE, FINE)),
    "from the south": (FROM_SOUTH, COARSE_FROM_SOUTH, nearest(COARSE_FROM_SOUTH, FROM_SOUTH)),
    "by coordinates from other ends": (FROM_SOUTH, COARSE, nearest(COARSE, FROM_SOUTH)),
}
PLACED = set(list(PAIRS)[-5:])
SWIPE = {"mode": "swipe"}
VIEWS: dict[str, Callable[[], View]] = {
    "side": lambda: View({"left": FLOATS, "right": 2 * FLOATS}, width=486),
    "each": lambda: View({"left": FLOATS, "right": 2 * FLOATS}, width=486, shared=False),
    "swipe": lambda: View({"left": BYTES, "right": OTHERS}, width=480, state=SWIPE),
    "kinds": lambda: View({"left": RGB, "right": OTHERS[:50, :60]}, width=480, state=SWIPE),
    "placed": lambda: View({"left": FINE, "right": COARSE}, width=480),
    "three": lambda: View([BYTES, OTHERS, THIRDS], width=480, title="Three"),
    "stacks": lambda: View({"left": STACK, "right": STACK[::-1]}, width=480, state=SWIPE),
    "start": lambda: View(
        {"a": BYTES, "b": OTHERS, "c": THIRDS},
        width=480,
        state={"mode": "swipe", "pair": ("c", "a"), "swipe": 0.25, "rate": 7},
    ),
}


def unequal() -> dict[str, View]:
    state = {"mode": "difference"}
    return {
        name: View({"a": a, "b": b}, width=480, height=418, exact=True, state=state)
        for name, (a, b, _) in PAIRS.items()
    }


@pytest.fixture(scope="module")
def many(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of all VIEWS."""
    made = (make() for make in VIEWS.values())
    yield from allowed(chromium, saved(tmp_path_factory.mktemp("many"), *made))


@pytest.fixture(scope="module")
def differing(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of the differences of all PAIRS."""
    folder = tmp_path_factory.mktemp("differing")
    yield from allowed(chromium, saved(folder, *unequal().values()))


def allowed(chromium: Chromium, address: str) -> Iterator[Page]:
    """A page that may read the clipboard, and nothing from elsewhere."""
    chromium.external.clear()
    page = opened(chromium, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    assert chromium.external == []
    page.context.close()


def viewer_of(page: Page, name: str) -> Viewer:
    """One of VIEWS, all of it seen."""
    viewer = Viewer(page, list(VIEWS).index(name))
    viewer.press("0")
    return viewer


def choose(viewer: Viewer, control: str, option: str) -> None:
    viewer.named(control).select_option(option)
    viewer.settle()


def mode(viewer: Viewer, name: str) -> None:
    choose(viewer, "How to compare (m)", name)


def shown(picture: Picture, times: int = 4) -> np.ndarray:
    return rgba(picture.render()).repeat(times, 0).repeat(times, 1)


def read(text: str) -> dict[str, str]:
    """The values in a readout by the names of their images."""
    values = text.partition(": ")[2].partition(" at ")[0]
    pairs = (one.partition(": ") for one in re.split(r", (?=[^,]+: )", values))
    return {name: value for name, _, value in pairs}


def alike(text: str, value: Any) -> bool:
    """Whether a text has all channels of a value as they are."""
    texts, values = text.split(", "), np.atleast_1d(value)
    return len(texts) == len(values) and all(map(same, texts, values))


def divided(pixels: np.ndarray, left: np.ndarray, right: np.ndarray) -> float:
    """Where the second image begins; all else must be as it is in the images.

    Names lie over the uppermost pixels, and the line over two to each side.
    """
    pixels, left, right = pixels[20:], left[20:], right[20:]
    first = (pixels == left).all((0, 2))
    second = (pixels == right).all((0, 2))
    line = np.flatnonzero(~first & ~second)
    assert 2 <= len(line) <= 5
    assert np.ptp(line) == len(line) - 1
    assert first[: line[0]].all()
    assert second[line[-1] + 1 :].all()
    if line[0] == 0:
        return float(line[-1] - 1)
    if line[-1] == len(first) - 1:
        return float(line[0] + 2)
    return float(line[0] + line[-1] + 1) / 2


def less(a: Any, b: np.ndarray) -> np.ndarray:
    """What is between two images, the second one in the first one's places."""
    a = np.asarray(a)
    if a.ndim < b.ndim:
        a = a[..., None]
    if a.dtype.kind in "iu" and b.dtype.kind in "iu":
        return np.asarray(a.astype(np.int64) - b.astype(np.int64), np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(a.astype(np.float64) - b.astype(np.float64))


def numbers(a: Any, b: np.ndarray) -> dict[str, float]:
    """What is said of a difference."""
    a = np.asarray(a)
    difference = less(a, b)
    finite = difference[np.isfinite(difference)]
    alike = (np.isnan(a) & np.isnan(b)) | (a == b) if a.dtype.kind == "f" else False
    unmatched = np.count_nonzero(~np.isfinite(difference) & ~np.asarray(alike))
    known = a[np.isfinite(a)]
    span = known.max().item() - known.min().item()
    peak = {"uint8": 255, "uint16": 65535}.get(a.dtype.name, span)
    mse = np.mean(finite**2)
    return {
        "max": np.abs(finite).max(),
        "mean": finite.mean(),
        "mae": np.abs(finite).mean(),
        "mse": mse,
        "rmse": math.sqrt(mse),
        "psnr": 10 * math.log10(peak**2 / mse),
        "peak": peak,
        "values": finite.size,
    } | ({"unmatched": unmatched} if unmatched else {})


# -------------------------------------------------------------------------- side by side


def test_side_by_side_each_pane_has_its_image_in_one_range(many: Page) -> None:
    low, high = 2 * FLOATS.min(), 2 * FLOATS.max()
    viewer = viewer_of(many, "side")
    assert viewer.find(".pane .name").all_inner_texts() == ["left", "right"]
    viewer.press("1")
    width, height = viewer.size()
    top, left = math.floor(height / 2 - 50 + 0.5), math.floor(width / 2 - 60 + 0.5)
    for pane, array in enumerate((FLOATS, 2 * FLOATS)):
        expected = np.zeros((height, width, 4), np.uint8)
        expected[top : top + 100, left : left + 120] = shown(Picture(array, low, high), 1)
        np.testing.assert_array_equal(viewer.pixels(pane), expected)


def test_unshared_each_image_has_a_range_of_its_own(many: Page) -> None:
    viewer = viewer_of(many, "each")
    viewer.press("1")
    expected = shown(Picture(FLOATS), 1)
    for pane in range(2):
        pixels = viewer.pixels(pane)
        found = pixels[pixels[..., 3] > 0].reshape(expected.shape)
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("pane", [0, 1])
def test_panes_move_together_and_are_read_together(many: Page, pane: int) -> None:
    viewer = viewer_of(many, "side")
    before = place_of(viewer.move(111, 95, pane))
    viewer.wheel(-200, control=True)
    assert place_of(viewer.readout()) == before
    viewer.drag((150, 120), (120, 60), pane=pane)
    percent = viewer.percent()
    random = np.random.default_rng(pane)
    width, height = viewer.size()
    for x, y in random.integers(0, (width, height), (20, 2)):
        texts = [viewer.move(x, y, i) for i in range(2)]
        assert texts[0] == texts[1]
        if ":" not in texts[0]:
            continue
        column, row = place_of(texts[0])
        values = read(texts[0])
        assert list(values) == ["left", "right"]
        assert same(values["left"], FLOATS[row, column])
        assert same(values["right"], 2 * FLOATS[row, column])
    assert viewer.percent() == percent > 200
    viewer.press("0", "1")
    assert viewer.percent() == 100


# -------------------------------------------------------------------------------- swipe


@pytest.fixture
def swipe(many: Page) -> Viewer:
    """Bytes below a divider in the middle."""
    viewer = viewer_of(many, "swipe")
    mode(viewer, "swipe")
    viewer.named("Divider").focus()
    many.keyboard.press("Home")
    viewer.drag((0, 200), (240, 200))
    assert abs(divided(viewer.pixels(), shown(Picture(BYTES)), shown(Picture(OTHERS))) - 240) <= 1
    return viewer


def test_the_divider_follows_the_pointer(swipe: Viewer) -> None:
    left, right = shown(Picture(BYTES)), shown(Picture(OTHERS))
    at = 240
    for to in (100, 371, 8, 333):
        swipe.drag((at, 200), (to, 250))
        middle = divided(swipe.pixels(), left, right)
        assert abs(middle - to) <= 1
        share = float(swipe.named("Divider").input_value()) / 100
        assert abs(middle - share * 480) <= 0.5
        at = to
    assert swipe.percent() == 400  # nothing else has moved


def test_the_divider_is_moved_by_keys(swipe: Viewer) -> None:
    left, right = shown(Picture(BYTES)), shown(Picture(OTHERS))
    swipe.named("Divider").focus()
    places = [240]
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp", "PageDown", "Home", "End"):
        swipe.page.keyboard.press(key)
        swipe.settle()
        places.append(divided(swipe.pixels(), left, right))
    signs = np.sign(np.diff(places))
    np.testing.assert_array_equal(signs, [1, 1, -1, 1, -1, -1, 1])
    assert places[-2:] == [0, 480]


def test_the_divider_is_moved_by_a_finger(swipe: Viewer) -> None:
    session = swipe.page.context.new_cdp_session(swipe.page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    try:
        for kind, x in (("touchStart", 240), ("touchMove", 200), ("touchMove", 120)):
            at = dict(zip("xy", swipe.point(x, 200), strict=True))
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [at]})
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finally:
        session.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    swipe.settle()
    middle = divided(swipe.pixels(), shown(Picture(BYTES)), shown(Picture(OTHERS)))
    assert abs(middle - 120) <= 2


def test_below_a_divider_all_images_are_read(swipe: Viewer) -> None:
    for x, y in np.random.default_rng(4).integers(0, (480, 400), (30, 2)):
        if abs(x - 240) < 30 and abs(y - 200) < 30:
            continue  # the divider's own
        column, row = place_of(text := swipe.move(x, y))
        assert (column, row) == (x // 4, y // 4)
        assert read(text) == {"left": str(BYTES[row, column]), "right": str(OTHERS[row, column])}


def test_the_divider_stays_where_it_is_as_the_picture_moves(swipe: Viewer) -> None:
    swipe.press("1")
    expected = [shown(Picture(array), 1) for array in (BYTES, OTHERS)]
    pixels = swipe.pixels()[150:250, 180:300]
    np.testing.assert_array_equal(pixels[:, :58], expected[0][:, :58])
    np.testing.assert_array_equal(pixels[:, 62:], expected[1][:, 62:])
    swipe.drag((200, 300), (240, 300))
    pixels = swipe.pixels()[150:250, 220:340]
    np.testing.assert_array_equal(pixels[:, :18], expected[0][:, :18])
    np.testing.assert_array_equal(pixels[:, 22:], expected[1][:, 22:])


def test_images_of_other_kinds_and_sizes_lie_on_one_another(many: Page) -> None:
    viewer = viewer_of(many, "kinds")
    left, right = shown(Picture(RGB)), shown(Picture(OTHERS[:50, :60]), 8)
    assert divided(viewer.pixels(), left, right) == 240
    column, row = place_of(text := viewer.move(33, 57))
    assert (column, row) == (8, 14)
    value = ", ".join(map(str, RGB[14, 8]))
    assert read(text) == {"left": value, "right": str(OTHERS[7, 4])}
    assert place_of(viewer.move(470, 390)) == (58, 48)  # there the second one is seen


def test_images_lie_where_their_coordinates_say(many: Page) -> None:
    viewer = viewer_of(many, "placed")
    expected = nearest(COARSE, FINE)
    for _ in range(2):
        width, height = viewer.size()
        for x, y in np.random.default_rng(6).integers(0, (width, height), (25, 2)):
            text = viewer.move(x, y)
            if not text.startswith("x ") or abs(x - width / 2) < 30:
                continue
            found = re.match(r"x \d+ \(lon (\d+)\), y \d+ \(lat (\d+)\): ", text)
            if found is None:  # the coarse one's own place, beside the fine one's
                continue
            column, row = int(found[1]), 99 - int(found[2])
            values = read(text)
            assert values["left"] == str(BYTES[row, column])
            value = expected[row, column]
            assert values["right"] == (NOTHING if np.isnan(value) else str(int(value))), text
        mode(viewer, "swipe")
    mode(viewer, "side by side")


# ------------------------------------------------------------------------------- blink

# A row of pixels at each frame, each change once; and whether it is one of the two images'
FRAMES = """(canvas, [frames, rows]) => new Promise(done => {
  const seen = [];
  const look = () => {
    const row = canvas.getContext("2d").getImageData(0, 202, canvas.width, 1).data.join();
    const which = rows.indexOf(row);
    if (which !== seen.at(-1)) seen.push(which);
    if (--frames) requestAnimationFrame(look);
    else done(seen);
  };
  look();
})"""
CHANGES = """([canvas, rows, count]) => {
  const row = canvas.getContext("2d").getImageData(0, 202, canvas.width, 1).data.join();
  const which = rows.indexOf(row);
  const seen = canvas.seen ??= [];
  if (which !== seen.at(-1)) seen.push(which);
  return seen.length >= count && seen;
}"""
ROWS = [
    ",".join(map(str, shown(Picture(array))[202].reshape(-1))) for array in (BYTES, OTHERS, THIRDS)
]


def frames(viewer: Viewer, count: int) -> list[int]:
    """Which images the next frames show, each change once."""
    found: list[int] = viewer.canvas.evaluate(FRAMES, [count, ROWS])
    return found


def changes(viewer: Viewer, count: int) -> list[int]:
    """Which images are shown in turn, until there were so many."""
    canvas = viewer.canvas.element_handle()
    canvas.evaluate("canvas => { canvas.seen = [] }")
    found = viewer.page.wait_for_function(CHANGES, arg=[canvas, ROWS, count], polling="raf")
    seen: list[int] = found.json_value()
    return seen


def in_turn(seen: list[int], pair: tuple[int, int] = (0, 1)) -> bool:
    """Whether changes went to and fro between these two, nothing else in between."""
    return set(seen) == set(pair)


def test_blinking_shows_the_two_in_turn_until_it_is_paused(
    chromium: Chromium, tmp_path: Path
) -> None:
    state = {"mode": "blink", "rate": 25}
    view = View({"left": BYTES, "right": OTHERS}, width=480, state=state)
    with showing(chromium, tmp_path, view) as viewer:
        assert viewer.named("Changes a second").input_value() == "25"
        assert in_turn(changes(viewer, 6))
        pause = viewer.named("Pause (/)")
        assert pause.get_attribute("aria-pressed") == "false"
        pause.click()
        viewer.settle()
        assert pause.get_attribute("aria-pressed") == "true"
        (one,) = frames(viewer, 15)
        viewer.press("x")  # the other one, and again
        assert frames(viewer, 3) == [1 - one]
        texts = {"left": str(BYTES[25, 20]), "right": str(OTHERS[25, 20])}
        assert read(viewer.move(82, 102)) == texts  # both, whichever is seen
        assert viewer.find(".spoken").inner_text() == ["left", "right"][1 - one]
        viewer.click("Exchange the two images (x)")
        assert frames(viewer, 3) == [one]
        viewer.press("/")
        assert pause.get_attribute("aria-pressed") == "false"
        assert in_turn(changes(viewer, 4))
        viewer.press("x")  # which pauses
        assert len(frames(viewer, 15)) == 1
        viewer.press("/")
        viewer.named("Changes a second").fill("0.2")
        viewer.page.keyboard.press("Enter")
        viewer.settle()
        assert len(frames(viewer, 15)) == 1
        viewer.named("Changes a second").fill("20")
        viewer.page.keyboard.press("Enter")
        assert in_turn(changes(viewer, 4))
        mode(viewer, "side by side")
        assert viewer.find(".pane").count() == 2
        mode(viewer, "blink")
        assert in_turn(changes(viewer, 4))


def test_blinking_ends_off_the_page_and_goes_on_as_it_comes_back(
    chromium: Chromium, tmp_path: Path
) -> None:
    state = {"mode": "blink", "rate": 25}
    view = View({"left": BYTES, "right": OTHERS}, width=480, state=state)
    with showing(chromium, tmp_path, view) as viewer:
        assert in_turn(changes(viewer, 3))
        away = """(root, [frames, rows]) => {
          const canvas = root.lastElementChild.shadowRoot.querySelector(".pane canvas");
          const place = root.parentNode;
          root.remove();
          let timers = 0;
          const { setTimeout: own } = window;
          window.setTimeout = (...all) => { timers++; return own(...all); };
          return new Promise(done => own(() => {
            const late = timers;
            own(() => { window.setTimeout = own; place.append(root); done(timers - late); }, 150);
          }, 150));
        }"""
        assert viewer.root.evaluate(away, [10, ROWS]) == 0
        assert in_turn(changes(viewer, 4))


def test_whoever_prefers_reduced_motion_sees_no_blinking_unasked(
    chromium: Chromium, tmp_path: Path
) -> None:
    state = {"mode": "blink", "rate": 25}
    view = View({"left": BYTES, "right": OTHERS}, width=480, state=state)
    page = opened(chromium, "about:blank")
    page.emulate_media(reduced_motion="reduce")
    page.goto(saved(tmp_path, view))
    viewer = Viewer(page)
    assert frames(viewer, 15) == [0]
    assert viewer.named("Pause (/)").get_attribute("aria-pressed") == "true"
    viewer.press("x")
    assert frames(viewer, 15) == [1]
    viewer.named("Pause (/)").click()
    assert in_turn(changes(viewer, 4))
    assert page.wrong == []  # type: ignore[attr-defined]
    page.context.close()


# ---------------------------------------------------------------------------- difference


def palette_of(difference: np.ndarray, share: float | None, absolute: bool) -> Picture:
    """What a difference looks like; its last colors are at a share of the largest one.

    Or at first those of the 99.5th percentile.
    """
    sizes = np.abs(difference[np.isfinite(difference)]).astype(float)
    limit = np.percentile(sizes, 99.5) or sizes.max()
    limit = limit if share is None else share * sizes.max()
    values = np.abs(difference) if absolute else difference
    if difference.ndim == 3:
        return Picture(values, 0 if absolute else -limit, limit)
    cmap = "magma" if absolute else "RdBu_r"
    return Picture(values, 0 if absolute else -limit, limit, cmap=cmap)


@pytest.mark.parametrize("name", PAIRS)
def test_a_differences_pixels_and_numbers_are_numpys(name: str, differing: Page) -> None:
    a, _, b = PAIRS[name]
    viewer = Viewer(differing, list(PAIRS).index(name))
    mode(viewer, "difference")
    viewer.press("0")
    difference, expected = less(a, b), numbers(a, b)
    flipped = name in ("from the south", "by coordinates from other ends")
    if difference.dtype == np.float64 and np.asarray(a).dtype == np.float32:
        difference = difference.astype(np.float32)
    for absolute in (False, True):
        pixels = shown(palette_of(difference, None, absolute))
        np.testing.assert_array_equal(viewer.pixels(), pixels[::-1] if flipped else pixels)
        title = viewer.find(".pane .name").inner_text()
        assert title == ("|a − b|" if absolute else "a − b")
        for x, y in np.random.default_rng(absolute).integers(0, (480, 400), (12, 2)):
            column, row = place_of(text := viewer.move(x, y))
            texts, value = read(text), difference[row, column]
            assert list(texts) == ["a", "b", title]
            assert alike(texts["a"], np.asarray(a)[row, column])
            assert texts["b"] == NOTHING or alike(texts["b"], b[row, column])
            assert alike(texts[title], np.abs(value) if absolute else value)
            apart = name in PLACED and np.isnan(b[row, column])
            assert (texts["b"] == NOTHING) == apart
        viewer.click("Copy the numbers as Python")
        copied = eval(viewer.copied())
        assert copied.pop("images") == ["a", "b"]
        assert copied.pop("index") == {}
        row, column = copied.pop("at")
        assert np.nanmax(np.abs(difference[row, column])) == pytest.approx(copied["max"])
        assert copied.keys() == expected.keys()
        assert copied == pytest.approx(expected, rel=1e-10)
        said = viewer.find(".differences").inner_text().replace("−", "-")
        for key, value in expected.items():
            found = re.search(rf"\b{key} (-?[\d.]+(?:e[+-]?\d+)?)\b", said, re.IGNORECASE)
            assert found, (key, said)
            assert math.isclose(float(found[1]), value, rel_tol=1e-5, abs_tol=1e-12), key
        largest = viewer.find(".differences button").first
        assert largest.inner_text().endswith(f"at x {column}, y {row}")
        largest.click()
        viewer.settle()
        pinned = str(viewer.find(".pinned .reading").evaluate(READING))
        assert place_of(pinned) == (column, row)
        viewer.press("Escape")
        mode(viewer, "|difference|")


@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("name", ["uint8", "missing", "colors"])
def test_a_smaller_range_shows_smaller_differences(
    name: str, absolute: bool, differing: Page
) -> None:
    a, _, b = PAIRS[name]
    viewer = Viewer(differing, list(PAIRS).index(name))
    mode(viewer, "|difference|" if absolute else "difference")
    viewer.press("0")
    difference = less(a, b)
    if name == "missing":
        difference = difference.astype(np.float32)
    control = viewer.find(".differences input")
    for key in ("End", "PageDown", "ArrowLeft", "Home"):
        control.press(key)
        viewer.settle()
        share = 10 ** float(control.input_value())
        expected = shown(palette_of(difference, share, absolute))
        off = np.abs(viewer.pixels().astype(int) - expected).max(2) > 0
        assert off.mean() < 1e-3, share  # a limit is not the same to the last digit
        top = share * np.nanmax(np.abs(np.where(np.isfinite(difference), difference, 0)))
        last = viewer.find(".differences output").nth(1).inner_text()
        assert float(last) == pytest.approx(top, rel=1e-5)
    viewer.click("99.5 %")


def test_the_first_range_leaves_out_the_largest_half_percent_and_can_have_it(
    chromium: Chromium, tmp_path: Path
) -> None:
    first = RANDOM.normal(size=SHAPE)
    second = first + RANDOM.normal(size=SHAPE) / 25
    second[30, 40] = 700
    view = View({"a": first, "b": second}, width=480, height=418, state={"mode": "difference"})
    with showing(chromium, tmp_path, view) as viewer:
        viewer.press("0")
        difference = (first.astype(np.float32) - second.astype(np.float32)).astype(np.float32)
        usual = f"{np.percentile(np.abs(difference).astype(float), 99.5):.3g}"
        largest = f"{np.abs(difference).max():.3g}"
        span = viewer.find(".differences label output").last
        for absolute in (False, True):
            sign = "up to " if absolute else "±"
            mode(viewer, "|difference|" if absolute else "difference")
            for text, share, press in (
                (f"{sign}{usual} (99.5 %)", None, "full range"),
                (f"{sign}{largest}", 1, "99.5 %"),
            ):
                assert span.inner_text() == text
                assert viewer.named("Range").get_attribute("aria-valuetext") == text
                expected = shown(palette_of(difference, share, absolute))
                off = np.abs(viewer.pixels().astype(int) - expected).max(2) > 0
                assert off.mean() < 1e-3, text
                viewer.button(press).click()
                viewer.settle()
        viewer.named("Range").press("End")
        assert span.inner_text() == f"up to {largest}"


def test_few_differences_among_none_are_seen(chromium: Chromium, tmp_path: Path) -> None:
    second = FLOATS.copy()
    second[7, 9] += 2
    view = View({"a": FLOATS, "b": second}, state={"mode": "absolute"})
    with showing(chromium, tmp_path, view) as viewer:
        assert viewer.find(".differences label output").last.inner_text() == "up to 2"
        assert not viewer.button("full range").is_visible()


def test_exchanged_a_difference_has_the_other_sign(differing: Page) -> None:
    viewer = Viewer(differing, list(PAIRS).index("uint8"))
    mode(viewer, "difference")
    viewer.press("0")
    for first, second, title in ((OTHERS, BYTES, "b − a"), (BYTES, OTHERS, "a − b")):
        viewer.press("x")
        assert viewer.find(".pane .name").inner_text() == title
        expected = shown(palette_of(less(first, second), None, False))
        np.testing.assert_array_equal(viewer.pixels(), expected)


def test_what_is_the_same_is_called_identical(chromium: Chromium, tmp_path: Path) -> None:
    state = {"mode": "difference"}
    pairs = {
        "bytes": (BYTES, BYTES.copy()),
        "missing": (HOLES, HOLES.copy()),
        "almost": (LARGE, LARGE + (np.arange(LARGE.size).reshape(SHAPE) == 777)),
        "nothing": (np.full(SHAPE, np.nan), FLOATS),
        "unmatched": (np.where(FLOATS > 3, np.nan, FLOATS), FLOATS),
    }
    views = [View({"a": a, "b": b}, width=240, state=state) for a, b in pairs.values()]
    with showing(chromium, tmp_path, *views) as viewer:
        for i, name in enumerate(pairs):
            viewer = Viewer(viewer.page, i)
            said = viewer.find(".differences").inner_text()
            assert ("identical" in said) == (name in ("bytes", "missing")), (name, said)
            assert ("PSNR ∞ dB" in said) == (name in ("bytes", "missing", "unmatched"))
            assert ("nothing in common" in said) == (name == "nothing")
            assert ("max 1 at x 57, y 6" in said) == (name == "almost")
            assert ("unmatched" in said) == (name == "unmatched")


def test_composites_differ_by_the_sum_of_their_channels_that_are_on(
    chromium: Chromium, tmp_path: Path
) -> None:
    first, second = (RANDOM.integers(0, 4096, (3, *SHAPE), np.uint16) for _ in range(2))
    state = {"mode": "absolute", "panels": ["compare", "contrast"]}
    view = View(
        {"a": first, "b": second}, channels=["p", "q", "r"], width=480, height=418, state=state
    )
    with showing(chromium, tmp_path, view) as viewer:
        difference = np.abs(first.astype(int) - second)
        expected = shown(palette_of(difference.sum(0).astype(float), None, True))
        np.testing.assert_array_equal(viewer.pixels(), expected)
        first_values = ", ".join(f"{n} {v}" for n, v in zip("pqr", first[:, 7, 12], strict=True))
        text = viewer.move(50, 30)
        assert f" a {first_values}, b " in text
        assert text.endswith(f"|a − b|: {difference[:, 7, 12].sum()}")
        viewer.root.get_by_role("checkbox", name="q").first.uncheck()
        viewer.settle()
        expected = shown(palette_of(difference[[0, 2]].sum(0).astype(float), None, True))
        np.testing.assert_array_equal(viewer.pixels(), expected)


# ---------------------------------------------------------------- more images, planes, start


def test_of_more_images_any_two_are_compared(many: Page) -> None:
    viewer = viewer_of(many, "three")
    names = [f"image {i}" for i in range(3)]
    assert viewer.find(".pane .name").all_inner_texts() == names
    width, height = viewer.size(2)
    column, row = place_of(text := viewer.move(width / 2 - 9, height / 2 + 5, 2))
    values = [str(array[row, column]) for array in (BYTES, OTHERS, THIRDS)]
    assert read(text) == dict(zip(names, values, strict=True))
    mode(viewer, "difference")
    assert viewer.find(".pane .name").inner_text() == "image 0 − image 1"
    choose(viewer, "Image 2", "image 2")
    assert viewer.find(".pane .name").inner_text() == "image 0 − image 2"
    choose(viewer, "Image 1", "image 2")  # the two are exchanged
    assert viewer.find(".pane .name").inner_text() == "image 2 − image 0"
    width, height = viewer.size()
    column, row = place_of(text := viewer.move(width / 2 - 9, height / 2 + 5))
    texts = read(text)
    assert list(texts) == ["image 2", "image 0", "image 2 − image 0"]
    assert same(texts["image 2 − image 0"], less(THIRDS, BYTES)[row, column])
    choose(viewer, "Image 1", "image 1")
    viewer.click("Copy the numbers as Python")
    copied = eval(viewer.copied())
    assert copied["images"] == ["image 1", "image 0"]
    assert copied["mean"] == pytest.approx(less(OTHERS, BYTES).mean(), rel=1e-9)
    mode(viewer, "side by side")
    assert not viewer.named("Image 1").is_visible()
    assert viewer.find(".pane").count() == 3


def test_all_ways_of_comparing_come_by_one_key(many: Page) -> None:
    viewer = viewer_of(many, "swipe")
    mode(viewer, "side by side")
    chosen = viewer.named("How to compare (m)")
    seen = []
    for _ in range(9):
        seen.append(chosen.locator("option:checked").inner_text())
        panes = {"side by side": 2}.get(seen[-1], 1)
        assert viewer.find(".pane").count() == panes
        divider, differs = viewer.named("Divider"), viewer.find(".differences")
        assert divider.is_visible() == (seen[-1] == "swipe")
        assert differs.is_visible() == (seen[-1] not in ("side by side", "swipe", "blink"))
        assert viewer.named("Pause (/)").is_visible() == (seen[-1] == "blink")
        many.keyboard.press("m")  # the pane has the focus still
        viewer.settle()
    modes = ["side by side", "swipe", "blink", "difference", "|difference|"]
    modes += ["relative difference", "SSIM", "FLIP"]
    assert seen == [*modes, modes[0]]


def in_halves(pixels: np.ndarray, left: np.ndarray, right: np.ndarray) -> bool:
    return np.array_equal(pixels[:, :58], left) and np.array_equal(pixels[:, 62:], right)


def test_planes_of_stacks_are_compared_at_the_same_place(many: Page) -> None:
    viewer = viewer_of(many, "stacks")
    slider = viewer.named("axis 0")
    for index in (0, 3, 4):
        while int(slider.input_value()) < index:
            slider.press("ArrowRight")
        mode(viewer, "swipe")
        viewer.press("1")
        left, right = STACK[index], STACK[::-1][index]
        halves = shown(Picture(left), 1)[:, :58], shown(Picture(right), 1)[:, 62:]

        def swiped(halves: Any = halves) -> bool:
            return in_halves(viewer.pixels()[150:250, 180:300], *halves)

        wait_for(swiped, many)
        mode(viewer, "difference")
        pixels = viewer.pixels()
        found = pixels[pixels[..., 3] > 0].reshape(*SHAPE, 4)
        expected = shown(palette_of(less(left, right), None, False), 1)
        np.testing.assert_array_equal(found, expected)
        viewer.click("Copy the numbers as Python")
        copied = eval(viewer.copied())
        assert copied["index"] == {"axis 0": index}
        assert copied["mae"] == pytest.approx(np.abs(less(left, right)).mean(), rel=1e-9)


def test_a_page_begins_as_it_was_told(many: Page) -> None:
    viewer = viewer_of(many, "start")
    assert viewer.named("How to compare (m)").locator("option:checked").inner_text() == "swipe"
    left, right = shown(Picture(THIRDS)), shown(Picture(BYTES))
    assert divided(viewer.pixels(), left, right) == 120
    mode(viewer, "blink")
    assert viewer.named("Changes a second").input_value() == "7"
    assert changes(viewer, 4)[-3:] in ([2, 0, 1], [0, 1, 2], [1, 2, 0])  # all of them
    mode(viewer, "swipe")


def test_a_page_made_of_its_own_copy_begins_the_same(many: Page) -> None:
    viewer = viewer_of(many, "start")
    viewer.named("Divider").press("Home")
    viewer.save("Copy view as Python")
    copied = eval(f"dict({viewer.copied()})")
    again = View({"a": BYTES, "b": OTHERS, "c": THIRDS}, **copied)
    assert again.state["mode"] == "swipe"
    assert again.state["pair"] == [2, 0]
    assert again.state["swipe"] == 0
