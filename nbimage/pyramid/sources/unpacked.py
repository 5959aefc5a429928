"""Files that gzip or bzip2 has packed, as plain ones: their bytes are read from a temporary file.

Not here: files at an address (`downloaded`), pictures of formats that are packed themselves.
"""

from __future__ import annotations

import bz2
import gzip
import io
import os
import tempfile
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from nbimage.base.forks import call_in_child, remove_at_end
from nbimage.base.text import one_line

_MOST = 1 << 34  # bytes of what is unpacked
_SUFFIXES = {".mgz": ".mgh"}  # of formats that are packed by name
_AT_ONCE = 1 << 20
_ERRORS = (OSError, EOFError, zlib.error)


def _find_opener(path: Path) -> Callable[..., Any] | None:
    with path.open("rb") as file:
        start = file.read(3)
    if start[:2] == b"\x1f\x8b":
        return gzip.open
    return bz2.open if start == b"BZh" else None


def read_head(path: Path, size: int) -> bytes:
    """Return the first bytes of a file, of a packed one unpacked; none where that is damaged."""
    unpack = _find_opener(path)
    if unpack is None:
        with path.open("rb") as file:
            return file.read(size)
    try:
        with unpack(path, "rb") as file:
            head: bytes = file.read(size)
            return head
    except _ERRORS:
        return b""


def read_plain(path: Path) -> Path | io.BytesIO:
    """Return a plain file's path, or the bytes of a packed one, which has to fit into memory."""
    unpack = _find_opener(path)
    if unpack is None:
        return path
    with unpack(path, "rb") as file:
        return io.BytesIO(file.read())


class PlainFile:
    """A file whose bytes are plain: itself, or a copy that is unpacked when it is first needed.

    A pickle has the path alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._plain: Path | None = None
        self._renew_lock()
        call_in_child(self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    @property
    def plain(self) -> Path:
        """Where the plain bytes are. Raises ValueError for a damaged file, in one line."""
        with self._lock:
            if self._plain is None:
                unpack = _find_opener(self.path)
                self._plain = self.path if unpack is None else self._unpack(unpack)
            return self._plain

    def _unpack(self, unpack: Callable[..., Any]) -> Path:
        plain = self.path.with_suffix(_SUFFIXES.get(self.path.suffix.lower(), ""))
        handle, name = tempfile.mkstemp(prefix="nbimage-", suffix=plain.suffix)
        remove_at_end(self, Path(name))
        with os.fdopen(handle, "wb") as target:
            try:
                with unpack(self.path, "rb") as file:
                    self._copy(file, target)
            except _ERRORS as error:
                raise ValueError(
                    f"{self.path} must be a whole packed file: {one_line(error)}"
                ) from error
        return Path(name)

    def _copy(self, file: IO[bytes], target: IO[bytes]) -> None:
        size = 0
        while part := file.read(_AT_ONCE):
            size += len(part)
            if size > _MOST:
                raise ValueError(
                    f"{self.path} must hold at most {_MOST >> 30} GiB packed: unpack it first"
                )
            target.write(part)

    def __reduce__(self) -> Any:
        return PlainFile, (self.path,)
