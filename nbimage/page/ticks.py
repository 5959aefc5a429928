"""Find the ticks of an axis: at round numbers, linear or not, and at names.

Ticks come at several densities, the levels: level 0 is the sparsest. Round numbers are kept as
decimals, whole number times power of ten, so that neither positions nor texts are rounded twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

Decimal = tuple[int, int]
"""A whole number and the power of ten that it is multiplied by."""
Label = tuple[float, str]
"""Position and text of a tick whose levels are not known yet."""
Value = TypeVar("Value")

MAX_TICKS = 40
"""Most ticks at one level."""
_MOST_NAMES = 200
_LONGEST_NAME = 40
_GAPS = (1 / 2.5, 1 / 5, 1 / 10, 1 / 20)  # between neighbours, for each level of a scale
_STRAIGHT = 0.05  # a scale that strays less from a line than this is taken as one
_LETTER, _SPACE, _LINE = 7, 8, 16  # CSS pixels: a letter's width, between labels, a line's height


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick of an axis."""

    position: float
    """0 to 1 along the axis, from its start: the left end, or the top."""
    text: str
    levels: tuple[int, ...] = (0,)
    """At which densities it is shown: 0 is the sparsest, higher ones are for longer axes."""


def number_ticks(
    low: float, high: float, to_position: Callable[[float], float], *, whole: bool = False
) -> tuple[Tick, ...]:
    """Return ticks at round numbers from low to high: steps of 1, 2 or 5 times a power of ten.

    ``to_position`` gives a number's position on the axis; ticks beyond its ends are left out. With
    ``whole`` there are no fractions. Raises ValueError for infinite ends.
    """
    low, high = _ends(low, high)
    levels = _evenly(low, high, whole)
    scale = _common_exponent(levels)
    return join_levels([_marks(level, to_position, lambda n: _text(n, scale)) for level in levels])


def _evenly(low: float, high: float, whole: bool) -> list[list[Decimal]]:
    """Return the multiples of steps from low to high, in levels; one or both ends failing that."""
    if low == high:
        short = f"{low:.15g}"  # says 0.3 for 0.1 + 0.2
        lone = _decimal(short if math.isfinite(float(short)) else repr(low))
        return [] if whole and not low.is_integer() else [[lone]]
    steps = list(_steps(low, high))
    if whole:
        steps = [step for step in steps if step[1] >= 0] or [(1, 0)]
    levels = []
    for step in steps:
        multiples = _multiples(low, high, step)
        if len(multiples) > MAX_TICKS:
            break
        if len({_value(number) for number in multiples}) < len(multiples):
            break  # finer than floats are, so far from zero
        levels.append(multiples)
    if not whole and max(map(len, levels), default=0) < 2:
        return [[_decimal(repr(low)), _decimal(repr(high))]]
    return levels


def scale_ticks(low: float, high: float, to_position: Callable[[float], float]) -> tuple[Tick, ...]:
    """Return ticks at round numbers on a scale that is no line, such as a logarithm or a root.

    The rounder a number, the earlier it gets its tick, and each level keeps those of the level
    before. A scale that is very nearly a line, as all are over a short way, has the even steps
    of `number_ticks`. Raises ValueError for infinite ends.
    """
    low, high = _ends(low, high)
    if _is_line(low, high, to_position):
        return number_ticks(low, high, to_position)
    numbers = _by_roundness(low, high, to_position)
    wide = any(n[0] and not -5 < _exponent(n) < 6 for tier in numbers for n in tier)
    text = _short_text if wide else format_shortest  # not 100000 beside 1e6
    tiers = [_marks(tier, to_position, text) for tier in numbers]
    levels: list[list[Label]] = [[]]
    for gap in _GAPS:
        levels.append(_fill(levels[-1], tiers, gap))
    return join_levels(levels) if len(levels[-1]) > 1 else number_ticks(low, high, to_position)


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


def find_fitting_level(ticks: Sequence[Tick], length: float, across: bool) -> int:
    """Return the finest level whose labels don't collide on an axis ``length`` CSS pixels long.

    Labels stand side by side (``across``) or one above the other. Widths are estimates.
    """
    for level in range(max((max(t.levels) for t in ticks), default=0), 0, -1):
        shown = sorted((t.position, len(t.text)) for t in ticks if level in t.levels)
        if all(
            (right[0] - left[0]) * length
            >= ((left[1] + right[1]) * _LETTER / 2 + _SPACE if across else _LINE)
            for left, right in itertools.pairwise(shown)
        ):
            return level
    return 0


def round_down_length(most: float) -> float:
    """Return the largest 1, 2 or 5 times a power of ten that is not above ``most``."""
    if not 0 < most < math.inf:
        raise ValueError(f"most must be positive and finite, but got {most}")
    exponent = math.floor(math.log10(most)) + 1  # a logarithm may be off by one
    candidates = (_value((m, exponent - down)) for down in range(3) for m in (5, 2, 1))
    return next(length for length in candidates if length <= most)


