"""The table of `axis_order`: shapes and names, and which axis is what."""

from __future__ import annotations

import itertools
import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

from nbimage import Video
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.further import GRID_OF_PICTURES, ONE_PICTURE, QUILTED, STACK_OF_FRAMES
from nbimage.base.box import Box


class Row(NamedTuple):
    """One shape of the table, and how `nbview` reads it."""

    shape: tuple[int, ...]
    names: tuple[str, ...] | None
    channels: int | None
    further: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    ambiguous: bool = False


TABLE = [
    Row((64, 48), None, None),
    Row((64, 48), ("c", "x"), None),
    Row((3, 64, 48), None, 0),
    Row((4, 64, 48), None, None, (0,)),
    Row((64, 48, 3), None, 2),
    Row((64, 48, 4), None, 2),
    Row((3, 64, 3), None, 0, ambiguous=True),
    Row((4, 64, 3), None, None, (0,), ambiguous=True),
    Row((1, 64, 48), None, 0),
    Row((64, 48, 1), None, 2),
    Row((1, 64, 3), None, 2, ambiguous=True),
    Row((2, 64, 48), None, None, (0,)),
    Row((5, 64, 48), None, None, (0,)),
    Row((64, 5, 48), None, None, (0,)),
    Row((5, 3, 64, 48), None, 1, (0,)),
    Row((5, 64, 48, 3), None, 3, (0,)),
    Row((5, 64, 48, 4), None, 3, (0,)),
    Row((5, 3, 64, 3), None, 1, (0,), ambiguous=True),
    Row((5, 64, 48, 1), None, 3, (0,)),
    Row((5, 1, 64, 48), None, 1, (0,)),
    Row((4, 5, 64, 48), None, None, (0, 1)),
    Row((4, 5, 64, 48, 3), None, 4, (0, 1)),
    Row((4, 5, 3, 64, 48), None, 2, (0, 1)),
    Row((1, 1, 64, 48), None, 1, (), (0,)),
    Row((1, 3, 64, 48), None, 1, (), (0,)),
    Row((1, 64, 48, 3), None, 3, (), (0,)),
    Row((1, 5, 64, 48), None, None, (1,), (0,)),
    Row((3, 64, 48), ("z", "y", "x"), None, (0,)),
    Row((4, 64, 48), ("t", "y", "x"), None, (0,)),
    Row((64, 48, 3), ("lat", "lon", "time"), None, (2,)),
    Row((64, 48, 5), ("y", "x", "z"), None, (2,)),
    Row((64, 5, 48), ("lat", "time", "lon"), None, (1,)),
    Row((64, 48, 4), ("y_c", "x_c", "season"), None, (2,)),
    Row((4, 64, 48), ("season", "Latitude", "Longitude"), None, (0,)),
    Row((64, 48, 3), ("y", "x", "k"), None, (2,)),
    Row((1, 64, 48), ("time", "lat", "lon"), None, (), (0,)),
    Row((5, 1, 64, 48), ("time", "level", "lat", "lon"), None, (0,), (1,)),
    Row((3, 64, 48), ("band", "y", "x"), 0),
    Row((64, 48, 3), ("y", "x", "rgb"), 2),
    Row((64, 3, 48), ("y", "c", "x"), 1),
    Row((3, 5, 64, 48), ("c", "z", "y", "x"), 0, (1,)),
    Row((5, 3, 64, 48), ("time", "z", "y", "x"), None, (0, 1)),
    Row((2, 64, 48), ("c", "y", "x"), None, (0,)),
    Row((5, 64, 48), ("c", "y", "x"), None, (0,)),
    Row((1, 64, 48), ("c", "y", "x"), 0),
    Row((4, 64, 48), ("c", "y", "x"), None, (0,)),
    Row((4, 64, 48), ("band", "y", "x"), None, (0,)),
    Row((4, 64, 48), ("rgba", "y", "x"), 0),
    Row((64, 48, 4), ("y", "x", "c"), 2),
    Row((64, 48, 2), ("y", "x", "s"), 2),
    Row((5, 64, 48), ("dim_0", "dim_1", "dim_2"), None, (0,)),
    Row((5, 3, 64, 48), ("dim_0", "dim_1", "dim_2", "dim_3"), 1, (0,)),
]


