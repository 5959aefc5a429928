"""Samples in the dtype that they are stored in, with a mask of those that are missing.

A pyramid has NaN for what is missing, so floats where integers are stored.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import UNLABELLED, Metadata, Window
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.source import split_missing

_LEAST_WIDTH = 1e-200  # of which no sums are 0


def read_stored(
    pyramid: Pyramid, level: int = 0, index: Index = (), metadata: Metadata = UNLABELLED
) -> Values:
    """Return a whole plane of a level in the dtype that it is stored in.

    Of the largest level also those integers that no float holds are exact.
    """
    source = pyramid.source
    if level or source.stored == pyramid.dtype:
        return as_stored(pyramid.read(level, index=index), pyramid, metadata)
    whole = Box(0, pyramid.grid.rows, 0, pyramid.grid.columns)
    index = index or (0,) * len(pyramid.axes)
    found = source.read_stored(0, whole, index)
    return Values(*found, dtype=pyramid.metadata.dtype, metadata=metadata)


def find_windows(pyramid: Pyramid, index: Index = ()) -> tuple[Window | None, ...]:
    """Return the limits that a file gives of the channels of the picture at an index."""
    windows = pyramid.metadata.windows
    names = [name.lower() for name, _ in pyramid.axes]
    if pyramid.channels > 1 or "c" not in names:
        return windows
    axis = names.index("c")
    if len(windows) != pyramid.axes[axis][1]:
        return ()
    return (windows[index[axis] if index else 0],)


def find_pixel(pyramid: Pyramid, level: int = 0) -> tuple[float, str] | None:
    """Return the width of a pixel of a level, and its unit; None where no file says it."""
    if pyramid.pixel_size is None:
        return None
    width = pyramid.pixel_size[1] * (1 << level)
    return (width, pyramid.unit) if _LEAST_WIDTH <= width <= 1 / _LEAST_WIDTH else None


def as_stored(samples: Array, pyramid: Pyramid, metadata: Metadata = UNLABELLED) -> Values:
    """Return what was read of a pyramid in the dtype that it is stored in."""
    stored: np.dtype[Any] = pyramid.source.stored
    found = split_missing(samples, stored)
    return Values(*found, dtype=pyramid.metadata.dtype, metadata=metadata)
