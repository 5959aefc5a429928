"""A `PIL.Image` as samples: every mode as the array that it stands for.

All that takes such an image or a file that Pillow opens reads it here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.channels import Names
from nbimage.base.chunked import Array

_ONE = frozenset({"1", "L", "I", "F", "I;16", "I;16B", "I;16L"})
_AS_ALPHA = {"RGBa": "RGBA", "La": "LA"}
_AS_COLORS = frozenset({"CMYK", "YCbCr", "LAB", "HSV", "RGBX"})
_DEEP = {"LA": 2, "RGB": 3, "RGBA": 4}


class ImageSamples(NamedTuple):
    """The samples of an image, ``(H, W)`` or ``(H, W, C)``."""

    array: Array
    mask: Array | None = None
    """True where a sample is missing: same shape as the array, or None."""
    names: Names | None = None


def read_samples(image: Any) -> ImageSamples:
    """Return the samples of an image, which is decoded where it has not been."""
    mode = image.mode
    if mode in ("P", "PA"):
        mode = "RGBA" if mode == "PA" or "transparency" in image.info else "RGB"
        image = image.convert(mode)
    elif mode in _AS_ALPHA or mode in _AS_COLORS:
        image = image.convert(_AS_ALPHA.get(mode, "RGB"))
    array = np.asarray(image)
    return ImageSamples(array, names=(None, None, "sample") if array.ndim == 3 else None)


def find_kind(image: Any) -> tuple[int, np.dtype[Any]]:
    """Return the channels and the dtype that an image will have, from its head alone."""
    mode, deep = image.mode, find_deep_channels(image)
    if deep:
        return deep, np.dtype(np.uint16)
    if mode in _ONE:
        dtypes = {"1": np.bool_, "L": np.uint8, "I": np.int32, "F": np.float32}
        return 1, np.dtype(dtypes.get(mode, np.uint16))
    if mode in ("LA", "La"):
        return 2, np.dtype(np.uint8)
    clear = mode in ("RGBA", "RGBa", "PA") or (mode == "P" and "transparency" in image.info)
    return (4 if clear else 3), np.dtype(np.uint8)


def find_deep_channels(image: Any) -> int:
    """Return how many channels of 16 bits an image has that Pillow has as 8 bits; else 0."""
    for part in image.tile:
        args = part[3] if isinstance(part[3], tuple) else (part[3],)
        kind, _, bits = str(args[0] if args else "").partition(";")
        if bits.startswith("16") and image.mode not in _ONE and kind in _DEEP:
            return _DEEP[kind]
    return 0
