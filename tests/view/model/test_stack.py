"""`View` of any number of axes: which is what, in which order, and what they are called."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from hypothesis import given, settings
from hypothesis import strategies as st

from nbimage import Picture, Video, View, frames
from tests.view.test_explorer import fallback, read_config, read_display, values

SIZES = {"t": 2, "z": 5, "y": 6, "x": 7, "c": 3}
HYPERSTACK = np.arange(2 * 5 * 6 * 7 * 3, dtype=np.uint16).reshape(*SIZES.values())
fewer = settings(max_examples=40)


def names(config: dict[str, Any]) -> list[str]:
    return [axis["name"] for axis in config["axes"]]


# ----------------------------------------------------------------------------- axes=


@fewer
@given(st.permutations("tzyxc"))
def test_whatever_the_order_of_the_axes_the_page_holds_the_same_planes(order: list[str]) -> None:
    array = HYPERSTACK.transpose(["tzyxc".index(name) for name in order])
    config = read_config(View(array, axes="".join(order)))
    further = [name for name in order if name in "tz"]
    assert names(config) == further
    expected = HYPERSTACK if further == ["t", "z"] else HYPERSTACK.swapaxes(0, 1)
    np.testing.assert_array_equal(values(config), expected)


@fewer
@given(st.permutations("tzyxc"), st.data())
def test_the_order_says_where_a_value_of_the_page_is_in_the_array(
    order: list[str], drawn: st.DataObject
) -> None:
    array = HYPERSTACK.transpose(["tzyxc".index(name) for name in order])
    config = read_config(View(array, axes=order))
    held = values(config)
    at = [drawn.draw(st.integers(0, size - 1)) for size in held.shape]
    *plane, row, column, channel = at
    place = {"y": row, "x": column, ":": channel} | dict(enumerate(plane))
    own = tuple(place[role] for role in config["order"])
    assert array[own] == held[tuple(at)]


@fewer
@given(st.permutations("tzyxc"), st.data())
def test_the_plane_to_begin_with_is_the_one_that_stands_without_scripts(
    order: list[str], drawn: st.DataObject
) -> None:
    array = HYPERSTACK.transpose(["tzyxc".index(name) for name in order])
    place = {name: drawn.draw(st.integers(0, SIZES[name] - 1)) for name in "tz"}
    view = View(array, axes="".join(order), state={"index": place})
    plane = HYPERSTACK[place["t"], place["z"]]
    expected = Picture(plane, 0, int(HYPERSTACK.max()), channel_axis=-1).pixels
    np.testing.assert_array_equal(fallback(view), expected)
    assert view.state["index"] == place
    assert read_config(view)["state"]["index"] == [place[name] for name in order if name in "tz"]


def test_names_of_axes_may_be_letters_or_words_of_any_case() -> None:
    for axes in ("TYX", ["time", "y", "x"], ("time", "lat", "lon")):
        config = read_config(View(HYPERSTACK[:, 0, :, :, 0], axes=axes))
        assert config["order"] == [0, "y", "x"]
        assert names(config) == [axes[0]]


@pytest.mark.parametrize("axes", ["tyxc", "tyxs", "TYXS", ["t", "y", "x", "rgb"]])
def test_channels_have_several_names(axes: Any) -> None:
    array = HYPERSTACK[:, 0]
    np.testing.assert_array_equal(values(read_config(View(array, axes=axes))), array)


def test_the_samples_of_a_pixel_are_its_colors_and_channels_beside_them_a_slider() -> None:
    config = read_config(View(HYPERSTACK[:, 0], axes="CYXS"))
    assert names(config) == ["C"]
    assert config["order"] == [0, "y", "x", ":"]


def test_an_axis_named_for_three_channels_needs_no_other_sign() -> None:
    gray = np.moveaxis(HYPERSTACK[0], -1, 0)  # 3 of 5 planes
    assert read_config(View(gray, axes="czyx"))["order"] == [":", 0, "y", "x"]
    assert read_config(View(gray, axes="tzyx"))["order"] == [0, 1, "y", "x"]


# ----------------------------------------------------------------------------- without


@pytest.mark.parametrize(
    ("shape", "options", "order"),
    [
        ((6, 7), {}, ["y", "x"]),
        ((6, 7, 3), {}, ["y", "x", ":"]),
        ((1, 6, 7), {}, [":", "y", "x"]),
        ((1, 1, 6, 7), {}, ["0", ":", "y", "x"]),
        ((1, 6, 7, 3), {}, ["0", "y", "x", ":"]),
        ((5, 6, 7, 1), {}, [0, "y", "x", ":"]),
        ((2, 3, 4, 6, 7), {}, [0, 1, ":", "y", "x"]),
        ((3, 6, 7), {}, [":", "y", "x"]),
        ((6, 3, 7), {"channel_axis": 1}, ["y", ":", "x"]),
        ((5, 6, 7), {}, [0, "y", "x"]),
        ((2, 6, 7, 3), {}, [0, "y", "x", ":"]),
        ((2, 3, 6, 7), {}, [0, ":", "y", "x"]),
        ((2, 5, 6, 7), {}, [0, 1, "y", "x"]),
        ((3, 5, 6, 7), {"channel_axis": 0}, [":", 0, "y", "x"]),
        ((2, 3, 5, 6, 7), {}, [0, 1, 2, "y", "x"]),
        ((5, 6, 7), {"axes": "cyx"}, [":", "y", "x"]),
        ((5, 6, 7), {"axes": "cyx", "channels": False}, [0, "y", "x"]),
        ((2, 3, 5, 6, 7), {"channel_axis": 1}, [0, ":", 1, "y", "x"]),
        ((2, 5, 6, 7, 3), {}, [0, 1, "y", "x", ":"]),
    ],
)
def test_lengths_tell_channels_from_what_is_gone_along(
    shape: tuple[int, ...], options: dict[str, Any], order: list[Any]
) -> None:
    config = read_config(View(np.zeros(shape), **options))
    assert config["order"] == order
    named = options.get("axes") or [f"axis {axis}" for axis in range(len(order))]
    assert names(config) == [named[axis] for axis, role in enumerate(order) if role in range(9)]


def test_a_stack_that_fits_two_layouts_is_taken_with_a_warning() -> None:
    with pytest.warns(UserWarning, match=r"channel_axis=1 to keep that silently.*channel_axis=-1"):
        View(np.zeros((5, 3, 6, 3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        View(np.zeros((5, 3, 6, 3)), channel_axis=3)


def test_labelled_axes_keep_their_names_units_and_labels() -> None:
    days = np.datetime64("2024-02-28") + np.arange(2)
    field = xarray.DataArray(
        HYPERSTACK[..., 0],
        dims=("time", "level", "y", "x"),
        coords={"time": days, "level": ("level", [850, 500, 300, 200, 100.5], {"units": "hPa"})},
    )
    config = read_config(View(field))
    assert config["axes"] == [
        {"name": "time", "size": 2, "labels": ["2024-02-28", "2024-02-29"]},
        {"name": "level [hPa]", "size": 5, "labels": ["850", "500", "300", "200", "100.5"]},
    ]
    np.testing.assert_array_equal(values(config), HYPERSTACK[..., 0])


def test_labelled_axes_of_no_colors_name_are_no_channels_whatever_their_length() -> None:
    members = xarray.DataArray(HYPERSTACK[:, :3, ..., 0], dims=("time", "member", "lat", "lon"))
    assert read_config(View(members))["order"] == [0, 1, "y", "x"]
    bands = members.rename(member="band")
    assert read_config(View(bands))["order"] == [0, ":", "y", "x"]
    assert read_config(View(bands.transpose("band", ...)))["order"] == [":", 0, "y", "x"]


def test_names_that_nobody_gave_are_not_shown() -> None:
    assert names(read_config(View(xarray.DataArray(np.zeros((5, 6, 7)))))) == ["axis 0"]


def test_rows_and_columns_keep_their_coordinates_when_they_are_moved() -> None:
    field = xarray.DataArray(
        HYPERSTACK[:, 0, :, :, 0],
        dims=("time", "lat", "lon"),
        coords={"lat": np.arange(6) * 0.5, "lon": ("lon", np.arange(7) + 10.0, {"units": "°E"})},
    ).transpose("lon", "time", "lat")
    config = read_config(View(field, axes="xty"))
    (image,) = config["images"]
    assert image["lower"]
    np.testing.assert_array_equal(values(config), HYPERSTACK[:, 0, ::-1, :, 0])
    assert image["x"] == {"label": "lon", "unit": "°E", "first": 10, "step": 1}
    assert image["y"] == {"label": "lat", "unit": "", "first": 2.5, "step": -0.5}


# ------------------------------------------------------------------------ facets, volumes


def test_a_facet_axis_is_found_by_its_name_or_number() -> None:
    for facet in ("z", 1, -3):
        config = read_config(View(HYPERSTACK[..., 0], axes="tzyx", facet=facet, columns=3))
        assert (config["layout"], config["facet"], config["columns"]) == ("facet", 1, 3)
        assert config["state"]["index"] == [0, 0]


def test_facets_stand_with_their_labels_where_scripts_do_not_run() -> None:
    heights = xarray.DataArray(
        HYPERSTACK[..., 0], dims=("t", "z", "y", "x"), coords={"z": np.arange(5) * 10}
    )
    view = View(heights, facet="z", state={"index": {"t": 1}})
    assert view.picture.titles == tuple(f"z {10 * i}" for i in range(5))
    for shown, plane in zip(view.picture.pictures, HYPERSTACK[1, ..., 0], strict=True):
        low, high = HYPERSTACK[..., 0].min(), HYPERSTACK[..., 0].max()
        np.testing.assert_array_equal(shown.pixels, Picture(plane, int(low), int(high)).pixels)


@pytest.mark.parametrize(("axes", "depth"), [("tzyx", "z"), ("ztyx", "z"), ("abyx", "b")])
def test_a_volumes_depth_is_the_last_axis_of_the_page(axes: str, depth: str) -> None:
    array = HYPERSTACK[..., 0]
    config = read_config(View(array, axes=axes, ortho=True))
    assert config["layout"] == "ortho"
    assert names(config)[-1] == depth
    expected = array if axes[1] == depth else array.swapaxes(0, 1)
    np.testing.assert_array_equal(values(config), expected)
    assert config["order"] == [names(config).index(axes[0]), names(config).index(axes[1]), "y", "x"]


@pytest.mark.parametrize(
    ("z", "x", "options", "spacing"),
    [
        ((np.arange(5) * 2.5, "µm"), (np.arange(7) * 0.5, "µm"), {}, 5),
        ((np.arange(5) * -2.5, ""), (np.arange(7) * 0.5, "µm"), {}, 5),
        ((np.arange(5) * 2.5, "mm"), (np.arange(7) * 0.5, "µm"), {}, 1),
        ((np.arange(5) ** 2, "µm"), (np.arange(7), "µm"), {}, 1),
        ((list("abcde"), "µm"), (np.arange(7), "µm"), {}, 1),
        ((np.arange(5) * 2.5, "µm"), (np.arange(7) * 0.5, "µm"), {"spacing": 3}, 3),
    ],
)
def test_the_spacing_of_a_volume_is_that_of_its_coordinates(
    z: Any, x: Any, options: dict[str, Any], spacing: float
) -> None:
    volume = xarray.DataArray(
        HYPERSTACK[0, ..., 0],
        dims=("z", "y", "x"),
        coords={"z": ("z", z[0], {"units": z[1]}), "x": ("x", x[0], {"units": x[1]})},
    )
    assert read_config(View(volume, ortho=True, **options))["spacing"] == spacing


# ----------------------------------------------------------------------------- channels=


def integer_rule(channels: np.ndarray, colors: list[tuple[int, int, int]]) -> np.ndarray:
    """The sum of each channel's bins in its color, as it is written down for the page."""
    bins = np.stack([Picture(channel).pixels for channel in channels]).astype(int)
    total = sum(
        (np.array(c) * b[..., None] + 127) // 255 for b, c in zip(bins, colors, strict=True)
    )
    return np.minimum(total, 255)


