"""Marks for what is beyond the limits, labels, complex numbers, and all of these in videos."""

from __future__ import annotations

import colorsys
import io
import math
import warnings
from collections.abc import Iterator
from typing import Any

import hypothesis.extra.numpy as hnp
import matplotlib as mpl
import matplotlib.colors as peers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence
from skimage.color import rgb2lab

from nbimage import Picture, Video, encode, rerange
from nbimage.arrays.ingest import as_values
from nbimage.mapping.alpha import as_colors
from nbimage.mapping.colormap import as_palette, label_index, label_palette
from nbimage.mapping.complex_color import domain_colors, lightness_colors, phase_colors
from tests.codecs.test_png import by_pillow
from tests.mapping.asking import as_pixels
from tests.test_video import decoded

Array = np.ndarray[Any, Any]
RED, GREEN, BLUE, CLEAR = (255, 0, 0, 255), (0, 255, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)
MARKS: dict[str, Any] = {"under": "blue", "over": "red", "nan_color": "lime"}


def seen(data: Any, **options: Any) -> Array:
    """RGBA as a decoder sees it."""
    return by_pillow(encode(data, **options))


def in_gray(bins: Array) -> Array:
    return np.dstack([bins, bins, bins, np.full_like(bins, 255)])


# Beyond the limits


@pytest.mark.parametrize("cmap", [None, "viridis"])
@pytest.mark.parametrize("limits", [(0.0, 1.0), (1.0, 0.0), (-1.5, 2.0)])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble, ">f4"])
def test_marks_cover_just_what_is_beyond_the_limits(cmap: Any, limits: Any, dtype: Any) -> None:
    data = np.random.default_rng(0).uniform(-3, 4, (23, 31)).astype(dtype)
    data[0, :8] = [*limits, np.nan, np.inf, -np.inf, -3, 4, 0.5]
    bins = rerange(data, *limits)
    expected = in_gray(bins) if cmap is None else as_palette(cmap).array[bins]
    low, high = (BLUE, RED) if limits[0] < limits[1] else (RED, BLUE)
    expected[data < min(limits)] = low
    expected[data > max(limits)] = high
    expected[np.isnan(data)] = GREEN
    got = seen(data, vmin=limits[0], vmax=limits[1], cmap=cmap, **MARKS)
    np.testing.assert_array_equal(got, expected)


@given(
    hnp.arrays(np.float32, (3, 5), elements=st.floats(-4, 4, width=32) | st.just(np.nan)),
    st.floats(-2, 0),
    st.floats(0.5, 2),
)
@settings(max_examples=100)
def test_a_mark_never_changes_another_pixel(data: Array, vmin: float, vmax: float) -> None:
    plain = seen(data, vmin=vmin, vmax=vmax)
    marked = seen(data, vmin=vmin, vmax=vmax, **MARKS)
    exact = data.astype(np.float64)
    beyond = (exact < vmin) | (exact > vmax) | np.isnan(data)
    np.testing.assert_array_equal(marked[~beyond], plain[~beyond])
    colors = {tuple(color) for color in marked[beyond].tolist()}
    assert colors <= {BLUE, RED, GREEN}


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_pixel_of_colors_is_marked_if_any_channel_is_beyond(axis: int, channels: int) -> None:
    data = np.full((4, 5, channels), 0.5)
    data[0, 0, 0], data[1, 1, 2], data[2, 2, 1], data[3, 3, 1] = -1, 2, np.nan, 1
    if channels == 4:
        data[3, 4, 3] = 9  # alpha is coverage, not a value
    named = as_colors(as_values(np.moveaxis(data, -1, axis)), axis)
    got = seen(named, vmin=0, vmax=1, **MARKS)
    marked = {(0, 0): BLUE, (1, 1): RED, (2, 2): GREEN}
    alpha = 255 if channels == 3 else 128
    for place in np.ndindex(4, 5):
        opaque = 255 if place == (3, 4) else alpha
        plain = (128, 255 if place == (3, 3) else 128, 128, opaque)
        assert tuple(got[place].tolist()) == marked.get(place, plain)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("dtype", [np.float32, np.int16])
