"""Pixels of a picture: what alpha is, what is missing, and what is left when they are reduced."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage import Picture, rerange
from nbimage.arrays.ingest import Values, as_values
from nbimage.codecs.stored_picture import StoredPicture
from nbimage.mapping import pixels as module
from nbimage.mapping.alpha import as_colors
from nbimage.mapping.area_mean import factor_for
from nbimage.mapping.pixels import Pixels
from tests.mapping.asking import as_pixels

Array = np.ndarray[Any, Any]


def colors(channels: int, dtype: Any = np.float64, seed: int = 0) -> Array:
    random = np.random.default_rng(seed)
    values = random.random((5, 7, channels)) * 4 - 1
    return values.astype(dtype) if np.dtype(dtype).kind == "f" else (values * 60).astype(dtype)


def named(data: Array, axis: int = -1) -> Values:
    """Return data whose axis of channels is said to hold colors and alpha."""
    return as_colors(as_values(np.moveaxis(data, -1, axis)), axis)


def ramp_of_alpha(dtype: Any, top: float) -> Array:
    return (np.linspace(0, top, 35).reshape(5, 7)).astype(dtype)


# Alpha is coverage


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("axis", [0, -1])
def test_alpha_does_not_count_for_the_limits(channels: int, axis: int) -> None:
    data = colors(channels)
    expected = rerange(data[:, :, :-1])
    for alpha in (0.0, 1.0, 1e9, -1e9, np.nan):
        data[:, :, -1] = alpha
        pixels = as_pixels(named(data, axis)).array
        np.testing.assert_array_equal(pixels[:, :, :-1], expected)


@pytest.mark.parametrize(
    ("dtype", "top"),
    [
        (np.float16, 1),
        (np.float32, 1),
        (np.float64, 1),
        (np.longdouble, 1),
        (np.uint8, 255),
        (np.int8, 127),
        (np.uint16, 65535),
        (np.int16, 32767),
        (np.uint32, 2**32 - 1),
        (np.int32, 2**31 - 1),
    ],
)
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_takes_its_own_full_scale(dtype: Any, top: float, channels: int) -> None:
    data = np.full((5, 7, channels), 3, dtype)
    alpha = ramp_of_alpha(dtype, top)
    data[:, :, -1] = alpha
    got = as_pixels(named(data)).array[:, :, -1]
    if dtype is np.uint8:
        expected = alpha
    else:
        expected = np.clip(np.floor(alpha.astype(np.float64) * 256 / top), 0, 255)
    np.testing.assert_array_equal(got, expected)
    assert got[0, 0] == 0
    assert got[-1, -1] == 255


@pytest.mark.parametrize(
    "options", [{"vmin": 0, "vmax": 2}, {"vsym": True}, {"vmin": 3, "vmax": 0}]
)
@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_limits_of_the_colors_leave_alpha_alone(options: Any, dtype: Any) -> None:
    data = np.abs(colors(4, dtype))
    data[:, :, 3] = ramp_of_alpha(dtype, 255 if dtype is np.uint8 else 1)
    got = as_pixels(named(data), **options).array
    np.testing.assert_array_equal(got[:, :, 3], as_pixels(named(data)).array[:, :, 3])
    np.testing.assert_array_equal(got[:, :, :3], rerange(data[:, :, :3], **options))


def test_three_limits_are_of_the_colors_alone() -> None:
    data = colors(4)
    got = as_pixels(named(data), [0, 0, 0], [1, 2, 3]).array
    expected = rerange(data[:, :, :3], [0, 0, 0], [1, 2, 3], channel_axis=-1)
    np.testing.assert_array_equal(got[:, :, :3], expected)
    np.testing.assert_array_equal(got[:, :, 3], rerange(data[:, :, 3], 0, 1))


def test_four_limits_are_of_alpha_as_well() -> None:
    data = colors(4)
    for axis in (0, -1):
        got = as_pixels(named(data, axis), 0, [1, 2, 3, 0.5]).array
        for channel, top in enumerate([1, 2, 3, 0.5]):
            np.testing.assert_array_equal(got[:, :, channel], rerange(data[:, :, channel], 0, top))


def test_uint8_of_any_channels_is_shown_value_for_value() -> None:
    for channels in (1, 2, 3, 4):
        data = np.random.default_rng(0).integers(0, 256, (5, 7, channels), np.uint8)
        expected = data[:, :, 0] if channels == 1 else data
        np.testing.assert_array_equal(as_pixels(data, channel_axis=-1).array, expected)
        np.testing.assert_array_equal(as_pixels(named(data, 0)).array, expected)


def test_two_channels_are_gray_and_alpha_only_if_said() -> None:
    for shape in ((2, 5, 7), (5, 7, 2)):
        with pytest.raises(ValueError, match="channel_axis"):
            as_pixels(np.zeros(shape))


def test_alpha_that_is_missing_is_transparent() -> None:
    data = np.ones((2, 3, 4))
    data[0, 0, 3] = np.nan
    data[0, 1, 3] = np.inf
    data[0, 2, 3] = -np.inf
    assert as_pixels(data).render()[:, :, 3].tolist() == [[0, 255, 0], [255, 255, 255]]


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (3, 5, 7), (4, 5, 7), (1, 5, 7)])
@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32, ">i2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_pixels_are_contiguous_bytes_of_their_own(shape: Any, dtype: Any, order: Any) -> None:
    data = np.zeros(shape, dtype, order=order)
    pixels = as_pixels(data).array
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert not np.shares_memory(pixels, data)
    picture = Picture(data)
    before = picture.png
    data[...] = 1
    assert StoredPicture.png.func(picture._stored) == before  # type: ignore[attr-defined]
    assert not picture.pixels.any()


@pytest.mark.parametrize(
    ("data", "options", "bilevel"),
    [
        (np.eye(3, dtype=bool), {}, True),
        (np.eye(3, dtype=bool), {"vmax": 2}, False),
        (np.eye(3, dtype=np.uint8), {}, False),
        (np.zeros((3, 5, 7), bool), {}, False),
        (np.zeros((1, 5, 7), bool), {}, True),
    ],
)
def test_only_booleans_in_gray_are_bilevel(data: Array, options: Any, bilevel: bool) -> None:
    pixels = as_pixels(data, **options)
    assert pixels.bilevel == bilevel
    if bilevel:
        assert set(np.unique(pixels.array)) <= {0, 255}


def test_bilevel_is_never_said_of_other_pixels_than_black_and_white() -> None:
    for options in ({}, {"vsym": True}, {"contrast": "robust"}, {"contrast": "infer"}):
        pixels = as_pixels(np.eye(9, dtype=bool), **options)
        assert not pixels.bilevel or set(np.unique(pixels.array)) <= {0, 255}, options


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 9, 11), (3, 600, 700)])
@pytest.mark.parametrize(
    "options",
    [
        {"vmin": 0, "vmax": 50},
        {"vmin": [0, 1, 2], "vmax": [50, 10, -7]},
        {"vmax": [50, 10, -7]},
        {"vmin": -5},
        {"vmin": -5, "vsym": True},
    ],
    ids=str,
)
def test_a_picture_has_the_pixels_of_rerange(dtype: Any, shape: Any, options: Any) -> None:
    data = (np.random.default_rng(0).standard_normal(shape) * 90).astype(dtype)
    expected = np.moveaxis(rerange(data, **options), 0, -1)
    np.testing.assert_array_equal(as_pixels(data, **options).array, expected)
    if not isinstance(options.get("vmax"), list):
        np.testing.assert_array_equal(
            as_pixels(data[0], **options).array, rerange(data[0], **options)
        )


@pytest.mark.parametrize("shape", [(9, 11), (1024, 1100)])
def test_values_beyond_the_limits_of_a_picture_are_its_ends(shape: tuple[int, int]) -> None:
    data = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    pixels = as_pixels(data, -0.5, 0.7).array
    assert (pixels[data < -0.5] == 0).all()
    assert (pixels[data >= 0.7] == 255).all()


# What is missing


def test_a_pixel_is_missing_if_any_of_its_channels_is() -> None:
    data = colors(3)
    data[0, 1, 0], data[2, 3, 2] = np.nan, np.nan
    missing = np.zeros((5, 7), bool)
    missing[0, 1] = missing[2, 3] = True
    for array in (data, np.moveaxis(data, -1, 0)):
        np.testing.assert_array_equal(as_pixels(array).mask, missing)
    masked = np.ma.masked_invalid(data)
    np.testing.assert_array_equal(as_pixels(masked).mask, missing)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.float32])
def test_masked_pixels_are_transparent(dtype: Any) -> None:
    mask = np.eye(5, 7, dtype=bool)
    data = np.ma.array(np.arange(35).reshape(5, 7).astype(dtype), mask=mask)
    pixels = as_pixels(data)
    np.testing.assert_array_equal(pixels.mask, mask)
    np.testing.assert_array_equal(pixels.render()[:, :, 1], np.where(mask, 0, 255))


def test_infinities_are_not_missing() -> None:
    pixels = as_pixels(np.array([[np.inf, -np.inf, 1, 2, np.nan]]))
    assert pixels.mask is not None
    assert pixels.mask.tolist() == [[False, False, False, False, True]]
    assert pixels.array.tolist() == [[255, 0, 0, 255, 0]]


def test_nothing_missing_is_no_mask() -> None:
    plain = np.arange(12.0).reshape(3, 4)
    for data in (plain, np.ma.array(plain), np.ma.array(plain, mask=np.zeros((3, 4)))):
        pixels = as_pixels(data)
        assert pixels.mask is None
        assert pixels.render() is pixels.array


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3), (4, 5, 7)])
def test_a_picture_of_nothing_is_transparent_and_warns_at_the_callers_line(shape: Any) -> None:
    with pytest.warns(UserWarning, match="no finite value") as caught:
        pixels = module.as_pixels(np.full(shape, np.nan))
    assert [w.filename for w in caught] == [__file__]
    assert str(shape) in str(caught[0].message)
    assert not pixels.render()[:, :, -1].any()


def test_a_wholly_masked_picture_is_transparent() -> None:
    for dtype in (np.float32, np.int16, np.uint8, bool):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels = as_pixels(np.ma.masked_all((3, 4), dtype))
        assert not pixels.render()[:, :, -1].any()


def test_colors_with_nothing_finite_are_transparent_whatever_alpha_says() -> None:
    data = np.full((3, 5, 4), np.nan)
    data[:, :, 3] = 1
    with pytest.warns(UserWarning, match="no finite value"):
        assert not as_pixels(data, channel_axis=-1).render()[:, :, 3].any()


# shown


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@given(st.integers(0, 2**35 - 1))
@settings(max_examples=20)
def test_shown_clears_what_is_missing_and_nothing_else(channels: int, bits: int) -> None:
    random = np.random.default_rng(bits)
    shape = (5, 7) if channels == 1 else (5, 7, channels)
    array = random.integers(0, 256, shape, np.uint8)
    mask = np.array([bits >> i & 1 for i in range(35)], bool).reshape(5, 7)
    before = array.copy()
    out = Pixels(array, mask, False, "").render()
    assert out.shape == (5, 7, {1: 2, 2: 2, 3: 4, 4: 4}[channels])
    assert not out[mask].any()
    seen = array.reshape(5, 7, channels)[~mask]
    np.testing.assert_array_equal(out[~mask][:, :channels], seen)
    if channels in (1, 3):
        assert (out[~mask][:, channels] == 255).all()
    np.testing.assert_array_equal(array, before)


# Reduced


def block_sums(array: Array, factor: int) -> Array:
    """Return the sum of every block, those at the end over what there is of them."""
    rows, columns = (np.arange(0, n, factor) for n in array.shape[:2])
    return np.add.reduceat(np.add.reduceat(array.astype(np.int64), rows, 0), columns, 1)


def rounded(sums: Array, counts: Array) -> Array:
    """Return exact means, halves rounded up."""
    return (2 * sums + counts) // (2 * counts)


def exact_means(pixels: Array, factor: int) -> Array:
    return rounded(block_sums(pixels, factor), block_sums(np.ones(pixels.shape), factor))


@pytest.mark.parametrize("factor", [2, 3, 4, 5, 7, 16])
def test_reduced_pixels_are_the_means_of_their_blocks_rounded(factor: int) -> None:
    random = np.random.default_rng(0)
    for height, width in [(48, 96), (35, 70), (37, 41), (1, 50), (50, 1), (2, 2)]:
        for shape in [(height, width), (height, width, 3)]:
            array = random.integers(0, 256, shape, np.uint8)
            reduced = Pixels(array, None, False, "words").reduced(factor)
            assert reduced.array.shape[:2] == (-(-height // factor), -(-width // factor))
            assert reduced.description == "words"
            np.testing.assert_array_equal(reduced.array, exact_means(array, factor))


@pytest.mark.parametrize("factor", [2, 3, 8])
@pytest.mark.parametrize("value", [0, 1, 127, 128, 254, 255])
def test_reducing_keeps_an_even_area(factor: int, value: int) -> None:
    for shape in ((24, 24), (25, 26), (25, 26, 3)):
        array = np.full(shape, value, np.uint8)
        assert (Pixels(array, None, False, "").reduced(factor).array == value).all()


def test_reduction_in_bands_has_no_seams() -> None:
    array = np.random.default_rng(1).integers(0, 256, (5003, 4001), np.uint8)
    reduced = Pixels(array, None, False, "").reduced(3).array
    np.testing.assert_array_equal(reduced, exact_means(array, 3))


def test_reducing_by_one_changes_nothing() -> None:
    pixels = as_pixels(np.ma.masked_less(np.arange(12.0).reshape(3, 4), 5))
    assert pixels.reduced(1) is pixels


@pytest.mark.parametrize("factor", [2, 3, 7])
@pytest.mark.parametrize("channels", [2, 4])
def test_reduced_colors_are_means_weighted_by_alpha(factor: int, channels: int) -> None:
    random = np.random.default_rng(2)
    array = random.integers(0, 256, (40, 41, channels), np.uint8)
    array[random.random((40, 41)) < 0.5, -1] = 0
    array[:14, :14, -1] = 0
    reduced = Pixels(array, None, False, "").reduced(factor).array
    alpha = array[:, :, -1:].astype(np.int64)
    np.testing.assert_array_equal(reduced[:, :, -1:], exact_means(alpha, factor))
    weights = np.maximum(block_sums(alpha, factor), 1)
    expected = rounded(block_sums(array[:, :, :-1] * alpha, factor), weights)
    np.testing.assert_array_equal(reduced[:, :, :-1], expected)


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_missing_does_not_bleed_into_reduced_colors(channels: int) -> None:
    random = np.random.default_rng(2)
    mask = random.random((40, 40)) < 0.4
    pictures = []
    for hidden in (0, 255):
        array = np.full((40, 40) if channels == 1 else (40, 40, 3), 90, np.uint8)
        array[mask] = hidden
        reduced = Pixels(array, mask, False, "").reduced(4)
        assert reduced.mask is None
        pictures.append(reduced.array)
        assert (reduced.array[:, :, :-1][reduced.array[:, :, -1] > 0] == 90).all()
    np.testing.assert_array_equal(*pictures)


@pytest.mark.parametrize("factor", [255, 256, 257, 600])
@pytest.mark.parametrize("channels", [1, 4])
def test_reducing_by_large_factors_does_not_overflow(factor: int, channels: int) -> None:
    shape = (600, 520) if channels == 1 else (600, 520, channels)
    array = np.full(shape, 255, np.uint8)
    assert (Pixels(array, None, False, "").reduced(factor).array == 255).all()


def test_wholly_missing_blocks_stay_transparent_and_whole_ones_opaque() -> None:
    array = np.full((8, 8), 90, np.uint8)
    mask = np.zeros((8, 8), bool)
    mask[:4, :4] = True
    reduced = Pixels(array, mask, False, "").reduced(4).array
    np.testing.assert_array_equal(reduced[:, :, 1], [[0, 255], [255, 255]])
    assert (reduced[:, :, 0][reduced[:, :, 1] == 255] == 90).all()


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 3000))
def test_the_factor_is_the_least_that_fits(height: int, width: int, side: int) -> None:
    def fits(factor: int) -> bool:
        return max(-(-n // factor) for n in (height, width)) <= side

    factor = factor_for((height, width, 3), side=side)
    assert fits(factor)
    assert factor == 1 or not fits(factor - 1)


def test_a_picture_of_too_many_pixels_is_shown_reduced_and_says_so() -> None:
    data = np.random.default_rng(3).integers(0, 256, (100, 200), np.uint8)
    picture = Picture(data, max_pixels=5000)
    np.testing.assert_array_equal(picture.pixels, data)
    assert picture.width == 300  # 100 pixels, enlarged
    assert "means of 2×2" in picture.html
    assert "means of" not in Picture(data).html


# The description


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (np.array([[100, 110]], np.uint8), {}, ["1×2", "uint8", "gray", "100", "110"]),
        (np.zeros((3, 5, 7), np.int16), {}, ["3×5×7", "int16", "planar RGB", "0"]),
        (np.full((5, 7, 4), 0.5), {}, ["5×7×4", "float64", "RGBA", "0.5"]),
        (np.array([[1, 2.5]]), {"vmin": -7, "vmax": 9.25}, ["1 ", "2.5", "-7", "9.25"]),
        (np.array([["2020-01-01", "2021-01-01"]], "M8[D]"), {}, ["2020-01-01", "2021-01-01"]),
        (np.array([[2**60 + 1, 0]]), {}, [str(2**60 + 1)]),
    ],
)
def test_the_description_says_what_came_in_and_what_was_done(
    data: Array, options: Any, words: list[str]
) -> None:
    description = as_pixels(data, **options).description
    assert "\n" not in description
    for word in words:
        assert word in description


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_the_alternative_text_says_whether_it_is_gray_or_in_color(channels: int) -> None:
    data = np.random.default_rng(0).integers(0, 200, (6, 7, channels)) / 2.0**8
    data[0, 0] = 1
    picture = Picture(
        data[..., 0] if channels == 1 else data, channel_axis=None if channels == 1 else -1
    )
    kind = "Gray" if channels < 3 else "Color"
    clear = " with transparency" if channels in (2, 4) else ""
    assert picture.alt.startswith(f"{kind} picture{clear}, 6 × 7, values from 0")