FIELDS = np.random.default_rng(8).normal(size=(2, 4, 6, 7)).astype(np.float32)


def test_channels_are_laid_over_one_another_each_in_its_limits_and_color() -> None:
    wanted = {"DAPI": "blue", "GFP": None, "RFP": (255, 128, 0), "far": "#808080"}
    robust = np.percentile(FIELDS[0].astype(float), (2, 98), axis=(1, 2))
    shown = read_display(View(FIELDS[0], channels=wanted))
    np.testing.assert_allclose([shown[end] for end in ("vmin", "vmax")], robust, rtol=1e-6)
    view = View(FIELDS[0], channels=wanted, contrast="minmax")
    config = read_config(view)
    (image,) = config["images"]
    assert image["kind"] == "composite"
    colors = [(0, 0, 255), (0, 255, 0), (255, 128, 0), (128, 128, 128)]
    assert [(part["name"], tuple(part["color"])) for part in image["colors"]] == list(
        zip(wanted, colors, strict=True)
    )
    np.testing.assert_array_equal(values(config), np.moveaxis(FIELDS[0], 0, -1))
    lows, highs = FIELDS[0].min(axis=(1, 2)).tolist(), FIELDS[0].max(axis=(1, 2)).tolist()
    assert (read_display(view)["vmin"], read_display(view)["vmax"]) == (lows, highs)
    assert read_display(view)["on"] == [True] * 4
    assert image["extent"] == [list(pair) for pair in zip(lows, highs, strict=True)]
    np.testing.assert_array_equal(fallback(view), integer_rule(FIELDS[0], colors))


