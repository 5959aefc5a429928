"""Run tasks on dask: on a cluster's workers, or on whatever scheduler dask is set to.

Threads of this process are in `pyramid/levels/executors`.
"""

from __future__ import annotations

import contextlib
import copy
import io
import os
import pickle
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.core.oriented import stored_source
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.source import as_native
from nbimage.pyramid.levels.executors import Executor, Read, Result, Task, Threads, Work, processors
from nbimage.pyramid.sources.array import ArraySource
from nbimage.pyramid.sources.pillow_image import PillowSource
from nbimage.pyramid.sources.vips_image import VipsSource

_MAX_PICKLE = 1 << 20  # bytes of what is sent with each task, beside its block
_CACHED_JOBS = 4  # jobs that a worker keeps
_TASKS_PER_PROCESS = 32  # tasks for each process that are given to a scheduler at once
_THREADS = {"threads", "threading"}
_ONE_THREAD = {"sync", "synchronous", "single-threaded"}
_DEFAULTS = (None, "distributed", "dask.distributed")
_GONE = "gone"


@dataclass(frozen=True, slots=True, eq=False)
class ReadPyramid:
    """Reads the largest level of a pyramid."""

    pyramid: Pyramid
    index: Index = ()

    def at(self, index: Index) -> ReadPyramid:
        """Return what reads the plane at an index."""
        return ReadPyramid(self.pyramid, index)

    def __call__(self, box: Box) -> Array:
        """Return a part of the level."""
        rows, columns = box.slices
        return self.pyramid.read(0, rows, columns, self.index)


class ReadDask:
    """Reads the largest level of a dask array: workers are given what they are to compute."""

    def __init__(self, source: ArraySource) -> None:
        self._array: Any = source.levels[0]
        self._axis_order, self._dtype = source.axis_order, source.dtype
        self._index: Index = (0,) * len(source.axes)

    def at(self, index: Index) -> ReadDask:
        """Return what reads the plane at an index."""
        found = copy.copy(self)
        found._array, found._index = self._array, index or self._index
        return found

    def lazy(self, box: Box) -> Any:
        """Return a part as a dask array."""
        return self._array[self._axis_order.select(box, self._index)]

    def finish(self, block: Any) -> Array:
        """Return what was computed as rows, columns and channels."""
        return as_native(self._axis_order.as_plane(np.asarray(block)), self._dtype)

    def __call__(self, box: Box) -> Array:
        """Return a part, computed here and now."""
        return self.finish(self.lazy(box).compute(scheduler="synchronous"))

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_array": None}


def choose_executor(pyramid: Pyramid, shared: bool = True) -> tuple[Executor, Read]:
    """Return where a pyramid's tasks are run, and what reads it there.

    ``shared``: other processes can write the tiles.
    """
    here, read = Threads(processors()), ReadPyramid(pyramid)
    array = _dask_array(pyramid)
    config: Any = getattr(sys.modules.get("dask"), "config", None)
    scheduler = None if config is None else config.get("scheduler", None)
    client = scheduler if isinstance(scheduler, find_type("distributed", "Client")) else None
    if scheduler in _DEFAULTS:
        client = _client()
    if client is not None:
        if shared and not client.asynchronous and (array is not None or _sendable(pyramid)):
            return ClusterExecutor(client), read if array is None else array
        return here, read
    if array is None or scheduler in _DEFAULTS or scheduler in _THREADS:
        return here, read
    if scheduler in _ONE_THREAD:
        return Threads(1), read
    return (SchedulerExecutor(), array) if shared else (here, read)


def _dask_array(pyramid: Pyramid) -> ReadDask | None:
    source = pyramid.source
    if type(source) is not ArraySource or source.decoding is not None:
        return None
    return (
        ReadDask(source) if isinstance(source.levels[0], find_type("dask.array", "Array")) else None
    )


def _client() -> Any:
    """Return the current client of a cluster, but not to one of its own tasks."""
    client = find_type("distributed", "Client")
    if not client:
        return None
    distributed = sys.modules["distributed"]
    with contextlib.suppress(ValueError):
        distributed.get_worker()
        return None
    with contextlib.suppress(ValueError):
        found = client.current()
        return found if found.status == "running" else None
    return None


def _sendable(pyramid: Pyramid) -> bool:
    """Say whether other processes can read a source: a file that they open, or a small object."""
    source: Any = stored_source(pyramid.source)
    if isinstance(source, (PillowSource, VipsSource)):  # which each would decode as a whole
        return False
    if isinstance(source, ArraySource) and type(source.levels[0]) is np.ndarray:
        return False
    try:
        _pickle_small(pyramid)
    except Exception:  # each type has its own
        return False
    return True


def _pickle_small(what: Any) -> bytes:
    """Pickle, but nothing large."""
    from cloudpickle import Pickler  # type: ignore[import-untyped, unused-ignore]

    memory = find_type("fsspec.implementations.memory", "MemoryFileSystem")

    class Small(Pickler):  # type: ignore[misc, unused-ignore]
        def reducer_override(self, obj: Any) -> Any:
            if type(obj) is np.ndarray and obj.nbytes > _MAX_PICKLE:
                raise pickle.PicklingError("arrays in memory must be small to be sent")
            if isinstance(obj, memory) or isinstance(getattr(obj, "_fs", None), memory):
                raise pickle.PicklingError("other processes have another memory")
            return super().reducer_override(obj)

    file = _Bounded()
    Small(file, protocol=pickle.HIGHEST_PROTOCOL).dump(what)
    return file.getvalue()


class _Bounded(io.BytesIO):
    def write(self, data: Any) -> int:
        if self.tell() + memoryview(data).nbytes > _MAX_PICKLE:
            raise pickle.PicklingError("what is sent to other processes must be small")
        return super().write(data)


