"""Deep Zoom images: a ``.dzi`` descriptor and its tiles, in a folder or in one zip file.

Deep Zoom's own numbers of levels, from one pixel up, end here. Not here: where a tile's bytes are
(`tiles`).
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.parsers import expat

import numpy as np

from nbimage.arrays.pillow.image_samples import ImageSamples
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache, assemble
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.source import SourceInfo, as_native
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.deepzoom.remote_tiles import RemoteTiles
from nbimage.pyramid.sources.deepzoom.tiles import FolderTiles, Tiles, ZipTiles
from nbimage.pyramid.sources.pillow_image import decode_image, find_kind_of, open_image
from nbimage.pyramid.sources.zip_entries import ZipEntries

_LARGEST_DESCRIPTOR = 1 << 20  # bytes
_LONGEST = 1 << 31  # pixels of a side
_LARGEST_TILE = 1 << 13
_ALIKE = frozenset({"jpg", "jpeg"})  # formats of which all tiles have the same channels
_ABOUT = 0.25  # of full scale by which a tile that was left out as blank may differ in itself
_FRAME = 16  # pixels at its borders, where JPEG has something of its neighbours, which don't count
_FORMAT = re.compile(r"[A-Za-z0-9]{1,8}")


class Descriptor(NamedTuple):
    """What a ``.dzi`` says."""

    grid: TileGrid
    format: str


def read_descriptor(data: bytes, name: str) -> Descriptor:
    """Return what a ``.dzi`` says. Raises ValueError for what none may say."""
    if len(data) > _LARGEST_DESCRIPTOR:
        raise ValueError(f"{name} must be a .dzi of at most 1 MiB, but has {len(data)} bytes")
    found: dict[str, dict[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.setdefault(tag.rpartition(":")[2], attributes)

    def refuse(*_: Any) -> None:
        raise ValueError(f"{name} must be a .dzi without a DOCTYPE or entities, but has some")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError) as error:
        raise ValueError(f"{name} must be a .dzi, which is XML, but: {error}") from None
    if not {"Image", "Size"} <= set(found):
        raise ValueError(f"{name} must be a .dzi with Image and Size, but has {sorted(found)[:5]}")
    image, size = found["Image"], found["Size"]
    form = image.get("Format", "")
    if not _FORMAT.fullmatch(form):
        raise ValueError(f"{name} must have a Format such as png, but has {form[:40]!r}")
    rows = _number(size, "Height", 1, _LONGEST, name)
    columns = _number(size, "Width", 1, _LONGEST, name)
    side = _number(image, "TileSize", 1, _LARGEST_TILE, name)
    overlap = _number(image, "Overlap", 0, side, name)
    return Descriptor(TileGrid(rows, columns, side, overlap), form)


def _number(attributes: dict[str, str], key: str, least: int, most: int, name: str) -> int:
    text = attributes.get(key, "").strip()
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise ValueError(f"{name} must have {key} from {least} to {most}, but has {text[:40]!r}")
    return int(text)


class DeepZoomSource(SourceInfo):
    """A ``.dzi``, or a zip file of one, and its tiles, which are decoded when they are read.

    Tiles that a writer left out as blank are background.
    """

    def __init__(self, path: Path | RemoteFile, entries: ZipEntries | None = None) -> None:
        self._path = path
        self._tiles = _tiles_of(path) if entries is None else ZipTiles(entries)
        try:
            self._describe()
        except BaseException:
            self._tiles.close()
            raise

    def _describe(self) -> None:
        name = str(self._path)
        data = self._tiles.descriptor(_LARGEST_DESCRIPTOR + 1)
        self._grid, self._format = read_descriptor(data, name)
        self._block_cache = BlockCache()
        grid = self._grid
        self._smallest = self._smallest_level()
        levels = range(self._smallest + 1)
        channels, dtype = self._kind()
        super().__init__(
            shapes=tuple(grid.shape(level) for level in levels),
            dtype=dtype,
            channels=channels,
            blocks=((grid.tile_size, grid.tile_size),) * len(levels),
        )

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
        for level in () if self._format.lower() in _ALIKE else self._telling_levels():
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
        try:
            return self._bytes(0, 0, 0)
        except self._tiles.absent:
            found = self._tiles.first(self._number(0), self._format)
            if found is not None:
                return self._tiles.tile(found)
            for level in range(1, self._smallest + 1):
                with contextlib.suppress(*self._tiles.absent):
                    return self._bytes(level, 0, 0)
            raise

    def _telling_levels(self) -> set[int]:
        """Return the smallest level, and the largest one that is one tile."""
        one = min(n for n in range(self._grid.last + 1) if self._grid.tiles(n) == (1, 1))
        return {self._smallest, min(one, self._smallest)} - {0}

    def _smallest_level(self) -> int:
        """Return the smallest level that is there.

        Deep Zoom counts levels from one pixel up to the whole image. libvips can leave small levels
        out, and counts the others from 0: it writes the largest alone, or those down to the first
        that fits in one tile.
        """
        grid = self._grid
        halvings = ((max(grid.rows, grid.columns) - 1) // grid.tile_size).bit_length()
        most = self._tiles.largest((grid.last, halvings, 0), self._format)
        if 0 <= most < grid.last:
            most = self._number_of_largest(most, (most, halvings, grid.last))
        if most >= grid.last:
            return grid.last
        if most not in (halvings, 0):
            there = f"the last one in {self._tiles.name} is {most}"
            there = there if most >= 0 else f"there is none in {self._tiles.name}"
            raise FileNotFoundError(
                f"{self._path} must have a folder of tiles for level {grid.last}, but {there}"
            )
        return most

    def _number_of_largest(self, number: int, numbers: Sequence[int]) -> int:
        """Return which of some numbers the largest level has, by the size of another one's tile.

        A server lists no tiles, and the largest level's first one may have been left out as blank.
        """
        if self._tiles.first(number, self._format) is not None:
            return number  # they are listed, and none is larger
        grid, name = self._grid, str(self._path)
        data = self._tiles.tile(f"{number}/0_0.{self._format}")
        with open_image(io.BytesIO(data), name, tile=True) as image:
            high, wide = image.size[::-1]
        fit = [n for n in numbers if grid.bounds(n - number, 0, 0).shape == (high, wide)]
        return fit[0] if fit else number

    def _bytes(self, level: int, column: int, row: int) -> bytes:
        return self._tiles.tile(f"{self._number(level)}/{column}_{row}.{self._format}")

    def _number(self, level: int) -> int:
        """Return the number that a level's folder has."""
        return self._smallest - level

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises in one line where a tile is missing or damaged."""
        grid = self._grid
        column, row = box.left // grid.tile_size, box.top // grid.tile_size
        for c, r in ((column, row), (column + 1, row), (column, row + 1), (column + 1, row + 1)):
            down, across = grid.tiles(level)
            if c < across and r < down:
                own = grid.bounds(level, c, r)
                if _within(box, own):  # one tile with its overlap is all
                    tile = self._tile(level, c, r)
                    inside = box.within(own)
                    return as_native(tile[inside.slices], self.dtype)

        def inner(row: int, column: int) -> Array:
            own, bounds = grid.inner(level, column, row), grid.bounds(level, column, row)
            return self._tile(level, column, row)[own.within(bounds).slices]

        size = grid.tile_size, grid.tile_size
        read_tile = (
            self._path.prefetch(box, size, inner) if isinstance(self._path, RemoteFile) else inner
        )
        return as_native(assemble(box, size, read_tile), self.dtype)

    def _tile(self, level: int, column: int, row: int) -> Array:
        """Return a decoded tile, its size and kind checked before that."""

        def make() -> Array:
            name = f"tile {self._number(level)}/{column}_{row}.{self._format} of {self._path}"
            try:
                data = self._bytes(level, column, row)
            except self._tiles.absent:
                blank = self._blank_tile(level, column, row)
                if blank is None:
                    raise
                return blank
            with open_image(io.BytesIO(data), name, tile=True) as image:
                rows, columns = self._grid.bounds(level, column, row).shape
                if image.size != (columns, rows):
                    raise ValueError(
                        f"{name} must have {columns} x {rows} pixels, but has {image.size[0]} x "
                        f"{image.size[1]}"
                    )
                mode, (_, dtype) = image.mode, _find_kind(image, name)
                tile = _with_alpha(decode_image(image, name), dtype)
            found = _as_others(tile, self.channels) if tile.dtype == self.dtype else None
            if found is None:
                raise ValueError(
                    f"{name} must be as the others, of {self.channels} channels, but is {mode}"
                )
            return found.copy()

        return self._block_cache.get((level, column, row), make)

    def _blank_tile(self, level: int, column: int, row: int) -> Array | None:
        """Return a tile that was left out as blank, such as by libvips; None: it is lacking.

        Deep Zoom has no mark for these. A blank one has siblings, and is of one color in the next
        smaller level, which has it averaged; that color is the background.
        """
        grid, number = self._grid, self._number(level)
        if grid.tiles(level) == (1, 1) or not self._tiles.has_level(number, self._format):
            return None
        colors = () if self.channels == 1 else (self.channels,)
        if level < self._smallest:
            inner = grid.inner(level, column, row)
            there = grid.bounds(level + 1, column // 2, row // 2)
            half = Box(*((end + 1) // 2 for end in inner)).common(there)
            color = _find_color(
                self._tile(level + 1, column // 2, row // 2)[half.within(there).slices]
            )
            if color is None:
                return None
        else:  # clear where something may be clear, else what libvips takes for blank: white
            most = np.iinfo(self.dtype).max if self.dtype.kind == "u" else 1
            color = np.full(colors, most if self.channels % 2 else 0, self.dtype)
        tile = np.empty((*grid.bounds(level, column, row).shape, *colors), self.dtype)
        tile[...] = color
        return tile

    def close(self) -> None:
        """Let go of the tiles."""
        self._block_cache.clear()
        self._tiles.close()

    def __getstate__(self) -> dict[str, Any]:
        path = self._path.absolute() if isinstance(self._path, Path) else self._path
        return {**self.__dict__, "_path": path}


def _tiles_of(path: Path | RemoteFile) -> Tiles:
    if isinstance(path, RemoteFile):
        return RemoteTiles(path) if path.suffix == ".dzi" else ZipTiles(ZipEntries(path))
    return FolderTiles(path) if path.suffix.lower() == ".dzi" else ZipTiles(ZipEntries(path))


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
