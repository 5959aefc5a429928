"""Parts of a source that are read one after the other: all of it, or some to estimate limits by."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nbimage.base.box import Box
from nbimage.pyramid.core.grid import Grid
from nbimage.pyramid.core.source import Source

Index = tuple[int, ...]
_SAMPLED = 1 << 22  # samples from which limits are estimated


def all_blocks(source: Source) -> Iterator[tuple[int, Box, Index]]:
    """Yield the parts of the whole image, in every plane."""
    for index in np.ndindex(tuple(length for _, length in source.axes)):
        grid = _cut(source, 0)
        for number in range(grid.total):
            yield 0, grid.box_of(number), index


def some_blocks(source: Source) -> Iterator[tuple[int, Box, Index]]:
    """Yield parts of the smallest level of the source's own that is large enough to tell."""
    level = len(source.shapes) - 1
    while level and math.prod(source.shapes[level]) < _SAMPLED >> 2:
        level -= 1
    planes = list(_spread(tuple(length for _, length in source.axes)))
    grid = _cut(source, level, 256)
    count = _SAMPLED // (math.prod(grid.box_of(0).shape) * source.channels)
    count = min(grid.total, max(1, max(8, count) // len(planes)))
    random = np.random.default_rng(0)  # a jittered grid: the same at each call
    for index in planes:
        where = (np.arange(count) + random.random(count)) * grid.total / count
        for number in where.tolist():
            yield level, grid.box_of(min(grid.total - 1, int(number))), index


def _cut(source: Source, number: int, side: int = 2048) -> Grid:
    """Return how a level is read: in blocks, or some of them of about a size."""
    rows, columns = source.shapes[number]
    high, wide = source.blocks[number]
    wide = min(columns, max(wide, side // wide * wide))
    high = min(rows, max(high, max(1, side * side // wide) // high * high))
    return Grid((rows, columns), (high, wide))


def _spread(lengths: tuple[int, ...]) -> Iterator[Index]:
    """Yield a few planes over further axes: at most three along each, eight in all."""
    ends = [sorted({0, length // 2, length - 1}) for length in lengths]
    count = math.prod(map(len, ends))
    for number in range(0, count, -(-count // 8)):
        index = []
        for choices in reversed(ends):
            number, which = divmod(number, len(choices))
            index.append(choices[which])
        yield tuple(reversed(index))
