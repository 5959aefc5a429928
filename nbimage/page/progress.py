"""A bar while long work goes on, where somebody is looking."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, TypeVar

from nbimage.page.bundle import notebook_shell

T = TypeVar("T")


def with_progress(items: Iterator[T], total: int | None, wanted: bool) -> Iterator[T]:
    """Yield items, with a bar while they take more than a moment and somebody is looking."""
    notebook = notebook_shell() is not None
    if not wanted or not (notebook or (sys.stderr is not None and sys.stderr.isatty())):
        yield from items
        return
    from importlib.util import find_spec

    from tqdm import tqdm

    bar: Any = tqdm
    if notebook and find_spec("ipywidgets"):  # without it tqdm's own notebook bar warns
        from tqdm.notebook import tqdm as notebook_bar

        bar = notebook_bar
    yield from bar(items, "encoding", total, leave=False, delay=1, unit="frame")
