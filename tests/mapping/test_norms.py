"""Norms against matplotlib's, bin for bin, and against their definitions in float64."""

from __future__ import annotations

import copy
import functools
import re
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis.extra.numpy as hnp
import matplotlib as mpl
import matplotlib.colors as peers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage import Picture, rerange
from nbimage.arrays.ingest import as_values
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.limits import GatheredForNorm
from nbimage.mapping.norms import as_norm
from tests.mapping.asking import as_pixels

Array = np.ndarray[Any, Any]
BENT: list[Any] = ["log", "sqrt", 0.3, 2.2, "asinh", ("asinh", 0.7), "symlog", ("symlog", 0.7)]


def named(norm: Any) -> str:
    """A name that is the same in every process."""
    return type(norm).__name__ if "object at" in str(norm) else str(norm)


ANY_SIGN = [norm for norm in BENT if norm != "log"]
WIDE = np.finfo(np.longdouble).nmant >= 63
needs_wide = pytest.mark.skipif(not WIDE, reason="long double is double here")


def definition(norm: Any, x: Any, vmin: Any, vmax: Any, work: Any = np.float64) -> Array:
    """Return norm(x) as the table of `Norm` defines it."""
    name, parameter = norm if isinstance(norm, tuple) else (norm, None)
    x, low, high = np.asarray(x).astype(work), work(vmin), work(vmax)
    with np.errstate(all="ignore"):
        if name == "sqrt" or not isinstance(name, str):
            t = (x - low) / (high - low)
            return np.sign(t) * np.abs(t) ** (0.5 if name == "sqrt" else name)
        width = parameter or noise_width(name, x, low, high)
        bend: Callable[[Any], Any] = {
            "linear": lambda a: a,
            "log": np.log,
            "asinh": lambda a: np.arcsinh(a / width),
            "symlog": lambda a: np.sign(a) * np.log1p(np.abs(a) / width),
        }[name]
        return (bend(x) - bend(low)) / (bend(high) - bend(low))


def noise_width(name: str, x: Array, low: Any, high: Any) -> Any:
    """Return asinh's width: three standard deviations of the noise, at most a tenth of a limit."""
    most = max(abs(low), abs(high))
    noise = 3 * 1.4826 * np.median(np.abs(x - np.median(x))) if name == "asinh" else 0
    return min(noise, most / 10) or most / 100


def agree(got: Array, place: Array) -> None:
    """Check the bins of places from 0 to 1; on an edge between two bins either will do."""
    assert got.dtype == np.uint8
    scaled = np.clip(np.asarray(place, np.longdouble) * 256, -0.5, 256.5)
    missing = np.isnan(scaled)
    scaled[missing] = 0
    bins = np.clip(np.floor(scaled), 0, 255)
    edge = (np.abs(scaled - np.rint(scaled)) < 1e-9) & (scaled > 0) & (scaled < 256)
    np.testing.assert_array_equal(got[~edge], bins[~edge])
    assert (np.abs(got[edge] - bins[edge]) <= 1).all()


def floats(shape: tuple[int, ...] = (31, 67), seed: int = 0) -> Array:
    """Values of both signs, of all sizes from 1e-4 to 1e4."""
    random = np.random.default_rng(seed)
    return 10 ** random.uniform(-4, 4, shape) * random.choice([-1, 1], shape)


def around(limits: tuple[float, float]) -> Array:
    """Values of all sizes, and as many between two limits."""
    between = np.random.default_rng(1).uniform(min(limits), max(limits), (31, 67))
    return np.concatenate([floats(), between])


def limits_for(norm: Any) -> list[tuple[float, float]]:
    both = [(0.01, 300.0), (300.0, 0.01), (2.5, 3.0)]
    return both if norm == "log" else [*both, (-4.0, 900.0), (50.0, -50.0), (-7.0, 0.0), (0.0, 9.0)]


# Named norms


