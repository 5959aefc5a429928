"""Channels in colors of their own, added up like light, a strip of rows at a time.

Not here: pictures of one channel or of red, green and blue (`nbimage.mapping`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, pick
from nbimage.base.chunked import Array, share_out
from nbimage.mapping.channels.composite import ChannelColor
from nbimage.mapping.limits import Limits
from nbimage.mapping.rerange_values import map_values

_STRIP = 1 << 16  # pixels that are added up at once: all of it stays in the cache


def composite(
    values: Values,
    axis: int | None,
    channel_colors: Sequence[ChannelColor],
    limits: Sequence[Limits],
) -> Values:
    """Return one picture's channels, each in its limits' 256 bins and its color, as RGB.

    The sum of ``(color * bin + 127) // 255``, 255 at most. What is missing in one channel adds
    nothing; what is missing in all of them is masked.
    """
    several = range(len(channel_colors))
    channels = [_on_host(values if axis is None else pick(values, axis, i)) for i in several]
    rows, columns = channels[0].shape
    rgb = np.empty((rows, columns, 3), np.uint8)
    both = list(zip(channels, limits, strict=True))
    gone = np.empty((rows, columns), bool) if all(_may_miss(*one) for one in both) else None
    step = max(1, _STRIP // columns)

    def add_up(starts: Sequence[int]) -> bool:
        found = False
        for start in starts:
            strip = slice(start, start + step)
            parts = [(_cut(channel, strip), limit) for channel, limit in both]
            _add_light(parts, channel_colors, rgb[strip])
            if gone is not None:
                gone[strip] = _find_missing(*parts[0])
                for part in parts[1:]:
                    gone[strip] &= _find_missing(*part)
                found = found or bool(gone[strip].any())
        return found

    missing = any(share_out(add_up, range(0, rows, step)))
    metadata = replace(values.metadata, windows=())  # they were of the channels
    if metadata.coordinates:
        rest = tuple(c for i, c in enumerate(metadata.coordinates) if i != axis)
        metadata = replace(metadata, coordinates=(*rest, None))
    mask = np.repeat(gone[:, :, None], 3, axis=2) if missing and gone is not None else None
    return Values(rgb, mask, None, "uint8", metadata)


def _on_host(channel: Values) -> Values:
    array = channel.array
    return replace(channel, array=array.host()) if isinstance(array, DeviceArray) else channel


def _cut(channel: Values, rows: slice) -> tuple[Array, Array | None]:
    """Return some rows of a channel, and where they are masked."""
    return np.asarray(channel.array[rows]), None if channel.mask is None else channel.mask[rows]


def _add_light(
    parts: Sequence[tuple[tuple[Array, Array | None], Limits]],
    channel_colors: Sequence[ChannelColor],
    out: Array,
) -> None:
    """Add channels up: each adds to red, green and blue what its color has of them."""
    lanes: list[Array | None] = [None, None, None]
    for ((array, mask), limit), own in zip(parts, channel_colors, strict=True):
        if not any(own.color):
            continue
        bins = map_values(array, mask, limit)
        for lane, share in enumerate(own.color):
            if not share:
                continue
            light = bins if share == 255 else np.take(_shade(share), bins)
            sum_ = lanes[lane]
            if sum_ is None:
                lanes[lane] = light.copy() if light is bins else light
            else:
                np.add(sum_, light, out=sum_)
                sum_ |= np.negative((sum_ < light).view(np.uint8))  # what is beyond 255 is 255
    for lane, shown in enumerate(lanes):
        out[:, :, lane] = 0 if shown is None else shown


def _shade(share: int) -> Array:
    """Return the light of each bin, of a color that has so much of red, green or blue."""
    return ((np.arange(256) * share + 127) // 255).astype(np.uint8)


def _may_miss(channel: Values, limits: Limits) -> bool:
    return channel.mask is not None or channel.array.dtype.kind == "f" or limits.norm.positive


def _find_missing(part: tuple[Array, Array | None], limits: Limits) -> Array:
    """Return where a channel has no value to show."""
    array, mask = part
    missing: Array = np.zeros(array.shape, bool) if mask is None else mask
    if array.dtype.kind == "f":
        missing = missing | np.isnan(array)
    return missing | (array < 0) if limits.norm.positive else missing
