"""Composites: channels in colors of their own, added up like light.

Not here: pictures of one channel or of red, green and blue (`nbimage.mapping`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, pick
from nbimage.base.chunked import Array
from nbimage.mapping.colormap import as_color
from nbimage.mapping.limits import Limits
from nbimage.mapping.rerange_values import map_values

MAX_CHANNELS = 16
_FEW_COLORS = {1: ("white",), 2: ("lime", "magenta")}
_COLORS = ("blue", "lime", "red", "magenta", "cyan", "yellow")
"""Colors of channels that were given none, each at full light; further ones are white."""
_NAMED = {"red": "red", "green": "lime", "blue": "blue"}
"""Those of channels that are called so, such as the bands of a satellite."""

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ChannelColor:
    """A channel's name, and the color of its largest values."""

    name: str
    color: Rgb
    given: bool = True
    """False: the color is a default, and a file may have a better one."""


def as_channel_colors(channels: Any) -> tuple[ChannelColor, ...]:
    """Return what ``channels=`` asks for: a dict of colors, names, or names with colors.

    Raises
    ------
    TypeError, ValueError
        For what is none of these, for unknown colors, and for more than 16.
    """
    pairs: list[tuple[Any, Any]] = []
    if isinstance(channels, Mapping):
        pairs = list(channels.items())
    elif isinstance(channels, Sequence) and not isinstance(channels, (str, bytes)):
        for entry in channels:
            if isinstance(entry, str):
                pairs.append((entry, None))
            elif isinstance(entry, (tuple, list)) and len(entry) == 2:
                pairs.append((entry[0], entry[1]))
            else:
                raise _not_channels(channels)
    else:
        raise _not_channels(channels)
    if not 1 <= len(pairs) <= MAX_CHANNELS:
        raise ValueError(f"channels must be 1 to {MAX_CHANNELS}, but got {len(pairs)}")
    named = [_NAMED.get(str(name).strip().lower()) for name, _ in pairs]
    defaults = _FEW_COLORS.get(len(pairs), _COLORS) if not any(named) else _COLORS
    others = [default for default in defaults if default not in named]
    channel_colors = []
    for (name, color), own in zip(pairs, named, strict=True):
        default = own or (others.pop(0) if others else "white")
        r, g, b, _ = as_color(f"channels[{name!r}]", default if color is None else color)
        channel_colors.append(ChannelColor(str(name), (r, g, b), color is not None))
    return tuple(channel_colors)


def name_channels(count: int, names: Sequence[str] = ()) -> tuple[ChannelColor, ...]:
    """Return so many channels in default colors, with a file's names where it has some."""
    known = names if len(names) == count else ("",) * count
    return as_channel_colors([name or f"channel {i}" for i, name in enumerate(known)])


def with_file_colors(
    channel_colors: Sequence[ChannelColor], colors: Sequence[str]
) -> tuple[ChannelColor, ...]:
    """Return channels with a file's colors, ``#rrggbb``, where the caller gave none."""
    if len(colors) != len(channel_colors):
        return tuple(channel_colors)
    return tuple(
        own if own.given else replace(own, color=as_color("color", color)[:3])
        for own, color in zip(channel_colors, colors, strict=True)
    )


def complete_colors(colors: Sequence[str]) -> tuple[str, ...]:
    """Return a file's colors, ``#rrggbb``, with a default for each channel that it gives none.

    Nothing where it gives none at all.
    """
    if not any(colors) or (len(colors) > MAX_CHANNELS and not all(colors)):
        return ()
    if all(colors):
        return tuple(colors)
    own = name_channels(len(colors))
    return tuple(
        color or "#{:02x}{:02x}{:02x}".format(*default.color)
        for color, default in zip(colors, own, strict=True)
    )


def _not_channels(channels: Any) -> TypeError:
    return TypeError(
        "channels must be names, (name, color) pairs or a dict {name: color}, but got "
        f"{str(channels)[:60]!r}"
    )


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
    total: Any = 0
    missing: Any = True
    for number, (own, limit) in enumerate(zip(channel_colors, limits, strict=True)):
        channel = values if axis is None else pick(values, axis, number)
        bins = map_values(channel.array, channel.mask, limit).astype(np.uint16)
        light = (bins[:, :, None] * np.array(own.color, np.uint16) + 127) // 255
        total = total + light
        missing = missing & _find_missing(channel, limit)
    rgb = np.minimum(total, 255).astype(np.uint8)
    metadata = replace(values.metadata, windows=())  # they were of the channels
    if metadata.coordinates:
        rest = tuple(c for i, c in enumerate(metadata.coordinates) if i != axis)
        metadata = replace(metadata, coordinates=(*rest, None))
    mask = np.repeat(missing[:, :, None], 3, axis=2) if np.any(missing) else None
    return Values(rgb, mask, None, "uint8", metadata)


def _find_missing(channel: Values, limits: Limits) -> Array:
    """Return where a channel has no value to show."""
    array = channel.array.host() if isinstance(channel.array, DeviceArray) else channel.array
    missing = np.zeros(array.shape, bool) if channel.mask is None else channel.mask
    if array.dtype.kind == "f":
        missing = missing | np.isnan(array)
    return missing | (array < 0) if limits.norm.positive else missing