@pytest.mark.parametrize(
    ("norm", "peer"),
    [
        ("log", peers.LogNorm),
        ("sqrt", functools.partial(peers.PowerNorm, 0.5)),
        (0.3, functools.partial(peers.PowerNorm, 0.3)),
        (2.2, functools.partial(peers.PowerNorm, 2.2)),
        (("asinh", 0.7), functools.partial(peers.AsinhNorm, 0.7)),
        (("asinh", 40), functools.partial(peers.AsinhNorm, 40)),
    ],
    ids=named,
)
@pytest.mark.parametrize("limits", [(0.01, 300.0), (2.5, 3.0), (1e-3, 9e3)])
def test_a_named_norm_has_the_bins_of_matplotlibs(norm: Any, peer: Any, limits: Any) -> None:
    data = around(limits)
    theirs = peer(vmin=limits[0], vmax=limits[1])(data)
    agree(rerange(data, *limits, norm=norm), np.ma.filled(theirs, np.nan))


@pytest.mark.parametrize("norm", BENT, ids=named)
def test_a_norm_follows_its_definition_between_any_limits(norm: Any) -> None:
    for limits in limits_for(norm):
        data = around(limits)
        agree(rerange(data, *limits, norm=norm), definition(norm, data, *limits))


@pytest.mark.parametrize("norm", BENT, ids=named)
def test_the_limits_themselves_are_black_and_white(norm: Any) -> None:
    for vmin, vmax in limits_for(norm):
        pixels = rerange(np.array([[vmin, vmax]]), vmin, vmax, norm=norm)
        assert pixels.tolist() == [[0, 255]], (vmin, vmax)
        beyond = np.array([[vmin - (vmax - vmin) / 9, vmax + (vmax - vmin) / 9]])
        if norm != "log" or beyond.min() > 0:
            assert rerange(beyond, vmin, vmax, norm=norm).tolist() == [[0, 255]]


@pytest.mark.parametrize("norm", BENT, ids=named)
@given(
    data=hnp.arrays(np.float64, (1, 12), elements=st.floats(-1e9, 1e9)),
    ends=st.tuples(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6)),
)
@settings(max_examples=40)
def test_a_larger_value_never_gets_a_smaller_pixel(
    norm: Any, data: Array, ends: tuple[float, float]
) -> None:
    data = np.sort(np.abs(data) if norm == "log" else data)
    steps = np.diff(rerange(data, *ends, norm=norm).astype(int))
    assert ((steps if ends[0] <= ends[1] else -steps) >= 0).all()


@pytest.mark.parametrize("norm", ["asinh", "symlog", ("asinh", 2), ("symlog", 2)], ids=named)
def test_norms_of_both_signs_have_0_in_the_middle_and_are_mirrored(norm: Any) -> None:
    data = floats()
    pixels = rerange(np.append(data, 0).reshape(1, -1), -1e4, 1e4, norm=norm).ravel()
    assert pixels[-1] == 128
    mirrored = rerange(-np.append(data, 0), -1e4, 1e4, norm=norm)[:-1]
    assert np.abs(255 - mirrored.astype(int) - pixels[:-1]).max() <= 0
    same = rerange(data, norm=norm, vsym=True)
    top = np.abs(data).max()
    np.testing.assert_array_equal(same, rerange(data, -top, top, norm=norm))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"norm": "log"}, "logarithmic"),
        ({"norm": "sqrt"}, "gamma 0.5"),
        ({"norm": 2}, "gamma 2"),
        ({"levels": 2}, "2 levels"),
        ({"levels": [0, 30]}, "1 level"),
        ({"levels": [0, 1, 30]}, "2 levels"),
    ],
)
def test_a_description_says_which_norm_it_is(options: Any, words: str) -> None:
    text = Picture(np.arange(1.0, 31).reshape(5, 6), cmap="viridis", **options).description
    assert re.search(rf"\b{words}(?!\w)", text), text


def test_gamma_1_and_no_norm_are_linear() -> None:
    data = floats()
    for norm in (1, 1.0, None, "linear", as_norm("linear")):
        np.testing.assert_array_equal(rerange(data, norm=norm), rerange(data))
    exact = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(rerange(exact, norm=1), exact)


