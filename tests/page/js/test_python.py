"""The view as Python: from Python to the page and back, states are the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage import View
from nbimage.base.text import clean_json
from tests.page.js.node import Node

RANDOM = np.random.default_rng(8)
GRAY = RANDOM.normal(size=(5, 4, 30, 40)).astype(np.float32)
LONG = (RANDOM.integers(0, 900, (30, 40)) + 2**60).astype(np.int64)
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "stack": (GRAY, {"axes": "tzyx"}),
    "positive": (np.abs(GRAY[0, 0]) + 1, {}),
    "color": (RANDOM.integers(0, 256, (30, 40, 3), np.uint8), {}),
    "channels": (RANDOM.integers(0, 900, (3, 30, 40), np.uint16), {"axes": "cyx"}),
    "long integers": (LONG, {}),
    "levels": (GRAY[0, 0], {"levels": [-2, -1, 0.5, 2]}),
    "compared": ({"one": GRAY[0, 0], "other": GRAY[1, 0]}, {"shared": False}),
    "tiles": (GRAY, {"axes": "tzyx", "embed": False}),
    "layers": (
        GRAY[0, 0],
        {
            "labels": {"cells": LONG % 9, "far": LONG},
            "names": {"cells": {"label": [1, 2], "label name": ["a", "b"], "area": [1.5, 2.5]}},
            "overlay": {"points": [(3, 4), (5, 6)], "names": ["one", "two"]},
        },
    ),
}
TEXT = """({ config, fitted, compare }) => asPython({
  config, compare, state: config.state, focus: { fitted },
  panes: [{ camera: { visible: () => config.state.viewport } }],
})"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    node = Node("view/viewer/python")
    yield node
    node.close()


def make_state(kind: str, view: View, chance: random.Random) -> dict[str, Any]:
    """What a user may have done to a view."""
    rows, columns = sorted(chance.sample(range(30), 2)), sorted(chance.sample(range(40), 2))
    state: dict[str, Any] = {"panels": chance.sample(["contrast", "layers", "measure"], 2)}
    if chance.random() < 0.7:
        state["viewport"] = chance.choice(
            [(rows, columns), ([rows[0] - 7.25, rows[1]], [columns[0] + 0.5, columns[1] + 3.0])]
        )
    if chance.random() < 0.5:
        state["cursor"] = rows[0], columns[0]
    index = view.state["index"]
    if index:
        state["index"] = {"t": chance.randrange(5), "z": chance.randrange(4)}
    if index and chance.random() < 0.5:
        state["projections"] = {"z": ("max", 1, 3)}
    points = [(rows[0], columns[0]), (rows[1], columns[1] - 0.25)]
    state["shapes"] = [{"kind": "line", "points": points, "label": 'a "name"', "id": "s1"}]
    state["selected"] = chance.choice(["", "s1"])
    state["invert"] = chance.random() < 0.3
    displays = [dict(one) for one in view.state["displays"]]
    for display in displays:
        for pair in display["limits"]:
            pair[1] += chance.randrange(1, 9)
        if kind == "positive":
            display["norm"] = chance.choice(["log", "asinh", ["symlog", 0.5], 0.25])
        if kind in ("stack", "tiles"):
            display["cmap"] = chance.choice(["magma", "gray"])
        if display["on"]:
            display["on"] = [chance.random() < 0.5 for _ in display["on"]]
    state["displays"] = displays
    if kind == "compared":
        state["mode"] = chance.choice(["swipe", "difference", "blink"])
        state["swipe"], state["rate"], state["pair"] = chance.random(), 3.5, [1, 0]
    if kind == "layers":
        state["layers"] = [
            {
                "visible": chance.random() < 0.5,
                "opacity": chance.random(),
                "fill": chance.random() < 0.5,
                "picked": chance.choice([None, picked]),
                "by": chance.choice([None, by]),
            }
            for picked, by in [(2, "area"), (2**60 + 7, None), (None, None)]
        ]
        state["image"] = {"visible": chance.random() < 0.5, "opacity": chance.random()}
    state["axes"], state["tip"] = chance.random() < 0.5, chance.random() < 0.5
    return state


@pytest.mark.parametrize("kind", KINDS)
def test_a_view_that_is_copied_shows_the_same(kind: str, node: Node) -> None:
    data, options = KINDS[kind]
    view, chance = View(data, **options), random.Random(kind)
    for _ in range(8):
        first = View(data, **options, state=make_state(kind, view, chance))
        config = clean_json(first.model.config)
        images = [{**image, "planes": []} for image in config["images"]]
        fitted, compare = config["state"]["viewport"] is None, len(images) > 1
        told = {"config": config | {"images": images}, "fitted": fitted, "compare": compare}
        copied = eval(f"dict({node.evaluate(TEXT, told)})")["state"]
        assert View(data, **options, state=copied).state == first.state
        assert View(data, **options, state=first.state).state == first.state
