"""FLIP: what must be so of any images; `tests/peers/test_flip.py` has the reference's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage.metrics.flip import flip_error

RANDOM = np.random.default_rng(5)


def test_an_image_has_no_error_beside_itself() -> None:
    for shape in ((1, 1), (1, 40), (30, 20, 3)):
        a = RANDOM.random(shape)
        assert (flip_error(a, a) == 0).all()


def test_errors_are_the_same_either_way_and_within_0_and_1() -> None:
    a, b = RANDOM.random((2, 60, 50, 3))
    found = flip_error(a, b)
    np.testing.assert_array_equal(found, flip_error(b, a))
    assert 0 < found.min() < found.max() <= 1


def test_grays_are_colors_with_three_equal_parts() -> None:
    a, b = RANDOM.random((2, 30, 40))
    colors = [np.repeat(gray[..., None], 3, 2) for gray in (a, b)]
    np.testing.assert_allclose(flip_error(a, b), flip_error(colors[0], colors[1]), rtol=1e-12)


def test_bands_meet_without_a_seam() -> None:
    a, b = RANDOM.random((2, 90, 3000))
    found = flip_error(a, b, 30)
    part = flip_error(a[10:80], b[10:80], 30)
    np.testing.assert_allclose(found[20:70], part[10:-10], rtol=1e-9)


def test_green_and_blue_lie_furthest_from_one_another() -> None:
    green, blue = np.zeros((2, 30, 30, 3))
    green[..., 1], blue[..., 2] = 1, 1
    np.testing.assert_allclose(flip_error(green, blue), 1, rtol=1e-9)


@pytest.mark.parametrize("pixels_per_degree", [5, 67])
def test_what_is_missing_hides_no_more_than_the_filters_reach(pixels_per_degree: float) -> None:
    a, b = RANDOM.random((2, 60, 60))
    a[30, 30] = np.nan
    found = np.isnan(flip_error(a, b, pixels_per_degree))
    assert found[30, 30]
    assert found.sum() <= 21**2
    assert not found[0].any()
