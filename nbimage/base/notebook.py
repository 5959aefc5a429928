"""Whether a notebook's kernel runs this process, and how to print where none does."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from nbimage.base.text import replace_surrogates, show_controls
from nbimage.base.user_warnings import collect_warnings


def notebook_shell() -> Any:
    """Return the IPython shell if a notebook's kernel runs it, else None."""
    # IPython can't run this process without having been imported; importing it here would be slow
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if get_ipython is None else get_ipython()
    return shell if hasattr(shell, "kernel") else None


def print_error(text: str) -> None:
    """Print a line to stderr; in silence where nobody reads it."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"nbimage: {_printable(text)}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def print_warnings() -> Iterator[None]:
    """Print the warnings of this package to stderr, a line each, once what issues them is done."""
    with collect_warnings() as caught:
        yield
    for message in caught:
        print_error(message)


def _printable(text: str) -> str:
    """Return text in which what comes from files can't steer the terminal; lines stay apart."""
    return "\n".join(map(show_controls, replace_surrogates(text).split("\n")))


class OutputClosedError(BrokenPipeError):
    """Nobody reads what is printed."""


def print_line(text: str) -> None:
    """Print a line; letters that a terminal obeys, or can't encode, are escaped.

    Raises OutputClosedError where nobody reads it.
    """
    text = _printable(text)
    try:
        print(text, flush=True)  # though it be a pipe
    except BrokenPipeError:
        raise OutputClosedError from None
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
