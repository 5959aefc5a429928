"""Line profiles and regions in a real browser: the values and numbers that NumPy has there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from playwright.sync_api import Locator, Page

from nbimage import View
from tests.e2e.explorer import Viewer, opened, same, saved, showing
from tests.e2e.harness import Chromium

RANDOM = np.random.default_rng(31)
SHAPE = 100, 120
NOTHING, DIFFERENCE = "\N{EN DASH}", "a − b"
BYTES, OTHERS = (RANDOM.integers(0, 256, SHAPE, np.uint8) for _ in range(2))
FLOATS = RANDOM.normal(size=SHAPE).astype(np.float32)
DOUBLES = RANDOM.normal(size=SHAPE) * 1e9
LARGE = RANDOM.integers(2**60, 2**60 + 999, SHAPE)
HOLES = FLOATS.copy()
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
HOLES.flat[5::13] = -np.inf
RGB = RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8)
PLANAR = np.ascontiguousarray(np.moveaxis(RGB, -1, 0))
STACK = RANDOM.integers(0, 999, (6, *SHAPE), np.uint16)
TURNED = RANDOM.integers(0, 999, (120, 2, 100, 3, 2), np.uint16)
CHANNELS = RANDOM.integers(0, 4096, (3, *SHAPE), np.uint16)
SMALL, TALL = OTHERS[:50, :60], OTHERS[:90, :40]
LAT, LON = np.linspace(-5, 94, 100), np.linspace(0, 59.5, 120)
UPWARD = xarray.DataArray(
    FLOATS,
    dims=("lat", "lon"),
    coords={
        "lat": ("lat", LAT, {"units": "degrees_north"}),
        "lon": ("lon", LON, {"units": "degrees_east"}),
    },
    name="height",
    attrs={"units": "m"},
)
FEWER = UPWARD[::-2, 1::2]  # other places, and from the north


class Case:
    """What is shown, and the subjects that are measured of it, each ``(rows, columns)``."""

    def __init__(self, data: Any, subjects: dict[str, np.ndarray], **options: Any) -> None:
        self.data, self.subjects, self.options = data, subjects, options

    @property
    def view(self) -> View:
        return View(self.data, exact=True, width=480, **self.options)

    @property
    def copied_from(self) -> Any:
        """What copied code indexes: arrays as NumPy's own."""
        if isinstance(self.data, dict):
            return {name: np.asarray(array) for name, array in self.data.items()}
        return self.data if isinstance(self.data, list) else np.asarray(self.data)


def colors(array: np.ndarray) -> dict[str, np.ndarray]:
    return {name: array[..., i] for i, name in enumerate(("red", "green", "blue"))}


START = {"line": ((3, 7), (81, 99)), "roi": np.s_[8:70, 11:93]}
PLACE = START | {"index": {"axis 0": 4}}
SOUTH = np.asarray(UPWARD)
CASES: dict[str, Case] = {
    "uint8": Case(BYTES, {"": BYTES}, state=START),
    "float32": Case(FLOATS, {"": FLOATS}, state=START),
    "float64": Case(DOUBLES, {"": DOUBLES}, state=START),
    "int64": Case(LARGE, {"": LARGE}, state=START),
    "missing": Case(HOLES, {"": HOLES}, state=START),
    "colors": Case(RGB, colors(RGB), state=START),
    "planar": Case(PLANAR, colors(RGB), state=START),
    "stack": Case(STACK, {"": STACK[4]}, state=PLACE),
    "facets": Case(STACK, {f"axis 0 = {i}": STACK[i] for i in range(6)}, state=START, facet=0),
    "volume": Case(STACK, {"x, y": STACK[4]}, state=PLACE, ortho=True),
    "turned": Case(
        TURNED,
        colors(TURNED[:, 1, :, :, 0].swapaxes(0, 1)),
        axes="xtycz",
        state=START | {"index": {"t": 1}},
    ),
    "channels": Case(
        CHANNELS,
        dict(zip("pqr", CHANNELS, strict=True)),
        channels=["p", "q", "r"],
        state=START,
    ),
    "from the south": Case(UPWARD, {"": SOUTH}, state=START),
    "side by side": Case(
        {"a": BYTES, "b": FLOATS}, {"a": BYTES, "b": FLOATS}, state=START, shared=False
    ),
    "listed": Case([BYTES, OTHERS], {"image 0": BYTES, "image 1": OTHERS}, state=START),
    "swipe": Case(
        {"a": RGB, "b": BYTES},
        {f"a {name}": array for name, array in colors(RGB).items()} | {"b": BYTES},
        state=START | {"mode": "swipe"},
    ),
    "flicker": Case(
        {"a": BYTES, "b": STACK[0], "c": OTHERS},
        {"c": OTHERS, "a": BYTES},
        state=START | {"mode": "flicker", "pair": ("c", "a")},
    ),
    "difference": Case(
        {"a": BYTES, "b": OTHERS},
        {"a": BYTES, "b": OTHERS, DIFFERENCE: BYTES.astype(float) - OTHERS},
        state=START | {"mode": "difference"},
    ),
}
# Where the second image has samples of its own: what is copied of it is compared
PLACED: dict[str, Case] = {
    "smaller": Case({"a": BYTES, "b": SMALL}, {"a": BYTES, "b": SMALL}, state=START),
    "narrower": Case({"a": BYTES, "b": TALL}, {"a": BYTES, "b": TALL}, state=START),
    "by coordinates": Case(
        {"a": UPWARD, "b": FEWER}, {"a": SOUTH, "b": np.asarray(FEWER)}, state=START
    ),
}
ALL = CASES | PLACED