def test_each_channel_has_limits_of_its_own_to_be_beyond(axis: int, dtype: Any) -> None:
    data = np.random.default_rng(0).integers(0, 100, (13, 17, 3)).astype(dtype)
    low, high = np.array([20, 90, 0]), np.array([80, 10, 99])  # the second is inverted
    sign = np.where(low < high, 1, -1)
    below, above = ((low - data) * sign > 0).any(-1), ((data - high) * sign > 0).any(-1)
    got = seen(
        np.moveaxis(data, -1, axis),
        vmin=low,
        vmax=high,
        under="blue",
        over="red",
        channel_axis=axis,
    )
    plain = np.moveaxis(rerange(np.moveaxis(data, -1, 0), low, high), 0, -1)
    expected = np.dstack([plain, np.full((13, 17), 255, np.uint8)])
    expected[below] = BLUE
    expected[above] = RED
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("side", ["under", "over"])
def test_one_end_is_marked_alone(side: str) -> None:
    colors = np.arange(0.0, 216).reshape(8, 9, 3)
    found = seen(colors, vmin=10, vmax=200, **{side: "red"})
    beyond = (colors < 10 if side == "under" else colors > 200).any(axis=2)
    assert np.array_equal((found == RED).all(axis=2), beyond)


@pytest.mark.parametrize("channels", [2, 3, 4])
@pytest.mark.parametrize("verb", [Picture, encode, Video])
@pytest.mark.parametrize("options", [{"cmap": "viridis"}, {"levels": 3}])
def test_what_colors_one_channel_takes_no_more(channels: int, options: Any, verb: Any) -> None:
    data = np.zeros((8, 9, channels), int)

    def show(data: Array) -> Any:
        video = verb is Video
        return verb([data, data] if video else data, channel_axis=-1, **options)

    with pytest.raises(ValueError, match=f"must have one channel, but got {channels}"):
        show(data)


def test_gray_with_alpha_is_marked_in_color() -> None:
    data = np.dstack([np.arange(6.0).reshape(2, 3), np.full((2, 3), 0.5)])
    got = seen(as_colors(as_values(data), -1), vmin=1, vmax=4, **MARKS)
    assert got[0, 0].tolist() == list(BLUE)
    assert got[1, 2].tolist() == list(RED)
    assert got[1, 1].tolist() == [255, 255, 255, 128]


def test_marks_may_be_translucent_or_clear() -> None:
    data = np.array([[-1.0, 0.5, 2.0]])
    got = seen(data, vmin=0, vmax=1, under="transparent", over=(255, 0, 0, 128))
    assert got[0].tolist() == [[0, 0, 0, 0], [128, 128, 128, 255], [255, 0, 0, 128]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int64, np.uint64])
def test_integers_beyond_the_limits_are_told_apart_exactly(dtype: Any) -> None:
    info = np.iinfo(dtype)
    data = np.array([[info.min, info.min + 1, info.max - 1, info.max]], dtype)
    got = seen(data, vmin=int(info.min) + 1, vmax=int(info.max) - 1, under="blue", over="red")
    expected = [list(BLUE), [0, 0, 0, 255], [255, 255, 255, 255], list(RED)]
    if np.longdouble(0).itemsize > 8 or info.bits < 64:
        assert got[0].tolist() == expected


def test_uint8_without_limits_has_nothing_beyond() -> None:
    data = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_array_equal(seen(data, under="blue", over="red"), in_gray(data))
    got = seen(data, vmin=10, under="blue", over="red")
    assert ((got == BLUE).all(-1) == (data < 10)).all()


def test_booleans_are_beyond_limits_that_lie_between_them() -> None:
    data = np.eye(3, dtype=bool)
    np.testing.assert_array_equal(
        seen(data, under="blue", over="red"), in_gray(data * np.uint8(255))
    )
    got = seen(data, vmin=0.5, vmax=2, under="blue", over="red")
    assert got[0].tolist() == [[85, 85, 85, 255], list(BLUE), list(BLUE)]


def test_under_a_norm_its_ends_are_the_limits() -> None:
    data = np.array([[0.0, 0.5, 1.0, 10.0, 100.0, 100.5]])
    for norm in ("log", "sqrt", "asinh", 2.2):
        got = seen(data, vmin=1, vmax=100, norm=norm, under="blue", over="red")
        bins = rerange(data, 1, 100, norm=norm)
        expected = in_gray(bins)
        expected[0, :2], expected[0, 5] = BLUE, RED
        np.testing.assert_array_equal(got, expected)
    for peer in (peers.Normalize(1, 100), peers.PowerNorm(0.5, 1, 100), lambda x: (x - 1) / 99):
        got = seen(data, norm=peer, under="blue", over="red")
        assert ((got == BLUE).all(-1) == (data < 1)).all()
        assert ((got == RED).all(-1) == (data > 100)).all()


# Clipped


@pytest.mark.parametrize("norm", ["linear", "sqrt", peers.Normalize(-1e9, 1e9)])
@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_clipped_values_are_red_and_blue_and_so_are_the_ends_of_integers(
    norm: Any, dtype: Any
) -> None:
    data = np.arange(24).reshape(4, 6).astype(dtype)
    top = data.dtype.kind in "iu"
    if top:
        data[0, 0], data[0, 1] = np.iinfo(dtype).max, np.iinfo(dtype).min
    limits: dict[str, Any] = {} if callable(norm) else {"vmin": -1e9, "vmax": 1e9}
    got = seen(data, mark_clipped=True, norm=norm, **limits)
    red, blue = ((got == color).all(-1) for color in (RED, BLUE))
    assert np.argwhere(red).tolist() == ([[0, 0]] if top else [])
    assert np.argwhere(blue).tolist() == ([[0, 1]] if data.dtype.kind == "i" else [])


