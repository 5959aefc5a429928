"""Every pair of options for limits, on every dtype and its special values, at every door.

The reference is the rule of the design, in fractions: what limits are, and in which bin a value
lies. Where a value lies so near the edge between two bins that float64 can't tell, either is right.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbimage import Grid, Picture, rerange
from nbimage.mapping.limits import Limits
from tests.mapping.asking import as_frames

Array = np.ndarray[Any, Any]
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "g"]
NUMBERS = (0.0, 1.0, -1.0, 0.1, 100.0, 1e16, 5e-324, -2.2e-308, 1e-30, 1e30, -1e30)
ENDS = (1.7976931348623157e308, -1.7976931348623157e308)
LIMITS = (0, 1, -3, 5.5, 250, 2**53 + 1, -(2**63), 2**64 - 1, 1e-300, 1.7e308, -1.7e308)
CONTRASTS = ("minmax", "infer", "robust", (1, 99), (0, 100), (50, 50), (25, 75.5))
TINY = Fraction(1, 2**40)
PERCENTS = {"robust": (2, 98)}
LONG = np.finfo(np.longdouble).nmant >= 63


@st.composite
def arrays(draw: Any) -> Array:
    """A small array of special values of any dtype, with a mask or not."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(st.sampled_from([(1, 1), (1, 5), (4, 1), (3, 4)]))
    count = math.prod(shape)
    if dtype.kind == "f":
        special = st.sampled_from((*NUMBERS, *ENDS, math.nan, math.inf, -math.inf))
        values: Any = draw(st.lists(special | st.floats(-1e3, 1e3), min_size=count, max_size=count))
        with np.errstate(over="ignore"):
            array = np.array(values, np.float64).astype(dtype).reshape(shape)
    elif dtype.kind == "b":
        array = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
        array = array.reshape(shape)
    else:
        info = np.iinfo(dtype)
        ends = st.sampled_from([info.min, info.max, info.max - 1, info.min + 1, 0, 1, 5])
        numbers = ends | st.integers(max(info.min, -1000), min(info.max, 1000))
        values = draw(st.lists(numbers, min_size=count, max_size=count))
        array = np.array(values, dtype).reshape(shape)
    if draw(st.booleans()):
        mask = draw(st.lists(st.booleans(), min_size=count, max_size=count))
        return np.ma.MaskedArray(array, np.array(mask).reshape(shape))
    return array


OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "vmin": st.sampled_from(LIMITS),
    "vmax": st.sampled_from(LIMITS),
    "vsym": st.just(True),
    "contrast": st.sampled_from(CONTRASTS),
}


@st.composite
def options(draw: Any) -> dict[str, Any]:
    """Two options, one or none."""
    names = draw(st.lists(st.sampled_from(list(OPTIONS)), max_size=3, unique=True))
    return {name: draw(OPTIONS[name]) for name in names}


def as_fraction(value: Any) -> Fraction:
    if isinstance(value, np.longdouble):
        mantissa, exponent = np.frexp(value)
        return Fraction(int(np.ldexp(mantissa, 64))) * Fraction(2) ** (int(exponent) - 64)
    return Fraction(value.item() if isinstance(value, np.generic) else value)


def counting_values(data: Array) -> list[Fraction]:
    plain, mask = np.ma.getdata(data), np.ma.getmaskarray(data)
    return sorted(as_fraction(x) for x in plain[~mask & np.isfinite(plain)])


def percentile(values: list[Fraction], percent: float) -> Fraction:
    position = (len(values) - 1) * Fraction(percent) / 100
    low, high = values[math.floor(position)], values[math.ceil(position)]
    return low + (high - low) * (position - math.floor(position))


