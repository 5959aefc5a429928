"""Images of tiles: pyramids as the explorer sees them, and what a page is told of them."""

from __future__ import annotations

import itertools
import math
import os
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.channels import CHANNEL_NAMES
from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import loaded
from nbimage.pyramid.core.block_reader import RecentBlocks
from nbimage.pyramid.core.pyramid import Plane, Pyramid
from nbimage.pyramid.levels.background_overviews import Overviews
from nbimage.pyramid.levels.reading_order import spread_out
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.sources.array import ArraySource

EMBEDDED = 1 << 26  # bytes of samples up to which an array is kept in the page
TILE = 256  # samples a side
_OVERVIEW = 800  # samples of the longer side of what stands where scripts do not run
_SAMPLING = 0.4  # seconds for which parts are read before there is anything to see
_PLACES = 4  # along the axes, of which limits are estimated
_LOOKED_AT = 1 << 20  # samples of a plane from which limits are estimated
_FLOATS = {"float16": "float32", "longdouble": "float64", "float128": "float64"}


@dataclass(frozen=True, slots=True)
class Address:
    """A tile: level 0 has every sample, each next one half of the rows and columns."""

    plane: int
    level: int
    column: int
    row: int


class LargeStack:
    """A pyramid with the interface of `Stack`; of its samples it gives only some.

    ``parts``: so many channels are laid over one another, a picture's own or those along an axis.
    ``own``: the pyramid is closed when this is not used any more.
    """

    def __init__(self, pyramid: Pyramid, parts: int | None = None, *, own: bool = False) -> None:
        self.pyramid = pyramid
        self.overviews = Overviews(pyramid)
        self._near, self._blocks = _near(pyramid)
        self._finish = weakref.finalize(self, pyramid.close) if own else None
        self._looks: list[Values] | None = None
        self._sampling, self._left = threading.Lock(), _SAMPLING
        self._shown: list[Plane] = []
        self._along = None if parts is None else _channel_axis(pyramid, parts)
        self._axes = [axis for i, axis in enumerate(pyramid.axes) if i != self._along]
        self.rows, self.columns = pyramid.layout.rows, pyramid.layout.columns
        self.channels = pyramid.channels if self._along is None else pyramid.axes[self._along][1]
        shape = (*self.sizes, self.rows, self.columns)
        whole = shape if self.channels == 1 else (*shape, self.channels)
        self.values = Values(np.broadcast_to(np.zeros((), pyramid.dtype), whole))
        self.further = tuple(range(len(self._axes)))
        self.rows_axis, self.columns_axis = len(self._axes), len(self._axes) + 1

    @property
    def names(self) -> tuple[str, ...]:
        """What the further axes are called."""
        return tuple(name for name, _ in self._axes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many places there are along each further axis."""
        return tuple(length for _, length in self._axes)

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return math.prod(self.sizes)

    @property
    def axis(self) -> int | None:
        """Where the channels are in `plane`."""
        return None if self.channels == 1 else 2

    @property
    def order(self) -> list[int | str]:
        """What each of the axes is, as `read` would have them."""
        colors = [] if self.channels == 1 else [":"]
        return [*self.further, "y", "x", *colors]

    def coordinate(self, axis: int) -> None:
        """Return None: places are told by the pixel's size."""

    def labels(self, axis: int) -> list[str]:
        """Return what the places along an axis are called; none: []."""
        name, length = self._axes[axis]
        names = self.pyramid.channel_names
        return list(names) if name.lower() == "c" and len(names) == length else []

    def find(self, what: str, axis: Any) -> int:
        """Return the place in `further` of an axis: its name or number."""
        for i, name in enumerate(self.names):
            if axis == name or (axis == i and not isinstance(axis, bool)):
                return i
        known = ", ".join(map(repr, self.names)) or "none"
        raise ValueError(f"{what} must be one of the axes ({known}), but got {axis!r}")

    def places(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Return where columns and rows lie, as the page has it."""
        size, unit = self.pyramid.pixel_size, self.pyramid.unit
        if size is None:
            return None, None
        y, x = ({"label": "", "unit": unit, "first": step / 2, "step": step} for step in size)
        return x, y

    # Samples

    @property
    def most(self) -> int:
        """The coarsest level that has tiles: one."""
        return max(0, math.ceil(math.log2(max(self.rows, self.columns) / TILE)))

    def box(self, address: Address) -> Box:
        """Return the part of its level that a tile is. Raises ValueError for one that is not."""
        plane, level, column, row = address.plane, address.level, address.column, address.row
        if not (0 <= plane < self.count and 0 <= level <= self.most):
            raise ValueError(f"a tile must be of {self.count} planes and level 0 to {self.most}")
        rows, columns = self.shape(level)
        if not (0 <= row * TILE < rows and 0 <= column * TILE < columns):
            raise ValueError(f"a tile of level {level} must lie within {rows} x {columns} samples")
        return Box(
            row * TILE,
            min(rows, (row + 1) * TILE),
            column * TILE,
            min(columns, (column + 1) * TILE),
        )

    def shape(self, level: int) -> tuple[int, int]:
        """Return a level's rows and columns."""
        return -(-self.rows >> level), -(-self.columns >> level)

    def look(self, level: int, box: Box, place: Sequence[int]) -> tuple[Array, bool]:
        """Return what is known of a part of a level, and whether it will be known better.

        ``(H, W)`` or ``(H, W, C)``, at a place along the axes. It comes soon, whatever its level.
        """
        number = self.pyramid.last - level
        if self.overviews.has(number):
            self._shown = self._planes(place)
            found = [self.overviews.read(number, box, where) for where in self._shown]
            return self._joined([part for part, _ in found]), any(rough for _, rough in found)
        with self.overviews.aside():
            parts = [self._near.read(number, *box.slices, where) for where in self._planes(place)]
        return self._joined(parts), False

    def read(self, level: int, box: Box, place: Sequence[int]) -> Array:
        """Return the same without a word on how good it is."""
        return self.look(level, box, place)[0]

    @property
    def share(self) -> float | None:
        """How much of the overview that is shown is exact, 0 to 1; None: nothing is going on."""
        return self.overviews.share(*self._shown) if self._shown else None

    def _planes(self, place: Sequence[int]) -> list[Plane]:
        """Return the pyramid's planes that are the channels at a place."""
        if self._along is None:
            return [tuple(place)]
        before, after = place[: self._along], place[self._along :]
        return [(*before, channel, *after) for channel in range(self.channels)]

    def _joined(self, parts: list[Array]) -> Array:
        return parts[0] if self._along is None else np.stack(parts, axis=2)

    def place(self, plane: int) -> tuple[int, ...]:
        """Return the place along the axes of a plane by its number."""
        return tuple(int(i) for i in np.unravel_index(plane, self.sizes)) if self.sizes else ()

    def plane(self, place: Sequence[int]) -> Values:
        """Return a picture's overview, of what can be read of it in a moment."""
        level = max(0, math.ceil(math.log2(max(self.rows, self.columns) / _OVERVIEW)))
        rows, columns = self.shape(level)
        if self.overviews.has(self.pyramid.last - level):
            self._sample(self._planes(place))
        return Values(self.read(level, Box(0, rows, 0, columns), place))

    def planes(self) -> Iterator[Values]:
        """Yield samples of some planes, from which limits are estimated."""
        if self._looks is None:
            self._looks = [Values(part) for part in self._some()]
        yield from self._looks

    def _some(self) -> Iterator[Array]:
        if not self.overviews.needed and self._along is None:
            yield from self.pyramid.some()
            return
        places = list(itertools.islice(_spread(self.sizes), _PLACES))
        if self.overviews.needed:
            self._sample([one for place in places for one in self._planes(place)])
        for place in places:
            parts = [self._flat(one) for one in self._planes(place)]
            count = min(map(len, parts))  # channels are not all looked at in the same parts
            if count:
                yield self._joined([part[:count] for part in parts])

    def _flat(self, plane: Plane) -> Array:
        """Return samples of a plane of the pyramid as one column."""
        if self.overviews.needed:
            looks = self.overviews.looks(plane)
        else:
            levels = self.pyramid.native_levels
            level = next((n for n in levels[::-1] if self._area(n) >= _LOOKED_AT), levels[0])
            rows, columns = self.pyramid.layout.shape(level)
            grid = spread_out(-(-rows // TILE), -(-columns // TILE)) * TILE
            ends = [(slice(top, top + TILE), slice(left, left + TILE)) for top, left in grid[:16]]
            looks = tuple(self._near.read(level, *own, plane) for own in ends)
        colors = () if self._along is not None or self.channels == 1 else (self.channels,)
        parts = [look.reshape(-1, 1, *colors) for look in looks]
        return np.concatenate(parts) if parts else np.empty((0, 1, *colors), self.pyramid.dtype)

    def _area(self, level: int) -> int:
        return math.prod(self.pyramid.layout.shape(level))

    def _sample(self, planes: list[Plane]) -> None:
        """Read parts of planes, all in the time that is left for it, but at least one of each."""
        with self._sampling:
            left, start = max(0.0, self._left), time.monotonic()
            share = left / -(-len(planes) // 4)
            with ThreadPoolExecutor(4, "nbimage-sample") as pool:
                list(pool.map(lambda one: self.overviews.sample(one, share), planes))
            self._left = left - (time.monotonic() - start)

    def close(self) -> None:
        """Let go of all that was read, and of files that were opened for this alone."""
        self.overviews.close()
        if self._blocks is not None:
            self._blocks.forget()
        if self._finish is not None:
            self._finish()


def as_large(
    data: Any, axes: Any, channel_axis: int | None, parts: int | None, embed: bool | None
) -> LargeStack | Any:
    """Return a stack of tiles, or else the array that is to be kept in the page.

    A path or a pyramid is opened; ``embed`` None goes by the size.
    """
    named = isinstance(data, (str, os.PathLike, Pyramid)) or _is_group(data)
    size = 0 if named else _bytes(data)
    if not named and (embed or (embed is None and size <= EMBEDDED)):
        return data
    own = not isinstance(data, Pyramid)
    pyramid = open_pyramid(data, axes=axes, channel_axis=channel_axis)
    rows, columns = pyramid.shapes[-1]
    count = math.prod(length for _, length in pyramid.axes)
    size = rows * columns * count * pyramid.channels * pyramid.dtype.itemsize
    if embed or (embed is None and size <= EMBEDDED):
        whole = _whole(pyramid)
        if own:
            pyramid.close()
        return whole
    stack = LargeStack(pyramid, parts, own=own)
    if parts is None and stack.channels > 4:
        raise ValueError(
            f"channels must be 1, 2, 3 or 4 of a picture in colors, but got {stack.channels}: "
            "give channels=, a name for each, to lay them over one another"
        )
    return stack


def _near(pyramid: Pyramid) -> tuple[Pyramid, RecentBlocks | None]:
    """Return what tiles are read from: blocks that are computed or decoded are kept for a while."""
    source = pyramid.source
    if not isinstance(source, ArraySource) or source.blocks[0] == (1, 1):
        return pyramid, None
    blocks = RecentBlocks(source)
    return Pyramid(blocks), blocks


def _spread(lengths: tuple[int, ...]) -> Iterator[Plane]:
    """Yield the first place along axes, and some others."""
    yield (0,) * len(lengths)
    places = [tuple(length // part for length in lengths) for part in (2, 4)]
    last = tuple(length - 1 for length in lengths)
    yield from dict.fromkeys(place for place in (last, *places) if any(place))


def _channel_axis(pyramid: Pyramid, parts: int) -> int | None:
    """Return the axis whose places are the channels; None: a picture's own are."""
    for i, (name, length) in enumerate(pyramid.axes):
        if name.lower() in CHANNEL_NAMES and length == parts and pyramid.channels == 1:
            return i
    if pyramid.channels == parts:
        return None
    for i, (_, length) in enumerate(pyramid.axes):
        if length == parts and pyramid.channels == 1:
            return i
    axes = ", ".join(f"{name} ({length})" for name, length in pyramid.axes) or "none"
    raise ValueError(
        f"channels must be as many as there are along one of the axes {axes}, or the picture's "
        f"own {pyramid.channels}, but got {parts}"
    )


def _is_group(data: Any) -> bool:
    return isinstance(data, loaded("zarr", "Group"))


def _bytes(data: Any) -> int:
    """Return how much an array takes; 0 for what does not say so."""
    shape, dtype = getattr(data, "shape", None), getattr(data, "dtype", None)
    if not isinstance(shape, tuple) or not all(isinstance(n, int) for n in shape):
        return 0
    return math.prod(shape) * int(getattr(dtype, "itemsize", 8))


def _whole(pyramid: Pyramid) -> Values:
    """Return all of a small pyramid."""
    sizes = tuple(length for _, length in pyramid.axes)
    planes = [pyramid.read(pyramid.last, plane=place) for place in np.ndindex(sizes)]
    whole = np.stack(planes).reshape(*sizes, *planes[0].shape)
    names = (*(name for name, _ in pyramid.axes), "y", "x")
    return Values(whole, names=names if pyramid.channels == 1 else (*names, "s"))


def tiles_config(stack: LargeStack) -> dict[str, Any]:
    """Return how an image is cut into tiles, as the page has it."""
    dtype = stack.pyramid.dtype.name
    return {
        "size": TILE,
        "overlap": 0,
        "most": stack.most,
        "dtype": {"bool": "uint8", **_FLOATS}.get(dtype, dtype),
        "rough": stack.overviews.needed,
    }
