"""What a web server does wrong, for `tests.web_server`."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable

from tests.web_server import Handler

Fault = Callable[[Handler], None]


def once(fault: Fault, times: int = 1) -> Fault:
    """Return a fault that each part of each file has so many times, and then no more."""
    asked: dict[tuple[str, str], int] = {}
    lock = threading.Lock()

    def first(handler: Handler) -> None:
        key = handler.path, handler.headers.get("Range", "")
        with lock:
            asked[key] = count = asked.get(key, 0) + 1
        if count <= times:
            fault(handler)
        else:
            handler.send_file()

    return first


def status(number: int, **headers: str) -> Fault:
    """Return what answers with a status."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return lambda handler: handler.answer(number, b"<html>no</html>", named)


class _Changed:
    """A handler that sends another answer than the right one."""

    def __init__(self, handler: Handler, change: Callable[..., tuple[int, bytes, dict[str, str]]]):
        self._answer = handler.answer

        def answer(number: int, body: bytes, headers: dict[str, str] | None = None) -> None:
            del handler.answer  # type: ignore[method-assign]
            self._answer(*change(number, body, dict(headers or {})))

        handler.answer = answer  # type: ignore[method-assign]
        handler.send_file()


def _changed(change: Callable[..., tuple[int, bytes, dict[str, str]]]) -> Fault:
    return lambda handler: _Changed(handler, change) and None


def hang_up(handler: Handler) -> None:
    """Close the connection without an answer."""
    handler.close_connection = True


def _cut(number: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    headers = {"Content-Length": str(len(body)), "Connection": "close"} | headers
    return number, body[: len(body) // 2] if len(body) > 8000 else body, headers


def cut(handler: Handler) -> None:
    """Close the connection in the middle of a body."""
    _Changed(handler, _cut)
    handler.close_connection = True


@_changed
def short(number: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Send fewer bytes than the answer says the part has; of a whole file all of it."""
    return number, body[: len(body) // 2] if number == 206 else body, headers


@_changed
def halves(number: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Send the first half of the part that was asked for, which a server may do."""
    found = re.match(r"bytes (\d+)-(\d+)/(\d+)", headers.get("Content-Range", ""))
    if number != 206 or found is None or len(body) < 8192:
        return number, body, headers
    first, _, size = map(int, found.groups())
    part = body[: len(body) // 2]
    return 206, part, headers | {"Content-Range": f"bytes {first}-{first + len(part) - 1}/{size}"}


@_changed
def packed(number: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Send everything packed, parts too, though nobody asked for that."""
    return number, gzip.compress(body), headers | {"Content-Encoding": "gzip"}


@_changed
def elsewhere(
    number: int, body: bytes, headers: dict[str, str]
) -> tuple[int, bytes, dict[str, str]]:
    """Say that another part is sent."""
    return number, body, headers | {"Content-Range": f"bytes 7-{6 + len(body)}/1000000"}


@_changed
def unnamed(number: int, body: bytes, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    """Send a part without saying which."""
    headers.pop("Content-Range", None)
    return number, body, headers


def whole(handler: Handler) -> None:
    """Send all of the file where a part was asked for."""
    del handler.headers["Range"]
    handler.send_file()


def slow(handler: Handler) -> None:
    """Send byte by byte, almost."""
    write = handler.wfile.write

    def trickle(data: bytes) -> int:
        for start in range(0, len(data), 4096):
            write(data[start : start + 1])
            handler.wfile.flush()
            write(data[start + 1 : start + 4096])
            handler.wfile.flush()
        return len(data)

    handler.wfile.write = trickle  # type: ignore[method-assign]
    try:
        handler.send_file()
    finally:
        handler.wfile.write = write  # type: ignore[method-assign]


def goes_on(handler: Handler) -> None:
    """Send what was asked for, and then more and more."""

    def change(
        number: int, body: bytes, headers: dict[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        return number, body + bytes(1 << 20) * (number == 206), headers

    _Changed(handler, change)


def redirected(handler: Handler) -> None:
    """Name another address of the file."""
    if "moved=1" in handler.path:
        handler.send_file()
    else:
        mark = "&" if "?" in handler.path else "?"
        handler.answer(302, b"", {"Location": f"{handler.path}{mark}moved=1"})
