"""Warnings that point at the caller's line."""

from __future__ import annotations

import sys


def caller_stacklevel() -> int:
    """Return the stack level of the first frame outside this package."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == "nbimage":
        level, frame = level + 1, frame.f_back
    return level
