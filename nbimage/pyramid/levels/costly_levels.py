"""Which levels of an image take long to read a tile of, and which of them an overview holds."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nbimage.pyramid.core.pyramid import Pyramid

QUICK = 1 << 23
"""Samples that may be read to make one tile; where it would be more, an overview is needed."""
SLOW = 1 << 22
"""Samples of a tile that is shown roughly at first, while others are made."""
_TILE = 256 * 256
_WHOLE = 1 << 20  # samples of a level that `Pyramid` makes as a whole
_PIXELS = 1 << 24  # of an overview
_LEVEL_BYTES = 1 << 27


def find_costly_levels(pyramid: Pyramid, *, whole: bool) -> list[int]:
    """Return the levels of which a tile takes long without a cache.

    ``whole``: any part unpacks all of the file.
    """
    levels = range(pyramid.grid.last + 1)
    if whole:
        return list(levels[1:])
    return [level for level in levels if _cost(pyramid, level) > QUICK]


def find_overview_level(pyramid: Pyramid, costly: Sequence[int]) -> int | None:
    """Return the largest of the costly levels that an overview may hold; None: none is needed."""
    most = min(_PIXELS, _LEVEL_BYTES // (pyramid.channels * pyramid.dtype.itemsize))
    return min((n for n in costly if math.prod(pyramid.grid.shape(n)) <= most), default=None)


def find_slow_levels(pyramid: Pyramid, smallest: int | None) -> frozenset[int]:
    """Return the levels above an overview of which a tile takes a moment: more than is seen."""
    levels = range(0 if smallest is None else smallest)
    return frozenset(level for level in levels if _decoded(pyramid, level) > SLOW)


def _decoded(pyramid: Pyramid, level: int) -> int:
    """Return how many samples of whole blocks are decoded to make one tile of a level."""
    above = max(own for own in pyramid.native_levels if own <= level)
    side, count = 256 << (level - above), pyramid.channels
    sides = zip(pyramid.grid.shape(above), pyramid.block(above), strict=True)
    for length, block in sides:
        count *= min(length, -(-side // block) * block)
    return count


def _cost(pyramid: Pyramid, level: int) -> int:
    """Return how many samples are read to make one tile of a level."""
    above = max(own for own in pyramid.native_levels if own <= level)
    rows, columns = pyramid.grid.shape(above)
    whole = rows * columns
    if above == level:
        return _TILE
    small, wide = pyramid.grid.shape(level)
    if small * wide * pyramid.channels <= _WHOLE:
        return whole
    return min(whole, _TILE << (2 * (level - above)))
