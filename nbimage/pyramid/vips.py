"""Pictures too large to be decoded in memory: libvips unpacks them into a temporary file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nbimage.pyramid import optional
from nbimage.pyramid.geometry import Box
from nbimage.pyramid.source import Facts, one_line
from nbimage.values.blocks import Array

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
_GRAY = frozenset({"b-w", "grey16"})
_COLOURS = frozenset({"srgb", "rgb", "rgb16", "scrgb"})


class VipsSource(Facts):
    """A picture file as libvips has it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._open()
        image = self._image
        kind, bands = str(image.interpretation), int(image.bands)
        gray = kind in _GRAY and bands in (1, 2)
        if not (gray or (kind in _COLOURS and bands in (3, 4))) or image.format not in _DTYPES:
            raise ValueError(
                f"{path} must be gray or RGB, but is {kind} of {bands} bands, {image.format}: "
                "convert it first"
            )
        super().__init__(
            shapes=((int(image.height), int(image.width)),),
            dtype=np.dtype(_DTYPES[str(image.format)]),
            channels=bands,
        )

    def _open(self) -> None:
        pyvips = optional.pyvips()
        self._error = pyvips.Error
        try:
            self._image = pyvips.Image.new_from_file(
                str(self._path), fail_on="truncated", revalidate=True
            )
        except pyvips.Error as error:
            raise ValueError(f"{self._path} must be a whole picture: {one_line(error)}") from None

    def read(self, index: int, box: Box, plane: tuple[int, ...] = ()) -> Array:
        """Return a part of the picture; the first read unpacks all of it."""
        try:
            high, wide = box.shape
            part = self._image.crop(box.left, box.top, wide, high)
            data = part.write_to_memory()
        except self._error as error:
            raise ValueError(f"{self._path} must be a whole picture: {one_line(error)}") from None
        colours = () if self.channels == 1 else (self.channels,)
        return np.frombuffer(data, self.dtype).reshape(high, wide, *colours)

    def close(self) -> None:
        """Let go of the picture and of its temporary file."""
        self._image = None

    def __getstate__(self) -> dict[str, Any]:
        left_out = ("_image", "_error")
        kept = {key: value for key, value in self.__dict__.items() if key not in left_out}
        return {**kept, "_path": self._path.absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._open()
