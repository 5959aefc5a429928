"""Channels that are no colors, read of a file as one picture.

Not here: which axis holds them (`nbimage.arrays.axis_names`), how they are laid over one
another (`nbimage.mapping.channels`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nbimage.arrays.axis_names import find_composite_axis
from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import DescribedChannels
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.stored import find_pixel, read_stored


def find_channels(pyramid: Pyramid) -> int | None:
    """Return the only axis of several planes where these are channels that are no colors."""
    if pyramid.channels > 1 or sum(length > 1 for _, length in pyramid.axes) != 1:
        return None
    described = max(len(pyramid.channel_names), len(pyramid.channel_colors))
    return find_composite_axis(pyramid.axes, described)


def read_channels(pyramid: Pyramid, along: int, level: int) -> Values:
    """Return the planes of all channels, one after the other."""
    count, known = len(pyramid.axes), pyramid.metadata
    read = []
    for number in range(pyramid.axes[along][1]):
        index = tuple(number if axis == along else 0 for axis in range(count))
        read.append(read_stored(pyramid, level, index))
    mask = None
    if any(plane.mask is not None for plane in read):
        none = np.zeros(read[0].shape, bool)
        mask = np.stack([none if plane.mask is None else plane.mask for plane in read])
    coordinates = known.coordinates if level == 0 and count == 1 else ()
    return Values(
        np.stack([np.asarray(plane.array) for plane in read]),
        mask,
        dtype=read[0].dtype,
        metadata=replace(known, coordinates=coordinates, pixel=find_pixel(pyramid, level)),
        channels=DescribedChannels(0, pyramid.channel_names, pyramid.channel_colors),
    )
