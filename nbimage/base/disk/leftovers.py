"""What processes that were killed have left: temporary files and folders that nobody ends.

A process that is killed has no time to tidy up: one that writes in the same folder a day later
does.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import time
from pathlib import Path

TEMPORARY_NAME = re.compile(r"\.nbimage-[0-9a-f]{12}\.(part|old)")
"""What an interrupted process may leave behind, if it had no time to tidy up."""
_OLD = 86_400  # seconds since anything in it has changed
_OFTEN = 3600  # seconds between two readings of a folder
_MOST = 64  # folders that are remembered
_read: dict[str, float] = {}


def temporary_path(beside: Path, suffix: str = "part") -> Path:
    """Return a new name in the folder of a path; ``old`` is of what may have to come back."""
    return beside.with_name(f".nbimage-{os.urandom(6).hex()}.{suffix}")


def make_temporary_folder() -> Path:
    """Make a folder for a short time where the system has such ones; it is the caller's to remove.

    What a process has left there that was killed is removed a day later.
    """
    above = Path(tempfile.gettempdir())
    remove_abandoned(above)
    folder = temporary_path(above / "any")
    folder.mkdir(0o700)
    return folder


def remove_abandoned(folder: Path) -> None:
    """Remove what in a folder was being written a day ago or earlier, and not since.

    Not what a later run goes on with, nor an older folder that was to be replaced. A folder is read
    once an hour.
    """
    now, key = time.time(), str(folder)
    if now - _read.get(key, -_OFTEN) < _OFTEN:
        return
    if len(_read) >= _MOST:
        _read.clear()
    _read[key] = now
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = TEMPORARY_NAME.fullmatch(entry.name)
            if found and found[1] == "part" and _is_abandoned(entry.path, now - _OLD):
                _remove(entry.path)


def _is_abandoned(path: str, before: float) -> bool:
    """Say whether nothing in a file or folder has changed since; False of what is gone on with."""
    try:
        state = os.lstat(path)
        if state.st_mtime > before:
            return False
        if not stat.S_ISDIR(state.st_mode):
            return stat.S_ISREG(state.st_mode)
        with os.scandir(path) as entries:
            return all(
                entry.name != "lock" and _is_abandoned(entry.path, before) for entry in entries
            )
    except OSError:
        return False


def _remove(path: str) -> None:
    if os.path.isdir(path):  # noqa: PTH112 (a name of `os.scandir`)
        import shutil  # with its compressors 4 ms, for which no picture should wait

        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 (as above)
