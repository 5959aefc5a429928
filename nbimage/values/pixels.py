"""The frozen result of the way from values to pixels: what a picture is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.values.blocks import Array
from nbimage.values.channels import resolve_channel_axis
from nbimage.values.device import DeviceArray
from nbimage.values.intake import Values, as_values
from nbimage.values.limits import (
    Contrast,
    Extent,
    Limit,
    Limits,
    extent,
    limit_count,
    resolve_limits,
    warn_blank,
)
from nbimage.values.reduce import area_mean
from nbimage.values.rerange import map_values

_FULL_SCALE = {"b": 1, "f": 1}


@dataclass(frozen=True, slots=True)
class Pixels:
    """Pixels ready to encode, and what was done to the values to get them."""

    array: Array
    """uint8, C-contiguous: ``(H, W)`` gray, ``(H, W, 2)`` gray and alpha, ``(H, W, 3|4)``."""
    mask: Array | None
    """True where a pixel is missing and shows the page: ``(H, W)`` bool, or None."""
    bilevel: bool
    """The values were booleans: every pixel is 0 or 255."""
    description: str
    """One line: shape, dtype, value range, mapping."""

    def with_alpha(self) -> Array:
        """Return the array with missing pixels as alpha 0, an alpha channel added if need be."""
        if self.mask is None:
            return self.array
        array = self.array if self.array.ndim == 3 else self.array[:, :, None]
        channels = array.shape[2]
        colours = channels - (channels in (2, 4))
        out = np.empty((*array.shape[:2], colours + 1), np.uint8)
        out[:, :, :colours] = array[:, :, :colours]
        out[:, :, colours] = 255 if colours == channels else array[:, :, colours]
        out[self.mask] = 0
        return out

    def reduced(self, factor: int) -> Pixels:
        """Return these pixels reduced by a whole factor, by area means."""
        if factor == 1:
            return self
        return Pixels(area_mean(self.with_alpha(), factor), None, False, self.description)


def as_pixels(
    data: Any,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    *,
    contrast: Contrast = "minmax",
    channel_axis: int | None = None,
) -> Pixels:
    """Take one picture of any array-like all the way to pixels.

    Alpha is coverage, not a value: the last of four channels, or of two where ``channel_axis`` or
    a name says that these are channels, does not count for the limits and takes its own full
    scale (0…1 of floats, the dtype's range of integers), unless limits are given for it as well.
    """
    values = as_values(data)
    axis = resolve_channel_axis(values.shape, channel_axis, values.names)
    if len(values.shape) > 3:
        raise ValueError(
            f"data must be one picture of 2 or 3 axes, but got shape {values.shape}: index it first"
        )
    channels = 1 if axis is None else values.shape[axis]
    colour = without_alpha(values, axis, vmin, vmax)
    array, mask = colour.array, colour.mask
    known = extent(array, mask)
    limits = resolve_limits(array, mask, vmin, vmax, vsym, contrast, axis, values.dtype, [known])
    missing = _missing(colour, limits, known, axis)
    pixels = map_picture(values, colour, limits, axis)
    if limits.blank:
        warn_blank(values.shape, values.dtype)
        missing = np.ones(pixels.shape[:2], bool)
    return Pixels(
        pixels,
        missing,
        values.array.dtype.kind == "b" and pixels.ndim == 2 and _is_black_and_white(limits),
        describe(values, limits, known, channels, axis),
    )


def without_alpha(values: Values, axis: int | None, vmin: Limit, vmax: Limit) -> Values:
    """Return the channels that the limits are about: all but an alpha without limits given."""
    channels = 1 if axis is None else values.shape[axis]
    if channels not in (2, 4) or channels in (limit_count(vmin), limit_count(vmax)):
        return values
    return _part(values, axis, slice(0, channels - 1))


def map_picture(values: Values, colour: Values, limits: Limits, axis: int | None) -> Array:
    """Return the pixels of one picture, channels last: colours by the limits, alpha by its own.

    C-contiguous, ``(H, W)`` or ``(H, W, 2|3|4)``; ``colour`` is what `without_alpha` gave.
    """
    if limits.unchanged:  # alpha as well: all channels in one go
        colour = values
    pixels = _last(map_values(colour.array, colour.mask, limits, axis), axis)
    if colour is not values and axis is not None:
        channels = values.shape[axis]
        alpha = _part(values, axis, slice(channels - 1, channels))
        top = _FULL_SCALE.get(alpha.array.dtype.kind) or int(np.iinfo(alpha.array.dtype).max)
        full = Limits((0,), (top,), unchanged=alpha.array.dtype == np.uint8)
        coverage = _last(map_values(alpha.array, alpha.mask, full, axis), axis)
        pixels = np.concatenate((pixels, coverage), axis=-1)
    if axis is not None and values.shape[axis] == 1:
        pixels = pixels[:, :, 0]
    return np.ascontiguousarray(pixels)


def _is_black_and_white(limits: Limits) -> bool:
    """Return whether booleans become black and white, and nothing between."""
    return (limits.vmin, limits.vmax, limits.vsym) == ((0,), (1,), False)


def describe(values: Values, limits: Limits, known: Extent, channels: int, axis: int | None) -> str:
    """Return one line on what came in and how its values became pixels."""
    shape = "×".join(str(n) for n in values.shape)
    kind = {1: "gray", 2: "gray and alpha", 3: "RGB", 4: "RGBA"}[channels]
    if axis == 0 and channels > 1:
        kind = f"planar {kind}"
    text = f"{shape} {values.dtype}, {kind}"
    if limits.blank:
        return f"{text}, no finite value"
    if known.low is not None and known.high is not None:  # else nobody has looked
        text = f"{text}, values {_said(values, known.low)} to {_said(values, known.high)}"
    if limits.unchanged:
        return f"{text} shown as they are"
    low, high = (
        " | ".join(_said(values, x) for x in limit) for limit in (limits.vmin, limits.vmax)
    )
    return f"{text}, black is {low}, white is {high}"


def _said(values: Values, number: float) -> str:
    """Return a value in words: dates as dates, numbers with six digits at most."""
    if values.dtype.startswith(("datetime64", "timedelta64")):
        return str(np.int64(number).astype(values.dtype))
    return f"{number:.6g}" if not isinstance(number, int) else str(number)


def _part(values: Values, axis: int | None, channels: slice) -> Values:
    index: Any = (*[slice(None)] * (axis or 0), channels)
    mask = None if values.mask is None else values.mask[index]
    return Values(values.array[index], mask, values.names, values.dtype)


def _last(array: Array, axis: int | None) -> Array:
    return array if axis is None else np.moveaxis(array, axis, -1)


def _missing(values: Values, limits: Limits, known: Extent, axis: int | None) -> Array | None:
    """Return where a pixel has a missing value in any channel, as ``(H, W)``; None if nowhere."""
    if values.mask is None and (known.finite or limits.unchanged):
        return None
    missing = values.mask
    if values.array.dtype.kind == "f":
        if isinstance(values.array, DeviceArray):
            nan = values.array.missing()
        else:
            nan = np.isnan(values.array)
        missing = nan if missing is None else nan | missing
    if missing is None or not missing.any():
        return None
    return np.array(missing) if axis is None else np.asarray(missing.any(axis=axis))
