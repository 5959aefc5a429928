"""Overviews of a pyramid that has no small levels: made in the background, kept for the session.

Of a file whose levels are kept in a cache, the levels are built in the background meanwhile, and
read from there as soon as they are whole. How one overview is made is `overview`'s.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import call_in_child
from nbimage.base.workers.steps import Steps
from nbimage.base.workers.threads import can_start_threads
from nbimage.pyramid.core.downsample import repeat_samples, shrink_box
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.levels.costly_levels import (
    find_costly_levels,
    find_overview_level,
    find_slow_levels,
)
from nbimage.pyramid.levels.level_cache import CachedSource
from nbimage.pyramid.levels.overview import Overview
from nbimage.pyramid.levels.row_bands import BuildHooks, BuildStoppedError

_MOST = 1 << 28  # bytes of all overviews
_THREADS = max(2, min(4, os.cpu_count() or 1))
_SAMPLERS = 4
_MAX_ROUGH = 1 << 13  # parts of which it is known that they have been read roughly
_PAUSE = 0.5  # seconds at most that a block waits while tiles are asked for


class Overviews:
    """The overviews of a pyramid's planes, those that were asked for last.

    Nothing is read before `sample` or `read`, and in the background only from `start` to `stop`.
    Any thread may call anything.
    """

    def __init__(self, pyramid: Pyramid) -> None:
        self.pyramid = pyramid
        source = pyramid.source
        self._cache = source if isinstance(source, CachedSource) else None
        self._own = pyramid if self._cache is None else Pyramid(self._cache.own)
        self._whole = self._cache is not None and not self._cache.is_quick
        self._costly = find_costly_levels(self._own, whole=self._whole)
        self.level = find_overview_level(pyramid, self._costly)
        self._slow = find_slow_levels(self._own, self.level)
        self._read_roughly: OrderedDict[tuple[int, Box, Index], None] = OrderedDict()
        self._overviews: OrderedDict[Index, Overview] = OrderedDict()
        self._built: set[Index] = set()
        self._building: set[Index] = set()
        self._uncached: set[Index] = set()  # planes whose levels can't be kept
        self._changed = threading.Condition()
        self._threads: set[threading.Thread] = set()
        self._running = self._closed = False
        self._pauses = 0
        self._steps = Steps(partial(_step, weakref.ref(self)))
        call_in_child(self._begin_child)

    def _begin_child(self) -> None:
        """Begin anew: a forked process has none of its parent's threads."""
        self._changed, self._threads = threading.Condition(), set()
        self._overviews, self._building = OrderedDict(), set()
        self._running, self._pauses = False, 0

    @property
    def needed(self) -> bool:
        """Whether any level comes from here."""
        return self.level is not None

    def has(self, level: int, index: Index = ()) -> bool:
        """Say whether a level comes from here; others are quickly read from the pyramid."""
        if self.level is None or level < self.level:
            return self.waits(index)
        return level in self._costly

    def begins_roughly(self, level: int, box: Box, index: Index) -> bool:
        """Say whether a part of a level that is read slowly is to be rough, as it is once.

        That is so while more is read in the background: the next time, it is to be exact.
        """
        if level not in self._slow or self._is_built(index):
            return False
        key = level, box, self._full(index)
        with self._changed:
            overview = self._overviews.get(key[2])
            known = overview is not None and overview.has_samples and not overview.is_done
            if not (self._running and known) or key in self._read_roughly:
                return False
            self._read_roughly[key] = None
            if len(self._read_roughly) > _MAX_ROUGH:
                self._read_roughly.popitem(last=False)
        return True

    def waits(self, index: Index = ()) -> bool:
        """Say whether no part of a plane can be read before all of the file is unpacked."""
        if not (self._whole and self.needed) or self._is_built(index):
            return False
        with self._changed:
            return self._full(index) not in self._uncached

    def wait(self, index: Index, until: float) -> None:
        """Wait until a plane can be read in parts, or the time has come."""
        with self._changed:
            while not self._closed and self._full(index) in self._building:
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)

    def reader(self, index: Index = ()) -> Pyramid | None:
        """Return what reads the other levels of a plane and builds none that a view waits for.

        None: the pyramid itself is as good.
        """
        if self._cache is None or (self._whole and self.needed) or self._is_built(index):
            return None
        return self._own

    def progress(self, *indices: Index) -> float | None:
        """Return how much of some overviews is done, 0 to 1; None: nothing goes on there.

        Default: of the one that was asked for last.
        """
        with self._changed:
            found = [self._overviews[index] for index in indices if index in self._overviews]
            if not indices:
                found = [*self._overviews.values()][-1:]
            if not self._running or all(one.is_done for one in found):
                return None
        return sum(one.progress for one in found) / len(found)

    @property
    def problem(self) -> str:
        """What could not be read, in one line; "": nothing."""
        with self._changed:
            problems = (one.problem for one in reversed(self._overviews.values()))
            return next(filter(None, problems), "")

    @property
    def stopped(self) -> bool:
        """Whether nothing is read in the background."""
        return not self._running

    def read(self, level: int, box: Box, index: Index) -> tuple[Array, bool]:
        """Return a part of a level, and whether it is rough; what it is made of comes next.

        A level larger than the overview is what is known of that, enlarged.
        Raises OSError where nothing can be read.
        """
        if self._is_built(index):
            return self.pyramid.read(level, *box.slices, index), False
        overview = self._overview_of(index)
        if not overview.has_samples:
            self.sample(index, 0.2)
        if level < overview.level:
            times = overview.level - level
            part, _ = overview.read(overview.level, shrink_box(box, times))
            return repeat_samples(part, times, box), True
        return overview.read(level, box)

    def samples(self, index: Index) -> Sequence[Array]:
        """Return some samples of what was read."""
        if self._is_built(index):
            level = min(self._costly)
            return (self.pyramid.read(max(level, self.level or 0), index=index),)
        return tuple(self._overview_of(index).samples)

    def sample(self, index: Index, seconds: float = 0.5) -> bool:
        """Read parts that lie evenly in the image, for about so long at most, but at least one.

        A file that can only be unpacked from the top is begun. Returns whether all is exact by now.
        """
        if self._is_built(index):
            return True
        overview = self._overview_of(index)
        with overview.sampling:
            if overview.is_sampled or overview.is_done:
                return overview.is_done
            begun = time.monotonic()
            if self._whole:
                self._start_build(overview)
            elif not can_start_threads():
                overview.work_for(begun, seconds, self._changed)
            else:
                if overview.is_any_part_near:
                    overview.sample_rows(begun + seconds)
                for _ in range(_SAMPLERS if seconds > 0.1 else 1):
                    work = partial(overview.work_for, begun, seconds, self._changed)
                    threading.Thread(target=work, name="nbimage-sample", daemon=True).start()
            with self._changed:
                while not (overview.is_done or self._closed or overview.index in self._built):
                    left = overview.time_left(begun, seconds)
                    if left <= 0 and overview.has_samples:
                        break
                    self._changed.wait(max(left, 0.02))
            overview.is_sampled = True
        return overview.is_done

    def start(self) -> None:
        """Go on in the background until all is exact."""
        with self._changed:
            if self._closed or not self.needed:
                return
            self._running = True
            self._start_workers()

    def stop(self) -> None:
        """Read no more in the background; what is there stays."""
        with self._changed:
            self._running = False
            self._changed.notify_all()

    def close(self, seconds: float = 1.0) -> None:
        """Stop, forget all, and wait a little for threads that are reading."""
        with self._changed:
            self._closed = True
            self._overviews.clear()
        self.stop()
        until = time.monotonic() + seconds
        for thread in list(self._threads):
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))

    @contextlib.contextmanager
    def pause(self) -> Iterator[None]:
        """Let the background wait while something more urgent is read."""
        with self._changed:
            self._pauses += 1
        try:
            yield
        finally:
            with self._changed:
                self._pauses -= 1
                self._changed.notify_all()

    def _is_built(self, index: Index) -> bool:
        """Say whether all levels of a plane are in the cache."""
        if self._cache is None:
            return False
        index = self._full(index)
        with self._changed:
            if index in self._built or index in self._overviews:
                return index in self._built
        built = self._cache.is_built(index)
        if built:
            with self._changed:
                self._built.add(index)
        return built

    def _full(self, index: Index) -> Index:
        return tuple(index) or (0,) * len(self.pyramid.axes)

    def _overview_of(self, index: Index) -> Overview:
        index = self._full(index)
        with self._changed:
            overview = self._overviews.pop(index, None)
            if overview is None:
                if self.level is None:
                    raise ValueError("no overview is needed: each level is read quickly")
                overview = Overview(self._own, self.level, index)
            if not self._closed:
                self._overviews[index] = overview  # the latest is last
                most = max(1, _MOST // overview.nbytes)
                while len(self._overviews) > most:
                    self._overviews.popitem(last=False)
                self._start_workers()
            return overview

    def _start_workers(self) -> None:
        """Start threads, if there is something to do. The lock is held."""
        if not self._running or self._latest() is None:
            return
        if not can_start_threads():
            self._steps.start()
        while can_start_threads() and len(self._threads) < _THREADS:
            self._start_thread(partial(_fill, weakref.ref(self)), "nbimage-overview")

    def _start_build(self, overview: Overview) -> None:
        """Begin to build the levels of a plane without waiting for `start`."""
        with self._changed:
            if self._cache is None or overview.index in self._building:
                return
            self._building.add(overview.index)
            self._running = True
            work = partial(_build, weakref.ref(self), self._cache, overview, self._changed)
            self._start_thread(work, "nbimage-levels")

    def _start_thread(self, work: Callable[[], object], name: str) -> None:
        """Start a thread that is waited for at the end, or do all here. The lock is held."""
        if not can_start_threads():
            work()
            return

        def run() -> None:
            try:
                work()
            finally:
                threads.discard(threading.current_thread())

        threads = self._threads
        thread = threading.Thread(target=run, name=name, daemon=True)
        threads.add(thread)
        thread.start()

    def _latest(self) -> Overview | None:
        """Return the overview to work on: the one that was asked for last. The lock is held."""
        latest = reversed(self._overviews.values())
        return next(
            (
                overview
                for overview in latest
                if overview.has_more and overview.index not in self._building
            ),
            None,
        )

    def _next(self) -> Callable[[], object] | None:
        """Return the next block of work; None where the thread may end."""
        with self._changed:
            self._wait_while_paused()
            overview = self._latest() if self._running else None
            if overview is None:
                self._threads.discard(threading.current_thread())  # another may be started
                return None
            if self._cache is None or overview.index in self._uncached:
                return partial(_work, overview, self._changed)
            self._building.add(overview.index)
        return partial(_build, weakref.ref(self), self._cache, overview, self._changed)

    def _wait_while_paused(self) -> None:
        """Wait a little while something more urgent is read. The lock is held."""
        if self._pauses and can_start_threads():
            self._changed.wait_for(lambda: not self._pauses or not self._running, _PAUSE)

    def _goes_on(self) -> bool:
        """Say whether a build goes on; let it wait while something more urgent is read."""
        with self._changed:
            self._wait_while_paused()
            return self._running and not self._closed

    def _end_build(self, overview: Overview, built: bool, failed: bool) -> None:
        """Note what came of building the levels of a plane."""
        with self._changed:
            self._building.discard(overview.index)
            if built:
                self._built.add(overview.index)
                self._overviews.pop(overview.index, None)
            elif failed:
                self._uncached.add(overview.index)
                self._start_workers()
            self._changed.notify_all()


def _fill(ref: weakref.ref[Overviews]) -> None:
    """Work until nothing is left, or nobody is there any more who wants it."""
    while _step(ref):
        pass


def _step(ref: weakref.ref[Overviews]) -> bool:
    overviews = ref()
    work = None if overviews is None else overviews._next()
    del overviews
    if work is None:
        return False
    work()
    return True


def _work(overview: Overview, changed: threading.Condition) -> None:
    overview.work()
    with changed:
        changed.notify_all()


def _build(
    ref: weakref.ref[Overviews],
    cache: CachedSource,
    overview: Overview,
    changed: threading.Condition,
) -> None:
    """Build the levels of a plane; where they can't be kept, its overview is made of blocks."""
    rows, columns = cache.shapes[len(cache.own.shapes) - 1]

    def watch(samples: int) -> None:
        overview.built = min(1.0, overview.built + samples / (rows * columns))
        with changed:
            changed.notify_all()
        overviews = ref()
        if overviews is None or not overviews._goes_on():
            raise BuildStoppedError

    built = failed = False
    try:
        built = cache.build(
            overview.index, BuildHooks(overview.put_tile, watch, _THREADS, overview.halvings)
        )
        failed = not built
    except BuildStoppedError:
        pass
    except Exception:  # each source has its own; its blocks tell what fails
        failed = True
    overview.built = float(built)
    overviews = ref()
    if overviews is not None:
        overviews._end_build(overview, built, failed)
