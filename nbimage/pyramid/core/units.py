"""Units of length by the symbols that a scale bar has."""

from __future__ import annotations

_SHORT = {
    "angstrom": "Å",
    "nanometer": "nm",
    "micrometer": "µm",
    "micron": "µm",
    "microns": "µm",
    "um": "µm",
    "\u03bcm": "µm",
    "millimeter": "mm",
    "centimeter": "cm",
    "meter": "m",
    "kilometer": "km",
    "inch": "in",
    "pixel": "",
    "pixels": "",
    "reference frame": "",
}
LENGTHS = frozenset({"Å", "nm", "µm", "mm", "cm", "m", "km", "in"})


def short_unit(unit: object) -> str:
    """Return a unit's symbol; one that is not known stays."""
    text = " ".join(str(unit or "").split())
    return _SHORT.get(text.lower().replace("metre", "meter"), text)
