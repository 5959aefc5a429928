"""Tiles on demand: each made once, the latest ones kept, by any thread."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from nbimage.pyramid.core.source import one_line
from nbimage.view.model.images import Image
from nbimage.view.model.samples import as_samples
from nbimage.view.model.tiled_image import Address, LargeStack

_MOST = 1 << 28  # bytes of encoded tiles
_THREADS = 4
_WANTED = 2048  # tiles that a client may want at once
_IDLE = 5.0  # seconds after which a thread without work ends


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile as a page takes it."""

    data: bytes
    """A PNG of byte planes, as `nbimage.view.model.samples` has it."""
    dtype: str
    rough: bool = False
    """A better one comes later."""


Reply = Callable[[int, Address, Tile | str], None]
"""Takes image, address and the tile, or in one line why there is none."""
_Key = tuple[int, Address]


@dataclass(slots=True, eq=False)
class _Job:
    """A tile that is being made, and who waits for it."""

    key: _Key
    replies: list[Reply]
    tile: Tile | None = None
    error: Exception | None = None
    over: threading.Event = field(default_factory=threading.Event)


class Desk:
    """Hands out the tiles of images."""

    def __init__(
        self, images: Sequence[Image], *, most: int = _MOST, threads: int = _THREADS
    ) -> None:
        self._stacks: list[LargeStack] = [image.stack for image in images]  # type: ignore[misc]
        self._most, self._bytes = most, 0
        self._news = threading.Condition()
        self._tiles: OrderedDict[_Key, Tile] = OrderedDict()
        self._making: dict[_Key, _Job] = {}
        self._wanted: OrderedDict[tuple[int, Reply], deque[Address]] = OrderedDict()
        self._most_threads, self._idle = threads, 0
        self._threads: set[threading.Thread] = set()
        self._at_work: Counter[int] = Counter()
        self._stopped: set[int] = set()
        self._closed = False

    @property
    def count(self) -> int:
        """How many images there are."""
        return len(self._stacks)

    def tile(self, image: int, address: Address) -> Tile:
        """Return a tile, made now or kept. Raises what the source raises."""
        key = image, address
        with self._news:
            self._check_open()
            known = self._known(key)
            if known is not None:
                return known
            job, mine = self._making.get(key), False
            if job is None:
                job, mine = self._begun(key), True
        if mine:
            self._make(job)
        job.over.wait()
        if job.tile is None:
            raise job.error or ValueError("a desk must be open, but this one was closed")
        return job.tile

    def ask(self, image: int, wanted: Sequence[Address], reply: Reply) -> None:
        """Say which tiles of an image are wanted now, the most important first.

        They take the place of those that the same ``reply`` wanted before; of these only what is
        begun still comes. Each is replied to once, from another thread, whatever comes of it. Who
        asked last is served first, and the coarsest level before all others.
        """
        if not 0 <= image < self.count:
            raise ValueError(f"image must be 0 to {self.count - 1}, but got {image}")
        coarsest = self._stacks[image].most
        ordered = sorted(wanted[:_WANTED], key=lambda address: address.level != coarsest)
        with self._news:
            self._check_open()
            self._wanted.pop((image, reply), None)
            if ordered:
                self._wanted[image, reply] = deque(dict.fromkeys(ordered))
                self._hire(len(ordered))
                self._news.notify_all()

    def leave(self, reply: Reply) -> None:
        """Forget all that one client wants."""
        with self._news:
            for key in [key for key in self._wanted if key[1] == reply]:
                del self._wanted[key]

    def progress(self, image: int) -> float | None:
        """Return how much of an image's overview is exact, 0 to 1; None: nothing is going on."""
        return self._stacks[image].share

    def problem(self, image: int) -> str:
        """Return what of an image's overview can't be read, in one line; "": nothing."""
        return self._stacks[image].overviews.problem

    def stop(self, image: int) -> None:
        """Make an image's overview no better: what is there is what tiles show."""
        self._stopped.add(image)
        self._stacks[image].overviews.stop()

    def start(self, image: int) -> None:
        """Go on with what was stopped."""
        self._stopped.discard(image)
        self._stacks[image].overviews.start()

    def close(self, *, files: bool = False, seconds: float = 1.0) -> None:
        """Forget all tiles and wishes, and wait a little for threads to end.

        ``files``: close what was opened for the images too; else that is done when nothing shows
        them any more.
        """
        with self._news:
            self._closed = True
            self._wanted.clear()
            self._tiles.clear()
            self._bytes = 0
            self._news.notify_all()
            threads = set(self._threads)
        until = time.monotonic() + seconds
        for stack in self._stacks:
            stack.overviews.stop()
        for thread in threads - {threading.current_thread()}:
            thread.join(max(0.0, until - time.monotonic()))
        if files:
            for stack in self._stacks:
                stack.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *error: object) -> None:
        self.close(files=True)

    def _check_open(self) -> None:
        if self._closed:
            raise ValueError("a desk must be open, but this one was closed")

    # Threads

    def _hire(self, count: int) -> None:
        """Have a thread for each of so many tiles, up to the most. The lock is held."""
        for _ in range(min(count - self._idle, self._most_threads - len(self._threads))):
            thread = threading.Thread(target=self._serve, name="nbimage-tiles", daemon=True)
            self._threads.add(thread)
            thread.start()

    def _serve(self) -> None:
        while (work := self._next()) is not None:
            job, image, reply, address, known = work
            if job is not None:
                self._make(job)
                with self._news:
                    self._at_work[image] -= 1
                    self._news.notify()
            elif known is not None:
                self._tell(reply, image, address, known)

    def _next(self) -> tuple[_Job | None, int, Reply, Address, Tile | None] | None:
        """Wait for something to do. Returns None where the thread may end."""
        with self._news:
            until = time.monotonic() + _IDLE
            while not self._closed:
                found = self._pick()
                if found is not None:
                    return found
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._idle += 1
                self._news.wait(left)
                self._idle -= 1
            self._threads.discard(threading.current_thread())
            return None

    def _pick(self) -> tuple[_Job | None, int, Reply, Address, Tile | None] | None:
        """Return the next tile to be made or sent, of who asked last. The lock is held."""
        most = self._most_threads - (self.count > 1)  # one image leaves a thread to the others
        for (image, reply), addresses in list(reversed(self._wanted.items())):
            while addresses and self._at_work[image] < max(1, most):
                address = addresses.popleft()
                key = image, address
                known = self._known(key)
                if known is not None:
                    return None, image, reply, address, known
                if key in self._making:
                    self._making[key].replies.append(reply)
                    continue
                self._at_work[image] += 1
                return self._begun(key, reply), image, reply, address, None
            if not addresses:
                del self._wanted[image, reply]
        return None

    # Tiles. The lock is held by what comes first, not by `_make` and what it calls.

    def _known(self, key: _Key) -> Tile | None:
        if key in self._tiles:
            self._tiles.move_to_end(key)
        return self._tiles.get(key)

    def _begun(self, key: _Key, *replies: Reply) -> _Job:
        job = self._making[key] = _Job(key, list(replies))
        return job

    def _keep(self, key: _Key, tile: Tile) -> None:
        self._tiles[key] = tile
        self._bytes += len(tile.data)
        while self._bytes > self._most and len(self._tiles) > 1:
            self._bytes -= len(self._tiles.popitem(last=False)[1].data)

    def _make(self, job: _Job) -> None:
        image, address = job.key
        final = False
        try:
            job.tile, final = self._made(image, address)
        except Exception as error:  # each source has its own
            job.error = error
        with self._news:
            if job.tile is not None and final and not self._closed:
                self._keep(job.key, job.tile)
            del self._making[job.key]
        job.over.set()
        found = job.tile or said(job.error or ValueError("nothing came"))
        for reply in job.replies:
            self._tell(reply, image, address, found)

    def _made(self, image: int, address: Address) -> tuple[Tile, bool]:
        """Return a tile, and whether it stays so."""
        stack = self._stacks[image]
        box, place = stack.box(address), stack.place(address.plane)
        values, rough = stack.look(address.level, box, place)
        going = rough and image not in self._stopped
        if going:
            stack.overviews.start()
        samples = as_samples(values, exact=True)
        return Tile(samples.png, samples.dtype, going), not rough

    def _tell(self, reply: Reply, image: int, address: Address, found: Tile | str) -> None:
        if self._closed:
            return
        try:
            reply(image, address, found)
        except Exception:  # nobody is there any more
            with contextlib.suppress(KeyError):
                self.leave(reply)


def said(error: BaseException) -> str:
    """Return what a failed tile says of itself, in one line."""
    return one_line(error)
