"""`describe`: an array in one line, whatever its shape; a lazy one without computing it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import as_values
from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.doors import door
from nbimage.base.lazy_types import find_type
from nbimage.mapping.color_scale import format_value
from nbimage.mapping.limits import extent
from nbimage.mapping.value_scale import is_date

if TYPE_CHECKING:
    from nbimage.typing import ArrayLike

_LAZY = (
    ("dask.array", "Array", "dask"),
    ("zarr", "Array", "zarr"),
    ("h5py", "Dataset", "HDF5"),
    ("tensorstore", "TensorStore", "tensorstore"),
    ("nbimage.pyramid.core.pyramid", "Pyramid", "pyramid"),
)


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
    >>> describe([[1, 2], [3, 4]])
    '2 × 2 int64, 1 … 4, mean 2.5'
    >>> describe(np.array([0.25, np.nan]))
    '2 float64, 0.25 … 0.25, mean 0.25, 1 NaN'
    """
    inner = data.variable._data if isinstance(data, find_type("xarray", "DataArray")) else data
    for module, name, word in _LAZY:
        if isinstance(inner, find_type(module, name)):
            return _describe_lazy(inner, word)
    if type(inner).__module__.startswith("xarray."):  # a file's, which nobody has read
        return _describe_lazy(data, "not read")
    values = as_values(data, True, any_shape=True)
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    parts = [f"{_join(array.shape)} {values.dtype}".strip()]
    if array.size == 0:
        return f"{parts[0]}, empty"
    if array.dtype.kind == "c":
        array, parts = np.abs(array), [f"{parts[0]}, magnitudes"]
    if array.ndim == 0 and values.mask is None:
        return f"{parts[0]}, {_format(values.dtype, array[()])}"
    known, found = extent(array, values.mask), _total(array, values.mask)
    if known.low is None or known.high is None:
        parts.append("no finite value")
    elif array.dtype.kind == "b":
        share = found.total / max(1, found.size)
        parts.append(f"{100 * share:.3g} % True")
    else:
        low, high = (_format(values.dtype, end) for end in (known.low, known.high))
        parts.append(f"{low} … {high}")
    if found.size and array.dtype.kind != "b" and not is_date(values.dtype):
        parts.append(f"mean {_format(values.dtype, found.total / found.size)}")
    masked = 0 if values.mask is None else int(values.mask.sum())
    for count, word in ((found.nans, "NaN"), (found.infinite, "infinite"), (masked, "masked")):
        if count:
            parts.append(f"{count} {word}")
    return ", ".join(parts)


class _Total(NamedTuple):
    """Sums of an array's values."""

    total: float = 0.0
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
        math.fsum(one.total for one in found),
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
    return _Total(float(block.sum(dtype=np.float64)), block.size, nans, infinite)


def _describe_lazy(data: Any, word: str) -> str:
    chunks = getattr(data, "chunks", None)
    if chunks and isinstance(chunks[0], tuple):  # dask's, of each chunk
        chunks = tuple(lengths[0] for lengths in chunks)
    cut = f", chunks {_join(chunks)}" if chunks and all(isinstance(n, int) for n in chunks) else ""
    shape = data.shape if word != "pyramid" else (*(n for _, n in data.axes), *data.shapes[0])
    return f"{_join(shape)} {data.dtype}, {word}{cut}"


def _join(shape: Any) -> str:
    return " × ".join(str(int(n)) for n in shape)


def _format(dtype: str, number: Any) -> str:
    """Return a value with a true minus, and four digits at most unless it is whole."""
    if isinstance(number, np.generic):
        number = number.item()
    if is_date(dtype):
        return format_value(dtype, number)
    return (f"{number:.4g}" if isinstance(number, float) else str(number)).replace("-", "−")
