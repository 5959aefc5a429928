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


def test_longitudes_of_the_earth_have_a_sign() -> None:
    world = wcs_world(Low(("pos.earth.lon", "pos.earth.lat"), ("deg", "deg")), (0, 1), (4, 5))
    assert world.parts[0][:6] == ("earth", ("lon", "lat"), "", "", False, True)
