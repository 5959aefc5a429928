"""The scale of colorbars and histograms, and the rules that find limits, as NumPy has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nbimage.mapping.value_sample import find_percentiles, find_zscale
from tests.page.js.node import Node

MODULES = "scale", "ranges", "handles", "colorbar", "subject"
RANDOM = np.random.default_rng(3)
VALUES = {
    "normal": RANDOM.normal(size=5000),
    "stars": np.where(RANDOM.random(8000) < 0.01, RANDOM.pareto(1, 8000) * 1e4, 0)
    + RANDOM.normal(100, 5, 8000),
    "signed": RANDOM.standard_cauchy(999),
    "bytes": RANDOM.integers(0, 256, 3000).astype(float),
    "few": np.array([3.0, 1, 2, 2, 9]),
    "one": np.array([7.0]),
    "even": np.full(100, 4.0),
    "steps": RANDOM.integers(0, 3, 2500).astype(float),
    "many": RANDOM.normal(size=150_001),
}


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node(*(f"view/contrast/{name}" for name in MODULES))
    yield started
    started.close()


@pytest.mark.parametrize("name", VALUES)
def test_zscale_has_the_limits_of_python(name: str, node: Node) -> None:
    values = VALUES[name]
    found = node.evaluate("v => findZscale(Float64Array.from(v))", values.tolist())
    assert found == pytest.approx(find_zscale(values), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("percent", [0.1, 0.5, 1, 2, 50])
def test_percentiles_are_those_of_python(name: str, percent: float, node: Node) -> None:
    values = VALUES[name]
    expected = find_percentiles(values, (percent, 100 - percent))
    code = "([v, p]) => [p, 100 - p].map((one) => findPercentile(v, one))"
    found = node.evaluate(code, [np.sort(values).tolist(), percent])
    assert found == pytest.approx(expected, rel=1e-15, abs=0)


COUNT = """
([values, limits, extent, near, most, whole]) => {
  const scale = makeScale(limits, extent, near);
  const { edges, counts } = countBars(values, scale, most, whole);
  return [edges, Array.from(counts), edges.map(scale.toShare), scale.low, scale.high];
}
"""
NORMS: dict[str, dict[str, Any]] = {
    "linear": {"norm": "linear", "parameter": None},
    "gamma": {"norm": "gamma", "parameter": 0.4},
    "log": {"norm": "log", "parameter": None},
    "asinh": {"norm": "asinh", "parameter": 0.3},
    "symlog": {"norm": "symlog", "parameter": None},
}


@pytest.mark.parametrize("near", [False, True])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ["normal", "stars", "bytes", "steps", "signed"])
def test_bars_count_what_numpy_does(name: str, norm: str, near: bool, node: Node) -> None:
    values = VALUES[name]
    if norm == "log":
        values = np.abs(values) + 0.5
    whole = bool((values % 1 == 0).all())
    low, high = np.percentile(values, [20, 70]).tolist()
    limits = {"vmin": low, "vmax": high, **NORMS[norm]}
    extent = [values.min(), values.max()]
    asked = [values.tolist(), limits, extent, near, 64, whole]
    edges, counts, shares, first, last = node.evaluate(COUNT, asked)
    assert counts == np.histogram(values, edges)[0].tolist()
    if not near:
        assert sum(counts) == values.size
        assert (first, last) == tuple(extent)
    else:
        assert first <= low <= high <= last
        assert min(extent[0], low) <= first and last <= max(extent[1], high)
    if whole:
        assert (np.array(edges) % 1 == 0.5).all()
    else:
        np.testing.assert_allclose(np.diff(shares), 1 / 64, rtol=1e-6)


def test_limits_of_a_long_tail_fill_the_travel_of_their_handles(node: Node) -> None:
    code = """([limits, near]) => {
      const { toShare, covered } = makeScale(limits, [0, 1e6], near);
      return [toShare(limits.vmin), toShare(limits.vmax), covered];
    }"""
    limits = {"vmin": 90, "vmax": 120, "norm": "linear", "parameter": None}
    assert node.evaluate(code, [limits, False])[2] < 1e-4
    assert node.evaluate(code, [limits, True])[:2] == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("norm", NORMS)
def test_a_scale_has_its_norms_own_steps(norm: str, turned: bool, node: Node) -> None:
    """From one limit to the other equal steps are equal steps of the colors."""
    ends = [2.0, 900.0]
    low, high = ends[::-1] if turned else ends
    limits = {"vmin": low, "vmax": high, **NORMS[norm]}
    code = """async (limits) => {
      const { valued } = makeScale(limits, [2, 900], false);
      const { makeNorm } = await import(SOURCE);
      return [0, .2, .5, .9, 1].map((share) => makeNorm(limits)(valued(share)));
    }"""
    from nbimage.page.scripts import FOLDER

    address = FOLDER.joinpath("view/values/norms.js").as_uri()
    found = node.evaluate(code.replace("SOURCE", f'"{address}"'), limits)
    expected = [0, 0.2, 0.5, 0.9, 1]
    if not turned:
        assert found == pytest.approx(expected, abs=1e-9)
    elif norm in ("linear", "log"):
        assert found == pytest.approx([1 - e for e in expected])


TICKS = """
([limits, extent, length, gap]) => {
  const scale = makeScale(limits, extent, false);
  const ticks = findTicks(scale, length, gap);
  return [ticks, ticks.map(scale.toShare)];
}
"""


@pytest.mark.parametrize("extent", [[0, 255], [-3.7, 4.1], [0, 1], [1e-7, 9e-7], [1e5, 1.3e5]])
def test_ticks_of_even_scales_are_five_to_seven_round_numbers(
    extent: list[float], node: Node
) -> None:
    limits = {"vmin": extent[0], "vmax": extent[1], **NORMS["linear"]}
    ticks, shares = node.evaluate(TICKS, [limits, extent, 260, 16])
    assert 4 <= len(ticks) <= 8
    step = ticks[1] - ticks[0]
    np.testing.assert_allclose(np.diff(ticks), step, rtol=1e-9)
    assert min(shares) >= -1e-9 and max(shares) <= 1 + 1e-9
    digit = f"{step:.6e}"[0]
    assert digit in "125"


@pytest.mark.parametrize("norm", ["log", "asinh", "symlog", "gamma"])
@pytest.mark.parametrize("extent", [[1, 1e6], [20, 45], [0.1, 3000]])
def test_ticks_of_bent_scales_stay_apart(norm: str, extent: list[float], node: Node) -> None:
    limits = {"vmin": extent[0], "vmax": extent[1], **NORMS[norm]}
    ticks, shares = node.evaluate(TICKS, [limits, extent, 260, 20])
    assert 3 <= len(ticks) <= 7
    assert np.diff(shares).min() * 260 >= 20
    for tick in ticks:
        assert float(f"{tick:.1e}") == pytest.approx(tick)


@pytest.mark.parametrize("length", [40, 64, 96, 260, 800])
def test_handles_are_taken_hold_of_by_44_pixels_each_and_never_the_same(
    length: int, node: Node
) -> None:
    for low in np.linspace(0, length, 7):
        for high in np.linspace(low, length, 7):
            (a, size), (b, other) = node.evaluate(
                "([a, b, l]) => shareGrip(a, b, l)", [low, high, length]
            )
            assert size == other == min(44, length / 2 + 12)
            assert a + size <= b + 1e-9
            assert a >= -12 - 1e-9 and b + other <= length + 12 + 1e-9
            if length >= 88 and high - low >= 44 and low >= 22 and high <= length - 22:
                assert (a + size / 2, b + size / 2) == pytest.approx((low, high))


@pytest.mark.parametrize("at", [[0, 0], [100, 100], [50, 52], [52, 50], [0, 100], [98, 100]])
def test_texts_of_close_limits_stand_apart(at: list[float], node: Node) -> None:
    found = node.evaluate("at => spread(at, [16, 30], 100, 8)", at)
    assert abs(found[0] - found[1]) >= 23
    assert all(
        place - size / 2 >= -8 and place + size / 2 <= 108
        for place, size in zip(found, (16, 30), strict=True)
    )
    if at[0] != at[1]:
        assert (found[0] < found[1]) == (at[0] < at[1])


SCRUB = """
([norm, projections]) => {
  let now = 0;
  performance.now = () => now;
  globalThis.setTimeout = () => 0;
  let reads = 0;
  const planes = Array.from({ length: 9 }, (_, k) => ({
    rows: 1, columns: 4, channels: 1, most: 2,
    level() { reads++; return { rows: 1, columns: 4, data: Float64Array.of(1, 2, 3, 4 + k) }; },
    shape() { return { rows: 1, columns: 4 }; },
  }));
  const display = { vmin: [1], vmax: [9], norm, parameter: null, on: [true] };
  const image = { base: "0", channels: 1, kind: "gray", colors: [], extent: [[0, 12]],
    planes: planes.map(() => ({ dtype: "float64" })) };
  let index = 0;
  const subject = new Subject({
    config: { images: [image] }, state: { active: 0, displays: [display], projections },
    sources: [{ peek: (k) => planes[k] }], displayOf: () => display, planeNumber: () => index,
    draw() {}, set() {},
  });
  const most = () => {
    const { edges, counts } = subject.counted(0);
    subject.isNear(0);
    return edges[counts.findLastIndex((count) => count)];
  };
  const found = [most()];
  const first = reads;
  for (index = 1; index < 8; index++) found.push(most());
  const while_ = reads - first;
  now = 1000;
  index = 8;
  found.push(most());
  return [found, while_, reads > first];
}
"""


@pytest.mark.parametrize("norm", ["linear", "log"])
@pytest.mark.parametrize("projections", [None, ["max"]])
def test_planes_that_follow_one_another_are_not_all_counted(
    norm: str, projections: list[str] | None, node: Node
) -> None:
    found, meanwhile, later = node.evaluate(SCRUB, [norm, projections])
    assert len(set(found[:-1])) == 1
    assert meanwhile == 0
    assert later
    assert found[-1] > found[0]
