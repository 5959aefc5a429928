"""``nbimage convert IN OUT`` to pictures: the options of `Picture` and of its `save`."""

from __future__ import annotations

import argparse
import math

from nbimage.base.notebook import print_line, print_warnings
from nbimage.cli.values import (
    add_figure,
    add_key,
    add_orientation,
    add_values,
    get_values,
    read_key,
)
from nbimage.picture import Picture


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what a picture takes to a parser."""
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
    with print_warnings():
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
    print_line(f"{path}: {picture.description}")