def test_uint8_is_bent_between_its_extremes_where_a_norm_is_asked() -> None:
    data = np.arange(40, 200, dtype=np.uint8).reshape(8, 20)
    agree(rerange(data, norm="sqrt"), definition("sqrt", data, 40, 199))


@pytest.mark.parametrize("norm", BENT, ids=named)
def test_constant_data_are_0_under_every_norm(norm: Any) -> None:
    for value in (5, 1e-300, 1e300):
        assert not rerange(np.full((3, 4), value), norm=norm).any()
    assert rerange(np.array([[1.0, 5, 9]]), 5, 5, norm=norm).tolist() == [[0, 0, 255]]
    if norm != "log":
        assert (rerange(np.zeros((3, 4)), norm=norm, vsym=True) == 128).all()


@pytest.mark.parametrize("norm", ["log", ("asinh", 1), ("symlog", 1)], ids=named)
def test_limits_too_close_to_bend_are_spread_evenly(norm: Any) -> None:
    for data in (1e15 + np.arange(17)[None] / 8, 1e9 + np.arange(97)[None] / 1000):
        agree(rerange(data, norm=norm), definition("linear", data, data.min(), data.max()))


@pytest.mark.parametrize("norm", BENT, ids=named)
def test_booleans_stay_black_and_white(norm: Any) -> None:
    data = np.eye(4, dtype=bool)
    np.testing.assert_array_equal(rerange(data, norm=norm), data * np.uint8(255))
    assert as_pixels(data, norm=as_norm(norm)).bilevel


@pytest.mark.parametrize("norm", ["sqrt", "asinh", 2.0], ids=named)
def test_infinities_and_nan_are_the_ends_and_0(norm: Any) -> None:
    data = np.array([[-np.inf, 1.0, 2.0, 9.0, np.inf, np.nan]])
    pixels = rerange(data, norm=norm)
    assert pixels[0, [0, 1, 3, 4, 5]].tolist() == [0, 0, 255, 255, 0]
    assert as_pixels(data, norm=as_norm(norm)).mask.tolist() == [[False] * 5 + [True]]  # type: ignore[union-attr]


# One rule for all dtypes and layouts: tables, arithmetic, blocks


DTYPES = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
DTYPES += [np.float16, np.float32, np.float64]


@pytest.mark.parametrize("norm", ["log", "sqrt", 2.2, "asinh", "symlog"], ids=named)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(31, 67), (300, 301)], ids=["small", "large"])
def test_every_dtype_has_the_bins_of_its_values_in_float64(
    norm: Any, dtype: Any, shape: tuple[int, int]
) -> None:
    data = (np.random.default_rng(1).standard_normal(shape) * 60).astype(np.int64)
    data = np.abs(data) if np.dtype(dtype).kind == "u" else data
    data = np.clip(data, -120, 120).astype(dtype)
    for limits in [(2, 77), (77, 2), (0.25, 31.5)]:
        plain = rerange(data.astype(np.float64), *limits, norm=norm)
        agree(plain, definition(norm, data, *limits))
        for stored in (data, data.astype(data.dtype.newbyteorder(">")), np.asfortranarray(data)):
            np.testing.assert_array_equal(rerange(stored, *limits, norm=norm), plain)
        np.testing.assert_array_equal(
            rerange(data[::-2, ::3], *limits, norm=norm), plain[::-2, ::3]
        )
        np.testing.assert_array_equal(rerange(data.T, *limits, norm=norm), plain.T)


