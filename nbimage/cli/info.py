"""``nbimage info FILE``: print an image's shape, dtype, axes and levels without reading it all.

It shows no pixels: `nbimage view` does.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from nbimage.arrays.orientation import UPRIGHT
from nbimage.base.notebook import print_line
from nbimage.cli.values import add_key, add_labels, add_orientation, read_key
from nbimage.pyramid.core.oriented import stored_source
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.layouts.layout import Layout
from nbimage.pyramid.open import open_pyramid
from nbimage.pyramid.sources.ome_zarr.plate import FieldsSource
from nbimage.pyramid.sources.video_file import VideoSource

_NAMES = 20  # of labels at most


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "info",
        help="print the levels, dtype, tiles and units of an image",
        description="Print what an image of any size holds, without reading it all: .npy, TIFF and "
        "OME-TIFF, OME-Zarr, Deep Zoom (.dzi, .szi, .zip), IIIF, Google or Zoomify tiles, a "
        "video, or a picture that Pillow opens.",
    )
    parser.add_argument("source", metavar="FILE", help="a file, or a zarr folder")
    parser.add_argument("--axes", help='a letter for each axis, such as "tzyx"')
    parser.add_argument("--channel-axis", type=int, help="where the channels of a pixel are")
    parser.add_argument("--tile-size", type=int, default=254, help="of the tiles (default: 254)")
    parser.add_argument("--overlap", type=int, default=1, help="of the tiles (default: 1)")
    parser.add_argument(
        "--limits", action="store_true", help="find the exact minimum and maximum: reads it all"
    )
    add_key(parser)
    add_labels(parser, "the values are labels: no means in smaller levels")
    add_orientation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb: print one line about each property."""
    with open_pyramid(
        read_key(arguments.source, arguments.key),
        axes=arguments.axes,
        channel_axis=arguments.channel_axis,
        tile_size=arguments.tile_size,
        overlap=arguments.overlap,
        orientation=arguments.orientation,
        labels=arguments.labels,
    ) as pyramid:
        for line in _lines(pyramid, arguments.limits):
            print_line(line)


def _lines(pyramid: Pyramid, limits: bool) -> Iterator[str]:
    rows, columns = pyramid.shapes[0]
    if isinstance(pyramid.source, VideoSource):
        yield f"video: {_printable(pyramid.source.video.summary)}"
    yield f"rows, columns: {rows}, {columns}"
    stored = pyramid.source.stored
    missing = "" if stored == pyramid.dtype else f", read as {pyramid.dtype} for missing samples"
    yield f"dtype: {stored}{missing}"
    if pyramid.labels and pyramid.metadata.label_table is None:
        yield "labels: numbers of classes or objects, no means in smaller levels"
    if pyramid.channels > 1:
        yield f"channels: {pyramid.channels}"
    yield from _field_lines(pyramid)
    if pyramid.axes:
        yield "axes: " + ", ".join(f"{_printable(name)} {size}" for name, size in pyramid.axes)
    if pyramid.channel_names:
        yield "channel names: " + ", ".join(_printable(name) for name in pyramid.channel_names)
    if pyramid.channel_colors:
        yield "channel colors: " + ", ".join(pyramid.channel_colors)
    if pyramid.pixel_size is not None:
        high, wide = pyramid.pixel_size
        yield f"pixel height, width: {high:g}, {wide:g} {_printable(pyramid.unit)}".rstrip()
    yield from _metadata_lines(pyramid)
    if pyramid.label_images:
        yield "label images: " + ", ".join(map(_printable, pyramid.label_images))
    table = pyramid.metadata.label_table
    if table is not None:
        yield f"labels: {len(table.colors)} with colors, {len(table.properties)} with properties"
        names = [f"{label} {name}" for label, name in sorted(table.names.items())]
        if names:
            more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
            yield _printable(f"names of labels: {', '.join(names[:_NAMES])}{more}")
    yield from _geo_lines(pyramid)
    layout = getattr(stored_source(pyramid.source), "layout", None)
    if isinstance(layout, Layout):
        yield f"layout: {layout.title}"
    if pyramid.source.turned_from != UPRIGHT:
        yield f"orientation: {pyramid.source.turned_from} in the file, turned upright"
    if limits:
        low, high = pyramid.limits(exact=True)
        yield f"minimum, maximum: {low:g}, {high:g}"
    yield f"tiles: {pyramid.grid.tile_size} pixels, overlap {pyramid.grid.overlap}"
    for level in range(len(pyramid.shapes)):
        (rows, columns), (down, across) = pyramid.grid.shape(level), pyramid.grid.tiles(level)
        where = "in the file" if level in pyramid.native_levels else "computed"
        yield f"level {level}: {rows} x {columns}, tiles {down} x {across}, {where}"


def _field_lines(pyramid: Pyramid) -> Iterator[str]:
    """Yield the wells and the fields of a plate, or the fields of a well."""
    source = pyramid.source
    if not isinstance(source, FieldsSource):
        return
    if source.plate is not None:
        yield f"plate: {_printable(str(source.plate))}"
        yield "wells: " + ", ".join(_printable(well.path) for well in source.plate.wells)
    yield "fields: " + ", ".join(map(_printable, source.fields))


def _metadata_lines(pyramid: Pyramid) -> Iterator[str]:
    known = pyramid.metadata
    for what, text in (("values", known.label), ("at", known.title), ("note", known.note)):
        if text:
            yield f"{what}: {_printable(text)}"
    lengths = [*pyramid.axes, *zip(("rows", "columns"), pyramid.shapes[0], strict=True)]
    for (name, length), one in zip(lengths, known.coordinates, strict=False):
        line = None if one is None else one.line
        if one is not None and line is not None:
            label, last = one.label.strip() or name, line[0] + line[1] * (length - 1)
            yield f"{_printable(name)}: {_printable(label)} {line[0]:g} to {last:g}"
        if one is not None and one.upward:
            yield "first row: at the bottom"


def _geo_lines(pyramid: Pyramid) -> Iterator[str]:
    """Yield the reference system, and where the centers of the first and last pixels lie."""
    known = pyramid.metadata.georeference
    if known is None:
        return
    if known.crs:
        yield f"coordinate reference system: {_printable(known.crs)}"
    for axis, length in enumerate(pyramid.shapes[0], len(pyramid.axes)):
        along = pyramid.metadata.along(axis)
        if along is not None and along.line is not None:
            first, step = along.line
            last = first + step * (length - 1)
            yield f"{_printable(along.label)}: {first:.12g} to {last:.12g}"
    if known.rotated is not None:
        yield "transform: " + ", ".join(f"{number:.12g}" for number in known.rotated)


def _printable(text: str) -> str:
    """Replace characters that could control the terminal; the text comes from a file."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
