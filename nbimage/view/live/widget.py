"""A view with its kernel: tiles and what is seen go by messages; no trait has any of it."""

from __future__ import annotations

import base64
import contextlib
import contextvars
import functools
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any, cast

from nbimage.page.ipython import Bundle, before_runs, cell, in_main, show_live
from nbimage.page.view_html import live_script, widget_script
from nbimage.view.live.tile_scheduler import Desk, Tile
from nbimage.view.model.images import Image
from nbimage.view.model.page_config import Config
from nbimage.view.model.tiled_image import Address, LargeStack

TOLD = ("plane", "looks", "cursor", "region", "shapes")
"""What a page tells, each whole and as `page/js/view/types.js` has it."""
_LEFT = 300.0  # seconds without a page after which a view that nobody has any more is closed
_MOST_WANTED = 64
_sending = threading.Lock()  # one message after the other, whichever thread they come from
_cells: dict[Any, list[weakref.ref[Live]]] = {}
Told = dict[str, Any]
Listener = Callable[[Told, Told, "tuple[Live, ...]"], None]
"""Called with what held before, what holds now, and the views that this came by."""


class _Client:
    """One page that shows the view."""

    def __init__(self, live: Live, name: str) -> None:
        self._live, self._name = live, name
        self._context = contextvars.copy_context()
        self._epoch = 0
        self.text = False
        """What is binary gets lost on the way to it."""

    def want(self, said: dict[str, Any], desk: Desk) -> None:
        """Have the desk make what the page wants now."""
        if int(said["epoch"]) <= self._epoch:
            return
        self._epoch, self.text = int(said["epoch"]), bool(said.get("text"))
        self._context = contextvars.copy_context()
        for one in said["wanted"]:
            tiles = [Address(*map(int, tile)) for tile in one["tiles"][:_MOST_WANTED]]
            desk.ask(int(one["image"]), tiles, self.reply)

    def reply(self, image: int, address: Address, found: Tile | str) -> None:
        """Send a tile, from the desk's own thread: a kernel that computes still answers.

        In the request's own context: what is said then belongs to it, and a front-end that has
        a thread of the kernel's to itself goes on using that.
        """
        said = self._live.said(image, address, found) | {"client": self._name}
        data = found.data if isinstance(found, Tile) else b""
        buffers = [data] if data and not self.text else None
        if self.text:
            said["text"] = _letters(data)
        self._context.copy().run(self._live.say, said, buffers)


