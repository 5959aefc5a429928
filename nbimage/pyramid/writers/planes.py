"""Write all planes and levels of a pyramid in its own samples: what OME-Zarr and TIFF share.

Deep Zoom, whose tiles are pixels of one plane, is written in `deepzoom`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.progress import progress_bar
from nbimage.pyramid.core.block_cache import BlockCache, find_blocks
from nbimage.pyramid.core.grid import Grid, TileGrid
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.levels.executors import Executor, Read, Threads
from nbimage.pyramid.levels.super_tiles import build_levels, cut_super_tiles, processors
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.writers.checkpoint import Checkpoint
from nbimage.pyramid.writers.dask_executor import ReadDask
from nbimage.pyramid.writers.described import AXIS_LETTERS, Description


class TileSink(Protocol):
    """Takes tiles of any plane; with a checkpoint it can be pickled."""

    def __call__(self, index: Index, level: int, column: int, row: int, samples: Array) -> None:
        """Take a tile: index of its plane, level, column, row, samples."""

    def flush(self) -> object:
        """Write what this thread has given; called at the end of each task."""


ReadBox = Callable[[Index, Box], Array]
Observe = Callable[[Index, Array], object]

_CACHE_BYTES = 1 << 28  # bytes of what is decoded that may be kept


@contextlib.contextmanager
def open_source(
    source: Any,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    labels: Any = None,
    description: Description | None = None,
) -> Iterator[Pyramid]:
    """Yield the pyramid of a writer's source; one that was opened here is closed again.

    ``description``: what the caller says of it.
    """
    options: Any = {"axes": axes, "channel_axis": channel_axis, "orientation": orientation}
    opened = open_pyramid(source, labels=labels, **options)
    if isinstance(source, Pyramid):  # the caller's, to be left open
        yield source if description is None else description.apply(source)
        return
    with opened as pyramid:
        yield pyramid if description is None else description.apply(pyramid)


def find_axis_letters(pyramid: Pyramid, kind: str) -> tuple[str, ...]:
    """Return "t", "c" or "z" for each further axis, and "" for another one of length 1.

    Raises ValueError for what is none of these, or twice the same.
    """
    letters = []
    for name, length in pyramid.axes:
        letter = AXIS_LETTERS.get(name.lower(), "")
        if not letter and length > 1:
            raise ValueError(
                f"an {kind} has axes of time, channels and depth, but got {name!r} of length "
                f'{length}: name each t, c or z, such as axes="zyx"'
            )
        letters.append(letter)
    used = [letter for letter in letters if letter]
    if pyramid.channels > 1:
        used.append("c")
    if len(set(used)) < len(used):
        names = [name for name, _ in pyramid.axes] + ["channels"] * (pyramid.channels > 1)
        raise ValueError(
            f"the axes {names} are not all different ones of t, c and z, which an {kind} has"
        )
    return tuple(letters)


def find_missing_value(pyramid: Pyramid) -> int | None:
    """Return the integer that stands for missing values, if floats hold all others exactly."""
    stored, value = pyramid.source.stored, pyramid.metadata.missing_value
    fits = stored.kind in "iu" and stored.itemsize <= 4 and pyramid.dtype.kind == "f"
    return value if fits and value in range(*_range(stored)) else None


def _range(dtype: np.dtype[Any]) -> tuple[int, int]:
    return int(np.iinfo(dtype).min), int(np.iinfo(dtype).max) + 1


def as_stored(samples: Array, dtype: np.dtype[Any], missing: int) -> Array:
    """Return whole numbers of floats, of which NaN are the one that stands for missing values."""
    gone = np.isnan(samples)
    whole: Array = np.rint(np.where(gone, 0, samples)).astype(dtype)
    # a mean that happens to be that number is not missing
    whole[whole == missing] = missing + 1 if missing + 1 < _range(dtype)[1] else missing - 1
    whole[gone] = missing
    return whole


def smallest_level(grid: TileGrid, size: int) -> int:
    """Return the largest level that is no larger than a tile: below it none is needed."""
    level = 0
    while max(grid.shape(level)) > size:
        level += 1
    return level


def write_planes(
    pyramid: Pyramid,
    grid: TileGrid,
    smallest: int,
    write: TileSink,
    *,
    observe: Observe | None = None,
    progress: bool = True,
    cache_bytes: int = _CACHE_BYTES,
    run: tuple[Executor, Read] | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Write the tiles of all planes: the largest level's are read, the others are made of it.

    ``smallest`` is the last level that is written; ``observe`` is called with what was read, each
    sample once. Both it and ``write`` are called by several threads, and with a ``checkpoint`` by
    other processes, where ``run`` says so. Up to ``cache_bytes`` of what the source has decoded are
    kept.
    """
    executor, lazy = run or (Threads(processors()), None)
    lengths = tuple(length for _, length in pyramid.axes)
    total = grid.rows * grid.columns * int(np.prod(lengths, dtype=np.int64))
    pixel_bytes = pyramid.channels * pyramid.dtype.itemsize
    if not isinstance(lazy, ReadDask):
        read_box, pixel_bytes = _band_reader(pyramid, grid, pixel_bytes, cache_bytes)
    with progress_bar("tiles", total, progress) as watch:
        for number, index in enumerate(np.ndindex(lengths)):
            if isinstance(lazy, ReadDask):
                read: Read = _ReadPlaneLazily(lazy.at(index), index, observe)
            else:
                read = _ReadPlane(read_box, index, observe)
            build_levels(
                grid,
                read,
                _WritePlane(write, index),
                channels=pyramid.channels,
                pixel_bytes=pixel_bytes,
                reduce=pyramid.halve,
                dtype=pyramid.dtype,
                smallest=smallest,
                watch=watch,
                flush=write.flush,
                run=executor,
                stores=None if checkpoint is None else checkpoint.of_plane(number),
            )


