"""Shapes in a real browser: drawn, moved and measured, by mouse, touch, keys and numbers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

import nbimage
from nbimage import Shape, Shapes, View
from tests.e2e.explorer import Viewer, opened, place_of, saved, showing
from tests.e2e.harness import Chromium, wait_for
from tests.e2e.tiles_server import TiledViewer, tiled

RANDOM = np.random.default_rng(31)
SIDES = 100, 120
BYTES, OTHERS = (RANDOM.integers(0, 256, SIDES, np.uint8) for _ in range(2))
FLOATS = RANDOM.normal(size=SIDES).astype(np.float32)
DOUBLES = RANDOM.normal(size=SIDES) * 1e9
LARGE = RANDOM.integers(2**60, 2**60 + 999, SIDES)
HOLES = FLOATS.copy()
HOLES.flat[::7] = np.nan
HOLES.flat[3::11] = np.inf
RGB = RANDOM.integers(0, 256, (*SIDES, 3), np.uint8)
STACK = RANDOM.integers(0, 999, (6, *SIDES), np.uint16)
CHANNELS = RANDOM.integers(0, 4096, (3, *SIDES), np.uint16)
SOUTH = xarray.DataArray(
    FLOATS,
    dims=("lat", "lon"),
    coords={
        "lat": ("lat", np.linspace(-5, 94, 100), {"units": "km"}),
        "lon": ("lon", np.linspace(0, 59.5, 120), {"units": "km"}),
    },
    attrs={"units": "m"},
)
SHAPES = [
    Shape("line", [(3, 7), (81, 99)], "a line", id="line"),
    Shape("line", [(3, 7.25), (40, 99), (80, 3)], id="bent"),
    Shape("box", [(7.5, 10.5), (69.5, 92.5)], id="box"),
    Shape("ellipse", [(10.25, 5), (60, 110.5)], 'round, "one"', id="round"),
    Shape("polygon", [(5, 5), (90, 20), (70, 110), (30.5, 60)], "", "red", id="polygon"),
    Shape("point", [(30, 40)], id="point"),
]
START: dict[str, Any] = {"shapes": SHAPES, "selected": "box"}


def colors(array: np.ndarray) -> dict[str, np.ndarray]:
    return {name: array[..., i] for i, name in enumerate(("red", "green", "blue"))}


CASES: dict[str, tuple[Any, dict[str, np.ndarray], dict[str, Any]]] = {
    "uint8": (BYTES, {"": BYTES}, {}),
    "float32": (FLOATS, {"": FLOATS}, {}),
    "float64": (DOUBLES, {"": DOUBLES}, {}),
    "int64": (LARGE, {"": LARGE}, {}),
    "missing": (HOLES, {"": HOLES}, {}),
    "colors": (RGB, colors(RGB), {}),
    "stack": (STACK, {"": STACK[4]}, {"state": {**START, "index": {"axis 0": 4}}}),
    "facets": (STACK, {f"axis 0 = {i}": STACK[i] for i in range(6)}, {"facet": 0}),
    "volume": (STACK, {"x, y": STACK[3]}, {"ortho": True}),
    "channels": (CHANNELS, dict(zip("pqr", CHANNELS, strict=True)), {"channels": [*"pqr"]}),
    "from the south": (SOUTH, {"": FLOATS}, {}),
    "side by side": ({"a": BYTES, "b": FLOATS}, {"a": BYTES, "b": FLOATS}, {"shared": False}),
    "flicker": (
        {"a": BYTES, "b": STACK[0], "c": OTHERS},
        {"a": BYTES, "b": STACK[0], "c": OTHERS},  # it goes through all
        {"state": {**START, "mode": "flicker", "pair": ("c", "a")}},
    ),
}


@pytest.fixture(scope="module")
def page(chromium: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A page of all cases."""
    views = [
        View(data, exact=True, width=480, **{"state": START, **options})
        for data, _, options in CASES.values()
    ]
    with opened(chromium, saved(tmp_path_factory.mktemp("shapes"), *views)) as found:
        found.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield found


def viewer_of(page: Any, name: str) -> Viewer:
    return Viewer(page, list(CASES).index(name))


def copied(viewer: Viewer, button: str) -> str:
    """What is copied by a button of the panel, once it is."""
    viewer.page.evaluate("() => navigator.clipboard.writeText('')")
    viewer.click(button)
    return wait_for(viewer.copied)


