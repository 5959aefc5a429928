"""Show MIME bundles in a notebook: the only module that imports IPython.

What is in a bundle is made elsewhere in `page`; without a notebook one line is printed.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, Protocol

from nbimage.base.notebook import notebook_shell, print_line
from nbimage.base.text import encode_base64, replace_surrogates
from nbimage.base.user_warnings import warn
from nbimage.page.frames.marimo_output import in_marimo, show_in_marimo

LARGE = 5_000_000
"""Bytes of an output from which a warning tells the ways to less."""
Bundle = tuple[dict[str, Any], dict[str, Any]]
WIDGET = "application/vnd.jupyter.widget-view+json"


class Showable(Protocol):
    """What can be shown in a notebook's cell, or in one line of text elsewhere."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle: ...


def mime_bundle(html: str, preview: bytes, width: float, text: str, smaller: str) -> Bundle:
    """Return the bundle of a picture: HTML for pages, PNG or JPEG for PDF, text for the rest.

    ``smaller`` are the ways to less, which a warning tells where the notebook grows by much.
    """
    size = len(html) + len(preview) * 4 / 3
    if size > LARGE:
        warn(f"this output adds {size / 1e6:.0f} MB to the notebook: {smaller}")
    kind = "image/jpeg" if preview.startswith(b"\xff\xd8") else "image/png"
    data = {
        "text/html": html,
        kind: encode_base64(preview),
        "text/plain": replace_surrogates(text),
    }
    return data, {kind: {"width": round(width)}}


_display_cells: dict[str, Any] = {}
"""The cell, and its run, that showed each display id."""


def show(item: Showable, display_id: str | None = None, hint: str = "") -> None:
    """Show an item in the current cell; elsewhere than in a notebook print its line of text.

    With a ``display_id`` that another call has shown, that output is updated in place; running
    its own cell again shows it anew, since the notebook has cleared it.
    """
    if in_marimo():
        show_in_marimo(item, display_id)
        return
    shell = notebook_shell()
    if shell is None:
        print_line(f"{item!r}{hint}")
        return
    from IPython import display as ipython

    display: Any = ipython.display
    update_display: Any = ipython.update_display

    if display_id is None:
        display(item)
        return
    if _is_update(display_id):
        update_display(item, display_id=display_id)
    else:
        display(item, display_id=display_id)


def show_live(still: Bundle, model_id: str, display_id: str, shared: bool) -> None:
    """Show a widget below the picture that stands where the widget can't be.

    ``shared``: others may have shown the display id, and their output is updated.

    Two outputs, since a trusted notebook that is opened without its kernel takes a widget for
    shown and never falls back to the rest of its bundle.
    """
    from IPython import display as ipython

    display: Any = ipython.display
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    live = {WIDGET: view, "text/html": "", "text/plain": ""}
    data, metadata = still
    again = shared and _is_update(display_id)
    for part, details, name in ((data, metadata, ""), (live, {}, "-live")):
        own = f"{display_id}{name}"
        display(part, metadata=details, raw=True, display_id=own, update=again)


def update_shown(bundle: Bundle, display_id: str) -> None:
    """Replace an output that has been shown, from any thread."""
    from IPython import display as ipython

    publish: Any = ipython.publish_display_data
    data, metadata = bundle
    publish(data, metadata, transient={"display_id": display_id}, update=True)


def find_cell() -> tuple[Any, Any]:
    """Return the notebook's cell that runs now, and its run; None for what is not known."""
    shell = notebook_shell()
    if shell is None:
        return None, None
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    return parent.get("metadata", {}).get("cellId"), shell.execution_count


def call_before_runs(call: Callable[[Any], Any]) -> None:
    """Call before each run of a cell, with the cell that `find_cell` would return."""
    shell = notebook_shell()
    if shell is not None:
        shell.events.register("pre_run_cell", lambda *_: call(find_cell()[0]))


def _is_update(display_id: str) -> bool:
    """Return whether an output of this name is to be updated; else remember the new one."""
    here, run = find_cell()
    before = _display_cells.get(display_id)
    same_run = before == (here, run)
    other_cell = before is not None and here is not None and before[0] not in (None, here)
    if same_run or other_cell:
        return True
    _display_cells[display_id] = (here, run)
    return False


def call_in_main_thread(call: Callable[[], Any], after: float = 0) -> None:
    """Call in the kernel's main thread, so many seconds from now; elsewhere at once."""
    loop = getattr(getattr(notebook_shell(), "kernel", None), "io_loop", None)
    if loop is None:
        if not after:
            call()
    elif after:
        loop.add_callback(loop.call_later, after, call)
    elif threading.current_thread() is threading.main_thread():
        call()
    else:
        loop.add_callback(call)


def find_own_bundle(item: Any) -> Callable[..., Any] | None:
    """Return an object's own method that makes its MIME bundle; None where it has none."""
    from IPython.utils.dir2 import get_real_method

    method: Callable[..., Any] | None = get_real_method(item, "_repr_mimebundle_")
    return method


def has_own_html(item: Any) -> bool:
    """Return whether an object makes HTML, or a picture, of itself."""
    kind = type(item)
    return any(hasattr(kind, f"_repr_{name}_") for name in ("html", "svg", "png", "jpeg", "latex"))


Make = Callable[[Any], Any]
Printer = tuple[str, Any, Any]  # a formatter's table, the key in it, the function


def register(shell: Any, types: list[tuple[str, str]], make: Make) -> list[Printer]:
    """Register ``make`` as the MIME bundle formatter of types given by module and name.

    A type whose module has not been imported waits until it is. Returns the printers that were
    replaced, for `unregister`.
    """
    formatter = shell.display_formatter.mimebundle_formatter
    before: list[Printer] = []
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


def unregister(shell: Any, before: list[Printer], make: Make) -> None:
    """Restore the printers that `register` replaced, unless others came since."""
    formatter = shell.display_formatter.mimebundle_formatter
    for table in (formatter.type_printers, formatter.deferred_printers):
        for key in [key for key, function in table.items() if function is make]:
            del table[key]
    for name, key, function in before:
        getattr(formatter, name).setdefault(key, function)
