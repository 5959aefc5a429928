"""Levels that lie in a file as tiles or strips: the parts that are asked for, put together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array

_BYTES = 1 << 26


class BlockCache:
    """What was decoded last, up to so many bytes; it is left out of a pickle."""

    def __init__(self, most: int = _BYTES) -> None:
        self._most = most
        self._reset()

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[Hashable, Array] = {}
        self._making: dict[Hashable, threading.Lock] = {}
        self._bytes = 0

    def get(self, key: Hashable, make: Callable[[], Array]) -> Array:
        """Return what is held under a key, or else make it: one thread does, the others wait.

        The newest is held whatever its size.
        """
        with self._lock:
            if key in self._held:
                self._held[key] = self._held.pop(key)  # the newest is last
                return self._held[key]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if key in self._held:
                    return self._held[key]
            try:
                made = make()
                made.flags.writeable = False
                self._hold(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def _hold(self, key: Hashable, made: Array) -> None:
        with self._lock:
            if key in self._held:
                return
            self._held[key] = made
            self._bytes += made.nbytes
            while self._bytes > self._most and len(self._held) > 1:
                self._bytes -= self._held.pop(next(iter(self._held))).nbytes

    def clear(self) -> None:
        """Let go of all."""
        self._reset()

    def __getstate__(self) -> dict[str, Any]:
        return {"_most": self._most}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._reset()


def assemble(box: Box, size: tuple[int, int], piece: Callable[[int, int], Array]) -> Array:
    """Return a part of an image that is cut into pieces of one size, in rows and columns.

    ``piece(row, column)`` returns one, cut off at the image's end or not.
    """
    high, wide = size
    rows = range(box.top // high, -(-box.bottom // high))
    columns = range(box.left // wide, -(-box.right // wide))
    whole = np.empty(0)
    for row in rows:
        for column in columns:
            found = piece(row, column)
            top, left = row * high, column * wide
            inner = found[
                max(0, box.top - top) : box.bottom - top, max(0, box.left - left) : box.right - left
            ]
            if len(rows) == len(columns) == 1:
                return inner
            if row == rows[0] and column == columns[0]:
                whole = np.empty((*box.shape, *inner.shape[2:]), inner.dtype)
            down, across = max(0, top - box.top), max(0, left - box.left)
            whole[down : down + inner.shape[0], across : across + inner.shape[1]] = inner
    return whole
