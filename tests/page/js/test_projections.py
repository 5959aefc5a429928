"""Projections in the page are those of NumPy's functions for NaN."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage import View
from tests.page.js.node import Node

Array = np.ndarray[Any, Any]
RANDOM = np.random.default_rng(17)
KINDS = ("max", "mean", "min", "sum", "std")
SHAPE = 3, 4, 6, 5
PLACES: dict[str, tuple[dict[str, tuple[int, int]], tuple[int, ...]]] = {
    "one axis": ({"z": (0, 3)}, (1,)),
    "a range": ({"t": (1, 2)}, (0,)),
    "a plane": ({"z": (2, 2)}, (1,)),
    "two axes": ({"t": (0, 2), "z": (1, 3)}, (0, 1)),
}
MAKE = """async ({ config, name }) => {
  const source = new ProjectedSource(config.images[0], config.axes);
  const plane = await source.plane(name);
  return { dtype: plane.dtype, data: Array.from(plane.own, String) };
}"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node("view/project/planes", "view/project/reduce")
    yield started
    started.close()


def samples(dtype: Any) -> Array:
    """Numbers of all that a dtype has, far from 0; of floats some are missing."""
    if dtype is bool:
        return RANDOM.random(SHAPE) < 0.5
    if np.dtype(dtype).kind == "f":
        values = (RANDOM.normal(size=SHAPE) * 3 + 1e5).astype(dtype)
        values[RANDOM.random(SHAPE) < 0.3] = np.nan
        values[:, :, 0, 0] = np.nan
        values[1, 1, 3, 3] = np.inf
        return values
    info = np.iinfo(dtype)
    low, high = (info.min, info.max) if info.bits < 64 else (2**60, 2**60 + 9999)
    return RANDOM.integers(low, high, SHAPE, dtype)


def projected(array: Array, kind: str, ends: dict[str, tuple[int, int]], axes: Any) -> Array:
    """What NumPy says, of index 1 along the axis that is left."""
    spans = [ends.get(name) for name in "tz"]
    part = array[tuple(slice(one[0], one[1] + 1) if one else slice(1, 2) for one in spans)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = getattr(np, f"nan{kind}")(part, axis=axes)
    return np.asarray(found).reshape(SHAPE[2:])


def name_of(kind: str, ends: dict[str, tuple[int, int]]) -> str:
    parts = [ends.get(name) for name in "tz"]
    return ".".join(f"{kind}{one[0]}-{one[1]}" if one else "1" for one in parts)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "dtype", [np.uint8, np.int16, np.uint32, np.int64, np.uint64, np.float32, np.float64, bool]
)
def test_a_projection_is_numpys(node: Node, dtype: Any, place: str) -> None:
    array = samples(dtype)
    ends, axes = PLACES[place]
    config = View(array, axes="tzyx", exact=True, embed=True).model.config
    for kind in KINDS:
        name = name_of(kind, ends)
        found = node.evaluate(MAKE, json.loads(json.dumps({"config": config, "name": name})))
        exact = array.astype(np.float64) if dtype is np.float32 else array
        if kind == "std" and array.dtype.itemsize == 8 and array.dtype.kind in "iu":
            exact = array - array.min()  # which float64 does not round
        wanted = projected(exact, kind, ends, axes)
        if wanted.dtype.kind in "iub":
            assert list(map(int, found["data"])) == list(map(int, wanted.ravel()))
        else:
            numbers = np.array([float(x.replace("Infinity", "inf")) for x in found["data"]])
            np.testing.assert_allclose(numbers, wanted.ravel(), rtol=1e-12, atol=0)


def test_steps_of_several_kinds_begin_with_the_last_axis(node: Node) -> None:
    array = samples(np.float64)
    config = View(array, axes="tzyx", exact=True).model.config
    found = node.evaluate(MAKE, {"config": config, "name": "mean0-2.max0-3"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = np.nanmean(np.nanmax(array, axis=1), axis=0)
    numbers = [float(x.replace("Infinity", "inf")) for x in found["data"]]
    np.testing.assert_allclose(numbers, wanted.ravel(), rtol=1e-12)


def test_the_channels_of_colors_are_projected_each_and_alpha_has_no_sum(node: Node) -> None:
    array = RANDOM.integers(0, 256, (5, 4, 3, 4), np.uint8)
    config = View(array, axes="zyxs").model.config
    for kind in KINDS:
        found = node.evaluate(MAKE, {"config": config, "name": f"{kind}0-4"})
        numbers = np.array(list(map(float, found["data"]))).reshape(4, 3, 4)
        wanted = getattr(np, kind)(array, axis=0)
        np.testing.assert_allclose(numbers[..., :3], wanted[..., :3], rtol=1e-12)
        alpha = getattr(np, "mean" if kind in ("sum", "std") else kind)(array[..., 3], axis=0)
        np.testing.assert_allclose(numbers[..., 3], alpha, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_the_largest_has_the_dtype_of_its_planes(node: Node, dtype: Any) -> None:
    config = View(samples(dtype), axes="tzyx").model.config
    for kind in ("max", "min"):
        found = node.evaluate(MAKE, {"config": config, "name": f"{kind}0-2.{kind}0-3"})
        assert found["dtype"] == np.dtype(dtype).name


def test_what_nobody_wants_any_more_is_not_made(node: Node) -> None:
    config = View(samples(np.uint8), axes="tzyx").model.config
    text = """async ({ config }) => {
      const source = new ProjectedSource(config.images[0], config.axes);
      const { now } = performance;
      let clock = 0;
      performance.now = () => (clock += 1000);
      const all = [source.plane("max0-2.1", () => false), source.plane("max0-2.1", () => true)];
      const alone = await source.plane("min0-2.1", () => false);
      const both = await Promise.all(all);
      performance.now = now;
      return [alone, both.map((one) => one.own.length)];
    }"""
    assert node.evaluate(text, {"config": config}) == [None, [30, 30]]