def reference_limits(data: Array, asked: dict[str, Any]) -> tuple[Fraction, Fraction] | None:
    """The limits by the rule; None where no value counts and none is given."""
    values = counting_values(data)
    kind, contrast = data.dtype.kind, asked.get("contrast", "minmax")
    low, high = asked.get("vmin"), asked.get("vmax")
    if low is None or high is None:
        if kind == "b":
            found = Fraction(0), Fraction(1)
        elif contrast == "infer" and kind in "iu":
            info = np.iinfo(data.dtype)
            found = Fraction(int(info.min)), Fraction(int(info.max))
        elif not values:
            if low is None and high is None:
                return None
            found = Fraction(0), Fraction(1)
        elif contrast == "infer":
            scales = (Fraction(n) for n in (1, 255, 65535, 2**32 - 1))
            top = next((scale for scale in scales if values[-1] <= scale), values[-1])
            found = Fraction(0) if values[0] >= 0 else -top, top
        elif contrast == "minmax":
            found = values[0], values[-1]
        else:
            percents = PERCENTS.get(contrast, contrast) if isinstance(contrast, str) else contrast
            found = percentile(values, percents[0]), percentile(values, percents[1])
        start, end = found
        if high is not None:
            start, end = min(start, Fraction(high)), Fraction(high)
        elif low is not None:
            start, end = Fraction(low), max(end, Fraction(low))
    else:
        start, end = Fraction(low), Fraction(high)
    if asked.get("vsym"):
        end = max(abs(start), abs(end))
        start = -end
    return start, end


def is_near(got: Any, expected: Fraction, scale: Fraction) -> bool:
    return abs(as_fraction(got) - expected) <= scale * Fraction(1, 2**50)


def check_limits(data: Array, asked: dict[str, Any], limits: Limits) -> None:
    untouched = data.dtype == np.uint8 and not asked
    assert limits.unchanged == untouched
    expected = reference_limits(data, asked)
    if expected is None or untouched:
        assert limits.blank == (not untouched)
        return
    scale = max(map(abs, (*expected, *counting_values(data)[:1], *counting_values(data)[-1:])))
    assert all(math.isfinite(float(end)) for end in (limits.vmin[0], limits.vmax[0]))
    assert is_near(limits.vmin[0], expected[0], scale)
    assert is_near(limits.vmax[0], expected[1], scale)
    if asked.get("contrast") in (None, "minmax", "infer"):  # nothing is between two values
        assert (as_fraction(limits.vmin[0]), as_fraction(limits.vmax[0])) == expected


def check_pixels(data: Array, asked: dict[str, Any], limits: Limits, pixels: Array) -> None:
    """Check each pixel against the rule for the limits that hold."""
    plain, mask = np.ma.getdata(data), np.ma.getmaskarray(data)
    low, high = as_fraction(limits.vmin[0]), as_fraction(limits.vmax[0])
    for value, missing, pixel in zip(plain.flat, mask.flat, pixels.flat, strict=True):
        if missing or np.isnan(value) or limits.blank:
            assert pixel == 0 or (limits.blank and np.isinf(value))
        elif limits.unchanged:
            assert pixel == value
        elif np.isinf(value):
            assert pixel == (255 if (value > 0) == (low <= high) else 0)
        elif low == high:
            zero = bool(asked.get("vsym")) and low == 0 and value == 0
            assert pixel == (128 if zero else 255 * (as_fraction(value) > low))
        else:
            exact = (as_fraction(value) - low) * 256 / (high - low)
            off = TINY * max(1, abs(as_fraction(value) / (high - low)), abs(low / (high - low)))
            allowed = {min(max(math.floor(exact + d), 0), 255) for d in (-off, 0, off)}
            assert pixel in allowed, (value, low, high, float(exact))


def doors(data: Array, asked: dict[str, Any]) -> Iterator[tuple[str, Array, Limits, Array]]:
    """What limits are of, they, and the pixels at every door; of stacks the first frame's."""
    picture = Picture(data, **asked)
    assert picture.color_scale is not None
    limits = picture.color_scale.limits
    yield "Picture", data, limits, picture.pixels
    yield "rerange", data, limits, rerange(data, **asked)
    stack = (
        np.ma.stack([data, data]) if isinstance(data, np.ma.MaskedArray) else np.stack([data] * 2)
    )
    for given_as in (stack, [data, data]):
        frames = as_frames(given_as, **asked)
        assert frames.color_scale is not None
        yield "Video", stack, frames.color_scale.limits, next(frames.pixels())
    if limits.blank:  # a grid gives each picture limits of its own then
        return
    shown = Grid([data, data[:, ::-1]], **asked).pictures[0]
    yield "Grid", stack, shown.color_scale.limits, shown.pixels