def name(row: Any) -> str:
    """Return the name of a test."""
    return f"{row.shape}{'-' + ','.join(row.names) if row.names else ''}"


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_the_table(row: Row) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        order = resolve_axis_order(row.shape, row.names)
    assert (order.channels, order.further, order.dropped) == (
        row.channels,
        row.further,
        row.dropped,
    )
    left = [axis for axis in range(len(row.shape)) if axis not in {row.channels, *row.further}]
    assert (order.rows, order.columns) == tuple(axis for axis in left if axis not in row.dropped)
    assert [str(w.message).count("channel_axis=") for w in caught if w.category is UserWarning] == [
        2
    ] * row.ambiguous
    assert order.count == len(row.shape)


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_a_picture_agrees_wherever_it_can_show_the_shape(row: Row) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if row.further and (row.names is None or "c" not in row.names):
            with pytest.raises(ValueError, match=r"channels must be|data must be one picture"):
                resolve_axis_order(row.shape, row.names, further=ONE_PICTURE)
        elif not row.further:
            found = resolve_axis_order(row.shape, row.names, further=ONE_PICTURE)
            assert found == resolve_axis_order(row.shape, row.names)


@pytest.mark.parametrize("row", [row for row in TABLE if len(row.shape) > 3], ids=name)
def test_stacks_of_more_than_three_axes_are_read_alike_by_every_verb(row: Row) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = resolve_axis_order(row.shape, row.names)
        for further in (STACK_OF_FRAMES, GRID_OF_PICTURES, QUILTED):
            if further.most is not None and len(row.further) > further.most:
                continue
            order = resolve_axis_order(row.shape, row.names, further=further)
            assert (order.rows, order.columns, order.channels) == (
                expected.rows,
                expected.columns,
                expected.channels,
            )
            assert set(expected.further) <= set(order.further)
            assert all(row.shape[axis] == 1 for axis in set(order.further) - set(expected.further))


PAIRS = [
    ("y", "x"),
    ("Y", "X"),
    ("yc", "xc"),
    ("y_c", "x_c"),
    ("image_y", "image_x"),
    ("lat", "lon"),
    ("latitude", "longitude"),
    ("Latitude", "Longitude"),
    ("rlat", "rlon"),
    ("nav_lat", "nav_lon"),
    ("latitude_bins", "longitude_bins"),
    ("south_north", "west_east"),
    ("row", "col"),
    ("rows", "columns"),
    ("line", "pixel"),
    ("height", "width"),
    ("northing", "easting"),
    ("projection_y_coordinate", "projection_x_coordinate"),
    ("eta_rho", "xi_rho"),
    ("dec", "ra"),
    ("j", "i"),
    ("nj", "ni"),
]


@pytest.mark.parametrize("further", ["time", "z", "k", "freq", "season"])
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_rows_and_columns_are_found_by_their_names_wherever_they_are(
    pair: tuple[str, str], further: str
) -> None:
    for dims in itertools.permutations((*pair, further)):
        shape = tuple(4 if name == further else 64 for name in dims)
        found = resolve_axis_order(shape, dims)
        spatial = sorted(dims.index(name) for name in pair)
        assert [found.rows, found.columns] == spatial  # in their own order
        assert (found.channels, found.further) == (None, (dims.index(further),))


@pytest.mark.parametrize(
    ("dims", "rows", "columns"),
    [
        (("lat", "lon", "height"), 0, 1),  # a height that is no side of a picture
        (("height", "y", "x"), 1, 2),
        (("y", "x", "lat", "lon"), 0, 1),
        (("y_stage", "x_stage", "row", "col"), 2, 3),
        (("x", "z", "t"), 0, 1),
        (("z", "x", "time"), 0, 1),
        (("time", "z", "x"), 1, 2),
        (("station", "depth", "time"), 0, 1),
        (("one", "other", "time"), 0, 1),
        (("time", "one", "other"), 1, 2),
    ],
)
def test_depth_and_time_are_the_last_to_be_rows_or_columns(
    dims: tuple[str, ...], rows: int, columns: int
) -> None:
    found = resolve_axis_order((7, 8, 9, 10)[: len(dims)], dims)
    assert (found.rows, found.columns) == (rows, columns)


