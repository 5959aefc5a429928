"""Warnings that point at the caller's line, and that code around can collect.

`catch_warnings` changes what the whole process filters: another thread may be in it.
"""

from __future__ import annotations

import sys
import warnings
from contextvars import ContextVar

_COLLECTED: ContextVar[list[str] | None] = ContextVar("nbimage warnings", default=None)


def warn(message: str) -> None:
    """Issue a UserWarning, or have it collected."""
    collected = _COLLECTED.get()
    if collected is None:
        warnings.warn(message, UserWarning, stacklevel=_caller_stacklevel())
    else:
        collected.append(message)


class collect_warnings:  # noqa: N801 (which stands in a with statement)
    """Collect the warnings of this package that this thread issues; none of them is shown."""

    __slots__ = ("_collected", "_token")

    def __enter__(self) -> list[str]:
        self._collected: list[str] = []
        self._token = _COLLECTED.set(self._collected)
        return self._collected

    def __exit__(self, *error: object) -> None:
        _COLLECTED.reset(self._token)


def _caller_stacklevel() -> int:
    """Return the stack level of the first frame outside this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == "nbimage":
        level, frame = level + 1, frame.f_back
    return level
