"""A bar for what takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def bar(what: str, total_pixels: int, wanted: bool) -> Iterator[Callable[[int], object]]:
    """Yield what is to be told of pixels that are done; a bar shows them if somebody is looking."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    notebook = hasattr(shell, "kernel")
    if not wanted or not (notebook or (sys.stderr is not None and sys.stderr.isatty())):
        yield lambda pixels: None
        return
    from tqdm import tqdm

    shown: Any = tqdm(
        desc=what,
        total=total_pixels,
        leave=False,
        delay=1,
        unit="px",
        unit_scale=True,
        file=sys.stderr,
    )
    with shown:
        yield shown.update
