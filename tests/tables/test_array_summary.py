"""An array in one line: right for every shape and dtype, and nothing lazy is computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nbimage import describe, open_pyramid


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (np.arange(24, dtype=np.uint8).reshape(2, 3, 4), "2 × 3 × 4 uint8, 0 … 23, mean 11.5"),
        (np.float32(0.5), "float32, 0.5"),
        (7, "int64, 7"),
        (np.array([-1.5, np.nan, np.inf, 2]), "4 float64, −1.5 … 2, mean 0.25, 1 NaN, 1 infinite"),
        (np.array([True, False, True, True]), "4 bool, 75 % True"),
        (np.ma.array([1, 2, 300], mask=[0, 0, 1]), "3 int64, 1 … 2, mean 1.5, 1 masked"),
        (np.array([3 + 4j]), "1 complex128, magnitudes, 5 … 5, mean 5"),
        (np.zeros((0, 4), "u1"), "0 × 4 uint8, empty"),
        ([], "0 float64, empty"),
        (xarray.DataArray([1, 2, 3], coords={"x": [1, 2, 3]}).x, "3 int64, 1 … 3, mean 2"),
        (np.array([1, 2], "M8[D]").astype("M8[ns]"), "2 datetime64[ns], 1970-01-02 … 1970-01-03"),
        (np.full(3, np.nan), "3 float64, no finite value, 3 NaN"),
        (
            np.array(["2024-01-01", "2024-03-01"], "datetime64[D]"),
            "2 datetime64[D], 2024-01-01 … 2024-03-01",
        ),
    ],
)
def test_the_line_says_what_is_in_it(data: Any, line: str) -> None:
    assert describe(data) == line


@given(arrays.arrays(st.sampled_from([np.int16, np.float64]), arrays.array_shapes(max_dims=4)))
def test_range_and_mean_are_numpys(data: Any) -> None:
    finite = data[np.isfinite(data)].astype(np.float64)
    assume(not finite.size or abs(finite).max() < 1e300)  # else four digits are beyond a float
    line = describe(data)
    if not finite.size:
        assert "no finite value" in line
        return
    low, _, high = line.split(", ")[1].partition(" … ")
    for text, value in ((low, finite.min()), (high, finite.max())):
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=1e-3, abs=0)
    mean = finite.mean()
    text = line.split("mean ")[1].split(",")[0].replace("−", "-")
    assert float(text) == pytest.approx(mean, rel=1e-3, abs=1e-6 * abs(finite).max())


@pytest.mark.parametrize("count", [2, 5_000_000])  # of one block, of several
def test_the_mean_of_the_largest_values_is_finite(count: int) -> None:
    largest = np.finfo(np.float64).max
    assert describe(np.full(count, largest)).endswith(", mean 1.798e+308")
    assert describe(np.tile([largest, -largest], count)).endswith(", mean 0")


def test_nothing_lazy_is_computed(tmp_path: Any) -> None:
    import dask.array as da

    def fail(block: Any) -> Any:
        raise AssertionError("computed")

    lazy = da.zeros((4000, 5000), chunks=1000, dtype=np.uint16).map_blocks(fail, dtype=np.uint16)
    line = "4000 × 5000 uint16, dask, chunks 1000 × 1000"
    assert describe(lazy) == line
    assert describe(xarray.DataArray(lazy)) == line
    assert describe(open_pyramid(lazy)).endswith("uint16, pyramid")


def test_what_is_no_array_of_numbers_is_an_error() -> None:
    for wrong in (["a"], object(), [[1], [2, 3]]):
        with pytest.raises(TypeError):
            describe(wrong)
