"""Values to pixels: 256 bins between two limits, of equal width unless a norm says otherwise.

``pixels = clip(floor((x - vmin) * 256 / (vmax - vmin)), 0, 255)``, in float64, is the rule
(`bins.arithmetic` writes it down once). Everything else here gives the same pixels in less time: a
table where a dtype has few values, and one multiplication and one addition where that is proven,
for the limits at hand, to put the edge of every bin at the same float32 value.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.channels import resolve_channel_axis
from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import (
    BLOCK,
    Array,
    for_blocks,
    memory_order,
    overlap_otherwise,
    overlaps_itself,
)
from nbimage.base.doors import door
from nbimage.base.scalars import Number
from nbimage.mapping.bins.arithmetic import Arithmetic, choose_arithmetic
from nbimage.mapping.bins.levels import make_converter
from nbimage.mapping.bins.quick import (
    Convert,
    make_line_converter,
    prove_line,
    prove_short_line,
)
from nbimage.mapping.bins.steps import Steps, find_steps
from nbimage.mapping.limits import Extent, Limits, as_threshold, resolve_limits
from nbimage.mapping.norms import with_limits
from nbimage.mapping.value_scale import ValueScale, parse_limit

if TYPE_CHECKING:
    from nbimage.typing import ArrayLike, ContrastLike, LevelsLike, LimitLike, NormLike

_PROOF_PAYS = 1 << 20  # elements from which the quicker arithmetic wins back what its proof costs
_TABLE_PAYS = 1 << 16  # values of two bytes, as many as there are


@door
def rerange(
    data: ArrayLike,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    *,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    channel_axis: int | None = None,
    out: Array | None = None,
) -> Array:
    """Map values to uint8: 256 bins of equal width from ``vmin`` to ``vmax``.

    ``pixels = clip(floor((x - vmin) * 256 / (vmax - vmin)), 0, 255)``; ``vmax`` itself lies in the
    last bin. With a norm it is ``clip(floor(256 * norm(x)), 0, 255)``. uint8 data of which nothing
    is asked come back value for value, booleans as 0 and 255.

    Parameters
    ----------
    data : array-like
        Real numbers, booleans, dates or time spans, of any number of axes. Never changed.
    vmin, vmax : number or sequence of numbers, optional
        Limits, or one for each channel. Each defaults to what ``contrast`` finds.
        ``vmin > vmax`` inverts the scale.
    vsym : bool
        Make the limits ±max(abs(vmin), abs(vmax)): 0 is pixel 128, mid-gray.
    contrast : {"minmax", "infer", "robust", "zscale"} or (low, high), optional
        How limits that are not given are found: the finite minimum and maximum (exact; also the
        default, but for uint8); the full scale of the dtype (of floats: the first of 1, 255, 65535
        and 2^32 - 1 that holds them); the 2nd and 98th percentile; IRAF's zscale, which
        shows what is faint; two percentiles (of what is finite; from a million of these values
        where there are more).
    norm : {"linear", "log", "sqrt", "asinh", "symlog"}, float, (name, width) or callable
        How values are spread between the limits; see `Norm`. A number is a gamma. A callable maps
        values to 0…1, as matplotlib's and astropy's normalisations do, and may have limits of its
        own. Under "log" 0 counts as -inf, and what lies below as NaN. "asinh" is linear up to its
        width, by default ``3 * 1.4826 * median(abs(x - median(x)))``: the noise.
    levels : int or sequence of numbers, optional
        Discrete levels: so many bins at most, with round edges of equal distance that hold all
        between the limits (steps of 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten, as
        contour plots of matplotlib and xarray choose), or the edges themselves. A bin holds its
        lower edge, the last one both, as with ``np.histogram``; the pixels of the bins are spread
        from 0 to 255. Without ``norm``; edges without limits and ``contrast`` too.
    channel_axis : int, optional
        Where the channels are, for limits of each; guessed if not given.
    out : uint8 array, optional
        Written to and returned, of the data's shape. It may lie in the data's own memory.

    Returns
    -------
    uint8 array of the data's shape
        NaN and masked values are 0, -inf 0 and +inf 255; none of them counts for the limits. A
        constant array is 0 (128 if it is all zeros and ``vsym``).

    Raises
    ------
    TypeError
        For complex, object, string, structured or ragged data.
    ValueError
        For empty data, and parameters that do not fit.

    Examples
    --------
    >>> nbimage.rerange([0.0, 0.5, 1.0, np.nan])
    array([  0, 128, 255,   0], dtype=uint8)
    >>> nbimage.rerange([-3, 0, 1], vsym=True)
    array([  0, 128, 170], dtype=uint8)
    >>> nbimage.rerange([1, 10, 100, 1000], norm="log")
    array([  0,  85, 170, 255], dtype=uint8)
    >>> nbimage.rerange(np.arange(8), levels=4)
    array([  0,   0,  85,  85, 170, 170, 255, 255], dtype=uint8)

    What lies outside of the limits is at the ends, and limits the other way round invert:

    >>> nbimage.rerange([1, 2, 3, 4], vmin=2, vmax=3)
    array([  0,   0, 255, 255], dtype=uint8)
    >>> nbimage.rerange([1, 2, 3, 4], vmin=4, vmax=1)
    array([255, 170,  85,   0], dtype=uint8)
    """
    scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels)
    values = as_values(data, any_shape=True)
    scale = scale.in_unit(values.metadata.value_unit)
    axis = channel_axis
    if axis is not None or scale.limit_count > 1:
        axis = resolve_channel_axis(values.shape, channel_axis, values.names)
    values, limits = apply_norm(values, scale.on_axis(axis))
    array, mask = values.array, values.mask
    if out is not None:
        dtype, shape = getattr(out, "dtype", None), getattr(out, "shape", None)
        if dtype != np.uint8 or shape != array.shape or not isinstance(out, np.ndarray):
            raise ValueError(
                f"out must be a uint8 array of shape {array.shape}, but got {dtype} of {shape}"
            )
        if not out.flags.writeable:
            raise ValueError("out must be writable, but is read-only: give a copy of it")
        if overlaps_itself(out):
            raise ValueError("out must not overlap itself, but two of its pixels are one byte")
        # else some would be overwritten before they are read
        if isinstance(array, np.ndarray) and overlap_otherwise(array, out):
            array = array.copy()
        if mask is not None and np.may_share_memory(mask, out):
            mask = mask.copy()
    return map_values(array, mask, limits, axis, out)


def apply_norm(
    values: Values, scale: ValueScale, known: Sequence[Extent] = ()
) -> tuple[Values, Limits]:
    """Return what is to be binned, and its limits: of a callable norm its own 0…1.

    ``scale`` has the array's own channel axis; ``known`` is as for `resolve_limits`.
    """
    array, mask = values.array, values.mask
    if scale.norm.function is None:
        return values, resolve_limits(array, mask, scale, values.dtype, known)
    ends = callable_limits(scale, values.dtype)
    array = array.host() if isinstance(array, DeviceArray) else array
    shown = array.astype(np.float64)
    if mask is not None:
        shown[mask] = np.nan  # the norm is not to see what lies beneath
    norm, finite = with_limits(scale.norm, shown, *ends), np.isfinite(shown)
    spread = norm.call(shown) if finite.any() else np.full(shown.shape, np.nan)
    blank = not (finite & ~np.isnan(spread)).any()
    return replace(values, array=spread), Limits((0,), (1,), blank=blank, called=norm)


def callable_limits(scale: ValueScale, dtype: str) -> tuple[Number | None, Number | None]:
    """Return the limits for a callable norm. Raises ValueError for what such a norm can't take."""
    if scale.vsym or scale.contrast is not None or scale.limit_count > 1:
        raise ValueError("vsym, contrast and limits a channel must be left out for a callable norm")
    low, high = parse_limit("vmin", scale.vmin, dtype), parse_limit("vmax", scale.vmax, dtype)
    return None if low is None else low[0], None if high is None else high[0]


