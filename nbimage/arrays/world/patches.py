"""Coordinates of an image as a page has them: polynomials over rectangles of its pixels.

A rectangle is divided until the polynomial of it is within a small part of a pixel of what the
library says, which is looked at within it; where positions have an edge or a jump, pixels are
listed. The page has the same arithmetic in ``view/figure/sky.js``.
"""

from __future__ import annotations

import base64
import itertools
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.world.coordinates import World
from nbimage.base.chunked import Array

_ERROR = 0.0005  # of a pixel, at all that are looked at
_DEGREES = (1, 2, 3, 5, 7, 9)
_NODES = 13  # a side, from which a polynomial is found
_CHECKS = 23  # a side, at which it is looked at
_LISTED = 16  # pixels of a rectangle that are listed one by one
_EDGED = 64  # pixels a side of a rectangle with an edge in it
_FLAT = 1e-3  # how much smaller than the longer side of a pixel the shorter one counts
_MOST = 400_000  # numbers of all polynomials
_KNOWN = 1 << 21  # pixels of an image all of which are asked for at once
_FEW = 40  # questions before that


class Patch(NamedTuple):
    """A polynomial over a rectangle: the columns from ``left`` to ``right``, and so on."""

    left: int
    top: int
    right: int
    bottom: int
    degree: int
    """-1: each pixel is listed."""
    numbers: Array
    runs: tuple[int, ...] = ()
    """How many pixels, row by row, have no position, have one, have none; (): all have one."""


def page_world(world: World, columns: int, rows: int) -> dict[str, Any] | None:
    """Return what a page needs to say the position of each pixel; None where none has one.

    Raises ValueError for coordinates too rough to be described in so few numbers.
    """
    patches = find_patches(world, columns, rows)
    if not patches:
        return None
    listed, at = [], 0
    for patch in patches:
        own = [patch.left, patch.top, patch.right, patch.bottom, patch.degree, at]
        listed.append([*own, list(patch.runs)] if patch.runs else own)
        at += patch.numbers.size
    numbers = np.concatenate([patch.numbers.ravel() for patch in patches])
    return {
        "parts": [
            {
                "kind": part.kind,
                "names": list(part.names),
                "unit": part.unit,
                "frame": part.frame,
                "hours": part.hours,
                "signed": part.signed,
            }
            for part in world.parts
        ],
        "patches": listed,
        "numbers": base64.b64encode(numbers.astype("<f8").tobytes()).decode("ascii"),
    }


def find_patches(world: World, columns: int, rows: int) -> list[Patch]:
    """Return rectangles with a polynomial each, of all pixels that have a position."""
    found: list[Patch] = []
    positions = _Positions(world, columns, rows)
    size, waiting = 0, [(0, 0, columns, rows)]
    while waiting:
        box = waiting.pop()
        patch = _make_patch(positions, *box)
        if patch is None:
            waiting += _divide(*box)
        elif patch.numbers.size:
            found.append(patch)
            size += patch.numbers.size
            if size > _MOST:
                raise ValueError(
                    f"wcs must be smooth enough for a page, but {len(found)} polynomials describe "
                    f"only a part of {rows}×{columns} pixels: give a part of the image"
                )
    return found


