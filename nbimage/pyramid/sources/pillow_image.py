"""Pictures that Pillow opens: whole ones, and the tiles of others.

Not here: those too large to be decoded in memory, which libvips reads (`vips_image`).
"""

from __future__ import annotations

import contextlib
import os
import struct
import threading
from pathlib import Path
from typing import IO, Any

import numpy as np

from nbimage.arrays.decoding import Decoding
from nbimage.arrays.metadata import Metadata
from nbimage.arrays.orientation import UPRIGHT, find_turn, inverse_of
from nbimage.arrays.pillow.deep_colors import find_deep
from nbimage.arrays.pillow.image_orientation import find_orientation
from nbimage.arrays.pillow.image_samples import (
    WRONG_FORMATS,
    ImageSamples,
    Kind,
    describe_colors,
    find_kind,
    read_samples,
)
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.disk.bounded_reader import open_bounded
from nbimage.base.forks import call_in_child
from nbimage.base.text import explain_damage, one_line
from nbimage.pyramid.core.source import Source, as_native
from nbimage.pyramid.sources.tiff.quiet_logs import without_logs
from nbimage.pyramid.sources.unread import describe_unread

_OF_TILES = frozenset({"PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "JPEG2000"})
_PREFIX = 16  # bytes by which a format knows its files
_PROGRAMS = frozenset({"EPS"})  # which Pillow gives to another program
_STUBS = frozenset({"BUFR", "GRIB", "HDF5"} | ({"WMF"} if os.name != "nt" else set()))
"""Of which Pillow knows the names and needs somebody else's reader."""


class TooLargeError(ValueError):
    """A picture has more pixels than Pillow decodes: twice `PIL.Image.MAX_IMAGE_PIXELS`."""


def open_image(file: Path | IO[bytes], name: str, tile: bool = False) -> Any:
    """Return a picture of which only the head was read. Raises ValueError in one line.

    A tile is of one of the few formats that tiles are in.
    """
    from PIL import Image

    Image.init()
    formats = [form for form in Image.ID if form not in _PROGRAMS | _STUBS | WRONG_FORMATS]
    if tile:
        formats = [form for form in formats if form in _OF_TILES]
    try:
        with without_logs("PIL.TiffImagePlugin"):
            image = _open_by_format(file, formats)
    except FileNotFoundError:
        raise
    except Image.DecompressionBombError as error:  # WebP looks itself
        raise TooLargeError(f"{name} must be a smaller picture: {one_line(error)}") from None
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be a whole picture: {explain_damage(error)}") from error
    if image is None:
        raise ValueError(describe_unread(name, _read_prefix(file)))
    pixels, most = image.width * image.height, Image.MAX_IMAGE_PIXELS
    if most is not None and pixels > 2 * most:
        image.close()
        raise TooLargeError(
            f"{name} must be a smaller picture: it has {pixels} pixels, more than {2 * most}"
        )
    return image


def _open_by_format(file: Path | IO[bytes], formats: list[str]) -> Any:
    """Return what the first format that takes a file makes of it; None where none does.

    `PIL.Image.open` does so as well, but warns of many pixels: those are looked at here, and a
    filter of warnings would be one of all threads.
    """
    from PIL import Image

    prefix = _read_prefix(file)
    if not prefix:
        raise ValueError("it is empty")
    for form in formats:
        make, accepts = Image.OPEN[form]
        accepted = accepts(prefix) if accepts else True
        if not accepted or isinstance(accepted, str):  # the text says why not
            continue
        with contextlib.suppress(SyntaxError, IndexError, TypeError, struct.error):
            if isinstance(file, Path):
                return open_bounded(file, make)
            file.seek(0)
            return make(file, "")
    return None


def _read_prefix(file: Path | IO[bytes]) -> bytes:
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return opened.read(_PREFIX)
    file.seek(0)
    return file.read(_PREFIX)


def decode_image(image: Any, name: str) -> ImageSamples:
    """Return a picture's samples, ``(H, W)`` or ``(H, W, C)``. Raises ValueError in one line.

    They are as Pillow has them: of a TIFF upright, of any other as they are stored. So a tile keeps
    its place, whatever its EXIF says.
    """
    try:
        return read_samples(image)
    except ImportError:
        raise
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be a whole picture: {explain_damage(error)}") from error


def find_kind_of(image: Any, name: str) -> Kind:
    """Return what samples a picture will have, from its head. Raises ValueError in one line."""
    try:
        return find_kind(image)
    except ImportError as error:
        raise ImportError(f"{name}: {error}") from None
    except Exception as error:  # each format has its own
        raise ValueError(f"{name} must be a whole picture: {explain_damage(error)}") from error


class PillowSource(Source):
    """A picture file as it is stored, decoded as a whole when it is first read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._renew_lock()
        call_in_child(self._renew_lock)
        self._array: Array | None = None
        with open_image(path, str(path)) as image:
            kind = find_kind_of(image, str(path))
            note, indexed = describe_colors(image), image.mode in ("P", "PA")
            deep = find_deep(image)
            self.orientations = (find_orientation(image),)
            # what Pillow turns itself is turned back: a source has what is stored
            back = inverse_of(self.orientations[0] if image.format == "TIFF" else UPRIGHT)
            self._turn_back = back if deep is None else UPRIGHT
            high, wide = find_turn(back).shape(image.size[::-1])
        windows = () if deep is None else deep.full_scale
        super().__init__(
            shapes=((high, wide),),
            dtype=Decoding().dtype(kind.dtype) if kind.missing else kind.dtype,
            channels=kind.channels,
            stored=kind.dtype,
            metadata=Metadata(note=note, windows=windows, indexed=indexed),
        )

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of the picture; what is missing is NaN."""
        with self._lock:
            if self._array is None:
                with open_image(self._path, str(self._path)) as image:
                    samples = decode_image(image, str(self._path))
                self._array = self._checked(samples)
        return as_native(self._array[box.slices], self.dtype)

    def _checked(self, samples: ImageSamples) -> Array:
        """Return samples as they are stored, of which the missing ones are NaN."""
        turn, colors = find_turn(self._turn_back), () if self.channels == 1 else (self.channels,)
        array, mask = turn.apply(samples.array), samples.mask
        same = array.shape == (*self.shapes[0], *colors) and array.dtype == self.stored
        if not same or (mask is not None and self.dtype.kind != "f"):
            raise ValueError(f"{self._path} must not change while it is open")
        array = array.astype(self.dtype, copy=mask is not None)
        if mask is not None:
            array[turn.apply(mask)] = np.nan
        return array

    def close(self) -> None:
        """Let go of the picture."""
        self._array = None

    def __getstate__(self) -> dict[str, Any]:
        path = self._path.absolute()
        return {**self.__dict__, "_path": path, "_array": None, "_lock": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._renew_lock()
        call_in_child(self._renew_lock)
