"""Forked processes that never outlive a test."""

from __future__ import annotations

import faulthandler
import os
import pickle
import select
import signal
import time
import warnings
from collections.abc import Callable
from typing import Any

import pytest

SECONDS = 60
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")


class Child:
    """A forked process that does something; left, it has ended or is killed."""

    def __init__(self, work: Callable[[], Any], seconds: float = SECONDS) -> None:
        self._until = time.monotonic() + seconds
        self._read, write = os.pipe()
        with warnings.catch_warnings():  # of forks beside threads: those are what is tested
            warnings.simplefilter("ignore", DeprecationWarning)
            self.process = os.fork()
        if not self.process:
            os.close(self._read)
            faulthandler.dump_traceback_later(seconds / 2)
            _run(work, write)
        os.close(write)
        if not os.read(self._read, 1):
            pytest.fail("a forked process ended before it began")

    def result(self) -> Any:
        """Return what was done, or fail if that takes too long."""
        parts = []
        while True:
            left = max(0.0, self._until - time.monotonic())
            if not select.select([self._read], [], [], left)[0]:
                pytest.fail("a forked process hangs")
            part = os.read(self._read, 1 << 16)
            if not part:
                break
            parts.append(part)
        done, value = pickle.loads(b"".join(parts))
        if not done:
            pytest.fail(f"a forked process failed: {value}")
        return value

    def kill(self) -> None:
        """End it, if it has not ended."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._read)

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def _run(work: Callable[[], Any], write: int) -> None:
    """Do it and end at once: what was begun in the parent process is not ended here."""
    try:
        os.write(write, b".")  # what is done at a fork is done by now
        try:
            told = pickle.dumps((True, work()))
        except BaseException as error:
            told = pickle.dumps((False, f"{type(error).__name__}: {error}"))
        with os.fdopen(write, "wb") as file:
            file.write(told)
    finally:
        os._exit(0)


def in_children(work: Callable[[int], Any], count: int, beside: Callable[[], Any]) -> list[Any]:
    """Return what several forked processes do at once, and this one beside them."""
    children: list[Child] = []
    try:
        for number in range(count):
            children.append(Child(lambda number=number: work(number)))  # type: ignore[misc]
        own = beside()
        return [own, *(child.result() for child in children)]
    finally:
        for child in children:
            child.kill()
