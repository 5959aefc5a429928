"""Work in the background where no thread can be started: step by step, between other events.

In a notebook in the browser the event loop of the page comes back to each step; where no loop runs,
all steps are done at once.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable


class Steps:
    """Calls a function again and again while it returns True: it has done something.

    Of no use where there are threads.
    """

    def __init__(self, step: Callable[[], bool]) -> None:
        self._step, self._going = step, False

    def start(self) -> None:
        """Begin, unless it goes on already."""
        if self._going:
            return
        self._going = True
        loop = find_loop()
        if loop is None:
            self.finish()
        else:
            loop.call_soon(self._go_on, loop)

    def finish(self) -> None:
        """Do all that is left now."""
        self._going = True
        try:
            while self._step():
                pass
        finally:
            self._going = False

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        more = False
        try:
            more = self._going and self._step()
        finally:
            self._going = more
        if more:
            loop.call_soon(self._go_on, loop)


def call_soon(work: Callable[[], object], seconds: float = 0) -> asyncio.TimerHandle | None:
    """Call a function once, when the event loop comes to it; return what cancels that.

    Where no loop runs it is called at once; after some ``seconds`` never.
    """
    loop = find_loop()
    if loop is not None:
        return loop.call_later(seconds, contextvars.copy_context().run, work)
    if not seconds:
        work()
    return None


def find_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
