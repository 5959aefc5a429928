"""Arrays on a GPU: limits and pixels are computed there, and one byte a value is copied back.

torch (CUDA, XPU) and CuPy share what is needed here: indexing, ``min``, ``floor``, ``clip``. The
arithmetic is the rule's own in float64, so pixels are those of the same array on the host; those of
norms and discrete levels are searched for among values that the host has found. Where values are
missing comes back as bits.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
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

    def extent(self, positive: bool = False) -> tuple[Any, Any, bool]:
        """Return finite minimum and maximum (None if there are none) and whether all is finite.

        ``positive``: of the values above 0 alone.
        """
        whole = self.dtype.kind in "iub"
        number: Any = {"b": bool, "f": float}.get(self.dtype.kind, int)
        low = high = None
        all_finite = True
        for index in iterate_blocks(self.shape, _BLOCK):
            block = self.tensor[index]
            if self.dtype.kind != "i":  # torch has no minimum of some
                block = self._float64(block)
            if positive:
                block = block[block > 0]
            if not whole:
                finite = self._xp.isfinite(block)
                if not bool(finite.all()):
                    all_finite, block = False, block[finite]
            if 0 in block.shape:
                continue
            least, most = number(block.min()), number(block.max())
            low = least if low is None else min(low, least)
            high = most if high is None else max(high, most)
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

    def map_steps(
        self, before: Array, after: Array, rising: bool, work_out: Callable[[Array], Array]
    ) -> Array:
        """Return the pixels on the host: how many steps are not above a value; NaN gives 0.

        Where ``before`` and ``after`` differ in that, the values are copied, and ``work_out`` has
        their pixels.
        """
        xp = self._xp
        sure = np.array_equal(before, after)
        out = np.empty(self.shape, np.uint8)
        for index in iterate_blocks(self.shape, _BLOCK):
            block = self._searchable(self.tensor[index])
            count = self._count_up_to(block, after)
            nan = xp.isnan(block) if self.dtype.kind == "f" else None
            pixels = count if rising else 255 - count
            if nan is not None:
                pixels = xp.where(nan, xp.zeros_like(pixels), pixels)
            found = DeviceArray(pixels).host()
            if not sure:
                open_ = (self._count_up_to(block, before) != count).reshape(-1)
                if nan is not None:
                    open_ &= ~nan.reshape(-1)
                if bool(open_.any()):
                    (where,) = xp.where(open_)
                    values = DeviceArray(self.tensor[index].reshape(-1)[where]).host()
                    found = np.ascontiguousarray(found)
                    found.reshape(-1)[DeviceArray(where).host()] = work_out(values)
            out[index] = found
        return out

    def missing(self, below: bool = False) -> Array:
        """Return where values are NaN, on the host; with ``below`` also where they are below 0."""
        xp = self._xp
        out = np.empty(self.shape, bool)
        for index in iterate_blocks(self.shape, _BLOCK):
            block = self.tensor[index]
            where = xp.isnan(block)
            out[index] = self._flags_to_host(where | (block < 0) if below else where)
        return out

    def _flags_to_host(self, flags: Any) -> Array:
        """Return booleans on the host, which come as bits; none come where all are False."""
        shape = tuple(int(n) for n in flags.shape)
        if not bool(flags.any()):
            return np.zeros(shape, bool)
        flat, size = flags.reshape(-1), int(np.prod(shape, dtype=np.int64))
        if self._torch:
            xp = self._xp
            padded = xp.zeros(-(-size // 8) * 8, dtype=xp.uint8, device=flat.device)
            padded[:size] = flat
            weights = xp.tensor([128, 64, 32, 16, 8, 4, 2, 1], dtype=xp.uint8, device=flat.device)
            packed = (padded.reshape(-1, 8) * weights).sum(1, dtype=xp.uint8)
        else:
            packed = self._xp.packbits(flat)
        bits = np.unpackbits(DeviceArray(packed).host(), count=size)
        return bits.view(bool).reshape(shape)

    def _searchable(self, tensor: Any) -> Any:
        """Return a tensor in a dtype that both libraries can search for: of the same values."""
        if self.dtype in (np.float32, np.float64, np.int64):
            return tensor
        return self._float64(tensor)

    def _count_up_to(self, block: Any, steps: Array) -> Any:
        """Return how many of rising steps are not above each value, as uint8."""
        wide = steps if steps.dtype in (np.float32, np.float64, np.int64) else np.float64(steps)
        edges = self._xp.asarray(np.ascontiguousarray(wide))
        if self._torch:
            edges = edges.to(block.device)
            count = self._xp.bucketize(block, edges, out_int32=True, right=True)
            return count.to(self._xp.uint8)
        return self._xp.searchsorted(edges, block, side="right").astype(self._xp.uint8)

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

    def _float64(self, tensor: Any) -> Any:
        return tensor.to(self._xp.float64) if self._torch else tensor.astype(self._xp.float64)


def stack_tensors(arrays: list[DeviceArray], shape: tuple[int, ...]) -> DeviceArray:
    """Return arrays of one shape along new axes in front, in all of ``shape``."""
    return DeviceArray(arrays[0]._xp.stack([array.tensor for array in arrays]).reshape(shape))
