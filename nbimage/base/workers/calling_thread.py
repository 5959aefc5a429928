"""A pool that does each task in the calling thread, where others can't be started."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class CallingThread(Executor):
    """Does each task in the calling thread, when it is submitted."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Do a task; return its result, or what it raised, as a future that is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(work(*args, **options))
        except Exception as error:  # as a thread does
            future.set_exception(error)
        return future
