"""Files at doors where some were not what they are elsewhere; `make proof` tries all at all."""

from __future__ import annotations

import pytest

from tests.proof import doors

FILES = dict(doors.all_files())
TRIED = {
    "address": ("npz", "xarray store of two variables", "TIFF: the second of two"),
    "array": ("FITS, BSCALE, BZERO, BLANK", "GeoTIFF, palette", "TIFF, 12 bits"),
    "archive": ("COG, colors with a mask", "DICOM, CT with a window"),
    "command line": ("NetCDF 4, packed", "TIFF, planes of colors"),
    "dask": ("OME-TIFF, channels", "NetCDF 3"),
    "film": ("OME-Zarr 0.6, omero", "DICOM, frames"),
    "folder": ("COG, colors with a mask", "picture: PNG, key of 8 bits", "OME-TIFF, channels"),
    "grid": ("TIFF: OME, XYZCT", "NIfTI, times"),
    "level": ("OME-TIFF, channels", "COG, colors with a mask", "ImageJ, channels"),
    "live": ("COG, colors with a mask", "OME-TIFF, five axes"),
    "napari": ("GeoTIFF, named bands", "OME-Zarr, labels"),
    "outputs": ("FITS, bytes", "JPEG, on its side"),
    "page": ("MGH", "TIFF: <u8", "picture: PNG, alpha of 16"),
    "pickle": ("SVS slide",),
    "server": ("FITS, packed by gzip", "picture: PNG, key of 1 bits", "npy", "NIfTI, times"),
    "values": ("TIFF: group4", "TIFF: 1 bit, white is zero"),
    "written": ("DICOM, CT with a window", "OME-Zarr, labels"),
    "xarray": ("OME-Zarr 0.6, omero", "DICOM, padding"),
    "zarr": ("FITS, float64, linear coordinates",),
}


@pytest.mark.parametrize(
    ("door", "name"), [(d, name) for d, names in TRIED.items() for name in names]
)
def test_a_file_is_the_same_as_at_other_doors(door: str, name: str) -> None:
    doors.check(name, FILES[name], door)


def test_every_door_is_tried() -> None:
    assert set(doors.further.DOORS) <= set(TRIED)
