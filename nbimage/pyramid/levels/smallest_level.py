"""A source's smallest level as a source of its own, of which smaller ones are made."""

from __future__ import annotations

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import Source, WrappedSource


class SmallestLevel(WrappedSource):
    """A source's smallest level alone."""

    def __init__(self, source: Source) -> None:
        self._index = len(source.shapes) - 1
        super().__init__(source, shapes=source.shapes[-1:], blocks=source.blocks[-1:])

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of it."""
        return self.inner.read(self._index, box, index)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        return self.inner.read_stored(self._index, box, index)