def drawn(viewer: Viewer) -> list[dict[str, Any]]:
    """The shapes, as Python takes them."""
    found: list[dict[str, Any]] = json.loads(copied(viewer, "JSON"))
    return found


def table(viewer: Viewer) -> dict[str, list[str]]:
    """The rows of numbers of the selected shape, once these are there."""
    wait_for(lambda: viewer.find(".shape-numbers tr").count() > 0, viewer.page)
    rows = [row.locator("td").all_inner_texts() for row in viewer.find(".shape-numbers tr").all()]
    return dict(
        zip(viewer.find(".shape-numbers tr th:first-child").all_inner_texts(), rows, strict=True)
    )


@pytest.mark.parametrize("name", list(CASES))
def test_the_copied_numbers_of_all_shapes_are_numpys(name: str, page: Any) -> None:
    viewer = viewer_of(page, name)
    _, subjects, _ = CASES[name]
    rows = list(csv.DictReader(io.StringIO(copied(viewer, "copy CSV"))))
    assert [row["shape"] for row in rows][:: len(subjects)] == [
        shape.label or shape.id for shape in SHAPES
    ]
    for shape, *parts in zip(SHAPES, *[iter(rows)] * len(subjects), strict=True):
        assert [row["values"] for row in parts] == list(subjects)
        for row, array in zip(parts, subjects.values(), strict=True):
            expected = shape.statistics(array)
            assert int(row["count"]) == expected["count"]
            assert int(row["missing"]) == expected["missing"]
            for key in ("min", "max"):
                np.testing.assert_equal(type(expected[key])(row[key]), expected[key])
            for key in ("mean", "median", "sum"):
                assert float(row[key]) == pytest.approx(
                    expected[key], rel=1e-12, abs=1e-12, nan_ok=True
                )
            assert float(row["std"]) == pytest.approx(
                expected["std"], rel=1e-9, abs=1e-12, nan_ok=True
            )
            steps = (1, 0.5) if name == "from the south" else (1, 1)
            size = [float(value) for key, value in row.items() if key.startswith(("leng", "area"))]
            assert size == pytest.approx(list(shape.measure(steps).values()), rel=1e-9)


@pytest.mark.parametrize("name", ["uint8", "stack", "from the south", "channels"])
def test_copied_shapes_and_code_are_those_of_python(name: str, page: Any) -> None:
    viewer = viewer_of(page, name)
    data, subjects, _ = CASES[name]
    assert Shapes(drawn(viewer)) == SHAPES
    code = copied(viewer, "Python")
    values = eval(code, {"nbimage": nbimage, "data": data})
    index = 4 if name == "stack" else ...
    expected = [SHAPES[2].values(array) for array in subjects.values()]
    np.testing.assert_array_equal(values[index], np.squeeze(expected))


def test_the_selected_shape_shows_its_numbers_in_units(page: Any) -> None:
    viewer = viewer_of(page, "from the south")
    found = table(viewer)
    box = SHAPES[2]
    assert found["area"][0].startswith("2542 km²")
    assert found["perimeter"][0].startswith("206 km")
    assert found["count"] == [str(62 * 82)]
    expected = box.statistics(FLOATS)
    assert float(found["mean"][0].replace("−", "-")) == pytest.approx(expected["mean"], rel=1e-5)
    several = table(viewer_of(page, "colors"))
    assert len(several["mean"]) == 3


@pytest.mark.parametrize("width", [1, 4])
def test_a_lines_profile_is_read_by_mouse_and_keys(
    width: int, chromium: Chromium, tmp_path: Path
) -> None:
    line = Shape("line", [(30, 20), (30, 80)], id="line")
    view = View(BYTES, width=480, state={"shapes": [line], "selected": "line"})
    rows = slice(30, 31) if width == 1 else slice(29, 33)  # halves go to the next one
    values = BYTES[rows, 20:81].mean(0)
    with showing(chromium, tmp_path, view) as viewer:
        viewer.named("Width of averaging in samples").fill(str(width))
        along = viewer.named("Position along the profile")
        wait_for(lambda: along.get_attribute("max") == "60", viewer.page)
        along.focus()
        for key, index in (("ArrowRight", 1), ("Home", 0), ("End", 60), ("ArrowLeft", 59)):
            viewer.page.keyboard.press(key)
            viewer.settle()
            where, value = (along.get_attribute("aria-valuetext") or "").splitlines()
            assert where == f"{index} px"
            assert float(value) == pytest.approx(values[index], rel=1e-5)
        ticks = viewer.find(".chart .on span").all_inner_texts()
        assert ticks == ["0", "20", "40", "60 px"]
        before = viewer.pixels()
        box = along.bounding_box()
        assert box is not None
        viewer.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
        viewer.settle()
        changed = np.argwhere((viewer.pixels() != before).any(2))
        assert len(changed) and abs(changed.mean(0)[0] / 4 - 30.5) < 2  # marked in the picture too


