"""Means of squares of pixels, against the definition in exact arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbimage.mapping.area_mean import area_mean

Array = np.ndarray[Any, Any]


def slow_mean(pixels: Array, down: int, across: int) -> Array:
    """Return what is meant: the mean of each square, halves rounded up."""
    rows, columns = (-(-n // f) for n, f in zip(pixels.shape[:2], (down, across), strict=True))
    out = np.empty((rows, columns, *pixels.shape[2:]), np.uint8)
    for row in range(rows):
        for column in range(columns):
            square = pixels[row * down : (row + 1) * down, column * across : (column + 1) * across]
            count = square.shape[0] * square.shape[1]
            sums = square.astype(np.int64).sum(axis=(0, 1))
            out[row, column] = (2 * sums + count) // (2 * count)
    return out


@given(
    shape=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    channels=st.sampled_from([None, 3]),
    factors=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    seed=st.integers(0, 99),
)
def test_each_pixel_is_the_mean_of_its_square_with_halves_rounded_up(
    shape: tuple[int, int], channels: int | None, factors: tuple[int, int], seed: int
) -> None:
    full = shape if channels is None else (*shape, channels)
    pixels = np.random.default_rng(seed).integers(0, 256, full, np.uint8)
    assert np.array_equal(area_mean(pixels, factors), slow_mean(pixels, *factors))


@pytest.mark.parametrize("factor", [15, 16, 17])
def test_sums_of_white_do_not_overflow(factor: int) -> None:
    white = np.full((70, 50, 3), 255, np.uint8)
    assert (area_mean(white, factor) == 255).all()


@pytest.mark.parametrize("factor", [1, 2, 3, (5, 2), 17])
def test_means_of_indices_are_those_of_their_colors(factor: int | tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    palette = random.integers(0, 256, (256, 4), np.uint8)
    palette[:, 3] = 255
    indices = random.integers(0, 256, (61, 47), np.uint8)
    rendered = palette[indices][:, :, :3]
    right = rendered if factor == 1 else area_mean(rendered, factor)
    assert np.array_equal(area_mean(indices, factor, palette), right)
