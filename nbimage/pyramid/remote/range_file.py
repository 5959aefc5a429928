"""A file at an address as a file object, for readers that look for tables in it.

It keeps the blocks it read last. Samples are read by `RemoteFile` itself, without this detour.
"""

from __future__ import annotations

import io
import itertools
from collections import OrderedDict
from typing import Any, Protocol

from nbimage.base.forks import fill_buffer

_BLOCK, _BLOCKS = 1 << 16, 32  # bytes, and how many such are kept
_MAX_READ = 1 << 28  # bytes at once


class Readable(Protocol):
    """A file of which parts are read: `RemoteFile`."""

    name: str

    def read_range(self, start: int, count: int) -> bytes:
        """Return so many bytes."""


class NotInPartsError(ValueError):
    """A file at an address is of no kind that is read in parts."""


class RangeFile(io.RawIOBase):
    """Blocks of a file, read when they are needed; one thread at a time.

    ``like``: of the same file, the blocks of which are there.
    """

    def __init__(self, remote: Readable, size: int, like: RangeFile | None = None) -> None:
        super().__init__()
        self.name = remote.name
        self.mode = "rb"
        self.error: OSError | ValueError | None = None
        """What went wrong last: some readers tell only that something has."""
        self._remote, self._size, self._position = remote, size, 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict(like._blocks if like else ())

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position; at most to the end."""
        position = offset + (0, self._position, self._size)[whence]
        self._position = min(max(0, position), self._size)
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Return bytes from the position on; fewer at the end."""
        left = max(0, self._size - self._position)
        count = left if size is None or size < 0 else min(size, left)
        if not count:
            return b""
        if count > _BLOCK * _BLOCKS // 2:
            count = min(count, _MAX_READ)
            data = self._fetch(self._position, count)
        else:
            first, last = self._position // _BLOCK, -(-(self._position + count) // _BLOCK)
            self._load(range(first, last))
            whole = b"".join(self._blocks[number] for number in range(first, last))
            data = whole[self._position - first * _BLOCK :][:count]
        self._position += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        return fill_buffer(self, buffer)

    def _fetch(self, start: int, count: int) -> bytes:
        try:
            return self._remote.read_range(start, count)
        except (OSError, ValueError) as error:
            self.error = error
            raise

    def _load(self, numbers: range) -> None:
        """Read the blocks that are not there, by as few requests as can be."""
        missing = [number for number in numbers if number not in self._blocks]
        for _, pairs in itertools.groupby(enumerate(missing), lambda pair: pair[1] - pair[0]):
            run = [number for _, number in pairs]
            start, end = run[0] * _BLOCK, min((run[-1] + 1) * _BLOCK, self._size)
            data = self._fetch(start, end - start)
            for at, number in enumerate(run):
                self._blocks[number] = data[at * _BLOCK :][:_BLOCK]
        for number in numbers:
            self._blocks.move_to_end(number)
        while len(self._blocks) > _BLOCKS:
            self._blocks.popitem(last=False)
