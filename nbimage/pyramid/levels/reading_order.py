"""In which blocks, and in which order, a level is read to compute a much smaller one.

A block here is one of the source's own, or some of them together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.grid import Grid, count_halvings

_SIDE = 2048  # samples a side of a block where any part is as near
_LEAST = 256  # rows or columns of a block, where a block has fewer
_MANY = 160  # blocks, down or across, beyond which they are larger
_POSITIONS = 1 << 18  # of a grid: more than are read in the time that there is
_LARGEST = 8192  # rows or columns of a block, where the source's own are not larger
_MOST = 1 << 28  # samples of such a block
_MOST_BLOCKS = 1 << 20
_PENDING = 1 << 22  # samples of blocks that wait for their neighbors, at most


@dataclass(frozen=True, slots=True)
class ReadingGrid:
    """A level, cut into the source's own blocks or a few of these each.

    A block is halved ``halvings`` times by itself. The remaining halvings that are asked for are
    done within a *group*, which is one block, or where blocks are no multiples of two often enough,
    some of them.
    """

    blocks: Grid
    halvings: int
    group: tuple[int, int]
    """How many blocks a group has, down and across."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the level."""
        return self.blocks.shape

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a block."""
        return self.blocks.size

    @property
    def count(self) -> tuple[int, int]:
        """How many blocks there are, down and across."""
        return self.blocks.count

    @property
    def groups(self) -> tuple[int, int]:
        """How many groups there are, down and across."""
        return Grid(self.count, self.group).count

    def box(self, row: int, column: int) -> Box:
        """Return where a block lies."""
        return self.blocks.box(row, column)

    def group_box(self, row: int, column: int) -> Box:
        """Return where a group lies."""
        (high, wide), (down, across) = self.size, self.group
        return Grid(self.shape, (high * down, wide * across)).box(row, column)

    def members(self, row: int, column: int) -> list[tuple[int, int]]:
        """Return the blocks of a group."""
        box = Grid(self.count, self.group).box(row, column)
        return [(r, c) for r in range(box.top, box.bottom) for c in range(box.left, box.right)]


def cut_in_blocks(shape: tuple[int, int], block: tuple[int, int], times: int) -> ReadingGrid:
    """Return the blocks of a level that is to be halved so many times.

    Raises ValueError for one that is too large for that.
    """
    down, across = (
        _size(length, own, 1 << times) for length, own in zip(shape, block, strict=True)
    )
    grid = Grid(shape, (down, across))
    if down * across > max(_MOST, math.prod(block)) or math.prod(grid.count) > _MOST_BLOCKS:
        raise ValueError(
            f"an image of {shape[0]} x {shape[1]} pixels must have smaller levels of its own to be "
            "shown, but has none: write it as a pyramid"
        )
    own = min(
        times, *(count_halvings(n, length) for n, length in ((down, shape[0]), (across, shape[1])))
    )
    group = _group_size(down, shape[0], times), _group_size(across, shape[1], times)
    high, wide = (
        min(n * u, length) for n, u, length in zip((down, across), group, shape, strict=True)
    )
    if (high >> own) * (wide >> own) > _PENDING and group != (1, 1):
        # no end of blocks is one of a group: those at the ends of blocks are read twice
        step = 1 << times
        down, across = (
            min(length, -(-4 * n // step) * step) if u > 1 else n
            for n, u, length in zip((down, across), group, shape, strict=True)
        )
        own, group = times, (1, 1)
    return ReadingGrid(Grid(shape, (down, across)), own, group)


def _size(length: int, block: int, step: int) -> int:
    """Return rows or columns of a block."""
    if block >= length:
        return length
    if block == 1:
        return min(length, -(-_SIDE // step) * step)
    whole, least = math.lcm(block, step), min(max(_LEAST, length // _MANY), _LARGEST)
    if whole <= max(block, 4 * least):
        return min(length, -(-least // whole) * whole)
    return min(length, -(-least // block) * block)


def _group_size(size: int, length: int, times: int) -> int:
    return 1 if size >= length else math.lcm(size, 1 << times) // size


def spread_some(rows: int, columns: int) -> Array:
    """Return positions of a grid of any size, as `spread_out`: of a very large one not all."""
    steps = [1, 1]
    while -(-rows // steps[0]) * -(-columns // steps[1]) > _POSITIONS:
        steps[int(columns // steps[1] > rows // steps[0])] *= 2
    return spread_out(-(-rows // steps[0]), -(-columns // steps[1])) * steps


def spread_out(rows: int, columns: int) -> Array:
    """Return all positions of a grid, ``(N, 2)``: the first ones of any number lie evenly in it.

    The first is in the middle; then come those of coarse grids, each twice as fine.
    """
    bits = max(rows, columns).bit_length()
    code = np.zeros((rows, columns), np.int64)
    for axis, length in enumerate((rows, columns)):
        number = (np.arange(length) - length // 2) % (1 << bits)
        number = number.reshape((-1, 1) if axis == 0 else (1, -1))
        for bit in range(bits):  # the last bit counts most
            code |= ((number >> bit) & 1) << (2 * (bits - 1 - bit) + axis)
    order = np.argsort(code, axis=None)
    return np.stack(np.unravel_index(order, code.shape), axis=1)


def nearest(known: Array) -> tuple[Array, Array]:
    """Return row and column of the nearest true position to each of a grid, or nearly so.

    By jump flooding: each position takes over what its neighbors know, first far ones, then near.
    """
    rows, columns = known.shape
    here = np.indices(known.shape)
    best = np.where(known, here, -(rows + columns) * 4)
    step = 1 << (max(rows, columns) - 1).bit_length()
    while step:
        for down in (-step, 0, step):
            for across in (-step, 0, step):
                there = best[:, _slice(down, rows), _slice(across, columns)]
                to = np.s_[:, _slice(-down, rows), _slice(-across, columns)]
                nearer = _distance(there, here[to]) < _distance(best[to], here[to])
                best[to] = np.where(nearer, there, best[to])
        step >>= 1
    return best[0], best[1]


def _slice(shift: int, length: int) -> slice:
    return slice(min(shift, length), None) if shift >= 0 else slice(0, max(0, length + shift))


def _distance(best: Array, here: Array) -> Array:
    distance: Array = ((best - here) ** 2).sum(axis=0)
    return distance
