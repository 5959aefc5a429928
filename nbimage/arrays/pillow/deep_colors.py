"""Samples of more than 8 bits, of which Pillow keeps 8 or changes the scale.

Read without the caller's image being decoded: it stays as it was opened.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.decoding import divide_by_alpha
from nbimage.arrays.metadata import FullScale
from nbimage.arrays.orientation import UPRIGHT, find_turn, inverse_of
from nbimage.arrays.pillow.image_orientation import find_orientation
from nbimage.base import optional_imports as optional
from nbimage.base.chunked import Array
from nbimage.base.forks import fill_buffer

_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "RGBa": 4}
_OTHER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_HEAD = 1 << 16  # bytes in which JPEG 2000 tells its bits
_SIZ = b"\xff\x4f\xff\x51"
_BITS, _PLANAR, _EXTRA = 258, 284, 338  # tags of a TIFF
_SEPARATE, _PREMULTIPLIED = 2, 1
_AV1_FLAGS = re.compile(rb"av1C..(.)", re.DOTALL)  # of the colors, and of the alpha if any
_HIGH_DEPTH, _TWELVE_BITS, _MONOCHROME = 0x40, 0x20, 0x10


class DeepSamples(NamedTuple):
    """Samples of 9 to 16 bits in an image that has not been decoded."""

    channels: int
    read: Callable[[Any], Array]
    """Returns ``(H, W)`` or ``(H, W, C)`` of the image."""
    dtype: np.dtype[Any] = np.dtype(np.uint16)
    bits: int = 16
    """Of a sample, that are used."""

    @property
    def full_scale(self) -> tuple[FullScale, ...]:
        """What the bits of each channel hold, where they are fewer than the dtype's; else ()."""
        if not 8 < self.bits < 8 * self.dtype.itemsize:
            return ()
        low = -(1 << self.bits - 1) if self.dtype.kind == "i" else 0
        return (FullScale(low, low + (1 << self.bits) - 1),) * self.channels


def find_deep(image: Any) -> DeepSamples | None:
    """Return how to read the samples that Pillow would cut; None where it keeps all.

    Raises ImportError where a package is missing, ValueError for what nothing here reads.
    """
    tile = image.tile[0] if getattr(image, "tile", None) else None
    if tile is None or getattr(image, "fp", None) is None:
        return None  # made in memory, or decoded: these are all the samples that there are
    args = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
    if image.format == "PPM":
        return _of_netpbm(image.mode, tile[0], args)
    if image.format == "JPEG2000":
        return _of_jpeg_2000(image)
    if image.format == "AVIF":
        return _of_avif(image)
    if image.format == "SGI":
        return _of_sgi(image.mode, tile[0], args)
    if image.format == "TIFF" and image.tag_v2.get(_PLANAR) == _SEPARATE:
        return _of_planes(image)
    kind, _, bits = str(args[0] if args else "").partition(";")
    if not bits.startswith("16") or image.mode not in ("RGB", "RGBA") or kind not in _CHANNELS:
        return None
    if kind == "RGBa":
        return DeepSamples(4, _read_premultiplied)
    if image.format == "PNG" and getattr(image, "n_frames", 1) > 1:
        return None  # the frames of an animation are laid over one another as 8 bits
    return DeepSamples(_CHANNELS[kind], _read_halves)


def _read_halves(image: Any) -> Array:
    """Return samples that Pillow decodes twice: once the upper bytes of all, once the lower."""
    if image.format == "PNG" and "transparency" not in image.info:
        with contextlib.suppress(ImportError):  # it takes a third of the time
            decode = optional.import_imagecodecs("PNG of 16 bits").png_decode
            return np.asarray(decode(_file_bytes(image)))
    mode, order = str(_first(image.tile[0][3])).upper().split(";16")
    if mode == "LA":  # four bytes a pixel, which Pillow can have all at once
        return _decode(image, "RGBA").view(">u2").astype(np.uint16)
    array = _decode(image, f"{mode};16{order}").astype(np.uint16)
    array <<= 8
    array |= _decode(image, f"{mode};16{_OTHER[order]}")
    return array


