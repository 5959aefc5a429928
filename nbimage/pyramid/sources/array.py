"""Arrays as sources: in memory, in a file, or computed when they are read.

Not here: which axis is what (`nbimage.arrays.axis_order`), zarr images of several levels.
"""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, Names
from nbimage.arrays.axis_order import AxisOrder, resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.decoding import Decoding
from nbimage.arrays.ingest import as_values, names_of, only_variable
from nbimage.arrays.metadata import UNLABELLED, Coordinate, Metadata, with_dropped
from nbimage.arrays.stores.hdf5_metadata import hdf5_labels, hdf5_names
from nbimage.arrays.stores.zarr_metadata import zarr_labels, zarr_names
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.lazy_types import find_type
from nbimage.base.text import explain_damage, one_line
from nbimage.pyramid.core.arrays.level import Level
from nbimage.pyramid.core.block_reader import BlockReader
from nbimage.pyramid.core.oriented import OrientedSource
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source, as_native
from nbimage.pyramid.core.units import LENGTHS, short_unit
from nbimage.pyramid.remote.range_file import NotInPartsError
from nbimage.pyramid.remote.remote_array import RemoteArray
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.npy_files import map_npy, read_npy_header, read_npz

_LONGEST = 1 << 31  # pixels of a side
_OF_A_PROCESS = ("_renewing", "_packed")  # attributes that no other process gets


class ArraySource(Source):
    """One array, or one a level, of any number of axes."""

    remote: RemoteFile | None = None
    """The file that the arrays are read of, which is the source's to close."""

    def __init__(
        self,
        levels: Sequence[Any],
        axis_order: AxisOrder,
        *,
        decoding: Decoding | None = None,
        metadata: Metadata = UNLABELLED,
        planes: Sequence[tuple[int, ...]] | None = None,
        **facts: Any,
    ) -> None:
        """``planes``: how many planes of the first level are one of each, along further axes."""
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
            metadata=_of_planes(metadata, axis_order),
            **facts,
        )
        self.levels = list(levels)
        self.axis_order = axis_order
        self._planes = planes
        self._prepare_for_fork()
        self.decoding = decoding if decoding is not None and decoding.needed else None
        if self.decoding is not None:
            stored, self.dtype = self.dtype, self.decoding.dtype(self.dtype)
            self.stored = self.dtype if self.decoding.packed else stored
            value = self.decoding.missing_value(stored)
            if value is not None:
                self.metadata = replace(self.metadata, missing_value=value)
        if not self.channel_names:
            self.channel_names = _channel_names(self)
        if self.pixel_size is None:
            self.pixel_size, self.unit = pixel_size_of(*self.metadata.coordinates[len(self.axes) :])

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level; missing values are NaN."""
        where = self._select(level, box, index)
        part = _compute_part(self._current_levels()[level], where)
        if self.decoding is not None:
            return self.decoding.decode(part, where, self.axis_order)
        return as_native(self.axis_order.as_plane(part), self.dtype)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        if self.decoding is None or self.decoding.packed:
            return super().read_stored(level, box, index)
        where = self._select(level, box, index)
        part = _compute_part(self._current_levels()[level], where)
        plane, missing = self.decoding.split(part, where, self.axis_order)
        return as_native(plane, self.stored), missing if missing.any() else None

    def _select(self, level: int, box: Box, index: tuple[int, ...]) -> tuple[Any, ...]:
        """Return what picks a part of a plane from a level, which may have fewer planes."""
        if self._planes is not None:
            lengths = (self.levels[level].shape[axis] for axis in self.axis_order.further)
            index = tuple(
                min(number // step, length - 1)
                for number, step, length in zip(index, self._planes[level], lengths, strict=True)
            )
        return self.axis_order.select(box, index)

    def _prepare_for_fork(self) -> None:
        """Pack stores that a forked process opens anew: there, another thread's lock stays locked.

        Zarr's store of a zip file holds one while it is packed.
        """
        self._renewing: threading.Lock | None = None
        shared = any(_is_shared(array) for array in self.levels)
        self._packed = _pack_stores(self.levels) if shared else None
        call_in_child(self._begin_child)

    def _begin_child(self) -> None:
        """Let go of stores whose files or connections a forked process shares with its parent."""
        if self._packed is not None:
            abandon(list(self.levels))
            self._renewing = threading.Lock()

    def _current_levels(self) -> list[Any]:
        """Return the arrays; in a forked process their stores are opened anew."""
        renewing = self._renewing
        if renewing is not None:
            with renewing:
                if self._renewing is not None:
                    if not self._packed:
                        raise ValueError(
                            "a store of a file that is already open can't be read in a forked "
                            "process: make it of the file's path"
                        )
                    self.levels = pickle.loads(self._packed)
                    self._renewing = None
        return self.levels

    def close(self) -> None:
        """Let go of connections, and of mapped files: Windows keeps those from being removed."""
        self.levels = [_packed(array) for array in self.levels]
        if self.remote is not None:
            self.remote.close()

    def describe(self) -> dict[str, Any]:
        """Return what tells it from other sources: for a pickle, but with its arrays themselves."""
        return {name: one for name, one in self.__dict__.items() if name not in _OF_A_PROCESS}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.describe(), "levels": [_packed(array) for array in self.levels]}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self.levels = [a.open() if isinstance(a, _Mapped) else a for a in self.levels]
        self._prepare_for_fork()


def _pack_stores(arrays: list[Any]) -> bytes:
    """Return arrays with their stores as bytes; none where they can't be opened anew."""
    try:
        return pickle.dumps(arrays)
    except (TypeError, pickle.PicklingError):  # of a file object, whose path nobody knows
        return b""


