"""Files beyond the kinds of ``tests/kinds``: how each is written, and what it holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests.kinds.kind import COLORS, Array, Content, gradient

Make = Callable[[Path], tuple[str, Content]]
"""Write a file into an empty folder; return what a user would open, and what it holds."""

HIGH, WIDE = 24, 37
BYTES = gradient(HIGH, WIDE, dtype="uint8", high=250)
WORDS = gradient(HIGH, WIDE, high=65000)
FLOATS = (gradient(HIGH, WIDE, dtype="float64", high=9) - 4).astype(np.float32)
RGB = COLORS
RGB16 = np.moveaxis(gradient(3, HIGH, WIDE, high=65000), 0, -1)
ALPHA = gradient(HIGH, WIDE, dtype="uint8", high=255)
ALPHA[0, 0], ALPHA[0, 1] = 255, 0
RGBA = np.dstack([RGB, ALPHA])
BITS = BYTES > 120
STACK = gradient(3, HIGH, WIDE)


def in_dtype(name: str) -> Array:
    """Return samples that fill most of the range of a dtype."""
    dtype = np.dtype(name)
    if dtype.kind == "b":
        return BITS
    if dtype.kind == "f":
        return FLOATS.astype(dtype)
    info = np.iinfo(dtype)
    whole = WORDS.astype(object)
    scaled = [int(x) * (int(info.max) - int(info.min)) // 65535 + int(info.min) for x in whole.flat]
    return np.array(scaled, dtype).reshape(WORDS.shape)


TURNS: dict[int, Callable[[Array], Array]] = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a.swapaxes(0, 1)[:, ::-1],
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}
"""What makes of stored samples, by EXIF's number, the picture that is meant."""


def content(values: Array, **known: Any) -> Content:
    """Return what a file holds that was given an array."""
    if values.ndim == 3 and values.shape[-1] in (3, 4) and "axes" not in known:
        known.setdefault("colors", True)
    return Content(np.ascontiguousarray(values) if type(values) is np.ndarray else values, **known)
