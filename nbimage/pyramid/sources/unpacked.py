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

import numpy as np

from nbimage.base.disk.bounded_reader import BoundedReader
from nbimage.base.forks import call_in_child, remove_at_end
from nbimage.base.text import explain_damage
from nbimage.pyramid.remote.remote_array import RemoteArray
from nbimage.pyramid.remote.remote_file import RemoteFile

_MOST = 1 << 34  # bytes of what is unpacked
_SUFFIXES = {".mgz": ".mgh"}  # of formats that are packed by name
_AT_ONCE = 1 << 20
_ERRORS = (OSError, EOFError, zlib.error)


def _find_opener(path: Path | RemoteFile) -> Callable[..., Any] | None:
    with path.open("rb") as file:
        start = file.read(3)
    if start[:2] == b"\x1f\x8b":
        return gzip.open
    return bz2.open if start == b"BZh" else None


def read_head(path: Path | RemoteFile, size: int) -> bytes:
    """Return the first bytes of a file, of a packed one unpacked; none where that is damaged."""
    unpack = _find_opener(path)
    if unpack is None or isinstance(path, RemoteFile):
        with path.open("rb") as file:
            return bytes(file.read(size))
    try:
        with unpack(path, "rb") as file:
            head: bytes = file.read(size)
            return head
    except _ERRORS:
        return b""


def read_plain(path: Path) -> BoundedReader | io.BytesIO:
    """Open a plain file, or the bytes of a packed one, which has to fit into memory."""
    unpack = _find_opener(path)
    if unpack is None:
        return BoundedReader(path)
    with unpack(path, "rb") as file:
        return io.BytesIO(file.read())


class PlainFile:
    """A file whose bytes are plain: itself, or a copy that is unpacked when it is first needed.

    A pickle has the path alone.
    """

    def __init__(self, path: Path | RemoteFile) -> None:
        self.path = path.absolute()
        self._plain: Path | None = None
        self._renew_lock()
        call_in_child(self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    @property
    def plain(self) -> Path:
        """Where the plain bytes are. Raises ValueError for a damaged file, in one line."""
        if isinstance(self.path, RemoteFile):
            raise ValueError(f"{self.path} must be on this machine, but is not")
        with self._lock:
            if self._plain is None:
                unpack = _find_opener(self.path)
                self._plain = self.path if unpack is None else self._unpack(self.path, unpack)
            return self._plain

    @property
    def is_remote(self) -> bool:
        """Whether the file is at an address: of that nothing is unpacked."""
        return isinstance(self.path, RemoteFile)

    @property
    def size(self) -> int:
        """How many plain bytes there are."""
        if isinstance(self.path, RemoteFile):
            return self.path.open().seek(0, io.SEEK_END)
        return self.plain.stat().st_size

    def open(self) -> io.RawIOBase:
        """Return the plain bytes as a file object."""
        if isinstance(self.path, RemoteFile):
            return self.path.open()
        return io.FileIO(self.plain)

    def map(self, dtype: Any, offset: int, shape: tuple[int, ...]) -> Any:
        """Return samples that lie in the plain bytes: of these, only what is used is read."""
        if isinstance(self.path, RemoteFile):
            return RemoteArray(self.path, dtype, offset, shape)
        return np.memmap(self.plain, dtype, "r", offset, shape)

    def _unpack(self, path: Path, unpack: Callable[..., Any]) -> Path:
        plain = path.with_suffix(_SUFFIXES.get(path.suffix.lower(), ""))
        handle, name = tempfile.mkstemp(prefix="nbimage-", suffix=plain.suffix)
        remove_at_end(self, Path(name))
        with os.fdopen(handle, "wb") as target:
            try:
                with unpack(path, "rb") as file:
                    self._copy(file, target)
            except _ERRORS as error:
                raise ValueError(
                    f"{self.path} must be a whole packed file: {explain_damage(error)}"
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
