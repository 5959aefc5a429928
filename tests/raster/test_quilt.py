"""`quilt`: every image is found again at its place, and the whole is near to what was wanted."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from nbimage import rerange
from nbimage.raster.quilt import quilt
from tests.memory import traced

Array = np.ndarray[Any, Any]


def stack(*shape: int, dtype: Any = np.int64) -> Array:
    """Values that are all different, and none of them 0."""
    return (np.arange(math.prod(shape)) + 1).reshape(shape).astype(dtype)


def layout(count: int, columns: int, size: tuple[int, int], space: int) -> tuple[int, int]:
    """The height and the width of so many images of (height, width) in so many columns."""
    rows = -(-count // columns)
    return rows * (size[0] + space) - space, columns * (size[1] + space) - space


def found_in(whole: Array, count: int, size: tuple[int, int], space: int) -> list[Array]:
    """Cut the images out again, by nothing but the sizes; the rest is checked to be 0."""
    columns = (whole.shape[1] + space) // (size[1] + space)
    images, rest = [], whole.copy()
    for i in range(count):
        y, x = (i // columns) * (size[0] + space), (i % columns) * (size[1] + space)
        images.append(whole[y : y + size[0], x : x + size[1]])
        rest[y : y + size[0], x : x + size[1]] = 0
    assert not rest.any()
    return images


# ------------------------------------------------------------------------- where images are


@given(
    count=st.integers(1, 40),
    height=st.integers(1, 6),
    width=st.integers(1, 6),
    space=st.integers(0, 3),
    aspect=st.floats(0.05, 20),
    max_x=st.none() | st.integers(1, 12),
)
def test_every_image_is_at_its_place_and_all_else_is_fill(
    count: int, height: int, width: int, space: int, aspect: float, max_x: int | None
) -> None:
    images = stack(count, height, width)
    whole = quilt(images, aspect, max_x, space)
    assert whole.dtype == images.dtype
    np.testing.assert_array_equal(found_in(whole, count, (height, width), space), images)
    columns = (whole.shape[1] + space) // (width + space)
    assert whole.shape == layout(count, columns, (height, width), space)
    assert columns <= min(count, max_x or count)


@given(
    count=st.integers(1, 60),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    space=st.integers(0, 3),
    aspect=st.sampled_from([0.1, 0.5, 1, 4 / 3, 16 / 9, 10]),
)
def test_no_other_number_of_columns_costs_less(
    count: int, height: int, width: int, space: int, aspect: float
) -> None:
    def cost(columns: int) -> float:
        tall, wide = layout(count, columns, (height, width), space)
        empty = -(-count // columns) * columns - count
        return abs(math.log(wide / tall / aspect)) + float(Fraction(empty, count))

    whole = quilt(np.ones((count, height, width), bool), aspect, space=space)
    columns = (whole.shape[1] + space) // (width + space)
    best = min(cost(c) for c in range(1, count + 1))
    assert cost(columns) <= best + 1e-9
    assert all(cost(c) > best + 1e-12 for c in range(columns + 1, count + 1))


@pytest.mark.parametrize(
    ("count", "aspect", "rows", "columns"),
    [(4, 1, 2, 2), (9, 1, 3, 3), (6, 1.5, 2, 3), (6, 2 / 3, 3, 2), (2, 1, 1, 2), (12, 12, 1, 12)],
)
def test_what_fits_exactly_has_no_empty_place(
    count: int, aspect: float, rows: int, columns: int
) -> None:
    assert quilt(stack(count, 5, 5), aspect).shape == (5 * rows, 5 * columns)


def test_digits_can_be_read_row_by_row() -> None:
    images = load_digits().images[:100]
    whole = quilt(images, space=1, fill=16)
    assert whole.shape == (89, 89)
    for row, column in itertools.product(range(10), range(10)):
        np.testing.assert_array_equal(
            whole[9 * row : 9 * row + 8, 9 * column : 9 * column + 8], images[10 * row + column]
        )
    assert (whole[8::9] == 16).all()
    assert rerange(whole).max() == 255


def test_at_most_so_many_stand_side_by_side() -> None:
    assert quilt(stack(10, 2, 3), 100, 4).shape == (6, 12)
    assert quilt(stack(10, 2, 3), 100, np.int64(4)).shape == (6, 12)


def test_spaces_count_for_the_ratio() -> None:
    """Twelve bars of 1×7: without spaces 2 columns are nearest to a square, with wide ones 3."""
    bars = stack(12, 1, 7)
    assert quilt(bars).shape == (12, 7)
    assert quilt(bars, space=7).shape == (3 * 8 - 7 + 8, 3 * 14 - 7)


# ----------------------------------------------------------------------------- what axes are


def test_leading_axes_are_taken_in_c_order() -> None:
    images = stack(2, 3, 2, 5, 7)
    flat = quilt(images.reshape(12, 5, 7), 2, space=1)
    np.testing.assert_array_equal(quilt(images, 2, space=1), flat)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_any_strides_give_the_same(order: tuple[int, ...]) -> None:
    images = stack(3, 5, 6, 7)
    strided = np.ascontiguousarray(images.transpose(order)).transpose(np.argsort(order))
    for view, same in ((strided, images), (strided[::-1, ::2], images[::-1, ::2])):
        np.testing.assert_array_equal(quilt(view, 3, space=2), quilt(same.copy(), 3, space=2))


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_channels_keep_their_place(channels: int) -> None:
    images = stack(7, 5, 6, channels)
    gray = [quilt(images[..., c], 2, space=1) for c in range(channels)]
    np.testing.assert_array_equal(quilt(images, 2, space=1), np.stack(gray, axis=-1))
    planar = np.moveaxis(images, -1, -3)
    np.testing.assert_array_equal(quilt(planar, 2, space=1), np.stack(gray))


def test_three_axes_are_gray_images_whatever_their_lengths() -> None:
    assert quilt(stack(3, 4, 4), aspect=100, max_x=1).shape == (12, 4)
    assert quilt(stack(4, 4, 3), aspect=100, max_x=1).shape == (16, 3)


def test_four_axes_without_channels_are_two_leading_ones() -> None:
    assert quilt(stack(2, 6, 5, 7), aspect=100, max_x=3).shape == (20, 21)


def test_channel_axis_overrules_the_guess() -> None:
    images = stack(6, 3, 5, 7)
    assert quilt(images, aspect=100, max_x=3).shape == (3, 10, 21)
    two = stack(6, 5, 7, 2)
    assert quilt(two, aspect=100, max_x=3, channel_axis=-1).shape == (10, 21, 2)
    np.testing.assert_array_equal(quilt(two, 1, channel_axis=3), quilt(two, 1, channel_axis=-1))


def test_a_picture_in_colors_is_one_image_where_that_is_said() -> None:
    picture = stack(5, 7, 3)
    np.testing.assert_array_equal(quilt(picture, channel_axis=-1), picture)


def test_an_open_layout_is_taken_as_planar_with_a_word_that_names_the_way_out() -> None:
    with pytest.warns(UserWarning, match=r"planar.*channel_axis=1 .*or channel_axis=-1") as caught:
        assert quilt(stack(4, 3, 5, 3), aspect=100, max_x=2).shape == (3, 10, 6)
    assert caught[0].filename == __file__
    assert quilt(stack(4, 3, 5, 3), aspect=100, max_x=2, channel_axis=-1).shape == (6, 10, 3)


def test_names_are_believed_before_lengths() -> None:
    named = xr.DataArray(stack(4, 3, 5, 7), dims=("time", "z", "y", "x"))
    assert quilt(named, aspect=100, max_x=3).shape == (20, 21)
    band = xr.DataArray(stack(3, 5, 7), dims=("band", "y", "x"))
    with pytest.raises(ValueError, match=r"^channel_axis"):
        quilt(band, channel_axis=1)
    np.testing.assert_array_equal(quilt(band), band.values)
    two = stack(2, 5, 7)
    layers = xr.DataArray(two, dims=("band", "y", "x"))
    np.testing.assert_array_equal(quilt(layers, max_x=1), two.reshape(10, 7))


@pytest.mark.parametrize("dims", list(itertools.permutations(("time", "lat", "lon"))))
def test_images_are_found_by_their_names_wherever_they_are(dims: tuple[str, ...]) -> None:
    named = xr.DataArray(stack(4, 5, 7), dims=("time", "lat", "lon"))
    moved = named.transpose(*dims)
    upright = dims.index("lat") < dims.index("lon")
    expected = named.values if upright else named.values.transpose(0, 2, 1)
    np.testing.assert_array_equal(quilt(moved, max_x=1), expected.reshape(-1, expected.shape[2]))


def test_named_channels_between_rows_and_columns_come_last() -> None:
    colors = stack(2, 5, 7, 3)
    named = xr.DataArray(colors, dims=("n", "y", "x", "rgb")).transpose("y", "rgb", "n", "x")
    np.testing.assert_array_equal(quilt(named, max_x=1), colors.reshape(10, 7, 3))


def test_one_image_comes_back_as_it_is_and_is_a_copy() -> None:
    for image in (stack(5, 7), stack(1, 5, 7), np.ma.masked_less(stack(5, 7), 4)):
        whole = quilt(image, 9, 1, 3)
        np.testing.assert_array_equal(whole, image.reshape(5, 7))
        assert not np.may_share_memory(whole, image)


# ---------------------------------------------------------------------- what values there are


@pytest.mark.parametrize(
    "dtype",
    ["?", "i1", "u1", ">i2", "u4", "i8", "f2", "f4", ">f8", "g", "c8", "c16", "M8[D]", "m8[ms]"],
)
def test_every_dtype_keeps_its_values(dtype: str) -> None:
    images = stack(5, 3, 4).astype(dtype)
    whole = quilt(images, aspect=100, max_x=3)
    assert whole.dtype == images.dtype
    places = whole.reshape(2, 3, 3, 4).swapaxes(1, 2).reshape(6, 3, 4)
    np.testing.assert_array_equal(places[:5], images)
    np.testing.assert_array_equal(places[5], np.zeros((3, 4)).astype(dtype))


def test_what_is_no_number_stays_what_it_is() -> None:
    images = np.array([[[np.nan, np.inf]], [[-np.inf, -0.0]]])
    whole = quilt(images, 100)
    np.testing.assert_array_equal(whole, [[np.nan, np.inf, -np.inf, -0.0]])
    assert np.signbit(whole[0, 3])


def test_masked_values_stay_masked_and_spaces_are_seen() -> None:
    images = np.ma.masked_equal(stack(5, 2, 3), 8)
    whole = quilt(images, aspect=100, max_x=3, space=1, fill=-1)
    assert isinstance(whole, np.ma.MaskedArray)
    assert whole.mask.sum() == 1
    assert whole.data[whole.mask].tolist() == [8]
    plain = quilt(images.data, aspect=100, max_x=3, space=1, fill=-1)
    np.testing.assert_array_equal(whole.data, plain)
    listed = quilt(list(images), aspect=100, max_x=3, space=1, fill=-1)
    np.testing.assert_array_equal(np.ma.getmaskarray(listed), whole.mask)


def test_a_list_of_arrays_is_a_stack() -> None:
    images = stack(5, 2, 3)
    np.testing.assert_array_equal(quilt(list(images)), quilt(images))
    np.testing.assert_array_equal(quilt(images.tolist()), quilt(images))


def test_fill_may_differ_by_channel() -> None:
    interleaved = quilt(
        stack(3, 5, 5, 3, dtype=np.uint8), aspect=100, max_x=2, space=1, fill=(9, 8, 7)
    )
    planar = quilt(
        stack(3, 3, 5, 5, dtype=np.uint8),
        aspect=100,
        max_x=2,
        space=1,
        fill=(9, 8, 7),
        channel_axis=1,
    )
    for empty in (interleaved[5], interleaved[6:, 6:], planar[:, 6:, 6:].T, planar[:, 5].T):
        assert (empty == (9, 8, 7)).all()


@pytest.mark.parametrize(
    ("dtype", "fill"),
    [
        ("u1", 255),
        ("u1", 7.0),
        ("f4", 0.1),
        ("f4", np.nan),
        ("f8", -np.inf),
        ("c8", 1 + 2j),
        ("?", True),
        ("?", 1),
        ("M8[D]", np.datetime64("NaT")),
        ("M8[D]", np.datetime64("2026-11-21")),
        ("i8", 2**63 - 1),
    ],
)
def test_fill_is_what_the_dtype_makes_of_it(dtype: str, fill: Any) -> None:
    whole = quilt(np.zeros((2, 2, 2), dtype), 100, space=1, fill=fill)
    np.testing.assert_array_equal(whole[:, 2], np.asarray([fill] * 2).astype(dtype))


@given(st.integers(2, 9), st.integers(0, 2**32))
def test_the_callers_data_stay_as_they_are(count: int, seed: int) -> None:
    images = np.random.default_rng(seed).random((count, 3, 4))
    before = images.copy()
    quilt(images, space=1, fill=5)[...] = 7
    np.testing.assert_array_equal(images, before)


# ------------------------------------------------------------------------------- large stacks


def test_nothing_of_the_stacks_size_is_made_but_the_result() -> None:
    images = np.zeros((40, 6, 200, 300), np.float32).transpose(1, 0, 3, 2)[:, :, ::-1]
    with traced() as memory:
        whole = quilt(images, space=2, fill=1)
    assert memory.peak < 1.02 * whole.nbytes


@settings(max_examples=10)
@given(st.integers(1, 10**6), st.floats(0.01, 100))
def test_a_million_images_are_laid_out_as_well(count: int, aspect: float) -> None:
    images = np.broadcast_to(np.True_, (count, 1, 1))
    whole = quilt(images, aspect)
    assert np.count_nonzero(whole) == count
    assert whole.size - count < whole.shape[1]


# ------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("data", "options", "error", "message"),
    [
        ([], {}, ValueError, r"are empty: their shape is \(0,\)"),
        (np.zeros((0, 3, 4)), {}, ValueError, r"are empty: their shape is \(0, 3, 4\)"),
        (np.zeros((2, 3, 0)), {}, ValueError, "are empty"),
        (np.zeros(5), {}, ValueError, r"at least 2 axes .*shape \(5,\)"),
        (3.0, {}, TypeError, r"data must be an array"),
        (np.array([["a"]]), {}, TypeError, r"dtype <U1"),
        (np.array([[None]]), {}, TypeError, r"dtype object"),
        ([np.zeros((2, 3)), np.zeros((3, 2))], {}, TypeError, r"rectangular"),
        (stack(2, 3, 4), {"aspect": 0}, ValueError, r"aspect must be .* above 0, but got 0"),
        (stack(2, 3, 4), {"aspect": -1.5}, ValueError, r"aspect .*-1\.5"),
        (stack(2, 3, 4), {"aspect": math.nan}, ValueError, r"aspect .*nan"),
        (stack(2, 3, 4), {"aspect": math.inf}, ValueError, r"aspect .*inf"),
        (stack(2, 3, 4), {"aspect": "4:3"}, ValueError, r"aspect .*'4:3'"),
        (stack(2, 3, 4), {"max_x": 0}, ValueError, r"max_x must be .* from 1 on, but got 0"),
        (stack(2, 3, 4), {"max_x": 2.5}, ValueError, r"max_x .*2\.5"),
        (stack(2, 3, 4), {"space": -1}, ValueError, r"space must be .* but got -1"),
        (stack(2, 3, 4), {"space": 0.5}, ValueError, r"space .*0\.5"),
        (stack(2, 3, 4, dtype="u1"), {"fill": 256}, ValueError, r"uint8 can hold, but got 256"),
        (stack(2, 3, 4, dtype="u1"), {"fill": -1}, ValueError, r"uint8 can hold, but got -1"),
        (stack(2, 3, 4), {"fill": 0.5}, ValueError, r"int64 can hold, but got 0\.5"),
        (stack(2, 3, 4), {"fill": math.nan}, ValueError, r"int64 can hold, but got nan"),
        (stack(2, 3, 4, dtype="f4"), {"fill": 1e300}, ValueError, r"float32 can hold"),
        (stack(2, 3, 4, dtype="f4"), {"fill": 1j}, ValueError, r"float32 can hold, but got 1j"),
        (stack(2, 3, 4, dtype="?"), {"fill": 2}, ValueError, r"bool can hold, but got 2"),
        (stack(2, 3, 4, dtype="f8"), {"fill": "red"}, ValueError, r"float64 can hold.*'red'"),
        (stack(2, 3, 4).astype("M8[D]"), {"fill": 0.5}, ValueError, r"datetime64.*0\.5"),
        (stack(2, 3, 4), {"fill": (1, 2)}, ValueError, r"one for each of 1 channels"),
        (stack(2, 5, 4, 3), {"fill": (1, 2)}, ValueError, r"one for each of 3 channels.*\(1, 2\)"),
        (stack(2, 3, 4), {"channel_axis": 1}, ValueError, r"channel_axis .*but got 1"),
        (stack(3, 4), {"channel_axis": 0}, ValueError, r"channel_axis .*but got 0"),
        (stack(2, 3, 4, 5), {"channel_axis": 0}, ValueError, r"channel_axis .*but got 0"),
        (stack(2, 3, 4, 5), {"channel_axis": -1}, ValueError, r"must be 1, 2, 3 or 4, but got 5"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_line(
    data: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        quilt(data, **options)
    assert "\n" not in str(caught.value)
