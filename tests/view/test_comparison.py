"""`View.compare`: the same numbers at all doors, of samples that lie on one another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import xarray
from skimage import metrics

from nbimage import View

RANDOM = np.random.default_rng(9)
SHAPE = 60, 80
BYTES, OTHERS = RANDOM.integers(0, 256, (2, *SHAPE), np.uint8)
COLORS, MORE_COLORS = RANDOM.integers(0, 256, (2, *SHAPE, 3), np.uint8)
WORDS, MORE_WORDS = RANDOM.integers(0, 65536, (2, *SHAPE), np.uint16)
FLOATS, MORE_FLOATS = RANDOM.normal(size=(2, *SHAPE))
HOLES = np.where(RANDOM.random(SHAPE) < 0.01, np.nan, FLOATS)
PAIRS: dict[str, tuple[Any, Any]] = {
    "gray": (BYTES, OTHERS),
    "colors": (COLORS, MORE_COLORS),
    "uint16": (WORDS, MORE_WORDS),
    "floats": (FLOATS, MORE_FLOATS),
    "missing": (HOLES, MORE_FLOATS),
}
SIMILARITY: dict[str, Any] = {
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
    "full": True,
}


def peak_of(a: np.ndarray) -> float:
    return {"uint8": 255, "uint16": 65535}.get(a.dtype.name, float(np.nanmax(a) - np.nanmin(a)))


@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("name", PAIRS)
def test_numbers_and_maps_are_those_of_numpy_and_scikit_image(name: str, embed: bool) -> None:
    a, b = PAIRS[name]
    view = View({"a": a, "b": b}, embed=embed)
    less = a.astype(np.float64) - b
    peak = peak_of(a)
    np.testing.assert_array_equal(view.compare().map, less)
    np.testing.assert_array_equal(view.compare("absolute").map, np.abs(less))
    assert view.compare().images == ("a", "b")
    assert view.compare().value == pytest.approx(np.nanmean(less), abs=1e-9)
    assert view.compare("absolute").value == view.compare("mae").value
    assert view.compare("mae").value == pytest.approx(np.nanmean(np.abs(less)))
    assert view.compare("rmse").value == pytest.approx(np.sqrt(np.nanmean(less**2)))
    assert view.compare("psnr").value == pytest.approx(
        20 * np.log10(peak / np.sqrt(np.nanmean(less**2)))
    )
    assert view.compare("mae").map is None
    axis = 2 if a.ndim == 3 else None
    mean, expected = metrics.structural_similarity(
        a, b, data_range=peak, channel_axis=axis, **SIMILARITY
    )
    found = view.compare("ssim")
    assert found.map is not None
    expected = expected if axis is None else expected.mean(2)
    np.testing.assert_allclose(found.map, expected, atol=1e-9)
    if name != "missing":
        assert found.value == pytest.approx(mean, rel=1e-9)
    if name in ("gray", "colors", "uint16"):
        assert found.numbers["psnr"] == pytest.approx(
            metrics.peak_signal_noise_ratio(a, b, data_range=peak)
        )


def test_masked_samples_count_for_nothing() -> None:
    mask = RANDOM.random(SHAPE) < 0.3
    view = View({"a": np.ma.array(BYTES, mask=mask), "b": OTHERS})
    found = view.compare()
    less = BYTES.astype(float) - OTHERS
    np.testing.assert_array_equal(found.map, np.where(mask, np.nan, less))
    assert found.numbers["values"] == np.count_nonzero(~mask)
    assert found.numbers["unmatched"] == np.count_nonzero(mask)


def test_a_pair_is_named_and_is_that_of_the_state() -> None:
    view = View({"a": BYTES, "b": OTHERS, "c": BYTES}, state={"pair": ("b", "c")})
    assert view.compare().images == ("b", "c")
    assert view.compare(pair=("a", "c")).numbers["max"] == 0
    assert view.compare(pair=[1, 0]).images == ("b", "a")
    assert view.compare("psnr", ("a", "c")).value == np.inf


def test_rows_are_counted_as_in_the_array() -> None:
    lat, lon = np.arange(60.0), np.arange(80.0)

    def field(array: np.ndarray) -> xarray.DataArray:
        return xarray.DataArray(array, dims=("lat", "lon"), coords={"lat": lat, "lon": lon})

    view = View({"a": field(BYTES), "b": field(OTHERS)})
    np.testing.assert_array_equal(view.compare().map, BYTES.astype(float) - OTHERS)


@pytest.mark.parametrize("embed", [True, False])
def test_a_smaller_image_is_read_where_it_lies(embed: bool) -> None:
    small = OTHERS[:30, :40]
    view = View({"a": BYTES, "b": small}, embed=embed)
    expected = BYTES.astype(float) - small.repeat(2, 0).repeat(2, 1)
    np.testing.assert_array_equal(view.compare().map, expected)
    back = view.compare(pair=("b", "a")).map
    np.testing.assert_array_equal(back, small.astype(float) - BYTES[1::2, 1::2])


@pytest.mark.parametrize("embed", [True, False])
def test_a_plane_of_stacks_is_compared(embed: bool) -> None:
    a, b = RANDOM.integers(0, 256, (2, 5, *SHAPE), np.uint8)
    view = View({"a": a, "b": b}, embed=embed, axes="zyx", state={"index": {"z": 2}})
    np.testing.assert_array_equal(view.compare().map, a[2].astype(float) - b[2])
    np.testing.assert_array_equal(view.compare(index={"z": -1}).map, a[4].astype(float) - b[4])


def test_of_a_composite_the_channels_that_are_on_are_compared() -> None:
    a, b = RANDOM.integers(0, 4096, (2, 3, *SHAPE), np.uint16)
    displays = {"on": [True, False, True]}
    view = View({"a": a, "b": b}, channels=["p", "q", "r"], state={"displays": [displays] * 2})
    found = view.compare("absolute").map
    expected = np.abs(a.astype(float) - b)[[0, 2]]
    np.testing.assert_array_equal(found, np.moveaxis(expected, 0, 2))
    for metric in ("ssim", "flip"):
        found = view.compare(metric).map
        assert found is not None
        assert found.shape == SHAPE


def test_levels_of_tiles_are_compared_by_their_means() -> None:
    a, b = RANDOM.integers(0, 256, (2, 600, 520), np.uint8)
    view = View({"a": a, "b": b}, embed=False)
    assert view.compare().level == 0
    found = view.compare(level=1)
    assert found.level == 1
    means = [array.astype(float).reshape(300, 2, 260, 2).mean(axis=(1, 3)) for array in (a, b)]
    np.testing.assert_allclose(found.map, means[0] - means[1], atol=1)  # means are whole, too


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"metric": "mse"}, "metric must be one of difference, absolute, relative, ssim"),
        ({"pair": "a"}, "must be two names or numbers"),
        ({"pair": ("a", "z")}, "must be two of 'a', 'b'"),
        ({"level": 1}, "level must be from 0 to 0, but got 1"),
        ({"data_range": -1}, "data_range must be above 0"),
        ({"pixels_per_degree": 0}, "pixels_per_degree must be from 1 to 1000"),
        ({"index": {"z": 1}}, "must be left out"),
    ],
)
def test_what_can_not_be_compared_is_refused_in_one_line(
    options: Mapping[str, Any], words: str
) -> None:
    view = View({"a": BYTES, "b": OTHERS})
    with pytest.raises((TypeError, ValueError)) as caught:
        view.compare(**options)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_image_has_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="one image has nothing to compare"):
        View(BYTES).compare()


@pytest.mark.parametrize("metric", ["ssim", "psnr", "flip"])
def test_images_of_one_value_ask_for_a_range(metric: str) -> None:
    view = View({"a": np.full(SHAPE, 7.0), "b": np.full(SHAPE, 7.5)})
    with pytest.raises(ValueError, match=f"data_range must be given for {metric}"):
        view.compare(metric)
    assert np.isfinite(view.compare(metric, data_range=(0, 10)).value)
    assert view.compare("mae").value == 0.5


@pytest.mark.filterwarnings("error")
def test_squares_of_huge_values_are_infinite() -> None:
    view = View({"a": FLOATS * 1e300, "b": -FLOATS * 1e300})
    assert view.compare("rmse").value == np.inf
    assert np.isfinite(view.compare("mae").value)
    assert view.compare("ssim").metric == "ssim"
