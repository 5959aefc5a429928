"""Building all levels of tiles from the largest one, each of its pixels read about once.

One task reads a super-tile with its halo, writes the tiles of several levels and leaves only what
is reduced the furthest, of which the next round's super-tiles are cut. Memory is that of the
tasks in flight and of the reduced levels, which lie in a temporary file where they are large.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from nbimage.pyramid.geometry import Box, Layout
from nbimage.pyramid.reduce import evened, halved
from nbimage.values.blocks import Array

Task = TypeVar("Task")
Result = TypeVar("Result")
Read = Callable[[Box], Array]
"""Return pixels of a part of a level: ``(H, W)`` or ``(H, W, C)``."""
Reduce = Callable[[Array], Array]
Write = Callable[[int, int, int, Array], None]
"""Take the pixels of a tile: level, column, row, pixels."""

_BLOCK = 1 << 24  # bytes that a task reads at once
_IN_MEMORY = 1 << 26  # bytes of a reduced level up to which it is kept in memory


@dataclass(frozen=True, slots=True)
class SuperTile:
    """``2^steps`` tiles a side, the part of an image of which one task writes the tiles."""

    level: int
    steps: int
    """Levels whose tiles are written."""
    column: int
    row: int
    size: int
    """Pixels a side, without the halo."""

    def inner(self, layout: Layout, down: int = 0) -> Box:
        """Return its own part of its level, or of one so many levels down."""
        return self._box(layout, down, 0)

    def outer(self, layout: Layout) -> Box:
        """Return the same with the halo that its tiles' overlap needs at each level."""
        return self._box(layout, 0, layout.overlap << (self.steps - 1))

    def _box(self, layout: Layout, down: int, halo: int) -> Box:
        rows, columns = layout.shape(self.level - down)
        size = self.size >> down
        top, left = self.row * size, self.column * size
        return Box(
            max(0, top - halo),
            min(rows, top + size + halo),
            max(0, left - halo),
            min(columns, left + size + halo),
        )


