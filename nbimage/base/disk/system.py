"""Two names exchanged at once, and what was written surely on the disk, where the system can.

Where it can't, each function says so or does nothing: who calls has another way.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_HERE = -100  # AT_FDCWD: names are as the process sees them
_SWAP = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS
_PATIENCE = 10.0  # seconds: renames take none


def exchange(one: Path, other: Path) -> bool:
    """Let two files or folders have each other's name, at once; False where that can't be."""
    rename = _find_exchange()
    return rename is not None and rename(os.fsencode(one), os.fsencode(other)) == 0


@functools.cache
def _find_exchange() -> Callable[[bytes, bytes], int] | None:
    library = _find_library()
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: int(library.renameat2(_HERE, one, _HERE, other, _SWAP))
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: int(library.renamex_np(one, other, _SWAP))
    return None


@functools.cache
def _find_library() -> Any:
    """Return the functions of the system's library; None where there are none to be called."""
    if sys.platform not in ("linux", "darwin"):
        return None
    try:
        import ctypes  # 5 ms, which few need

        return ctypes.CDLL(None)
    except (ImportError, OSError, TypeError):
        return None


def wait_for_disk(folder: Path) -> None:
    """Wait until all that was written on a folder's file system is on the disk.

    Of very many files each one alone would take far longer.
    """
    library = _find_library()
    if hasattr(library, "syncfs"):
        with contextlib.suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                library.syncfs(descriptor)
            finally:
                os.close(descriptor)
    elif hasattr(os, "sync"):
        os.sync()


def find_boot() -> bytes:
    """Return what tells since when this machine runs; nothing where that is not known."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    except OSError:
        return b""


@contextlib.contextmanager
def renames_apart(folder: Path) -> Iterator[None]:
    """Keep others that ask for the same from renaming several things in a folder meanwhile.

    Of any process of this machine, and of any thread.
    """
    descriptor = _lock_folder(folder)
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _lock_folder(folder: Path) -> int | None:
    """Return a descriptor that holds a folder's lock; None where there is no such lock."""
    try:
        import fcntl
    except ImportError:
        return None
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        end = time.monotonic() + _PATIENCE
        try:
            while True:
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return descriptor
                except BlockingIOError:
                    if time.monotonic() > end:  # another program keeps it for something else
                        break
                    time.sleep(0.001)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    return None
