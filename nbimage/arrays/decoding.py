"""From samples as they are stored to values: missing ones, packed ones."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.axis_order import AxisOrder
from nbimage.base.chunked import Array

_AT_ONCE = 1 << 18  # samples


class Missing(NamedTuple):
    """A sample that stands for a missing value."""

    value: Any
    axis: int | None = None
    """None: everywhere; else at one index along this axis, such as in one band."""
    number: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Decoding:
    """How stored samples become values, of which the missing ones are NaN."""

    mask: Array | None = None
    """True where a value is missing: of the array's own shape."""
    missing: tuple[Missing, ...] = ()
    scale: float = 1.0
    offset: float = 0.0
    wraps: int = 0
    """What is added to negative samples, which stand for unsigned ones."""
    masked: bool = False
    """Parts of the array are NumPy's masked arrays."""
    valid: tuple[float, float] | None = None
    """Samples beyond these are missing."""

    @property
    def needed(self) -> bool:
        """Whether anything is to be done."""
        changed = self.mask is not None or self.valid is not None or self.masked or self.packed
        return changed or bool(self.missing)

    @property
    def packed(self) -> bool:
        """Whether values are other numbers than the samples."""
        return (self.scale, self.offset, self.wraps) != (1.0, 0.0, 0)

    def missing_value(self, stored: np.dtype[Any]) -> int | None:
        """Return the only integer that stands for missing values; None: there is no such."""
        others = self.mask is not None or self.valid is not None or self.masked or self.packed
        if others or stored.kind not in "iu" or len(self.missing) != 1:
            return None
        (one,) = self.missing
        return int(one.value) if one.axis is None and int(one.value) == one.value else None

    def dtype(self, stored: np.dtype[Any]) -> np.dtype[Any]:
        """Return the dtype of the values: floats, which NaN needs."""
        if stored.kind == "f":
            return stored
        return np.dtype(np.float32 if stored.itemsize <= 2 else np.float64)

    def find_missing(self, array: Any) -> Array | None:
        """Return where a whole array has missing values; None if nowhere."""
        gone = np.zeros(array.shape, bool) if self.mask is None else self.mask.copy()
        for one in self.missing:
            where: Any = ... if one.axis is None else (*(slice(None),) * one.axis, one.number)
            gone[where] |= _on_host(array[where] == one.value)
        if self.valid is not None:
            gone |= self._are_beyond(np.asarray(array))
        return gone if gone.any() else None

    def _are_beyond(self, samples: Array) -> Array:
        low, high = self.valid or (-np.inf, np.inf)
        if self.wraps:
            samples = samples.view(f"u{samples.dtype.itemsize}")
        return np.asarray((samples < low) | (samples > high))

    def decode(self, part: Array, where: tuple[Any, ...], axis_order: AxisOrder) -> Array:
        """Return what `AxisOrder.select` has picked from the array as a plane of values."""
        plane, gone = self.split(part, where, axis_order)
        values = self.unpack(plane.astype(self.dtype(plane.dtype.newbyteorder("="))))
        values[gone] = np.nan
        return values

    def split(
        self, part: Array, where: tuple[Any, ...], axis_order: AxisOrder
    ) -> tuple[Array, Array]:
        """Return a plane of samples, not unpacked, and where they are missing."""
        plane = axis_order.as_plane(np.asarray(part))
        gone = np.zeros(plane.shape, bool)
        if isinstance(part, np.ma.MaskedArray):
            gone |= axis_order.as_plane(np.ma.getmaskarray(part))
        if self.mask is not None:
            gone |= axis_order.as_plane(self.mask[where])
        for one in self.missing:
            axis, same = one.axis, plane == one.value
            if axis is not None and axis == axis_order.channels and plane.ndim == 3:
                gone[..., one.number] |= same[..., one.number]
            elif axis is None or axis == axis_order.channels or where[axis] == one.number:
                gone |= same
        if self.valid is not None:
            gone |= self._are_beyond(plane)
        return plane, gone

    def unpack(self, samples: Array) -> Array:
        """Return packed samples as values."""
        if not self.packed:
            return samples
        kind = self.dtype(samples.dtype).type
        if self.wraps:
            samples = samples.astype(kind)
            samples[samples < 0] += kind(self.wraps)
        return np.asarray(samples * kind(self.scale) + kind(self.offset))


def divide_by_alpha(part: Array, top: int) -> Array:
    """Return colors without the alpha that they were multiplied by; black where that is 0.

    Integers are rounded down, as Pillow and libvips do.
    """
    whole = part.copy()
    divide = _divide_floats if part.dtype.kind == "f" else _divide_integers
    if part.dtype == np.uint8:
        divide = _divide_bytes
    rows = max(1, _AT_ONCE // max(1, math.prod(part.shape[1:])))
    for start in range(0, len(part), rows):
        band = part[start : start + rows]
        whole[start : start + rows, ..., :-1] = divide(band[..., :-1], band[..., -1:], top)
    return whole


def _divide_floats(colors: Array, alpha: Array, top: int) -> Array:
    wide = np.result_type(colors.dtype, np.float32)
    with np.errstate(all="ignore"):
        found = colors.astype(wide, copy=False) / alpha.astype(wide, copy=False)
    return np.asarray(np.where(alpha == 0, 0, found))


def _divide_bytes(colors: Array, alpha: Array, top: int) -> Array:
    table: Array = _byte_quotients(top)[alpha, colors]
    return table


@functools.cache
def _byte_quotients(top: int) -> Array:
    """Return each color, along the second axis, divided by each alpha."""
    every = np.arange(256, dtype=np.uint8)
    return _divide_integers(every[None], every[:, None], top).astype(np.uint8)


def _divide_integers(colors: Array, alpha: Array, top: int) -> Array:
    dtype = colors.dtype
    limit = top if dtype.kind == "u" else int(np.iinfo(dtype).max)
    kind: Any = np.uint32 if dtype.itemsize <= 2 else np.uint64
    if dtype.itemsize == 8:  # whose products no integer holds
        kind = np.longdouble
    divisor = np.maximum(alpha, 1).astype(kind)
    found = np.maximum(colors, 0).astype(kind) * kind(limit) // divisor
    return np.asarray(np.where(alpha <= 0, kind(0), np.minimum(found, kind(limit))))


def _on_host(mask: Any) -> Array:
    mask = mask.get() if hasattr(mask, "get") else mask  # CuPy
    return np.asarray(np.ma.filled(mask, False))
