"""A satellite scene in JPEG 2000 that GDAL has written lies where GDAL says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nbimage import Picture, open_pyramid

rasterio = pytest.importorskip("rasterio")


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("bands", [1, 3])
def test_positions_are_gdals(dtype: str, bands: int, tmp_path: Path) -> None:
    array = np.random.default_rng(3).integers(0, 255, (bands, 64, 96)).astype(dtype)
    path = tmp_path / "a.jp2"
    options = {"driver": "JP2OpenJPEG", "height": 64, "width": 96, "count": bands, "dtype": dtype}
    transform = rasterio.transform.from_origin(500000, 5e6, 10, 10)
    lossless = {"QUALITY": "100", "REVERSIBLE": "YES"}
    with rasterio.open(
        path, "w", crs="EPSG:32633", transform=transform, **options, **lossless
    ) as file:
        file.write(array)
    with open_pyramid(path) as pyramid:
        known = pyramid.metadata
        assert known.georeference is not None
        assert known.georeference.crs == "EPSG:32633"
        assert [one and one.regular for one in known.coordinates[:2]] == [
            (4999995, -10),
            (500005, 10),
        ]
        expected = array[0] if bands == 1 else np.moveaxis(array, 0, -1)
        assert np.array_equal(pyramid.read(0), expected)
    assert "easting [m]" in Picture(path).html
