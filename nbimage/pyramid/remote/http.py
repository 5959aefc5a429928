"""Bytes from a web server, never more of them than were asked for.

Other file systems are read as fsspec reads them, in `remote_file`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

_CHUNK = 1 << 16
_MISSING, _REFUSED, _BEYOND, _PART = (404, 410), (401, 403, 407), 416, 206
_REDIRECTS = 5
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")


class Response(NamedTuple):
    """Bytes, and what is known of the file that they are of."""

    data: bytes
    in_parts: bool
    """Whether the server sends any part that is asked for, or only the whole."""
    size: int | None


async def get(fs: Any, address: str, start: int | None, end: int | None, most: int) -> Response:
    """Return a part of a file, or all of it; the end alone for a negative start.

    ``fs`` is fsspec's, of which the session and options are taken: its own reading has no bound.
    """
    chunks: list[bytes] = []
    in_parts, size = False, None
    partial = start is not None or end is not None
    first, last = start or 0, end
    async with await _request(fs, address, start, end) as response:
        if response.status == _BEYOND and partial:
            return Response(b"", True, None)
        _check(response)
        position = 0
        if partial and response.status == _PART:
            in_parts = True
            size = _check_range(response, first)
            first, last = 0, None if end is None else end - max(0, first)
        async for chunk in response.content.iter_chunked(_CHUNK):
            if first >= 0:
                end_in_chunk = None if last is None else last - position
                chunks.append(chunk[max(0, first - position) : end_in_chunk])
            else:
                chunks.append(chunk)
            position += len(chunk)
            if last is not None and position >= last:
                break
            if position > most + max(0, first):
                raise OSError(f"it has more than {most} bytes")
    data = b"".join(chunks)
    return Response(data[first:] if first < 0 else data, in_parts, size)


async def copy(fs: Any, address: str, write: Callable[[bytes], object], most: int) -> None:
    """Pass all of a file on, chunk by chunk."""
    async with await _request(fs, address, None, None) as response:
        _check(response)
        left = most - max(0, response.content_length or 0)
        if left >= 0:
            left = most
            async for chunk in response.content.iter_chunked(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    break
                write(chunk)
        if left < 0:
            raise OSError(f"it has more than {most} bytes")


async def _request(fs: Any, address: str, start: int | None, end: int | None) -> Any:
    options = {"max_redirects": _REDIRECTS, **fs.kwargs}
    headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
    if start is not None and start < 0:
        headers["Range"] = f"bytes={start}"
    elif start is not None or end is not None:
        headers["Range"] = f"bytes={start or 0}-{'' if end is None else end - 1}"
    session = await fs.set_session()
    return session.get(fs.encode_url(address), headers=headers, **options)


def _check(response: Any) -> None:
    if response.status in _MISSING:
        raise FileNotFoundError
    if response.status in _REFUSED:
        raise PermissionError(f"status {response.status}")
    if response.status >= 400:
        raise OSError(f"the server answers with status {response.status}")


def _check_range(response: Any, first: int) -> int | None:
    """Return the size of the file. Raises OSError where another part was sent."""
    found = _RANGE.match(response.headers.get("Content-Range", ""))
    if found is None:
        return None
    if first >= 0 and int(found[1]) != first:
        raise OSError(f"the server sends bytes from {found[1]} on, not from {first}")
    return int(found[2])
