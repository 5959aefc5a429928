"""`TileScheduler`: tiles on demand, each encoded once by a few workers, the latest ones kept.

Not here: how a tile's samples are read (`nbimage.view.model.tiled_image`), how a page is sent
them (`nbimage.view.live.widget`, `nbimage.view.serve.http_server`).
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nbimage.base.forks import call_in_child
from nbimage.base.text import one_line
from nbimage.base.workers.steps import Steps
from nbimage.base.workers.threads import can_start_threads
from nbimage.view.model.samples import as_samples
from nbimage.view.model.tiled_image import TileAddress, TiledStack

_CACHE_BYTES = 1 << 28  # of encoded tiles
_WORKERS = 4
_MAX_REQUESTED = 2048  # tiles of one request
_IDLE_SECONDS = 5.0  # after which a worker without work ends


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as a page takes it."""

    data: bytes
    """A PNG of byte planes, as `nbimage.view.model.samples` has it."""
    dtype: str
    rough: bool = False
    """A better one comes later."""
    generation: int = 0
    """Of which data it is: how often they were replaced before."""


class ClosedError(ValueError):
    """Nobody gets tiles any more."""

    def __init__(self) -> None:
        super().__init__("the tile scheduler is closed")


Reply = Callable[[int, TileAddress, Tile | str], None]
"""Takes image, address and the tile, or in one line why there is none."""
Snapshot = tuple[tuple[TiledStack, ...], int]
"""The images, and how often these were replaced."""
_Key = tuple[int, TileAddress]


@dataclass(slots=True, eq=False)
class _Job:
    """A tile that is being encoded, and who waits for it."""

    key: _Key
    stack: TiledStack
    generation: int
    replies: list[Reply]
    tile: Tile | None = None
    error: Exception | None = None
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    """What a worker does next: a tile to encode, or one from the cache to send."""

    image: int
    address: TileAddress
    reply: Reply
    job: _Job | None
    tile: Tile | None = None


