"""The ticks of an axis in levels, of which each is denser than the one before."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

Label = tuple[float, str]
"""Position and text of a tick whose levels are not known yet."""

_MOST_NAMES = 200
_BETWEEN_WORDS = " _-:/"
_LONGEST_NAME = 40
_LETTER, _SPACE, _LINE = 7, 8, 16  # CSS pixels: a letter's width, between labels, a line's height
TURNED = 20
"""CSS pixels between texts that rise at 45°."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of an axis."""

    position: float
    """0 to 1 along the axis, from its start: the left end, or the top."""
    text: str
    levels: tuple[int, ...] = (0,)
    """At which densities it is shown: 0 is the sparsest, higher ones are for longer axes."""


def join_levels(levels: Sequence[list[Label]], *, every: bool = False) -> tuple[Tick, ...]:
    """Return the ticks of all levels together, without levels of no use unless ``every``.

    These are such with fewer than two ticks, if others have more, and such that show the same
    positions as the one before.
    """
    enough = 0 if every else min(2, max(map(len, levels), default=0))
    found: dict[Label, list[int]] = {}
    before, count = None, 0
    for marks in levels:
        positions = {position for position, _ in marks}
        if len(marks) < enough or (positions == before and not every):
            continue
        for mark in marks:
            found.setdefault(mark, []).append(count)
        before, count = positions, count + 1
    return tuple(Tick(*mark, tuple(shown)) for mark, shown in sorted(found.items()))


def name_ticks(names: Sequence[str]) -> tuple[Tick, ...]:
    """Return ticks of named pixels, each at its pixel's centre: all, or every 2nd, 5th, 10th."""
    texts = [_shortened(str(name)) for name in names]
    return _thinned([((i + 0.5) / len(texts), text) for i, text in enumerate(texts)])


def split_prefix(names: Sequence[str]) -> tuple[str, list[str]]:
    """Return the words that all names begin with, and the rest of each.

    No words where there are none with a letter, or where a name would have nothing left.
    """
    ends = zip(min(names, default=""), max(names, default=""), strict=False)
    shared = "".join(one for one, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))
    end = max(shared.rfind(mark) for mark in _BETWEEN_WORDS) + 1
    prefix, rest = shared[:end].rstrip(_BETWEEN_WORDS), [name[end:] for name in names]
    if len(names) < 2 or not all(rest) or not any(letter.isalpha() for letter in prefix):
        return "", list(names)
    return prefix, rest


def edge_ticks(names: Sequence[str]) -> tuple[Tick, ...]:
    """Return ticks of a bar's edges, from the bottom: all, or every 2nd, 5th, 10th."""
    last = len(names) - 1
    return _thinned([(1 - i / last, text) for i, text in enumerate(names)])[::-1]


def _thinned(labels: Sequence[Label]) -> tuple[Tick, ...]:
    count = len(labels)
    powers = [10**e for e in range(len(str(count)))]
    steps = [m * power for power in powers for m in (1, 2, 5) if m * power < max(count, 2)]
    steps = [step for step in steps if count <= _MOST_NAMES * step]
    while len({i for step in steps for i in range(0, count, step)}) > _MOST_NAMES:
        del steps[0]
    return join_levels([[labels[i] for i in range(0, count, step)] for step in reversed(steps)])


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def find_fitting_level(
    ticks: Sequence[Tick], length: float, across: bool, *, apart: float = 0.0
) -> int:
    """Return the finest level whose labels don't collide on an axis ``length`` CSS pixels long.

    Labels stand side by side (``across``) or one above the other, and ``apart`` pixels at least
    from tick to tick. Widths are estimates.
    """
    for level in range(max((max(t.levels) for t in ticks), default=0), 0, -1):
        shown = sorted((t.position, len(t.text)) for t in ticks if level in t.levels)
        if all(
            (right[0] - left[0]) * length
            >= max(apart, (left[1] + right[1]) * _LETTER / 2 + _SPACE if across else _LINE)
            for left, right in itertools.pairwise(shown)
        ):
            return level
    return 0
