"""Work that is shared out over threads."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from nbimage.base import chunked
from nbimage.base.chunked import share_out


def double(numbers: Sequence[int]) -> list[int]:
    return [2 * number for number in numbers]


def test_work_that_is_shared_out_shares_out_itself() -> None:
    def work(numbers: Sequence[int]) -> int:
        return sum(sum(map(sum, share_out(double, range(number)))) for number in numbers)

    whole = sum(number * (number - 1) for number in range(50))
    assert sum(share_out(work, range(50))) == whole


def test_an_error_in_any_share_is_raised_and_nothing_goes_on() -> None:
    begun: list[int] = []
    ended: list[int] = []

    def work(numbers: Sequence[int]) -> None:
        begun.extend(numbers)
        try:
            if 1 in numbers:
                raise ValueError("one")
        finally:
            ended.extend(numbers)

    with pytest.raises(ValueError, match="one"):
        share_out(work, range(8))
    assert 1 in begun and sorted(begun) == sorted(ended)


INTERRUPTED = """
import threading
from nbimage.base.chunked import share_out

start, main = threading.Thread.start, threading.main_thread()

def start_and_interrupt(thread):
    start(thread)
    if threading.current_thread() is main:  # where alone Ctrl-C is raised
        raise KeyboardInterrupt

import nbimage.base.chunked as chunked
chunked.thread_count = lambda: 2
from nbimage.base.workers.threads import can_start_threads
can_start_threads()
threading.Thread.start = start_and_interrupt
try:
    share_out(list, range(8))
except KeyboardInterrupt:
    print("interrupted", flush=True)
threading.Thread.start = start
print(len(share_out(list, range(8))))
"""


def test_an_interrupt_while_threads_start_leaves_none_that_the_process_waits_for() -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.split() == ["interrupted", "2"], done.stderr


def test_an_interrupt_between_shares_leaves_none_that_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It may come before the one that shares out has heard that a share was taken."""
    begun, ended = threading.Event(), threading.Event()

    def work(numbers: Sequence[int]) -> None:
        begun.set()
        time.sleep(0.1)  # so long that who doesn't wait is found out
        ended.set()

    monkeypatch.setattr(chunked, "thread_count", lambda: 4)
    threads = chunked._threads()
    submit = threads.submit

    def submit_and_interrupt(*given: Any) -> Any:
        submit(*given)
        begun.wait()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(threads, "submit", submit_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            share_out(work, range(8))
        assert ended.is_set()
