"""The page of what was tried at length says what was kept of it."""

from __future__ import annotations

import importlib

import pytest

from tests.proof import page


def test_page_is_of_the_lines_that_are_kept() -> None:
    assert page.PAGE.read_text("utf-8") == page.compose(page.read())


@pytest.mark.parametrize("name", page.PARTS)
def test_each_part_says_what_it_claims(name: str) -> None:
    part = importlib.import_module(f"tests.proof.{name}")
    assert part.CLAIM
    assert callable(part.prove)