def format_tick(value: float) -> str:
    """Return a number's shortest text, with six significant digits at most."""
    value = float(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    return format_shortest(_decimal(f"{value:.6g}"))


def find_sparse_level(ticks: Sequence[Tick], height: float) -> int:
    """Return the finest level whose labels, one above the other, have half a line between them."""
    return find_fitting_level(ticks, height * 2 / 3, False)


def _short_text(number: Decimal) -> str:
    """Return a decimal's text with an exponent unless it is about one."""
    number = _stripped(number)
    exponent = _exponent(number)
    return (
        format_shortest(number) if -2 < exponent < 2 or not number[0] else _text(number, exponent)
    )


def format_shortest(number: Decimal) -> str:
    """Return a decimal's shortest text: with an exponent from 1e6 on, and below 1e−4."""
    number = _stripped(number)
    first = _exponent(number)
    return _text(number, 0 if -4 <= first < 6 else first)


def locate(to_position: Callable[[Value], float], value: Value) -> float | None:
    """Return the position of a value on the axis; None if it is beyond its ends."""
    try:
        position = float(to_position(value))
    except (ValueError, ArithmeticError):  # what Python's logarithm raises where it has no value
        return None
    if not -1e-9 <= position <= 1 + 1e-9:
        return None
    return min(max(position, 0.0), 1.0) or 0.0  # never -0.0


def join_levels(levels: Sequence[list[Label]]) -> tuple[Tick, ...]:
    """Return the ticks of all levels together, without levels of no use.

    These are such with fewer than two ticks, if others have more, and such that show the same
    positions as the one before.
    """
    enough = min(2, max(map(len, levels), default=0))
    found: dict[Label, list[int]] = {}
    before, count = None, 0
    for marks in levels:
        positions = {position for position, _ in marks}
        if len(marks) < enough or positions == before:
            continue
        for mark in marks:
            found.setdefault(mark, []).append(count)
        before, count = positions, count + 1
    return tuple(Tick(*mark, tuple(shown)) for mark, shown in sorted(found.items()))


def _ends(low: float, high: float) -> tuple[float, float]:
    for name, end in (("low", low), ("high", high)):
        if not math.isfinite(end):
            raise ValueError(f"{name} must be finite, but got {end}: leave out NaN and infinity")
    return float(min(low, high)), float(max(low, high))


def _marks(
    numbers: Sequence[Decimal],
    to_position: Callable[[float], float],
    text: Callable[[Decimal], str],
) -> list[Label]:
    found = ((locate(to_position, _value(number)), number) for number in numbers)
    return [(position, text(number)) for position, number in found if position is not None]


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


# Decimals


def _decimal(text: str) -> Decimal:
    """Return what Python's text of a float says."""
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    return _stripped((int(whole + fraction), int(exponent or 0) - len(fraction)))


def _stripped(number: Decimal) -> Decimal:
    digits, exponent = number
    while digits and digits % 10 == 0:
        digits, exponent = digits // 10, exponent + 1
    return digits, exponent if digits else 0


def _value(number: Decimal) -> float:
    return float(f"{number[0]}e{number[1]}")  # correctly rounded, which a product is not


def _exponent(number: Decimal) -> int:
    """Return the power of ten of the first digit."""
    return len(str(abs(number[0]))) - 1 + number[1] if number[0] else 0


def _text(number: Decimal, scale: int = 0) -> str:
    """Return a decimal with all its digits, as so many times ten to the ``scale``."""
    digits, exponent = number
    if scale:
        return f"{_text((digits, exponent - scale))}e{scale}".replace("-", "−") if digits else "0"
    if exponent >= 0:
        text = str(abs(digits) * 10**exponent)
    else:
        padded = str(abs(digits)).zfill(1 - exponent)
        text = f"{padded[:exponent]}.{padded[exponent:]}"
    return f"−{text}" if digits < 0 else text


def _common_exponent(levels: Sequence[list[Decimal]]) -> int:
    """Return the power of ten that all texts of an axis are given in: 0 for none."""
    largest = max(
        (n for level in levels for n in level), key=lambda n: abs(_value(n)), default=None
    )
    if largest is None or not largest[0]:
        return 0
    scale = _exponent(largest)
    if scale < 6:
        return scale if scale < -4 else 0
    # a short way far from zero, where most digits are alike, is easier to read without
    longest = max(levels[-1], key=lambda n: len(_text(n)))
    return scale if len(_text(longest, scale)) <= len(_text(longest)) else 0


# Steps


def _steps(low: float, high: float) -> Iterator[Decimal]:
    """Yield steps from the first that may give two ticks to some that give hundreds."""
    span = high - low
    first = _exponent(_decimal(repr(span))) + 1 if span < math.inf else 309
    for exponent in range(first, first - 4, -1):
        for digit in (5, 2, 1):
            yield digit, exponent


def _multiples(low: float, high: float, step: Decimal) -> list[Decimal]:
    """Return a step's multiples from low to high."""
    slack = high / 1e9 - low / 1e9
    digit, exponent = step
    candidates = range(_floor_divided(low, step), _floor_divided(high, step) + 2)
    numbers = [(i * digit, exponent) for i in candidates]
    return [
        n for n in numbers if low - slack <= _value(n) <= high + slack and abs(_value(n)) < math.inf
    ]


def _floor_divided(value: float, step: Decimal) -> int:
    """Return a floor division's exact result: as floats both may be out of range."""
    above, below = value.as_integer_ratio()
    digit, exponent = step
    ten: int = 10 ** abs(exponent)
    return above // (below * digit * ten) if exponent > 0 else above * ten // (below * digit)


# Scales that are no line

_DIGITS = ((5,), (2,), (3, 4, 6, 7, 8, 9))
_FEW = 20  # multiples of a step of the whole range, before they are no longer round beside others


def _is_line(low: float, high: float, to_position: Callable[[float], float]) -> bool:
    start, end = locate(to_position, low), locate(to_position, high)
    if start is None or end is None:
        return False
    for t in (i / 8 for i in range(1, 8)):
        position = locate(to_position, low * (1 - t) + high * t)
        if position is None or abs(position - start - (end - start) * t) > _STRAIGHT:
            return False
    return True


def _by_roundness(
    low: float, high: float, to_position: Callable[[float], float]
) -> list[list[Decimal]]:
    """Return round numbers from low to high in tiers, the roundest first.

    These are zero; powers of ten, those of exponents divisible by 2, 4, 8... before the rest, so
    that of many decades every 2nd, 4th, 8th is left; fives; twos; other multiples of powers of
    ten; 15, 25...; multiples of steps of the whole range.
    """
    up = _decades(max(low, 0.0), high, 1, to_position)
    down = _decades(max(-high, 0.0), -low, -1, to_position)
    decades = [*up, *down]
    tiers = [[(0, 0)]]
    tiers += [[d for d in decades if d[1] % 2**power == 0] for power in range(8, -1, -1)]
    if len(decades) <= 12:  # more of them leave no room between
        tiers += [[(m * sign, e) for sign, e in decades for m in ms] for ms in _DIGITS]
        tiers.append([(m * sign, e - 1) for sign, e in decades for m in range(15, 100, 10)])
    steps = (_multiples(low, high, step) for step in _steps(low, high))
    tiers += itertools.takewhile(lambda multiples: len(multiples) <= _FEW, steps)
    return _without_repeats(tiers, low, high)


def _decades(
    near: float, far: float, sign: int, to_position: Callable[[float], float]
) -> list[Decimal]:
    """Return the powers of ten between two distances from zero, the largest first.

    It ends where they come to lie upon each other: on a symmetric logarithm they do at zero.
    """
    found: list[Decimal] = []
    if far <= 0:
        return found
    origin = locate(to_position, sign * near)
    last = _exponent(_decimal(repr(near))) if near else -324
    reached = False
    for exponent in range(_exponent(_decimal(repr(far))), last - 1, -1):
        found.append((sign, exponent))
        position = locate(to_position, _value(found[-1]))
        if position is None:
            if reached:
                break
            continue
        reached = True
        if origin is not None and abs(position - origin) < _GAPS[-1] / 2:
            break
    return found


def _without_repeats(
    tiers: Sequence[Sequence[Decimal]], low: float, high: float
) -> list[list[Decimal]]:
    """Return tiers of numbers from low to high, the nearest to zero first, each number once."""
    slack = high / 1e9 - low / 1e9
    known: set[float] = set()
    kept: list[list[Decimal]] = []
    for tier in tiers:
        kept.append([])
        for number in sorted(tier, key=lambda n: abs(_value(n))):
            value = _value(number)
            if low - slack <= value <= high + slack and value not in known:
                known.add(value)
                kept[-1].append(number)
    return kept


def _fill(before: list[Label], tiers: Sequence[list[Label]], gap: float) -> list[Label]:
    """Return the ticks of a level: those of the level before, and what has room between them.

    A number keeps its distance also from rounder ones that will come at a finer level. Else
    1, 3, 10 would come before 1, 2, 5, 10, and the levels after it could not undo that.
    """
    marks = list(before)
    positions = [position for position, _ in before]
    awaited: list[float] = []
    for tier in tiers:
        later = []
        for mark in tier:
            if _has_room(mark[0], positions, gap) and _has_room(mark[0], awaited, gap):
                marks.append(mark)
                positions.append(mark[0])
            elif _has_room(mark[0], positions, _GAPS[-1]):
                later.append(mark[0])
        awaited += later
    return marks


def _has_room(position: float, others: Sequence[float], gap: float) -> bool:
    return all(abs(position - other) > gap - 1e-9 for other in others)
