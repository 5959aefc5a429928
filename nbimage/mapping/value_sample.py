"""A sample of an array's values, from which percentiles come: fair, and of what counts alone.

Where few of the values count (the others are missing, or not above 0 under "log"), a grid over
the array hardly meets them. All of it is walked then, and they are all in the sample if there are
no more of them than it may hold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.base.chunked import Array, for_blocks, memory_order

SAMPLE = 1 << 20
"""Percentiles of more values come from about this many of them."""
_ENOUGH = 1 / 8  # of the values on a grid: the part that must count, or all values are walked
_LEAST = 32  # indices along an axis, where it has so many
_EXACT_INTEGER = 2**53  # float64 holds every integer up to here
_FEW = 1 << 12  # values that are sorted sooner than counted
_HUGE = np.finfo(np.float64).max / 4  # half the distance of larger ones may overflow

_RANKS = 1000  # values that zscale looks at, as in IRAF
_SORTED = 1 << 16  # values from which these are taken by rank
_CONTRAST = 0.25
_FAR = 2.5  # standard deviations from the line
_ROUNDS = 5
_KEPT = 0.5  # the part of the values that must lie near the line
_FEWEST = 5

_SIGMA = 1.4826  # a normal distribution's standard deviation in median absolute deviations
_NOISE = 3  # standard deviations

Counting = Literal["finite", "positive", "nonzero"]
"""Which values count."""


class ValueSample:
    """A sample of the values of an array that comes in parts, each as likely in it as any other.

    Each value gets a random number by its position, and is in the sample if that lies below
    `share`, which is halved whenever there are too many: so the sample does not depend on the
    order of the parts, and samples of parts can be joined.

    Parameters
    ----------
    counting : {"finite", "positive", "nonzero"}
        Which values count.
    most : int
        How many the sample holds at most.
    """

    def __init__(self, counting: Counting = "finite", most: int = SAMPLE) -> None:
        self.counting, self.most = counting, most
        self.share = 1.0
        """The part of the values that is in the sample: 1 if all of them are."""
        self._parts: list[tuple[Array, Array]] = []
        self._size = 0

    @property
    def values(self) -> Array:
        """The values, in no order."""
        if not self._parts:
            return np.empty(0)
        return np.concatenate([values for values, _ in self._parts])

    def add(
        self, array: Array | DeviceArray, mask: Array | None = None, key: Sequence[int] = (0,)
    ) -> None:
        """Add what counts of one part of the array; ``key`` is the part's position."""
        random = np.random.default_rng(key)
        share = min(self.share, self.most / max(1, array.size))
        if share < 1:
            indices = _jittered_grid(array.shape, share, random)
            crossings = math.prod(len(index) for index in indices)
            values = _find_counting(*_take_grid(array, mask, indices), self.counting)
            if values.size >= crossings * _ENOUGH:
                share = crossings / array.size
                self._join(values, random.random(values.size, np.float32) * share, share)
                return
        if isinstance(array, DeviceArray):
            for number, values in enumerate(array.counting_values(self.counting, mask)):
                self._add_block(values.astype(array.dtype, copy=False), None, (*key, number))
            return
        if array.size <= self.most:
            self._add_block(array, mask, key)
            return
        views = memory_order(array) if mask is None else memory_order(array, mask)

        def gather(blocks: Sequence[Any]) -> ValueSample:
            found = ValueSample(self.counting, self.most)
            found.share = self.share
            for index in blocks:
                position = tuple(i if isinstance(i, int) else i.start for i in index)
                block = [view[index] for view in views]
                found._add_block(block[0], None if mask is None else block[1], (*key, *position))
            return found

        for found in for_blocks(gather, views[0].shape):
            self.join(found)

    def join(self, other: ValueSample) -> None:
        """Add the sample of another part."""
        for values, numbers in other._parts:
            self._join(values, numbers, other.share)

    def _add_block(self, block: Array, mask: Array | None, key: Sequence[int]) -> None:
        values = _find_counting(block, mask, self.counting)
        if values.size:
            random = np.random.default_rng([*key, 1])
            self._join(values, random.random(values.size, np.float32), 1.0)

    def _join(self, values: Array, numbers: Array, share: float) -> None:
        if self.share < share:
            values, numbers = _thin(values, numbers, self.share)
        elif share < self.share:
            self._set_share(share)
        self._parts.append((values, numbers))
        self._size += values.size
        while self._size > self.most:
            self._set_share(self.share / 2)

    def _set_share(self, share: float) -> None:
        self.share = share
        self._parts = [_thin(values, numbers, share) for values, numbers in self._parts]
        self._size = sum(values.size for values, _ in self._parts)


