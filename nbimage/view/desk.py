"""Tiles on demand: each made once, the latest ones kept, by any thread."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from nbimage.pyramid.source import one_line
from nbimage.view.images import Image
from nbimage.view.large import Address, LargeStack
from nbimage.view.samples import as_samples

_MOST = 1 << 28  # bytes of encoded tiles


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as a page takes it."""

    data: bytes
    """A PNG of byte planes, as `nbimage.view.samples` has it."""
    dtype: str
    rough: bool = False
    """A better one comes later."""


class Desk:
    """Hands out the tiles of images."""

    def __init__(self, images: Sequence[Image], *, most: int = _MOST) -> None:
        self._stacks: list[LargeStack] = [image.stack for image in images]  # type: ignore[misc]
        self._most, self._bytes = most, 0
        self._lock = threading.Lock()
        self._tiles: OrderedDict[tuple[int, Address], Tile] = OrderedDict()
        self._making: dict[tuple[int, Address], threading.Lock] = {}

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self._stacks)

    def tile(self, image: int, address: Address) -> Tile:
        """Return a tile, made now or kept. Raises what the source raises."""
        key = image, address
        with self._lock:
            known = self._known(key)
            if known is not None:
                return known
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                with self._lock:
                    known = self._known(key)
                if known is None:
                    known = self._made(image, address)
                    with self._lock:
                        self._keep(key, known)
                return known
        finally:
            with self._lock:
                self._making.pop(key, None)

    def _known(self, key: tuple[int, Address]) -> Tile | None:
        if key in self._tiles:
            self._tiles.move_to_end(key)
        return self._tiles.get(key)

    def _keep(self, key: tuple[int, Address], tile: Tile) -> None:
        if tile.rough:
            return
        self._tiles[key] = tile
        self._bytes += len(tile.data)
        while self._bytes > self._most and len(self._tiles) > 1:
            self._bytes -= len(self._tiles.popitem(last=False)[1].data)

    def _made(self, image: int, address: Address) -> Tile:
        stack = self._stacks[image]
        values = stack.read(address.level, stack.box(address), stack.place(address.plane))
        samples = as_samples(values, exact=True)
        return Tile(samples.png, samples.dtype)


def said(error: BaseException) -> str:
    """Return what a failed tile says of itself, in one line."""
    return one_line(error)
