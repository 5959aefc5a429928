"""Errors of the command line in its own words: options, files and verbs.

Errors of the library name parameters and calls of Python; here they name options.
"""

from __future__ import annotations

import contextlib
import difflib
import re
import warnings
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from nbimage.base.disk.missing import describe_missing
from nbimage.base.notebook import print_error
from nbimage.cli.convert import VERBS
from nbimage.cli.parser import Parser

_STACKS = (
    "nbimage view shows one at a time, .mp4 and .gif play them, .tif and .zarr keep them all, "
    ".dzi one by --planes"
)
_CALLS = (
    ("nbgrid(data) shows all planes, nbview(data) one at a time, data[0] is one", _STACKS),
    ("nbgrid(data) shows them all, nbview(data) one at a time, data[0] is one", _STACKS),
    ("nbgrid and nbview show them all", _STACKS),
    ("nbview shows them all, open_pyramid reads one", _STACKS),
    (
        "nbimage(data) shows one picture; give one picture as data[None]",
        "nbimage convert writes one picture",
    ),
    (
        "give list(data) to keep that silently; nbimage(data) shows one picture in color",
        "nbimage convert writes one picture in color",
    ),
    (
        "nbvideo and nbview show it, frames(path)[0] is one",
        "nbimage video and nbimage view show it",
    ),
    ("nbgrid and nbvideo take a folder of pictures", "nbimage video takes a folder of pictures"),
    (", by numpy.load(path)[key] in Python", ""),
    (" on the command line", ""),
    ('planes="all"', "--planes all"),
)
_PLANE = re.compile(r"planes=\{'([^']*)': (\d+)\}")
_PARAMETER = re.compile(r"(?<![\w.\-'])([a-z_]+)=(?= |$)")


def explain_error(error: BaseException, parser: Any) -> str:
    """Return an error as one line of the command line, which has options and no calls."""
    text = str(error)
    if isinstance(error, OSError) and error.errno is not None and error.filename is not None:
        text = f"{(error.strerror or '').lower()}: {error.filename!r}"
        if isinstance(error, FileNotFoundError):
            text = describe_missing(error.filename)
    text = _without_calls(text)
    if text.startswith("a picture is saved as"):
        text += f", or another one: .{', .'.join(VERBS)}"
    text = _PLANE.sub(r'--planes "\1=\2"', text)

    def as_option(found: re.Match[str]) -> str:
        option = f"--{found[1].replace('_', '-')}"
        return option if isinstance(parser, Parser) and parser.has(option) else found[0]

    return _PARAMETER.sub(as_option, text)


def _without_calls(text: str) -> str:
    for call, words in _CALLS:
        text = text.replace(call, words)
    return text


def explain_verb(word: str, verbs: Collection[str]) -> str:
    """Return the error for a first word that is no verb."""
    if Path(word).exists() or "." in word or "/" in word:
        return f"no verb {word!r}: nbimage view FILE shows it, nbimage info FILE says what it holds"
    near = difflib.get_close_matches(word, verbs, 1, 0.6)
    if near:
        return f"no verb {word!r}: did you mean {near[0]}?"
    return f"no verb {word!r}: choose from {', '.join(verbs)}"


@contextlib.contextmanager
def warnings_in_lines() -> Iterator[None]:
    """Print each warning as one line, without the program's own line that is of no use."""
    before = warnings.showwarning

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        print_error(_without_calls(" ".join(str(message).split())))

    warnings.showwarning = show
    try:
        yield
    finally:
        warnings.showwarning = before
