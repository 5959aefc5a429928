"""Other people's types, without importing them: what has not been imported can't be here."""

from __future__ import annotations

import sys
from typing import Any


def loaded(module: str, name: str) -> Any:
    """Return a module's type if anyone has imported the module; else an empty tuple.

    Either will do for `isinstance`.
    """
    return getattr(sys.modules.get(module), name, ())