def _is_shared(array: Any) -> bool:
    """Say whether an array is read of a store that keeps files or connections open."""
    store = getattr(array, "store", None)
    return any(
        isinstance(store, find_type("zarr.storage", name)) for name in ("ZipStore", "FsspecStore")
    )


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
    data = only_variable(data)
    if isinstance(data, find_type("xarray", "DataArray")) and data.chunks is not None:
        from nbimage.arrays.labelled import as_labelled

        found = as_labelled(data, lazy=True)
        if found is not None:
            decoding = Decoding(missing=found.missing, masked=_is_masked(found.data))
            return make_source(
                found.data, found.names, axes, channel_axis, decoding, found.metadata
            )
    if isinstance(data, find_type("nbimage.codecs.clips.video_frames", "VideoFrames")):
        return make_source(data, data.names, axes, channel_axis, None, data.metadata)
    if isinstance(data, Level):
        known = data.source_metadata
        return make_source(data, data.axes, axes, channel_axis, None, data.metadata, **known)
    if isinstance(data, find_type("zarr", "Array")):
        metadata, decoding = zarr_labels(data)
        return make_source(data, zarr_names(data), axes, channel_axis, decoding, metadata)
    if isinstance(data, find_type("h5py", "Dataset")):
        metadata, decoding = hdf5_labels(data)
        return make_source(data, hdf5_names(data), axes, channel_axis, decoding, metadata)
    if isinstance(data, (np.memmap, find_type("dask.array", "Array"))):
        decoding = Decoding(masked=_is_masked(data))
        return make_source(data, names_of(data), axes, channel_axis, decoding)
    values = as_values(data)
    array: Any = values.array if isinstance(values.array, np.ndarray) else values.array.host()
    decoding = Decoding(values.mask)
    metadata = values.metadata
    if values.dtype != str(array.dtype):  # dates, which are counted in integers
        metadata = replace(metadata, dtype=values.dtype)
    return make_source(array, values.names, axes, channel_axis, decoding, metadata)


def _is_masked(data: Any) -> bool:
    """Say whether parts of a dask array are masked arrays."""
    return isinstance(getattr(data, "_meta", None), np.ma.MaskedArray)


def make_source(
    array: Any,
    names: Names | None,
    axes: Any,
    channel_axis: int | None,
    decoding: Decoding | None = None,
    metadata: Metadata = UNLABELLED,
    **facts: Any,
) -> ArraySource:
    """Return an array of any type that has parts as a source of one level."""
    own = Samples(array, None if decoding is None else decoding.mask, metadata)
    axis_order = resolve_axis_order(array.shape, names, axes, channel_axis, samples=own)
    metadata = with_dropped(metadata, names, axis_order.single(array.shape))
    return ArraySource([array], axis_order, decoding=decoding, metadata=metadata, **facts)


