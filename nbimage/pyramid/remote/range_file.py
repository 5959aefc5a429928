"""A file at an address as a file object, for those who look for their tables in it."""

from __future__ import annotations

import io
from collections import OrderedDict
from typing import Any

from nbimage.pyramid.remote.remote_file import Remote

_BLOCK, _BLOCKS = 1 << 16, 32  # bytes, and how many such are kept
_TABLE = 1 << 28  # bytes at once


class RangeFile(io.RawIOBase):
    """Blocks of a file, read when they are needed; one thread at a time."""

    def __init__(self, remote: Remote, size: int) -> None:
        super().__init__()
        self.name = remote.name
        self.mode = "rb"
        self._remote, self._size, self._at = remote, size, 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Return bytes from the place on; fewer at the end."""
        left = max(0, self._size - self._at)
        count = left if size is None or size < 0 else min(size, left)
        if count > _BLOCK * _BLOCKS // 2:
            data = self._remote.fetch(start=self._at, end=self._at + min(count, _TABLE))
        else:
            first, last = self._at // _BLOCK, -(-(self._at + count) // _BLOCK)
            whole = b"".join(self._block(number) for number in range(first, last))
            data = whole[self._at - first * _BLOCK :][:count]
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            start = number * _BLOCK
            end = min(start + _BLOCK, self._size)
            self._blocks[number] = self._remote.fetch(start=start, end=end)
            while len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
