"""The line of one array in a tree: its summary in columns, with a thumbnail or a sketch."""

from __future__ import annotations

import contextlib
import itertools
import reprlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.arrays.channels import guess_channel_axis
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_values, names_of, pick
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.base.user_warnings import collect_warnings
from nbimage.codecs.pictures import as_data_uri, encode_pixels
from nbimage.mapping.area_mean import factor_for
from nbimage.mapping.pixels import as_pixels
from nbimage.mapping.value_scale import ValueScale, is_date
from nbimage.page.trees.sketches import SIDE, chunks_image, curve_image, histogram_image, image_html
from nbimage.page.trees.tree_html import Line
from nbimage.tables.array_summary import ArraySummary, find_storage, join_shape, summarize
from nbimage.trees.containers import UNREADABLE, count_bytes, format_bytes, is_value

LEAST_SIDE = 8  # of a picture
_LEAST_KERNEL, _LONGEST_KERNEL = 3, 4  # sides of a kernel or a small matrix, and their ratio
_MOST_PIXELS = 1 << 20  # of a thumbnail's source: larger ones are thinned out
_CURVE, _BARS = 128, 21
_LONG = 16  # of an axis: longer ones are thinned out for the histogram of a large array
_DARK = 32  # the highest of bytes that would be a black picture: classes, masks
_IN_MEMORY = (
    ("torch", "Tensor"),
    ("cupy", "ndarray"),
    ("jax", "Array"),
    ("pandas", "Series"),
    ("pandas", "Index"),
    ("polars", "Series"),
    ("PIL.Image", "Image"),
    ("xarray", "DataArray"),
    ("xarray", "Variable"),
)


def is_picture_shape(shape: tuple[int, ...], names: Any = None) -> bool:
    """Return whether an array of two or three axes looks like a picture, not like a few numbers."""
    try:
        axis = guess_channel_axis(shape, names).axis
    except (TypeError, ValueError):
        return False
    sides = [n for i, n in enumerate(shape) if axis is None or i != axis % len(shape)]
    return min(sides) >= LEAST_SIDE


def is_loaded(data: Any) -> bool:
    """Return whether the values are in memory: looking at them reads and computes nothing."""
    if find_storage(data) or is_mapped(data):
        return False
    if isinstance(data, np.ndarray):
        return True
    return any(isinstance(data, find_type(*home)) for home in _IN_MEMORY)


def is_mapped(data: Any) -> bool:
    """Return whether an array is a view of a file."""
    while isinstance(data, np.ndarray):
        if isinstance(data, np.memmap):
            return True
        data = data.base
    return False


def make_array_line(name: str, data: Any, *, with_values: bool = True, side: int = SIDE) -> Line:
    """Return an array's line; ``with_values=False`` leaves out all that has to be computed."""
    try:
        if with_values and is_loaded(data):
            return _loaded_line(name, data, side)
        return _lazy_line(name, data)
    except UNREADABLE:
        return _unread_line(name, data)


def _loaded_line(name: str, data: Any, side: int) -> Line:
    with collect_warnings():
        found = summarize(data)
        line = Line(name, shape=_shape(found.shape), dtype=_dtype(data, found.dtype))
        line.text = _with_names(", ".join(found.notes), data)
        values = found.values
        if values is None or not found.shape or 0 in found.shape:
            return line
        try:
            line.picture = _thumbnail(data, side, _scale_for(found))
        except (TypeError, ValueError):
            line.picture = ""
        line.sketch = _sketch(found, values)
    return line


def _dtype(data: Any, dtype: str) -> str:
    if isinstance(data, find_type("PIL.Image", "Image")):
        return f"{dtype} {data.mode}"
    return dtype


def _shape(shape: Sequence[int]) -> str:
    return join_shape(shape) if shape else "0-d"


def _with_names(text: str, data: Any) -> str:
    names = names_of(data)
    if not names or not any(names):
        return text
    dims = f"({', '.join(str(name or '·') for name in names)})"
    return f"{text} {dims}".strip()


def _lazy_line(name: str, data: Any) -> Line:
    """Return the line of an array of which nothing but its metadata is looked at."""
    word = find_storage(data)
    if word:
        found = summarize(data)
    else:
        word = "mapped file" if is_mapped(data) else getattr(data, "stored_in", "")
        word = word if isinstance(word, str) else ""
        shape = tuple(int(n) for n in data.shape)
        found = ArraySummary(shape, _describe_dtype(data.dtype), lazy=word)
    line = Line(name, shape=_shape(found.shape), dtype=found.dtype)
    size = count_bytes(found.shape, data)
    parts = [*found.storage, *([format_bytes(size)] if size else [])]
    if not word and not isinstance(data, np.ndarray):
        parts.append(type(data).__name__)
    line.text = _with_names(", ".join(parts), data)
    if word:
        line.picture = chunks_image(found.shape, found.chunks)
    return line


def _unread_line(name: str, data: Any) -> Line:
    """Return the line of an array of which not even the metadata are as they should be."""
    shape = dtype = "?"
    with contextlib.suppress(*UNREADABLE):
        shape = _shape(data.shape)
    with contextlib.suppress(*UNREADABLE):
        dtype = _describe_dtype(data.dtype)
    return Line(name, shape=shape, dtype=dtype, text=type(data).__name__)


def _describe_dtype(dtype: Any) -> str:
    """Return a dtype in a word or two."""
    fields = getattr(dtype, "names", None)
    if isinstance(fields, tuple):
        return f"{len(fields)} field{'s' * (len(fields) != 1)}"
    name = getattr(dtype, "name", None)
    text = (name if isinstance(name, str) else str(dtype)).removeprefix("torch.")
    if getattr(dtype, "kind", "") in "USV":  # NumPy's name of it has the bits
        text = str(dtype)
    return text if len(text) <= 30 else f"{text[:29]}…"


