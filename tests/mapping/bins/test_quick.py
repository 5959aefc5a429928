"""Lines through bins: each gives every value the pixel of the rule, or there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nbimage.mapping.bins import quick
from nbimage.mapping.bins.arithmetic import bins, choose_arithmetic
from nbimage.mapping.bins.quick import (
    Line,
    make_line_converter,
    prove_line,
    prove_short_line,
)
from nbimage.mapping.limits import Limits
from nbimage.mapping.rerange_values import _table, map_values, rerange

Array = np.ndarray[Any, Any]
SINGLE = np.dtype(np.float32)
NUMBERS = st.one_of(
    st.floats(-1e6, 1e6, width=32),
    st.floats(-3, 3),
    st.floats(0.125, 1e30),
    st.integers(-300, 300).map(float),
    st.integers(-1000, 1000).map(lambda n: n / 1000),
    st.sampled_from([0.0, 1.0, 255.0, 65535.0, -1.0, 0.1, 0.9, 1e-30, 2.0**-100]),
)


def rule(x: Array, vmin: float, vmax: float) -> Array:
    """Return the pixels, as the documentation has them, NaN as 0."""
    scale = choose_arithmetic(Limits((vmin,), (vmax,)), x.dtype)
    with np.errstate(all="ignore"):
        found = np.clip(bins(x, scale), 0, 255)
    return np.where(np.isnan(found), 0, found).astype(np.uint8)


def steps(x: Array, count: int = 3) -> Array:
    """Return float32 values and those beside them."""
    found, up, down = [x], x, x
    for _ in range(count):
        up, down = np.nextafter(up, np.float32(np.inf)), np.nextafter(down, np.float32(-np.inf))
        found += [up, down]
    return np.concatenate(found)


def hard_values(vmin: float, vmax: float) -> Array:
    """Return float32 values on and beside the edges, the limits and 0, and some special ones."""
    edges = vmin + np.arange(-1, 258) * (vmax - vmin) / 256
    marks = np.concatenate([edges, [0.0, vmin, vmax, np.inf, -np.inf]]).astype(np.float32)
    with np.errstate(all="ignore"):
        near = steps(marks)
    tiny = np.float32(2.0) ** -np.arange(0, 149, 7, dtype=np.float32)
    spread = np.random.default_rng(0).uniform(vmin, vmax, 500).astype(np.float32)
    return np.concatenate([near, tiny, -tiny, spread, np.array([np.nan], np.float32)])


def converted(line: Line, x: Array, clean: bool) -> Array:
    out = np.empty(x.shape, np.uint8)
    with np.errstate(all="ignore"):
        make_line_converter(line, x.size, x.dtype, clean)(x, out)
    return out


@given(NUMBERS, NUMBERS)
@example(0.1, 0.9)
@example(-0.53, 0.53)
@example(-1.0, 1.0)
@example(0.0, 1.0)
@example(-5.0, 0.0)
@example(0.0, 255.0)
@example(1.0, 1.0000001)
@example(-1e-40, 1e-40)
def test_a_line_gives_every_value_the_pixel_of_the_rule(one: float, other: float) -> None:
    vmin, vmax = min(one, other), max(one, other)
    limits = Limits((vmin,), (vmax,))
    line = prove_line(choose_arithmetic(limits, SINGLE), limits)
    if line is None:
        return
    x = hard_values(vmin, vmax)
    assert np.array_equal(converted(line, x, clean=False), rule(x, vmin, vmax))
    exact = x.astype(np.float64)
    inside = x[(exact >= vmin) & (exact <= vmax)]
    assert np.array_equal(converted(line, inside, clean=True), rule(inside, vmin, vmax))


@given(st.floats(2.0**-60, 2.0**60, width=32))
def test_symmetric_limits_keep_the_values_beside_0(most: float) -> None:
    limits = Limits((-most,), (most,), vsym=True)
    line = prove_line(choose_arithmetic(limits, SINGLE), limits)
    if line is None:
        return
    tiny = np.float32(most) * np.float32(2.0) ** -np.arange(0, 100, dtype=np.float32)
    x = np.concatenate([tiny, -tiny, np.zeros(1, np.float32)])
    assert np.array_equal(converted(line, x, clean=True), rule(x, -most, most))


@pytest.mark.parametrize(
    ("vmin", "vmax"),
    [(0.1, 0.9), (0.2, 0.7), (0, 1), (-0.02, 1.03), (-0.53, 0.53), (0, 255), (-1000, 3000)],
)
def test_usual_limits_have_a_line(vmin: float, vmax: float) -> None:
    limits = Limits((vmin,), (vmax,))
    assert prove_line(choose_arithmetic(limits, SINGLE), limits) is not None


@pytest.mark.parametrize(
    ("vmin", "vmax"), [(1, 0), (2, 2), (1e300, 2e300), (0, 1e-44), (1, 1 + 1e-9)]
)
def test_limits_of_which_float32_has_too_few_values_have_no_wrong_line(
    vmin: float, vmax: float
) -> None:
    limits = Limits((vmin,), (vmax,))
    with np.errstate(all="ignore"):
        line = prove_line(choose_arithmetic(limits, SINGLE), limits)
    if line is not None:
        x = hard_values(vmin, vmax)
        assert np.array_equal(converted(line, x, clean=False), rule(x, vmin, vmax))


@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
@given(data=st.data())
def test_a_line_gives_every_short_integer_the_pixel_of_the_rule(dtype: Any, data: Any) -> None:
    info = np.iinfo(dtype)
    whole = st.integers(int(info.min), int(info.max))
    number = st.one_of(whole, st.floats(-70000, 70000))
    vmin, vmax = sorted((data.draw(number), data.draw(number)))
    limits = Limits((vmin,), (vmax,))
    table = _table(np.dtype(dtype), limits)
    line = prove_short_line(choose_arithmetic(limits, np.dtype(dtype)), limits, np.dtype(dtype))
    every = np.arange(info.min, info.max + 1).astype(dtype)
    right = table[every.view(np.uint16)]
    if vmin < vmax:
        assert np.array_equal(right, rule(every, vmin, vmax))
    if line is not None:
        assert np.array_equal(converted(line, every, clean=False), right)
        inside = (every >= vmin) & (every <= vmax)
        assert np.array_equal(converted(line, every[inside], clean=True), right[inside])


@pytest.mark.parametrize("top", [255, 1023, 4080, 4095, 16383, 65535])
def test_usual_limits_of_short_integers_have_a_line(top: int) -> None:
    limits = Limits((0,), (top,))
    dtype = np.dtype(np.uint16)
    assert prove_short_line(choose_arithmetic(limits, dtype), limits, dtype) is not None


@pytest.mark.parametrize("options", [{"norm": "log"}, {"levels": 7}, {"norm": 0.5}], ids=str)
def test_other_norms_of_large_short_integers_are_those_of_small_ones(options: Any) -> None:
    array = np.random.default_rng(2).integers(1, 4000, (1100, 1000)).astype(np.uint16)
    whole = rerange(array, 1, 4000, **options)
    assert np.array_equal(whole[:50], rerange(array[:50], 1, 4000, **options))


@pytest.mark.parametrize("dtype", [np.uint16, ">u2", np.int16, np.float32, ">f4"])
@pytest.mark.parametrize("view", [np.s_[:, :], np.s_[::-1, ::2]], ids=["whole", "strided"])
@pytest.mark.parametrize("masked", [False, True])
def test_large_arrays_of_any_order_follow_the_rule(dtype: Any, view: Any, masked: bool) -> None:
    random = np.random.default_rng(5)
    array = (random.normal(size=(1030, 2100)) * 3000).astype(np.int16)
    array = (array.astype(np.uint16) if np.dtype(dtype).kind == "u" else array).astype(dtype)[view]
    mask = random.random(array.shape) < 0.1 if masked else None
    native = array.astype(array.dtype.newbyteorder("="))
    for vmin, vmax in ((-3000.0, 2500.0), (100, 60000), (-7.25, 1 / 3)):
        got = map_values(array, mask, Limits((vmin,), (vmax,)))
        right = rule(native, vmin, vmax)
        assert np.array_equal(got, right if mask is None else np.where(mask, 0, right))


@pytest.mark.parametrize("becomes_0", [True, False])
def test_nan_is_0_wherever_it_stands(becomes_0: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if becomes_0 and not quick._nan_becomes_0():
        pytest.skip("this machine converts NaN to another byte")
    monkeypatch.setattr(quick, "_nan_becomes_0", lambda: becomes_0)
    plain = np.random.default_rng(0).standard_normal((1100, 1000)).astype(np.float32)
    for start in range(67):
        plain[start, start :: start + 2] = np.nan
    plain[99] = np.nan
    for limits in ((-1, 2), (0.1, 0.9), (-3.3, 3.3), (0, 256)):
        got = rerange(plain, *limits)
        np.testing.assert_array_equal(got, rerange(plain.astype(np.float64), *limits))
        assert not got[np.isnan(plain)].any()
