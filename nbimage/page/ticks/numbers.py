"""Find the ticks of an axis at round numbers, linear or not.

Ticks come at several densities, the levels: level 0 is the sparsest. Round numbers are kept as
decimals, whole number times power of ten, so that neither positions nor texts are rounded twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from nbimage.page.ticks.levels import Label, Tick, join_levels

Decimal = tuple[int, int]
"""A whole number and the power of ten that it is multiplied by."""
Value = TypeVar("Value")

MAX_TICKS = 40
"""Most ticks at one level."""
_DEGREES = ((18, 1), (9, 1), (6, 1), (3, 1), (15, 0), (1, 1), (5, 0), (2, 0), (1, 0))
_GAPS = (1 / 2.5, 1 / 5, 1 / 10, 1 / 20)  # between neighbours, for each level of a scale
_STRAIGHT = 0.05  # a scale that strays less from a line than this is taken as one


def number_ticks(
    low: float,
    high: float,
    to_position: Callable[[float], float],
    *,
    whole: bool = False,
    span: float | None = None,
) -> tuple[Tick, ...]:
    """Return ticks at round numbers from low to high: steps of 1, 2 or 5 times a power of ten.

    ``to_position`` gives a number's position on the axis; ticks beyond its ends are left out. With
    ``whole`` there are no fractions. With ``span`` the levels are those of a longer axis, however
    few ticks they have on this one. Raises ValueError for infinite ends.
    """
    low, high = _ends(low, high)
    levels = _evenly(low, high, whole, span)
    scale = _common_exponent(levels)
    every = span is not None
    marks = [_marks(level, to_position, lambda n: _text(n, scale)) for level in levels]
    return join_levels(marks, every=every)


def degree_ticks(
    low: float,
    high: float,
    to_position: Callable[[float], float],
    letters: str,
    *,
    span: float | None = None,
) -> tuple[Tick, ...]:
    """Return ticks at round degrees: 180, 90, 60, 30 and so on, "30°N" for the letters "NS".

    ``span`` as in `number_ticks`.
    """
    low, high = _ends(low, high)
    most = high - low if span is None else span
    fine = _steps(min(most, 2.0))
    steps = [*_DEGREES, *(step for step in fine if _value(step) < 1)]
    levels = []
    for step in steps:
        multiples = _multiples(low, high, step)
        if len(multiples) > MAX_TICKS or most / _value(step) > MAX_TICKS:
            break
        levels.append(multiples)
    marks = [_marks(one, to_position, lambda n: _degree_text(n, letters)) for one in levels]
    return join_levels(marks, every=span is not None)


def _degree_text(number: Decimal, letters: str) -> str:
    value = _value(number)
    if letters == "EW" and abs(value) > 180:  # the other way round is shorter
        turns = round(value / 360)
        digits, exponent = number
        number = _stripped(
            (
                digits * 10 ** max(exponent, 0) - 360 * turns * 10 ** max(-exponent, 0),
                min(exponent, 0),
            )
        )
        value = _value(number)
    digits, exponent = number
    side = "" if not digits or abs(value) == 180 else letters[value < 0]
    return f"{_text((abs(digits), exponent))}°{side}"


def _evenly(low: float, high: float, whole: bool, span: float | None = None) -> list[list[Decimal]]:
    """Return the multiples of steps from low to high, in levels; one or both ends failing that."""
    if low == high and span is None:
        short = f"{low:.15g}"  # says 0.3 for 0.1 + 0.2
        lone = _decimal(short if math.isfinite(float(short)) else repr(low))
        return [] if whole and not low.is_integer() else [[lone]]
    steps = list(_steps(high - low if span is None else span))
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
    if span is None and not whole and max(map(len, levels), default=0) < 2:
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


def _steps(span: float) -> Iterator[Decimal]:
    """Yield steps from the first that may give two ticks to some that give hundreds."""
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
    steps = (_multiples(low, high, step) for step in _steps(high - low))
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