def map_values(
    array: Array | DeviceArray,
    mask: Array | None,
    limits: Limits,
    channel_axis: int | None = None,
    out: Array | None = None,
    *,
    again: bool = False,
) -> Array:
    """Map values to uint8 pixels of the same shape; NaN and masked values become 0.

    The result is new memory, or ``out``; its axes lie in memory as the array's do. ``again`` says
    that other arrays have the same limits, so that what is proven of these pays in small ones too.
    """
    if isinstance(array, DeviceArray):
        pixels = _map_device(array, limits, channel_axis)
        if mask is not None:
            pixels[mask] = 0
        if out is None:
            return pixels
        out[...] = pixels
        return out
    if out is None:
        out = np.empty_like(array, dtype=np.uint8, subok=False)
    if len(limits.vmin) > 1:
        arrays = np.moveaxis(array, channel_axis or 0, 0)
        outs = np.moveaxis(out, channel_axis or 0, 0)
        masks = None if mask is None else np.moveaxis(mask, channel_axis or 0, 0)
        for channel in range(len(arrays)):
            part = None if masks is None else masks[channel]
            own = limits.of_channel(channel)
            map_values(arrays[channel], part, own, None, outs[channel], again=again)
        return out
    views = memory_order(array, out) if mask is None else memory_order(array, out, mask)
    kernel = _kernel(views[0], limits._replace(called=None), again)

    def work(indices: Sequence[Any]) -> None:
        convert = kernel()
        with np.errstate(all="ignore"):
            for index in indices:
                block = [view[index] for view in views]
                convert(block[0], block[1])
                if mask is not None:
                    block[1][block[2]] = 0

    for_blocks(work, views[0].shape, backwards=True)
    return out


