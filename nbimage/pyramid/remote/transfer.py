"""Bytes of a file from a server, those that were asked for and never more, whatever it sends.

Not here: how a server is asked (`http`, `s3`), how often (`retries`).
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import IO, NamedTuple

from nbimage.pyramid.remote.retries import BUSY, PassingError, Tries, find_wait

CHUNK = 1 << 16
_MISSING, _REFUSED, _BEYOND, _PART = (404, 410), (401, 403, 407), 416, 206
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_BEYOND_RANGE = re.compile(r"bytes \*/(\d{1,18})")
_MOST_SKIPPED = 1 << 26  # bytes before those that were asked for
_MUCH = 1 << 23  # bytes after which the tries of a download are counted anew
_SLOW_SECONDS, _SLOW_BYTES = 60, 1 << 16  # a download with fewer bytes in this time is given up


class Answer(NamedTuple):
    """What a server answers."""

    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    chunks: AsyncIterator[bytes]


Ask = Callable[[str], AbstractAsyncContextManager[Answer]]
"""Takes the part that is wanted, such as ``bytes=0-99``; "" for all."""


class Response(NamedTuple):
    """Bytes, and what is known of the file that they are of."""

    data: bytes
    in_parts: bool
    """Whether the server sends any part that is asked for, or only the whole."""
    size: int | None


class Version:
    """What a server said first of a file: later answers must be of the same."""

    def __init__(self) -> None:
        self.tag, self.size = "", None

    tag: str
    size: int | None

    def check(self, headers: Mapping[str, str], size: int | None) -> None:
        """Raise OSError where an answer is of another version."""
        tag = headers.get("etag", "").removeprefix("W/") or headers.get("last-modified", "")
        other_size = size is not None and self.size not in (None, size)
        if other_size or (tag and self.tag not in ("", tag)):
            raise OSError("it has changed since it was opened: open it again")
        self.tag, self.size = self.tag or tag, self.size if size is None else size


async def get(
    ask: Ask, start: int | None, end: int | None, most: int, version: Version
) -> Response:
    """Return a part of a file, or all of it; the end alone for a negative start."""
    partial = start is not None or end is not None
    if not partial:
        return Response(await _get_whole(ask, 0, None, most, version), False, version.size)
    first, data = start or 0, b""
    while True:
        async with ask(_span(first + len(data) if first >= 0 else first, end)) as answer:
            if answer.status == _BEYOND:
                beyond = _BEYOND_RANGE.match(answer.headers.get("content-range", ""))
                version.check(answer.headers, int(beyond[1]) if beyond else None)
                return Response(data, True, version.size)
            _check_status(answer)
            if answer.status == _PART and not _is_packed(answer):
                left = most - len(data)
                sent, part = await _get_part(answer, first + len(data), end, left, version)
                first, data = sent - len(data), data + part  # of the end of a file it is said now
                until = min(end or sys.maxsize, version.size or 0)
                if part and first + len(data) < until:
                    continue
                return Response(data, True, version.size)
            if answer.status != _PART:
                found = await _read_whole(answer, first, end, most, version)
                return Response(found, False, version.size)
        # a part of what the server has packed, such as by gzip, can't be unpacked
        return Response(await _get_whole(ask, first, end, most, version), False, version.size)


async def copy(ask: Ask, file: IO[bytes], most: int, version: Version, tries: Tries) -> None:
    """Write all of a file to another; after a failure from where it ended."""
    written = 0

    async def go_on() -> None:
        nonlocal written
        async with ask(_span(written, None) if written else "") as answer:
            _check_status(answer)
            skipped = 0
            if answer.status == _PART:
                found = _parse_range(answer)
                if found[0] != written or _is_packed(answer) or not version.tag:
                    written = 0
                    raise PassingError("the server does not go on where it ended")
                version.check(answer.headers, found[2])
            else:
                version.check(answer.headers, _length(answer))
                skipped = written if version.tag else 0
                written = written if version.tag else 0
            expected = most if version.size is None else min(most, version.size)
            if (version.size or 0) > most:
                raise OSError(f"it has more than {most} bytes: download it first")
            file.seek(written)
            file.truncate()
            watch = _Watch()
            async for chunk in answer.chunks:
                kept = chunk[skipped:]
                skipped -= len(chunk) - len(kept)
                if written + len(kept) > expected:
                    raise OSError(f"it has more than {expected} bytes")
                file.write(kept)
                written += len(kept)
                if watch.count(len(chunk)):
                    tries.renew()
            if version.size is not None and written < version.size:
                raise PassingError(f"it ends after {written} of {version.size} bytes")

    await tries.run(go_on)


class _Watch:
    """How fast bytes come."""

    def __init__(self) -> None:
        self._since, self._bytes, self._much = time.monotonic(), 0, 0

    def count(self, count: int) -> bool:
        """Say whether much came. Raises TimeoutError for a server that is too slow."""
        self._bytes += count
        self._much += count
        now = time.monotonic()
        if now - self._since > _SLOW_SECONDS:
            if self._bytes < _SLOW_BYTES:
                raise TimeoutError
            self._since, self._bytes = now, 0
        if self._much < _MUCH:
            return False
        self._much = 0
        return True


def _span(start: int, end: int | None) -> str:
    if start < 0:
        return f"bytes={start}"
    return f"bytes={start}-{'' if end is None else end - 1}"


async def _get_part(
    answer: Answer, first: int, end: int | None, most: int, version: Version
) -> tuple[int, bytes]:
    """Return where the part that was sent begins, and its bytes: maybe less than was asked for."""
    sent, last, size = _parse_range(answer)
    expected = first if first >= 0 or size is None else max(0, size + first)
    if sent != expected and expected >= 0:
        raise OSError(f"the server sends bytes from {sent} on, not from {expected}")
    if last < sent or (size is not None and last >= size):
        raise OSError(f"the server says that it sends the bytes {sent} to {last} of {size}")
    version.check(answer.headers, size)
    wanted = last - sent + 1
    if first >= 0 and end is not None:
        wanted = min(wanted, end - first)
    if wanted > most:
        raise OSError(f"it has more than {most} bytes")
    data = await _take(answer, wanted)
    if len(data) < wanted:
        raise PassingError(f"it ends after {len(data)} of {wanted} bytes")
    return sent, data


async def _get_whole(ask: Ask, first: int, end: int | None, most: int, version: Version) -> bytes:
    async with ask("") as answer:
        _check_status(answer)
        if answer.status == _PART:
            raise OSError("the server sends a part where the whole was asked for")
        return await _read_whole(answer, first, end, most, version)


async def _read_whole(
    answer: Answer, first: int, end: int | None, most: int, version: Version
) -> bytes:
    """Return the part of all that is sent."""
    version.check(answer.headers, _length(answer))
    if first > _MOST_SKIPPED:
        raise PassingError(f"the server sends all of it instead of the bytes from {first} on")
    if first < 0 or end is None:
        data = await _take(answer, max(0, first) + most + 1)
        if len(data) > max(0, first) + most:
            raise OSError(f"it has more than {most} bytes")
        return data[first:]
    return (await _take(answer, end))[first:]


async def _take(answer: Answer, count: int) -> bytes:
    """Return so many bytes, or as many as there are."""
    found: list[bytes] = []
    left = count
    if left > 0:
        async for chunk in answer.chunks:
            found.append(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                break
    return b"".join(found)


def _check_status(answer: Answer) -> None:
    status = answer.status
    if status in _MISSING:
        raise FileNotFoundError
    if status in _REFUSED:
        raise PermissionError(f"status {status}")
    if status in BUSY:
        wait = find_wait(answer.headers)
        raise PassingError(f"the server answers with status {status}", wait)
    if status not in (200, _PART):
        raise OSError(f"the server answers with status {status}")


def _parse_range(answer: Answer) -> tuple[int, int, int | None]:
    """Return the first and the last byte of a part, and the size of the file where it is said."""
    text = answer.headers.get("content-range", "")
    found = _RANGE.match(text)
    if found is None:
        raise OSError(f"the server sends a part, but does not say which: {text[:80]!r}")
    return int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])


def _is_packed(answer: Answer) -> bool:
    return answer.headers.get("content-encoding", "identity").lower() not in ("", "identity")


def _length(answer: Answer) -> int | None:
    """Return how many bytes an answer of all has; None where that is not said."""
    text = answer.headers.get("content-length", "")
    return int(text) if text.isdecimal() and not _is_packed(answer) else None
