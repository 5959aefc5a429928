"""Images of tiles: pyramids as the explorer sees them, and what a page is told of them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.pyramid.geometry import Box
from nbimage.pyramid.opening import open_pyramid
from nbimage.pyramid.pyramid import Pyramid
from nbimage.values.blocks import Array
from nbimage.values.channels import CHANNEL_NAMES
from nbimage.values.intake import Values
from nbimage.values.loaded import loaded

EMBEDDED = 1 << 26  # bytes of samples up to which an array is kept in the page
TILE = 256  # samples a side
_OVERVIEW = 800  # samples of the longer side of what stands where scripts do not run
_FLOATS = {"float16": "float32", "longdouble": "float64", "float128": "float64"}


@dataclass(frozen=True, slots=True)
class Address:
    """A tile: level 0 has every sample, each next one half of the rows and columns."""

    plane: int
    level: int
    column: int
    row: int


class LargeStack:
    """A pyramid in the words of `nbimage.view.axes.Stack`; of its samples it gives only some.

    ``parts``: so many channels are laid over one another, a picture's own or those along an axis.
    """

    def __init__(self, pyramid: Pyramid, parts: int | None = None) -> None:
        self.pyramid = pyramid
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
        colours = [] if self.channels == 1 else [":"]
        return [*self.further, "y", "x", *colours]

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

    def read(self, level: int, box: Box, place: Sequence[int]) -> Array:
        """Return a part of a level, ``(H, W)`` or ``(H, W, C)``, at a place along the axes."""
        number = self.pyramid.last - level
        rows, columns = box.slices
        if self._along is None:
            return self.pyramid.read(number, rows, columns, tuple(place))
        parts = []
        for channel in range(self.channels):
            where = list(place)
            where.insert(self._along, channel)
            parts.append(self.pyramid.read(number, rows, columns, tuple(where)))
        return np.stack(parts, axis=2)

    def place(self, plane: int) -> tuple[int, ...]:
        """Return the place along the axes of a plane by its number."""
        return tuple(int(i) for i in np.unravel_index(plane, self.sizes)) if self.sizes else ()

    def plane(self, place: Sequence[int]) -> Values:
        """Return a picture's overview."""
        level = max(0, math.ceil(math.log2(max(self.rows, self.columns) / _OVERVIEW)))
        rows, columns = self.shape(level)
        return Values(self.read(level, Box(0, rows, 0, columns), place))

    def planes(self) -> Iterator[Values]:
        """Yield samples of all planes, from which limits are estimated."""
        for block in self.pyramid.some():
            yield Values(block)


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
    pyramid = open_pyramid(data, axes=axes, channel_axis=channel_axis)
    rows, columns = pyramid.shapes[-1]
    count = math.prod(length for _, length in pyramid.axes)
    size = rows * columns * count * pyramid.channels * pyramid.dtype.itemsize
    if embed or (embed is None and size <= EMBEDDED):
        return _whole(pyramid)
    stack = LargeStack(pyramid, parts)
    if parts is None and stack.channels > 4:
        raise ValueError(
            f"channels must be 1, 2, 3 or 4 of a picture in colours, but got {stack.channels}: "
            "give channels=, a name for each, to lay them over one another"
        )
    return stack


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
        "rough": False,
    }
