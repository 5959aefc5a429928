"""`TileServer`: a page and its tiles on 127.0.0.1, only for those who know its token.

Only what the page asks for can be reached: names of tiles are numbers, and no file has a name
here. Host and Origin must be this machine's own names, so that no other site's name can lead to it;
their port may be any, which ``ssh -L`` or a container leads here. Not here: serving to other
machines, for which there are exported folders.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import secrets
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from nbimage.base.forks import call_in_child, detach_in_child
from nbimage.base.notebook import print_error
from nbimage.base.text import one_line
from nbimage.base.workers.threads import need_threads
from nbimage.logs import Lazily, find_log
from nbimage.page.html import document_html
from nbimage.page.scripts import is_own_script, is_packed, unpack_script
from nbimage.page.view_html import SERVED, tiled_html
from nbimage.view.live.tile_scheduler import Tile, TileScheduler
from nbimage.view.model.tiled_image import TileAddress
from nbimage.view.model.view_model import ViewModel

_LOG = find_log("serve")
_HOST = "127.0.0.1"
_MAX_PATH = 200  # characters
_MAX_CONNECTIONS = 48  # of which each has a thread
_PATIENCE = 10.0  # seconds in which a request must have come, or been asked for
_PATH = re.compile(r"/([A-Za-z0-9_-]+)/(.*)")
_TILE = re.compile(r"tiles/([0-9]{1,4})/([a-z0-9.-]{1,99})/([0-9]{1,2})/([0-9]{1,9})_([0-9]{1,9})")
_STOP = re.compile(r"tiles/([0-9]{1,4})/stop")
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_SECRET = re.compile(r"[A-Za-z0-9_-]{12,}")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Log = Callable[[str], object]


def log_line(text: str) -> None:
    """Print one line to stderr."""
    print_error(text)


def make_page(model: ViewModel, module: str, config: dict[str, Any] | None = None) -> str:
    """Return a page of its own that shows a view whose tiles lie beside it."""
    html = tiled_html(model.picture.html, config or model.config, module, title=model.title)
    title = model.title or ", ".join(image.name for image in model.images if image.name) or "View"
    page = document_html(html, title)
    return page.replace("<title>", '<link rel="icon" href="data:,"><title>', 1)


class TileServer(ThreadingHTTPServer):
    """Serves one view of tiles from 127.0.0.1 until it is closed.

    Parameters
    ----------
    model : ViewModel
        A tiled view's.
    port : int
        0: any that is free.
    log : callable
        Called with one line for each request that is refused, and for each tile that fails.
    patience : float
        Seconds in which a request must have come; silent connections are closed.
    """

    daemon_threads = True
    request_queue_size = 64
    allow_reuse_address = os.name == "posix"

    def __init__(
        self, model: ViewModel, port: int = 0, log: Log = log_line, patience: float = _PATIENCE
    ) -> None:
        need_threads(
            "a server of tiles", "View.export or nbimage view --export writes a folder with them"
        )
        self.stacks = model.tile_stacks
        if not self.stacks:
            raise ValueError("view must be of images of tiles to be served: give it embed=False")
        self.log, self.patience = log, patience
        self.token = secrets.token_urlsafe(24)
        page = make_page(model, SERVED)
        self.page, self.policy = page.encode(), _content_policy(page)
        self._waiting: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self.scheduler = TileScheduler(self.stacks)
        try:
            super().__init__((_HOST, port), _Handler)
        except (OSError, OverflowError) as error:
            raise OSError(f"port must be free, but {port} is not: {error}") from None
        detach_in_child(self.socket)  # or the port is not free before a child ends
        call_in_child(self._renew_lock)

    def _renew_lock(self) -> None:
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{_HOST}:{self.server_port}/{self.token}/"

    def server_bind(self) -> None:
        """Bind without looking up names."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, int(self.server_address[1])

    def server_close(self) -> None:
        """Free the port and the tiles."""
        super().server_close()
        self.scheduler.close(files=True)

    # Connections: few, and none that is silent for long

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread of its own."""
        detach_in_child(request)
        self.note_waiting(request)
        with self._lock:
            slow = min(self._waiting, key=self._waiting.__getitem__)
            full = len(self._waiting) > _MAX_CONNECTIONS
        if full:  # the one that has waited for longest makes room
            self._hang_up(slow)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection."""
        self.note_request(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Close connections that were silent for too long."""
        late = time.monotonic() - self.patience
        with self._lock:
            slow = [request for request, since in self._waiting.items() if since < late]
        for request in slow:
            self._hang_up(request)

    def note_waiting(self, request: socket.socket) -> None:
        """Note that a connection owes a request."""
        with self._lock:
            self._waiting[request] = time.monotonic()

    def note_request(self, request: socket.socket) -> None:
        """Note that a connection's request has come."""
        with self._lock:
            self._waiting.pop(request, None)

    def _hang_up(self, request: socket.socket) -> None:
        self.note_request(request)
        with contextlib.suppress(OSError):  # gone by itself
            request.shutdown(socket.SHUT_RDWR)  # whose thread wakes and ends

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log in one line what went wrong with a connection, but not that it was closed."""
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            self.log(f"a request failed: {one_line(error)}")

    # Tiles

    def tile(self, numbers: tuple[Any, ...]) -> Callable[[], Tile] | None:
        """Return what encodes a tile; None if there is none of that address.

        ``numbers``: image, plane (or its name where it is projected), level, column, row.
        """
        image, *rest = numbers
        if image >= len(self.stacks):
            return None
        address = TileAddress(*rest)
        try:
            self.stacks[image].tile_box(address)
        except (ValueError, OverflowError):
            return None
        return lambda: self.scheduler.tile(image, address)

    def share(self, image: int) -> float:
        """Return how much of an overview is exact, 0 to 1."""
        found = self.scheduler.progress(image)
        return 1.0 if found is None else float(found)

    def stop(self, image: int) -> bool:
        """Stop to refine an overview. Returns False if there is no such image."""
        if image >= len(self.stacks):
            return False
        self.scheduler.stop(image)
        return True


class _Handler(BaseHTTPRequestHandler):
    server: TileServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.patience)

    def handle_one_request(self) -> None:
        self.server.note_waiting(self.connection)
        super().handle_one_request()

    def parse_request(self) -> bool:
        """Read the head of a request; refuse what no page of ours would send."""
        whole = super().parse_request()
        self.server.note_request(self.connection)
        return whole and self._allowed()

    def _allowed(self) -> bool:
        if self.request_version == "HTTP/0.9":  # whose answer has no headers
            return self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, "a version without headers")
        if self.headers.defects or self.headers.get_payload():  # the lines after it are lost
            return self._refuse(HTTPStatus.BAD_REQUEST, "a line that is no header")
        hosts = self.headers.get_all("Host") or []
        if len(hosts) != 1 or not _LOOPBACK.fullmatch(hosts[0].strip()):
            return self._refuse(HTTPStatus.FORBIDDEN, "a foreign Host")
        if not all(map(_is_own_origin, self.headers.get_all("Origin") or [])):
            return self._refuse(HTTPStatus.FORBIDDEN, "a foreign Origin")
        if self.command not in ("GET", "POST"):
            return self._refuse(HTTPStatus.METHOD_NOT_ALLOWED, "a method that is not GET")
        if len(self.path) > _MAX_PATH:
            return self._refuse(HTTPStatus.REQUEST_URI_TOO_LONG, "a path that is too long")
        found = _PATH.fullmatch(self.path)
        if not found or not secrets.compare_digest(found[1], self.server.token):
            return self._refuse(HTTPStatus.NOT_FOUND, "no token")
        self.rest = found[2]
        if self._has_body():
            return self._refuse(HTTPStatus.BAD_REQUEST, "a body")
        return True

    def _has_body(self) -> bool:
        """Return whether something follows the head that would be taken for another request."""
        lengths = self.headers.get_all("Content-Length") or []
        return "Transfer-Encoding" in self.headers or any(one.strip() != "0" for one in lengths)

    def handle_expect_100(self) -> bool:
        """Refuse to wait for a body."""
        return self._refuse(HTTPStatus.EXPECTATION_FAILED, "a body that waits")

    def do_GET(self) -> None:
        if self.rest == "":
            policy = {"Content-Security-Policy": self.server.policy}
            head = {"Content-Type": "text/html; charset=utf-8", **policy}
            self._answer(200, self.server.page, head)
            return
        found = _TILE.fullmatch(self.rest)
        numbers = tuple(map(_read_number, found.groups())) if found else ()
        make = self.server.tile(numbers) if found else None
        if make is None:
            self._refuse(HTTPStatus.NOT_FOUND, "no such tile")
            return
        try:
            tile = make()
        except Exception as error:  # whatever a source raises is shown on the page
            self.server.log(f"tile {self.rest[len('tiles/') :]} failed: {one_line(error)}")
            self._answer(
                500, one_line(error).encode(), {"Content-Type": "text/plain; charset=utf-8"}
            )
            return
        share = self.server.share(int(numbers[0]))
        head = {
            "X-Dtype": tile.dtype,
            "X-Rough": str(int(tile.rough)),
            "X-Progress": f"{share:.4f}",
        }
        self._answer(200, tile.data, {"Content-Type": "image/png", **head})

    def do_POST(self) -> None:
        found = _STOP.fullmatch(self.rest)
        if found and self.server.stop(int(found[1])):
            self._answer(200, b"", {"Content-Type": "text/plain"})
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "nothing to post to")

    def _answer(self, status: int, body: bytes, head: dict[str, str]) -> None:
        _LOG.debug("%s: %d, %d bytes", Lazily(self._redact_request), status, len(body))
        self.send_response_only(status)
        length = {"Content-Length": str(len(body))}
        for name, value in (head | length | _HEADERS).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: HTTPStatus, why: str) -> bool:
        self.server.log(f"refused {self._redact_request()}: {why}")
        self.close_connection = True
        head = {"Content-Type": "text/plain", "Connection": "close"}
        self._answer(status, f"{status.phrase}\n".encode(), head)
        return False

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no HTTP."""
        self.request_version = getattr(self, "request_version", "HTTP/1.0")
        self._refuse(HTTPStatus(code), message or "no request")

    def _redact_request(self) -> str:
        """Return a request's line, shortened, and without what may be the token."""
        line = _SECRET.sub("…", self.requestline)
        return repr(line if len(line) <= 100 else f"{line[:99]}…")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
        """Log nothing: the server logs what matters."""


def _read_number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _is_own_origin(origin: str) -> bool:
    """Return whether a page that asks may be ours; "null" is said by one that keeps its own."""
    scheme, _, host = origin.strip().lower().partition("://")
    own = scheme in ("http", "https") and _LOOPBACK.fullmatch(host) is not None
    return own or (scheme, host) == ("null", "")


def _content_policy(page: str) -> str:
    """Return what a page may do: run its own scripts, and ask for its own tiles."""
    scripts = [text for text in _SCRIPT.findall(page) if is_own_script(text)]
    scripts += [unpack_script(text) for text in scripts if is_packed(text)]
    known = " ".join(sorted({_hash(text) for text in scripts}))
    return (
        f"default-src 'none'; script-src {known}; worker-src blob:; style-src 'unsafe-inline'; "
        "img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
