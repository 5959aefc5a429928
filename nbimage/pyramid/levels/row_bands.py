"""Building the levels of an image from the top down, band by band of rows.

Each level keeps one row of tiles. When it is full its tiles are written, and it is reduced into the
next smaller level's. So every part of the image is read once, in order, and memory is about
two rows of tiles of the largest level that is built, whatever the number of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.core.downsample import Halve, halve
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels.executors import Read, in_threads, processors
from nbimage.pyramid.levels.super_tiles import Write

_AT_ONCE = 1 << 21  # samples that one thread reads at once
_BAND = 1 << 26  # bytes that a row of tiles of the largest level should not exceed
_LEAST_TILE = 64
_TOGETHER = 1 << 17  # pixels of tiles that a thread takes at once, of small ones
_MOST_THREADS = 8  # each holds a block

_HELD = 1 << 27  # bytes of a mapped file that are read before their pages are let go of

Watch = Callable[[int], object]


def choose_tile_size(columns: int, pixel_bytes: int, largest: int) -> int:
    """Return pixels a side of a tile: fewer for an image so wide that a row of them is large."""
    tile = largest
    while tile > _LEAST_TILE and tile * columns * pixel_bytes > _BAND:
        tile //= 2
    return tile


class BuildStoppedError(Exception):
    """Raised by ``watch`` to end a build, with which the next one goes on."""


@dataclass(frozen=True, slots=True)
class BuildHooks:
    """What somebody learns of a build while it runs, in its threads."""

    tile: Callable[[int, Box, Array], object]
    """Takes each tile of the largest level that is built, row by row from the top.

    How often it is halved, where it lies, samples.
    """
    watch: Callable[[int], object]
    """Takes how many more samples of the largest level are done."""
    threads: int | None = None
    halvings: int = 1
    """Of the smallest tiles that it takes, where an earlier build has left some."""


@dataclass(frozen=True, slots=True)
class BuiltRows:
    """What an earlier build has left."""

    counts: dict[int, int]
    """Rows of tiles that are whole from the top on, of each level."""
    read: Callable[[int, int, int], Array]
    """Return one of their tiles: level, column, row."""


class RowBandBuilder:
    """The levels of an image while they are built; tiles must be an even number of pixels."""

    def __init__(
        self,
        grid: TileGrid,
        write: Write,
        *,
        channels: int,
        dtype: np.dtype[Any],
        smallest: int,
        watch: Watch = lambda pixels: None,
        threads: int | None = None,
        halve: Halve = halve,
    ) -> None:
        self._halve = halve
        self._grid, self._write, self._smallest = grid, write, smallest
        self._watch, self._threads = watch, threads or min(processors(), _MOST_THREADS)
        self._colors = () if channels == 1 else (channels,)
        self._channels, self._dtype = channels, dtype
        self._buffers: dict[int, Array] = {}
        self._filled = dict.fromkeys(range(grid.last + 1), 0)
        self._done = dict(self._filled)

    def _take_up(self, first: int, built: BuiltRows | None, unit: int = 1) -> int:
        """Go on after rows of tiles that are there; return how many rows of the first level are.

        They are read again only where a smaller level's row was begun. ``unit``: rows of tiles that
        are built at once.
        """
        if built is None or not built.counts.get(first):
            return 0
        size, start = self._grid.tile_size, built.counts[first]
        if start < self._grid.tiles(first)[0]:
            start -= start % unit
        whole = start == self._grid.tiles(first)[0]
        counts = {first: start}
        for level in range(first + 1, self._smallest + 1):
            most = self._grid.tiles(level)[0] if whole else start >> (level - first)
            counts[level] = min(built.counts[level], most)
        for level, count in counts.items():
            self._done[level] = min(count * size, self._grid.shape(level)[0])
        for level in range(self._smallest - 1, first - 1, -1):
            across = range(self._grid.tiles(level)[1])
            for row in range(2 * counts[level + 1], counts[level]):
                tiles = [built.read(level, column, row) for column in across]
                self._reduce(level, np.concatenate(tiles, axis=1))
        return start

    def from_rows(self, read: Read, built: BuiltRows | None = None) -> None:
        """Build all levels, the largest too, of rows that are read in order by this thread."""
        grid = self._grid
        rows, columns = grid.shape(0)
        begin = min(rows, self._take_up(0, built) * grid.tile_size)
        self._watch(begin * columns)
        for top in range(begin, rows, grid.tile_size):
            bottom = min(rows, top + grid.tile_size)
            self._finish(0, read(Box(top, bottom, 0, columns)))
            self._watch((bottom - top) * columns)

    def from_blocks(
        self, read: Read, block: tuple[int, int], built: BuiltRows | None = None
    ) -> None:
        """Build the levels below the largest, of parts that several threads read.

        Parts are whole blocks of the source where that is possible.
        """
        grid = self._grid
        rows, columns = grid.shape(0)
        twice = 2 * grid.tile_size
        band = twice * max(1, -(-block[0] // twice))
        if band * columns * self._channels * self._dtype.itemsize > 8 * _BAND:
            band = twice  # of blocks so high parts are read
        level = 1
        begin = min(rows, self._take_up(level, built, band // twice) * twice)
        self._watch(begin * columns)
        for top in range(begin, rows, band):
            bottom = min(rows, top + band)
            target = self._buffer(level, band // 2)

            def work(box: Box, top: int = top, target: Array = target) -> int:
                half = Box(
                    (box.top - top) // 2,
                    -(-(box.bottom - top) // 2),
                    box.left // 2,
                    -(-box.right // 2),
                )
                target[half.slices] = self._halve(read(box))
                return box.shape[0] * box.shape[1]

            boxes = self._cut(Box(top, bottom, 0, columns), block)
            for pixels in in_threads(list(boxes), work, self._threads):
                self._watch(pixels)
            height = -(-(bottom - top) // 2)
            for start in range(0, height, grid.tile_size):
                self._finish(level, target[start : min(height, start + grid.tile_size)])

    def _cut(self, band: Box, block: tuple[int, int]) -> Iterator[Box]:
        """Cut a band into what one thread reads: blocks, made even to be halved each for itself."""
        (rows, columns), most = band.shape, max(4, _AT_ONCE // self._channels)
        high, wide = min(block[0] + block[0] % 2, rows), min(block[1] + block[1] % 2, columns)
        wide = columns if wide >= columns else max(wide, min(columns, most // rows) // wide * wide)
        high = rows if wide < columns else min(rows, max(high, most // wide // high * high))
        high, wide = high + high % 2, wide + wide % 2
        for top in range(band.top, band.bottom, high):
            for left in range(0, columns, wide):
                bottom, right = min(band.bottom, top + high), min(columns, left + wide)
                yield Box(top, bottom, left, right)

    def _buffer(self, level: int, rows: int) -> Array:
        if level not in self._buffers:
            shape = self._grid.shape(level)
            self._buffers[level] = np.empty(
                (min(rows, shape[0]), shape[1], *self._colors), self._dtype
            )
        return self._buffers[level]

    def _finish(self, level: int, band: Array) -> None:
        """Write a row of tiles, and reduce it into the next smaller level's."""
        row = self._done[level] // self._grid.tile_size
        self._done[level] += len(band)
        self._reduce(level, band, row)

    def _reduce(self, level: int, band: Array, row: int | None = None) -> None:
        """Reduce a row of tiles into the next smaller level's; write it too if it is not there."""
        size, columns = self._grid.tile_size, band.shape[1]
        below, target = level + 1, None
        half = -(-len(band) // 2)
        step = 2 * size * max(1, _TOGETHER // (2 * size * len(band)))
        if level < self._smallest:
            start = self._filled[below]
            target = self._buffer(below, size)[start : start + half]

        def work(left: int) -> None:
            part = band[:, left : left + step]
            for column in range(left, min(columns, left + step), size):
                if row is not None:
                    tile = band[:, column : column + size]
                    self._write(level, column // size, row, tile)
            if target is not None:
                reduced = self._halve(part)
                target[:, left // 2 : left // 2 + reduced.shape[1]] = reduced

        for _ in in_threads(list(range(0, columns, step)), work, self._threads):
            pass
        if target is None:
            return
        filled = self._filled[below] + half
        if filled < size and self._done[below] + filled < self._grid.shape(below)[0]:
            self._filled[below] = filled
            return
        self._filled[below] = 0
        self._finish(below, self._buffers[below][:filled])


class OnceReader:
    """Reads a level once; what is mapped into memory is let go of meanwhile."""

    def __init__(self, source: Source, index: int, plane: tuple[int, ...]) -> None:
        self._source, self._index, self._plane = source, index, plane
        self._held = 0
        self._map: Any = None

    def __call__(self, box: Box) -> Array:
        """Return a part of the level."""
        part = self._source.read(self._index, box, self._plane)
        self._held += part.nbytes
        found: Any = part
        while isinstance(found, np.ndarray):
            # pages of a private map may hold what was never written to a file
            if isinstance(found, np.memmap) and found.mode == "r":
                self._map = found.base
            found = found.base
        return part

    def release(self) -> None:
        """Let go of pages: they count as this process' memory, and are read again if need be."""
        if self._held > _HELD and isinstance(self._map, find_type("mmap", "mmap")):
            self._held = 0
            advice = find_type("mmap", "MADV_DONTNEED")  # not of Windows
            if isinstance(advice, int):
                self._map.madvise(advice)
