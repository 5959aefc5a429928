"""The logs of this package, under the name ``nbimage``: what is opened, read, cached and served.

Nothing is printed unless the user asks for it (``nbimage -v``, or handlers of `logging`), and
nothing is formatted: what takes time to be written is given as `Lazily`.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

_ROOT = logging.getLogger("nbimage")
_ROOT.addHandler(logging.NullHandler())


def find_log(name: str) -> logging.Logger:
    """Return the log of a subject: "open", "read", "cache", "serve", "ffmpeg" or "write"."""
    return _ROOT.getChild(name)


class Lazily:
    """A part of a message that is made when the message is written, and else never."""

    __slots__ = ("_arguments", "_make")

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        self._make, self._arguments = make, arguments

    def __str__(self) -> str:
        return str(self._make(*self._arguments))


def join_command(command: Sequence[str]) -> str:
    """Return a command as a shell takes it."""
    import shlex

    return shlex.join(command)


class _Lines(logging.Formatter):
    """A line a message, such as "nbimage.open: ..."."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__("%(name)s: %(message)s")
        self._clean = clean

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (its name there)
        return self._clean(super().formatMessage(record))


@contextlib.contextmanager
def logs_shown(shown: bool, clean: Callable[[str], str] = str) -> Iterator[None]:
    """Print everything that is logged to stderr, in lines such as "nbimage.open: ...".

    ``clean`` makes of a line what a terminal may be given.
    """
    if not shown:
        yield
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(clean))
    level = _ROOT.level
    _ROOT.addHandler(handler)
    _ROOT.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        _ROOT.setLevel(level)
        _ROOT.removeHandler(handler)
