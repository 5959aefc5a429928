"""Samples: what a page stores of an array is the array, in as few bytes as its values need."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from skimage import data

from nbimage import encode
from nbimage.codecs.packing.base85 import encode_base85
from nbimage.view.model.samples import Samples, as_samples
from tests.codecs.packing.test_floats import read_steps

shapes = arrays.array_shapes(min_dims=2, max_dims=2, max_side=9)
color_shapes = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(2, 4))
whole = st.sampled_from(
    [f"{order}{kind}{size}" for order in "<>" for kind in "iu" for size in "1248"]
)
real = st.sampled_from(["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"])


def decoded(samples: Samples) -> np.ndarray:
    """The values, as anybody would read them who knows PNG and the order of the bytes."""
    picture = Image.open(io.BytesIO(samples.png))
    assert picture.mode == "L"
    dtype = np.dtype(samples.dtype)
    if samples.png[37:41] == b"stEP":
        rest = samples.png[41 : 41 + int.from_bytes(samples.png[33:37], "big")]
        planes = np.array(picture).reshape(2, -1)
        channels = read_steps(planes, rest, samples.columns)
        values = channels.reshape(samples.channels, samples.rows, samples.columns)
        return values[0] if samples.channels == 1 else np.moveaxis(values, 0, -1)
    shape = samples.channels, dtype.itemsize, samples.rows, samples.columns
    planes = np.array(picture).reshape(shape)
    if samples.png[37:41] == b"grEN":
        planes[[0, 2]] += planes[1]
    together = np.ascontiguousarray(np.moveaxis(planes, (0, 1), (2, 3)))
    values = together.view(dtype.newbyteorder(">"))[..., 0].astype(dtype)
    return values[..., 0] if samples.channels == 1 else values


def check(array: np.ndarray, **options: Any) -> Samples:
    samples = as_samples(array, **options)
    assert samples.exact
    np.testing.assert_array_equal(decoded(samples), array, strict=False)
    return samples


# ----------------------------------------------------------------------------- every value


@given(arrays.arrays(whole, shapes | color_shapes))
def test_whole_numbers_come_back_exactly(array: np.ndarray) -> None:
    before = array.copy()
    samples = check(array)
    assert np.dtype(samples.dtype).itemsize <= array.itemsize or array.dtype.itemsize == 4
    np.testing.assert_array_equal(array, before)


@given(arrays.arrays(real, shapes | color_shapes))
def test_floats_asked_to_be_exact_come_back_exactly_nan_and_infinities_too(
    array: np.ndarray,
) -> None:
    check(array, exact=True)


@given(arrays.arrays(np.bool_, shapes))
def test_booleans_are_0_and_1(array: np.ndarray) -> None:
    assert check(array).dtype == "uint8"


@given(arrays.arrays(whole, shapes), st.data())
def test_masked_whole_numbers_become_nan_and_the_others_stay(array: np.ndarray, drawn: Any) -> None:
    mask = drawn.draw(arrays.arrays(np.bool_, array.shape))
    samples = as_samples(array, mask)
    found = decoded(samples)
    assert np.isnan(found[mask]).all()
    kept = found[~mask].astype(np.longdouble) == array[~mask].astype(np.longdouble)
    assert kept.all() or not samples.exact
    assert samples.exact or (np.abs(array[~mask].astype(np.longdouble)) > 2**53).any()


@given(arrays.arrays(np.float64, shapes, elements=st.floats(allow_nan=True)))
def test_rounding_is_a_small_part_of_each_value_and_of_the_range(array: np.ndarray) -> None:
    samples = as_samples(array)
    found = decoded(samples).astype(np.float64)
    finite = np.isfinite(array)
    np.testing.assert_array_equal(found[~finite], array[~finite])
    assert np.isfinite(found[finite]).all()
    if finite.any():
        np.testing.assert_allclose(found[finite], array[finite], rtol=2**-23, atol=0)
        longest = array[finite].astype(np.longdouble)
        error = np.abs(found[finite] - longest).max()
        assert error <= (longest.max() - longest.min()) * 2**-15
    assert samples.exact == np.array_equal(found, array, equal_nan=True)


@pytest.mark.parametrize(
    "array",
    [
        1e9 + np.linspace(0, 1, 64).reshape(8, 8),
        np.geomspace(1e-200, 1e-3, 64).reshape(8, 8),
        np.linspace(-1e300, 1e300, 64).reshape(8, 8),
    ],
    ids=["offset", "decades", "huge"],
)
def test_what_float32_would_spoil_is_kept_as_float64(array: np.ndarray) -> None:
    assert check(array).dtype == "float64"


def test_views_of_any_layout_come_back_exactly() -> None:
    whole = np.random.default_rng(1).integers(-(2**40), 2**40, (3, 24, 30))
    for view in (whole[0], whole[0].T, whole[1, ::-2, ::3], whole[2, :, ::-1]):
        check(view)
    check(np.moveaxis(whole, 0, -1))
    check(np.asfortranarray(whole[1].astype(">f4")))
    frozen = whole[0].copy()
    frozen.flags.writeable = False
    check(frozen)


def test_the_longest_double_says_that_it_is_rounded() -> None:
    third = np.full((2, 2), np.longdouble(1) / 3)
    third[0, 0] = 0
    assert as_samples(third, exact=True).dtype == "float64"
    assert not as_samples(third, exact=True).exact


def test_photographs_of_every_kind_come_back_exactly() -> None:
    photograph = data.astronaut()
    alpha = np.linspace(0, 255, 512 * 512).astype(np.uint8).reshape(512, 512, 1)
    for array in (
        photograph,
        photograph[:, :, 0],
        photograph[:, :, :2],
        photograph[:, :, ::-1],
        photograph[::3, ::-5],
        np.concatenate((photograph, alpha), axis=2),
        photograph.astype(np.int16) * 99 - 9999,
        photograph.view(np.int8),
        np.tile(photograph, (4, 4, 1)),
    ):
        check(array)


# ------------------------------------------------------------------------------------ texts


def bytes_of(stored: dict[str, Any]) -> bytes:
    """The bytes, as anybody would read them who knows RFC 1924's digits."""
    if stored["encoding"] == "base64":
        return base64.b64decode(stored["data"], validate=True)
    return base64.b85decode(stored["data"].translate(str.maketrans("/,.", "&<>")))


