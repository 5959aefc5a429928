"""Ticks along what is seen in the explorer: at the numbers and with the words of figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from nbimage.page.figure_model import Axis
from nbimage.page.ticks.dates import date_ticks
from nbimage.page.ticks.density import find_axis_level
from nbimage.page.ticks.levels import Tick
from nbimage.page.ticks.numbers import degree_ticks, number_ticks
from tests.page.js.node import Node

RANDOM = np.random.default_rng(3)
LENGTHS = 260, 700
NUMBERS = """([low, high, scale, across, options]) =>
  numberTicks(low, high, scale, across, options).map(({ value, text }) => [value, text])"""
DATES = """([low, high, scale, across]) =>
  dateTicks(low, high, scale, across).map(({ value, text }) => [value, text])"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node("view/figure/scale_bar", "view/figure/ticks", "view/figure/graticule")
    yield started
    started.close()


def shown(ticks: tuple[Tick, ...], length: float, across: bool) -> list[tuple[float, str]]:
    """Return positions and texts of what a figure shows."""
    level = find_axis_level(Axis(ticks, ""), length, across=across)
    return [(tick.position, tick.text) for tick in ticks if level in tick.levels]


RANGES = [
    (0.0, 1.0),
    (-1.0, 1.0),
    (0.2, 97.0),
    (1e-7, 3e-7),
    (0.0, 4e7),
    (1e6, 1.00001e6),
    (-0.003, 0.0007),
    *((float(a), float(a + b)) for a, b in RANDOM.uniform(0.1, 900, (12, 2))),
]


@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("ends", RANGES)
def test_numbers_are_those_of_a_figure(node: Node, ends: tuple[float, float], across: bool) -> None:
    low, high = ends
    for length in LENGTHS:
        expected = shown(
            number_ticks(low, high, lambda x: (x - low) / (high - low)), length, across
        )
        scale = length / (high - low)
        found = node.evaluate(NUMBERS, [low, high, scale, across, {}])
        assert [text for _, text in found] == [text for _, text in expected]
        places = [(value - low) / (high - low) for value, _ in found]
        assert places == pytest.approx([place for place, _ in expected], abs=1e-9)


@pytest.mark.parametrize(
    ("ends", "letters"),
    [((-90, 90), "NS"), ((-180, 180), "EW"), ((0, 357.5), "EW"), ((10.2, 11.9), "NS")],
)
def test_degrees_are_those_of_a_figure(node: Node, ends: tuple[float, float], letters: str) -> None:
    low, high = ends
    for length in LENGTHS:
        ticks = degree_ticks(low, high, lambda x: (x - low) / (high - low), letters)
        options = {"letters": letters}
        found = node.evaluate(NUMBERS, [low, high, length / (high - low), True, options])
        assert [text for _, text in found] == [text for _, text in shown(ticks, length, True)]


@pytest.mark.parametrize(
    "span",
    [
        timedelta(days=9000),
        timedelta(days=400),
        timedelta(days=30),
        timedelta(hours=30),
        timedelta(minutes=7),
        timedelta(seconds=3),
    ],
)
def test_dates_are_those_of_a_figure(node: Node, span: timedelta) -> None:
    low = datetime(2011, 3, 17, 5, 40)
    high = low + span
    ticks = date_ticks(low, high, lambda date: (date - low) / span)
    ends = [one.replace(tzinfo=timezone.utc).timestamp() * 1000 for one in (low, high)]
    for length in LENGTHS:
        found = node.evaluate(DATES, [*ends, length / (ends[1] - ends[0]), True])
        assert [text for _, text in found] == [text for _, text in shown(ticks, length, True)]


@pytest.mark.parametrize(
    ("most", "unit", "text"),
    [
        (37, "µm", "20 µm"),
        (1300, "nm", "1 µm"),
        (0.7, "mm", "500 µm"),
        (999, "m", "500 m"),
        (2100, "m", "2 km"),
        (0.3, "nm", "200 pm"),
        (7, "px", "5 px"),
        (50, "Å", "50 Å"),
    ],
)
def test_the_scale_bar_is_round_in_a_unit_that_fits(
    node: Node, most: float, unit: str, text: str
) -> None:
    found = node.evaluate("([most, unit]) => roundLength(most, unit)", [most, unit])
    assert found["text"] == text
    assert 0.39 * most < found["length"] <= most


def test_lines_of_the_sky_say_no_more_than_they_are(node: Node) -> None:
    sky = {"kind": "sky", "hours": True, "signed": False}
    say = "([part, value, size, k]) => lineText(part, value, size, k)"
    assert node.evaluate(say, [sky, 15.0, 15.0, 0]) == "01h"
    assert node.evaluate(say, [sky, 83.75, 0.25, 0]) == "05h35m"
    assert node.evaluate(say, [sky, -0.5, 0.5, 1]) == "\u221200°30\u2032"
    earth = {"kind": "earth", "hours": False, "signed": True}
    assert node.evaluate(say, [earth, 350.0, 5.0, 0]) == "10°W"
    assert node.evaluate(say, [earth, 48.25, 0.05, 1]) == "48.25°N"
