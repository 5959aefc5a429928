"""A source whose levels are stored on their side, upside down or mirrored, read upright.

And one whose first row belongs at the bottom, such as data along latitudes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbimage.arrays.metadata import Metadata
from nbimage.arrays.orientation import UPRIGHT, Turn, find_turn
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source, WrappedSource

_UPSIDE_DOWN = 4


class OrientedSource(WrappedSource):
    """Another source turned as an orientation of EXIF's or TIFF's asks for, one a level.

    Or, where they differ, one a page along its only further axis. A part of it reads the part that
    is stored, and nothing else.
    """

    def __init__(
        self, inner: Source, orientations: Sequence[int], pages: Sequence[int] = ()
    ) -> None:
        self.inner = inner
        self._pages = tuple(pages)
        self._orientations = tuple(orientations)
        self._turns = [find_turn(orientation) for orientation in orientations]
        first, axis = self._turns[0], len(inner.axes)
        shapes, pixel_size = self._turned(inner.shapes), inner.pixel_size
        if first.transposes and pixel_size is not None:
            pixel_size = pixel_size[::-1]
        super().__init__(
            inner,
            shapes=shapes,
            blocks=self._turned(inner.blocks),
            turned_from=next(o for o in (*orientations, *pages) if o != UPRIGHT),
            pixel_size=pixel_size,
            metadata=_turn_metadata(inner.metadata, axis, first, shapes[0]),
        )

    def _turned(self, shapes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        return tuple(turn.shape(shape) for turn, shape in zip(self._turns, shapes, strict=True))

    @property
    def turn(self) -> Turn:
        """How the largest level is turned."""
        return self._turns[0]

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        turn = self._turn_of(level, index)
        own = turn.stored_box(box, self.inner.shapes[level])
        return turn.apply(self.inner.read(level, own, index))

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        turn = self._turn_of(level, index)
        own = turn.stored_box(box, self.inner.shapes[level])
        samples, mask = self.inner.read_stored(level, own, index)
        return turn.apply(samples), None if mask is None else turn.apply(mask)

    def _turn_of(self, level: int, index: tuple[int, ...]) -> Turn:
        """Return how a plane is turned. Raises ValueError for a page of another shape then."""
        if not self._pages:
            return self._turns[level]
        page = index[0] if index else 0
        turn = find_turn(self._pages[page])
        if turn.shape(self.inner.shapes[level]) != self.shapes[level]:
            raise ValueError(
                f"pages must be turned upright alike, but page {page} is stored in orientation "
                f"{self._pages[page]}, on another side than the first: give orientation=False"
            )
        return turn

    def of(self, inner: Source) -> OrientedSource:
        """Return another source of the same levels, turned alike."""
        return OrientedSource(inner, self._orientations, self._pages)


def as_oriented(source: Source, orientations: Sequence[int], pages: Sequence[int] = ()) -> Source:
    """Return a source upright: itself, where all its levels are, and its pages where they differ.

    Raises ValueError for pages that differ along several axes.
    """
    if all(orientation == UPRIGHT for orientation in (*orientations, *pages)):
        return source
    if pages and [length for _, length in source.axes] != [len(pages)]:
        raise ValueError(
            f"pages must be stored alike, but their orientations are {sorted(set(pages))}: "
            "give orientation=False"
        )
    return OrientedSource(source, orientations, pages)


def stored_source(source: Source) -> Source:
    """Return the source that an upright one turns; any other as it is."""
    return stored_source(source.inner) if isinstance(source, OrientedSource) else source


class FlippedSource(OrientedSource):
    """Another source from its last row to its first one, in every level."""

    def __init__(self, inner: Source) -> None:
        super().__init__(inner, (_UPSIDE_DOWN,) * len(inner.shapes))


def as_upright(pyramid: Pyramid) -> Pyramid:
    """Return a pyramid with the row at the top that belongs there: itself, where that is so."""
    return as_flipped(pyramid) if is_upward(pyramid.source) else pyramid


def as_flipped(pyramid: Pyramid) -> Pyramid:
    """Return a pyramid from its last row to its first one."""
    return Pyramid(FlippedSource(pyramid.source))


def is_upward(source: Source) -> bool:
    """Say whether a source's first row belongs at the bottom."""
    rows = source.metadata.along(len(source.axes))
    return rows is not None and rows.upward


def _turn_metadata(metadata: Metadata, axis: int, turn: Turn, shape: tuple[int, int]) -> Metadata:
    """Return metadata of which the rows along an axis, and the columns behind it, are turned."""
    if not metadata.coordinates:
        return metadata
    known = list(metadata.coordinates)
    rows, columns = known[axis : axis + 2]
    if turn.transposes:
        rows, columns = columns, rows
    if rows is not None and turn.reverses_rows:
        rows = rows.reversed(shape[0])
    if columns is not None and turn.reverses_columns:
        columns = columns.reversed(shape[1])
    known[axis : axis + 2] = rows, columns
    return replace(metadata, coordinates=tuple(known))
