"""The coordinates of an axis as pages have them, for what is said of a pixel."""

from __future__ import annotations

from typing import Any

from nbimage.arrays.coordinates import text_of
from nbimage.arrays.metadata import Coordinate, split_unit

_MAX_TEXT = 1_000_000  # letters of one axis' coordinates

PageCoordinate = dict[str, Any]
"""An axis' label and unit with ``first`` and ``step``, or with ``texts``."""


def page_coordinate(
    coordinate: Coordinate | None, *, reversed_count: int | None = None
) -> PageCoordinate | None:
    """Return an axis' coordinate as the page has it; None where it has no values.

    ``reversed_count``: of how many samples, from the last one to the first.
    """
    if coordinate is None or (coordinate.values is None and coordinate.regular is None):
        return None
    if reversed_count is not None:
        coordinate = coordinate.reversed(reversed_count)
    label, unit = split_unit(coordinate.label)
    named: PageCoordinate = {"label": label, "unit": unit}
    line = coordinate.line
    if line is not None:
        return {**named, "first": line[0], "step": line[1]}
    values: Any = () if coordinate.values is None else coordinate.values
    texts = [text_of(value) for value in values]
    if sum(map(len, texts)) > _MAX_TEXT:
        return None
    return {**named, "texts": texts}
