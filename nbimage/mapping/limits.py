"""The limits of an array: from its `ValueScale` and its values to `Limits`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array, for_blocks, memory_order
from nbimage.base.scalars import Number
from nbimage.base.user_warnings import warn
from nbimage.mapping.bins.levels import find_edges
from nbimage.mapping.norms import LINEAR, Norm, wants_sample, with_limits
from nbimage.mapping.value_sample import (
    ValueSample,
    find_noise,
    find_percentiles,
    find_zscale,
    sample,
)
from nbimage.mapping.value_scale import (
    Contrast,
    ValueScale,
    count_limits,
    is_date,
    parse_edges,
    parse_limit,
)

FULL_SCALES = (1, 255, 65535, 2**32 - 1)
"""What is white of floats that are known to be full: the first that holds them."""


class Limits(NamedTuple):
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


class Extent(NamedTuple):
    """The finite minimum and maximum of an array, and whether all of it is finite."""

    low: Number | None = None
    high: Number | None = None
    finite: bool = True

    def join(self, other: Extent) -> Extent:
        """Return the extent of both parts together."""
        if self is _NOTHING:
            return other
        lows = [e.low for e in (self, other) if e.low is not None]
        highs = [e.high for e in (self, other) if e.high is not None]
        return Extent(
            min(lows, default=None), max(highs, default=None), self.finite and other.finite
        )


_NOTHING = Extent()


def extent(
    array: Array | DeviceArray, mask: Array | None = None, *, positive: bool = False
) -> Extent:
    """Find the finite minimum and maximum, exactly, without a temporary of the array's size.

    ``positive``: of the values above 0 alone.
    """
    if isinstance(array, DeviceArray):
        if mask is None:
            return Extent(*array.extent(positive))
        array = array.host()
    views = memory_order(array) if mask is None else memory_order(array, mask)

    def scan(indices: Sequence[Any]) -> Extent:
        found = _NOTHING
        for index in indices:
            found = found.join(_block_extent(*(view[index] for view in views), positive=positive))
        return found

    found = _NOTHING
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
    if isinstance(value, int):
        return value
    if isinstance(value, np.longdouble):
        return value if value.dtype.itemsize > 8 else float(value)  # type: ignore[return-value]
    number: Number = value.item()
    return number


def resolve_limits(
    array: Array | DeviceArray,
    mask: Array | None,
    scale: ValueScale,
    dtype: str = "",
    known: Sequence[Extent] = (),
) -> Limits:
    """Resolve the limits of an array: exact for minimum and maximum, sampled for percentiles.

    ``scale`` has the array's own channel axis; its norm is none that is a callable. ``dtype`` is
    the one that came in, so that limits of dates can be dates; ``known`` is the array's extent, or
    one a channel, if the caller has looked already.

    Raises ValueError or TypeError for limits that mean nothing.
    """
    axis, norm = scale.channel_axis, scale.norm
    if norm.edges is not None:  # the outer ones are the limits
        parse_edges(norm.edges, dtype)
    low, high = parse_limit("vmin", scale.vmin, dtype), parse_limit("vmax", scale.vmax, dtype)
    check_limit_counts(scale, 1 if axis is None else array.shape[axis])
    if norm.positive:
        _check_positive(low, high, scale.vsym)
    if array.dtype == np.uint8 and scale.untouched:
        return Limits((0,), (255,), unchanged=True)
    if array.dtype.kind == "b" and low is high is None:
        norm = LINEAR  # False is black and True white, under log as well
    count = max(len(low or ()), len(high or ()), 1)
    if count > 1 and norm.levels is not None:
        raise ValueError(f"levels must have one pair of limits, but got {count} of them")
    parts = []
    for channel in range(count):
        part, part_mask = array, mask
        if count > 1:
            index: Any = (*[slice(None)] * (axis or 0), channel)
            part, part_mask = array[index], None if mask is None else mask[index]
        ends = _pick(low, channel), _pick(high, channel)
        own = known[channel] if len(known) == count else None
        parts.append(
            _resolve_one(part, part_mask, *ends, scale.vsym, scale.contrast or "minmax", own, norm)
        )
    return _with_edges(join_channels(parts), dtype)


def _with_edges(limits: Limits, dtype: str) -> Limits:
    """Return limits with the edges of discrete levels, which may reach a bit beyond them."""
    levels = limits.norm.levels
    if levels is None:
        return limits
    if isinstance(levels, int):
        if is_date(dtype):
            raise ValueError(f"levels must be edges for {dtype} values, but got {levels}")
        edges = find_edges(limits.vmin[0], limits.vmax[0], levels)
    else:
        edges = parse_edges(levels, dtype)
    norm = replace(limits.norm, levels=edges)
    return limits._replace(vmin=(edges[0],), vmax=(edges[-1],), norm=norm)


def resolve_gathered(
    scale: ValueScale,
    kind: np.dtype[Any],
    extents: Sequence[Extent],
    samples: Sequence[Array] = (),
    dtype: str = "",
) -> Limits:
    """Resolve the limits of values that came part by part, of the dtype ``kind``.

    ``extents`` and, for percentiles, ``samples`` are one a channel where limits are.
    """
    parts = []
    for channel, known in enumerate(extents):
        values: Array = np.zeros((1, 1), kind)
        mask: Array | None = np.ones((1, 1), bool)
        if samples and samples[channel].size:
            values, mask = samples[channel].astype(kind, copy=False)[None], None
        parts.append(resolve_limits(values, mask, scale.of_channel(channel), dtype, [known]))
    return join_channels(parts)


class GatheredValues:
    """What the limits of values that come part by part need: their extent, and a sample of them.

    ``scale`` is that of one channel.
    """

    def __init__(self, scale: ValueScale) -> None:
        self.scale, self.known = scale, Extent()
        self._positive = scale.norm.positive
        self._sample = ValueSample("positive" if self._positive else "finite")

    def add(self, values: Values, number: int) -> None:
        """Look at a part, whose ``number`` is its own."""
        self.known = self.known.join(extent(values.array, values.mask, positive=self._positive))
        if self.scale.sampled:
            self._sample.add(values.array, values.mask, (number,))

    def resolve(self, kind: np.dtype[Any], dtype: str = "") -> Limits:
        """Return the limits that hold for all parts."""
        samples = [self._sample.values] if self.scale.sampled else []
        return resolve_gathered(self.scale, kind, [self.known], samples, dtype)


class GatheredForNorm:
    """What a callable norm finds its limits from, of values that come part by part."""

    def __init__(self, norm: Norm) -> None:
        self.norm, self.known, self.positive = norm, Extent(), Extent()
        self._sample = ValueSample() if wants_sample(norm) else None

    def add(self, values: Values, number: int) -> None:
        """Look at a part, whose ``number`` is its own."""
        self.known = self.known.join(extent(values.array, values.mask))
        self.positive = self.positive.join(extent(values.array, values.mask, positive=True))
        if self._sample is not None:
            self._sample.add(values.array, values.mask, (number,))

    def settle(self, vmin: Any = None, vmax: Any = None) -> Norm:
        """Return the norm with the limits that it has for all parts, unless given."""
        sample = np.empty(0) if self._sample is None else self._sample.values
        shown = join_ends(self.known, self.positive, sample)
        return with_limits(self.norm, shown if shown.size else np.array([0.0, 1.0]), vmin, vmax)


def join_ends(known: Extent, positive: Extent, sample: Array) -> Array:
    """Return a sample, and the extremes that it lacks, as float64."""
    ends = [end for end in (known.low, known.high, positive.low) if end is not None]
    if sample.size:
        low, high = sample.min(), sample.max()
        ends = [end for end in ends if not low <= end <= high]
    joined: Array = np.concatenate([sample, np.array(ends, np.float64)]).astype(np.float64)
    return joined


def check_limit_counts(scale: ValueScale, channels: int) -> None:
    """Raise ValueError unless there is one limit, or one for each channel."""
    for name, limit in (("vmin", scale.vmin), ("vmax", scale.vmax)):
        if count_limits(limit) not in (0, 1, channels):
            what = "one number" if channels == 1 else f"one number or one for each of {channels}"
            way = ": give vmin and vmax, a number each" if channels == 1 else ""
            raise ValueError(
                f"{name} must be {what}{' channels' if channels > 1 else ''}, "
                f"but got {len(limit)}: {list(limit)}{way}"
            )


def join_channels(parts: Sequence[Limits]) -> Limits:
    """Return limits of each channel as limits of all, which have one norm: of the middle noise."""
    norms = sorted((part.norm for part in parts), key=lambda norm: norm.noise or 0)
    return Limits(
        tuple(part.vmin[0] for part in parts),
        tuple(part.vmax[0] for part in parts),
        parts[0].vsym,
        blank=all(part.blank for part in parts),
        clean=all(part.clean for part in parts),
        norm=norms[len(norms) // 2],
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
    contrast: Contrast,
    known: Extent | None,
    norm: Norm,
) -> Limits:
    blank = False
    if array.dtype.char == "g":
        vmin, vmax = _as_comparable(vmin), _as_comparable(vmax)
    if vmin is None or vmax is None:
        if norm.positive and not (known and known.low is not None and known.low > 0):
            known = extent(array, mask, positive=True)
        elif contrast == "minmax" and known is None:
            known = extent(array, mask)
        low, high, blank = _find_ends(array, mask, contrast, known, norm.positive)
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
    if norm.wants_noise:
        norm = replace(norm, noise=find_noise(sample(array, mask)))
    clean = False
    if known is not None and known.low is not None and known.high is not None:
        clean = known.finite and vmin <= known.low and known.high <= vmax and norm.linear
    return Limits((vmin,), (vmax,), vsym, blank=blank, clean=clean, norm=norm)


def as_threshold(limit: Any) -> Array:
    """Return the largest float64 that is not above a limit: what floats above the limit are above.

    One in an array, which NumPy compares in float64 whatever the other's precision is.
    """
    if isinstance(limit, np.longdouble):
        return np.array([limit])
    nearest = np.array([float(limit)])
    return nearest if float(limit) <= limit else np.nextafter(nearest, -np.inf)


def _as_comparable(limit: Number | None) -> Number | None:
    """Return a limit that NumPy 1 can compare with a long double: no integer beyond 64 bits."""
    if isinstance(limit, int) and abs(limit) >= 2**63:
        return np.longdouble(limit)
    return limit


def _find_ends(
    array: Array | DeviceArray,
    mask: Array | None,
    contrast: Contrast,
    known: Extent | None,
    positive: bool,
) -> tuple[Number, Number, bool]:
    """Return the limits that the data and the contrast give, and whether no value is finite."""
    if array.dtype.kind == "b":
        return 0, 1, False
    if isinstance(contrast, tuple) or contrast == "zscale":
        values = sample(array, mask, "positive" if positive else "finite")
        if not values.size:
            return 0, 1, True
        if contrast == "zscale":
            return *find_zscale(values), False
        low, high = map(_number, find_percentiles(values, contrast))
        if contrast[0] == 0 or contrast[1] == 100:  # the sample may lack the extremes
            least, most, _ = known or extent(array, mask, positive=positive)
            low = least if contrast[0] == 0 and least is not None else low
            high = most if contrast[1] == 100 and most is not None else high
        return low, high, False
    if contrast == "infer" and array.dtype.kind in "iu":
        info = np.iinfo(array.dtype)
        return int(info.min), int(info.max), False
    found = known or extent(array, mask)
    if found.low is None or found.high is None:
        return 0, 1, True
    if contrast == "infer":
        most = max(found.high, -found.low)
        top = next((scale for scale in FULL_SCALES if most <= scale), most)
        return (0 if found.low >= 0 else -top), top, False
    return found.low, found.high, False


def blank_words(limits: Limits) -> str:
    """Return what is said of values of which none can be shown."""
    if limits.called is not None:
        return "no finite value that the norm has a place for"
    return "no finite value above 0" if limits.norm.positive else "no finite value"


def warn_blank(shape: tuple[int, ...], dtype: str, limits: Limits) -> None:
    """Say that a picture shows nothing."""
    warn(
        f"{blank_words(limits)} in the {dtype} array of shape {shape}: "
        "the picture is fully transparent",
    )
