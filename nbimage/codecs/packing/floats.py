"""Float32 as whole steps, which their neighbours nearly tell, and the bits below a step.

A value is ``steps * 2**exponent`` and the bits of its mantissa that are less than a step. Steps are
about as fine as the noise. Of the steps there is what a weighted sum of four neighbours leaves, as
planes of bytes for deflate; the bits below are stored as they are.

Codes of the steps, of int16: 0 is 0.0, -1 is NaN, 1 is any other value below a step or without an
end, of which all 32 bits are stored; all others are one step further from 0 than they are.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbimage.base.chunked import Array, share_out

_BITS = 15  # of the largest code
_MOST = 2**15 - 2  # steps
_LEAST = -126  # exponent of a step: no value that has one is subnormal
_NAN = np.uint32(0x7FC00000)
_ENDLESS = np.uint32(0x7F800000)
_BLOCK = 1 << 17  # samples whose bits begin with a byte: their scratch space stays in the cache
_TRIALS, _TRIAL = 4, 1 << 14  # parts that are tried; samples of each
_LEFT = 8  # steps that are left of the middle one of all
_UNIT = 4  # bits of the weights' fraction
Weights = tuple[int, int, int, int]
"""Of the samples to the left, above, above left and above right, in sixteenths."""
_WEIGHTS: tuple[Weights, ...] = (
    *((16, 0, 0, 0), (0, 16, 0, 0), (8, 8, 0, 0), (4, 4, 4, 4)),
    *((16, 16, -16, 0), (12, 12, -8, 0)),
)


@dataclass(frozen=True, slots=True)
class Stepping:
    """How float32 become steps."""

    columns: int
    exponent: int
    weights: Weights

    @property
    def rows(self) -> int:
        """How many rows have their bits together: those of the next ones begin with a byte."""
        return max(1, _BLOCK // self.columns)

    def encode(self, flat: Array) -> tuple[Array, bytes]:
        """Return the planes of bytes, ``(2, N)``, and what a reader needs beside them.

        That is the exponent, the rows that have their bits together, the weights, and the bits.
        """
        planes = np.empty((2, flat.size), np.uint8)
        step = self.rows * self.columns
        starts = range(0, flat.size, step)
        bits = [b""] * len(starts)

        def work(numbers: Sequence[int]) -> None:
            for number in numbers:
                start = starts[number]
                stop = min(start + step, flat.size)
                bits[number] = self.encode_part(flat, start, stop, planes[:, start:stop])

        share_out(work, range(len(starts)))
        head = struct.pack(">hI4b", self.exponent, self.rows, *self.weights)
        return planes, head + b"".join(bits).rstrip(b"\0")

    def encode_part(self, flat: Array, start: int, stop: int, planes: Array) -> bytes:
        """Write the bytes of some values to planes, and return the bits below their steps."""
        codes = self.find_codes(flat, start, stop)
        left = leave(codes, self.columns, self.weights)
        folded = ((left << 1) ^ (left >> 15)).view(np.uint16)
        np.right_shift(folded, 8, out=planes[0], casting="unsafe")
        np.copyto(planes[1], folded, casting="unsafe")
        words, codes = flat[start:stop].view(np.uint32), codes[self.columns + 1 :]
        counts = ((words >> np.uint32(23)) & np.uint32(255)).view(np.int32)
        np.subtract(150 + self.exponent, counts, out=counts)  # bits of the mantissa below a step
        counts[codes == 1] = 32
        counts[(codes == 0) | (codes == -1)] = 0
        counts = counts.view(np.uint32)
        return pack_bits(words & ((np.uint32(1) << counts) - np.uint32(1)), counts)

    def find_codes(self, flat: Array, start: int, stop: int) -> Array:
        """Return the codes of some values, and of a row and one more before them: 0 for none."""
        before = self.columns + 1
        lead = min(before, start)
        codes = np.zeros(before + stop - start, np.int16)
        own = codes[before - lead :]
        values = flat[start - lead : stop]
        words = values.view(np.uint32)
        with np.errstate(invalid="ignore", over="ignore"):
            np.copyto(own, values * np.float32(2.0**-self.exponent), casting="unsafe")
        own += np.sign(own)
        own += (own == 0) & (words != 0)
        endless = (words & _ENDLESS) == _ENDLESS
        if endless.any():
            own[endless] = 1
            own[words == _NAN] = -1
        return codes


def find_stepping(flat: Array, columns: int) -> Stepping | None:
    """Return the steps that leave about as much as noise is; None where there can't be any."""
    parts = [flat[start:stop] for start, stop in sample_parts(flat.size, columns)]
    largest = _find_largest(flat)
    if not largest or columns < 2:  # what is above right would be the sample itself
        return None
    finest = max(_LEAST, math.frexp(largest)[1] - _BITS)
    if largest * 2.0**-finest > _MOST:
        finest += 1
    best, left = _find_weights(parts, columns, finest)
    exponent = finest + max(0, math.floor(math.log2(max(left, 1.0) / _LEFT)))
    unit = _find_unit(parts)  # below which there are no bits
    return Stepping(columns, unit if unit >= finest else exponent, best)