@pytest.mark.skipif(not LONG, reason="long integers need long doubles of 64 bits")
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
@given(arrays(), options())
def test_limits_and_pixels_are_those_of_the_rule_at_every_door(
    data: Array, asked: dict[str, Any]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for door, whole, limits, pixels in doors(data, asked):
            try:
                check_limits(whole, asked, limits)
                check_pixels(data, asked, limits, pixels)
            except AssertionError as error:
                raise AssertionError(f"{door}: {error}") from error


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
@given(arrays(), options())
def test_what_is_missing_is_transparent_and_nothing_else(
    data: Array, asked: dict[str, Any]
) -> None:
    plain, mask = np.ma.getdata(data), np.ma.getmaskarray(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        picture = Picture(data, **asked)
    assert picture.color_scale is not None
    shown = picture.render()
    alpha = shown[..., -1] if shown.ndim == 3 else np.full(shown.shape, 255)
    missing = mask | np.isnan(plain) | picture.color_scale.limits.blank
    np.testing.assert_array_equal(alpha == 0, missing)


BENT: dict[str, Callable[[float, float, float, float], float]] = {
    "log": lambda x, low, high, _: (math.log(x) - math.log(low)) / (math.log(high) - math.log(low)),
    "sqrt": lambda x, low, high, _: math.copysign(
        abs((x - low) / (high - low)) ** 0.5, (x - low) / (high - low)
    ),
    "asinh": lambda x, low, high, noise: bent(math.asinh, x, low, high, noise),
    "symlog": lambda x, low, high, _: bent(
        lambda t: math.copysign(math.log1p(abs(t)), t), x, low, high
    ),
}


def bent(
    function: Callable[[float], float], x: float, low: float, high: float, noise: float = 0
) -> float:
    most = max(abs(low), abs(high))
    width = min(max(noise, most / 1e99), most / 10) if noise else most / 100 or 1.0
    start, end = function(low / width), function(high / width)
    return (function(x / width) - start) / (end - start)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=80)
@given(
    st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=2, max_size=12),
    st.sampled_from(list(BENT)),
    st.sampled_from(CONTRASTS),
)
def test_bent_values_have_the_bins_of_their_norm(
    values: list[float], norm: str, contrast: Any
) -> None:
    data = np.array([values])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        picture = Picture(data, norm=norm, contrast=contrast)
    assert picture.color_scale is not None
    limits = picture.color_scale.limits
    counting = data[np.isfinite(data) & (data > 0 if norm == "log" else np.isfinite(data))]
    assert limits.blank == (not counting.size)
    low, high = float(limits.vmin[0]), float(limits.vmax[0])
    if limits.blank or high - low <= 1e-6 * max(abs(low), abs(high)):
        return
    if contrast not in ("minmax", "infer"):
        percents = PERCENTS.get(contrast, contrast) if isinstance(contrast, str) else contrast
        np.testing.assert_allclose((low, high), np.percentile(counting, percents), rtol=1e-12)
    off = np.abs(counting - np.median(counting))
    middle = np.median(off) or (np.median(off[off > 0]) if off.any() else 0)
    noise = 3 * 1.4826 * float(middle)
    for value, pixel in zip(values, picture.pixels.flat, strict=True):
        if math.isnan(value) or (norm == "log" and value <= 0):
            assert pixel == 0
            continue
        exact = BENT[norm](value, low, high, noise) * 256
        assert pixel in {min(max(math.floor(exact + d), 0), 255) for d in (-1e-6, 0, 1e-6)}
