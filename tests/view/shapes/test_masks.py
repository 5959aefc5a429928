"""Which samples are inside of a shape: the same as scikit-image draws."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from skimage import draw

from nbimage import Shape

RANDOM = np.random.default_rng(11)
Points = list[tuple[float, float]]


def random_points(count: int, grid: float) -> Points:
    """Points on a grid, some of them outside of an image of 40 by 40."""
    points = np.round(RANDOM.uniform(-6, 46, (count, 2)) * grid) / grid
    return [(float(row), float(column)) for row, column in points]


def drawn(found: tuple[np.ndarray, np.ndarray], shape: tuple[int, int]) -> np.ndarray:
    """The mask of rows and columns, of which some may lie outside."""
    rows, columns = found
    inside = (rows >= 0) & (columns >= 0) & (rows < shape[0]) & (columns < shape[1])
    mask = np.zeros(shape, bool)
    mask[rows[inside], columns[inside]] = True
    return mask


@pytest.mark.parametrize("grid", [1, 2, 4, 100])  # on whole numbers corners and edges hit centers
def test_masks_of_polygons_are_those_of_scikit_image(grid: float) -> None:
    for _ in range(150):
        shape = (int(RANDOM.integers(1, 42)), int(RANDOM.integers(1, 42)))
        points = random_points(int(RANDOM.integers(3, 9)), grid)
        rows, columns = zip(*points, strict=True)
        expected = drawn(draw.polygon(rows, columns, shape), shape)
        np.testing.assert_array_equal(Shape("polygon", points).mask(shape), expected)


@pytest.mark.parametrize("grid", [1, 2, 100])
def test_masks_of_ellipses_are_those_of_scikit_image(grid: float) -> None:
    for _ in range(100):
        shape = (int(RANDOM.integers(1, 42)), int(RANDOM.integers(1, 42)))
        (r0, c0), (r1, c1) = points = random_points(2, grid)
        mask = Shape("ellipse", points).mask(shape)
        if r0 == r1 or c0 == c1:
            assert not mask.any()
            continue
        radii = abs(r1 - r0) / 2, abs(c1 - c0) / 2
        whole = (60, 60)  # scikit-image fails where nothing lies within the image
        found = draw.ellipse((r0 + r1) / 2 + 9, (c0 + c1) / 2 + 9, *radii, whole)
        expected = drawn((found[0] - 9, found[1] - 9), shape)
        np.testing.assert_array_equal(mask, expected)


def test_masks_of_lines_are_those_of_scikit_image() -> None:
    for _ in range(300):
        shape = (int(RANDOM.integers(1, 42)), int(RANDOM.integers(1, 42)))
        points = random_points(int(RANDOM.integers(2, 5)), 4)
        whole = [tuple(int(np.floor(end + 0.5)) for end in point) for point in points]
        expected = np.zeros(shape, bool)
        for a, b in itertools.pairwise(whole):
            expected |= drawn(draw.line(*a, *b), shape)
        np.testing.assert_array_equal(Shape("line", points).mask(shape), expected)


def test_masks_of_boxes_are_those_of_scikit_image() -> None:
    for _ in range(100):
        shape = (int(RANDOM.integers(1, 42)), int(RANDOM.integers(1, 42)))
        points = [tuple(map(int, point)) for point in random_points(2, 1)]
        expected = drawn(draw.rectangle(*points), shape)
        shown = Shape("box", points)
        np.testing.assert_array_equal(shown.mask(shape), expected)
        np.testing.assert_array_equal(drawn(np.nonzero(shown.mask((60, 60))), shape), expected)


def test_a_point_has_the_sample_that_it_lies_in() -> None:
    mask = Shape("point", [(3.49, 4.5)]).mask((9, 9))
    assert np.argwhere(mask).tolist() == [[3, 5]]
    assert not Shape("point", [(9, 0)]).mask((9, 9)).any()


@pytest.mark.parametrize("kind", ["box", "ellipse", "polygon", "line", "point"])
def test_slices_hold_all_samples_inside(kind: str) -> None:
    count = {"point": 1, "polygon": 5}.get(kind, 2)
    for _ in range(30):
        shape = Shape(kind, random_points(count, 4))
        mask = shape.mask((60, 60))
        rest = mask.copy()
        rest[shape.slices] = False
        assert not rest.any()
        if kind == "box":
            assert mask[shape.slices].all()


def test_a_mask_is_for_two_sides() -> None:
    shape = Shape("point", [(1, 2)])
    for wrong in ((3, 4, 3), 5, "ab", (2.5, 3), (-1, 3)):
        with pytest.raises(TypeError, match="shape must be") as caught:
            shape.mask(wrong)  # type: ignore[arg-type]
        assert "\n" not in str(caught.value)
    assert shape.mask((0, 9)).shape == (0, 9)


@pytest.mark.parametrize(
    "ends",
    [
        [(0, 0), (10**9, 3 * 10**9)],
        [(5, -(10**12)), (5, 10**12)],
        [(-(10**11), 10**11), (10**11 + 20, -(10**11))],
        [(10**12, 10**12), (-(10**12), -(10**12))],
    ],
)
def test_a_line_that_begins_and_ends_far_away_has_its_samples_in_the_image(
    ends: list[tuple[int, int]],
) -> None:
    found = Shape("line", ends).mask((40, 50))
    (r0, c0), (r1, c1) = ends
    for row in range(40):
        for column in range(50):
            # of the shorter axis: the nearest to the line, in whole numbers
            if abs(c1 - c0) >= abs(r1 - r0):
                along = r0 + Fraction((column - c0) * (r1 - r0), c1 - c0)
                off = abs(along - row)
            else:
                along = c0 + Fraction((row - r0) * (c1 - c0), r1 - r0)
                off = abs(along - column)
            if off != Fraction(1, 2):
                assert found[row, column] == (off < Fraction(1, 2))


def test_points_are_no_farther_away_than_any_image_is_large() -> None:
    with pytest.raises(ValueError, match=r"at most 1e\+12 samples away, but got"):
        Shape("line", [(0, 0), (1e13, 0)])
    assert Shape("ellipse", [(0, 0), (1e12, 1)]).length == pytest.approx(2e12)