def leave(codes: Array, columns: int, weights: Weights) -> Array:
    """Return what a weighted sum of neighbours leaves of codes, of which a row comes before."""
    count = codes.size - columns - 1
    total = np.full(count, 1 << (_UNIT - 1), np.int32)
    starts = columns, 1, 0, 2
    for start, weight in zip(starts, weights, strict=True):
        if weight:
            total += np.multiply(codes[start : start + count], np.int32(weight), dtype=np.int32)
    total >>= _UNIT
    left: Array = codes[columns + 1 :] - total.astype(np.int16)
    return left


def sample_parts(size: int, columns: int) -> list[tuple[int, int]]:
    """Return where parts of some rows begin and end that lie evenly among all."""
    rows = size // columns
    count = min(rows, max(2, _TRIAL // columns))
    starts = {(rows - count) * number // max(1, _TRIALS - 1) for number in range(_TRIALS)}
    return [(start * columns, (start + count) * columns) for start in sorted(starts)]


def _find_largest(flat: Array) -> float:
    """Return the largest distance from 0 of those that have one."""
    found = [0.0]

    def find(numbers: Sequence[int]) -> None:
        for number in numbers:
            part = flat[number : number + _BLOCK]
            with np.errstate(invalid="ignore"):
                largest = max(float(part.max()), -float(part.min()))
            if not math.isfinite(largest):
                part = part[np.isfinite(part)]
                largest = float(np.abs(part).max(initial=0))
            found.append(largest)

    share_out(find, range(0, flat.size, _BLOCK))
    return max(found)


def _find_unit(parts: Sequence[Array]) -> int:
    """Return the exponent of the largest power of two that all values are multiples of."""
    least = 128
    for part in parts:
        words = part[np.isfinite(part) & (part != 0)].view(np.uint32)
        if not words.size:
            continue
        bits = (words & np.uint32(0x7FFFFF)) | np.uint32(0x800000)
        lowest = (bits & -bits).astype(np.float64)
        exponents = ((words >> np.uint32(23)) & np.uint32(255)).astype(np.int64) - 150
        least = min(least, int((np.log2(lowest).astype(np.int64) + exponents).min()))
    return least


def _find_weights(parts: Sequence[Array], columns: int, exponent: int) -> tuple[Weights, float]:
    """Return the weights that leave the least bits, and the middle one of what they leave."""
    steps = Stepping(columns, exponent, _WEIGHTS[0])
    coded = [steps.find_codes(part, columns, part.size) for part in parts if part.size > columns]
    if not coded:
        return _WEIGHTS[0], 1.0

    def find_left(weights: Weights) -> Array:
        parts = [np.abs(leave(one, columns, weights).astype(np.int32)) for one in coded]
        left: Array = np.concatenate(parts)
        return left

    tried = [(weights, find_left(weights)) for weights in _WEIGHTS]
    bits = [float(np.log2(1 + left.astype(np.float64)).mean()) for _, left in tried]
    best, left = tried[int(np.argmin(bits))]
    return best, float(np.median(left))


def pack_bits(values: Array, counts: Array) -> bytes:
    """Return so many bits of each value, one after the other, the most significant ones first.

    ``values``: uint32 with no other bits; ``counts``: uint32, up to 32.
    """
    if values.size % 2:
        values, counts = np.append(values, np.uint32(0)), np.append(counts, np.uint32(0))
    lengths = counts[0::2] + counts[1::2]
    pairs = values[0::2].astype(np.uint64)
    pairs <<= counts[1::2]
    pairs |= values[1::2]
    starts = np.cumsum(lengths, dtype=np.uint32)
    total = int(starts[-1])
    starts -= lengths
    pairs <<= np.uint32(64) - lengths
    words, offsets = starts >> np.uint32(6), starts & np.uint32(63)
    begins = np.ones(len(words), bool)  # none is without a beginning
    np.not_equal(words[1:], words[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(words)) - 1
    out = np.zeros(len(first) + 1, np.uint64)
    spilled = np.uint32(64) - offsets[last]
    out[1:] = np.where(spilled < 64, pairs[last] << spilled, 0)
    pairs >>= offsets
    out[:-1] |= np.bitwise_or.reduceat(pairs, first)
    return out.astype(">u8").tobytes()[: -(-total // 8)]
