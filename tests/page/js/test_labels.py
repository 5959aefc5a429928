"""Labels in the explorer's scripts: some where they are reduced, each in its color of Python's."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage import Picture, View
from tests.page.js.node import Node

RANDOM = np.random.default_rng(5)
MODULES = tuple(f"view/values/{name}" for name in ("samples", "color"))
SHAPE = 37, 53
CHOICES: dict[str, list[int]] = {
    "uint8": [0, 1, 9, 255],
    "int16": [0, -1, -300, 32767],
    "uint32": [0, 7, 2**32 - 1],
    "int64": [0, -1, 5, -(2**62) - 3, 2**62 + 1],
    "uint64": [0, 720575940621039145, 720575940621039146, 2**64 - 1],
    "bool": [0, 1],
}
PAINT = """async ({ stored, image, display, palette, level }) => {
  const plane = await Plane.decode(stored, image, image.base);
  const { rows, columns, data } = plane.level(level);
  const patch = { left: 0, top: 0, width: columns, height: rows };
  const { data: bytes } =
    paintPatch(plane, level, patch, image, display, decodePalette(palette));
  return [rows, columns, encode(bytes), encode(Float64Array.from(data, Number))];
}"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*MODULES)
    yield started
    started.close()


def painted(node: Node, view: View, level: int) -> tuple[Any, Any]:
    """Return a level of a view's first plane in its colors, and its values."""
    config = json.loads(json.dumps(view.model.config))
    (image,), (display,) = config["images"], config["state"]["displays"]
    rows, columns, colors, values = node.evaluate(
        PAINT,
        {
            "stored": image["planes"][0],
            "image": image,
            "display": display,
            "palette": config["palettes"][display["cmap"]],
            "level": level,
        },
    )
    rgba = np.frombuffer(base64.b64decode(colors), np.uint8).reshape(rows, columns, 4)
    return rgba, np.frombuffer(base64.b64decode(values)).reshape(rows, columns)


@pytest.mark.parametrize("dtype", CHOICES)
@pytest.mark.parametrize("level", [0, 1, 3, 6])
def test_every_level_of_labels_is_some_of_them_in_their_colors(
    node: Node, dtype: str, level: int
) -> None:
    labels = RANDOM.choice(np.array(CHOICES[dtype], dtype), SHAPE)
    step = 1 << level
    rgba, values = painted(node, View(labels, labels=True), level)
    expected = Picture(labels, labels=True).render()
    assert np.array_equal(rgba, expected[::step, ::step])
    if np.dtype(dtype).itemsize < 8:
        assert np.array_equal(values, labels[::step, ::step])


def test_missing_labels_are_clear_in_every_level(node: Node) -> None:
    labels = np.ma.masked_equal(RANDOM.integers(0, 5, SHAPE), 3)
    expected = Picture(labels, labels=True).render()
    for level in range(3):
        rgba, _ = painted(node, View(labels, labels=True), level)
        assert np.array_equal(rgba, expected[:: 1 << level, :: 1 << level])


def test_labels_in_other_colors_are_no_means_either(node: Node) -> None:
    labels = RANDOM.choice(np.array([1, 9], np.uint8), SHAPE)
    state = {"displays": [{"cmap": "viridis"}]}
    rgba, values = painted(node, View(labels, labels=True, state=state), 1)
    assert np.array_equal(values, labels[::2, ::2])
    assert np.array_equal(rgba[:, :, :3], Picture(labels, cmap="viridis").render()[::2, ::2, :3])


def test_labels_take_the_colors_that_are_given(node: Node) -> None:
    labels = RANDOM.integers(0, 9, SHAPE)
    rgba, _ = painted(node, View(labels, labels=True, cmap=["red", "lime", "blue"]), 0)
    expected = Picture(labels, labels=True, cmap=["red", "lime", "blue"]).render()
    assert np.array_equal(rgba, expected)
