"""Channels that are no colors as one picture: found, given limits and colors, and added up.

Not here: which colors these are (`composite`), the sum itself (`layers`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, find_composite_axis, plain_name
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.channels import check_channel_axis
from nbimage.arrays.colors import Samples
from nbimage.arrays.further import ANY_NUMBER, ONE_PICTURE
from nbimage.arrays.ingest import Values, pick, without_dropped
from nbimage.arrays.metadata import DescribedChannels, label_channels
from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.mapping.channels.channel_limits import channel_scales, find_channel_limits
from nbimage.mapping.channels.composite import (
    ChannelColor,
    Rgb,
    name_channels,
    with_file_colors,
)
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.color_scale import format_value
from nbimage.mapping.limits import Limits, warn_blank
from nbimage.mapping.value_scale import ValueScale, is_date

Asked = Sequence[ChannelColor] | Literal[False] | None
"""What `resolve_channels` returns."""
_DASH = "\u2013"


class ShownChannel(NamedTuple):
    """A channel of a composite, for its legend."""

    name: str
    color: Rgb
    ends: str
    """The values that are black and that have the whole color: "0 to 812", short."""


class Blend(NamedTuple):
    """A composite as a picture in colors, and what is said of it."""

    values: Values
    text: str
    channels: tuple[ShownChannel, ...]
    shape: tuple[int, ...]
    """Of the channels' values."""


def find_channels(values: Values, channel_axis: int | None, asked: Asked = None) -> Values | None:
    """Return values whose ``channels`` are to be laid over one another; None for any other.

    ``asked``: the colors that the caller gives them, or False for no composite. Raises ValueError
    for channels that are asked for and are not there.
    """
    if asked is False:
        return None
    if asked is not None:
        return _pick_channels(values, channel_axis, asked)
    if values.channels is not None:
        return values
    if len(values.shape) < 3 or values.metadata.labels:
        return None
    samples = Samples(values.array, values.mask, values.metadata)
    with collect_warnings() as caught:  # of any other picture they come later
        order = resolve_axis_order(
            values.shape, values.names, None, channel_axis, further=ANY_NUMBER, samples=samples
        )
    if order.channels is not None or len(order.further) != 1:
        return None
    if find_composite_axis(order.axes(values.shape)) is None:
        return None
    for message in caught:
        warn(message)
    values = without_dropped(values, order)
    axis = order.without_dropped().further[0]
    return replace(values, channels=DescribedChannels(axis, label_channels(values.metadata, axis)))


def _pick_channels(
    values: Values, channel_axis: int | None, asked: Sequence[ChannelColor]
) -> Values:
    """Return the channels of the names that are asked for, or all of them in these colors."""
    colors: tuple[str, ...] = ()
    if values.channels is None:
        words = CHANNEL_NAMES | SAMPLE_NAMES
        names = values.names or ()
        named = [axis for axis, name in enumerate(names) if plain_name(name) in words]
        axes = named if channel_axis is None else [check_channel_axis(values.shape, channel_axis)]
        if len(axes) == 1 and len(values.shape) > 2:
            values = _pick_named(values, axes[0], label_channels(values.metadata, axes[0]), asked)
        order = resolve_axis_order(
            values.shape,
            values.names,
            None,
            channel_axis,
            further=ONE_PICTURE,
            channels=len(asked),
        )
        values = without_dropped(values, order)
        axis = order.without_dropped().channels or 0
    else:
        axis, names, colors = values.channels
        values = _pick_named(values, axis, names, asked)
        colors = () if values.channels is None else values.channels.colors
        count = values.shape[axis]
        if count != len(asked):
            raise ValueError(
                f"channels must be {count}, one for each of the image, but got {len(asked)}"
            )
    shown = with_file_colors(tuple(asked), colors)
    found = DescribedChannels(
        axis,
        tuple(one.name for one in shown),
        tuple("#{:02x}{:02x}{:02x}".format(*one.color) for one in shown),
    )
    return replace(values, channels=found, metadata=replace(values.metadata, hidden=()))


