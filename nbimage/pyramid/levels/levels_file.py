"""One file that holds the tiles of several levels, whole or not at all.

Tiles lie one after another as they came, with a head each by which an unfinished file is gone on
with. Each is a raw deflate stream of its samples: first the least significant bytes of all of them,
then the next, and so on. After them come a JSON text of what the file holds, an index of offsets,
lengths and CRC-32 sums of the tiles, and the file's own end.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import struct
import threading
import weakref
import zlib
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from nbimage.base.atomic import AtomicPath
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import PositionedFile, detach_in_child
from nbimage.base.lock import acquire_lock
from nbimage.codecs.packing.deflate import crc32, raw_deflate
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.grid import TileGrid

if TYPE_CHECKING:
    from filelock import BaseFileLock

VERSION = 3  # as long as samples of a file are read alike
_MAGIC = b"nbimglvl"
_END = struct.Struct("<QQQI8s")  # lengths of tiles, text and index; CRC-32 of the last two; magic
_ENTRY = np.dtype([("offset", "<u8"), ("length", "<u4"), ("crc", "<u4")])
_EFFORT = 1
_HEAD = struct.Struct("<8s32s")  # of an unfinished file: magic, and what tells it from others
_TILE = struct.Struct("<4sIIIII")  # before each tile: magic, level, row, column, length, CRC-32
_TILE_MAGIC = b"tile"


class DamagedError(ValueError):
    """A file of levels is not whole."""


class UnwritableError(OSError):
    """A file of levels can't be written; says why."""


