"""Which samples are inside of a shape: one rule, for Python and for the page.

Samples lie at whole rows and columns, and a sample is inside if its center is:

- of a point the one sample that the point lies in;
- of a line those of Bresenham's way from the sample of each point to that of the next, as
  ``skimage.draw.line``;
- of a box all with centers within it or on its edges, as ``skimage.draw.rectangle``;
- of an ellipse those with centers within it, not on its edge, as ``skimage.draw.ellipse``;
- of a polygon those with centers within it (crossed sides are odd in number) or on its edges, as
  ``skimage.draw.polygon``.

Only samples of the image count. ``page/js/view/shapes/inside.js`` has the same in JavaScript, with
the same operations in the same order: rounding makes no difference between them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.base.chunked import Array

Point = tuple[float, float]
"""Row and column."""
_NEAR = 1e-12  # of a corner, as scikit-image has it
_EXACT = 1 << 30  # samples of a line whose squares 64 bits hold


def find_inside(
    kind: str, points: Sequence[Point], shape: tuple[int, int]
) -> tuple[tuple[slice, slice], Array]:
    """Return slices of rows and columns that hold all samples inside, and which of them are."""
    rows, columns = find_slices(kind, points, shape)
    size = rows.stop - rows.start, columns.stop - columns.start
    if kind == "box":
        return (rows, columns), np.ones(size, bool)
    if kind == "point" or kind == "line":
        inside = _mark_lines([(_nearest(r), _nearest(c)) for r, c in points], rows, columns, size)
    elif kind == "ellipse":
        inside = _fill_ellipse(points, rows, columns)
    else:
        inside = _fill_polygon(points, rows, columns)
    return (rows, columns), inside


def find_slices(kind: str, points: Sequence[Point], shape: tuple[int, int]) -> tuple[slice, slice]:
    """Return the rows and columns around all samples inside, within the image."""
    rows, columns = (_span(kind, [point[axis] for point in points], shape[axis]) for axis in (0, 1))
    return rows, columns


def _nearest(position: float) -> int:
    return math.floor(position + 0.5)


def _span(kind: str, ends: Sequence[float], size: int) -> slice:
    """Return the rows or columns, within the image, that a shape may have samples of."""
    low, high = min(ends), max(ends)
    if kind in ("point", "line"):
        first, last = _nearest(low), _nearest(high)
    else:
        first, last = math.ceil(low), math.floor(high)
    start = min(max(first, 0), size)
    return slice(start, max(min(last + 1, size), start))


def _mark_lines(
    ends: Sequence[tuple[int, int]], rows: slice, columns: slice, size: tuple[int, int]
) -> Array:
    inside = np.zeros(size, bool)
    for start, stop in zip(ends, ends[1:] or ends, strict=False):
        row, column = _bresenham(start, stop, (rows, columns))
        kept = (row >= rows.start) & (row < rows.stop)
        kept &= (column >= columns.start) & (column < columns.stop)
        where = (line[kept].astype(np.intp) for line in (row - rows.start, column - columns.start))
        inside[tuple(where)] = True
    return inside


def _bresenham(
    start: tuple[int, int], stop: tuple[int, int], within: tuple[slice, slice]
) -> tuple[Array, Array]:
    """Return rows and columns of the samples of a line, both ends included.

    Of those outside of ``within``, rows and columns, some are left out.
    """
    ways = [end - begin for begin, end in zip(start, stop, strict=True)]
    long = 1 if abs(ways[1]) >= abs(ways[0]) else 0
    most, less = abs(ways[long]), abs(ways[1 - long])
    begin, end = within[long].start - start[long], within[long].stop - start[long]
    first, last = (begin, end) if ways[long] > 0 else (1 - end, 1 - begin)
    steps = np.arange(max(0, first), max(0, first, min(most + 1, last)))
    if most > _EXACT:  # products of such are no numbers of NumPy's
        steps = steps.astype(object)
    # the error term of step i is 2 less i - most: each time it is not negative, one across
    across = (2 * less * steps + most) // (2 * most) if most else steps
    found: list[Any] = [None, None]
    found[long] = start[long] + steps * (1 if ways[long] > 0 else -1)
    found[1 - long] = start[1 - long] + across * (1 if ways[1 - long] > 0 else -1)
    return found[0], found[1]


def _fill_ellipse(points: Sequence[Point], rows: slice, columns: slice) -> Array:
    (r0, c0), (r1, c1) = points
    across = np.arange(columns.start, columns.stop, dtype=np.float64)
    down = np.arange(rows.start, rows.stop, dtype=np.float64)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (down - (r0 + r1) / 2) / (abs(r1 - r0) / 2)
        v = (across - (c0 + c1) / 2) / (abs(c1 - c0) / 2)
        return np.asarray(u * u + v * v < 1)


def _fill_polygon(points: Sequence[Point], rows: slice, columns: slice) -> Array:
    """Return what is inside by crossings of each row, counted from the right and from the left."""
    height, width = rows.stop - rows.start, columns.stop - columns.start
    right = np.zeros((height, width + 1), np.uint8)  # at the first column that does not count
    left = np.zeros((height, width + 1), np.uint8)  # at the first that does
    down = np.arange(rows.start, rows.stop, dtype=np.float64)
    for (ya, xa), (yb, xb) in zip(points, [points[-1], *points[:-1]], strict=True):
        first = max(math.floor(min(ya, yb)) - rows.start, 0)
        some = slice(first, max(math.ceil(max(ya, yb)) + 1 - rows.start, first))
        y0, y1 = ya - down[some], yb - down[some]
        at = np.arange(height)[some]
        for crossed, table, above in (
            ((y0 > 0) != (y1 > 0), right, True),
            ((y0 < 0) != (y1 < 0), left, False),
        ):
            k = _first_beyond(xa, xb, y0[crossed], y1[crossed], above)
            k = np.clip(k - columns.start, 0, width).astype(np.intp)
            table[at[crossed], k] ^= 1
    # to the right of an odd number of ends; with those that count from the left on the edge too
    parity = np.bitwise_xor.accumulate
    beyond = parity(left, axis=1)[:, :width]
    before = parity(right[:, ::-1], axis=1)[:, ::-1][:, 1:]
    inside = (beyond | before).astype(bool)
    for y, x in points:
        row, column = round(y), round(x)
        near = abs(y - row) < _NEAR and abs(x - column) < _NEAR
        if near and rows.start <= row < rows.stop and columns.start <= column < columns.stop:
            inside[row - rows.start, column - columns.start] = True
    return inside


def _first_beyond(xa: float, xb: float, y0: Array, y1: Array, above: bool) -> Array:
    """Return the first column at which a side is crossed no more to the right, or to the left.

    ``above``: the first that is not left of the crossing; else the first that is right of it.
    """
    near = np.ceil((xa * y1 - xb * y0) / (y1 - y0))
    first = near - 2
    for offset in (-2, -1, 0, 1):
        column = near + offset
        way = ((xa - column) * y1 - (xb - column) * y0) / (y1 - y0)
        first = np.where(way > 0 if above else way >= 0, column + 1, first)
    return np.asarray(first)
