"""`describe`: an array in one line, whatever its shape; a lazy one without computing it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.doors import door
from nbimage.base.lazy_types import find_type
from nbimage.mapping.color_scale import format_value
from nbimage.mapping.limits import Extent, extent
from nbimage.mapping.value_scale import is_date

if TYPE_CHECKING:
    from nbimage.typing import ArrayLike

_LAZY = (
    ("dask.array", "Array", "dask"),
    ("zarr", "Array", "zarr"),
    ("h5py", "Dataset", "HDF5"),
    ("tensorstore", "TensorStore", "tensorstore"),
    ("netCDF4", "Variable", "NetCDF"),
    ("nbimage.pyramid.core.pyramid", "Pyramid", "pyramid"),
)

_SCALE = 1 << 64  # of which values are a part, where the sum of a block is too large


@door
def describe(data: ArrayLike) -> str:
    """Return an array in one line: shape, dtype, range, mean, and what is missing.

    Parameters
    ----------
    data : array-like
        Of any shape, a number too. Arrays of dask, zarr, HDF5 and tensorstore, and xarray's
        around them, are not computed: shape, dtype and chunks are all that is said of them.

    Returns
    -------
    str
        Such as ``"64 × 96 × 96 float32, −2.1 … 2.6, mean 0.013, 2 NaN"``.

    Raises
    ------
    TypeError
        For strings, objects, structured and ragged data.

    Examples
    --------
    >>> nbimage.describe([[1, 2], [3, 4]])
    '2 × 2 int64, 1 … 4, mean 2.5'
    >>> nbimage.describe(np.array([0.25, np.nan]))
    '2 float64, 0.25 … 0.25, mean 0.25, 1 NaN'
    >>> nbimage.describe(np.zeros((480, 640, 3), np.uint8))
    '480 × 640 × 3 uint8, 0 … 0, mean 0'
    """
    found = summarize(data)
    shape = join_shape(found.shape) if found.shape and not found.is_number else ""
    return ", ".join((f"{shape} {found.dtype}".strip(), *found.notes, *found.storage))


@dataclass(frozen=True, slots=True, eq=False)
class ArraySummary:
    """The parts of a description of an array."""

    shape: tuple[int, ...]
    dtype: str
    notes: tuple[str, ...] = ()
    """Range, mean, and how much is missing."""
    lazy: str = ""
    """What holds the values of one that is not computed."""
    chunks: tuple[int, ...] = ()
    values: Values | None = None
    """What was read; None of lazy ones."""
    extent: Extent | None = None

    @property
    def is_number(self) -> bool:
        """Whether it is a single value."""
        return not self.shape

    @property
    def storage(self) -> tuple[str, ...]:
        """Remarks on where a lazy one is stored."""
        if not self.lazy:
            return ()
        cut = (f"chunks {join_shape(self.chunks)}",) if self.chunks else ()
        return (self.lazy, *cut)


def find_storage(data: Any) -> str:
    """Return what holds the values of an array that is not to be computed; "" for others."""
    inner = data
    if isinstance(data, (find_type("xarray", "DataArray"), find_type("xarray", "Variable"))):
        variable = getattr(data, "variable", data)
        if getattr(variable, "_in_memory", False):
            return ""
        inner = variable._data
    for module, name, word in _LAZY:
        if isinstance(inner, find_type(module, name)):
            return word
    return "not read" if type(inner).__module__.startswith("xarray.") else ""


def summarize(data: Any) -> ArraySummary:
    """Return what there is to say of an array-like; a lazy one is not computed.

    Raises TypeError for strings, objects, structured and ragged data.
    """
    word = find_storage(data)
    if word:
        return _summarize_lazy(data, word)
    if isinstance(data, (list, tuple)) and not data:
        data = np.asarray(data)
    shape = getattr(data, "shape", ())
    if isinstance(shape, tuple) and 0 in shape and hasattr(data, "dtype"):
        return ArraySummary(shape, str(data.dtype).removeprefix("torch."), ("empty",))
    values = as_values(data, True, any_shape=True)
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    notes: list[str] = []
    if array.dtype.kind == "c":
        array, notes = np.abs(array), ["magnitudes"]
    if array.ndim == 0 and values.mask is None:
        number = _format(values.dtype, array[()])
        return ArraySummary((), values.dtype, (*notes, number), values=values)
    known, found = extent(array, values.mask), _total(array, values.mask)
    if known.low is None or known.high is None:
        notes.append("no finite value")
    elif array.dtype.kind == "b":
        share = found.total / max(1, found.size)
        notes.append(f"{float(100 * share):.3g} % True")
    else:
        low, high = (_format(values.dtype, end) for end in (known.low, known.high))
        notes.append(f"{low} … {high}")
    if found.size and array.dtype.kind != "b" and not is_date(values.dtype):
        notes.append(f"mean {_format(values.dtype, float(found.total / found.size))}")
    masked = 0 if values.mask is None else int(values.mask.sum())
    for count, name in ((found.nans, "NaN"), (found.infinite, "infinite"), (masked, "masked")):
        if count:
            notes.append(f"{count} {name}")
    kept = replace(values, array=array)
    return ArraySummary(array.shape, values.dtype, tuple(notes), values=kept, extent=known)


class _Total(NamedTuple):
    """Sums of an array's values."""

    total: Fraction | float
    size: int = 0
    """Of the finite ones."""
    nans: int = 0
    infinite: int = 0