@pytest.mark.parametrize("norm", ["log", 0.4, "symlog"], ids=named)
@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.float16])
def test_every_value_that_a_short_dtype_has_follows_the_definition(norm: Any, dtype: Any) -> None:
    size = np.dtype(dtype).itemsize
    every = np.arange(256**size, dtype=f"u{size}").view(dtype).reshape(2, -1)
    data = np.tile(every, (1, 300 // size**8 + 1))
    for limits in [(3, 100), (100, 3)]:
        got = rerange(data, *limits, norm=norm)
        agree(got, definition(norm, data, *limits))


@needs_wide
def test_neighbouring_integers_beyond_2_53_are_told_apart() -> None:
    steps = np.arange(0, 257)
    for start in (2**53 + 1, 2**62 + 3, -(2**63)):
        data = (start + steps.astype(object)).astype(np.int64)[None]
        agree(rerange(data, norm="sqrt")[0], np.sqrt(steps / 256))
    data = (2**64 - 257 + steps.astype(object)).astype(np.uint64)[None]
    agree(rerange(data, norm=2)[0], (steps / 256) ** 2)


@needs_wide
@pytest.mark.parametrize("norm", BENT, ids=named)
def test_long_doubles_beyond_every_double_have_bins(norm: Any) -> None:
    data = np.abs(floats()).astype(np.longdouble) * np.longdouble("1e4000")
    ends = data.min(), data.max()
    agree(rerange(data, norm=norm), definition(norm, data, *ends, np.longdouble))


@pytest.mark.parametrize("norm", ["log", "sqrt", 0.3, 2.2, "asinh", "symlog"], ids=named)
def test_spans_beyond_the_float_maximum_have_all_bins(norm: Any) -> None:
    top = np.finfo(np.float64).max
    low = 1.0 if norm == "log" else -top
    data = np.array([[low, 0.0, top]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pixels = rerange(data, norm=norm)
    assert pixels[0, [0, 2]].tolist() == [0, 255]
    middle = definition(norm, 0.5, 0, 1)
    if norm in ("sqrt", 0.3, 2.2):
        agree(pixels[0, 1:2], np.array([middle]))
    elif norm != "log":
        assert pixels[0, 1] == 128


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("norm", ["log", "sqrt", ("asinh", 2)], ids=named)
def test_each_channel_has_its_own_limits_under_a_norm(norm: Any, axis: int) -> None:
    channels = [np.abs(floats(seed=i)) for i in range(3)]
    low, high = [0.1, 50, 3], [9, 2, 4000]
    got = rerange(np.stack(channels, axis), low, high, norm=norm)
    for channel, pixels in enumerate(np.moveaxis(got, axis, 0)):
        alone = rerange(channels[channel], low[channel], high[channel], norm=norm)
        np.testing.assert_array_equal(pixels, alone)
    got = rerange(np.stack(channels, axis), norm=norm, vmax=[9, 2, 4000])
    for channel, pixels in enumerate(np.moveaxis(got, axis, 0)):
        alone = rerange(channels[channel], None, high[channel], norm=norm)
        np.testing.assert_array_equal(pixels, alone)


def test_dates_are_bent_as_their_numbers_are() -> None:
    days = np.array([[0, 1, 30, 365, 4000]])
    data = np.datetime64("2020-01-01") + days.astype("m8[D]")
    first = np.datetime64("2020-01-01")
    np.testing.assert_array_equal(rerange(data, norm="sqrt"), rerange(days, norm="sqrt"))
    got = rerange(data, first, np.datetime64("2021-01-01"), norm=peers.PowerNorm(0.5))
    np.testing.assert_array_equal(got, rerange(days, 0, 366, norm="sqrt"))


@pytest.mark.parametrize("norm", [*BENT, peers.LogNorm(), np.tanh], ids=named)
def test_the_data_are_never_changed(norm: Any) -> None:
    for dtype in (np.float64, np.float32, np.longdouble, np.int64):
        data = (np.abs(floats()) + 1).astype(dtype)
        before = data.copy()
        rerange(data, norm=norm)
        Picture(np.ma.masked_less(data, 2), norm=norm)
        np.testing.assert_array_equal(data, before)


# Under a logarithm


def test_zero_under_log_is_black_and_takes_the_color_of_what_is_under() -> None:
    data = np.array([[0.0, 1.0, 10.0, 100.0]])
    assert rerange(data, norm="log").tolist() == [[0, 0, 128, 255]]
    pixels = as_pixels(data, norm=as_norm("log"), colors=ColorOptions.of(under="red"))
    assert pixels.render()[0, :2].tolist() == [[255, 0, 0], [0, 0, 0]]
    assert pixels.mask is None


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int64, np.float16, np.float64])
@pytest.mark.parametrize("limits", [{}, {"vmin": 2}, {"vmin": 2, "vmax": 50}])
def test_what_is_negative_under_log_is_missing(dtype: Any, limits: Any) -> None:
    data = np.array([[-5, 0, 1, 10, 100]], dtype)
    pixels = as_pixels(data, norm=as_norm("log"), **limits, colors=ColorOptions.of(under="red"))
    assert pixels.render()[0, :, 3].tolist() == [0, 255, 255, 255, 255]
    filled = as_pixels(
        data, norm=as_norm("log"), **limits, colors=ColorOptions.of(nan_color="lime")
    )
    assert filled.render()[0, 0].tolist() == [0, 255, 0]
    assert "-5 to 100" in filled.description


@pytest.mark.parametrize("contrast", ["minmax", "robust", "infer", (1, 99)], ids=named)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_limits_under_log_are_those_of_the_positive_values(contrast: Any, dtype: Any) -> None:
    data = (floats() * 3).astype(dtype)
    positive = data[data > 0].reshape(1, -1)
    found = as_pixels(positive, norm=as_norm("log"), contrast=contrast).array
    got = as_pixels(data, norm=as_norm("log"), contrast=contrast)
    np.testing.assert_array_equal(got.array[data > 0].ravel(), found.ravel())
    np.testing.assert_array_equal(got.mask, data < 0)


@pytest.mark.parametrize("data", [-np.ones((3, 4)), np.zeros((3, 4)), np.full((3, 4), np.nan)])
def test_data_without_a_positive_value_are_transparent_under_log(data: Array) -> None:
    for contrast in ("minmax", "robust", "infer"):
        with pytest.warns(UserWarning, match="no finite value above 0"):
            pixels = as_pixels(data, norm=as_norm("log"), contrast=contrast)  # type: ignore[arg-type]
        assert not pixels.render()[:, :, -1].any()
        assert not rerange(data, norm="log", contrast=contrast).any()  # type: ignore[arg-type]


# Callables


THEIRS: list[Any] = [
    peers.Normalize(),
    peers.Normalize(0, 50),
    peers.Normalize(0, 50, clip=True),
    peers.Normalize(vmax=20),
    peers.LogNorm(),
    peers.LogNorm(1, 100),
    peers.PowerNorm(0.4),
    peers.AsinhNorm(2),
    peers.SymLogNorm(3, linscale=0.5, base=2),
    peers.TwoSlopeNorm(5),
    peers.TwoSlopeNorm(5, -30, 600),
    peers.CenteredNorm(2),
    peers.CenteredNorm(2, 40),
    peers.FuncNorm((np.cbrt, lambda x: x**3)),
]


@pytest.mark.parametrize("norm", THEIRS, ids=lambda norm: type(norm).__name__)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int16, np.int64])
def test_matplotlibs_norms_have_their_own_bins_and_are_not_changed(norm: Any, dtype: Any) -> None:
    data = np.clip(floats(), -5e3, 5e3).astype(dtype)
    before = copy.copy(norm.__dict__)
    heard: list[int] = []
    listener = norm.callbacks.connect("changed", lambda: heard.append(1))
    got = rerange(data, norm=norm)
    pixels = as_pixels(data, norm=as_norm(norm))
    norm.callbacks.disconnect(listener)
    assert norm.__dict__ == before
    assert not heard
    theirs = copy.deepcopy(norm)(np.ma.array(data.astype(np.float64)))
    missing = np.ma.getmaskarray(theirs)
    bins = np.clip(np.floor(np.ma.filled(theirs.astype(np.float64), 0) * 256), 0, 255)
    np.testing.assert_array_equal(got, bins)
    np.testing.assert_array_equal(missing if pixels.mask is None else pixels.mask, missing)


