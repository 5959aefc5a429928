"""Numbers, coordinates and indices as the explorer and grids write them to be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.page.js.node import Node

MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A process that has the modules' functions."""
    started = Node("view/values/format", "view/values/readout")
    yield started
    started.close()


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.123456789, "float32", "0.12346"),
        (-2.5, "float64", f"{MINUS}2.5"),
        (-1.23456e-12, "float32", f"{MINUS}1.2346e{MINUS}12"),
        (173, "uint8", "173"),
        (-12345678, "int32", f"{MINUS}12345678"),
        (1234567.8, "float64", "1234568"),
        (123456.7, "float64", "123457"),
        (2e10, "float64", "2e10"),
        (1.23456789e10, "float64", "1.2346e10"),
        (0, "float32", "0"),
        (100000, "float32", "100000"),
        (0.00012, "float32", "0.00012"),
        (99999.96, "float64", "100000"),
    ],
)
def test_values_are_read_in_five_digits(value: float, dtype: str, text: str, node: Node) -> None:
    assert node.evaluate("([v, d]) => readValue(v, d)", [value, dtype]) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-3, f"{MINUS}3"),
        (12345678, "12345678"),
        (123456.7, "123457"),
        (-1.5e-7, f"{MINUS}1.5e{MINUS}7"),
        (None, "\N{EN DASH}"),
    ],
)
def test_numbers_of_shapes_are_read_as_values_are(
    value: float | None, text: str, node: Node
) -> None:
    assert node.evaluate("v => readNumber(v ?? NaN)", value) == text


def test_values_are_copied_as_python_reads_them(node: Node) -> None:
    code = """() => [-1.5e-7, -Infinity, NaN, -0.1].map(
      (value) => formatValue(value, "float64")).concat(formatValue(-(2n ** 60n), "int64"))"""
    texts = node.evaluate(code)
    assert [float(text) for text in texts[:2]] == [-1.5e-7, float("-inf")]
    assert texts[2:] == ["NaN", "-0.1", str(-(2**60))]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("-1.5", f"{MINUS}1.5"),
        ("1e-7", f"1e{MINUS}7"),
        ("R -3, G 4", f"R {MINUS}3, G 4"),
        ("2019-03-02", "2019-03-02"),
        ("plate-3", "plate-3"),
        ("-inf", f"{MINUS}inf"),
        ("-3 to -1", f"{MINUS}3 to {MINUS}1"),
    ],
)
def test_only_signs_of_numbers_become_true_ones(text: str, read: str, node: Node) -> None:
    assert node.evaluate("text => minus(text)", text) == read


def regular(first: float, step: float, unit: str = "", label: str = "") -> dict[str, Any]:
    return {"label": label, "unit": unit, "first": first, "step": step}


@pytest.mark.parametrize(
    ("coordinates", "index", "text"),
    [
        (regular(-20, 0.25, "degrees_north"), 25, "13.75° S"),
        (regular(-20, 6, "degrees_north"), 3, "2° S"),
        (regular(-20, 6, "degree_N"), 4, "4° N"),
        (regular(-20, 10, "degrees_east"), 2, "0°"),
        (regular(-180, 10, "degrees_east"), 1, "170° W"),
        (regular(-2, 1, "degC"), 0, f"{MINUS}2 °C"),
        (regular(0, 3, "µm"), 226, "678 µm"),
        (regular(0, 0.1, "um"), 3, "0.3 µm"),
        (regular(-1, 0.1, "s"), 10, "0 s"),
        (regular(1e6, 0.017, "m"), 9, "1000000.153 m"),
        (regular(-3, 1, "degrees"), 0, f"{MINUS}3°"),
        (regular(-3, 1, label="depth"), 0, f"depth {MINUS}3"),
        ({"label": "time", "unit": "", "texts": ["2019-03-02", "2019-03-03"]}, 1, "2019-03-03"),
        (None, 3, ""),
    ],
)
def test_coordinates_have_their_units(coordinates: Any, index: int, text: str, node: Node) -> None:
    assert node.evaluate("([c, i]) => formatCoordinate(c, i, 360)", [coordinates, index]) == text


@pytest.mark.parametrize(
    ("order", "text"),
    [
        (["y", "x"], "[121, 226]"),
        (["y", "x", ":"], "[121, 226]"),
        ([":", "y", "x"], "[:, 121, 226]"),
        ([0, 1, "y", "x"], "[5, 7, 121, 226]"),
        (["0", "y", "x", 0], "[0, 121, 226, 5]"),
    ],
)
def test_indices_are_those_of_the_array(order: list[Any], text: str, node: Node) -> None:
    assert node.evaluate("order => formatIndex(order, [5, 7], 121, 226)", order) == text