@dataclass(frozen=True, slots=True, eq=False)
class _WritePlane:
    """Writes the tiles of one plane."""

    write: TileSink
    index: Index

    def __call__(self, level: int, column: int, row: int, tile: Array) -> None:
        self.write(self.index, level, column, row, tile)


@dataclass(frozen=True, slots=True, eq=False)
class _ReadPlane:
    """Reads boxes of one plane."""

    read: Any
    index: Index
    observe: Observe | None

    def __call__(self, box: Box) -> Array:
        return self._observed(self.read(self.index, box))

    def _observed(self, samples: Array) -> Array:
        if self.observe is not None:
            self.observe(self.index, samples)
        return samples


class _ReadPlaneLazily(_ReadPlane):
    """The same where workers compute the samples first."""

    def __call__(self, box: Box) -> Array:
        return self._observed(self.read(box))

    def lazy(self, box: Box) -> Any:
        """Return what is to be computed."""
        return self.read.lazy(box)

    def finish(self, block: Any) -> Array:
        """Return the samples of what was computed."""
        return self._observed(self.read.finish(block))


def _band_reader(
    pyramid: Pyramid, grid: TileGrid, pixel_bytes: int, cache_bytes: int
) -> tuple[ReadBox, int]:
    """Return what reads a box of a plane, and the bytes of a pixel for `cut_super_tiles`.

    Where super-tiles cut through what the source decodes or computes at once, such as strips, a
    row of them is kept, so that it does so about once; they are smaller if that is too much.
    """
    high, wide = block = pyramid.source.blocks[0]
    rows, columns = grid.rows, grid.columns

    def size(counts: int) -> int:
        return cut_super_tiles(grid, 0, counts, workers=processors())[0].size

    side, counts = size(pixel_bytes), pixel_bytes
    fits = (side % high == 0 or side >= rows) and (side % wide == 0 or side >= columns)
    if fits or high * wide * pixel_bytes > cache_bytes >> 2:
        return _ReadBoxes(pyramid), pixel_bytes
    while (side + 2 * high) * columns * pixel_bytes > cache_bytes and side > 2 * grid.tile_size:
        counts *= 4
        side = size(counts)
    band = (side + 2 * high) * columns * pixel_bytes
    cache = BlockCache(min(cache_bytes, band + (band >> 2)))
    return _ReadBands(pyramid, Grid((rows, columns), block), cache), counts


@dataclass(frozen=True, slots=True, eq=False)
class _ReadBoxes:
    """Reads boxes of any plane."""

    pyramid: Pyramid

    def __call__(self, index: Index, box: Box) -> Array:
        return self.pyramid.read(0, *box.slices, index)


@dataclass(frozen=True, slots=True, eq=False)
class _ReadBands(_ReadBoxes):
    """The same of blocks that are kept for others."""

    blocks: Grid
    cache: BlockCache

    def __call__(self, index: Index, box: Box) -> Array:
        def read_block(row: int, column: int) -> Array:
            return self.pyramid.read(0, *self.blocks.box(row, column).slices, index)

        keys = itertools.product((index,), *find_blocks(box, self.blocks.size))
        with self.cache.hold(keys):  # another thread may be a row ahead before this one is done
            return self.cache.assemble((index,), box, self.blocks.size, read_block)
