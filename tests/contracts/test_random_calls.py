"""Calls at random, the same in each run; `make proof` tries a hundred thousand others."""

from __future__ import annotations

import pytest

from tests.proof import calls


@pytest.mark.parametrize(
    ("door", "examples"), [(d, 40 if d == "Video" else 120) for d in calls.DOORS]
)
def test_pixels_are_what_the_documentation_says(door: str, examples: int) -> None:
    assert calls.run(examples, [door], repeatable=True) >= examples
