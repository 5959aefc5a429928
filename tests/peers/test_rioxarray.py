"""Reference systems as rioxarray writes them."""

from __future__ import annotations

import numpy as np
import pytest

from nbimage import View

rioxarray = pytest.importorskip("rioxarray")
xarray = pytest.importorskip("xarray")


def test_the_system_of_rioxarray_gives_degrees() -> None:
    import pyproj

    x, y = 400_000 + 10.0 * np.arange(40), 5_000_000 - 10.0 * np.arange(30)
    data = xarray.DataArray(np.zeros((30, 40), "f4"), dims=("y", "x"), coords={"y": y, "x": x})
    world = View(data.rio.write_crs("EPSG:32633")).model.images[0].world
    assert world is not None
    found = world.locate(np.array([3.0, 39.0]), np.array([0.0, 29.0]))
    to_degrees = pyproj.Transformer.from_crs(32633, 4326, always_xy=True)
    expected = np.stack(to_degrees.transform(x[[3, 39]], y[[0, 29]]), 1)
    np.testing.assert_allclose(found, expected, atol=1e-12)
