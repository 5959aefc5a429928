"""Encode tiles as PNG, JPEG, WebP or AVIF, and hand them on to where they are written.

What makes pixels of samples is in `value_mapping`; the tiles of OME-Zarr and TIFF are not pixels.
"""

from __future__ import annotations

import contextlib
import errno
import io
import math
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.packing.codings import FAST
from nbimage.codecs.png import encode_png
from nbimage.mapping.alpha import composite_over
from nbimage.pyramid.layouts.layout import TileNames

try:
    import resource
except ImportError:  # Windows, a browser
    resource = None  # type: ignore[assignment]

_BLACK = 0
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_WHITE = 255  # what is beside the image
DEFAULT_QUALITY = {"jpeg": 75.0, "webp": 75.0, "avif": 60.0}
_SMALLER = 2  # PNG's compression of the smaller levels
_FULL_COLOR = 90  # the quality from which JPEG keeps each pixel's color, as in libvips


class TileStore(Protocol):
    """Takes the files of tiles, from any thread."""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Take tiles by their names."""


@dataclass(frozen=True, slots=True, eq=False)
class TileCodec:
    """How tiles are encoded."""

    format: str
    quality: float
    palette: Array | None = None
    """uint8 ``(N, 4)``: the colors of gray pixels."""
    has_missing: bool = False
    """The last channel is there for missing pixels alone, and left out where there are none."""
    full_side: int = 0
    """Rows and columns that all tiles have, on white; 0: as many as they need."""
    blank: int = 250
    """What all samples of a blank tile are at least: libvips has a little less than white so."""

    def encode(self, pixels: Array, thorough: bool = False) -> bytes:
        """Return the bytes of a tile: uint8 ``(H, W)`` or ``(H, W, 2|3|4)``.

        ``thorough``: a PNG takes more time for fewer bytes.
        """
        pixels = self._as_shown(pixels)
        if self.format == "png" and self.palette is not None and pixels.ndim == 2:
            return encode_png(pixels, palette=self.palette)
        if self.format == "png":
            return encode_png(pixels, compression=_SMALLER if thorough else FAST)
        return self._encode_by_pillow(pixels)

    def is_blank(self, pixels: Array) -> bool:
        """Say whether a tile is about the color of what is beside the image."""
        return bool(self._as_shown(pixels).min() >= self.blank)

    def _as_shown(self, pixels: Array) -> Array:
        """Return pixels as they are encoded: in colors, but as PNG has a palette, and filled up."""
        if self.has_missing and pixels[:, :, -1].min() == 255:
            pixels = pixels[:, :, 0] if pixels.shape[2] == 2 else pixels[:, :, :3]
        indexed = self.format == "png" and pixels.ndim == 2 and not self.full_side
        if self.palette is not None and not indexed:
            pixels = _apply_palette(pixels, self.palette)
        side = self.full_side
        if side and pixels.shape[:2] != (side, side):
            whole = np.full((side, side, *pixels.shape[2:]), _WHITE, np.uint8)
            whole[: pixels.shape[0], : pixels.shape[1]] = pixels
            pixels = whole
        return pixels

    def _encode_by_pillow(self, pixels: Array) -> bytes:
        options: dict[str, Any] = {"quality": round(self.quality)}
        if self.format == "jpeg":
            pixels = composite_over(pixels, _WHITE if self.full_side else _BLACK)
            options["subsampling"] = 0 if self.quality >= _FULL_COLOR else 2
        elif pixels.ndim == 3 and pixels.shape[2] == 2:
            pixels = pixels[:, :, [0, 0, 0, 1]]
        file = _scratch.file
        file.seek(0)  # what is longer stays behind it, and keeps its memory
        _scratch.load(pixels).save(file, self.format, **options)
        return _read(file)


class TileWriter:
    """Encodes tiles and writes them: several together where that is quicker."""

    def __init__(self, tiles: TileStore, codec: TileCodec, names: TileNames) -> None:
        self._state = tiles, codec, names
        self.__setstate__(self._state)

    def __call__(self, level: int, column: int, row: int, pixels: Array) -> None:
        """Encode a tile, and write it now or with others."""
        names, padded = self._names, self._names.layout.padded
        if names.repeats(level, column, row):
            return
        if padded and names.number(level) and self._codec.is_blank(pixels):
            return  # but for the smallest, which tells what all are like
        # smaller levels are looked at most, and are a quarter of the bytes
        data = self._codec.encode(pixels, level > 0)
        own = (names(level, column, row), *names.others(level, column, row))
        files = dict.fromkeys(own, data)
        if self._batch_size == 1:
            self._tiles.write(files)
            return
        pending = self._pending()
        pending |= files
        if len(pending) >= self._batch_size:
            self.flush()

    def flush(self) -> None:
        """Write the tiles that this thread has given."""
        pending = self._pending()
        if pending:
            self._tiles.write(pending)
            pending.clear()

    def _pending(self) -> dict[str, bytes]:
        found: dict[str, bytes] = self._own.__dict__.setdefault("pending", {})
        return found

    def __getstate__(self) -> Any:
        return self._state

    def __setstate__(self, state: Any) -> None:
        self._state = state
        self._tiles, self._codec, self._names = state
        self._batch_size = getattr(self._tiles, "batch_size", 1)
        self._own = threading.local()


def _apply_palette(pixels: Array, palette: Array) -> Array:
    """Return the colors of gray pixels, RGB or RGBA, clear where they are."""
    gray = pixels if pixels.ndim == 2 else pixels[:, :, 0]
    opaque = palette[:, 3].min() == 255
    if opaque and pixels.ndim == 2:
        palette = palette[:, :3]
    colors = np.take(palette, gray, axis=0, mode="clip")
    if pixels.ndim == 3:
        alpha = colors[:, :, 3] * pixels[:, :, 1].astype(np.uint16)
        colors[:, :, 3] = (alpha + 127) // 255
    return colors


def _find_limit() -> float:
    """Return to how many bytes files may grow, such as those in memory."""
    if resource is None:
        return math.inf
    most = resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    return math.inf if most == resource.RLIM_INFINITY else most


def _read(file: Any) -> bytes:
    length = file.tell()
    if length >= _find_limit():  # Pillow does not notice what was not taken
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    if isinstance(file, io.BytesIO):
        return bytes(file.getbuffer()[:length])
    file.seek(0)
    return bytes(file.read(length))


class _Scratch(threading.local):
    """What each thread encodes with, tile after tile: an image and a file, both in memory.

    Pillow lets other threads run while it writes a file, and memory that is given back to the
    system each time costs more than to fill it.
    """

    def __init__(self) -> None:
        self._image: Any = None
        if hasattr(os, "memfd_create"):
            self.file: Any = os.fdopen(os.memfd_create("nbimage"), "w+b", buffering=0)
        else:
            self.file = io.BytesIO()

    def load(self, pixels: Array) -> Any:
        """Return an image of pixels, which is good until the next one: ``(H, W)``, or with 3, 4."""
        from PIL import Image

        height, width, *rest = pixels.shape
        channels = rest[0] if rest else 1
        if pixels.strides[1:] != ((channels, 1) if rest else (1,)) or pixels.strides[0] < 0:
            pixels = np.ascontiguousarray(pixels)
        # the stride of a single row is any number
        mode, row = _MODES[channels], pixels.strides[0] if height > 1 else width * channels
        if self._image is None or (self._image.mode, self._image.size) != (mode, (width, height)):
            self._image = Image.new(mode, (width, height))
        # from its first byte to its last one, with what lies between rows
        count = row * (height - 1) + width * channels
        data = np.lib.stride_tricks.as_strided(pixels, (count,), (1,), writeable=False)
        self._image.frombytes(data, "raw", mode, row, 1)
        return self._image

    def __del__(self) -> None:
        with contextlib.suppress(ImportError):  # Python itself is shutting down
            self.file.close()


_scratch = _Scratch()


def _renew_scratch() -> None:
    global _scratch
    _scratch = _Scratch()  # a forked process has its parent's file, and writes into it otherwise


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_scratch)
