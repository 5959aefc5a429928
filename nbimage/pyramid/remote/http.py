"""Asking a web server for bytes.

fsspec's own reading has no bound, and does not look at what a server says of the bytes: its session
and options are used alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nbimage.logs import Lazily, find_log
from nbimage.pyramid.remote.transfer import CHUNK, Answer, Ask
from nbimage.pyramid.remote.url import redact_secrets

_LOG = find_log("read")
_REDIRECTS = 5


def ask_http(fs: Any, address: str) -> Ask:
    """Return what asks for a file. ``fs`` is fsspec's file system for the web."""

    @asynccontextmanager
    async def ask(span: str) -> AsyncIterator[Answer]:
        options = {"max_redirects": _REDIRECTS, **fs.kwargs}
        headers = {"Accept-Encoding": "identity", **options.pop("headers", {})}
        if span:
            headers["Range"] = span
        _LOG.debug("GET %s %s", Lazily(redact_secrets, address), span)
        session = await fs.set_session()
        async with session.get(fs.encode_url(address), headers=headers, **options) as response:
            found = {key.lower(): value for key, value in response.headers.items()}
            yield Answer(response.status, found, response.content.iter_chunked(CHUNK))

    return ask
