"""A `PIL.Image` as samples: every mode as the array that it stands for.

All that takes such an image or a file that Pillow opens reads it here.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_names import Names
from nbimage.arrays.metadata import FullScale
from nbimage.arrays.pillow.color_profile import convert_colors
from nbimage.arrays.pillow.color_profile import describe_colors as describe_profile
from nbimage.arrays.pillow.deep_colors import find_deep
from nbimage.arrays.pillow.image_orientation import load_whole
from nbimage.arrays.pillow.tiff_tags import find_missing, has_missing, is_inverted, is_signed
from nbimage.base.chunked import Array

_GRAY = {"1": np.bool_, "L": np.uint8, "I": np.int32, "F": np.float32}
_KEYED = frozenset({"1", "L", "I", "F", "I;16", "I;16B", "I;16L", "I;16N"})
_STRAIGHT = {"RGBa": "RGBA", "La": "LA", "PA": "RGBA"}
_UNTOLD = frozenset({"ICNS"})  # formats whose mode is that of what is in the file, once decoded
_OPAQUE = frozenset({"CMYK", "YCbCr", "LAB", "HSV", "RGBX"})


WRONG_FORMATS = frozenset({"FITS"})
"""Of which Pillow takes one plane, unsigned, without its scale."""


class ImageSamples(NamedTuple):
    """The samples of an image, ``(H, W)`` or ``(H, W, C)``."""

    array: Array
    mask: Array | None = None
    """True where a sample is missing: same shape as the array, or None."""
    names: Names | None = None
    note: str = ""
    """What became of the colors, for the description; "" for nothing."""
    full_scale: tuple[FullScale, ...] = ()
    """What the bits hold, one a channel, where they are fewer than the dtype's."""


class Kind(NamedTuple):
    """What samples an image will have."""

    channels: int
    dtype: np.dtype[Any]
    missing: bool = False
    """Some may be missing: those of the transparent value."""


def check_format(image: Any) -> None:
    """Raise ValueError for an image of a format of which Pillow has wrong samples."""
    if image.format in WRONG_FORMATS:
        raise ValueError(
            f"data must be samples as their file has them, but Pillow changes those of "
            f"{image.format}: give the file's path instead"
        )


def find_kind(image: Any) -> Kind:
    """Return what samples an image will have, from its head alone."""
    check_format(image)
    if image.format in _UNTOLD:
        image.load()
    deep, mode = find_deep(image), image.mode
    dtype = deep.dtype if deep is not None else _dtype_of(image)
    keyed = find_key(image) is not None or has_missing(image, dtype)
    if deep is not None:
        return Kind(deep.channels, deep.dtype, keyed)
    if mode in _KEYED:
        return Kind(1, np.dtype(dtype), keyed)
    if mode in ("LA", "La"):
        return Kind(2, np.dtype(np.uint8))
    clear = mode in ("RGBA", "RGBa", "PA") or keyed or (mode == "P" and _has_clear_palette(image))
    return Kind(4 if clear else 3, np.dtype(np.uint8))


def _dtype_of(image: Any) -> Any:
    if image.mode == "L" and is_signed(image):
        return np.int8
    return np.uint16 if image.mode.startswith("I;16") else _GRAY.get(image.mode, np.uint8)


def read_samples(image: Any) -> ImageSamples:
    """Return the samples of an image, of which those that the key names are transparent.

    Colors of 8 bits have alpha for that, all else is masked. Colors of 8 bits with a profile are
    converted to sRGB.
    """
    check_format(image)
    deep = find_deep(image)
    if deep is not None:
        array = deep.read(image)
        gone = _join(_is_key(array, find_key(image)), find_missing(image, array))
        found = _with_gone(array, gone, describe_colors(image))
        return found._replace(full_scale=deep.full_scale)
    note = describe_colors(image)
    key = find_key(image)  # before the image is decoded, when its bits are forgotten
    load_whole(image)
    inverted, signed = is_inverted(image), image.mode == "L" and is_signed(image)
    stored = np.asarray(image)
    missing = find_missing(image, stored.view(np.int8) if signed else stored)
    if image.mode == "P":
        image = image.convert("RGBA" if _has_clear_palette(image) else "RGB")
    elif image.mode in _STRAIGHT:
        image = image.convert(_STRAIGHT[image.mode])
    original = image
    image = convert_colors(image)
    if image.mode in _OPAQUE:
        image = image.convert("RGB")
    array = np.asarray(image)
    gone = _join(_is_key(np.asarray(original), key), missing)
    array = array.view(np.int8) if signed else array
    return _with_gone(~array if inverted else array, gone, note)


def describe_colors(image: Any) -> str:
    """Return what becomes of the colors of an image, in words; "" for nothing to tell."""
    return describe_profile(image, converted=find_deep(image) is None)


def find_key(image: Any) -> Any:
    """Return the value or the color that is transparent, as the samples have it; else None.

    Palettes have alpha of their own.
    """
    key = image.info.get("transparency")
    if image.mode in _KEYED and isinstance(key, (int, float, np.number)):
        if image.mode == "1":
            return bool(key)
        return key * _bit_scale(image, key) if image.mode == "L" else key
    if image.mode == "RGB" and isinstance(key, (tuple, list)) and len(key) == 3:
        return tuple(key)
    return None


def _bit_scale(image: Any, key: Any) -> int:
    """Return what the key of a PNG of 2 or 4 bits is to be multiplied by, as its samples are."""
    if image.format != "PNG" or not 0 < key < 16:
        return 1
    if image.tile:
        args = image.tile[0][3]
        raw = args[0] if isinstance(args, tuple) else args
        return {"L;2": 85, "L;4": 17}.get(str(raw), 1)
    # decoded: the file is not known any more, and a key of 8 bits is a sample that is there
    samples = np.asarray(image)
    for bits, scale in ((2, 85), (4, 17)):
        if key < 1 << bits and not (samples % scale).any():
            return scale
    return 1


def _is_key(array: Array, key: Any) -> Array | None:
    if key is None:
        return None
    found = array == np.asarray(key)
    return np.asarray(found.all(axis=2) if found.ndim == 3 else found)


def _join(first: Array | None, second: Array | None) -> Array | None:
    return second if first is None else first if second is None else first | second


def _with_gone(array: Array, gone: Array | None, note: str) -> ImageSamples:
    names = (None, None, "sample") if array.ndim == 3 else None
    if gone is not None and array.ndim == 3 and array.shape[2] in (2, 4):
        array = array.copy()
        array[gone] = 0
        return ImageSamples(array, None, names, note)
    if gone is not None and array.ndim == 3 and array.dtype == np.uint8:
        alpha = np.where(gone, 0, 255).astype(np.uint8)
        return ImageSamples(np.dstack([array, alpha]), None, names, note)
    mask = None
    if gone is not None and gone.any():  # what is missing does not count for the limits
        mask = gone if array.ndim == 2 else np.broadcast_to(gone[:, :, None], array.shape)
    return ImageSamples(array, mask, names, note)


def _has_clear_palette(image: Any) -> bool:
    if "transparency" in image.info:
        return True
    return image.palette is not None and str(image.palette.mode).endswith("A")
