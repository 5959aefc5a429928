"""Where figures come from: tables that benchmarks wrote, constants of the code, what is counted."""

from __future__ import annotations

import ast
import functools
import json
import re
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
Source = Callable[[], float]
Table = list[list[str]]
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
WORDS = {
    "half": 0.5,
    "a third": 1 / 3,
    "two thirds": 2 / 3,
    "a tenth": 0.1,
    "a twelfth": 1 / 12,
    "once": 1,
    "twice": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "ten": 10,
}
"""Figures as they stand in sentences."""


@functools.cache
def read(path: str) -> str:
    """Return the text of a file of the repository."""
    return ROOT.joinpath(path).read_text("utf-8")


def tables(text: str) -> list[Table]:
    """Return the tables of a page, each row as its cells."""
    found: list[Table] = []
    within = False
    for line in text.splitlines():
        if not line.startswith("|"):
            within = False
            continue
        row = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if set("".join(row)) <= set("-: "):
            continue
        if not within:
            found.append([])
        within = True
        found[-1].append(row)
    return found


def find_table(path: str, *heads: str, holds: str = "") -> Table:
    """Return the table whose first row has these cells."""
    for table in tables(read(path)):
        first = " ".join(row[0] for row in table)
        if all(head in table[0] for head in heads) and holds in first:
            return table
    raise AssertionError(f"{path} has no table with {', '.join(heads)}")


def numbers(text: str) -> list[float]:
    """Return all numbers of a text."""
    return [float(one.replace(",", "")) for one in _NUMBER.findall(text)]


def cell(path: str, row: str, column: str, number: int = 0, holds: str = "") -> Source:
    """Return what reads a number of a cell, by the row's first cell and the column's head."""

    def find() -> float:
        table = find_table(path, column, holds=holds)
        at = table[0].index(column)
        for line in table[1:]:
            if line[0].replace("*", "") == row:
                return numbers(line[at])[number]
        raise AssertionError(f"{path} has no row {row!r}")

    return find


def front(module: str, name: str) -> Source:
    """Return what reads a figure of ``benchmarks/front.json``."""
    return lambda: float(
        json.loads(read("benchmarks/front.json"))["measured"][module]["values"][name]
    )


def in_text(path: str, pattern: str, number: int = 0) -> Source:
    """Return what reads a number that stands in a sentence of a file."""

    def find() -> float:
        found = re.search(pattern, " ".join(read(path).split()))
        assert found is not None, f"{path} lacks {pattern!r}"
        return float(found.groups()[number].replace(",", "").replace("_", ""))

    return find


def constant(path: str, name: str, item: int | None = None) -> Source:
    """Return what reads a number that a module of Python or JavaScript calls by a name."""
    pattern = rf"(?m)^\s*(?:const )?{name}(?:: [\w\[\], ]+)? = (.+?);?\s*(?:(?:#|//).*)?$"
    if item is not None:
        pattern = rf"(?m)^(?:const )?(?:\w+, )*{name}(?:, \w+)* = (.+?);?\s*(?:(?:#|//).*)?$"

    def find() -> float:
        found = re.search(pattern, read(path))
        assert found is not None, f"{path} has no {name}"
        value = ast.parse(found[1], mode="eval").body
        if item is not None:
            assert isinstance(value, ast.Tuple)
            value = value.elts[item]
        return _evaluate(value)

    return find


def _evaluate(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = _evaluate(node.left), _evaluate(node.right)
        if isinstance(node.op, ast.LShift):
            return int(left) << int(right)
        if isinstance(node.op, ast.Pow):
            return float(left**right)
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Div):
            return left / right
    raise AssertionError(f"{ast.dump(node)} is no number")


def over(source: Source, divisor: float) -> Source:
    """Return a figure in another unit."""
    return lambda: source() / divisor


def ratio(one: Source, other: Source) -> Source:
    """Return a figure as a multiple of another one."""
    return lambda: one() / other()


def least(*sources: Source) -> Source:
    """Return the smallest of several figures."""
    return lambda: min(source() for source in sources)


def most(*sources: Source) -> Source:
    """Return the largest of several figures."""
    return lambda: max(source() for source in sources)


def agrees(text: str, value: float, near: float = 0) -> bool:
    """Say whether a figure is a value within its own rounding, or nearer than a part of it."""
    if text in WORDS:
        return abs(WORDS[text] - value) <= (near or 0.08) * value
    plain = text.replace(",", "").rstrip(".")
    _, _, digits = plain.partition(".")
    rounding = 0.5 * 10.0 ** -len(digits)
    return abs(float(plain) - value) <= max(rounding * (1 + 1e-9), near * abs(value))
