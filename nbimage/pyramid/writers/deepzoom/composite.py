"""Channels that are no colors as one picture, written part by part: as `Picture` shows them.

Not here: which axis holds them (`pyramid/core/read_channels`), the sum itself
(`mapping/channels`).
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.channels.blend import light_channels
from nbimage.mapping.channels.composite import (
    ChannelColor,
    resolve_channels,
    with_file_colors,
)
from nbimage.mapping.channels.layers import composite
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.read_channels import find_channel_axis, find_default_channels
from nbimage.pyramid.writers.value_mapping import ValueMapping

_STRIP = 1 << 18  # pixels that are laid over one another at once


@dataclass(frozen=True, slots=True)
class Channels:
    """Channels of an image that are laid over one another."""

    colors: tuple[ChannelColor, ...]
    along: int | None
    """The further axis that holds them; None: they are a pixel's own."""

    def index(self, plane: Index, number: int) -> Index:
        """Return where a channel of a plane is."""
        if self.along is None:
            return plane
        return (*plane[: self.along], number, *plane[self.along + 1 :])


def find_channels(pyramid: Pyramid, channels: Any, colored: bool) -> Channels | None:
    """Return which channels are laid over one another; None where none are.

    ``channels``: what the caller asks for, as in a `View`. ``colored``: a colormap is given.

    Raises ValueError or TypeError where they are none of the image's.
    """
    if channels is False or (channels is None and (colored or pyramid.labels)):
        return None
    names, colors = pyramid.channel_names, pyramid.channel_colors
    if channels is None:
        axis = find_default_channels(pyramid)
        if axis is None:
            return None
        hidden = pyramid.metadata.hidden
        return Channels(
            tuple(light_channels(pyramid.axes[axis][1], names, colors, hidden)[1]), axis
        )
    asked = resolve_channels(channels, cmap=colored) or ()
    return Channels(with_file_colors(asked, colors), find_channel_axis(pyramid, len(asked)))


@dataclass(frozen=True, slots=True, eq=False)
class CompositeMapping:
    """Samples of several channels, one after the other, to pixels of their sum."""

    mappings: tuple[ValueMapping, ...]
    colors: tuple[ChannelColor, ...]

    @property
    def has_missing(self) -> bool:
        """Pixels may be missing, in all channels at once."""
        return all(mapping.has_missing for mapping in self.mappings)

    @property
    def pixel_channels(self) -> int:
        """How many channels the pixels have."""
        return 3 + self.has_missing

    def to_pixels(self, block: Array) -> Array:
        """Return the pixels of samples ``(C, H, W)``."""
        rows = max(1, _STRIP // block.shape[2])
        limits = [mapping.limits for mapping in self.mappings]
        out = np.empty((*block.shape[1:], self.pixel_channels), np.uint8)
        for start in range(0, block.shape[1], rows):
            strip = Values(block[:, start : start + rows])
            shown = composite(strip, 0, self.colors, limits)
            part = out[start : start + rows]
            part[:, :, :3] = np.asarray(shown.array)
            if self.has_missing:
                part[:, :, 3] = 255 if shown.mask is None else ~shown.mask[:, :, 0] * np.uint8(255)
                part[part[:, :, 3] == 0] = 0
        return out


def read_all(reads: Sequence[Any], within: bool = False) -> Any:
    """Return what reads all channels: one by one, or ``within`` each pixel."""
    kind = ReadChannelsLazily if all(hasattr(read, "lazy") for read in reads) else ReadChannels
    return kind(tuple(reads), within)


def read_one(read: Any, number: int) -> Any:
    """Return what reads one channel of each pixel."""
    return ReadChannelLazily(read, number) if hasattr(read, "lazy") else ReadChannel(read, number)


@dataclass(frozen=True, slots=True, eq=False)
class ReadChannels:
    """Reads the samples of all channels: ``(C, H, W)``."""

    reads: tuple[Any, ...]
    within: bool

    def __call__(self, box: Box) -> Array:
        """Return a part."""
        return self.join([read(box) for read in self.reads])

    def join(self, blocks: Sequence[Array]) -> Array:
        """Return the channels one after the other."""
        return np.moveaxis(blocks[0], 2, 0) if self.within else np.stack(blocks)


class ReadChannelsLazily(ReadChannels):
    """The same where workers compute the samples first."""

    __slots__ = ()

    def lazy(self, box: Box) -> Any:
        """Return what is to be computed."""
        return sys.modules["dask.array"].stack([read.lazy(box) for read in self.reads])

    def finish(self, block: Any) -> Array:
        """Return the channels of what was computed."""
        both = zip(self.reads, block, strict=True)
        return self.join([read.finish(part) for read, part in both])


@dataclass(frozen=True, slots=True, eq=False)
class ReadChannel:
    """Reads one channel of each pixel."""

    read: Any
    number: int

    def __call__(self, box: Box) -> Array:
        """Return a part."""
        part: Array = self.read(box)[:, :, self.number]
        return part


class ReadChannelLazily(ReadChannel):
    """The same where workers compute the samples first."""

    __slots__ = ()

    def lazy(self, box: Box) -> Any:
        """Return what is to be computed."""
        return self.read.lazy(box)

    def finish(self, block: Any) -> Array:
        """Return the channel of what was computed."""
        part: Array = self.read.finish(block)[:, :, self.number]
        return part
