"""Deep Zoom pyramids: a descriptor and small picture files that viewers load as they need them.

Source: Deep Zoom File Format Overview, Microsoft; libvips' dzsave, whose tiles these are.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from nbimage.codecs.pictures import check_options
from nbimage.pyramid.build import build, cut, smaller
from nbimage.pyramid.geometry import Box, Layout
from nbimage.pyramid.mapping import Asked, find_mapping
from nbimage.pyramid.opening import open_pyramid
from nbimage.pyramid.pyramid import Pyramid
from nbimage.pyramid.sinks import open_sink
from nbimage.pyramid.tiles import QUALITY, TileCodec
from nbimage.values.blocks import Array
from nbimage.values.colormap import as_palette
from nbimage.values.limits import Contrast, Limit
from nbimage.values.norms import as_norm


def write_dzi(
    source: Any,
    path: Any,
    *,
    tile_size: int = 254,
    overlap: int = 1,
    format: str = "jpeg",  # noqa: A002 (the name users know from Pillow and matplotlib)
    quality: float | None = None,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = None,
    norm: Any = "linear",
    cmap: Any = None,
    channel_axis: int | None = None,
    progress: bool = True,
) -> Path:
    """Write an image of any size as a Deep Zoom pyramid.

    The values become pixels as `rerange` has it, with one range for the whole image; each level is
    then made of the next larger one by means of two by two pixels, as libvips does. Memory is
    bounded, however large the image.

    Parameters
    ----------
    source : array-like, path or Pyramid
        Whatever `open_pyramid` takes: one picture.
    path : path-like
        ``NAME.dzi``: the descriptor, with the folder ``NAME_files`` beside it. ``NAME.zip`` or
        ``NAME.szi``: one file that holds both.
    tile_size, overlap : int
        Pixels a side of a tile, and how many of each neighbour it has as well.
    format : {"jpeg", "png", "webp", "avif"}
        Of the tiles. JPEG has no transparency: what is missing is black there.
    quality : float, optional
        0 to 100, but for PNG; default: 75, for AVIF 60.
    vmin, vmax, vsym, contrast, norm
        As in `rerange`; exact limits that are not given cost one more pass over the values.
        Percentiles come from a sample of about a million pixels.
    cmap : colormap, optional
        For one channel; colours are given to the means, so that they stay the map's own.
    channel_axis : int, optional
        Where the channels are; guessed if not given.
    progress : bool
        Show a bar where somebody is looking.

    Returns
    -------
    Path
        The descriptor, or the one file. Whatever fails or interrupts the writing, an older pyramid
        of that name stays as it was.

    Raises
    ------
    ValueError, TypeError, OSError
        In one line.
    """
    given = isinstance(source, Pyramid)
    pyramid = source if given else open_pyramid(source, channel_axis=channel_axis)
    try:
        if given and channel_axis is not None:
            raise ValueError("channel_axis must be left out of a pyramid: give it to open_pyramid")
        rows, columns = pyramid.shapes[-1]
        layout = Layout(rows, columns, tile_size, overlap)
        side = tile_size + 2 * overlap
        tile = min(rows, side), min(columns, side)
        name = check_options(format, tile, quality, False, None)
        asked = Asked(vmin, vmax, vsym, contrast, as_norm(norm))
        palette = None if cmap is None else as_palette(cmap).array
        _check_picture(pyramid, cmap)
        codec = TileCodec(name, QUALITY.get(name, 0) if quality is None else quality, palette)
        return _write(pyramid, layout, codec, asked, path, progress)
    finally:
        if not given:
            pyramid.close()


def _write(
    pyramid: Pyramid, layout: Layout, codec: TileCodec, asked: Asked, path: Any, progress: bool
) -> Path:
    shape = (layout.rows, layout.columns, *([pyramid.channels] if pyramid.channels > 1 else []))
    pixel_bytes = pyramid.channels * max(2, pyramid.dtype.itemsize)

    def read(box: Box) -> Array:
        rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
        return pyramid.read(pyramid.last, rows, columns)

    tasks = cut(layout, layout.last, pixel_bytes)
    boxes = [task.inner(layout) for task in tasks]
    with open_sink(path, layout.last + 1, codec.format) as sink:
        with _bar("limits", layout, progress) as watch:
            mapping = find_mapping(asked, read, boxes, shape, pyramid.dtype, watch)
        codec = TileCodec(codec.format, codec.quality, codec.palette, mapping.has_missing)

        def write(level: int, column: int, row: int, pixels: Array) -> None:
            # smaller levels are looked at most, and are a quarter of the bytes
            sink.write(level, column, row, codec.encode(pixels, level < layout.last))

        with _bar("tiles", layout, progress) as watch:
            build(
                layout,
                lambda box: mapping.pixels(read(box)),
                write,
                channels=mapping.pixel_channels,
                pixel_bytes=pixel_bytes,
                reduce=partial(smaller, rounded=mapping.has_missing),
                watch=watch,
            )
        return sink.finish(descriptor(layout, codec.format))


def descriptor(layout: Layout, format: str) -> str:  # noqa: A002
    """Return the XML of a ``.dzi`` file."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"
  Format="{format}"
  Overlap="{layout.overlap}"
  TileSize="{layout.tile_size}"
  >
  <Size
    Height="{layout.rows}"
    Width="{layout.columns}"
  />
</Image>
"""


def _check_picture(pyramid: Pyramid, cmap: Any) -> None:
    """Raise ValueError for what is not one picture."""
    if any(length > 1 for _, length in pyramid.axes):
        axes = ", ".join(f"{name} ({length})" for name, length in pyramid.axes)
        raise ValueError(f"source must be one picture, but has further axes {axes}: pick one of it")
    if pyramid.channels > 4:
        raise ValueError(
            f"a picture must have 1 to 4 channels, but got {pyramid.channels}: pick some of them"
        )
    if cmap is not None and pyramid.channels > 1:
        raise ValueError(
            f"cmap must have one channel, but got {pyramid.channels}: pick one, or leave it out"
        )


@contextmanager
def _bar(what: str, layout: Layout, wanted: bool) -> Iterator[Any]:
    """Yield what is to be told of pixels that are done; a bar shows them if somebody is looking."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    notebook = hasattr(shell, "kernel")
    if not wanted or not (notebook or (sys.stderr is not None and sys.stderr.isatty())):
        yield lambda pixels: None
        return
    from tqdm import tqdm

    total = layout.rows * layout.columns
    bar: Any = tqdm(
        desc=what, total=total, leave=False, delay=1, unit="px", unit_scale=True, file=sys.stderr
    )
    with bar:
        yield bar.update
