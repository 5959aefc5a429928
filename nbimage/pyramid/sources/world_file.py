"""World files: where the pixels of a picture lie, in six lines of text beside it."""

from __future__ import annotations

import math
from pathlib import Path

from nbimage.arrays.metadata import Coordinate, Transform

_MAX_BYTES = 4096
_TINY = 1e-9  # of a pixel's size: by so much rows and columns may lean


def find_world_file(path: Path) -> Path | None:
    """Return the world file of a picture: of "a.tif" "a.tfw", "a.tifw" or "a.wld"."""
    suffix = path.suffix
    if len(suffix) < 3:
        return None
    for own in (f"{suffix[:2]}{suffix[-1]}w", f"{suffix}w", ".wld"):
        for name in dict.fromkeys((own, own.lower(), own.upper())):
            beside = path.with_suffix(name)
            if beside.is_file():
                return beside
    return None


def read_world_file(path: Path) -> Transform | None:
    """Return what a world file says; None where it is none."""
    try:
        with path.open("rb") as file:
            words = file.read(_MAX_BYTES).decode("ascii").replace(",", ".").split()
        a, d, b, e, x, y = map(float, words[:6])  # of the center of the first pixel
    except (OSError, ValueError):
        return None
    found = a, b, x - (a + b) / 2, d, e, y - (d + e) / 2
    return found if all(map(math.isfinite, found)) and a * e - b * d else None


def describe_rotation(transform: Transform) -> str:
    """Return a note on a transform that axes can't show."""
    numbers = ", ".join(f"{number:g}" for number in transform)
    return f"georeferenced with a rotation, which axes can't show: {numbers}"


def make_coordinates(
    transform: Transform | None, labels: tuple[str, str] = ("y", "x")
) -> tuple[tuple[Coordinate | None, ...], Transform | None]:
    """Return the coordinates of rows and of columns; the transform, where axes can't show it."""
    if transform is None:
        return (), None
    a, b, c, d, e, f = transform
    if abs(b) > _TINY * abs(a) or abs(d) > _TINY * abs(e):
        return (), transform
    rows = Coordinate(None, labels[0], upward=e > 0, regular=(f + e / 2, e))
    return (rows, Coordinate(None, labels[1], regular=(c + a / 2, a))), None
