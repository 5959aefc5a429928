"""The steps of a norm give every value its pixel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage import rerange
from nbimage.mapping.bins.steps import find_steps
from nbimage.mapping.limits import Limits
from nbimage.mapping.norms import Norm

Array = np.ndarray
NORMS = [
    Norm(),
    Norm("log"),
    Norm("gamma", 0.5),
    Norm("gamma", 3.0),
    Norm("asinh", 0.1),
    Norm("asinh", noise=0.01),
    Norm("symlog"),
    Norm("symlog", 1e-3),
    Norm("levels", levels=(-3, 0, 0.5, 7)),
    Norm("levels", levels=(60, 0, -0.5, -70)),
]


def pixels_of(values: Array, limits: Limits) -> Array:
    """The pixels by the rule."""
    from nbimage.mapping.rerange_values import map_values

    return map_values(values, None, limits)


def count(values: Array, limits: Limits) -> tuple[Array, Array]:
    """The pixels by the steps, and which of them are to be worked out."""
    found = find_steps(lambda each: pixels_of(each, limits), limits, values.dtype)
    assert found is not None
    assert (np.diff(found.before) >= 0).all()
    assert (np.diff(found.after) >= 0).all()
    low, high = (np.searchsorted(steps, values, "right") for steps in found[:2])
    return high if found.rising else 255 - high, low != high


@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("dtype", ["float16", "int8", "int16", "uint16"])
@pytest.mark.parametrize("ends", [(0.25, 90), (-20, 70), (90, -20.5), (3, 3)])
def test_every_value_of_short_dtypes_has_its_pixel(dtype: str, norm: Norm, ends: Any) -> None:
    if norm.positive and not 0 < ends[0] <= ends[1]:
        return
    if norm.edges is not None:
        ends = norm.edges[0], norm.edges[-1]
    size = np.dtype(dtype).itemsize
    values = np.arange(256**size, dtype=f"u{size}").view(dtype)
    values = values[values == values]
    limits = Limits((ends[0],), (ends[1],), norm=norm)
    got, open_ = count(values, limits)
    np.testing.assert_array_equal(got[~open_], pixels_of(values, limits)[~open_])
    assert np.count_nonzero(open_) <= 255


@settings(max_examples=200)
@given(
    norm=st.sampled_from(NORMS),
    dtype=st.sampled_from(["float32", "float64", "int32", "int64"]),
    ends=st.tuples(*[st.floats(1e-3, 1e6) | st.floats(-1e6, 1e6)] * 2),
    seed=st.integers(0, 2**32 - 1),
)
def test_values_near_and_far_have_their_pixels(
    norm: Norm, dtype: str, ends: tuple[float, float], seed: int
) -> None:
    if norm.positive and not 0 < ends[0] <= ends[1]:
        return
    if norm.edges is not None:
        ends = norm.edges[0], norm.edges[-1]
    limits = Limits((ends[0],), (ends[1],), norm=norm)
    random = np.random.default_rng(seed)
    whole = dtype.startswith("int")
    found = find_steps(lambda each: pixels_of(each, limits), limits, np.dtype(dtype))
    assert found is not None
    ramp = random.uniform(*sorted(ends), 2000)
    near = found.after[np.isfinite(found.after)] if not whole else found.after
    parts = [ramp.astype(dtype), near]
    for distance in (1, 2, 50):
        if whole:
            inside = np.abs(near) < np.iinfo(dtype).max - 50
            parts += [near[inside] - distance, near[inside] + distance]
        else:
            moved = near
            for _ in range(distance):
                moved = np.nextafter(moved, np.array(-np.inf, dtype))
            parts.append(moved)
    values = np.concatenate(parts).astype(dtype)
    got, open_ = count(values, limits)
    np.testing.assert_array_equal(got[~open_], pixels_of(values, limits)[~open_])


def test_a_logarithm_that_falls_has_no_steps() -> None:
    limits = Limits((10,), (1,), norm=Norm("log"))
    dtype = np.dtype(np.float32)
    assert find_steps(lambda values: pixels_of(values, limits), limits, dtype) is None


def test_the_steps_of_what_is_rounded_rightly_are_exact() -> None:
    for norm in (Norm(), Norm("levels", levels=(-3, 0, 0.5, 7))):
        limits = Limits((-3,), (7,), norm=norm)
        for dtype in (np.float32, np.float64, np.int64):
            found = find_steps(
                lambda values, limits=limits: pixels_of(values, limits), limits, np.dtype(dtype)
            )
            assert found is not None
            assert np.array_equal(found.before, found.after)


def test_zeros_of_symmetric_norms_are_sure() -> None:
    zeros = np.zeros(9)
    for norm in (Norm("symlog"), Norm("asinh", 0.5)):
        got, open_ = count(zeros, Limits((-4,), (4,), norm=norm))
        assert not open_.any()
        assert (got == rerange(zeros, -4, 4, norm=(norm.name, norm.parameter or 0.04))).all()
