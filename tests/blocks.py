"""Sources and lazy arrays for tests of what is read, how often, and what an interrupt leaves."""

from __future__ import annotations

import math
import threading

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import Source


class Blocks(Source):
    """An image that is made where it is read, and counts what was read of it."""

    def __init__(self, side: int, block: tuple[int, int] = (256, 256)) -> None:
        super().__init__(shapes=((side, side),), dtype=np.uint16, blocks=(block,))
        self.pixels = 0
        self.lock = threading.Lock()
        self.fails_after = math.inf

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        """Return a part, unless too much has been read by now."""
        with self.lock:
            self.pixels += box.shape[0] * box.shape[1]
            if self.pixels > self.fails_after:
                raise KeyboardInterrupt
        y, x = np.ogrid[box.top : box.bottom, box.left : box.right]
        return ((y ^ x) & 0xFF).astype(np.uint16)


class Counted:
    """Doubles blocks of a lazy array, and counts how many were computed."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, block: Array) -> Array:
        self.calls += 1
        return block * 2
