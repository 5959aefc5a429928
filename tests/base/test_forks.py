"""`forks`: files that forked processes read by position."""

from __future__ import annotations

from pathlib import Path

from nbimage.base.forks import PositionedFile


def test_a_positioned_file_has_lines_as_any_other(tmp_path: Path) -> None:
    """Pillow asks every format of a file, some of which read lines."""
    data = b"first\n\n" + b"x" * 1000 + b"\nlast"
    (tmp_path / "a").write_bytes(data)
    file = PositionedFile(tmp_path / "a")
    with (tmp_path / "a").open("rb") as other:
        for count in (-1, -1, 20, 2000, None, 3):
            assert file.readline(count) == other.readline(count)
            assert file.tell() == other.tell()
    file.close()
