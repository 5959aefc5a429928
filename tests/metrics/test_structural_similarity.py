"""SSIM is scikit-image's, sample by sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from skimage.metrics import structural_similarity as of_skimage

from nbimage.metrics.structural_similarity import mean_similarity, structural_similarity

RANDOM = np.random.default_rng(4)
SAME: dict[str, Any] = {
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
    "full": True,
}


@pytest.mark.parametrize("shape", [(11, 11), (40, 57), (300, 11), (13, 900)])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float64"])
def test_the_map_and_its_mean_are_those_of_scikit_image(shape: tuple[int, int], dtype: str) -> None:
    a = RANDOM.uniform(0, 200, shape).astype(dtype)
    b = (a * 0.9 + RANDOM.uniform(0, 20, shape)).astype(dtype)
    mean, expected = of_skimage(a, b, data_range=255, **SAME)
    found = structural_similarity(a, b, 255)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    assert mean_similarity(found) == pytest.approx(mean, rel=1e-9)


def test_bands_meet_without_a_seam() -> None:
    a, b = RANDOM.random((2, 100, 4000))
    found = structural_similarity(a, b, 1)
    _, expected = of_skimage(a, b, data_range=1, **SAME)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_what_is_missing_hides_the_windows_that_it_lies_in() -> None:
    a, b = RANDOM.random((2, 40, 50))
    whole = structural_similarity(a, b, 1)
    a[20, 30] = np.nan
    found = structural_similarity(a, b, 1)
    hidden = np.zeros(a.shape, bool)
    hidden[15:26, 25:36] = True
    assert np.isnan(found[hidden]).all()
    np.testing.assert_array_equal(found[~hidden], whole[~hidden])
    assert mean_similarity(found) == pytest.approx(whole[5:-5, 5:-5][~hidden[5:-5, 5:-5]].mean())


def test_an_image_is_like_itself_however_small() -> None:
    for shape in ((1, 1), (1, 30), (10, 10)):
        a = RANDOM.random(shape)
        found = structural_similarity(a, a, 1)
        np.testing.assert_allclose(found, 1)
        assert mean_similarity(found) == pytest.approx(1)
