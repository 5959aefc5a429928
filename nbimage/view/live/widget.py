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
from collections.abc import Callable
from typing import Any

from nbimage.base.forks import call_in_child
from nbimage.base.text import clean_json
from nbimage.page.ipython import Bundle, call_before_runs, call_in_main_thread, find_cell, show_live
from nbimage.page.view_html import live_script, widget_script
from nbimage.view.live.messages import (
    WRONG,
    check_changes,
    check_client,
    check_epoch,
    check_image,
    check_request,
    check_scale,
)
from nbimage.view.live.tile_scheduler import Tile, TileScheduler
from nbimage.view.model.tiled_image import TileAddress
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import PageState

_MAX_PAGES = 1000  # of one view
_ABANDONED_SECONDS = 300.0  # without a page, after which a view that nobody has is closed
_sending = threading.Lock()  # one message after the other, whichever thread they come from
_cells: dict[Any, list[weakref.ref[LiveWidget]]] = {}
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

    def __init__(self, owner: Any, model: ViewModel) -> None:
        self.model = model
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

    def _renew_locks(self) -> None:
        global _sending
        self._lock, _sending = threading.RLock(), threading.Lock()

    # Showing it

    @property
    def widget(self) -> Any:
        """The anywidget, made when it is first asked for. Raises ImportError without anywidget."""
        if self._widget is None:
            self._widget = _widget_class()()
            self._widget.on_msg(self._receive)
            if self._widget.comm is not None and hasattr(self._widget.comm, "on_close"):
                self._widget.comm.on_close(lambda _: self._release())
        return self._widget

    def show(self, still: Callable[[str], Bundle], display_id: str | None = None) -> None:
        """Show it in the cell; ``still`` gives what stands above it, for the widget's name."""
        name = self.widget.model_id
        self._note_cell()
        self._start_scheduler()
        show_live(still(name), name, display_id)

    def _note_cell(self) -> None:
        here, _ = find_cell()
        if here is not None:
            _watch_cells()
            self._cells.add(here)
            _cells.setdefault(here, []).append(weakref.ref(self))

    def forget_cell(self, here: Any) -> None:
        """Close what no other cell shows: outputs of a cell that runs again are cleared."""
        self._cells.discard(here)
        if not self._cells and not self.shared:
            self.close()

    def close(self) -> None:
        """End the widget and all that works for it; showing it again begins anew."""
        self.send({"type": "gone"})
        self._pages.clear()
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

    # Messages

    def send(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to all pages, from any thread."""
        widget = self._widget
        if widget is None or widget.comm is None:
            return
        with _sending, contextlib.suppress(RuntimeError):  # closed meanwhile
            widget.send(clean_json(content), buffers)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        """Handle a page's message; what makes no sense is ignored."""
        with contextlib.suppress(*WRONG):
            kind, client = content["type"], check_client(content["client"])
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
            elif kind == "bye":
                self._bye(client)

    def _hello(self, client: str, message: dict[str, Any]) -> None:
        script, packed = live_script()
        known = script in message["have"]
        self._page(client).text = bool(message.get("text"))
        self.shown = True
        self._start_scheduler()
        buffers = [] if known else [packed]
        tiles = []
        for image, tile in sorted(self._first_tiles.items()):
            tiles.append(self.tile_message(image, self._coarsest(image), tile))
            buffers.append(tile.data)
        hello = {
            "type": "hello",
            "client": client,
            "view": self.widget.model_id,
            "script": script,
            "packed": not known,
            "config": self.model.config,
            "eager": bool(self._following),
            "tiles": tiles,
            "count": len(buffers),
        }
        if message.get("text"):
            self.send(hello | {"texts": [_encode_text(data) for data in buffers]})
        else:
            self.send(hello, buffers)

    def _page(self, name: str) -> _PageConnection:
        if name not in self._pages:
            if len(self._pages) >= _MAX_PAGES:
                raise ValueError("too many pages show the view")
            self._pages[name] = _PageConnection(self, name)
        return self._pages[name]

    def _bye(self, client: str) -> None:
        gone = self._pages.pop(client, None)
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
            scheduler = self._scheduler = TileScheduler(self.model.tiled)
        for image in range(scheduler.count):
            scheduler.request(image, [self._coarsest(image)], self._keep_first)
        return scheduler

    def _keep_first(self, image: int, address: TileAddress, result: Tile | str) -> None:
        if isinstance(result, Tile) and address == self._coarsest(image):
            self._first_tiles[image] = result

    def _coarsest(self, image: int) -> TileAddress:
        plane, stack = 0, self.model.tiled[image]
        for i, size in zip(self.model.state["index"], stack.sizes, strict=True):
            plane = plane * size + i
        return TileAddress(plane, stack.coarsest, 0, 0)

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
        facts = {"dtype": result.dtype, "rough": result.rough, "bytes": len(result.data)}
        return message | facts | {"progress": 1.0 if share is None else share}


def _encode_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _discard(ref: weakref.ref[LiveWidget], listener: Listener) -> None:
    """End to listen; who may do so keeps no view."""
    live = ref()
    if live is not None and listener in live._listeners:
        live._listeners.remove(listener)


@functools.cache
def _watch_cells() -> None:
    """Close what a cell has shown when it runs again."""

    def begins(here: Any) -> None:
        for live in (ref() for ref in _cells.pop(here, ())):
            if live is not None:
                live.forget_cell(here)

    call_before_runs(begins)


@functools.cache
def _widget_class() -> Any:
    """Return the widget's class: of its state nothing but a few lines of script may be saved."""
    try:
        import anywidget
    except ImportError:
        raise ImportError("the live view needs anywidget: pip install 'nbimage[live]'") from None

    class LiveView(anywidget.AnyWidget):
        """A page of a view."""

        _esm = widget_script()

    return LiveView
