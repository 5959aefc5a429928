"""What other packages log while they are asked here: errors say it in one line.

Nothing else that they log is kept from the process.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextvars import ContextVar

_QUIET: ContextVar[bool] = ContextVar("nbimage quiet logs", default=False)


class _Filter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        """Say whether a record is of somebody else's call."""
        return not _QUIET.get()


_FILTER = _Filter()


@contextlib.contextmanager
def without_logs(package: str) -> Iterator[None]:
    """Keep what a package logs in this thread from the process."""
    logging.getLogger(package).addFilter(_FILTER)  # which is there once
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)
