"""Coordinates of the earth are those of pyproj, or x and y with their names."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from nbimage.arrays.world.crs import crs_world, parse_transform

TURNED = 20.0, 10.0, 400_010.0, 10.0, -20.0, 5_500_000.0
UPRIGHT = 20.0, 0.0, 400_010.0, 0.0, -20.0, 5_500_000.0
X, Y = np.array([0.0, 3.0, 8.5]), np.array([0.0, 8.0, 2.25])


def projected(transform: Any) -> np.ndarray:
    a, b, c, d, e, f = transform
    return np.stack([a * X + b * Y + c, d * X + e * Y + f], 1)


def test_a_geotransform_of_gdal_has_its_own_order() -> None:
    assert parse_transform("1 2 3 4 5 6") == (2.0, 3.0, 1.0, 5.0, 6.0, 4.0)
    for text in ("1 2 3 4 5", "1 2 3 4 5 nan", "1 2 4 1 4 8", "1 2 3 4 5 x", "", None):
        assert parse_transform(text) is None


@pytest.mark.parametrize("transform", [TURNED, UPRIGHT])
@pytest.mark.parametrize("system", [32633, 3857, 2056, 3031])
def test_pixels_of_a_projected_system_have_degrees(system: int, transform: Any) -> None:
    pyproj = pytest.importorskip("pyproj")
    if system == 2056:
        transform = (*transform[:2], 2.6e6, *transform[3:5], 1.2e6)
    world = crs_world(transform, f"EPSG:{system}")
    assert world is not None
    assert world.parts == (("earth", ("lon", "lat"), "", "WGS 84", False, True),)
    to_degrees = pyproj.Transformer.from_crs(system, 4326, always_xy=True)
    expected = np.stack(to_degrees.transform(*projected(transform).T), 1)
    np.testing.assert_allclose(world.locate(X, Y), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("radius", "name"),
    [
        (6_378_137, "WGS 84"),
        (6_371_000, "WGS 84"),
        (6_348_138, "WGS 84"),
        (6_408_136, "WGS 84"),
        (6_348_137, "unknown"),
        (6_408_137, "unknown"),
        (1_737_400, "unknown"),
    ],
)
def test_a_body_of_another_radius_has_degrees_of_its_own(radius: int, name: str) -> None:
    pytest.importorskip("pyproj")
    world = crs_world(UPRIGHT, f"+proj=merc +R={radius} +units=m +type=crs")
    assert world is not None
    assert world.parts[0].frame == name
    lon, lat = world.locate(X, Y).T
    x, y = projected(UPRIGHT).T
    np.testing.assert_allclose(lon, np.degrees(x / radius), atol=1e-9)
    if name == "unknown":
        np.testing.assert_allclose(lat, np.degrees(np.arctan(np.sinh(y / radius))), atol=1e-9)


@pytest.mark.parametrize(
    ("crs", "transform", "with_pyproj", "words", "unit"),
    [
        ("", TURNED, True, ("easting", "northing"), ""),
        ("no system", UPRIGHT, True, ("easting", "northing"), ""),
        ("EPSG:32633", UPRIGHT, False, ("easting", "northing"), ""),
        ("EPSG:4326", UPRIGHT, True, ("longitude", "latitude"), "°"),
    ],
)
def test_x_and_y_have_their_names_where_nothing_turns_them_into_degrees(
    crs: str,
    transform: Any,
    with_pyproj: bool,
    words: tuple[str, str],
    unit: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if with_pyproj:
        pytest.importorskip("pyproj")
    else:
        monkeypatch.setitem(sys.modules, "pyproj", None)
    assert crs_world(transform, crs) is None
    world = crs_world(transform, crs, names=True)
    assert world is not None
    assert [part[:3] for part in world.parts] == [("number", (word,), unit) for word in words]
    np.testing.assert_allclose(world.locate(X, Y), projected(transform), rtol=1e-15)