class LevelsWriter:
    """Takes tiles from any thread; the file gets its name when all are there.

    ``unfinished``: where it is until then, and goes on with what an earlier one has left there; it
    stays when the context is left by one of ``stops``. Another process that builds the same keeps
    it locked: then the file is a temporary one.
    """

    def __init__(
        self,
        path: Path,
        grid: TileGrid,
        levels: range,
        most: int,
        *,
        unfinished: Path | None = None,
        stops: tuple[type[BaseException], ...] = (),
        **about: Any,
    ) -> None:
        self._part, self._stops = AtomicPath(path), stops
        self._most, self._lock, self._end = most, threading.Lock(), 0
        self._about = about | {"levels": [levels[0], levels[-1]], "tile_size": grid.tile_size}
        self._about |= {"rows": grid.rows, "columns": grid.columns, "version": VERSION}
        self._index = {level: np.zeros(grid.tiles(level), _ENTRY) for level in levels}
        self._grid, self._held = grid, None if unfinished is None else _lock(unfinished)
        try:
            if unfinished is not None and self._held is not None:
                self._part.path = unfinished
                self._file: IO[bytes] = self._open_unfinished(unfinished)
            else:
                self._file = self._part.path.open("x+b", buffering=1 << 20)
            detach_in_child(self._file)
            if not self._end:
                self._put(_HEAD.pack(_MAGIC, self._kind()))
                self._end = _HEAD.size
        except OSError as error:
            self._unlock()
            raise UnwritableError(str(error)) from error

    def _kind(self) -> bytes:
        return hashlib.sha256(json.dumps(self._about, sort_keys=True).encode()).digest()

    def _open_unfinished(self, path: Path) -> IO[bytes]:
        """Open what an earlier build has left, or nothing, to be appended to."""
        with contextlib.suppress(FileNotFoundError):
            file = path.open("r+b", buffering=1 << 20)
            head = file.read(_HEAD.size)
            if head == _HEAD.pack(_MAGIC, self._kind()):
                self._end = self._find_tiles(file)
            file.seek(self._end)
            file.truncate()
            return file
        return path.open("x+b", buffering=1 << 20)

    def _find_tiles(self, file: IO[bytes]) -> int:
        """Note the tiles of an unfinished file; return where the last whole one ends."""
        size, end = file.seek(0, 2), _HEAD.size
        while True:
            file.seek(end)
            head = file.read(_TILE.size)
            if len(head) < _TILE.size:
                return end
            magic, level, row, column, length, summed = _TILE.unpack(head)
            start, known = end + _TILE.size, self._index.get(level)
            whole = magic == _TILE_MAGIC and known is not None and start + length <= size
            if not whole or known is None or row >= known.shape[0] or column >= known.shape[1]:
                return end
            if start + length + _TILE.size > size and crc32(file.read(length)) != summed:
                return end  # the last one
            known[row, column] = start, length, summed
            end = start + length

    def whole_rows(self) -> dict[int, int]:
        """Return how many rows of tiles are there of each level, from its top on."""
        missing = {level: np.argwhere(known["length"] == 0) for level, known in self._index.items()}
        return {
            level: int(where[0, 0]) if len(where) else len(self._index[level])
            for level, where in missing.items()
        }

    def read(self, level: int, column: int, row: int) -> Array:
        """Return a tile that an earlier build has written. Raises DamagedError."""
        offset, length, summed = self._index[level][row, column].tolist()
        colors = () if self._about["channels"] == 1 else (int(self._about["channels"]),)
        shape = (*self._grid.inner(level, column, row).shape, *colors)
        with self._lock:
            self._file.seek(offset)
            data = self._file.read(length)
            self._file.seek(self._end)
        try:
            if crc32(data) != summed:
                raise ValueError("a tile is damaged")
            return _unpacked(data, shape, np.dtype(self._about["dtype"]))
        except (ValueError, zlib.error) as error:
            raise DamagedError(f"{self._part.path} must have whole tiles") from error

    def write(self, level: int, column: int, row: int, tile: Array) -> None:
        """Take a tile of one of the levels; one that an earlier build has written stays."""
        if self._index[level][row, column]["length"]:
            return
        data = _packed(tile)
        summed = crc32(data)
        head = _TILE.pack(_TILE_MAGIC, level, row, column, len(data), summed)
        with self._lock:
            if self._end + len(head) + len(data) > self._most:
                raise UnwritableError(
                    f"its levels take more than NBIMAGE_CACHE_SIZE, {self._most} bytes"
                )
            self._put(head)
            self._put(data)
            self._index[level][row, column] = self._end + len(head), len(data), summed
            self._end += len(head) + len(data)

    def _put(self, data: bytes) -> None:
        try:
            self._file.write(data)
        except OSError as error:
            raise UnwritableError(str(error)) from error

    def finish(self) -> int:
        """Complete the file beside its name; return its bytes."""
        for level, index in self._index.items():
            if not index["length"].all():
                raise ValueError(f"all tiles of level {level} must be written, but some are not")
        text = json.dumps(self._about).encode()
        offsets = b"".join(index.tobytes() for index in self._index.values())
        tail = text + offsets
        self._put(tail)
        self._put(_END.pack(self._end, len(text), len(offsets), crc32(tail), _MAGIC))
        try:
            self._file.close()
        except OSError as error:
            raise UnwritableError(str(error)) from error
        return self._end + len(tail) + _END.size

    def replace_file(self) -> None:
        """Give the file its name."""
        try:
            self._part.commit()
        except OSError as error:
            raise UnwritableError(str(error)) from error

    def __enter__(self) -> LevelsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._file.close()
        begun = any(index["length"].any() for index in self._index.values())
        if self._held is None or not (begun and isinstance(error, self._stops)):
            self._part.discard()
        self._unlock()

    def _unlock(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            with contextlib.suppress(OSError):
                Path(held.lock_file).unlink()
            held.release()


def _lock(path: Path) -> BaseFileLock | None:
    """Lock an unfinished file by one beside it; None where another process has it."""
    try:
        return acquire_lock(path.with_name(f"{path.name}.lock"))
    except OSError:
        return None


class LevelsFile:
    """A file of levels, open: any thread may read. Raises DamagedError where it is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._block_cache = BlockCache()
        self._file = PositionedFile(path)
        weakref.finalize(self, self._file.close)
        try:
            self._begin()
        except (ValueError, KeyError, TypeError, OSError) as error:
            self._file.close()
            raise DamagedError(f"{path} must be a whole file of levels") from error

    def _begin(self) -> None:
        size = self._file.size
        *lengths, summed, magic = _END.unpack(self._bytes(size - _END.size, _END.size))
        if magic != _MAGIC or sum(lengths) + _END.size != size:
            raise ValueError("it ends early")
        tail = self._bytes(lengths[0], lengths[1] + lengths[2])
        if crc32(tail) != summed:
            raise ValueError("its end is damaged")
        self.about: dict[str, Any] = json.loads(tail[: lengths[1]])
        if self.about["version"] != VERSION:
            raise ValueError("it has another version")
        self._dtype = np.dtype(self.about["dtype"])
        channels = int(self.about["channels"])
        self._colors = () if channels == 1 else (channels,)
        self._grid = TileGrid(self.about["rows"], self.about["columns"], self.about["tile_size"], 0)
        self._index, start = {}, lengths[1]
        first, last = self.about["levels"]
        for level in range(first, last + 1):
            tiles = self._grid.tiles(level)
            offsets = np.frombuffer(tail, _ENTRY, math.prod(tiles), start)
            self._index[level] = offsets.reshape(tiles)
            start += offsets.nbytes

    def read(self, level: int, box: Box) -> Array:
        """Return a part of a level."""
        side = self._grid.tile_size
        tile = functools.partial(self._tile, level)
        return self._block_cache.assemble((level,), box, (side, side), tile)

    def _tile(self, level: int, row: int, column: int) -> Array:
        offset, length, summed = self._index[level][row, column].tolist()
        shape = (*self._grid.inner(level, column, row).shape, *self._colors)
        try:
            data = self._bytes(offset, length)
            if crc32(data) != summed:
                raise ValueError("a tile is damaged")
            return _unpacked(data, shape, self._dtype)
        except (ValueError, OSError, zlib.error) as error:
            raise DamagedError(f"{self.path} must have whole tiles") from error

    def _bytes(self, offset: int, length: int) -> bytes:
        if offset < 0:
            raise ValueError("it ends early")
        data = self._file.read_range(offset, length)
        if len(data) < length:
            raise ValueError("it ends early")
        return data

    @property
    def closed(self) -> bool:
        """Whether nothing can be read any more."""
        return self._file.closed

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._block_cache.clear()


def _packed(tile: Array) -> bytes:
    tile = np.ascontiguousarray(tile, tile.dtype.newbyteorder("<"))
    size = tile.dtype.itemsize
    if size > 1:  # bytes that are alike stand together
        tile = np.ascontiguousarray(tile.view(np.uint8).reshape(-1, size).T)
    return raw_deflate(tile.data, _EFFORT)


def _unpacked(data: bytes, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    samples = np.frombuffer(_inflate(data, math.prod(shape) * dtype.itemsize), np.uint8)
    if dtype.itemsize > 1:
        samples = np.ascontiguousarray(samples.reshape(dtype.itemsize, -1).T)
    little = samples.view(dtype.newbyteorder("<")).reshape(shape)
    return little.astype(dtype, copy=False)


def _inflate(data: bytes, length: int) -> bytes:
    codec: Any = zlib
    with contextlib.suppress(ImportError):
        from isal import isal_zlib as codec
    try:
        raw: bytes = codec.decompressobj(-15).decompress(data, length)
    except codec.error as error:
        raise ValueError("a tile is damaged") from error
    if len(raw) != length:
        raise ValueError("a tile ends early")
    return raw
