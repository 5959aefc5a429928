"""Files at an address: parts of them, read by any number of threads."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.lazy_types import loaded
from nbimage.pyramid.remote import http as web
from nbimage.pyramid.remote.url import said, shown, split_query, suffix_of

Piece = Callable[[int, int], Array]

_SILENCE = 30  # seconds without a byte
_LONGEST = 120  # seconds of one request
_MOST = 1 << 30  # bytes of one request
_WHOLE = 1 << 32  # bytes of a file that is fetched as a whole
_AT_ONCE = 16  # requests
_STEP = 1 << 23  # bytes


class Remote:
    """A file or folder at an address, such as ``https://host/image.dzi``.

    It is pickled as its address and options. Errors are one line without passwords or signatures.
    """

    def __init__(self, address: str, options: Mapping[str, Any] | None = None) -> None:
        self._state: Any = address, dict(options or {})
        self._open()

    @classmethod
    def of(cls, fs: Any, path: str) -> Remote:
        """Return a file of a file system of fsspec's."""
        self = cls.__new__(cls)
        self._state = fs, path
        self._open()
        return self

    def _open(self) -> None:
        fsspec = optional.fsspec()
        path: str
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._known: web.Answer | None = None
        self._own = isinstance(self._state[0], str)
        if self._own:
            address, options = self._state
            self.name = shown(address)
            patient = _patient(address, options)
            try:
                self._fs, path = fsspec.url_to_fs(address, **patient)
            except ImportError as error:
                raise ImportError(
                    f"reading {self.name} needs a package: {said(error)}; for http and s3: "
                    "pip install 'nbimage[remote]'"
                ) from None
            except Exception as error:  # each file system has its own
                raise ValueError(f"{self.name} must be an address: {said(error)}") from None
        else:
            self._fs, path = self._state
            self.name = shown(str(self._fs.unstrip_protocol(path)))
        self._web = isinstance(self._fs, loaded("fsspec.implementations.http", "HTTPFileSystem"))
        self.path, self._query = split_query(path) if self._web else (path, "")
        self.path = self.path.rstrip("/")
        self._sync = fsspec.asyn.sync

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """Of the last part of the path, such as ".dzi", in small letters."""
        return suffix_of(self.path)

    @property
    def lists(self) -> bool:
        """Whether folders can be listed; a web server's can't."""
        return not self._web

    def fetch(
        self, path: str = "", start: int | None = None, end: int | None = None, most: int = _MOST
    ) -> bytes:
        """Return the bytes of a file, or a part of them.

        ``path`` as that of this file, which is the default; a negative start counts from the end.
        Raises OSError in one line: FileNotFoundError, PermissionError or TimeoutError if it is one.
        """
        path = path or self.path
        try:
            if self._fs.async_impl:
                found = self._sync(
                    self._fs.loop, self._get, path, start, end, most, timeout=_LONGEST
                )
                return bytes(found.data)
            return bytes(self._fs.cat_file(path, start, end))
        except Exception as error:  # each file system has its own
            raise self._failed(error, path) from None

    def part(self, start: int, count: int) -> bytes:
        """Return so many bytes of the file. Raises ValueError where it ends before."""
        return self.parts([(start, count)])

    def parts(self, ranges: Sequence[tuple[int, int]]) -> bytes:
        """Return parts of the file one after another, asked for together."""
        wanted = sum(count for _, count in ranges)
        if wanted > _MOST:
            raise ValueError("what is read at once must be at most 1 GiB, but is more")

        async def together() -> list[bytes]:
            gate = asyncio.Semaphore(_AT_ONCE)

            async def one(start: int, count: int) -> bytes:
                async with gate:
                    return (await self._get(self.path, start, start + count, count)).data

            return await asyncio.gather(*(one(*r) for r in ranges))

        try:
            if self._fs.async_impl:
                found = self._sync(self._fs.loop, together, timeout=_LONGEST)
            else:
                found = [self._fs.cat_file(self.path, s, s + count) for s, count in ranges]
        except Exception as error:
            raise self._failed(error, self.path) from None
        data = b"".join(found)
        if len(data) != wanted:
            raise ValueError("the file ends early")
        return data

    def head(self, count: int) -> web.Answer:
        """Return the first bytes, the size, and whether parts can be read at all."""
        if self._known is None:
            self._known = self._head(count)
        return self._known

    def _head(self, count: int) -> web.Answer:
        if self._web:
            try:
                answer: web.Answer = self._sync(
                    self._fs.loop, self._get, self.path, 0, count, count, timeout=_LONGEST
                )
            except Exception as error:
                raise self._failed(error, self.path) from None
            return answer._replace(in_parts=answer.in_parts and answer.size is not None)
        return web.Answer(self.fetch(start=0, end=count), True, self._size())

    def _size(self) -> int | None:
        try:
            about = self._ask("info", self.path)
        except Exception as error:
            raise self._failed(error, self.path) from None
        if about.get("type") == "directory":
            raise FileNotFoundError(f"{self.name} must be a file, but is a folder")
        size = about.get("size")
        return None if size is None else int(size)

    def names(self, path: str) -> list[str]:
        """Return the names in a folder."""
        try:
            found = self._ask("ls", path, detail=False)
        except Exception as error:
            raise self._failed(error, path) from None
        return [str(name).rstrip("/").rpartition("/")[2] for name in found]

    def download(self) -> Path:
        """Return a temporary file that holds all bytes; it is the caller's to remove."""
        suffix = self.suffix if self.suffix[1:].isalnum() and len(self.suffix) < 8 else ""
        number, name = tempfile.mkstemp(suffix, "nbimage-")
        try:
            with os.fdopen(number, "wb") as file:
                self._copy(file.write)
        except BaseException as error:
            Path(name).unlink(missing_ok=True)
            if isinstance(error, Exception):
                raise self._failed(error, self.path) from None
            raise
        return Path(name)

    def _copy(self, write: Callable[[bytes], object]) -> None:
        if self._web:
            address = self.path + self._query
            self._sync(self._fs.loop, web.copy, self._fs, address, write, _WHOLE)
            return
        size = self._size()
        if size is None or size > _WHOLE:
            raise OSError(f"it must have at most {_WHOLE} bytes, but has {size}")
        for start in range(0, size, _STEP):
            write(self.part(start, min(_STEP, size - start)))

    def ahead(self, box: Box, size: tuple[int, int], piece: Piece) -> Piece:
        """Return the same as ``piece``, which is called for the next ones of a box beforehand.

        The box is cut as by `put_together`, and the pieces must be asked for in that order.
        """
        (high, wide), waiting = size, deque[Future[Array]]()
        rows = range(box.top // high, -(-box.bottom // high))
        columns = range(box.left // wide, -(-box.right // wide))
        if len(rows) * len(columns) == 1:
            return piece
        todo, pool = itertools.product(rows, columns), self.pool()

        def following(row: int, column: int) -> Array:
            while len(waiting) < _AT_ONCE and (place := next(todo, None)) is not None:
                waiting.append(pool.submit(piece, *place))
            try:
                return waiting.popleft().result()
            except BaseException:
                for future in waiting:
                    future.cancel()
                raise

        return following

    def pool(self) -> ThreadPoolExecutor:
        """Return the threads that wait for answers."""
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(_AT_ONCE, "nbimage-remote")
            return self._pool

    async def _get(
        self, path: str, start: int | None, end: int | None, most: int = _MOST
    ) -> web.Answer:
        if self._web:
            return await web.get(self._fs, path + self._query, start, end, most)
        if start is None and end is None and "s3" in self._fs.protocol:
            start, end = 0, most  # or s3fs asks for the size first
        try:
            data = await self._fs._cat_file(path, start=start, end=end)
        except OSError as error:
            if "not satisfiable" not in str(error):  # of an empty file
                raise
            data = b""
        return web.Answer(bytes(data), True, None)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        """Return what the file system says; one that takes too long is given up."""
        if not self._fs.async_impl:
            return getattr(self._fs, method)(path, **options)
        asked = getattr(self._fs, f"_{method}")
        return self._sync(self._fs.loop, asked, path, timeout=_LONGEST, **options)

    def _failed(self, error: Exception, path: str) -> OSError:
        """Return the same error in one line, without secrets."""
        name = self.name
        if path != self.path:
            name = shown(path if self._web else str(self._fs.unstrip_protocol(path)))
        if isinstance(error, OSError) and name in str(error):
            return error
        if isinstance(error, (FileNotFoundError, IsADirectoryError, NotADirectoryError)):
            return FileNotFoundError(f"{name} must be a file or a zarr folder, but there is none")
        if isinstance(error, PermissionError):
            return PermissionError(
                f"{name} must be open to all or come with storage_options, but is refused: "
                f"{said(error)}"
            )
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
            return TimeoutError(
                f"{name} must be sent in time, but the server is too slow or silent"
            )
        reason = said(error)
        if isinstance(error, loaded("aiohttp", "TooManyRedirects")):
            reason = "the server redirects too often"
        elif isinstance(error, loaded("aiohttp", "RedirectClientError")):
            reason = f"the server redirects to what is no address of the web: {reason}"
        return OSError(f"{name} must be readable: {reason}")

    def close(self) -> None:
        """Let go of threads and connections."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        if self._own and self._web:
            session, self._fs._session = self._fs._session, None
            if session is not None:
                self._fs.close_session(self._fs.loop, session)

    def __getstate__(self) -> dict[str, Any]:
        return {"_state": self._state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._state = state["_state"]
        self._open()


def _patient(address: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with limits of time, where the caller has set none."""
    scheme = address.partition("://")[0].lower()
    found = {"skip_instance_cache": True, **options}
    if scheme in ("http", "https"):
        timeout = optional.aiohttp().ClientTimeout(
            total=None, sock_connect=_SILENCE, sock_read=_SILENCE
        )
        found["client_kwargs"] = {"timeout": timeout, **found.get("client_kwargs", {})}
    elif scheme in ("s3", "s3a"):
        config = {"connect_timeout": _SILENCE, "read_timeout": _SILENCE}
        found["config_kwargs"] = {**config, **found.get("config_kwargs", {})}
    return found