def _pick_named(
    values: Values, axis: int, names: Sequence[str], asked: Sequence[ChannelColor]
) -> Values:
    """Return the channels of the names that are asked for, in that order; else all of them."""
    known = [name.strip().lower() for name in names]
    wanted = [one.name.strip().lower() for one in asked]
    if any(known.count(name) != 1 for name in wanted) or known == wanted:
        return values
    numbers = [known.index(name) for name in wanted]
    where: Any = (*[slice(None)] * axis, numbers)
    metadata = values.metadata
    if len(metadata.windows) == len(names):
        windows = tuple(metadata.windows[number] for number in numbers)
        metadata = replace(metadata, windows=windows)
    channels = values.channels
    if channels is not None:
        colors = channels.colors if len(channels.colors) == len(names) else ()
        channels = DescribedChannels(
            axis,
            tuple(names[number] for number in numbers),
            tuple(colors[number] for number in numbers) if colors else (),
        )
    return replace(
        values,
        array=values.array[where],
        mask=None if values.mask is None else values.mask[where],
        metadata=metadata,
        channels=channels,
    )


def blend_channels(
    values: Values,
    scale: ValueScale,
    channel_axis: int | None,
    limits: Sequence[Limits] | None = None,
    asked: Asked = None,
) -> Blend | None:
    """Return channels that are no colors as RGB, and what is said of them; None for any other.

    ``limits``: of each channel, where they are known. Raises ValueError for more limits than one,
    or than one a channel.
    """
    found = find_channels(values, channel_axis, asked)
    if found is None or found.channels is None:
        return None
    axis, names, colors = found.channels
    count = found.shape[axis]
    scale = scale.in_unit(found.metadata.value_unit)
    own = channel_scales(scale, found.metadata.windows, count, found.array.dtype)
    limits = limits or [
        find_channel_limits([pick(found, axis, number)], one, scale)[0]
        for number, one in enumerate(own)
    ]
    shown, lit = light_channels(count, names, colors, found.metadata.hidden)
    rgb = composite(found, axis, lit, limits)
    dtype = found.dtype or str(found.array.dtype)
    if all(one.blank for one in limits):
        warn_blank(found.shape, dtype, limits[0])
    return Blend(
        replace(rgb, names=(None, None, "sample")),
        describe_composite(found, found.shape, shown, limits),
        describe_channels(lit, limits, dtype),
        found.shape,
    )


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
    sides, dtype = "×".join(map(str, shape)), values.dtype or str(values.array.dtype)
    ranges = ", ".join(
        f"{one.name} {format_value(dtype, own.vmin[0])} to {format_value(dtype, own.vmax[0])}"
        for one, own in zip(colors, limits, strict=True)
    )
    note = f", {values.metadata.note}" if values.metadata.note else ""
    return f"{sides} {dtype}, {ranges}{note}"


def describe_channels(
    colors: Sequence[ChannelColor], limits: Sequence[Limits], dtype: str
) -> tuple[ShownChannel, ...]:
    """Return the entries of a legend, of the channels that are seen."""
    return tuple(
        ShownChannel(one.name, one.color, _format_ends(dtype, own.vmin[0], own.vmax[0]))
        for one, own in zip(colors, limits, strict=True)
        if any(one.color)
    )


def _format_number(end: float) -> str:
    """Return a number with four digits, and with all of those before the point up to a million."""
    return f"{end:,.0f}" if 1000 <= abs(end) < 1e6 else f"{end:,.4g}"


def _format_ends(dtype: str, low: float, high: float) -> str:
    ends = [
        format_value(dtype, end)
        if is_date(dtype)
        else f"{end:,}"
        if isinstance(end, int)
        else _format_number(end)
        for end in (low, high)
    ]
    first, last = (end.replace("-", "−") if not is_date(dtype) else end for end in ends)
    return (
        f"{first} to {last}" if is_date(dtype) or "−" in first + last else f"{first}{_DASH}{last}"
    )


def describe_alt(what: str, size: str, channels: Sequence[ShownChannel]) -> str:
    """Return a composite's alternative text: one sentence on its size and channels; "" of none."""
    if not channels:
        return ""
    names = ", ".join(f"{one.name} {one.ends}" for one in channels)
    return f"Composite {what}, {size}, of {len(channels)} channels: {names}."
