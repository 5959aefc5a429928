"""`rerange` against its formula, evaluated here in float64, long double or exact fractions."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbimage import rerange
from nbimage.mapping.limits import Limits
from nbimage.mapping.rerange_values import map_values

Array = np.ndarray[Any, Any]
LARGE = 1 << 20  # from here on float32 arrays may take a quicker way
FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
WIDE = np.finfo(np.longdouble).nmant >= 63
needs_wide = pytest.mark.skipif(not WIDE, reason="long double is double here")


def formula(data: Any, vmin: Any, vmax: Any, work: Any = np.float64) -> Array:
    x, low, high = np.asarray(data).astype(work), work(vmin), work(vmax)
    with np.errstate(all="ignore"):
        bins = np.clip(np.floor((x - low) * 256 / (high - low)), 0, 255)
    return np.where(np.isnan(bins), 0, bins).astype(np.uint8)


def exact_formula(data: Any, vmin: Any, vmax: Any) -> tuple[Array, Array]:
    """Return the pixels in exact arithmetic, and where a value lies off the edges of its bin."""
    low, span = Fraction(vmin), Fraction(vmax) - Fraction(vmin)
    bins = [(Fraction(x) - low) * 256 / span for x in np.asarray(data).ravel().tolist()]
    pixels = [min(max(math.floor(b), 0), 255) for b in bins]
    clear = [abs(b - round(b)) > Fraction(1, 2**40) for b in bins]
    return np.array(pixels, np.uint8), np.array(clear)


def ramp(dtype: Any, shape: tuple[int, ...] = (37, 41), seed: int = 0) -> Array:
    random = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return random.random(shape) < 0.5
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = max(info.min, -(2**52)), min(info.max, 2**52)
        return random.integers(low, high, shape, dtype, endpoint=True)
    return (random.standard_normal(shape) * 100).astype(dtype)


def same(got: Array, expected: Array) -> None:
    assert got.dtype == np.uint8
    assert type(got) is np.ndarray
    np.testing.assert_array_equal(got, expected)


def work_of(array: Array) -> Any:
    return np.longdouble if array.dtype == np.longdouble else np.float64


# The formula, bit for bit


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("shape", [(37, 41), (300, 301)], ids=["small", "large"])
def test_every_dtype_follows_the_formula_from_minimum_to_maximum(
    dtype: Any, order: str, shape: tuple[int, int]
) -> None:
    data = ramp(dtype, shape)
    stored = data.astype(data.dtype.newbyteorder(order))
    if dtype is np.uint8:
        same(rerange(stored, data.min(), data.max()), formula(data, data.min(), data.max()))
    else:
        same(rerange(stored), formula(data, data.min(), data.max(), work_of(data)))


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS, np.bool_])
@pytest.mark.parametrize("shape", [(37, 41), (300, 301)], ids=["small", "large"])
@pytest.mark.parametrize(
    "limits", [(0, 100), (-3.7, 55.1), (90, -20.5), (1e-3, 2e-3), (0.1, 0.7), (-1000, 1000)]
)
def test_explicit_limits_follow_the_formula_in_every_dtype(
    dtype: Any, shape: tuple[int, int], limits: tuple[float, float]
) -> None:
    data = ramp(dtype, shape)
    same(rerange(data, *limits), formula(data, *limits, work_of(data)))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.float16])
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_value_that_a_short_dtype_has_follows_the_formula(dtype: Any, order: str) -> None:
    size = np.dtype(dtype).itemsize
    every = np.arange(256**size, dtype=f"u{size}").view(dtype)
    data = np.tile(every, 2 if size == 2 else 300).reshape(2, -1)
    data = data.astype(data.dtype.newbyteorder(order))
    for limits in [(-30, 77), (77, -30), (0.5, 200.25), (1e-7, 3e-6), (-65000, 65500)]:
        same(rerange(data, *limits), formula(data, *limits))


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float16, np.float32, np.float64, bool])
@pytest.mark.parametrize("big", [False, True])
def test_memory_layout_does_not_change_a_pixel(dtype: Any, big: bool) -> None:
    data = ramp(dtype, (800, 1400) if big else (24, 30))
    height, width = data.shape
    padded = np.zeros((height * 2, width * 3), data.dtype)
    padded[::2, ::3] = data
    reversed_ = np.ascontiguousarray(data[::-1, ::-1])[::-1, ::-1]
    frozen = data.copy()
    frozen.flags.writeable = False
    plain = rerange(data, -5, 50)
    same(plain, formula(data, -5, 50))
    for view in (padded[::2, ::3], reversed_, np.asfortranarray(data), frozen):
        same(rerange(view, -5, 50), plain)
    same(rerange(data.T, -5, 50), plain.T)
    same(rerange(data[::-3, 5:-2:7], -5, 50), plain[::-3, 5:-2:7])
    same(rerange(data.reshape(2, -1, width), -5, 50), plain.reshape(2, -1, width))
    cube = data.reshape(2, 4, -1, width)
    same(
        rerange(cube.transpose(3, 1, 0, 2), -5, 50),
        plain.reshape(cube.shape).transpose(3, 1, 0, 2),
    )
    row = np.broadcast_to(data[:1], data.shape)
    same(rerange(row, -5, 50), np.broadcast_to(plain[:1], plain.shape))


finite = {"allow_nan": False, "allow_infinity": False}


@given(
    st.sampled_from([np.float16, np.float32, np.float64, np.int32, np.uint16]).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=2, max_dims=4, max_side=6))
    ),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_any_values_and_limits_follow_the_formula(data: Array, vmin: float, vmax: float) -> None:
    if abs(vmax - vmin) < 1e-250:
        vmax = vmin + 1
    same(rerange(data, vmin, vmax), formula(data, vmin, vmax))


@given(
    hnp.arrays(
        np.float64, (1, 12), elements=st.floats(-1e6, 1e6) | st.sampled_from([np.inf, -np.inf])
    ),
    st.floats(-1e6, 1e6),
    st.floats(-1e6, 1e6),
)
def test_a_larger_value_never_gets_a_smaller_pixel(data: Array, vmin: float, vmax: float) -> None:
    pixels = rerange(np.sort(data), vmin, vmax).astype(int)
    steps = np.diff(pixels) if vmin <= vmax else -np.diff(pixels)
    assert (steps >= 0).all()


@given(hnp.arrays(np.float64, (3, 4), elements=st.floats(-1e100, 1e100)))
def test_the_minimum_is_black_and_the_maximum_white_unless_all_are_equal(data: Array) -> None:
    pixels = rerange(data)
    assert (pixels[data == data.min()] == 0).all()
    if data.min() < data.max():
        assert (pixels[data == data.max()] == 255).all()


def test_the_bins_of_a_full_ramp_are_of_equal_width() -> None:
    data = np.arange(4096.0).reshape(64, 64)
    same(rerange(data, 0, 4096), (np.arange(4096) // 16).reshape(64, 64))


# Large float32 arrays, where a line may stand in for the formula


def edge_values(vmin: float, vmax: float, random: np.random.Generator) -> Array:
    """Return float32 values on and beside every bin's edge, and between the edges."""
    with np.errstate(all="ignore"):
        span = np.float64(vmax) - np.float64(vmin)
        edges = (np.float64(vmin) + np.arange(257) * span / 256).astype(np.float32)
        values = [edges]
        for toward in (-np.inf, np.inf):
            near = edges
            for _ in range(3):
                near = np.nextafter(near, np.float32(toward))
                values.append(near)
        between = (np.float64(vmin) + random.random(249) * span).astype(np.float32)
    return np.concatenate([*values, between])


