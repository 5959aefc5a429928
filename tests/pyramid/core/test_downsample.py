"""`halve` and `TileGrid`: means that are rounded once, tiles that cover each level once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nbimage.base.box import Box
from nbimage.pyramid.core.downsample import find_mean_pixel, halve, repeat_samples, shrink_box
from nbimage.pyramid.core.grid import TileGrid

SHAPES = st.tuples(st.integers(1, 9), st.integers(1, 9))
WHOLE = [np.dtype(f"{kind}{size}") for kind in "ui" for size in (1, 2, 4, 8)]


def exact(block: np.ndarray) -> np.ndarray:
    """The sums of four in Python's own numbers, a last odd row or column twice."""
    rows, columns = (-(-size // 2) * 2 for size in block.shape)
    wide = np.pad(block, ((0, rows - block.shape[0]), (0, columns - block.shape[1])), mode="edge")
    return wide.astype(object).reshape(rows // 2, 2, columns // 2, 2).sum((1, 3))


@given(st.sampled_from(WHOLE).flatmap(lambda dtype: arrays.arrays(dtype, SHAPES)))
def test_means_of_whole_numbers_are_rounded_once(block: np.ndarray) -> None:
    found = halve(block)
    assert found.dtype == block.dtype
    np.testing.assert_array_equal(found.astype(object), (exact(block) + 2) // 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int16, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_colors_have_the_means_of_each_channel(dtype: type, channels: int) -> None:
    block = np.random.default_rng(3).integers(0, 128, (31, 18, channels)).astype(dtype)
    expected = np.dstack([halve(block[:, :, c]) for c in range(channels)])
    np.testing.assert_array_equal(halve(block), expected)
    np.testing.assert_array_equal(halve(block[::-2, ::3]), halve(block[::-2, ::3].copy()))


@given(
    arrays.arrays(
        np.float64,
        SHAPES,
        elements=st.floats(-1e300, 1e300) | st.sampled_from([np.nan, 1.7e308, -1.7e308]),
    )
)
def test_means_of_floats_leave_out_what_is_missing(block: np.ndarray) -> None:
    found = halve(block)
    rows, columns = (-(-size // 2) * 2 for size in block.shape)
    wide = np.pad(block, ((0, rows - block.shape[0]), (0, columns - block.shape[1])), mode="edge")
    four = wide.reshape(rows // 2, 2, columns // 2, 2).swapaxes(1, 2).reshape(*found.shape, 4)
    count = (~np.isnan(four)).sum(2)
    with np.errstate(all="ignore"):
        expected = np.nansum(four / np.maximum(count, 1)[:, :, None], axis=2)
    expected[count == 0] = np.nan
    size = np.nanmax(np.abs(block), initial=0)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15 * size)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_floats_keep_their_dtype_and_extremes(dtype: type) -> None:
    most = np.finfo(dtype).max
    block = np.array([[most, most], [most, most]], dtype)
    assert halve(block) == most
    assert halve(block).dtype == dtype
    assert np.isposinf(halve(np.array([[np.inf, 1], [np.nan, 2]], dtype)))
    assert np.isnan(halve(np.array([[np.inf, -np.inf]], dtype)))


def test_a_mask_is_true_where_half_of_it_is() -> None:
    block = np.array([[1, 0, 1, 1, 0], [0, 0, 0, 0, 1]], bool)
    np.testing.assert_array_equal(halve(block), [[False, True, True]])


@settings(max_examples=60)
@given(st.integers(1, 700), st.integers(1, 700), st.integers(1, 300), st.data())
def test_tiles_cover_each_level_once_and_show_their_neighbours(
    rows: int, columns: int, size: int, data: st.DataObject
) -> None:
    grid = TileGrid(rows, columns, size, data.draw(st.integers(0, size)))
    assert grid.shape(0) == (rows, columns)
    assert grid.shape(grid.last) == (1, 1)
    for level in range(grid.last + 1):
        down, across = grid.tiles(level)
        if down * across > 400:
            continue
        shape = grid.shape(level)
        covered = np.zeros(shape, int)
        for row in range(down):
            for column in range(across):
                own, shown = grid.inner(level, column, row), grid.bounds(level, column, row)
                covered[own.top : own.bottom, own.left : own.right] += 1
                assert shown.top == max(0, own.top - grid.overlap)
                assert shown.bottom == min(shape[0], row * size + size + grid.overlap)
                assert shown.left == max(0, own.left - grid.overlap)
                assert shown.right == min(shape[1], column * size + size + grid.overlap)
        assert (covered == 1).all()


def test_halving_goes_from_level_to_level() -> None:
    grid = TileGrid(1001, 37)
    block = np.zeros((1001, 37), np.uint8)
    for level in range(grid.last):
        assert block.shape == grid.shape(level)
        block = halve(block)
    assert block.shape == grid.shape(grid.last)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((0, 5), "at least one row and column, but got 0 and 5"),
        ((5, 5, 0), "tile_size must be 1 to 65536, but got 0"),
        ((5, 5, 10, 11), "overlap must be 0 to tile_size"),
    ],
)
def test_what_can_not_be_tiled_is_refused(arguments: tuple[int, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TileGrid(*arguments)


def test_places_outside_are_refused() -> None:
    grid = TileGrid(600, 300)
    with pytest.raises(ValueError, match="level must be 0 to 10, but got 11"):
        grid.shape(11)
    with pytest.raises(ValueError, match="within 2 columns and 3 rows, but got column 2, row 0"):
        grid.bounds(0, 2, 0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_the_mean_of_the_largest_floats_is_finite(dtype: type) -> None:
    top = np.finfo(dtype).max
    for block in (np.full((6, 6), top, dtype), np.full((6, 6), -top, dtype)):
        block[0, 0] = np.nan
        np.testing.assert_allclose(find_mean_pixel(block) / block[1, 1], 1, rtol=1e-3)
        np.testing.assert_allclose(halve(block) / block[1, 1], np.ones((3, 3)), rtol=1e-3)
    mixed = np.array([[top, -top], [top, -top]], dtype)
    assert find_mean_pixel(mixed) == 0
    assert halve(mixed) == 0
    infinite = np.array([[top, np.inf]], dtype)
    assert find_mean_pixel(infinite) == np.inf
    assert np.isnan(find_mean_pixel(np.array([[np.inf, -np.inf]], dtype)))
    assert np.isnan(find_mean_pixel(np.full((2, 2), np.nan, dtype)))


@pytest.mark.parametrize("times", range(4))
def test_samples_are_repeated_where_they_came_from(times: int) -> None:
    small = np.arange(7 * 9 * 2).reshape(7, 9, 2)
    whole = small.repeat(1 << times, 0).repeat(1 << times, 1)
    for box in (Box(0, *whole.shape[:1], 0, whole.shape[1]), Box(3, 6, 1, 8), Box(5, 6, 7, 8)):
        part = repeat_samples(small[shrink_box(box, times).slices], times, box)
        np.testing.assert_array_equal(part, whole[box.slices])