def test_clipped_uint8_shown_as_it_is_marks_255_and_not_0() -> None:
    data = np.arange(256, dtype=np.uint8).reshape(16, 16)
    expected = in_gray(data)
    expected[15, 15] = RED
    np.testing.assert_array_equal(seen(data, mark_clipped=True), expected)
    colors = np.dstack([data, data[::-1], data * 0])
    got = seen(colors, mark_clipped=True)
    clipped = (colors == 255).any(-1)
    assert ((got == RED).all(-1) == clipped).all()
    np.testing.assert_array_equal(got[~clipped][:, :3], colors[~clipped])


def test_clipped_alpha_is_none() -> None:
    data = np.full((5, 6, 4), 100, np.uint8)
    data[:, :, 3] = 255
    np.testing.assert_array_equal(seen(data, mark_clipped=True), data)


def test_own_colors_stand_before_those_of_clipping() -> None:
    data = np.array([[-1.0, 0.5, 2.0]])
    got = seen(data, vmin=0, vmax=1, mark_clipped=True, under="lime")
    assert got[0, [0, 2]].tolist() == [list(GREEN), list(RED)]


def test_marking_does_not_change_the_data() -> None:
    for data in (np.arange(12.0).reshape(3, 4), np.arange(12, dtype=np.uint8).reshape(3, 4)):
        before = data.copy()
        Picture(data, 3, 7, mark_clipped=True, nan_color="lime", cmap="viridis")
        np.testing.assert_array_equal(data, before)


# Missing


@pytest.mark.parametrize("hidden", [99.0, -1e30, np.inf, np.nan])
@pytest.mark.parametrize("options", [{}, {"cmap": "viridis"}, {"norm": "sqrt"}, MARKS], ids=str)
@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 3)])
def test_what_lies_beneath_a_mask_leaks_nowhere(hidden: float, options: Any, shape: Any) -> None:
    if "cmap" in options and len(shape) == 3:
        options = {}
    data = np.random.default_rng(0).uniform(0, 50, shape)
    mask = np.zeros(shape, bool)
    mask[1, 2:5] = mask[4, 0] = True
    plain = np.where(mask, np.nan, data)
    covered = np.ma.array(np.where(mask, hidden, data), mask=mask)
    for limits in ({}, {"vmin": 10, "vmax": 30}):
        picture = Picture(covered, **options, **limits)
        assert picture.png == Picture(plain, **options, **limits).png
        assert picture.description == Picture(plain, **options, **limits).description


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int16, np.int64])
def test_masked_integers_take_the_color_of_what_is_missing(dtype: Any) -> None:
    mask = np.eye(3, 4, dtype=bool)
    data = np.ma.array(np.ones((3, 4), dtype), mask=mask)
    for options in ({}, {"mark_clipped": True}, {"cmap": "viridis"}):
        got = seen(data, nan_color="lime", **options)
        assert ((got == GREEN).all(-1) == mask).all()
        clear = seen(data, **options)
        assert ((clear[:, :, 3] == 0) == mask).all()


def test_a_picture_of_nothing_has_the_color_of_what_is_missing() -> None:
    with pytest.warns(UserWarning, match="no finite value"):
        got = seen(np.full((2, 3), np.nan), nan_color="lime", under="red", cmap="viridis")
    assert (got == GREEN).all()


# Labels


def distances(colors: Array) -> Array:
    """CIE 1976 distances between colors, each to each."""
    lab = rgb2lab(colors[None, :, :3] / 255)[0]
    return np.linalg.norm(lab[:, None] - lab[None], axis=-1)


def luminance(colors: Array) -> Array:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = colors[..., :3] / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def test_the_first_twenty_labels_look_different() -> None:
    apart = distances(label_palette()[1:21])
    assert apart[~np.eye(20, dtype=bool)].min() > 35


def test_all_labels_have_colors_of_their_own() -> None:
    palette = label_palette()
    assert len(palette) > 200
    apart = distances(palette[1:])
    assert apart[~np.eye(len(apart), dtype=bool)].min() > 10
    assert tuple(palette[0]) == CLEAR
    assert (palette[1:, 3] == 255).all()


