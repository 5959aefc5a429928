"""Coordinates of the sky and the earth in the explorer's scripts, as astropy has them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from astropy.coordinates import Angle
from astropy.wcs import WCS

from nbimage import View
from tests.page.js.node import Node

RANDOM = np.random.default_rng(11)
PLACES = """({ world, x, y }) => {
  const sky = new World(world);
  return x.map((one, i) => sky.positions(one, y[i]));
}"""
TEXTS = """({ world, x, y }) => {
  const sky = new World(world);
  return x.map((one, i) => sky.describe(one, y[i]));
}"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the module's functions."""
    started = Node("view/figure/sky", "view/figure/scale_bar", "view/figure/ticks")
    yield started
    started.close()


def make_sky(
    projection: str,
    shape: tuple[int, int],
    size: float,
    center: tuple[float, float],
    turn: float = 0.0,
    kinds: tuple[str, str] = ("RA--", "DEC-"),
) -> WCS:
    """Return coordinates of pixels so many degrees a side."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"{kind}-{projection}" for kind in kinds]
    wcs.wcs.crval = center
    wcs.wcs.crpix = [(shape[1] + 1) / 2, (shape[0] + 1) / 2]
    wcs.wcs.cdelt = [-size, size]
    cos, sin = math.cos(turn), math.sin(turn)
    wcs.wcs.pc = [[cos, -sin], [sin, cos]]
    wcs.wcs.set()
    return wcs


def distorted() -> WCS:
    """Return coordinates with polynomials of distortion."""
    wcs = make_sky("TAN-SIP", (300, 400), 1 / 3600, (150.0, 2.0), 0.4)
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[2, 0], a[0, 2], a[1, 2], b[1, 1], b[0, 3] = 3e-5, -2e-5, 4e-8, 5e-5, -6e-8
    from astropy.wcs import Sip

    wcs.sip = Sip(a, b, None, None, wcs.wcs.crpix)
    return wcs


SKIES: dict[str, tuple[tuple[int, int], Callable[[], WCS]]] = {
    "tangential": ((300, 400), lambda: make_sky("TAN", (300, 400), 1e-4, (83.6, 22.0), 0.3)),
    "across 0 hours": ((200, 300), lambda: make_sky("TAN", (200, 300), 0.01, (0.001, -30.0))),
    "over a pole": ((256, 256), lambda: make_sky("TAN", (256, 256), 0.02, (200.0, 89.5), 1.0)),
    "distorted": ((300, 400), distorted),
    "all of it, flat": ((180, 360), lambda: make_sky("CAR", (180, 360), 1.0, (0.0, 0.0))),
    "with an outside": (
        (100, 200),
        lambda: make_sky("AIT", (100, 200), 1.8, (0.0, 0.0), 0, ("GLON", "GLAT")),
    ),
    "a disc": ((120, 120), lambda: make_sky("SIN", (120, 120), 1.0, (10.0, 40.0))),
    "with jumps": ((90, 180), lambda: make_sky("HPX", (90, 180), 2.0, (0.0, 0.0))),
}


def read_world(view: View) -> Any:
    return json.loads(json.dumps(view.model.config["images"][0]["world"]))


@pytest.mark.parametrize("name", SKIES)
def test_places_are_within_a_hundredth_of_a_pixel_of_astropys(node: Node, name: str) -> None:
    shape, make = SKIES[name]
    wcs = make()
    world = read_world(View(np.zeros(shape, np.uint8), wcs=wcs))
    x, y = RANDOM.integers(0, shape[1], 500), RANDOM.integers(0, shape[0], 500)
    expected = np.stack(wcs.pixel_to_world_values(x, y), 1)
    found = node.evaluate(PLACES, {"world": world, "x": x.tolist(), "y": y.tolist()})
    known = np.isfinite(expected).all(axis=1)
    assert [place is not None for place in found] == known.tolist()
    assert known.any()
    own = np.array([place[0] for place in found if place is not None])
    assert (own[:, 0] >= 0).all() and (own[:, 0] <= 360).all()
    back = np.stack(wcs.world_to_pixel_values(*own.T), 1)
    off = np.abs(back - np.stack([x, y], 1)[known]).max(axis=1)
    if "over a pole" not in name and name in ("tangential", "across 0 hours", "distorted"):
        assert off.max() < 0.01
    longitude, latitude = np.radians(expected[known]).T
    lon, lat = np.radians(own).T
    apart = 2 * np.arcsin(
        np.sqrt(
            np.sin((lat - latitude) / 2) ** 2
            + np.cos(lat) * np.cos(latitude) * np.sin((lon - longitude) / 2) ** 2
        )
    )
    assert np.degrees(apart).max() < 0.01 * abs(wcs.wcs.cdelt[1])


def test_rows_of_a_file_of_the_sky_count_from_the_bottom(node: Node, tmp_path: Any) -> None:
    from astropy.io import fits

    wcs = make_sky("TAN", (20, 30), 0.01, (30.0, 10.0))
    fits.writeto(tmp_path / "sky.fits", np.zeros((20, 30), "f4"), wcs.to_header())
    for embed in (True, False):
        world = read_world(View(tmp_path / "sky.fits", embed=embed))
        found = node.evaluate(PLACES, {"world": world, "x": [3], "y": [0]})[0][0]
        assert found == pytest.approx(list(map(float, wcs.pixel_to_world_values(3, 19))), abs=1e-7)


def test_a_place_is_said_in_hours_and_in_degrees_to_be_copied(node: Node) -> None:
    wcs = make_sky("TAN", (40, 60), 0.5 / 3600, (83.633083, 22.0145))
    world = read_world(View(np.zeros((40, 60), np.uint8), wcs=wcs))
    text = node.evaluate(TEXTS, {"world": world, "x": [7], "y": [11]})[0][0]
    lon, lat = (float(one) for one in wcs.pixel_to_world_values(7, 11))
    hours = Angle(lon, "deg").to_string("hour", precision=3, pad=True)
    degrees = Angle(lat, "deg").to_string("deg", precision=2, pad=True, alwayssign=True)
    degrees = degrees.replace("d", "°").replace("m", "\u2032").replace("s", "\u2033")
    assert text["text"] == f"RA {hours}, Dec {degrees}"
    assert [float(one) for one in text["detail"].split()] == pytest.approx([lon, lat], abs=1e-5)


def test_a_pixel_outside_has_no_place(node: Node) -> None:
    shape, make = SKIES["with an outside"]
    world = read_world(View(np.zeros(shape, np.uint8), wcs=make()))
    assert node.evaluate(TEXTS, {"world": world, "x": [0], "y": [0]}) == [[{"text": "l, b: none"}]]


@pytest.mark.parametrize(
    ("degrees", "text"),
    [(0.0, "00h00m00.0s"), (359.9999999, "00h00m00.0s"), (15.0, "01h00m00.0s")],
)
def test_hours_begin_again_after_a_turn(node: Node, degrees: float, text: str) -> None:
    assert node.evaluate("(x) => sexagesimal(x / 15, 'hms', 1, 24)", degrees) == text
