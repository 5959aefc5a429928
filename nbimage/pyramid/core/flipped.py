"""A source upside down: data of which the first row belongs at the bottom, such as of latitudes."""

from __future__ import annotations

from dataclasses import fields, replace

from nbimage.arrays.metadata import Metadata
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source, SourceInfo


class FlippedSource(SourceInfo):
    """Another source from its last row to its first one, in every level."""

    def __init__(self, inner: Source) -> None:
        self.inner = inner
        known = {field.name: getattr(inner, field.name) for field in fields(SourceInfo)}
        super().__init__(**{**known, "metadata": _flipped(inner.metadata, len(inner.axes))})

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        rows = self.shapes[level][0]
        own = Box(rows - box.bottom, rows - box.top, box.left, box.right)
        return self.inner.read(level, own, index)[::-1]

    def close(self) -> None:
        """Let go of files."""
        self.inner.close()


def as_upright(pyramid: Pyramid) -> Pyramid:
    """Return a pyramid with the row at the top that belongs there: itself, where that is so."""
    return Pyramid(FlippedSource(pyramid.source)) if is_upward(pyramid.source) else pyramid


def is_upward(source: Source) -> bool:
    """Say whether a source's first row belongs at the bottom."""
    rows = source.metadata.along(len(source.axes))
    return rows is not None and rows.upward


def _flipped(metadata: Metadata, axis: int) -> Metadata:
    known = list(metadata.coordinates)
    rows = known[axis] if known else None
    if rows is not None:
        known[axis] = rows.reversed()
    return replace(metadata, coordinates=tuple(known))
