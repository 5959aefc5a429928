"""One picture of channels that are no colors: each in its limits and its color, added up.

Not here: which axis holds them (`nbimage.arrays.axis_names`), the sum itself (`composite`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, find_composite_axis, plain_name
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.further import ANY_NUMBER
from nbimage.arrays.ingest import Values, pick, without_dropped
from nbimage.arrays.metadata import DescribedChannels
from nbimage.mapping.channels.composite import (
    ChannelColor,
    composite,
    name_channels,
    with_file_colors,
)
from nbimage.mapping.limits import Limits
from nbimage.mapping.shared_limits import common_limits
from nbimage.mapping.value_scale import ValueScale, count_limits

_BYTES = Limits((0,), (255,), unchanged=True)


def find_channels(values: Values, channel_axis: int | None) -> Values | None:
    """Return values whose ``channels`` are to be laid over one another; None for any other."""
    if values.channels is not None:
        return values
    words = CHANNEL_NAMES | SAMPLE_NAMES
    named = values.names is not None and any(plain_name(name) in words for name in values.names)
    if channel_axis is not None or not named or len(values.shape) < 3:
        return None
    order = resolve_axis_order(
        values.shape, values.names, further=ANY_NUMBER, dtype=values.array.dtype
    )
    if order.channels is not None or len(order.further) != 1:
        return None
    if find_composite_axis(order.axes(values.shape)) is None:
        return None
    values = without_dropped(values, order)
    axis = order.without_dropped().further[0]
    known = values.metadata.along(axis)
    names: tuple[str, ...] = ()
    if known is not None and known.values is not None and known.values.dtype.kind in "UO":
        names = tuple(map(str, known.values))
    return replace(values, channels=DescribedChannels(axis, names))


def check_channel_limits(scale: ValueScale, count: int) -> None:
    """Raise ValueError unless limits are one, or one a channel."""
    for name, limit in (("vmin", scale.vmin), ("vmax", scale.vmax)):
        given = count_limits(limit)
        if given not in (0, 1, count):
            raise ValueError(
                f"{name} must be one number or one for each of {count} channels, but got {given}"
            )


def blend_channels(
    values: Values,
    scale: ValueScale,
    channel_axis: int | None,
    limits: Sequence[Limits] | None = None,
) -> tuple[Values, str] | None:
    """Return channels that are no colors as RGB, and a line on them; None for any other values.

    ``limits``: of each channel, where they are known. Raises ValueError for more limits than one,
    or than one a channel.
    """
    found = find_channels(values, channel_axis)
    if found is None or found.channels is None:
        return None
    axis, names, colors = found.channels
    count = found.shape[axis]
    check_channel_limits(scale, count)
    windows = found.metadata.windows
    windows = windows if len(windows) == count else (None,) * count
    limits = limits or [
        _find_limits(pick(found, axis, number), scale.of_channel(number).within((window,)))
        for number, window in enumerate(windows)
    ]
    shown, lit = light_channels(count, names, colors, found.metadata.hidden)
    rgb = composite(found, axis, lit, limits)
    text = describe_composite(found, found.shape, shown, limits)
    return replace(rgb, names=(None, None, "sample")), text


def light_channels(
    count: int, names: Sequence[str], colors: Sequence[str], hidden: Sequence[int]
) -> tuple[Sequence[ChannelColor], list[ChannelColor]]:
    """Return channels with their colors, and with black for those that a file hides."""
    shown = with_file_colors(name_channels(count, names), colors)
    dark = set(hidden) if len(set(hidden)) < count else set()
    return shown, [
        replace(own, color=(0, 0, 0)) if i in dark else own for i, own in enumerate(shown)
    ]


def describe_composite(
    values: Values,
    shape: Sequence[int],
    colors: Sequence[ChannelColor],
    limits: Sequence[Limits],
) -> str:
    """Return a line on a composite."""
    sides = "×".join(map(str, shape))
    ranges = ", ".join(
        f"{one.name} {own.vmin[0]:g} to {own.vmax[0]:g}"
        for one, own in zip(colors, limits, strict=True)
    )
    note = f", {values.metadata.note}" if values.metadata.note else ""
    return f"{sides} {values.dtype or values.array.dtype}, {ranges}{note}"


def _find_limits(channel: Values, scale: ValueScale) -> Limits:
    found = common_limits([channel], scale)
    if found is not None:
        return found[0]
    return Limits((0,), (1,)) if channel.array.dtype == np.bool_ else _BYTES
