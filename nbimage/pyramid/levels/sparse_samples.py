"""Samples of images of which few values count: a look at all of it, in the time that there is.

Not here: the samples that suffice for other images (`Pyramid.sample_blocks`, `overview`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.value_sample import Counting
from nbimage.pyramid.levels.reading_order import spread_out

_ENOUGH = 1 / 8  # of some samples: the part that must count
_MOST = 1 << 20  # pixels that are kept
_BLOCK = 1024  # rows and columns that are read at once


def spread_boxes(rows: int, columns: int) -> Iterator[Box]:
    """Yield the boxes that a level is read in, the first ones evenly spread."""
    for top, left in (spread_out(-(-rows // _BLOCK), -(-columns // _BLOCK)) * _BLOCK).tolist():
        yield Box(top, min(rows, top + _BLOCK), left, min(columns, left + _BLOCK))


def find_sparse_samples(
    blocks: Iterable[Values], samples: Sequence[Values], counting: Counting, seconds: float
) -> list[Values]:
    """Return samples that tell more than those at hand, of blocks that are read for so long.

    The pixels in which a value counts; where all are equal in ``samples``, the least and the
    largest beside these. The samples themselves where they suffice, and
    where nothing else is found.
    """
    enough, ends = _count(samples, counting)
    if enough and len(ends) > 1:
        return list(samples)
    equal: Any = ends.pop() if enough else None
    kept: list[Array] = []
    step, size = 1, 0
    until = time.monotonic() + seconds
    for values in blocks:
        array = np.asarray(values.array)
        counts: Array = _find_counting(values, counting)
        if equal is not None:
            counts &= array != equal
        colors = array.shape[2:]
        if colors:
            counts = np.asarray(counts.any(axis=2))
        found = array[counts][::step]
        if found.size and values.mask is not None and found.dtype.kind == "f":
            found = np.where(values.mask[counts][::step], np.nan, found)
        if found.size:
            kept.append(found)
            size += len(found)
        while size > _MOST:
            kept, step = [part[::2] for part in kept], step * 2
            size = sum(map(len, kept))
        if time.monotonic() > until:
            break
    if not kept:
        return list(samples)
    pixels = np.concatenate(kept)
    if equal is not None:
        flat = pixels.reshape(len(pixels), -1)
        least, most = np.fmin.reduce(flat, axis=1), np.fmax.reduce(flat, axis=1)  # NaN left out
        extremes = [int(np.nanargmin(least)), int(np.nanargmax(most))]
        return [*samples, Values(pixels[extremes][:, None])]
    return [Values(pixels[:, None])]


def _count(samples: Sequence[Values], counting: Counting) -> tuple[bool, set[Any]]:
    """Return whether enough of the samples count, and one of their values, or two."""
    size = count = 0
    ends: set[Any] = set()
    for values in samples:
        array = np.asarray(values.array)
        found = array[_find_counting(values, counting)]
        size, count = size + array.size, count + found.size
        if found.size and len(ends) < 2:
            ends |= {found.min(), found.max()}
    return count > 0 and count >= size * _ENOUGH, ends


def _find_counting(values: Values, counting: Counting) -> Array:
    array = np.asarray(values.array)
    counts = np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, bool)
    if counting == "positive":
        counts &= array > 0
    return counts if values.mask is None else counts & ~values.mask
