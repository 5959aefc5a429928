"""Samples of images of which few values count: a look at all of it, in the time that there is.

Not here: the samples that suffice for other images (`Pyramid.sample_blocks`, `overview`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.value_sample import Counting
from nbimage.pyramid.levels.reading_order import spread_some

_ENOUGH = 1 / 8  # of some samples: the part that must count
_MOST = 1 << 20  # values of a channel that are kept
_BLOCK = 1024  # rows and columns that are read at once


def spread_boxes(rows: int, columns: int) -> Iterator[Box]:
    """Yield the boxes that a level is read in, the first ones evenly spread."""
    for top, left in (spread_some(-(-rows // _BLOCK), -(-columns // _BLOCK)) * _BLOCK).tolist():
        yield Box(top, min(rows, top + _BLOCK), left, min(columns, left + _BLOCK))


def find_sparse_samples(
    blocks: Iterable[Values],
    samples: Sequence[Values],
    counting: Counting,
    seconds: float,
    channels: int = 1,
) -> list[Values]:
    """Return samples that tell more than those at hand, of blocks that are read for so long.

    The values of each channel that count; where all are equal in ``samples``, the least and the
    largest beside these. The samples themselves where they suffice, and where nothing else is
    found; a block where there were none.
    """
    own = [_Channel(samples, number, counting) for number in range(channels)]
    searched = [channel for channel in own if not channel.suffices]
    if not searched:
        return list(samples)
    until = time.monotonic() + seconds
    read: list[Values] = []
    for values in blocks:
        read = read or [values]
        for channel in searched:
            channel.add(values)
        if time.monotonic() > until:
            break
    found = [channel.find_more() for channel in own]
    if not any(map(len, found)):
        return list(samples) or read
    more = _join_channels(found)
    return [*samples, more] if any(channel.has_enough for channel in own) else [more]


class _Channel:
    """The values of a channel that count, of as many as there is time for."""

    def __init__(self, samples: Sequence[Values], number: int, counting: Counting) -> None:
        self._number, self._counting = number, counting
        self._kept: list[Array] = []
        self._step, self._size = 1, 0
        size = count = 0
        ends: set[Any] = set()
        for values in samples:
            found, of = self._take(values)
            size, count = size + of, count + found.size
            if found.size and len(ends) < 2:
                ends |= {found.min(), found.max()}
        self.has_enough = count > 0 and count >= size * _ENOUGH
        self.suffices = self.has_enough and len(ends) > 1
        self._equal: Any = ends.pop() if self.has_enough else None

    def add(self, values: Values) -> None:
        """Keep what counts of a block."""
        found, _ = self._take(values)
        found = (found if self._equal is None else found[found != self._equal])[:: self._step]
        if found.size:
            self._kept.append(found)
            self._size += len(found)
        while self._size > _MOST:
            self._kept, self._step = [part[::2] for part in self._kept], self._step * 2
            self._size = sum(map(len, self._kept))

    def find_more(self) -> Array:
        """Return what counts beside the samples."""
        if not self._kept:
            return np.empty(0)
        values = np.concatenate(self._kept)
        return values if self._equal is None else np.stack([values.min(), values.max()])

    def _take(self, values: Values) -> tuple[Array, int]:
        """Return the channel's values that count, and of how many they are."""
        if values.array.ndim > 2:
            values = replace(
                values,
                array=values.array[:, :, self._number],
                mask=None if values.mask is None else values.mask[:, :, self._number],
            )
        array = np.asarray(values.array)
        return array[_find_counting(values, self._counting)], array.size


def _join_channels(found: Sequence[Array]) -> Values:
    """Return the values of channels as a column, masked where a channel has fewer."""
    if len(found) == 1:
        return Values(found[0][:, None])
    most = max(map(len, found))
    pixels = np.zeros((most, 1, len(found)), np.result_type(*(one for one in found if len(one))))
    mask = np.ones(pixels.shape, bool)
    for number, values in enumerate(found):
        pixels[: len(values), 0, number], mask[: len(values), 0, number] = values, False
    return Values(pixels, mask if mask.any() else None)


def _find_counting(values: Values, counting: Counting) -> Array:
    array = np.asarray(values.array)
    counts = np.isfinite(array) if array.dtype.kind == "f" else np.ones(array.shape, bool)
    if counting == "positive":
        counts &= array > 0
    return counts if values.mask is None else counts & ~values.mask