def _total(array: Array, mask: Array | None) -> _Total:
    """Return the sum of the finite values and the numbers of all kinds, block by block."""
    views = memory_order(array) if mask is None else memory_order(array, mask)

    def add(indices: Any) -> list[_Total]:
        return [_block_total(*(view[index] for view in views)) for index in indices]

    found = [one for part in for_blocks(add, views[0].shape) for one in part]
    return _Total(
        sum((one.total for one in found), Fraction(0)),
        sum(one.size for one in found),
        sum(one.nans for one in found),
        sum(one.infinite for one in found),
    )


def _block_total(block: Array, mask: Array | None = None) -> _Total:
    if mask is not None:
        block = block[~mask]
    nans = infinite = 0
    if block.dtype.kind == "f":
        finite = np.isfinite(block)
        if not finite.all():
            nans = int(np.isnan(block).sum())
            infinite = block.size - int(finite.sum()) - nans
            block = block[finite]
    with np.errstate(over="ignore", invalid="ignore"):
        total = float(block.sum(dtype=np.float64))
        if math.isfinite(total):
            exact: Fraction | float = Fraction(total)
        else:  # of values near the largest that there are
            total = float((block / block.dtype.type(_SCALE)).sum(dtype=np.float64))
            exact = Fraction(total) * _SCALE if math.isfinite(total) else total
    return _Total(exact, block.size, nans, infinite)


def _summarize_lazy(data: Any, word: str) -> ArraySummary:
    chunks = getattr(data, "chunks", None)
    if word == "NetCDF" and isinstance(data.chunking(), list):
        chunks = data.chunking()
    if word == "tensorstore":
        chunks = data.chunk_layout.read_chunk.shape
    if chunks and isinstance(chunks[0], tuple):  # dask's, of each chunk
        chunks = tuple(lengths[0] for lengths in chunks)
    chunks = tuple(chunks or ())
    whole = all(isinstance(n, int) for n in chunks)
    shape = data.shape if word != "pyramid" else (*(n for _, n in data.axes), *data.shapes[0])
    dtype = str(getattr(data.dtype, "name", data.dtype))
    return ArraySummary(
        tuple(int(n) for n in shape), dtype, lazy=word, chunks=chunks if whole else ()
    )


def join_shape(shape: Iterable[int]) -> str:
    """Return a shape as it is read."""
    return " × ".join(str(int(n)) for n in shape)


def _format(dtype: str, number: Any) -> str:
    """Return a value with a true minus, and four digits at most unless it is whole."""
    if isinstance(number, np.generic):
        number = float(number) if isinstance(number, np.longdouble) else number.item()
    if is_date(dtype):
        text = format_value(dtype, number)
        return re.sub(r"(?:T00(?::00)*)?(?:\.0+)?$|(?<=\.\d)0+$", "", text) if "T" in text else text
    return (f"{number:.4g}" if isinstance(number, float) else str(number)).replace("-", "−")
