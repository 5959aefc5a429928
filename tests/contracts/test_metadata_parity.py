"""Labelled data keep orientation, labels, unit and missing values whichever way they are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import Grid, Picture, Video, open_pyramid, write_dzi, write_ome_zarr, write_tiff
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.view.explorer import View
from nbimage.view.model.open_image import open_stack
from nbimage.view.model.stack import on_host
from nbimage.view.model.tiled_image import TiledStack
from tests.optional import zarr

xarray = pytest.importorskip("xarray")
tifffile = pytest.importorskip("tifffile")
pytest.importorskip("dask.array")

ROWS, COLUMNS, MISSING = 37, 24, -999
DATES = ["2024-02-28", "2024-02-29", "2024-03-01"]


def samples() -> Array:
    """Return whole numbers, some of them missing, none like its neighbour."""
    found = (np.arange(3 * ROWS * COLUMNS, dtype=np.int16) % 211).reshape(3, ROWS, COLUMNS)
    found[:, 5, 7] = MISSING
    found[1, :4, :3] = MISSING
    return found


def labelled(folder: Path | None = None) -> Any:
    """Return temperatures over increasing latitudes."""
    return xarray.DataArray(
        samples(),
        dims=("time", "lat", "lon"),
        coords={
            "time": np.array(DATES, "datetime64[ns]"),
            "lat": ("lat", np.linspace(10.0, 46.0, ROWS), {"units": "degrees_north"}),
            "lon": ("lon", np.arange(COLUMNS) * 0.5, {"units": "degrees_east"}),
        },
        name="air",
        attrs={"long_name": "air temperature", "units": "K", "missing_value": MISSING},
    )


def in_chunks(folder: Path) -> Any:
    return labelled().chunk({"time": 1, "lat": 10, "lon": 10})


def zarr_file(version: int, folder: Path) -> Path:
    path = folder / f"air{version}.zarr"
    labelled().to_dataset().to_zarr(path, zarr_format=version, consolidated=False)
    return path


def zarr_2(folder: Path) -> Path:
    return zarr_file(2, folder)


def zarr_3(folder: Path) -> Path:
    return zarr_file(3, folder)


def zarr_array_in_its_folder(folder: Path) -> Path:
    return zarr_file(3, folder) / "air"


def zarr_array(folder: Path) -> Any:
    return zarr.open_group(zarr_file(2, folder), mode="r")["air"]


SOURCES: list[Callable[[Path], Any]] = [
    labelled,
    in_chunks,
    zarr_2,
    zarr_3,
    zarr_array_in_its_folder,
    zarr_array,
]
both = pytest.mark.parametrize("embed", [True, False], ids=["embedded", "tiled"])
each = pytest.mark.parametrize("source", SOURCES, ids=lambda make: make.__name__)


@each
@both
def test_a_view_keeps_all_that_is_said(
    source: Callable[[Path], Any], embed: bool, tmp_path: Path
) -> None:
    config = View(source(tmp_path), 0, 211, embed=embed).model.config
    (image,) = config["images"]
    assert image["lower"] is True
    assert (image["label"], image["unit"]) == ("air temperature [K]", "K")
    assert image["x"] == {"label": "lon", "unit": "degrees_east", "first": 0.0, "step": 0.5}
    assert image["y"] == {"label": "lat", "unit": "degrees_north", "first": 46.0, "step": -1.0}
    assert config["axes"] == [{"name": "time", "size": 3, "labels": DATES}]
    assert image["kind"] == "gray"


@each
@both
def test_a_view_begins_with_the_same_picture(
    source: Callable[[Path], Any], embed: bool, tmp_path: Path
) -> None:
    expected = Picture(labelled()[2], 0, 211, title="", x=False, y=False, colorbar=False)
    view = View(source(tmp_path), 0, 211, embed=embed, state={"index": {"time": 2}})
    assert isinstance(view.picture, Picture)
    np.testing.assert_array_equal(view.picture.render(), expected.render())
    assert view.picture.description == expected.description


@pytest.mark.parametrize("chunks", [None, 10], ids=["memory", "dask"])
def test_deep_zoom_tiles_stand_upright(chunks: int | None, tmp_path: Path) -> None:
    field = labelled()[2].fillna(0)
    given = field if chunks is None else field.chunk(chunks)
    write_dzi(given, tmp_path / "a.dzi", format="png", vmin=0, vmax=211, resume=True)
    expected = Picture(field, 0, 211)
    assert expected.lower
    np.testing.assert_array_equal(Picture(tmp_path / "a.dzi").render(), expected.render())


@each
def test_tiles_stand_upright_and_have_nan_where_values_are_missing(
    source: Callable[[Path], Any], tmp_path: Path
) -> None:
    stack = open_stack(source(tmp_path), None, None, None, False)
    assert isinstance(stack, TiledStack)
    expected = np.where(samples() == MISSING, np.nan, samples())[:, ::-1]
    for index in range(3):
        found = stack.read(0, Box(3, 31, 2, 20), (index,))
        np.testing.assert_array_equal(found, expected[index, 3:31, 2:20])
    half = stack.read(1, Box(0, 2, 0, 2), (0,))
    means = expected[0, :4, :4].reshape(2, 2, 2, 2).mean(axis=(1, 3))
    np.testing.assert_array_equal(half, means)
    limits = list(stack.planes())
    assert all(on_host(part, None)[0].dtype == np.int16 for part in limits)
    assert min(int(np.ma.array(part.array, mask=part.mask).min()) for part in limits) == 0


@each
@both
def test_missing_values_count_for_no_limits(
    source: Callable[[Path], Any], embed: bool, tmp_path: Path
) -> None:
    config = View(source(tmp_path), embed=embed).model.config
    (display,) = config["state"]["displays"]
    assert min(display["vmin"]) == 0


@each
def test_a_pyramid_has_the_metadata(source: Callable[[Path], Any], tmp_path: Path) -> None:
    with open_pyramid(source(tmp_path)) as pyramid:
        assert pyramid.axes == (("time", 3),)
        assert pyramid.metadata.label == "air temperature [K]"
        assert (pyramid.metadata.name, pyramid.metadata.unit) == ("air temperature", "K")
        time, rows, columns = pyramid.metadata.coordinates
        assert time is not None and rows is not None and columns is not None
        assert time.values is not None and time.values.dtype.kind == "M"
        assert rows.upward and not columns.upward
        assert (rows.unit, columns.unit) == ("degrees_north", "degrees_east")
        part = pyramid.read(0, slice(5, 6), slice(6, 9), (0,))  # rows as the array has them
        np.testing.assert_array_equal(part, [[samples()[0, 5, 6], np.nan, samples()[0, 5, 8]]])


@pytest.mark.parametrize("source", [labelled, in_chunks, zarr_array], ids=lambda f: f.__name__)
def test_pictures_grids_and_videos_agree(source: Callable[[Path], Any], tmp_path: Path) -> None:
    data = source(tmp_path)
    plain = labelled()
    pictures = [Picture(plain[i], 0, 211) for i in range(3)]
    assert pictures[0].lower
    grid = Grid(data, vmin=0, vmax=211)
    for own, picture, date in zip(grid.pictures, pictures, DATES, strict=True):
        assert isinstance(own, Picture) and own.lower
        np.testing.assert_array_equal(own.render(), picture.render())
        assert date in grid.html
    assert "air temperature [K]" in grid.html
    assert "air temperature [K]" in Video(data, 0, 211).html


@pytest.mark.parametrize("chunked", [False, True])
def test_one_time_alone_is_told_in_the_title(chunked: bool, tmp_path: Path) -> None:
    data = labelled()[1:2]
    data = data.chunk({"lat": 10}) if chunked else data
    assert "time = 2024-02-29" in Picture(data).alt
    with open_pyramid(data) as pyramid:
        assert pyramid.axes == ()
        assert pyramid.metadata.title == "time = 2024-02-29"


def test_packed_values_of_a_zarr_file_are_unpacked(tmp_path: Path) -> None:
    packed = labelled().where(labelled() != MISSING).to_dataset()
    del packed.air.attrs["missing_value"]
    packed.to_zarr(
        tmp_path / "a.zarr",
        zarr_format=3,
        consolidated=False,
        encoding={
            "air": {"dtype": "int16", "scale_factor": 0.5, "add_offset": 1.0, "_FillValue": -1}
        },
    )
    expected = np.where(samples() == MISSING, np.nan, samples())
    with open_pyramid(tmp_path / "a.zarr") as pyramid:
        np.testing.assert_allclose(pyramid.read(0, index=(1,)), expected[1], atol=0.26)
        again = xarray.open_zarr(tmp_path / "a.zarr", consolidated=False).air.values
        np.testing.assert_allclose(pyramid.read(0, index=(1,)), again[1])


def test_fills_of_single_bands_stay_theirs_in_chunks_too() -> None:
    data = xarray.DataArray(
        np.arange(2 * 5 * 7, dtype=np.uint8).reshape(2, 5, 7),
        dims=("band", "y", "x"),
        coords={"band": [1, 2]},
        attrs={"nodatavals": (3, 40)},
    )
    with open_pyramid(data) as plain, open_pyramid(data.chunk({"y": 2})) as chunked:
        for index in range(2):
            found = chunked.read(0, index=(index,))
            np.testing.assert_array_equal(found, plain.read(0, index=(index,)))
            assert np.isnan(found).sum() == 1


@pytest.mark.parametrize("kind", ["zarr", "tiff"])
def test_writers_keep_steps_units_and_names_of_channels(kind: str, tmp_path: Path) -> None:
    microns = {"units": "micrometer"}
    data = xarray.DataArray(
        np.arange(2 * 4 * 40 * 30, dtype=np.uint16).reshape(2, 4, 40, 30),
        dims=("c", "z", "y", "x"),
        coords={
            "c": ["nuclei", "actin"],
            "z": ("z", np.arange(4) * 2.0, microns),
            "y": ("y", np.arange(40) * 0.5, microns),
            "x": ("x", np.arange(30) * 0.25, microns),
        },
    )
    path = tmp_path / ("a.ome.zarr" if kind == "zarr" else "a.ome.tif")
    (write_ome_zarr if kind == "zarr" else write_tiff)(data, path, progress=False)
    with open_pyramid(path) as pyramid:
        assert dict(pyramid.axes) == {"c": 2, "z": 4}
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")
        assert pyramid.channel_names == ("nuclei", "actin")
        np.testing.assert_array_equal(
            pyramid.read(0, index=tuple(length - 1 for _, length in pyramid.axes)), data[1, 3]
        )
        if kind == "zarr":
            z = pyramid.metadata.along([name for name, _ in pyramid.axes].index("z"))
            assert z is not None
            assert (z.unit, z.line) == ("µm", (0.0, 2.0))
        else:
            with tifffile.TiffFile(path) as file:
                assert 'PhysicalSizeZ="2.0"' in file.ome_metadata
    for embed in (True, False):
        first = View(path, embed=embed).model.config["images"][0]
        assert [channel["name"] for channel in first["colors"]] == ["nuclei", "actin"]
        config = View(path, embed=embed, channels=False).model.config
        assert config["images"][0]["x"] == {"label": "", "unit": "µm", "first": 0.125, "step": 0.25}
        labels = {axis["name"].partition(" ")[0]: axis["labels"] for axis in config["axes"]}
        assert labels == {"c": ["nuclei", "actin"], "z": []}


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_keeps_where_axes_begin(version: str, tmp_path: Path) -> None:
    data = xarray.DataArray(
        np.arange(3 * 4 * 40 * 30, dtype=np.uint16).reshape(3, 4, 40, 30),
        dims=("t", "z", "y", "x"),
        coords={
            "t": ("t", np.arange(3) * 2.0 + 60, {"units": "second"}),
            "z": ("z", np.arange(4) * 3.0 - 6, {"units": "micrometer"}),
            "y": ("y", np.arange(40) * 0.5 + 100, {"units": "micrometer"}),
            "x": ("x", np.arange(30) * 0.25 + 10, {"units": "micrometer"}),
        },
    )
    path = write_ome_zarr(
        data, tmp_path / "a.ome.zarr", version=version, chunk_size=16, progress=False
    )
    attributes = dict(zarr.open_group(str(path), mode="r").attrs)
    (image,) = attributes.get("ome", attributes)["multiscales"]
    transforms = [level["coordinateTransformations"] for level in image["datasets"]]
    assert transforms[0] == [
        {"type": "scale", "scale": [2.0, 3.0, 0.5, 0.25]},
        {"type": "translation", "translation": [60.0, -6.0, 100.0, 10.0]},
    ]
    assert transforms[1][1]["translation"] == [60.0, -6.0, 100.25, 10.125]
    with open_pyramid(path) as pyramid:
        found = [known.line for known in pyramid.metadata.coordinates if known is not None]
        assert found == [(60.0, 2.0), (-6.0, 3.0), (100.0, 0.5), (10.0, 0.25)]
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")
    for embed in (True, False):
        image = View(path, embed=embed).model.config["images"][0]
        assert image["x"] == {"label": "", "unit": "µm", "first": 10.0, "step": 0.25}
        assert image["y"] == {"label": "", "unit": "µm", "first": 100.0, "step": 0.5}