def pixel_size_of(
    rows: Coordinate | None = None, columns: Coordinate | None = None, *_: Any
) -> tuple[tuple[float, float] | None, str]:
    """Return height and width of a pixel and their unit, where coordinates are regular lengths."""
    if rows is None or columns is None:
        return None, ""
    unit = short_unit(rows.unit)
    y, x = rows.line, columns.line
    if unit not in LENGTHS or unit != short_unit(columns.unit) or y is None or x is None:
        return None, ""
    return (abs(y[1]), abs(x[1])), unit


def _channel_names(source: Source) -> tuple[str, ...]:
    """Return the labels of a picture's channels, or of the axis of channels; else none."""
    names = [name.lower() for name, _ in source.axes]
    axes = [len(names) + 2, *(i for i, name in enumerate(names) if name in CHANNEL_NAMES)]
    for axis in axes[source.channels == 1 :]:
        known = source.metadata.along(axis)
        if known is not None and known.values is not None and known.values.dtype.kind == "U":
            return tuple(known.values.tolist())
    return ()


def _of_planes(metadata: Metadata, axis_order: AxisOrder) -> Metadata:
    """Return metadata of planes: further axes, rows, columns, channels."""
    channels = () if axis_order.channels is None else (axis_order.channels,)
    return metadata.transposed(
        [*axis_order.further, axis_order.rows, axis_order.columns, *channels]
    )


def open_remote_npy(remote: RemoteFile, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return an ``.npy`` file at an address as a source, read in parts."""
    try:
        with remote.open() as file:
            shape, by_columns, dtype = read_npy_header(file)
            offset, size = file.tell(), file.seek(0, io.SEEK_END)
        if dtype.hasobject or offset + math.prod(shape) * dtype.itemsize > size:
            raise ValueError("it ends early, or holds objects")
    except OSError:
        raise
    except Exception as error:  # of its header, which is parsed as Python
        raise ValueError(
            f"{remote} must be a whole .npy file of numbers: {explain_damage(error)}"
        ) from None
    if by_columns or len(shape) < 2 or dtype.kind not in "biuf":
        raise NotInPartsError
    array = RemoteArray(remote, dtype, offset, shape)
    try:
        return make_source(array, None, axes, channel_axis)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{remote} can't be opened: {one_line(error)}") from None


def open_npy(path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return an ``.npy`` file as a source, mapped into memory."""
    return open_named(map_npy(path), path, axes, channel_axis)


def open_npz(path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return the only array of an ``.npz`` file as a source."""
    return open_named(read_npz(path), path, axes, channel_axis)


def open_named(array: Any, path: Path, axes: Any, channel_axis: int | None) -> ArraySource:
    """Return what was read of a file as a source; errors name the file."""
    try:
        return open_array(array, axes, channel_axis)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{path} can't be opened: {one_line(error)}") from None


_OWN_ERRORS = ("axes ", "channel_axis ", "data must", "samples must")  # of what a caller asks


@contextlib.contextmanager
def file_errors(path: Path | RemoteFile, form: str) -> Iterator[None]:
    """Have any error of reading a file's header be one line that names the file."""
    try:
        yield
    except Exception as error:  # of any header
        if str(path) in str(error) and isinstance(error, (OSError, TypeError, ValueError)):
            raise
        if isinstance(error, (TypeError, ValueError)) and str(error).startswith(_OWN_ERRORS):
            raise type(error)(f"{path} can't be opened: {one_line(error)}") from None
        raise ValueError(f"{path} must be a whole {form} file: {explain_damage(error)}") from error


def _compute_part(array: Any, index: tuple[Any, ...]) -> Array:
    """Return a part of an array, computed here and now: no cluster, no other threads."""
    part = array[index]
    if hasattr(part, "compute"):  # dask
        part = part.compute(scheduler="synchronous")
    return part if isinstance(part, np.ma.MaskedArray) else np.asarray(part)


def _packed(array: Any) -> Any:
    is_map = isinstance(array, np.memmap) and isinstance(array.base, find_type("mmap", "mmap"))
    if is_map and array.filename and array.mode != "c":  # what is written to that is in no file
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


def cache_blocks(pyramid: Pyramid) -> tuple[Pyramid, BlockReader | None]:
    """Return what tiles are read from: computed or decoded blocks are kept for a while."""
    source = pyramid.source
    inner = source.inner if isinstance(source, OrientedSource) else source
    if not isinstance(inner, ArraySource) or inner.blocks[0] == (1, 1):
        return pyramid, None
    blocks = BlockReader(inner)
    return Pyramid(source.of(blocks) if isinstance(source, OrientedSource) else blocks), blocks