def _scale_for(found: ArraySummary) -> ValueScale:
    """Return the scale of a thumbnail: bytes are shown as they are unless all are nearly black."""
    known = found.extent
    dark = known is not None and known.high is not None and 0 < known.high < _DARK
    return ValueScale.of(contrast="minmax" if dark and found.dtype == "uint8" else None)


def _thumbnail(data: Any, side: int, scale: ValueScale) -> str:
    """Return the first picture in an array as HTML; "" where there is none."""
    values = data if isinstance(data, find_type("PIL.Image", "Image")) else _first_picture(data)
    if values is None:
        return ""
    pixels = as_pixels(values, scale, upright=True)
    pixels = pixels.reduced(factor_for(pixels.array.shape, side=side))
    height, width = pixels.array.shape[:2]
    zoom = max(1, side // max(height, width))
    uri = as_data_uri(encode_pixels(pixels, "png"), "image/png")
    return image_html(uri, width * zoom, height * zoom, crisp=True)


def _first_picture(data: Any) -> Values | None:
    values = as_values(data, True, any_shape=True)
    if values.array.dtype.kind == "c":
        return None
    if _is_kernel(values.shape) and not _fits(values):
        return values
    while len(values.shape) > 3 or (len(values.shape) == 3 and not _fits(values)):
        values = pick(values, 0, 0)
    if not _fits(values) or max(values.shape) > 200 * LEAST_SIDE * min(sorted(values.shape)[-2:]):
        return None
    size = values.shape[-2] * values.shape[-1] if len(values.shape) == 2 else np.prod(values.shape)
    step = int(np.sqrt(max(1, int(size) // _MOST_PIXELS)))
    if step > 1:
        values = _thin(values, step)
    return values


def _fits(values: Values) -> bool:
    shape = values.shape
    return len(shape) in (2, 3) and is_picture_shape(shape, values.names)


def _is_kernel(shape: tuple[int, ...]) -> bool:
    """Return whether an array is a small matrix, whose values are seen at once."""
    return len(shape) == 2 and max(_LEAST_KERNEL, max(shape) / _LONGEST_KERNEL) <= min(shape)


def _thin(values: Values, step: int) -> Values:
    """Return every n-th row and column of a picture, without its coordinates."""
    axis = guess_channel_axis(values.shape, values.names).axis
    where = tuple(
        slice(None)
        if axis is not None and i == axis % len(values.shape)
        else slice(None, None, step)
        for i in range(len(values.shape))
    )
    mask = None if values.mask is None else values.mask[where]
    array: Any = values.array
    host = array.host() if isinstance(array, DeviceArray) else array
    return Values(host[where], mask, values.names, values.dtype)


def _sketch(found: ArraySummary, values: Values) -> str:
    """Return a curve of one axis, else a histogram; "" where there is nothing to be drawn."""
    known, array = found.extent, values.array
    if known is None or known.low is None or known.high is None or isinstance(array, DeviceArray):
        return ""
    low, high = float(known.low), float(known.high)
    if array.dtype.kind not in "iuf" or not 0 < high - low < np.inf or array.size < 2:
        return ""
    if array.ndim == 1:
        return _curve(array, values.mask, low, high)
    if is_date(values.dtype):
        return ""
    return _histogram(array, values.mask, low, high)


def _curve(array: Array, mask: Array | None, low: float, high: float) -> str:
    """Return the minimum and maximum of each part of a line as an image of a curve."""
    ends = np.linspace(0, len(array), min(_CURVE, len(array)) + 1).astype(int)
    where, lows, highs = [], [], []
    for start, end in itertools.pairwise(ends):
        known = _known(array[start:end], None if mask is None else mask[start:end])
        where.append((start + end - 1) / 2 / (len(array) - 1))
        lows.append((float(known.min()) - low) / (high - low) if known.size else np.nan)
        highs.append((float(known.max()) - low) / (high - low) if known.size else np.nan)
    return curve_image(where, lows, highs)


def _histogram(array: Array, mask: Array | None, low: float, high: float) -> str:
    """Return a histogram as an image; a large array is thinned out first."""
    long = [n > _LONG for n in array.shape]
    share = (array.size / _MOST_PIXELS) ** (1 / max(1, sum(long)))
    step = slice(None, None, max(1, int(np.ceil(share))))
    where = tuple(step if is_long else slice(None) for is_long in long)
    known = _known(array[where], None if mask is None else mask[where])
    counts, _ = np.histogram(known.astype(np.float64), bins=_BARS, range=(low, high))
    return histogram_image(counts.tolist()) if counts.any() else ""


def _known(array: Array, mask: Array | None) -> Array:
    """Return the finite values of a small part of an array."""
    known = array if mask is None else array[~mask]
    return known[np.isfinite(known)] if array.dtype.kind == "f" else known


def make_value_line(name: str, value: Any) -> Line:
    """Return the line of what is no array: a small value as it is, else what it is."""
    kind = type(value).__name__
    if isinstance(value, (find_type("pandas", "DataFrame"), find_type("polars", "DataFrame"))):
        return Line(name, kind=kind, text=join_shape(value.shape))
    if not is_value(value):
        return Line(name, kind=kind)
    text = _short.repr(value)
    return Line(name, kind=kind, text=text if len(text) <= 80 else text[:79] + "…")


_short = reprlib.Repr()
_short.maxstring = _short.maxother = 80
