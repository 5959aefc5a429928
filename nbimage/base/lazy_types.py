"""Find types of other packages without importing these: what never was imported has no objects."""

from __future__ import annotations

import sys
from typing import Any


def find_type(module: str, name: str) -> Any:
    """Return a type if anyone has imported its module; else an empty tuple.

    Either will do for `isinstance`.
    """
    return getattr(sys.modules.get(module), name, ())
