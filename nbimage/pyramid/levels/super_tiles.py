"""Write the tiles of all levels from the largest one, each of whose pixels is read about once.

One task reads a super-tile with its halo, writes the tiles of several levels and leaves only what
is reduced the furthest, of which the next round's super-tiles are cut. Memory is that of the
tasks in flight and of the reduced levels, which lie in a temporary file where they are large.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, cast

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.downsample import halve, pad_to_even
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.levels.executors import Executor, Threads, run_closed
from nbimage.pyramid.levels.executors import Read as Read
from nbimage.pyramid.levels.executors import in_threads as in_threads
from nbimage.pyramid.levels.executors import processors as processors

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

    def inner(self, grid: TileGrid, down: int = 0) -> Box:
        """Return its own part of its level, or of one so many levels down."""
        return self._box(grid, down, 0)

    def outer(self, grid: TileGrid) -> Box:
        """Return the same with the halo that its tiles' overlap needs at each level."""
        return self._box(grid, 0, grid.overlap << (self.steps - 1))

    def _box(self, grid: TileGrid, down: int, halo: int) -> Box:
        rows, columns = grid.shape(self.level + down)
        size = self.size >> down
        top, left = self.row * size, self.column * size
        return Box(
            max(0, top - halo),
            min(rows, top + size + halo),
            max(0, left - halo),
            min(columns, left + size + halo),
        )


