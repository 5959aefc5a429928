"""Tags of a TIFF that Pillow does not apply: which end is white, and what is missing."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.cf import parse_nodata
from nbimage.arrays.metadata import FullScale
from nbimage.base.chunked import Array

_BITS, _PHOTOMETRIC, _FORMAT, _NODATA = 258, 262, 339, 42113
_WHITE_IS_ZERO, _SIGNED = 0, 2
_CONVERTED = frozenset({"La", "YCbCr", "CMYK", "LAB"})


def is_inverted(image: Any) -> bool:
    """Say whether the largest integers of an image are black; of 8 bits Pillow turns them round."""
    deep = image.mode == "I" or image.mode.startswith("I;16")
    return bool(deep and _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO)


def is_signed(image: Any) -> bool:
    """Say whether the integers of an image have a sign, which Pillow leaves out in 8 bits."""
    return bool(np.ravel(_tag(image, _FORMAT) or 1)[0] == _SIGNED)


def find_full_scale(image: Any) -> tuple[FullScale, ...]:
    """Return what the bits of a gray image hold, where they are fewer than 16; else nothing."""
    bits = int(np.ravel(_tag(image, _BITS) or 16)[0]) if image.mode.startswith("I;16") else 16
    return (FullScale(0, (1 << bits) - 1),) if 8 < bits < 16 else ()


def has_missing(image: Any, dtype: Any) -> bool:
    """Say whether a sample of a dtype stands for missing values."""
    return bool(_missing_samples(image, dtype))


def find_missing(image: Any, samples: Array) -> Array | None:
    """Return where a color of a pixel is missing, ``(H, W)``; None: nowhere. Alpha never is."""
    values = _missing_samples(image, samples.dtype)
    if not values:
        return None
    if samples.ndim == 2:
        return np.asarray(samples == values[0])
    colors = samples[..., :-1] if samples.shape[2] in (2, 4) else samples
    return np.asarray((colors == values[0]).any(axis=2))


def _missing_samples(image: Any, dtype: Any) -> list[Any]:
    text = None if image.mode in _CONVERTED else _tag(image, _NODATA)
    found = [] if text is None else parse_nodata(str(text), np.dtype(dtype))
    white = _tag(image, _PHOTOMETRIC) == _WHITE_IS_ZERO
    if image.mode == "1":
        return [np.bool_(bool(value) != white) for value in found]
    if image.mode not in ("L", "LA") or np.dtype(dtype).kind == "i":
        return found
    # those of fewer bits have been brought to eight, and the right way round
    top = (1 << int(np.ravel(_tag(image, _BITS) or 8)[0])) - 1
    shown = [(int(value) * 255 + top // 2) // top for value in found if value <= top]
    return [255 - value for value in shown] if white else shown


def _tag(image: Any, number: int) -> Any:
    return image.tag_v2.get(number) if hasattr(image, "tag_v2") else None
