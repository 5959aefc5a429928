"""MIME bundles and how they reach the notebook: the only room that imports IPython."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import Any, Protocol

Bundle = tuple[dict[str, Any], dict[str, Any]]


class Showable(Protocol):
    """What can be shown in a notebook's cell, or in one line of text elsewhere."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle: ...


def mime_bundle(html: str, png: bytes, width: float, text: str) -> Bundle:
    """Return the bundle of a picture: HTML for pages, PNG for PDF and GitHub, text for the rest."""
    data = {
        "text/html": html,
        "image/png": base64.b64encode(png).decode("ascii"),
        "text/plain": text,
    }
    return data, {"image/png": {"width": round(width)}}


_shown: dict[str, Any] = {}
"""The cell, and its run, in which each display id was shown."""


def show(item: Showable, display_id: str | None = None, hint: str = "") -> None:
    """Show an item in the current cell; elsewhere than in a notebook print its line of text.

    With a ``display_id`` that another call has shown, that output is updated in place; running
    its own cell again shows it anew, since the notebook has cleared it.
    """
    shell = notebook_shell()
    if shell is None:
        say(f"{item!r}{hint}")
        return
    from IPython import display as ipython

    display: Any = ipython.display
    update_display: Any = ipython.update_display

    if display_id is None:
        display(item)
        return
    run = shell.execution_count
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    cell = parent.get("metadata", {}).get("cellId")
    before = _shown.get(display_id)
    same_run = before == (cell, run)
    other_cell = before is not None and cell is not None and before[0] not in (None, cell)
    if same_run or other_cell:
        update_display(item, display_id=display_id)
    else:
        display(item, display_id=display_id)
        _shown[display_id] = (cell, run)


def notebook_shell() -> Any:
    """Return the IPython shell if a notebook's kernel runs it, else None."""
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


Make = Callable[[Any], Any]
Known = tuple[str, Any, Any]  # a formatter's table, a key in it, the function there


def register(shell: Any, types: list[tuple[str, str]], make: Make) -> list[Known]:
    """Have a shell show objects of these types, named by module and name, as ``make`` says.

    A type whose module has not been imported waits until it is. Returns what held before, for
    `unregister`.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    before: list[Known] = []
    for module, name in types:
        known = getattr(sys.modules.get(module), name, None)
        for table, key in (("type_printers", known), ("deferred_printers", (module, name))):
            if key in getattr(formatter, table):
                before.append((table, key, getattr(formatter, table)[key]))
        if isinstance(known, type):
            formatter.for_type(known, make)
        else:
            formatter.for_type_by_name(module, name, make)
    return before


def unregister(shell: Any, before: list[Known], make: Make) -> None:
    """Have a shell show objects as it did before `register`, but for what came since."""
    formatter = shell.display_formatter.mimebundle_formatter
    for table in (formatter.type_printers, formatter.deferred_printers):
        for key in [key for key, function in table.items() if function is make]:
            del table[key]
    for name, key, function in before:
        getattr(formatter, name).setdefault(key, function)


def say(text: str) -> None:
    """Print a line, whatever letters the output can show."""
    try:
        print(text)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding))
