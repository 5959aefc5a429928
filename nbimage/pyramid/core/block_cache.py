"""Blocks that were read last, each read once by one thread; parts that are assembled of blocks."""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import call_in_child

_BYTES = 1 << 26


class BlockCache:
    """The blocks that were read last, up to so many bytes; a pickle has none of them.

    Parameters
    ----------
    max_bytes : int
        Of all blocks but those that are held; the newest one is kept whatever its size.
    """

    def __init__(self, max_bytes: int = _BYTES) -> None:
        self._max_bytes = max_bytes
        self._reset()
        call_in_child(self._reset)  # blocks that other threads were reading come no more

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._blocks: dict[Hashable, Array] = {}
        self._reading: dict[Hashable, threading.Lock] = {}
        self._held: Counter[Hashable] = Counter()
        self._bytes = 0

    def get(self, key: Hashable, read: Callable[[], Array]) -> Array:
        """Return the block of a key, or else read it: one thread does, the others wait."""
        with self._lock:
            if key in self._blocks:
                self._blocks[key] = self._blocks.pop(key)  # the newest is last
                return self._blocks[key]
            reading = self._reading.setdefault(key, threading.Lock())
        with reading:
            with self._lock:
                if key in self._blocks:
                    return self._blocks[key]
            try:
                block = read()
                block.flags.writeable = False
                self._keep(key, block)
            finally:
                with self._lock:
                    self._reading.pop(key, None)
        return block

    def assemble(
        self,
        key: tuple[Hashable, ...],
        box: Box,
        size: tuple[int, int],
        read_block: Callable[[int, int], Array],
    ) -> Array:
        """Return a part of an image as `assemble` does, of blocks kept by key, row and column."""
        return assemble(
            box,
            size,
            lambda row, column: self.get((*key, row, column), lambda: read_block(row, column)),
        )

    def _keep(self, key: Hashable, block: Array) -> None:
        with self._lock:
            if key in self._blocks:
                return
            self._blocks[key] = block
            self._bytes += block.nbytes
            self._drop()

    def _drop(self) -> None:
        """Forget the oldest blocks that nobody holds, until there are no more than there may be."""
        too_many, dropped = self._bytes - self._max_bytes, []
        for key in itertools.islice(self._blocks, len(self._blocks) - 1):
            if too_many <= 0:
                break
            if not self._held[key]:
                too_many -= self._blocks[key].nbytes
                dropped.append(key)
        for key in dropped:
            self._bytes -= self._blocks.pop(key).nbytes

    @contextlib.contextmanager
    def hold(self, keys: Iterable[Hashable]) -> Iterator[None]:
        """Keep blocks from when they are read until this ends, however slowly it comes to them."""
        held = tuple(keys)
        with self._lock:
            self._held.update(held)
        try:
            yield
        finally:
            with self._lock:
                self._held.subtract(held)
                self._held = +self._held
                self._drop()

    def clear(self) -> None:
        """Forget all blocks."""
        self._reset()

    def __getstate__(self) -> dict[str, Any]:
        return {"_max_bytes": self._max_bytes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_max_bytes"])  # type: ignore[misc]


def find_blocks(box: Box, size: tuple[int, int]) -> tuple[range, range]:
    """Return the rows and the columns of blocks of one size that a part of an image lies in."""
    high, wide = size
    rows = range(box.top // high, -(-box.bottom // high))
    return rows, range(box.left // wide, -(-box.right // wide))


def assemble(box: Box, size: tuple[int, int], read_block: Callable[[int, int], Array]) -> Array:
    """Return a part of an image that is cut into blocks of one size, in rows and columns.

    ``read_block(row, column)`` returns one, cut off at the image's end or not.
    """
    high, wide = size
    rows, columns = find_blocks(box, size)
    whole = np.empty(0)
    for row in rows:
        for column in columns:
            block = read_block(row, column)
            top, left = row * high, column * wide
            inner = block[
                max(0, box.top - top) : box.bottom - top, max(0, box.left - left) : box.right - left
            ]
            if len(rows) == len(columns) == 1:
                return inner
            if row == rows[0] and column == columns[0]:
                whole = np.empty((*box.shape, *inner.shape[2:]), inner.dtype)
            down, across = max(0, top - box.top), max(0, left - box.left)
            whole[down : down + inner.shape[0], across : across + inner.shape[1]] = inner
    return whole
