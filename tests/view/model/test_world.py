"""Coordinates of the sky and the earth that the data of a view bring, or that are given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nbimage import View
from nbimage.arrays.world.coordinates import World
from tests.page.js.test_sky import make_sky

RANDOM = np.random.default_rng(2)
SHAPE = 40, 50
ARRAY = RANDOM.integers(0, 256, SHAPE, np.uint8)


def world_of(view: View) -> World | None:
    return view.model.images[0].world


def degrees_of(view: View, columns: Any, rows: Any) -> np.ndarray:
    world = world_of(view)
    assert world is not None
    return world.locate(np.asarray(columns, float), np.asarray(rows, float))


def test_ccd_data_bring_their_mask_unit_and_coordinates() -> None:
    from astropy import units
    from astropy.nddata import CCDData, NDData

    wcs = make_sky("TAN", SHAPE, 0.001, (10.0, 20.0))
    mask = np.zeros(SHAPE, bool)
    mask[3, 4] = True
    for data in (CCDData(ARRAY.astype("f4"), unit=units.adu, wcs=wcs, mask=mask),):
        view = View(data)
        found = degrees_of(view, [7], [9])[0]
        assert found == pytest.approx([float(x) for x in wcs.pixel_to_world_values(7, 9)])
        picture = view.picture
        assert picture.render()[3, 4, -1] == 0  # type: ignore[union-attr]
    assert world_of(View(NDData(ARRAY))) is None
    assert world_of(View(CCDData(ARRAY, unit=units.adu, wcs=wcs), wcs=False)) is None


def test_a_cube_has_the_coordinates_of_its_planes() -> None:
    from astropy.wcs import WCS

    wcs = WCS(naxis=3)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN", "FREQ"]
    wcs.wcs.crval, wcs.wcs.crpix = [30, -10, 1e9], [20, 20, 1]
    wcs.wcs.cdelt = [-0.01, 0.01, 1e6]
    wcs.wcs.set()
    view = View(np.stack([ARRAY] * 3), axes="fyx", wcs=wcs)
    expected = wcs.pixel_to_world_values(5, 6, 0)[:2]
    assert degrees_of(view, [5], [6])[0] == pytest.approx([float(x) for x in expected])
    swapped = View(np.stack([ARRAY.T] * 3, axis=-1), axes="xyf", wcs=wcs.swapaxes(0, 2))
    assert world_of(swapped) is not None


def test_coordinates_that_do_not_fit_are_said() -> None:
    wcs = make_sky("TAN", SHAPE, 0.001, (10.0, 20.0))
    wcs.array_shape = SHAPE
    with pytest.raises(ValueError, match="wcs must be of data of shape"):
        View(ARRAY[:20], wcs=wcs)
    with pytest.raises(TypeError, match="wcs must be coordinates such as"):
        View(ARRAY, wcs=3)


def make_grid(crs: str, step: float = 30.0) -> Any:
    xarray = pytest.importorskip("xarray")
    pyproj = pytest.importorskip("pyproj")
    data = xarray.DataArray(
        ARRAY,
        dims=("y", "x"),
        coords={"y": 5_500_000 - step * np.arange(40), "x": 400_000 + step * np.arange(50)},
    )
    attributes = {"crs_wkt": pyproj.CRS.from_user_input(crs).to_wkt()}
    data = data.assign_coords(spatial_ref=xarray.DataArray(0, attrs=attributes))
    data.encoding["grid_mapping"] = "spatial_ref"
    return data


@pytest.mark.parametrize("crs", ["EPSG:32633", "EPSG:3857", "EPSG:3035", "EPSG:27700"])
@pytest.mark.parametrize("embed", [True, False])
def test_projected_coordinates_become_degrees_as_pyproj_has_them(crs: str, embed: bool) -> None:
    import pyproj

    data = make_grid(crs)
    columns, rows = RANDOM.integers(0, 50, 30), RANDOM.integers(0, 40, 30)
    found = degrees_of(View(data, embed=embed), columns, rows)
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    expected = to_degrees.transform(data.x.values[columns], data.y.values[rows])
    np.testing.assert_allclose(found, np.stack(expected, 1), atol=1e-12)


def test_rotated_rows_have_degrees_too() -> None:
    import pyproj

    xarray = pytest.importorskip("xarray")
    attributes = {
        "crs_wkt": pyproj.CRS.from_epsg(32633).to_wkt(),
        "GeoTransform": "400000 20 10 5500000 10 -20",
    }
    data = xarray.DataArray(ARRAY, dims=("y", "x"))
    data = data.assign_coords(spatial_ref=xarray.DataArray(0, attrs=attributes))
    found = degrees_of(View(data), [3], [8])[0]
    x, y = 400000 + 20 * 3.5 + 10 * 8.5, 5500000 + 10 * 3.5 - 20 * 8.5
    to_degrees = pyproj.Transformer.from_crs(32633, 4326, always_xy=True)
    assert found == pytest.approx(to_degrees.transform(x, y), abs=1e-12)


def test_a_geotiff_of_a_projected_system_has_degrees(tmp_path: Path) -> None:
    import pyproj
    import tifffile

    keys = (1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 32633)
    tags = [
        (33550, "d", 3, (30.0, 30.0, 0.0), True),
        (33922, "d", 6, (0.0, 0.0, 0.0, 400000.0, 5500000.0, 0.0), True),
        (34735, "H", len(keys), keys, True),
    ]
    tifffile.imwrite(tmp_path / "map.tif", ARRAY, extratags=tags)
    to_degrees = pyproj.Transformer.from_crs(32633, 4326, always_xy=True)
    expected = to_degrees.transform(400000 + 30 * 7.5, 5500000 - 30 * 2.5)
    for embed in (True, False):
        found = degrees_of(View(tmp_path / "map.tif", embed=embed), [7], [2])[0]
        assert found == pytest.approx(expected, abs=1e-12)


def test_coordinates_that_are_degrees_already_need_no_others() -> None:
    assert world_of(View(make_grid("EPSG:4326", 0.01))) is None


def test_a_system_without_pyproj_leaves_easting_and_northing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    data = make_grid("EPSG:32633")
    monkeypatch.setitem(sys.modules, "pyproj", None)
    view = View(data)
    assert world_of(view) is None
    assert view.model.config["images"][0]["x"]["first"] == 400_000