def test_a_profile_along_an_axis_has_the_means_of_every_plane(page: Any) -> None:
    viewer = viewer_of(page, "stack")
    along = viewer.named("Position along the profile")
    for selected, inside in ((5, STACK[:, 30, 40]), (2, SHAPES[2].values(STACK).mean(1))):
        viewer.find(".shape-list button").nth(selected).click()
        viewer.click("along axis 0")
        wait_for(lambda: along.get_attribute("max") == "5" and along.is_visible(), viewer.page)
        along.focus()
        for i, key in enumerate(["Home", *["ArrowRight"] * 5]):
            viewer.page.keyboard.press(key)
            viewer.settle()
            where, value = (along.get_attribute("aria-valuetext") or "").splitlines()
            assert where == f"axis 0 {i}"
            assert float(value) == pytest.approx(inside[i], rel=1e-5)
        viewer.click("along axis 0")


# Drawing


@pytest.fixture(scope="module", params=["embedded", "tiles"])
def shown(
    request: pytest.FixtureRequest, chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Viewer]:
    array = RANDOM.integers(0, 2**16, (600, 800), dtype=np.uint16)
    if request.param == "tiles":
        with tiled(chromium, View(array, embed=False, width=640, height=480)) as viewer:
            viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            yield viewer
    else:
        view = View(array, width=640, height=480)
        with showing(chromium, tmp_path_factory.mktemp("drawn"), view) as viewer:
            viewer.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
            yield viewer


@pytest.fixture
def viewer(shown: Viewer) -> Viewer:
    """The same as it is at first, one to one."""
    shown.page.reload()
    if isinstance(shown, TiledViewer):
        TiledViewer.__init__(shown, shown.page, shown.server)
    else:
        Viewer.__init__(shown, shown.page)
    shown.press("1", "s")
    if isinstance(shown, TiledViewer):
        shown.rest()
    return shown


def points(viewer: Viewer) -> list[tuple[str, list[list[float]]]]:
    """Kinds and points of what is drawn; none if there is nothing to copy."""
    if not viewer.button("JSON").is_visible():
        return []
    return [(one["kind"], one["points"]) for one in drawn(viewer)]


def click(viewer: Viewer, x: float, y: float) -> None:
    viewer.mouse.click(*viewer.point(x, y))
    viewer.settle()


def world(viewer: Viewer, x: int, y: int) -> tuple[int, int]:
    """Return the row and column at a place of the pane."""
    column, row = place_of(viewer.move(x, y))
    return row, column


def test_every_kind_lies_where_it_was_drawn(viewer: Viewer) -> None:
    row, column = world(viewer, 100, 100)
    for i, kind in enumerate(("line", "box", "ellipse")):
        viewer.click(f"Draw {'an' if kind == 'ellipse' else 'a'} {kind}")
        viewer.drag((100, 100 + 90 * i), (150, 160 + 90 * i))
        viewer.press("Escape")
    viewer.click("Draw a point")
    click(viewer, 300, 100)
    viewer.click("Draw a polygon")
    for place in ((200, 200), (300, 220), (280, 300)):
        click(viewer, *place)
    viewer.press("Enter")
    viewer.click("Draw by hand")
    viewer.drag((400, 200), (500, 200), (500, 300), (400, 300), (400, 205))
    found = points(viewer)
    assert [kind for kind, _ in found] == [
        *("line", "box", "ellipse", "point", "polygon", "polygon")
    ]
    for i, (_, ends) in enumerate(found[:3]):
        expected = np.add([[0, 0], [60, 50]], (row + 90 * i, column))
        np.testing.assert_allclose(np.sort(ends, 0), expected, atol=0.51)
    np.testing.assert_allclose(found[3][1], [[row, column + 200]], atol=0.51)
    expected = np.add([[100, 100], [120, 200], [200, 180]], (row, column))
    np.testing.assert_allclose(found[4][1], expected, atol=0.51)
    assert Shape(*found[5]).area == pytest.approx(10_000, rel=0.05)
    assert viewer.percent() == 100  # no press was a double one