def _map_device(array: DeviceArray, limits: Limits, channel_axis: int | None) -> Array:
    if len(limits.vmin) > 1:
        axis = channel_axis or 0
        channels = [
            _map_device(array[(*[slice(None)] * axis, channel)], limits.of_channel(channel), None)
            for channel in range(array.shape[axis])
        ]
        return np.stack(channels, axis)
    own = limits._replace(called=None)
    linear = limits.norm.linear and limits.norm.edges is None and limits.norm.colors == 256
    scale = choose_arithmetic(limits, array.dtype)
    if linear and not limits.unchanged and scale.dtype == np.float64 and scale.step:
        return array.map(float(scale.low), float(scale.step), scale.factor)
    if array.dtype.itemsize == 1:  # it is a byte a value as it is
        return map_values(array.host(), None, limits)
    steps = _find_steps(own._replace(clean=False), array.dtype)
    if steps is None:
        return map_values(array.host(), None, limits)
    return array.map_steps(*steps, lambda values: map_values(values, None, own))


@functools.lru_cache(maxsize=8)
def _find_steps(limits: Limits, dtype: np.dtype[Any]) -> Steps | None:
    return find_steps(lambda values: map_values(values, None, limits), limits, dtype)


def _kernel(array: Array, limits: Limits, again: bool) -> Callable[[], Convert]:
    """Choose how blocks are converted; the result makes one converter, with scratch, a thread."""
    pays = again or array.size >= _PROOF_PAYS
    dtype = array.dtype.newbyteorder("=")
    bent = not limits.norm.linear
    if limits.unchanged:
        return lambda: lambda block, out: np.copyto(out, block)
    if dtype.kind == "b" and (limits.vmin, limits.vmax, bent) == ((0,), (1,), False):
        return lambda: _white_where_true
    size = min(array.size, BLOCK)
    if dtype.itemsize == 1 or (dtype.itemsize == 2 and array.size > _TABLE_PAYS):
        even = not bent and limits.norm.edges is None and limits.norm.colors == 256
        if even and pays and dtype.kind in "iu" and dtype.itemsize == 2:
            line = _find_short_line(choose_arithmetic(limits, dtype), limits, dtype)
            if line is not None:
                return lambda: make_line_converter(line, size, dtype, limits.clean)
        table = _table(dtype, limits)
        return lambda: _table_converter(table, dtype)
    if limits.norm.edges is not None:
        return lambda: make_converter(limits.norm.edges or (), dtype)
    scale = choose_arithmetic(limits, dtype)
    if bent and limits.vmin != limits.vmax:
        return lambda: _bent_converter(size, scale.dtype, limits)
    if pays and dtype == np.float32 and limits.norm.colors == 256:
        proven = _find_line(scale, limits)
        if proven is not None:
            return lambda: make_line_converter(proven, size, dtype, limits.clean)
    return lambda: _arithmetic_converter(size, scale, limits)


