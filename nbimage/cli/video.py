"""``nbimage video IN OUT``: encode a stack, an animation or a folder of pictures as a video.

Mapping and encoding are `Video`'s; this module has the options alone.
"""

from __future__ import annotations

import argparse
from fractions import Fraction
from typing import Any

from nbimage.base.notebook import print_line
from nbimage.base.suffixes import resolve_name
from nbimage.cli.values import (
    add_figure,
    add_key,
    add_orientation,
    add_values,
    get_values,
    read_key,
)
from nbimage.codecs.animations import ANIMATIONS
from nbimage.codecs.videos import CODECS
from nbimage.video import Video

_CODECS = {
    "mp4": "h264",
    "webm": "vp9",
    "ogv": "theora",
    **{name: name for name in ANIMATIONS},
    "html": "html",
    "htm": "html",
}
"""What is written by a file's suffix."""


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "video",
        help="encode a frame stack as a video",
        description="Encode frames as a video: a stack (.npy), a TIFF of several pages, a GIF or "
        "another animation, a folder of pictures, a pattern such as 'frames/*.png', or several "
        "pictures, a frame each. The suffix of OUT chooses the codec: .mp4 (h264), .webm (vp9), "
        ".ogv (theora); .gif, .webp and .apng are animations.",
    )
    parser.add_argument(
        "sources", metavar="IN", nargs="+", help="stack, animation, folder, pattern, or pictures"
    )
    parser.add_argument("target", metavar="OUT", help="file to write; no suffix means .mp4")
    parser.add_argument(
        "--fps",
        type=_rate,
        help="such as 25 or 24000/1001 (default: as an animation says, else 25)",
    )
    add_values(parser)
    parser.add_argument("--quality", type=float, help="on the codec's own scale")
    parser.add_argument("--lossless", action="store_true", help="keep every pixel (h264, vp9)")
    parser.add_argument(
        "--counter",
        nargs="?",
        const=True,
        help="the frame's coordinate or number in a corner: ul (default), ur, ll or lr",
    )
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 1 or -1")
    add_key(parser)
    add_figure(parser)
    add_orientation(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb, and print one line about what it wrote."""
    first, *more = arguments.sources
    if more and arguments.key is not None:
        raise ValueError("--key must be left out where there are several files")
    target, codec = resolve_name(arguments.target, _CODECS, "a video")
    qualities: dict[str, Any] = dict.fromkeys(CODECS)
    if codec in ANIMATIONS:
        if arguments.quality is not None:
            raise ValueError(
                f"--quality must be left out for .{codec}, but got {arguments.quality:g}: it is "
                "for videos"
            )
        qualities["format"] = codec
    else:
        name = codec if codec in CODECS else "h264"  # of a page
        qualities[name] = True if arguments.quality is None else arguments.quality
    video = Video(
        read_key(first, arguments.key) if not more else arguments.sources,
        fps=arguments.fps,
        counter=arguments.counter,
        lossless=arguments.lossless,
        figure=arguments.figure,
        scale=arguments.scale,
        channel_axis=arguments.channel_axis,
        orientation=arguments.orientation,
        **qualities,
        **get_values(arguments),
    )
    for path in video.save(target):
        print_line(f"{path}: {video.description}")


def _rate(text: str) -> int | Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        words = f"must be a number such as 25 or 24000/1001, but got {text!r}"
        raise argparse.ArgumentTypeError(words) from None
    return rate.numerator if rate.denominator == 1 else rate
