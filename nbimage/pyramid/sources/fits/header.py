"""What a FITS header says of its axes: their names, their linear coordinates, which way is up.

A coordinate that is no function of one axis alone, such as those of the sky, is named in a note.
"""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, SPATIAL_NAMES
from nbimage.arrays.metadata import Coordinate
from nbimage.pyramid.sources.fits.sky import describe_center

_STOKES = {
    **dict(enumerate("IQUV", 1)),
    **dict(zip(range(-1, -9, -1), ("RR", "LL", "RL", "LR", "XX", "YY", "XY", "YX"), strict=True)),
}
_ALGORITHM = re.compile(r"(.{4})-([A-Z0-9]{3})(-.*)?")
_FRAMES = frozenset({"LSR", "HEL", "OBS", "LSD", "GEO", "TOP", "BAR"})
"""Where a velocity or a frequency is measured, in the place of an algorithm."""
_COLORS = frozenset({"rgb", "color", "colour"})
_NO_NAMES = CHANNEL_NAMES | SAMPLE_NAMES | SPATIAL_NAMES
_DISTORTIONS = ("A_ORDER", "B_ORDER", "CPDIS1", "CPDIS2", "CQDIS1", "CQDIS2", "D2IMDIS1")
_LONGEST = 1 << 16  # further coordinates that are listed


class Axes(NamedTuple):
    """What is known of the axes, in the array's order."""

    names: tuple[str, ...]
    coordinates: tuple[Coordinate, ...]
    note: str


def read_axes(header: Any, shape: tuple[int, ...]) -> Axes:
    """Return names and coordinates of the axes of an image.

    The first row is at the bottom, unless ``ROWORDER`` says that it is at the top.
    """
    count = len(shape)
    top_down = _text(header, "ROWORDER").upper() == "TOP-DOWN"
    names: list[str] = []
    coordinates: list[Coordinate] = []
    unread: list[str] = []
    for axis, length in enumerate(shape):
        number = count - axis
        kind = _text(header, f"CTYPE{number}")
        line = _find_line(header, number, count)
        if line is None and (_ALGORITHM.fullmatch(kind) or _has_position(header, number)):
            unread.append(_describe(header, number))
        sides = {1: "x", 2: "y"}
        names.append(sides.get(number) or _name_axis(header, number, length, names))
        known = _as_coordinate(header, number, line, length)
        coordinates.append(
            Coordinate(known.values, known.label, number == 2 and not top_down, known.regular)
        )
    note = f"not shown: coordinates {', '.join(reversed(unread))}" if unread else ""
    center = describe_center(header, shape)
    note = "; ".join(filter(None, [note, center]))
    return Axes(tuple(names), tuple(coordinates), note)


def _name_axis(header: Any, number: int, length: int, others: list[str]) -> str:
    """Return the name of an axis beside rows and columns: its type, or its number."""
    word = _text(header, f"CTYPE{number}").split("-")[0]
    if not word and number == 3 and length == 3 and "ROWORDER" in header:
        return "rgb"  # of programs that take pictures in colors
    if word.lower() in _COLORS:
        return "rgb"
    taken = not word or word.lower() in _NO_NAMES or word in others
    return f"NAXIS{number}" if taken else word


def _as_coordinate(
    header: Any, number: int, line: tuple[float, float] | None, length: int
) -> Coordinate:
    if line is None:
        return Coordinate(None)
    kind, unit = _text(header, f"CTYPE{number}"), _text(header, f"CUNIT{number}")
    found = _ALGORITHM.fullmatch(kind)
    word = found[1].rstrip("-") if found else kind
    unit = unit or ("deg" if found and found[2] == "CAR" else "")
    label = f"{word} [{unit}]".lstrip() if unit else word
    first, step = line
    if word == "STOKES":
        texts = [_STOKES.get(round(first + step * i), "") for i in range(length)]
        return Coordinate(np.array(texts, np.str_) if all(texts) else None, word)
    if found and found[2] == "LOG":
        return Coordinate(_list_logarithmic(header, number, line, length), label)
    if number > 2 and length <= _LONGEST:
        return Coordinate(first + step * np.arange(length), label)
    return Coordinate(None, label, regular=line)


def _list_logarithmic(header: Any, number: int, line: tuple[float, float], length: int) -> Any:
    reference = _number(header, f"CRVAL{number}", 0.0)
    linear = line[0] + line[1] * np.arange(length)
    with np.errstate(all="ignore"):
        values = reference * np.exp((linear - reference) / reference)
    return values if np.isfinite(values).all() and len(np.unique(values)) == length else None


