"""GeoTIFF, NetCDF, HDF5 and stores of xarray."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.by_others import (
    by_gdal,
    by_h5netcdf,
    by_libvips,
    by_netcdf4,
    by_scipy,
    by_xarray_of_zarr,
)
from tests.kinds.kind import Array, Content, Kind, add, gradient

_UTM = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)
_NORTH_UP = [
    (33550, "d", 3, (10.0, 20.0, 0.0)),
    (33922, "d", 6, (0.0, 0.0, 0.0, 500000.0, 4600000.0, 0.0)),
    (34735, "H", len(_UTM), _UTM),
]
_AT: dict[str, Any] = {
    "rows": (4599990, -20),
    "columns": (500005, 10),
    "unit": "m",
    "info": ("EPSG:32633",),
}


def _gdal(**items: Any) -> tuple[Any, ...]:
    """Return GDAL's tag of items ``NAME_SAMPLE=text``."""
    texts = []
    for key, text in items.items():
        name, _, sample = key.rpartition("_")
        texts.append(f'<Item name="{name}" sample="{sample}" role="{name.lower()}">{text}</Item>')
    return 42112, "s", 0, f"<GDALMetadata>{''.join(texts)}</GDALMetadata>"


def _write(path: Path, data: Array, *tags: Any, **options: Any) -> str:
    import tifffile

    options.setdefault("photometric", "minisblack")
    tifffile.imwrite(path, data, extratags=[*_NORTH_UP, *tags], metadata=None, **options)
    return str(path)


def nodata(folder: Path) -> tuple[str, Content]:
    """A value that stands for none."""
    stored = gradient(24, 37) + 1
    stored[:4, :7] = 0
    path = _write(folder / "a.tif", stored, (42113, "s", 0, "0"))
    return path, Content(np.ma.masked_equal(stored, 0), **_AT)


def packed(folder: Path) -> tuple[str, Content]:
    """Whole numbers with a scale, an offset and a unit."""
    stored = gradient(24, 37, dtype="int16", high=2000)
    stored[20:, 30:] = -1
    tags = _gdal(SCALE_0=0.5, OFFSET_0=-10, UNITTYPE_0="K"), (42113, "s", 0, "-1")
    path = _write(folder / "a.tif", stored, *tags)
    values = np.ma.masked_array(stored * 0.5 - 10, stored == -1)
    return path, Content(values, label="[K]", **_AT)


def bands(folder: Path) -> tuple[str, Content]:
    """Four bands with names."""
    values = gradient(4, 24, 37)
    names = ("blue", "green", "red", "nir")
    items = {f"DESCRIPTION_{number}": name for number, name in enumerate(names)}
    path = _write(folder / "a.tif", values, _gdal(**items), planarconfig="separate")
    return path, Content(values, axes=("band",), channel_names=names, **_AT)


def degrees(folder: Path) -> tuple[str, Content]:
    """Floats in degrees, NaN where there are none."""
    import tifffile

    keys = (1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, 1, 2048, 0, 1, 4326)
    values = gradient(24, 37, dtype="float32", high=1)
    values[5, 6:20] = np.nan
    tags: list[Any] = [
        (33550, "d", 3, (0.5, 0.25, 0.0)),
        (33922, "d", 6, (0.0, 0.0, 0.0, 10.0, 60.0, 0.0)),
        (34735, "H", len(keys), keys),
        (42113, "s", 0, "nan"),
    ]
    tifffile.imwrite(folder / "a.tif", values, extratags=tags, metadata=None)
    return str(folder / "a.tif"), Content(
        values,
        rows=(59.875, -0.25),
        columns=(10.25, 0.5),
        unit="degrees",
        info=("EPSG:4326",),
    )


