"""A small level of one large plane, read block by block: rough at first, exact at the end.

Not here: when it is read, and in how many threads (`background_overviews`).
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import one_line
from nbimage.pyramid.core.downsample import (
    find_mean_pixel,
    halve_repeatedly,
    make_smaller_levels,
    take_samples,
)
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.levels.reading_order import cut_in_blocks, nearest, spread_out

_MAX_SAMPLES = 36  # blocks of which some samples are kept
_LEAST_SECONDS = 0.1  # in which blocks are read for a less rough picture
_FIRST = 512  # rows and columns that are sampled first where any part is as near
_WAITING = 1 << 25  # samples of blocks that wait for their neighbors
_MAX_PRIORITIES = 16  # parts that were asked for last
_GIVEN_UP = 24  # blocks that fail one after another, before any is there

Position = tuple[int, int]


class Overview:
    """Level ``level`` of one plane of a pyramid, and all smaller ones.

    `work` reads a block of the next larger level that the source has, each once, and any number of
    threads may call it. What is not yet known is shown as the mean of the nearest block that is, of
    labels as one of its samples.
    When all is known the samples are those of `Pyramid.read`. A block that can't be read is left
    out: NaN in floats, else as its nearest.
    """

    def __init__(self, pyramid: Pyramid, level: int, index: Index) -> None:
        self.level, self.index = level, index
        self._pyramid, self._halve = pyramid, pyramid.halve
        self._base = max(own for own in pyramid.native_levels if own <= level)
        self._times = level - self._base
        self._takes_tiles = self._base == pyramid.native_levels[-1]
        base = pyramid.grid.shape(self._base)
        self._blocks = cut_in_blocks(base, pyramid.block(self._base), self._times)
        self.is_any_part_near = pyramid.block(self._base) == (1, 1)
        self._colors = () if pyramid.channels == 1 else (pyramid.channels,)
        dtype, count, groups = pyramid.dtype, self._blocks.count, self._blocks.groups
        self._array = np.zeros((*pyramid.grid.shape(level), *self._colors), dtype)
        self._known = np.zeros(groups, bool)
        self._blocks_left: dict[Position, int] = {}  # of groups of which some are read
        self._partial_groups: dict[Position, Array] = {}
        self._read_blocks = np.zeros(count, bool)
        self._means = np.zeros((*count, *self._colors), dtype)
        self._sampled_rows: Array | None = None
        self.samples: list[Array] = []
        self._lock = threading.Lock()
        self._order = self._in_order()
        self._ranks = np.full(count, len(self._order))
        self._ranks[tuple(np.transpose(self._order))] = np.arange(len(self._order))
        self._next, self._finished, self._failed = 0, 0, 0
        self._not_begun = len(self._order)  # blocks that nobody has begun
        self._priorities: list[Box] = []
        self._error = ""
        self._small = [np.zeros((*shape, *self._colors), dtype) for shape in self._smaller()]
        self._fill: tuple[int, float, Array] | None = None
        self._known_rows, self._row_columns = 0, 0  # of the level, by `put_tile`
        self.built = 0.0
        """How much of all levels is built elsewhere, 0 to 1."""
        self.sampling, self.is_sampled = threading.Lock(), False
        self.is_done = False

    def _in_order(self) -> list[Position]:
        """Return all blocks: at first one of each of some groups, then group by group."""
        groups: list[Position] = list(map(tuple, spread_out(*self._blocks.groups).tolist()))
        if len(groups) == self._read_blocks.size:
            return groups
        high, wide = self._blocks.group_box(0, 0).shape
        few = max(
            16, _WAITING // ((high >> self._blocks.halvings) * (wide >> self._blocks.halvings))
        )
        first = [self._blocks.members(*group) for group in groups[:few]]
        middle = [members[len(members) // 2] for members in first]
        rest = itertools.chain.from_iterable(self._blocks.members(*group) for group in groups)
        return list(dict.fromkeys([*middle, *rest]))

    def _smaller(self) -> Iterator[tuple[int, int]]:
        for level in range(self.level + 1, self._pyramid.grid.last + 1):
            yield self._pyramid.grid.shape(level)

    @property
    def halvings(self) -> int:
        """How often the level that it is made of is halved."""
        return self._times

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return self._array.nbytes * 4 // 3

    @property
    def progress(self) -> float:
        """How much of it is done, 0 to 1."""
        return max(self._finished / len(self._order), self.built)

    @property
    def has_more(self) -> bool:
        """Whether there are blocks that nobody has begun."""
        return bool(self._not_begun)

    @property
    def has_samples(self) -> bool:
        """Whether there is anything to show, or it is known that there will be nothing."""
        return self.is_done or self._sampled_rows is not None or bool(self._read_blocks.any())

    def time_left(self, begun: float, seconds: float) -> float:
        """Return how long samples are read yet that are read since then, for so long at most.

        Once there are as many as are kept, limits would not change: that ends sooner.
        """
        if len(self.samples) >= _MAX_SAMPLES:
            seconds = min(seconds, _LEAST_SECONDS)
        return begun + seconds - time.monotonic()

    @property
    def problem(self) -> str:
        """What failed, in one line; "": nothing."""
        if not self._failed:
            return ""
        count = len(self._order)
        return f"{self._failed} of {count} parts of the image can't be read: {self._error}"

    # Reading the source

    def work(self) -> bool:
        """Read the next block, those that are asked for first. Returns False where none is left."""
        with self._lock:
            block = self._take()
        if block is None:
            return False
        try:
            part = self._read(self._blocks.box(*block))
            samples = take_samples(part) if len(self.samples) < _MAX_SAMPLES else None
            part = halve_repeatedly(part, self._blocks.halvings, self._halve)
            mean = find_mean_pixel(part, self._pyramid.labels)
        except Exception as error:  # each source has its own
            self._skip(block, error)
            return True
        with self._lock:
            self._read_blocks[block], self._means[block] = True, mean
            if samples is not None:
                self.samples.append(samples)
        self._put_block(block, part)
        return True

    def work_for(self, begun: float, seconds: float, changed: threading.Condition) -> None:
        """Read blocks while there is time, but at least one; tell of each."""
        going = True
        while going:
            going = self.work() and (self.time_left(begun, seconds) > 0 or not self.has_samples)
            with changed:
                changed.notify_all()

    def _read(self, box: Box) -> Array:
        return self._pyramid.read(self._base, *box.slices, self.index)

    def _take(self) -> Position | None:
        taken = len(self._order)
        while self._priorities:
            box = self._priorities[-1]
            ranks = self._ranks[box.slices]
            best = int(ranks.argmin())
            row, column = divmod(best, ranks.shape[1])
            if ranks[row, column] < taken:
                return self._take_block((box.top + row, box.left + column))
            self._priorities.pop()
        while self._next < taken:
            block = self._order[self._next]
            self._next += 1
            if self._ranks[block] < taken:
                return self._take_block(block)
        return None

    def _take_block(self, block: Position) -> Position:
        self._ranks[block] = len(self._order)
        self._not_begun -= 1
        return block

    def _put_block(self, block: Position, part: Array) -> None:
        """Keep a block, and halve its group further if it is the last one of it."""
        group = self._group(block)
        whole = self._blocks.group_box(*group)
        if self._blocks.group != (1, 1):
            own, box = self._blocks.halvings, self._blocks.box(*block)
            shape = _up(whole.shape[0], own), _up(whole.shape[1], own)
            top, left = (box.top - whole.top) >> own, (box.left - whole.left) >> own
            with self._lock:
                if group not in self._partial_groups:
                    self._partial_groups[group] = np.zeros((*shape, *self._colors), part.dtype)
                held = self._partial_groups[group]
                held[top : top + part.shape[0], left : left + part.shape[1]] = part
            part = held
        was_read = any(self._read_blocks[member] for member in self._blocks.members(*group))
        if self._is_last_of(group) and was_read:
            part = halve_repeatedly(part, self._times - self._blocks.halvings, self._halve)
            top, left = whole.top >> self._times, whole.left >> self._times
            self._array[top : top + part.shape[0], left : left + part.shape[1]] = part
            self._show(part, top, left)
            with self._lock:
                self._known[group] = True
        self._count()

    def _show(self, part: Array, top: int, left: int) -> None:
        """Put a group into smaller levels, up to a pixel off: these are rough so far."""
        for small in self._small:
            part, top, left = self._halve(part), top >> 1, left >> 1
            there = small[top : top + part.shape[0], left : left + part.shape[1]]
            there[...] = part[: there.shape[0], : there.shape[1]]

    def put_tile(self, halvings: int, box: Box, tile: Array) -> None:
        """Take a tile of a larger level from what builds all levels, row by row from the top.

        ``halvings`` of the source's smallest level made the tile's.
        """
        if len(self.samples) < _MAX_SAMPLES:
            self.samples.append(take_samples(tile))
        times = self._times - halvings
        aligned = times >= 0 and not (box.top | box.left) % (1 << times)
        if self.is_done or not self._takes_tiles or not aligned:
            return
        tile = halve_repeatedly(tile, times, self._halve)
        top, left = box.top >> times, box.left >> times
        box = Box(top, top + tile.shape[0], left, left + tile.shape[1])
        there = self._array[box.slices]
        there[...] = tile[: there.shape[0], : there.shape[1]]
        self._show(tile, box.top, box.left)
        with self._lock:
            self._row_columns += box.shape[1]
            if self._row_columns < self._array.shape[1]:
                return
            first, self._known_rows, self._row_columns = self._known_rows, box.bottom, 0
        self._see_rows(first, box.bottom)

    def _see_rows(self, top: int, bottom: int) -> None:
        """Let the blocks in which rows lie stand for those that are not known."""
        columns = self._array.shape[1]
        blocks = self._within(Box(top, bottom, 0, columns), self._blocks.size)
        for row in range(blocks.top, blocks.bottom):
            for column in range(blocks.left, blocks.right):
                own = self._blocks.box(row, column)
                left, right = own.left >> self._times, _up(own.right, self._times)
                first = max(top, own.top >> self._times)
                part = self._array[first : min(bottom, _up(own.bottom, self._times)), left:right]
                mean = find_mean_pixel(part, self._pyramid.labels)
                with self._lock:
                    self._read_blocks[row, column], self._means[row, column] = True, mean

    def _skip(self, block: Position, error: Exception) -> None:
        """Put something instead of a block that can't be read."""
        with self._lock:
            self._failed += 1
            self._error = self._error or one_line(error)
            if self._failed >= _GIVEN_UP and not self._read_blocks.any():
                left, self._not_begun = self._not_begun, 0
                self._ranks[:] = len(self._order)
                self._failed += left
                self._finished += left
            known = np.argwhere(self._read_blocks)
        substitute = np.zeros(self._colors, self._array.dtype)
        if self._array.dtype.kind == "f":
            substitute[...] = np.nan
        elif len(known):
            substitute = self._means[tuple(known[((known - block) ** 2).sum(axis=1).argmin()])]
        shape = (_up(length, self._blocks.halvings) for length in self._blocks.box(*block).shape)
        self._put_block(block, np.broadcast_to(substitute, (*shape, *self._colors)))

    def _is_last_of(self, group: Position) -> bool:
        with self._lock:
            if group not in self._blocks_left:
                self._blocks_left[group] = len(self._blocks.members(*group))
            self._blocks_left[group] -= 1
            if not self._blocks_left[group]:
                self._partial_groups.pop(group, None)
            return not self._blocks_left[group]

    def _count(self) -> None:
        with self._lock:
            self._finished += 1
            last = self._finished == len(self._order)
        if not last:
            return
        array, missing = self._array, not self._known.all()
        if missing:
            array = self._fill_unknown(0, Box(0, array.shape[0], 0, array.shape[1]), missing=True)
        small = make_smaller_levels(array, self._halve)
        for level in (array, *small):
            level.flags.writeable = False
        with self._lock:
            self._array, self._small, self._fill, self._sampled_rows = array, small, None, None
            self._partial_groups.clear()
            self.is_done = True

    def _group(self, block: Position) -> Position:
        down, across = self._blocks.group
        return block[0] // down, block[1] // across

    def sample_rows(self, until: float) -> None:
        """Take samples here and there, where any part of the source is as near."""
        rows, columns = self._blocks.shape
        count, across = min(rows, _FIRST), min(columns, _FIRST)
        at = (np.arange(across) * 2 + 1) * columns // (2 * across)
        found = np.zeros((count, across, *self._colors), self._array.dtype)
        known = np.zeros((count, 1), bool)
        for row in spread_out(count, 1)[:, 0].tolist():
            middle = (2 * row + 1) * rows // (2 * count)
            try:
                found[row] = self._read(Box(middle, middle + 1, 0, columns))[0, at]
            except Exception:  # told by the block that it is of
                continue
            known[row] = True
            if time.monotonic() > until:
                break
        if known.any():
            self._sampled_rows = found[nearest(known)[0][:, 0]]

    # What there is of it

    def read(self, level: int, box: Box) -> tuple[Array, bool]:
        """Return a part of a level, and whether it is rough. Raises OSError where all failed."""
        times = level - self.level
        if self.is_done:
            if not self._known.any():
                raise OSError(self.problem)
            return self._level(times)[box.slices], False
        rows, columns = self._array.shape[:2]
        own = Box(
            box.top << times,
            min(rows, box.bottom << times),
            box.left << times,
            min(columns, box.right << times),
        )
        groups = self._within(own, self._blocks.group_box(0, 0).shape)
        if own.bottom <= self._known_rows or self._known[groups.slices].all():
            return halve_repeatedly(self._array[own.slices].copy(), times, self._halve), False
        self._prioritize(own)
        return self._fill_unknown(times, box), True

    def _level(self, times: int) -> Array:
        return self._small[times - 1] if times else self._array

    def _within(self, own: Box, size: tuple[int, int]) -> Box:
        """Return the blocks or groups of a size that a part of the level is made of."""
        (high, wide), times = size, self._times
        top, left = (own.top << times) // high, (own.left << times) // wide
        bottom, right = ((own.bottom - 1) << times) // high, ((own.right - 1) << times) // wide
        return Box(top, bottom + 1, left, right + 1)

    def _prioritize(self, own: Box) -> None:
        """Let a part come before others, unless it is most of the image."""
        box = self._within(own, self._blocks.size)
        (rows, columns), (down, across) = box.shape, self._read_blocks.shape
        if 2 * rows * columns > down * across:
            return
        with self._lock:
            if box in self._priorities:
                self._priorities.remove(box)
            self._priorities = [*self._priorities[1 - _MAX_PRIORITIES :], box]

    def _fill_unknown(self, times: int, box: Box, missing: bool = False) -> Array:
        """Return a part of a level; what is not known as the nearest that is."""
        found = self._level(times)[box.slices]
        indices = self._positions(times, box, self._blocks.group_box(0, 0).shape)
        known = self._known[np.ix_(*indices)]
        known |= (np.arange(box.top, box.bottom) + 1 << times <= self._known_rows)[:, None]
        known = known.reshape(found.shape[:2] + (1,) * len(self._colors))
        if missing and found.dtype.kind == "f":
            return np.where(known, found, np.array(np.nan, found.dtype))
        fill, first = self._nearest_means(), self._sampled_rows
        where = self._positions(times, box, self._blocks.size)
        if first is not None:
            shape = self._level(times).shape
            rows = (np.arange(box.top, box.bottom) * 2 + 1) * first.shape[0] // (2 * shape[0])
            columns = (np.arange(box.left, box.right) * 2 + 1) * first.shape[1] // (2 * shape[1])
            fill, where = first, (rows, columns)
        return np.where(known, found, fill[np.ix_(*where)])

    def _positions(self, times: int, box: Box, size: tuple[int, int]) -> tuple[Array, Array]:
        """Return in which row and column of blocks or groups rows and columns of a level lie."""
        times += self._times
        rows, columns = np.arange(box.top, box.bottom), np.arange(box.left, box.right)
        return (rows << times) // size[0], (columns << times) // size[1]

    def _nearest_means(self) -> Array:
        """Return the mean of each block, or else of the nearest one that is known."""
        now = time.monotonic()
        with self._lock:
            known, means = self._read_blocks.copy(), self._means.copy()
            fill, count = self._fill, int(known.sum())
            if fill and (fill[0] == count or now < fill[1]):
                return fill[2]
        if not count:
            return means
        filled: Array = means[nearest(known)]
        with self._lock:
            self._fill = count, now + 8 * (time.monotonic() - now), filled
        return filled


def _up(length: int, times: int) -> int:
    return -(-length >> times)
