"""`StreamedView` and `Stream`: new data for a live view, of cameras and training loops.

The newest data are what a page gets next; what came meanwhile is dropped and counted. A page says
when it has drawn, and gets the next ones then, together with the tiles that it shows. Not here:
what becomes of arrays (`nbimage.view.live.new_data`), how tiles are made (`tile_scheduler`).
"""

from __future__ import annotations

import base64
import contextvars
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbimage.base.doors import door
from nbimage.base.forks import call_in_child
from nbimage.base.text import one_line
from nbimage.base.workers.steps import Steps, call_soon
from nbimage.base.workers.threads import can_start_threads
from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.live.messages import check_epoch, check_request
from nbimage.view.live.new_data import Frames, New, find_displays, open_like, renew
from nbimage.view.live.tile_scheduler import Snapshot, Tile
from nbimage.view.live.widget import LiveWidget
from nbimage.view.model.tiled_image import TileAddress, TiledStack

_IDLE_SECONDS = 5.0  # after which the thread without work ends
_PATIENCE = 1.0  # seconds after which a page that does not answer gets more
_ON_THE_WAY = 2  # data that a page need not have drawn before it gets more
_MOST_UNANSWERED = 5
_MOST_TILES = 64  # that are sent unasked


@dataclass(slots=True)
class _Shown:
    """What is known of a page."""

    sent: int = 0
    unanswered: list[int] = field(default_factory=list)
    """What it has not drawn yet."""
    at: float = 0.0
    tiles: list[tuple[int, TileAddress]] = field(default_factory=list)
    plane: Any = None
    """The plane that it showed then."""
    planes: dict[int, Any] = field(default_factory=dict)
    """Those of what it has not drawn yet."""
    context: contextvars.Context | None = None


