"""FLIP is what its authors' own program says, sample by sample."""

from __future__ import annotations

import flip_evaluator
import numpy as np
import pytest
from skimage import data

from nbimage import View
from nbimage.metrics.flip import flip_error

RANDOM = np.random.default_rng(6)
PHOTO = data.astronaut()[:200, 100:260]
NOISY = np.clip(PHOTO + RANDOM.normal(0, 25, PHOTO.shape), 0, 255).astype(np.uint8)
PAIRS = {
    "noise": (PHOTO, NOISY),
    "moved": (PHOTO, np.roll(PHOTO, 3, 1)),
    "darker": (PHOTO, PHOTO // 2),
    "random": tuple(RANDOM.integers(0, 256, (2, 40, 30, 3), np.uint8)),
    "one sample": (np.zeros((1, 1, 3), np.uint8), np.full((1, 1, 3), 200, np.uint8)),
}


def evaluate(a: np.ndarray, b: np.ndarray, ppd: float) -> tuple[np.ndarray, float]:
    """The reference's map and mean."""
    floats = [np.ascontiguousarray(one / 255, np.float32) for one in (a, b)]
    options = {"applyMagma": False, "parameters": {"ppd": ppd}}
    found, mean, _ = flip_evaluator.evaluate(*floats, "LDR", **options)
    return found[..., 0], mean


@pytest.mark.parametrize("ppd", [12.0, 67.02])
@pytest.mark.parametrize("name", PAIRS)
def test_the_map_and_its_mean_are_the_references(name: str, ppd: float) -> None:
    a, b = PAIRS[name]
    expected, mean = evaluate(a, b, ppd)
    found = flip_error(a / 255, b / 255, ppd)
    np.testing.assert_allclose(found, expected, atol=2e-4)
    assert found.mean() == pytest.approx(mean, abs=2e-5)


@pytest.mark.parametrize("embed", [True, False])
def test_a_view_says_the_same_of_colors_and_of_grays(embed: bool) -> None:
    view = View({"a": PHOTO, "b": NOISY}, embed=embed)
    _, mean = evaluate(PHOTO, NOISY, 67.02)
    assert view.compare("flip").value == pytest.approx(mean, abs=2e-5)
    gray, other = PHOTO[..., 0], NOISY[..., 0]
    _, mean = evaluate(*(np.repeat(one[..., None], 3, 2) for one in (gray, other)), 40)
    view = View({"a": gray, "b": other}, embed=embed)
    assert view.compare("flip", pixels_per_degree=40).value == pytest.approx(mean, abs=2e-5)
