"""`KeptTiles`: what a notebook keeps of a live view, to be explored where the kernel is gone.

Coarse levels first, then the tiles that were looked at, as text in the HTML that stands where the
live view can't be shown. Not here: who makes tiles (`tile_scheduler`), the HTML
(`nbimage.page.view_html`).
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

from nbimage.base.forks import call_in_child
from nbimage.base.scalars import number_or_nan
from nbimage.base.workers.steps import call_soon
from nbimage.base.workers.threads import can_start_threads
from nbimage.codecs.packing.base85 import encode_base85
from nbimage.view.live.tile_scheduler import ClosedError, Tile, TileScheduler
from nbimage.view.model.tiled_image import TILE, TileAddress
from nbimage.view.model.view_model import ViewModel

KEEP = 8_000_000
"""Bytes that a live view adds to a notebook at most, unless another number is asked for."""
REST = 2.0
"""Seconds without a change after which the notebook is brought up to date."""
_APART = 8.0  # seconds between two updates
_PATIENCE = 20.0  # seconds for which coarse levels are waited for
_AT_ONCE = 5.0  # and where a cell waits for them
_ENTRY = 48  # bytes of a tile's name and dtype
_Key = tuple[int, TileAddress]
Config = dict[str, Any]
_latest: weakref.WeakValueDictionary[str, KeptTiles] = weakref.WeakValueDictionary()
"""Who may change the output of each display id."""


def check_keep(keep: Any) -> int:
    """Return the bytes that a notebook may keep. Raises ValueError for what is no such number."""
    number = number_or_nan(keep)
    if not 0 <= number <= 1e12:
        raise ValueError(f"keep must be a number of bytes, 0 for none, but got {keep!r:.60}")
    return int(number)


class KeptTiles:
    """Chooses tiles for a notebook, and brings its output up to date when a page is at rest.

    Parameters
    ----------
    model : ViewModel
        The view.
    limit : int
        Bytes of the notebook, all in all.
    """

    def __init__(self, model: ViewModel, limit: int) -> None:
        self._model, self._limit = model, limit
        self._room = limit
        self._texts: dict[_Key, tuple[str, str]] = {}
        self._generation = 0
        self._publish: Callable[[Config], None] | None = None
        self._scheduler: Callable[[], TileScheduler | None] = lambda: None
        self._renew()
        call_in_child(self._renew)
        self._published: tuple[Any, ...] = ()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._timer: threading.Timer | asyncio.TimerHandle | None = None
        self._noted = self._updated = 0.0

    def begin(
        self,
        name: str,
        overhead: int,
        scheduler: Callable[[], TileScheduler | None],
        publish: Callable[[Config], None],
    ) -> None:
        """Begin to keep the output of a display id up to date.

        ``overhead`` are the bytes of what shows tiles; ``publish`` gets the page's configuration
        with the tiles that are kept.
        """
        self._room = self._limit - overhead
        self._scheduler = scheduler
        context = contextvars.copy_context()
        self._publish = lambda config: context.copy().run(publish, config)
        _latest[name] = self
        self._name = name

    @property
    def wanted(self) -> bool:
        """Whether anything is to be kept."""
        return self._room > 0

    def note(self) -> None:
        """Bring the output up to date when nothing is noted for a while."""
        if not self.wanted or self._publish is None:
            return
        with self._lock:
            self._noted = time.monotonic()
            if self._timer is None:
                self._start_timer(max(REST, self._updated + _APART - self._noted))

    def forget(self, generation: int) -> None:
        """Let go of tiles of data before these."""
        with self._lock:
            self._texts, self._generation = {}, generation

    def end(self) -> None:
        """Leave the output as it is."""
        with self._lock:
            timer, self._timer, self._publish = self._timer, None, None
        if timer is not None:
            timer.cancel()

    def _start_timer(self, seconds: float) -> None:
        """Start the timer. The lock is held."""
        if not can_start_threads():
            self._timer = call_soon(self._come_to_rest, seconds)
            return
        self._timer = threading.Timer(seconds, self._come_to_rest)
        self._timer.name, self._timer.daemon = "nbimage-keeper", True
        self._timer.start()

    def _come_to_rest(self) -> None:
        with self._lock:
            left = self._noted + REST - time.monotonic()
            if self._timer is None:
                return
            if left > 0:
                self._start_timer(left)
                return
            self._timer = None
        scheduler = self._scheduler()
        try:
            config = None if scheduler is None else self.collect(scheduler)
        except ClosedError:  # nobody looks any more
            return
        publish = self._publish
        if config is None or publish is None or _latest.get(self._name) is not self:
            return
        now = self._describe(config)
        if now != self._published:
            self._published, self._updated = now, time.monotonic()
            publish(config)

    def _describe(self, config: Config) -> tuple[Any, ...]:
        state = json.dumps(config["state"], default=str)
        return state, tuple(map(tuple, config["kept"]))

    # What is kept

    def collect(self, scheduler: TileScheduler, *, at_once: bool = False) -> Config:
        """Return the page's configuration with the tiles that are kept.

        ``at_once``: nobody looks, so that all workers may be busy with it.
        """
        generation = self._generation
        levels = self._read_coarse(scheduler, at_once)
        first = [key for keys, size in levels if size <= self._room / 2 for key in keys]
        then = [key for keys, _ in levels for key in keys]
        chosen: dict[_Key, tuple[str, str]] = {}
        left = self._room
        for key in (*first, *self._used(scheduler), *then, *list(self._texts)):
            text = self._texts.get(key)
            if text is None or key in chosen or len(text[1]) + _ENTRY > left:
                continue
            chosen[key] = text
            left -= len(text[1]) + _ENTRY
        with self._lock:
            if generation == self._generation:  # else these are of earlier data
                self._texts = chosen
        kept: list[dict[str, list[str]]] = [{} for _ in range(scheduler.count)]
        for (image, address), (dtype, data) in chosen.items():
            name = f"{address.plane}/{address.level}/{address.column}_{address.row}"
            kept[image][name] = [dtype, data]
        whole = [all(key in chosen for key in keys) for keys, _ in levels]
        coarsest = max(stack.coarsest for stack in self._model.tile_stacks)
        finest = coarsest + 1 - (whole.index(False) if False in whole else len(whole))
        return {**self._model.config, "kept": kept, "whole": finest}

    def _read_coarse(self, scheduler: TileScheduler, at_once: bool) -> list[tuple[list[_Key], int]]:
        """Have the coarse levels of the plane that is shown, as many as there is room for.

        Returns the tiles of each, the coarsest first, and their bytes together with those of all
        before.
        """
        stacks = self._model.tile_stacks
        found: list[tuple[list[_Key], int]] = []
        count = size = 0
        until = time.monotonic() + (_AT_ONCE if at_once else _PATIENCE)
        for level in range(max(stack.coarsest for stack in stacks), -1, -1):
            keys = list(self._level(level))
            quick = all(stack.is_quick(level) for stack in stacks if level < stack.coarsest)
            if not quick or (found and size * (1 + len(keys) / count) > self._room):
                break
            self._fetch(scheduler, keys, at_once, until)
            texts = self._texts
            size += sum(len(texts[key][1]) for key in keys if key in texts)
            count += len(keys)
            found.append((keys, size))
            if time.monotonic() > until:
                break
        return found

    def _level(self, level: int) -> Iterator[_Key]:
        """Yield the tiles of a level of the plane that is shown, of all images."""
        for image, stack in enumerate(self._model.tile_stacks):
            if level > stack.coarsest:
                continue
            rows, columns = stack.level_shape(level)
            plane = self._model.first_plane(image)
            for row in range(-(-rows // TILE)):
                for column in range(-(-columns // TILE)):
                    yield image, TileAddress(plane, level, column, row)

    def _fetch(
        self, scheduler: TileScheduler, keys: list[_Key], at_once: bool, until: float
    ) -> None:
        """Have tiles as text, after all that pages ask for."""
        lacking = [key for key in keys if key not in self._texts]
        answered = threading.Semaphore(0)

        def reply(image: int, address: TileAddress, result: Tile | str) -> None:
            if isinstance(result, Tile):
                self._take((image, address), result)
            answered.release()

        count = len(lacking) if at_once else 1
        while lacking:
            some, lacking = lacking[:count], lacking[count:]
            for image in {image for image, _ in some}:
                wanted = [address for own, address in some if own == image]
                scheduler.request(image, wanted, reply, last=True)
            scheduler.finish_requests()
            for _ in some:
                if not answered.acquire(timeout=max(0.01, until - time.monotonic())):
                    return scheduler.cancel(reply)
        return None

    def _used(self, scheduler: TileScheduler) -> list[_Key]:
        """Have the tiles that were looked at: what is seen now, finest first, then the latest."""
        box = self._model.state["viewport"]
        found: list[tuple[int, _Key]] = []
        for (image, address), tile in scheduler.cached_tiles():
            if (image, address) not in self._texts:
                self._take((image, address), tile)
            side = TILE << address.level
            left, top = address.column * side, address.row * side
            outside = box is not None and not (
                left < box["x1"]
                and left + side > box["x0"]
                and top < box["y1"]
                and top + side > box["y0"]
            )
            rank = TILE if outside else address.level
            found.append((rank, (image, address)))
        return [key for _, key in sorted(found, key=lambda one: one[0])]

    def _take(self, key: _Key, tile: Tile) -> None:
        text = tile.dtype, encode_base85(tile.data)
        with self._lock:
            if tile.generation == self._generation:
                self._texts[key] = text
