"""The order of the tests: those that wait for browsers first, so that no process is left over."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in browsers before all others, which keep their order."""
    items.sort(key=lambda item: "e2e" not in item.path.parts)