def sample(
    array: Array | DeviceArray,
    mask: Array | None = None,
    counting: Counting = "finite",
    most: int = SAMPLE,
) -> Array:
    """Return at most about ``most`` of the values that count: the same ones at each call."""
    if array.size <= most:
        host = array.host() if isinstance(array, DeviceArray) else array
        return _find_counting(host, mask, counting)
    found = ValueSample(counting, most)
    found.add(array, mask)
    return found.values


def find_percentiles(values: Array, percents: tuple[float, float]) -> tuple[Any, Any]:
    """Return two percentiles, between values where need be; no values overflow on the way.

    Of integers beyond 2^53 they are whole numbers.
    """
    kind = values.dtype.kind
    if kind in "iu" and values.dtype.itemsize <= 2 and values.size > _FEW:
        counts, least = _count(values)
        ends = [_find_counted_percentile(counts, least, percent) for percent in percents]
        return np.float64(ends[0]), np.float64(ends[1])
    if kind in "iu" and values.dtype.itemsize == 8:
        extremes = int(values.min()), int(values.max())
        if max(map(abs, extremes)) > _EXACT_INTEGER:
            low, high = (_find_whole_percentile(values, percent) for percent in percents)
            return low, high
    wide: Array = values.astype(np.longdouble if values.dtype == np.longdouble else np.float64)
    huge = wide.dtype == np.float64 and kind == "f" and float(np.abs(wide).max()) > _HUGE
    if wide.dtype == np.longdouble:
        huge = bool(np.abs(wide).max() > np.finfo(np.longdouble).max / 4)
    if huge:
        wide = wide / 4
    low, high = np.percentile(wide, percents)
    return (low * 4, high * 4) if huge else (low, high)


def _count(values: Array) -> tuple[Array, int]:
    """Return how many values are up to each number from the least on, and the least."""
    least = int(values.min())
    counts = np.bincount(values.reshape(-1).astype(np.intp) - least)
    return np.cumsum(counts), least


def _find_counted_percentile(counts: Array, least: int, percent: float) -> float:
    """Return a percentile of integers that are counted: the same as NumPy's, without sorting."""
    position = (int(counts[-1]) - 1) * (percent / 100)
    before = math.floor(position)
    part = position - before
    after = min(before + 1, int(counts[-1]) - 1)
    low, high = (float(n) + least for n in np.searchsorted(counts, (before, after), "right"))
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _find_whole_percentile(values: Array, percent: float) -> int:
    from fractions import Fraction  # which few percentiles need

    position = (len(values) - 1) * Fraction(percent) / 100
    before, after = math.floor(position), math.ceil(position)
    ordered = np.partition(values, sorted({before, after}))
    low, high = int(ordered[before]), int(ordered[after])
    return round(low + (high - low) * (position - before))


def _find_counting(array: Array, mask: Array | None, counting: Counting) -> Array:
    """Return the values that count, in one row."""
    found = array.reshape(-1) if mask is None else array[~mask]
    if found.dtype.kind in "fc":
        finite = np.isfinite(found)
        found = found if finite.all() else found[finite]
    if counting == "positive":
        return found[found > 0]
    return found[found != 0] if counting == "nonzero" else found


