"""Locks that keep processes of one machine apart, on every platform.

The operating system lets go of such a lock when its process ends, however it ends. It is not for
the threads of one process, nor for processes of several machines that share a folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from filelock import BaseFileLock


def acquire_lock(path: Path) -> BaseFileLock:
    """Lock a file, which is created if need be; `release` it, or leave it as a context.

    Raises BlockingIOError at once where another process, or another part of this one, has it.
    """
    from filelock import FileLock, Timeout  # only here: most work needs no lock

    # of no thread: it may be released by another one than has acquired it
    lock = FileLock(str(path), timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(f"{path} is locked by another process: wait for it") from None
    return lock
