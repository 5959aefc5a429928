"""The tiles of an OME-Zarr image, which zarr itself encodes: chunks, or shards of some of them."""

from __future__ import annotations

import operator
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.workers.threads import do_uninterrupted
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Index
from nbimage.pyramid.writers.directories import Directory


@dataclass(frozen=True, slots=True)
class ZarrLayout:
    """Where a tile lies in the arrays of its level."""

    grid: TileGrid
    letters: tuple[str, ...]
    """Of the further axes, as they are read."""
    order: tuple[str, ...]
    """Of the axes before rows and columns, as they are written."""

    def part(
        self, index: Index, level: int, column: int, row: int, samples: Array
    ) -> tuple[tuple[Any, ...], Array]:
        """Return which part of its level's array a tile is, and its samples as that has them."""
        indices = dict(zip(self.letters, index, strict=True))
        where: list[Any] = [indices.get(letter, slice(None)) for letter in self.order]
        if samples.ndim == 3:
            # z is the only axis between the channels and the rows
            samples = np.moveaxis(samples, 2, 0)
        return (*where, *self.grid.inner(level, column, row).slices), samples


class ZarrArrays:
    """Writes tiles into arrays that are open: a `TileSink` of this process."""

    def __init__(self, arrays: list[Any], layout: ZarrLayout) -> None:
        self._arrays, self._layout = arrays, layout

    def __call__(self, index: Index, level: int, column: int, row: int, samples: Array) -> None:
        """Take a tile."""
        where, samples = self._layout.part(index, level, column, row, samples)
        do_uninterrupted(lambda: operator.setitem(self._arrays[level], where, samples))

    def flush(self) -> None:
        """Do nothing."""


class ZarrFiles:
    """Writes the files of chunks into a folder, from any process: a `TileSink`.

    ``levels``: what `zarr.create_array` is told of each level.
    """

    def __init__(
        self, directory: Directory, levels: tuple[dict[str, Any], ...], layout: ZarrLayout
    ) -> None:
        self._state = directory, levels, layout
        self.__setstate__(self._state)

    def __call__(self, index: Index, level: int, column: int, row: int, samples: Array) -> None:
        """Take a tile."""
        where, samples = self._layout.part(index, level, column, row, samples)
        array, files = self._array(level)
        files.clear()
        array[where] = samples
        self._directory.write({name: data.to_bytes() for name, data in files.items()})
        files.clear()

    def _array(self, level: int) -> tuple[Any, dict[str, Any]]:
        """Return a level's array of this thread, and where it puts its files."""
        known: dict[int, tuple[Any, dict[str, Any]]] = self._own.__dict__.setdefault("arrays", {})
        if level not in known:
            zarr, files = optional.import_zarr(), dict[str, Any]()
            store = zarr.storage.MemoryStore(store_dict=files)
            known[level] = zarr.create_array(store, **self._levels[level]), files
        return known[level]

    def flush(self) -> None:
        """Do nothing."""

    def __getstate__(self) -> Any:
        return self._state

    def __setstate__(self, state: Any) -> None:
        self._state = state
        self._directory, self._levels, self._layout = state
        self._own = threading.local()
