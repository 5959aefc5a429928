"""Parts of a level that is made of a larger one, each block of which is decoded about once.

The larger level is read cell by cell: a cell is a block of the source, or some small ones. It is
halved by itself as often as its rows and columns can be; what is left to do is done where cells
have been put together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.downsample import halve_repeatedly

HELD = 1 << 26
"""Bytes of cells that are kept."""
_WHOLE = 1 << 24  # samples of a block up to which all of it is read, and kept for other parts

Size = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class LazyLevel:
    """A level that the source has."""

    read: Callable[[Box], Array]
    shape: Size
    block: Size
    """Rows and columns that are decoded at once."""
    channels: int
    dtype: np.dtype[np.generic]
    key: Hashable
    """Tells it from others in `recent`."""
    recent: BlockCache

    def made(self, box: Box, times: int, most: int) -> Array:
        """Return a part of the level that is so many halvings smaller.

        ``most``: pixels that are put together at once, unless a block has more.
        """
        cells = _cut(self, box, times, most)
        rest = times - cells.own
        if not rest:
            return cells.joined(box)
        colors = () if self.channels == 1 else (self.channels,)
        whole = np.empty((*box.shape, *colors), self.dtype)
        for part in cells.parts(box, rest, most):
            inner = _larger(part, rest, _up(self.shape, cells.own))
            whole[part.within(box).slices] = halve_repeatedly(cells.joined(inner), rest)
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The cells of a level that are read to make a part of a smaller one."""

    level: LazyLevel
    need: Box
    size: Size
    """Rows and columns of a cell."""
    own: int
    """How often a cell is halved by itself."""
    whole: bool
    """A cell is a block, and read as a whole; else only what is needed of it is."""
    kept: bool

    def joined(self, box: Box) -> Array:
        """Return a part of the level that cells are halved to."""
        colors = () if self.level.channels == 1 else (self.level.channels,)
        found = np.empty((*box.shape, *colors), self.level.dtype)
        for cell in self._over(box):
            part = self._halved(cell)
            top, left = cell.top >> self.own, cell.left >> self.own
            there = Box(top, top + part.shape[0], left, left + part.shape[1])
            both = _common(there, box)
            found[both.within(box).slices] = part[both.within(there).slices]
        return found

    def _over(self, box: Box) -> Iterator[Box]:
        """Yield what is read of each cell that a part lies in."""
        (high, wide), (rows, columns) = self.size, self.level.shape
        own = _larger(box, self.own, self.level.shape)
        for top in range(own.top // high * high, own.bottom, high):
            for left in range(own.left // wide * wide, own.right, wide):
                cell = Box(top, min(rows, top + high), left, min(columns, left + wide))
                yield cell if self.whole else _common(cell, self.need)

    def _halved(self, cell: Box) -> Array:
        def make() -> Array:
            part = self.level.read(cell)
            return halve_repeatedly(part, self.own) if self.own else part.copy()

        if not self.kept:
            return halve_repeatedly(self.level.read(cell), self.own)
        return self.level.recent.get((self.level.key, self.own, cell), make)

    def parts(self, box: Box, rest: int, most: int) -> Iterator[Box]:
        """Cut a part of the smaller level: column by column of so many rows.

        So many that two columns of cells fit into what is kept: each row of cells that lies across
        two parts is decoded twice, no other one.
        """
        high, wide = _up(self.size, self.own)
        cell = high * wide * self.level.channels * self.level.dtype.itemsize
        count = max(1, HELD // (2 * cell) - 1)
        rows = max(1, min(-(-count * high >> rest), most >> (2 * rest)))
        columns = max(1, most // (rows << rest) >> rest)
        for top in range(box.top, box.bottom, rows):
            for left in range(box.left, box.right, columns):
                bottom, right = min(box.bottom, top + rows), min(box.right, left + columns)
                yield Box(top, bottom, left, right)


def _cut(level: LazyLevel, box: Box, times: int, most: int) -> _Cells:
    """Return the cells of which a part is made: blocks, and of small ones two by two and so on."""
    (high, wide), (rows, columns) = level.block, level.shape
    width = _grown(wide, columns, math.isqrt(most))
    height = _grown(high, rows, most // width)
    own = min(times, _twos(height, rows), _twos(width, columns))
    whole = (height, width) == (high, wide) and high * wide * level.channels <= _WHOLE
    need = _larger(box, times, level.shape)
    kept = whole or own < times
    return _Cells(level, need, (height, width), own, whole and (high, wide) != (1, 1), kept)


def _grown(block: int, length: int, most: int) -> int:
    """Return a block's rows or columns, doubled as long as they are no more than ``most``."""
    while 2 * block <= most and block < length:
        block *= 2
    return block


def _twos(size: int, length: int) -> int:
    """Return how often rows or columns can be halved; the whole of a length always can."""
    return 64 if size >= length else (size & -size).bit_length() - 1


def _larger(box: Box, times: int, shape: Size) -> Box:
    """Return where a part lies in a level so many halvings larger."""
    top, bottom, left, right = (place << times for place in box)
    return Box(top, min(shape[0], bottom), left, min(shape[1], right))


def _common(one: Box, other: Box) -> Box:
    return Box(
        max(one.top, other.top),
        min(one.bottom, other.bottom),
        max(one.left, other.left),
        min(one.right, other.right),
    )


def _up(shape: Size, times: int) -> Size:
    """Return rows and columns, halved so many times and rounded up."""
    return -(-shape[0] >> times), -(-shape[1] >> times)
