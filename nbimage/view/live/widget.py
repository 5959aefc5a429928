"""`LiveWidget`: a view's side in the kernel. Tiles and state go by messages, none is a trait.

Not here: what Python reads and sets of a view (`live_properties`), how tiles are made
(`tile_scheduler`).
"""

from __future__ import annotations

import base64
import contextlib
import contextvars
import functools
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nbimage.base.forks import call_in_child
from nbimage.base.text import clean_shown
from nbimage.page.ipython import Bundle, call_in_main_thread, show_live, update_shown
from nbimage.page.view_html import LIVE, live_script
from nbimage.view.live.kept_tiles import KeptTiles
from nbimage.view.live.measuring import Measuring
from nbimage.view.live.messages import (
    WRONG,
    check_changes,
    check_client,
    check_epoch,
    check_image,
    check_request,
    check_scale,
)
from nbimage.view.live.shown_cells import note_cell
from nbimage.view.live.tile_scheduler import Tile, TileScheduler
from nbimage.view.live.widget_class import widget_class
from nbimage.view.model.tiled_image import TileAddress, TiledStack
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import PageState

_MAX_PAGES = 1000  # of one view
_ABANDONED_SECONDS = 300.0  # without a page, after which a view that nobody has is closed
_sending = threading.Lock()  # one message after the other, whichever thread they come from
Still = Callable[[str, "dict[str, Any] | None"], Bundle]
"""Gives what stands where a widget of this name can't be shown: of a page with kept tiles, or of
the overview alone."""
Listener = Callable[[PageState, PageState, "tuple[LiveWidget, ...]"], None]
"""Called with what held before, what holds now, and the views by way of which this came."""


class _PageConnection:
    """One page that shows the view."""

    def __init__(self, live: LiveWidget, name: str) -> None:
        self._live, self._name = live, name
        self._context = contextvars.copy_context()
        self._epoch = 0
        self.text = False
        """Binary buffers get lost on the way to it: tiles are sent as text."""

    def request(self, message: dict[str, Any], scheduler: TileScheduler) -> None:
        """Request the tiles that the page wants now."""
        epoch = check_epoch(message["epoch"])
        wanted = check_request(message["requests"], scheduler.count)
        if epoch <= self._epoch:
            return
        self._epoch, self.text = epoch, bool(message.get("text"))
        self._context = contextvars.copy_context()
        for image, addresses in wanted:
            scheduler.request(image, addresses, self.reply)

    def reply(self, image: int, address: TileAddress, result: Tile | str) -> None:
        """Send a tile, from a worker of the scheduler: a kernel that computes still answers.

        In the request's own context: output then belongs to it, and a front-end that has a thread
        of the kernel's to itself goes on using that.
        """
        message = self._live.tile_message(image, address, result) | {"client": self._name}
        data = result.data if isinstance(result, Tile) else b""
        buffers = [data] if data and not self.text else None
        if self.text:
            message["text"] = _encode_text(data)
        self._context.copy().run(self._live.send, message, buffers)