@pytest.mark.parametrize("dtype", ["u1", "f4", "f8", "u2", "i4", "?"])
@pytest.mark.parametrize("name", ["c", "channel", "band", "rgb"])
def test_planes_of_deep_integers_along_c_are_no_colors(name: str, dtype: str) -> None:
    first = resolve_axis_order((3, 64, 48), (name, "y", "x"), dtype=np.dtype(dtype))
    last = resolve_axis_order((64, 48, 3), ("y", "x", name), dtype=np.dtype(dtype))
    assert last.channels == 2
    deep = name in ("c", "channel") and dtype in ("u2", "i4", "?")
    assert first.channels == (None if deep else 0)
    by_caller = resolve_axis_order((3, 64, 48), None, "cyx", dtype=np.dtype(dtype))
    assert by_caller.channels == 0


@pytest.mark.parametrize("name", ["c", "band"])
def test_two_channels_are_gray_and_alpha_only_as_samples(name: str) -> None:
    assert resolve_axis_order((64, 48, 2), ("y", "x", "s"), further=ONE_PICTURE).channels == 2
    with pytest.raises(ValueError, match=r"hold 2 along .* give channel_axis=2 if"):
        resolve_axis_order((64, 48, 2), ("y", "x", name), further=ONE_PICTURE)
    assert resolve_axis_order((64, 48, 2), None, None, 2, further=ONE_PICTURE).channels == 2
    assert resolve_axis_order((2, 64, 48), None, None, 0).names == ("channel",)


@pytest.mark.parametrize("dtype", ["u1", "u2"])
@pytest.mark.parametrize("name", ["c", "band", "rgb", "z"])
@pytest.mark.parametrize("length", [2, 3, 4, 5])
@pytest.mark.parametrize("axis", [0, 2])
def test_the_channel_axis_that_an_error_names_makes_one_picture(
    axis: int, length: int, name: str, dtype: str
) -> None:
    shape, names = [64, 48], ["y", "x"]
    shape.insert(axis, length)
    names.insert(axis, name)

    def find(given: int | None) -> int | str | None:
        try:
            return resolve_axis_order(
                tuple(shape),
                tuple(names),
                None,
                given,
                further=ONE_PICTURE,
                dtype=np.dtype(dtype),
            ).channels
        except ValueError as error:
            return str(error)

    found = find(None)
    if found != axis:
        colors = find(axis) == axis and name != "z"
        assert (f"give channel_axis={axis} if" in str(found)) is colors
        assert f"hold {length} along {name!r}" in str(found)


