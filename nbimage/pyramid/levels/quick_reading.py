"""Which sources are read in parts as quickly as a view needs, and what reads others in order."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from nbimage.pyramid.core.oriented import OrientedSource, stored_source
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels.cache_folder import CacheLimits
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.tiff.masked import MaskedSource
from nbimage.pyramid.sources.vips_image import VipsSource


def read_in_order(source: Source, path: Path, limits: CacheLimits) -> Source:
    """Return what can't be read in parts as libvips has it, if that is the same.

    It needs no room for the whole.
    """
    one_picture = not source.axes and len(source.shapes) == 1
    stored = stored_source(source)
    own = isinstance(stored, (MaskedSource, VipsSource))  # libvips knows of no mask
    if is_quick(source, limits) or own or not one_picture:
        return source
    try:
        other = VipsSource(path)
    except (ImportError, ValueError):
        return source
    same = other.shapes == stored.shapes and other.channels == source.channels
    if not same or other.dtype != source.dtype:
        other.close()
        return source
    other.pixel_size, other.unit = stored.pixel_size, stored.unit
    other.channel_names, other.channel_colors = stored.channel_names, stored.channel_colors
    other.metadata = stored.metadata
    found = source.of(other) if isinstance(source, OrientedSource) else other
    source.close()
    return found


def is_quick(source: Source, limits: CacheLimits) -> bool:
    """Say whether any part of a source's largest level is read without much around it."""
    if isinstance(stored_source(source), (VipsSource, PillowSource)):
        return False
    if isinstance(source, OrientedSource) and source.turn.transposes:
        # each strip lies across all rows, so that any part of these would decode every strip
        high, wide = source.blocks[0]
        if high >= source.shapes[0][0] and wide < source.shapes[0][1]:
            return False
    samples = math.prod(source.blocks[0]) * source.channels
    return samples * np.dtype(source.dtype).itemsize <= limits.quick_block
