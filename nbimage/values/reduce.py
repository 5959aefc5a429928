"""Pixels made fewer by area means, for pictures too large to show whole."""

from __future__ import annotations

import numpy as np

from nbimage.values.blocks import Array


def area_mean(pixels: Array, factor: int) -> Array:
    """Return pixels reduced by a whole factor: each is the mean of ``factor`` × ``factor``.

    Shape ``(H, W)`` or ``(H, W, 2|3|4)`` to ``(ceil(H / factor), ceil(W / factor), …)``. Colours
    are weighted by their alpha. Pillow's box reduction does it.
    """
    if factor == 1:
        return pixels
    from PIL import Image

    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[1 if pixels.ndim == 2 else pixels.shape[2]]
    height, width = pixels.shape[:2]
    rows = max(1, (1 << 24) // max(1, width * factor)) * factor  # Pillow reduces a band at a time
    bands = []
    for start in range(0, height, rows):
        band = np.ascontiguousarray(pixels[start : start + rows])
        image = Image.frombuffer(mode, (width, band.shape[0]), band, "raw", mode, 0, 1)
        bands.append(np.asarray(image.reduce(factor)))
    return np.concatenate(bands)


def factor_for(shape: tuple[int, ...], *, pixels: float = np.inf, side: float = np.inf) -> int:
    """Return the least whole factor that brings (height, width) to so many pixels and a side."""
    height, width = shape[:2]
    factor = 1
    while -(-height // factor) * -(-width // factor) > pixels or max(height, width) > side * factor:
        factor += 1
    return factor
