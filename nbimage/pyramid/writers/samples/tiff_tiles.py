"""The encoded tiles of a TIFF, until all are there and can be put into their order."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.forks import PositionedFile, detach_in_child
from nbimage.codecs.packing.deflate import adler32, crc32, raw_deflate
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Index
from nbimage.pyramid.writers.directories import Directory
from nbimage.pyramid.writers.planes import as_stored

COMPRESSIONS = {None: 1, "lzw": 5, "jpeg": 7, "zlib": 8, "zstd": 50000}
_MOST_OPEN = 128  # files that are read at once
_ENTRY = np.dtype([(name, "<i8") for name in ("page", "level", "row", "column", "length", "crc")])


@dataclass(frozen=True, slots=True)
class TiffEncoder:
    """Makes a tile's bytes of its pixels, ``(H, W)`` or ``(H, W, S)``."""

    compression: str | None
    predictor: int
    quality: int
    samples: int
    packed: bool
    """Booleans, eight to a byte."""

    def check(self) -> None:
        """Raise ImportError where what compresses is not there."""
        try:
            self._functions()
        except KeyError:
            raise ImportError(
                f"writing TIFF with {self.compression} needs imagecodecs: "
                "pip install 'nbimage[tiff]'"
            ) from None

    def _functions(self) -> tuple[Any, Any]:
        tifffile = optional.import_tifffile()
        compress = tifffile.TIFF.COMPRESSORS[COMPRESSIONS[self.compression]]
        predict = tifffile.TIFF.PREDICTORS[self.predictor]
        if self.compression is None:
            compress = bytes
        elif self.compression == "zlib":
            compress = _zlib
        elif self.compression == "jpeg":
            options: dict[str, Any] = {"level": self.quality}
            if self.samples == 3:
                options |= {"colorspace": "RGB", "outcolorspace": "YCBCR", "subsampling": (2, 2)}
            compress = partial(compress, **options)
        return compress, predict

    def __call__(self, pixels: Array) -> bytes:
        """Return the bytes of a tile."""
        compress, predict = self._functions()
        if self.packed:
            pixels = np.packbits(pixels, axis=1)
        elif self.predictor > 1:
            pixels = predict(pixels, axis=1)
        return bytes(compress(np.ascontiguousarray(pixels)))


def _zlib(pixels: Array) -> bytes:
    """Return a zlib stream, nearly as small as by zlib's own default and made much faster."""
    data = pixels.reshape(-1).view(np.uint8).data
    return b"".join((b"\x78\x5e", raw_deflate(data, 2), adler32(data).to_bytes(4, "big")))


class TileSpool(Protocol):
    """Takes encoded tiles from any thread, and gives them back in order."""

    def write(self, page: int, level: int, column: int, row: int, data: bytes) -> None:
        """Take a tile."""

    def flush(self) -> None:
        """Write what this thread has given."""


class FileSpool:
    """Encoded tiles in the order in which they are made, in a file that has no name."""

    def __init__(self, folder: Path, grid: TileGrid, pages: int, levels: int) -> None:
        self._file: Any = tempfile.TemporaryFile(dir=folder, prefix=".nbimage-")  # noqa: SIM115
        detach_in_child(self._file)
        self._lock = threading.Lock()
        self._end = 0
        counts = [grid.tiles(level) for level in range(levels)]
        self._offsets = [np.zeros((pages, *count), np.int64) for count in counts]
        self._known = [np.zeros((pages, *count, 2), np.int64) for count in counts]

    @property
    def size(self) -> int:
        """Bytes of all tiles, and about what a file needs to name them."""
        return self._end + sum(offsets.size for offsets in self._offsets) * 32

    @property
    def identity(self) -> uuid.UUID:
        """What tells these tiles from others, and is the same at each run."""
        return _identify(self._known)

    def write(self, page: int, level: int, column: int, row: int, data: bytes) -> None:
        """Take a tile from any thread."""
        with self._lock:
            self._file.write(data)
            self._offsets[level][page, row, column] = self._end
            self._known[level][page, row, column] = len(data), crc32(data)
            self._end += len(data)

    def flush(self) -> None:
        """Do nothing."""

    def tiles(self, level: int) -> Iterator[bytes]:
        """Yield a level's tiles page by page, row by row."""
        lengths = self._known[level][..., 0]
        for offset, length in zip(self._offsets[level].flat, lengths.flat, strict=True):
            self._file.seek(int(offset))
            yield self._file.read(int(length))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


