"""The folder of an export: where it may go, what it may replace, and that it is written whole.

Not here: what is in it (`export_folder`), writing whole in general (`nbimage.base.atomic`).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbimage.base.atomic import AtomicPath, resolve_target

_MARK = '<meta name="generator" content="nbimage export">'
_OURS = re.compile(
    r"index\.html|tiles|tiles/\d+|tiles/\d+/\d+\.dzi|tiles/\d+/\d+(_files)?"
    r"|tiles/\d+/\d+(_files)?/\d+|tiles/\d+/\d+(_files)?/\d+/\d+_\d+\.(js|png|jpeg|webp|avif)",
    re.ASCII,
)
"""What an export may have written."""


def resolve_export_target(path: Any) -> Path:
    """Return where an export may go."""
    _, target = resolve_target(path)
    if target.exists():
        _check_ours(target)
    return target


def _check_ours(target: Path) -> None:
    """Raise FileExistsError for what is neither an older export nor empty."""
    refused = f"{target} must be a new folder, an empty one or an older export, but "
    if not target.is_dir():
        raise FileExistsError(f"{refused}is a file: give another name")
    if next(target.iterdir(), None) is None:
        return
    page = target / "index.html"
    with contextlib.suppress(OSError), page.open("rb") as file:
        if _MARK.encode() in file.read(2000):
            other = next(_others(target), None)
            if other is None:
                return
            raise FileExistsError(f"{refused}holds {other} too: move that away")
    raise FileExistsError(f"{refused}holds other files: give another name")


def _others(target: Path) -> Iterator[str]:
    """Yield what no export has written."""
    for folder, folders, files in os.walk(target):
        for name in (*folders, *files):
            path = Path(folder, name)
            inside = path.relative_to(target).as_posix()
            if not _OURS.fullmatch(inside) or path.is_symlink():
                yield inside


@contextlib.contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Yield a folder beside the target that replaces it when all went well."""
    with AtomicPath(target) as part:
        part.path.mkdir()
        yield part.path
        if target.exists():
            _check_ours(target)  # which may have changed meanwhile
        part.commit()


def write_page(folder: Path, page: str) -> None:
    """Write a folder's page, marked as an export."""
    marked = page.replace("<title>", f"{_MARK}<title>", 1)
    write_bytes(folder / "index.html", marked.encode())


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, its folder too if need be."""
    try:
        path.write_bytes(data)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def format_size(size: float) -> str:
    """Return a number of bytes in words."""
    return f"{size / 2**20:.0f} MiB" if size < 2**30 else f"{size / 2**30:.1f} GiB"
