"""Progress bars, shown only while work takes more than a moment and somebody is watching."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from nbimage.base.notebook import notebook_shell

T = TypeVar("T")


def iterate_with_progress(items: Iterator[T], total: int | None, wanted: bool) -> Iterator[T]:
    """Yield frames to be encoded, with a bar that counts them."""
    if not (wanted and _is_watched()):
        yield from items
        return
    yield from _bar_class()(items, "encoding", total, leave=False, delay=1, unit="frame")


@contextmanager
def progress_bar(label: str, total_pixels: int, wanted: bool) -> Iterator[Callable[[int], object]]:
    """Yield a function that takes how many more pixels are done."""
    if not (wanted and _is_watched()):
        yield lambda pixels: None
        return
    from tqdm import tqdm

    bar: Any = tqdm(
        desc=label,
        total=total_pixels,
        leave=False,
        delay=1,
        unit="px",
        unit_scale=True,
        file=sys.stderr,
    )
    with bar:
        yield bar.update


def _is_watched() -> bool:
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return terminal or notebook_shell() is not None


def _bar_class() -> Any:
    from importlib.util import find_spec

    from tqdm import tqdm

    if notebook_shell() is None or not find_spec("ipywidgets"):  # without it tqdm.notebook warns
        return tqdm
    from tqdm.notebook import tqdm as notebook_bar

    return notebook_bar