def test_shapes_are_taken_moved_bent_undone_and_removed(viewer: Viewer) -> None:
    viewer.click("Draw a box")
    viewer.drag((100, 100), (200, 180))
    ((_, first),) = points(viewer)
    viewer.click("Select and move")
    viewer.drag((150, 140), (170, 150))
    ((_, moved),) = points(viewer)
    assert (np.subtract(moved, first) == [[10, 20], [10, 20]]).all()
    viewer.drag((220, 190), (260, 230))
    ((_, larger),) = points(viewer)
    assert (np.subtract(larger, moved) == [[0, 0], [40, 40]]).all()
    for expected in (moved, first):
        viewer.press("Control+z")
        assert points(viewer) == [("box", expected)]
    viewer.press("Control+y")
    assert points(viewer) == [("box", moved)]
    before = world(viewer, 500, 400)
    viewer.drag((500, 400), (450, 380))  # nothing is there: the picture moves
    assert world(viewer, 450, 380) == before
    viewer.press("Delete")
    assert len(points(viewer)) == 1  # none was selected any more
    viewer.press("Tab", "Delete")
    assert points(viewer) == []
    viewer.press("Control+z")
    assert len(points(viewer)) == 1


def test_corners_of_a_polygon_are_added_and_removed(viewer: Viewer) -> None:
    viewer.click("Draw a polygon")
    for place in ((200, 200), (300, 200), (300, 300), (203, 202)):  # ends where it began
        click(viewer, *place)
    viewer.drag((250, 200), (250, 150))
    ((_, corners),) = points(viewer)
    assert len(corners) == 4
    np.testing.assert_allclose(np.subtract(corners[1], corners[0]), (-50, 50), atol=0.51)
    click(viewer, 250, 150)
    viewer.press("Delete")
    assert len(points(viewer)[0][1]) == 3
    viewer.find(".shape summary").click()
    viewer.click("Add a corner")
    assert len(points(viewer)[0][1]) == 4
    viewer.click("Remove corner 3")
    assert len(points(viewer)[0][1]) == 3


@pytest.mark.parametrize(
    ("kind", "key"),
    [*zip(("point", "line", "box", "ellipse", "polygon"), "dlben", strict=True)],
)
def test_keys_alone_draw_move_and_remove(kind: str, key: str, viewer: Viewer) -> None:
    viewer.press(key, "Enter")
    ((found, before),) = points(viewer)
    assert found == kind
    place = world(viewer, 320, 240)
    viewer.press("ArrowRight", "Shift+ArrowDown")
    ((_, after),) = points(viewer)
    np.testing.assert_allclose(np.subtract(after, before), [[10, 1]] * len(before), atol=1e-6)
    assert world(viewer, 320, 240) == place  # the picture stays
    viewer.press("Delete")
    assert points(viewer) == []
    viewer.press("Escape", "ArrowRight")
    assert world(viewer, 320, 240) != place  # arrows are the picture's again


def test_tab_goes_through_shapes_and_on(viewer: Viewer) -> None:
    viewer.press("b", "Enter", "e", "Enter", "v", "Escape")
    names = []
    for _ in range(2):
        viewer.page.keyboard.press("Tab")
        viewer.settle()
        names.append(viewer.find(".shape-list [aria-pressed=true]").inner_text().split()[0])
    assert names == ["box", "ellipse"]
    viewer.page.keyboard.press("Tab")
    assert viewer.page.evaluate(
        "() => !document.querySelector('.nbimage-view, .nbimage-tiled').lastElementChild"
        ".shadowRoot.activeElement?.matches('canvas')"
    )


