"""Files that say themselves which axis is what: pictures, slides and tiles for pages."""

from __future__ import annotations

from typing import Any

from nbimage.pyramid.core.oriented import stored_source
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.sources.deepzoom.source import DeepZoomSource
from nbimage.pyramid.sources.jpeg2000.source import Jpeg2000Source
from nbimage.pyramid.sources.openslide_image import OpenSlideSource
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.vips_image import VipsSource

_OWN = PillowSource, VipsSource, DeepZoomSource, OpenSlideSource, Jpeg2000Source


def check_axes(source: Source, axes: Any, channel_axis: int | None) -> None:
    """Raise ValueError for axes that are asked for, and are not those of such a file."""
    if (axes is None and channel_axis is None) or not isinstance(stored_source(source), _OWN):
        return
    count = 2 if source.channels == 1 else 3
    names = tuple(str(name).lower() for name in axes or ("y", "x", "c")[:count])
    known = "rows, columns and channels" if count == 3 else "rows and columns"
    if len(names) != count or names[:2] != ("y", "x"):
        got = axes if isinstance(axes, str) else tuple(axes)
        raise ValueError(f"axes must be left out of a file of {known}, but got {got!r}")
    if channel_axis is not None and count == 3 and channel_axis not in (2, -1):
        raise ValueError(
            f"channel_axis must be left out of a file of {known}, but got {channel_axis!r}"
        )
