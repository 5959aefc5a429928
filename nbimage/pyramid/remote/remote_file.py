"""A file or folder at an address, read in ranges by any number of threads.

For writing there are the outputs of `pyramid/writers`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import IO, Any

from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import abandon, call_in_child
from nbimage.base.lazy_types import find_type
from nbimage.base.workers.threads import make_pool
from nbimage.pyramid.core.block_cache import find_blocks
from nbimage.pyramid.remote.file_system import open_fs
from nbimage.pyramid.remote.range_file import RangeFile
from nbimage.pyramid.remote.retries import Tries, is_cut
from nbimage.pyramid.remote.targets import (
    close_connections,
    find_ask,
    find_target,
    is_http,
    is_references,
)
from nbimage.pyramid.remote.transfer import Response, Version, copy, get
from nbimage.pyramid.remote.url import find_suffix, format_error, redact_secrets, split_query

ReadBlock = Callable[[int, int], Array]
"""Return the block at a row and column of blocks."""

_TIMEOUT = 120  # seconds of one read with all that is tried again
_MAX_RANGE = 1 << 30  # bytes of one request
_MAX_DOWNLOAD = 1 << 32  # bytes of a file that is fetched as a whole
_MAX_REQUESTS = 16  # requests
_DOWNLOAD_STEP = 1 << 23  # bytes
_MAX_VERSIONS = 1024  # files


class RemoteFile:
    """A file or folder at an address, such as ``https://host/image.dzi``.

    It is pickled as its address and options. Errors are one line without passwords or signatures.
    """

    def __init__(
        self, address: str, options: Mapping[str, Any] | None = None, name: str = ""
    ) -> None:
        self._state: Any = address, dict(options or {}), name
        self._open()
        call_in_child(self._begin_child)

    @classmethod
    def from_fs(cls, fs: Any, path: str) -> RemoteFile:
        """Return a file of a file system of fsspec's, which stays the caller's to close."""
        self = cls.__new__(cls)
        self._state = fs, path
        self._open()
        call_in_child(self._begin_child)
        return self

    def _open(self) -> None:
        path: str
        self._lock = threading.Lock()
        self._pool: Executor | None = None
        self._head_response: Response | None = None
        self._versions: dict[str, Version] = {}
        self._opened_range: RangeFile | None = None
        self._answered, self._closings = False, 0
        self._own = isinstance(self._state[0], str)
        if self._own:
            address, options, name = self._state
            self.name = name or redact_secrets(address)
            self._opened_fs, path = open_fs(address, options, once=True)
        else:
            self._opened_fs, path = self._state
            self.name = redact_secrets(str(self._fs.unstrip_protocol(path)))
        self._is_http = is_http(self._fs)
        self.path, self._query = split_query(path) if self._is_http else (path, "")
        self.path = self.path.rstrip("/")
        self._sync = optional.import_fsspec().asyn.sync

    def _begin_child(self) -> None:
        """Let go of the parent's connections and threads."""
        self._lock, self._pool = threading.Lock(), None
        abandon(self._opened_fs)
        self._opened_fs = None

    @property
    def _fs(self) -> Any:
        """The file system, opened anew in a forked process."""
        with self._lock:
            if self._opened_fs is None:
                if self._own:
                    self._opened_fs = open_fs(*self._state[:2], once=True)[0]
                else:
                    given = self._state[0]
                    options = {**given.storage_options, "skip_instance_cache": True}
                    self._opened_fs = type(given)(*given.storage_args, **options)
            return self._opened_fs

    def __str__(self) -> str:
        return self.name

    @property
    def suffix(self) -> str:
        """Of the last part of the path, such as ".dzi", in small letters."""
        return find_suffix(self.path)

    @property
    def can_list(self) -> bool:
        """Whether folders can be listed; a web server's can't."""
        return not self._is_http

    def fetch(
        self,
        path: str = "",
        start: int | None = None,
        end: int | None = None,
        most: int = _MAX_RANGE,
    ) -> bytes:
        """Return the bytes of a file, or a part of them.

        ``path`` as that of this file, which is the default; a negative start counts from the end.
        Raises OSError in one line: FileNotFoundError, PermissionError or TimeoutError if it is one.
        """
        return self._fetch(path or self.path, start, end, most).data

    def _fetch(self, path: str, start: int | None, end: int | None, most: int) -> Response:
        tries = self._tries()
        try:
            if self._fs.async_impl:
                found = self._sync(
                    self._fs.loop, self._get, tries, path, start, end, most, timeout=_TIMEOUT
                )
                return Response(bytes(found.data), found.in_parts, found.size)
            data = tries.run_here(lambda: self._fs.cat_file(path, start, end))
            return Response(bytes(data), True, None)
        except Exception as error:  # each file system has its own
            raise self._as_os_error(error, path, tries) from None

    def read_range(self, start: int, count: int) -> bytes:
        """Return so many bytes of the file. Raises ValueError where it ends before."""
        return self.read_ranges([(start, count)])

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> bytes:
        """Return parts of the file one after another, asked for together."""
        wanted = sum(count for _, count in ranges)
        if wanted > _MAX_RANGE:
            raise ValueError("more than 1 GiB is to be read at once")
        tries = self._tries()  # of the last one that failed

        async def together() -> list[bytes]:
            gate = asyncio.Semaphore(_MAX_REQUESTS)

            async def one(start: int, count: int) -> bytes:
                nonlocal tries
                async with gate:
                    own = self._tries()
                    try:
                        found = await self._get(own, self.path, start, start + count, count)
                    except BaseException:
                        tries = own
                        raise
                    return found.data

            waiting = [asyncio.ensure_future(one(*r)) for r in ranges]
            try:
                return await asyncio.gather(*waiting)
            finally:
                for task in waiting:  # of no use where one has failed
                    task.cancel()

        try:
            if self._fs.async_impl:
                found = self._sync(self._fs.loop, together, timeout=_TIMEOUT)
            else:
                found = [self.fetch(start=start, end=start + count) for start, count in ranges]
        except Exception as error:
            raise self._as_os_error(error, self.path, tries) from None
        data = b"".join(found)
        if len(data) != wanted:
            raise ValueError("the file ends early")
        return data

    def head(self, count: int) -> Response:
        """Return the first bytes, the size, and whether parts can be read at all."""
        if self._head_response is None:
            self._head_response = self._head(count)
        return self._head_response

    def _head(self, count: int) -> Response:
        found = self._fetch(self.path, 0, count, count)
        if self._is_http:
            return found._replace(in_parts=found.in_parts and found.size is not None)
        return found if found.size is not None else Response(found.data, True, self._size())

    def _size(self) -> int | None:
        info = self._call("info", self.path)
        if info.get("type") == "directory":
            raise FileNotFoundError(f"{self.name} must be a file, but is a folder")
        return None if info.get("size") is None else int(info["size"])

    def open(self, mode: str = "rb") -> RangeFile:
        """Return a file object of the same file, of which parts can be read."""
        size = self.head(4).size
        if mode != "rb" or size is None:
            raise ValueError(f"{self} must be of a size that the server tells, but is not")
        found = RangeFile(self, size, like=self._opened_range)
        self._opened_range = self._opened_range or found
        return found

    def absolute(self) -> RemoteFile:
        """Return the file itself, as paths return theirs."""
        return self

    def list_names(self, path: str) -> list[str]:
        """Return the names in a folder."""
        found = self._call("ls", path, detail=False)
        return [str(name).rstrip("/").rpartition("/")[2] for name in found]

    def download(self) -> Path:
        """Return a temporary file that holds all bytes; it is the caller's to remove."""
        suffix = self.suffix if self.suffix[1:].isalnum() and len(self.suffix) < 8 else ""
        descriptor, name = tempfile.mkstemp(suffix, "nbimage-")
        tries = self._tries()
        try:
            with os.fdopen(descriptor, "wb") as file:
                self._copy(file, tries)
        except BaseException as error:
            Path(name).unlink(missing_ok=True)
            if isinstance(error, Exception):
                raise self._as_os_error(error, self.path, tries) from None
            raise
        return Path(name)

    def _copy(self, file: IO[bytes], tries: Tries) -> None:
        ask = find_ask(self._fs, self.path + self._query)
        if ask is not None:
            version = self._version(self.path + self._query)
            self._sync(self._fs.loop, copy, ask, file, _MAX_DOWNLOAD, version, tries)
            return
        size = self._size()
        if size is None or size > _MAX_DOWNLOAD:
            raise OSError(f"it has more than {_MAX_DOWNLOAD} bytes: download it first")
        for start in range(0, size, _DOWNLOAD_STEP):
            file.write(self.read_range(start, min(_DOWNLOAD_STEP, size - start)))

    def prefetch(self, box: Box, size: tuple[int, int], read: ReadBlock) -> ReadBlock:
        """Return the same as ``read``, which is called for the next blocks of a box beforehand.

        The box is cut as by `assemble`, and the blocks must be asked for in that order.
        """
        waiting = deque[Future[Array]]()
        rows, columns = find_blocks(box, size)
        if len(rows) * len(columns) == 1:
            return read
        todo, pool = itertools.product(rows, columns), self.pool()

        def read_next(row: int, column: int) -> Array:
            while len(waiting) < _MAX_REQUESTS and (block := next(todo, None)) is not None:
                waiting.append(pool.submit(read, *block))
            try:
                return waiting.popleft().result()
            except BaseException:
                for future in waiting:
                    future.cancel()
                raise

        return read_next

    def pool(self) -> Executor:
        """Return the threads that wait for responses."""
        with self._lock:
            if self._pool is None:
                self._pool = make_pool(_MAX_REQUESTS, "nbimage-remote")
            return self._pool

    def _tries(self) -> Tries:
        closings = self._closings
        return Tries(lambda: self._closings != closings, lambda: self._answered)

    @property
    def options(self) -> dict[str, Any]:
        """Those of the file system."""
        return dict(self._state[1]) if self._own else dict(self._state[0].storage_options)

    def join(self, name: str) -> str:
        """Return the path of a file in the folder that this is."""
        return f"{self.path}/{name}" if self.path else name

    def _version(self, path: str) -> Version:
        """Return what was said of a file so far."""
        with self._lock:
            version = self._versions.setdefault(path, Version())
            while len(self._versions) > _MAX_VERSIONS:
                oldest = next(one for one in self._versions if one != self.path + self._query)
                self._versions.pop(oldest)
            return version

    async def _get(
        self, tries: Tries, path: str, start: int | None, end: int | None, most: int
    ) -> Response:
        whole = start is None and end is None and path != self.path

        async def once() -> Response:
            found = await self._get_once(path, start, end, most, whole=whole)
            self._answered = True
            return found

        return await tries.run(once)

    async def _get_once(
        self, path: str, start: int | None, end: int | None, most: int, *, whole: bool
    ) -> Response:
        fs = self._fs
        target = find_target(fs, path, start, end) if is_references(fs) else None
        if isinstance(target, bytes):
            return Response(target, True, None)
        if target is not None:
            try:
                found = await self._ask(target.fs, target.address, target.start, target.end, most)
            except FileNotFoundError:
                raise OSError(
                    f"it refers to {redact_secrets(target.address)}, which is not there"
                ) from None
            target.check(found.data, found.size)
            return found
        return await self._ask(fs, path + self._query, start, end, most, checked=not whole)

    async def _ask(
        self,
        fs: Any,
        path: str,
        start: int | None,
        end: int | None,
        most: int,
        *,
        checked: bool = True,
    ) -> Response:
        """Return bytes of any file system; ``checked``: of the version that was read before."""
        ask = find_ask(fs, path)
        if ask is not None:
            version = self._version(path) if checked else Version()
            return await get(ask, start, end, most, version)
        if fs.async_impl:
            return Response(bytes(await fs._cat_file(path, start=start, end=end)), True, None)
        data = await asyncio.to_thread(fs.cat_file, path, start, end)
        return Response(bytes(data), True, None)

    def _call(self, method: str, path: str, **options: Any) -> Any:
        """Call a method of the file system; one that takes too long is given up."""
        tries = self._tries()
        try:
            if not self._fs.async_impl:
                return tries.run_here(lambda: getattr(self._fs, method)(path, **options))
            function = getattr(self._fs, f"_{method}")

            async def work() -> Any:
                return await tries.run(lambda: function(path, **options))

            return self._sync(self._fs.loop, work, timeout=_TIMEOUT)
        except Exception as error:
            raise self._as_os_error(error, path, tries) from None

    def _as_os_error(self, error: Exception, path: str, tries: Tries) -> OSError:
        """Return the same error in one line, without secrets."""
        name = self.name
        if path != self.path:
            name = redact_secrets(path if self._is_http else str(self._fs.unstrip_protocol(path)))
        if isinstance(error, OSError) and name in str(error):
            return error
        if isinstance(error, (FileNotFoundError, IsADirectoryError, NotADirectoryError)):
            return FileNotFoundError(f"there is no file or zarr folder at {name}")
        if isinstance(error, PermissionError):
            return PermissionError(
                f"{name} is refused ({format_error(error)}): give credentials as storage_options"
            )
        more = tries.describe(error)
        if isinstance(error, (TimeoutError, asyncio.TimeoutError)):
            return TimeoutError(
                f"{name} did not come in time: the server is too slow or silent{more}"
            )
        reason = (
            "the connection ended before all bytes came" if is_cut(error) else format_error(error)
        )
        if isinstance(error, find_type("aiohttp", "TooManyRedirects")):
            reason = "the server redirects too often"
        elif isinstance(error, find_type("aiohttp", "RedirectClientError")):
            reason = f"the server redirects to what is no address of the web: {reason}"
        return OSError(f"{name} can't be read: {reason}{more}")

    def close(self) -> None:
        """Let go of threads and connections."""
        with self._lock:
            pool, self._pool, fs = self._pool, None, self._opened_fs
            self._closings += 1
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)
        if fs is not None and self._own:
            for each in (fs, *getattr(fs, "fss", {}).values()):
                close_connections(each)

    def __getstate__(self) -> dict[str, Any]:
        return {"_state": self._state}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._state = state["_state"]
        self._open()
        call_in_child(self._begin_child)
