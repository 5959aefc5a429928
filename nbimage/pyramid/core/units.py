"""Units of length and time by their symbols, as a scale bar and axes have them."""

from __future__ import annotations

_SHORT = {
    "angstrom": "Å",
    "nanometer": "nm",
    "micrometer": "µm",
    "micron": "µm",
    "um": "µm",
    "\u03bcm": "µm",
    "millimeter": "mm",
    "centimeter": "cm",
    "meter": "m",
    "kilometer": "km",
    "inch": "in",
    "nanosecond": "ns",
    **dict.fromkeys(("microsecond", "us", "\u03bcs"), "µs"),
    **dict.fromkeys(("millisecond", "msec"), "ms"),
    **dict.fromkeys(("second", "sec"), "s"),
    "minute": "min",
    "hour": "h",
    "day": "d",
    "pixel": "",
    "reference frame": "",
}
LENGTHS = frozenset({"Å", "nm", "µm", "mm", "cm", "m", "km", "in"})
TIMES = frozenset({"ns", "µs", "ms", "s", "min", "h", "d"})


def short_unit(unit: object) -> str:
    """Return a unit's symbol; one that is not known stays."""
    text = " ".join(str(unit or "").split())
    word = text.lower().replace("metre", "meter")
    return _SHORT.get(word, _SHORT.get(word.removesuffix("s"), text))
