"""zarr at an address: what zarr's own store for fsspec needs of a file system."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from nbimage.pyramid.remote.remote_file import RemoteFile

METADATA = ("zarr.json", ".zgroup", ".zarray", ".zattrs", ".zmetadata")


class ZarrFiles(ABC):
    """The files of zarr, by their names, for zarr's own store: a subclass reads a part of one."""

    async_impl = asynchronous = True

    @abstractmethod
    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        """Return a part of a file. Raises FileNotFoundError for what is not there."""

    async def _cat_ranges(
        self, paths: list[str], starts: list[Any], ends: list[Any], **_: Any
    ) -> list[Any]:
        reads = (self._cat_file(*one) for one in zip(paths, starts, ends, strict=True))
        return list(await asyncio.gather(*reads, return_exceptions=True))


class ZarrFileSystem(ZarrFiles):
    """The files below an address, or below the folder that it lies in, by their names within it.

    What is not there is FileNotFoundError, as everywhere; so are metadata that a server refuses:
    some say that of what is not there, and there is no image without any.
    """

    def __init__(self, remote: RemoteFile, folder: str | None = None) -> None:
        self._remote, self._folder = remote, folder
        self.refused: PermissionError | None = None

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        return await self._in_thread(self._fetch, path, start, end)  # type: ignore[no-any-return]

    async def _exists(self, path: str) -> bool:
        try:
            await self._cat_file(path, 0, 1)
        except FileNotFoundError:
            return False
        return True

    async def _ls(self, path: str, detail: bool = False) -> list[str]:
        if not self._remote.can_list:
            raise ValueError(
                "a folder on a web server can't be listed: name the folder of an array"
            )
        names = await self._in_thread(self._remote.list_names, self._full_path(path))
        return [f"{path.rstrip('/')}/{name}" for name in names]

    def _fetch(self, path: str, start: int | None, end: int | None) -> bytes:
        try:
            return self._remote.fetch(self._full_path(path), start, end)
        except PermissionError as error:
            if path.rpartition("/")[2] not in METADATA:
                raise
            self.refused = error
            raise FileNotFoundError(str(error)) from None

    def _full_path(self, path: str) -> str:
        inner = path.strip("/")
        if self._folder is not None:
            return f"{self._folder}/{inner}"
        return self._remote.join(inner) if inner else self._remote.path

    async def _in_thread(self, work: Callable[..., Any], *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._remote.pool(), work, *args)


def holds_zarr(remote: RemoteFile) -> bool:
    """Say whether there are metadata of an array or a group."""
    found = list(remote.pool().map(lambda name: _exists(remote, name), METADATA))
    refused = [one for one in found if isinstance(one, PermissionError)]
    if refused and True not in found:
        raise refused[0]
    return True in found


def _exists(remote: RemoteFile, name: str) -> bool | PermissionError:
    try:
        remote.fetch(remote.join(name))
    except FileNotFoundError:
        return False
    except PermissionError as error:
        return error
    return True
