"""`ReportingWidget`: a page that holds all values says to Python what is seen, where it can.

Nothing is displayed for it and no values go by it: of it the notebook has a name alone, the same
one when the cell is run again. Not here: the messages themselves (`widget`, `messages`).
"""

from __future__ import annotations

import functools
import importlib.util
import weakref
from typing import Any

from nbimage.base.notebook import notebook_shell
from nbimage.page.ipython import call_in_main_thread, find_cell
from nbimage.page.view_html import REPORT, live_script
from nbimage.view.live.widget import LiveWidget
from nbimage.view.live.widget_class import widget_class
from nbimage.view.model.view_model import ViewModel

_shown: dict[Any, tuple[Any, int]] = {}
"""Of each cell its latest run, and how many views have been shown there."""


def begin_reporting(view: Any, live: LiveWidget | None) -> LiveWidget | None:
    """Have the pages that show an embedded view report to it from here on.

    Returns its side in the kernel; None without a kernel, anywidget, or a front-end that names the
    cell it runs: a program runs the notebook then.
    """
    here = None if notebook_shell() is None else find_cell()[0]
    if here is None or importlib.util.find_spec("anywidget") is None:
        return live
    if not isinstance(live, ReportingWidget):
        live = ReportingWidget(view, view.model)
        weakref.finalize(view, functools.partial(_close, live)).atexit = False
    live.show_beside(_name_display())
    return live


def _name_display() -> str:
    """Return a name for what the cell shows next: in each run of it the same ones."""
    here, run = find_cell()
    before, count = _shown.get(here, (run, 0))
    count = count + 1 if before == run else 1
    _shown[here] = run, count
    return f"{here}-{count}"


def _close(live: LiveWidget) -> None:
    """Close what nobody can read any more; the collector runs in any thread."""
    call_in_main_thread(live.close)


class ReportingWidget(LiveWidget):
    """The kernel's side of a view whose values are kept in the page."""

    def __init__(self, owner: Any, model: ViewModel) -> None:
        super().__init__(owner, model)
        self._names: list[str] = []
        self._next = ""

    def _make_widget(self) -> Any:
        return widget_class()(reports=True)

    def _script(self) -> tuple[str, bytes]:
        return live_script(REPORT)

    def _describe(self) -> dict[str, Any]:
        """Return by what the page is recognized, and what has been changed."""
        state = {name: self.model.state[name] for name in self.changed}
        return {"state": state, "names": self._names}

    def show_beside(self, name: str) -> None:
        """Note that the cell shows it, under this name."""
        self.note_cell()
        self._next = name
        self._names.append(name)
        if self.widget.comm is not None:
            self.send({"type": "shown", "name": name})

    def take_name(self) -> str:
        """Return the name for what is shown now, once."""
        name, self._next = self._next, ""
        return name

    def close(self) -> None:
        """End the widget: what is known of the state stays."""
        super().close()
        self._names = []
