"""Outputs in marimo: the only module that knows it.

marimo runs no scripts in the HTML of an output, but those of a frame; widgets are its own elements.
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

Shown = tuple["weakref.ref[Any]", int]
_shown: dict[str, Shown] = {}
"""Of each display id the outputs of the cell's run that has shown it, and which of them it is."""


def in_marimo() -> bool:
    """Return whether a marimo notebook runs this process: edited or as an app, not as a script."""
    marimo = sys.modules.get("marimo")  # it can't run this process without having been imported
    running = getattr(marimo, "running_in_notebook", None)
    return running is not None and bool(running())


def show_in_marimo(item: Any, display_id: str | None = None) -> None:
    """Show an item below what the cell has shown.

    With a ``display_id`` that has been shown in the same run of the cell, in its place.
    """
    from marimo import output

    shown: Any = _find_outputs()
    if display_id is not None and shown is not None:
        known, index = _shown.get(display_id, (None, 0))
        if known is not None and known() is shown:  # which only grows while its cell runs
            output.replace_at_index(item, index)
            return
        _shown[display_id] = weakref.ref(shown), len(shown)
    output.append(item)


def _find_outputs() -> Any:
    """Return what the running cell has shown; None where marimo doesn't say."""
    try:
        from marimo._runtime.context import get_context

        found = get_context().execution_context.output
        len(found)
    except Exception:  # its private parts, which may be others in another version
        return None
    return found


def widget_html(widget: Any) -> str:
    """Return a widget as the HTML of marimo's element for it."""
    import marimo

    return str(marimo.as_html(widget).text)
