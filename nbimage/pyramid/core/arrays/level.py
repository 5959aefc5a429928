"""One level of a pyramid as an array-like, for whatever takes arrays: dask, napari, Matplotlib.

It reads what it is indexed with, and keeps nothing; how levels are read is `Pyramid`'s.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol, cast

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata, split_unit
from nbimage.base.box import Box
from nbimage.base.chunked import Array, convert_array
from nbimage.base.doors import door
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.source import Source

LARGEST_ARRAY = 1 << 31
"""Bytes of a level that `numpy.asarray` reads at once."""
_SIDE = 1024  # rows and columns of a chunk, about


class LevelReader(Protocol):
    """What a level is read from: a `Pyramid`."""

    grid: TileGrid

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples."""

    @property
    def channels(self) -> int:
        """Of one plane."""

    @property
    def axes(self) -> tuple[tuple[str, int], ...]:
        """Names and lengths of the further axes."""

    @property
    def metadata(self) -> Metadata:
        """Labels, units and coordinates of the whole image."""

    @property
    def pixel_size(self) -> tuple[float, float] | None:
        """Height and width of a pixel of the whole image."""

    @property
    def unit(self) -> str:
        """The unit of ``pixel_size``."""

    @property
    def channel_names(self) -> tuple[str, ...]:
        """What the channels are called."""

    @property
    def channel_colors(self) -> tuple[str, ...]:
        """The channels' colors."""

    @property
    def source(self) -> Source:
        """Where the samples come from."""

    def block(self, level: int) -> tuple[int, int]:
        """Return rows and columns that are decoded at once."""

    def read(self, level: int, rows: slice, columns: slice, index: tuple[int, ...]) -> Array:
        """Return a part of one plane of a level."""