@pytest.mark.parametrize("page", [255, 0x11], ids=["white", "dark"])
def test_labels_are_seen_on_light_and_dark_pages(page: int) -> None:
    ground = np.full((1, 4), page, np.uint8)
    palette = label_palette()[1:]
    assert distances(np.concatenate([ground, palette]))[0, 1:].min() > 12
    light = np.stack([luminance(palette), np.full(len(palette), luminance(ground)[0])]) + 0.05
    contrast = light.max(0) / light.min(0)
    assert contrast.min() > 1.15
    assert np.median(contrast) > 2.5


LABELS = st.integers(-(2**63), 2**63 - 1) | st.integers(-300, 600)


@given(
    hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=LABELS),
    LABELS,
)
@settings(max_examples=100)
def test_a_labels_color_depends_on_no_other_label(data: Array, label: int) -> None:
    alone = seen(np.array([[label]]), labels=True)[0, 0]
    data[0, 0] = label
    got = seen(data, labels=True)
    assert got[0, 0].tolist() == alone.tolist()
    assert ((got[:, :, 3] == 0) == (data == 0)).all()
    count = len(label_palette()) - 1
    expected = np.array(
        [[0 if x == 0 else (x - 1) % count + 1 for x in row] for row in data.tolist()]
    )
    np.testing.assert_array_equal(got * (got[:, :, 3:] > 0), label_palette()[expected])


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("count", [1, 3, 255])
def test_labels_count_on_through_zero_and_to_the_ends_of_their_dtype(
    dtype: Any, count: int
) -> None:
    info = np.iinfo(dtype)
    near = [info.min, info.min + 1, 0, 1, 2, 100, info.max - 1, info.max]
    data = np.array([near, near[::-1]], dtype)
    expected = [[0 if int(x) == 0 else (int(x) - 1) % count + 1 for x in row] for row in data]
    assert label_index(data, count).tolist() == expected
    assert label_index(data.astype(data.dtype.newbyteorder(">")).T, count).T.tolist() == expected


def test_booleans_are_labels_0_and_1() -> None:
    data = np.eye(3, dtype=bool)
    np.testing.assert_array_equal(seen(data, labels=True), seen(data.astype(int), labels=True))


@pytest.mark.parametrize("shape", [(1, 5, 7), (5, 7, 1)])
def test_labels_may_have_an_axis_of_one_channel(shape: Any) -> None:
    data = np.arange(35).reshape(shape)
    axis = 0 if shape[0] == 1 else -1
    got = seen(data, labels=True, channel_axis=axis)
    np.testing.assert_array_equal(got, seen(data.reshape(5, 7), labels=True))


def test_masked_labels_are_transparent_and_leak_nowhere() -> None:
    mask = np.eye(3, 4, dtype=bool)
    data = np.ma.array(np.full((3, 4), 7), mask=mask)
    assert ((seen(data, labels=True) == CLEAR).all(-1) == mask).all()


def test_labels_take_the_colors_of_a_list_an_array_or_the_steps_of_a_colormap() -> None:
    data = np.arange(5)[None]
    rgb = np.array([[255, 0, 0], [0, 255, 0]], np.uint8)
    for cmap in (
        ["red", "lime"],
        rgb,
        rgb / 255,
        peers.ListedColormap(["red", "lime"]),
    ):
        got = seen(data, labels=True, cmap=cmap)
        assert got[0].tolist() == [list(CLEAR), list(RED), list(GREEN), list(RED), list(GREEN)]
    steps = np.rint(mpl.colormaps["tab10"](range(10)) * 255)
    for named in ("tab10", mpl.colormaps["tab10"]):
        np.testing.assert_array_equal(label_palette(named)[1:], steps)


def test_a_smooth_colormap_gives_labels_colors_far_from_their_neighbours() -> None:
    for cmap in ("viridis", mpl.colormaps["viridis"], "hsv"):
        palette = label_palette(cmap)
        assert len(palette) == 256
        apart = distances(palette[1:])
        blended = distances(as_palette(cmap).array)
        assert np.median(np.diagonal(apart, 1)) > 10 * np.median(np.diagonal(blended, 1))


@pytest.mark.parametrize(
    "data",
    [
        np.ones((2, 3)),
        np.ones((2, 3), np.float16),
        np.ones((2, 3), "M8[D]"),
        np.ones((2, 3), "m8[s]"),
    ],
)
def test_labels_are_whole_numbers(data: Array) -> None:
    with pytest.raises(TypeError, match="labels must be integers or booleans") as caught:
        Picture(data, labels=True)
    assert str(data.dtype) in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"under": "red"},
        {"over": "red"},
        {"nan_color": "red"},
        {"mark_clipped": True},
        {"vmin": 1},
        {"vmax": [1]},
        {"vsym": True},
        {"contrast": "robust"},
        {"contrast": (1, 99)},
        {"norm": "sqrt"},
        {"norm": np.tanh},
        {"complex": "abs"},
    ],
    ids=str,
)
def test_labels_take_nothing_that_is_about_values(options: Any) -> None:
    for show in (Picture, lambda data, **o: Video(data[None], **o)):
        with pytest.raises(ValueError, match="must be left out where labels is True") as caught:
            show(np.ones((2, 3), int), labels=True, **options)
        assert next(iter(options)) in str(caught.value)


