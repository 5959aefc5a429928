"""``nbimage export FILE … OUT``: an explorer of images that needs no program: a folder or a page.

The files are `View.export`'s and `View.save`'s; this module has the options alone.
"""

from __future__ import annotations

import argparse
from typing import Any

from nbimage.base.notebook import print_line
from nbimage.base.suffixes import known_suffix
from nbimage.cli.parser import Parser
from nbimage.cli.view import add_images, make_view

_OF_FOLDERS = ("raw", "format", "quality")


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser: Parser = verbs.add_parser(
        "export",
        help="write an explorer of images as a folder, or as one page",
        description="Write a page that explores images without this program. OUT.html is one "
        "page, with all values of small images and the tiles of large ones, up to 64 MiB; .png, "
        ".svg and .pdf are what is seen at first; any other OUT is a folder of any size, for a "
        "disk or a web server: open its index.html.",
    )
    add_images(parser)
    parser.add_argument("target", metavar="OUT", help="folder, or page.html")
    parser.add_argument("--raw", action="store_true", help="of a folder: exact values, no pictures")
    parser.add_argument("--format", help="of a folder's pictures: png, jpeg, webp or avif")
    parser.add_argument("--quality", type=float, help="of these: 0 to 100")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb, and print one line about what it wrote."""
    suffix = known_suffix(arguments.target)
    if suffix:
        given = arguments.raw or None, arguments.format, arguments.quality
        for name, value in zip(_OF_FOLDERS, given, strict=True):
            if value is not None:
                raise ValueError(f"--{name} must be left out for .{suffix}: it is for folders")
    view = make_view(arguments, embed=None if suffix else False)
    try:
        if suffix:
            print_line(str(view.save(arguments.target)))
            return
        options = {name: getattr(arguments, name) for name in _OF_FOLDERS}
        print_line(f"{view.export(arguments.target, **options)}: open its index.html")
    finally:
        view.model.close()
