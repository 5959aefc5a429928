"""Coordinates of APE 14 are degrees of positions and numbers with their units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbimage.arrays.world.wcs import wcs_world

astropy_wcs = pytest.importorskip("astropy.wcs")
units = pytest.importorskip("astropy.units")
RA, DEC = "pos.eq.ra", "pos.eq.dec"


class Low:
    """A low-level interface of rows and columns, each with a coordinate of its own."""

    pixel_n_dim = world_n_dim = 2
    array_shape = None
    axis_correlation_matrix = np.eye(2, dtype=bool)
    world_axis_names = "", ""

    def __init__(self, kinds: tuple[str, str], unit: tuple[str, str]) -> None:
        self.world_axis_object_classes: dict[str, Any] = {}
        self.world_axis_physical_types, self.world_axis_units = kinds, unit

    def pixel_to_world_values(self, columns: Any, rows: Any) -> Any:
        return 2.0 * columns, 3.0 * rows


@pytest.mark.parametrize("unit", ["deg", "arcmin", "arcsec", "mas", "rad", "hourangle"])
@pytest.mark.parametrize("turned", [False, True])
def test_positions_are_in_degrees(unit: str, turned: bool) -> None:
    kinds = (DEC, RA) if turned else (RA, DEC)
    world = wcs_world(Low(kinds, (unit, unit)), (0, 1), (4, 5))
    (part,) = world.parts
    assert (part.kind, part.names, part.hours, part.signed) == ("sky", ("RA", "Dec"), True, False)
    found = world.locate(np.array([0.0, 5.0]), np.array([1.0, 7.0]))
    numbers = np.array([[0.0, 3.0], [10.0, 21.0]]) * units.Unit(unit).to("deg")
    np.testing.assert_allclose(found, numbers[:, ::-1] if turned else numbers, rtol=1e-12)


def test_other_coordinates_are_numbers_with_their_units() -> None:
    world = wcs_world(Low((RA, "em.freq"), ("deg", "Hz")), (0, 1), (4, 5))
    found = [(part.kind, part.names, part.unit) for part in world.parts]
    assert found == [("number", ("ra",), "°"), ("number", ("freq",), "Hz")]
    assert world.locate(np.array([5.0]), np.array([7.0])).tolist() == [[10.0, 21.0]]


@pytest.mark.parametrize(
    ("kind", "names", "signed"),
    [
        ("pos.galactic", ("l", "b"), False),
        ("pos.ecliptic", ("λ", "β"), False),
        ("pos.supergalactic", ("SGL", "SGB"), False),
        ("pos.bodyrc", ("lon", "lat"), False),
        ("pos.earth", ("lon", "lat"), True),
        ("custom:pos.helioprojective", ("Tx", "Ty"), True),
        ("custom:pos.heliographic.stonyhurst", ("lon", "lat"), True),
        ("custom:pos.heliographic.carrington", ("lon", "lat"), False),
    ],
)
def test_longitudes_and_latitudes_of_each_kind_have_their_names(
    kind: str, names: tuple[str, str], signed: bool
) -> None:
    for sides in ((f"{kind}.lon", f"{kind}.lat"), (f"{kind}.lat", f"{kind}.lon")):
        world = wcs_world(Low(sides, ("deg", "deg")), (0, 1), (4, 5))
        earth = "earth" if kind == "pos.earth" else "sky"
        assert [part[:6] for part in world.parts] == [(earth, names, "", "", False, signed)]


@pytest.mark.parametrize(
    ("longitude", "latitude"),
    [
        ("RA--", "DEC-"),
        ("GLON", "GLAT"),
        ("ELON", "ELAT"),
        ("TLON", "TLAT"),
        ("HPLN", "HPLT"),
        ("HGLN", "HGLT"),
        ("CRLN", "CRLT"),
    ],
)
def test_each_kind_that_astropy_knows_is_a_position(longitude: str, latitude: str) -> None:
    wcs = astropy_wcs.WCS(naxis=2)
    wcs.wcs.ctype = [f"{longitude}-TAN", f"{latitude}-TAN"]
    assert [part.kind for part in wcs_world(wcs, (0, 1), (4, 5)).parts] == ["sky"]
