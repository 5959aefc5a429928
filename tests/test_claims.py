"""Figures of the documents: each has a command, and those of the code are the code's."""

from __future__ import annotations

import pytest

from tests.proof import claims
from tests.proof.claims import changes, limits, measured


@pytest.mark.parametrize("page", claims.PAGES)
def test_each_figure_has_the_command_that_makes_it(page: str) -> None:
    assert list(claims.unnamed(page)) == []


@pytest.mark.parametrize("claim", [*limits.CLAIMS, *changes.OF_CODE], ids=lambda one: one.text[:60])
def test_a_figure_of_the_code_is_the_codes(claim: claims.Claim) -> None:
    assert list(claims.check(claim)) == []


@pytest.mark.parametrize(
    "claim", [*measured.CLAIMS, *changes.CLAIMS], ids=lambda one: one.text[:60]
)
def test_a_figure_of_a_benchmark_is_that_of_its_last_run(claim: claims.Claim) -> None:
    assert list(claims.check(claim)) == []
