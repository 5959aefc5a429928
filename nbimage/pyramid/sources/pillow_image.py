"""Pictures that Pillow opens: whole ones, and the tiles of others.

Not here: those too large to be decoded in memory, which libvips reads (`vips_image`).
"""

from __future__ import annotations

import threading
import warnings
from pathlib import Path
from typing import IO, Any

import numpy as np

from nbimage.arrays.orientation import UPRIGHT, find_turn, inverse_of
from nbimage.arrays.pillow.image_orientation import find_orientation
from nbimage.arrays.pillow.image_samples import find_deep_channels, find_kind, read_samples
from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import SourceInfo, as_native, one_line

_OF_TILES = frozenset({"PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000"})
_PROGRAMS = frozenset({"EPS"})  # which Pillow gives to another program

NEEDS_VIPS = "colors of 16 bits need pyvips: pip install 'nbimage[vips]'"


class TooLargeError(ValueError):
    """A picture has more pixels than Pillow decodes: twice `PIL.Image.MAX_IMAGE_PIXELS`."""


class DeepColorsError(ValueError):
    """A picture has colors of 16 bits, of which Pillow keeps 8."""


def open_image(file: Path | IO[bytes], name: str, tile: bool = False) -> Any:
    """Return a picture of which only the head was read. Raises ValueError in one line.

    A tile is of one of the few formats that tiles are in.
    """
    from PIL import Image, UnidentifiedImageError

    Image.init()
    formats = [form for form in Image.ID if form not in _PROGRAMS]
    if tile:
        formats = [form for form in formats if form in _OF_TILES]
    try:
        with warnings.catch_warnings():  # of many pixels: those are looked at here
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(file, formats=formats)
    except FileNotFoundError:
        raise
    except Image.DecompressionBombError as error:
        raise TooLargeError(f"{name} must be a smaller picture: {one_line(error)}") from None
    except UnidentifiedImageError:
        raise ValueError(f"{name} must be a picture that Pillow opens, but is not") from None
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be a whole picture: {one_line(error)}") from error


def decode_image(image: Any, name: str) -> Array:
    """Return a picture's samples, ``(H, W)`` or ``(H, W, C)``. Raises ValueError in one line.

    They are as Pillow has them: of a TIFF upright, of any other as they are stored. So a tile keeps
    its place, whatever its EXIF says.
    """
    try:
        image.load()
        return read_samples(image).array
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be a whole picture: {one_line(error)}") from error


def decode_deep(data: bytes, name: str) -> Array:
    """Return the samples of a picture in colors of 16 bits. Raises ValueError in one line."""
    try:
        pyvips = optional.import_pyvips()
    except ImportError:
        raise ImportError(NEEDS_VIPS) from None
    try:
        image = pyvips.Image.new_from_buffer(data, "", fail_on="truncated")
        found = np.frombuffer(image.write_to_memory(), np.uint16)
        return found.reshape(image.height, image.width, image.bands)
    except (pyvips.Error, ValueError) as error:
        raise ValueError(f"{name} must be a whole picture: {one_line(error)}") from None


class PillowSource(SourceInfo):
    """A picture file as it is stored, decoded as a whole when it is first read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._array: Array | None = None
        with open_image(path, str(path)) as image:
            if find_deep_channels(image):
                raise DeepColorsError(f"{path} must have colors of 8 bits, but has 16")
            channels, dtype = find_kind(image)
            self.orientations = (find_orientation(image),)
            # what Pillow turns itself is turned back: a source has what is stored
            self._turn_back = inverse_of(self.orientations[0] if _is_turned(image) else UPRIGHT)
            high, wide = find_turn(self._turn_back).shape(image.size[::-1])
        super().__init__(shapes=((high, wide),), dtype=dtype, channels=channels)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of the picture."""
        with self._lock:
            if self._array is None:
                with open_image(self._path, str(self._path)) as image:
                    decoded = decode_image(image, str(self._path))
                    self._array = find_turn(self._turn_back).apply(decoded)
                    colors = () if self.channels == 1 else (self.channels,)
                    if self._array.shape != (*self.shapes[0], *colors):
                        self._array = None
                        raise ValueError(f"{self._path} must not change while it is open")
        return as_native(self._array[box.slices], self.dtype)

    def close(self) -> None:
        """Let go of the picture."""
        self._array = None

    def __getstate__(self) -> dict[str, Any]:
        path = self._path.absolute()
        return {**self.__dict__, "_path": path, "_array": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._lock = threading.Lock()


def _is_turned(image: Any) -> bool:
    """Say whether Pillow turns what it decodes."""
    return bool(image.format == "TIFF")