class TaskFiles:
    """Encoded tiles in a file of each task: of any process, and kept until all are there."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.__setstate__({"_directory": directory})

    def write(self, page: int, level: int, column: int, row: int, data: bytes) -> None:
        """Take a tile of the task that this thread does."""
        pending: list[Any] = self._own.__dict__.setdefault("pending", [])
        pending.append(((page, level, row, column, len(data), crc32(data)), data))

    def flush(self) -> None:
        """Write the file of a task, whose name is that of its first tile."""
        pending = self._own.__dict__.pop("pending", None)
        if pending:
            entries = np.array([entry for entry, _ in pending], _ENTRY)
            name = "-".join(str(number) for number in pending[0][0][:4])
            head = len(entries).to_bytes(8, "little") + entries.tobytes()
            data = b"".join([head, *(tile for _, tile in pending)])
            self._directory.write({name: data})

    def __getstate__(self) -> dict[str, Any]:
        return {"_directory": self._directory}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._own = threading.local()


class OrderedTiles:
    """What `TaskFiles` have, page by page and row by row."""

    def __init__(self, folder: Path, grid: TileGrid, pages: int, levels: int) -> None:
        counts = [grid.tiles(level) for level in range(levels)]
        self._where = [np.zeros((pages, *count, 2), np.int64) for count in counts]
        self._known = [np.zeros((pages, *count, 2), np.int64) for count in counts]
        self._paths = sorted(folder.iterdir())
        self._open: OrderedDict[int, PositionedFile] = OrderedDict()
        for number, path in enumerate(self._paths):
            with path.open("rb") as file:
                count = int.from_bytes(file.read(8), "little")
                entries = np.frombuffer(file.read(count * _ENTRY.itemsize), _ENTRY)
                offset = file.tell()
            for page, level, row, column, length, crc in entries.tolist():
                self._where[level][page, row, column] = number, offset
                self._known[level][page, row, column] = length, crc
                offset += length

    @property
    def size(self) -> int:
        """Bytes of all tiles, and about what a file needs to name them."""
        return sum(int(level[..., 0].sum()) + level.size * 16 for level in self._known)

    @property
    def identity(self) -> uuid.UUID:
        """What tells these tiles from others, and is the same at each run."""
        return _identify(self._known)

    def tiles(self, level: int) -> Iterator[bytes]:
        """Yield a level's tiles page by page, row by row."""
        where, lengths = self._where[level].reshape(-1, 2), self._known[level][..., 0].flat
        for (number, offset), length in zip(where.tolist(), lengths, strict=True):
            yield self._file(number).read_range(offset, int(length))

    def _file(self, number: int) -> PositionedFile:
        found = self._open.pop(number, None) or PositionedFile(self._paths[number])
        self._open[number] = found  # the newest is last
        if len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)[1].close()
        return found

    def close(self) -> None:
        """Let go of files."""
        for file in self._open.values():
            file.close()


def _identify(known: list[Array]) -> uuid.UUID:
    """Return a name made of the lengths and CRC-32 sums of all tiles."""
    digest = hashlib.blake2b(digest_size=16)
    for level in known:
        digest.update(level.astype("<i8").tobytes())
    return uuid.UUID(bytes=digest.digest(), version=4)


@dataclass(frozen=True, slots=True, eq=False)
class TiffTiles:
    """Encodes the tiles of all planes, all of one size: a `TileSink`."""

    encode: TiffEncoder
    spool: TileSpool
    side: int
    lengths: tuple[int, ...]
    """Of the further axes."""
    split: int
    """Channels that are planes, not samples."""
    stored: tuple[np.dtype[Any], Any] | None = None
    """What they are written as, and the number that is missing there."""

    def __call__(self, index: Index, level: int, column: int, row: int, samples: Array) -> None:
        """Take a tile."""
        if self.stored is not None:
            samples = as_stored(samples, *self.stored)
        first = int(np.ravel_multi_index(index, self.lengths)) * self.split if self.lengths else 0
        missing = [(0, self.side - length) for length in samples.shape[:2]]
        if any(after for _, after in missing):  # what is beyond the edge is like the edge
            samples = np.pad(samples, [*missing, *[(0, 0)] * (samples.ndim - 2)], mode="edge")
        for page in range(self.split):
            pixels = samples[:, :, page] if self.split > 1 else samples
            self.spool.write(first + page, level, column, row, self.encode(pixels))

    def flush(self) -> None:
        """Write what this thread has given."""
        self.spool.flush()
