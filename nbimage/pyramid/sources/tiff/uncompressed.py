"""Uncompressed pages at an address, which can't be mapped into memory: read by ranges of rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.block_cache import BlockCache, assemble
from nbimage.pyramid.remote.remote_file import RemoteFile

_BYTES = 1 << 20  # of a range of whole rows
_LONG = 1 << 18  # bytes of a row that is read in parts
_HIGH, _WIDE = 64, 1 << 16  # rows, and bytes of each


def uncompressed_block(keyframe: Any) -> tuple[int, int]:
    """Return how many rows and columns are read at once."""
    _, _, rows, columns, samples = keyframe.shaped
    pixel = samples * keyframe.dtype.itemsize
    if columns * pixel <= _LONG:
        return min(rows, max(1, _BYTES // (columns * pixel))), columns
    return min(rows, _HIGH), max(1, _WIDE // pixel)


def read_uncompressed(
    remote: RemoteFile,
    recent: BlockCache,
    keyframe: Any,
    start: tuple[Any, int],
    box: Box,
    sample: int | None,
) -> Array:
    """Return ``(H, W)`` of one sample, or ``(H, W, S)`` for None, of a page that starts there."""
    planes, _, rows, columns, samples = keyframe.shaped
    dtype = keyframe.dtype.newbyteorder(keyframe.parent.byteorder)
    size, pixel = uncompressed_block(keyframe), samples * dtype.itemsize

    def window(plane: int) -> Array:
        begin = start[1] + plane * rows * columns * pixel

        def read_block(row: int, column: int) -> Array:
            return recent.get(("flat", begin, row, column), lambda: decode_block(row, column))

        def decode_block(row: int, column: int) -> Array:
            top, left = row * size[0], column * size[1]
            high, wide = min(size[0], rows - top), min(size[1], columns - left)
            first = begin + (top * columns + left) * pixel
            if wide == columns:
                data = remote.read_range(first, high * columns * pixel)
            else:
                data = remote.read_ranges(
                    [(first + i * columns * pixel, wide * pixel) for i in range(high)]
                )
            return np.frombuffer(data, dtype).reshape(high, wide, samples)

        return assemble(box, size, remote.prefetch(box, size, read_block))

    if planes > 1:
        wanted = range(planes) if sample is None else (sample,)
        parts = [window(plane)[..., 0] for plane in wanted]
        return np.stack(parts, axis=-1) if sample is None else parts[0]
    whole = window(0)
    return whole if sample is None else whole[..., sample]
