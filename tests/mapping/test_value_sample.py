"""Percentiles of values of which few count, of extremes, and of parts."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, View, rerange, write_dzi
from nbimage.mapping import limits as limits_module
from nbimage.mapping.value_sample import (
    SAMPLE,
    ValueSample,
    find_noise,
    find_percentiles,
    find_zscale,
    sample,
)
from nbimage.mapping.value_scale import ValueScale
from tests.mapping.asking import as_frames

Array = np.ndarray[Any, Any]
SPARSE_VALUES = np.linspace(1, 2, 300).astype(np.float32)


def sparse(shape: tuple[int, ...] = (1500, 1500)) -> Array:
    """Return a short line of values in an array of missing ones."""
    array = np.full(shape, np.nan, np.float32)
    array.reshape(-1, shape[-1])[shape[-2] // 3, 50:350] = SPARSE_VALUES
    return array


def expected_limits(percents: tuple[float, float] = (2, 98)) -> list[float]:
    return np.percentile(SPARSE_VALUES.astype(np.float64), percents).tolist()


def shown_limits(picture: Picture) -> list[float]:
    assert picture.color_scale is not None
    found = picture.color_scale.limits
    assert not found.blank
    return [found.vmin[0], found.vmax[0]]


# A sample that misses is no proof


@pytest.mark.parametrize("percents", [(2, 98), (10, 50), (0, 100)])
def test_percentiles_of_few_finite_values_are_exact(percents: tuple[float, float]) -> None:
    picture = Picture(sparse(), contrast=percents)
    assert shown_limits(picture) == expected_limits(percents)
    assert picture.render()[500, 100, -1] == 255


def test_percentiles_of_few_values_that_are_not_masked_are_exact() -> None:
    array = np.ma.masked_invalid(sparse())
    array.data[array.mask] = 1e30
    assert shown_limits(Picture(array, contrast="robust")) == expected_limits()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32, np.float64])
def test_percentiles_under_log_are_of_the_few_values_above_0(dtype: Any) -> None:
    counts = np.zeros((1300, 1400), dtype)
    counts[700, 100:200] = np.arange(1, 101)
    expected = np.percentile(np.arange(1, 101), (2, 98)).tolist()
    picture = Picture(counts, contrast="robust", norm="log")
    assert shown_limits(picture) == expected
    np.testing.assert_array_equal(
        rerange(counts, contrast="robust", norm="log"), rerange(counts, *expected, norm="log")
    )


def test_the_few_finite_values_of_a_stack_give_the_limits_of_a_video() -> None:
    stack = np.full((3, 1100, 1100), np.nan, np.float32)
    stack[1] = sparse((1100, 1100))
    for given_as in (stack, list(stack)):
        frames = as_frames(given_as, contrast="robust")
        assert frames.color_scale is not None
        found = frames.color_scale.limits
        assert [found.vmin[0], found.vmax[0]] == expected_limits()


def test_the_few_finite_values_of_several_pictures_give_their_common_limits() -> None:
    with pytest.warns(UserWarning, match="no finite value"):
        grid = Grid([sparse(), np.full((4, 4), np.nan, np.float32)], contrast="robust")
    assert shown_limits(grid.pictures[0]) == expected_limits()


def test_the_few_finite_values_give_the_limits_of_a_view_that_holds_them_all() -> None:
    view = View(sparse((1200, 1200)), contrast="robust")
    assert view.state["displays"][0]["limits"] == [expected_limits()]


def test_the_few_finite_values_of_a_pyramid_give_the_limits_of_its_tiles(tmp_path: Path) -> None:
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = write_dzi(
            sparse(), tmp_path / "a.dzi", format="png", contrast="robust", progress=False
        )
    top = Path(f"{path.with_suffix('')}_files") / "11"
    column = next(top.glob("0_1.png"))
    tile = np.asarray(Image.open(column).convert("LA"))
    assert tile[..., 1].max() == 255
    picture = Picture(sparse(), contrast="robust").render()
    np.testing.assert_array_equal(tile, picture[253 : 253 + len(tile), : tile.shape[1]])


def test_the_magnitude_of_full_color_comes_from_the_few_that_are_not_0() -> None:
    data = np.zeros((1100, 1100), np.complex64)
    data[500, 50:55] = [1j, 2, 3, 4, 50]
    assert "full color 3," in Picture(data, complex="domain").description


@pytest.mark.parametrize("dtype", [np.float32, np.int64])
def test_no_and_all_percent_are_the_extremes_that_a_sample_misses(dtype: Any) -> None:
    data = np.tile(np.arange(10, 20), (1500, 150)).astype(dtype)
    data[7, 8], data[-1, -1] = -1000, 1000
    np.testing.assert_array_equal(rerange(data, contrast=(0, 100)), rerange(data))
    stack = as_frames(data[None], contrast=(0, 100))
    np.testing.assert_array_equal(next(stack.pixels()), rerange(data))
    np.testing.assert_array_equal(rerange(data, contrast=(50, 100)), rerange(data, 15, 1000))


def test_an_array_without_a_value_that_counts_is_still_blank() -> None:
    with pytest.warns(UserWarning, match="no finite value"):
        Picture(np.full((1100, 1100), np.nan), contrast="robust")
    with pytest.warns(UserWarning, match="no finite value above 0"):
        Picture(np.zeros((1100, 1100)), contrast="robust", norm="log")


# A fair sample


@pytest.mark.parametrize("part", [0.01, 0.1, 0.3, 1])
def test_percentiles_of_a_sample_are_near_those_of_all(part: float) -> None:
    random = np.random.default_rng(0)
    array = random.normal(size=(1500, 1600)).astype(np.float32)
    array[random.random(array.shape) > part] = np.nan
    got = find_percentiles(sample(array, most=1 << 15), (10, 90))
    expected = np.nanpercentile(array, (10, 90))
    np.testing.assert_allclose(got, expected, atol=0.05)
    assert sample(array, most=1 << 15).size <= 1.05 * (1 << 15)


def test_a_sample_does_not_depend_on_the_order_of_the_parts() -> None:
    random = np.random.default_rng(0)
    parts = [random.random((50, 60)) for _ in range(8)]
    for part in parts[:4]:
        part[part < 0.95] = np.nan
    found = []
    for order in (range(8), range(7, -1, -1), (3, 7, 1, 0, 2, 6, 5, 4)):
        whole = ValueSample(most=2000)
        for number in order:
            one = ValueSample(most=1500)
            one.add(parts[number], key=(number,))
            whole.join(one)
        found.append(np.sort(whole.values))
        assert whole.values.size <= 2000
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


def test_parts_count_by_how_many_of_their_values_are_finite() -> None:
    dense, thin = np.zeros((1000, 1000)), np.full((1000, 1000), np.nan)
    thin[::100, ::100] = 1
    found = ValueSample(most=10_000)
    found.add(thin, key=(0,))
    found.add(dense, key=(1,))
    assert found.values.mean() < 0.002


def test_few_values_in_many_parts_are_all_in_the_sample() -> None:
    found = ValueSample(most=1000)
    for number in range(20):
        part = np.full((100, 100), np.nan)
        part[3, 4] = number
        found.add(part, key=(number,))
    assert sorted(found.values.tolist()) == list(range(20))
    assert found.share == 1


def test_samples_are_bounded_and_the_same_at_each_call() -> None:
    array = np.random.default_rng(0).random((2000, 2100))
    assert sample(array).size <= 1.05 * SAMPLE
    np.testing.assert_array_equal(sample(array), sample(array))


# The ends of a dtype


@pytest.mark.parametrize("contrast", ["robust", (1, 99), (0, 100), (50, 50), (25, 75)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_percentiles_at_the_ends_of_a_dtype_are_finite(dtype: Any, contrast: Any) -> None:
    top = np.finfo(dtype).max
    for row in ([-top, top], [-top, 0, top], [-top, top, top]):
        data = np.array([row, row], dtype)
        found = limits_module.resolve_limits(data, None, ValueScale.of(contrast=contrast))
        assert np.isfinite([found.vmin[0], found.vmax[0]]).all()
        assert -top <= found.vmin[0] <= found.vmax[0] <= top
        got = rerange(data, contrast=contrast)
        assert got[0, 0] == 0
        assert got[0, -1] == (255 if found.vmin[0] < top else 0)


def test_percentiles_of_integers_beyond_2_53_are_exact() -> None:
    start = 2**60 + 3
    constant = np.full((3, 3), start)
    assert rerange(constant, contrast="robust").tolist() == [[0] * 3] * 3
    ramp = start + np.arange(101)
    assert find_percentiles(ramp, (0, 100)) == (start, start + 100)
    assert find_percentiles(ramp, (2, 98)) == (start + 2, start + 98)
    top = np.array([[0, 2**64 - 1]], np.uint64)
    assert rerange(top, contrast=(0, 100)).tolist() == [[0, 255]]


@pytest.mark.parametrize("seed", range(8))
def test_zscale_is_irafs(seed: int) -> None:
    """As astropy has it, of the thousand values that IRAF looks at."""
    from astropy.visualization import ZScaleInterval

    random = np.random.default_rng(seed)
    values = random.normal(100 * seed, 5, 1000)
    stars = random.integers(0, 1000, 30 * seed)
    values[stars] += random.exponential(3000, len(stars))
    if seed == 7:
        values = np.round(values / 20)
    assert find_zscale(values) == pytest.approx(ZScaleInterval().get_limits(values))


def test_zscale_lies_within_the_values_whatever_they_are() -> None:
    for values in (np.zeros(1), np.arange(3.0), np.ones(5000), np.arange(200_000) % 7):
        low, high = find_zscale(values)
        assert values.min() <= low <= high <= values.max()


# Noise


def test_noise_is_three_deviations_of_most_values_whatever_the_others_are() -> None:
    values = np.random.default_rng(3).normal(1000, 4, 100_000)
    assert find_noise(values) == pytest.approx(12, rel=0.02)
    values[::50] = 1e9
    assert find_noise(values) == pytest.approx(12, rel=0.05)
    assert find_noise(-values) == find_noise(values)


def test_where_most_values_are_equal_noise_is_that_of_the_others() -> None:
    counts = np.zeros(1000, np.uint16)
    counts[:100] = np.arange(1, 101)
    assert find_noise(counts) == pytest.approx(3 * 1.4826 * 50.5)
    assert find_noise(np.full(9, 7.0)) == find_noise(np.empty(0)) == 0


@pytest.mark.parametrize("scale", [5e-324, 1e-300, 1e300, 1.7e308])
def test_noise_of_very_small_and_very_large_values_is_finite(scale: float) -> None:
    noise = find_noise(np.array([-1.0, -1, 0, 0, 1, 1]) * scale)
    assert 0 < noise < np.inf