def check_large(
    data: Array, expected: Array, *limits: float, vsym: bool = False, shape: Any = (1024, -1)
) -> None:
    """Check an array of 2^20 float32 that repeats these 2048 values."""
    assert data.shape == (2048,)
    pixels = rerange(np.tile(data, LARGE // 2048).reshape(shape), *limits, vsym=vsym)
    wrong = (pixels.reshape(-1, 2048) != expected).any(axis=0)
    assert not wrong.any(), f"{limits}: {data[wrong]} gave another pixel than {expected[wrong]}"


def random_limits(count: int, seed: int) -> Iterator[tuple[float, float]]:
    random = np.random.default_rng(seed)
    for i in range(count):
        scale = 10.0 ** random.uniform(-36, 36)
        vmin, vmax = random.standard_normal(2) * scale
        kind = i % 6
        if kind == 1:  # a span that float32 resolves barely, or not at all
            vmax = vmin + abs(vmin) * 10 ** random.uniform(-8, -3)
        elif kind == 2:
            vmin, vmax = (float(np.float32(x)) for x in (vmin, vmax))
        elif kind == 3:
            vmin, vmax = (float(x) for x in random.integers(-70000, 70000, 2))
        elif kind == 4:
            vmin, vmax = 0.0, abs(vmax)
        elif kind == 5:
            vmin = -abs(vmax)
        if vmin != vmax:
            yield (vmin, vmax) if i % 4 == 3 else (min(vmin, vmax), max(vmin, vmax))


def test_values_on_and_beside_the_edges_of_bins_follow_the_formula_in_large_arrays() -> None:
    random = np.random.default_rng(1)
    for vmin, vmax in random_limits(180, 2):
        data = edge_values(vmin, vmax, random)
        check_large(data, formula(data, vmin, vmax), vmin, vmax)


def test_large_arrays_within_their_own_limits_follow_the_formula() -> None:
    """Nothing then needs clipping: the upper limit itself must stay in the last bin."""
    random = np.random.default_rng(3)
    for low, high in random_limits(180, 4):
        with np.errstate(over="ignore"):
            ends = np.sort(np.array([low, high]).astype(np.float32))
        if not np.isfinite(ends).all() or ends[0] == ends[1]:
            continue
        vmin, vmax = (float(end) for end in ends)
        data = np.clip(edge_values(vmin, vmax, random), *ends)
        data[:2] = ends
        check_large(data, formula(data, vmin, vmax))


def test_symmetric_limits_of_large_arrays_follow_the_formula() -> None:
    random = np.random.default_rng(5)
    for _ in range(40):
        top = abs(float(np.float32(random.standard_normal() * 10 ** random.uniform(-30, 30))))
        data = np.clip(edge_values(-top, top, random), -top, top)
        data[:3] = 0, -0.0, top
        expected = formula(data, -top, top)
        assert (expected[:2] == 128).all()
        check_large(data, expected, vsym=True)


@pytest.mark.parametrize(
    ("vmin", "vmax"),
    [
        (0, 1),
        (1, 0),
        (-1, 1),
        (0, 255),
        (0, 256),
        (0, 1e-45),
        (0, 3.4028234663852886e38),
        (-3.4028234663852886e38, 3.4028234663852886e38),
        (-1e300, 1e300),
        (1e-300, 2e-300),
        (16777216, 16777220),
        (1000, 1000.0001),
        (0.1, 0.3),
        (0, 1.401298464324817e-45 * 256),
    ],
)
def test_special_limits_of_large_float32_arrays_follow_the_formula(vmin: Any, vmax: Any) -> None:
    random = np.random.default_rng(6)
    data = edge_values(vmin, vmax, random)
    data[-12:] = 0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e38, -1e38, 1e-45, -1e-45, 0.5
    check_large(data, formula(data, vmin, vmax), vmin, vmax)
    check_large(data, formula(data, vmin, vmax), vmin, vmax, shape=(4, -1))


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_one_special_value_in_a_large_array_changes_no_other_pixel(special: float) -> None:
    data = ramp(np.float32, (1024, 1100))
    expected = formula(data, data.min(), data.max())
    middle = (500, 501)
    assert data.min() < data[middle] < data.max()
    data[middle] = special
    expected[middle] = 255 if special == np.inf else 0
    same(rerange(data), expected)


def test_large_strided_and_big_endian_float32_arrays_follow_the_formula() -> None:
    data = ramp(np.float32, (2100, 1100))
    vmin, vmax = data[::2].min(), data[::2].max()
    same(rerange(data[::2]), formula(data[::2], vmin, vmax))
    same(rerange(data[::-2].T), formula(data[::-2].T, data[::-2].min(), data[::-2].max()))
    same(rerange(data.astype(">f4")), formula(data, data.min(), data.max()))


# Integers beyond 2^53, spans beyond the float maximum, subnormal spans


@needs_wide
@given(
    st.sampled_from([np.int64, np.uint64]).flatmap(
        lambda dtype: st.tuples(
            hnp.arrays(dtype, (2, 6)),
            st.tuples(hnp.from_dtype(np.dtype(dtype)), hnp.from_dtype(np.dtype(dtype))),
        )
    )
)
def test_long_integers_follow_the_formula_in_exact_arithmetic(case: Any) -> None:
    data, limits = case
    vmin, vmax = (int(limit) for limit in limits)
    if vmin == vmax:
        return
    pixels, clear = exact_formula(data, vmin, vmax)
    got = rerange(data, vmin, vmax).ravel()
    np.testing.assert_array_equal(got[clear], pixels[clear])


@needs_wide
@pytest.mark.parametrize("shape", [(8, 32), (1024, 1024)])
def test_neighbouring_integers_beyond_2_53_keep_their_own_bins(shape: tuple[int, int]) -> None:
    steps = np.resize(np.arange(256), shape)
    for start in (2**53 + 1, 2**62 + 3, -(2**63)):
        data = start + steps.astype(np.int64)
        same(rerange(data, start, start + 256), steps)
    data = np.uint64(2**64 - 256) + steps.astype(np.uint64)
    same(rerange(data, 2**64 - 256, 2**64), steps)


def test_the_extremes_of_int64_and_uint64_are_black_and_white() -> None:
    same(rerange(np.array([[-(2**63), 0, 2**63 - 1]])), [[0, 128, 255]])
    same(rerange(np.array([[0, 2**63, 2**64 - 1]], np.uint64)), [[0, 128, 255]])
    same(rerange(np.array([[-(2**63), 0, 5]]), vsym=True), [[0, 128, 128]])


@given(
    hnp.arrays(
        np.float64,
        (1, 8),
        elements=st.floats(**finite) | st.floats(1e308, **finite) | st.floats(max_value=-1e308),
    ).filter(lambda a: np.isfinite(a).all())
)
def test_spans_beyond_the_float_maximum_follow_the_formula(data: Array) -> None:
    data[0, :2] = np.finfo(np.float64).max, -1.5e308
    pixels, clear = exact_formula(data, data.min(), data.max())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = rerange(data).ravel()
    np.testing.assert_array_equal(got[clear], pixels[clear])


@pytest.mark.parametrize("dtype", FLOATS)
def test_the_whole_span_of_a_float_dtype_has_zero_in_its_middle(dtype: Any) -> None:
    top = np.finfo(dtype).max
    with np.errstate(all="raise"):
        same(rerange(np.array([[-top, 0, top]], dtype)), [[0, 128, 255]])
        same(rerange(np.array([[-top, -top / 2, top / 2, top]], dtype)), [[0, 64, 192, 255]])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("shape", [(1, 257), (257, 4096)])
def test_subnormal_spans_have_all_256_bins(dtype: Any, shape: tuple[int, int]) -> None:
    least = np.nextafter(dtype(0), dtype(1))
    steps = np.resize(np.arange(257), shape[::-1]).T if shape[0] > 1 else np.arange(257)[None]
    data = steps.astype(dtype) * least
    assert np.unique(data).size == 257
    same(rerange(data), np.minimum(steps, 255))
    same(rerange(np.array([[0, least]], dtype)), [[0, 255]])


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("count", [3, 100, 255, 300, 1000])
def test_subnormal_spans_follow_the_formula_in_exact_arithmetic(dtype: Any, count: int) -> None:
    steps = np.arange(count + 1)[None]
    data = steps.astype(dtype) * np.nextafter(dtype(0), dtype(1))
    expected = np.minimum(steps * 256 // count, 255)
    same(rerange(data), expected)
    same(
        rerange(np.tile(data, (1 + LARGE // count, 1))), np.tile(expected, (1 + LARGE // count, 1))
    )


@needs_wide
def test_long_doubles_follow_the_formula_where_float64_would_not() -> None:
    steps = np.arange(256).reshape(16, 16)
    data = 1 + steps * np.finfo(np.longdouble).eps
    same(rerange(data, vmax=1 + 256 * np.finfo(np.longdouble).eps), steps)
    assert np.unique(data.astype(np.float64)).size == 1


@needs_wide
def test_long_double_limits_beyond_float64_are_taken() -> None:
    top = np.longdouble("1e1000")
    data = np.array([[0, 0.25, 0.5, 1]], np.longdouble) * top
    same(rerange(data), [[0, 64, 128, 255]])
    same(rerange(data, 0, top * 2), [[0, 32, 64, 128]])


# Constant arrays, inverted and symmetric limits


@pytest.mark.parametrize("dtype", [np.int16, np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("value", [0, 1, -7, 100])
@pytest.mark.parametrize("shape", [(3, 4), (1024, 1025)])
def test_a_constant_array_is_black(dtype: Any, value: float, shape: tuple[int, int]) -> None:
    assert not rerange(np.full(shape, value, dtype)).any()


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3, 4), (1024, 1025)])
def test_zeros_with_symmetric_limits_are_mid_gray(dtype: Any, shape: tuple[int, int]) -> None:
    assert (rerange(np.zeros(shape, dtype), vsym=True) == 128).all()


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.float16, np.float32, np.float64])
@given(st.lists(st.integers(-100, 100), min_size=1, max_size=9), st.sampled_from([None, -20, 90]))
def test_zero_is_pixel_128_with_symmetric_limits(dtype: Any, values: list[int], vmin: Any) -> None:
    data = np.array([[*values, 0]], dtype)
    assert rerange(data, vmin, vsym=True)[0, -1] == 128


@pytest.mark.parametrize(
    ("vmin", "vmax", "top"), [(None, None, 8), (-10, 4, 10), (2, 3, 3), (-1, None, 5), (5, -9, 9)]
)
def test_symmetric_limits_reach_as_far_as_the_farther_limit(vmin: Any, vmax: Any, top: int) -> None:
    data = np.array([[-8.0, -2, 0, 1, 5]])
    same(rerange(data, vmin, vmax, True), formula(data, -top, top))


@pytest.mark.parametrize("dtype", [*FLOATS, np.int16, np.int64, np.uint8])
@pytest.mark.parametrize("shape", [(1, 5), (1024, 1025)])
def test_equal_limits_are_black_at_and_below_and_white_above(
    dtype: Any, shape: tuple[int, int]
) -> None:
    data = np.resize(np.array([0, 4, 5, 6, 100], dtype), shape)
    same(rerange(data, 5, 5), np.where(data > 5, 255, 0))


def test_equal_limits_keep_the_rules_of_special_values() -> None:
    same(rerange(np.array([[np.nan, -np.inf, np.inf, 5, 6]]), 5, 5), [[0, 0, 255, 0, 255]])
    same(rerange(np.array([[-3.0, 0, 3, np.nan]]), 0, 0, True), [[0, 128, 255, 0]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32, np.float64])
def test_inverted_limits_show_the_negative(dtype: Any) -> None:
    data = np.array([[0, 1, 50, 99, 100]], dtype)
    same(rerange(data, 100, 0), [[255, 253, 128, 2, 0]])


def test_a_limit_from_the_data_never_crosses_one_that_is_given() -> None:
    data = np.array([[1.0, 2, 3]])
    same(rerange(data, vmin=5), [[0, 0, 0]])
    same(rerange(data, vmax=-5), [[255, 255, 255]])
    same(rerange(data, vmin=0), formula(data, 0, 3))
    same(rerange(data, vmax=2), formula(data, 1, 2))


# Special and masked values


def test_nan_is_0_and_infinities_are_the_ends() -> None:
    data = np.array([[np.nan, -np.inf, np.inf, 1, 2, 3]])
    for dtype in FLOATS:
        same(rerange(data.astype(dtype)), [[0, 0, 255, 0, 128, 255]])


@given(
    hnp.arrays(np.float64, 12, elements=st.floats(-1e9, 1e9)),
    hnp.arrays(np.int8, 12, elements=st.integers(0, 4)),
    st.sampled_from([np.float16, np.float32, np.float64]),
)
def test_special_values_do_not_change_the_range(data: Array, which: Array, dtype: Any) -> None:
    with np.errstate(over="ignore"):
        data = np.clip(data, -60000, 60000).astype(dtype)
    plain = data[which > 2]
    if not plain.size:
        return
    spoiled = np.choose(np.clip(which, 0, 3), [np.nan, np.inf, -np.inf, data]).astype(dtype)
    got = rerange(spoiled.reshape(3, 4)).ravel()
    same(got[which > 2], rerange(plain[None])[0])
    same(got[which <= 2], np.choose(which[which <= 2], [0, 255, 0]))


@pytest.mark.parametrize("dtype", FLOATS)
def test_arrays_without_a_finite_value_are_0(dtype: Any) -> None:
    same(rerange(np.full((2, 3), np.nan, dtype)), np.zeros((2, 3)))
    same(rerange(np.array([[np.inf, -np.inf, np.nan]], dtype)), [[255, 0, 0]])


masked_dtypes = [bool, np.uint8, np.int16, np.uint16, np.int64, np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", masked_dtypes)
@pytest.mark.parametrize("shape", [(20, 21), (300, 400), (1024, 1100)])
@pytest.mark.parametrize("options", [{}, {"vsym": True}, {"contrast": "robust"}], ids=str)
def test_masked_values_do_not_change_the_range_and_are_0(
    dtype: Any, shape: tuple[int, int], options: Any
) -> None:
    random = np.random.default_rng(7)
    mask = random.random(shape) < 0.3
    data = ramp(dtype, shape)
    data = data if data.dtype == bool else (data // 4).astype(dtype)
    results = []
    real = data.dtype.kind == "f"
    for fill in (np.nan, np.inf, 6e4, 0) if real else np.array([0, -1, 1]).astype(dtype):
        data[mask] = fill
        before = data.copy()
        results.append(rerange(np.ma.masked_array(data, mask), **options))
        np.testing.assert_array_equal(data, before)
    assert not results[0][mask].any()
    for other in results[1:]:
        same(other, results[0])
    if options != {"contrast": "robust"}:
        same(results[0][~mask], rerange(data[~mask][None], **options)[0])


def test_masked_values_leak_nowhere_with_limits_of_each_channel() -> None:
    data = np.arange(60.0).reshape(4, 5, 3)
    mask = np.zeros(data.shape, bool)
    mask[1, 2], mask[0, 0, 1] = True, True
    results = []
    for fill in (1e30, np.nan, -5):
        data[mask] = fill
        results.append(rerange(np.ma.array(data, mask=mask), vmax=[30, 40, 50], channel_axis=-1))
    assert not results[0][mask].any()
    for channel, top in enumerate([30, 40, 50]):
        part, hidden = data[..., channel], mask[..., channel]
        expected = np.where(hidden, 0, formula(part, part[~hidden].min(), top))
        for result in results:
            same(result[..., channel], expected)


def test_wholly_masked_arrays_are_0() -> None:
    same(rerange(np.ma.masked_all((3, 4), np.float32)), np.zeros((3, 4)))
    same(rerange(np.ma.array([[7, 8]], mask=True, dtype=np.uint8)), [[0, 0]])


def test_a_masked_array_with_nothing_masked_is_as_a_plain_one() -> None:
    data = ramp(np.float64)
    same(rerange(np.ma.array(data)), rerange(data))
    same(rerange(np.ma.array(data, mask=np.zeros(data.shape))), rerange(data))


# Dates


@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[s]", ">M8[ns]"])
def test_dates_and_time_spans_are_mapped_as_integers(kind: str) -> None:
    counts = ramp(np.int32).astype(np.int64)
    same(rerange(counts.astype(kind)), formula(counts, counts.min(), counts.max()))


def test_a_missing_date_is_0_and_does_not_change_the_range() -> None:
    dates = np.array([["2020-01-01", "NaT", "2020-01-03", "2020-01-05"]], "datetime64[D]")
    same(rerange(dates), [[0, 0, 128, 255]])
    spans = np.array([[0, 10, 20]], "timedelta64[h]")
    spans[0, 0] = "NaT"
    same(rerange(spans), [[0, 0, 255]])


def test_limits_of_dates_may_be_dates_in_another_unit() -> None:
    dates = np.array([["2020-01-01", "2020-01-02", "2020-01-03"]], "datetime64[s]")
    for limit in (np.datetime64("2020-01-05"), "2020-01-05", np.datetime64("2020-01-05", "ns")):
        same(rerange(dates, vmax=limit), [[0, 64, 128]])


# contrast


@pytest.mark.parametrize(
    ("data", "vmin", "vmax"),
    [
        (np.array([[10, 100]], np.uint8), 0, 255),
        (np.array([[-5, 100]], np.int8), -128, 127),
        (np.array([[10, 1000]], np.uint16), 0, 65535),
        (np.array([[10, 1000]], np.int32), -(2**31), 2**31 - 1),
        (np.array([[0.25, 0.5]]), 0, 1),
        (np.array([[0.25, 1]], np.float16), 0, 1),
        (np.array([[0.25, 1.5]], np.float32), 0, 255),
        (np.array([[3, 256.0]]), 0, 65535),
        (np.array([[3, 65535.5]]), 0, 2**32 - 1),
        (np.array([[3, 1e12]]), 0, 1e12),
        (np.array([[-0.25, 0.5]]), -1, 1),
        (np.array([[-0.25, 0.5, np.inf, np.nan]]), -1, 1),
        (np.array([[-200.0, 0.5]]), -255, 255),
        (np.array([[-1e12, 0.0]]), -1e12, 1e12),
    ],
)
def test_inferred_contrast_takes_the_full_scale(data: Array, vmin: float, vmax: float) -> None:
    same(rerange(data, contrast="infer"), formula(data, vmin, vmax))


@pytest.mark.parametrize("contrast", [(0, 100), (10, 90), (2.5, 50), (0, 99.9), [1, 99]])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float16, np.float32, np.float64])
def test_percentiles_of_small_arrays_are_exact(dtype: Any, contrast: Any) -> None:
    data = ramp(dtype)
    low, high = np.percentile(data.astype(np.float64), contrast)
    same(rerange(data, contrast=contrast), formula(data, low, high))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32])
@pytest.mark.parametrize("shape", [(100, 100), (1500, 1500)])
def test_robust_contrast_is_not_moved_by_outliers(dtype: Any, shape: tuple[int, int]) -> None:
    data = ramp(np.int16, shape).astype(dtype)
    low, high = np.percentile(data.astype(np.float64), (2, 98))
    data.flat[:: data.size // 20] = 2**31 - 1
    got = rerange(data, contrast="robust")
    inside = data < 2**20
    difference = got[inside].astype(int) - formula(data, low, high)[inside]
    assert np.abs(difference).max() <= 1


def test_percentiles_pass_over_what_is_missing() -> None:
    data = ramp(np.float64)
    plain = np.concatenate([data, data])
    spoiled = np.concatenate([data, np.full_like(data, np.nan), data])
    masked = np.ma.array(np.where(np.isnan(spoiled), 1e9, spoiled), mask=np.isnan(spoiled))
    expected = rerange(plain, contrast=(5, 60))[: len(data)]
    same(rerange(spoiled, contrast=(5, 60))[: len(data)], expected)
    same(rerange(masked, contrast=(5, 60))[: len(data)], expected)


def test_percentiles_of_large_arrays_are_the_same_at_each_call() -> None:
    data = ramp(np.float32, (1200, 1100))
    same(rerange(data, contrast=(3, 70)), rerange(data.copy(), contrast=(3, 70)))


def test_a_given_limit_goes_before_contrast() -> None:
    data = np.array([[0.0, 5, 10]])
    same(rerange(data, vmin=-10, contrast="infer"), formula(data, -10, 255))
    same(rerange(data, 0, 20, contrast="robust"), formula(data, 0, 20))


@pytest.mark.parametrize("contrast", ["max", "", 5, (1,), (1, 2, 3), (90, 10), (-1, 50)])
def test_a_contrast_that_means_nothing_is_named(contrast: Any) -> None:
    with pytest.raises(ValueError, match="contrast must be") as caught:
        rerange(np.eye(3), contrast=contrast)
    assert repr(contrast) in str(caught.value)


# Limits of each channel


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("size", [(5, 7), (700, 800)])
def test_limits_of_each_channel_are_the_formula_channel_by_channel(
    dtype: Any, size: tuple[int, int]
) -> None:
    planar = ramp(dtype, (3, *size))
    vmin, vmax = [0, 10, -5], [100, 90.5, -60]
    expected = np.stack([formula(planar[c], vmin[c], vmax[c]) for c in range(3)])
    same(rerange(planar, vmin, vmax), expected)
    interleaved = np.moveaxis(planar, 0, -1)
    for data in (interleaved, np.ascontiguousarray(interleaved)):
        same(rerange(data, vmin, vmax), np.moveaxis(expected, 0, -1))
        same(
            rerange(data, np.array(vmin), tuple(vmax), channel_axis=-1),
            np.moveaxis(expected, 0, -1),
        )


def test_one_limit_for_all_joins_one_for_each() -> None:
    data = ramp(np.float64, (3, 6, 8))
    expected = [formula(data[c], 0, top) for c, top in enumerate([1, 2, 3])]
    same(rerange(data, 0, [1, 2, 3]), np.stack(expected))
    expected = [formula(data[c], data[c].min(), top) for c, top in enumerate([1, 2, 3])]
    same(rerange(data, vmax=[1, 2, 3]), np.stack(expected))


@pytest.mark.parametrize("limit", [[1, 2], [1, 2, 3, 4], []])
def test_limits_that_do_not_count_the_channels_are_named(limit: list[int]) -> None:
    with pytest.raises(ValueError, match="vmax") as caught:
        rerange(np.zeros((5, 7, 3)), vmax=limit)
    assert str(limit) in str(caught.value)


@pytest.mark.parametrize("name", ["vmin", "vmax"])
@pytest.mark.parametrize("limit", [np.nan, np.inf, -np.inf, [0, np.nan, 1]])
def test_a_limit_that_is_not_finite_is_named(name: str, limit: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} must be finite"):
        rerange(np.zeros((5, 7, 3)), **{name: limit})


@pytest.mark.parametrize("limit", ["5", "auto", object(), 1j, [[1]], {}])
def test_a_limit_that_is_no_number_is_named(limit: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="vmax must be a number"):
        rerange(np.eye(3), vmax=limit)


def test_an_integer_limit_beyond_every_float_is_named() -> None:
    with pytest.raises(ValueError, match="vmax must be"):
        rerange(np.eye(3), vmax=10**400)


@pytest.mark.parametrize(
    "limit", [50, 50.0, np.float32(50), np.int8(50), np.array(50), Fraction(50), [50], (50,)]
)
def test_any_kind_of_number_will_do_for_a_limit(limit: Any) -> None:
    data = ramp(np.float64)
    same(rerange(data, 0, limit), formula(data, 0, 50))


# uint8 and bool


def test_uint8_is_unchanged_and_in_new_memory() -> None:
    data = ramp(np.uint8)
    for array in (data, data.T, data[::-2, 3:], np.ascontiguousarray(data[:2])):
        pixels = rerange(array)
        same(pixels, array)
        assert not np.shares_memory(pixels, array)
        pixels[...] = 1
    same(data, ramp(np.uint8))


@pytest.mark.parametrize("options", [{"vmin": 0}, {"vmax": 200}, {"vsym": True}, {"vmin": 9}])
def test_uint8_is_reranged_as_soon_as_something_is_asked(options: Any) -> None:
    data = np.array([[10, 100, 200]], np.uint8)
    vmin, vmax = options.get("vmin", 10), options.get("vmax", 200)
    if "vsym" in options:
        vmin, vmax = -200, 200
    same(rerange(data, **options), formula(data, vmin, vmax))


@pytest.mark.parametrize("value", [True, False])
def test_booleans_are_0_and_255_even_if_all_are_equal(value: bool) -> None:
    assert (rerange(np.full((3, 4), value)) == 255 * value).all()
    assert (rerange(np.full((1024, 2048), value)) == 255 * value).all()


@pytest.mark.parametrize("shape", [(9, 9), (1024, 1024)])
def test_booleans_from_any_layout_are_0_and_255(shape: tuple[int, int]) -> None:
    data = ramp(bool, shape)
    for array in (data, data.T, data[::-2, ::3]):
        same(rerange(array), np.where(array, 255, 0))
    same(rerange(data, 0, 2), np.where(data, 128, 0))
    same(rerange(data, vsym=True), np.where(data, 255, 128))


# The caller's array, and out=


@pytest.mark.parametrize("dtype", [*FLOATS, *INTEGERS, bool])
@pytest.mark.parametrize("options", [{}, {"vmin": 5, "vmax": 3}, {"vsym": True}], ids=str)
def test_the_input_is_never_changed(dtype: Any, options: Any) -> None:
    for shape in ((9, 11), (1024, 1030)):
        data = ramp(dtype, shape)
        before = data.copy()
        got = rerange(data, **options)
        np.testing.assert_array_equal(data, before)
        data.flags.writeable = False
        same(rerange(data, **options), got)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("shape", [(9, 11), (1024, 1030)])
def test_out_is_written_and_returned(dtype: Any, shape: tuple[int, int]) -> None:
    data = ramp(dtype, shape)
    expected = rerange(data)
    for out in (
        np.full(shape, 77, np.uint8),
        np.full(shape[::-1], 77, np.uint8).T,
        np.full((shape[0], shape[1] * 2), 77, np.uint8)[:, ::-2],
    ):
        assert rerange(data, out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_out_around_what_is_written_stays() -> None:
    whole = np.full((6, 8), 77, np.uint8)
    rerange(np.eye(3), out=whole[1:4, 2:5])
    inside = np.zeros((6, 8), bool)
    inside[1:4, 2:5] = True
    assert (whole[~inside] == 77).all()
    same(whole[1:4, 2:5], np.eye(3) * 255)


@pytest.mark.parametrize(
    "out",
    [
        np.empty((3, 4), np.int8),
        np.empty((3, 4), np.float64),
        np.empty((4, 3), np.uint8),
        np.empty((1, 3, 4), np.uint8),
        [[0] * 4] * 3,
        bytearray(12),
    ],
    ids=lambda out: f"{type(out).__name__}",
)
def test_out_that_does_not_fit_is_named(out: Any) -> None:
    with pytest.raises((TypeError, ValueError), match=r"out must be a uint8 array of shape \(3, 4"):
        rerange(np.zeros((3, 4)), out=out)


def test_out_that_is_read_only_is_refused() -> None:
    out = np.zeros((3, 4), np.uint8)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out must be writable, but is read-only"):
        rerange(np.zeros((3, 4)), out=out)


@pytest.mark.parametrize("shape", [(4, 6), (1024, 2048)])
@pytest.mark.parametrize("limits", [(), (0, 100)])
def test_out_may_overlap_the_data(shape: tuple[int, int], limits: tuple[int, ...]) -> None:
    data = ramp(np.uint8, shape)
    expected = rerange(data, *limits)
    same(rerange(data, *limits, out=data), expected)
    data = ramp(np.uint8, shape)
    same(rerange(data, *limits, out=data[::-1]), expected)


# Threads and processes


def test_calls_from_many_threads_at_once_are_right() -> None:
    arrays = [ramp(np.float32, (1500, 1500), seed) for seed in range(6)]
    expected = [formula(array, array.min(), array.max()) for array in arrays]
    with ThreadPoolExecutor(6) as pool:
        for got, right in zip(pool.map(rerange, arrays * 3), expected * 3, strict=True):
            same(got, right)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_can_convert_large_arrays() -> None:
    code = """if True:
        import os
        import numpy as np
        from nbimage import rerange
        data = np.linspace(0, 1, 1 << 22, dtype=np.float32).reshape(2048, 2048)
        right = rerange(data)
        if os.fork() == 0:
            os._exit(0 if np.array_equal(rerange(data), right) else 1)
        raise SystemExit(os.waitstatus_to_exitcode(os.wait()[1]))
    """
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


# Memory

_PEAK = """
import sys
import numpy as np
from nbimage import rerange


def status(name):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(name)) * 1024


kind, dtype = sys.argv[1:]
warm = np.ones((1024, 2048), dtype)
rerange(warm)
rerange(warm[:, ::2])
base = np.empty((4096, 8192 if kind == "strided" else 4096), dtype)
row = np.arange(base.shape[1]) % 30000
for i in range(len(base)):
    base[i] = row > i if dtype == "bool" else (row + i) % 30001
data = base
if kind == "strided":
    data = base[:, ::2]
elif kind == "transposed":
    data = base.T
elif kind == "spoiled":
    data[7, 9], data[8, 1] = np.nan, np.inf
mask = np.zeros(data.shape, bool)
mask[5:9] = kind == "masked"
data = np.ma.array(data, mask=mask, copy=False) if kind == "masked" else data
before = status("VmRSS")
pixels = rerange(data)
print(status("VmHWM") - before - pixels.nbytes)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's VmHWM")
@pytest.mark.parametrize(
    ("kind", "dtype"),
    [
        ("plain", "float32"),
        ("plain", "float64"),
        ("plain", "uint16"),
        ("plain", "int64"),
        ("plain", "bool"),
        ("plain", "uint8"),
        ("strided", "float32"),
        ("strided", "uint16"),
        ("transposed", "float64"),
        ("spoiled", "float32"),
        ("masked", "float32"),
    ],
)
def test_memory_beyond_input_and_output_stays_below_32_mib(kind: str, dtype: str) -> None:
    """VmHWM, not ru_maxrss: a child starts with its parent's ru_maxrss, which would hide all."""
    done = subprocess.run(
        [sys.executable, "-c", _PEAK, kind, dtype], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 32 << 20


# Memory that `out` shares, and any number of axes


def masked_case(shape: tuple[int, int]) -> tuple[Array, Array, Array]:
    """Return data, a mask and the right pixels."""
    data = ramp(np.float32, shape)
    mask = np.random.default_rng(1).random(shape) < 0.4
    return data, mask, rerange(np.ma.MaskedArray(data.copy(), mask.copy()))


@pytest.mark.parametrize("shape", [(4, 10), (300, 400)])
@pytest.mark.parametrize(
    "turn",
    [lambda a: a, lambda a: a[::-1], lambda a: a[:, ::-1]],
    ids=["as it is", "upside down", "mirrored"],
)
def test_out_may_be_the_memory_of_the_mask(shape: tuple[int, int], turn: Any) -> None:
    data, mask, expected = masked_case(shape)
    masked = np.ma.MaskedArray(data, mask)
    same(rerange(masked, out=turn(masked.mask.view(np.uint8))), expected)


@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64, np.uint8, bool])
@pytest.mark.parametrize("limits", [(), (3, 3), (0, 50)], ids=str)
def test_out_may_be_any_part_of_the_data_s_memory(dtype: Any, limits: Any) -> None:
    for step in range(np.dtype(dtype).itemsize):
        memory = ramp(dtype, (40, 30))
        expected = rerange(memory.copy(), *limits)
        every = memory.view(np.uint8).reshape(40, 30, -1)
        same(rerange(memory, *limits, out=every[:, :, step]), expected)
    planes = ramp(dtype, (2, 40, 30))
    expected = rerange(planes[1].copy(), *limits)
    whole = planes.view(np.uint8).reshape(-1)
    same(rerange(planes[1], *limits, out=whole[700 : 700 + 1200].reshape(40, 30)), expected)


def test_out_of_data_that_share_memory_with_their_mask() -> None:
    memory = (np.arange(40) % 3 == 0).astype(np.uint8).reshape(4, 10)
    masked = np.ma.MaskedArray(memory, memory.view(bool))
    expected = rerange(np.ma.MaskedArray(memory.copy(), memory.astype(bool)), vmax=2)
    same(rerange(masked, vmax=2, out=memory), expected)


def test_out_that_overlaps_itself_is_refused() -> None:
    strided = np.lib.stride_tricks.as_strided
    memory = np.zeros(20, np.uint8)
    for strides in ((1, 1), (0, 1), (2, 1), (-0, 1)):
        with pytest.raises(ValueError, match="out must not overlap itself"):
            rerange(np.zeros((3, 4)), out=strided(memory, (3, 4), strides))
    assert (
        rerange(np.eye(3), out=strided(memory, (3, 3), (6, 2))).tolist()
        == rerange(np.eye(3)).tolist()
    )


@pytest.mark.parametrize("shape", [(), (1,), (7,), (1, 1, 1, 1), (2, 3, 4, 5), (2, 1, 3, 2, 2)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, bool])
def test_any_number_of_axes_is_taken(shape: tuple[int, ...], dtype: Any) -> None:
    data = ramp(dtype, shape)
    for options in ({}, {"vsym": True}, {"contrast": "robust"}, {"norm": "symlog"}):
        expected = rerange(data.reshape(1, -1), **options).reshape(shape)
        same(rerange(data, **options), expected)
        out = np.empty(shape, np.uint8)
        assert rerange(data, out=out, **options) is out
        same(out, expected)
    masked = np.ma.MaskedArray(data, np.ones(shape, bool))
    same(rerange(masked), np.zeros(shape, np.uint8))
    same(rerange(data.tolist(), 0, 10), rerange(np.asarray(data.tolist()), 0, 10))


def test_limits_of_channels_need_no_picture() -> None:
    data = ramp(np.float64, (2, 3, 4, 5, 3))
    expected = np.stack([rerange(data[..., i], i, 90 + i) for i in range(3)], axis=-1)
    same(rerange(data, (0, 1, 2), (90, 91, 92), channel_axis=-1), expected)


@pytest.mark.parametrize("vsym", [False, True])
@pytest.mark.parametrize("vmin", [None, -(2**63), -(2**70), 2**63])
@pytest.mark.parametrize("vmax", [None, 2**63, 2**80])
def test_integers_beyond_64_bits_limit_long_doubles(
    vmin: int | None, vmax: int | None, vsym: bool
) -> None:
    values = np.array([[0.0, -(2.0**62), 2.0**64]])
    long = values.astype(np.longdouble)
    pixels = rerange(long, vmin, vmax, vsym)
    np.testing.assert_array_equal(pixels, rerange(values, vmin, vmax, vsym))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("limit", [2**53 + 1, 2**53 + 3, 1e300, 0.1, -70_000])
def test_what_is_above_one_limit_is_white_in_every_precision(dtype: Any, limit: Any) -> None:
    near = np.array([limit], np.float64)
    with np.errstate(over="ignore"):
        values = np.concatenate([np.nextafter(near, -np.inf), near, np.nextafter(near, np.inf)])
        values = np.array([*values, -np.inf, np.inf, 0]).astype(dtype)
    expected = [
        255 if v == np.inf or (v > -np.inf and Fraction(float(v)) > limit) else 0
        for v in values.tolist()
    ]
    assert rerange(values, limit, limit).tolist() == expected


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint16, np.int16, np.float16, np.float32])
@pytest.mark.parametrize("ends", [(0, 1), (-3, 250), (12.5, -7), (5, 5), (-0.25, 0.25)])
def test_pixels_are_the_same_whether_other_arrays_have_the_same_limits(
    dtype: Any, ends: tuple[float, float]
) -> None:
    values = (np.random.default_rng(0).normal(size=(300, 301)) * 200).astype(dtype)
    for limits in (Limits((ends[0],), (ends[1],)), Limits((ends[0], 0), (ends[1], 9))):
        axis = None if len(limits.vmin) == 1 else 0
        data = values if axis is None else np.stack((values, values))
        alone = map_values(data, None, limits, axis)
        for _ in range(2):
            np.testing.assert_array_equal(map_values(data, None, limits, axis, again=True), alone)
