"""Polynomials of a page say the position of each pixel that has one, and of no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nbimage.arrays.world.coordinates import World, WorldPart
from nbimage.arrays.world.patches import Patch, _divide, find_patches

Array = np.ndarray[Any, Any]
NUMBERS = WorldPart("number", ("a",)), WorldPart("number", ("b",))

WORLDS: dict[str, Callable[[Array, Array], tuple[Array, Array]]] = {
    "straight": lambda x, y: (3 * x - y + 7, x + 2 * y),
    "curved": lambda x, y: (x + 1e-4 * x * y, y + 1e-6 * x**3),
    "with a jump across": lambda x, y: (x + 1e3 * (x > 21), y),
    "with a jump down": lambda x, y: (x, y + 1e3 * (y > 13)),
    "with a jump aslant": lambda x, y: (x + 1e3 * (x + 2 * y > 50), y),
    "a disc": lambda x, y: (np.where(np.hypot(x - 20, y - 20) < 15, x, np.nan), y),
    "nothing": lambda x, y: (x * np.nan, y * np.nan),
}


def values_of(patch: Patch) -> tuple[Array, Array, Array]:
    """Return columns, rows and numbers of the pixels of a patch, as a page makes them out."""
    y, x = (one.ravel() for one in np.mgrid[patch.top : patch.bottom, patch.left : patch.right])
    runs = patch.runs or (0, x.size)
    assert sum(runs) == x.size
    known = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    x, y = x[known], y[known]
    if patch.degree < 0:
        return x, y, patch.numbers
    u, v = (
        (one - (first + last - 1) / 2) / max(0.5, (last - first - 1) / 2)
        for one, first, last in ((x, patch.left, patch.right), (y, patch.top, patch.bottom))
    )
    powers = [(i, j) for i in range(patch.degree + 1) for j in range(patch.degree + 1 - i)]
    terms = np.stack([u**i * v**j for i, j in powers], 1)
    return x, y, terms @ patch.numbers


def test_a_shifted_world_is_asked_for_its_own_columns_and_rows() -> None:
    world = World(NUMBERS, lambda x, y: np.stack([x, y], 1)).shifted((3.0, 5.0), (2.0, 7.0))
    assert world.locate(np.array([0.0, 1.5]), np.array([0.0, 1.5])).tolist() == [[3, 5], [6, 15.5]]


@pytest.mark.parametrize(
    ("width", "height", "across", "down"),
    [
        (8, 8, [4, 4], [4, 4]),
        (16, 8, [8, 8], [4, 4]),
        (8, 16, [4, 4], [8, 8]),
        (17, 8, [8, 9], [8]),
        (8, 17, [8], [8, 9]),
        (2, 1, [1, 1], [1]),
        (1, 9, [1], [4, 5]),
    ],
)
def test_long_rectangles_are_halved_and_others_quartered(
    width: int, height: int, across: list[int], down: list[int]
) -> None:
    found = _divide(5, 7, 5 + width, 7 + height)
    sizes = [(right - left, bottom - top) for left, top, right, bottom in found]
    assert sizes == [(one, other) for other in down for one in across]
    assert found[0][:2] == (5, 7)
    assert found[-1][2:] == (5 + width, 7 + height)


@pytest.mark.parametrize("shape", [(40, 40), (9, 200), (200, 9), (1, 70), (70, 1)])
@pytest.mark.parametrize("name", WORLDS)
def test_patches_have_each_pixel_with_a_position_once(name: str, shape: tuple[int, int]) -> None:
    def locate(columns: Array, rows: Array) -> Array:
        found = np.stack(WORLDS[name](columns, rows), 1)
        found[np.isnan(found).any(axis=1)] = np.nan
        return found

    rows, columns = shape
    expected = locate(*(one.ravel() for one in np.meshgrid(np.arange(float(columns)), range(rows))))
    found, counts = np.full((*shape, 2), np.nan), np.zeros(shape, int)
    for patch in find_patches(World(NUMBERS, locate), columns, rows):
        x, y, values = values_of(patch)
        found[y, x] = values
        np.add.at(counts, (y, x), 1)
    known = np.isfinite(expected).all(axis=1)
    assert np.array_equal(counts.ravel(), known)
    np.testing.assert_allclose(found.reshape(-1, 2), expected, rtol=0, atol=0.01)
