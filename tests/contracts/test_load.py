"""Verbs that are called often leave nothing behind, and give the same in many threads.

A few of the trials of `tests/proof/load`, which calls each verb a thousand times and uses a live
view for long.
"""

from __future__ import annotations

import sys

import pytest

from tests.proof.load import calls


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has is read in /proc")
@pytest.mark.parametrize("verb", ["Picture.save", "View"])
def test_a_verb_that_is_called_often_leaves_nothing_behind(verb: str) -> None:
    calls.check_growth(verb, 100)


@pytest.mark.parametrize("verb", ["Picture", "View", "write_dzi"])
def test_a_verb_gives_the_same_in_eight_threads_at_once(verb: str) -> None:
    calls.check_threads(verb, 16)
