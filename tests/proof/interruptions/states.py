"""What is in a folder: the files themselves, and what is temporary."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from nbimage.base.disk.leftovers import TEMPORARY_NAME

_RESUMED = re.compile(r"\.nbimage-.+\.part")
_DAYS = 2 * 86_400
State = dict[str, str]


def state_of(folder: Path) -> State:
    """Return the sums of all files by their names, but for what is temporary; folders are ""."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if any(part.startswith(".nbimage-") for part in name.split("/")):
            continue
        found[name] = "" if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def temporary(folder: Path) -> list[str]:
    """Return the names of what is temporary."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob(".nbimage-*")
        if not any(part.startswith(".nbimage-") for part in path.relative_to(folder).parts[:-1])
    )


def is_known_litter(name: str, *, killed: bool) -> bool:
    """Say whether something temporary may be left: to be gone on with, or by who was killed."""
    last = name.rpartition("/")[2]
    by_kill = TEMPORARY_NAME.fullmatch(last) is not None
    return killed if by_kill else _RESUMED.fullmatch(last) is not None


def grow_old(folder: Path) -> None:
    """Let all that is temporary be some days old."""
    for name in temporary(folder):
        top = folder / name
        for path in [*(sorted(top.rglob("*"), reverse=True) if top.is_dir() else ()), top]:
            then = path.lstat().st_mtime - _DAYS
            os.utime(path, (then, then), follow_symlinks=False)


def find_marked(mark: str) -> dict[int, str]:
    """Return the processes in whose environment there is a mark, and what they run."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if mark.encode() in (entry / "environ").read_bytes():
                    state = (
                        (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
                    )
                    if state != "Z":
                        command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
                        found[int(entry.name)] = command.decode(errors="replace")[:400]
            except OSError:  # it has ended
                pass
    return found