class TileScheduler:
    """Hands out the tiles of images.

    Parameters
    ----------
    stacks : sequence of TiledStack
        The images.
    cache_bytes : int
        How much encoded tiles may take.
    workers : int
        The most threads that encode.
    idle_seconds : float
        How long a worker waits for work before it ends.
    """

    def __init__(
        self,
        stacks: Sequence[TiledStack],
        *,
        cache_bytes: int = _CACHE_BYTES,
        workers: int = _WORKERS,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._stacks, self._generation = list(stacks), 0
        self._cache_bytes, self._bytes = cache_bytes, 0
        self._changed = threading.Condition()
        self._tiles: OrderedDict[_Key, Tile] = OrderedDict()
        self._jobs: dict[_Key, _Job] = {}
        self._requests: OrderedDict[tuple[int, Reply], deque[TileAddress]] = OrderedDict()
        self._max_workers, self._idle, self._idle_seconds = workers, 0, idle_seconds
        self._workers: set[threading.Thread] = set()
        self._busy: Counter[int] = Counter()
        self._stopped: set[int] = set()
        self._closed = False
        self._steps = Steps(self._step)
        call_in_child(self._begin_child)

    def _begin_child(self) -> None:
        """Let go of what the parent's workers do: a forked process has none, and no clients."""
        self._changed = threading.Condition()
        self._jobs, self._requests = {}, OrderedDict()
        self._workers, self._idle, self._busy = set(), 0, Counter()

    @property
    def count(self) -> int:
        """The number of images."""
        return len(self._stacks)

    def snapshot(self) -> Snapshot:
        """Return the images as they are now, for tiles of the same data."""
        with self._changed:
            return tuple(self._stacks), self._generation

    def tile(self, image: int, address: TileAddress, snapshot: Snapshot | None = None) -> Tile:
        """Return a tile, encoded now or kept. Raises what the source raises.

        ``snapshot``: of these data, which others may have replaced.
        """
        with self._changed:
            self._check_open()
            key = image, address
            if snapshot is not None and snapshot[1] != self._generation:
                job, mine = _Job(key, snapshot[0][image], snapshot[1], []), True
            else:
                cached = self._find_cached(key)
                if cached is not None:
                    return cached
                found = self._jobs.get(key)
                job, mine = found or self._add_job(key), found is None
        if mine:
            self._run(job)
        job.done.wait()
        if job.tile is None:
            raise job.error or ClosedError
        return job.tile

    def request(
        self,
        image: int,
        addresses: Sequence[TileAddress],
        reply: Reply,
        *,
        last: bool = False,
    ) -> None:
        """Request the tiles of an image that are wanted now, the most important first.

        They replace those that the same ``reply`` requested before; of these only what is begun
        still comes. Each is replied to once, from another thread, whatever comes of it. The
        latest request is served first, and the coarsest level before all others. ``last``: those
        of all others are served before.
        """
        if not 0 <= image < self.count:
            raise ValueError(f"image must be 0 to {self.count - 1}, but got {image}")
        coarsest = self._stacks[image].coarsest
        ordered = sorted(addresses[:_MAX_REQUESTED], key=lambda one: one.level != coarsest)
        with self._changed:
            self._check_open()
            self._requests.pop((image, reply), None)
            if ordered:
                self._requests[image, reply] = deque(dict.fromkeys(ordered))
                self._requests.move_to_end((image, reply), last=not last)
                self._start_workers(len(ordered))
                self._changed.notify_all()

    def renew(self, stacks: Sequence[TiledStack], generation: int) -> None:
        """Replace the images by others of the same sizes; a tile that is being made still comes."""
        with self._changed:
            self._stacks, self._generation = list(stacks), generation
            self._tiles.clear()
            self._jobs = {}  # nobody waits for these but who does already
            self._bytes = 0

    def finish_requests(self) -> None:
        """Make all tiles that were requested, if no thread can: else workers do."""
        if not can_start_threads():
            self._steps.finish()

    def cancel(self, reply: Reply) -> None:
        """Cancel all requests of one client."""
        with self._changed:
            for key in [key for key in self._requests if key[1] == reply]:
                del self._requests[key]

    def cached_tiles(self) -> list[tuple[tuple[int, TileAddress], Tile]]:
        """Return the images, addresses and tiles that are at hand, the latest ones first."""
        with self._changed:
            return list(reversed(self._tiles.items()))

    def progress(self, image: int) -> float | None:
        """Return how much of an image's overview is exact, 0 to 1; None: nothing is going on."""
        return self._stacks[image].overview_progress

    def problem(self, image: int) -> str:
        """Return in one line what of an image's overview can't be read; "": nothing."""
        return self._stacks[image].overviews.problem

    def stop(self, image: int) -> None:
        """Stop to refine an image's overview: tiles show what is there."""
        self._stopped.add(image)
        self._stacks[image].overviews.stop()

    def start(self, image: int) -> None:
        """Go on with what was stopped."""
        self._stopped.discard(image)
        self._stacks[image].overviews.start()

    def close(self, *, files: bool = False, seconds: float = 1.0) -> None:
        """Free all tiles, drop all requests, and wait a little for workers to end.

        ``files``: close what was opened for the images too; else that is done when nothing shows
        them any more.
        """
        with self._changed:
            self._closed = True
            self._requests.clear()
            self._tiles.clear()
            self._bytes = 0
            self._changed.notify_all()
            workers = set(self._workers)
        until = time.monotonic() + seconds
        for stack in self._stacks:
            stack.overviews.stop()
        for worker in workers - {threading.current_thread()}:
            worker.join(max(0.0, until - time.monotonic()))
        if files:
            for stack in self._stacks:
                stack.close()

    def __enter__(self) -> TileScheduler:
        return self

    def __exit__(self, *error: object) -> None:
        self.close(files=True)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError

    # Workers

    def _start_workers(self, count: int) -> None:
        """Start up to ``count`` workers beside those that are idle. The lock is held."""
        if not can_start_threads():
            self._steps.start()
            return
        for _ in range(min(count - self._idle, self._max_workers - len(self._workers))):
            worker = threading.Thread(target=self._work, name="nbimage-tiles", daemon=True)
            self._workers.add(worker)
            worker.start()

    def _work(self) -> None:
        while (work := self._wait_for_work()) is not None:
            self._do(work)

    def _step(self) -> bool:
        """Do what a worker does next, without waiting for it. Returns False where nothing is."""
        with self._changed:
            work = None if self._closed else self._pick_work()
        if work is not None:
            self._do(work)
        return work is not None

    def _do(self, work: _Work) -> None:
        if work.job is not None:
            self._run(work.job)
            with self._changed:
                self._busy[work.image] -= 1
                self._changed.notify()
        elif work.tile is not None:
            self._send(work.reply, work.image, work.address, work.tile)

    def _wait_for_work(self) -> _Work | None:
        """Wait for something to do. Returns None where the worker may end."""
        with self._changed:
            until = time.monotonic() + self._idle_seconds
            while not self._closed:
                work = self._pick_work()
                if work is not None:
                    return work
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._idle += 1
                self._changed.wait(left)
                self._idle -= 1
            self._workers.discard(threading.current_thread())
            return None

    def _pick_work(self) -> _Work | None:
        """Return the next tile of the latest request. The lock is held."""
        most = self._max_workers - (self.count > 1)  # one image leaves a worker to the others
        for (image, reply), addresses in list(reversed(self._requests.items())):
            while addresses and self._busy[image] < max(1, most):
                address = addresses.popleft()
                key = image, address
                cached = self._find_cached(key)
                if cached is not None:
                    return _Work(image, address, reply, None, cached)
                if key in self._jobs:
                    self._jobs[key].replies.append(reply)
                    continue
                self._busy[image] += 1
                return _Work(image, address, reply, self._add_job(key, reply))
            if not addresses:
                del self._requests[image, reply]
        return None

    # Tiles. The lock is held by what comes first, not by `_run` and what it calls.

    def _find_cached(self, key: _Key) -> Tile | None:
        if key in self._tiles:
            self._tiles.move_to_end(key)
        return self._tiles.get(key)

    def _add_job(self, key: _Key, *replies: Reply) -> _Job:
        job = self._jobs[key] = _Job(key, self._stacks[key[0]], self._generation, list(replies))
        return job

    def _cache(self, key: _Key, tile: Tile) -> None:
        self._tiles[key] = tile
        self._bytes += len(tile.data)
        while self._bytes > self._cache_bytes and len(self._tiles) > 1:
            self._bytes -= len(self._tiles.popitem(last=False)[1].data)

    def _run(self, job: _Job) -> None:
        image, address = job.key
        final = False
        try:
            job.tile, final = self._encode(job)
        except Exception as error:  # each source has its own
            job.error = error
        with self._changed:
            current = job.generation == self._generation and not self._closed
            if job.tile is not None and final and current:
                self._cache(job.key, job.tile)
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
        job.done.set()
        result = job.tile or one_line(job.error or ValueError("nothing came"))
        for reply in job.replies:
            self._send(reply, image, address, result)

    def _encode(self, job: _Job) -> tuple[Tile, bool]:
        """Return a tile, and whether it is final."""
        (image, address), stack, generation = job.key, job.stack, job.generation
        box, index = stack.tile_box(address), stack.plane_index(address.plane)
        values, rough = stack.read_quick(address.level, box, index)
        going = rough and image not in self._stopped
        if going:
            stack.overviews.start()
        samples = as_samples(values, exact=True, quick=generation > 0)
        return Tile(samples.png, samples.dtype, going, generation), not rough

    def _send(self, reply: Reply, image: int, address: TileAddress, result: Tile | str) -> None:
        if self._closed:
            return
        try:
            reply(image, address, result)
        except Exception:  # nobody is there any more
            with contextlib.suppress(KeyError):
                self.cancel(reply)