@pytest.mark.parametrize(
    ("axes", "options"),
    [
        ("tcyx", {}),
        ("ctyx", {"axes": "ctyx"}),
        ("yxtc", {"axes": "yxtc"}),
        ("tyxc", {}),
        ("ytxc", {"axes": ("y", "t", "x", "stain")}),
        ("yctx", {"axes": "yqtx", "channel_axis": 1}),
    ],
)
def test_channels_are_found_by_name_or_length_wherever_they_are(
    axes: str, options: dict[str, Any]
) -> None:
    array = FIELDS.transpose(["tcyx".index(name) for name in axes])
    config = read_config(View(array, channels=list("abcd"), **options))
    np.testing.assert_array_equal(values(config), np.moveaxis(FIELDS, 1, -1))
    ends = config["images"][0]["extent"]
    assert ends == [[float(f.min()), float(f.max())] for f in np.moveaxis(FIELDS, 1, 0)]


def test_names_with_colors_may_be_a_list() -> None:
    view = View(FIELDS[0, :2], channels=[("a", "red"), "b"])
    assert [p["color"] for p in read_config(view)["images"][0]["colors"]] == [
        [255, 0, 0],
        [255, 0, 255],
    ]


def test_one_limit_is_for_all_channels_and_several_are_for_one_each() -> None:
    shown = read_display(View(FIELDS[0], 0, [1, 2, 3, 4], channels=list("abcd")))
    assert (shown["vmin"], shown["vmax"]) == ([0] * 4, [1, 2, 3, 4])


