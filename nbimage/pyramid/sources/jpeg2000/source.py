"""JPEG 2000: samples as they are stored, tile by tile, in the resolutions that the file has.

Colors of 8 bits that have to be converted first are left to Pillow.
"""

from __future__ import annotations

import io
import math
import struct
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.decoding import divide_by_alpha
from nbimage.arrays.metadata import FullScale, Metadata
from nbimage.arrays.orientation import UPRIGHT
from nbimage.arrays.pillow.color_profile import ColorProfile, find_profile, note_of
from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import explain_damage
from nbimage.pyramid.core.block_cache import BlockCache
from nbimage.pyramid.core.source import Source, as_native
from nbimage.pyramid.remote.range_file import NotInPartsError
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.beside import add_georeference
from nbimage.pyramid.sources.jpeg2000.boxes import JPEG_2000_HEADS, Boxes, read_boxes
from nbimage.pyramid.sources.jpeg2000.codestream import Codestream
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.tiff.geo import read_georeference

_MOST_BITS = 16
_LARGEST_TILE = 1 << 28  # samples, of which a decoder holds four bytes or more each
_SMALLEST = 64  # rows or columns of the smallest level


def is_jpeg_2000(head: bytes) -> bool:
    """Say whether a file that begins so is JPEG 2000."""
    return head.startswith(JPEG_2000_HEADS)


def open_jpeg_2000(path: Path | RemoteFile) -> Jpeg2000Source | PillowSource:
    """Return a picture as a source. Raises ValueError, or ImportError, in one line."""
    remote = isinstance(path, RemoteFile)
    try:
        with path.open("rb") as file:
            boxes = read_boxes(file)
            codestream = Codestream(file, boxes.start, by_list=remote)
    except NotInPartsError:
        raise
    except (OSError, ValueError, struct.error) as error:
        if str(path) in str(error):
            raise
        raise ValueError(
            f"{path} must be a whole JPEG 2000 picture: {explain_damage(error)}"
        ) from error
    if isinstance(path, RemoteFile) and codestream.rows * codestream.columns == 1:
        raise NotInPartsError
    found = _open_described(path, boxes, codestream)
    if boxes.geotiff and find_spec("tifffile") is not None:
        _add_geotiff(found, boxes.geotiff)
    return found


def _add_geotiff(source: Any, data: bytes) -> None:
    """Give a picture the position that a TIFF in a box of its file has."""
    tifffile = optional.import_tifffile()
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            found, _ = read_georeference(file.pages[0], None)
    except Exception:  # of any tag: the picture is none the worse for it
        return
    add_georeference(source, found)


def _open_described(
    path: Path | RemoteFile, boxes: Boxes, codestream: Codestream
) -> Jpeg2000Source | PillowSource:
    unread = _find_unread(boxes, codestream)
    shallow = max(codestream.bits) <= 8 and not any(codestream.signed)
    if shallow and (unread or find_spec("imagecodecs") is None):
        if isinstance(path, RemoteFile):
            raise NotInPartsError
        return PillowSource(path)
    if unread:
        raise ValueError(f"{path} must be {unread}: convert it first")
    optional.import_imagecodecs(f"{path}, JPEG 2000 of more than 8 bits or signed,")
    return Jpeg2000Source(path, boxes, codestream)


def _find_unread(boxes: Boxes, codestream: Codestream) -> str:
    """Return what a picture must be, but is not; "" for nothing."""
    bits, several = codestream.bits, len(codestream.components)
    if not boxes.plain:
        return f"gray or RGB, but is of JPEG 2000's color space {boxes.color_space}"
    if codestream.subsampled:
        return "of samples for each pixel, but a component has fewer"
    if len({*zip(bits, codestream.signed, strict=True)}) > 1:
        return f"of as many bits for each component, but has {', '.join(map(str, bits))}"
    if bits[0] > _MOST_BITS:
        return f"of at most {_MOST_BITS} bits, but has {bits[0]}"
    if boxes.palette is not None and (several > 1 or codestream.signed[0]):
        return "of one unsigned index into its palette"
    if not codestream.tiles_can_be_cut:
        return "of packets with headers of their own, but has them in one bounds"
    high, wide = codestream.largest_tile(0)
    if high * wide * several > _LARGEST_TILE:
        return f"of tiles of at most 2^28 samples, but has some of {high} x {wide} pixels"
    return ""


