"""An image of any size, read level by level and tile by tile."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.limits import Extent, extent
from nbimage.pyramid.core.block_cache import Recent
from nbimage.pyramid.core.downsample import halved
from nbimage.pyramid.core.grid import Layout
from nbimage.pyramid.core.lazy_level import HELD, Larger
from nbimage.pyramid.core.source import Source

Plane = tuple[int, ...]

_AT_ONCE = 1 << 22  # samples of a level that are put together to make a part of a smaller one
_KEPT = 1 << 20  # samples of a level that is made once and kept
_MOST_KEPT = 32  # such levels
_LOOKED_AT = 1 << 22  # samples from which limits are estimated


class Pyramid:
    """The levels of an image, each of half the rows and columns of the next, rounded up.

    Nothing is read before it is asked for. Levels are numbered as in Deep Zoom: level 0 is one
    pixel, level ``last`` the whole image. A level that the source has is read from there; any
    other is made of the next larger one by means of two by two samples, in bounded memory. Any
    number of threads may read at once, and a pyramid of a file can be pickled: it opens the file
    again by its path.
    """

    def __init__(self, source: Source, *, tile_size: int = 254, overlap: int = 1) -> None:
        self._source = source
        rows, columns = source.shapes[0]
        self.layout = Layout(rows, columns, tile_size, overlap)
        self._native = _native_levels(self.layout, source.shapes)
        self._open = True
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[int, Plane], _Once] = {}
        self._extents: dict[Any, Extent] = {}
        self._recent = Recent(HELD)

    @property
    def source(self) -> Source:
        """Where the samples come from."""
        return self._source

    @property
    def last(self) -> int:
        """The number of the level that is the whole image."""
        return self.layout.last

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Rows and columns of every level, from level 0 on."""
        return tuple(self.layout.shape(level) for level in range(self.last + 1))

    @property
    def native_levels(self) -> tuple[int, ...]:
        """The levels that the source has, largest first; the others are made."""
        return tuple(sorted(self._native, reverse=True))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples, in every level."""
        return self._source.dtype

    @property
    def channels(self) -> int:
        """How many channels a picture has: 1 is gray."""
        return self._source.channels

    @property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """Names and lengths of the axes beside rows, columns and channels."""
        return self._source.axes

    @property
    def pixel_size(self) -> tuple[float, float] | None:
        """Height and width of a pixel of the whole image, in ``unit``; None: not known."""
        return self._source.pixel_size

    @property
    def unit(self) -> str:
        """The unit of ``pixel_size``."""
        return self._source.unit

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the channels are called; empty: not known."""
        return self._source.channel_names

    @property
    def channel_colors(self) -> tuple[str, ...]:
        """The channels' colors as ``#rrggbb``; empty: not known."""
        return self._source.channel_colors

    def read(
        self,
        level: int,
        rows: slice = slice(None),
        columns: slice = slice(None),
        plane: Plane = (),
    ) -> Array:
        """Return a part of a level: ``(H, W)``, or ``(H, W, C)`` in colors.

        Parameters
        ----------
        level : int
            0 to ``last``.
        rows, columns : slice, optional
            Which part, in the level's pixels; default: all.
        plane : tuple of int, optional
            The place along each of ``axes``; default: the first.

        Returns
        -------
        ndarray
            Read-only where it shares memory with the caller's own array.
        """
        self._check_open()
        shape = self.layout.shape(level)
        top, bottom = _ends("rows", rows, shape[0])
        left, right = _ends("columns", columns, shape[1])
        place = self._place(plane)
        if top == bottom or left == right:
            colors = () if self.channels == 1 else (self.channels,)
            return np.empty((bottom - top, right - left, *colors), self.dtype)
        return self._part(level, Box(top, bottom, left, right), place)

    def tile(self, level: int, column: int, row: int, plane: Plane = ()) -> Array:
        """Return a tile with its overlap."""
        self._check_open()
        return self._part(level, self.layout.bounds(level, column, row), self._place(plane))

    def limits(self, exact: bool = False) -> tuple[float, float]:
        """Return the finite minimum and maximum: estimated, or exact after a look at all samples.

        An estimate is the range of about four million samples: of the source's smallest level of
        at least a million, or of blocks here and there in it. It may be narrower than the exact
        one.

        Raises ValueError where no sample is finite.
        """
        found = self.extent(exact)
        if found.low is None or found.high is None:
            raise ValueError("limits must come from finite samples, but there are none")
        return found.low, found.high

    def extent(self, exact: bool = False, *, positive: bool = False) -> Extent:
        """Return the same as `limits` does, and whether all samples are finite."""
        self._check_open()
        key = exact, positive
        if key not in self._extents:
            found = Extent()
            blocks = self._all_blocks() if exact else self._some_blocks()
            for index, box, place in blocks:
                part = self._source.read(index, box, place)
                found = found.join(extent(part, positive=positive))
            self._extents[key] = found
        return self._extents[key]

    def some(self) -> Iterator[Array]:
        """Yield about four million samples, block by block: those `limits` are estimated from."""
        self._check_open()
        for index, box, place in self._some_blocks():
            yield self._source.read(index, box, place)

    def close(self) -> None:
        """Let go of files; nothing can be read afterwards."""
        if self._open:
            self._open = False
            self._reset()
            self._source.close()

    def __enter__(self) -> Pyramid:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __repr__(self) -> str:
        rows, columns = self.layout.shape(self.last)
        axes = "".join(f", {name}={length}" for name, length in self.axes)
        colors = f" x {self.channels}" if self.channels > 1 else ""
        return f"<Pyramid {rows} x {columns}{colors} {self.dtype}{axes}, levels 0 to {self.last}>"

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_lock", "_kept", "_extents", "_recent")
        return {key: value for key, value in self.__dict__.items() if key not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._reset()

    def _check_open(self) -> None:
        if not self._open:
            raise ValueError("a pyramid must be open to be read, but this one was closed")

    def _place(self, plane: Any) -> Plane:
        """Return a checked place along the axes."""
        given = tuple(plane)
        if not given:
            return (0,) * len(self.axes)
        if len(given) != len(self.axes):
            names = tuple(name for name, _ in self.axes)
            raise ValueError(f"plane must have one place for each of {names}, but got {plane!r}")
        for place, (name, length) in zip(given, self.axes, strict=True):
            if not 0 <= place < length:
                raise ValueError(f"plane must be 0 to {length - 1} along {name}, but got {place}")
        return tuple(int(place) for place in given)

    def _part(self, level: int, box: Box, place: Plane) -> Array:
        """Return a part of a level: the source's own, one that is kept, or one that is made."""
        if level in self._native:
            return self._from_source(self._native[level], box, place)
        rows, columns = self.layout.shape(level)
        if rows * columns * self.channels > _KEPT:
            return self._made(level, box, place)
        return self._once(level, place)[box.top : box.bottom, box.left : box.right]

    def _from_source(self, index: int, box: Box, place: Plane) -> Array:
        rows, columns = self._source.shapes[index]
        within = Box(
            min(box.top, rows - 1),
            min(box.bottom, rows),
            min(box.left, columns - 1),
            min(box.right, columns),
        )
        part = self._source.read(index, within, place)
        if within == box:
            return part
        # a level that was rounded down lacks a last row or column
        part = part[np.minimum(np.arange(box.top, box.bottom), rows - 1) - within.top]
        part = part[:, np.minimum(np.arange(box.left, box.right), columns - 1) - within.left]
        return np.asarray(part)

    def _once(self, level: int, place: Plane) -> Array:
        """Return a whole small level, made by the first thread that asks and then kept."""
        with self._lock:
            kept = self._kept.pop((level, place), None) or _Once()
            self._kept[level, place] = kept  # the newest is last
            while len(self._kept) > _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
        with kept.lock:
            if kept.array is None:
                rows, columns = self.layout.shape(level)
                kept.array = self._made(level, Box(0, rows, 0, columns), place)
                kept.array.flags.writeable = False
            return kept.array

    def _made(self, level: int, box: Box, place: Plane) -> Array:
        """Return means of the next larger level, or of the source's own where that is too large."""
        rows, columns = self.layout.shape(level + 1)
        if level + 1 not in self._native and rows * columns * self.channels <= _KEPT:
            larger = Box(
                2 * box.top, min(rows, 2 * box.bottom), 2 * box.left, min(columns, 2 * box.right)
            )
            return halved(self._part(level + 1, larger, place))
        above = min(own for own in self._native if own > level)
        index = self._native[above]
        own = Larger(
            read=lambda part: self._from_source(index, part, place),
            shape=self.layout.shape(above),
            block=self._source.blocks[index],
            channels=self.channels,
            dtype=self.dtype,
            key=(index, place),
            recent=self._recent,
        )
        return own.made(box, above - level, max(1, _AT_ONCE // self.channels))

    def _all_blocks(self) -> Iterator[tuple[int, Box, Plane]]:
        """Yield the parts of the whole image, in every plane."""
        for place in np.ndindex(tuple(length for _, length in self.axes)):
            cut = self._cut(0)
            for number in range(cut.total):
                yield 0, cut.box(number), place

    def _some_blocks(self) -> Iterator[tuple[int, Box, Plane]]:
        """Yield parts of the smallest level of the source's own that is large enough to tell."""
        index = len(self._source.shapes) - 1
        while index and math.prod(self._source.shapes[index]) < _LOOKED_AT >> 2:
            index -= 1
        planes = list(_spread(tuple(length for _, length in self.axes)))
        cut = self._cut(index, 256)
        count = _LOOKED_AT // (math.prod(cut.box(0).shape) * self.channels)
        count = min(cut.total, max(1, max(8, count) // len(planes)))
        random = np.random.default_rng(0)  # a jittered grid: the same at each call
        for place in planes:
            where = (np.arange(count) + random.random(count)) * cut.total / count
            for number in where.tolist():
                yield index, cut.box(min(cut.total - 1, int(number))), place

    def _cut(self, index: int, side: int = 2048) -> _Cut:
        rows, columns = self._source.shapes[index]
        high, wide = self._source.blocks[index]
        wide = min(columns, max(wide, side // wide * wide))
        high = min(rows, max(high, max(1, side * side // wide) // high * high))
        return _Cut(rows, columns, high, wide)


class _Cut(NamedTuple):
    """A level in parts of so many rows and columns, which are numbered row by row."""

    rows: int
    columns: int
    high: int
    wide: int

    @property
    def total(self) -> int:
        """How many parts there are."""
        return -(-self.rows // self.high) * -(-self.columns // self.wide)

    def box(self, number: int) -> Box:
        """Return where a part lies."""
        row, column = divmod(number, -(-self.columns // self.wide))
        top, left = row * self.high, column * self.wide
        bottom, right = top + self.high, left + self.wide
        return Box(top, min(self.rows, bottom), left, min(self.columns, right))


class _Once:
    """A level that is made once."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.array: Array | None = None


def _native_levels(layout: Layout, shapes: tuple[tuple[int, int], ...]) -> dict[int, int]:
    """Return which level of a pyramid which of the source's is; others are no halves."""
    found = {layout.last: 0}
    for index, shape in enumerate(shapes[1:], 1):
        for level in range(min(found) - 1, -1, -1):
            times = layout.last - level
            down = max(1, layout.rows >> times), max(1, layout.columns >> times)
            up = layout.shape(level)
            if shape[0] in (up[0], down[0]) and shape[1] in (up[1], down[1]):
                found[level] = index
                break
    return found


def _ends(name: str, part: Any, length: int) -> tuple[int, int]:
    if not isinstance(part, slice):
        raise TypeError(f"{name} must be a slice, but got {part!r}")
    start, stop, step = part.indices(length)
    if step != 1:
        raise ValueError(f"{name} must be a slice without a step, but got {part!r}")
    return start, max(start, stop)


def _spread(lengths: tuple[int, ...]) -> Iterator[Plane]:
    """Yield a few places over further axes: at most three along each, eight in all."""
    ends = [sorted({0, length // 2, length - 1}) for length in lengths]
    count = math.prod(map(len, ends))
    for number in range(0, count, -(-count // 8)):
        place = []
        for choices in reversed(ends):
            number, which = divmod(number, len(choices))
            place.append(choices[which])
        yield tuple(reversed(place))
