"""``nbimage slim PAGE.html …``: each script once in pages that hold many outputs."""

from __future__ import annotations

import argparse
from typing import Any

from nbimage.base.atomic import read_file, write_file
from nbimage.base.notebook import print_line
from nbimage.page.shared_scripts import share_scripts


def add_parser(verbs: Any) -> None:
    """Add the verb to the command line."""
    parser = verbs.add_parser(
        "slim",
        help="make exported notebooks smaller: each script once",
        description="Write pages of HTML, such as nbconvert, Quarto and Sphinx make of notebooks, "
        "so that a script that several outputs of nbimage have is there once. What is shown stays "
        "the same. Not for notebooks, whose outputs must not need one another.",
    )
    parser.add_argument("pages", metavar="PAGE.html", nargs="+", help="changed in place")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> None:
    """Run the verb, and print one line a page."""
    for name in arguments.pages:
        before = read_file(name)
        try:
            text = before.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        if text.lstrip("\ufeff \t\r\n")[:1] != "<":
            got = "other bytes" if not text else f"{text[:20]!r} …"
            what = f"{name} must be a page of HTML in UTF-8, but got {got}"
            raise ValueError(f"{what}: give what nbconvert has written")
        page = share_scripts(text).encode("utf-8")
        if page != before:
            write_file(name, page)
        print_line(f"{name}: {len(before) / 1e6:.2f} MB, now {len(page) / 1e6:.2f} MB")