def test_labels_have_one_channel() -> None:
    with pytest.raises(ValueError, match="one channel"):
        Picture(np.ones((5, 6, 3), int), labels=True)
    with pytest.raises(TypeError, match="labels must be True or False"):
        encode(np.ones((2, 3)), labels=np.ones((2, 3), int))


# Complex numbers


def plane(dtype: Any = np.complex128) -> Array:
    """Complex numbers of all phases and sizes, and the axes."""
    random = np.random.default_rng(0)
    z = 10 ** random.uniform(-3, 3, (21, 33)) * np.exp(2j * np.pi * random.random((21, 33)))
    z[0, :6] = 1, 1j, -1, -1j, 1 + 1j, 0.5
    return z.astype(dtype)


def domain(z: complex, middle: float) -> list[int]:
    """The color of one number, by Python's own colorsys."""
    if math.isinf(abs(z)):
        return [255, 255, 255]
    light = abs(z) / (abs(z) + middle)
    hue = math.atan2(z.imag, z.real) / (2 * math.pi) % 1
    return [min(math.floor(256 * part), 255) for part in colorsys.hls_to_rgb(hue, light, 1)]


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.clongdouble])
@pytest.mark.parametrize("middle", [1.0, 0.03, 500.0])
def test_domain_colors_are_those_of_colorsys(dtype: Any, middle: float) -> None:
    z = plane(dtype)
    got = seen(z, complex="domain", vmax=middle).astype(int)
    expected = np.array([[domain(complex(x), middle) for x in row] for row in z])
    apart = np.abs(got[:, :, :3] - expected)
    assert apart.max() <= 1  # on the edge between two
    assert (apart > 0).mean() < 0.01
    assert (got[:, :, 3] == 255).all()


def test_the_magnitude_of_full_color_is_the_median_unless_said() -> None:
    z = plane()
    z[5, 5:9] = 0, np.nan, np.inf, 0
    sizes = np.abs(z[(z != 0) & np.isfinite(z)])
    got = as_pixels(z, complex="domain")
    assert got.color_scale is not None
    assert got.color_scale.middle == pytest.approx(np.median(sizes))
    assert f"full color {np.median(sizes):.6g}" in got.description
    np.testing.assert_array_equal(got.array, domain_colors(z, got.color_scale.middle))
    zeros = as_pixels(np.zeros((2, 3), complex), complex="domain")
    assert zeros.color_scale is not None
    assert zeros.color_scale.middle == 1


def test_zero_is_black_infinity_white_and_nan_missing() -> None:
    z = np.array([[0, np.inf, -np.inf, complex(0, np.inf), complex(np.inf, -np.inf), np.nan, 1]])
    got = seen(z, complex="domain", vmax=1)
    white = [255, 255, 255, 255]
    assert got[0].tolist() == [[0, 0, 0, 255], *[white] * 4, [0, 0, 0, 0], [255, 0, 0, 255]]
    assert seen(z, complex="domain", nan_color="lime")[0, 5].tolist() == list(GREEN)
    masked = np.ma.array(z, mask=[[0, 0, 0, 0, 0, 0, 1]])
    assert seen(masked, complex="domain")[0, -2:].tolist() == [[0, 0, 0, 0]] * 2


def test_sizes_near_the_ends_of_float64_have_their_lightness() -> None:
    tops = np.array([[1e308, 1.7e308, 5e-324, 1e-300]])
    assert domain_colors(tops[:, :2], 1.7e308)[0].tolist() == [domain(1 / 1.7, 1.0), [255, 0, 0]]
    assert domain_colors(tops[:, 2:], 5e-324)[0, 0].tolist() == [255, 0, 0]
    assert (domain_colors(tops[:, 3:], 1e300) == 0).all()


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_magnitudes_are_shown_as_real_numbers_are(dtype: Any) -> None:
    z = plane(dtype)
    z[3, 3], z[3, 4] = np.nan, complex(np.inf, 0)
    for options in ({}, {"norm": "log"}, {"cmap": "viridis", "vmax": 3, "over": "red"}):
        np.testing.assert_array_equal(seen(z, complex="abs", **options), seen(np.abs(z), **options))
    assert Picture(z, complex="abs").description.startswith("abs of 21×33 complex")


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_phases_are_shown_from_minus_pi_to_pi_in_cyclic_colors(dtype: Any) -> None:
    z = plane(dtype)
    z[3, 3] = np.nan
    got = seen(z, complex="phase")
    bins = rerange(np.angle(z.astype(np.complex128)), -math.pi, math.pi).astype(int)
    palette = as_palette("cmocean:phase").array
    same = (got == palette[bins]).all(-1)
    assert not same[3, 3]
    assert tuple(got[3, 3]) == CLEAR
    assert same.mean() > 0.99
    other = seen(z, complex="phase", cmap="twilight")
    assert (other == as_palette("twilight").array[bins]).all(-1).mean() > 0.99


