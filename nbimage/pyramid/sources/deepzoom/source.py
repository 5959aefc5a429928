"""Pyramids of tiles: a descriptor and small picture files, in a folder or in one zip file.

Not here: where a tile's bytes are (`tiles`), what it is called (`pyramid/layouts`).
"""

from __future__ import annotations

import contextlib
import io
import itertools
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.pillow.image_samples import ImageSamples
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache, assemble
from nbimage.pyramid.core.grid import Grid
from nbimage.pyramid.core.source import Source, as_native
from nbimage.pyramid.layouts.descriptors import (
    LARGEST_DESCRIPTOR,
    Descriptor,
    read_descriptor,
)
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, Layout, TileNames
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.deepzoom.numbers import find_google, find_smallest_level
from nbimage.pyramid.sources.deepzoom.remote_tiles import RemoteTiles
from nbimage.pyramid.sources.deepzoom.tiles import FolderTiles, Tiles, ZipTiles
from nbimage.pyramid.sources.pillow_image import decode_image, find_kind_of, open_image
from nbimage.pyramid.sources.zip_entries import ZipEntries

_ALIKE = frozenset({"jpg", "jpeg"})  # formats of which all tiles have the same channels
_ABOUT = 0.25  # of full scale by which a tile that was left out as blank may differ in itself
_FRAME = 16  # pixels at its borders, where JPEG has something of its neighbours, which don't count
_SUFFIXES = ("jpg", "png", "jpeg", "webp", "avif", "gif", "tif", "bmp")
"""Of tiles, the most common first: descriptors of libvips don't say it."""


