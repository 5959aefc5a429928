"""How much memory Python's objects and NumPy's arrays take, for tests."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Memory:
    """What a `with` statement took; known at its end."""

    peak: int = 0
    """Bytes."""


@contextmanager
def traced() -> Iterator[Memory]:
    """Measure what is allocated within."""
    found = Memory()
    tracemalloc.start()
    try:
        yield found
        found.peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
