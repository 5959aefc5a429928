"""An image of any size, read level by level and tile by tile.

Not here: how a path becomes a source (`nbimage.pyramid.open`), how samples become pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.text import format_count
from nbimage.logs import find_log
from nbimage.mapping.limits import Extent, extent
from nbimage.pyramid.core.arrays.level_arrays import LevelArrays
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.described import DescribedImage
from nbimage.pyramid.core.downsample import Halve, choose_halving
from nbimage.pyramid.core.grid import TileGrid, find_native_levels
from nbimage.pyramid.core.lazy_level import LazyLevel
from nbimage.pyramid.core.sampled_blocks import all_blocks, some_blocks
from nbimage.pyramid.core.source import CLOSED, Source, open_alike

Index = tuple[int, ...]
"""One number along each further axis."""

_LOG = find_log("read")
_MAX_SAMPLES = 1 << 22
_SMALL = 1 << 20
_CACHE_BYTES = 1 << 26


class Pyramid(DescribedImage, LevelArrays):
    """The levels of an image, each of half the rows and columns of the one before, rounded up.

    Nothing is read before it is asked for. Level 0 is the whole image, the last one is one pixel.
    A level that the source has is read from there; any other is made of the next larger one by
    means of two by two samples (of labels one of them is taken), in bounded memory. Any number of
    threads and of forked processes may read at once, and a pyramid of a file can be pickled: it
    opens the file again by its path.

    ``levels[0]`` is the whole image as an array-like, and so on; `read` returns a part of one
    plane of a level.

    Parameters
    ----------
    source : Source
        What is read; `nbimage.open_pyramid` makes one of a path or an array.
    tile_size, overlap : int
        Of the tiles that `tile` returns.
    max_samples : int
        So many of a level are assembled at once to compute a part of a smaller one.
    small_level : int
        A level of no more samples is computed once, as a whole, and kept.
    cache_bytes : int
        Of the blocks that are kept for other parts, and as many of small levels.

    Attributes
    ----------
    grid : TileGrid
        How each level is cut into tiles, for `tile`.

    Examples
    --------
    >>> stack = np.arange(24_000.0).reshape(2, 3, 50, 80)
    >>> image = nbimage.open_pyramid(stack, axes="tzyx")
    >>> image.axes, image.dtype, image.channels
    ((('t', 2), ('z', 3)), dtype('float64'), 1)
    >>> image.shapes
    ((50, 80), (25, 40), (13, 20), (7, 10), (4, 5), (2, 3), (1, 2), (1, 1))
    >>> image.levels[1]
    <Level 1 (2, 3, 25, 40) float64>
    >>> image.pixel_size, image.unit, image.channel_names, image.channel_colors
    (None, '', (), ())
    >>> image.labels, image.label_images, image.metadata.label
    (False, (), '')
    >>> image.native_levels, image.grid.tile_size, type(image.source).__name__
    ((0,), 254, 'ArraySource')
    """

    def __init__(
        self,
        source: Source,
        *,
        tile_size: int = 254,
        overlap: int = 1,
        max_samples: int = _MAX_SAMPLES,
        small_level: int = _SMALL,
        cache_bytes: int = _CACHE_BYTES,
    ) -> None:
        self._source = source
        self._max_samples, self._small_level_samples = max_samples, small_level
        self._cache_bytes = cache_bytes
        self.grid = TileGrid(*source.shapes[0], tile_size, overlap)
        self._native = find_native_levels(self.grid, source.shapes)
        self._open = True
        self._reset()

    def _reset(self) -> None:
        self._extents: dict[Any, Extent] = {}
        self._blocks = BlockCache(self._cache_bytes)
        self._small_levels = BlockCache(self._cache_bytes)

    @property
    def source(self) -> Source:
        """Where the samples come from."""
        self._check_open()
        return self._source

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of every level; the first is the whole image."""
        return tuple(self.grid.shape(level) for level in range(self.grid.last + 1))

    @property
    def native_levels(self) -> tuple[int, ...]:
        """The levels that the source has, largest first; the others are made."""
        return tuple(sorted(self._native))

    @property
    def halve(self) -> Halve:
        """For the modules of nbimage: how levels that the source lacks are made."""
        return choose_halving(self.labels)

    def block(self, level: int) -> tuple[int, int]:
        """Return rows and columns that are decoded at once for a level; (1, 1): any part is near.

        Of a level that is made: those of the level that it is made of, halved with it.

        Examples
        --------
        >>> path = nbimage.write_image(np.zeros((900, 900)), "a.tif", options={"tile_size": 128})
        >>> with nbimage.open_pyramid(path) as image:
        ...     image.block(0)
        (128, 128)
        """
        native = max(own for own in self._native if own <= level)
        high, wide = self._source.blocks[self._native[native]]
        return max(1, high >> (level - native)), max(1, wide >> (level - native))

    @door
    def read(
        self,
        level: int,
        rows: slice = slice(None),
        columns: slice = slice(None),
        index: Index = (),
    ) -> Array:
        """Return a part of one plane of a level: ``(H, W)``, or ``(H, W, C)`` with channels.

        Parameters
        ----------
        level : int
            0 is the whole image.
        rows, columns : slice, optional
            Which part, in the level's pixels; default: all.
        index : tuple of int, optional
            Where along each of ``axes``; default: the first plane.

        Returns
        -------
        ndarray
            Read-only where it shares memory with the caller's own array.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.arange(64.0).reshape(8, 8))
        >>> image.read(0, slice(2, 4), slice(0, 3))
        array([[16., 17., 18.],
               [24., 25., 26.]])
        >>> image.read(2)  # the means of 4 by 4 samples
        array([[13.5, 17.5],
               [45.5, 49.5]])
        """
        self._check_open()
        shape = self.grid.shape(level)
        top, bottom = _ends("rows", rows, shape[0])
        left, right = _ends("columns", columns, shape[1])
        index = self._checked_index(index)
        if top == bottom or left == right:
            colors = () if self.channels == 1 else (self.channels,)
            return np.empty((bottom - top, right - left, *colors), self.dtype)
        return self._part(level, Box(top, bottom, left, right), index)

    @door
    def tile(self, level: int, column: int, row: int, index: Index = ()) -> Array:
        """Return a tile of a level with its overlap.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.zeros((600, 800)), tile_size=256)
        >>> image.tile(0, column=3, row=0).shape
        (257, 33)
        """
        self._check_open()
        return self._part(level, self.grid.bounds(level, column, row), self._checked_index(index))

    @door
    def limits(self, exact: bool = False) -> tuple[float, float]:
        """Return the finite minimum and maximum: estimated, or exact after a look at all samples.

        An estimate is the range of about four million samples: of the source's smallest level of
        at least a million, or of blocks here and there in it. It may be narrower than the exact
        one. Where none of these is finite, it is exact.

        Raises ValueError where no sample is finite.

        Examples
        --------
        >>> nbimage.open_pyramid([[3.0, np.nan], [np.inf, -1.0]]).limits(exact=True)
        (-1.0, 3.0)
        """
        found = self.extent(exact)
        if found.low is None or found.high is None:
            raise ValueError("limits must come from finite samples, but there are none")
        return found.low, found.high

    def extent(self, exact: bool = False, *, positive: bool = False) -> Extent:
        """Return the same as `limits` does, and whether all samples are finite.

        Examples
        --------
        >>> nbimage.open_pyramid([[3.0, np.nan], [np.inf, -1.0]]).extent()
        Extent(low=-1.0, high=3.0, finite=False)
        """
        self._check_open()
        key = exact, positive
        if key not in self._extents:
            found = Extent()
            for blocks in (
                [] if exact else [some_blocks(self._source)],
                [all_blocks(self._source)],
            ):
                for level, box, index in itertools.chain(*blocks):
                    part = self._source.read(level, box, index)
                    found = found.join(extent(part, positive=positive))
                if found.low is not None:
                    break
            self._extents[key] = found
        return self._extents[key]

    def sample_blocks(self) -> Iterator[Array]:
        """Yield about four million samples, block by block: those `limits` are estimated from.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.ones((300, 500)))
        >>> sum(block.size for block in image.sample_blocks())
        150000
        """
        self._check_open()
        for level, box, index in some_blocks(self._source):
            yield self._source.read(level, box, index)

    def close(self) -> None:
        """Let go of files; nothing can be read afterwards.

        Examples
        --------
        >>> image = nbimage.open_pyramid(np.eye(5))
        >>> image.close()
        >>> image.read(0)
        Traceback (most recent call last):
            ...
        ValueError: the pyramid is closed: open it again to read it
        """
        if self._open:
            self._open = False
            self._reset()
            if self._source not in CLOSED:
                CLOSED.add(self._source)
                self._source.close()

    def __enter__(self) -> Pyramid:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        rows, columns = self.shapes[0]
        levels = format_count(self.grid.last + 1, "level")
        axes = "".join(f", {name}={length}" for name, length in self.axes)
        channels = f" x {self.channels}" if self.channels > 1 else ""
        return f"<Pyramid {rows} x {columns}{channels} {self.dtype}{axes}, {levels}>"

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_extents", "_blocks", "_small_levels")
        kept = {key: value for key, value in self.__dict__.items() if key not in left_out}
        # which sources that open files anew may not know
        return {**kept, "_as_opened": (self.labels, len(self._source.shapes))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        as_opened = state.pop("_as_opened")
        self.__dict__ |= state
        open_alike(self._source, *as_opened)
        self._reset()

    def _check_open(self) -> None:
        if not self._open or self._source in CLOSED:
            raise ValueError("the pyramid is closed: open it again to read it")

    def _checked_index(self, given: Any) -> Index:
        """Return where a plane is along the further axes. Raises ValueError where there is none."""
        names = tuple(name for name, _ in self.axes)
        if isinstance(given, (str, Mapping)) or not isinstance(given, Iterable):
            raise TypeError(f"index must be a tuple, one number for each of {names}: {given!r}")
        index = tuple(given)
        if not index:
            return (0,) * len(self.axes)
        if len(index) != len(self.axes):
            raise ValueError(f"index must have one number for each of {names}, but got {given!r}")
        for number, (name, length) in zip(index, self.axes, strict=True):
            if not hasattr(number, "__index__"):
                raise TypeError(f"index must be whole numbers, but got {number!r} along {name}")
            if not 0 <= number < length:
                raise ValueError(f"index must be 0 to {length - 1} along {name}, but got {number}")
        return tuple(int(number) for number in index)

    def _part(self, level: int, box: Box, index: Index) -> Array:
        """Return a part of a level: the source's own, one that is kept, or one that is made."""
        if level in self._native:
            return self._from_source(self._native[level], box, index)
        rows, columns = self.grid.shape(level)
        if rows * columns * self.channels > self._small_level_samples:
            return self._compute(level, box, index)
        return self._small_level(level, index)[box.top : box.bottom, box.left : box.right]

    def _from_source(self, number: int, box: Box, index: Index) -> Array:
        rows, columns = self._source.shapes[number]
        top, left = min(box.top, rows - 1), min(box.left, columns - 1)
        within = Box(top, min(box.bottom, rows), left, min(box.right, columns))
        _LOG.debug("level %d, %s of plane %s of %r", number, within, index, self)
        part = self._source.read(number, within, index)
        if within == box:
            return part
        # a level that was rounded down lacks a last row or column
        part = part[np.minimum(np.arange(box.top, box.bottom), rows - 1) - within.top]
        part = part[:, np.minimum(np.arange(box.left, box.right), columns - 1) - within.left]
        return np.asarray(part)

    def _small_level(self, level: int, index: Index) -> Array:
        """Return a whole small level, computed by the first thread that asks and then kept."""
        rows, columns = self.grid.shape(level)
        whole = Box(0, rows, 0, columns)
        return self._small_levels.get((level, index), lambda: self._compute(level, whole, index))

    def _compute(self, level: int, box: Box, index: Index) -> Array:
        """Return means of the next larger level, or of the source's own where that is too large."""
        rows, columns = self.grid.shape(level - 1)
        is_small = rows * columns * self.channels <= self._small_level_samples
        if level - 1 not in self._native and is_small:
            larger = Box(
                2 * box.top, min(rows, 2 * box.bottom), 2 * box.left, min(columns, 2 * box.right)
            )
            return self.halve(self._part(level - 1, larger, index))
        native = max(own for own in self._native if own < level)
        number = self._native[native]
        lazy_level = LazyLevel(
            read_larger=lambda part: self._from_source(number, part, index),
            larger_shape=self.grid.shape(native),
            block=self._source.blocks[number],
            halvings=level - native,
            channels=self.channels,
            dtype=self.dtype,
            key=(number, index),
            cache=self._blocks,
            cache_bytes=self._cache_bytes,
            max_area=max(1, self._max_samples // self.channels),
            halve=self.halve,
        )
        return lazy_level.read(box)


def _ends(name: str, part: Any, length: int) -> tuple[int, int]:
    if not isinstance(part, slice):
        raise TypeError(f"{name} must be a slice, but got {part!r}")
    start, stop, step = part.indices(length)
    if step != 1:
        raise ValueError(f"{name} must be a slice without a step, but got {part!r}")
    return start, max(start, stop)
