"""Errors in one line: what is wrong with a file, of letters that can be seen."""

from __future__ import annotations

import struct

import pytest

from nbimage.base.text import explain_damage


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("NAXIS1"), "it lacks 'NAXIS1'"),
        (KeyError("Unable to open object"), "Unable to open object"),
        (IndexError("list index out of range"), "it ends early, or contradicts itself"),
        (struct.error("unpack requires a buffer"), "it ends early, or contradicts itself"),
        (RecursionError("maximum recursion depth"), "it is nested too deeply"),
        (MemoryError(), "it asks for more memory than there is"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "x"), "it has text that can't be decoded"),
        (TypeError("'NoneType' object is not iterable"), "it contradicts itself"),
        (ZeroDivisionError("division by zero"), "it contradicts itself"),
        (ValueError("malformed: <ast.BinOp object at 0x7f>"), "it can't be parsed"),
        (ValueError("rows\nare\0 missing"), "rows are\\x00 missing"),
    ],
)
def test_what_python_says_of_a_program_becomes_what_is_wrong_with_a_file(
    error: Exception, line: str
) -> None:
    assert explain_damage(error) == line
