"""`TiledStack`: a pyramid as a view sees it, of which a page asks for tiles.

Levels are counted from the full image, 0. Not here: which data become tiles (`open_image`), who
makes tiles and when (`nbimage.view.live.tile_scheduler`).
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import AxisOrder
from nbimage.arrays.coordinates import text_of
from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Coordinate, Metadata
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.figure.page_coordinate import PageCoordinate, page_coordinate
from nbimage.mapping.value_sample import Counting
from nbimage.pyramid.core.oriented import as_upright, is_upward
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.read_channels import find_channel_axis
from nbimage.pyramid.core.stored import as_stored
from nbimage.pyramid.levels.background_overviews import Overviews
from nbimage.pyramid.levels.limit_samples import LimitSamples
from nbimage.pyramid.sources.array import ArraySource, cache_blocks
from nbimage.view.model.page_coordinates import (
    find_coordinate,
    name_with_unit,
    step_ratio,
)
from nbimage.view.model.stack import Stack, join_letters
from nbimage.view.project.projections import (
    ORDERED,
    Along,
    PlaneName,
    Projection,
    find_index,
    find_plane,
    is_projected,
)
from nbimage.view.project.reduce import Part, project

TILE = 256  # samples a side
_OVERVIEW = 800  # samples of the longer side of the picture that stands where scripts do not run
_SAMPLING_SECONDS = 0.4  # for reading samples before there is anything to see
_QUICK_BYTES = 1 << 26  # of samples of which coarser levels are soon made
_PAGE_FLOATS = {"float16": "float32", "longdouble": "float64", "float128": "float64"}


@dataclass(frozen=True, slots=True)
class TileAddress:
    """A tile: level 0 has every sample, each next one half of the rows and columns."""

    plane: PlaneName
    level: int
    column: int
    row: int


class TiledStack:
    """A pyramid with the interface of `Stack`, whose samples are read tile by tile.

    Parameters
    ----------
    pyramid : Pyramid
        The image.
    composite_channels : int, optional
        So many channels are laid over one another: a plane's own, or those along an axis.
    own : bool
        Close the pyramid when this is not used any more.
    sampling_seconds : float
        How long samples are read for limits and overviews before there is anything to see.
    """

    def __init__(
        self,
        pyramid: Pyramid,
        composite_channels: int | None = None,
        *,
        own: bool = False,
        sampling_seconds: float = _SAMPLING_SECONDS,
    ) -> None:
        self._finish = weakref.finalize(self, pyramid.close) if own else None
        self._axis_order: AxisOrder | None = None
        self.array_source = pyramid.source if isinstance(pyramid.source, ArraySource) else None
        """Of an array that was opened as it is."""
        self.composite_channels = composite_channels
        if isinstance(pyramid.source, ArraySource):
            self._axis_order = pyramid.source.axis_order
            self._array_shape = pyramid.source.levels[0].shape
        self.upward = is_upward(pyramid.source)
        self.pyramid = pyramid = as_upright(pyramid)
        self.overviews = Overviews(pyramid)
        self._reader, self._block_cache = cache_blocks(pyramid)
        self._last_planes: list[Index] = []
        self._channel_axis = (
            None if composite_channels is None else find_channel_axis(pyramid, composite_channels)
        )
        self._axes = [axis for i, axis in enumerate(pyramid.axes) if i != self._channel_axis]
        self.rows, self.columns = pyramid.grid.rows, pyramid.grid.columns
        along = self._channel_axis
        self.channels = pyramid.channels if along is None else pyramid.axes[along][1]
        self._samples = LimitSamples(
            pyramid, self._reader, self.overviews, self._channel_axis, sampling_seconds
        )

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the samples."""
        return np.dtype(self.pyramid.dtype)

    @property
    def stored(self) -> np.dtype[Any]:
        """Their type where they are stored."""
        return self.pyramid.source.stored

    @property
    def label(self) -> str:
        """What the samples are, with their unit."""
        return self.pyramid.metadata.label

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole, in the order of its own axes."""
        if self._axis_order is not None:
            return tuple(self._array_shape)
        whole = (*self.sizes, self.rows, self.columns)
        return whole if self.channels == 1 else (*whole, self.channels)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the further axes, with units: "level [hPa]"."""
        known = [self._coordinate(number) for number in range(len(self._axes))]
        return tuple(
            name_with_unit(name, found) for (name, _), found in zip(self._axes, known, strict=True)
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The length of each further axis."""
        return tuple(length for _, length in self._axes)

    @property
    def count(self) -> int:
        """The number of planes."""
        return math.prod(self.sizes)

    @property
    def channel_axis(self) -> int | None:
        """The axis of the channels in what `plane` and `read` return."""
        return None if self.channels == 1 else 2

    @property
    def order(self) -> list[int | str]:
        """What each axis of `shape` is; see `Stack.order`."""
        along = self._channel_axis
        if self._axis_order is None:
            channels = [] if self.pyramid.channels == 1 else [":"]
            letters = [*range(len(self.pyramid.axes)), "y", "x", *channels]
        else:
            letters = self._axis_order.letters
        return letters if along is None else join_letters(letters, along)

    @property
    def metadata(self) -> Metadata:
        """What is known of the channels, among other things."""
        return self.pyramid.metadata

    @property
    def channel_colors(self) -> tuple[str, ...]:
        """The channels' colors as a file has them."""
        return self.pyramid.channel_colors

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the channels are called; empty: not known."""
        return self.pyramid.channel_names

    @property
    def composite(self) -> bool:
        """Whether the channels are planes that are laid over one another."""
        return self._channel_axis is not None

    @property
    def tiles(self) -> dict[str, Any]:
        """How the page cuts it into tiles."""
        dtype = self.dtype.name
        return {
            "size": TILE,
            "overlap": 0,
            "coarsest": self.coarsest,
            "dtype": {"bool": "uint8", **_PAGE_FLOATS}.get(dtype, dtype),
            "rough": self.overviews.needed,
        }

    def labels(self, number: int) -> list[str]:
        """Return a label for each index along a further axis; [] without coordinates."""
        known = self._coordinate(number)
        if known is None or known.values is None:
            return []
        return [text_of(value) for value in known.values]

    def page_coordinates(self) -> tuple[PageCoordinate | None, PageCoordinate | None]:
        """Return the coordinates of the columns, and of the rows from the top as shown."""
        rows = len(self.pyramid.axes)
        y, x = (find_coordinate(self.pyramid, axis) for axis in (rows, rows + 1))
        return page_coordinate(x), page_coordinate(y)

    def spacing(self) -> float:
        """Return a step along the last further axis in steps along the columns; 1 if unknown."""
        if self.sizes[-1] < 2 or self.columns < 2:
            return 1.0
        z = page_coordinate(self._coordinate(len(self._axes) - 1))
        return step_ratio(z, self.page_coordinates()[0])

    def _coordinate(self, number: int) -> Coordinate | None:
        """Return the coordinate of a further axis by its number."""
        along = self._channel_axis
        return find_coordinate(self.pyramid, number + (along is not None and number >= along))

    def find(self, parameter: str, axis: Any) -> int:
        """Return the number of a further axis, given by its name or its own number."""
        further, count = tuple(range(len(self.pyramid.axes))), len(self.order)
        if self._axis_order is not None:
            further = self._axis_order.further
        numbers = [own for i, own in enumerate(further) if i != self._channel_axis]
        whole = hasattr(axis, "__index__") and not isinstance(axis, bool)
        for i, (name, number) in enumerate(zip(self.names, numbers, strict=True)):
            if axis in (name, self._axes[i][0]) or (whole and axis in (number, number - count)):
                return i
        known = ", ".join(map(repr, self.names)) or "none"
        raise ValueError(f"{parameter} must be one of the axes ({known}), but got {axis!r}")

    def with_last(self, number: int) -> Stack:
        """Raise ValueError: a volume is cut in the page, which must have all of it."""
        raise ValueError(
            "ortho must have an array that is kept in the page: give embed=True, or a part"
        )

    # Tiles

    @property
    def coarsest(self) -> int:
        """The coarsest level that has tiles: a single one."""
        return max(0, math.ceil(math.log2(max(self.rows, self.columns) / TILE)))

    @property
    def plane_bytes(self) -> int:
        """The bytes of all samples of a plane."""
        return self.rows * self.columns * self.channels * self.dtype.itemsize

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha: never so where channels are laid over one another."""
        return self._channel_axis is None and self.channels in (2, 4)

    def tile_box(self, address: TileAddress) -> Box:
        """Return what of its level a tile covers. Raises ValueError for a wrong address."""
        plane, level, column, row = address.plane, address.level, address.column, address.row
        if isinstance(plane, str):
            find_plane(plane, self.sizes)
            plane = 0
        if not (0 <= plane < self.count and 0 <= level <= self.coarsest):
            raise ValueError(
                f"a tile must be of {self.count} planes and level 0 to {self.coarsest}, but got "
                f"plane {plane}, level {level}"
            )
        rows, columns = self.level_shape(level)
        top, left = row * TILE, column * TILE
        if not (0 <= top < rows and 0 <= left < columns):
            raise ValueError(
                f"a tile of level {level} must lie within {rows} x {columns} samples, but got "
                f"column {column}, row {row}"
            )
        return Box(top, min(rows, top + TILE), left, min(columns, left + TILE))

    def level_shape(self, level: int) -> tuple[int, int]:
        """Return a level's rows and columns."""
        return -(-self.rows >> level), -(-self.columns >> level)

    def plane_index(self, plane: PlaneName) -> tuple[Along, ...]:
        """Return the index along the further axes of a plane by its number or its name."""
        return find_plane(plane, self.sizes)

    def is_quick(self, level: int) -> bool:
        """Whether a level is stored, or made of few samples."""
        below = max(one for one in self.pyramid.native_levels if one <= level)
        return below == level or self.plane_bytes >> 2 * below <= _QUICK_BYTES

    def read_quick(self, level: int, box: Box, index: Sequence[Along]) -> tuple[Array, bool]:
        """Read a part of a level soon, whatever the level.

        Returns
        -------
        samples : array
            ``(H, W)`` or ``(H, W, C)``.
        rough : bool
            Whether later ones will be better.
        """
        found: list[bool] = []

        def read(one: tuple[int, ...]) -> Part:
            part, rough = self._read_quick(level, box, one)
            found.append(rough)
            return part, None

        values, _ = project(read, index, alpha=self.has_alpha)
        return values, any(found)

    def _read_quick(self, level: int, box: Box, index: tuple[int, ...]) -> tuple[Array, bool]:
        planes = self._samples.channel_planes(index)
        overviews = self.overviews
        roughly = [overviews.begins_roughly(level, box, plane) for plane in planes]
        if all(roughly) or any(overviews.has(level, plane) for plane in planes):
            self._last_planes = planes
            read = [overviews.read(level, box, plane) for plane in planes]
            return self._samples.join_channels([part for part, _ in read]), any(
                rough for _, rough in read
            )
        return self._read_exactly(level, box, planes), False

    def read(self, level: int, box: Box, index: Sequence[Along]) -> Array:
        """Read a part of a level: a small level as well as it is known now, others exactly."""
        values, _ = project(
            lambda one: (self._read(level, box, one), None), index, alpha=self.has_alpha
        )
        return values

    def _read(self, level: int, box: Box, index: tuple[int, ...]) -> Array:
        smallest = self.overviews.level
        if smallest is None or level < smallest:
            return self._read_exactly(level, box, self._samples.channel_planes(index))
        return self._read_quick(level, box, index)[0]

    def _read_exactly(self, level: int, box: Box, planes: list[Index]) -> Array:
        """Read a part of a level, which may have to be built first."""
        with self.overviews.pause():
            parts = [self._samples.reader_of(one).read(level, *box.slices, one) for one in planes]
        return self._samples.join_channels(parts)

    @property
    def overview_progress(self) -> float | None:
        """How much of the overview that was read last is exact, 0 to 1; None: nothing goes on."""
        return self.overviews.progress(*self._last_planes) if self._last_planes else None

    def plane(self, index: Sequence[Along]) -> Values:
        """Return a plane's overview, of what can be read in a moment."""
        level = max(0, math.ceil(math.log2(max(self.rows, self.columns) / _OVERVIEW)))
        rows, columns = self.level_shape(level)
        whole = not is_projected(index)
        if whole and self.overviews.has(level):
            self._samples.read(self._samples.channel_planes(find_index(index)))
        own = self.pyramid.metadata
        note = Metadata(note=own.note, labels=own.labels)
        read = self.read(level, Box(0, rows, 0, columns), index)
        return self.as_values(read, index, note)

    def as_values(self, read: Array, index: Sequence[Along], note: Metadata) -> Values:
        """Return what was read in the dtype that it is stored in, but for sums and means."""
        kept = all(one.kind in ORDERED for one in index if isinstance(one, Projection))
        return as_stored(read, self.pyramid, note) if kept else Values(read, metadata=note)

    def planes(self, counting: Counting | None = None) -> Iterator[Values]:
        """Yield all samples of a small stack, else some, and more where few of them count."""
        yield from self._samples.find(counting)

    def whole_plane(self, index: Sequence[Along]) -> Values | None:
        """Return all samples of a plane; None where they are too many."""
        return None if is_projected(index) else self._samples.whole_plane(find_index(index))

    def forget_samples(self) -> None:
        """Let go of the samples from which limits were found."""
        self._samples.forget()

    def close(self) -> None:
        """Free all that was read, and close files that were opened for this alone."""
        self.overviews.close()
        if self._block_cache is not None:
            self._block_cache.clear()
        if self._finish is not None:
            self._finish()