@pytest.fixture(scope="module")
def many(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One page of all cases; it may read the clipboard."""
    chromium.external.clear()
    views = (case.view for case in ALL.values())
    page = opened(chromium, saved(tmp_path_factory.mktemp("many"), *views))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield page
    assert page.wrong == []  # type: ignore[attr-defined]
    assert chromium.external == []
    page.context.close()


@pytest.fixture
def viewer(chromium: Chromium, tmp_path: Path) -> Iterator[Viewer]:
    """A picture of four pixels a sample, nothing measured there as yet."""
    with showing(chromium, tmp_path, View(BYTES, width=480)) as viewer:
        viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield viewer


def viewer_of(page: Page, name: str) -> Viewer:
    return Viewer(page, list(ALL).index(name))


def section(viewer: Viewer, kind: str) -> Locator:
    return viewer.find("section").filter(has=viewer.page.get_by_label(f"{kind} x0", exact=True))


def ends(viewer: Viewer, kind: str) -> list[float]:
    """The numbers x0, y0, x1, y1 as the controls have them."""
    return [float(viewer.named(f"{kind} {end}").input_value()) for end in ("x0", "y0", "x1", "y1")]


SET = """(section, numbers) => {
  section.querySelectorAll("[type=number]").forEach((one, i) => { one.value = numbers[i]; });
  section.dispatchEvent(new Event("change"));
}"""


def put(viewer: Viewer, kind: str, *numbers: float) -> None:
    section(viewer, kind).evaluate(SET, [float(number) for number in numbers])
    measured(viewer)


def type_in(viewer: Viewer, control: str, text: str) -> None:
    viewer.named(control).fill(text)
    viewer.page.keyboard.press("Enter")
    measured(viewer)


def measured(viewer: Viewer) -> None:
    """Wait until what is written is what is drawn."""
    for _ in range(2):
        viewer.settle()


def copied(viewer: Viewer, kind: str) -> str:
    section(viewer, kind).get_by_role("button", name="copy").click()
    viewer.settle()
    return viewer.copied()


def evaluated(code: str, data: Any) -> list[np.ndarray]:
    """What each line of copied code is that is no assignment."""
    names: dict[str, Any] = {"np": np, "data": data}
    found = []
    for line in code.splitlines():
        if "=" in line:
            exec(line, names)
        else:
            found.append(eval(line, names))
    return found


def flat(found: list[np.ndarray], count: int) -> list[np.ndarray]:
    """The values along a line, of each subject by itself."""
    curves: list[np.ndarray] = []
    for values in found:
        along = values.shape.index(count)
        curves += list(np.moveaxis(values, along, -1).reshape(-1, count))
    return curves


PROFILE = """section => {
  const [along, legend] = [section.querySelector("[type=range]"), section.querySelector(".curves")];
  const texts = [];
  for (let i = 0; i <= +along.max; i++) {
    along.value = i;
    along.dispatchEvent(new Event("input"));
    texts.push([...legend.children].map(one => one.innerText));
  }
  const [most, least] = section.querySelector(".profile").innerText.trim().split(/\\s+/);
  const paths = [...section.querySelectorAll("path")].map(path => path.getAttribute("d"));
  along.dispatchEvent(new Event("blur"));
  return { texts, paths, most, least };
}"""


def profile(viewer: Viewer, names: list[str], unit: str = "") -> tuple[dict[str, Any], list[Any]]:
    """What the plot has, and the texts of the values along each of its curves."""
    told = section(viewer, "line").evaluate(PROFILE)
    curves: list[list[str]] = [[] for _ in names]
    for texts in told["texts"]:
        assert len(texts) == len(names)
        for curve, name, text in zip(curves, names, texts, strict=True):
            found = re.fullmatch(rf"(?:[━╍┉] )?{re.escape(name)} ?(\S+) ?{unit}", text.strip())
            assert found, (text, name)
            curve.append(found[1])
    return told, curves


def drawn(path: str, count: int) -> np.ndarray:
    """How far down a curve is at each sample, NaN where it has a gap."""
    down = np.full(count, np.nan)
    last = None
    for kind, x, y in re.findall(r"([ML])(\d+) (-?[\d.]+)", path):
        assert (kind == "L") == (last == int(x) - 1)  # a gap where some are missing, no other
        last = int(x)
        down[last] = float(y)
    return down


TABLE = """section => [...section.querySelectorAll("tr")].map(
  row => [...row.cells].map(cell => cell.innerText))"""


def statistics(viewer: Viewer) -> dict[str, list[str]]:
    """The table's rows by their names: count, min, max, mean and std."""
    table = section(viewer, "region").evaluate(TABLE)
    assert table[0] == ["", "count", "min", "max", "mean", "std"]
    return {name: texts for name, *texts in table[1:]}


def check_statistics(texts: list[str], part: np.ndarray) -> None:
    values = part[np.isfinite(part)]
    count, least, most, mean, std = texts
    missing = part.size - values.size
    assert count == f"{values.size} ({missing} missing)" if missing else str(values.size)
    assert same(least, values.min())
    assert same(most, values.max())
    if part.dtype == np.int64:
        assert int(mean) == int((values - 2**60).mean().round()) + 2**60
        assert float(std) == pytest.approx((values - 2**60).std(), rel=1e-9)
    else:
        wide = values.astype(np.float64)
        assert float(mean) == pytest.approx(wide.mean(), rel=1e-9)
        assert float(std) == pytest.approx(wide.std(), rel=1e-9)


# -------------------------------------------------------------------------- what is measured


@pytest.mark.parametrize("name", CASES)
def test_a_profile_has_the_values_of_the_code_that_is_copied(name: str, many: Page) -> None:
    case, viewer = CASES[name], viewer_of(many, name)
    random = np.random.default_rng(2)
    unit = "m" if name == "from the south" else ""
    lines = [(7, 3, 99, 81), (119, 99, 0, 0), (50, 20, 50, 20)]
    lines += [tuple(random.integers(0, (120, 100) * 2)) for _ in range(2)]
    for x0, y0, x1, y1 in lines:
        if ends(viewer, "line") != [x0, y0, x1, y1]:
            put(viewer, "line", x0, y0, x1, y1)
        assert ends(viewer, "line") == [x0, y0, x1, y1]
        count = int(np.ceil(np.hypot(x1 - x0, y1 - y0))) + 1
        ys, xs = (np.linspace(*e, count).round().astype(int) for e in ((y0, y1), (x0, x1)))
        expected = {key: array[ys, xs] for key, array in case.subjects.items()}
        told, curves = profile(viewer, list(expected), unit)
        for texts, values in zip(curves, expected.values(), strict=True):
            assert len(texts) == count
            assert all(map(same, texts, values))
        finite = np.concatenate([values[np.isfinite(values)] for values in expected.values()])
        low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
        if not finite.size:
            assert told["least"] == told["most"] == NOTHING
        elif len({values.dtype for values in expected.values()}) == 1:
            assert same(told["least"], low)
            assert same(told["most"], high)
        base = int(low) if name == "int64" else 0
        for path, values in zip(told["paths"], expected.values(), strict=True):
            heights = np.where(np.isfinite(values), values - base, np.nan).astype(float)
            span = float(high - base) - float(low - base)
            down = 84 * (float(high - base) - heights) / span if span else heights - heights + 42
            np.testing.assert_allclose(drawn(path, count), down, atol=0.006)
        code = copied(viewer, "line")
        expected.pop(DIFFERENCE, None)
        again = flat(evaluated(code, case.copied_from), count)
        assert len(again) == len(expected)
        for values, texts in zip(again, expected.values(), strict=True):
            np.testing.assert_array_equal(values, texts)


@pytest.mark.parametrize("name", CASES)
def test_a_region_has_the_numbers_that_numpy_has_of_it(name: str, many: Page) -> None:
    case, viewer = CASES[name], viewer_of(many, name)
    random = np.random.default_rng(5)
    boxes = [(11, 8, 93, 70), (0, 0, 120, 100)]
    for _ in range(3):
        (x0, x1), (y0, y1) = (sorted(random.choice(n, 2, replace=False)) for n in SHAPE[::-1])
        boxes.append((x0, y0, x1 + 2, y1 + 2))
    for x0, y0, x1, y1 in boxes:
        x1, y1 = min(x1, 120), min(y1, 100)
        if ends(viewer, "region") != [x0, y0, x1, y1]:
            put(viewer, "region", x0, y0, x1, y1)
        assert ends(viewer, "region") == [x0, y0, x1, y1]
        expected = {key: array[y0:y1, x0:x1] for key, array in case.subjects.items()}
        table = statistics(viewer)
        assert list(table) == list(expected)
        for key, part in expected.items():
            check_statistics(table[key], part)
        found = evaluated(copied(viewer, "region"), case.copied_from)
        parts = [part for key, part in expected.items() if key != DIFFERENCE]
        np.testing.assert_array_equal(in_order(found), in_order(parts))


def in_order(parts: list[np.ndarray]) -> np.ndarray:
    return np.sort(np.concatenate([part.reshape(-1) for part in parts]))


# World to samples of the second image: its first sample's edge and how long a sample is
EDGES = {
    "smaller": ((0, 2), (0, 2)),
    "narrower": (((120 - 40 / 0.9) / 2, 1 / 0.9), (0, 1 / 0.9)),
    "by coordinates": ((0.5, 2), (-0.5, 2)),  # rows of both from the north
}


@pytest.mark.parametrize("name", PLACED)
def test_each_image_is_measured_in_its_own_samples(name: str, many: Page) -> None:
    case, viewer = PLACED[name], viewer_of(many, name)
    south = name == "by coordinates"
    unit = "m" if south else ""
    (left, across), (top, down) = EDGES[name]
    (_, first), (_, second) = case.subjects.items()
    for x0, y0, x1, y1 in [(7, 3, 99, 81), (60, 97, 51, 5), (2, 50, 117, 50)]:
        put(viewer, "line", x0, y0, x1, y1)
        count = int(np.ceil(np.hypot(x1 - x0, y1 - y0))) + 1
        _, curves = profile(viewer, list(case.subjects), unit)
        code = copied(viewer, "line")
        one, other = evaluated(code, case.copied_from) if not outside(name, x0, x1) else (None, [])
        if one is not None:
            for values, texts in zip((one, other), curves, strict=True):
                assert all(map(same, texts, values))
        ys, xs = (np.linspace(*e, count).round().astype(int) for e in ((y0, y1), (x0, x1)))
        assert all(map(same, curves[0], first[ys, xs]))
        shown_rows = 99 - ys if south else ys
        columns = np.floor((xs + 0.5 - left) / across).astype(int)
        rows = np.floor((shown_rows + 0.5 - top) / down).astype(int)
        there = (columns >= 0) & (columns < second.shape[1]) & (rows >= 0)
        for i in np.flatnonzero(there & (rows < second.shape[0])):
            near = second[
                max(rows[i] - 1, 0) : rows[i] + 2,
                max(columns[i] - 1, 0) : columns[i] + 2,
            ]
            text = curves[1][i]
            assert text == NOTHING or any(same(text, value) for value in near.flat)


def outside(name: str, *columns: int) -> bool:
    """Whether a line leaves the second image."""
    return name == "narrower" and (min(columns) < 38 or max(columns) > 81)


@pytest.mark.parametrize("name", PLACED)
def test_each_images_region_is_of_its_own_samples(name: str, many: Page) -> None:
    case, viewer = PLACED[name], viewer_of(many, name)
    (left, across), (top, down) = EDGES[name]
    for x0, y0, x1, y1 in [(11, 8, 93, 70), (40, 20, 81, 90), (0, 0, 120, 100)]:
        put(viewer, "region", x0, y0, x1, y1)
        table = statistics(viewer)
        found = evaluated(copied(viewer, "region"), case.copied_from)
        assert list(table) == ["a", "b"]
        for texts, part in zip(table.values(), found, strict=True):
            check_statistics(texts, part)
        if name == "by coordinates":
            y0, y1 = 100 - y1, 100 - y0
        second = case.subjects["b"]
        size = second.shape
        rows = [np.clip((y - top) / down, 0, size[0]) for y in (y0, y1)]
        columns = [np.clip((x - left) / across, 0, size[1]) for x in (x0, x1)]
        assert abs(found[1].shape[0] - (rows[1] - rows[0])) <= 1
        assert abs(found[1].shape[1] - (columns[1] - columns[0])) <= 1
        near = second[round(rows[0]) : round(rows[1]), round(columns[0]) : round(columns[1])]
        assert np.isin(near[1:-1, 1:-1], found[1]).all()


# --------------------------------------------------------------------------- by mouse and keys


def tool(viewer: Viewer, name: str) -> None:
    """Take a tool, or lay it down."""
    viewer.click(name)


def pressed(viewer: Viewer, name: str) -> bool:
    return viewer.button(name).get_attribute("aria-pressed") == "true"


def centre(x: float, y: float) -> tuple[float, float]:
    """A sample's centre in the pane."""
    return 4 * x + 2, 4 * y + 2


def test_a_line_is_drawn_by_the_mouse_and_moved_by_its_ends(viewer: Viewer) -> None:
    assert not viewer.find("section").first.is_visible()
    tool(viewer, "line")
    assert pressed(viewer, "line")
    assert not pressed(viewer, "region")
    before = viewer.pixels()
    viewer.drag(centre(10, 20), centre(60, 50), centre(70, 80))
    assert ends(viewer, "line") == [10, 20, 70, 80]
    viewer.drag(centre(70, 80), centre(90, 30))  # its end
    assert ends(viewer, "line") == [10, 20, 90, 30]
    viewer.drag(centre(11, 21), centre(5, 5))  # near its beginning
    assert ends(viewer, "line") == [5, 5, 90, 30]
    viewer.drag(centre(60, 70), centre(30, 71))  # elsewhere: another one
    assert ends(viewer, "line") == [60, 70, 30, 71]
    viewer.drag(centre(30, 71), (-30, 700))  # to beyond the corner
    assert ends(viewer, "line") == [60, 70, 0, 99]
    marked = (viewer.pixels() != before).any(2)
    ys, xs = np.nonzero(marked)
    assert 0 < marked.mean() < 0.05  # it is seen, and all else as before
    assert (abs(xs - 4 * (60 - (ys - 282) / 4 * 60 / 29) - 2) < 16).all()
    assert viewer.percent() == 400
    viewer.canvas.click(position={"x": 300, "y": 100})  # a click draws nothing
    assert ends(viewer, "line") == [60, 70, 0, 99]
    tool(viewer, "line")
    assert not pressed(viewer, "line")
    viewer.drag((100, 100), (160, 140))  # now the picture moves
    assert ends(viewer, "line") == [60, 70, 0, 99]
    assert (viewer.pixels()[:, :60, 3] == 0).all()


def test_a_region_is_drawn_by_the_mouse_and_moved_by_it(viewer: Viewer) -> None:
    tool(viewer, "region")
    viewer.drag(centre(70, 60), centre(30, 20), centre(20, 40))
    assert ends(viewer, "region") == [20, 40, 71, 61]  # all samples that it touches
    viewer.drag((284, 244), centre(90, 80))  # its lower right corner
    assert ends(viewer, "region") == [20, 40, 91, 81]
    viewer.drag((80, 324), centre(10, 89))  # its lower left one
    assert ends(viewer, "region") == [10, 40, 91, 90]
    viewer.drag((364, 160), centre(5, 95))  # its upper right one, to beyond the other ones
    x0, y0, x1, y1 = ends(viewer, "region")
    assert (x0, x1) == (5, 10)
    assert (y0, y1) == (90, 96)
    viewer.drag(centre(7, 93), centre(27, 53))  # inside: all of it moves
    assert ends(viewer, "region") == [25, 50, 30, 56]
    viewer.drag(centre(27, 53), (-99, -99))  # to the picture's corner, as large as before
    assert ends(viewer, "region") == [0, 0, 5, 6]
    check_statistics(statistics(viewer)[""], BYTES[0:6, 0:5])
    viewer.drag(centre(40, 50), centre(60, 70))  # elsewhere: another one
    assert ends(viewer, "region") == [40, 50, 61, 71]
    check_statistics(statistics(viewer)[""], BYTES[50:71, 40:61])


@pytest.mark.parametrize(("kind", "key"), [("line", "l"), ("region", "b")])
def test_all_is_done_by_keys_alone(viewer: Viewer, kind: str, key: str) -> None:
    viewer.press(key)
    assert pressed(viewer, kind)
    x0, y0, x1, y1 = ends(viewer, kind)
    assert 0 < x0 < x1 < 120  # in the middle of what is seen
    assert 0 < y0 < y1 < 100
    assert abs(x0 + x1 - 120) <= 2
    assert abs(y0 + y1 - 100) <= 2
    control = viewer.named(f"{kind} x0")
    control.focus()
    viewer.page.keyboard.press("ArrowUp")
    measured(viewer)
    assert ends(viewer, kind) == [x0 + 1, y0, x1, y1]
    for end, number in (("x1", "110"), ("y1", "77"), ("x0", "3"), ("y0", "5")):
        type_in(viewer, f"{kind} {end}", number)
    assert ends(viewer, kind) == [3, 5, 110, 77]
    type_in(viewer, f"{kind} x0", "-50")  # as far as there are samples
    assert ends(viewer, kind) == [0, 5, 110, 77]
    type_in(viewer, f"{kind} x0", "")
    assert all(np.isfinite(ends(viewer, kind)))
    viewer.press(key)
    assert not pressed(viewer, kind)
    assert viewer.named(f"{kind} x0").is_visible()
    viewer.press("Escape")
    assert not viewer.named(f"{kind} x0").is_visible()
    assert viewer.canvas.evaluate("c => c.getRootNode().activeElement === c")
    viewer.press(key, key)
    assert viewer.named(f"{kind} x0").is_visible()
    viewer.click("clear")
    assert not viewer.named(f"{kind} x0").is_visible()


def test_one_tool_at_a_time_and_what_is_drawn_stays(viewer: Viewer) -> None:
    before = viewer.pixels()
    viewer.press("l")
    put(viewer, "line", 10, 10, 90, 60)
    viewer.press("b")
    assert not pressed(viewer, "line")
    assert pressed(viewer, "region")
    put(viewer, "region", 30, 20, 60, 80)
    assert ends(viewer, "line") == [10, 10, 90, 60]
    np.testing.assert_array_equal(ends(viewer, "region"), [30, 20, 60, 80])
    viewer.press("b", "1")
    assert ends(viewer, "region") == [30, 20, 60, 80]  # in samples, at any zoom
    viewer.press("0", "Escape")
    np.testing.assert_array_equal(viewer.pixels(), before)


def test_places_of_a_profile_are_read_by_mouse_and_keys(viewer: Viewer) -> None:
    viewer.press("l")
    put(viewer, "line", 20, 30, 80, 30)
    before = viewer.pixels()
    along = viewer.named("Position along the line")
    along.scroll_into_view_if_needed()
    box = along.bounding_box()
    assert box is not None
    part = section(viewer, "line")
    for share in (0.05, 0.5, 0.93):
        viewer.mouse.move(box["x"] + share * box["width"], box["y"] + 20)
        viewer.settle()
        index = int(along.input_value())
        assert abs(index - share * 60) <= 0.6
        said = part.locator(".curves").inner_text().split()
        assert said == [str(index), "samples", str(BYTES[30, 20 + index])]
        spot = viewer.pixels() != before  # it is marked in the picture too
        ys, xs = np.nonzero(spot.any(2))
        assert abs(xs.mean() - centre(20 + index, 30)[0]) < 2
        assert abs(ys.mean() - centre(20 + index, 30)[1]) < 2
    viewer.mouse.move(0, 0)
    viewer.settle()
    np.testing.assert_array_equal(viewer.pixels(), before)
    along.focus()
    for key, index in (("ArrowRight", 1), ("Home", 0), ("End", 60), ("ArrowLeft", 59)):
        viewer.page.keyboard.press(key)
        viewer.settle()
        assert along.get_attribute("aria-valuetext") == along.evaluate(
            "e => e.parentNode.parentNode.querySelector('.curves').innerText"
        )
        said = part.locator(".curves").inner_text().split()
        assert said == [str(index), "samples", str(BYTES[30, 20 + index])]


def test_distances_are_in_the_coordinates_unit_where_both_axes_have_it(
    chromium: Chromium, tmp_path: Path
) -> None:
    grid = xarray.DataArray(
        FLOATS,
        dims=("y", "x"),
        coords={
            "y": ("y", np.arange(100) * 0.25, {"units": "km"}),
            "x": ("x", np.arange(120) * 0.5, {"units": "km"}),
        },
    )
    state = {"line": ((10, 20), (50, 100))}
    views = View(grid, width=480, state=state), View(UPWARD, width=480, state=state)
    expected = {"km": np.hypot(40, 10), "samples": np.hypot(80, 40)}
    with showing(chromium, tmp_path, *views) as viewer:
        for i, (unit, length) in enumerate(expected.items()):
            part = section(Viewer(viewer.page, i), "line")
            said, of = part.locator(".curves").inner_text().split()
            assert of == unit
            assert float(said) == pytest.approx(length, rel=1e-5)


def test_of_large_regions_all_samples_count_in_the_end(chromium: Chromium, tmp_path: Path) -> None:
    large = np.random.default_rng(8).normal(size=(900, 1000)).astype(np.float32)
    with showing(chromium, tmp_path, View(large, width=500, exact=True)) as viewer:
        viewer.click("region")
        viewer.mouse.move(*viewer.point(10, 10))
        viewer.mouse.down()
        viewer.mouse.move(*viewer.point(470, 440), steps=5)
        measured(viewer)
        during = statistics(viewer)[""]
        viewer.mouse.up()
        viewer.page.wait_for_function(
            """([root]) => !root.lastElementChild.shadowRoot.querySelector(".statistics")
              .innerText.includes("≈")""",
            arg=[viewer.root.element_handle()],
        )
        x0, y0, x1, y1 = map(int, ends(viewer, "region"))
        part = large[y0:y1, x0:x1]
        assert part.size > 600_000
        check_statistics(statistics(viewer)[""], part)
        if during[0].startswith("≈ "):  # unless the pointer has rested for long
            assert int(during[0][2:]) == pytest.approx(part.size, rel=0.02)
            assert float(during[4][2:]) == pytest.approx(1, abs=0.02)


def test_measures_follow_the_plane_and_the_pair(many: Page) -> None:
    viewer = viewer_of(many, "stack")
    put(viewer, "line", 3, 4, 40, 50)
    put(viewer, "region", 0, 0, 120, 100)
    slider = viewer.named("axis 0")
    slider.press("Home")
    for index in range(6):
        if index:
            viewer.changes(lambda: slider.press("ArrowRight"))
        measured(viewer)
        check_statistics(statistics(viewer)[""], STACK[index])
        (values,) = evaluated(copied(viewer, "line"), STACK)
        _, (texts,) = profile(viewer, [""])
        assert all(map(same, texts, values))
        assert copied(viewer, "region") == f"data[{index}, 0:100, 0:120]"
    slider.press("Home")
    for _ in range(4):
        slider.press("ArrowRight")
    viewer = viewer_of(many, "flicker")
    assert list(statistics(viewer)) == ["c", "a"]
    viewer.named("Image 1").select_option("b")
    measured(viewer)
    assert list(statistics(viewer)) == ["b", "a"]
    put(viewer, "region", 10, 20, 40, 60)
    check_statistics(statistics(viewer)["b"], STACK[0][20:60, 10:40])
    viewer.named("Image 1").select_option("c")
    measured(viewer)
    check_statistics(statistics(viewer)["c"], OTHERS[20:60, 10:40])


def test_a_line_and_a_region_are_in_all_panes(chromium: Chromium, tmp_path: Path) -> None:
    flat_one = np.zeros(SHAPE, np.uint8)
    view = View({"a": flat_one, "b": flat_one}, width=486)
    with showing(chromium, tmp_path, view) as viewer:
        viewer.press("1", "l")
        put(viewer, "line", 20, 20, 90, 70)
        viewer.press("b")
        put(viewer, "region", 30, 10, 70, 80)
        first, second = viewer.pixels(0), viewer.pixels(1)
        np.testing.assert_array_equal(first, second)
        assert (first[..., 0] > 200).any()
        viewer.drag((130, 60), (180, 110), pane=1)  # in the second one
        np.testing.assert_array_equal(viewer.pixels(0), viewer.pixels(1))
        assert (viewer.pixels(0) != first).any()
