"""``nbimage tiff IN OUT`` and ``nbimage zarr IN OUT``: write an image of any size as either.

The files are written by `pyramid.writers`; this module has the options alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import Any

from nbimage.base.notebook import print_line, print_warnings
from nbimage.cli.values import (
    add_key,
    add_labels,
    add_orientation,
    add_pixel_size,
    read_key,
    split_list,
)
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr
from nbimage.pyramid.writers.tiff import write_tiff

_SHARED = (
    *("axes", "channel_axis", "orientation", "labels"),
    *("pixel_size", "unit", "channel_names", "colors"),
)


def add_parser(verbs: Any) -> None:
    """Add both verbs to the command line."""
    tiff = verbs.add_parser(
        "tiff",
        help="write an image of any size as TIFF or OME-TIFF",
        description="Write an image of any size with all of its planes, and smaller levels, as "
        "TIFF; as OME-TIFF where OUT ends with .ome.tif.",
    )
    _add_shared(tiff, "name of the file: .tif or .ome.tif")
    tiff.add_argument("--tile-size", type=int, default=256, help="pixels a side (default: 256)")
    tiff.add_argument(
        "--compression", default="zlib", help="zlib (default), zstd, lzw, jpeg or none"
    )
    tiff.add_argument("--quality", type=float, help="1 to 100 for JPEG (default: 90)")
    tiff.set_defaults(run=partial(run, write_tiff, ("tile_size", "compression", "quality")))
    zarr = verbs.add_parser(
        "zarr",
        help="write an image of any size as OME-Zarr",
        description="Write an image of any size with all of its planes, and smaller levels, as "
        "OME-Zarr. OUT may be an address such as s3://bucket/image.ome.zarr.",
    )
    _add_shared(zarr, "the folder, such as NAME.ome.zarr")
    zarr.add_argument("--version", default="0.5", help="of OME-NGFF: 0.5 (default) or 0.4")
    zarr.add_argument("--chunk-size", type=int, default=512, help="pixels a side (default: 512)")
    zarr.add_argument("--shard-size", type=int, help="pixels a side of a file of several chunks")
    zarr.add_argument("--compression", default="blosc", help="blosc (default), zstd, gzip or none")
    own = ("version", "chunk_size", "shard_size", "compression")
    zarr.set_defaults(run=partial(run, write_ome_zarr, own))


def _add_shared(parser: argparse.ArgumentParser, target: str) -> None:
    parser.add_argument("source", metavar="IN", help="the image, such as image.tif[1] or a.nc/t2m")
    parser.add_argument("target", metavar="OUT", help=target)
    parser.add_argument("--axes", help="a letter for each axis, such as tczyx")
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 0 or -1")
    add_pixel_size(parser, "one number, HEIGHT,WIDTH, DEPTH,HEIGHT,WIDTH or t=3,z=2,y=0.5,x=0.5")
    parser.add_argument("--channel-names", type=split_list, help="such as DAPI,GFP")
    parser.add_argument("--colors", type=split_list, help="of channels, such as blue,lime")
    add_labels(parser, "the numbers of classes or objects, which smaller levels keep")
    add_key(parser)
    add_orientation(parser)


def run(write: Callable[..., Any], options: tuple[str, ...], arguments: argparse.Namespace) -> None:
    """Run a verb, and print one line about what it wrote."""
    source = read_key(arguments.source, arguments.key)
    given = {name: getattr(arguments, name) for name in (*_SHARED, *options)}
    if given["compression"] == "none":
        given["compression"] = None
    with print_warnings():
        path = write(source, arguments.target, **given)
    print_line(redact_secrets(f"{path}: levels of {arguments.source}"))
