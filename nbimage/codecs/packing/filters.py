"""PNG's filters: what of each byte its neighbours do not tell.

Source: PNG specification, third edition, W3C 2025, section 9.
"""

from __future__ import annotations

import numpy as np

from nbimage.base.chunked import Array

FILTERS = NONE, SUB, UP, AVERAGE, PAETH = tuple(range(5))
BY_ROW = 5
"""In place of a filter: for each row that which leaves the fewest bits of it."""
_BLOCK = 1 << 16  # bytes that Paeth's predictor works on at once: all of it stays in the cache


def filter_rows(kind: int, rows: Array, start: int, stop: int, step: int, out: Array) -> None:
    """Write rows ``start`` to ``stop`` as they are stored: the filter's number and what it leaves.

    ``kind`` may be `BY_ROW`; ``step`` is how many bytes a pixel has.
    """
    if kind != BY_ROW:
        out[:, 0] = kind
        apply_filter(kind, rows, start, stop, step, out[:, 1:])
        return
    count = max(1, _BLOCK // max(1, rows.shape[1]))
    for top in range(start, stop, count):
        bottom = min(top + count, stop)
        part = out[top - start : bottom - start]
        filtered = np.empty((bottom - top, rows.shape[1]), np.uint8)
        least = np.full(bottom - top, np.iinfo(np.int64).max)
        for each in FILTERS:
            apply_filter(each, rows, top, bottom, step, filtered)
            left = _sum_bits(filtered)
            better = left < least
            least[better] = left[better]
            part[better, 0] = each
            part[better, 1:] = filtered[better]


def sum_distances(filtered: Array) -> Array:
    """Return how far the bytes of each row are from 0, either way."""
    sums: Array = _distances(filtered).sum(axis=1, dtype=np.int64)
    return sums


def _distances(filtered: Array) -> Array:
    distances = np.negative(filtered)
    np.minimum(distances, filtered, out=distances)
    return distances


def _sum_bits(filtered: Array) -> Array:
    """Return about how many bits the bytes of each row take, times 15: nearly log2(1 + distance).

    That is a little better than distances where a few bytes are far off.
    """
    distances = _distances(filtered)
    bits = np.minimum(distances, 2)
    bits *= 10
    part = np.minimum(distances, 8)
    part *= 4
    bits += part
    bits += np.minimum(distances, 32, out=part)
    distances >>= 2
    bits += distances
    sums: Array = bits.sum(axis=1, dtype=np.int64)
    return sums


def apply_filter(kind: int, rows: Array, start: int, stop: int, step: int, out: Array) -> None:
    """Write rows ``start`` to ``stop``, filtered, to ``out``; ``step`` bytes from pixel to pixel.

    Left of the first pixel and above the first row there are zeros (section 9.2).
    """
    band = rows[start:stop]
    if kind == NONE:
        out[...] = band
        return
    if kind == SUB:
        out[:, :step] = band[:, :step]
        np.subtract(band[:, step:], band[:, :-step], out=out[:, step:])
        return
    first = 1 if start == 0 else 0  # the row that has none above it
    above = rows[start + first - 1 : stop - 1]
    here, to = band[first:], out[first:]
    if kind == UP:
        out[:first] = band[:first]
        np.subtract(here, above, out=to)
    elif kind == AVERAGE:
        if first:
            out[0] = band[0]
            out[0, step:] -= band[0, :-step] >> 1
        to[:, :step] = here[:, :step] - (above[:, :step] >> 1)
        _subtract_average(here, above, step, to)
    else:
        if first:  # the predictor is what is left of a byte
            out[0, :step] = band[0, :step]
            np.subtract(band[0, step:], band[0, :-step], out=out[0, step:])
        np.subtract(here[:, :step], above[:, :step], out=to[:, :step])
        count = max(1, _BLOCK // max(1, rows.shape[1]))
        for top in range(0, len(here), count):
            part = slice(top, top + count)
            _subtract_paeth(here[part], above[part], step, to[part])


def _subtract_average(here: Array, above: Array, step: int, out: Array) -> None:
    left, up = here[:, :-step], above[:, step:]
    mean = np.bitwise_xor(left, up)  # half the sum without a ninth bit: (a & b) + ((a ^ b) >> 1)
    mean >>= 1
    mean += np.bitwise_and(left, up)
    np.subtract(here[:, step:], mean, out=out[:, step:])


def _subtract_paeth(here: Array, above: Array, step: int, out: Array) -> None:
    """Subtract Paeth's predictor, worked out in bytes alone.

    Let ``low`` and ``high`` be the lesser and the greater of left and up, and ``corner`` what is
    up left, but at least ``low`` and at most ``high``. The predictor is ``high`` where
    ``corner - low`` is at most half of ``high - corner``, ``low`` where it is the other way
    round, and ``corner`` elsewhere; all 2^24 cases are those of section 9.4.
    """
    left, up = here[:, :-step], above[:, step:]
    low, high = np.minimum(left, up), np.maximum(left, up)
    predicted = np.maximum(above[:, :-step], low)
    np.minimum(predicted, high, out=predicted)
    down = predicted - low
    np.subtract(high, predicted, out=high)  # how far up
    near = np.right_shift(high, 1, out=low)
    chosen = (down <= near).view(np.uint8)
    np.multiply(high, chosen, out=near)
    predicted += near
    np.right_shift(down, 1, out=near)
    np.less_equal(high, near, out=chosen.view(bool))
    np.multiply(down, chosen, out=down)
    predicted -= down
    np.subtract(here[:, step:], predicted, out=out[:, step:])
