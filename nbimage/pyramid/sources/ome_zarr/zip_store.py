"""zarr in a zip file (``.ozx``, ``.zarr.zip``): what zarr's own store for fsspec needs of one.

Source: RFC-9 of OME-NGFF, https://ngff.openmicroscopy.org/rfc/9, and what others zip.
"""

from __future__ import annotations

import asyncio
import functools
import os
import re
from pathlib import Path
from typing import Any

from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.url import is_address, split_query
from nbimage.pyramid.remote.zarr_store import METADATA, ZarrFiles
from nbimage.pyramid.sources.zip_entries import ZipEntries

SUFFIX = ".ozx"
_INSIDE = re.compile(r"(.*?\.(?:ozx|zip))/(.*)", re.IGNORECASE | re.DOTALL)


def split_zipped(source: Any) -> tuple[Any, str | None]:
    """Return the zip file that a path or an address goes into, and the path within it.

    What goes into none is returned as it is, with None.
    """
    if not isinstance(source, (str, os.PathLike)) or not isinstance(os.fspath(source), str):
        return source, None
    text, query = split_query(os.fspath(source))
    plain = text.replace("\\", "/") if os.name == "nt" else text
    found = _INSIDE.fullmatch(plain)
    if found is None or not found[2].strip("/"):
        return source, None
    end = found.end(1)
    if not is_address(text) and not Path(text[:end]).expanduser().is_file():
        return source, None
    return text[:end] + query, found[2].strip("/")


def find_root(names: list[str]) -> str | None:
    """Return the folder of a zip file in which zarr begins, "" for its own; None without zarr.

    It is not the root where a folder was zipped with its name.
    """
    known = {name for name in names if name.rpartition("/")[2] in METADATA}
    if not known:
        return None
    if any(name in METADATA for name in known):
        return ""
    tops = {name.partition("/")[0] for name in known if name.count("/") == 1}
    return f"{tops.pop()}/" if len(tops) == 1 else None


class ZipFileSystem(ZarrFiles):
    """The files of zarr in a zip file, by their names within it."""

    def __init__(self, entries: ZipEntries, root: str) -> None:
        self._entries, self._root = entries, root

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        name = self._root + path.strip("/")
        remote = self._entries.path
        if not isinstance(remote, RemoteFile):
            return self._entries.read(name, start, end)
        loop = asyncio.get_running_loop()
        read = functools.partial(self._entries.read, name, start, end)
        return await loop.run_in_executor(remote.pool(), read)

    async def _exists(self, path: str) -> bool:
        return self._root + path.strip("/") in self._names

    async def _ls(self, path: str, detail: bool = False) -> list[str]:
        folder = path.strip("/")
        return [f"{folder}/{name}".lstrip("/") for name in sorted(self._folders.get(folder, ()))]

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self._entries.names)

    @functools.cached_property
    def _folders(self) -> dict[str, set[str]]:
        """What is in each folder."""
        found: dict[str, set[str]] = {}
        for name in self._entries.names:
            if not name.startswith(self._root):
                continue
            inner = name[len(self._root) :].strip("/")
            while inner:
                folder, _, last = inner.rpartition("/")
                if last in found.setdefault(folder, set()):
                    break
                found[folder].add(last)
                inner = folder
        return found