def cut_super_tiles(
    grid: TileGrid,
    level: int,
    pixel_bytes: int,
    most: int = _BLOCK,
    *,
    workers: int = 1,
    smallest: int | None = None,
) -> list[SuperTile]:
    """Return the super-tiles of a level: one that goes down to the smallest if it is small enough.

    ``pixel_bytes`` is how much a pixel takes while it is read, ``most`` what a super-tile may take.
    For more than one worker they are so small that all have some to do.
    """
    rows, columns = grid.shape(level)
    if workers > 1:
        most = min(most, rows * columns * pixel_bytes // (4 * workers))
    steps = 1
    while (grid.tile_size << (steps + 1)) ** 2 * pixel_bytes <= most:
        steps += 1
    left = (grid.last if smallest is None else smallest) - level + 1
    if max(rows, columns) <= grid.tile_size << steps:
        return [SuperTile(level, left, 0, 0, grid.tile_size << left)]
    steps = min(steps, left)
    size = grid.tile_size << steps
    return [
        SuperTile(level, steps, column, row, size)
        for row in range(-(-rows // size))
        for column in range(-(-columns // size))
    ]


class LevelStore(Protocol):
    """Holds a level while it is computed from the next larger one."""

    def remaining(self, tasks: list[SuperTile]) -> list[SuperTile]:
        """Return the tasks whose part is not here yet."""

    def has(self, task: SuperTile) -> bool:
        """Say whether a task has been done, as far as is known."""

    def is_removed(self) -> bool:
        """Say whether the store was removed."""

    def put(self, task: SuperTile, reduced: Array | None) -> None:
        """Take a task's part of the level, the last thing that it does."""

    def read(self, box: Box) -> Array:
        """Return a part of the level."""


class LevelStores(Protocol):
    """Opens a store for each level that tasks leave."""

    @property
    def workers(self) -> int | None:
        """For how many workers a level is cut; None: as many as there are."""

    def open_level(
        self, first: SuperTile, shape: tuple[int, int] | None, channels: int, dtype: Any
    ) -> LevelStore:
        """Return the store of a level of this shape; None: there is no smaller one."""


@dataclass(frozen=True, slots=True, eq=False)
class Tiling:
    """Writes the tiles of super-tiles, and leaves the next smaller level."""

    grid: TileGrid
    write: Write
    flush: Callable[[], object]
    reduce: Reduce
    smallest: int
    store: LevelStore

    def box(self, task: SuperTile) -> Box:
        """Return a super-tile with its halo."""
        return task.outer(self.grid)

    def find_done(self, task: SuperTile) -> SuperTile | None:
        """Return a task that was done."""
        return task if self.store.has(task) else None

    def is_removed(self) -> bool:
        """Say whether what is written has been removed."""
        return self.store.is_removed()

    def __call__(self, task: SuperTile, block: Array) -> SuperTile:
        """Write the tiles of a block."""
        reduced = write_tiles(self.grid, task, block, self.write, self.reduce, self.smallest)
        self.flush()
        self.store.put(task, reduced)
        return task


def build_levels(
    grid: TileGrid,
    read: Read,
    write: Write,
    *,
    channels: int,
    pixel_bytes: int,
    reduce: Reduce,
    dtype: Any = np.uint8,
    smallest: int | None = None,
    watch: Callable[[int], object] = lambda pixels: None,
    flush: Callable[[], object] = lambda: None,
    run: Executor | None = None,
    stores: LevelStores | None = None,
) -> None:
    """Write the tiles of every level, down to the smallest that is wanted.

    Parameters
    ----------
    grid : TileGrid
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
    smallest : int, optional
        The last level that is written; default: that of one pixel.
    watch : callable, optional
        Told how many pixels of the largest level are done, each time some are.
    flush : callable, optional
        Called when a task has given its tiles to ``write``, by the same thread.
    run : Executor, optional
        Where tasks are run; default: in as many threads as this process may use processors.
    stores : LevelStores, optional
        Where reduced levels go; default: into memory, or a temporary file.
    """
    run, stores = run or Threads(processors()), stores or _ArrayLevelStores()
    level, workers = 0, stores.workers or run.workers
    smallest = grid.last if smallest is None else smallest
    while True:
        tasks = cut_super_tiles(grid, level, pixel_bytes, workers=workers, smallest=smallest)
        down = level + tasks[0].steps
        shape = grid.shape(down) if down <= smallest else None
        store = stores.open_level(tasks[0], shape, channels, dtype)
        left = store.remaining(tasks)

        def count_samples(task: SuperTile, first: bool = level == 0) -> int:
            rows, columns = task.inner(grid).shape
            return rows * columns if first else 0

        watch(sum(map(count_samples, tasks)) - sum(map(count_samples, left)))
        work = Tiling(grid, write, flush, reduce, smallest, store)
        with closing(run_closed(run, left, read, work)) as done:
            for task in done:
                watch(count_samples(task))
        if shape is None:
            return
        read, level, pixel_bytes = store.read, down, channels * np.dtype(dtype).itemsize


def write_tiles(
    grid: TileGrid,
    task: SuperTile,
    block: Array,
    write: Write,
    reduce: Reduce,
    smallest: int,
) -> Array | None:
    """Write a super-tile's tiles of all its levels; return what the next level down has of it.

    ``block`` are the pixels of ``task.outer``. None where there is no further level.
    """
    top, left = task.outer(grid)[::2]
    for step in range(task.steps):
        level, side = task.level + step, 1 << (task.steps - step)
        down, across = grid.tiles(level)
        for row in range(task.row * side, min((task.row + 1) * side, down)):
            for column in range(task.column * side, min((task.column + 1) * side, across)):
                box = grid.bounds(level, column, row)
                rows = slice(box.top - top, box.bottom - top)
                write(level, column, row, block[rows, box.left - left : box.right - left])
        if level == smallest:
            return None
        if step == task.steps - 1:
            inner = task.inner(grid, step)
            block = block[inner.top - top : inner.bottom - top]
            block = block[:, inner.left - left : inner.right - left]
        block = reduce(block)
        top, left = top >> 1, left >> 1
    return block


def halve_pixels(pixels: Array, rounded: bool = False, beside: int | None = None) -> Array:
    """Return pixels of half the size: means of two by two, colors by alpha where there is one.

    Those of colors with alpha are rounded down unless ``rounded``: libvips has them so. ``beside``
    is what is beyond a last odd row or column; None: the same as in it.
    """
    if beside is not None:
        rows, columns = (length % 2 for length in pixels.shape[:2])
        around = (0, rows), (0, columns), *[(0, 0)] * (pixels.ndim - 2)
        pixels = np.pad(pixels, around, constant_values=beside)
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return halve(pixels)
    return _means_by_alpha(pad_to_even(pixels), rounded)


def _means_by_alpha(pixels: Array, rounded: bool) -> Array:
    four = [pixels[i::2, j::2].astype(np.uint32) for i in (0, 1) for j in (0, 1)]
    alpha = np.asarray(sum(part[:, :, -1:] for part in four))
    color = np.asarray(sum(part[:, :, :-1] * part[:, :, -1:] for part in four))
    if rounded:
        color += alpha >> 1
    mean = (alpha + 2 * rounded) >> 2
    if rounded:  # one clear pixel is still told by the smallest level
        np.minimum(mean, np.where(alpha == 4 * 255, 255, 254), out=mean, casting="unsafe")
    return np.concatenate([color // np.maximum(alpha, 1), mean], axis=2).astype(np.uint8)


class _ArrayLevelStores:
    """Stores in memory, or in temporary files."""

    workers = None

    def open_level(
        self, first: SuperTile, shape: tuple[int, int] | None, channels: int, dtype: Any
    ) -> LevelStore:
        """Return the store of a level."""
        return _ArrayLevelStore(first, None if shape is None else _array(shape, channels, dtype))


class _ArrayLevelStore:
    """A reduced level as one array."""

    def __init__(self, first: SuperTile, level: Array | None) -> None:
        self._side, self._level = first.size >> first.steps, level

    def remaining(self, tasks: list[SuperTile]) -> list[SuperTile]:
        """Return all tasks."""
        return tasks

    def has(self, task: SuperTile) -> bool:
        """Say no."""
        return False

    def is_removed(self) -> bool:
        """Say no."""
        return False

    def put(self, task: SuperTile, reduced: Array | None) -> None:
        """Take what a task leaves."""
        if self._level is not None and reduced is not None:
            top, left = task.row * self._side, task.column * self._side
            rows, columns = reduced.shape[:2]
            self._level[top : top + rows, left : left + columns] = reduced

    def read(self, box: Box) -> Array:
        """Return a part of the level."""
        return cast("Array", self._level)[box.slices]


def _array(shape: tuple[int, int], channels: int, dtype: Any) -> Array:
    """Return an array for a reduced level: in a temporary file if it is large."""
    whole = shape if channels == 1 else (*shape, channels)
    if np.prod(whole, dtype=np.int64) * np.dtype(dtype).itemsize <= _IN_MEMORY:
        return np.empty(whole, dtype)
    file: Any = tempfile.TemporaryFile()  # noqa: SIM115 (the array keeps its memory map)
    with file:
        return np.memmap(file, dtype, "w+", shape=whole)
