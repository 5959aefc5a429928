"""Units by their symbols: each by all of its names."""

from __future__ import annotations

import pytest

from nbimage.pyramid.core.units import LENGTHS, TIMES, short_unit

NAMES = {
    "Å": "angstrom angstroms Angstrom",
    "nm": "nanometer nanometers nanometre nanometres Nanometer",
    "µm": "micrometer micrometers micrometre micrometres micron microns um \u03bcm",
    "mm": "millimeter millimeters millimetre millimetres",
    "cm": "centimeter centimeters centimetre centimetres",
    "m": "meter meters metre metres Metre METERS",
    "km": "kilometer kilometers kilometre kilometres",
    "in": "inch",
    "ns": "nanosecond nanoseconds",
    "µs": "microsecond microseconds us \u03bcs",
    "ms": "millisecond milliseconds msec msecs",
    "s": "second seconds sec secs Seconds",
    "min": "minute minutes",
    "h": "hour hours",
    "d": "day days",
}


@pytest.mark.parametrize("symbol", NAMES)
def test_a_unit_has_its_symbol_by_all_of_its_names(symbol: str) -> None:
    found = {name: short_unit(name) for name in [symbol, *NAMES[symbol].split()]}
    assert set(found.values()) == {symbol}, found


def test_symbols_are_of_lengths_or_of_times() -> None:
    assert {short for short in NAMES if short[-1] in "Åmn" and short != "min"} == LENGTHS
    assert NAMES.keys() - LENGTHS == TIMES


@pytest.mark.parametrize("none", [None, "", " ", "pixel", "pixels", "Pixel", "reference frame"])
def test_pixels_and_nothing_have_no_unit(none: object) -> None:
    assert short_unit(none) == ""


@pytest.mark.parametrize("unit", ["K", "degrees_north", "Furlongs", "mmHg", "S"])
def test_a_unit_that_is_not_known_stays(unit: str) -> None:
    assert short_unit(f" {unit} ") == unit
    assert short_unit(f"{unit}  per\tday") == f"{unit} per day"
