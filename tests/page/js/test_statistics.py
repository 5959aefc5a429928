"""Differences are measured as numpy and scikit-image measure them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from skimage import metrics

from tests.page.js.node import Node

RANDOM = np.random.default_rng(8)
MODULES = "view/values/samples", "view/compare/difference"
IMAGE = {"kind": "gray", "position": {"x": 0, "y": 0, "sx": 1, "sy": 1}}
HELPERS = """
(globalThis.planeOf = ({ rows, columns, channels, dtype, data }) => {
  const Type = { uint8: Uint8Array, uint16: Uint16Array, float64: Float64Array }[dtype];
  return Plane.of({ rows, columns, channels }, dtype, Type.from(data, value => value ?? NaN));
}, null)
"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*MODULES)
    started.evaluate(HELPERS)
    yield started
    started.close()


def plane_of(array: np.ndarray) -> dict[str, Any]:
    """An array as `planeOf` takes it."""
    rows, columns, channels = (*array.shape, 1)[:3]
    data = [None if value != value else value for value in array.ravel().tolist()]
    sizes = {"rows": rows, "columns": columns, "channels": channels}
    return {**sizes, "dtype": array.dtype.name, "data": data}


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("shape", [(30, 41), (30, 41, 3)])
def test_a_differences_numbers_are_those_of_scikit_image(
    dtype: str, shape: tuple[int, ...], node: Node
) -> None:
    full = np.iinfo(dtype).max
    a, b = RANDOM.integers(0, full, (2, *shape), dtype, endpoint=True)
    image = {**IMAGE, "kind": "gray" if len(shape) == 2 else "color", "full": full}
    image |= {"channels": 1 if len(shape) == 2 else 3, "extent": [[0, full]]}
    found = node.evaluate(
        """([a, b, image]) => {
          const located = one => ({ plane: planeOf(one), image, position: image.position });
          const on = [true, true, true];
          const { plane, most, row, column, numbers } =
            subtractImages(located(a), located(b), "difference", on).next().value;
          return { data: [...plane.own], most, row, column, numbers };
        }""",
        [plane_of(a), plane_of(b), image],
    )
    less = a.astype(np.float64) - b
    np.testing.assert_array_equal(np.reshape(found["data"], shape), less)
    assert found["most"] == np.abs(less).max() == np.abs(less[found["row"], found["column"]]).max()
    numbers = found["numbers"]
    assert numbers["MAE"] == pytest.approx(np.abs(less).mean(), rel=1e-12)
    assert numbers["MSE"] == pytest.approx(metrics.mean_squared_error(a, b), rel=1e-12)
    psnr = metrics.peak_signal_noise_ratio(a, b, data_range=full)
    assert numbers["PSNR"] == pytest.approx(psnr, rel=1e-12)
    assert (numbers["peak"], numbers["values"]) == (full, a.size)


def test_the_difference_of_large_images_is_done_in_slices(node: Node) -> None:
    found = node.evaluate(
        """image => {
          const sides = { rows: 1024, columns: 1500, channels: 1 };
          const located = value => ({
            plane: Plane.of(sides, "float32", new Float32Array(1024 * 1500).fill(value)),
            image, position: image.position,
          });
          const steps = subtractImages(located(5), located(3), "difference", [true]);
          const shares = [];
          for (let step = steps.next(); ; step = steps.next()) {
            if (step.done) return { shares, numbers: step.value.numbers };
            shares.push(step.value);
          }
        }""",
        {**IMAGE, "kind": "gray", "full": 1, "channels": 1, "extent": [[3, 5]]},
    )
    assert len(found["shares"]) == 1024 * 1500 // 2**18
    assert found["shares"] == sorted(found["shares"]) and found["shares"][-1] < 1
    assert (found["numbers"]["mean"], found["numbers"]["values"]) == (2, 1024 * 1500)
