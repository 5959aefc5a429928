"""OME-Zarr beside ome-zarr-py, ngff-zarr, ome-zarr-models and yaozarrs: both ways."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray

from nbimage import Grid, open_pyramid, write_ome_zarr
from tests.ngff_files import samples, write_labels, write_plate
from tests.optional import zarr

ngff_zarr: Any = pytest.importorskip("ngff_zarr")
ome_zarr_models: Any = pytest.importorskip("ome_zarr_models")
yaozarrs: Any = pytest.importorskip("yaozarrs")
io: Any = pytest.importorskip("ome_zarr.io")
reader: Any = pytest.importorskip("ome_zarr.reader")
writer: Any = pytest.importorskip("ome_zarr.writer")
format_: Any = pytest.importorskip("ome_zarr.format")

Array = np.ndarray[Any, Any]
VOLUME = samples(2, 3, 90, 120)
KINDS = [("0.4", "x.ome.zarr"), ("0.5", "x.ome.zarr"), ("0.6", "x.ome.zarr")]
KINDS += [("0.5", "x.ozx"), ("0.6", "x.ozx")]
every_kind = pytest.mark.parametrize(("version", "name"), KINDS)
FORMATS = {"0.4": format_.FormatV04, "0.5": format_.FormatV05}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Keep the deprecations of other packages, which are errors here, to themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def described() -> Any:
    """An array with steps, units and names of channels."""
    return xarray.DataArray(
        VOLUME,
        dims=("c", "z", "y", "x"),
        coords={
            "c": ["DAPI", "GFP"],
            "z": ("z", np.arange(3) * 2.0, {"units": "micrometer"}),
            "y": ("y", 5 + np.arange(90) * 0.5, {"units": "micrometer"}),
            "x": ("x", np.arange(120) * 0.25, {"units": "micrometer"}),
        },
    )


def about(path: Path) -> dict[str, Any]:
    if path.suffix == ".ozx":
        with zipfile.ZipFile(path) as file:
            found = json.loads(file.read("zarr.json"))["attributes"]
    else:
        found = dict(zarr.open_group(str(path), mode="r").attrs)
    return found


# What is written here, read by others


@pytest.mark.parametrize("version", ["0.4", "0.5"])
@pytest.mark.parametrize("labels", [False, True])
def test_what_is_written_is_valid(tmp_path: Path, version: str, labels: bool) -> None:
    path = tmp_path / "x.ome.zarr"
    source = samples(90, 120) if labels else described()
    write_ome_zarr(source, path, version=version, chunk_size=32, labels=labels or None)
    ome_zarr_models.open_ome_zarr(zarr.open_group(str(path), mode="r"))
    yaozarrs.validate_ome_object(about(path))
    if version == "0.5":
        yaozarrs.validate_zarr_store(str(path))
    ngff_zarr.validate(about(path), version=version, strict=False)
    if labels:
        ngff_zarr.validate(about(path), version=version, model="label", strict=False)


@pytest.mark.parametrize("name", ["x.ome.zarr", "x.ozx"])
@pytest.mark.parametrize("labels", [False, True])
def test_version_6_is_valid(tmp_path: Path, name: str, labels: bool) -> None:
    path = tmp_path / name
    source = samples(90, 120) if labels else described()
    write_ome_zarr(source, path, version="0.6", chunk_size=32, labels=labels or None)
    ngff_zarr.validate(about(path), version="0.6", strict=False)
    if labels:
        ngff_zarr.validate(about(path), version="0.6", model="label", strict=False)
    found = ngff_zarr.from_ngff_zarr(str(path), validate=True, version="0.6")
    assert found.metadata.coordinateSystems[0].name == "physical"


@every_kind
def test_ngff_zarr_reads_samples_steps_and_units(tmp_path: Path, name: str, version: str) -> None:
    path = write_ome_zarr(described(), tmp_path / name, version=version, chunk_size=32)
    levels = ngff_zarr.from_ngff_zarr(str(path)).images
    with open_pyramid(path) as pyramid:
        assert len(levels) == len(pyramid.native_levels)
        for level, image in enumerate(levels):
            expected = [[pyramid.read(level, index=(c, z)) for z in range(3)] for c in range(2)]
            assert np.array_equal(np.asarray(image.data), expected)
    assert tuple(levels[0].dims) == ("c", "z", "y", "x")
    assert levels[0].scale == {"c": 1.0, "z": 2.0, "y": 0.5, "x": 0.25}
    assert levels[0].translation["y"] == 5.0
    assert levels[1].translation["x"] == 0.125
    assert set(levels[0].axes_units.values()) <= {"micrometer", None}


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_ome_zarr_py_reads_what_is_written(tmp_path: Path, version: str) -> None:
    path = write_ome_zarr(described(), tmp_path / "x.ome.zarr", version=version, chunk_size=32)
    (node, *_) = reader.Reader(io.parse_url(str(path), mode="r"))()
    assert np.array_equal(np.asarray(node.data[0]), VOLUME)
    assert node.metadata["channel_names"] == ["DAPI", "GFP"]


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_label_images_that_are_written_are_found(tmp_path: Path, version: str) -> None:
    cells = samples(90, 120, dtype="int32")
    options: Any = {"version": version, "chunk_size": 32}
    path = write_ome_zarr(samples(90, 120), tmp_path / "x.ome.zarr", **options)
    write_ome_zarr(cells, path / "labels" / "cells", labels=True, **options)
    nodes = list(reader.Reader(io.parse_url(str(path / "labels" / "cells"), mode="r"))())
    found = {str(node.zarr.path): node for node in nodes}
    assert str(path) in found  # the image that they are of
    assert np.array_equal(np.asarray(found[str(path / "labels" / "cells")].data[0]), cells)
    yaozarrs.validate_ome_object(about(path / "labels"))
    yaozarrs.validate_ome_object(about(path / "labels" / "cells"))
    if version == "0.5":
        yaozarrs.validate_zarr_store(str(path))


def test_a_zip_file_says_that_its_metadata_come_first(tmp_path: Path) -> None:
    path = write_ome_zarr(samples(90, 120), tmp_path / "x.ozx", version="0.6")
    assert ngff_zarr.read_ozx_version(str(path)) == "0.6"
    assert ngff_zarr.read_ozx_json_first(str(path)) is True


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_the_plates_of_the_other_tests_are_valid(tmp_path: Path, version: str) -> None:
    path = tmp_path / "p.zarr"
    write_plate(str(path), {"A/01": {"0": samples(40, 50)}}, version=version)
    yaozarrs.validate_ome_object(about(path))
    yaozarrs.validate_ome_object(about(path / "A/01"))
    write_labels(str(path / "A/01/0"), ("cells",), samples(40, 50, dtype="int32"), version)
    yaozarrs.validate_ome_object(about(path / "A/01/0/labels"))


# What others write, read here


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_a_plate_of_ome_zarr_py_is_a_grid_whose_cells_open(tmp_path: Path, version: str) -> None:
    path, fmt = str(tmp_path / "p.zarr"), FORMATS[version]()
    group = zarr.open_group(path, mode="w", zarr_format=fmt.zarr_format)
    wells = {"A/2": samples(64, 80), "B/1": samples(64, 80)}
    writer.write_plate_metadata(group, ["A", "B"], ["1", "2", "3"], list(wells), fmt=fmt)
    for well, data in wells.items():
        own = group.require_group(well)
        writer.write_well_metadata(own, ["0", "1"], fmt=fmt)
        for number, field in enumerate("01"):
            writer.write_image(
                data + number, own.require_group(field), axes="yx", fmt=fmt, scale_factors=[2]
            )
    grid = Grid(path, vmin=0, vmax=255)
    assert grid.titles == ("", "A/2/0", "", "B/1/0", "", "")
    for title, picture in zip(grid.titles, grid.pictures, strict=True):
        assert (picture is None) == (title == "")
        if picture is not None:
            assert np.array_equal(picture.pixels, wells[title[:3]])
            with open_pyramid(f"{path}/{title}") as pyramid:
                assert np.array_equal(pyramid.read(0), wells[title[:3]])
    with open_pyramid(path) as pyramid:
        assert np.array_equal(pyramid.read(0, index=(3,)), wells["B/1"] + 1)


@pytest.mark.parametrize("version", ["0.4", "0.5"])
def test_labels_of_ome_zarr_py_are_listed_and_open(tmp_path: Path, version: str) -> None:
    path, fmt = str(tmp_path / "x.zarr"), FORMATS[version]()
    data, cells = samples(64, 80), samples(64, 80, dtype="int32")
    group = zarr.open_group(path, mode="w", zarr_format=fmt.zarr_format)
    writer.write_image(data, group, axes="yx", fmt=fmt, scale_factors=[2])
    known = {
        "colors": [{"label-value": 3, "rgba": [255, 0, 0, 128]}],
        "properties": [{"label-value": 3, "class": "nucleus"}],
    }
    options: Any = {"axes": "yx", "fmt": fmt, "scale_factors": [2]}
    writer.write_labels(cells, group, name="cells", label_metadata=known, **options)
    with open_pyramid(path) as pyramid:
        assert pyramid.label_images == ("labels/cells",) and not pyramid.labels
    with open_pyramid(f"{path}/labels/cells") as pyramid:
        assert pyramid.labels
        for level in range(len(pyramid.shapes)):
            assert np.isin(pyramid.read(level), cells).all()
        assert np.array_equal(pyramid.read(0), cells)
        table = pyramid.metadata.label_table
    assert table is not None and table.colors == {3: (255, 0, 0, 128)}
    assert table.properties == {3: {"class": "nucleus"}}


@every_kind
def test_levels_steps_and_names_of_ngff_zarr_are_read(
    tmp_path: Path, name: str, version: str
) -> None:
    image = ngff_zarr.to_ngff_image(
        VOLUME,
        dims=("c", "z", "y", "x"),
        scale={"z": 2.0, "y": 0.5, "x": 0.25},
        translation={"z": 7.0, "y": 1.0, "x": 3.0},
        axes_units={"z": "micrometer", "y": "micrometer", "x": "micrometer"},
    )
    scales = ngff_zarr.to_multiscales(image, scale_factors=[{"z": 1, "y": 2, "x": 2}], chunks=32)
    ngff_zarr.to_ngff_zarr(str(tmp_path / name), scales, version=version)
    with open_pyramid(tmp_path / name) as pyramid:
        assert pyramid.axes == (("c", 2), ("z", 3))
        assert pyramid.native_levels[:2] == (0, 1)
        assert (pyramid.pixel_size, pyramid.unit) == ((0.5, 0.25), "µm")
        lines = [one and one.line for one in pyramid.metadata.coordinates]
        assert lines == [None, (7, 2), (1, 0.5), (3, 0.25)]
        for c, z in np.ndindex(2, 3):
            assert np.array_equal(pyramid.read(0, index=(c, z)), VOLUME[c, z])
            level = np.asarray(scales.images[1].data)[c, z]
            assert np.array_equal(pyramid.read(1, index=(c, z)), level)


def test_a_plate_of_ngff_zarr_in_a_zip_file_is_a_grid(tmp_path: Path) -> None:
    path = str(tmp_path / "p.ome.zarr")
    data = samples(64, 80)
    write_plate(path, {"A/01": {"0": data}, "C/02": {"0": data}})
    ngff_zarr.write_store_to_zip(path, str(tmp_path / "p.ozx"))
    grid = Grid(str(tmp_path / "p.ozx"), vmin=0, vmax=255)
    assert grid.titles == ("A/01/0", "", "", "", "", "C/02/0")
    assert np.array_equal(grid.pictures[5].pixels, data)
    with open_pyramid(f"{tmp_path}/p.ozx/C/02/0") as pyramid:
        assert np.array_equal(pyramid.read(0), data)
