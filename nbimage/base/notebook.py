"""Whether a notebook's kernel runs this process, and how to print where none does."""

from __future__ import annotations

import sys
from typing import Any


def notebook_shell() -> Any:
    """Return the IPython shell if a notebook's kernel runs it, else None."""
    # IPython can't run this process without having been imported; importing it here would be slow
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = None if get_ipython is None else get_ipython()
    return shell if hasattr(shell, "kernel") else None


def print_line(text: str) -> None:
    """Print a line; letters that the output can't encode are escaped."""
    try:
        print(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding))
