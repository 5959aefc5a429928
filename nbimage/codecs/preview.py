"""What stands for a picture where no HTML is shown: LaTeX, docx, restricted editors.

A small PNG is in the notebook twice, in its HTML and as it is. Of a larger one there is a preview
beside the HTML, which takes a tenth of its bytes: JPEG, which LaTeX, pandoc, nbconvert and editors
show as well as PNG, but PNG where pixels are transparent, in 16 levels a channel if need be, or
have no colors between them.
"""

from __future__ import annotations

import io
from typing import Any

from nbimage.base.chunked import Array
from nbimage.codecs.pictures import encode_pixels
from nbimage.mapping.area_mean import area_mean, factor_for
from nbimage.mapping.pixels import Pixels

EXACT = 32_000
"""Most bytes of a PNG that is in a notebook twice."""
_SHARE = 0.1  # of the bytes that the page holds
_LEAST = 4_000  # bytes of a preview, of whatever
SIDE = 800  # pixels of its longer side, at most
_LEAST_SIDE = 200  # pixels of a longer side that is not made smaller
_FEW = 0.08  # bytes a pixel that JPEG takes at the lowest of these, of most pictures
_QUALITIES = ((80, 1.0), (60, 0.58), (40, 0.4))  # of JPEG; what they leave of the first's bytes


def find_budget(stored: int) -> float:
    """Return how many bytes may stand beside a picture of so many bytes."""
    return max(_LEAST, _SHARE * stored)


def encode_preview(pixels: Pixels, stored: int, *, large: bool = False) -> bytes:
    """Return the exact PNG where it is small, else a preview of at most 800 pixels a side.

    ``stored`` is how many bytes the page holds; ``large``: the PNG is known to be.
    """
    factor, budget = factor_for(pixels.array.shape, side=SIDE), find_budget(stored)
    if factor == 1 and not large:
        png = encode_pixels(pixels)
        if len(png) <= EXACT:
            return png
    reduced = pixels.reduced(factor)
    if not pixels.distinct:
        array = reduced.render()
        opaque = without_alpha(array)
        return _encode_clear(array, budget) if opaque is None else encode_jpeg(opaque, budget)
    longest = max(pixels.array.shape[:2])
    while True:
        png = encode_pixels(reduced)
        if len(png) <= budget or longest < 2 * factor * _LEAST_SIDE:
            return png
        factor *= 2
        reduced = pixels.reduced(factor)


def _encode_clear(array: Array, budget: float) -> bytes:
    """Return pixels with alpha as PNG: in all levels, in 16, or smaller."""
    while True:
        for levels in (array, (array >> 4) * 17):
            png = encode_pixels(Pixels(levels, None, False, ""))
            if len(png) <= budget:
                return png
        if max(array.shape[:2]) < 2 * _LEAST_SIDE:
            return png
        array = area_mean(array, 2)


def without_alpha(array: Array) -> Array | None:
    """Return the colors of pixels that are all opaque; None for others."""
    if array.ndim == 2 or array.shape[2] == 3:
        return array
    if (array[:, :, -1] < 255).any():
        return None
    return array[:, :, 0] if array.shape[2] == 2 else array[:, :, :3]


def encode_jpeg(array: Array, budget: float, *, figure: float = 0) -> bytes:
    """Return opaque pixels as JPEG, of so many bytes if that can be: worse, then smaller.

    ``figure``: there are texts, which stay as large, and so many pixels an inch.
    """
    while True:
        first = 0
        smallest = bool(figure) or max(array.shape[:2]) < 2 * _LEAST_SIDE
        hopeless = budget < _FEW * array.shape[0] * array.shape[1] and not figure
        for quality, share in _QUALITIES:
            last = smallest and quality == _QUALITIES[-1][0]
            if (hopeless or first * share > budget) and not last:
                continue
            data = _encode(array, quality, figure)
            first = first or len(data)
            if len(data) <= budget or last:
                return data
        array = area_mean(array, 2)


def _encode(array: Array, quality: int, figure: float) -> bytes:
    from PIL import Image

    options: dict[str, Any] = {"dpi": (figure, figure), "subsampling": 0} if figure else {}
    file = io.BytesIO()
    Image.fromarray(array).save(file, "jpeg", quality=quality, **options)
    return file.getvalue()
