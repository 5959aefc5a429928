"""From what the caller asked for and what the values are to the limits that will hold."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.stack_level import caller_stacklevel
from nbimage.mapping.norms import LINEAR, Norm

Number = float  # an int as well, and a long double where the data are such
Limit = Number | Sequence[Number] | None
Contrast = Literal["minmax", "infer", "robust"] | tuple[float, float] | None

SAMPLE = 1 << 20
"""Percentiles of a larger array come from about this many of its values."""
_FULL_SCALES = (1, 255, 65535, 2**32 - 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """The resolved mapping of values to pixels.

    ``vmin`` and ``vmax`` hold one number, or one a channel.
    """

    vmin: tuple[Number, ...]
    vmax: tuple[Number, ...]
    vsym: bool = False
    unchanged: bool = False
    """uint8 values that nothing was asked of: they are the pixels."""
    blank: bool = False
    """No finite value was there to find limits by."""
    clean: bool = False
    """All values are known to be finite and within the limits, so that nothing needs clipping."""
    norm: Norm = LINEAR
    called: Norm | None = None
    """A callable norm that has been applied already: what is binned are its 0…1."""

    def of_channel(self, channel: int) -> Limits:
        """Return the limits of one channel alone."""
        if len(self.vmin) == 1:
            return self
        return Limits((self.vmin[channel],), (self.vmax[channel],), self.vsym, norm=self.norm)


@dataclass(frozen=True, slots=True)
class Extent:
    """The finite minimum and maximum of an array, and whether all of it is finite."""

    low: Number | None = None
    high: Number | None = None
    finite: bool = True

    def join(self, other: Extent) -> Extent:
        """Return the extent of both parts together."""
        lows = [e.low for e in (self, other) if e.low is not None]
        highs = [e.high for e in (self, other) if e.high is not None]
        return Extent(
            min(lows, default=None), max(highs, default=None), self.finite and other.finite
        )


def extent(
    array: Array | DeviceArray, mask: Array | None = None, *, positive: bool = False
) -> Extent:
    """Find the finite minimum and maximum, exactly, without a temporary of the array's size.

    ``positive``: of the values above 0 alone.
    """
    if isinstance(array, DeviceArray):
        if not positive:
            return Extent(*array.extent())
        array = array.host()
    views = memory_order(array) if mask is None else memory_order(array, mask)

    def scan(indices: Sequence[Any]) -> Extent:
        found = Extent()
        for index in indices:
            found = found.join(_block_extent(*(view[index] for view in views), positive=positive))
        return found

    found = Extent()
    for part in for_blocks(scan, views[0].shape):
        found = found.join(part)
    return found if mask is None else Extent(found.low, found.high, False)


def _block_extent(block: Array, mask: Array | None = None, *, positive: bool = False) -> Extent:
    finite = True
    if mask is not None:
        block = block[~mask]
    if positive:
        block = block[block > 0]
    if (mask is not None or positive) and not block.size:
        return Extent()
    if block.dtype == np.float16:  # its minimum takes ten times as long as its conversion
        block = block.astype(np.float32)
    low, high = block.min(), block.max()
    if block.dtype.kind == "f" and not (np.isfinite(low) and np.isfinite(high)):
        finite = False
        block = block[np.isfinite(block)]
        if not block.size:
            return Extent(finite=False)
        low, high = block.min(), block.max()
    return Extent(_number(low), _number(high), finite)


def _number(value: Any) -> Number:
    """Return a NumPy scalar as the Python number of the same value; long doubles stay."""
    if isinstance(value, np.longdouble):
        return value if value.dtype.itemsize > 8 else float(value)  # type: ignore[return-value]
    number: Number = value.item()
    return number


def sample(array: Array | DeviceArray, mask: Array | None = None, most: int = SAMPLE) -> Array:
    """Return at most about ``most`` finite values, from a jittered grid: the same at each call."""
    if array.size > most:
        shrink = (most / array.size) ** (1 / array.ndim)
        random = np.random.default_rng(0)
        places = []
        for n in array.shape:
            count = max(1, min(n, math.ceil(n * shrink)))
            places.append(((np.arange(count) + random.random(count)) * n / count).astype(np.intp))
        if isinstance(array, DeviceArray):
            array = array.sample(places)
        else:
            grid = np.ix_(*places)
            array, mask = array[grid], None if mask is None else mask[grid]
    elif isinstance(array, DeviceArray):
        array = array.host()
    found = array[~mask] if mask is not None else array.reshape(-1)
    return found[np.isfinite(found)] if found.dtype.kind == "f" else found


def resolve_limits(
    array: Array | DeviceArray,
    mask: Array | None,
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: Contrast,
    channel_axis: int | None,
    dtype: str = "",
    known: Sequence[Extent] = (),
    norm: Norm = LINEAR,
) -> Limits:
    """Resolve the limits of an array: exact for minimum and maximum, sampled for percentiles.

    ``dtype`` is the one that came in, so that limits of dates can be dates; ``known`` is the
    array's extent, or one a channel, if the caller has looked already.

    Raises ValueError or TypeError for limits and contrasts that mean nothing.
    """
    percentiles = _check_contrast(contrast)
    low, high = as_limit("vmin", vmin, dtype), as_limit("vmax", vmax, dtype)
    channels = 1 if channel_axis is None else array.shape[channel_axis]
    for name, limit in (("vmin", low), ("vmax", high)):
        if limit is not None and len(limit) not in (1, channels):
            raise ValueError(
                f"{name} must be one number or one for each of {channels} channels, "
                f"but got {len(limit)}: {list(limit)}"
            )
    if norm.positive:
        _check_positive(low, high, vsym)
    if array.dtype.kind == "b" and low is high is None:
        norm = LINEAR  # False is black and True white, under log as well
    plain = low is high is None and not vsym and contrast is None and norm.linear
    if array.dtype == np.uint8 and plain:
        return Limits((0,), (255,), unchanged=True)
    count = max(len(low or ()), len(high or ()), 1)
    parts = []
    for channel in range(count):
        part, part_mask = array, mask
        if count > 1:
            index: Any = (*[slice(None)] * (channel_axis or 0), channel)
            part, part_mask = array[index], None if mask is None else mask[index]
        ends = _pick(low, channel), _pick(high, channel)
        own = known[channel] if len(known) == count else None
        parts.append(_resolve_one(part, part_mask, *ends, vsym, percentiles, own, norm))
    return Limits(
        tuple(part.vmin[0] for part in parts),
        tuple(part.vmax[0] for part in parts),
        vsym,
        blank=all(part.blank for part in parts),
        clean=all(part.clean for part in parts),
        norm=norm,
    )


def _check_positive(
    vmin: tuple[Number, ...] | None, vmax: tuple[Number, ...] | None, vsym: bool
) -> None:
    for name, limit in (("vmin", vmin), ("vmax", vmax)):
        if limit is not None and min(limit) <= 0:
            raise ValueError(
                f"{name} must be above 0 for norm='log', but got {min(limit):g}: "
                "norm='symlog' takes any"
            )
    if vsym:
        raise ValueError("vsym must be False for norm='log': norm='symlog' has both signs")


def _pick(limit: tuple[Number, ...] | None, channel: int) -> Number | None:
    return None if limit is None else limit[channel if len(limit) > 1 else 0]


def _resolve_one(
    array: Array | DeviceArray,
    mask: Array | None,
    vmin: Number | None,
    vmax: Number | None,
    vsym: bool,
    contrast: tuple[float, float] | str,
    known: Extent | None,
    norm: Norm,
) -> Limits:
    blank = False
    if vmin is None or vmax is None:
        if norm.positive and not (known and known.low is not None and known.low > 0):
            known = extent(array, mask, positive=True)
        elif contrast == "minmax" and known is None:
            known = extent(array, mask)
        low, high, blank = _found(array, mask, contrast, known, norm.positive)
        if norm.positive and low <= 0:  # of a full scale, of percentiles or of nothing at all
            low = known.low if known and known.low is not None else min(1, vmax or 1)
            high = max(low, high)
        if vmax is not None:  # a limit from the data never crosses one that was given
            vmin = min(low, vmax)
        elif vmin is not None:
            vmax = max(high, vmin)
        else:
            vmin, vmax = low, high
    if vsym:
        vmax = max(abs(vmin), abs(vmax))
        vmin = -vmax
    clean = False
    if known is not None and known.low is not None and known.high is not None:
        clean = known.finite and vmin <= known.low and known.high <= vmax and norm.linear
    return Limits((vmin,), (vmax,), vsym, blank=blank, clean=clean)


def _found(
    array: Array | DeviceArray,
    mask: Array | None,
    contrast: tuple[float, float] | str,
    known: Extent | None,
    positive: bool,
) -> tuple[Number, Number, bool]:
    """Return the limits that the data and the contrast give, and whether no value is finite."""
    if array.dtype.kind == "b":
        return 0, 1, False
    if isinstance(contrast, tuple):
        values = sample(array, mask)
        values = values[values > 0] if positive else values
        if not values.size:
            return 0, 1, True
        wide = values if values.dtype == np.longdouble else values.astype(np.float64)
        low, high = np.percentile(wide, contrast)
        return _number(low), _number(high), False
    if contrast == "infer" and array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        return int(info.min), int(info.max), False
    found = known or extent(array, mask)
    if found.low is None or found.high is None:
        return 0, 1, True
    if contrast == "infer":
        top = next((scale for scale in _FULL_SCALES if found.high <= scale), found.high)
        return (0 if found.low >= 0 else -top), top, False
    return found.low, found.high, False


def _check_contrast(contrast: Any) -> tuple[float, float] | str:
    if contrast is None:
        return "minmax"
    if isinstance(contrast, str):
        if contrast == "robust":
            return (2.0, 98.0)
        if contrast in ("minmax", "infer"):
            return contrast
    elif isinstance(contrast, Sequence) and len(contrast) == 2:
        low, high = contrast
        if 0 <= low <= high <= 100:
            return (float(low), float(high))
    raise ValueError(
        'contrast must be "minmax", "infer", "robust" or two percentiles such as (1, 99), '
        f"but got {contrast!r}"
    )


def limit_count(limit: Any) -> int:
    """Return how many limits were given: 0 for None, 1 for a number, one a channel else."""
    if limit is None:
        return 0
    return 1 if _is_scalar(limit) else len(limit)


def _is_scalar(limit: Any) -> bool:
    return isinstance(limit, str) or not hasattr(limit, "__len__") or np.ndim(limit) == 0


def as_limit(name: str, limit: Any, dtype: str = "") -> tuple[Number, ...] | None:
    """Return a limit as a tuple of finite Python numbers, or None where none was given."""
    if limit is None:
        return None
    dates = dtype.startswith(("datetime64", "timedelta64"))
    if isinstance(limit, str) and not dates:
        raise TypeError(f"{name} must be a number, or one a channel, but got {limit!r}")
    parts = [limit] if _is_scalar(limit) else list(limit)
    if not parts:
        raise ValueError(f"{name} must be a number, or one a channel, but got none: {limit!r}")
    if dates:
        return tuple(_date_number(name, part, dtype) for part in parts)
    return tuple(_limit_number(name, part) for part in parts)


def _date_number(name: str, value: Any, dtype: str) -> Number:
    """Return a date, a time span or a plain number as the count of the data's own unit."""
    try:
        date = np.asarray(value).astype(dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be a {dtype} value, but got {value!r}: {error}") from None
    if np.isnat(date):
        raise ValueError(f"{name} must be finite, but got {value!r}")
    return int(date.astype(np.int64))


def _limit_number(name: str, value: Any) -> Number:
    number: Number
    if isinstance(value, (int, np.longdouble)):
        number = value + 0  # type: ignore[assignment]  # True counts as 1
    elif hasattr(value, "__index__") and getattr(value, "ndim", 0) == 0:
        number = int(value.__index__())
    else:
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(
                f"{name} must be a number, or one a channel, but got {value!r}"
            ) from None
    try:
        wide = isinstance(number, np.longdouble)
        finite = np.isfinite(number) if wide else math.isfinite(number)
    except OverflowError:  # an integer beyond every float
        finite = False
    if not finite:
        raise ValueError(f"{name} must be finite, but got {str(value)[:60]}")
    return number


def blank_words(limits: Limits) -> str:
    """Return what is said of values of which none can be shown."""
    if limits.called is not None:
        return "no finite value that the norm has a place for"
    return "no finite value above 0" if limits.norm.positive else "no finite value"


def warn_blank(shape: tuple[int, ...], dtype: str, limits: Limits) -> None:
    """Say that a picture shows nothing."""
    warnings.warn(
        f"{blank_words(limits)} in the {dtype} array of shape {shape}: "
        "the picture is fully transparent",
        UserWarning,
        stacklevel=caller_stacklevel(),
    )
