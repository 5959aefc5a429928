"""Which way up an image was taken: how stored samples are turned upright.

EXIF and TIFF number the eight ways alike. Not here: what says which one it is
(`arrays.pillow.image_orientation`, `pyramid.sources.tiff.metadata`).
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from nbimage.base.box import Box
from nbimage.base.chunked import Array

UPRIGHT = 1
_XMP = re.compile(rb"tiff:Orientation(?:=[\"']|>)([0-9])")


class Turn(NamedTuple):
    """What makes a stored image upright: transpose it, then reverse its rows and columns."""

    transposes: bool
    reverses_rows: bool
    reverses_columns: bool

    def shape(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return the rows and columns that a stored shape has when it is turned, or the reverse."""
        return shape[::-1] if self.transposes else shape

    def apply(self, array: Array) -> Array:
        """Return a stored ``(H, W)`` or ``(H, W, C)`` upright: a view of it."""
        array = array.swapaxes(0, 1) if self.transposes else array
        array = array[::-1] if self.reverses_rows else array
        return array[:, ::-1] if self.reverses_columns else array

    def stored_box(self, box: Box, shape: tuple[int, int]) -> Box:
        """Return where a part of what is upright lies in what is stored, which has a shape."""
        rows, columns = self.shape(shape)
        top, bottom, left, right = box
        if self.reverses_rows:
            top, bottom = rows - bottom, rows - top
        if self.reverses_columns:
            left, right = columns - right, columns - left
        return Box(left, right, top, bottom) if self.transposes else Box(top, bottom, left, right)


_TURNS = (
    Turn(False, False, False),
    Turn(False, False, True),
    Turn(False, True, True),
    Turn(False, True, False),
    Turn(True, False, False),
    Turn(True, False, True),
    Turn(True, True, True),
    Turn(True, True, False),
)


def find_turn(orientation: int) -> Turn:
    """Return what makes an image of an orientation, 1 to 8, upright."""
    return _TURNS[orientation - 1]


def inverse_of(orientation: int) -> int:
    """Return the orientation that turns back what was turned."""
    return {6: 8, 8: 6}.get(orientation, orientation)


def as_orientation(value: Any) -> int:
    """Return what a file gives as its orientation: 1 for what is none."""
    if isinstance(value, (tuple, list)) and value:
        value = value[0]
    known = hasattr(value, "__index__") and 1 <= int(value) <= len(_TURNS)
    return int(value) if known else UPRIGHT


def find_xmp_orientation(xmp: Any) -> int:
    """Return the orientation that an XMP packet has, where EXIF or TIFF has none."""
    data = xmp.encode("utf-8", "replace") if isinstance(xmp, str) else bytes(xmp or b"")
    found = _XMP.search(data)
    return as_orientation(int(found[1])) if found else UPRIGHT