@pytest.mark.parametrize("dtype", [np.complex64, np.complex128, np.float32, np.int8])
def test_no_phase_lies_beyond_pi(dtype: Any) -> None:
    z = np.array([[-1, -2, -100, 1]], dtype)
    plain = seen(z, complex="phase")
    np.testing.assert_array_equal(seen(z, complex="phase", mark_clipped=True), plain)
    conjugate = np.conj(z.astype(complex))
    assert seen(conjugate, complex="phase", mark_clipped=True)[0, 0].tolist() not in (
        [list(RED)],
        [list(BLUE)],
    )


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint8, np.int64, np.float16, np.float64])
def test_real_numbers_are_complex_ones_too(dtype: Any) -> None:
    real = np.array([[-128, -3, 0, 1, 100]]).astype(dtype)
    z = real.astype(np.complex128)
    for way in ("phase", "domain"):
        np.testing.assert_array_equal(seen(real, complex=way), seen(z, complex=way))
    if dtype is np.uint8:  # stretched all the same: these are magnitudes
        np.testing.assert_array_equal(seen(real, complex="abs"), seen(np.abs(z)))
    elif dtype is not bool:
        np.testing.assert_array_equal(seen(real, complex="abs"), seen(z, complex="abs"))


@pytest.mark.parametrize("way", ["abs", "phase", "domain"])
def test_what_lies_beneath_a_mask_of_complex_numbers_leaks_nowhere(way: str) -> None:
    z = plane()
    mask = np.zeros(z.shape, bool)
    mask[2:4, 5:9] = True
    pictures = [
        Picture(np.ma.array(np.where(mask, hidden, z), mask=mask), complex=way)
        for hidden in (1e30, 0, np.inf, np.nan)
    ]
    assert len({picture.png for picture in pictures}) == 1
    assert len({picture.description for picture in pictures}) == 1
    assert ((by_pillow(pictures[0].png)[:, :, 3] == 0) == mask).all()


def test_complex_numbers_are_not_changed() -> None:
    z = plane()
    before = z.copy()
    for way in ("abs", "phase", "domain"):
        Picture(z, complex=way, nan_color="red")
    np.testing.assert_array_equal(z, before)


def test_the_colors_of_the_keys_are_those_of_the_picture() -> None:
    turns = (np.arange(256) + 0.5) / 256 - 0.5
    expected = [domain(complex(np.exp(2j * np.pi * turn)), 1.0) for turn in turns]
    assert np.abs(phase_colors()[:, :3].astype(int) - expected).max() <= 1
    light = lightness_colors()[:, :3].astype(int)
    assert (np.diff(light.sum(1)) >= 0).all()
    assert light[0].tolist() == [1, 0, 0]
    assert light[128].tolist() == [255, 1, 1]
    assert light[255, 0] == 255
    assert light[255].min() >= 253


@pytest.mark.parametrize("way", ["real", "", True, 0, "ABS"])
def test_another_way_to_show_complex_numbers_is_named(way: Any) -> None:
    for show in (Picture, lambda data, **o: Video(data[None], **o)):
        with pytest.raises(ValueError, match='"abs", "phase" or "domain"') as caught:
            show(plane(), complex=way)
        assert repr(way) in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"vmin": 1},
        {"vsym": True},
        {"contrast": "robust"},
        {"norm": "log"},
        {"cmap": "viridis"},
        {"under": "red"},
        {"over": "red"},
        {"mark_clipped": True},
    ],
    ids=str,
)
def test_domain_colors_take_nothing_that_is_about_one_number(options: Any) -> None:
    for show in (Picture, lambda data, **o: Video(data[None], **o)):
        with pytest.raises(ValueError, match="complex is 'domain'") as caught:
            show(plane(), complex="domain", **options)
        assert ("under" if "mark_clipped" in options else next(iter(options))) in str(caught.value)


@pytest.mark.parametrize("middle", [0, -1, np.inf, np.nan, [1, 2]])
def test_the_magnitude_of_full_color_is_above_0_and_finite(middle: Any) -> None:
    with pytest.raises(ValueError, match="vmax") as caught:
        Picture(plane(), vmax=middle, complex="domain")
    assert str(middle) in str(caught.value)


