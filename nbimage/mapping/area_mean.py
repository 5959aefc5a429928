"""Pictures made smaller, by area means or by taking some pixels, or larger, by repeating them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.base.chunked import BLOCK, Array, share_out

Factors = tuple[int, int]
"""So many rows, and so many columns, become one."""
_SHIFTED = 4  # columns up to which adding whole rows takes less than adding some of each
_NARROW = 256  # pixels of which uint16 holds the sum, and half as many more


def area_mean(pixels: Array, factor: int | Factors, palette: Array | None = None) -> Array:
    """Return pixels reduced by a whole factor: each is the mean of its square, halves rounded up.

    Two factors are one for rows and one for columns: squares are rectangles then.

    uint8 ``(H, W)`` or ``(H, W, 2|3|4)`` to ``(ceil(H / factor), ceil(W / factor), …)``; squares
    that the edge cuts are means of what is left of them. The last of two or four channels is
    alpha, and colors are weighted by it. With a ``palette`` ``(N, 4)`` of opaque colors the pixels
    are its indices, and the result is ``(…, 3)``.
    """
    down, across = factors = (factor, factor) if isinstance(factor, int) else factor
    height, width = pixels.shape[:2]
    further = pixels.shape[2:] if palette is None else (3,)
    if palette is not None:
        palette = np.ascontiguousarray(palette).view(np.uint32).reshape(-1)  # one item a color
    if factors == (1, 1):
        return pixels if palette is None else _find_colors(pixels, palette)[:, :, :3]
    shape = (-(-height // down), -(-width // across), *further)
    out = np.empty(shape, np.uint8)
    rows = max(1, BLOCK // (width * down)) * down

    def work(starts: Sequence[int]) -> None:
        for start in starts:
            band = pixels[start : start + rows]
            first = start // down
            to = out[first : first + -(-len(band) // down)]
            if palette is None:
                to[...] = _band_mean(band, factors)
            elif down * across <= _NARROW:
                to[...] = _narrow_mean(_find_colors(band, palette), down, across)[:, :, :3]
            else:
                to[...] = _band_mean(_find_colors(band, palette)[:, :, :3], factors)

    share_out(work, range(0, height, rows))
    return out


def _find_colors(indices: Array, palette: Array) -> Array:
    return np.take(palette, indices, mode="clip").view(np.uint8).reshape(*indices.shape, 4)


def take_pixels(pixels: Array, factor: int | Factors) -> Array:
    """Return the upper left pixel of each square or rectangle: of labels there is no mean."""
    down, across = (factor, factor) if isinstance(factor, int) else factor
    return np.ascontiguousarray(pixels[::down, ::across])


def enlarge(pixels: Array, factor: int) -> Array:
    """Return pixels each of which is a square of so many."""
    return pixels if factor == 1 else pixels.repeat(factor, 0).repeat(factor, 1)


def _band_mean(band: Array, factors: Factors) -> Array:
    if factors[0] * factors[1] <= _NARROW and (band.ndim == 2 or band.shape[2] == 3):
        return _narrow_mean(band, *factors)
    sizes = zip(band.shape[:2], factors, strict=True)
    rows, columns = (np.diff(np.r_[0:n:factor, n]) for n, factor in sizes)
    area = np.outer(rows, columns).reshape(len(rows), len(columns), *(1,) * (band.ndim - 2))
    if band.ndim == 2 or band.shape[2] == 3:
        return _rounded(_sums(band, factors), area).astype(np.uint8)
    alpha = band[:, :, -1:]
    weight = _sums(alpha, factors)
    colors = _sums(band[:, :, :-1].astype(np.uint32) * alpha, factors)
    mean = [_rounded(colors, np.maximum(weight, 1)), _rounded(weight, area)]
    return np.concatenate(mean, axis=2).astype(np.uint8)


def _narrow_mean(band: Array, down: int, across: int) -> Array:
    """Return means of squares of which uint16 holds the sums: half the time."""
    sums = _sums(band, (down, across), np.uint16)
    (rows, below), (columns, right) = divmod(len(band), down), divmod(band.shape[1], across)
    for part, tall in ((sums[:rows], down), (sums[rows:], below)):
        for square, wide in ((part[:, :columns], across), (part[:, columns:], right)):
            if square.size:
                square += np.uint16(tall * wide // 2)
                square //= np.uint16(tall * wide)
    return sums.astype(np.uint8)


def _sums(band: Array, factors: Factors, dtype: Any = None) -> Array:
    """Return the sums of squares or rectangles: long rows first, then what is left."""
    sums = band
    if dtype is None:
        dtype = np.uint32 if factors[0] * factors[1] <= 1 << 16 else np.uint64  # 255 * 255 of each
    for axis, factor in enumerate(factors):
        if factor == 1:
            continue
        if axis == 1 and dtype == np.uint16 and factor <= _SHIFTED:
            return _shifted_sums(sums, factor)
        starts = range(0, sums.shape[axis], factor)
        out = np.empty((*sums.shape[:axis], len(starts), *sums.shape[axis + 1 :]), dtype)
        for offset in range(min(factor, sums.shape[axis])):
            part = sums[offset::factor] if axis == 0 else sums[:, offset::factor]
            to = out[: len(part)] if axis == 0 else out[:, : part.shape[1]]
            pairs = [(to, part)]
            if axis == 1 and band.ndim == 3:  # each channel in a long loop of its own
                pairs = [(to[..., one], part[..., one]) for one in range(band.shape[2])]
            for total, more in pairs:
                if offset == 0:
                    np.copyto(total, more)
                else:
                    np.add(total, more, out=total)
        sums = out
    return sums


def _shifted_sums(rows: Array, factor: int) -> Array:
    """Return sums of neighbours along rows: whole rows are added to themselves, some are kept."""
    height, width = rows.shape[:2]
    channels = rows[0, 0].size
    flat, whole = rows.reshape(height, -1), width // factor
    out = np.empty((height, -(-width // factor), channels), np.uint16)
    if whole:
        length = ((whole - 1) * factor + 1) * channels
        sums = flat[:, :length].astype(np.uint16)
        for start in range(channels, factor * channels, channels):
            np.add(sums, flat[:, start : start + length], out=sums)
        for channel in range(channels):  # each in a long loop of its own
            out[:, :whole, channel] = sums[:, channel :: factor * channels]
    if width % factor:
        left = flat[:, whole * factor * channels :].reshape(height, -1, channels)
        out[:, whole] = left.sum(axis=1, dtype=np.uint16)
    return out.reshape(*out.shape[:2], *rows.shape[2:])


def _rounded(sums: Array, count: Array) -> Array:
    narrow = 2 * int(sums.max()) + int(count.max()) < 1 << 32  # of which division is quick
    dtype = np.uint32 if narrow else np.uint64
    count = count.astype(dtype)
    quotient: Array = (2 * sums.astype(dtype) + count) // (2 * count)
    return quotient


def factor_for(shape: tuple[int, ...], *, side: float) -> int:
    """Return the least whole factor that brings the longer of (height, width) to a side."""
    return max(1, math.ceil(max(shape[:2]) / side))


def factors_for(shape: tuple[int, ...], *, pixels: float, side: int) -> Factors:
    """Return factors that bring (height, width) to so many pixels, and each side to its limit.

    A side is reduced by itself for its own limit, and both alike for the number of pixels.
    """
    height, width = shape[:2]
    down, across = -(-height // side), -(-width // side)
    factor = 1
    while -(-height // max(factor, down)) * -(-width // max(factor, across)) > pixels:
        factor += 1
    return max(factor, down), max(factor, across)