def _white_where_true(block: Array, out: Array) -> None:
    np.minimum(block.view(np.uint8), np.uint8(1), out=out)  # True may be any byte but 0
    np.multiply(out, np.uint8(255), out=out)


_find_line = functools.lru_cache(maxsize=32)(prove_line)
_find_short_line = functools.lru_cache(maxsize=32)(prove_short_line)


@functools.lru_cache(maxsize=8)  # of at most 64 kB
def _table(dtype: np.dtype[Any], limits: Limits) -> Array:
    """Return the pixel of every value that the dtype has, in the order of its bit patterns."""
    patterns = np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}")
    if dtype.kind == "b":
        patterns = (patterns > 0).astype(np.uint8)
    table = np.empty(patterns.shape, np.uint8)
    with np.errstate(all="ignore"):
        if limits.norm.edges is not None:
            convert = make_converter(
                limits.norm.edges, np.dtype(patterns.dtype if dtype.kind == "b" else dtype)
            )
        elif limits.norm.linear or limits.vmin == limits.vmax:
            convert = _arithmetic_converter(table.size, choose_arithmetic(limits, dtype), limits)
        else:
            convert = _bent_converter(table.size, np.dtype(np.float64), limits)
        convert(patterns if dtype.kind == "b" else patterns.view(dtype), table)
    return table


def _table_converter(table: Array, dtype: np.dtype[Any]) -> Convert:
    unsigned = f"u{dtype.itemsize}"

    def convert(block: Array, out: Array) -> None:
        patterns = np.ascontiguousarray(block, dtype).view(unsigned)
        if out.flags.c_contiguous:
            np.take(table, patterns, out=out, mode="clip")
        else:
            out[...] = table[patterns]

    return convert


def _arithmetic_converter(size: int, scale: Arithmetic, limits: Limits) -> Convert:
    scratch = np.empty(size, scale.dtype)
    vmin, vmax = limits.vmin[0], limits.vmax[0]
    middles = limits.norm.middle_bins

    def two_pixels(block: Array, out: Array) -> None:
        above = block > (as_threshold(vmin) if block.dtype.kind == "f" else vmin)
        np.copyto(out, np.uint8(255), where=above)
        np.copyto(out, np.uint8(0), where=~above)
        if limits.vsym and vmin == 0:
            np.copyto(out, np.uint8(128), where=block == 0)

    def convert(block: Array, out: Array) -> None:
        t = scratch[: block.size].reshape(block.shape)
        np.copyto(t, block)
        if scale.factor != 1:
            np.multiply(t, scale.factor, out=t)
        np.subtract(t, scale.low, out=t)
        np.divide(t, scale.step, out=t)
        if middles is not None:
            np.multiply(t, limits.norm.colors / 256, out=t)
        np.clip(t, 0, (256 if middles is None else limits.norm.colors) - 1, out=t)
        if not limits.clean and block.dtype.kind == "f" and np.isnan(t.min()):
            t[np.isnan(t)] = 0
        np.copyto(out, t, casting="unsafe")
        if middles is not None:
            out[...] = middles[out]

    return two_pixels if vmin == vmax else convert


def _bent_converter(size: int, dtype: np.dtype[Any], limits: Limits) -> Convert:
    scratch = np.empty(size, dtype)
    vmin, vmax, norm = limits.vmin[0], limits.vmax[0], limits.norm
    middles = norm.middle_bins

    def convert(block: Array, out: Array) -> None:
        t = scratch[: block.size].reshape(block.shape)
        np.copyto(t, block, casting="same_kind")
        norm.normalize(t, vmin, vmax)
        np.multiply(t, norm.colors, out=t)
        np.clip(t, 0, norm.colors - 1, out=t)
        t[np.isnan(t)] = 0
        np.copyto(out, t, casting="unsafe")
        if middles is not None:
            out[...] = middles[out]

    return convert
