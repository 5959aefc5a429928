"""GDAL, by rasterio, on GeoTIFFs that are written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid, write_tiff
from nbimage.base.chunked import Array

rasterio = pytest.importorskip("rasterio")

DATA = np.random.default_rng(1).integers(1, 9999, (6, 300, 200), dtype=np.uint16)
MOVED = rasterio.Affine(10.0, 0.0, 500000.0, 0.0, -20.0, 4600000.0)
ROTATED = MOVED * rasterio.Affine.rotation(30)


def write_by_gdal(path: Path, data: Array, transform: Any, **profile: Any) -> Path:
    names = [f"band {number} <é>" for number in range(len(data))]
    options = {"driver": "GTiff", "crs": "EPSG:32633", "transform": transform, **profile}
    with rasterio.open(
        path,
        "w",
        count=len(data),
        height=data.shape[1],
        width=data.shape[2],
        dtype=data.dtype,
        **options,
    ) as file:
        file.write(data)
        file.descriptions = names
        file.units = ["K"] * len(data)
    return path


@pytest.mark.parametrize("transform", [MOVED, ROTATED], ids=["north", "rotated"])
@pytest.mark.parametrize("bands", [1, 2, 3, 6])
@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:4326", "+proj=laea +lat_0=48 +lon_0=9"])
def test_gdal_finds_what_it_wrote(tmp_path: Path, bands: int, transform: Any, crs: str) -> None:
    source = write_by_gdal(tmp_path / "a.tif", DATA[:bands], transform, crs=crs)
    written = write_tiff(source, tmp_path / "b.tif", tile_size=64, progress=False)
    with rasterio.open(source) as one, rasterio.open(written) as other:
        assert np.array_equal(one.read(), other.read())
        assert other.crs == one.crs
        assert other.transform.almost_equals(one.transform, 1e-9)
        assert (other.descriptions, other.units) == (one.descriptions, one.units)
        assert other.overviews(1) == [2, 4, 8]


def test_a_point_raster_stays_one(tmp_path: Path) -> None:
    source = write_by_gdal(tmp_path / "a.tif", DATA[:1], MOVED)
    with rasterio.open(source, "r+") as file:
        file.update_tags(AREA_OR_POINT="Point")
    written = write_tiff(source, tmp_path / "b.tif", progress=False)
    with rasterio.open(source) as one, rasterio.open(written) as other:
        assert other.tags()["AREA_OR_POINT"] == one.tags()["AREA_OR_POINT"] == "Point"
        assert other.transform == one.transform


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint32", "int64", "float32"])
@pytest.mark.parametrize("missing", [0, 5])
@pytest.mark.parametrize("bands", [1, 3, 5])
def test_what_is_missing_is_missing_for_gdal(
    tmp_path: Path, dtype: str, missing: int, bands: int
) -> None:
    data = (DATA[:bands] % 200).astype(dtype)
    data[:, :9] = missing
    source = write_by_gdal(tmp_path / "a.tif", data, MOVED, nodata=missing)
    written = write_tiff(source, tmp_path / "b.tif", progress=False)
    with rasterio.open(source) as one, rasterio.open(written) as other:
        assert np.array_equal(one.read_masks(), other.read_masks())
        if dtype not in ("int64", "float32"):
            assert (other.nodata, other.dtypes) == (one.nodata, one.dtypes)
        kept = one.read_masks() > 0
        assert np.array_equal(one.read()[kept], other.read()[kept])
    with open_pyramid(written) as found:
        assert np.isnan(found.read(0)[:9]).all()


def test_degrees_of_a_labelled_array_are_degrees_for_gdal(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    data = xarray.DataArray(
        DATA[0],
        dims=("lat", "lon"),
        coords={
            "lat": ("lat", 50 - np.arange(300) * 0.25, {"units": "degrees_north"}),
            "lon": ("lon", np.arange(200) * 0.5, {"units": "degrees_east"}),
        },
        attrs={"long_name": "temperature", "units": "K"},
    )
    with rasterio.open(write_tiff(data, tmp_path / "a.tif", progress=False)) as found:
        assert found.transform == rasterio.Affine(0.5, 0, -0.25, 0, -0.25, 50.125)
        assert (found.descriptions, found.units) == (("temperature",), ("K",))


@pytest.mark.parametrize("name", ["a.tif", "a.ome.tif"])
def test_the_size_of_a_pixel_is_no_trouble_for_gdal(tmp_path: Path, name: str) -> None:
    path = write_tiff(DATA[0], tmp_path / name, pixel_size=0.5, unit="µm", progress=False)
    with rasterio.open(path) as found:
        assert np.array_equal(found.read(1), DATA[0])
