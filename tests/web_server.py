"""A web server of a folder for tests: it sends ranges, and does wrong where it is told to."""

from __future__ import annotations

import contextlib
import http.server
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nbimage.pyramid.remote import retries


class Handler(http.server.BaseHTTPRequestHandler):
    """A web server that sends ranges, and does wrong where it is told to."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # each answer would wait 40 ms for what acknowledges its head
    server: Server

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        plain = self.path.partition("?")[0]
        for pattern, wrong in self.server.wrong.items():
            if re.search(pattern, plain):
                wrong(self)
                return
        self.send_file()

    def send_file(self) -> None:
        """Answer as is right."""
        plain = self.path.partition("?")[0]
        path = self.server.folder / plain.lstrip("/")
        if not path.is_file():
            self.answer(404, b"none")
            return
        about = path.stat()
        tags = {"ETag": f'"{about.st_mtime_ns}-{about.st_size}"'} if self.server.tags else {}
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        size = about.st_size
        if asked is None or not self.server.ranges:
            self.answer(200, path.read_bytes(), tags)
            return
        first = int(asked[1]) if asked[1] else max(0, size - int(asked[2]))
        last = min(int(asked[2]), size - 1) if asked[1] and asked[2] else size - 1
        if first >= size:
            self.answer(416, b"", {"Content-Range": f"bytes */{size}"})
            return
        with path.open("rb") as file:
            file.seek(first)
            part = file.read(last + 1 - first)
        self.answer(206, part, tags | {"Content-Range": f"bytes {first}-{last}/{size}"})

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        with self.server.lock:  # before anybody has the answer
            self.server.asked.append((self.path, len(body)))
        self.send_response(status)
        for key, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = folder
        self.ranges = self.tags = True
        self.wrong: dict[str, Callable[[Handler], None]] = {}
        self.asked: list[tuple[str, int]] = []
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def sent(self) -> int:
        return sum(count for _, count in self.asked)

    def handle_error(self, *_: Any) -> None:
        pass


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder; what fails is asked for again at once."""
    usual = retries.DEFAULT
    with Server(folder) as server, pytest.MonkeyPatch.context() as patch:
        patch.setattr(retries, "DEFAULT", replace(usual, first=0))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
