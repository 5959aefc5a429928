"""What a view says of an array is the same whether the page holds it or asks for tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, View, open_pyramid
from nbimage.base.chunked import Array
from tests.kinds import KINDS

xarray = pytest.importorskip("xarray")
both = pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])


def single(view: View) -> Picture:
    assert isinstance(view.picture, Picture)
    return view.picture


def latitudes(rows: int = 40, columns: int = 30) -> Any:
    return xarray.DataArray(
        np.arange(3.0 * rows * columns).reshape(3, rows, columns),
        dims=("time", "lat", "lon"),
        coords={
            "time": np.array(["2001", "2002", "2003"], "datetime64[ns]"),
            "lat": ("lat", np.linspace(10, 49, rows), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(columns) * 0.5, {"units": "degrees_east"}),
        },
        name="air",
        attrs={"units": "K"},
    )


@both
def test_one_large_sample_of_a_small_stack_is_in_the_limits(embed: bool) -> None:
    stack = np.random.default_rng(0).normal(size=(40, 300, 400)).astype(np.float32)
    stack[17, 3, 4] = 99
    config = View(stack, embed=embed).model.config
    (display,), (image,) = config["state"]["displays"], config["images"]
    assert (display["vmin"], display["vmax"]) == ([float(stack.min())], [99.0])
    assert image["extent"] == [[float(stack.min()), 99.0]]


@both
@pytest.mark.parametrize("shape", [(60, 50), (900, 1300), (2, 900, 1300), (900, 1300, 3)])
def test_the_description_is_that_of_the_array(embed: bool, shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    view = View(array, embed=embed)
    first = array if shape[0] != 2 else array[0]
    low, high = float(array.min()), float(array.max())
    assert single(view).description == Picture(first, low, high).description
    stack = view.model.images[0].stack
    assert f", {stack.rows} × {stack.columns}, " in view.model.config["alt"]
    assert "×".join(map(str, first.shape)) in repr(view)


def test_of_an_array_that_nobody_has_read_the_values_are_said_to_be_sampled() -> None:
    strides = np.lib.stride_tricks.as_strided(np.full(1, 7, np.uint16), (20000, 20000), (0, 0))
    view = View(strides)
    assert view.model.tiled
    for text in (repr(view), single(view).description):
        assert "20000×20000 uint16, gray, sampled values 7 to 7" in text
    alt = view.model.config["alt"]
    assert alt == "Gray picture, 20000 × 20000, sampled values from 7 to 7."


def test_limits_of_a_large_array_are_those_of_samples_not_of_means() -> None:
    array = np.random.default_rng(0).normal(size=(5000, 5000)).astype(np.float32)
    (display,) = View(array).model.config["state"]["displays"]
    assert display["vmin"][0] < -4.8
    assert display["vmax"][0] > 4.8


@both
@pytest.mark.parametrize("kind", ["datetime64[D]", "timedelta64[s]", "datetime64[ns]"])
def test_dates_are_dates(embed: bool, kind: str) -> None:
    array = np.arange(60 * 50).reshape(60, 50).astype(kind)
    array[3, 4] = "NaT"
    view = View(array, embed=embed)
    assert single(view).description == Picture(array).description
    assert kind in repr(view)
    with open_pyramid(array) as pyramid:
        assert Picture(pyramid).description == Picture(array).description


@both
def test_increasing_latitudes_begin_at_the_bottom(embed: bool) -> None:
    data = latitudes()
    view = View(data, embed=embed)
    assert single(view).lower
    assert view.model.config["images"][0]["lower"]
    low, high = float(data.min()), float(data.max())
    np.testing.assert_array_equal(single(view).pixels, Picture(data[0], low, high).pixels)


COMPOSITES: list[tuple[tuple[int, ...], int, tuple[int, ...]]] = [
    ((2, 3, 40, 30), 2, (3,)),
    ((2, 3, 40, 30), 3, (2,)),
    ((2, 40, 30, 3), 2, (3,)),
    ((2, 40, 30, 3), 3, (2,)),
    ((5, 4, 40, 30), 5, (4,)),
    ((7, 40, 30), 7, ()),
]


@both
@pytest.mark.parametrize(("shape", "count", "sizes"), COMPOSITES)
@pytest.mark.parametrize("kind", ["memory", "npy"])
def test_channels_may_lie_along_any_axis(
    kind: str,
    shape: tuple[int, ...],
    count: int,
    sizes: tuple[int, ...],
    embed: bool,
    tmp_path: Path,
) -> None:
    array: Array = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    data: Any = array
    if kind == "npy":
        data = tmp_path / "a.npy"
        np.save(data, array)
    (image,) = View(data, channels=[str(i) for i in range(count)], embed=embed).model.images
    assert (image.stack.rows, image.stack.columns) == (40, 30)
    assert (image.kind, image.stack.sizes, image.stack.channels) == ("composite", sizes, count)


# A level of a pyramid is an array with all that is known of it


def test_the_largest_level_has_the_metadata_of_the_image() -> None:
    with open_pyramid(latitudes()) as pyramid:
        level = pyramid.levels[0]
        with open_pyramid(level) as again:
            assert again.metadata.label == "air [K]"
            assert again.axes == (("time", 3),)
            time, rows, columns = again.metadata.coordinates
        assert time is not None and rows is not None and columns is not None
        assert time.values is not None and time.values.dtype.kind == "M"
        assert rows.upward
        assert (rows.unit, columns.unit) == ("degrees_north", "degrees_east")
        for embed in (True, False):
            config = View(level, embed=embed).model.config
            expected = View(latitudes(), embed=embed).model.config
            assert config["axes"] == expected["axes"]
            for key in ("lower", "x", "y", "label", "unit"):
                assert config["images"][0][key] == expected["images"][0][key]
        assert len(Grid(level).pictures) == 3


def test_a_picture_of_a_level_stands_upright_with_coordinates_of_its_pixels() -> None:
    data = latitudes()[0]
    with open_pyramid(data) as pyramid:
        whole, half = (Picture(pyramid.levels[number]) for number in (0, 1))
    expected = Picture(data)
    assert whole.lower and half.lower
    np.testing.assert_array_equal(whole.pixels, expected.pixels)
    assert (whole.figure.x, whole.figure.y) == (expected.figure.x, expected.figure.y)
    np.testing.assert_array_equal(half.pixels, Picture(data.coarsen(lat=2, lon=2).mean()).pixels)
    with open_pyramid(data) as pyramid, open_pyramid(pyramid.levels[1]) as again:
        rows, columns = again.metadata.coordinates
        assert rows is not None and columns is not None
        assert rows.line == pytest.approx((10.5, 2.0))
        assert columns.line == pytest.approx((0.25, 1.0))


def test_colors_of_a_level_are_no_guess() -> None:
    array = np.random.default_rng(0).integers(0, 256, (3, 40, 3, 3), dtype=np.uint8)
    with open_pyramid(array, axes=("t", "y", "x", "s")) as pyramid:
        with open_pyramid(pyramid.levels[0]) as again:
            assert (again.axes, again.channels) == ((("t", 3),), 3)
        for embed in (True, False):
            (image,) = View(pyramid.levels[0], embed=embed).model.images
            assert (image.kind, image.stack.sizes) == ("color", (3,))


def test_a_level_has_the_channels_and_the_pixels_of_its_file(tmp_path: Path) -> None:
    path, content = KINDS["OME-TIFF, channels"].make(tmp_path)
    with open_pyramid(path) as pyramid:
        whole, half = pyramid.levels[:2]
        for embed in (True, False):
            image, display = shown(View(path, embed=embed))
            assert (image, display) == shown(View(whole, embed=embed))
            assert [one["name"] for one in image["colors"]] == list(content.channel_names)
            assert shown(View(half, embed=embed))[0]["x"]["step"] == 2 * image["x"]["step"]
        of_file, of_level = Picture(path), Picture(whole)
        assert of_level.description == of_file.description
        assert of_level.figure.scale_bar == of_file.figure.scale_bar
        np.testing.assert_array_equal(of_level.pixels, of_file.pixels)
        (cell,) = Grid([whole]).pictures
        np.testing.assert_array_equal(cell.pixels, of_file.pixels)


def shown(view: View) -> tuple[Any, Any]:
    config = view.model.config
    ((image,), (display,)) = config["images"], config["state"]["displays"]
    return {key: image[key] for key in ("colors", "x", "y", "kind", "label", "full")}, display


@pytest.mark.parametrize("shape", [(1, 40, 30), (3, 40, 30), (2, 3, 40, 30), (5, 1, 40, 30, 3)])
def test_a_readout_has_the_indices_of_the_files_own_array(
    shape: tuple[int, ...], tmp_path: Path
) -> None:
    array = np.arange(np.prod(shape), dtype=np.uint16).reshape(shape)
    np.save(tmp_path / "a.npy", array)
    for data in (tmp_path / "a.npy", array):
        orders = [View(data, embed=embed).model.config["order"] for embed in (True, False)]
        assert orders[0] == orders[1]
        assert len(orders[0]) == len(shape)


def test_bytes_of_which_some_are_missing_are_as_they_are_in_a_level(tmp_path: Path) -> None:
    path, _ = KINDS["COG, colors with a mask"].make(tmp_path)
    with open_pyramid(path) as pyramid:
        np.testing.assert_array_equal(Picture(pyramid.levels[0]).pixels, Picture(path).pixels)
