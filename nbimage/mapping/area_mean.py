"""Pixels made fewer by area means, for pictures too large to show whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbimage.base.chunked import BLOCK, Array, share_out


def area_mean(pixels: Array, factor: int) -> Array:
    """Return pixels reduced by a whole factor: each is the mean of its square, halves rounded up.

    uint8 ``(H, W)`` or ``(H, W, 2|3|4)`` to ``(ceil(H / factor), ceil(W / factor), …)``; squares
    that the edge cuts are means of what is left of them. The last of two or four channels is
    alpha, and colors are weighted by it.
    """
    if factor == 1:
        return pixels
    height, width = pixels.shape[:2]
    shape = (-(-height // factor), -(-width // factor), *pixels.shape[2:])
    out = np.empty(shape, np.uint8)
    rows = max(1, BLOCK // (width * factor)) * factor

    def work(starts: Sequence[int]) -> None:
        for start in starts:
            band = pixels[start : start + rows]
            first = start // factor
            out[first : first + -(-len(band) // factor)] = _band_mean(band, factor)

    share_out(work, range(0, height, rows))
    return out


def _band_mean(band: Array, factor: int) -> Array:
    rows, columns = (np.diff(np.r_[0:n:factor, n]) for n in band.shape[:2])
    area = np.outer(rows, columns).reshape(len(rows), len(columns), *(1,) * (band.ndim - 2))
    if band.ndim == 2 or band.shape[2] == 3:
        return _rounded(_sums(band, factor), area).astype(np.uint8)
    alpha = band[:, :, -1:]
    weight = _sums(alpha, factor)
    colors = _sums(band[:, :, :-1].astype(np.uint32) * alpha, factor)
    mean = [_rounded(colors, np.maximum(weight, 1)), _rounded(weight, area)]
    return np.concatenate(mean, axis=2).astype(np.uint8)


def _sums(band: Array, factor: int) -> Array:
    """Return the sums of ``factor`` × ``factor`` squares: long rows first, then what is left."""
    sums, dtype = band, np.uint32 if factor <= 256 else np.uint64  # 255 * 255 * factor^2
    for axis in (0, 1):
        starts = range(0, sums.shape[axis], factor)
        out = np.zeros((*sums.shape[:axis], len(starts), *sums.shape[axis + 1 :]), dtype)
        for offset in range(min(factor, sums.shape[axis])):
            part = sums[offset::factor] if axis == 0 else sums[:, offset::factor]
            to = out[: len(part)] if axis == 0 else out[:, : part.shape[1]]
            np.add(to, part, out=to)
        sums = out
    return sums


def _rounded(sums: Array, count: Array) -> Array:
    count = count.astype(np.uint64)
    quotient: Array = (2 * sums.astype(np.uint64) + count) // (2 * count)
    return quotient


def factor_for(shape: tuple[int, ...], *, pixels: float = np.inf, side: float = np.inf) -> int:
    """Return the least whole factor that brings (height, width) to so many pixels and a side."""
    height, width = shape[:2]
    factor = 1
    while -(-height // factor) * -(-width // factor) > pixels or max(height, width) > side * factor:
        factor += 1
    return factor
