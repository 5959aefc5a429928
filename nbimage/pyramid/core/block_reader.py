"""A source of which the blocks that were read last are kept."""

from __future__ import annotations

import math
from dataclasses import fields

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache, assemble
from nbimage.pyramid.core.source import Source, SourceInfo

_FEW = 4  # blocks: parts of more are read as they are
_LARGEST = 1 << 28  # bytes of a block that is kept


class BlockReader(SourceInfo):
    """Reads whole blocks, so that tiles of one block decode or compute it once."""

    def __init__(self, inner: Source, most: int = 1 << 27) -> None:
        self.inner = inner
        self._recent = BlockCache(most)
        super().__init__(**{about.name: getattr(inner, about.name) for about in fields(SourceInfo)})

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        high, wide = block = self.blocks[index]
        size = high * wide * self.channels * self.dtype.itemsize
        if block == (1, 1) or math.prod(box.shape) > _FEW * high * wide or size > _LARGEST:
            return self.inner.read(index, box, plane)
        rows, columns = self.shapes[index]

        def whole(row: int, column: int) -> Array:
            top, left = row * high, column * wide
            own = Box(top, min(rows, top + high), left, min(columns, left + wide))
            return self._recent.get(
                (index, plane, row, column), lambda: self.inner.read(index, own, plane)
            )

        return assemble(box, block, whole)

    def forget(self) -> None:
        """Let go of blocks."""
        self._recent.clear()

    def close(self) -> None:
        """Let go of blocks and files."""
        self.forget()
        self.inner.close()
