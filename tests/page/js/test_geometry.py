"""The camera and the scale bar: arithmetic of positions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.page.js.node import Node

RANDOM = np.random.default_rng(4)
MODULES = "view/base/camera", "view/figure/scale_bar"
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
            steps = {"pm": 1e-3, "nm": 1, "µm": 1e3, "mm": 1e6, "m": 1e9, "km": 1e12}
            length = float(number) * steps[name] / steps[unit]
            assert length == pytest.approx(bar["length"], rel=1e-2)
