"""``nbimage png IN OUT``: convert an image file to a picture file.

Mapping and encoding are `Picture`'s; this module has the options alone.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

from nbimage.base.notebook import print_error, print_line
from nbimage.base.user_warnings import collect_warnings
from nbimage.cli.values import (
    add_figure,
    add_key,
    add_orientation,
    add_values,
    get_values,
    read_key,
)
from nbimage.picture import Picture


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "png",
        help="rerange an image file to 8 bits and save it",
        description="Rerange an image (.npy, .npz, TIFF, OME-Zarr, .dzi, or a picture) to 8 bits "
        "and save it as PNG, or as JPEG, WebP or AVIF by the suffix of OUT; .svg, .pdf and .html "
        "hold the figure. IN may be an address.",
    )
    parser.add_argument("source", metavar="IN", help="the image")
    parser.add_argument("target", metavar="OUT", help="file to write; no suffix means .png")
    add_values(parser)
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 0 or -1")
    add_key(parser)
    parser.add_argument("--compression", type=int, help="0 to 9 for PNG (default: 1, fast)")
    parser.add_argument("--quality", type=float, help="0 to 100 for JPEG, WebP and AVIF")
    add_figure(parser)
    add_orientation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb, and print one line about what it wrote."""
    data = read_key(arguments.source, arguments.key)
    with collect_warnings() as caught:
        options = get_values(arguments)
        options |= {"channel_axis": arguments.channel_axis, "orientation": arguments.orientation}
        picture = Picture(data, max_pixels=math.inf, **options)
    path = picture.save(
        arguments.target,
        figure=arguments.figure,
        scale=arguments.scale,
        quality=arguments.quality,
        compression=arguments.compression,
    )
    for message in caught:
        print_error(message)
    print_line(f"{path}: {picture.description}")
