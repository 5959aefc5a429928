"""An array on an accelerator gives what the same array on the host gives.

There is no accelerator here: a torch tensor on the CPU takes the accelerator's way, whose
operations are the same on any device.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nbimage import rerange
from nbimage.arrays import device
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_values
from nbimage.mapping.limits import extent, sample
from tests.arrays.device_scales import SCALES
from tests.mapping.asking import as_pixels

Array = np.ndarray[Any, Any]
DTYPES = ["float16", "float32", "float64", "uint8", "int8", "int16", "int32", "int64", "bool"]


def on_device(plain: Array) -> Values:
    return replace(as_values(plain), array=DeviceArray(torch.from_numpy(plain)))


def ramp(dtype: str, shape: tuple[int, ...] = (13, 17)) -> Array:
    random = np.random.default_rng(0)
    if dtype == "bool":
        return random.random(shape) < 0.5
    if dtype.startswith("float"):
        return (random.standard_normal(shape) * 100).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**52)), min(info.max, 2**52)
    return random.integers(low, high, shape, dtype, endpoint=True)


def same_rerange(plain: Array, *args: Any, **options: Any) -> None:
    got = rerange(on_device(plain), *args, **options)
    assert got.dtype == np.uint8
    np.testing.assert_array_equal(got, rerange(plain, *args, **options))


def same_pixels(plain: Array, *args: Any, **options: Any) -> None:
    got = as_pixels(on_device(plain), *args, **options)
    expected = as_pixels(plain, *args, **options)
    np.testing.assert_array_equal(got.array, expected.array)
    assert got.bilevel == expected.bilevel
    assert (got.mask is None) == (expected.mask is None)
    if expected.mask is not None:
        np.testing.assert_array_equal(got.mask, expected.mask)


LIMITS = [*SCALES, {"contrast": "robust"}, {"contrast": (10, 60)}]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", LIMITS, ids=str)
def test_pixels_are_those_of_the_host(dtype: str, options: Any) -> None:
    plain = ramp(dtype)
    same_rerange(plain, **options)
    same_pixels(plain, **options)
    same_rerange(plain.reshape(1, 13, 17), **options)


@pytest.mark.parametrize("dtype", DTYPES)
def test_descriptions_are_those_of_the_host(dtype: str) -> None:
    for plain in (ramp(dtype), ramp(dtype, (3, 5, 7))):
        assert as_pixels(on_device(plain)).description == as_pixels(plain).description


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_of_each_channel_are_those_of_the_host(dtype: str) -> None:
    vmin, vmax = [0, 10, -5], [100, 90.5, -60]
    planar = ramp(dtype, (3, 13, 17))
    same_rerange(planar, vmin, vmax)
    same_pixels(planar, vmin, vmax)
    same_rerange(planar, vmax=vmax)
    interleaved = np.ascontiguousarray(np.moveaxis(planar, 0, -1))
    same_rerange(interleaved, vmin, vmax)
    same_pixels(interleaved, vmin, vmax)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("options", [*LIMITS, {"vmin": [0, 1, 2]}], ids=str)
def test_special_values_are_those_of_the_host(dtype: str, options: Any) -> None:
    plain = ramp(dtype, (3, 13, 17))
    plain[0, 2, :5] = np.nan
    plain[1, 3, :2] = np.inf, -np.inf
    plain[2, 2, 1] = np.nan
    same_rerange(plain, **options)
    if "levels" not in options:
        same_pixels(plain, **options)
    if "vmin" not in options or np.ndim(options["vmin"]) == 0:
        same_pixels(plain[1], **options)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_tensors_without_a_finite_value_are_transparent(value: float) -> None:
    plain = np.full((4, 5), value, np.float32)
    with pytest.warns(UserWarning, match="no finite value"):
        pixels = as_pixels(on_device(plain))
    assert pixels.mask is not None
    assert pixels.mask.all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_that_of_the_host(dtype: str, channels: int) -> None:
    same_pixels(ramp(dtype, (5, 7, channels)), channel_axis=-1)
    same_pixels(ramp(dtype, (channels, 5, 7)), channel_axis=0)


@given(
    hnp.arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8, np.bool_]),
        hnp.array_shapes(min_dims=2, max_dims=3, max_side=5),
    )
)
@example(np.array([[2**53 + 1, -(2**63) + 1]]))
def test_extents_are_those_of_the_host(plain: Array) -> None:
    got, expected = extent(DeviceArray(torch.from_numpy(plain))), extent(plain)
    assert got.finite == expected.finite
    assert (got.low, got.high) == (expected.low, expected.high)


@pytest.mark.parametrize("start", [2**53, 2**60, -(2**63)])
def test_integers_beyond_2_53_keep_their_own_pixels(start: int) -> None:
    plain = start + np.arange(256).reshape(16, 16)
    same_rerange(plain)
    same_rerange(plain, start, start + 256)
    same_pixels(plain)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("most", [50, 1 << 20])
def test_samples_are_those_of_the_host(dtype: str, most: int) -> None:
    plain = ramp(dtype, (3, 23, 19))
    got = sample(DeviceArray(torch.from_numpy(plain)), None, "finite", most)
    np.testing.assert_array_equal(np.sort(got), np.sort(sample(plain, None, "finite", most)))
    assert got.dtype == plain.dtype


@pytest.mark.parametrize("scale", [1e-310, 1e-45, 1e300, 1.5e308])
def test_spans_at_the_ends_of_float64_are_those_of_the_host(scale: float) -> None:
    same_rerange(np.linspace(-1, 1, 300).reshape(20, 15) * scale)


def test_work_in_blocks_is_work_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_BLOCK", 20)
    for dtype in DTYPES:
        plain = ramp(dtype, (13, 17))
        same_rerange(plain)
        same_rerange(plain.reshape(1, 13, 17), 0, 90)
    plain = ramp("float32")
    plain[0] = np.nan
    plain[5, 5] = np.inf
    same_pixels(plain)


def test_out_is_written_and_returned() -> None:
    plain = ramp("float32")
    out = np.full(plain.shape, 77, np.uint8)
    assert rerange(on_device(plain), out=out) is out
    np.testing.assert_array_equal(out, rerange(plain))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_device_array_says_of_itself_what_its_tensor_is(dtype: str) -> None:
    plain = ramp(dtype, (3, 5, 7))
    array = DeviceArray(torch.from_numpy(plain))
    assert (array.shape, array.ndim, array.size) == ((3, 5, 7), 3, 105)
    assert array.dtype == plain.dtype
    np.testing.assert_array_equal(array.host(), plain)
    np.testing.assert_array_equal(array[1, 2:].host(), plain[1, 2:])
    np.testing.assert_array_equal(array.missing(), np.zeros(plain.shape, bool))


def test_the_tensor_is_never_changed() -> None:
    plain = ramp("float32")
    before = plain.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        as_pixels(on_device(plain), -5, 50)
        as_pixels(on_device(plain), vsym=True)
    np.testing.assert_array_equal(plain, before)


def test_two_samples_that_are_named_take_the_device_too() -> None:
    plain = ramp("float32", (2, 5, 7))
    values = replace(on_device(plain), names=("s", "y", "x"))
    expected = as_pixels(replace(as_values(plain), names=("s", "y", "x")))
    np.testing.assert_array_equal(as_pixels(values).array, expected.array)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "uint8"])
@pytest.mark.parametrize("counting", ["finite", "positive", "nonzero"])
def test_few_values_that_count_are_all_found(dtype: str, counting: str) -> None:
    whole = dtype.startswith(("int", "uint"))
    plain = np.full((300, 400), 0 if whole or counting != "finite" else np.nan, dtype)
    plain[123, 50:150] = np.arange(1, 101)
    mask = np.zeros(plain.shape, bool)
    mask[123, 50:60] = True
    if counting == "finite" and whole:
        mask[:123] = mask[124:] = True
        mask[123, :50] = mask[123, 150:] = True
    got = sample(DeviceArray(torch.from_numpy(plain)), mask, counting, 5000)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.sort(got), np.arange(11, 101))
    assert got.dtype == plain.dtype


def test_percentiles_of_few_finite_values_are_exact() -> None:
    plain = np.full((1100, 1200), np.nan, np.float32)
    plain[700, 100:200] = np.arange(100)
    same_rerange(plain, contrast="robust")
