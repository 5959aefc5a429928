"""Channels that are no colors, read of a file as one picture.

Not here: which axis holds them (`nbimage.arrays.axis_names`), how they are laid over one
another (`nbimage.mapping.channels`).
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, find_composite_axis, plain_name
from nbimage.arrays.frame_axes import AxisFrames, FrameAxis
from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import DescribedChannels
from nbimage.mapping.channels.blend_frames import ChannelFrames
from nbimage.mapping.channels.composite import ChannelColor
from nbimage.pyramid.core.picked import pick_named
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.stored import find_pixel, read_stored


def find_channels(pyramid: Pyramid, asked: Sequence[Any] | None = None) -> int | None:
    """Return the only axis of several planes where these are channels that are no colors.

    ``asked``: channels that the caller has colors for.
    """
    if sum(length > 1 for _, length in pyramid.axes) != 1:
        return None
    return find_channel_axis(pyramid, len(asked)) if asked else find_default_channels(pyramid)


def pick_asked(pyramid: Pyramid, asked: Sequence[ChannelColor]) -> Pyramid:
    """Return the channels of these names, in this order; the image itself where it has others."""
    names = tuple(one.name for one in asked)
    found = None if names == pyramid.channel_names else pick_named(pyramid.source, names)
    return pyramid if found is None else Pyramid(found)


def find_default_channels(pyramid: Pyramid) -> int | None:
    """Return the axis of channels that are no colors, where the caller names none."""
    if pyramid.channels > 1:
        return None
    described = max(len(pyramid.channel_names), len(pyramid.channel_colors))
    return find_composite_axis(pyramid.axes, described)


def find_channel_axis(pyramid: Pyramid, count: int) -> int | None:
    """Return the axis along which so many channels lie; None: they are a plane's own."""
    for i, (name, length) in enumerate(pyramid.axes):
        if name.lower() in CHANNEL_NAMES and length == count and pyramid.channels == 1:
            return i
    if pyramid.channels == count:
        return None
    for i, (_, length) in enumerate(pyramid.axes):
        if length == count and pyramid.channels == 1:
            return i
    axes = ", ".join(f"{name} ({length})" for name, length in pyramid.axes) or "none"
    raise ValueError(
        f"channels must be as many as there are along one of the axes {axes}, or the picture's "
        f"own {pyramid.channels}, but got {count}"
    )


def find_frames_of_channels(
    pyramid: Pyramid, asked: Sequence[Any] | Literal[False] | None = None, most: float = 1
) -> tuple[int, tuple[int, ...]] | None:
    """Return the axis of channels that are no colors, and the other ones of several planes.

    There are none of these where the samples of a picture are alone. None for any other pyramid,
    and beyond ``most``. ``asked``: channels that the caller has colors for; False: none are meant.
    """
    if asked is False:
        return None
    along = find_channels(pyramid)
    if along is not None:
        return (along, ()) if plain_name(pyramid.axes[along][0]) in SAMPLE_NAMES else None
    along = find_channel_axis(pyramid, len(asked)) if asked else find_default_channels(pyramid)
    further = [i for i, (_, length) in enumerate(pyramid.axes) if length > 1 and i != along]
    if along is None or not 1 <= len(further) <= most:
        return None
    return along, tuple(further)


class ChannelsOfFrames(ChannelFrames, AxisFrames):
    """The channels of each plane along other axes, in full size."""

    def __init__(self, pyramid: Pyramid, along: int, frames: tuple[int, ...], *, own: bool) -> None:
        known = pyramid.metadata.along
        axes = tuple(FrameAxis(*pyramid.axes[axis], known(axis)) for axis in frames)
        super().__init__(axes, pyramid.metadata.label)
        self._pyramid, self._channel_axis, self._along = pyramid, along, frames
        if own:
            weakref.finalize(self, pyramid.close)

    def _read(self, index: tuple[int, ...]) -> Values:
        at = dict(zip(self._along, index, strict=True))
        return read_channels(self._pyramid, self._channel_axis, 0, at)


def read_channels(
    pyramid: Pyramid, along: int, level: int, at: Mapping[int, int] | None = None
) -> Values:
    """Return the planes of all channels, one after the other; ``at`` indices along other axes."""
    count, known = len(pyramid.axes), pyramid.metadata
    where, read = dict(at or {}), []
    for number in range(pyramid.axes[along][1]):
        index = tuple(number if axis == along else where.get(axis, 0) for axis in range(count))
        read.append(read_stored(pyramid, level, index))
    mask = None
    if any(plane.mask is not None for plane in read):
        none = np.zeros(read[0].shape, bool)
        mask = np.stack([none if plane.mask is None else plane.mask for plane in read])
    coordinates: tuple[Any, ...] = ()
    if known.coordinates:
        sides = known.coordinates[count : count + 2]
        factor = 1 << level
        coordinates = (known.coordinates[along], *(one and one.reduced(factor) for one in sides))
    return Values(
        np.stack([np.asarray(plane.array) for plane in read]),
        mask,
        dtype=read[0].dtype,
        metadata=replace(known, coordinates=coordinates, pixel=find_pixel(pyramid, level)),
        channels=DescribedChannels(0, pyramid.channel_names, pyramid.channel_colors),
    )