def _find_line(header: Any, number: int, count: int) -> tuple[float, float] | None:
    """Return the first coordinate and the step of an axis; None where it has no such line."""
    if not _has_position(header, number) or not _is_linear(header, number):
        return None
    row = [_matrix(header, number, other, count) for other in range(1, count + 1)]
    column = [_matrix(header, other, number, count) for other in range(1, count + 1)]
    step = row[number - 1]
    others = [*row[: number - 1], *row[number:], *column[: number - 1], *column[number:]]
    if not math.isfinite(step) or not step or any(others):
        return None
    pixel, value = _number(header, f"CRPIX{number}", 0.0), _number(header, f"CRVAL{number}", 0.0)
    first = value + step * (1 - pixel)
    return (first, step) if math.isfinite(first) else None


def _has_position(header: Any, number: int) -> bool:
    return any(f"{key}{number}" in header for key in ("CRVAL", "CDELT")) or (
        f"CD{number}_{number}" in header
    )


def _is_linear(header: Any, number: int) -> bool:
    if number <= 2 and any(key in header for key in _DISTORTIONS):
        return False
    kind = _text(header, f"CTYPE{number}")
    found = _ALGORITHM.fullmatch(kind)
    if found is None:
        return True
    if found[2] == "LOG":
        return _number(header, f"CRVAL{number}", 0.0) != 0
    if found[2] == "CAR":
        return _is_unrotated(header)
    return found[2] in _FRAMES and found[1] in ("FREQ", "VELO", "VRAD", "VOPT")


def _is_unrotated(header: Any) -> bool:
    """Say whether a plate carrée has its reference on the equator: both its axes are linear."""
    count = int(header["NAXIS"])
    kinds = {i: _text(header, f"CTYPE{i}") for i in range(1, count + 1)}
    flat = {i for i, kind in kinds.items() if kind.endswith("-CAR")}
    latitudes = [i for i in flat if re.match(r"DEC|.LAT", kinds[i])]
    if (
        len(flat) != 2
        or len(latitudes) != 1
        or any(f"PV{i}_{m}" in header for i in flat for m in range(5))
    ):
        return False
    poles = _number(header, "LONPOLE", 0.0), _number(header, "LATPOLE", 90.0)
    return _number(header, f"CRVAL{latitudes[0]}", 0.0) == 0 and poles == (0.0, 90.0)


def _matrix(header: Any, row: int, column: int, count: int) -> float:
    """Return how a coordinate changes along an axis, both by their numbers."""
    numbers = range(1, count + 1)
    own = 1.0 if row == column else 0.0
    if any(f"CD{i}_{j}" in header for i in numbers for j in numbers):
        return _number(header, f"CD{row}_{column}", 0.0)
    step = _number(header, f"CDELT{row}", 1.0)
    turned = _number(header, "CROTA2", 0.0) or _number(header, "CROTA1", 0.0)
    if turned and {row, column} <= {1, 2}:
        return step if row == column else math.nan
    legacy = f"PC{row:03d}{column:03d}"
    return step * _number(header, f"PC{row}_{column}", _number(header, legacy, own))


def _describe(header: Any, number: int) -> str:
    """Return an axis' type, and its value at the reference."""
    kind = _text(header, f"CTYPE{number}") or f"of axis {number}"
    unit = _text(header, f"CUNIT{number}") or ("deg" if _ALGORITHM.fullmatch(kind) else "")
    value = _number(header, f"CRVAL{number}", 0.0)
    pixel = _number(header, f"CRPIX{number}", 0.0)
    return f"{kind} ({value:.8g} {unit}".rstrip() + f" at pixel {pixel:g})"


def read_label(header: Any) -> str:
    """Return what the values are, with their unit: "Intensity [Jy/beam]"."""
    unit = _text(header, "BUNIT")
    return f"{_text(header, 'BTYPE')} [{unit}]".lstrip() if unit else _text(header, "BTYPE")


def _text(header: Any, key: str) -> str:
    value = header.get(key, "")
    return (
        " ".join(value.split()).replace("[", "(").replace("]", ")")
        if isinstance(value, str)
        else ""
    )


def _number(header: Any, key: str, default: float) -> float:
    value = header.get(key, default)
    return float(value) if isinstance(value, (int, float)) else math.nan
