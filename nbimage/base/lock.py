"""Locks that keep processes of one machine apart, on every platform.

The operating system lets go of such a lock when its process ends, however it ends; a process that
was forked meanwhile has none of it. It is not for the threads of one process, nor for processes of
several machines that share a folder.
"""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from nbimage.base.forks import detach_in_child

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
    detach_in_child(_Descriptor(lock))
    return lock


class _Descriptor:
    """The descriptor of a lock, for which a forked process would hold it too, or release it."""

    def __init__(self, lock: BaseFileLock) -> None:
        self._lock = weakref.ref(lock)
        lock.__dict__["_descriptor"] = self  # as long as the lock

    def fileno(self) -> int:
        """Return the descriptor; -1: the lock is free."""
        context = getattr(self._lock(), "_context", None)
        found = getattr(context, "lock_file_fd", None)  # None where filelock itself knows of forks
        return -1 if found is None else int(found)
