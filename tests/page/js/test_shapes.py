"""Shapes on the page: masks, sizes, statistics and profiles as in Python and scikit-image."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from skimage import measure

from nbimage import Shape
from tests.page.js.node import Node

RANDOM = np.random.default_rng(8)
KINDS = ["point", "line", "box", "ellipse", "polygon"]
HELPERS = """
(globalThis.planeOf = ({ rows, columns, channels, dtype, data, base }) => {
  const Type = { uint8: Uint8Array, uint16: Uint16Array, float64: Float64Array,
    int64: BigInt64Array }[dtype];
  const number = (value) => dtype === "int64" ? BigInt(value) : value ?? NaN;
  return Plane.of({ rows, columns, channels }, dtype, Type.from(data, number), base);
}, null)
"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    names = "shapes/inside", "shapes/numbers", "shapes/outline", "values/samples"
    started = Node(*(f"view/{name}" for name in names))
    started.evaluate(HELPERS)
    yield started
    started.close()


def plane_of(array: np.ndarray, base: int = 0) -> dict[str, Any]:
    """An array as `planeOf` takes it."""
    rows, columns, channels = (*array.shape, 1)[:3]
    whole = array.dtype == np.int64
    data = [str(v) if whole else None if v != v else v for v in array.ravel().tolist()]
    sizes = {"rows": rows, "columns": columns, "channels": channels}
    return {**sizes, "dtype": array.dtype.name, "data": data, "base": str(base)}


def random_points(kind: str, grid: float) -> list[tuple[float, float]]:
    count = {"point": 1, "polygon": 6, "line": 3}.get(kind, 2)
    points = np.round(RANDOM.uniform(-6, 46, (count, 2)) * grid) / grid
    return [(float(row), float(column)) for row, column in points]


def as_xy(points: Any) -> list[dict[str, float]]:
    return [{"x": column, "y": row} for row, column in points]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("grid", [1, 2, 100])
def test_the_samples_inside_are_those_of_python(kind: str, grid: float, node: Node) -> None:
    shapes = [Shape(kind, random_points(kind, grid)) for _ in range(100)]
    found = node.evaluate(
        """([kind, all]) => all.map((points) => {
          const { mask, ...rest } = findInside(kind, points, 40, 37);
          return { ...rest, mask: encode(mask) };
        })""",
        [kind, [as_xy(shape.points) for shape in shapes]],
    )
    for shape, part in zip(shapes, found, strict=True):
        top, left, height, width = (part[key] for key in ("top", "left", "height", "width"))
        mask = np.zeros((40, 37), bool)
        inside = np.frombuffer(base64.b64decode(part["mask"]), np.uint8).reshape(height, width)
        mask[top : top + height, left : left + width] = inside
        np.testing.assert_array_equal(mask, shape.mask((40, 37)))


@pytest.mark.parametrize("missing", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 500])
def test_statistics_are_those_of_python(missing: float, count: int, node: Node) -> None:
    array = RANDOM.normal(1e6, 3, (1, count, 2))
    array[RANDOM.random(array.shape) < missing] = np.nan
    found = node.evaluate(
        """([plane, count]) => {
          const at = Array.from({ length: count }, (_, i) => 2 * i);
          return findStatistics(planeOf(plane), at, 1);
        }""",
        [plane_of(array), count],
    )
    expected = Shape("box", [(0, 0), (0, count - 1)]).statistics(array[:, :, 1])
    assert (found["count"], found["missing"]) == (expected["count"], expected["missing"])
    if not expected["count"]:
        assert [found["mean"], found["min"], found["sum"]] == [None, None, 0]
        return
    for key in ("min", "max", "median"):
        assert found[key] == expected[key]
    for key in ("mean", "sum"):
        assert found[key] == pytest.approx(expected[key], rel=1e-14)
    assert found["std"] == pytest.approx(expected["std"], rel=1e-12, abs=1e-9)


