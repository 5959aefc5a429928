"""Other people's programs, which are heavy, read of each kind of file what nbimage reads of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contracts.test_kinds import compare_values
from tests.kinds import HEAVY, KINDS

REFERENCES = [(k, r) for k, kind in KINDS.items() for r in sorted(HEAVY & set(kind.references))]


@pytest.mark.parametrize(("kind", "reference"), REFERENCES)
def test_another_program_reads_the_same(kind: str, reference: str, tmp_path: Path) -> None:
    path, content = KINDS[kind].make(tmp_path)
    compare_values(KINDS[kind].references[reference](path), content)
