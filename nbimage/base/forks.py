"""What a forked child process must not use as its parent has left it.

A child has its parent's memory, but one thread alone: locks that other threads held stay locked,
and pools have no threads. It shares what the kernel keeps of open files, pipes and sockets: where
the next byte is read, who has a lock, and whether the other end sees a pipe as closed. Objects
that have such things are told here that they are in a child.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WITH_THREADS = "pyvips", "dask.threaded"
_WINDOW = 1 << 13  # bytes that are read at once for a few of them
_calls: weakref.WeakValueDictionary[tuple[int, Any], Any] = weakref.WeakValueDictionary()
_open: weakref.WeakSet[Any] = weakref.WeakSet()
_abandoned: list[Any] = []
_loaded: set[str] = set()
_numbers = itertools.count()


def call_in_child(method: Any) -> None:
    """Call a bound method in each process that is forked while its object is there.

    It is called before anything else runs there, must be quick, and must not raise.
    """
    _calls[next(_numbers), method.__func__] = method.__self__


def detach_in_child(file: Any) -> None:
    """Let a file, pipe or socket lead nowhere in each process that is forked while it is open.

    The other end sees it closed when this process closes it, and what a child has in a buffer, or
    writes by mistake, reaches nobody. ``file`` has a method ``fileno``.
    """
    _open.add(file)


def abandon(what: Any) -> None:
    """Keep what came from the parent process for good: to close it would disturb the parent."""
    _abandoned.append(what)


def was_loaded_before(package: str) -> bool:
    """Say whether this is a forked process, and a package was imported before the fork.

    A library that has threads of its own, such as libvips or dask, waits for them for ever then.
    """
    return package in _loaded


def compute(lazy: Any) -> Any:
    """Return what an array of dask holds: in a forked process without the threads that it lacks."""
    if was_loaded_before("dask.threaded"):
        return lazy.compute(scheduler="synchronous")
    return lazy.compute()


def remove_at_end(owner: Any, path: Path) -> Callable[[], object]:
    """Remove a file or folder when its owner is gone; return what removes it before that.

    In a forked process, which has its owner too, nothing is removed.
    """
    return weakref.finalize(owner, _remove_in, path, os.getpid())


def _remove_in(path: Path, process: int) -> None:
    if os.getpid() != process:
        return
    if path.is_dir():
        import shutil  # with its compressors 4 ms, for which no picture should wait

        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):  # on Windows, while somebody has it open
            path.unlink(missing_ok=True)


def _begin_child() -> None:
    _detach()
    _loaded.update(name for name in _WITH_THREADS if name in sys.modules)
    for (_, function), owner in list(_calls.items()):
        function(owner)


def _detach() -> None:
    descriptors = []
    for file in list(_open):
        with contextlib.suppress(OSError, ValueError):  # it is closed
            descriptors.append(file.fileno())
    descriptors = [descriptor for descriptor in descriptors if descriptor >= 0]
    if not descriptors:
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)


def fill_buffer(file: Any, buffer: Any) -> int:
    """Read into a buffer what a file's `read` returns, for its `readinto`; return how much."""
    with memoryview(buffer).cast("B") as view:
        data = file.read(len(view))
        view[: len(data)] = data
    return len(data)


class PositionedFile:
    """A file open for reading, whose bytes any thread and any forked process may read at once.

    It is a file object too, for one thread at a time; its position is no other process'.
    """

    def __init__(self, path: Path | str) -> None:
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115, PTH123
        self.name, self.mode = str(path), "rb"
        self.size = os.fstat(self._file.fileno()).st_size
        self._position = self._window_start = 0
        self._window = b""
        self._lock = threading.Lock()

    def read_range(self, start: int, count: int) -> bytes:
        """Return so many bytes from ``start`` on; fewer at the end of the file."""
        count = min(count, self.size - start)  # no memory for what is not there
        if count <= 0 or start < 0:
            return b""
        data = self._read_once(start, count)
        if len(data) == count or not data:
            return data
        parts = [data]  # Linux reads 2 GiB at most
        done = len(data)
        while done < count and (data := self._read_once(start + done, count - done)):
            parts.append(data)
            done += len(data)
        return b"".join(parts)

    def _read_once(self, start: int, count: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), count, start)
        with self._lock:  # on Windows, where nothing is forked
            self._file.seek(start)
            return self._file.read(count)

    def read(self, count: int | None = -1) -> bytes:
        """Return bytes from the position on: of a few those around them are kept as well."""
        left = max(0, self.size - self._position)
        count = left if count is None or count < 0 else min(count, left)
        begin = self._position - self._window_start
        if count < _WINDOW and not 0 <= begin <= len(self._window) - count:
            self._window_start, begin = self._position, 0
            self._window = self.read_range(self._position, _WINDOW)
        if count < _WINDOW:
            data = self._window[begin : begin + count]
        else:
            data = self.read_range(self._position, count)
        self._position += len(data)
        return data

    def readline(self, limit: int | None = -1) -> bytes:
        """Return bytes up to the end of a line, at most so many."""
        start, parts = self._position, [b""]
        while b"\n" not in parts[-1] and (part := self.read(256)):
            parts.append(part)
        data = b"".join(parts)
        line = data[: data.find(b"\n") + 1] or data
        line = line if limit is None or limit < 0 else line[:limit]
        self._position = start + len(line)
        return line

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        return fill_buffer(self, buffer)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a position."""
        self._position = max(0, offset + (0, self._position, self.size)[whence])
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seekable(self) -> bool:
        """Return True."""
        return True

    def readable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._file.fileno()

    @property
    def closed(self) -> bool:
        """Whether the file is closed."""
        return self._file.closed

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> PositionedFile:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_child)