@pytest.mark.parametrize("extend", ["neither", "min", "max", "both"])
@pytest.mark.parametrize("count", [5, 20, 256])
def test_steps_take_the_colors_that_matplotlib_gives_them(extend: Any, count: int) -> None:
    cmap = mpl.colormaps["viridis"].resampled(count).with_extremes(under="red", over="lime")
    norm = peers.BoundaryNorm([-10, 0, 1, 50], count, extend=extend)
    data = np.append(floats(), [-10, 0, 1, 50]).reshape(1, -1)
    got = Picture(data, norm=norm, cmap=cmap).pixels
    np.testing.assert_array_equal(got, np.rint(cmap(norm(data)) * 255)[:, :, :3])


def test_limits_given_beside_a_norm_without_its_own_are_its_limits() -> None:
    data = np.abs(floats())
    norm = peers.LogNorm()
    expected = rerange(data, norm=peers.LogNorm(1, 50))
    np.testing.assert_array_equal(rerange(data, 1, 50, norm=norm), expected)
    np.testing.assert_array_equal(rerange(data, 1, norm=peers.LogNorm(vmax=50)), expected)
    np.testing.assert_array_equal(rerange(data, vmin=[1], vmax=np.float32(50), norm=norm), expected)
    assert (norm.vmin, norm.vmax) == (None, None)


