"""Which of PNG's filters, and which search for repetitions, make a band of rows smallest.

A few of its rows tell: the filter that leaves the least of them is the best of photographs; where
neighbours are equal, as on screens, in plots and labels, each filter is tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.packing.deflate import Matches, raw_deflate
from nbimage.codecs.packing.filters import BY_ROW, SUB, filter_rows, sum_distances

FAST, _SMALL, _SMALLEST = 1, 3, 9
_SLOW = {3: 7, 4: 7, 5: 7, 6: 8, 7: 8, 8: 9, 9: 9}
"""The level of zlib that looks for repetitions longer, by compression."""
_KINDS = {4: 2, 5: 2, 6: 3, 7: 3}
"""How many filters are tried of those that leave the least; all where it isn't said."""
_TRIAL = 1 << 13  # bytes of a band's rows that are tried; four times as many from 4 on
_LITTLE_PICTURE = 1 << 15  # bytes
_EQUAL = 0.25  # of all neighbours: more are in no photograph
_FEW = 0.3  # of the bytes: where runs save enough for the time that they take
_SOME = 0.2  # of the bytes: so much repeats that longer searches save a fifth or more
_LITTLE = 0.12  # of the bytes: so quickly done that all that was tried is done of the band
_SAVED = 0.97  # of what is quicker
_ALIKE = 0.99  # of one another: what is smaller is not sure


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
    rows: Array,
    start: int,
    stop: int,
    step: int,
    filters: Sequence[int],
    compression: int,
) -> list[Coding]:
    """Return the codings, one of which makes a band of rows about as small as can be.

    ``compression`` is 0 (stored) to 9: at 2 runs are tried everywhere, from 3 on longer searches,
    from 4 on filters by row. What is tried at one is tried at the next, too, so that nothing
    becomes larger; but for what was clearly larger than runs.
    """
    if compression == 0:
        return [Coding(filters[0], 0)]
    band = rows, start, stop, step
    trial = _Trial.of(*band, filters, _TRIAL)
    little = (stop - start) * rows.shape[1] < 2 * _TRIAL
    kinds = trial.ranked[: None if trial.plain else 3 if little else 1]
    searches: list[Matches] = ["near", "far"] if trial.plain else ["near"]
    quick, coding = trial.find_best(FAST, searches, kinds)
    if compression == FAST and quick > _FEW * trial.size:
        return [coding]
    runs, of_runs = trial.find_best(FAST, ["runs"], kinds)
    least = min(quick, runs)
    if trial.plain and least <= _SOME * trial.size:
        level = 6 if least <= _LITTLE * trial.size else 3
        few = list(dict.fromkeys([coding.filter, of_runs.filter, filters[0]]))
        long, of_long = trial.find_best(level, ["long"], few)
        tried = [(quick, coding), (runs, of_runs)]
        codings = [of_long, *(each for size, each in tried if size < long / _SAVED)]
    elif quick <= _LITTLE * trial.size or (compression > FAST and runs > _ALIKE * quick):
        codings = [coding, of_runs]
    else:
        codings = [of_runs if runs < _SAVED * quick or compression > FAST else coding]
    if compression < _SMALL:
        return codings
    slow, of_slow = trial.find_best(_SLOW[_SMALL], searches, [of_runs.filter])
    if slow < _ALIKE * min(quick, runs):
        codings.append(of_slow)
    if compression == _SMALL:
        return codings
    by_row = [BY_ROW] if len(filters) > 1 else []
    trial = _Trial.of(*band, [*filters, *by_row], 4 * _TRIAL)
    for each in range(_SMALL + 1, compression + 1):
        kinds = trial.ranked[: None if trial.plain else _KINDS.get(each)] + by_row
        codings.append(trial.find_best(FAST, ["runs"], kinds)[1])
        codings.append(trial.find_best(_SLOW[each], searches, kinds)[1])
    if compression == _SMALLEST:
        codings += [Coding(kind, 9, each) for kind in filters for each in ("far", "near")]
    return list(dict.fromkeys(codings))


