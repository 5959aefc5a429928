"""Units of length and time by their symbols, as a scale bar and axes have them."""

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
    **dict.fromkeys(("nanosecond", "nanoseconds"), "ns"),
    **dict.fromkeys(("microsecond", "microseconds", "us", "\u03bcs"), "µs"),
    **dict.fromkeys(("millisecond", "milliseconds", "msec"), "ms"),
    **dict.fromkeys(("second", "seconds", "sec"), "s"),
    **dict.fromkeys(("minute", "minutes"), "min"),
    **dict.fromkeys(("hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
    "pixel": "",
    "pixels": "",
    "reference frame": "",
}
LENGTHS = frozenset({"Å", "nm", "µm", "mm", "cm", "m", "km", "in"})
TIMES = frozenset({"ns", "µs", "ms", "s", "min", "h", "d"})


def short_unit(unit: object) -> str:
    """Return a unit's symbol; one that is not known stays."""
    text = " ".join(str(unit or "").split())
    return _SHORT.get(text.lower().replace("metre", "meter"), text)