@given(st.binary(max_size=99))
def test_base85_is_that_of_rfc_1924_but_for_three_digits(data: bytes) -> None:
    text = encode_base85(data)
    assert bytes_of({"data": text, "encoding": "base85"}) == data
    assert len(text) == -(-len(data) * 5 // 4)


def test_the_text_holds_nothing_that_json_or_html_would_escape() -> None:
    text = encode_base85(np.random.default_rng(1).bytes(99_999))
    assert len(set(text)) == 85
    assert not set(text) & set("<>&\"'\\")
    assert json.dumps(text) == f'"{text}"'


@pytest.mark.parametrize("side", [64, 1100])
def test_the_page_is_told_the_png_and_the_dtype_of_small_and_large_ones(side: int) -> None:
    samples = as_samples(np.random.default_rng(1).normal(size=(side, side)).astype(np.float32))
    assert samples.stored["encoding"] == "base85"
    assert samples.stored["dtype"] == "float32"
    assert bytes_of(samples.stored) == samples.png


# -------------------------------------------------------------------------------- few bytes


@pytest.mark.parametrize(
    ("low", "high", "dtype"),
    [
        (0, 255, "uint8"),
        (0, 256, "uint16"),
        (-128, 127, "int8"),
        (-1, 128, "int16"),
        (0, 65536, "uint32"),
        (-1, 65535, "int32"),
        (-(2**31), 2**31 - 1, "int32"),
        (-1, 2**32 - 1, "float64"),
        (-(2**53), 2**53, "float64"),
        (0, 2**53 + 1, "int64"),
        (-(2**63), 2**63 - 1, "int64"),
    ],
)
def test_the_smallest_dtype_that_holds_the_values_is_stored(
    low: int, high: int, dtype: str
) -> None:
    assert check(np.array([[low, high]], np.int64)).dtype == dtype


def test_unsigned_values_beyond_every_signed_one_are_kept() -> None:
    assert check(np.array([[0, 2**64 - 1]], np.uint64)).dtype == "uint64"


@pytest.mark.parametrize("name", ["astronaut", "camera", "coffee", "rocket"])
def test_a_photographs_samples_are_no_larger_than_its_png(name: str) -> None:
    photograph = getattr(data, name)()
    assert len(as_samples(photograph).png) <= len(encode(photograph))


@pytest.mark.parametrize(
    ("name", "most"), [("astronaut", 1.12), ("coffee", 1.1), ("rocket", 1.19), ("chelsea", 1)]
)
def test_a_color_photographs_text_is_about_as_long_as_its_png(name: str, most: float) -> None:
    photograph = getattr(data, name)()
    file = io.BytesIO()
    Image.fromarray(photograph).save(file, "png")
    assert len(as_samples(photograph).stored["data"]) <= most * len(file.getvalue())


def test_what_repeats_is_not_taken_for_a_photograph() -> None:
    pattern = np.tile(np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8), (32, 32, 1))
    assert len(as_samples(pattern).png) <= 1.5 * len(encode(pattern))


