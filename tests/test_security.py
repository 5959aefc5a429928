"""What SECURITY.md promises has the tests that it names."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_NAMED = re.compile(r"`(tests/[a-z0-9_/]+\.py)?::(test_[a-z0-9_]+)`")


def promises() -> dict[str, list[tuple[str, str]]]:
    """Return the tests of each promise, by module and name."""
    found = {}
    for line in (ROOT / "SECURITY.md").read_text("utf-8").splitlines():
        said, _, named = line.strip("| ").rpartition(" | ")
        if not line.startswith("| ") or said == "promise":
            continue
        module, tests = "", []
        for path, name in _NAMED.findall(named):
            module = path or module
            tests.append((module, name))
        assert re.sub(_NAMED, "", named).strip() == "", named
        found[said] = tests
    return found


@cache
def names_in(module: str) -> set[str]:
    tree = ast.parse((ROOT / module).read_text("utf-8"))
    return {part.name for part in tree.body if isinstance(part, ast.FunctionDef)}


@pytest.mark.parametrize("promise", promises())
def test_each_promise_has_a_test(promise: str) -> None:
    tests = promises()[promise]
    assert tests
    for module, name in tests:
        assert name in names_in(module), f"{module}::{name}"


def test_nothing_but_the_server_listens() -> None:
    listening = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "nbimage").rglob("*.py")
        if re.search(r"HTTPServer|socketserver|\.listen\(\d|\.bind\(\(", path.read_text("utf-8"))
    }
    assert listening == {"nbimage/view/serve/http_server.py"}