def test_sums_of_huge_whole_numbers_are_exact(node: Node) -> None:
    array = np.int64(2**62) + RANDOM.integers(-99, 99, (1, 50))
    found = node.evaluate(
        """(plane) => {
          const found = findStatistics(planeOf(plane), [...Array(50).keys()]);
          return Object.fromEntries(Object.entries(found).map(([key, one]) => [key, `${one}`]));
        }""",
        plane_of(array, 2**62),
    )
    expected = Shape("box", [(0, 0), (0, 49)]).statistics(array)
    assert [int(found[key]) for key in ("min", "max", "sum")] == [
        expected[key] for key in ("min", "max", "sum")
    ]
    for key in ("mean", "median", "std"):
        assert float(found[key]) == pytest.approx(expected[key], rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_python(kind: str, node: Node) -> None:
    shapes = [Shape(kind, random_points(kind, 100)) for _ in range(30)]
    found = node.evaluate(
        "([kind, all]) => all.map((points) => measureShape({ kind, points }, 0.5, 3))",
        [kind, [as_xy(shape.points) for shape in shapes]],
    )
    for shape, size in zip(shapes, found, strict=True):
        assert size == pytest.approx(shape.measure((3, 0.5)), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_profiles_are_those_of_scikit_image(width: int, node: Node) -> None:
    image = RANDOM.normal(size=(60, 60))
    for _ in range(20):
        # of two decimals some positions lie midway between samples, but for rounding
        ends = [tuple(end) for end in RANDOM.uniform(8, 50, (2, 2)).tolist()]
        found = node.evaluate(
            """([points, width]) => profilePoints(points, width).map(({ across }) =>
              across.map(({ x, y }) => [nearest(y), nearest(x)]))""",
            [as_xy(ends), width],
        )
        at = np.array(found)
        values = image[at[..., 0], at[..., 1]].mean(-1)
        np.testing.assert_allclose(
            values, measure.profile_line(image, *ends, linewidth=width, order=0, mode="constant")
        )


def test_a_profile_along_bends_has_steps_of_a_sample(node: Node) -> None:
    points = [(0, 0), (0, 10), (7, 10), (7, 3)]
    found = node.evaluate(
        "(points) => profilePoints(points, 1).map(({ share, across: [one] }) => [share, one])",
        as_xy(points),
    )
    assert len(found) == 25
    for i, (share, one) in enumerate(found):
        assert share == pytest.approx(i / 24)
        row, column = (0, i) if i <= 10 else (i - 10, 10) if i <= 17 else (7, 27 - i)
        assert (one["y"], one["x"]) == pytest.approx((row, column), abs=1e-9)


def test_ticks_are_round_and_within(node: Node) -> None:
    for low, high in ((0, 900), (12.25, 12.5), (-3, 1e6), (0, 1e-7), (58, 231)):
        ticks = node.evaluate(f"roundTicks({low}, {high}, 4)")
        assert 2 <= len(ticks) <= 4
        assert low - 1e-9 * high <= ticks[0] and ticks[-1] <= high * (1 + 1e-9)
        steps = np.diff(ticks)
        np.testing.assert_allclose(steps, steps[0])
        assert f"{steps[0]:.3e}"[0] in "125"
    assert node.evaluate("roundTicks(3, 3, 4)") == [3]


def test_what_is_drawn_by_hand_is_a_polygon_or_where_it_stays_open_a_line(node: Node) -> None:
    turns = np.linspace(0, 2 * np.pi, 200)
    circle = [(20 + 9 * np.sin(turn), 20 + 9 * np.cos(turn)) for turn in turns]
    closed, opened, none = node.evaluate(
        "all => all.map((path) => freehand(path, 1))",
        [as_xy(circle), as_xy(circle[:90]), as_xy(circle[:1])],
    )
    assert (closed["kind"], opened["kind"], none) == ("polygon", "line", None)
    assert 20 < len(closed["points"]) < 60
    area = Shape("polygon", [(p["y"], p["x"]) for p in closed["points"]]).area
    assert area == pytest.approx(81 * np.pi, rel=0.05)


# Editing


SIZE = {"columns": 80, "rows": 60}


def test_boxes_cover_whole_samples_of_the_image(node: Node) -> None:
    for x0, y0, x1, y1 in RANDOM.uniform(-20, 100, (200, 4)):
        first, last = node.evaluate(
            '([points, size]) => fitPoints("box", points, size)',
            [[{"x": x0, "y": y0}, {"x": x1, "y": y1}], SIZE],
        )
        for key, size in (("x", 80), ("y", 60)):
            assert 0 <= first[key] < last[key] <= size
            assert first[key] == int(first[key]) and last[key] == int(last[key])


@pytest.mark.parametrize("kind", KINDS)
def test_a_shape_keeps_its_size_where_the_image_ends(kind: str, node: Node) -> None:
    points = as_xy([(10, 10), (20, 30), (25, 12)][: {"point": 1, "polygon": 3}.get(kind, 2)])
    for right, down in ((500, 3), (-500, -500), (0.4, 90)):
        moved = node.evaluate(
            "([shape, right, down, size]) => shiftPoints(shape, right, down, size)",
            [{"kind": kind, "points": points}, right, down, SIZE],
        )
        steps = {
            (round(m["x"] - p["x"], 9), round(m["y"] - p["y"], 9))
            for m, p in zip(moved, points, strict=True)
        }
        assert len(steps) == 1
        assert all(0 <= m["x"] <= 80 and 0 <= m["y"] <= 60 for m in moved)


@pytest.mark.parametrize("kind", ["box", "ellipse"])
def test_a_corner_of_a_box_takes_two_sides_along(kind: str, node: Node) -> None:
    ends = as_xy([(10, 20), (30, 50)])
    for corner, expected in enumerate(
        ([(1, 2), (30, 50)], [(1, 20), (30, 2)], [(10, 20), (1, 2)], [(10, 2), (1, 50)])
    ):
        found = node.evaluate(
            "([shape, corner, to]) => moveCorner(shape, corner, to)",
            [{"kind": kind, "points": ends}, corner, {"x": 2, "y": 1}],
        )
        assert found == as_xy(expected)


def test_what_lies_around_a_position_is_known(node: Node) -> None:
    shapes = [
        {"kind": "polygon", "points": as_xy([(10, 10), (10, 40), (40, 10)])},
        {"kind": "box", "points": as_xy([(10, 10), (40, 40)])},
        {"kind": "ellipse", "points": as_xy([(10, 10), (40, 40)])},
        {"kind": "line", "points": as_xy([(10, 10), (40, 40)])},
    ]
    spots = as_xy([(20, 20), (38, 38), (50, 5)])
    found = node.evaluate(
        "([all, spots]) => all.map((one) => spots.map((at) => isAround(one, at)))", [shapes, spots]
    )
    assert found == [[True, False, False], [True, True, False], [True, False, False], [False] * 3]