def test_complex_numbers_without_a_word_are_refused_with_the_way_out() -> None:
    with pytest.raises(TypeError, match='complex="abs", "phase" or "domain"'):
        Picture(plane())
    with pytest.raises(ValueError, match="one channel"):
        Picture(np.ones((5, 6, 3), complex), complex="domain")


# In videos


def frames_of(video: Video, name: str = "apng") -> Array:
    with Image.open(io.BytesIO(video.files[name])) as image:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    return np.stack(frames)


def by_ffmpeg(data: bytes, shape: tuple[int, ...]) -> Array:
    """The frames of this shape that ffmpeg decodes, as RGB."""
    return decoded(data, (shape[-1], shape[-2]))


def painted(stack: Any, **options: Any) -> Array:
    """The frames of a video that keeps every pixel."""
    return frames_of(Video(stack, format="apng", fps=10, progress=False, **options))


def on_black(rgba: Array) -> Array:
    colors, alpha = rgba[..., :3].astype(int), rgba[..., 3:].astype(int)
    return np.asarray((colors * alpha + 127) // 255)


def stack(dtype: Any = np.float64) -> Array:
    return np.random.default_rng(0).uniform(-20, 900, (4, 17, 23)).astype(dtype)


@pytest.mark.parametrize("codec", ["h264", "vp9"])
@pytest.mark.parametrize("cmap", ["viridis", "tab10"])
def test_lossless_frames_hold_the_colors_of_the_bins(codec: str, cmap: str) -> None:
    data = stack()
    codecs: dict[str, Any] = {"h264": None, codec: True}
    video = Video(data, cmap=cmap, lossless=True, progress=False, **codecs)
    expected = Picture(data.reshape(-1, data.shape[-1]), cmap=cmap).render()[..., :3]
    got = by_ffmpeg(video.files[codec], data.shape)
    np.testing.assert_array_equal(got, expected.reshape(*data.shape, 3))


def test_coded_frames_are_near_the_colors_of_the_bins() -> None:
    data = np.repeat(np.repeat(np.arange(24.0).reshape(2, 3, 4), 32, 1), 32, 2)
    video = Video(data, cmap="viridis", progress=False)
    got = by_ffmpeg(video.files["h264"], data.shape)[:, 16::32, 16::32].astype(int)
    expected = as_palette("viridis").array[rerange(data)][:, 16::32, 16::32, :3]
    assert np.abs(got - expected).max() <= 6


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.float32])
@pytest.mark.parametrize("kind", ["stack", "list", "dask"])
def test_all_frames_have_one_range(dtype: Any, kind: str) -> None:
    import dask.array

    data = np.abs(stack(dtype)) // 4
    given_as: Any = {"stack": data, "list": list(data), "dask": dask.array.from_array(data)}[kind]
    expected = as_palette("magma").array[rerange(data)][..., :3]
    np.testing.assert_array_equal(painted(given_as, cmap="magma"), expected)


@pytest.mark.parametrize("kind", ["stack", "list"])
@pytest.mark.parametrize(
    "options",
    [
        {"norm": "log"},
        {"norm": "asinh", "vsym": True},
        {"norm": 0.4, "vmin": 10},
        {"norm": "sqrt", "vmin": 500, "vmax": 5},
        {"norm": "log", "cmap": "magma", "vmin": 100, "under": "blue", "over": "red"},
        {"norm": "log", "contrast": "robust", "mark_clipped": True},
        {"norm": peers.LogNorm(), "nan_color": "lime"},
        {"norm": peers.PowerNorm(0.5, 50, 700), "under": "blue", "over": "red"},
        {"norm": peers.TwoSlopeNorm(100), "cmap": "RdBu"},
        {"norm": lambda x: 0.5 + np.tanh(x / 400) / 2, "cmap": "viridis"},
        {"cmap": "viridis", "vmin": 0, "vmax": 800, **MARKS},
        {"contrast": (5, 95), "mark_clipped": True},
    ],
    ids=lambda options: " ".join(options),
)
def test_frames_have_the_colors_of_one_tall_picture(kind: str, options: Any) -> None:
    """One range for all of them: as if they stood one upon the other."""
    data = stack()
    data[1, 3, :4] = np.nan, np.inf, 0, -3
    rgba = seen(data.reshape(-1, 23), **options).reshape(4, 17, 23, 4)
    got = painted(data if kind == "stack" else list(data), **options)
    np.testing.assert_array_equal(got, on_black(rgba))