def test_a_plain_function_maps_values_to_bins() -> None:
    data = floats()
    agree(rerange(data, norm=lambda x: 0.5 + np.arctan(x) / np.pi), 0.5 + np.arctan(data) / np.pi)
    got = rerange(data[:2], norm=lambda x: (np.tanh(x) / 2 + 0.5).tolist())
    agree(got, np.tanh(data[:2]) / 2 + 0.5)
    falling = rerange(np.array([[-np.inf, 0, 0.25, 1, np.inf]]), norm=lambda x: 1 - x)
    assert falling.tolist() == [[255, 255, 192, 0, 0]]


def test_a_function_sees_float64_that_it_cannot_change() -> None:
    seen: list[Array] = []

    def norm(x: Array) -> Array:
        seen.append(x)
        x[0, 0] = 7
        return x

    with pytest.raises(ValueError, match="read-only"):
        rerange(np.ones((2, 3), np.int16), norm=norm)
    assert [(x.dtype, x.shape) for x in seen] == [(np.float64, (2, 3))]


def test_colors_have_three_channels_under_a_callable_norm() -> None:
    data = np.random.default_rng(0).random((4, 5, 3))
    for norm in (peers.PowerNorm(0.5), np.sqrt):
        pixels = as_pixels(data, norm=as_norm(norm), channel_axis=-1)
        np.testing.assert_array_equal(pixels.array, rerange(data, norm=norm))
    with_alpha = np.concatenate([data, np.full((4, 5, 1), 0.5)], axis=2)
    got = as_pixels(with_alpha, norm=as_norm(np.sqrt), channel_axis=-1).array
    np.testing.assert_array_equal(got[:, :, :3], rerange(data, norm=np.sqrt))
    assert (got[:, :, 3] == 128).all()


def test_booleans_under_a_callable_norm_are_what_it_says() -> None:
    pixels = as_pixels(np.eye(3, dtype=bool), norm=as_norm(lambda x: x / 2 + 0.25))
    assert set(np.unique(pixels.array)) == {64, 192}
    assert not pixels.bilevel