def test_names_colors_and_positions_are_typed(viewer: Viewer) -> None:
    viewer.press("b", "Enter")
    viewer.find(".shape summary").click()
    for name, value in (("x1", 700), ("x0", 650), ("y1", 550), ("y0", 500)):
        box = viewer.named(f"box {name}")
        box.fill(str(value))
        box.press("Enter")
    name = viewer.named("Name of the shape")
    name.fill("<b>a cell</b>")
    name.press("Enter")
    viewer.named("Color of the shape").fill("#00ff00")
    (found,) = drawn(viewer)
    shape = Shape(**found)
    assert shape.slices == np.s_[500:550, 650:700]
    assert (shape.label, shape.color) == ("<b>a cell</b>", "#00ff00")
    assert viewer.find(".shape-list").inner_text().startswith("<b>a cell</b>")
    viewer.click("Remove the shape")
    assert points(viewer) == []


def test_fingers_draw_too(viewer: Viewer) -> None:
    viewer.click("Draw a box")
    viewer.canvas.focus()
    session = viewer.page.context.new_cdp_session(viewer.page)

    def touch(kind: str, *places: tuple[float, float]) -> None:
        spots = [dict(zip("xy", viewer.point(*place), strict=True)) for place in places]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", (100, 100))
    for step in range(1, 6):
        touch("touchMove", (100 + 20 * step, 100 + 16 * step))
    touch("touchEnd")
    viewer.settle()
    ((kind, ((r0, c0), (r1, c1))),) = points(viewer)
    assert (kind, r1 - r0, c1 - c0) == ("box", 80, 100)


def test_a_shape_of_one_plane_is_shown_there_alone(chromium: Chromium, tmp_path: Path) -> None:
    shape = Shape("box", [(10, 10), (60, 80)], plane={"axis 0": 2}, id="a")
    view = View(STACK * 0, width=480, state={"shapes": [shape]})
    with showing(chromium, tmp_path, view) as viewer:
        blank = viewer.pixels()
        viewer.press(".", ".")
        wait_for(lambda: (viewer.pixels() != blank).any(), viewer.page)
        viewer.press(".")
        viewer.shows(blank)


def test_of_large_parts_of_tiles_it_is_said_that_they_are_means(chromium: Chromium) -> None:
    array = RANDOM.integers(0, 2**16, (2000, 3000), dtype=np.uint16)
    shapes = [
        Shape("box", [(299.5, 499.5), (899.5, 1499.5)], id="some"),
        Shape("box", [(-0.5, -0.5), (1999.5, 2999.5)], id="all"),
    ]
    state = {"shapes": shapes, "selected": "some"}
    with tiled(chromium, View(array, embed=False, state=state)) as viewer:
        viewer.rest()
        part = array[300:900, 500:1500]
        found = table(viewer)
        assert [int(found[key][0]) for key in ("count", "min", "max", "sum")] == [
            *(part.size, part.min(), part.max(), part.sum(dtype=int))
        ]
        assert float(found["std"][0]) == pytest.approx(part.std(), rel=1e-4)
        viewer.find(".shape-list button").nth(1).click()
        wait_for(lambda: "means of 2×2" in viewer.find(".shape").inner_text(), viewer.page)
        assert float(table(viewer)["mean"][0]) == pytest.approx(array.mean(), rel=1e-3)


def test_a_thousand_shapes_are_drawn_in_a_few_strokes_and_listed_in_part(
    chromium: Chromium, tmp_path: Path
) -> None:
    corners = RANDOM.integers(0, 80, (1000, 2)).tolist()
    shapes = [
        Shape("polygon", [(y + i * i, x + i) for i in range(5)], f"shape {number}")
        for number, (x, y) in enumerate(corners)
    ]
    with showing(chromium, tmp_path, View(BYTES, state={"shapes": shapes})) as viewer:
        assert viewer.find(".shape-list li").count() <= 100
        assert "100 of 1000 shapes" in viewer.find(".shape-list").inner_text()
        strokes = viewer.page.evaluate(
            """() => {
  const { shadowRoot } = document.querySelector(".nbimage-view").lastElementChild;
  const canvas = shadowRoot.querySelector(".pane canvas"), pen = canvas.getContext("2d");
  const { stroke } = pen;
  let count = 0;
  pen.stroke = (...all) => { count++; stroke.apply(pen, all); };
  return new Promise((done) => {
    canvas.focus();
    canvas.dispatchEvent(new KeyboardEvent("keydown", { key: "+", bubbles: true }));
    requestAnimationFrame(() => requestAnimationFrame(() => done(count)));
  });
}"""
        )
        assert 0 < strokes < 20  # all in a few strokes
