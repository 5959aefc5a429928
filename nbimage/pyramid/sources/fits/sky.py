"""Where on the sky the center of an image is, and how large its pixels are, by astropy's WCS."""

from __future__ import annotations

import math
from typing import Any

from nbimage.arrays.world.wcs import read_sky

_NAMES = {"RA": "RA", "DEC": "Dec", "GLON": "l", "GLAT": "b", "ELON": "λ", "ELAT": "β"}
_UNITS = (("°", 1.0), ("″", 3600.0), ("mas", 3.6e6))


def describe_center(header: Any, shape: tuple[int, ...]) -> str:
    """Return the center of an image on the sky and the size of a pixel; "" where it has neither.

    Such as "center RA 83.6331°, Dec 22.0145° (ICRS), 0.396″ a pixel".
    """
    sky = read_sky(header)
    if sky is None:
        return ""
    from astropy.wcs.utils import proj_plane_pixel_scales

    kinds = [str(header[f"CTYPE{number}"]) for number in (1, 2)]
    try:
        middle = (shape[-1] - 1) / 2, (shape[-2] - 1) / 2
        found = [float(value) for value in sky.pixel_to_world_values(*middle)]
        wide, high = (float(size) for size in proj_plane_pixel_scales(sky))
    except (ArithmeticError, KeyError, TypeError, ValueError):  # numbers that make no sense
        return ""
    if not all(map(math.isfinite, (*found, wide, high))) or not (wide > 0 and high > 0):
        return ""
    names = [kind.split("-")[0] for kind in kinds]
    center = ", ".join(
        f"{_NAMES.get(name, name)} {value:.{_digits(min(wide, high))}f}°"
        for name, value in zip(names, found, strict=True)
    )
    frame = _find_frame(header) if "RA" in names else ""
    return f"center {center}{frame}, {_describe_size(high, wide)} a pixel"


def _digits(size: float) -> int:
    """Return so many digits of degrees as tell pixels apart."""
    return min(9, max(0, 1 - math.floor(math.log10(size))))


def _find_frame(header: Any) -> str:
    named = header.get("RADESYS") or header.get("RADECSYS")
    year = header.get("EQUINOX")
    if isinstance(named, str) and named.strip():
        return f" ({' '.join(named.split())})"
    return f" (J{year:g})" if isinstance(year, (int, float)) and year >= 1984 else ""


def _describe_size(high: float, wide: float) -> str:
    """Return a pixel's height and width in the unit that gives them a short number."""
    small = min(wide, high)
    unit, factor = next(one for one in _UNITS if small * one[1] >= 0.01 or one is _UNITS[-1])
    if unit == "°" and small < 1:
        unit, factor = _UNITS[1]
    sides = [f"{size * factor:.4g}{unit}" for size in (high, wide)]
    return sides[0] if sides[0] == sides[1] else " × ".join(sides)