@pytest.mark.parametrize(
    ("shape", "names", "channels"),
    [
        ((3, 48, 3), ("y_c", "x_c", None), 2),
        ((3, 3, 48), (None, "y_c", "x_c"), 0),
        ((3, 64, 48), ("k", None, None), 0),
        ((64, 48, 3), (None, None, "k"), 2),
        ((3, 64, 48), ("time", None, None), None),
        ((5, 3, 64, 48), (None, "k", None, None), None),
        ((5, 3, 64, 48), ("k", None, None, None), 1),
    ],
)
def test_lengths_tell_channels_where_some_axes_have_no_name(
    shape: Any, names: Any, channels: int | None
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resolve_axis_order(shape, names).channels == channels


@pytest.mark.parametrize("shape", [(64, 3), (3, 64), (3, 3)])
def test_two_axes_have_no_channels_to_be_named(shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"channels must have an axis, but none of shape .*"):
        resolve_axis_order(shape, None, channels=3)


@pytest.mark.parametrize(
    ("shape", "names", "frames", "grid", "quilted"),
    [
        ((3, 64, 48), None, None, None, None),
        ((5, 64, 48), None, None, None, None),
        ((64, 48, 3), None, None, 2, None),
        ((64, 4, 3), None, None, None, None),
        ((3, 64, 48), ("band", "y", "x"), None, None, 0),
        ((64, 48, 3), ("y", "x", "band"), "error", 2, 2),
        ((64, 48, 3), ("lat", "lon", "time"), None, None, None),
    ],
)
def test_three_axes_are_a_stack_for_verbs_of_stacks(
    shape: Any, names: Any, frames: Any, grid: Any, quilted: Any
) -> None:
    verbs = ((STACK_OF_FRAMES, frames), (GRID_OF_PICTURES, grid), (QUILTED, quilted))
    for further, channels in verbs:
        if channels == "error":
            continue
        order = resolve_axis_order(shape, names, further=further)
        assert order.channels == channels
        assert len(order.further) == (channels is None)


@pytest.mark.parametrize(
    ("shape", "axes", "expected"),
    [
        ((64, 48, 5), "yxz", (0, 1, None, (2,))),
        ((64, 48, 5), "xyz", (1, 0, None, (2,))),
        ((3, 64, 48), "zyx", (1, 2, None, (0,))),
        ((3, 64, 48), "cyx", (1, 2, 0, ())),
        ((1, 64, 48), "tyx", (1, 2, None, (0,))),
        ((64, 48, 2), ("y", "x", "sample"), (0, 1, 2, ())),
        ((5, 64, 48), ("time", "lat", "lon"), (1, 2, None, (0,))),
    ],
)
def test_the_callers_names_count_more_than_any_guess(shape: Any, axes: Any, expected: Any) -> None:
    order = resolve_axis_order(shape, ("band", "y", "x"), axes)
    assert (order.rows, order.columns, order.channels, order.further) == expected
    assert not order.dropped


@pytest.mark.parametrize(
    ("axes", "error"),
    [
        ("zy", "axes must name each of the 3"),
        ("zzx", "a name of its own"),
        ("tzx", 'must hold "y" and "x"'),
        (3, "a letter for each axis"),
        (("c", "band", "x"), "and"),
    ],
)
def test_names_that_do_not_fit_are_named(axes: Any, error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error):
        resolve_axis_order((3, 5, 7), None, axes)


def test_a_channel_axis_is_believed_and_checked() -> None:
    order = resolve_axis_order((5, 3, 64, 48), None, None, 1)
    assert (order.channels, order.further) == (1, (0,))
    order = resolve_axis_order((5, 3, 64, 48), None, None, 0)
    assert (order.channels, order.further, order.names) == (None, (0, 1), ("channel", "axis 1"))
    with pytest.raises(ValueError, match=r"channels must be 1 to 8, but got 9"):
        resolve_axis_order((9, 3, 64, 48), None, None, 0)
    with pytest.raises(ValueError, match="channel_axis must be"):
        resolve_axis_order((5, 3, 64, 48), None, None, 4)
    with pytest.raises(ValueError, match="no axis of rows or columns"):
        resolve_axis_order((3, 64, 48), None, "zyx", 1)


def test_channels_that_are_laid_over_one_another_may_be_any_number() -> None:
    assert resolve_axis_order((7, 64, 48), channels=7).channels == 0
    assert resolve_axis_order((5, 3, 64, 48), channels=5).channels == 0
    assert resolve_axis_order((7, 64, 48), ("c", "y", "x"), channels=7).channels == 0
    with pytest.raises(ValueError, match="none of shape"):
        resolve_axis_order((7, 64, 48), channels=6)
    with pytest.raises(ValueError, match="channels must be 7"):
        resolve_axis_order((7, 64, 48), ("c", "y", "x"), channels=6)


@pytest.mark.parametrize("row", TABLE, ids=name)
def test_a_part_of_a_plane_is_that_of_the_whole(row: Row) -> None:
    array = np.arange(np.prod(row.shape)).reshape(row.shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        order = resolve_axis_order(row.shape, row.names)
    kept = [order.rows, order.columns, *([] if order.channels is None else [order.channels])]
    whole = array.transpose([*order.dropped, *order.further, *kept])
    index = tuple(row.shape[axis] - 1 for axis in order.further)
    plane = whole[(*[0] * len(order.dropped), *index)]
    plane = plane[..., 0] if plane.ndim == 3 and plane.shape[2] == 1 else plane
    box = Box(1, 3, 0, 2)
    np.testing.assert_array_equal(
        order.as_plane(array[order.select(box, index)]), plane[box.slices]
    )
    letters = order.letters
    assert sorted(map(str, letters)) == sorted(
        ["x", "y"]
        + [":"] * (order.channels is not None)
        + ["0"] * len(order.dropped)
        + [str(i) for i in range(len(order.further))]
    )


def test_one_picture_that_is_no_stack_of_frames_is_told_the_verb_that_shows_it() -> None:
    for dtype in (np.uint8, float):
        with pytest.raises(ValueError, match=r"\(30, 40\): nbimage\(data\) shows one picture"):
            Video(np.zeros((30, 40), dtype))
