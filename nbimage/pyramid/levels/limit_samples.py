"""The samples of an image of any size from which its limits come: all of a small one, else some.

Not here: how limits follow from them (`mapping.limits`), images of which few values count
(`sparse_samples`).
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import call_in_child
from nbimage.base.workers.threads import can_start_threads, make_pool
from nbimage.mapping.value_sample import Counting
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.stored import as_stored
from nbimage.pyramid.levels.background_overviews import Overviews
from nbimage.pyramid.levels.reading_order import spread_some
from nbimage.pyramid.levels.sparse_samples import find_sparse_samples, spread_boxes

_SIDE, _BOXES = 256, 16  # of the parts of a plane that are looked at
_PLANES = 4  # that are looked at
_AREA = 1 << 20  # samples of a level that are enough to tell
_FEW_PLANES, _FEW_BYTES = 512, 1 << 26  # of which all samples are looked at
_SEARCHING_SECONDS = 2.0  # for samples of which few count


class LimitSamples:
    """Samples of the planes of a pyramid, kept until they are forgotten.

    Parameters
    ----------
    pyramid : Pyramid
        The image.
    reader : Pyramid
        The same, with the blocks that were read before.
    overviews : Overviews
        What is known of levels that the file lacks.
    channel_axis : int, optional
        The further axis along which channels lie that are laid over one another.
    seconds : float
        How long samples are read before there is anything to see.
    """

    def __init__(
        self,
        pyramid: Pyramid,
        reader: Pyramid,
        overviews: Overviews,
        channel_axis: int | None,
        seconds: float,
    ) -> None:
        self._pyramid, self._reader, self._overviews = pyramid, reader, overviews
        self._channel_axis, self._seconds_left = channel_axis, seconds
        lengths = [length for _, length in pyramid.axes]
        self._channels = pyramid.channels if channel_axis is None else lengths.pop(channel_axis)
        self._sizes = tuple(lengths)
        self._found: dict[Counting | None, list[Values]] = {}
        self._renew_lock()
        call_in_child(self._renew_lock)

    def _renew_lock(self) -> None:
        self._reading = threading.Lock()

    def find(self, counting: Counting | None = None) -> list[Values]:
        """Return all samples of a small image, else some, and more where few of them count."""
        if None not in self._found:
            self._found[None] = [as_stored(part, self._pyramid) for part in self._sample_planes()]
        counting = None if self._is_small else counting
        if counting is not None and counting not in self._found:
            levels = dict.fromkeys((self._sampled_level(), 0))
            until = time.monotonic() + _SEARCHING_SECONDS
            blocks = itertools.chain.from_iterable(self._blocks(level, until) for level in levels)
            with self._overviews.pause() if not self._overviews.waits() else nullcontext():
                self._found[counting] = find_sparse_samples(
                    blocks, self._found[None], counting, _SEARCHING_SECONDS, self._channels
                )
        return self._found[counting]

    def whole_plane(self, index: Sequence[int]) -> Values | None:
        """Return all samples of a plane; None where they are too many."""
        if not self._is_small:
            return None
        return self.find()[int(np.ravel_multi_index(tuple(index), self._sizes)) if index else 0]

    def forget(self) -> None:
        """Let go of the samples."""
        self._found.clear()

    def read(self, planes: list[Index]) -> None:
        """Read parts of planes, all in the time that is left for it, but at least one of each."""
        with self._reading:
            left, start = max(0.0, self._seconds_left), time.monotonic()
            at_once = 4 if can_start_threads() else 1
            seconds = left / -(-len(planes) // at_once)
            with make_pool(at_once, "nbimage-sample") as pool:
                list(pool.map(lambda plane: self._overviews.sample(plane, seconds), planes))
            self._seconds_left = left - (time.monotonic() - start)

    def reader_of(self, plane: Index) -> Pyramid:
        """Return what reads a plane and waits for no levels that are being built."""
        return self._overviews.reader(plane) or self._reader

    def channel_planes(self, index: Sequence[int]) -> list[Index]:
        """Return the pyramid's planes that are the channels at an index."""
        along = self._channel_axis
        if along is None:
            return [tuple(index)]
        before, after = index[:along], index[along:]
        return [(*before, channel, *after) for channel in range(self._channels)]

    def join_channels(self, parts: list[Array]) -> Array:
        """Return what was read of these planes as one array."""
        return parts[0] if self._channel_axis is None else np.stack(parts, axis=2)

    @property
    def _is_small(self) -> bool:
        """Whether all samples are looked at for the limits, as those of what is embedded are."""
        pyramid, count = self._pyramid, math.prod(self._sizes)
        samples = pyramid.grid.rows * pyramid.grid.columns * self._channels * count
        few = count <= _FEW_PLANES and not self._overviews.needed
        return few and samples * pyramid.dtype.itemsize <= _FEW_BYTES

    def _sample_planes(self) -> Iterator[Array]:
        if self._is_small:
            for index in np.ndindex(self._sizes):
                planes = self.channel_planes(index)
                yield self.join_channels([self._reader.read(0, index=plane) for plane in planes])
            return
        if not self._overviews.needed and self._channel_axis is None:
            yield from (self._overviews.reader() or self._pyramid).sample_blocks()
            return
        indices = list(itertools.islice(_spread_indices(self._sizes), _PLANES))
        if self._overviews.needed:
            self.read([one for index in indices for one in self.channel_planes(index)])
        for index in indices:
            parts = [self._sample_plane(one) for one in self.channel_planes(index)]
            count = min(map(len, parts))  # channels are not all looked at in the same parts
            if count:
                yield self.join_channels([part[:count] for part in parts])

    def _sample_plane(self, plane: Index) -> Array:
        """Return samples of a plane of the pyramid as one column."""
        if self._overviews.needed:
            blocks = self._overviews.samples(plane)
        else:
            reader, level = self.reader_of(plane), self._sampled_level()
            rows, columns = self._pyramid.grid.shape(level)
            grid = spread_some(-(-rows // _SIDE), -(-columns // _SIDE)) * _SIDE
            boxes = [
                (slice(top, top + _SIDE), slice(left, left + _SIDE)) for top, left in grid[:_BOXES]
            ]
            blocks = tuple(reader.read(level, *box, plane) for box in boxes)
        gray = self._channel_axis is not None or self._channels == 1
        colors = () if gray else (self._channels,)
        parts = [block.reshape(-1, 1, *colors) for block in blocks]
        return np.concatenate(parts) if parts else np.empty((0, 1, *colors), self._pyramid.dtype)

    def _sampled_level(self) -> int:
        """Return the smallest level that is read and not made, of those with enough samples."""
        levels = self._pyramid.native_levels
        shape = self._pyramid.grid.shape
        large = (n for n in levels[::-1] if math.prod(shape(n)) >= _AREA)
        return next(large, levels[0])

    def _blocks(self, level: int, until: float) -> Iterator[Values]:
        """Yield a level of some planes, block by block, the first ones evenly spread.

        Of a file that can only be unpacked from the top: what is known of it at a time.
        """
        for index in itertools.islice(_spread_indices(self._sizes), _PLANES):
            planes = self.channel_planes(index)
            if any(map(self._overviews.waits, planes)):
                yield as_stored(self.join_channels(self._known(planes, until)), self._pyramid)
                continue
            for box in spread_boxes(*self._pyramid.grid.shape(level)):
                parts = [self.reader_of(one).read(level, *box.slices, one) for one in planes]
                yield as_stored(self.join_channels(parts), self._pyramid)

    def _known(self, planes: list[Index], until: float) -> list[Array]:
        """Return a small level of planes as it is known when the time has come."""
        level = self._overviews.level or 0
        rows, columns = self._pyramid.grid.shape(level)
        for plane in planes:
            self._overviews.sample(plane, max(0.0, until - time.monotonic()))
            self._overviews.wait(plane, until)
        return [self._overviews.read(level, Box(0, rows, 0, columns), one)[0] for one in planes]


def _spread_indices(sizes: tuple[int, ...]) -> Iterator[Index]:
    """Yield the first index along axes, and some others."""
    yield (0,) * len(sizes)
    inner = [tuple(size // part for size in sizes) for part in (2, 4)]
    last = tuple(size - 1 for size in sizes)
    yield from dict.fromkeys(index for index in (last, *inner) if any(index))
