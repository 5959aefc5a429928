"""Which pictures of a grid share a range, and how wide its columns are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from nbimage.page.grids.grid_html import GAP
from nbimage.page.page_size import OUTPUT, PageSize, find_enlargement
from nbimage.picture import Picture

_SMALL, _LARGE = 96, 240  # CSS pixels between which a column is where as many as fit stand in a row
TITLED = 160
"""CSS pixels below which a column is not narrower than its titles."""
_TICKED = 200  # CSS pixels of a column that has room for some ticks
_ACROSS, _PAGE = 8, 840  # columns and CSS pixels into which enlarged pictures fit
_MANY, _LEAST = 5, 72  # columns from which on they may be narrower, and how narrow
_DOT = 48  # CSS pixels below which a picture beside larger ones is a dot
_BESIDE = 52  # CSS pixels of these for a colorbar beside more than a few columns


def group_pictures(
    shared: bool | Literal["row", "column"], count: int, columns: int | None
) -> list[list[int]]:
    """Return which pictures share a range. Raises ValueError where rows have no known length."""
    every = list(range(count))
    if not isinstance(shared, str):
        return [every] if shared else [[i] for i in every]
    if columns is None:
        raise ValueError(f"columns must be a number where shared is {shared!r}, but got 'auto'")
    if shared == "row":
        return [every[i : i + columns] for i in range(0, count, columns)]
    return [every[j::columns] for j in range(min(columns, count))]


class Sized(NamedTuple):
    """The size of a picture in CSS pixels where it is shown pixel for pixel."""

    width: float
    height: float


def natural_width(pictures: Sequence[Any]) -> float:
    """Return the width of a column at which pictures are shown pixel for pixel."""
    return max((p.width for p in pictures if p is not None), default=_SMALL)


def column_width(
    size: PageSize,
    pictures: Sequence[Any],
    columns: int | None,
    letters: int,
    cell: float = 0,
    ticked: bool = False,
) -> float:
    """Return the width of a column in CSS pixels: as asked, or what suits pictures and titles.

    ``pictures`` have a width and a height. ``letters``: of the longest title. ``cell``: what a
    pixel takes at the least. ``ticked``: ticks stand along the sides.
    """
    natural = natural_width(pictures)
    if size.width is not None:
        return float(size.width)
    if size.zoom is not None:
        return natural * float(size.zoom)
    across = columns or min(len(pictures), _ACROSS)
    close = columns is None and across >= _MANY  # as many as possible are to stand in a row
    least = min(max(_LEAST if close else _SMALL, 7 * letters), TITLED)
    least = max(least, _TICKED) if ticked else least
    tallest = max((p.height for p in pictures if p is not None), default=natural)
    room = (OUTPUT - _BESIDE) / across - GAP if close else _PAGE / max(across, 3)
    times = find_enlargement(natural, tallest, max(least, room))
    times = max(times, math.ceil(least / natural), math.ceil(cell))
    if times > 1:
        return float(natural * times)
    if columns is not None:  # they shrink to the page
        return float(natural)
    still = (Picture, Sized, type(None))
    large = _LARGE if all(isinstance(p, still) for p in pictures) else 480
    return float(min(natural, large))


def find_times(size: PageSize, pictures: Sequence[Any], width: float) -> list[float]:
    """Return by how much each picture is enlarged beyond the scale of the widest one.

    Where a width is asked for, all have that, but none is taller than the tallest would be; where
    no size is, those that would be dots beside larger ones are enlarged by a whole factor. Others
    are in scale. ``width``: of a column.
    """
    shown = [p for p in pictures if p is not None]
    if size.zoom is not None or not shown:
        return [1.0] * len(pictures)
    natural, tallest = natural_width(pictures), max(p.height for p in shown)
    times = []
    for picture in pictures:
        factor = 1.0
        if picture is not None:
            room = min(natural / picture.width, tallest / picture.height)
            longer = max(picture.width, picture.height) * width / natural
            if size.width is not None:
                factor = max(1.0, room)
            elif isinstance(picture, (Picture, Sized)) and longer < _DOT:
                factor = max(1.0, float(int(room)))
        times.append(factor)
    return times
