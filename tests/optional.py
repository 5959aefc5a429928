"""Packages that not every Python has: a test that asks for one is skipped where it is missing."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest

NEEDS_NEWER = {"zarr"} if sys.version_info < (3, 11) else set()


class _Missing:
    """A package that this Python has no release of."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        if attribute.startswith("_"):  # pytest looks at all that a module has
            raise AttributeError(attribute)
        pytest.skip(f"{self._name} needs a newer Python")


def is_missing(error: ImportError) -> bool:
    """Say whether an import failed for want of a package that this Python has no release of."""
    return any(name in str(error) for name in NEEDS_NEWER)


def optional(name: str) -> Any:
    """Import a package; stand in for it where this Python has no release of it."""
    return _Missing(name) if name in NEEDS_NEWER else importlib.import_module(name)


zarr: Any = optional("zarr")