def test_what_a_norm_masks_is_missing_and_infinities_are_not() -> None:
    data = np.array([[-np.inf, -1.0, 0.0, 1.0, 100.0, np.inf, np.nan]])
    pixels = as_pixels(data, norm=as_norm(peers.LogNorm()))
    assert pixels.mask is not None
    assert pixels.mask.tolist() == [[False, True, True, False, False, False, True]]
    assert pixels.array[0, [0, 3, 4, 5]].tolist() == [0, 0, 255, 255]
    pixels = as_pixels(data, norm=as_norm(lambda x: np.ma.masked_less(x / 100, 0)))
    assert pixels.mask is not None
    assert pixels.mask.tolist() == [[False, True, False, False, False, False, True]]


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize(
    "kind", [peers.Normalize, peers.LogNorm, functools.partial(peers.PowerNorm, 2)]
)
def test_infinities_are_clipped_where_the_norm_clips(kind: Any, clip: bool) -> None:
    data = np.array([[-np.inf, 0.5, 1, 100, 200, np.inf]])
    cmap = mpl.colormaps["viridis"].with_extremes(under="red", over="lime")
    norm = kind(vmin=1, vmax=100, clip=clip)
    within = cmap(norm(data[:, 1:-1]))[0]
    ends = (within[1], within[2]) if clip else (cmap.get_under(), cmap.get_over())
    expected = np.rint(np.stack([ends[0], *within, ends[1]]) * 255)
    got = Picture(data, norm=norm, cmap=cmap).pixels
    np.testing.assert_array_equal(got[0], expected[:, :3])


@pytest.mark.parametrize("hidden", [1e9, np.nan, -np.inf, 3.0])
@pytest.mark.parametrize(
    "norm",
    [peers.Normalize(), peers.PowerNorm(0.5), lambda x: x / np.nanmax(x), "sqrt", "asinh"],
)
def test_a_norm_does_not_see_what_a_mask_hides(norm: Any, hidden: float) -> None:
    data = np.abs(floats())
    mask = data > 100
    plain = np.where(mask, np.nan, data)
    covered = np.ma.array(np.where(mask, hidden, data), mask=mask)
    np.testing.assert_array_equal(rerange(covered, norm=norm), rerange(plain, norm=norm))


@pytest.mark.parametrize(
    "norm", [peers.Normalize(), peers.TwoSlopeNorm(0), peers.CenteredNorm(), np.tanh]
)
@pytest.mark.parametrize("data", [np.full((2, 3), np.nan), np.full((2, 3), np.inf)])
def test_nothing_finite_is_transparent_under_a_callable_norm(norm: Any, data: Array) -> None:
    with pytest.warns(UserWarning, match="no finite value") as caught:
        pixels = as_pixels(data, norm=as_norm(norm))
    assert len(caught) == 1
    assert not pixels.render()[:, :, -1].any()


@pytest.mark.parametrize("missing", [np.nan, -np.inf])
@pytest.mark.parametrize(
    "kind",
    [peers.Normalize, peers.LogNorm, peers.CenteredNorm, functools.partial(peers.TwoSlopeNorm, 0)],
)
def test_nothing_finite_is_transparent_under_a_callable_norm_that_pictures_share(
    kind: Any, missing: float
) -> None:
    norm = as_norm(kind())
    gathered = GatheredForNorm(norm)
    for number in range(2):
        gathered.add(as_values(np.full((2, 3), missing)), number)
    settled = gathered.settle()
    with pytest.warns(UserWarning, match="no finite value"):
        pixels = as_pixels(np.full((2, 3), missing), norm=settled)
    assert not pixels.render()[:, :, -1].any()


def test_a_norm_with_no_place_for_any_value_is_a_transparent_picture() -> None:
    with pytest.warns(UserWarning, match="the norm has a place for"):
        pixels = as_pixels(-np.ones((2, 3)), norm=as_norm(peers.LogNorm(1, 10)))
    assert not pixels.render()[:, :, -1].any()


def test_what_a_norm_raises_comes_through() -> None:
    class DivergedError(Exception):
        pass

    def norm(x: Array) -> Array:
        raise DivergedError("at step 7")

    for show in (rerange, Picture):
        with pytest.raises(DivergedError, match="at step 7"):
            show(np.ones((2, 3)), norm=norm)  # type: ignore[operator]
    with pytest.raises(ValueError, match="less than or equal"):
        rerange(np.ones((2, 3)), norm=peers.Normalize(5, 1))


# Errors


