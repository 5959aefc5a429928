"""How many of its ticks an axis or a colorbar shows: about six numbers, or every name that fits."""

from __future__ import annotations

from collections.abc import Sequence

from nbimage.page.figure_model import Axis
from nbimage.page.ticks.levels import TURNED, Tick, find_fitting_level

_APART = 60  # CSS pixels between the numbers beside a colorbar
_CLOSER = 30  # where there would be two of them
_MEANT = 6  # numbers on an axis, as nearly as there are round ones


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


def find_bar_level(
    ticks: Sequence[Tick], length: float, *, named: bool = False, across: bool = False
) -> int:
    """Return the level that a colorbar is shown with: about six numbers, none close together.

    ``named``: every one that fits. ``across``: the bar lies.
    """
    if named:
        return find_fitting_level(ticks, length, across)
    level = 0
    for apart, few in ((_APART, 3), (_CLOSER, 2), (0, 0)):
        level = _find_readable_level(ticks, find_fitting_level(ticks, length, across, apart=apart))
        if sum(level in tick.levels for tick in ticks) >= few:
            break
    return level


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