def _read_premultiplied(image: Any) -> Array:
    return divide_by_alpha(_read_halves(image), 65535)


def _decode(image: Any, raw: str) -> Array:
    """Return the image decoded from its file by another raw mode of the same size."""
    with _reopen(image) as again:
        again.tile = [
            one._replace(args=(raw, *one[3][1:]) if isinstance(one[3], tuple) else raw)
            for one in again.tile
        ]
        again.load()
        # of a TIFF it is upright now, which the caller's image does not know
        turned = image.format == "TIFF" and find_orientation(image)
        return find_turn(inverse_of(turned or UPRIGHT)).apply(np.asarray(again))


def _reopen(image: Any) -> Any:
    """Return the image opened once more from its file, at the same frame."""
    from PIL import Image

    file: Any = _Borrowed(image.fp)
    again = Image.open(file, formats=[image.format])
    if image.tell():
        again.seek(image.tell())
    return again


class _Borrowed(io.RawIOBase):
    """A file that another image keeps open, from which to read without closing it."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        """Say yes."""
        return True

    def seekable(self) -> bool:
        """Say yes."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Read some bytes."""
        return bytes(self._file.read(size))

    def readinto(self, buffer: Any) -> int:
        """Read bytes into a buffer."""
        return fill_buffer(self, buffer)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to an offset."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return the offset."""
        return int(self._file.tell())


def _first(args: Any) -> Any:
    return args[0] if isinstance(args, tuple) else args


def _file_bytes(image: Any, size: int = -1) -> bytes:
    image.fp.seek(0)
    return bytes(image.fp.read(size))


# TIFF of a plane for each channel, which Pillow reads as 8 bits, or with alpha divided out twice


def _of_planes(image: Any) -> DeepSamples | None:
    """Return how to read planes of 16 bits."""
    bits = image.tag_v2.get(_BITS, (8,))
    if image.mode not in ("RGB", "RGBA") or max(bits) != 16:
        return None
    extra = image.tag_v2.get(_EXTRA, ())
    optional.import_tifffile()
    premultiplied = image.mode == "RGBA" and _PREMULTIPLIED in np.ravel(extra)

    def read(image: Any) -> Array:
        tifffile = optional.import_tifffile()
        image.fp.seek(0)
        with tifffile.TiffFile(_Borrowed(image.fp)) as tiff:
            planes = tiff.pages[image.tell()].asarray()
        array = np.ascontiguousarray(np.moveaxis(planes, 0, -1))
        return divide_by_alpha(array, 65535) if premultiplied else array

    return DeepSamples(_CHANNELS[image.mode], read)


# Netpbm: samples as they are, where Pillow stretches them to the full scale


