"""`Shape`: its size, its values and their statistics, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

from nbimage import Shape, Shapes

RANDOM = np.random.default_rng(12)
POLYGON = Shape("polygon", [(1, 1), (14, 3.5), (9, 25), (4, 12.25)], "a cell", "red")
MASK = POLYGON.mask((20, 30))
GRAY = RANDOM.normal(1e9, 3, (20, 30))


def check_numbers(found: dict[str, Any], values: np.ndarray, missing: int = 0) -> None:
    """Statistics are those of NumPy in double precision."""
    wide = values.astype(np.float64)
    assert (found["count"], found["missing"]) == (values.size, missing)
    assert (found["min"], found["max"]) == (values.min(), values.max())
    assert found["mean"] == pytest.approx(wide.mean(), rel=1e-12)
    assert found["median"] == pytest.approx(np.median(wide), rel=1e-12)
    assert found["std"] == pytest.approx(wide.std(), rel=1e-9)
    assert found["sum"] == pytest.approx(wide.sum(), rel=1e-12)


@pytest.mark.parametrize(
    "dtype",
    ["float64", "float32", "float16", "uint8", "int16", "uint32", "int64", "uint64", "bool", ">f4"],
)
def test_statistics_are_numpys(dtype: str) -> None:
    array = RANDOM.uniform(0, 200, (20, 30)).astype(dtype)
    np.testing.assert_array_equal(POLYGON.values(array), array[MASK])
    check_numbers(POLYGON.statistics(array), array[MASK])


def test_sums_of_huge_whole_numbers_are_exact() -> None:
    array = np.int64(2**62) + RANDOM.integers(-9, 9, (20, 30))
    found = POLYGON.statistics(array)
    exact = [int(value) for value in array[MASK]]
    assert (found["sum"], found["min"], found["max"]) == (sum(exact), min(exact), max(exact))
    assert found["mean"] == sum(exact) / len(exact)
    assert found["std"] == pytest.approx((array[MASK] - 2**62).std(), rel=1e-12)
    low = -(2**63) + RANDOM.integers(0, 9, (20, 30))
    assert POLYGON.statistics(low)["sum"] == sum(int(value) for value in low[MASK])


@pytest.mark.parametrize("masked", [False, True])
def test_missing_values_count_for_nothing_but_as_missing(masked: bool) -> None:
    array = GRAY.copy()
    lost = RANDOM.random(array.shape) < 0.3
    array[lost] = np.nan if not masked else 1e30
    data = np.ma.MaskedArray(array, lost) if masked else array
    check_numbers(POLYGON.statistics(data), GRAY[MASK & ~lost], int((MASK & lost).sum()))
    nothing = POLYGON.statistics(np.full((20, 30), np.nan))
    assert (nothing["count"], nothing["sum"], nothing["missing"]) == (0, 0, MASK.sum())
    assert np.isnan(nothing["mean"])


def test_channels_and_further_axes_have_numbers_of_their_own() -> None:
    color = RANDOM.integers(0, 255, (20, 30, 3), np.uint8)
    np.testing.assert_array_equal(POLYGON.values(color), color[MASK])
    found = POLYGON.statistics(color)
    np.testing.assert_allclose(found["mean"], color[MASK].mean(0), rtol=1e-12)
    stack = RANDOM.normal(size=(4, 2, 20, 30))
    np.testing.assert_array_equal(POLYGON.values(stack), stack[:, :, MASK])
    np.testing.assert_allclose(POLYGON.statistics(stack)["std"], stack[:, :, MASK].std(-1), 1e-12)
    turned = np.moveaxis(stack[:, 0], 0, -1)
    np.testing.assert_array_equal(POLYGON.values(turned, axes="yxt"), turned[MASK])


def test_a_shape_of_one_plane_has_the_values_of_that_plane() -> None:
    stack = xarray.DataArray(RANDOM.normal(size=(4, 5, 20, 30)), dims=("t", "z", "y", "x"))
    shape = Shape("polygon", POLYGON.points, plane={"z": 3})
    np.testing.assert_array_equal(shape.values(stack), stack.to_numpy()[:, 3][:, MASK])
    assert shape.statistics(stack)["mean"].shape == (4,)
    alone = Shape("polygon", POLYGON.points, plane={"z": 3, "t": 1})
    np.testing.assert_array_equal(alone.values(stack), stack.to_numpy()[1, 3][MASK])
    last = Shape("polygon", POLYGON.points, plane={"z": -1})  # as a view has it
    np.testing.assert_array_equal(last.values(stack), stack.to_numpy()[:, -1][:, MASK])
    beyond = Shape("polygon", POLYGON.points, plane={"z": 5})
    with pytest.raises(ValueError, match=r"^plane\['z'\] must be from -5 to 4, but got 5$"):
        beyond.values(stack)


def test_nothing_but_the_rows_and_columns_of_a_shape_is_read() -> None:
    asked: list[Any] = []

    class Lazy:
        shape, dtype = (20, 30), GRAY.dtype

        def __getitem__(self, where: Any) -> Any:
            asked.append(where)
            return GRAY[where]

    np.testing.assert_array_equal(POLYGON.values(Lazy()), GRAY[MASK])
    assert asked == [POLYGON.slices]


def test_a_shape_beside_the_image_has_no_values() -> None:
    shape = Shape("box", [(40, 40), (50, 50)])
    assert shape.values(GRAY).size == 0
    assert shape.statistics(GRAY)["count"] == 0


def test_sizes_are_those_of_geometry() -> None:
    line = Shape("line", [(0, 0), (3, 4), (3, 10)])
    assert (line.length, line.area) == (11, 0)
    assert Shape("box", [(1, 2), (4, 8)]).measure((0.5, 2)) == {"length": 27.0, "area": 18.0}
    assert Shape("box", [(1, 2), (4, 8)]).measure(0.5) == {"length": 9.0, "area": 4.5}
    with pytest.raises(ValueError, match=r"steps must be a number or \(down, across\), but got"):
        Shape("box", [(1, 2), (4, 8)]).measure((1, 2, 3))
    triangle = Shape("polygon", [(0, 0), (0, 3), (4, 0)])
    assert (triangle.length, triangle.area) == (12, 6)
    circle = Shape("ellipse", [(0, 0), (10, 10)])
    assert circle.length == pytest.approx(10 * np.pi, rel=1e-12)
    assert circle.area == pytest.approx(25 * np.pi, rel=1e-12)
    turns = np.linspace(0, 2 * np.pi, 200_001)
    steps = np.hypot(np.diff(3 * np.sin(turns)), np.diff(20 * np.cos(turns)))
    long = Shape("ellipse", [(0, 0), (6, 40)])
    assert long.length == pytest.approx(steps.sum(), rel=1e-8)
    assert Shape("point", [(1, 2)]).measure() == {"length": 0, "area": 0}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "ring"}, "kind must be one of point, line"),
        ({"kind": "line", "points": [(1, 2)]}, "points of a line must be 2 or more, but got 1"),
        ({"kind": "box", "points": [(1, 2)] * 3}, "points of a box must be 2, but got 3"),
        ({"kind": "point", "points": [(1, np.nan)]}, "points must be finite"),
        ({"kind": "point", "points": [(10**400, 1)]}, "points must be"),
        ({"kind": "point", "points": 3}, "points must be .row, column. pairs"),
        ({"kind": "point", "points": "ab"}, "points must be .row, column. pairs"),
        ({"kind": "point"}, "points must be .row, column. pairs"),
        ({"kind": "point", "points": [(1, 2)], "color": "rad"}, "color must be a color"),
        ({"kind": "point", "points": [(1, 2)], "plane": 3}, "plane must be a dict"),
        ({"kind": "point", "points": [(1, 2)], "plane": {"z": 0.5}}, "plane must be a dict"),
        ({"kind": "point", "points": [(1, 2)], "name": "x"}, "must have keys of kind"),
        (3, "must be a Shape or a dict"),
    ],
)
def test_what_is_no_shape_is_said_in_one_line_with_its_number(given: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"shapes\[1\].*{words}") as caught:
        Shapes([POLYGON, given])
    assert "\n" not in str(caught.value)


def test_a_list_of_shapes_is_a_list(tmp_path: Path) -> None:
    shapes = Shapes([POLYGON])
    shapes.append({"kind": "point", "points": [(1, 2)]})
    shapes[0] = Shape("line", [(0, 0), (1, 1)])
    assert [shape.kind for shape in shapes] == ["line", "point"]
    assert shapes[1:] == [Shape("point", [(1, 2)])]
    del shapes[0]
    shapes.extend([POLYGON])
    assert len(shapes) == 2 and shapes.index(POLYGON) == 1
    assert Shapes(shape.to_dict() for shape in shapes) == shapes
    with pytest.raises(ValueError, match="ids of their own"):
        Shapes([Shape("point", [(0, 0)], id="a")] * 2)
    shapes.clear()
    assert list(shapes) == []


def test_values_without_an_order_have_no_statistics() -> None:
    with pytest.raises(TypeError, match="complex"):
        POLYGON.statistics(GRAY * 1j)


@pytest.mark.parametrize("name", ["kind", "color", "plane"])
def test_an_error_is_one_line_whatever_was_given(name: str) -> None:
    given = {"kind": "point", "points": [(0, 0)], name: {"a": np.zeros((9, 9))}}
    with pytest.raises((TypeError, ValueError)) as caught:
        Shape(**given)
    assert "\n" not in str(caught.value)
