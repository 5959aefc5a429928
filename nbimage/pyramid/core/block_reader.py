"""A source that reads whole blocks of another and keeps the latest ones.

For arrays that are computed or decoded in chunks; files keep their own blocks.
"""

from __future__ import annotations

import math

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.grid import Grid
from nbimage.pyramid.core.source import Source, WrappedSource, split_missing

_FEW = 4  # blocks: parts of more are read as they are
_LARGEST = 1 << 28  # bytes of a block that is kept


class BlockReader(WrappedSource):
    """Reads whole blocks, so that tiles of one block decode or compute it once."""

    def __init__(self, source: Source, max_bytes: int = 1 << 27) -> None:
        self._cache = BlockCache(max_bytes)
        super().__init__(source)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        high, wide = block = self.blocks[level]
        size = high * wide * self.channels * self.dtype.itemsize
        if block == (1, 1) or math.prod(box.shape) > _FEW * high * wide or size > _LARGEST:
            return self.inner.read(level, box, index)
        grid = Grid(self.shapes[level], block)

        def read_block(row: int, column: int) -> Array:
            return self.inner.read(level, grid.box(row, column), index)

        return self._cache.assemble((level, index), box, block, read_block)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        return split_missing(self.read(level, box, index), self.stored)

    def clear(self) -> None:
        """Forget all blocks."""
        self._cache.clear()

    def close(self) -> None:
        """Forget all blocks and close files."""
        self.clear()
        self.inner.close()
