"""FITS files that CFITSIO has written, through fitsio, hold what CFITSIO reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import open_pyramid

fitsio = pytest.importorskip("fitsio")
pytest.importorskip("astropy.io.fits")  # which can't be imported once an IPython shell has gone
RANDOM = np.random.default_rng(13)


@pytest.mark.parametrize("code", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"])
def test_every_dtype(code: str, tmp_path: Path) -> None:
    array = RANDOM.integers(0, 100, (3, 40, 50)).astype(code)
    fitsio.write(tmp_path / "a.fits", array)
    with open_pyramid(tmp_path / "a.fits") as pyramid:
        for plane in range(3):
            found = pyramid.read(0, index=(plane,))
            assert found.dtype == array.dtype
            assert np.array_equal(found, fitsio.read(tmp_path / "a.fits")[plane])


@pytest.mark.parametrize("way", ["RICE", "GZIP", "GZIP_2", "HCOMPRESS", "PLIO"])
@pytest.mark.parametrize("code", ["u1", "i2", "u2", "i4", "f4", "f8"])
def test_compressed_tiles(way: str, code: str, tmp_path: Path) -> None:
    array = RANDOM.integers(0, 100, (70, 90)).astype(code)
    if code[0] == "f":
        array += RANDOM.normal(size=array.shape).astype(code)
    options: dict[str, Any] = {"compress": way, "extname": "SCI", "tile_dims": (32, 32)}
    if way == "PLIO" and code[0] == "f":
        pytest.skip("of whole numbers alone")
    fitsio.write(tmp_path / "a.fits.fz", array, **options)
    expected = fitsio.read(tmp_path / "a.fits.fz", ext="SCI")
    with open_pyramid(f"{tmp_path / 'a.fits.fz'}[SCI]") as pyramid:
        assert pyramid.dtype == expected.dtype
        assert np.array_equal(pyramid.read(0), expected)
        part = slice(20, 40), slice(11, 80)
        assert np.array_equal(pyramid.read(0, *part), expected[part])
