"""Ticks stand at round places, say where they stand, and never fail, whatever the ends are."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nbimage.page.ticks.dates import date_ticks
from nbimage.page.ticks.levels import Tick, find_fitting_level, name_ticks, split_prefix
from nbimage.page.ticks.numbers import format_tick, number_ticks, round_down_length, scale_ticks

Place = Callable[[float], float]
Ticks = tuple[Tick, ...]

finite = st.floats(allow_nan=False, allow_infinity=False)
everyday = st.integers(-(10**6), 10**6).map(lambda i: i / 1000)


def line(low: float, high: float) -> Place:
    if math.isfinite(high - low):
        return lambda value: (value - low) / (high - low)
    return lambda value: (value / 2 - low / 2) / (high / 2 - low / 2)


def bent(function: Place, low: float, high: float) -> Place:
    start, end = function(low), function(high)
    return lambda value: (function(value) - start) / (end - start)


def symlog(value: float) -> float:
    return math.copysign(1 + math.log10(abs(value)), value) if abs(value) > 1 else value


def cube_root(value: float) -> float:
    return math.copysign(abs(value) ** (1 / 3), value)


def by_level(ticks: Ticks) -> list[list[Tick]]:
    levels = sorted({level for tick in ticks for level in tick.levels})
    assert levels == list(range(len(levels)))
    return [[tick for tick in ticks if level in tick.levels] for level in levels]


def texts(ticks: Ticks) -> list[list[str]]:
    return [[tick.text for tick in level] for level in by_level(ticks)]


def exactly(text: str) -> Fraction:
    assert "-" not in text
    return Fraction(text.replace("−", "-"))


def said(tick: Tick) -> float:
    return float(tick.text.replace("−", "-"))


def is_round(step: Fraction) -> bool:
    """Whether it is 1, 2 or 5 times a power of ten."""
    while step >= 10:
        step /= 10
    while step < 1:
        step *= 10
    return step in (1, 2, 5)


def check_ticks(ticks: Ticks, place: Place | None = None) -> None:
    """Check what holds for all ticks: of numbers, if there is a place that numbers belong to."""
    assert all(0 <= tick.position <= 1 for tick in ticks)
    assert [t.position for t in ticks] == sorted(t.position for t in ticks)
    assert len({(t.position, t.text) for t in ticks}) == len(ticks)
    for level in by_level(ticks):
        assert len({tick.text for tick in level}) == len(level)
    for tick in ticks if place else ():
        assert "-" not in tick.text
        assert not (said(tick) == 0 and "−" in tick.text)
        assert tick.position == min(max(place(said(tick)), 0), 1)


# Numbers


@given(finite, finite)
def test_any_two_finite_numbers_have_ticks_that_say_where_they_stand(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assume(low < high)
    place = line(low, high)
    ticks = number_ticks(low, high, place)
    check_ticks(ticks, place)
    levels = by_level(ticks)
    assert all(len(coarse) < len(fine) for coarse, fine in pairwise(levels))
    assert len(levels[0]) >= 2
    assert len(levels[-1]) <= 40
    assert len(ticks) <= 64


@given(everyday, everyday)
def test_each_level_has_even_round_steps_from_end_to_end(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assume(low < high)
    levels = texts(number_ticks(low, high, line(low, high)))
    assert len(levels) >= 3
    assert len(levels[0]) <= 5
    for level in levels:
        numbers = [exactly(text) for text in level]
        steps = {right - left for left, right in pairwise(numbers)}
        assert len(steps) == 1
        step = steps.pop()
        assert is_round(step)
        assert all(number % step == 0 for number in numbers)
        assert Fraction(low) - step < numbers[0] - step * Fraction(1, 10**6) <= Fraction(low) + step
        assert Fraction(high) - step <= numbers[-1] + step * Fraction(1, 10**6)


@given(everyday, everyday)
def test_labels_of_a_level_have_equally_many_decimals(a: float, b: float) -> None:
    assume(a != b)
    for level in texts(number_ticks(a, b, line(min(a, b), max(a, b)))):
        decimals = {len(text.partition("e")[0].partition(".")[2]) for text in level if text != "0"}
        assert len(decimals) <= 1


@given(everyday, everyday)
def test_the_order_of_the_ends_does_not_matter(a: float, b: float) -> None:
    assume(a != b)
    place = line(min(a, b), max(a, b))
    assert number_ticks(a, b, place) == number_ticks(b, a, place)


@given(everyday, everyday)
def test_an_axis_that_runs_down_has_the_same_ticks_in_reverse(a: float, b: float) -> None:
    assume(a != b)
    up = line(min(a, b), max(a, b))
    place: Place = lambda value: 1 - up(value)  # noqa: E731
    ticks = number_ticks(a, b, place)
    check_ticks(ticks, place)
    forward = number_ticks(a, b, up)
    assert texts(ticks) == [level[::-1] for level in texts(forward)]


def test_labels_are_those_that_people_write() -> None:
    assert texts(number_ticks(0, 1, line(0, 1)))[:3] == [
        ["0", "1"],
        ["0.0", "0.5", "1.0"],
        ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"],
    ]
    assert texts(number_ticks(-2, 1, line(-2, 1)))[1] == ["−2", "−1", "0", "1"]
    assert texts(number_ticks(0, 1.5e6, line(0, 1.5e6)))[1] == ["0", "0.5e6", "1.0e6", "1.5e6"]
    assert texts(number_ticks(0, 2e-6, line(0, 2e-6)))[1] == ["0", "1e−6", "2e−6"]


@pytest.mark.parametrize(("low", "high"), [(0.1, 0.3), (0.1, 0.7), (-0.3, 0.3), (1.1, 2.2)])
def test_ends_that_are_round_only_in_decimal_get_their_ticks(low: float, high: float) -> None:
    for level in by_level(number_ticks(low, high, line(low, high)))[2:]:
        assert (said(level[0]), said(level[-1])) == (low, high)
        assert (level[0].position, level[-1].position) == (0, 1)


def test_one_number_has_different_labels_at_levels_that_need_them() -> None:
    ends = [tick for tick in number_ticks(0, 1, line(0, 1)) if tick.position == 1]
    assert {tick.text for tick in ends} == {"1", "1.0", "1.00"}
    shown = [level for tick in ends for level in tick.levels]
    assert len(shown) == len(set(shown))


def test_a_short_way_far_from_zero_has_distinct_labels_without_exponents() -> None:
    low, high = 1e9 + 0.001, 1e9 + 0.002
    ticks = number_ticks(low, high, line(low, high))
    check_ticks(ticks)
    assert texts(ticks)[1] == ["1000000000.0010", "1000000000.0015", "1000000000.0020"]


@given(finite)
def test_neighbouring_floats_are_told_apart(low: float) -> None:
    high = math.nextafter(low, math.inf)
    assume(math.isfinite(high))
    ticks = number_ticks(low, high, lambda value: 0 if value <= low else 1)
    assert len({tick.text for tick in ticks}) == 2
    assert {said(tick) for tick in ticks} == {low, high}


@given(finite, finite)
def test_whole_ticks_have_no_fractions(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assume(low < high)
    ticks = number_ticks(low, high, line(low, high), whole=True)
    check_ticks(ticks, line(low, high))
    assert all(exactly(tick.text).denominator == 1 for tick in ticks)
    if math.floor(high) >= math.ceil(low):
        assert ticks


@pytest.mark.parametrize("size", [1, 2, 3, 10, 512, 5000])
def test_pixel_numbers_stand_at_the_centres_of_their_pixels(size: int) -> None:
    ticks = number_ticks(-0.5, size - 0.5, lambda n: (n + 0.5) / size, whole=True)
    assert all(tick.position == (said(tick) + 0.5) / size for tick in ticks)
    finest = [said(tick) for tick in by_level(ticks)[-1]]
    assert finest[0] == 0
    if size <= 40:
        assert finest == list(range(size))


@given(finite)
def test_equal_ends_have_one_tick(value: float) -> None:
    (tick,) = number_ticks(value, value, lambda _: 0.25)
    assert (tick.position, tick.levels) == (0.25, (0,))
    assert said(tick) == pytest.approx(value, rel=1e-14, abs=0)


def test_ticks_off_the_axis_are_left_out() -> None:
    ticks = number_ticks(-10, 10, math.log10)  # raises below, above 1 it is off the axis
    assert {said(tick) for tick in ticks} == set(range(1, 11))
    assert number_ticks(0, 1, lambda _: math.nan) == ()
    assert number_ticks(0, 1, lambda value: value + 2) == ()


def test_a_place_just_off_the_axis_is_its_end() -> None:
    ticks = number_ticks(0, 1, lambda value: value * (1 + 1e-10) - 1e-11)
    assert (ticks[0].position, ticks[-1].position) == (0, 1)


@pytest.mark.parametrize("make", [number_ticks, scale_ticks])
@pytest.mark.parametrize("end", [math.nan, math.inf, -math.inf])
def test_ends_must_be_finite(make: Callable[..., Ticks], end: float) -> None:
    with pytest.raises(ValueError, match=f"low must be finite, but got {end}"):
        make(end, 1, lambda value: value)
    with pytest.raises(ValueError, match=f"high must be finite, but got {end}"):
        make(0, end, lambda value: value)


# Scales that are no line

SCALES = [
    (math.log, 1, 1000),
    (math.log, 1, 1e6),
    (math.log, 2, 7),
    (math.log, 0.03, 45000),
    (math.log, 1e-12, 1),
    (math.log, 1e-300, 1e300),
    (math.sqrt, 0, 255),
    (lambda value: value**2.2, 0, 1),
    (lambda value: value**5, 0, 9),
    (symlog, -1000, 1000),
    (symlog, -10, 1e5),
    (math.asinh, -100, 100),
    (lambda value: (value - 100) ** 3, 100, 110),
]


@pytest.mark.parametrize(("function", "low", "high"), SCALES)
@pytest.mark.parametrize("down", [False, True])
def test_scales_have_nested_levels_with_room_between_ticks(
    function: Place, low: float, high: float, down: bool
) -> None:
    up = bent(function, low, high)
    place: Place = (lambda value: 1 - up(value)) if down else up
    ticks = scale_ticks(low, high, place)
    check_ticks(ticks, place)
    levels = by_level(ticks)
    assert len(levels) >= 2
    assert len(levels[0]) <= 4
    assert len(levels[-1]) >= 8
    for coarse, fine in pairwise(levels):
        assert set(coarse) < set(fine)
    for n, level in zip((20, 10, 5, 2.5), reversed(levels), strict=False):
        positions = [tick.position for tick in level]
        assert all(right - left > 1 / n - 1e-8 for left, right in pairwise(positions))


@pytest.mark.parametrize("decades", range(2, 21))
def test_a_logarithm_shows_decades_before_anything_else(decades: int) -> None:
    low, high = 1.0, 10.0**decades
    levels = by_level(scale_ticks(low, high, bent(math.log, low, high)))
    powers = {10.0**i for i in range(decades + 1)}
    shown = [{said(tick) for tick in level} for level in levels]
    assert shown[0] <= powers
    for numbers in shown:
        assert numbers <= powers or powers <= numbers
    assert powers <= shown[-1]


def test_labels_of_a_logarithm_are_the_shortest() -> None:
    assert texts(scale_ticks(0.01, 1, bent(math.log, 0.01, 1)))[0] == ["0.01", "0.1", "1"]
    assert texts(scale_ticks(1, 10, bent(math.log, 1, 10)))[1] == ["1", "2", "5", "10"]
    assert "1e6" in texts(scale_ticks(1, 1e6, bent(math.log, 1, 1e6)))[-1]
    assert "1e−5" in texts(scale_ticks(1e-6, 1, bent(math.log, 1e-6, 1)))[-1]


def test_a_logarithm_within_one_decade_has_several_ticks() -> None:
    levels = texts(scale_ticks(2, 7, bent(math.log, 2, 7)))
    assert levels[0] == ["2", "5"]
    assert {"2", "3", "4", "5", "6", "7"} <= set(levels[-1])


def test_a_symmetric_logarithm_has_zero_and_decades_of_both_signs() -> None:
    ticks = scale_ticks(-1000, 1000, bent(symlog, -1000, 1000))
    levels = [[said(tick) for tick in level] for level in by_level(ticks)]
    for numbers in levels:
        assert 0 in numbers
        assert numbers == [-number for number in reversed(numbers)]
    assert levels[1] == [-1000, -100, -10, -1, 0, 1, 10, 100, 1000]


def test_a_root_has_round_numbers() -> None:
    levels = texts(scale_ticks(0, 100, bent(math.sqrt, 0, 100)))
    assert levels[:2] == [["0", "100"], ["0", "10", "50", "100"]]


@pytest.mark.parametrize(("low", "high"), [(0, 1), (100, 110), (-3, 5)])
def test_a_scale_that_is_nearly_a_line_has_the_ticks_of_one(low: float, high: float) -> None:
    place = bent(lambda value: math.log(value + 1000), low, high)
    assert scale_ticks(low, high, place) == number_ticks(low, high, place)
    assert len(by_level(scale_ticks(low, high, place))) > 2


@given(finite, finite, st.sampled_from([math.asinh, cube_root, math.atan, math.tanh, symlog]))
def test_any_finite_range_of_a_scale_has_ticks(a: float, b: float, function: Place) -> None:
    low, high = sorted((a, b))
    assume(function(low) < function(high))
    place = bent(function, low, high)
    ticks = scale_ticks(low, high, place)
    assert ticks
    assert all(0 <= tick.position <= 1 for tick in ticks)
    assert len(ticks) <= 64
    for tick in ticks:
        assert tick.position == min(max(place(said(tick)), 0), 1)


def test_a_scale_without_a_value_at_one_end_still_has_ticks() -> None:
    ticks = scale_ticks(0, 1e4, lambda value: math.log10(value) / 4)
    assert texts(ticks)[0] == ["1", "100", "10000"]


# Names


@given(st.lists(st.text(), max_size=60))
def test_names_stand_at_their_pixels_centres_and_the_finest_level_has_all(
    names: list[str],
) -> None:
    ticks = name_ticks(names)
    if not names:
        assert ticks == ()
        return
    finest = [tick for tick in ticks if max(t.levels[-1] for t in ticks) in tick.levels]
    assert [tick.position for tick in finest] == [(i + 0.5) / len(names) for i in range(len(names))]
    for name, tick in zip(names, finest, strict=True):
        assert tick.text == name if len(name) <= 40 else tick.text == name[:39] + "…"


@pytest.mark.parametrize("count", [41, 199, 200, 201, 399, 1000, 9999, 10_000, 1_000_000])
def test_many_names_are_thinned_evenly(count: int) -> None:
    ticks = name_ticks(range(count))  # type: ignore[arg-type]
    assert 40 <= len(ticks) <= 200
    levels = by_level(ticks)
    assert 2 <= len(levels[0]) <= 3
    for level in levels:
        indices = [int(tick.text) for tick in level]
        assert indices[0] == 0
        (step,) = {right - left for left, right in pairwise(indices)}
        assert is_round(Fraction(step))
        assert indices[-1] + step >= count
        assert [tick.position for tick in level] == [(i + 0.5) / count for i in indices]


# What fits


def test_longer_axes_never_show_less() -> None:
    ticks = number_ticks(0, 1, line(0, 1))
    for across in (True, False):
        found = [find_fitting_level(ticks, length, across) for length in range(10, 3000, 10)]
        assert found == sorted(found)
        assert (found[0], found[-1]) == (0, len(by_level(ticks)) - 1)


@given(st.integers(1, 2000), st.booleans(), everyday, everyday)
def test_labels_of_the_fitting_level_do_not_collide_and_no_finer_one_fits(
    length: int, across: bool, a: float, b: float
) -> None:
    assume(a != b)
    levels = by_level(ticks := number_ticks(a, b, line(min(a, b), max(a, b))))

    def collide(level: list[Tick]) -> bool:
        for left, right in pairwise(level):
            needed = (len(left.text) + len(right.text)) * 3.5 + 8 if across else 16
            if (right.position - left.position) * length < needed:
                return True
        return False

    fitting = find_fitting_level(ticks, length, across)
    assert fitting == 0 or not collide(levels[fitting])
    assert all(collide(level) for level in levels[fitting + 1 :])


def test_an_axis_without_ticks_is_shown_at_level_zero() -> None:
    assert find_fitting_level((), 100, True) == 0


# Numbers by themselves


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_a_round_length_is_the_largest_that_fits(most: float) -> None:
    length = round_down_length(most)
    assert length <= most
    digit, _, exponent = f"{length:.0e}".partition("e")
    assert float(f"{digit}e{exponent}") == length
    assert digit in ("1", "2", "5")
    longer = {"1": f"2e{exponent}", "2": f"5e{exponent}", "5": f"1e{int(exponent) + 1}"}[digit]
    assert float(longer) > most


def test_a_round_length_is_itself() -> None:
    lengths = [float(f"{digit}e{power}") for power in range(-322, 308) for digit in (1, 2, 5)]
    assert [round_down_length(length) for length in lengths] == lengths


@pytest.mark.parametrize("most", [0, -1, math.inf, math.nan])
def test_a_round_length_needs_something_positive(most: float) -> None:
    with pytest.raises(ValueError, match=f"most must be positive and finite, but got {most}"):
        round_down_length(most)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1, "1"),
        (-10, "−10"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.333333"),
        (100000, "100000"),
        (1e6, "1e6"),
        (999999.9, "1e6"),
        (-1.5e6, "−1.5e6"),
        (123456789, "1.23457e8"),
        (0.0001, "0.0001"),
        (0.00001, "1e−5"),
        (2.5e-7, "2.5e−7"),
        (5e-324, "4.94066e−324"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_numbers_are_written_shortly(value: float, text: str) -> None:
    assert format_tick(value) == text


@given(finite)
def test_a_numbers_text_says_it_to_six_digits(value: float) -> None:
    assert float(format_tick(value).replace("−", "-")) == float(f"{value:.5e}")


# Dates


def calendar_place(low: datetime, high: datetime) -> Callable[[datetime], float]:
    return lambda moment: (moment - low) / (high - low)


@given(st.datetimes(), st.datetimes())
def test_any_two_times_have_ticks(a: datetime, b: datetime) -> None:
    low, high = min(a, b), max(a, b)
    assume(low < high)
    place = calendar_place(low, high)
    ticks = date_ticks(low, high, place)
    assert ticks == date_ticks(high, low, place)
    check_ticks(ticks)
    levels = by_level(ticks)
    assert 2 <= len(levels[0]) <= 12
    assert all(len(level) <= 40 for level in levels)
    assert all(len(coarse) <= len(fine) for coarse, fine in pairwise(levels))


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9990, 1, 1)),
    st.floats(0, 15).map(lambda power: timedelta(microseconds=int(10**power))),
)
def test_labels_are_the_calendars_names_of_where_they_stand(low: datetime, span: timedelta) -> None:
    high = low + span
    for level in by_level(date_ticks(low, high, calendar_place(low, high))):
        shown, before = len(level[0].text), low
        for i, tick in enumerate(level):
            moment = low + tick.position * span
            full = moment.isoformat(" ", "microseconds")
            start = "0001-01-01 00:00:00.000000"
            assert full[shown:] == start[shown:]
            midnight = full[11:] == start[11:]
            cut = 0 if i == 0 or shown <= 10 else 5 if midnight else 11
            if shown == 10 and i and before.year == moment.year:
                cut = 5  # the year stands once
            before = moment
            assert tick.text == full[cut:shown]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("1990-01-01", "2026-05-05", ["1990", "2000", "2010", "2020"]),
        ("2026-01-01", "2026-12-31", ["2026-01", "2026-04", "2026-07", "2026-10"]),
        ("2026-02-27", "2026-03-02", ["2026-02-27", "02-28", "03-01", "03-02"]),
        ("2025-12-31", "2026-01-02", ["2025-12-31", "2026-01-01", "01-02"]),
        ("2026-03-13 22:00", "2026-03-14 02:00", ["2026-03-13 22:00", "03-14 00:00", "02:00"]),
        ("2026-03-14 14:30", "2026-03-14 14:31", ["2026-03-14 14:30:00", "14:30:30", "14:31:00"]),
        (
            "2026-03-14 14:30:05.250",
            "2026-03-14 14:30:05.260",
            ["2026-03-14 14:30:05.250", "14:30:05.255", "14:30:05.260"],
        ),
    ],
)
def test_dates_are_written_as_their_steps_need(low: str, high: str, expected: list[str]) -> None:
    first, last = datetime.fromisoformat(low), datetime.fromisoformat(high)
    assert expected in texts(date_ticks(first, last, calendar_place(first, last)))


def test_days_of_a_step_start_with_the_month_and_keep_apart() -> None:
    low, high = datetime(2024, 2, 10), datetime(2024, 4, 2)
    for level in by_level(date_ticks(low, high, calendar_place(low, high)))[1:]:
        days = [datetime.fromisoformat(f"2024-{tick.text[-5:]}") for tick in level]
        assert {datetime(2024, 3, 1), datetime(2024, 4, 1)} <= set(days)
        gaps = [(right - left).days for left, right in pairwise(days)]
        assert max(gaps) < 2 * min(gaps) or max(gaps) <= 3


def test_the_first_tick_of_an_axis_that_runs_down_says_the_date() -> None:
    low, high = datetime(2026, 3, 14, 14, 30), datetime(2026, 3, 14, 14, 40)
    ticks = date_ticks(low, high, lambda moment: (high - moment) / (high - low))
    for level in texts(ticks):
        assert level[0].startswith("2026-03-14 14:40")
        assert level[-1].startswith("14:30")


@pytest.mark.parametrize(
    "text",
    ["2026-03-14", "2026-03-14 14:30", "2026-03-14 14:30:05", "2026-03-14 14:30:05.250"],
)
def test_one_time_has_one_tick_in_its_shortest_form(text: str) -> None:
    moment = datetime.fromisoformat(text)
    assert date_ticks(moment, moment, lambda _: 0.5) == (Tick(0.5, text),)


def test_times_off_the_axis_are_left_out() -> None:
    low, high = datetime(2026, 1, 1), datetime(2027, 1, 1)
    whole = calendar_place(low, high)
    assert date_ticks(low, high, lambda _: math.nan) == ()
    first_half = date_ticks(low, high, lambda moment: whole(moment) + 0.5)
    assert len(by_level(first_half)) > 3
    assert max(tick.text for tick in first_half) < "2026-07-03"


@pytest.mark.parametrize(
    ("names", "prefix", "rest"),
    [
        (["station A", "station B"], "station", ["A", "B"]),
        (["sample_01", "sample_02", "sample_10"], "sample", ["01", "02", "10"]),
        (["layer 1/conv", "layer 1/pool"], "layer 1", ["conv", "pool"]),
        (["station", "station B"], "", ["station", "station B"]),  # one would lose its name
        (["stationA", "stationB"], "", ["stationA", "stationB"]),  # inside a word
        (["-1", "-2"], "", ["-1", "-2"]),
        (["2024-01-05", "2024-01-06"], "", ["2024-01-05", "2024-01-06"]),
        (["alone in here"], "", ["alone in here"]),
        (["same thing", "same thing"], "same", ["thing", "thing"]),
        ([], "", []),
    ],
)
def test_words_that_all_names_begin_with_are_split_off(
    names: list[str], prefix: str, rest: list[str]
) -> None:
    assert split_prefix(names) == (prefix, rest)