def waves(scale: float, side: int = 300) -> np.ndarray:
    """Waves with noise, float32."""
    y, x = np.mgrid[:side, :side]
    noise = np.random.default_rng(3).normal(scale=scale, size=(side, side))
    return (np.sin(x / 70) * np.cos(y / 90) + noise).astype(np.float32)


@pytest.mark.parametrize(("scale", "most"), [(0.05, 0.95), (0.001, 0.93), (0, 0.8)])
def test_floats_with_neighbours_are_stored_in_fewer_bytes(scale: float, most: float) -> None:
    array = waves(scale)
    stepped, plain = as_samples(array, page=True), as_samples(array)
    assert b"stEP" in stepped.png[:41]
    assert len(stepped.png) < most * len(plain.png)


@pytest.mark.parametrize(
    "array",
    [
        np.full((80, 90), 1 / 3, np.float32),
        np.exp(6 * np.random.default_rng(0).normal(size=(80, 90))).astype(np.float32),
        (data.camera() / 255).astype(np.float32),
        np.full((80, 90), np.nan, np.float32),
        waves(0.05).reshape(-1, 1),
    ],
    ids=["constant", "decades", "few values", "missing", "one column"],
)
def test_floats_are_no_steps_where_these_take_more_bytes(array: np.ndarray) -> None:
    assert as_samples(array, page=True).png == as_samples(array).png


def test_the_channels_of_a_noisy_photograph_are_steps() -> None:
    photograph = data.astronaut()[:60, :80].astype(np.float32) ** np.float32(0.7)
    noisy = photograph + np.random.default_rng(0).normal(size=photograph.shape).astype(np.float32)
    samples = check(noisy, page=True)
    assert b"stEP" in samples.png[:41]


@pytest.mark.parametrize("rows", [1023, 1024, 1025])
def test_of_many_samples_there_are_halves(rows: int) -> None:
    array = np.random.default_rng(0).integers(0, 256, (rows, 1024), np.uint8)
    samples = as_samples(array, page=True)
    stored = samples.stored
    if rows < 1024:
        assert (samples.lower, bytes_of(stored)) == (b"", samples.png)
        return
    upper = -(-rows // 2)
    for png, text, part in zip(
        (samples.png, samples.lower), stored["data"], (array[:upper], array[upper:]), strict=True
    ):
        assert bytes_of({**stored, "data": text}) == png
        np.testing.assert_array_equal(decoded(replace(samples, png=png, rows=len(part))), part)
    assert samples.size == len(samples.png) + len(samples.lower)


def test_a_single_row_has_no_halves() -> None:
    assert as_samples(np.zeros((1, 1 << 20), np.uint8), page=True).lower == b""
