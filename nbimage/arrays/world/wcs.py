"""Coordinates of the sky by any object of astropy's APE 14, such as ``astropy.wcs.WCS``.

https://github.com/astropy/astropy-APEs/blob/main/APE14.rst
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.arrays.world.coordinates import World, WorldPart
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type

_DEGREES = {
    "deg": 1.0,
    "arcmin": 1 / 60,
    "arcsec": 1 / 3600,
    "mas": 1 / 3.6e6,
    "rad": 180 / np.pi,
    "hourangle": 15.0,
}
_PAIRS = (
    ("pos.eq.ra", "pos.eq.dec", ("RA", "Dec")),
    ("pos.galactic.lon", "pos.galactic.lat", ("l", "b")),
    ("pos.ecliptic.lon", "pos.ecliptic.lat", ("λ", "β")),
    ("pos.supergalactic.lon", "pos.supergalactic.lat", ("SGL", "SGB")),
    ("pos.bodyrc.lon", "pos.bodyrc.lat", ("lon", "lat")),
    ("pos.earth.lon", "pos.earth.lat", ("lon", "lat")),
    ("custom:pos.helioprojective.lon", "custom:pos.helioprojective.lat", ("Tx", "Ty")),
    ("custom:pos.heliographic.stonyhurst.lon", "custom:pos.heliographic.stonyhurst.lat", ()),
    ("custom:pos.heliographic.carrington.lon", "custom:pos.heliographic.carrington.lat", ()),
)
_SIGNED = "pos.earth", "helioprojective", "stonyhurst"
_SKY_CARD = re.compile(
    r"(CTYPE|CRVAL|CRPIX|CDELT|CUNIT|CROTA)[12]|CD[12]_[12]|PC(00)?[12]_?(00)?[12]|P[VS][12]_\d+"
    r"|LONPOLE|LATPOLE|RADESYS|RADECSYS|EQUINOX|[AB]P?_(ORDER|\d_\d)"
)
_WORLD = re.compile(r"(RA|DEC|.LON|.LAT|..LN|..LT)-+[A-Z0-9]{3}(-SIP)?")


def is_wcs(given: Any) -> bool:
    """Return whether an object has the low or the high level interface of APE 14."""
    return hasattr(given, "low_level_wcs") or hasattr(given, "pixel_to_world_values")


def find_wcs(data: Any) -> Any:
    """Return the coordinates that astropy's ``NDData`` or ``CCDData`` bring; None of others."""
    if not isinstance(data, find_type("astropy.nddata.nddata", "NDData")):
        return None
    found = data.wcs
    return found if is_wcs(found) else None


def read_sky(header: Any) -> Any:
    """Return the celestial coordinates of a FITS header's first two axes; None without.

    Cards that do not count here are left out: of these astropy warns, and says what it has mended.
    """
    plain = _pick_cards(header)
    if plain is None:
        return None
    from astropy.wcs import WCS

    try:
        found = WCS(plain, naxis=2, fix=False)
        with np.errstate(all="ignore"):
            finite = np.isfinite(np.asarray(found.pixel_to_world_values(*found.wcs.crpix - 1)))
    except (ArithmeticError, KeyError, TypeError, ValueError):  # numbers that make no sense
        return None
    return found if finite.all() else None


def write_sky_cards(header: Any) -> str:
    """Return the cards of a FITS header that `read_sky` reads, as text; "" without."""
    plain = _pick_cards(header)
    return "" if plain is None else str(plain.tostring(sep="\n", endcard=False, padding=False))


def _pick_cards(header: Any) -> Any:
    """Return a header of the cards alone that count for the sky; None without these."""
    kinds = [str(header.get(f"CTYPE{number}", "")) for number in (1, 2)]
    if not all(map(_WORLD.fullmatch, kinds)):
        return None
    from astropy.io.fits import Header

    plain = Header()
    for key in header:
        if _SKY_CARD.fullmatch(key):
            plain[key] = header[key]
    if "A_ORDER" in plain and not kinds[0].endswith("-SIP"):
        for number, kind in enumerate(kinds, 1):
            plain[f"CTYPE{number}"] = f"{kind}-SIP"
    return plain


def parse_sky_cards(text: str) -> Any:
    """Return the coordinates of such cards; None where astropy is not there."""
    try:
        from astropy.io.fits import Header
    except ImportError:
        return None
    return read_sky(Header.fromstring(text, sep="\n"))


