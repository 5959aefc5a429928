"""Arrays on a GPU: limits and pixels are computed there, and one byte a value is copied back.

torch (CUDA, XPU) and CuPy share what is needed here: indexing, ``min``, ``floor``, ``clip``. The
arithmetic is the rule's own in float64, so the pixels are those of the same array on the host.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from nbimage.base.chunked import Array, iterate_blocks

_BLOCK = 1 << 25  # elements: 256 MiB of float64 on the device


class DeviceArray:
    """A tensor of torch or CuPy, with the few things of a NumPy array that are asked of it."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor
        self._torch = type(tensor).__module__.startswith("torch")
        self._xp: Any = sys.modules["torch" if self._torch else "cupy"]

    @property
    def shape(self) -> tuple[int, ...]:
        """The tensor's shape."""
        return tuple(int(n) for n in self.tensor.shape)

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many values it holds."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the same name."""
        return np.dtype(str(self.tensor.dtype).removeprefix("torch."))

    def __getitem__(self, index: Any) -> DeviceArray:
        return DeviceArray(self.tensor[index])

    def host(self) -> Array:
        """Return a copy of all values on the host."""
        array: Array = self.tensor.cpu().numpy() if self._torch else self.tensor.get()
        return array

    def extent(self) -> tuple[Any, Any, bool]:
        """Return finite minimum and maximum (None if there are none) and whether all is finite."""
        if self.dtype.kind == "i":
            return int(self.tensor.min()), int(self.tensor.max()), True
        low = high = None
        all_finite = True
        for block in self._blocks():
            finite = self._xp.isfinite(block)
            if not bool(finite.all()):
                all_finite, block = False, block[finite]
                if not block.shape[0]:
                    continue
            least, most = float(block.min()), float(block.max())
            low = least if low is None else min(low, least)
            high = most if high is None else max(high, most)
        if low is not None and high is not None and self.dtype.kind in "ub":
            whole = bool if self.dtype.kind == "b" else int
            return whole(low), whole(high), all_finite
        return low, high, all_finite

    def sample(self, indices: list[Array]) -> Array:
        """Return the values at the crossings of these indices along each axis, on the host."""
        tensor = self.tensor
        for axis, index in enumerate(indices):
            step = self._xp.asarray(index)
            if self._torch:
                tensor = tensor.index_select(axis, step.to(tensor.device))
            else:
                tensor = tensor.take(step, axis=axis)
        return DeviceArray(tensor).host()

    def map(self, low: float, step: float, factor: float) -> Array:
        """Return the pixels on the host; NaN gives 0."""
        xp = self._xp
        out = np.empty(self.shape, np.uint8)
        for index in iterate_blocks(self.shape, _BLOCK):
            t = xp.floor((self._float64(self.tensor[index]) * factor - low) / step)
            t = xp.where(xp.isnan(t), xp.zeros_like(t), xp.clip(t, 0, 255))
            out[index] = t.to(xp.uint8).cpu().numpy() if self._torch else t.astype(xp.uint8).get()
        return out

    def missing(self) -> Array:
        """Return where values are NaN, on the host."""
        nan = self._xp.isnan(self.tensor)
        return DeviceArray(nan).host()

    def counting_values(self, counting: str, mask: Array | None = None) -> Iterator[Array]:
        """Yield the values that are "finite", "positive" or "nonzero", on the host, by blocks."""
        for index in iterate_blocks(self.shape, _BLOCK):
            block = self.tensor[index]
            wide = self._float64(block)
            counts = self._xp.isfinite(wide)
            if counting == "positive":
                counts &= wide > 0
            elif counting == "nonzero":
                counts &= wide != 0
            if mask is not None:
                there = self._xp.asarray(~mask[index])
                counts &= there.to(wide.device) if self._torch else there
            yield DeviceArray((block if self.dtype.kind in "if" else wide)[counts]).host()

    def _blocks(self) -> Iterator[Any]:
        for index in iterate_blocks(self.shape, _BLOCK):
            yield self._float64(self.tensor[index])

    def _float64(self, tensor: Any) -> Any:
        return tensor.to(self._xp.float64) if self._torch else tensor.astype(self._xp.float64)


def stack_tensors(arrays: list[DeviceArray], shape: tuple[int, ...]) -> DeviceArray:
    """Return arrays of one shape along new axes in front, in all of ``shape``."""
    return DeviceArray(arrays[0]._xp.stack([array.tensor for array in arrays]).reshape(shape))