class _Job:
    """What reads and what is done, pickled once and unpickled once a process."""

    __slots__ = ("data", "token")

    def __init__(self, read: Any, work: Any) -> None:
        self.token, self.data = os.urandom(12).hex(), _pickle_small((read, work))

    def load(self) -> Any:
        """Return both."""
        with _lock:
            if self.token not in _jobs:
                _jobs[self.token] = pickle.loads(self.data)
                while len(_jobs) > _CACHED_JOBS:
                    _jobs.popitem(last=False)
            _jobs.move_to_end(self.token)
            return _jobs[self.token]


_jobs: OrderedDict[str, Any] = OrderedDict()
_lock = threading.Lock()


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


def _run_task(job: _Job, task: Any, block: Any = None, packed: bytes | None = None) -> Any:
    """Do a task on a worker, and return its result; or that its folder is gone."""
    read, work = job.load()
    try:
        known = work.find_done(task)
        if known is not None:
            return known
        if packed is not None:
            block = pickle.loads(packed).compute(scheduler="synchronous")
        block = read(work.box(task)) if block is None else read.finish(block)
        return work(task, block)
    except OSError:
        if work.is_removed():
            return _GONE
        raise


def _run_task_of_chunks(job: _Job, task: Any, joined: Any, given: Any, parts: Any) -> Any:
    """Do a task with a dask array's chunks."""
    return _run_task(job, task, joined(parts, *given))


def _check_result(result: Any) -> Any:
    if isinstance(result, str) and result == _GONE:
        raise FileNotFoundError(
            "all workers must reach the folder that the pyramid is written to, but one does not: "
            "name one that they share, or an address such as s3://bucket/name.dzi"
        )
    return result


class ClusterExecutor:
    """Runs tasks on the workers of a `distributed.Client`, a few at a time for each thread."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._counted = -np.inf
        self._threads = 1

    @property
    def workers(self) -> int:
        """How many threads the workers have together, as it was a second ago."""
        if time.monotonic() > self._counted + 1:
            self._threads = max(1, sum(self._client.nthreads().values()))
            self._counted = time.monotonic()
        return self._threads

    def __call__(self, tasks: list[Task], read: Read, work: Work[Task, Result]) -> Iterator[Result]:
        """Yield the results as they are done."""
        if not tasks:
            return
        submit = self._submit(_Job(read, work), read, work)
        ahead = 2
        if hasattr(read, "lazy"):  # neighbours in flight together share the chunks between them
            tasks, ahead = _sort_along_curve(tasks, work), 4
        left = iter(tasks)
        waiting: set[Any] = set()
        done = sys.modules["distributed"].as_completed(
            loop=self._client.loop, with_results=True, raise_errors=True
        )

        def fill() -> None:
            while len(waiting) < ahead * self.workers:
                task = next(left, None)
                if task is None:
                    return
                future = submit(task)
                waiting.add(future)
                done.add(future)

        try:
            fill()
            for future, result in done:
                waiting.discard(future)
                future.release()
                fill()
                yield _check_result(result)
        finally:
            if waiting:
                with contextlib.suppress(Exception):  # the cluster may be gone
                    self._client.cancel(list(waiting), force=True)

    def _submit(self, job: _Job, read: Any, work: Any) -> Callable[[Any], Any]:
        lazy = getattr(read, "lazy", None)
        if lazy is None:
            return lambda task: self._client.submit(
                _run_task, job, task, pure=False, key=_make_key()
            )

        def submit(task: Any) -> Any:
            block, key = lazy(work.box(task)), _make_key()
            keys = block.__dask_keys__()
            # chunks keep their names, by which tasks in flight share them; a delayed call's do not
            with sys.modules["dask"].config.set({"optimization.fuse.active": False}):
                graph = dict(block.__dask_optimize__(block.__dask_graph__(), keys))
            graph[key] = (
                partial(_run_task_of_chunks, job, task, *block.__dask_postcompute__()),
                keys,
            )
            return self._client.get(graph, key, sync=False)

        return submit


def _sort_along_curve(tasks: list[Task], work: Work[Task, Result]) -> list[Task]:
    """Return tasks in Morton's order, in which what lies near comes soon."""
    step = max(work.box(tasks[0]).shape)

    def position(task: Task) -> int:
        box = work.box(task)
        row, column = (box.top + box.bottom) // (2 * step), (box.left + box.right) // (2 * step)
        return sum((row >> i & 1) << (2 * i + 1) | (column >> i & 1) << 2 * i for i in range(32))

    return sorted(tasks, key=position)


def _make_key() -> str:
    return f"nbimage-{os.urandom(8).hex()}"


class SchedulerExecutor:
    """Runs tasks by `dask.compute`, with the scheduler that dask is set to."""

    @property
    def workers(self) -> int:
        """How many processors there are."""
        return processors()

    def __call__(self, tasks: list[Task], read: Read, work: Work[Task, Result]) -> Iterator[Result]:
        """Yield the results, batch by batch."""
        dask: Any = sys.modules["dask"]
        if not tasks:
            return
        job = _Job(read, work)
        lazy = getattr(read, "lazy", None)
        batch = _TASKS_PER_PROCESS * self.workers
        for start in range(0, len(tasks), batch):
            calls = []
            for task in tasks[start : start + batch]:
                packed = None
                if lazy is not None:  # only its own part of the graph
                    packed = _pickle(dask.optimize(lazy(work.box(task)))[0])
                call = partial(_run_task, job, task, packed=packed)
                calls.append(dask.delayed(call, pure=False)(dask_key_name=_make_key()))
            yield from map(_check_result, dask.compute(*calls))


def _pickle(what: Any) -> bytes:
    from cloudpickle import dumps

    data: bytes = dumps(what)
    return data
