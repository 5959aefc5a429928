"""Whether threads can be started, how many are of use, and pools of them.

A browser's Python has one thread alone. All that needs others asks here, and does the same work in
the calling thread where there are none: `make_pool` for tasks whose results are waited for, `steps`
beside this module for what goes on in the background.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Result = TypeVar("Result")


@functools.cache
def can_start_threads() -> bool:
    """Return whether this Python can start threads: it is tried once."""
    thread = threading.Thread(target=bool, name="nbimage-try", daemon=True)
    try:
        thread.start()
    except RuntimeError:  # in a browser, or where the system allows no more
        return False
    thread.join()
    return True


def need_threads(what: str, instead: str) -> None:
    """Raise RuntimeError where there are none; ``what`` needs them, ``instead`` is what to do."""
    if not can_start_threads():
        raise RuntimeError(
            f"{what} needs threads, but this Python can start none, as in a browser: {instead}"
        )


def processors() -> int:
    """Return how many processors this process may use: one without threads."""
    if not can_start_threads():
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS or Windows
        return os.cpu_count() or 1


def make_pool(count: int, name: str) -> Executor:
    """Return a pool of so many threads; one that does each task at once where there are none.

    Another thread starts them, which Ctrl-C never interrupts: a thread that is started, but not yet
    known to its pool, would wait for tasks for ever, and the process for it.
    """
    if not can_start_threads():
        from nbimage.base.workers.calling_thread import CallingThread

        return CallingThread()
    from concurrent.futures import ThreadPoolExecutor  # 5 ms, only for large arrays

    pool = ThreadPoolExecutor(count, name)
    starter = threading.Thread(target=_start_all, args=(pool, count), name=f"{name}-start")
    starter.start()
    starter.join()
    return pool


def _start_all(pool: Executor, count: int) -> None:
    """Start all threads of a pool: its first tasks wait until each has one."""
    all_of_them = threading.Barrier(count)
    try:
        for _ in range(count):
            pool.submit(all_of_them.wait)
    except RuntimeError:  # the system allows no more: those that there are do
        all_of_them.abort()


def do_uninterrupted(work: Callable[[], Result]) -> Result:
    """Do what must be done whole or not at all, such as starting a program, and return its result.

    Another thread does it, since Ctrl-C interrupts the main one alone. Where the wait for it is
    interrupted it is done nevertheless, or was not begun: the caller must undo it then.
    """
    if threading.current_thread() is not threading.main_thread() or not can_start_threads():
        return work()
    from concurrent.futures import Future

    done: Future[Result] = Future()
    thread = threading.Thread(target=work_on, args=(done, work), name="nbimage-whole")
    try:
        thread.start()
        return done.result()
    except BaseException:
        if not done.cancel():
            done.exception()  # it has ended then
        raise


def work_on(done: Future[Result], work: Callable[..., Result], *given: Any) -> None:
    """Do some work and say so, unless who waits for it has taken it back."""
    if not done.set_running_or_notify_cancel():
        return
    try:
        done.set_result(work(*given))
    except BaseException as error:
        done.set_exception(error)
