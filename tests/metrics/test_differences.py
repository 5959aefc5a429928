"""What is between two arrays is what NumPy says, and of whole numbers exact."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage.metrics.differences import difference_map, subtract, summarize_difference
from nbimage.metrics.registration import sample_like

RANDOM = np.random.default_rng(3)
UNIT = {"x": 0.0, "y": 0.0, "sx": 1.0, "sy": 1.0}


@pytest.mark.parametrize("dtype", ["int64", "uint64", "int8", "uint8", "uint16", "int32"])
def test_whole_numbers_are_subtracted_as_whole_numbers(dtype: str) -> None:
    info = np.iinfo(dtype)
    a, b = RANDOM.integers(info.min, info.max, (2, 30, 20), dtype, endpoint=True)
    b[0] = a[0] - (a[0] > info.min)
    expected = (a.astype(object) - b.astype(object)).astype(np.float64)
    np.testing.assert_array_equal(subtract(a, b), expected)


def test_whole_numbers_of_unlike_size_are_subtracted_exactly() -> None:
    a = np.array([[2**63 + 5, 3]], np.uint64)
    b = np.array([[-2, 7]], np.int8)
    np.testing.assert_array_equal(subtract(a, b), [[float(2**63 + 7), -4]])
    np.testing.assert_array_equal(subtract(b, a), [[-float(2**63 + 7), 4]])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "uint8"])
def test_a_relative_difference_is_a_share_of_the_second_image(dtype: str) -> None:
    a, b = RANDOM.uniform(1, 200, (2, 40, 30)).astype(dtype)
    if dtype != "uint8":
        b -= 100
    a[0], b[0] = 0, 0
    b[1] = 0
    found = difference_map(a, b, "relative")
    assert (found[0] == 0).all()
    assert (found[1] == np.inf).all()
    x, y = a[2:].astype(np.float64), b[2:].astype(np.float64)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(found[2:], (x - y) / np.abs(y))
    np.testing.assert_array_equal(difference_map(a, b, "absolute"), np.abs(subtract(a, b)))


def test_numbers_are_of_what_is_finite_in_both() -> None:
    a, b = RANDOM.normal(size=(2, 20, 30))
    a[0, :3], b[0, 1:4] = np.nan, np.nan
    a[1, 0] = b[1, 0] = np.inf
    less = subtract(a, b)
    numbers = summarize_difference(less, a, b, 2.0)
    known = less[np.isfinite(less)]
    assert numbers["values"] == known.size == 600 - 5
    assert numbers["unmatched"] == 2  # what is missing in both, or the same infinity, is alike
    assert numbers["rmse"] == pytest.approx(np.sqrt((known**2).mean()), rel=1e-12)
    assert numbers["psnr"] == pytest.approx(20 * np.log10(2 / numbers["rmse"]), rel=1e-12)
    same = summarize_difference(subtract(a, a), a, a, 2.0)
    assert (same["psnr"], same["max"], "unmatched" in same) == (np.inf, 0, False)
    nothing = summarize_difference(np.full((2, 2), np.nan), a[:2, :2] * np.nan, b[:2, :2], 1.0)
    assert nothing["values"] == 0


def test_samples_of_another_image_are_the_nearest_ones() -> None:
    image = RANDOM.integers(0, 256, (10, 12), np.uint8)
    assert sample_like(image, UNIT, image.shape, UNIT) is image
    twice = sample_like(image, {**UNIT, "sx": 2.0, "sy": 2.0}, (20, 24), UNIT)
    np.testing.assert_array_equal(twice, image.repeat(2, 0).repeat(2, 1))
    moved = sample_like(image, {**UNIT, "x": 3.0, "y": -1.0}, image.shape, UNIT)
    assert np.isnan(moved[:, :3]).all()
    assert np.isnan(moved[-1]).all()
    np.testing.assert_array_equal(moved[:-1, 3:], image[1:, :-3])