class _Positions:
    """The smooth positions of an image's pixels, asked for one by one or all at once."""

    def __init__(self, world: World, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._world, self._asked = world, 0
        self._all: Array | None = None
        self.parts = _slices(world)

    def at(self, x: Array, y: Array) -> Array:
        """Return the positions ``(n, k)`` of pixels by their whole numbers."""
        self._asked += 1
        count = self.columns * self.rows
        if self._all is None and self._asked > _FEW and count <= _KNOWN:
            self._all = self._world.vectors(*_centers(0, 0, self.columns, self.rows))
        if self._all is None:
            return self._world.vectors(x, y)
        return self._all[(y * self.columns + x).astype(np.intp)]

    def lengths(self, x: Array, y: Array, here: Array) -> Array:
        """Return how far it is to the next pixel, of each part: the shorter side if none is flat.

        Where there is no next pixel the one before counts.
        """
        sides = []
        for dx, dy in ((1, 0), (0, 1)):
            last = (x + dx >= self.columns) | (y + dy >= self.rows)
            sign = np.where(last, -1, 1)
            other = np.maximum(x + dx * sign, 0), np.maximum(y + dy * sign, 0)
            sides.append(self.at(*other) - here)
        lengths = []
        for part in self.parts:
            across, down = (np.linalg.norm(one[:, part], axis=1) for one in sides)
            longer, shorter = np.fmax(across, down), np.fmin(across, down)
            if part.stop - part.start == 1:
                shorter = longer
            lengths.append(np.fmax(shorter, longer * _FLAT))
        small = np.stack(lengths, 1)
        small[np.isnan(small)] = 0
        return small

    def is_close(self, off: Array, small: Array) -> bool:
        """Return whether all errors are a small part of a pixel."""
        return all(
            bool((np.linalg.norm(off[:, part], axis=1) <= _ERROR * small[:, i]).all())
            for i, part in enumerate(self.parts)
        )


def _divide(left: int, top: int, right: int, bottom: int) -> list[tuple[int, int, int, int]]:
    """Return halves of a long rectangle, quarters of others."""
    width, height = right - left, bottom - top
    x = [left, right] if height > 2 * width else [left, left + width // 2, right]
    y = [top, bottom] if width > 2 * height else [top, top + height // 2, bottom]
    return [
        (x0, y0, x1, y1)
        for y0, y1 in itertools.pairwise(y)
        for x0, x1 in itertools.pairwise(x)
        if x1 > x0 and y1 > y0
    ]


def _make_patch(
    positions: _Positions, left: int, top: int, right: int, bottom: int
) -> Patch | None:
    """Return a rectangle's polynomial, of no numbers where none has a position; None: divide it."""
    width, height = right - left, bottom - top
    if width * height <= _LISTED:
        values = positions.at(*_centers(left, top, right, bottom))
        known = np.isfinite(values[:, 0])
        return Patch(left, top, right, bottom, -1, values[known], _find_runs(known))
    x, y = _spread(_CHECKS, left, top, right, bottom)
    values = positions.at(x, y)
    known = np.isfinite(values[:, 0])
    if known.all():
        nodes = _spread(_NODES, left, top, right, bottom, bent=True)
        sampled = positions.at(*nodes)
        if not np.isfinite(sampled).all():
            return None
        middle, half = _middle(left, top, right, bottom)
        small = positions.lengths(x, y, values)
        scaled = (nodes[0] - middle[0]) / half[0], (nodes[1] - middle[1]) / half[1]
        checked = (x - middle[0]) / half[0], (y - middle[1]) / half[1]
        for degree in _DEGREES:
            terms = _terms(*scaled, degree)
            if terms.shape[1] > terms.shape[0]:
                break
            numbers = np.linalg.lstsq(terms, sampled, rcond=1e-15)[0]
            if positions.is_close(_terms(*checked, degree) @ numbers - values, small):
                return Patch(left, top, right, bottom, degree, numbers)
        return None
    if width > _EDGED or height > _EDGED:
        if known.any():
            return None
        finer = positions.at(*_spread(4 * _CHECKS, left, top, right, bottom))
        empty = not np.isfinite(finer[:, 0]).any()
        return Patch(left, top, right, bottom, -1, values[:0]) if empty else None
    return _make_edged(positions, left, top, right, bottom)


def _make_edged(
    positions: _Positions, left: int, top: int, right: int, bottom: int
) -> Patch | None:
    """Return the polynomial of those pixels of a small rectangle that have a position."""
    x, y = _centers(left, top, right, bottom)
    values = positions.at(x, y)
    known = np.isfinite(values[:, 0])
    x, y, values, runs = x[known], y[known], values[known], _find_runs(known)
    if not known.any():
        return Patch(left, top, right, bottom, -1, values)
    middle, half = _middle(left, top, right, bottom)
    u, v = (x - middle[0]) / half[0], (y - middle[1]) / half[1]
    small = positions.lengths(x, y, values)
    some = slice(None, None, max(1, values.shape[0] // 400))
    for degree in _DEGREES[:-1]:
        terms = _terms(u, v, degree)
        if 2 * terms.shape[1] > terms[some].shape[0]:
            break
        numbers = np.linalg.lstsq(terms[some], values[some], rcond=1e-13)[0]
        if positions.is_close(terms @ numbers - values, small):
            return Patch(left, top, right, bottom, degree, numbers, runs)
    return None


def _find_runs(known: Array) -> tuple[int, ...]:
    """Return how many pixels have no position, have one, have none, and so on; () if all have."""
    if known.all():
        return ()
    changes = np.flatnonzero(np.diff(known)) + 1
    ends = [0, *([0] if known[0] else []), *changes, known.size]
    return tuple(int(run) for run in np.diff(ends))


def _spread(
    count: int, left: int, top: int, right: int, bottom: int, *, bent: bool = False
) -> tuple[Array, Array]:
    """Return pixels all over a rectangle, the outermost among them; ``bent``: more at its edges."""
    even = np.linspace(-1, 1, count)
    if bent:
        even = -np.cos(np.pi * (np.arange(count) + 0.5) / count)
        even /= even[-1]
    sides = (
        np.unique(np.rint(first + (even + 1) / 2 * (last - 1 - first)))
        for first, last in ((left, right), (top, bottom))
    )
    x, y = np.meshgrid(*sides)
    return x.ravel(), y.ravel()


def _centers(left: int, top: int, right: int, bottom: int) -> tuple[Array, Array]:
    x, y = np.meshgrid(np.arange(left, right, dtype=np.float64), np.arange(top, bottom))
    return x.ravel(), y.ravel().astype(np.float64)


def _middle(
    left: int, top: int, right: int, bottom: int
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the middle of a rectangle's pixels, and half of what lies between the outermost."""
    middle = (left + right - 1) / 2, (top + bottom - 1) / 2
    return middle, (max(0.5, (right - left - 1) / 2), max(0.5, (bottom - top - 1) / 2))


def _terms(u: Array, v: Array, degree: int) -> Array:
    """Return the products of powers, in the order in which a polynomial's numbers are."""
    result = np.empty((len(u), (degree + 1) * (degree + 2) // 2))
    power, at = np.ones_like(u), 0
    for i in range(degree + 1):
        term = power
        for _ in range(degree + 1 - i):
            result[:, at] = term
            term, at = term * v, at + 1
        power = power * u
    return result


def _slices(world: World) -> list[slice]:
    found, at = [], 0
    for part in world.parts:
        length = 1 if part.kind == "number" else 3
        found.append(slice(at, at + length))
        at += length
    return found
