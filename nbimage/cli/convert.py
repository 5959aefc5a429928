"""``nbimage convert IN OUT``: write any image that is read in the format of OUT's suffix.

Each format has the options of its own verb: those of ``nbimage tiff`` for ``.tif``, and so on. What
no other verb writes is a picture, by `Picture.save`'s rule.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from nbimage.base.notebook import print_line, print_warnings
from nbimage.base.suffixes import name_suffix
from nbimage.cli import dzi, large, picture, video
from nbimage.cli.parser import Parser, takes_value
from nbimage.cli.values import add_key, add_labels, add_orientation, read_key
from nbimage.plugins import WRITERS, find_plugin
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.writers.by_suffix import write_image

VERBS = {
    **dict.fromkeys(("tif", "tiff"), "tiff"),
    **dict.fromkeys(("zarr", "ozx"), "zarr"),
    **dict.fromkeys(("dzi", "szi", "zip"), "dzi"),
    **dict.fromkeys(("mp4", "webm", "ogv", "gif", "apng"), "video"),
}
"""The verb that writes files of a suffix; of any other a picture is made, or a plugin writes it."""
_NOT_SHARED = ("-h", "-v", "source", "sources", "target")


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: Parser = verbs.add_parser(
        "convert",
        aliases=["png"],
        help="write an image, a stack or a video in the format of OUT's suffix",
        description="Write whatever is read in the format of OUT's suffix. .png, .jpg, .webp and "
        ".avif are pictures, reranged to 8 bits; .svg, .pdf and .html hold the figure; .tif, "
        ".zarr and .ozx keep all planes and samples; .dzi, .szi and .zip are Deep Zoom pyramids; "
        ".mp4, .webm, .ogv, .gif and .apng are videos; others are those of plugins. IN may be an "
        "address.",
    )
    parser.add_argument(
        "sources", metavar="IN", nargs="+", help="the image, stack or video; or frames of a video"
    )
    parser.add_argument("target", metavar="OUT", help="file to write; no suffix means .png")
    known = make_parsers()
    for kind, other in known.items():
        words = "" if kind == "picture" else f" (of {kind})"
        for names, options in other.options.items():
            if names[0] in _NOT_SHARED or parser.has(names[-1]):
                continue
            kept = "nargs", "const", "dest", "metavar"
            shared = {name: options[name] for name in kept if name in options}
            if not takes_value(options):
                shared["action"] = "store_true"
            text = None if options.get("help") is None else options["help"] + words
            parser.add_argument(*names, **shared, default=argparse.SUPPRESS, help=text)
    parser.choose = lambda found: _choose(parser, known, found)


def make_parsers() -> dict[str, Parser]:
    """Return a parser of each kind of format, by the name of its verb; that of pictures first."""
    known = {"picture": Parser(prog="nbimage convert")}
    picture.add_options(known["picture"])

    class Verbs:
        @staticmethod
        def add_parser(name: str, **_: Any) -> Parser:
            known[name] = Parser(prog="nbimage convert")
            return known[name]

    for module in (large, dzi, video):
        module.add_parser(Verbs)
    known["a plugin"] = _plugin_parser()
    return known


def _choose(own: Parser, known: dict[str, Parser], found: argparse.Namespace) -> Parser:
    """Return the parser of OUT's format; end the program for options that it lacks."""
    name = redact_secrets(found.target).rstrip("/")
    suffix = name_suffix(name)
    kind = VERBS.get(suffix, "picture")
    if kind == "picture" and suffix and find_plugin(WRITERS, name) is not None:
        kind = "a plugin"
    if len(found.sources) > 1 and kind != "video":
        own.error(f"{found.sources[1]!r} is one too many: several files are the frames of a video")
    chosen = known[kind]
    given = vars(found)
    for names, options in own.options.items():
        dest = options.get("dest") or names[-1].lstrip("-").replace("-", "_")
        if dest in given and names[0] not in _NOT_SHARED and not chosen.has(names[-1]):
            verb = "convert" if kind in ("picture", "a plugin") else kind
            own.error(f"{names[-1]} is not for .{suffix or 'png'}: see nbimage {verb} --help")
    return chosen


def _plugin_parser() -> Parser:
    parser = Parser(prog="nbimage convert")
    parser.add_argument("source")
    parser.add_argument("target")
    parser.add_argument("--axes", help="a letter for each axis, such as tczyx")
    parser.add_argument("--channel-axis", type=int, help="where the channels are: 0 or -1")
    parser.add_argument(
        "--option",
        metavar="NAME=VALUE",
        type=_option,
        action="append",
        help="what the writer takes; VALUE as in JSON, or a text; any number of times",
    )
    add_key(parser)
    add_labels(parser, "the values are labels: no means in smaller levels")
    add_orientation(parser)
    parser.set_defaults(run=_run_plugin)
    return parser


def _option(text: str) -> tuple[str, Any]:
    name, sign, value = text.partition("=")
    if not sign or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"must be NAME=VALUE, but got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def _run_plugin(arguments: argparse.Namespace) -> None:
    source = read_key(arguments.source, arguments.key)
    with print_warnings():
        path = write_image(
            source,
            arguments.target,
            axes=arguments.axes,
            channel_axis=arguments.channel_axis,
            orientation=arguments.orientation,
            labels=arguments.labels,
            options=dict(arguments.option or ()),
        )
    print_line(redact_secrets(f"{path}: {arguments.source}"))
