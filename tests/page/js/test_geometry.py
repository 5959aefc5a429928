"""The camera, the scale bar and annotations: arithmetic of positions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.page.js.node import Node

RANDOM = np.random.default_rng(4)
MODULES = "view/base/camera", "view/tiles/scale_bar", "view/tiles/annotation_geometry"
SIZE = {"columns": 80, "rows": 60}
CAMERA = """
const make = ({ x, y, scale, width, height }) => {
  const focus = { x, y, z: 0, scale, fitted: true };
  const camera = new Camera(focus, { x0: 0, y0: 0, x1: 80, y1: 60 });
  return Object.assign(camera, { width, height });
};
"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*MODULES)
    yield started
    started.close()


def test_a_zoom_keeps_the_point_below_the_pointer(node: Node) -> None:
    cases = [
        {"x": 40, "y": 30, "scale": scale, "width": 640, "height": 480, "to": to, "at": [u, v]}
        for scale, to, u, v in zip(
            RANDOM.uniform(8, 20, 99),
            RANDOM.uniform(8, 40, 99),
            RANDOM.uniform(250, 390, 99),
            RANDOM.uniform(180, 300, 99),
            strict=True,
        )
    ]
    found = node.evaluate(
        f"""cases => cases.map(({{ to, at: [u, v], ...start }}) => {{
          {CAMERA}
          const camera = make(start), before = camera.toWorld(u, v);
          camera.zoom(to, u, v);
          const after = camera.toWorld(u, v);
          return [after.x - before.x, after.y - before.y, camera.scale - to];
        }})""",
        cases,
    )
    np.testing.assert_allclose(found, 0, atol=1e-9)


def test_steps_of_the_zoom_are_whole_or_whole_parts(node: Node) -> None:
    start = {"x": 40, "y": 30, "scale": 0.7, "width": 64, "height": 48}
    found = node.evaluate(
        f"""start => {{
          {CAMERA}
          const camera = make(start), scales = [];
          for (let i = 0; i < 12; i++) {{ camera.step(1); scales.push(camera.scale); }}
          for (let i = 0; i < 12; i++) {{ camera.step(-1); scales.push(camera.scale); }}
          return scales;
        }}""",
        start,
    )
    up, down = found[:12], found[12:]
    assert up == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
    assert down == pytest.approx([*up[-2::-1], 0.5])


@pytest.mark.parametrize("unit", ["nm", "µm", "mm", "m", "km", "px"])
def test_a_scale_bar_has_a_round_length_that_fits(unit: str, node: Node) -> None:
    most = (10.0 ** RANDOM.uniform(-4, 6, 200)).tolist()
    found = node.evaluate("([all, unit]) => all.map(most => roundLength(most, unit))", [most, unit])
    for limit, bar in zip(most, found, strict=True):
        assert limit / 2.5 * (1 - 1e-9) <= bar["length"] <= limit * (1 + 1e-9)
        digits = f"{bar['length']:.6e}".partition("e")[0].rstrip("0").rstrip(".")
        assert digits in ("1", "2", "5")
        number, name = bar["text"].split()
        if unit == "px":
            assert name == "px"
        else:
            steps = {"nm": 1, "µm": 1e3, "mm": 1e6, "m": 1e9, "km": 1e12}
            length = float(number) * steps[name] / steps[unit]
            assert length == pytest.approx(bar["length"], rel=1e-2)


def box(*numbers: float) -> list[dict[str, float]]:
    x0, y0, x1, y1 = map(float, numbers)
    return [{"x": x0, "y": y0}, {"x": x1, "y": y1}]


def test_a_box_has_whole_samples_of_the_image(node: Node) -> None:
    boxes = [box(*numbers) for numbers in RANDOM.uniform(-20, 100, (200, 4))]
    found = node.evaluate(
        "([boxes, size]) => boxes.map(points => fitPoints('box', points, size))", [boxes, SIZE]
    )
    for (a, b), (low, high) in zip(boxes, found, strict=True):
        for axis, size in (("x", SIZE["columns"]), ("y", SIZE["rows"])):
            first, last = sorted((a[axis], b[axis]))
            assert 0 <= low[axis] < high[axis] <= size
            assert low[axis] == int(low[axis]) and high[axis] == int(high[axis])
            if first >= 0 and last <= size:  # all samples that it touches
                assert low[axis] <= first + 1e-6 and high[axis] >= last - 1e-6


def test_what_is_moved_stays_within_the_image_and_keeps_its_form(node: Node) -> None:
    points = [{"x": 10.0, "y": 12.0}, {"x": 30.0, "y": 20.0}, {"x": 15.0, "y": 33.0}]
    moves = RANDOM.uniform(-120, 120, (100, 2)).tolist()
    found: list[Any] = node.evaluate(
        """([points, moves, size]) => moves.map(([right, down]) =>
          shiftPoints({ kind: "polygon", points }, right, down, size))""",
        [points, moves, SIZE],
    )
    before = np.array([[point["x"], point["y"]] for point in points])
    for moved in found:
        after = np.array([[point["x"], point["y"]] for point in moved])
        np.testing.assert_allclose(after - after[0], before - before[0], atol=1e-9)
        assert (after >= -1e-9).all() and (after <= np.array([80, 60]) + 1e-9).all()


def test_a_point_is_inside_as_the_winding_says(node: Node) -> None:
    corners = np.array([[5.0, 5.0], [60.0, 10.0], [40.0, 50.0], [20.0, 30.0]])
    points = [{"x": x, "y": y} for x, y in corners.tolist()]
    spots = RANDOM.uniform(0, 70, (300, 2))
    found = node.evaluate(
        """([points, spots]) =>
          spots.map(([x, y]) => isInside({ kind: "polygon", points }, { x, y }))""",
        [points, spots.tolist()],
    )
    ends = np.roll(corners, -1, axis=0)
    angles = np.zeros(len(spots))
    for a, b in zip(corners, ends, strict=True):
        u, v = a - spots, b - spots
        angles += np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], (u * v).sum(axis=1))
    assert found == (np.abs(angles) > np.pi).tolist()
