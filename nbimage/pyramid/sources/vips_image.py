"""Pictures too large to be decoded in memory: libvips unpacks them into a temporary file.

Read in order, from the top down, they need no such file.
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from nbimage.arrays.metadata import Metadata
from nbimage.arrays.orientation import UPRIGHT, as_orientation, find_xmp_orientation
from nbimage.arrays.pillow.color_profile import ColorProfile, find_profile, note_of
from nbimage.arrays.pillow.image_orientation import read_png_orientation
from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child, was_loaded_before
from nbimage.base.text import explain_damage
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.sources.tiff.metadata import TIFF_HEADS
from nbimage.pyramid.sources.tiff.samples import describe_file

_DTYPES = {
    "uchar": "uint8",
    "char": "int8",
    "ushort": "uint16",
    "short": "int16",
    "uint": "uint32",
    "int": "int32",
    "float": "float32",
    "double": "float64",
}
_ROWS = 256  # that are unpacked at once
_LONGEST_ROW = 1 << 22  # bytes: levels are built of rows of tiles that are as wide as the picture
_GRAY = frozenset({"b-w", "grey16"})
_COLORS = frozenset({"srgb", "rgb", "rgb16", "scrgb"})


class VipsSource(Source):
    """A picture file as it is stored, by libvips; but HEIF, which that turns itself."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()
        call_in_child(self._begin_child)
        image = self._image
        kind, bands = str(image.interpretation), int(image.bands)
        gray = kind in _GRAY and bands in (1, 2)
        if not (gray or (kind in _COLORS and bands in (3, 4))) or image.format not in _DTYPES:
            raise ValueError(
                f"{path} must be gray or RGB, but is {kind} of {bands} bands, {image.format}: "
                "convert it first"
            )
        self._read_dtype = np.dtype(_DTYPES[str(image.format)])
        if int(image.width) * bands * self._read_dtype.itemsize > _LONGEST_ROW:
            raise ValueError(
                f"{path} must have rows of at most {_LONGEST_ROW >> 20} MiB to be read, but has "
                f"{image.width} columns: convert it to a TIFF in tiles"
            )
        self._profile: ColorProfile | str = ""
        found = describe_file(path) if self._is_tiff() else None
        self._samples = None if found is None else found.after_libvips()
        note = self._find_profile(bands) if found is None else found.note
        super().__init__(
            shapes=((int(image.height), int(image.width)),),
            dtype=self._read_dtype if self._samples is None else self._samples.dtype,
            stored=self._read_dtype,
            channels=bands,
            metadata=Metadata(note=note),
        )
        self.orientations = (self._orientation(),)

    def _orientation(self) -> int:
        known = set(self._image.get_fields())
        if "orientation" in known:
            return as_orientation(self._image.get("orientation"))
        if self._image.get("vips-loader").startswith("png"):
            with self._path.open("rb") as file:
                return read_png_orientation(file)
        return find_xmp_orientation(self._image.get("xmp-data")) if "xmp-data" in known else UPRIGHT

    def _begin_child(self) -> None:
        abandon(self._image)
        self._lock = threading.Lock()

    def _open(self) -> None:
        self._lock = threading.Lock()
        self._unpacked: Array | None = None
        self._error = optional.import_pyvips().Error
        self._image: Any = self._opened("random")

    def _opened(self, access: str) -> Any:
        options: dict[str, Any] = {"fail_on": "truncated", "revalidate": True, "access": access}
        pyvips = optional.import_pyvips()
        if self._is_tiff() and "unlimited" in pyvips.Introspect.get("tiffload").optional_input:
            options["unlimited"] = True  # else a strip may take 50 MB
        try:
            return pyvips.Image.new_from_file(str(self._path), **options)
        except self._error as error:
            raise self._broken(error) from None

    def _is_tiff(self) -> bool:
        with self._path.open("rb") as file:
            return file.read(4) in TIFF_HEADS

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of the picture; the first read unpacks all of it."""
        if was_loaded_before("pyvips"):
            return self._unpack()[box.slices]
        try:
            high, wide = box.shape
            data = self._image.crop(box.left, box.top, wide, high).write_to_memory()
        except self._error as error:
            raise self._broken(error) from None
        return self._decode(np.frombuffer(data, self._read_dtype), box)

    def _decode(self, part: Array, box: Box) -> Array:
        part = part.reshape(*box.shape, *self._colors)
        if isinstance(self._profile, ColorProfile):
            part = self._profile.convert_array(part)
        return part if self._samples is None else self._samples.decode(part)

    def _find_profile(self, bands: int) -> str:
        """Find what converts colors to sRGB; return what becomes of them."""
        if "icc-profile-data" not in self._image.get_fields():
            return ""
        data = bytes(self._image.get("icc-profile-data"))
        found = find_profile(data, "L" if bands < 3 else "RGB")
        converts = self._read_dtype == np.uint8
        self._profile = found if converts else ""
        return note_of(found, converts)

    def _unpack(self) -> Array:
        """Return the whole picture in a temporary file, read by this thread alone."""
        with self._lock:
            if self._unpacked is None:
                (rows, columns), shape = self.shapes[0], (*self.shapes[0], *self._colors)
                with tempfile.TemporaryFile() as file, self.in_order() as read:
                    whole: Any = np.memmap(cast("Any", file), self.dtype, "w+", shape=shape)
                    for top in range(0, rows, _ROWS):
                        bottom = min(rows, top + _ROWS)
                        whole[top:bottom] = read(Box(top, bottom, 0, columns))
                whole.flags.writeable = False
                self._unpacked = whole
            return self._unpacked

    @property
    def _colors(self) -> tuple[int, ...]:
        return () if self.channels == 1 else (self.channels,)

    def _broken(self, error: BaseException) -> ValueError:
        return ValueError(f"{self._path} must be a whole picture: {explain_damage(error)}")

    @contextlib.contextmanager
    def in_order(self) -> Iterator[Callable[[Box], Array]]:
        """Yield what reads boxes of whole rows from the top down, and unpacks nothing on a disk.

        Interlaced PNG and progressive JPEG are held in memory as a whole all the same.
        """
        image = self._opened("sequential")
        if image.height != self.shapes[0][0] or image.width != self.shapes[0][1]:
            raise ValueError(f"{self._path} must not change while it is open")
        row = self.shapes[0][1] * self.channels
        region = optional.import_pyvips().Region.new(image)

        def read(box: Box) -> Array:
            part = np.empty((box.shape[0], row), self._read_dtype)
            try:  # one by one: libvips keeps several times what it is asked for at once
                for line, top in enumerate(range(box.top, box.bottom)):
                    fetched = region.fetch(0, top, self.shapes[0][1], 1)
                    part[line] = np.frombuffer(fetched, self._read_dtype)
            except self._error as error:
                raise self._broken(error) from None
            return self._decode(part, box)

        yield read

    def close(self) -> None:
        """Let go of the picture and of its temporary file."""
        self._image = self._unpacked = None

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_image", "_error", "_lock", "_unpacked")
        kept = {key: value for key, value in self.__dict__.items() if key not in left_out}
        return {**kept, "_path": self._path.absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._open()
        call_in_child(self._begin_child)