def wcs_world(
    given: Any, sides: tuple[int, int], shape: Sequence[int], *, whole: bool = False
) -> World:
    """Return the coordinates of rows and columns of an array, of an object of APE 14.

    Parameters
    ----------
    given : object
        With the low or the high level interface.
    sides : (int, int)
        Which axes of the array are its rows and its columns.
    shape : sequence of int
        The array's shape. Coordinates of two axes alone are those of rows and columns.
    whole : bool
        The shape that the object itself names, if any, must be the array's.

    Raises
    ------
    ValueError
        For another number of axes or another shape, and where coordinates of rows and columns
        are others along a further axis.
    """
    low = getattr(given, "low_level_wcs", given)
    count, axes = int(low.pixel_n_dim), len(shape)
    if count == 2:
        shape, sides = (shape[sides[0]], shape[sides[1]]), (0, 1)
    elif count != axes:
        raise ValueError(
            f"wcs must be of 2 axes or of the data's {axes}, but got {count}: slice it as the data"
        )
    own = low.array_shape
    if whole and own is not None and tuple(own) != tuple(shape):
        raise ValueError(
            f"wcs must be of data of shape {tuple(shape)}, but is of {tuple(own)}: slice it as "
            "the data"
        )
    row, column = (len(shape) - 1 - side for side in sides)  # axes of pixels go the other way
    related = np.asarray(low.axis_correlation_matrix, bool)
    shown = [i for i in range(low.world_n_dim) if related[i, row] or related[i, column]]
    for axis in range(len(shape)):
        others = len(shape) - 1 - axis
        if others in (row, column) or shape[axis] == 1:
            continue
        if any(related[i, others] for i in shown):
            raise ValueError(
                f"wcs must be the same along axis {axis}, but its coordinates of rows and columns "
                "depend on it: give one plane, and its own wcs"
            )
    parts, order, factors = _find_parts(low, shown)

    def locate(columns: Array, rows: Array) -> Array:
        pixels: list[Any] = [np.zeros(columns.shape)] * len(shape)
        pixels[row], pixels[column] = rows, columns
        with np.errstate(all="ignore"):
            found = low.pixel_to_world_values(*pixels)
        found = [found] if low.world_n_dim == 1 else list(found)
        return np.stack(
            [np.asarray(found[i], np.float64) * f for i, f in zip(order, factors, strict=True)], 1
        )

    return World(parts, locate)


def _find_parts(
    low: Any, shown: Sequence[int]
) -> tuple[tuple[WorldPart, ...], list[int], list[float]]:
    """Return positions and numbers, the world axes that they come from, and factors of these."""
    kinds = [str(kind or "") for kind in low.world_axis_physical_types]
    units = [str(unit or "") for unit in low.world_axis_units]
    names = [str(name or "") for name in low.world_axis_names]
    parts: list[WorldPart] = []
    order: list[int] = []
    factors: list[float] = []
    left = list(shown)
    for first, second, known in _PAIRS:
        pair = [i for kind in (first, second) for i in left if kinds[i] == kind]
        if len(pair) != 2 or not all(units[i] in _DEGREES for i in pair):
            continue
        signed = any(word in first for word in _SIGNED)
        frame, hours = _find_frame(low), first == "pos.eq.ra"
        earth = "earth" if first.startswith("pos.earth") else "sky"
        parts.append(WorldPart(earth, known or ("lon", "lat"), "", frame, hours, signed))
        order += pair
        factors += [_DEGREES[units[i]] for i in pair]
        left = [i for i in left if i not in pair]
    for i in left:
        word = names[i] or kinds[i].rpartition(".")[2] or f"world {i}"
        parts.append(WorldPart("number", (word,), "°" if units[i] == "deg" else units[i]))
        order.append(i)
        factors.append(1.0)
    return tuple(parts), order, factors


def _find_frame(low: Any) -> str:
    """Return what the frame of celestial coordinates is called: "ICRS"; "" if unknown."""
    for _, arguments, options in low.world_axis_object_classes.values():
        frame = options.get("frame", arguments[0] if arguments else None)
        name = getattr(frame, "name", "")
        if isinstance(name, str) and name:
            year = getattr(frame, "equinox", None)
            text = getattr(year, "value", "")
            return f"{name.upper()} {text}".strip() if name in ("fk4", "fk5") else name.upper()
    return ""
