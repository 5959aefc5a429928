"""A source's smallest level as a source of its own, of which smaller ones are made."""

from __future__ import annotations

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import Source


class SmallestLevel(Source):
    """A source's smallest level alone."""

    def __init__(self, source: Source) -> None:
        self._source, self._index = source, len(source.shapes) - 1
        super().__init__(
            shapes=source.shapes[-1:],
            dtype=source.dtype,
            channels=source.channels,
            axes=source.axes,
            blocks=source.blocks[-1:],
            metadata=source.metadata,
        )

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of it."""
        return self._source.read(self._index, box, index)

    def close(self) -> None:
        """Let go of files."""
        self._source.close()