def error_of(error: type[Exception], *arguments: Any, **options: Any) -> str:
    with pytest.raises(error) as caught:
        rerange(*arguments, **options)
    said = str(caught.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "norm",
    [
        "logarithmic",
        "",
        0,
        -1,
        np.nan,
        np.inf,
        True,
        ("log", 2),
        ("sqrt", 2),
        ("asinh", 0),
        ("symlog", "a"),
        ("asinh", 1, 2),
        [],
        {},
        1j,
        peers.LogNorm,
    ],
    ids=repr,
)
def test_what_is_no_norm_is_named(norm: Any) -> None:
    said = error_of(ValueError, np.ones((2, 3)), norm=norm)
    assert repr(norm) in said
    assert "symlog" in said


@pytest.mark.parametrize("limits", [{"vmin": 0}, {"vmax": -2.5}, {"vmin": [1, 0, 2]}])
def test_limits_at_0_or_below_do_not_go_with_log(limits: Any) -> None:
    said = error_of(ValueError, np.ones((3, 4, 5)), norm="log", **limits)
    (name, limit), *_ = limits.items()
    assert said.startswith(name)
    assert f"{np.min(limit):g}" in said
    assert "symlog" in said


def test_log_has_no_symmetry() -> None:
    assert "vsym" in error_of(ValueError, np.ones((2, 3)), norm="log", vsym=True)


@pytest.mark.parametrize(
    ("norm", "limits"),
    [
        (np.tanh, {"vmin": 4.25}),
        (peers.Normalize(1, 2), {"vmax": 4.25}),
        (peers.Normalize(vmin=1), {"vmin": 4.25}),
        (peers.CenteredNorm(0, 3), {"vmax": 4.25}),
    ],
)
def test_limits_belong_to_the_norm_or_beside_it_but_not_both(norm: Any, limits: Any) -> None:
    said = error_of(ValueError, np.ones((2, 3)), norm=norm, **limits)
    assert said.startswith(next(iter(limits)))
    assert "4.25" in said


@pytest.mark.parametrize(
    "options",
    [
        {"vsym": True},
        {"contrast": "robust"},
        {"contrast": (1, 99)},
        {"vmin": [0, 0]},
        {"vmax": [1, 2, 3]},
    ],
)
def test_a_callable_norm_takes_no_other_rule_for_its_limits(options: Any) -> None:
    assert "callable" in error_of(ValueError, np.ones((3, 4, 5)), norm=peers.Normalize(), **options)


@pytest.mark.parametrize(
    ("limit", "error"),
    [("a", TypeError), (np.nan, ValueError), (np.inf, ValueError), ([], ValueError)],
)
def test_limits_beside_a_callable_norm_are_numbers(limit: Any, error: Any) -> None:
    error_of(error, np.ones((2, 3)), limit, norm=peers.Normalize())


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x: x[:1], "(1, 3)"),
        (lambda x: 0.5, "()"),
        (lambda x: None, "()"),
        (lambda x: x.T, "(3, 2)"),
        (lambda x: x * 1j, "complex128"),
        (lambda x: x.astype(str), "<U32"),
    ],
)
def test_a_norm_must_give_one_real_number_a_value(function: Any, said: str) -> None:
    assert said in error_of(ValueError, np.ones((2, 3)), norm=function)


@pytest.mark.parametrize("name", ["asinh", "symlog"])
def test_a_width_too_small_for_the_limits_is_named(name: str) -> None:
    said = error_of(ValueError, np.array([[1.0, 1e9]]), norm=(name, 1e-301))
    assert "1e-301" in said


@pytest.mark.parametrize("shape", [(6,), (2, 3), (3, 2, 4), (2, 3, 4, 5), (1, 2, 1, 3, 2)])
@pytest.mark.parametrize("name", ["LogNorm", "AsinhNorm", "PowerNorm", "CenteredNorm"])
def test_matplotlibs_norms_take_any_number_of_axes(name: str, shape: tuple[int, ...]) -> None:
    from matplotlib import colors

    parameters = {"PowerNorm": (0.5,)}.get(name, ())
    data = np.random.default_rng(0).random(shape) + 1
    norm = getattr(colors, name)(*parameters)
    expected = rerange(data.reshape(1, -1), norm=norm).reshape(shape)
    np.testing.assert_array_equal(rerange(data, norm=norm), expected)