class LiveWidget:
    """The kernel's side of a view, however many pages show it."""

    def __init__(self, owner: Any, model: ViewModel, keep: int = 0) -> None:
        self.model = model
        self._kept = KeptTiles(model, keep)
        self._measuring = Measuring(self)
        self.scale: float | None = None
        """CSS pixels a sample, once a page has sent it."""
        self.shared = False
        """Somebody else has the widget."""
        self.shown = False
        """A page has shown it, or somebody has the widget to show it."""
        self.changed: set[str] = set()
        """Keys of the state that were set by Python, or sent by a page."""
        self._owner = weakref.ref(owner)
        self._listeners: list[Listener] = []
        self._following = 0
        self._lock = threading.RLock()
        call_in_child(self._renew_locks)
        self._pages: dict[str, _PageConnection] = {}
        self._widget: Any = None
        self._scheduler: TileScheduler | None = None
        self._first_tiles: dict[int, Tile] = {}
        self._cells: set[Any] = set()
        self.stream: Any = None
        """What sends new data, once there were some: a `nbimage.view.live.stream.Stream`."""

    def _renew_locks(self) -> None:
        global _sending
        self._lock, _sending = threading.RLock(), threading.Lock()

    # Showing it

    @property
    def widget(self) -> Any:
        """The anywidget, made when it is first asked for. Raises ImportError without anywidget."""
        if self._widget is None:
            self._widget = self._make_widget()
            self._widget.on_msg(self._receive)
            if self._widget.comm is not None and hasattr(self._widget.comm, "on_close"):
                self._widget.comm.on_close(lambda _: self._release())
        return self._widget

    def _make_widget(self) -> Any:
        return widget_class()()

    def show(self, still: Still, display_id: str | None = None) -> None:
        """Show it in the cell, below what stands where it can't be shown."""
        name = self.widget.model_id
        noted = self.note_cell()
        scheduler = self._start_scheduler()
        shown_as = display_id or f"nbimage-{name}"
        config = self._keep_tiles(still, name, shown_as)
        if config is not None and not noted:  # a program runs it, and no page will ask for more
            config = self._kept.collect(scheduler, at_once=True)
        show_live(still(name, config), name, shown_as, bool(display_id))

    def _keep_tiles(self, still: Still, name: str, shown_as: str) -> dict[str, Any] | None:
        """Have the notebook keep tiles; return the configuration of a page without any as yet."""
        bare = self.model.config

        def publish(config: dict[str, Any]) -> None:
            if self._pages:
                update_shown(still(name, config), shown_as)

        overhead = len(still(name, bare)[0]["text/html"]) - len(still(name, None)[0]["text/html"])
        self._kept.begin(shown_as, overhead, lambda: self._scheduler, publish)
        return bare if self._kept.wanted else None

    def note_cell(self) -> bool:
        """Note the cell that shows it; return whether it is known."""
        here = note_cell(self)
        if here is not None:
            self._cells.add(here)
        return here is not None

    def forget_cell(self, here: Any) -> None:
        """Close what no other cell shows: outputs of a cell that runs again are cleared."""
        self._cells.discard(here)
        if not self._cells and not self.shared:
            self.close()

    def close(self) -> None:
        """End the widget and all that works for it; showing it again begins anew."""
        self._kept.end()
        self.send({"type": "gone"})
        self._pages.clear()
        if self.stream is not None:
            self.stream.end("")
        self._release()
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.on_msg(self._receive, remove=True)
            layout = widget.layout
            widget.close()
            layout.close()

    # State

    def change(
        self,
        changes: PageState,
        client: str = "",
        came_by: tuple[LiveWidget, ...] = (),
        scale: float | None = None,
    ) -> None:
        """Apply changes of the state; send them to pages (but that one) and to listeners."""
        with self._lock:
            before = self.model.state
            now = {name: value for name, value in changes.items() if value != before[name]}
            self.model.update_state(now)
            self.changed.update(changes)
            if "viewport" in changes:
                self.scale = scale
        if not now:
            return
        self.send({"type": "state", "client": client, "changes": now})
        for listener in list(self._listeners):
            listener({name: before[name] for name in now}, now, came_by)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call a function with changes, in whichever thread they come. Returns what ends it."""
        self._listeners.append(listener)
        return functools.partial(_discard, weakref.ref(self), listener)

    def follow(self, more: int) -> None:
        """Have pages send at once what moves, while other views follow."""
        before, self._following = self._following, self._following + more
        if bool(before) != bool(self._following):
            self.send({"type": "state", "client": "", "eager": bool(self._following)})

    # New data

    @property
    def pages(self) -> tuple[str, ...]:
        """The names of the pages that show it."""
        return tuple(self._pages)

    @property
    def scheduler(self) -> TileScheduler | None:
        """What makes tiles, while somebody looks."""
        return self._scheduler

    def sends_text(self, client: str) -> bool:
        """Return whether a page loses what is binary."""
        page = self._pages.get(client)
        return page is not None and page.text

    def renew(
        self,
        stacks: Sequence[TiledStack],
        axes: list[dict[str, Any]],
        changes: PageState,
        generation: int,
    ) -> None:
        """Show other data, in a changed state; pages are told by `stream`."""
        with self._lock:
            model, before = self.model, self.model.state
            for image, stack, config in zip(
                model.images, stacks, model.config["images"], strict=True
            ):
                image.stack = stack
                config["tiles"] = stack.tiles
            model.config["axes"] = axes
            now = {name: value for name, value in changes.items() if value != before[name]}
            model.update_state(now)
            self._first_tiles = {}
            self._kept.forget(generation)
            if self._scheduler is not None:
                self._scheduler.renew(model.tile_stacks, generation)
        if now:
            for listener in list(self._listeners):
                listener({name: before[name] for name in now}, now, ())

    def describe_data(self, generation: int, keys: Iterable[str]) -> dict[str, Any]:
        """Return the message that new data are there, but for tiles; with keys of the state."""
        with self._lock:
            model = self.model
            state = {key: model.state[key] for key in keys}
            tiles = [image["tiles"]["dtype"] for image in model.config["images"]]
            sizes = [axis["size"] for axis in model.config["axes"]]
        about = {"sizes": sizes, "dtypes": tiles, "changes": state}
        return {"type": "data", "generation": generation, **about}

    # Messages

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to all pages, from any thread."""
        widget = self._widget
        if widget is None or widget.comm is None:
            return
        with _sending, contextlib.suppress(RuntimeError):  # closed meanwhile
            widget.send(clean_shown(content), buffers)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        """Handle a page's message; what makes no sense is ignored."""
        with contextlib.suppress(*WRONG):
            kind, client = content["type"], check_client(content["client"])
            if kind in ("hello", "request", "state", "drawn"):
                self._kept.note()
            if kind == "hello":
                self._hello(client, content)
            elif kind == "request":
                self._page(client).request(content, self._start_scheduler())
            elif kind == "state":
                changes = content["changes"]
                scale = check_scale(changes.get("scale"))
                self.change(check_changes(changes, self.model), client, scale=scale)
            elif kind == "stop" and self._scheduler is not None:
                self._scheduler.stop(check_image(content["image"], self._scheduler.count))
            elif kind == "drawn" and self.stream is not None:
                self._page(client)
                self.stream.note_drawn(client, content)
            elif kind == "measure":
                self._measuring.begin(client, content)
            elif kind == "bye":
                self._bye(client)

    def _hello(self, client: str, message: dict[str, Any]) -> None:
        script, packed = self._script()
        known = script in message["have"]
        self._page(client).text = bool(message.get("text"))
        self.shown = True
        self._start_scheduler()
        generation = 0
        if self.stream is not None:
            self.stream.begin(client)
            generation = self.stream.generation
        buffers = [] if known else [packed]
        tiles = []
        for image, tile in sorted(self._first_tiles.items()):
            tiles.append(self.tile_message(image, self._coarsest(image), tile))
            buffers.append(tile.data)
        hello = {
            "type": "hello",
            "client": client,
            "view": self.widget.model_id,
            "title": self.model.title,
            "script": script,
            "packed": not known,
            "config": self._describe(),
            "eager": bool(self._following),
            "generation": generation,
            "tiles": tiles,
            "count": len(buffers),
        }
        if message.get("text"):
            self.send(hello | {"texts": [_encode_text(data) for data in buffers]})
        else:
            self.send(hello, buffers)

    def _script(self) -> tuple[str, bytes]:
        """Return the name and the text of what a page runs."""
        return live_script(LIVE)

    def _describe(self) -> dict[str, Any]:
        """Return what a page begins with."""
        return self.model.config

    def _page(self, name: str) -> _PageConnection:
        if name not in self._pages:
            if len(self._pages) >= _MAX_PAGES:
                raise ValueError("too many pages show the view")
            self._pages[name] = _PageConnection(self, name)
        return self._pages[name]

    def _bye(self, client: str) -> None:
        gone = self._pages.pop(client, None)
        self._measuring.end(client)
        if self.stream is not None:
            self.stream.end(client)
        if gone is not None and self._scheduler is not None:
            self._scheduler.cancel(gone.reply)
        if not self._pages:
            self._release()
            call_in_main_thread(self._close_abandoned, _ABANDONED_SECONDS)

    def _close_abandoned(self) -> None:
        """Close what is shown nowhere and what nobody has."""
        if not self._pages and not self.shared and self._owner() is None:
            self.close()

    # Tiles

    def _start_scheduler(self) -> TileScheduler:
        """Return the scheduler; the coarsest tiles of what is seen first are requested at once."""
        with self._lock:
            if self._scheduler is not None:
                return self._scheduler
            scheduler = self._scheduler = TileScheduler(self.model.tile_stacks)
            if self.stream is not None:
                scheduler.renew(self.model.tile_stacks, self.stream.generation)
        for image in range(scheduler.count):
            scheduler.request(image, [self._coarsest(image)], self._keep_first)
        return scheduler

    def _keep_first(self, image: int, address: TileAddress, result: Tile | str) -> None:
        if isinstance(result, Tile) and address == self._coarsest(image):
            self._first_tiles[image] = result

    def _coarsest(self, image: int) -> TileAddress:
        stack = self.model.tile_stacks[image]
        return TileAddress(self.model.first_plane(image), stack.coarsest, 0, 0)

    def _release(self) -> None:
        """Free tiles and workers while nobody looks."""
        with self._lock:
            scheduler, self._scheduler = self._scheduler, None
            self._first_tiles = {}
        if scheduler is not None:
            scheduler.close(seconds=0.2)

    def tile_message(self, image: int, address: TileAddress, result: Tile | str) -> dict[str, Any]:
        """Return the message with a tile, but for its data."""
        numbers = [address.plane, address.level, address.column, address.row]
        message: dict[str, Any] = {"type": "tile", "image": image, "address": numbers}
        if isinstance(result, str):
            return message | {"dtype": "", "bytes": 0, "error": result}
        scheduler = self._scheduler
        share = None if scheduler is None else scheduler.progress(image)
        message["generation"] = result.generation
        facts = {"dtype": result.dtype, "rough": result.rough, "bytes": len(result.data)}
        return message | facts | {"progress": 1.0 if share is None else share}


def _encode_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _discard(ref: weakref.ref[LiveWidget], listener: Listener) -> None:
    """End to listen; who may do so keeps no view."""
    live = ref()
    if live is not None and listener in live._listeners:
        live._listeners.remove(listener)
