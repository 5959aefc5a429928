"""The sky's and the earth's coordinates of an image of a view, as its page shows it.

Not here: what the libraries say (`nbimage.arrays.world`), and coordinates along rows and columns
alone (`page_coordinates`).
"""

from __future__ import annotations

from typing import Any

from nbimage.arrays.world.coordinates import World
from nbimage.arrays.world.crs import crs_world
from nbimage.arrays.world.patches import page_world
from nbimage.arrays.world.wcs import find_wcs, is_wcs, parse_sky_cards, wcs_world
from nbimage.base.lazy_types import find_type
from nbimage.base.user_warnings import warn
from nbimage.view.model.stack import Stack


def check_wcs(given: Any) -> Any:
    """Return what ``wcs=`` asks for: an object of APE 14, False for none, None to look for one.

    Raises TypeError for anything else.
    """
    if given is None or given is False:
        return given
    if isinstance(given, find_type("astropy.io.fits.header", "Header")):
        from astropy.wcs import WCS

        return WCS(given)
    if not is_wcs(given):
        raise TypeError(
            f"wcs must be coordinates such as astropy.wcs.WCS, False or None, but got {given!r:.60}"
        )
    return given


def find_world(data: Any, stack: Stack, given: Any) -> World | None:
    """Return the coordinates of an image from its first row as shown; None without.

    Those given, else those that the data bring: a ``CCDData``, the sky of a FITS file, the
    reference system of a GeoTIFF or of rioxarray. Raises ValueError for given ones that do not fit.
    """
    if given is False:
        return None
    found = find_wcs(data) if given is None else given
    if found is not None:
        try:
            return _upright(_of_array(found, stack), stack)
        except ValueError:
            if given is not None:
                raise
            return None
    if stack.metadata.sky:
        sky = parse_sky_cards(stack.metadata.sky)
        if sky is not None:
            return _upright(wcs_world(sky, (0, 1), (stack.rows, stack.columns)), stack)
    return _find_earth(stack)


def encode_world(world: World | None, stack: Stack, *, given: bool) -> dict[str, Any] | None:
    """Return what the page gets of an image's coordinates; None without.

    Raises ValueError for given ones that are too rough; found ones are left out with a warning.
    """
    if world is None:
        return None
    try:
        return page_world(world, stack.columns, stack.rows)
    except ValueError as error:
        if given:
            raise
        warn(f"{error}, or wcs=False")
        return None


def _of_array(found: Any, stack: Stack) -> World:
    """Return the coordinates of rows and columns as the array has them."""
    letters = stack.order
    if ":" in letters:  # channels are no axis of coordinates, unless these count them
        low = getattr(found, "low_level_wcs", found)
        if int(low.pixel_n_dim) == len(letters) - 1:
            kept = [i for i, letter in enumerate(letters) if letter != ":"]
            shape = tuple(stack.shape[i] for i in kept)
            sides = tuple(kept.index(letters.index(side)) for side in "yx")
            return wcs_world(found, (sides[0], sides[1]), shape, whole=True)
    sides = letters.index("y"), letters.index("x")
    return wcs_world(found, sides, stack.shape, whole=True)


def _upright(world: World, stack: Stack) -> World:
    """Return coordinates of rows counted from the top as shown."""
    if not stack.upward:
        return world
    return world.shifted((0.0, stack.rows - 1.0), (1.0, -1.0))


def _find_earth(stack: Stack) -> World | None:
    """Return degrees of an image in a projected reference system; None of others."""
    known = stack.metadata.georeference
    if known is None:
        return None
    crs = known.text or known.crs
    if known.rotated is not None:
        a, b, c, d, e, f = known.rotated
        centered = a, b, c + (a + b) / 2, d, e, f + (d + e) / 2
        found = crs_world(centered, crs, names=True)
        return None if found is None else _upright(found, stack)
    x, y = stack.page_coordinates()
    if x is None or y is None or "step" not in x or "step" not in y:
        return None
    return crs_world((x["step"], 0.0, x["first"], 0.0, y["step"], y["first"]), crs)
