"""The values that the explorer's histogram and its percentiles come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.page.js.node import Node

SAMPLE = """
([rows, columns, channels, values, chosen, positive]) => {
  const data = new Float64Array(rows * columns * channels).fill(values.fill ?? NaN);
  for (const [at, value] of values.some) data[at] = value;
  const [found, least] = sampleValues(
    { rows, columns, channels, level: () => ({ data }) }, chosen, positive,
  );
  return [found.length, Array.from(found.slice().sort().slice(0, 2000)), least];
}
"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the module's functions."""
    started = Node("view/values/histogram")
    yield started
    started.close()


def sampled(node: Node, *asked: Any) -> tuple[int, list[float], float]:
    count, values, least = node.evaluate(SAMPLE, list(asked))
    return count, values, least


def line(channels: int = 1, channel: int = 0) -> list[list[float]]:
    return [[(777_123 + i) * channels + channel, i + 1] for i in range(300)]


@pytest.mark.parametrize(("fill", "positive"), [(None, False), (None, True), (0, True)])
def test_few_values_that_count_are_all_found(fill: Any, positive: bool, node: Node) -> None:
    values = {"fill": fill, "some": line()}
    assert sampled(node, 1000, 2000, 1, values, [0], positive) == (300, list(range(1, 301)), 1)


def test_few_values_of_a_channel_are_all_found(node: Node) -> None:
    values = {"fill": None, "some": line(3, 1)}
    assert sampled(node, 1000, 1000, 3, values, [1], False)[:2] == (300, list(range(1, 301)))
    assert sampled(node, 1000, 1000, 3, values, [0, 1, 2], False)[0] == 300
    assert sampled(node, 1000, 1000, 3, values, [0], False)[0] == 0


def test_many_values_are_sampled_all_over(node: Node) -> None:
    values = {"fill": 5, "some": []}
    count, found, least = sampled(node, 2000, 2000, 1, values, [0], True)
    assert (count, set(found), least) == (1 << 20, {5}, 5)


def test_values_of_a_part_are_thinned_evenly(node: Node) -> None:
    some = [[i, np.floor(i / 1000)] for i in range(60_000)]
    count, found, _ = sampled(node, 1000, 1000, 1, {"fill": None, "some": some}, [0], False)
    assert count == 60_000
    assert found[:2000] == [0] * 1000 + [1] * 1000