def _jittered_grid(
    shape: tuple[int, ...], share: float, random: np.random.Generator
) -> list[Array]:
    """Return indices along each axis that cross at about this share of an array's values.

    Short axes are cut the least: each frame and each channel is to be among them.
    """
    indices = [np.arange(n) for n in shape]
    axes = sorted(range(len(shape)), key=lambda axis: shape[axis])
    for done, axis in enumerate(axes):
        n = shape[axis]
        count = min(n, max(_LEAST, math.ceil(n * share ** (1 / (len(axes) - done)))))
        share = min(1.0, share * n / count)
        steps = (np.arange(count) + random.random(count)) * n / count
        indices[axis] = steps.astype(np.intp)
    return indices


def _take_grid(
    array: Array | DeviceArray, mask: Array | None, indices: list[Array]
) -> tuple[Array, Array | None]:
    grid = np.ix_(*indices)
    values = array.sample(indices) if isinstance(array, DeviceArray) else array[grid]
    return values, None if mask is None else mask[grid]


def _thin(values: Array, numbers: Array, share: float) -> tuple[Array, Array]:
    kept = numbers < np.float32(share)
    return values[kept], numbers[kept]


def find_zscale(values: Array) -> tuple[float, float]:
    """Return the limits that IRAF's zscale has for finite values: all of a few, a sample of many.

    A line is fitted to the sorted values; what lies far off it, bright stars and bad pixels, is
    left out, and its slope through the contrast gives the limits around the median. The least and
    the largest value where less than half of them lie near a line.
    """
    ranked = np.sort(values.reshape(-1)[:: -(-values.size // _SORTED)]).astype(np.float64)
    count = min(len(ranked), _RANKS)
    ranked = ranked[np.linspace(0, len(ranked) - 1, count).round().astype(np.intp)]
    low, high = float(ranked[0]), float(ranked[-1])
    least = max(_FEWEST, int(count * _KEPT))
    near, before = np.ones(count, bool), count + 1
    rank, slope = np.arange(count, dtype=np.float64), 0.0
    for _ in range(_ROUNDS):
        if not least <= near.sum() < before:
            break
        before = int(near.sum())
        slope, start = _fit_line(rank[near], ranked[near])
        off = ranked - (start + slope * rank)
        far = np.abs(off) > _FAR * off[near].std()
        grown = np.convolve(far | ~near, np.ones(max(1, count // 100)), "same")
        near = grown == 0
    if near.sum() < least:
        return low, high
    middle, median = (count - 1) // 2, float(np.median(ranked))
    slope /= _CONTRAST
    return max(low, median - (middle - 1) * slope), min(high, median + (count - middle) * slope)


def _fit_line(x: Array, y: Array) -> tuple[float, float]:
    """Return the slope and the start of the line nearest to points."""
    across, up = x - x.mean(), y - y.mean()
    spread = float(across @ across)
    slope = float(across @ up) / spread if spread else 0.0
    return slope, float(y.mean()) - slope * float(x.mean())


def find_noise(values: Array) -> float:
    """Return three standard deviations of the noise in finite values, 0 where they are all equal.

    3 * 1.4826 * median(abs(x - median(x))): far values hardly count. Of the values beside the
    median alone where most are equal to it.
    """
    if not values.size:
        return 0.0
    wide: Array = values.astype(np.longdouble if values.dtype == np.longdouble else np.float64)
    limit: Any = np.finfo(wide.dtype).max / 64
    unit = 1 if -limit < wide.min() and wide.max() < limit else 64
    off = wide / unit if unit > 1 else wide
    off = np.abs(np.subtract(off, _find_median(values) / unit, out=wide), out=wide)
    middle = _find_median(off)
    if not middle:
        middle = _find_median(off[off > 0])
    noise: float = min(middle * (_NOISE * _SIGMA), limit) * unit
    return noise if wide.dtype == np.longdouble and noise > np.finfo(float).max else float(noise)


def _find_median(values: Array) -> Any:
    """Return the median of finite values, 0 of none; no sum of two overflows."""
    if not values.size:
        return 0.0
    ends = (len(values) - 1) // 2, len(values) // 2
    ordered = np.partition(values, sorted(set(ends)))
    wide = values.dtype.type if values.dtype == np.longdouble else np.float64
    low, high = (wide(ordered[end]) for end in ends)
    return low if low == high else low / 2 + high / 2