class Live:
    """The kernel's side of a view, however many pages show it."""

    def __init__(self, owner: Any, images: Sequence[Image], config: Config) -> None:
        state = config["state"]
        self.images, self._config = images, config
        self.told: Told = {name: state.get(name) for name in TOLD} | {"shapes": []}
        self.scale: float | None = None
        """CSS pixels a sample, once a page has said so."""
        self.taken = False
        """Somebody else has the widget."""
        self._owner = weakref.ref(owner)
        self._listeners: list[Listener] = []
        self._following = 0
        self._lock = threading.RLock()
        self._clients: dict[str, _Client] = {}
        self._widget: Any = None
        self._desk: Desk | None = None
        self._first: dict[int, Tile] = {}
        self._cells: set[Any] = set()

    # Showing it

    @property
    def widget(self) -> Any:
        """The anywidget, made when it is first asked for. Raises ImportError without anywidget."""
        if self._widget is None:
            self._widget = _kind()()
            self._widget.on_msg(self._heard)
            if self._widget.comm is not None and hasattr(self._widget.comm, "on_close"):
                self._widget.comm.on_close(lambda _: self._rest())
        return self._widget

    def show(self, still: Callable[[str], Bundle], display_id: str | None = None) -> None:
        """Show it in the cell; ``still`` gives what stands above it, for the widget's name."""
        name = self.widget.model_id
        self._note()
        self._begun()
        show_live(still(name), name, display_id)

    def _note(self) -> None:
        here, _ = cell()
        if here is not None:
            _watch()
            self._cells.add(here)
            _cells.setdefault(here, []).append(weakref.ref(self))

    def _cleared(self, here: Any) -> None:
        """Close what is seen in no other cell: outputs of one that runs again are cleared."""
        self._cells.discard(here)
        if not self._cells and not self.taken:
            self.close()

    def close(self) -> None:
        """End the widget and all that works for it; showing it again begins anew."""
        self.say({"type": "gone"})
        self._clients.clear()
        self._rest()
        widget, self._widget = self._widget, None
        if widget is not None:
            widget.on_msg(self._heard, remove=True)
            layout = widget.layout
            widget.close()
            layout.close()

    # State

    def change(
        self, changes: Told, client: str = "", came_by: tuple[Live, ...] = (), **more: Any
    ) -> None:
        """Note what has changed, and tell pages (but that one) and listeners."""
        with self._lock:
            now = {name: value for name, value in changes.items() if value != self.told[name]}
            before = {name: self.told[name] for name in now}
            self.told |= now
            self._config["state"] = {**self._config["state"], **now}  # what is exported too
            if "region" in changes:
                self.scale = more.get("scale")
        if not now:
            return
        self.say({"type": "state", "client": client, "changes": now})
        for listener in list(self._listeners):
            listener(before, now, came_by)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have changes told to a function, in whichever thread they come; returns what ends it."""
        self._listeners.append(listener)
        return functools.partial(_without, self._listeners, listener)

    def follow(self, more: int) -> None:
        """Have pages tell at once what moves, while there are others that follow."""
        before, self._following = self._following, self._following + more
        if bool(before) != bool(self._following):
            self.say({"type": "state", "client": "", "eager": bool(self._following)})

    # Messages

    def say(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """Send a message to all pages, from any thread."""
        widget = self._widget
        if widget is None or widget.comm is None:
            return
        with _sending, contextlib.suppress(RuntimeError):  # closed meanwhile
            widget.send(content, buffers)

    def _heard(self, _: Any, content: Any, __: Any) -> None:
        """Take a page's message. What makes no sense is left aside."""
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
            kind, client = content["type"], str(content["client"])
            if kind == "hello":
                self._hello(client, content)
            elif kind == "want":
                self._client(client).want(content, self._begun())
            elif kind == "state":
                self._changed(client, content["changes"])
            elif kind == "stop" and self._desk is not None:
                self._desk.stop(int(content["image"]))
            elif kind == "bye":
                self._bye(client)

    def _hello(self, client: str, said: dict[str, Any]) -> None:
        self._client(client).text = bool(said.get("text"))
        self._begun()
        script, packed = live_script()
        known = script in said["have"]
        buffers = [] if known else [packed]
        tiles = []
        for image, tile in sorted(self._first.items()):
            tiles.append(self.said(image, self._coarsest(image), tile))
            buffers.append(tile.data)
        hello = {
            "type": "hello",
            "client": client,
            "view": self.widget.model_id,
            "script": script,
            "packed": not known,
            "config": self._config,
            "eager": bool(self._following),
            "tiles": tiles,
            "count": len(buffers),
        }
        if said.get("text"):
            self.say(hello | {"texts": [_letters(data) for data in buffers]})
        else:
            self.say(hello, buffers)

    def _changed(self, client: str, changes: dict[str, Any]) -> None:
        known = {name: changes[name] for name in TOLD if name in changes}
        if "plane" in known:
            sizes = self.images[0].stack.sizes
            known["plane"] = [
                min(max(int(i), 0), n - 1) for i, n in zip(known["plane"], sizes, strict=True)
            ]
        if known.get("region"):
            known["region"] = {key: float(known["region"][key]) for key in ("x0", "y0", "x1", "y1")}
        self.change(known, client, scale=changes.get("scale"))

    def _client(self, name: str) -> _Client:
        if name not in self._clients:
            self._clients[name] = _Client(self, name)
        return self._clients[name]

    def _bye(self, client: str) -> None:
        gone = self._clients.pop(client, None)
        if gone is not None and self._desk is not None:
            self._desk.leave(gone.reply)
        if not self._clients:
            self._rest()
            in_main(self._left, _LEFT)

    def _left(self) -> None:
        """Close what is shown nowhere and what nobody has."""
        if not self._clients and not self.taken and self._owner() is None:
            self.close()

    # Tiles

    def _begun(self) -> Desk:
        """Return the desk; the coarsest tiles of what is seen first are made at once."""
        with self._lock:
            if self._desk is not None:
                return self._desk
            desk = self._desk = Desk(self.images)
        for image in range(len(self.images)):
            desk.ask(image, [self._coarsest(image)], self._at_first)
        return desk

    def _at_first(self, image: int, address: Address, found: Tile | str) -> None:
        if isinstance(found, Tile) and address == self._coarsest(image):
            self._first[image] = found

    def _coarsest(self, image: int) -> Address:
        plane, stack = 0, cast(LargeStack, self.images[image].stack)
        for place, size in zip(self._config["state"]["plane"], stack.sizes, strict=True):
            plane = plane * size + place
        return Address(plane, stack.most, 0, 0)

    def _rest(self) -> None:
        """Let go of tiles and threads while nobody looks."""
        with self._lock:
            desk, self._desk = self._desk, None
            self._first = {}
        if desk is not None:
            desk.close(seconds=0.2)

    def said(self, image: int, address: Address, found: Tile | str) -> dict[str, Any]:
        """Return what is said of a tile."""
        place = [address.plane, address.level, address.column, address.row]
        said: dict[str, Any] = {"type": "tile", "image": image, "address": place}
        if isinstance(found, str):
            return said | {"dtype": "", "bytes": 0, "error": found}
        share = self._desk.progress(image) if self._desk is not None else None
        about = {"dtype": found.dtype, "rough": found.rough, "bytes": len(found.data)}
        return said | about | {"share": 1.0 if share is None else share}


def _letters(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _without(listeners: list[Listener], listener: Listener) -> None:
    if listener in listeners:
        listeners.remove(listener)


@functools.cache
def _watch() -> None:
    """Let go of what a cell has shown when it runs again."""

    def begins(here: Any) -> None:
        for live in (ref() for ref in _cells.pop(here, ())):
            if live is not None:
                live._cleared(here)

    before_runs(begins)


@functools.cache
def _kind() -> Any:
    """Return the widget's class: of its state nothing but a few lines of script may be saved."""
    try:
        import anywidget
    except ImportError:
        raise ImportError("the live view needs anywidget: pip install 'nbimage[live]'") from None

    class LiveView(anywidget.AnyWidget):
        """A page of a view."""

        _esm = widget_script()

    return LiveView
