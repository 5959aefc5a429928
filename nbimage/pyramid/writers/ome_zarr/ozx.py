"""OME-Zarr in one file, ``.ozx``: a zip file whose entries are stored as they are.

All metadata come first, the root's foremost. They hold what is known when everything else has been
written, so space for them is left.

Source: RFC-9 of OME-NGFF, https://ngff.openmicroscopy.org/rfc/9.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import tempfile
import threading
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit

from nbimage.base import optional_imports as optional
from nbimage.base.atomic import AtomicPath, resolve_file_target
from nbimage.pyramid.remote.file_system import open_fs, write_errors
from nbimage.pyramid.remote.url import redact_secrets, split_address
from nbimage.pyramid.sources.ome_zarr.zip_store import SUFFIX

_METADATA = "zarr.json"
_LEFT = 1 << 12  # bytes that the root's metadata may grow by, and so many more a channel
_LEFT_A_CHANNEL = 1 << 8
_HEAD = struct.Struct("<4s22xHH")
_CRC = 14  # where it is in an entry's head


class OzxOutput:
    """A zip file that zarr's own store for fsspec writes to, each name once."""

    async_impl = asynchronous = True

    def __init__(self, path: Path, version: str, channels: int) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._left = _LEFT + _LEFT_A_CHANNEL * channels
        self._metadata: dict[str, bytes] = {}
        self._begun = False
        self._lock = threading.Lock()
        about = {"version": version, "zipFile": {"centralDirectory": {"jsonFirst": True}}}
        self._zip.comment = json.dumps({"ome": about}).encode()

    async def _pipe_file(self, path: str, value: bytes) -> None:
        name = path.strip("/")
        with self._lock:
            if name.rpartition("/")[2] == _METADATA:
                if self._begun and name != _METADATA:
                    raise ValueError(f"{name} must be written before any chunk")
                self._metadata[name] = value
                return
            self._begin()
            self._add(name, value)

    async def _cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes:
        found = self._metadata.get(path.strip("/"))
        if found is None:  # chunks are written as a whole, and never read again
            raise FileNotFoundError(path)
        return found[slice(start, end)]

    async def _exists(self, path: str) -> bool:
        return path.strip("/") in self._metadata

    async def _ls(self, path: str, detail: bool = False) -> list[str]:
        return []

    async def _find(self, path: str, **_: Any) -> list[str]:
        return []

    def _begin(self) -> None:
        """Write all metadata, and leave space for what is still to come."""
        if self._begun:
            return
        self._begun = True
        root = self._metadata[_METADATA]
        self._space = len(root) + self._left
        self._add(_METADATA, root.ljust(self._space))
        for name in sorted(self._metadata, key=lambda name: (name.count("/"), name)):
            if name != _METADATA:
                self._add(name, self._metadata[name])

    def _add(self, name: str, value: bytes) -> None:
        about = zipfile.ZipInfo(name)  # of 1980: the same bytes whenever it is written
        about.external_attr = 0o644 << 16
        with self._zip.open(about, "w", force_zip64=True) as file:
            file.write(value)

    def finish(self) -> None:
        """Write what the root says in the end, and the directory."""
        with self._lock:
            self._begin()
            root = self._metadata[_METADATA].ljust(self._space)
            if len(root) > self._space:
                raise ValueError(f"{_METADATA} must have at most {self._space} bytes")
            about, file = self._zip.getinfo(_METADATA), cast("IO[bytes]", self._zip.fp)
            file.seek(about.header_offset)
            _, name, extra = _HEAD.unpack(file.read(_HEAD.size))
            about.CRC = zlib.crc32(root)
            file.seek(about.header_offset + _CRC)
            file.write(struct.pack("<L", about.CRC))
            file.seek(about.header_offset + _HEAD.size + name + extra)
            file.write(root)
            self._zip.close()

    def discard(self) -> None:
        """Close the file as it is."""
        file, self._zip.fp = self._zip.fp, None
        if file is not None:
            file.close()


def is_ozx(path: Any) -> bool:
    """Say whether a path or an address names one file."""
    address, local = split_address(path)
    name = urlsplit(address).path if address else os.fspath(local)
    return isinstance(name, str) and name.lower().endswith(SUFFIX)


@contextlib.contextmanager
def open_ozx(
    path: Any, options: dict[str, Any] | None, version: str, channels: int
) -> Iterator[tuple[Any, Path | str]]:
    """Yield a store of zarr's that is one file, and its path or address.

    It is there when the context is left without an error, and then whole.

    Raises
    ------
    OSError, ValueError
        Where it can't be written, and for an address at which something is already.
    """
    address, local = split_address(path)
    if address is not None:
        with _sent_to(address, options) as copy, _filled(copy, version, channels) as store:
            yield store, address
        return
    if options is not None:
        raise ValueError(f"storage_options must be left out of a path, but got {str(path)!r}")
    shown, target = resolve_file_target(local)
    with AtomicPath(target, shown) as part:
        with _filled(part.path, version, channels) as store:
            yield store, shown
        part.commit()


@contextlib.contextmanager
def _filled(path: Path, version: str, channels: int) -> Iterator[Any]:
    zarr, output = optional.import_zarr(), OzxOutput(path, version, channels)
    try:
        yield zarr.storage.FsspecStore(output, path="")
        output.finish()
    finally:
        output.discard()


@contextlib.contextmanager
def _sent_to(address: str, options: dict[str, Any] | None) -> Iterator[Path]:
    """Yield the path of a temporary file, which is sent to an address at which nothing is."""
    name = redact_secrets(address)
    fs, root = open_fs(address, options)
    with write_errors(address):
        occupied = fs.exists(root)
    if occupied:
        raise FileExistsError(f"something is at {name} already: remove it first")
    descriptor, copy = tempfile.mkstemp(SUFFIX, "nbimage-")
    os.close(descriptor)
    try:
        yield Path(copy)
        try:
            with write_errors(address):
                fs.put_file(copy, root)
        except BaseException:
            with contextlib.suppress(Exception):
                fs.rm(root)
            raise
    finally:
        Path(copy).unlink(missing_ok=True)