def land_cover(folder: Path) -> tuple[str, Content]:
    """Classes in the colors of a palette."""
    classes = gradient(24, 37, dtype="uint8", high=5.9)
    palette = np.random.default_rng(2).integers(0, 256, (3, 256)).astype(np.uint16) * 257
    path = _write(folder / "a.tif", classes, photometric="palette", colormap=palette)
    colors = (palette // 257).astype(np.uint8).T[classes]
    return path, Content(colors, colors=True, labels=True, **_AT)


def cog(folder: Path) -> tuple[str, Content]:
    """Colors in tiles, with a mask and overviews of both."""
    import tifffile

    colors = np.moveaxis(gradient(3, 64, 48, dtype="uint8", high=250), 0, -1)
    mask = np.ones((64, 48), bool)
    mask[:20, :11] = False
    options: dict[str, Any] = {"tile": (16, 16), "metadata": None, "compression": "zlib"}
    with tifffile.TiffWriter(folder / "a.tif") as file:
        file.write(colors, photometric="rgb", extratags=_NORTH_UP, **options)
        file.write(mask, subfiletype=4, photometric=4, **options)
        file.write(colors[::2, ::2], photometric="rgb", subfiletype=1, **options)
        file.write(mask[::2, ::2], subfiletype=5, photometric=4, **options)
    hidden = np.repeat(~mask[..., None], 3, axis=2)
    values = np.ma.masked_array(colors, hidden)
    return str(folder / "a.tif"), Content(values, colors=True, **_AT)


def _dataset(*, packed: bool = False) -> Any:
    import xarray

    values = gradient(3, 24, 37, dtype="float32", high=40) + 250
    values[0, 2, 3:9] = np.nan
    if packed:
        values = np.round(values, 1)
    microns = {"units": "degrees_north"}
    return xarray.Dataset(
        {
            "t2m": (
                ("time", "lat", "lon"),
                values,
                {"units": "K", "long_name": "temperature"},
            )
        },
        {
            "time": np.datetime64("2020-01-01", "ns") + np.arange(3) * np.timedelta64(1, "D"),
            "lat": ("lat", np.arange(24.0), microns),
            "lon": ("lon", np.arange(37.0) * 2, {"units": "degrees_east"}),
        },
    )


_EARTH: dict[str, Any] = {
    "axes": ("time",),
    "label": "temperature [K]",
    "rows": (0, 1),
    "columns": (0, 2),
    "lower": True,
}


def netcdf3(folder: Path) -> tuple[str, Content]:
    """Times of a grid of latitudes, the first one at the bottom."""
    data = _dataset()
    data.to_netcdf(folder / "a.nc", engine="scipy")
    return str(folder / "a.nc"), Content(np.ma.masked_invalid(data.t2m.values), **_EARTH)


def netcdf4(folder: Path) -> tuple[str, Content]:
    """The same in packed numbers, by the CF conventions."""
    data = _dataset(packed=True)
    packing = {"dtype": "i2", "scale_factor": 0.1, "add_offset": 250.0, "_FillValue": -32768}
    data.to_netcdf(folder / "a.nc", engine="h5netcdf", encoding={"t2m": packing})
    values = np.ma.masked_invalid(data.t2m.values.astype(np.float64))
    return str(folder / "a.nc"), Content(values, **_EARTH, tolerance=1e-4)


def netcdf_variable(folder: Path) -> tuple[str, Content]:
    """One of several variables."""
    data = _dataset()
    data["d2m"] = data.t2m - 5
    data.to_netcdf(folder / "a.nc", engine="h5netcdf")
    return f"{folder / 'a.nc'}/t2m", Content(np.ma.masked_invalid(data.t2m.values), **_EARTH)


def netcdf_flags(folder: Path) -> tuple[str, Content]:
    """Classes that have names, from north to south."""
    import xarray

    classes = gradient(24, 37, dtype="int8", high=3.9)
    flags = {"flag_values": np.arange(4, dtype=np.int8), "flag_meanings": "sea land ice snow"}
    latitudes = ("lat", 60 - np.arange(24.0), {"units": "degrees_north"})
    data = xarray.Dataset({"cover": (("lat", "lon"), classes, flags)}, {"lat": latitudes})
    data.to_netcdf(folder / "a.nc", engine="h5netcdf")
    return str(folder / "a.nc"), Content(classes, label="cover", rows=(60, -1), labels=True)


def matlab(folder: Path) -> tuple[str, Content]:
    """An array that MATLAB has saved, columns first."""
    import h5py

    values = gradient(24, 37, dtype="float64")
    with h5py.File(folder / "a.mat", "w", userblock_size=512) as file:
        made = file.create_dataset("image", data=values.T)
        made.attrs["MATLAB_class"] = np.bytes_("double")
    return str(folder / "a.mat"), Content(values)


def _by_netcdf4_turned(path: str) -> Array:
    return np.asarray(by_netcdf4(path)).T


def hdf5(folder: Path) -> tuple[str, Content]:
    """An array in a group of an HDF5 file."""
    import h5py

    values = gradient(24, 37, dtype="float64")
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("entry/data", data=values, chunks=(10, 10), compression="gzip")
    return str(folder / "a.h5"), Content(values)


def xarray_store(folder: Path) -> tuple[str, Content]:
    """One variable of a store of two."""
    import zarr  # which xarray needs

    assert zarr
    data = _dataset()
    data["d2m"] = data.t2m - 5
    data.to_zarr(folder / "a.zarr", zarr_format=2, consolidated=False)
    return f"{folder / 'a.zarr'}/t2m", Content(np.ma.masked_invalid(data.t2m.values), **_EARTH)


def zarr_array(folder: Path) -> tuple[str, Content]:
    """An array of three times, which its names keep from being colors."""
    import zarr

    values = gradient(3, 24, 37)
    made = zarr.create_array(
        folder / "a.zarr",
        shape=values.shape,
        dtype=values.dtype,
        chunks=(1, 10, 10),
        dimension_names=("time", "lat", "lon"),
    )
    made[...] = values
    return str(folder / "a.zarr"), Content(values, axes=("time",))


def _by_zarr(path: str) -> Array:
    import zarr

    return np.asarray(zarr.open_array(path, mode="r")[...])


def _by_h5py(path: str) -> Array:
    return by_netcdf4_group(path, "entry", "data")


def by_netcdf4_group(path: str, group: str, name: str) -> Array:
    """Read an HDF5 array by the NetCDF library."""
    import pytest

    with pytest.importorskip("netCDF4").Dataset(path) as file:
        return np.asarray(file[group][name][...])


_CDF = {"netCDF4": by_netcdf4}
for _name, _make, _extra, _others in (
    ("GeoTIFF, nodata", nodata, "tiff", {"GDAL": by_gdal}),
    ("GeoTIFF, scale, offset, unit", packed, "tiff", {"GDAL": by_gdal}),
    ("GeoTIFF, named bands", bands, "tiff", {"GDAL": by_gdal}),
    ("COG, colors with a mask", cog, "tiff", {"GDAL": by_gdal}),
    ("NetCDF 3", netcdf3, "netcdf", {**_CDF, "SciPy": by_scipy}),
    ("NetCDF 4, packed", netcdf4, "netcdf", {**_CDF, "h5netcdf": by_h5netcdf}),
    ("NetCDF 4, one of two variables", netcdf_variable, "netcdf", _CDF),
    ("GeoTIFF, degrees, NaN", degrees, "tiff", {"GDAL": by_gdal}),
    ("GeoTIFF, palette", land_cover, "tiff", {"libvips": by_libvips}),
    ("NetCDF 4, flags", netcdf_flags, "netcdf", {**_CDF, "h5netcdf": by_h5netcdf}),
    ("MATLAB 7.3", matlab, "hdf5", {"netCDF4": _by_netcdf4_turned}),
    ("HDF5", hdf5, "hdf5", {"netCDF4": _by_h5py}),
    ("xarray store of two variables", xarray_store, "zarr", {"xarray": by_xarray_of_zarr}),
    ("zarr, three times", zarr_array, "zarr", {"zarr": _by_zarr}),
):
    add(Kind(_name, "Earth", _extra, _make, dict(_others)))
