"""SSIM and FLIP of the page are those of Python, and so scikit-image's and the reference's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage import View
from tests.page.js.node import Node

RANDOM = np.random.default_rng(12)
SHAPE = 30, 47
MODULES = ("view/values/samples", "view/compare/difference")
HELPERS = """
(globalThis.compared = async ([a, b, kind, on]) => {
  const placed = ({ data, dtype, base, ...image }) => {
    const Type = { uint8: Uint8Array, uint16: Uint16Array, float64: Float64Array }[dtype];
    const own = Type.from(data, value => value ?? NaN);
    const plane = Plane.of(image, dtype, own);
    return { plane, image: { ...image, base }, position: image.position };
  };
  const found = /ssim|flip/.test(kind)
    ? await perceiveImages(placed(a), placed(b), kind, on, undefined, () => true)
    : subtractImages(placed(a), placed(b), kind, on).next().value;
  return { ...found, plane: null, data: [...found.plane.own] };
}, null)
"""
BYTES, OTHERS = RANDOM.integers(0, 256, (2, *SHAPE), np.uint8)
FLOATS, MORE_FLOATS = RANDOM.normal(size=(2, *SHAPE))
SHARES, MORE_SHARES = RANDOM.random((2, *SHAPE))
HOLES = np.where(RANDOM.random(SHAPE) < 0.01, np.nan, FLOATS)
ZEROS = np.where(RANDOM.random(SHAPE) < 0.1, 0, MORE_FLOATS)
PAIRS: dict[str, tuple[Any, Any]] = {
    "gray": (BYTES, OTHERS),
    "colors": tuple(RANDOM.integers(0, 256, (2, *SHAPE, 3), np.uint8)),
    "gray and colors": (BYTES, RANDOM.integers(0, 256, (*SHAPE, 3), np.uint8)),
    "uint16": tuple(RANDOM.integers(0, 65536, (2, *SHAPE), np.uint16)),
    "floats": (FLOATS, ZEROS),
    "shares": (SHARES, MORE_SHARES),
    "missing": (HOLES, MORE_FLOATS),
    "smaller": (BYTES, OTHERS[:15, :20]),
    "tiny": (BYTES[:3, :4], OTHERS[:3, :4]),
}


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*MODULES)
    started.evaluate(HELPERS)
    yield started
    started.close()


def described(view: View, image: int, array: np.ndarray) -> dict[str, Any]:
    """An image as `compared` takes it."""
    data = [None if value != value else value for value in array.ravel().tolist()]
    return {**view.model.config["images"][image], "data": data, "dtype": array.dtype.name}


@pytest.mark.parametrize("kind", ["difference", "absolute", "relative", "ssim", "flip"])
@pytest.mark.parametrize("name", PAIRS)
def test_maps_and_means_are_those_of_python(name: str, kind: str, node: Node) -> None:
    a, b = PAIRS[name]
    view = View({"a": a, "b": b}, exact=True)
    images = [described(view, i, array) for i, array in enumerate((a, b))]
    found = node.evaluate("compared", [*images, kind, [True] * 3])
    expected = view.compare(kind)
    assert expected.map is not None
    page = np.array([np.nan if x is None else x for x in found["data"]], float)
    own = np.where(np.isfinite(expected.map), expected.map, np.nan)
    np.testing.assert_allclose(page.reshape(own.shape), own, rtol=1e-6, atol=1e-6)
    mean = expected.numbers["mean"] if kind == "absolute" else expected.value
    assert found["numbers"]["mean"] == pytest.approx(mean, rel=1e-6, abs=1e-7)
    if kind not in ("ssim", "flip"):
        numbers = {name.lower(): x for name, x in found["numbers"].items()}
        numbers["max"] = found["most"]
        assert numbers == pytest.approx(expected.numbers, rel=1e-12)


def test_the_mean_is_of_what_is_seen(node: Node) -> None:
    view = View({"a": BYTES, "b": OTHERS})
    images = [described(view, i, array) for i, array in enumerate((BYTES, OTHERS))]
    expected = view.compare("flip").map
    assert expected is not None
    found = node.evaluate(
        """async ([a, b]) => {
          const placed = ({ data, ...image }) => ({
            plane: Plane.of(image, "uint8", Uint8Array.from(data)), image, position: image.position,
          });
          const box = { x0: 3, y0: 7, x1: 20, y1: 30 };
          const found = await perceiveImages(placed(a), placed(b), "flip", [], box, () => true);
          return [found.numbers.mean, found.row, found.column];
        }""",
        images,
    )
    part = expected[7:30, 3:20]
    row, column = np.unravel_index(part.argmax(), part.shape)
    assert found == pytest.approx([part.mean(), row + 7, column + 3], rel=1e-6)


def test_work_that_nobody_needs_is_left(node: Node) -> None:
    view = View({"a": BYTES, "b": OTHERS})
    images = [described(view, i, array) for i, array in enumerate((BYTES, OTHERS))]
    found = node.evaluate(
        """async ([a, b]) => {
          const placed = ({ data, ...image }) => ({
            plane: Plane.of(image, "uint8", Uint8Array.from(data)), image, position: image.position,
          });
          return await perceiveImages(placed(a), placed(b), "ssim", [], undefined, () => false);
        }""",
        images,
    )
    assert found is None


DERIVED = """
async () => {
  const plane = { tiled: { renewed: 0 }, most: 0, cut: () => new Promise(() => {}) };
  const seen = { x0: 0, y0: 0, x1: 8, y1: 8 };
  const image = { position: { x: 0, y: 0, sx: 1, sy: 1 }, kind: "gray" };
  const explorer = {
    state: { mode: "difference", pair: [0, 1] },
    config: { images: [image, image] },
    sources: [0, 1].map(() => ({ peek: () => plane })),
    panes: [{ camera: { scale: 1, visible: () => seen } }],
    displayOf: () => ({ on: [] }),
    planeNumber: () => 0,
    draw: () => {},
  };
  globalThis.devicePixelRatio = 1;
  const derived = new Derived(explorer, () => {});
  const waits = [];
  const look = () => {
    derived.items();
    waits.push(derived.ready);
  };
  look();
  seen.x1 = 7; // moved before the first one has begun
  look();
  plane.tiled.renewed++; // other data
  look();
  await Promise.all(waits.slice(0, 2));
  return new Set(waits).size;
}"""


def test_nothing_waits_for_a_map_that_is_wanted_no_more() -> None:
    node = Node("view/compare/derived")
    try:
        assert node.evaluate(DERIVED) == 3
    finally:
        node.close()