def pack_little(rows: Array, step: int, filters: Sequence[int]) -> tuple[bytes, Array] | None:
    """Return a little picture's deflated rows, and the rows as they were filtered.

    As `find_codings` has it at compression 1, but that what is tried is all of it. None where a
    trial is of use: of many equal neighbours, and of what has no filters to choose from.
    """
    if SUB not in filters or rows.size > _LITTLE_PICTURE:
        return None
    filtered = np.empty((len(filters), len(rows), rows.shape[1] + 1), np.uint8)
    for kind, out in zip(filters, filtered, strict=True):
        filter_rows(kind, rows, 0, len(rows), step, out)
    if _has_equal_neighbours(filtered[filters.index(SUB)][:, 1:]):
        return None
    left = sum_distances(filtered.reshape(len(filters), -1)).tolist()
    count = 3 if rows.size < 2 * _TRIAL else 1
    ranked = sorted(range(len(filters)), key=left.__getitem__)[:count]
    packed = [(Coding(filters[i], FAST, "near").deflate(filtered[i].data), i) for i in ranked]
    body, best = min(packed, key=lambda one: len(one[0]))
    if len(body) <= _FEW * filtered[best].size:
        runs = Coding(filters[best], FAST, "runs").deflate(filtered[best].data)
        body = min(body, runs, key=len)
    return body, filtered[best]


def find_codings_of_many(
    rows: Array, step: int, filters: Sequence[int], compression: int, tries: int
) -> list[Coding]:
    """Return the codings of many small pictures' rows, of which each picture takes the best.

    Up to two ``tries`` are of use: the second of photographs is another filter. More of the rows
    are tried than of a band, so that these are of several pictures, and fewer codings.
    """
    if compression != FAST:
        return find_codings(rows, 0, len(rows), step, filters, compression)
    trial = _Trial.of(rows, 0, len(rows), step, filters, 4 * _TRIAL)
    kinds = trial.ranked[: None if trial.plain else 2]
    quick, coding = trial.find_best(FAST, ["far" if trial.plain else "near"], kinds)
    if quick > _FEW * trial.size:
        others = [replace(coding, filter=kind) for kind in kinds if kind != coding.filter]
        return [coding, *others][: 1 if trial.plain else tries]
    runs, of_runs = trial.find_best(FAST, ["runs"], [coding.filter])
    codings = [coding, of_runs] if runs > _SAVED * quick else [of_runs, coding]
    return codings[:tries]


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """Some of a band's rows under each filter."""

    samples: dict[int, Array]
    ranked: list[int]
    """The filters of all rows, the one that leaves the least first."""
    plain: bool
    """Many neighbours are equal, or there are no filters to choose from."""

    @classmethod
    def of(
        cls, rows: Array, start: int, stop: int, step: int, filters: Sequence[int], size: int
    ) -> _Trial:
        parts = _sample_rows(rows, start, stop, size)
        samples = {kind: _filter_samples(kind, rows, parts, step) for kind in filters}
        left = {kind: sum_distances(sample[:, 1:]).sum() for kind, sample in samples.items()}
        plain = SUB not in samples or _has_equal_neighbours(samples[SUB][:, 1:])
        left.pop(BY_ROW, None)
        return cls(samples, sorted(left, key=left.__getitem__), plain)

    @property
    def size(self) -> int:
        """How many bytes are tried."""
        return next(iter(self.samples.values())).nbytes

    def find_best(
        self, level: int, searches: Sequence[Matches], kinds: Sequence[int]
    ) -> tuple[int, Coding]:
        """Return the fewest bytes that searches make of them, and the coding that does."""
        codings = [Coding(kind, level, matches) for matches in searches for kind in kinds]
        sizes = [len(coding.deflate(self.samples[coding.filter].data)) for coding in codings]
        best = sizes.index(min(sizes))
        return sizes[best], codings[best]


def _sample_rows(rows: Array, start: int, stop: int, size: int) -> list[tuple[int, int]]:
    """Return two parts of a band's rows of so many bytes together, or all of it."""
    count = max(1, size // (2 * rows.shape[1]))
    between = (stop - start - 2 * count) // 3
    if between <= 0:
        return [(start, stop)]
    return [(first, first + count) for first in (start + between, stop - between - count)]


def _filter_samples(kind: int, rows: Array, parts: list[tuple[int, int]], step: int) -> Array:
    """Return the samples as they are stored."""
    out = np.empty((sum(stop - start for start, stop in parts), rows.shape[1] + 1), np.uint8)
    done = 0
    for start, stop in parts:
        filter_rows(kind, rows, start, stop, step, out[done : done + stop - start])
        done += stop - start
    return out


def _has_equal_neighbours(differences: Array) -> bool:
    equal = differences.size - np.count_nonzero(differences)
    return bool(equal > _EQUAL * differences.size)
