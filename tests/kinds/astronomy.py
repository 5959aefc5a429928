"""FITS files, made of cards and bytes or by astropy."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np

from tests.fits_files import make_unit, write_fits
from tests.kinds.by_others import by_astropy, by_fitsio
from tests.kinds.kind import Content, Kind, add, gradient

_PIXEL = {"CRPIX1": 1.0, "CRPIX2": 1.0, "CUNIT1": "um", "CUNIT2": "um"}
_LINES: dict[str, Any] = {
    "CTYPE1": "LINEAR",
    "CTYPE2": "LINEAR",
    "CRVAL1": 10.0,
    "CRVAL2": 20.0,
    "CDELT1": 0.5,
    "CDELT2": 0.25,
    **_PIXEL,
}


def unsigned(folder: Path) -> tuple[str, Content]:
    """Sixteen bits without a sign, as signed ones and an offset."""
    values = gradient(24, 37, high=65000)
    stored = (values.astype(np.int32) - 32768).astype(np.int16)
    path = write_fits(folder / "a.fits", stored, BZERO=32768, BUNIT="adu")
    return str(path), Content(values, label="[adu]", lower=True)


def scaled(folder: Path) -> tuple[str, Content]:
    """Packed numbers with a scale, an offset and a number that stands for none."""
    stored = gradient(24, 37, dtype="int16", high=2000)
    stored[3, 5:9] = -999
    path = write_fits(folder / "a.fits", stored, BSCALE=0.5, BZERO=10.0, BLANK=-999, BUNIT="K")
    values = np.ma.masked_array(stored * 0.5 + 10, stored == -999)
    return str(path), Content(values, label="[K]", lower=True)


def floats(folder: Path) -> tuple[str, Content]:
    """Floats of 64 bits with NaN, a unit, and linear coordinates."""
    values = gradient(24, 37, dtype="float64", high=1) + 1e-9
    values[0, :3] = np.nan
    path = write_fits(folder / "a.fits", values, BUNIT="Jy/beam", **_LINES)
    return str(path), Content(
        values, label="[Jy/beam]", rows=(20, 0.25), columns=(10, 0.5), unit="um", lower=True
    )


def cube(folder: Path) -> tuple[str, Content]:
    """All planes of a cube."""
    values = gradient(5, 24, 37, dtype="float32")
    path = write_fits(folder / "a.fits", values, CTYPE3="FREQ", BUNIT="K")
    return str(path), Content(values, axes=("FREQ",), label="[K]", lower=True)


def extension(folder: Path) -> tuple[str, Content]:
    """The image of an HDU by its name, behind an empty one and beside a table."""
    values = gradient(24, 37, dtype="int32")
    data = make_unit(None, {}) + make_unit(values, {"EXTNAME": "SCI"}, primary=False)
    (folder / "a.fits").write_bytes(data + make_unit(values + 1, {"EXTNAME": "ERR"}, primary=False))
    return f"{folder / 'a.fits'}[SCI]", Content(values, lower=True, info=("HDU 1 SCI",))


def compressed(folder: Path) -> tuple[str, Content]:
    """Tiles that are compressed, by astropy."""
    from astropy.io import fits

    values = gradient(50, 70, dtype="int16")
    tiles = fits.CompImageHDU(values, name="SCI", compression_type="RICE_1", tile_shape=(16, 32))
    fits.HDUList([fits.PrimaryHDU(), tiles]).writeto(folder / "a.fits.fz")
    return str(folder / "a.fits.fz"), Content(values, lower=True)


def bytes_of_sky(folder: Path) -> tuple[str, Content]:
    """Bytes."""
    values = gradient(24, 37, dtype="uint8", high=250)
    return str(write_fits(folder / "a.fit", values)), Content(values, lower=True)


def packed_file(folder: Path) -> tuple[str, Content]:
    """A file that gzip has packed, of a cube of one plane."""
    values = gradient(1, 24, 37, dtype="float32")
    data = gzip.compress(make_unit(values, {"BUNIT": "count"}))
    (folder / "a.fits.gz").write_bytes(data)
    return str(folder / "a.fits.gz"), Content(values[0], label="[count]", lower=True)


def _first_plane(path: str) -> Any:
    return by_fitsio(path)[0]


def _fitsio_first(path: str) -> Any:
    return by_fitsio(f"{path}[SCI]")


for _name, _make, _reference in (
    ("FITS, unsigned 16 bits", unsigned, by_fitsio),
    ("FITS, BSCALE, BZERO, BLANK", scaled, None),
    ("FITS, float64, linear coordinates", floats, by_fitsio),
    ("FITS, cube", cube, by_fitsio),
    ("FITS, HDU by name", extension, by_fitsio),
    ("FITS, compressed tiles", compressed, _fitsio_first),
    ("FITS, bytes", bytes_of_sky, by_fitsio),
    ("FITS, packed by gzip", packed_file, _first_plane),
):
    _others: dict[str, Any] = {"CFITSIO": _reference} if _reference else {"astropy": by_astropy}
    add(Kind(_name, "Astronomy", "fits", _make, _others))
