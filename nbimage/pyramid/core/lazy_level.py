"""Parts of a level that is computed from a larger one, each block of which is decoded about once.

The larger level is read cell by cell: a cell is a block of the source, or some small ones. It is
halved by itself as often as its rows and columns can be; the remaining halvings are done where
cells have been assembled. Levels that are kept in a file are not computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.downsample import Halve, halve_repeatedly
from nbimage.pyramid.core.grid import Grid, count_halvings

_WHOLE = 1 << 24  # samples of a block up to which all of it is read, and kept for other parts

Size = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class LazyLevel:
    """A level that is so many halvings smaller than one that the source has."""

    read_larger: Callable[[Box], Array]
    larger_shape: Size
    block: Size
    """Rows and columns of the larger level that are decoded at once."""
    halvings: int
    channels: int
    dtype: np.dtype[np.generic]
    key: Hashable
    """Tells the larger level from others in ``cache``."""
    cache: BlockCache
    cache_bytes: int
    """That ``cache`` keeps."""
    max_area: int
    """Pixels that are assembled at once, unless a block has more."""
    halve: Halve

    def read(self, box: Box) -> Array:
        """Return a part of the level."""
        cells = _cut_cells(self, box)
        halvings = self.halvings - cells.halvings
        if not halvings:
            return cells.assemble(box)
        channels = () if self.channels == 1 else (self.channels,)
        whole = np.empty((*box.shape, *channels), self.dtype)
        for part in cells.parts(box, halvings):
            inner = _enlarge(part, halvings, _halve_shape(self.larger_shape, cells.halvings))
            samples = halve_repeatedly(cells.assemble(inner), halvings, self.halve)
            whole[part.within(box).slices] = samples
        return whole


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """The cells of a level that are read to compute a part of a smaller one."""

    level: LazyLevel
    need: Box
    grid: Grid
    halvings: int
    """How often a cell is halved by itself."""
    whole: bool
    """A cell is a block, and read as a whole; else only what is needed of it is."""
    kept: bool

    def assemble(self, box: Box) -> Array:
        """Return a part of the level that cells are halved to."""
        channels = () if self.level.channels == 1 else (self.level.channels,)
        samples = np.empty((*box.shape, *channels), self.level.dtype)
        for cell in self._covering(box):
            part = self._read(cell)
            top, left = cell.top >> self.halvings, cell.left >> self.halvings
            there = Box(top, top + part.shape[0], left, left + part.shape[1])
            both = there.common(box)
            samples[both.within(box).slices] = part[both.within(there).slices]
        return samples

    def _covering(self, box: Box) -> Iterator[Box]:
        """Yield what is read of each cell that a part lies in."""
        cells = self.grid.covering(_enlarge(box, self.halvings, self.grid.shape))
        for row in range(cells.top, cells.bottom):
            for column in range(cells.left, cells.right):
                cell = self.grid.box(row, column)
                yield cell if self.whole else cell.common(self.need)

    def _read(self, cell: Box) -> Array:
        def read() -> Array:
            part = self.level.read_larger(cell)
            return self._halved(part) if self.halvings else part.copy()

        if not self.kept:
            return self._halved(self.level.read_larger(cell))
        return self.level.cache.get((self.level.key, self.halvings, cell), read)

    def _halved(self, part: Array) -> Array:
        return halve_repeatedly(part, self.halvings, self.level.halve)

    def parts(self, box: Box, halvings: int) -> Iterator[Box]:
        """Cut a part of the smaller level: column by column of so many rows.

        So many that two columns of cells fit into what is kept: each row of cells that lies across
        two parts is decoded twice, no other one.
        """
        most = self.level.max_area
        high, wide = _halve_shape(self.grid.size, self.halvings)
        cell = high * wide * self.level.channels * self.level.dtype.itemsize
        count = max(1, self.level.cache_bytes // (2 * cell) - 1)
        rows = max(1, min(-(-count * high >> halvings), most >> (2 * halvings)))
        columns = max(1, most // (rows << halvings) >> halvings)
        for top in range(box.top, box.bottom, rows):
            for left in range(box.left, box.right, columns):
                bottom, right = min(box.bottom, top + rows), min(box.right, left + columns)
                yield Box(top, bottom, left, right)


def _cut_cells(level: LazyLevel, box: Box) -> _Cells:
    """Return the cells of which a part is computed: blocks, or of small ones some together."""
    (high, wide), (rows, columns) = level.block, level.larger_shape
    width = _grow(wide, columns, math.isqrt(level.max_area))
    height = _grow(high, rows, level.max_area // width)
    halvings = min(level.halvings, count_halvings(height, rows), count_halvings(width, columns))
    whole = (height, width) == (high, wide) and high * wide * level.channels <= _WHOLE
    need = _enlarge(box, level.halvings, level.larger_shape)
    kept = whole or halvings < level.halvings
    grid = Grid(level.larger_shape, (height, width))
    return _Cells(level, need, grid, halvings, whole and (high, wide) != (1, 1), kept)


def _grow(block: int, length: int, most: int) -> int:
    """Return a block's rows or columns, doubled as long as they are no more than ``most``."""
    while 2 * block <= most and block < length:
        block *= 2
    return block


def _enlarge(box: Box, halvings: int, shape: Size) -> Box:
    """Return where a part lies in a level so many halvings larger."""
    top, bottom, left, right = (position << halvings for position in box)
    return Box(top, min(shape[0], bottom), left, min(shape[1], right))


def _halve_shape(shape: Size, halvings: int) -> Size:
    """Return rows and columns, halved so many times and rounded up."""
    return -(-shape[0] >> halvings), -(-shape[1] >> halvings)