def cut(
    layout: Layout,
    level: int,
    pixel_bytes: int,
    most: int = _BLOCK,
    *,
    workers: int = 1,
    lowest: int = 0,
) -> list[SuperTile]:
    """Return the super-tiles of a level: one that goes down to the lowest if it is small enough.

    ``pixel_bytes`` is how much a pixel takes while it is read, ``most`` what a super-tile may take.
    For more than one worker they are so small that all have some to do.
    """
    rows, columns = layout.shape(level)
    if workers > 1:
        most = min(most, rows * columns * pixel_bytes // (4 * workers))
    steps = 1
    while (layout.tile_size << (steps + 1)) ** 2 * pixel_bytes <= most:
        steps += 1
    left = level - lowest + 1
    if max(rows, columns) <= layout.tile_size << steps:
        return [SuperTile(level, left, 0, 0, layout.tile_size << left)]
    steps = min(steps, left)
    size = layout.tile_size << steps
    return [
        SuperTile(level, steps, column, row, size)
        for row in range(-(-rows // size))
        for column in range(-(-columns // size))
    ]


def build(
    layout: Layout,
    read: Read,
    write: Write,
    *,
    channels: int,
    pixel_bytes: int,
    reduce: Reduce,
    dtype: Any = np.uint8,
    lowest: int = 0,
    threads: int | None = None,
    watch: Callable[[int], object] = lambda pixels: None,
) -> None:
    """Write the tiles of every level, down to the lowest that is wanted.

    Parameters
    ----------
    layout : Layout
        Where the tiles lie.
    read : callable
        Returns pixels of the largest level; called by several threads.
    write : callable
        Takes a tile; called by several threads.
    channels : int
        1 for gray.
    pixel_bytes : int
        What a pixel takes while it is read.
    reduce : callable
        Returns a block of half the size, a last odd row or column counted twice.
    dtype : dtype, optional
        Of the pixels.
    lowest : int, optional
        The last level that is written.
    threads : int, optional
        Default: the processors that this process may use.
    watch : callable, optional
        Told how many pixels of the largest level are done, each time some are.
    """
    level, workers = layout.last, threads or processors()
    while True:
        tasks = cut(layout, level, pixel_bytes, workers=workers, lowest=lowest)
        down = tasks[0].steps
        below = None
        if level - down >= lowest:
            below = _room(layout.shape(level - down), channels, dtype)
        first = level == layout.last

        def work(task: SuperTile, read: Read = read, below: Array | None = below) -> SuperTile:
            reduced = write_tiles(layout, task, read(task.outer(layout)), write, reduce, lowest)
            if below is not None and reduced is not None:
                place = task.inner(layout, task.steps)
                below[place.top : place.bottom, place.left : place.right] = reduced
            return task

        for task in in_threads(tasks, work, workers):
            rows, columns = task.inner(layout).shape
            watch(rows * columns if first else 0)
        if below is None:
            return
        read, level, pixel_bytes = _reader(below), level - down, channels * below.itemsize


def write_tiles(
    layout: Layout,
    task: SuperTile,
    block: Array,
    write: Write,
    reduce: Reduce,
    lowest: int = 0,
) -> Array | None:
    """Write a super-tile's tiles of all its levels; return what the next level down has of it.

    ``block`` are the pixels of ``task.outer``. None where there is no further level.
    """
    top, left = task.outer(layout)[::2]
    for step in range(task.steps):
        level, side = task.level - step, 1 << (task.steps - step)
        down, across = layout.tiles(level)
        for row in range(task.row * side, min((task.row + 1) * side, down)):
            for column in range(task.column * side, min((task.column + 1) * side, across)):
                box = layout.bounds(level, column, row)
                rows = slice(box.top - top, box.bottom - top)
                write(level, column, row, block[rows, box.left - left : box.right - left])
        if level == lowest:
            return None
        if step == task.steps - 1:
            inner = task.inner(layout, step)
            block = block[inner.top - top : inner.bottom - top]
            block = block[:, inner.left - left : inner.right - left]
        block = reduce(block)
        top, left = top >> 1, left >> 1
    return block


def smaller(pixels: Array, rounded: bool = False) -> Array:
    """Return pixels of half the size: means of two by two, colours by alpha where there is one.

    Those of colours with alpha are rounded down unless ``rounded``: libvips has them so.
    """
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return halved(pixels)
    return _means_by_alpha(evened(pixels), rounded)


def _means_by_alpha(pixels: Array, rounded: bool) -> Array:
    four = [pixels[i::2, j::2].astype(np.uint32) for i in (0, 1) for j in (0, 1)]
    alpha = np.asarray(sum(part[:, :, -1:] for part in four))
    colour = np.asarray(sum(part[:, :, :-1] * part[:, :, -1:] for part in four))
    if rounded:
        colour += alpha >> 1
    means = [colour // np.maximum(alpha, 1), (alpha + 2 * rounded) >> 2]
    return np.concatenate(means, axis=2).astype(np.uint8)


def in_threads(
    tasks: list[Task], work: Callable[[Task], Result], threads: int | None = None
) -> Iterator[Result]:
    """Yield what ``work`` returns for each task, in the order in which they are done.

    At an error or an interrupt no other task is begun, and those that run are waited for.
    """
    count = min(threads or processors(), len(tasks))
    if count == 1:
        yield from map(work, tasks)
        return
    waiting: set[Future[Result]] = set()
    with ThreadPoolExecutor(count, "nbimage-tiles") as pool:
        try:
            for task in tasks:
                if len(waiting) >= 2 * count:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
                waiting.add(pool.submit(work, task))
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in waiting:
                future.cancel()


def processors() -> int:
    """Return how many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS or Windows
        return os.cpu_count() or 1


def _room(shape: tuple[int, int], channels: int, dtype: Any) -> Array:
    """Return an array for a reduced level: in a temporary file if it is large."""
    whole = shape if channels == 1 else (*shape, channels)
    if np.prod(whole, dtype=np.int64) * np.dtype(dtype).itemsize <= _IN_MEMORY:
        return np.empty(whole, dtype)
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 (the array keeps its memory map)
    with file:
        return np.memmap(file, dtype, "w+", shape=whole)


def _reader(level: Array) -> Read:
    return lambda box: level[box.top : box.bottom, box.left : box.right]