class Jpeg2000Source(Source):
    """A picture of gray or colors, with alpha or not, and its smaller resolutions."""

    orientations = (UPRIGHT,)

    def __init__(self, path: Path | RemoteFile, boxes: Boxes, codestream: Codestream) -> None:
        self._path, self._codestream = path, codestream
        self._palette, self._premultiplied = boxes.palette, boxes.premultiplied
        self._block_cache = BlockCache()
        bits, signed = codestream.bits[0], codestream.signed[0]
        self._read_dtype = np.dtype(f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}")
        self._bits = bits
        dtype, channels = self._read_dtype, len(codestream.components)
        if boxes.palette is not None:
            dtype, channels, bits = boxes.palette.dtype, boxes.palette.shape[1], boxes.palette_bits
        self._profile: ColorProfile | str = ""
        converts = dtype == np.uint8
        note = ""
        if boxes.profile and channels <= 4:
            self._profile = find_profile(boxes.profile, "L" if channels < 3 else "RGB")
            note = note_of(self._profile, converts)
        self._converts = converts and isinstance(self._profile, ColorProfile)
        self._top = (1 << bits) - 1 if bits > 8 else 255
        windows: tuple[FullScale, ...] = ()
        if 8 < bits < _MOST_BITS:
            low = -(1 << bits - 1) if signed else 0
            windows = (FullScale(low, low + self._top),) * channels
        # imagecodecs decodes whole codestreams alone; Pillow can leave out the finest resolutions
        self._by_pillow = not codestream.resolutions_come_first
        shapes = _find_shapes(codestream)
        shapes = shapes if boxes.palette is None else shapes[:1]  # others have means of indices
        if self._by_pillow and not _is_for_pillow(codestream):
            shapes = shapes[:1]
        super().__init__(
            shapes=shapes,
            dtype=dtype,
            channels=channels,
            blocks=tuple(codestream.largest_tile(level) for level in range(len(shapes))),
            metadata=Metadata(windows=windows, note=note, labels=self._palette is not None),
        )

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises ValueError where the file is damaged."""
        tiles = self._codestream.tiles_of(box, level)
        colors = () if self.channels == 1 else (self.channels,)
        whole = np.empty((*box.shape, *colors), self.dtype)
        for row, column in tiles:
            bounds = self._codestream.tile_box(row, column, level)
            common = box.common(bounds)
            if min(common.shape) <= 0:
                continue
            part = self._tile(level, row, column, bounds)[common.within(bounds).slices]
            if common == box:
                return as_native(part, self.dtype)
            whole[common.within(box).slices] = part
        return whole

    def _tile(self, level: int, row: int, column: int, bounds: Box) -> Array:
        return self._block_cache.get(
            (level, row, column), lambda: self._decode(level, row, column, bounds)
        )

    def _decode(self, level: int, row: int, column: int, bounds: Box) -> Array:
        imagecodecs = optional.import_imagecodecs("JPEG 2000")
        by_pillow = self._by_pillow and level > 0
        try:
            with self._path.open("rb") as file:
                data = self._codestream.cut(file, row, column, 0 if by_pillow else level)
            if by_pillow:
                found = _decode_smaller(data, level, bounds.shape)
            else:
                found = np.asarray(imagecodecs.jpeg2k_decode(data))
        except (OSError, ValueError, RuntimeError) as error:  # the decoder's is of the last kind
            if isinstance(error, OSError) and str(self._path) in str(error):
                raise
            raise ValueError(
                f"{self._path} must be a whole JPEG 2000 picture: {explain_damage(error)}"
            ) from error
        stored = len(self._codestream.components)
        expected = (*bounds.shape, stored) if stored > 1 else bounds.shape
        if found.dtype != self._read_dtype or found.size != math.prod(expected):
            raise ValueError(f"{self._path} must not change while it is open")
        return self._as_shown(found.reshape(expected))

    def _as_shown(self, part: Array) -> Array:
        if self._palette is not None:
            part = np.take(self._palette, part, axis=0, mode="clip")
        elif self._bits < 8 and self._read_dtype.kind == "u":  # as Pillow and libvips have them
            top = (1 << self._bits) - 1
            part = ((part.astype(np.uint16) * 255 + top // 2) // top).astype(np.uint8)
        if self._premultiplied and self.channels in (2, 4):
            part = divide_by_alpha(part, self._top)
        if self._converts and isinstance(self._profile, ColorProfile):
            part = self._profile.convert_array(part)
        return part

    def close(self) -> None:
        """Let go of the tiles that were read."""
        self._block_cache.clear()
        if isinstance(self._path, RemoteFile):
            self._path.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_path": self._path.absolute()}


def _is_for_pillow(codestream: Codestream) -> bool:
    """Say whether Pillow decodes a picture as it is: eight bits, one tile that begins at 0."""
    area, tiles = codestream.area, codestream.rows * codestream.columns
    plain = set(codestream.bits) == {8} and not any(codestream.signed)
    return plain and tiles == 1 and (area.top, area.left) == (0, 0)


def _decode_smaller(data: bytes, level: int, shape: tuple[int, int]) -> Array:
    """Return a codestream halved so often, whatever the order of its packets."""
    from PIL import Image

    with Image.open(io.BytesIO(data), formats=["JPEG2000"]) as opened:
        image: Any = opened
        (tile,) = image.tile
        kind, _, *others = tile.args
        image._size = shape[::-1]
        image.tile = [tile._replace(extents=(0, 0, *shape[::-1]), args=(kind, level, *others))]
        return np.asarray(image)


def _find_shapes(codestream: Codestream) -> tuple[tuple[int, int], ...]:
    """Return rows and columns of each resolution that is half of the one before."""
    shapes = [codestream.shape(0)]
    for reduction in range(1, codestream.reductions + 1):
        high, wide = shapes[-1]
        shape = codestream.shape(reduction)
        if max(shapes[-1]) <= _SMALLEST or shape != (-(-high // 2), -(-wide // 2)):
            break
        shapes.append(shape)
    return tuple(shapes)
