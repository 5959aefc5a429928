"""The arithmetic of projections: planes one after the other become one.

As NumPy's functions for NaN: what is missing counts for nothing. Axes beside one another that are
projected alike are projected together; of several the last one first. The page's scripts have the
same (``view/project/reduce.js``).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from nbimage.base.chunked import Array
from nbimage.view.project.projections import Along, Projection

Part = tuple[Array, Array | None]
"""Values, and where they are missing; None: nowhere, but for NaN."""


class _Reduction(Protocol):
    def add(self, values: Array, missing: Array | None) -> None: ...

    def result(self) -> Part: ...


class _Extreme:
    """The largest or the smallest values."""

    def __init__(self, largest: bool) -> None:
        self._largest = largest
        self._values: Array | None = None
        self._missing: Array | None = None

    def add(self, values: Array, missing: Array | None) -> None:
        if values.dtype.kind == "f":
            missing = np.isnan(values) if missing is None else missing | np.isnan(values)
        if self._values is None:
            self._values = values.copy()
            self._missing = None if missing is None else missing.copy()
            return
        with np.errstate(invalid="ignore"):
            better = values > self._values if self._largest else values < self._values
        if missing is not None:
            better &= ~missing
        if self._missing is not None:
            fresh = self._missing if missing is None else self._missing & ~missing
            better |= fresh
            self._missing = self._missing & ~fresh
        np.copyto(self._values, values, where=better)

    def result(self) -> Part:
        if self._values is None:
            raise ValueError("a projection must be of one plane or more, but is of none")
        if self._values.dtype.kind == "f":  # NaN says it
            if self._missing is not None:
                self._values[self._missing] = np.nan
            return self._values, None
        missing = self._missing
        return self._values, missing if missing is not None and missing.any() else None


class _Moments:
    """Sums, and what they give. Values have that of the first plane taken off for their spread."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._count: Any = 0
        self._first: Any = None
        self._origin: Any = None
        self._sum: Any = 0
        self._squares: Any = 0

    def add(self, values: Array, missing: Array | None) -> None:
        if values.dtype.kind == "f":
            missing = np.isnan(values) if missing is None else missing | np.isnan(values)
            values = values.astype(np.promote_types(values.dtype, np.float64))
        elif self._kind == "sum":  # as NumPy sums whole numbers
            values = values.astype(np.uint64 if values.dtype.kind == "u" else np.int64)
        elif self._kind == "std" and values.dtype.itemsize == 8:
            # less the first one as whole numbers, which float64 may not hold
            self._first = values if self._first is None else self._first
            values = (values - self._first).view(np.int64).astype(np.float64)
        else:
            values = values.astype(np.float64)
        if missing is not None:
            values[missing] = 0
        with np.errstate(all="ignore"):
            if self._kind == "std":
                if self._origin is None:
                    self._origin, self._known = values.copy(), np.zeros(values.shape, bool)
                present = np.ones(values.shape, bool) if missing is None else ~missing
                np.copyto(self._origin, values, where=present & ~self._known)
                self._known |= present
                values -= self._origin
                if missing is not None:
                    values[missing] = 0
                self._squares = self._squares + values * values
            self._sum = self._sum + values
        self._count = self._count + (1 if missing is None else ~missing)

    def result(self) -> Part:
        if self._kind == "sum":
            return self._sum, None
        with np.errstate(all="ignore"):
            mean = self._sum / self._count
            if self._kind == "mean":
                return mean, None
            spread = self._squares - self._sum * mean
            return np.sqrt(np.maximum(spread, 0) / self._count), None


def _begin(kind: str) -> _Reduction:
    return _Extreme(kind == "max") if kind in ("max", "min") else _Moments(kind)


def split_runs(index: Sequence[Along]) -> list[tuple[str, list[int]]]:
    """Return which axes are projected together, those of the last step first."""
    runs: list[tuple[str, list[int]]] = []
    for axis, one in enumerate(index):
        if not isinstance(one, Projection):
            continue
        if runs and runs[-1][0] == one.kind:
            runs[-1][1].append(axis)
        else:
            runs.append((one.kind, [axis]))
    return runs


def project(
    read: Callable[[tuple[int, ...]], Part], index: Sequence[Along], *, alpha: bool = False
) -> Part:
    """Return a projection of the planes that ``read`` gives, one after the other.

    No more than a plane for each step is held. ``alpha``: the last channel is such, of which no
    sum nor spread is taken, but the mean.
    """
    runs = split_runs(index)

    def go(step: int, at: dict[int, int]) -> Part:
        if step == len(runs):
            return read(tuple(at[axis] for axis in range(len(index))))
        kind, axes = runs[step]
        found = _begin(kind)
        opaque = _begin("mean") if alpha and kind in ("sum", "std") else None
        for where in _members(index, axes):
            values, missing = go(step + 1, {**at, **dict(zip(axes, where, strict=True))})
            found.add(values, missing)
            if opaque is not None:
                opaque.add(values[..., -1], None)
        values, missing = found.result()
        if opaque is not None:
            values[..., -1] = opaque.result()[0]
        return values, missing

    fixed = {axis: one for axis, one in enumerate(index) if not isinstance(one, Projection)}
    return go(0, fixed)


def _members(index: Sequence[Along], axes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    spans = [index[axis] for axis in axes]
    return itertools.product(
        *(range(one.first, one.last + 1) for one in spans if isinstance(one, Projection))
    )
