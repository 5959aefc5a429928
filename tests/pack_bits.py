"""Samples of any number of bits, packed; for tifffile too, where imagecodecs packs none."""

from __future__ import annotations

import math
from typing import Any

import imagecodecs
import numpy as np

Array = np.ndarray[Any, Any]


def pack(row: Array, bits: int) -> bytes:
    """Return numbers as so many bits each, the most significant ones first."""
    every = (row[:, None].astype(np.uint32) >> np.arange(bits - 1, -1, -1, dtype=np.uint32)) & 1
    return np.packbits(every.astype(np.uint8)).tobytes()


def _encode(data: Array, bitspersample: int, axis: int = -1, **_: Any) -> bytes:
    """Do what `imagecodecs.packints_encode` does: each row begins with a byte of its own."""
    rows = np.asarray(data).reshape(-1, math.prod(np.shape(data)[axis:]))
    return b"".join(pack(row, bitspersample) for row in rows)


def let_tifffile_pack() -> None:
    """Stand in for the encoder in releases of imagecodecs that are built without it."""
    try:
        imagecodecs.packints_encode(np.zeros(8, np.uint8), 2)
    except NotImplementedError:
        imagecodecs.packints_encode = _encode
