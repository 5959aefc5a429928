"""A source upside down: data of which the first row belongs at the bottom, such as of latitudes."""

from __future__ import annotations

from nbimage.pyramid.core.oriented import OrientedSource
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source

_UPSIDE_DOWN = 4


class FlippedSource(OrientedSource):
    """Another source from its last row to its first one, in every level."""

    def __init__(self, inner: Source) -> None:
        super().__init__(inner, (_UPSIDE_DOWN,) * len(inner.shapes))


def as_upright(pyramid: Pyramid) -> Pyramid:
    """Return a pyramid with the row at the top that belongs there: itself, where that is so."""
    return as_flipped(pyramid) if is_upward(pyramid.source) else pyramid


def as_flipped(pyramid: Pyramid) -> Pyramid:
    """Return a pyramid from its last row to its first one."""
    return Pyramid(FlippedSource(pyramid.source))


def is_upward(source: Source) -> bool:
    """Say whether a source's first row belongs at the bottom."""
    rows = source.metadata.along(len(source.axes))
    return rows is not None and rows.upward
