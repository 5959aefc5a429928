"""At how many ticks an axis is easily read: the densities of its ticks, and which one is shown."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbimage.page.figure_model import Axis

Label = tuple[float, str]
"""Position and text of a tick whose levels are not known yet."""

_MOST_NAMES = 200
_LONGEST_NAME = 40
_LETTER, _SPACE, _LINE = 7, 8, 16  # CSS pixels: a letter's width, between labels, a line's height
_APART = 60  # CSS pixels between the numbers beside a colorbar
TURNED = 20
"""CSS pixels between texts that rise at 45°."""
_MEANT = 6  # numbers on an axis, as nearly as there are round ones


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
    count = len(names)
    powers = [10**e for e in range(len(str(count)))]
    steps = [m * power for power in powers for m in (1, 2, 5) if m * power < max(count, 2)]
    steps = [step for step in steps if count <= _MOST_NAMES * step]
    while len({i for step in steps for i in range(0, count, step)}) > _MOST_NAMES:
        del steps[0]
    return join_levels(
        [
            [((i + 0.5) / count, _shortened(str(names[i]))) for i in range(0, count, step)]
            for step in reversed(steps)
        ]
    )


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


def find_axis_level(axis: Axis | None, length: float, *, across: bool) -> int:
    """Return the level that an axis is shown with: every name that fits, or about six numbers."""
    if axis is None:
        return 0
    if axis.turned:
        return find_fitting_level(axis.ticks, length, False, apart=TURNED)
    if axis.named:
        return find_fitting_level(axis.ticks, length, across)
    finest = find_fitting_level(axis.ticks, length if across else length * 2 / 3, across)
    return _find_readable_level(axis.ticks, finest)


def find_bar_level(ticks: Sequence[Tick], length: float) -> int:
    """Return the level that a colorbar is shown with: about six numbers, none close together."""
    finest = find_fitting_level(ticks, length, False, apart=min(_APART, length / 2))
    return _find_readable_level(ticks, finest)


def _find_readable_level(ticks: Sequence[Tick], finest: int) -> int:
    """Return the level up to the finest whose number of ticks is nearest to six."""
    counts = [sum(level in tick.levels for tick in ticks) for level in range(finest + 1)]

    def rank(level: int) -> tuple[int, int]:
        count = counts[level]
        return abs(count - _MEANT), -count if count <= _MEANT + 1 else count

    return min(range(finest + 1), key=rank)


def find_axis_levels(
    x: Axis | None, y: Axis | None, width: float, height: float
) -> tuple[int, int]:
    """Return the levels that the axes below and at the left of a picture are shown with.

    Axes of one scale have one step: that of the longer axis, unless it does not fit the other.
    """
    across = find_axis_level(x, width, across=True)
    down = find_axis_level(y, height, across=False)
    if not (x and y and x.paired and y.paired):
        return across, down
    fitting = find_fitting_level(x.ticks, width, True), find_fitting_level(y.ticks, height, False)
    level = min(across if width >= height else down, *fitting)
    return level, level
