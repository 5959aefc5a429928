"""``nbimage dzi IN OUT``: write an image of any size as a Deep Zoom pyramid.

The levels and tiles are `pyramid.writers.deepzoom`'s; this module has the options alone.
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from nbimage.base.notebook import print_line, print_warnings
from nbimage.cli.values import (
    add_key,
    add_labels,
    add_limits,
    add_orientation,
    add_pixel_size,
    get_limits,
    read_key,
)
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.writers.deepzoom.write import write_dzi

_ALL = "all"


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "dzi",
        help="write an image of any size as a Deep Zoom pyramid",
        description="Write an image of any size (.npy, .npz, TIFF, OME-Zarr, .dzi, or a picture) "
        "as a Deep Zoom pyramid: OUT.dzi and the folder OUT_files beside it, or one file where OUT "
        "ends with .zip or .szi; in other layouts as a folder OUT. An older pyramid of that name "
        "is replaced when all is written. "
        "IN and OUT may be addresses such as s3://bucket/image.dzi.",
    )
    parser.add_argument("source", metavar="IN", help="the image")
    parser.add_argument(
        "target", metavar="OUT", help="name of the pyramid; of Deep Zoom no suffix means .dzi"
    )
    parser.add_argument(
        "--format", help="jpeg (default), png, webp or avif; of labels png alone, their default"
    )
    parser.add_argument("--quality", type=float, help="0 to 100 for JPEG, WebP and AVIF")
    parser.add_argument(
        "--layout", default="dz", help="dz (default: Deep Zoom), iiif3, google or zoomify"
    )
    parser.add_argument(
        "--tile-size", type=int, help="pixels a side (default: 254; iiif3: 512; others: 256)"
    )
    parser.add_argument(
        "--overlap", type=int, help="pixels of each neighbour (default: 1; of other layouts: 0)"
    )
    parser.add_argument("--url", help="where an IIIF folder will lie, for its info.json")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="keep what is finished if it is stopped, and go on from there the next time",
    )
    add_limits(parser)
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 0 or -1")
    add_pixel_size(parser, "one number or HEIGHT,WIDTH")
    parser.add_argument("--axes", help='a letter for each axis, such as "tzyx"')
    parser.add_argument(
        "--planes",
        metavar="AXIS=NUMBER",
        type=_planes,
        action="append",
        help="which plane of a stack; AXIS=all or AXIS=FROM:TO are several, all is every plane, "
        "each a pyramid of its own such as OUT_t003_z005.dzi",
    )
    add_key(parser)
    add_labels(parser, "the values are labels: no means in smaller levels")
    add_orientation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb, and print one line about what it wrote."""
    source = read_key(arguments.source, arguments.key)
    with print_warnings():
        written = write_dzi(
            source,
            arguments.target,
            layout=arguments.layout,
            url=arguments.url,
            tile_size=arguments.tile_size,
            overlap=arguments.overlap,
            format=arguments.format,
            quality=arguments.quality,
            axes=arguments.axes,
            planes=_join_planes(arguments.planes),
            channel_axis=arguments.channel_axis,
            orientation=arguments.orientation,
            labels=arguments.labels,
            pixel_size=arguments.pixel_size,
            unit=arguments.unit,
            resume=arguments.resume,
            **get_limits(arguments),
        )
    for path in written if isinstance(written, list) else [written]:
        print_line(redact_secrets(f"{path}: a pyramid of {arguments.source}"))


def _planes(text: str) -> tuple[Any, Any]:
    """Return an axis and which planes along it; "all" and all."""
    axis, sign, asked = text.partition("=")
    if not sign and axis == _ALL:
        return _ALL, _ALL
    matched = re.fullmatch(r"(\d*)(:?)(\d*)|all", asked)
    if not axis or not asked or matched is None:
        raise argparse.ArgumentTypeError(
            f"must be all or AXIS=NUMBER, AXIS=FROM:TO or AXIS=all, but got {text!r}"
        )
    key = int(axis) if axis.isdecimal() else axis
    if asked == _ALL:
        return key, _ALL
    if not matched[2]:
        return key, int(asked)
    first, last = (int(number) if number else None for number in matched.group(1, 3))
    return key, slice(first, last)


def _join_planes(asked: list[tuple[Any, Any]] | None) -> Any:
    """Return what `write_dzi` takes."""
    if asked is None:
        return None
    return _ALL if (_ALL, _ALL) in asked else dict(asked)
