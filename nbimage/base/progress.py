"""Progress bars, shown only while work takes more than a moment and somebody is watching.

A bar is gone when its work is done, also where that failed or was interrupted: in a terminal its
line is cleared, in a notebook its output becomes one without content.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from nbimage.base.notebook import notebook_shell

T = TypeVar("T")
Count = Callable[[int], object]
"""Takes how much more is done."""

_DELAY, _INTERVAL = 1.0, 0.2  # seconds until a bar is seen, and between two of its states
_numbers = itertools.count()


@contextmanager
def progress_bar(label: str, total: int | None, wanted: bool, unit: str = "px") -> Iterator[Count]:
    """Yield a function that takes how many more units are done."""
    shell = notebook_shell()
    if not (wanted and _is_watched()):
        yield lambda amount: None
    elif shell is not None:
        bar = _NotebookBar(shell, label, total, unit)
        try:
            yield bar.update
        finally:
            bar.close()
    else:
        from tqdm import tqdm

        terminal: Any = tqdm(
            desc=label,
            total=total,
            leave=False,
            delay=_DELAY,
            unit=unit if unit == "px" else f" {unit}",
            unit_scale=unit == "px",
            file=sys.stderr,
        )
        with terminal:
            yield terminal.update


def _is_watched() -> bool:
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal or notebook_shell() is not None


def count_items(items: Iterable[T], count: Count) -> Iterator[T]:
    """Yield items and count each that has been used."""
    for item in items:
        yield item
        count(1)


class _NotebookBar:
    """A bar that is an output of its own, and an empty one from when it is closed."""

    def __init__(self, shell: Any, label: str, total: int | None, unit: str) -> None:
        self._publisher, self._label = shell.display_pub, label
        self._total, self._unit = total, unit
        self._name = {"display_id": f"nbimage-progress-{next(_numbers)}"}
        self._done, self._shown = 0, False
        self._next = time.monotonic() + _DELAY
        self._lock = threading.Lock()

    def update(self, amount: int = 1) -> None:
        """Count more, and show it unless that was done a moment ago."""
        with self._lock:
            self._done += amount
            if time.monotonic() < self._next:
                return
            again, self._shown = self._shown, True
            self._publish(self._draw(), again)
            self._next = time.monotonic() + _INTERVAL

    def close(self) -> None:
        """Take the bar off the page: what is stored of it has no content."""
        with self._lock:
            self._next = float("inf")
            if self._shown:
                self._publish({}, True)

    def _draw(self) -> dict[str, str]:
        done = _format_amount(self._done, self._unit)
        known = self._total is not None and self._total > 0
        text = f"{self._label}: {done}"
        if known:
            text += f" of {_format_amount(self._total or 0, self._unit)}"
        text += f" {'Mpx' if self._unit == 'px' else self._unit}"
        share = f' value="{min(1.0, self._done / (self._total or 1)):.3f}"' if known else ""
        html = (
            '<div style="font:13px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums">'
            f'<progress max="1"{share} style="vertical-align:middle"></progress> {text}</div>'
        )
        return {"text/html": html, "text/plain": text}

    def _publish(self, data: dict[str, str], update: bool) -> None:
        self._publisher.publish(data, {}, transient=self._name, update=update)


def _format_amount(amount: int, unit: str) -> str:
    return f"{amount / 1e6:,.1f}" if unit == "px" else f"{amount:,}"
