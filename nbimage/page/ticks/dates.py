"""Ticks of a time axis: at starts of calendar years, months, days, hours and their parts.

Numbers and names are in `page.ticks`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, datetime, timedelta

from nbimage.page.ticks.levels import Label, Tick, join_levels
from nbimage.page.ticks.numbers import MAX_TICKS, locate

_DAY = 86_400_000_000  # microseconds
_YEAR, _MONTH = 12, 1  # months


@dataclass(frozen=True, slots=True)
class Step:
    """A step from one tick to the next: months, days of the month or microseconds."""

    size: int
    unit: str
    letters: int
    """How many letters of an ISO date and time a tick needs."""

    @property
    def length(self) -> int:
        """About how many microseconds it takes."""
        return self.size * {"month": 30 * _DAY, "day": _DAY, "microsecond": 1}[self.unit]


def _parts(unit: int, sizes: tuple[int, ...], letters: int) -> list[Step]:
    return [Step(size * unit, "microsecond", letters) for size in sizes]


_STEPS = (
    *(Step(n * _YEAR, "month", 4) for e in (1000, 100, 10, 1) for n in (5 * e, 2 * e, e)),
    *(Step(n * _MONTH, "month", 7) for n in (6, 3, 2, 1)),
    *(Step(n, "day", 10) for n in (14, 7, 2, 1)),
    *_parts(3_600_000_000, (12, 6, 3, 2, 1), 16),
    *_parts(60_000_000, (30, 15, 10, 5, 2, 1), 16),
    *_parts(1_000_000, (30, 15, 10, 5, 2, 1), 19),
    *_parts(1_000, (500, 200, 100, 50, 20, 10, 5, 2, 1), 23),
    *_parts(1, (500, 200, 100, 50, 20, 10, 5, 2, 1), 26),
)


def date_ticks(
    low: datetime, high: datetime, to_position: Callable[[datetime], float]
) -> tuple[Tick, ...]:
    """Return ticks from one time to another, at starts of calendar units.

    Both are without a time zone, and may come in either order. ``to_position`` gives a time's
    position on the axis; ticks beyond its ends are left out.
    """
    low, high = min(low, high), max(low, high)
    if low == high:
        position = locate(to_position, low)
        return () if position is None else (Tick(position, _lone_text(low)),)
    levels = []
    for step in _STEPS:
        if (_microseconds(high) - _microseconds(low)) // step.length > 2 * MAX_TICKS:
            break
        found = [(locate(to_position, moment), moment) for moment in _moments(low, high, step)]
        positions = [(position, moment) for position, moment in found if position is not None]
        if len(positions) > MAX_TICKS:
            break
        levels.append(_label_level(sorted(positions), step.letters))
    return join_levels(levels)


def _label_level(positions: list[tuple[float, datetime]], letters: int) -> list[Label]:
    """Label the ticks of a level: with the date only at the axis's start and at midnight.

    Days say their year at the axis's start, and where it changes.
    """
    marks = []
    year = None
    for i, (position, moment) in enumerate(positions):
        text = moment.isoformat(" ", "microseconds")[:letters]
        if letters > 10 and i:
            midnight = _microseconds(moment) % _DAY == 0
            text = text[5:] if midnight else text[11:]
        if letters == 10:
            text, year = text[5 if moment.year == year else 0 :], moment.year
        marks.append((position, text))
    return marks


def _lone_text(moment: datetime) -> str:
    """Return a time in no more letters than it needs."""
    if _microseconds(moment) % _DAY == 0:
        return moment.isoformat(" ")[:10]
    parts = ("microseconds", moment.microsecond % 1000), ("milliseconds", moment.microsecond)
    needed = next((name for name, rest in (*parts, ("seconds", moment.second)) if rest), "minutes")
    return moment.isoformat(" ", needed)


def _moments(low: datetime, high: datetime, step: Step) -> Iterator[datetime]:
    """Yield a step's times from low to high."""
    if step.unit == "microsecond":
        first = -(-_microseconds(low) // step.size)
        for i in range(first, _microseconds(high) // step.size + 1):
            yield datetime.min + timedelta(microseconds=i * step.size)
        return
    months = step.size if step.unit == "month" else 1
    for month in range(
        (low.year * 12 + low.month - 1) // months * months, 12 * (MAXYEAR + 1), months
    ):
        year, before = divmod(month, 12)
        if year < 1:
            continue
        for day in [1] if step.unit == "month" else _days(year, before + 1, step.size):
            moment = datetime(year, before + 1, day)
            if moment > high:
                return
            if moment >= low:
                yield moment


def _days(year: int, month: int, size: int) -> list[int]:
    """Return a month's days at a step from its first, none too near to the next month."""
    after = monthrange(year, month)[1] + 1
    return [day for day in range(1, after, size) if after - day > size // 2]


def _microseconds(moment: datetime) -> int:
    return (moment - datetime.min) // timedelta(microseconds=1)
