"""A file read by positions is a file object as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbimage.base.forks import PositionedFile


@pytest.mark.parametrize("data", [b"", b"one", b"one\n\ntwo\n", b"a" * 1000 + b"\nend", b"x\n" * 3])
def test_lines_are_those_of_the_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    file = PositionedFile(tmp_path / "a")
    with (tmp_path / "a").open("rb") as plain:
        while line := plain.readline():
            assert file.readline() == line
            assert file.tell() == plain.tell()
        assert file.readline() == b""
        assert (file.seek(0), plain.seek(0)) == (0, 0)
        assert file.readline(3) == plain.readline(3)
    file.close()
