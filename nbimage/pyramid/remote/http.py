"""What a web server sends, never more of it than was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

_PIECE = 1 << 16
_MISSING, _REFUSED, _BEYOND, _PART = (404, 410), (401, 403, 407), 416, 206
_REDIRECTS = 5
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18})")


class Answer(NamedTuple):
    """Bytes, and what is known of the file that they are of."""

    data: bytes
    in_parts: bool
    """Whether the server sends any part that is asked for, or only the whole."""
    size: int | None


async def get(fs: Any, address: str, start: int | None, end: int | None, most: int) -> Answer:
    """Return a part of a file, or all of it; the end alone for a negative start.

    ``fs`` is fsspec's, of which the session and options are taken: its own reading has no bound.
    """
    parts: list[bytes] = []
    in_parts, size = False, None
    part = start is not None or end is not None
    first, last = start or 0, end
    async with await _asked(fs, address, start, end) as answer:
        if answer.status == _BEYOND and part:
            return Answer(b"", True, None)
        _check(answer)
        place = 0
        if part and answer.status == _PART:
            in_parts = True
            size = _place_in(answer, first)
            first, last = 0, None if end is None else end - max(0, first)
        async for piece in answer.content.iter_chunked(_PIECE):
            if first >= 0:
                parts.append(piece[max(0, first - place) : None if last is None else last - place])
            else:
                parts.append(piece)
            place += len(piece)
            if last is not None and place >= last:
                break
            if place > most + max(0, first):
                raise OSError(f"it must be at most {most} bytes, but is more")
    data = b"".join(parts)
    return Answer(data[first:] if first < 0 else data, in_parts, size)


async def copy(fs: Any, address: str, write: Callable[[bytes], object], most: int) -> None:
    """Pass all of a file on, piece by piece."""
    async with await _asked(fs, address, None, None) as answer:
        _check(answer)
        left = most - max(0, answer.content_length or 0)
        if left >= 0:
            left = most
            async for piece in answer.content.iter_chunked(_PIECE):
                left -= len(piece)
                if left < 0:
                    break
                write(piece)
        if left < 0:
            raise OSError(f"it must have at most {most} bytes, but has more")


async def _asked(fs: Any, address: str, start: int | None, end: int | None) -> Any:
    options = {"max_redirects": _REDIRECTS, **fs.kwargs}
    headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
    if start is not None and start < 0:
        headers["Range"] = f"bytes={start}"
    elif start is not None or end is not None:
        headers["Range"] = f"bytes={start or 0}-{'' if end is None else end - 1}"
    session = await fs.set_session()
    return session.get(fs.encode_url(address), headers=headers, **options)


def _check(answer: Any) -> None:
    if answer.status in _MISSING:
        raise FileNotFoundError
    if answer.status in _REFUSED:
        raise PermissionError(f"status {answer.status}")
    if answer.status >= 400:
        raise OSError(f"the server answers with status {answer.status}")


def _place_in(answer: Any, first: int) -> int | None:
    """Return the size of the file. Raises OSError where another part was sent."""
    found = _RANGE.match(answer.headers.get("Content-Range", ""))
    if found is None:
        return None
    if first >= 0 and int(found[1]) != first:
        raise OSError(f"the server sends bytes from {found[1]} on, not from {first}")
    return int(found[2])
