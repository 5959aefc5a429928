"""Filter images band by band: bands of rows with those around them that a filter reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nbimage.base.chunked import BLOCK, Array, share_out

_SCRATCH = 8  # arrays of a band that are alive at the same time


def mirror_index(start: int, stop: int, size: int) -> Array:
    """Return indices into an axis, mirrored at its ends, whose last samples are there twice."""
    index = np.arange(start, stop) % (2 * size)
    return np.asarray(np.minimum(index, 2 * size - 1 - index))


def edge_index(start: int, stop: int, size: int) -> Array:
    """Return indices into an axis, beyond whose ends the last samples go on."""
    return np.asarray(np.clip(np.arange(start, stop), 0, size - 1))


def for_bands(rows: int, columns: int, halo: int, work: Callable[[int, int], None]) -> None:
    """Call with the first row of each band and the one after its last one, on threads.

    ``halo``: rows around a band that it reads too, so that bands are no lower than that.
    """
    height = max(BLOCK // _SCRATCH // max(columns, 1), 2 * halo, 1)
    starts = range(0, rows, height)

    def several(tasks: Sequence[int]) -> None:
        for start in tasks:
            with np.errstate(all="ignore"):  # what is missing makes no noise
                work(start, min(rows, start + height))

    share_out(several, starts)


def correlate(image: Array, along_rows: Array, along_columns: Array) -> Array:
    """Return an image's sums over a window, weighted by two vectors, where the window fits in.

    ``along_rows`` weighs from left to right, ``along_columns`` from top to bottom.
    """
    return _sum(_sum(image, along_columns).T, along_rows).T


def _sum(image: Array, weights: Array) -> Array:
    """Return sums over a window of rows."""
    count = len(image) - len(weights) + 1
    out = image[:count] * weights[0]
    scratch = np.empty_like(out)
    for k, weight in enumerate(weights[1:], 1):
        if weight:
            out += np.multiply(image[k : k + count], weight, out=scratch)
    return np.asarray(out)
