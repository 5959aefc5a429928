"""The changes that `make proof` tries are changes, each of one statement, and are Python."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

import pytest

from tests.proof import mutants
from tests.proof.mutants.mutations import find_mutants

MODULE = '''\
"""Words."""
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from a import b
LIMIT: int = 4

def find(values: list[int], least: int | None = 3) -> int:
    """More words."""
    total = 0
    for value in values:
        if value < LIMIT and not value == least:
            continue
        total += value
    if total is None:
        raise ValueError(f"none of {values}")
    return total - 1
'''
CHANGES = [
    "4 -> (5)",
    "3 -> (4)",
    "0 -> (1)",
    "value < LIMIT -> (value <= LIMIT)",
    "value < LIMIT -> (value >= LIMIT)",
    "value < LIMIT and not value == least -> (value < LIMIT or not value == least)",
    "value < LIMIT and not value == least -> (not (value < LIMIT and (not value == least)))",
    "not value == least -> (value == least)",
    "value == least -> (value != least)",
    "continue -> break",
    "total += value -> pass",
    "total is None -> (not total is None)",
    "total is None -> (total is not None)",
    "total - 1 -> (None)",
    "total - 1 -> (total + 1)",
    "1 -> (2)",
]


def test_types_and_words_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(MODULE, "utf-8")
    found = [f"{mutant.before} -> {mutant.after}" for mutant in find_mutants(path, tmp_path)]
    assert sorted(found) == sorted(CHANGES)


@pytest.mark.parametrize("mutant", mutants.draw(9, ["nbimage/mapping/bins/quick.py"]), ids=str)
def test_a_change_is_one(mutant: mutants.Mutant) -> None:
    source = (mutants.ROOT / mutant.path).read_text("utf-8")
    assert ast.dump(ast.parse(source)) != ast.dump(ast.parse(mutant.source))
    before, after = source.splitlines(), mutant.source.splitlines()
    parts = difflib.SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes()
    changed = [(begin + 1, end) for kind, begin, end, *_ in parts if kind != "equal"]
    assert changed
    assert all(mutant.line <= begin <= end <= mutant.last for begin, end in changed)