def test_what_is_negative_under_log_is_missing_in_frames_too() -> None:
    data = np.array([[[1.0, 10, 100]], [[-5, 0, 100]]])
    for given_as in (data, list(data)):
        video = Video(given_as, norm="log", nan_color="lime", under="red", format="apng", fps=1)
        got = frames_of(video)
        assert got[1].tolist() == [[[0, 255, 0], [255, 0, 0], [255, 255, 255]]]
        assert "-5 to 100" in video.description
    got = painted((frame for frame in data), norm="log", vmin=1, vmax=100, nan_color="lime")
    assert got[1, 0, 0].tolist() == [0, 255, 0]


def test_the_limits_of_integers_under_log_come_from_all_frames() -> None:
    data = np.array([[[100, 200]], [[2, 32767]]], np.int16)
    got = painted(data, norm="log", contrast="infer")
    expected = rerange(data.reshape(1, -1), 2, 32767, norm="log").reshape(2, 1, 2)
    np.testing.assert_array_equal(got[..., 0], expected)


def test_each_frame_may_have_its_own_range_in_color() -> None:
    data = stack()
    got = painted(data, cmap="viridis", contrast="frame")
    expected = np.stack([as_palette("viridis").array[rerange(frame)] for frame in data])
    np.testing.assert_array_equal(got, expected[..., :3])


def generated(data: Array) -> Iterator[Array]:
    yield from data


def test_generators_are_painted_frame_by_frame() -> None:
    data = stack()
    limits: dict[str, Any] = {"vmin": 0, "vmax": 700, "cmap": "viridis", **MARKS}
    np.testing.assert_array_equal(painted(generated(data), **limits), painted(data, **limits))
    labels = (data / 50).astype(int)
    np.testing.assert_array_equal(
        painted(generated(labels), labels=True), painted(labels, labels=True)
    )
    norm = peers.LogNorm(1, 700)
    np.testing.assert_array_equal(painted(generated(data), norm=norm), painted(data, norm=norm))


@pytest.mark.parametrize(
    "options",
    [{"cmap": "viridis"}, {"norm": "log", "vmin": 1}, {"norm": peers.LogNorm(vmin=1)}],
    ids=lambda options: " ".join(options),
)
def test_a_generator_needs_its_limits_beforehand(options: Any) -> None:
    with pytest.raises(ValueError, match="read once") as caught:
        Video(generated(stack()), **options)
    assert "\n" not in str(caught.value)


def test_callable_norms_of_frames_take_no_other_rule_and_are_not_changed() -> None:
    norm = peers.LogNorm()
    for options in ({"contrast": "robust"}, {"contrast": "frame"}, {"vsym": True}):
        with pytest.raises(ValueError, match="callable"):
            Video(stack(), norm=norm, **options)  # type: ignore[arg-type]
    before = dict(norm.__dict__)
    painted(stack(), norm=norm)
    assert norm.__dict__ == before


def test_labels_keep_their_colors_from_frame_to_frame_on_black() -> None:
    data = np.random.default_rng(0).integers(-3, 300, (4, 17, 23))
    got = painted(data, labels=True)
    expected = np.stack([on_black(seen(frame, labels=True)) for frame in data])
    np.testing.assert_array_equal(got, expected)
    assert (got[data == 0] == 0).all()
    lossless = Video(data, labels=True, lossless=True, progress=False)
    np.testing.assert_array_equal(by_ffmpeg(lossless.files["h264"], data.shape), expected)


@pytest.mark.parametrize("way", ["abs", "phase"])
def test_complex_frames_have_one_range(way: str) -> None:
    data = np.stack([plane() * factor for factor in (1, 5, 0.2j)])
    rgba = seen(data.reshape(-1, 33), complex=way).reshape(3, 21, 33, 4)
    for given_as in (data, list(data)):
        np.testing.assert_array_equal(painted(given_as, complex=way), on_black(rgba))


def test_complex_frames_have_one_magnitude_of_full_color() -> None:
    data = np.stack([plane() * factor for factor in (1, 5, 0.2j)])
    data[1, 4, 4] = np.nan
    got = painted(data, complex="domain", vmax=2, nan_color="red")
    expected = np.stack([seen(f, complex="domain", vmax=2, nan_color="red") for f in data])
    np.testing.assert_array_equal(got, expected[..., :3])
    assert got[1, 4, 4].tolist() == [255, 0, 0]
    own = painted(data, complex="domain")
    middle = float(np.median(np.abs(data[0])))
    expected = np.stack([on_black(seen(f, complex="domain", vmax=middle)) for f in data])
    np.testing.assert_array_equal(own, expected)


def test_frames_with_nothing_to_see_are_black_and_the_others_as_ever() -> None:
    data = stack()
    data[2] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = painted(data, cmap="viridis")
    assert not got[2].any()
    expected = as_palette("viridis").array[rerange(data)][..., :3]
    np.testing.assert_array_equal(got[[0, 1, 3]], expected[[0, 1, 3]])