def test_small_whole_numbers_are_shown_as_they_are() -> None:
    bytes_ = np.random.default_rng(1).integers(0, 256, (2, 6, 7), np.uint8)
    view = View(bytes_, channels={"a": "red", "b": "blue"})
    assert read_display(view)["vmax"] == [256, 256]
    expected = np.stack([bytes_[0], np.zeros_like(bytes_[0]), bytes_[1]], axis=2)
    np.testing.assert_array_equal(fallback(view), expected)


def test_what_is_missing_in_one_channel_adds_nothing_and_in_all_is_transparent() -> None:
    holes = FIELDS[0, :2].copy()
    holes[0, 0, :2] = np.nan
    masked = np.ma.masked_invalid(np.stack([holes[0], FIELDS[0, 1]]))
    masked[1, 0, 0] = np.ma.masked
    view = View(masked, channels={"a": "red", "b": "lime"})
    shown = fallback(view)
    assert shown[0, 0, 3] == 0
    assert shown[0, 1, 0] == 0
    assert (shown.reshape(-1, 4)[1:, 3] == 255).all()
    np.testing.assert_array_equal(
        np.isnan(values(read_config(view))), np.moveaxis(masked.mask, 0, -1)
    )


@pytest.mark.parametrize("embed", [True, False])
def test_a_video_file_says_its_times_and_plays_as_recorded(tmp_path: Path, embed: bool) -> None:
    stack = np.zeros((8, 16, 16), np.uint8)
    (clip,) = Video(stack, fps=25).save(tmp_path / "clip.mp4")
    for data in (clip, frames(clip)):
        view = View(data, embed=embed)
        (image,) = view.model.images
        assert image.stack.names == ("time [s]",)
        assert image.stack.labels(0)[:3] == ["0", "0.04", "0.08"]
        assert view.model.config["state"]["fps"] == 25
    assert View(clip, fps=5).model.config["state"]["fps"] == 5
    assert View(stack).model.config["state"]["fps"] == 10


@pytest.mark.parametrize(("step", "unit", "fps"), [(0.5, "s", 2), (3600, "s", 10), (0.5, "d", 10)])
def test_an_axis_in_seconds_is_played_as_recorded(step: float, unit: str, fps: float) -> None:
    times = ("t", np.arange(4) * step, {"units": unit})
    stack = xarray.DataArray(np.zeros((4, 5, 6)), {"t": times}, ("t", "y", "x"))
    assert View(stack).model.config["state"]["fps"] == fps
