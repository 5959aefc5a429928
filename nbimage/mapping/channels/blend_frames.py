"""Frames of channels that are no colors: each a picture, in limits that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nbimage.arrays.ingest import Values, as_values, pick
from nbimage.mapping.channels.blend import blend_channels, check_channel_limits, find_channels
from nbimage.mapping.limits import GatheredValues, Limits, resolve_limits
from nbimage.mapping.value_scale import ValueScale


class ChannelFrames(Sequence[Values]):
    """Frames whose values have ``channels``, read one at a time."""


class _ListedFrames(ChannelFrames):
    """Those of a list, or of several files."""

    def __init__(self, frames: Sequence[Any], channel_axis: int | None) -> None:
        self._frames, self._channel_axis = frames, channel_axis

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        values = as_values(self._frames[index])
        return find_channels(values, self._channel_axis) or values


class _BlendedFrames(Sequence[Values]):
    """The same as RGB."""

    def __init__(
        self, frames: ChannelFrames, scale: ValueScale, limits: Sequence[Limits] | None
    ) -> None:
        self._frames, self._scale, self._limits = frames, scale, limits

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        frame = self._frames[index]
        found = blend_channels(frame, self._scale, None, self._limits)
        return frame if found is None else found[0]


def find_channel_frames(data: Any, channel_axis: int | None) -> ChannelFrames | None:
    """Return frames of channels that are no colors; None for any other data."""
    if isinstance(data, ChannelFrames):
        return data
    listed = isinstance(data, (list, tuple)) or getattr(data, "of_files", False)
    if not listed or not len(data):
        return None
    named = hasattr(data[0], "dims") or isinstance(data[0], Values)
    if not named or find_channels(as_values(data[0]), channel_axis) is None:
        return None
    return _ListedFrames(data, channel_axis)


def blend_frames(
    frames: ChannelFrames, scale: ValueScale, shared: bool
) -> tuple[Sequence[Values], str]:
    """Return frames as RGB, and a line on one of them.

    ``shared``: each channel has the same limits in all frames, those of its window or of all that
    is in it; else those of each frame.
    """
    first = frames[0]
    limits = _find_limits(frames, first, scale) if shared else None
    if not shared and scale.contrast is None:
        scale = scale._replace(contrast="minmax")
    found = blend_channels(first, scale, None, limits)
    if found is None:
        raise ValueError(f"frames must have channels, but have shape {first.shape}")
    return _BlendedFrames(frames, scale, limits), found[1]


def _find_limits(frames: ChannelFrames, first: Values, scale: ValueScale) -> list[Limits] | None:
    """Return the limits of each channel in all frames; None where one frame tells them."""
    if first.channels is None:
        return None
    axis = first.channels.axis
    count, windows = first.shape[axis], first.metadata.windows
    check_channel_limits(scale, count)
    windows = windows if len(windows) == count else (None,) * count
    own = [scale.of_channel(i).within((window,)) for i, window in enumerate(windows)]
    if all(_is_settled(first, one) for one in own):
        return None
    parts = [GatheredValues(one) for one in own]
    for number, frame in enumerate(frames):
        for channel, part in enumerate(parts):
            part.add(pick(frame, axis, channel), number)
    dtype = first.array.dtype
    return [
        resolve_limits(pick(first, axis, i).array, None, one, first.dtype)
        if _is_settled(first, one)
        else part.resolve(dtype, first.dtype)
        for i, (one, part) in enumerate(zip(own, parts, strict=True))
    ]


def _is_settled(first: Values, scale: ValueScale) -> bool:
    """Say whether limits hold whatever the values are."""
    given = scale.vmin is not None and scale.vmax is not None
    kind, size = first.array.dtype.kind, first.array.dtype.itemsize
    return given or (kind in "ub" and size == 1 and scale.untouched)