def _of_netpbm(mode: str, decoder: str, args: tuple[Any, ...]) -> DeepSamples | None:
    """Return how to read a PGM or PPM of which the largest value is above 255."""
    largest = 65535 if args[0] == "I;16B" else args[1] if len(args) == 2 else 0
    if not isinstance(largest, int) or largest < 256 or mode not in ("I", "RGB"):
        return None
    channels = 3 if mode == "RGB" else 1

    def read(image: Any) -> Array:
        shape = (image.height, image.width) if channels == 1 else (image.height, image.width, 3)
        count = image.height * image.width * channels
        data = _file_bytes(image)[image.tile[0][2] :]
        if decoder == "ppm_plain":
            lines = (line.partition(b"#")[0] for line in data.splitlines())
            words = b" ".join(lines).split()[:count]
            values = np.array(words, dtype=np.bytes_).astype(np.int64) if words else np.empty(0)
        else:
            values = np.frombuffer(data, ">u2", min(count, len(data) // 2))
        if values.size < count:
            raise ValueError(f"the file ends after {values.size} of {count} samples")
        if count and (values.max() > largest or values.min() < 0):
            raise ValueError(f"a sample is {values.max()}, above the largest, {largest}")
        return values.astype(np.uint16).reshape(shape)

    return DeepSamples(channels, read)


# JPEG 2000


def _of_jpeg_2000(image: Any) -> DeepSamples | None:
    """Return how to read JPEG 2000 of more than 8 bits, or of signed samples."""
    if image.mode not in ("I;16", "L", "LA", "RGB", "RGBA"):
        return None
    head = _file_bytes(image, _HEAD)
    start = head.find(_SIZ)
    if start < 0 or len(head) < start + 43:
        return None
    depth, across, down = head[start + 42 : start + 45]
    bits, signed = (depth & 127) + 1, depth > 127
    if bits <= 8 and not signed:
        return None
    if bits > 16:
        raise ValueError(
            f"the picture must be of at most 16 bits, but has {bits}: convert it first"
        )
    if (across, down) != (1, 1) or image.mode != "I;16" or signed:
        optional.import_imagecodecs("JPEG 2000 of signed samples, or of colors of more than 8 bits")
        dtype = np.dtype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
        channels = 1 if image.mode == "I;16" else _CHANNELS[image.mode]
        return DeepSamples(channels, _read_jpeg_2000, dtype, bits)

    def read(image: Any) -> Array:
        with _reopen(image) as again:  # of fewer than 16 bits it has the upper ones
            return np.asarray(again) >> (16 - bits)

    return DeepSamples(1, read, np.dtype(np.uint16), bits)


def _read_jpeg_2000(image: Any) -> Array:
    decode = optional.import_imagecodecs("JPEG 2000 of more than 8 bits").jpeg2k_decode
    return np.asarray(decode(_file_bytes(image)))


# AVIF


def _of_avif(image: Any) -> DeepSamples | None:
    """Return how to read AVIF of 10 or 12 bits; the frames of an animation have 8."""
    if image.mode not in ("L", *_CHANNELS) or image.n_frames > 1:
        return None
    flags = [one[1][0] for one in _AV1_FLAGS.finditer(_file_bytes(image, _HEAD))]
    if not flags or not flags[0] & _HIGH_DEPTH:
        return None
    optional.import_imagecodecs("AVIF of more than 8 bits")
    # Pillow, but for the newest, has RGB of gray and RGBA of gray with alpha, which is gray itself
    gray = all(each & _MONOCHROME for each in flags)
    channels = (1 if gray else 3) + image.has_transparency_data
    bits = 12 if flags[0] & _TWELVE_BITS else 10
    return DeepSamples(channels, _read_avif, np.dtype(np.uint16), bits)


def _read_avif(image: Any) -> Array:
    decode = optional.import_imagecodecs("AVIF of more than 8 bits").avif_decode
    return np.asarray(decode(_file_bytes(image)))


# SGI


def _of_sgi(mode: str, decoder: str, args: tuple[Any, ...]) -> DeepSamples | None:
    """Return how to read an SGI picture of 16 bits, which has one plane a channel, upwards."""
    if decoder == "sgi_rle" and args[2] == 2:
        raise ValueError("the picture must be of 8 bits or not compressed: convert it first")
    if decoder != "SGI16" or mode not in _CHANNELS:
        return None
    channels = _CHANNELS[mode]

    def read(image: Any) -> Array:
        count = channels * image.height * image.width
        data = _file_bytes(image)[512:]
        if len(data) < 2 * count:
            raise ValueError(f"the file ends after {len(data) // 2} of {count} samples")
        planes = np.frombuffer(data, ">u2", count).reshape(channels, image.height, image.width)
        array = np.ascontiguousarray(planes[:, ::-1].transpose(1, 2, 0), dtype=np.uint16)
        return array[:, :, 0] if channels == 1 else array

    return DeepSamples(channels, read)