class Level:
    """A level of a pyramid, ``(*further axes, rows, columns)``, then channels if there are any.

    Indexed as a NumPy array is, by integers, slices, an Ellipsis and arrays of integers, it reads
    that part and returns a NumPy array. The whole of a level becomes an array by
    ``numpy.asarray(level)``, up to 2 GiB. A level can be pickled where its pyramid can.

    Examples
    --------
    >>> image = nbimage.open_pyramid(np.arange(80).reshape(2, 5, 8), axes="tyx")
    >>> level = image.levels[0]
    >>> level
    <Level 0 (2, 5, 8) int64>
    >>> level.shape, level.dtype, level.ndim, level.size, level.nbytes
    ((2, 5, 8), dtype('int64'), 3, 80, 640)
    >>> level.axes, level.chunks
    (('t', 'y', 'x'), (1, 5, 8))
    >>> level[1, ::2, :3]
    array([[40, 41, 42],
           [56, 57, 58],
           [72, 73, 74]])

    What a file says of coordinates and pixels holds for each level:

    >>> level.metadata.label, level.source_metadata["pixel_size"]
    ('', None)
    """

    def __init__(self, pyramid: LevelReader, number: int) -> None:
        self._pyramid = pyramid
        self._number = number
        self._picture_shape = pyramid.grid.shape(number)

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the further axes, rows, columns, and channels if there are any."""
        channels = () if self._pyramid.channels == 1 else (self._pyramid.channels,)
        return (*self._lengths, *self._picture_shape, *channels)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the samples."""
        return self._pyramid.dtype

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many samples there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """How many bytes all samples take."""
        return self.size * self.dtype.itemsize

    @property
    def axes(self) -> tuple[str, ...]:
        """A name for each axis: those of the file, "y", "x", and "s" for channels.

        Samples of a file that are no colors, such as bands, are along "c".
        """
        further = tuple("c" if name == "s" else name for name, _ in self._pyramid.axes)
        return (*further, "y", "x", *(() if self._pyramid.channels == 1 else ("s",)))

    @property
    def metadata(self) -> Metadata:
        """Labels, units and coordinates, one an axis; of a smaller level those of its pixels."""
        known, further = self._pyramid.metadata, len(self._lengths)
        if not known.coordinates:
            return known
        own = list(known.coordinates[: self.ndim])
        for axis in (further, further + 1):
            along = own[axis]
            own[axis] = None if along is None else along.reduced(1 << self._number)
        return replace(known, coordinates=tuple(own))

    @property
    def source_metadata(self) -> dict[str, Any]:
        """What else is known of the image, by the parameters of `Source`."""
        pyramid, factor = self._pyramid, 1 << self._number
        size = pyramid.pixel_size
        return {
            "pixel_size": None if size is None else (size[0] * factor, size[1] * factor),
            "unit": pyramid.unit,
            "channel_names": pyramid.channel_names,
            "channel_colors": pyramid.channel_colors,
            "stored": pyramid.source.stored,
        }

    @property
    def chunks(self) -> tuple[int, ...]:
        """A length along each axis: one block of the file, or several of them, of one plane."""
        (rows, columns), (high, wide) = self._picture_shape, self._pyramid.block(self._number)
        high = min(rows, max(high, _SIDE // high * high))
        wide = min(columns, max(wide, _SIDE // wide * wide))
        further = (1,) * len(self._lengths)
        return (*further, high, wide, *self.shape[len(further) + 2 :])

    @door
    def __getitem__(self, key: Any) -> Array:
        """Return a part, as NumPy does. Raises IndexError for what does not lie in the level."""
        wanted, rest = _split(key, self.shape)
        further = len(self._lengths)
        rows, columns, *channels = wanted[further:]
        shape = tuple(len(numbers) for numbers in wanted)
        if 0 in shape or math.prod(self._lengths) == 0:
            return cast("Array", np.empty(shape, self.dtype)[rest])
        planes = list(np.ndindex(shape[:further]))
        if len(planes) == 1:
            index = tuple(int(numbers[0]) for numbers in wanted[:further])
            part = self._picture(rows, columns, index)
            part = part.reshape(shape[:further] + part.shape)
        else:
            count = shape[further + 2 :] and (self.shape[-1],)
            part = np.empty((*shape[: further + 2], *count), self.dtype)
            for flat in planes:
                index = tuple(int(wanted[axis][at]) for axis, at in enumerate(flat))
                part[flat] = self._picture(rows, columns, index)
        if channels and not _is_all(channels[0], self.shape[-1]):
            part = part[..., channels[0]]
        return cast("Array", part[rest])  # or a scalar

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """Return all samples. Raises MemoryError where they would take more than 2 GiB."""
        if self.nbytes > LARGEST_ARRAY:
            raise MemoryError(
                f"level {self._number} of shape {self.shape} takes {self.nbytes / 2**30:.1f} GiB "
                f"as an array, more than {LARGEST_ARRAY / 2**30:.0f} GiB: read a part of it, such "
                f"as pyramid.levels[{self._number}][..., :1000, :1000], or a smaller level"
            )
        return convert_array(self[...], dtype, copy)

    def coordinates(self) -> Iterator[tuple[str, Array, str, str]]:
        """Yield of each axis that has coordinates its name, these, what they are, and their unit.

        For the modules of nbimage. Of rows and columns without any those of the size of a pixel, of
        channels their names.
        """
        metadata, more = self.metadata, self.source_metadata
        size, rows = more["pixel_size"], len(self._lengths)
        names = more["channel_names"]
        for axis, (name, count) in enumerate(zip(self.axes, self.shape, strict=True)):
            along = metadata.coordinates[axis] if axis < len(metadata.coordinates) else None
            known = None if along is None else along.listed(count)
            if along is not None and known is not None:
                yield (name, known, *split_unit(along.label))
            elif size is not None and axis in (rows, rows + 1):
                centers = np.arange(count) + 0.5 - 0.5 / (1 << self._number)
                yield name, size[axis - rows] * centers, "", more["unit"]
            elif name in ("c", "s") and len(names) == count:
                yield name, np.array(names), "", ""

    def as_values(self) -> Values:
        """For the modules of nbimage: all samples with what is known of them; see `__array__`."""
        array, metadata = self.__array__(), self.metadata
        return Values(array, None, self.axes, metadata.dtype or str(array.dtype), metadata)

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Array]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"<Level {self._number} {self.shape} {self.dtype}>"

    @property
    def _lengths(self) -> tuple[int, ...]:
        return tuple(length for _, length in self._pyramid.axes)

    def _picture(self, rows: Array, columns: Array, index: tuple[int, ...]) -> Array:
        """Return some rows and columns of a plane, in increasing order, and all channels."""
        if _is_run(rows) and _is_run(columns):
            return self._read(rows, columns, index)
        down, across = self.chunks[len(self._lengths) :][:2]
        channels = () if self._pyramid.channels == 1 else (self._pyramid.channels,)
        whole = np.empty((len(rows), len(columns), *channels), self.dtype)
        for row in _parts(rows, down):
            for column in _parts(columns, across):
                some_rows, some_columns = rows[row], columns[column]
                part = self._read(some_rows, some_columns, index)
                part = part[some_rows - some_rows[0]][:, some_columns - some_columns[0]]
                whole[row, column] = part
        return whole

    def _read(self, rows: Array, columns: Array, index: tuple[int, ...]) -> Array:
        box = Box(int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
        return self._pyramid.read(self._number, *box.slices, index)


def _split(key: Any, shape: tuple[int, ...]) -> tuple[list[Array], tuple[Any, ...]]:
    """Return what is read along each axis, in increasing order, and a NumPy index of all that."""
    given = list(key) if isinstance(key, tuple) else [key]
    count = sum(part is not None and part is not Ellipsis for part in given)
    dots = [i for i, part in enumerate(given) if part is Ellipsis]
    if count > len(shape) or len(dots) > 1:
        raise IndexError(
            f"an index of a level of shape {shape} must have at most {len(shape)} parts and one "
            f"Ellipsis, but got {key!r:.100}"
        )
    missing = [slice(None)] * (len(shape) - count)
    at = dots[0] if dots else len(given)
    given[at : at + 1] = missing
    wanted: list[Array] = []
    rest: list[Any] = []
    axis = 0
    for part in given:
        if part is None:
            rest.append(None)
            continue
        numbers, own = _along(part, axis, shape)
        wanted.append(numbers)
        rest.append(own)
        axis += 1
    return wanted, tuple(rest)


def _along(part: Any, axis: int, shape: tuple[int, ...]) -> tuple[Array, Any]:
    """Return what is read along one axis, and what then picks from that what was asked for."""
    length = shape[axis]
    if isinstance(part, slice):
        found = range(*part.indices(length))
        if found.step < 0:
            return np.array(found[::-1], np.intp), slice(None, None, -1)
        return np.arange(found.start, found.stop, found.step), slice(None)
    if isinstance(part, (list, np.ndarray)) and np.ndim(part):
        numbers = _numbers(part, axis, length)
        outside = numbers.size and not 0 <= numbers.min() <= numbers.max() < length
        read, own = np.unique(numbers, return_inverse=True)
        pick: Any = own.reshape(numbers.shape)
    else:
        if isinstance(part, (bool, np.bool_)) or not hasattr(part, "__index__"):
            raise IndexError(
                f"an index must be integers, slices or an Ellipsis, but got {part!r:.100}"
            )
        number = operator.index(part)
        number += length if number < 0 else 0
        outside = not 0 <= number < length
        read, pick = np.array([number], np.intp), 0
    if outside:
        raise IndexError(
            f"index {part!r:.100} must lie within axis {axis} of a level of shape {shape}"
        )
    return read, pick


def _numbers(part: Any, axis: int, length: int) -> Array:
    """Return an array of integers, or the true ones of an array of booleans, counted from 0."""
    numbers = np.asarray(part)
    if numbers.dtype == bool and numbers.shape == (length,):
        return np.flatnonzero(numbers)
    if not numbers.size:
        numbers = numbers.astype(np.intp)
    if numbers.dtype.kind not in "iu":
        raise IndexError(f"an index of axis {axis} must be integers, but got {part!r:.100}")
    return np.asarray(np.where(numbers < 0, numbers + length, numbers), np.intp)


def _is_run(numbers: Array) -> bool:
    return int(numbers[-1]) - int(numbers[0]) == len(numbers) - 1


def _is_all(numbers: Array, length: int) -> bool:
    return len(numbers) == length and _is_run(numbers)


def _parts(numbers: Array, size: int) -> Iterator[slice]:
    """Yield where increasing numbers lie in the same chunk of a size; a run of them is one part."""
    if _is_run(numbers):
        yield slice(0, len(numbers))
        return
    ends = np.flatnonzero(np.diff(numbers // size)) + 1
    bounds = [0, *ends.tolist(), len(numbers)]
    for start, stop in itertools.pairwise(bounds):
        yield slice(start, stop)
