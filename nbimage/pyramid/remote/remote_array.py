"""Samples that lie uncompressed in a file at an address: the parts that are asked for."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.pyramid.remote.remote_file import RemoteFile

_GAP = 1 << 14  # bytes between two parts that are read with them
_AT_ONCE = 1 << 24  # bytes that are asked for together
_LONGEST = 1 << 21  # bytes of one request
_BLOCK, _LONG_ROW, _HIGH, _WIDE = 1 << 20, 1 << 18, 64, 1 << 16  # bytes, bytes, rows, bytes


class RemoteArray:
    """Samples from a byte of a file on, the last axis fastest."""

    def __init__(self, remote: RemoteFile, dtype: Any, offset: int, shape: tuple[int, ...]) -> None:
        self.shape, self.dtype, self.ndim = shape, np.dtype(dtype), len(shape)
        self._asked = remote, self.dtype, offset, shape
        self.chunks = find_block(shape, self.dtype.itemsize)

    def __getitem__(self, where: Any) -> Array:
        remote, dtype, offset, shape = self._asked
        index = where if isinstance(where, tuple) else (where,)
        index += (slice(None),) * (len(shape) - len(index))
        numbers = [
            range(length)[one] if isinstance(one, slice) else range(length)[one : one + 1 or None]
            for one, length in zip(index, shape, strict=True)
        ]
        kept = tuple(0 if not isinstance(one, slice) else slice(None) for one in index)
        spans = [
            range(min(n[0], n[-1]), max(n[0], n[-1]) + 1) if len(n) else range(0) for n in numbers
        ]
        found = self._read(remote, dtype, offset, spans)
        return np.asarray(found[tuple(slice(None, None, n.step) for n in numbers)][kept])

    def _read(self, remote: RemoteFile, dtype: Any, offset: int, spans: list[range]) -> Array:
        """Return a box."""
        box = tuple(map(len, spans))
        found = np.empty(box, dtype)
        if not found.size:
            return found
        strides = [math.prod(self.shape[axis + 1 :]) for axis in range(self.ndim)]
        # the last axes that lie without gaps, or nearly
        axis = self.ndim
        run = 1
        while axis > 0:
            stride, count = strides[axis - 1], len(spans[axis - 1])
            if count > 1 and (stride - run) * dtype.itemsize > _GAP:
                break
            axis, run = axis - 1, run + (count - 1) * stride
        if run * dtype.itemsize > _AT_ONCE:  # by halves
            along = next(axis for axis in range(axis, self.ndim) if len(spans[axis]) > 1)
            middle = len(spans[along]) // 2
            for half in (slice(None, middle), slice(middle, None)):
                part = [*spans[:along], spans[along][half], *spans[along + 1 :]]
                where = (*(slice(None),) * along, half)
                found[where] = self._read(remote, dtype, offset, part)
            return found
        inner = found.reshape(-1, *box[axis:])
        start = sum(
            span[0] * stride for span, stride in zip(spans[axis:], strides[axis:], strict=True)
        )
        begins = [
            start + sum(n * stride for n, stride in zip(outer, strides, strict=False))
            for outer in itertools.product(*spans[:axis])
        ]
        size = run * dtype.itemsize
        many = max(1, _AT_ONCE // size)
        for at in range(0, len(begins), many):
            parts = [(offset + one * dtype.itemsize, size) for one in begins[at : at + many]]
            data = np.frombuffer(remote.read_ranges(_cut(parts)), dtype).reshape(-1, run)
            view = np.lib.stride_tricks.as_strided(
                data,
                (len(parts), *box[axis:]),
                (size, *(stride * dtype.itemsize for stride in strides[axis:])),
                writeable=False,
            )
            inner[at : at + many] = view
        return found

    def __reduce__(self) -> Any:
        return RemoteArray, self._asked


def _cut(parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same bytes in parts that are not long."""
    return [
        (start + done, min(_LONGEST, count - done))
        for start, count in parts
        for done in range(0, count, _LONGEST)
    ]


def find_block(shape: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Return what is best read at once: rows of a plane, or parts of long ones."""
    if len(shape) < 2:
        return shape
    row = shape[-1] * size
    if row <= _LONG_ROW:
        block = max(1, _BLOCK // max(1, row)), shape[-1]
    else:
        block = _HIGH, max(1, _WIDE // size)
    return (*(1,) * (len(shape) - 2), min(shape[-2], block[0]), block[1])