class DeepZoomSource(Source):
    """A ``.dzi``, or a zip file of one, and its tiles, which are decoded when they are read.

    Tiles that a writer left out as blank are background.
    """

    def __init__(
        self,
        path: Path | RemoteFile,
        entries: ZipEntries | None = None,
        layout: Layout = DEEP_ZOOM,
    ) -> None:
        self._path = path
        self._tiles = _tiles_of(path, layout) if entries is None else ZipTiles(entries)
        self.layout = self._tiles.layout
        try:
            self._describe()
        except BaseException:
            self._tiles.close()
            raise

    def _describe(self) -> None:
        found, name = self._read_descriptor(), str(self._path)
        self.layout = found.layout
        grid, shapes = found.grid, found.shapes
        self._overlap = grid.overlap
        self._block_cache = BlockCache()
        self._names = TileNames(found.layout, shapes, grid.tile_size, "")
        if found.layout is DEEP_ZOOM:
            suffix = found.formats[0]
            shapes = shapes[: find_smallest_level(grid, self._tiles, suffix, name) + 1]
            self._names = TileNames(found.layout, shapes, grid.tile_size, suffix)
        else:
            self._names = self._find_names(dict.fromkeys((*found.formats, *_SUFFIXES)))
        channels, dtype = self._kind()
        super().__init__(
            shapes=shapes,
            dtype=dtype,
            channels=channels,
            pixel_size=found.pixel_size,
            unit=found.unit,
            blocks=((grid.tile_size, grid.tile_size),) * len(shapes),
        )

    def _read_descriptor(self) -> Descriptor:
        if self._tiles.described:
            data = self._tiles.descriptor(LARGEST_DESCRIPTOR + 1)
            return read_descriptor(data, str(self._path), self._tiles.layout)
        return find_google(self._tiles, str(self._path))

    def _find_names(self, suffixes: Iterable[str]) -> TileNames:
        """Find how the tiles are named, of which the smallest level's is asked for."""
        name, ways = "", (True, False) if self.layout.full_size else (True,)
        for level in dict.fromkeys((self._smallest, 0)):
            for suffix, full in itertools.product(suffixes, ways):
                names = replace(self._names, suffix=suffix, full_named=full)
                name = name or names(level, 0, 0)
                with contextlib.suppress(*self._tiles.absent):
                    self._tiles.tile(names(level, 0, 0))
                    return names
        raise FileNotFoundError(
            f"{self._path} must have tiles, but lacks {self._tiles.name.rstrip('/')}/{name}"
        )

    @property
    def _smallest(self) -> int:
        return len(self._names.shapes) - 1

    def _kind(self) -> tuple[int, np.dtype[Any]]:
        """Return the channels and the dtype that all tiles are given.

        Where a tile is all opaque, or gray, a writer may leave out what others have: alpha, or
        colors. The smaller a level, the more of the image is in its first tile.
        """
        name = str(self._path)
        first = self._first_tile()
        with open_image(io.BytesIO(first), name, tile=True) as image:
            channels, dtype = _find_kind(image, name)
        found = {channels}
        for level in () if self._names.suffix.lower() in _ALIKE else self._telling_levels():
            # one that can't be read is told when it is asked for
            with contextlib.suppress(OSError, ValueError):
                data = self._bytes(level, 0, 0)
                with open_image(io.BytesIO(data), name, tile=True) as image:
                    channels, own = _find_kind(image, name)
                found |= {channels} if own == dtype else set()
        colors = 3 if max(found) > 2 else 1
        return colors + any(channels % 2 == 0 for channels in found), dtype

    def _first_tile(self) -> bytes:
        """Return the first tile of the largest level; where that is blank, another one."""
        levels = range(self._smallest + 1)
        if self.layout.padded:
            levels = levels[::-1]
        try:
            return self._bytes(levels[0], 0, 0)
        except self._tiles.absent:
            if self.layout is DEEP_ZOOM:
                found = self._tiles.first(self._names.number(0), self._names.suffix)
                if found is not None:
                    return self._tiles.tile(found)
            for level in levels[1:]:
                with contextlib.suppress(*self._tiles.absent):
                    return self._bytes(level, 0, 0)
            raise

    def _telling_levels(self) -> set[int]:
        """Return the smallest level, and the largest one that is one tile."""
        one = [n for n in range(self._smallest + 1) if self._names.counts(n) == (1, 1)]
        return {self._smallest, *one[:1]} - {0}

    def _bytes(self, level: int, column: int, row: int) -> bytes:
        names = self._names
        for name in names.others(level, column, row):
            with contextlib.suppress(*self._tiles.absent):
                return self._tiles.tile(name)
        return self._tiles.tile(names(level, column, row))

    def _inner(self, level: int, column: int, row: int) -> Box:
        """Return a tile's own part of its level."""
        return self._grid(level).box(row, column)

    def _bounds(self, level: int, column: int, row: int) -> Box:
        """Return the part of its level that a tile shows: its own and the overlap."""
        return self._grid(level).box(row, column, self._overlap)

    def _grid(self, level: int) -> Grid:
        side = self._names.tile_size
        return Grid(self._names.shapes[level], (side, side))

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises in one line where a tile is missing or damaged."""
        side = self._names.tile_size
        column, row = box.left // side, box.top // side
        for c, r in ((column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)):
            down, across = self._names.counts(level)
            if c < across and r < down:
                own = self._bounds(level, c, r)
                if _within(box, own):  # one tile with its overlap is all
                    tile = self._tile(level, c, r)
                    inside = box.within(own)
                    return as_native(tile[inside.slices], self.dtype)

        def inner(row: int, column: int) -> Array:
            own, bounds = self._inner(level, column, row), self._bounds(level, column, row)
            return self._tile(level, column, row)[own.within(bounds).slices]

        size = side, side
        read_tile = (
            self._path.prefetch(box, size, inner) if isinstance(self._path, RemoteFile) else inner
        )
        return as_native(assemble(box, size, read_tile), self.dtype)

    def _tile(self, level: int, column: int, row: int) -> Array:
        """Return a decoded tile, its size and kind checked before that."""

        def make() -> Array:
            name = f"tile {self._names(level, column, row)} of {self._path}"
            try:
                data = self._bytes(level, column, row)
            except self._tiles.absent:
                blank = self._blank_tile(level, column, row)
                if blank is None:
                    raise
                return blank
            with open_image(io.BytesIO(data), name, tile=True) as image:
                rows, columns = shown = self._bounds(level, column, row).shape
                if self.layout.padded:
                    rows = columns = self._names.tile_size
                if image.size != (columns, rows):
                    raise ValueError(
                        f"{name} must have {rows} x {columns} pixels, but has {image.size[1]} x "
                        f"{image.size[0]}"
                    )
                mode, (_, dtype) = image.mode, _find_kind(image, name)
                tile = _with_alpha(decode_image(image, name), dtype)
            found = _as_others(tile, self.channels) if tile.dtype == self.dtype else None
            if found is None:
                raise ValueError(
                    f"{name} must be as the others, of {self.channels} channels, but is {mode}"
                )
            return found[: shown[0], : shown[1]].copy()

        return self._block_cache.get((level, column, row), make)

    def _blank_tile(self, level: int, column: int, row: int) -> Array | None:
        """Return a tile that was left out as blank, such as by libvips; None: it is lacking.

        Deep Zoom has no mark for these. A blank one has siblings, and is of one color in the next
        smaller level, which has it averaged; that color is the background.
        """
        lone = self._names.counts(level) == (1, 1) and not self.layout.padded
        if lone or not self._has_level(level):
            return None
        colors = () if self.channels == 1 else (self.channels,)
        most = np.iinfo(self.dtype).max if self.dtype.kind == "u" else 1
        if level < self._smallest:
            inner = self._inner(level, column, row)
            there = self._bounds(level + 1, column // 2, row // 2)
            half = Box(*((end + 1) // 2 for end in inner)).common(there)
            color = _find_color(
                self._tile(level + 1, column // 2, row // 2)[half.within(there).slices]
            )
            if color is None:
                return None
        else:  # clear where something may be clear, else what libvips takes for blank: white
            color = np.full(colors, most if self.channels % 2 else 0, self.dtype)
        if self.layout.padded:
            color = np.full(colors, most, self.dtype)
        tile = np.empty((*self._bounds(level, column, row).shape, *colors), self.dtype)
        tile[...] = color
        return tile

    def _has_level(self, level: int) -> bool:
        """Say whether a level has any tile, as far as that is known."""
        if self.layout is not DEEP_ZOOM:
            return True
        return self._tiles.has_level(self._names.number(level), self._names.suffix)

    def close(self) -> None:
        """Let go of the tiles."""
        self._block_cache.clear()
        self._tiles.close()

    def __getstate__(self) -> dict[str, Any]:
        path = self._path.absolute() if isinstance(self._path, Path) else self._path
        return {**self.__dict__, "_path": path}


def _tiles_of(path: Path | RemoteFile, layout: Layout) -> Tiles:
    own = path.suffix.lower() == ".dzi" or layout is not DEEP_ZOOM
    if isinstance(path, RemoteFile):
        return RemoteTiles(path, layout) if own else ZipTiles(ZipEntries(path))
    return FolderTiles(path, layout) if own else ZipTiles(ZipEntries(path))


def _find_kind(image: Any, name: str) -> tuple[int, np.dtype[Any]]:
    """Return the channels and the dtype of a tile, which has alpha where samples may be missing."""
    kind = find_kind_of(image, name)
    if kind.missing and kind.dtype == bool:
        return 2, np.dtype(np.uint8)
    return kind.channels + kind.missing, kind.dtype


def _with_alpha(samples: ImageSamples, dtype: np.dtype[Any]) -> Array:
    """Return a tile of a dtype, of which the missing samples are transparent."""
    tile, mask = samples.array, samples.mask
    if tile.dtype.kind == "b" and dtype.kind != "b":
        tile = tile.astype(dtype) * np.iinfo(dtype).max
    if mask is None:
        return tile
    top = np.iinfo(tile.dtype).max if tile.dtype.kind in "iu" else 1
    mask = mask if mask.ndim == 2 else mask[:, :, 0]
    return np.dstack([tile, np.where(mask, 0, top).astype(tile.dtype)])


def _as_others(tile: Array, channels: int) -> Array | None:
    """Return a tile with the channels that the image has; None: it has some that are not there."""
    own = 1 if tile.ndim == 2 else tile.shape[2]
    if own == channels:
        return tile
    if tile.dtype.kind != "u":
        return None
    tile = tile.reshape(*tile.shape[:2], own)
    colors, most = tile[:, :, : own - (own % 2 == 0)], np.iinfo(tile.dtype).max
    alpha = tile[:, :, -1:] if own % 2 == 0 else np.full((*tile.shape[:2], 1), most, tile.dtype)
    if channels % 2 and alpha.min() < most:
        return None
    wanted = channels - (channels % 2 == 0)
    if colors.shape[2] not in (1, wanted):
        return None
    colors = np.broadcast_to(colors, (*tile.shape[:2], wanted))
    found = np.concatenate([colors, alpha], axis=2) if channels % 2 == 0 else colors
    return found[:, :, 0] if channels == 1 else found


def _find_color(part: Array) -> Array | None:
    """Return the color of what is about the same everywhere; None where it is not."""
    high, wide = (min(_FRAME, (length - 1) // 3) for length in part.shape[:2])
    middle = part[high : part.shape[0] - high, wide : part.shape[1] - wide]
    low, top = middle.min(axis=(0, 1)), middle.max(axis=(0, 1))
    most = np.iinfo(part.dtype).max if part.dtype.kind == "u" else 1
    if np.any(top.astype(np.int64) - low > most * _ABOUT):
        return None
    found: Array = np.median(middle.astype(np.float32), axis=(0, 1)).astype(part.dtype)
    return found


def _within(box: Box, other: Box) -> bool:
    return (
        other.top <= box.top
        and box.bottom <= other.bottom
        and other.left <= box.left
        and box.right <= other.right
    )
