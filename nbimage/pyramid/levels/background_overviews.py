"""Overviews of a pyramid that has no small levels: made in the background, kept for the session."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.levels.overview import Overview

QUICK = 1 << 24
"""Samples that may be read to make one tile; where it would be more, an overview is needed."""
_TILE = 256 * 256
_WHOLE = 1 << 20  # samples of a level that `Pyramid` makes as a whole
_PIXELS = 1 << 24  # of an overview
_LEVEL_BYTES = 1 << 27
_MOST = 1 << 28  # bytes of all overviews
_THREADS = max(2, min(4, os.cpu_count() or 1))
_SAMPLERS = 4
_ASIDE = 0.5  # seconds at most that a piece waits while tiles are asked for


class Overviews:
    """The overviews at all places along a pyramid's axes, those that were asked for last.

    Nothing is read before `sample` or `read`, and in the background only from `start` to `stop`.
    Any thread may call anything.
    """

    def __init__(self, pyramid: Pyramid) -> None:
        self.pyramid = pyramid
        levels = range(pyramid.grid.last + 1)
        self._costly = [level for level in levels if _cost(pyramid, level) > QUICK]
        self.level = self._largest()
        self._made: OrderedDict[Index, Overview] = OrderedDict()
        self._news = threading.Condition()
        self._threads: set[threading.Thread] = set()
        self._running = self._closed = False
        self._busy = 0

    def _largest(self) -> int | None:
        """Return the level to be made; None: none is needed."""
        pyramid, most = self.pyramid, _PIXELS
        most = min(most, _LEVEL_BYTES // (pyramid.channels * pyramid.dtype.itemsize))
        fit = [
            n for n in self._costly if pyramid.grid.shape(n)[0] * pyramid.grid.shape(n)[1] <= most
        ]
        return min(fit, default=None)

    @property
    def needed(self) -> bool:
        """Whether any level comes from here."""
        return self.level is not None

    def has(self, level: int) -> bool:
        """Say whether a level comes from here; others are quickly read from the pyramid."""
        return self.level is not None and level >= self.level and level in self._costly

    def share(self, *places: Index) -> float | None:
        """Return how much of some overviews is done, 0 to 1; None: nothing goes on there.

        Default: of the one that was asked for last.
        """
        with self._news:
            found = [self._made[place] for place in places if place in self._made]
            if not places:
                found = [*self._made.values()][-1:]
            if not self._running or all(one.done for one in found):
                return None
        return sum(one.share for one in found) / len(found)

    @property
    def problem(self) -> str:
        """What could not be read, in one line; "": nothing."""
        with self._news:
            return next((one.problem for one in reversed(self._made.values()) if one.problem), "")

    @property
    def stopped(self) -> bool:
        """Whether nothing is read in the background."""
        return not self._running

    def read(self, level: int, box: Box, place: Index) -> tuple[Array, bool]:
        """Return a part of a level, and whether it is rough; what it is made of comes next.

        Raises OSError where nothing can be read.
        """
        one = self._of(place)
        if not one.begun:
            self.sample(place, 0.2)
        return one.read(level, box)

    def looks(self, place: Index) -> Sequence[Array]:
        """Return some samples of what was read."""
        return tuple(self._of(place).looks)

    def sample(self, place: Index, seconds: float = 0.5) -> bool:
        """Read parts that lie evenly in the image for about so long, but at least one.

        Returns whether the overview is exact by now.
        """
        one = self._of(place)
        with one.sampling:
            if one.sampled or one.done:
                return one.done
            until = time.monotonic() + seconds
            if one.quick:
                one.look(until)
            count = _SAMPLERS if seconds > 0.1 else 1
            for _ in range(count):
                threading.Thread(
                    target=_sample,
                    args=(one, self._news, until),
                    name="nbimage-sample",
                    daemon=True,
                ).start()
            with self._news:
                while not one.done and not self._closed:
                    left = until - time.monotonic()
                    if left <= 0 and one.begun:
                        break
                    self._news.wait(max(left, 0.02))
            one.sampled = True
        return one.done

    def start(self) -> None:
        """Go on in the background until all is exact."""
        with self._news:
            if self._closed or not self.needed:
                return
            self._running = True
            self._hire()

    def stop(self) -> None:
        """Read no more in the background; what is there stays."""
        with self._news:
            self._running = False
            self._news.notify_all()

    def close(self, seconds: float = 1.0) -> None:
        """Stop, forget all, and wait a little for threads that are reading."""
        with self._news:
            self._closed = True
            self._made.clear()
        self.stop()
        until = time.monotonic() + seconds
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let the background wait while something more urgent is read."""
        with self._news:
            self._busy += 1
        try:
            yield
        finally:
            with self._news:
                self._busy -= 1
                self._news.notify_all()

    def _of(self, place: Index) -> Overview:
        place = tuple(place) or (0,) * len(self.pyramid.axes)
        with self._news:
            one = self._made.pop(place, None)
            if one is None:
                if self.level is None:
                    raise ValueError("an overview must be needed, but each level is read quickly")
                one = Overview(self.pyramid, self.level, place)
            if not self._closed:
                self._made[place] = one  # the latest is last
                most = max(1, _MOST // one.nbytes)
                while len(self._made) > most:
                    self._made.popitem(last=False)
                self._hire()
            return one

    def _hire(self) -> None:
        """Have threads, if there is something to do. The lock is held."""
        if not self._running or self._latest() is None:
            return
        while len(self._threads) < _THREADS:
            thread = threading.Thread(
                target=_fill, args=(weakref.ref(self),), name="nbimage-overview", daemon=True
            )
            self._threads.add(thread)
            thread.start()

    def _latest(self) -> Overview | None:
        """Return the overview to work on: the one that was asked for last."""
        return next((one for one in reversed(self._made.values()) if one.more), None)

    def _step(self) -> bool:
        """Read one piece. Returns False where the thread may end."""
        with self._news:
            if self._busy:
                self._news.wait_for(lambda: not self._busy or not self._running, _ASIDE)
            one = self._latest() if self._running else None
            if one is None:
                self._threads.discard(threading.current_thread())
                return False
        one.work()
        with self._news:
            self._news.notify_all()
        return True


def _fill(ref: weakref.ref[Overviews]) -> None:
    """Work until nothing is left, or nobody is there any more who wants it."""
    going = True
    while going:
        overviews = ref()
        going = overviews is not None and overviews._step()
        del overviews


def _sample(one: Overview, news: threading.Condition, until: float) -> None:
    going = True
    while going:
        going = one.work() and time.monotonic() < until
        with news:
            news.notify_all()


def _cost(pyramid: Pyramid, level: int) -> int:
    """Return how many samples are read to make one tile of a level."""
    above = max(own for own in pyramid.native_levels if own <= level)
    rows, columns = pyramid.grid.shape(above)
    whole = rows * columns
    if above == level:
        return _TILE
    small, wide = pyramid.grid.shape(level)
    if small * wide * pyramid.channels <= _WHOLE:
        return whole
    return min(whole, _TILE << (2 * (level - above)))
