"""Discrete levels: the color of a value is that of its bin, whatever its dtype is."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nbimage
from nbimage.mapping.bins.levels import find_edges, level_pixels

DTYPES = ("bool", "uint8", "int8", "uint16", "int32", "int64", "uint64", ">i2", ">f4")
FLOATS = ("float16", "float32", "float64")


def expected(x: np.ndarray, edges: list[float]) -> np.ndarray:
    """Return the pixels that NumPy's bins have, by Python's exact comparisons."""
    low = sorted(edges)
    pixels = level_pixels(edges)
    pixels = pixels if edges[0] < edges[-1] else pixels[::-1]
    out = np.zeros(x.shape, np.uint8)
    for index, value in np.ndenumerate(x):
        number = value.item()
        if number != number:
            continue
        number = math.nextafter(low[-1], -math.inf) if number == low[-1] else number
        bins = int(np.digitize(float(number), low)) - 1
        if isinstance(number, int):  # of which float64 does not hold all
            bins = sum(edge <= number for edge in low) - 1
        out[index] = pixels[min(max(bins, 0), len(pixels) - 1)]
    return out


@pytest.mark.parametrize("dtype", DTYPES + FLOATS)
@given(data=st.data())
def test_values_lie_in_the_bins_that_numpy_finds(dtype: str, data: st.DataObject) -> None:
    kind = np.dtype(dtype)
    x = data.draw(hnp.arrays(kind, (3, 7)))
    own = x[np.isfinite(x)].tolist()  # edges that are values, and beside them
    near = st.sampled_from([float(one) for one in own] or [0.0])
    numbers = st.one_of(near, st.floats(-1e9, 1e9), st.integers(-(2**53), 2**53).map(float))
    edges = data.draw(st.lists(numbers, min_size=2, max_size=40, unique=True))
    edges = sorted(edges, reverse=data.draw(st.booleans()))
    got = nbimage.rerange(x, levels=edges)
    np.testing.assert_array_equal(got, expected(x, edges))


@pytest.mark.parametrize("shape", [(7, 5), (600, 600)])
def test_each_way_through_gives_the_same_pixels(shape: tuple[int, int]) -> None:
    x = np.random.default_rng(0).integers(-200, 200, shape)
    edges = [-100, -50, -7, 0, 12, 150]
    want = level_pixels(edges)[np.clip(np.digitize(x, edges) - 1, 0, 4)]
    want[x == 150] = 255
    for dtype in ("int16", "int64", "float32", "float64", ">f4", "longdouble"):
        np.testing.assert_array_equal(nbimage.rerange(x.astype(dtype), levels=edges), want)
        np.testing.assert_array_equal(nbimage.rerange(x.astype(dtype).T, levels=edges), want.T)


def test_a_value_on_an_edge_belongs_to_the_bin_above_and_the_last_edge_to_the_last_bin() -> None:
    got = nbimage.rerange([0.0, 1, 2, 3, -9, 9, math.inf, -math.inf], levels=[0, 1, 2, 3])
    assert got.tolist() == [0, 127, 255, 255, 0, 255, 255, 0]


def test_a_float32_next_to_an_edge_stays_on_its_side() -> None:
    edge = 0.1  # float32(0.1) is above, the one before below
    above = np.float32(edge)
    x = np.array([np.nextafter(above, np.float32(0)), above], np.float32)
    assert nbimage.rerange(x, levels=[0, edge, 1]).tolist() == [0, 255]


def test_large_integers_are_told_apart() -> None:
    x = np.array([2**62, 2**62 + 1, 2**62 + 2], np.int64)
    assert nbimage.rerange(x, levels=[2**62, 2**62 + 1, 2**62 + 2]).tolist() == [0, 255, 255]


@example(5e-324, 5e-324, 1)
@example(1.0, math.nextafter(1.0, 2), 10)
@example(2**62, 2**62 + 2, 10)
@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(1, 256))
def test_a_count_gives_so_many_bins_at_most_that_hold_all(a: float, b: float, count: int) -> None:
    low, high = sorted((a, b))
    edges = find_edges(low, high, count)
    assert 1 <= len(edges) - 1 <= count
    assert edges[0] <= low and high <= edges[-1]
    assert all(x < y for x, y in itertools.pairwise(edges))
    if count > 2 and (high - low) / count > 4 * math.ulp(max(abs(low), abs(high))):
        assert len(edges) - 1 >= count / 2  # the next finer step needs more
    assert find_edges(high, low, count) == (edges if low == high else edges[::-1])


@pytest.mark.parametrize(
    ("low", "high", "count", "edges"),
    [
        (0, 1, 10, [i / 10 for i in range(11)]),
        (0, 255, 11, list(range(0, 276, 25))),
        (-3, 3, 6, list(range(-3, 4))),
        (0.13, 0.87, 8, [i / 10 for i in range(1, 10)]),
        (3, 3, 1, [2.85, 3.15]),
    ],
)
def test_edges_are_round(low: float, high: float, count: int, edges: list[float]) -> None:
    assert list(find_edges(low, high, count)) == edges


def test_one_bin_has_the_color_in_the_middle() -> None:
    assert nbimage.rerange([0, 5, 9], levels=1).tolist() == [127, 127, 127]


def test_descending_edges_and_limits_invert_the_scale() -> None:
    x = np.arange(5.0)
    want = nbimage.rerange(x, levels=[0, 2, 4])
    assert nbimage.rerange(x, levels=[4, 2, 0]).tolist() == (255 - want).tolist()
    assert nbimage.rerange(x, 4, 0, levels=2).tolist() == (255 - want).tolist()


def test_dates_and_quantities_have_edges_of_their_kind() -> None:
    days = np.array(["2024-01-01", "2024-02-15", "2024-03-01"], "datetime64[D]")
    edges = np.array(["2024-01-01", "2024-02-01", "2024-03-01"], "datetime64[D]")
    assert nbimage.rerange(days, levels=edges).tolist() == [0, 255, 255]
    with pytest.raises(ValueError, match=r"levels must be edges for datetime64\[D\] values"):
        nbimage.rerange(days, levels=3)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"levels": 0}, "levels must be a count from 1 to 256"),
        ({"levels": 300}, "levels must be a count from 1 to 256"),
        ({"levels": True}, "levels must be a count from 1 to 256"),
        ({"levels": 2.5}, "levels must be a count from 1 to 256"),
        ({"levels": "many"}, "levels must be a count from 1 to 256"),
        ({"levels": [1]}, "levels must be 2 to 257 edges, but got 1"),
        ({"levels": [0, 2, 1]}, "levels must be edges that rise or fall"),
        ({"levels": [0, 0]}, "levels must be edges that rise or fall"),
        ({"levels": [0, math.nan]}, "levels must be"),
        ({"levels": 3, "norm": "log"}, "norm must be left out where levels is given"),
        ({"levels": [0, 1], "vmin": 0, "vsym": True}, "vmin, vsym must be left out where levels"),
        ({"levels": [0, 1], "contrast": "robust"}, "contrast must be left out where levels"),
    ],
)
def test_levels_that_mean_nothing_are_refused(options: dict[str, object], words: str) -> None:
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        nbimage.rerange(np.arange(4.0), **options)
    assert "\n" not in str(caught.value)


@given(st.lists(st.floats(-100, 100), min_size=3, max_size=30, unique=True), st.integers(0, 99))
def test_pixels_are_those_of_matplotlibs_boundary_norm(edges: list[float], seed: int) -> None:
    colors = pytest.importorskip("matplotlib.colors")
    edges = sorted(edges)
    x = np.concatenate([np.random.default_rng(seed).uniform(edges[0], edges[-1], 50), edges[:-1]])
    want = np.asarray(colors.BoundaryNorm(edges, 256)(x))
    got = nbimage.rerange(x, levels=edges)
    inside = (x >= edges[0]) & (x < edges[-1])
    # of which it rounds some shares of 255 down twice
    assert (got[inside] - want[inside]).max(initial=0) <= 1
    assert (got[inside] >= want[inside]).all()
