"""Lines, regions and differences are measured as numpy and scikit-image measure them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from skimage import metrics

from tests.page.js.node import Node

RANDOM = np.random.default_rng(8)
MODULES = tuple(f"view/values/{name}" for name in ("samples", "statistics", "difference"))
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


def test_positions_along_a_line_are_those_of_linspace_rounded(node: Node) -> None:
    cases = [
        (float(a), float(b), int(count))
        for a, b, count in zip(
            RANDOM.integers(-40, 40, 300) / 2,
            RANDOM.integers(-40, 40, 300) / 2,
            RANDOM.integers(1, 60, 300),
            strict=True,
        )
    ]
    found = node.evaluate("cases => cases.map(([a, b, n]) => linspace(a, b, n))", cases)
    for (a, b, count), numbers in zip(cases, found, strict=True):
        np.testing.assert_array_equal(numbers, np.linspace(a, b, count).round())


@pytest.mark.parametrize("missing", [0.0, 0.4, 1.0])
def test_a_regions_numbers_are_numpys(missing: float, node: Node) -> None:
    array = RANDOM.normal(1e6, 3, (40, 30, 2))
    array[RANDOM.random(array.shape) < missing] = np.nan
    boxes = [[0, 0, 30, 40], [3, 5, 4, 6], [10, 20, 29, 33]]
    found = node.evaluate(
        """([plane, boxes]) => {
          const whole = planeOf(plane);
          return boxes.map(box => {
            const { share, low, high, mean, std } = findStatistics(whole, box, 1, 1);
            const value = at => at < 0 ? null : whole.own[at];
            return [share, value(low), value(high), mean, std];
          });
        }""",
        [plane_of(array), boxes],
    )
    for (x0, y0, x1, y1), (share, low, high, mean, std) in zip(boxes, found, strict=True):
        part = array[y0:y1, x0:x1, 1]
        known = part[~np.isnan(part)]
        assert share == pytest.approx(known.size / part.size)
        if not known.size:
            assert [low, high, mean, std] == [None] * 4
            continue
        assert [low, high] == [known.min(), known.max()]
        assert mean == pytest.approx(known.mean(), rel=1e-14)
        assert std == pytest.approx(known.std(), rel=1e-9, abs=1e-9)


def test_a_region_covers_the_samples_with_their_centres_in_it(node: Node) -> None:
    image = {**IMAGE, "rows": 50, "columns": 60}
    place = {"x": 10, "y": -5, "sx": 2, "sy": 0.5}
    ends = RANDOM.uniform(-30, 150, (200, 4))
    found = node.evaluate(
        """([image, position, ends]) =>
          ends.map(end => coveredSamples(end, image, false, position))""",
        [image, place, ends.tolist()],
    )
    x, y = 10 + 2 * (np.arange(60) + 0.5), -5 + 0.5 * (np.arange(50) + 0.5)
    for (x0, y0, x1, y1), (left, top, right, bottom) in zip(ends, found, strict=True):
        for centres, low, high, first, last in (
            (x, min(x0, x1), max(x0, x1), left, right),
            (y, min(y0, y1), max(y0, y1), top, bottom),
        ):
            inside = np.flatnonzero((centres > low) & (centres < high))
            assert np.arange(first, last).tolist() == inside.tolist()


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
          const { plane, most, row, column, numbers } =
            subtractImages(planeOf(a), image, planeOf(b), image, false, [true, true, true]);
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
