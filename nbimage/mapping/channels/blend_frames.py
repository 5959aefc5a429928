"""Frames of channels that are no colors: each a picture, in limits that all of them share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import find_composite_axis
from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.further import ANY_NUMBER
from nbimage.arrays.ingest import Values, as_values, pick, without_dropped
from nbimage.arrays.metadata import DescribedChannels, label_channels
from nbimage.base.user_warnings import collect_warnings
from nbimage.mapping.channels.blend import (
    Asked,
    Blend,
    blend_channels,
    find_channels,
)
from nbimage.mapping.channels.channel_limits import channel_scales, spread_limits
from nbimage.mapping.limits import GatheredValues, Limits, resolve_limits
from nbimage.mapping.value_scale import ValueScale


class ChannelFrames(Sequence[Values]):
    """Frames whose values have ``channels``, read one at a time."""

    again = True
    """They can be read more than once."""


class _ListedFrames(ChannelFrames):
    """Those of a list, or of several files: all have the channels that the first one has."""

    def __init__(self, frames: Sequence[Any], channel_axis: int | None, asked: Asked) -> None:
        self._frames, self._channel_axis, self._asked = frames, channel_axis, asked
        self._like: Values | None = None

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        values = as_values(self._frames[index])
        like = self._like
        same = like is not None and values.shape == like.shape and values.channels is None
        if like is not None and same and not self._asked:
            return replace(values, channels=like.channels)
        found = find_channels(values, self._channel_axis, self._asked) or values
        if like is None:
            self._like = found
        return found


class _IteratedFrames(_ListedFrames):
    """Those of an iterator, read once."""

    again = False

    def __init__(self, first: Any, more: Iterator[Any], axis: int | None, asked: Asked) -> None:
        super().__init__([first], axis, asked)
        self._more = more

    def __iter__(self) -> Iterator[Values]:
        for frame in itertools.chain(self._frames, self._more):
            self._frames = [frame]
            yield self[0]


class _StackedFrames(ChannelFrames):
    """Those of an array, along an axis."""

    def __init__(self, values: Values, along: int, asked: Asked) -> None:
        self._values, self._along, self._asked = values, along, asked

    def __len__(self) -> int:
        return self._values.shape[self._along]

    def __getitem__(self, index: Any) -> Any:
        frame = pick(self._values, self._along, index)
        return find_channels(frame, None, self._asked) or frame


class _BlendedFrames(Sequence[Values]):
    """The same as RGB."""

    def __init__(
        self,
        frames: ChannelFrames,
        scale: ValueScale,
        limits: Sequence[Limits] | None,
    ) -> None:
        self._frames, self._scale, self._limits = frames, scale, limits
        self.texts: tuple[str, ...] = getattr(frames, "texts", ())

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        return self._blend(self._frames[index])

    def __iter__(self) -> Iterator[Values]:
        return map(self._blend, self._frames)

    def _blend(self, frame: Values) -> Values:
        with collect_warnings():  # the first frame has told them
            found = blend_channels(frame, self._scale, None, self._limits)
        return frame if found is None else found.values


def find_channel_frames(
    data: Any, channel_axis: int | None, asked: Asked = None
) -> ChannelFrames | Any:
    """Return frames of channels that are no colors; any other data as they are.

    An iterator of others is another one of the same frames.
    """
    if asked is False:
        return data
    if isinstance(data, ChannelFrames):
        return _ListedFrames(data, None, asked) if asked else data
    if isinstance(data, np.ndarray) or (isinstance(data, Values) and data.channels is None):
        return _split_stack(as_values(data), channel_axis, asked) or data
    if isinstance(data, Iterator):
        return _find_in_iterator(data, channel_axis, asked)
    listed = isinstance(data, (list, tuple)) or getattr(data, "of_files", False)
    if not listed or not len(data):
        return data
    first = data[0]
    if not hasattr(first, "shape") or len(first.shape) < 3:
        return data
    if find_channels(as_values(first, True), channel_axis, asked) is None:
        return data
    return _ListedFrames(data, channel_axis, asked)


def _find_in_iterator(data: Iterator[Any], channel_axis: int | None, asked: Asked) -> Any:
    """Return an iterator's frames, of which the first one is looked at."""
    try:
        first = next(data)
    except StopIteration:
        return iter(())
    whole = itertools.chain([first], data)
    if len(getattr(first, "shape", ())) < 3:
        return whole
    if find_channels(as_values(first, True), channel_axis, asked) is None:
        return whole
    return _IteratedFrames(first, data, channel_axis, asked)


def _split_stack(values: Values, channel_axis: int | None, asked: Asked) -> ChannelFrames | None:
    """Return the frames of an array in memory; None where they are no composites."""
    if len(values.shape) < 4:
        return None
    samples = Samples(values.array, values.mask, values.metadata)
    order = resolve_axis_order(
        values.shape,
        values.names,
        None,
        channel_axis,
        further=ANY_NUMBER,
        channels=len(asked) if asked else None,
        samples=samples,
    )
    found = find_composite_axis(order.axes(values.shape))
    axis = order.channels if asked else None if found is None else order.further[found]
    others = [one for one in order.further if one != axis]
    if not others and order.dropped:  # a stack of one
        others = [order.dropped[-1]]
        order = replace(order, dropped=order.dropped[:-1], further=(*others, *order.further))
    if axis is None or len(others) != 1 or (order.channels is not None and not asked):
        return None
    channels = DescribedChannels(axis, label_channels(values.metadata, axis))
    values = without_dropped(replace(values, channels=channels), order)
    along = others[0] - sum(one < others[0] for one in order.dropped)
    return _StackedFrames(values, along, asked)


def blend_frames(
    frames: ChannelFrames, scale: ValueScale, shared: bool
) -> tuple[Sequence[Values], Blend]:
    """Return frames as RGB, and one of them with what is said of it.

    ``shared``: each channel has the same limits in all frames, those of its window or of all that
    is in it; else those of each frame.
    """
    first = frames[0]
    scale = scale.in_unit(first.metadata.value_unit)
    limits = _find_limits(frames, first, scale) if shared else None
    found = blend_channels(first, scale, None, limits)
    if found is None:
        raise ValueError(f"frames must have channels, but have shape {first.shape}")
    blended = _BlendedFrames(frames, scale, limits)
    return blended, found


def _find_limits(frames: ChannelFrames, first: Values, scale: ValueScale) -> list[Limits] | None:
    """Return the limits of each channel in all frames; None where one frame tells them."""
    if first.channels is None:
        return None
    axis, dtype = first.channels.axis, first.array.dtype
    count = first.shape[axis]
    own = channel_scales(scale, first.metadata.windows, count, dtype)
    if all(_is_settled(first, one) for one in own):
        return None
    if not frames.again:
        raise ValueError(
            f"vmin and vmax must be given for an iterator of {dtype} frames, which is read once: "
            'give both, or contrast="frame", or uint8 frames'
        )
    parts = [GatheredValues(one) for one in own]
    for number, frame in enumerate(frames):
        for channel, part in enumerate(parts):
            part.add(pick(frame, axis, channel), number)
    return [
        resolve_limits(pick(first, axis, i).array, None, one, first.dtype)
        if _is_settled(first, one)
        else spread_limits(part.resolve(dtype, first.dtype), part.known, scale)
        for i, (one, part) in enumerate(zip(own, parts, strict=True))
    ]


def _is_settled(first: Values, scale: ValueScale) -> bool:
    """Say whether limits hold whatever the values are."""
    kind, size = first.array.dtype.kind, first.array.dtype.itemsize
    return scale.settled or (kind in "ub" and size == 1 and scale.untouched)
