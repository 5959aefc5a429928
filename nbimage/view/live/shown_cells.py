"""Which live views a cell shows: what it has shown is closed when it runs again.

Not here: what a live view does (`widget`).
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

from nbimage.page.ipython import call_before_runs, find_cell

_cells: dict[Any, list[weakref.ref[Any]]] = {}


def note_cell(live: Any) -> Any:
    """Have a view's ``forget_cell`` called when the cell that runs now runs again.

    Returns the cell; None where it is not known.
    """
    here, _ = find_cell()
    if here is not None:
        _watch_cells()
        _cells.setdefault(here, []).append(weakref.ref(live))
    return here


@functools.cache
def _watch_cells() -> None:
    """Close what a cell has shown when it runs again."""

    def begins(here: Any) -> None:
        for live in (ref() for ref in _cells.pop(here, ())):
            if live is not None:
                live.forget_cell(here)

    call_before_runs(begins)