class Stream:
    """Sends the newest data of a view to its pages, from a thread of its own.

    Any thread may call anything.
    """

    def __init__(self, live: LiveWidget) -> None:
        self._live = live
        self._pages: dict[str, _Shown] = {}
        self.generation = 0
        """How often the data were replaced."""
        self.dropped = 0
        """How many of these no page got, since newer ones came first."""
        self._shown = 0
        self._changed_keys: set[str] = set()
        self._steps = Steps(self._step)
        self._renew_locks()
        call_in_child(self._renew_locks)

    def _renew_locks(self) -> None:
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def replace(self, new: New) -> None:
        """Have pages show other data."""
        live = self._live
        with self._changed:
            self.generation += 1
            live.renew(new.stacks, new.axes, new.changes, self.generation)
            self._changed_keys |= set(new.changes)
            self._start()

    def _start(self) -> None:
        """Have the thread look what there is to do. The lock is held."""
        if not can_start_threads():
            self._steps.start()
            return
        if self._thread is None and self._live.pages:
            self._thread = threading.Thread(target=self._work, name="nbimage-stream", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def begin(self, client: str) -> None:
        """Note that a page begins with the present data."""
        with self._changed:
            self._pages[client] = _Shown(self.generation)
            self._shown = max(self._shown, self.generation)

    def end(self, client: str) -> None:
        """Forget a page; "": all, for the view is closed."""
        with self._changed:
            if client:
                self._pages.pop(client, None)
            else:
                self._pages.clear()
            self._changed.notify_all()

    def note_drawn(self, client: str, message: Mapping[str, Any]) -> None:
        """Note that a page has drawn, and which tiles. Raises one of `WRONG` for what is none."""
        drawn = check_epoch(message["generation"])
        found = check_request(message["requests"], len(self._live.model.tiled))
        tiles = [(image, one) for image, several in found for one in several]
        with self._changed:
            page = self._pages.setdefault(client, _Shown(self.generation))
            plane = page.planes.get(drawn, self._live.model.shown_plane)
            page.tiles, page.plane = tiles[:_MOST_TILES], plane
            page.planes = {one: plane for one, plane in page.planes.items() if one > drawn}
            page.unanswered = [one for one in page.unanswered if one > drawn]
            page.context = contextvars.copy_context()
            if page.sent < self.generation:
                self._start()

    # The thread

    def _work(self) -> None:
        try:
            while (client := self._wait()) is not None:
                self._send(client)
        finally:  # whatever ended it, the next data begin another one
            with self._changed:
                if self._thread is threading.current_thread():
                    self._thread = None

    def _wait(self) -> str | None:
        """Return a page that waits for newer data; None where nothing happens for a while."""
        with self._changed:
            until = time.monotonic() + _IDLE_SECONDS
            while (left := until - time.monotonic()) > 0:
                if not self._live.pages:
                    break
                client = self._find_page()
                if client is not None:
                    return client
                self._changed.wait(min(left, _PATIENCE) if self._is_late() else left)
            self._thread = None
            return None

    def _find_page(self) -> str | None:
        """Return a page that may be sent newer data now. The lock is held."""
        pages = self._live.pages
        for client in [one for one in self._pages if one not in pages]:
            del self._pages[client]
        for client in pages:
            page = self._pages.setdefault(client, _Shown())
            if page.sent < self.generation and self._may_send(page):
                return client
        return None

    def _is_late(self) -> bool:
        return any(page.unanswered for page in self._pages.values())

    def _step(self) -> bool:
        """Send to one page. Returns False where none waits, or may get more by now."""
        with self._changed:
            client = self._find_page()
            if client is None:
                waits = any(page.sent < self.generation for page in self._pages.values())
                if waits and self._is_late():
                    call_soon(self._steps.start, _PATIENCE)
                return False
        self._send(client)
        return True

    def _may_send(self, page: _Shown) -> bool:
        late = time.monotonic() - page.at > _PATIENCE
        count = len(page.unanswered)
        return count < _ON_THE_WAY or (late and count < _MOST_UNANSWERED)

    def _send(self, client: str) -> None:
        live = self._live
        with self._changed:
            page = self._pages.get(client)
            if page is None:  # it is gone meanwhile
                return
            generation = self.generation
            page.sent, page.at = generation, time.monotonic()
            page.unanswered.append(generation)
            plane = page.planes[generation] = live.model.shown_plane
            self.dropped += max(0, generation - self._shown - 1)
            self._shown = max(self._shown, generation)
            moved = [
                (image, TileAddress(plane if one.plane == page.plane else one.plane, *_rest(one)))
                for image, one in page.tiles
            ]
            # without a plane's coarsest tile nothing of it is drawn
            tiles = [
                (image, TileAddress(plane, stack.coarsest, 0, 0))
                for image, stack in enumerate(live.model.tiled)
            ]
            tiles += [one for one in moved if one not in tiles]
            message = live.describe_data(generation, self._changed_keys)
            scheduler = live.scheduler
            snapshot = None if scheduler is None else scheduler.snapshot()
        sent, buffers = self._make_tiles(tiles, snapshot)  # newer data may come meanwhile
        message |= {"client": client, "tiles": sent, "count": len(buffers)}
        if live.sends_text(client):
            message["texts"] = [base64.b64encode(data).decode("ascii") for data in buffers]
            buffers = []
        (page.context or contextvars.copy_context()).copy().run(live.send, message, buffers)

    def _make_tiles(
        self, tiles: Sequence[tuple[int, TileAddress]], snapshot: Snapshot | None
    ) -> tuple[list[dict[str, Any]], list[bytes]]:
        scheduler = self._live.scheduler
        messages, buffers = [], []
        for image, address in tiles:
            if scheduler is None or snapshot is None:
                break
            try:
                tile: Tile | str = scheduler.tile(image, address, snapshot)
            except Exception as error:  # each source has its own
                tile = one_line(error)
            messages.append(self._live.tile_message(image, address, tile))
            buffers.append(tile.data if isinstance(tile, Tile) else b"")
        return messages, buffers


def _rest(address: TileAddress) -> tuple[int, int, int]:
    return address.level, address.column, address.row


class StreamedView(LiveProperties):
    """What takes new data for a live view. `View` is one."""

    _opening: tuple[Any, ...]
    """How the first data were opened."""
    _data: Any
    follow: bool = False
    """Whether limits follow new data, from the least to the largest value of each; else they stay
    as they are."""

    @property
    def data(self) -> Any:
        """What a live view shows; set, other arrays of the same shape and kind.

        From any thread: the newest are shown as soon as a page has drawn the ones before, and what
        comes faster is dropped (`dropped`). Arrays are read when a page asks for them, so give a
        copy of a buffer that is filled again. Limits stay, or `follow`.
        """
        if self._data is None:
            self.require_live("for its data")
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        stream = self._require_stream()
        new = open_like(self.model, data, self._opening)
        self._frames = None
        self._data = data
        stream.replace(self._with_limits(new, new.stacks))

    @door
    def append(self, frame: Any, *, max_planes: int | None = None) -> None:
        """Add a plane at the end of the axis of time, and show it.

        Along the axis "t" or "time", else the first one beside rows, columns and channels; the
        oldest planes go. From any thread; the frame is copied. What comes faster than pages draw
        is not shown, but kept.

        Parameters
        ----------
        frame : array-like
            As the view's array without that axis.
        max_planes : int, optional
            How many planes are kept, by default as many as there are.

        Raises
        ------
        TypeError, ValueError
            For a frame that does not fit, and for a view that is not live.

        Examples
        --------
        >>> view = nbimage.View(np.zeros((3, 480, 640)), axes="tyx", embed=False)
        >>> view.append(np.ones((480, 640)))
        >>> view.data.shape, view.data[-1].max().item()
        ((3, 480, 640), 1.0)
        >>> view.append(np.ones((480, 640)), max_planes=10)
        >>> view.data.shape
        (4, 480, 640)
        """
        stream = self._require_stream()
        with self._appending:
            frames = self.__dict__.get("_frames")
            if frames is None:
                frames = self._frames = Frames.of(self.model, self._data)
            new = frames.append(frame, max_planes, self.model)
            self._data = frames.array
            newest = renew(new.stacks[0], frames.newest) if self.follow else new.stacks[0]
            stream.replace(self._with_limits(new, [newest]))

    @property
    def dropped(self) -> int:
        """How many new data no page has shown, since newer ones came first."""
        live = self._live
        return 0 if live is None or live.stream is None else live.stream.dropped

    _frames: Frames | None
    _streaming = threading.Lock()

    @property
    def _appending(self) -> threading.Lock:
        with StreamedView._streaming:
            lock: threading.Lock = self.__dict__.setdefault("_append_lock", threading.Lock())
            return lock

    def _require_stream(self) -> Stream:
        live = self.require_live("for new data")
        if not self.model.tiled:
            raise ValueError(
                "the view must be live for new data, but its values are kept in the page: give "
                "embed=False"
            )
        with StreamedView._streaming:
            if live.stream is None:
                live.stream = Stream(live)
            found: Stream = live.stream
            return found

    def _with_limits(self, new: New, stacks: Sequence[TiledStack]) -> New:
        if self.follow:
            new.changes["displays"] = find_displays(self.model, stacks)
        return new
