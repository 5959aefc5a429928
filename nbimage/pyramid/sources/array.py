"""Arrays as sources: in memory, in a file, or computed when they are read."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import AxisOrder, resolve_axis_order
from nbimage.arrays.ingest import as_values, names_of
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.core.level import Level
from nbimage.pyramid.core.source import SourceInfo, as_native, one_line

_LONGEST = 1 << 31  # pixels of a side
_LAZY = ("dask.array", "Array"), ("zarr", "Array"), ("h5py", "Dataset")


class ArraySource(SourceInfo):
    """One array, or one a level, of any number of axes."""

    def __init__(self, levels: Sequence[Any], axis_order: AxisOrder, **facts: Any) -> None:
        first = levels[0]
        shapes = tuple(
            (int(a.shape[axis_order.rows]), int(a.shape[axis_order.columns])) for a in levels
        )
        if max(map(max, shapes)) > _LONGEST:
            raise ValueError(
                f"data must have at most 2^31 rows and columns, but have {shapes[0]}: cut a part"
            )
        super().__init__(
            shapes=shapes,
            dtype=first.dtype,
            channels=axis_order.channel_count(first.shape),
            axes=axis_order.axes(first.shape),
            blocks=tuple(_block(array, axis_order) for array in levels),
            **facts,
        )
        self.levels = list(levels)
        self.axis_order = axis_order

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        where = self.axis_order.select(box, index)
        part = _compute_part(self.levels[level], where)
        return as_native(self.axis_order.as_plane(part), self.dtype)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "levels": [_packed(array) for array in self.levels]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self.levels = [a.open() if isinstance(a, _Mapped) else a for a in self.levels]


class MaskedSource(ArraySource):
    """An array with missing values, which are NaN in what is read."""

    def __init__(self, array: Array, mask: Array, axis_order: AxisOrder) -> None:
        super().__init__([array], axis_order)
        self.mask = mask
        if self.dtype.kind != "f":
            self.dtype = np.dtype(np.float32 if self.dtype.itemsize <= 2 else np.float64)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of the array."""
        part = super().read(level, box, index).astype(self.dtype)
        where = self.axis_order.select(box, index)
        part[self.axis_order.as_plane(self.mask[where])] = np.nan
        return part


class _Mapped:
    """A file's part that was mapped into memory: pickled, it is opened again."""

    def __init__(self, array: np.memmap[Any, Any]) -> None:
        self._path, self._dtype = str(array.filename), array.dtype
        self._offset, self._shape = array.offset, array.shape
        self._order = "C" if array.flags.c_contiguous else "F"

    def open(self) -> Array:
        """Map the file again."""
        order: Any = self._order
        array: Array = np.memmap(self._path, self._dtype, "r", self._offset, self._shape, order)
        return array


def open_array(data: Any, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return any array-like as a source; a lazy one stays lazy."""
    if isinstance(data, find_type("xarray", "DataArray")) and data.chunks is not None:
        axis_order = resolve_axis_order(data.shape, tuple(map(str, data.dims)), axes, channel_axis)
        return ArraySource([data.data], axis_order)
    if isinstance(data, Level):
        return ArraySource([data], resolve_axis_order(data.shape, data.axes, axes, channel_axis))
    if isinstance(data, np.memmap) or any(isinstance(data, find_type(*home)) for home in _LAZY):
        axis_order = resolve_axis_order(data.shape, names_of(data), axes, channel_axis)
        return ArraySource([data], axis_order)
    values = as_values(data)
    array: Any = values.array if isinstance(values.array, np.ndarray) else values.array.host()
    axis_order = resolve_axis_order(array.shape, values.names, axes, channel_axis)
    if values.mask is not None:
        return MaskedSource(array, values.mask, axis_order)
    return ArraySource([array], axis_order)


def open_npy(path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return an ``.npy`` file as a source, mapped into memory."""
    return _open(map_npy(path), path, axes, channel_axis)


def open_npz(path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return the only array of an ``.npz`` file as a source."""
    return _open(read_npz(path), path, axes, channel_axis)


def _open(array: Array, path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    try:
        return open_array(array, axes, channel_axis)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path} can't be opened: {one_line(error)}") from None


def map_npy(path: Path) -> Array:
    """Return the array of an ``.npy`` file, mapped into memory. Never unpickles anything."""
    try:
        array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError:
        raise
    except Exception as error:  # of its header, which is parsed as Python
        raise ValueError(
            f"{path} must be a whole .npy file of numbers: {one_line(error)}"
        ) from None
    return array


def read_npz(path: Path, key: str | None = None) -> Array:
    """Return an array of an ``.npz`` file: the only one, or that of a key."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = list(archive.files)
            if (key in names) if key is not None else len(names) == 1:
                array: Array = archive[names[0] if key is None else key]
                return array
    except OSError:
        raise
    except Exception as error:  # of the archive, or of a header in it
        raise ValueError(
            f"{path} must be a whole .npz file of numbers: {one_line(error)}"
        ) from None
    known = ", ".join(names) or "none"
    if key is not None:
        raise ValueError(f"no array {key!r} in {path}, which has {known}")
    raise ValueError(
        f"{path} must hold one array, but holds {len(names)} ({known}): choose one by --key on the "
        "command line, by numpy.load(path)[key] in Python"
    )


def _compute_part(array: Any, index: tuple[Any, ...]) -> Array:
    """Return a part of an array, computed here and now: no cluster, no other threads."""
    part = array[index]
    if hasattr(part, "compute"):  # dask
        part = part.compute(scheduler="synchronous")
    return np.asarray(part)


def _packed(array: Any) -> Any:
    if isinstance(array, np.memmap) and isinstance(array.base, mmap.mmap) and array.filename:
        return _Mapped(array)
    return array


def _block(array: Any, axis_order: AxisOrder) -> tuple[int, int]:
    """Return rows and columns of a chunk."""
    chunks = getattr(array, "chunks", None)
    if not chunks or isinstance(array, np.ndarray):
        return 1, 1
    rows, columns = (
        max(1, int(max(chunk) if isinstance(chunk, tuple) else chunk))
        for chunk in (chunks[axis_order.rows], chunks[axis_order.columns])
    )
    return rows, columns
