"""What a type checker says of users' calls: nothing of right ones, an error for each wrong one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import nbimage
from tests import stub

CALLS = Path(__file__).with_name("users_calls.py")


def test_wrong_calls_and_no_others_are_errors() -> None:
    root = CALLS.parents[1]
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(CALLS)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    said = re.findall(r"^tests/users_calls\.py:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    errors = {int(number): text for number, text in said}
    lines = CALLS.read_text("utf-8").splitlines()
    wrong = {i for i, line in enumerate(lines, 1) if line.endswith("# wrong")}
    assert not {i: text for i, text in errors.items() if i not in wrong}, "right calls"
    assert not {i: lines[i - 1] for i in wrong - set(errors)}, "wrong calls"


def test_every_public_name_is_called() -> None:
    text = CALLS.read_text("utf-8")
    names = [n for n in nbimage.__all__ if not n.endswith(("ipython_extension", "Error"))]
    assert not [name for name in names if not re.search(rf"\b{name}\(", text) and name != "Pyramid"]


def test_the_stub_has_the_parameters_of_the_classes() -> None:
    assert stub.PATH.read_text("utf-8") == stub.make_stub(), "run python -m tests.stub"
