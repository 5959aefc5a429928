"""Running tasks on parts of an image: here in threads, elsewhere through a protocol."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol, TypeVar

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.workers.threads import can_start_threads, make_pool
from nbimage.base.workers.threads import processors as processors

Task = TypeVar("Task")
Taken = TypeVar("Taken", contravariant=True)
Result = TypeVar("Result", covariant=True)
Read = Callable[[Box], Array]
"""Return pixels of a part of a level: ``(H, W)`` or ``(H, W, C)``."""


class Work(Protocol[Taken, Result]):
    """What is to be done with each of some parts of an image, in any order and by any thread."""

    def box(self, task: Taken) -> Box:
        """Return what is to be read for a task."""

    def find_done(self, task: Taken) -> Result | None:
        """Return the result of a task that was done before: a killed worker's are done again."""

    def is_removed(self) -> bool:
        """Say whether nobody waits for the results any more."""

    def __call__(self, task: Taken, block: Array) -> Result:
        """Do a task; ``block`` is what was read."""


class Executor(Protocol):
    """Where tasks are run."""

    @property
    def workers(self) -> int:
        """How many run at once."""

    def __call__(self, tasks: list[Task], read: Read, work: Work[Task, Result]) -> Iterator[Result]:
        """Yield the results as they are done; closed before the end, no other task is begun."""


@dataclass(frozen=True, slots=True)
class Threads:
    """Runs tasks in threads of this process."""

    workers: int

    def __call__(self, tasks: list[Task], read: Read, work: Work[Task, Result]) -> Iterator[Result]:
        """Yield the results as they are done."""
        return in_threads(tasks, lambda task: work(task, read(work.box(task))), self.workers)


def in_threads(
    tasks: list[Task], work: Callable[[Task], Result], threads: int | None = None
) -> Iterator[Result]:
    """Yield what ``work`` returns for each task, in the order in which they are done.

    At an error or an interrupt no other task is begun, and those that run are waited for.
    """
    count = min(threads or processors(), len(tasks))
    if count <= 1 or not can_start_threads():
        yield from map(work, tasks)
        return
    waiting: set[Future[Result]] = set()
    with make_pool(count, "nbimage-tiles") as pool:
        try:
            for task in tasks:
                if len(waiting) >= 2 * count:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
                waiting.add(pool.submit(work, task))
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in waiting:
                future.cancel()


def run_closed(
    run: Executor, tasks: list[Task], read: Read, work: Work[Task, Result]
) -> Generator[Result, None, None]:
    """Yield what an executor does; closed, it ends the executor at once."""
    yield from run(tasks, read, work)
