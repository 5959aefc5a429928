"""Which of PNG's filters, and which search for repetitions, make a band of rows smallest.

A few of its rows tell: the filter that leaves the least of them is the best of photographs; where
neighbours are equal, as on screens, in plots and labels, each filter is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.deflate import Matches, raw_deflate
from nbimage.codecs.png_filters import SUB, apply_filter

FAST, _SMALL, _SMALLEST = 1, 3, 9
_SLOW = {3: 7, 4: 7, 5: 7, 6: 8, 7: 8, 8: 9, 9: 9}
"""The level of zlib that looks for repetitions longer, by compression."""
_KINDS = {3: 2, 4: 2, 5: 3, 6: 3}
"""How many filters are tried of those that leave the least; all where it isn't said."""
_TRIAL = 1 << 13  # bytes of a band's rows that are tried; from 3 on four times as many
_EQUAL = 0.25  # of all neighbours: more are in no photograph
_FEW = 0.3  # of the bytes: where runs save enough for the time that they take
_SAVED, _SAVED_SMALL = 0.97, 0.99  # of what is quicker
_LITTLE = 0.12  # of the bytes: so quickly done that runs are tried as well


@dataclass(frozen=True, slots=True)
class Coding:
    """How a band of rows is coded."""

    filter: int
    level: int
    matches: Matches = "far"

    def deflate(self, filtered: Any, last: bool = True) -> bytes:
        """Compress filtered rows."""
        return raw_deflate(filtered, self.level, last=last, matches=self.matches)


def find_codings(
    rows: Array, start: int, stop: int, step: int, filters: Sequence[int], compression: int
) -> list[Coding]:
    """Return the codings, one of which makes a band of rows about as small as can be.

    ``compression`` is 0 (stored) to 9. What is tried of a band at one is tried at the next, too,
    so that nothing becomes larger: at 2 runs everywhere, from 3 on longer searches.
    """
    if compression == 0:
        return [Coding(filters[0], 0)]
    band = rows, start, stop, step
    trial = _Trial.of(*band, filters, _TRIAL)
    little = (stop - start) * rows.shape[1] < 2 * _TRIAL
    kinds = trial.ranked[: None if trial.plain else 3 if little else 1]
    searches: tuple[Matches, ...] = ("near", "far") if trial.plain else ("near",)
    quick, coding = min(
        (trial.find_best(FAST, each, kinds) for each in searches), key=itemgetter(0)
    )
    codings = [coding]
    if compression > FAST or quick <= _FEW * trial.size:
        runs, of_runs = trial.find_best(FAST, "runs", kinds)
        if compression > FAST or quick <= _LITTLE * trial.size:
            codings.append(of_runs)
        elif runs < _SAVED * quick:
            codings = [of_runs]
    if compression < _SMALL:
        return codings
    larger = _Trial.of(*band, filters, 4 * _TRIAL)
    for each in range(_SMALL, compression + 1):
        kinds = larger.ranked[: None if trial.plain else _KINDS.get(each)]
        runs, of_runs = larger.find_best(FAST, "runs", kinds)
        slow, of_slow = larger.find_best(_SLOW[each], searches[-1], kinds)
        codings += [of_runs] if each == _SMALL else []
        if each > _SMALL or slow < _SAVED_SMALL * runs:
            codings.append(of_slow)
    if compression == _SMALLEST:
        codings += [Coding(kind, 9, each) for kind in filters for each in ("far", "near")]
    return list(dict.fromkeys(codings))


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """Some of a band's rows under each filter."""

    samples: dict[int, Array]
    ranked: list[int]
    """Filters, the one that leaves the least first."""
    plain: bool
    """Many neighbours are equal, or there are no filters to choose from."""

    @classmethod
    def of(
        cls, rows: Array, start: int, stop: int, step: int, filters: Sequence[int], size: int
    ) -> _Trial:
        parts = _sample_rows(rows, start, stop, size)
        samples = {kind: _filter_samples(kind, rows, parts, step) for kind in filters}
        left = {kind: _sum_distances(sample) for kind, sample in samples.items()}
        plain = SUB not in samples or _has_equal_neighbours(samples[SUB])
        return cls(samples, sorted(filters, key=left.__getitem__), plain)

    @property
    def size(self) -> int:
        """How many bytes are tried."""
        return next(iter(self.samples.values())).nbytes

    def find_best(self, level: int, matches: Matches, kinds: Sequence[int]) -> tuple[int, Coding]:
        """Return the fewest bytes that a search makes of them, and the coding that does."""
        sizes = {
            kind: len(raw_deflate(self.samples[kind], level, matches=matches)) for kind in kinds
        }
        kind = min(sizes, key=sizes.__getitem__)
        return sizes[kind], Coding(kind, level, matches)


def _sample_rows(rows: Array, start: int, stop: int, size: int) -> list[tuple[int, int]]:
    """Return two parts of a band's rows of so many bytes together, or all of it."""
    count = max(1, size // (2 * rows.shape[1]))
    quarter = (stop - start) // 4
    if stop - start <= 2 * count:
        return [(start, stop)]
    return [(first, first + count) for first in (start + quarter, stop - quarter - count)]


def _filter_samples(kind: int, rows: Array, samples: list[tuple[int, int]], step: int) -> Array:
    width = rows.shape[1]
    out = np.empty((sum(stop - start for start, stop in samples), width), np.uint8)
    done = 0
    for start, stop in samples:
        apply_filter(kind, rows, start, stop, step, out[done : done + stop - start])
        done += stop - start
    return out.reshape(-1)


def _has_equal_neighbours(differences: Array) -> bool:
    equal = differences.size - np.count_nonzero(differences)
    return bool(equal > _EQUAL * differences.size)


def _sum_distances(filtered: Array) -> int:
    """Return how far bytes are from 0, either way."""
    return int(np.minimum(filtered, -filtered).sum(dtype=np.int64))
