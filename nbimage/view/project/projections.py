"""Projections along further axes: which there are, as ``state=`` and as a page has them.

An index along the further axes is a number for each, or a `Projection` where the planes of a range
become one. A plane with such is named by a text, ``"4.max0-9"``: index 4 along the first axis, the
maximum of 0 to 9 along the second one. Not here: the arithmetic (`reduce`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

KINDS = ("max", "mean", "min", "sum", "std")
ORDERED = ("max", "min")
"""Those whose values are the data's own: all that labels can have."""
_OF_DATES = ("max", "mean", "min")
_PART = re.compile(r"(?:(max|mean|min|sum|std)([0-9]{1,9})-)?([0-9]{1,9})")
_LONGEST = 150  # characters of a name


class Projection(NamedTuple):
    """What becomes of the planes of a range, of which both ends are members."""

    kind: str
    first: int
    last: int

    @property
    def measure(self) -> str:
        """What the values are: "sum", "std", or "" where the data's own limits fit."""
        return self.kind if self.kind in ("sum", "std") else ""

    @property
    def page(self) -> dict[str, Any]:
        """As a page has it."""
        return self._asdict()


Along = int | Projection
PlaneName = int | str
"""A plane's number, or its name where it is projected."""


def find_kinds(*, labels: bool = False, dates: bool = False) -> list[str]:
    """Return which projections values of a kind have."""
    known = ORDERED if labels else _OF_DATES if dates else KINDS
    return [kind for kind in KINDS if kind in known]


def is_projected(index: Sequence[Along]) -> bool:
    """Return whether planes become one along any axis."""
    return any(isinstance(one, Projection) for one in index)


def find_index(index: Sequence[Along]) -> tuple[int, ...]:
    """Return an index in which each projection is replaced by its first plane."""
    return tuple(one.first if isinstance(one, Projection) else one for one in index)


def find_measure(index: Sequence[Along]) -> str:
    """Return what the values of a plane are: "sum", "std", or "" for values of the data's kind.

    The first axis' projection is the last one that is done.
    """
    found = [one.measure for one in index if isinstance(one, Projection)]
    return next(filter(None, found), "")


def along_axes(index: Sequence[int], projections: Sequence[Any]) -> tuple[Along, ...]:
    """Return an index with a page's projections in it."""
    return tuple(
        i if one is None else Projection(one["kind"], one["first"], one["last"])
        for i, one in zip(index, projections, strict=True)
    )


def name_plane(index: Sequence[Along], sizes: Sequence[int]) -> PlaneName:
    """Return a plane's number, or its name where it is projected."""
    if is_projected(index):
        return ".".join(
            f"{i.kind}{i.first}-{i.last}" if isinstance(i, Projection) else str(i) for i in index
        )
    number = 0
    for one, size in zip(find_index(index), sizes, strict=True):
        number = number * size + one
    return number


def find_plane(name: PlaneName, sizes: Sequence[int]) -> tuple[Along, ...]:
    """Return the index of a plane. Raises ValueError for one that is not there."""
    if isinstance(name, int):
        return tuple(int(i) for i in np.unravel_index(name, tuple(sizes))) if sizes else ()
    parts = name.split(".")
    found = [_PART.fullmatch(part) for part in parts]
    if len(name) > _LONGEST or len(parts) != len(sizes) or not all(found):
        raise ValueError(f"a plane must be a number or a projection, but got {name[:60]!r}")
    index = tuple(_read_part(*one.groups()) for one in found if one is not None)
    for one, size in zip(index, sizes, strict=True):
        first, last = one[1:] if isinstance(one, Projection) else (one, one)
        if not first <= last < size:
            raise ValueError(f"a plane must lie within {size} planes, but got {name!r}")
    return index


def _read_part(kind: str | None, first: str | None, last: str) -> Along:
    return int(last) if kind is None or first is None else Projection(kind, int(first), int(last))


# As `state=` has them


def resolve_projections(
    asked: Any,
    names: Sequence[str],
    sizes: Sequence[int],
    find: Callable[[Any], int],
    kinds: Sequence[str],
) -> list[dict[str, Any] | None]:
    """Return a page's projections, one an axis, from ``{axis: kind or (kind, first, last)}``.

    ``find`` returns the number of an axis. Raises TypeError or ValueError for what does not fit.
    """
    if not isinstance(asked, Mapping):
        raise TypeError(
            f"state['projections'] must be a dict {{axis: kind}}, but got {asked!r:.60}"
        )
    page: list[dict[str, Any] | None] = [None] * len(sizes)
    for axis, way in asked.items():
        number = find(axis)
        if way is not None:
            what = f"state['projections'][{names[number]!r}]"
            page[number] = _resolve_one(what, way, sizes[number], kinds).page
    return page


def _resolve_one(what: str, way: Any, size: int, kinds: Sequence[str]) -> Projection:
    whole = isinstance(way, (tuple, list)) and len(way) == 3
    kind, *ends = way if whole else (way, 0, size - 1)
    if not isinstance(kind, str) or kind not in KINDS:
        known = ", ".join(map(repr, KINDS))
        raise ValueError(
            f"{what} must be one of {known}, or of these (kind, first, last), but got {way!r:.60}"
        )
    if kind not in kinds:
        why = f"these values have {' and '.join(kinds)} alone" if kinds else "they are off here"
        raise ValueError(f"{what} must fit the data, but got {kind!r}: {why}")
    for end in ends:
        if isinstance(end, bool) or not hasattr(end, "__index__"):
            raise TypeError(f"{what} must have whole numbers as ends, but got {way!r:.60}")
        if not -size <= end < size:
            raise ValueError(f"{what} must lie within 0 to {size - 1}, but got {way!r:.60}")
    first, last = (int(end) % size for end in ends)
    if first > last:
        raise ValueError(f"{what} must begin before it ends, but got {way!r:.60}")
    return Projection(kind, first, last)


def describe_projections(page: Sequence[Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a page's projections as ``state=`` takes them."""
    pairs = zip(names, page, strict=True)
    return {name: [one["kind"], one["first"], one["last"]] for name, one in pairs if one}


def check_projections(value: Any, sizes: Sequence[int], kinds: Sequence[str]) -> list[Any]:
    """Return what a page sends, checked. Raises ValueError if it makes no sense."""
    checked: list[Any] = []
    for one, size in zip(value, sizes, strict=True):
        if one is None:
            checked.append(None)
            continue
        first, last = int(one["first"]), int(one["last"])
        if one["kind"] not in kinds or not 0 <= first <= last < size:
            raise ValueError("a projection must be of a kind and a range")
        checked.append(Projection(one["kind"], first, last).page)
    return checked
