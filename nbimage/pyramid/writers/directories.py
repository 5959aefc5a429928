"""Folders of small files that several processes may write to: here, or behind an address.

They hide how a file system is spoken to, no more; what is written where is the outputs' to say.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from nbimage.base.atomic import write_new_file, write_small_file
from nbimage.base.disk.system import wait_for_disk
from nbimage.pyramid.remote.file_system import write_errors

_SAFE_EVERY = 10.0  # seconds of work that are lost at most when the power fails
_noted: dict[str, float] = {}


class Directory(Protocol):
    """A folder of small files. It can be pickled, and used by any thread."""

    root: str

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all, and the folders that their names have.

        Raises FileNotFoundError if the folder itself is gone.
        """

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what files hold."""

    def names(self, folder: str = "") -> set[str]:
        """Return what there is in a folder; nothing if it isn't there."""

    def exists(self, name: str = "") -> bool:
        """Say whether there is a file or a folder of this name, or the folder itself."""

    def create(self, folders: Iterable[str]) -> None:
        """Create folders, in this order."""

    def remove(self, name: str = "") -> None:
        """Remove a file or a folder with all that is in it, or this folder; it may be gone."""

    def note_on_disk(self, name: str) -> None:
        """Write a file now and then: what is older is safe even if the power fails."""

    def subfolder(self, name: str, marker: str = "") -> Directory:
        """Return a folder of this one.

        ``marker`` names a file of this folder, without which nothing is written there any more.
        """


class LocalDirectory:
    """A folder of a file system."""

    def __init__(self, root: Path | str, scratch: str = "") -> None:
        self.root, self._scratch = str(root), scratch

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files; with a folder for what is half-written, others may write the same."""
        for name, data in files.items():
            try:
                self._write(name, data)
            except FileNotFoundError:  # most often the folders are there
                self.create(_folders_of(name))
                self._write(name, data)

    def _write(self, name: str, data: bytes) -> None:
        if self._scratch:
            write_small_file(f"{self.root}/{name}", data, self._scratch)
        else:
            write_new_file(f"{self.root}/{name}", data)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what files hold."""
        return {name: Path(self.root, name).read_bytes() for name in names}

    def names(self, folder: str = "") -> set[str]:
        """Return what there is in a folder."""
        try:
            return set(os.listdir(f"{self.root}/{folder}"))  # noqa: PTH208 (names)
        except FileNotFoundError:
            return set()

    def exists(self, name: str = "") -> bool:
        """Say whether there is such a name."""
        return Path(self.root, name).exists()

    def create(self, folders: Iterable[str]) -> None:
        """Create folders."""
        for folder in folders:
            Path(self.root, folder).mkdir(exist_ok=True)

    def remove(self, name: str = "") -> None:
        """Remove a file or a folder."""
        path = Path(self.root, name)
        # another process that still writes may put a file where all were removed just now
        for _ in range(3):
            shutil.rmtree(path, ignore_errors=True)
        with contextlib.suppress(OSError):
            path.unlink()

    def note_on_disk(self, name: str) -> None:
        """Write a file now and then: what is older is on the disk."""
        now = time.monotonic()
        if now - _noted.setdefault(self.root, now) < _SAFE_EVERY:
            return
        _noted[self.root] = now
        part = Path(self._scratch, os.urandom(8).hex())
        part.touch()  # at this time
        wait_for_disk(part.parent)
        part.replace(Path(self.root, name))

    def remove_unsafe(self, name: str, kept: Collection[str]) -> None:
        """Remove files that were not safe when the power failed, but for those of some folders."""
        try:
            safe = Path(self.root, name).stat().st_mtime_ns
        except FileNotFoundError:
            safe = 0
        for top in Path(self.root).iterdir():
            found = [] if top.name in kept else [top] if top.is_file() else top.rglob("*")
            for path in list(found):
                if path.is_file() and path.stat().st_mtime_ns >= safe:
                    path.unlink()

    def subfolder(self, name: str, marker: str = "") -> LocalDirectory:
        """Return a folder of this one: once removed, nothing can be put there."""
        return LocalDirectory(Path(self.root, name), self._scratch)

    def shared(self, scratch: str) -> LocalDirectory:
        """Return the same, written so that others may write the same at once."""
        return LocalDirectory(self.root, f"{self.root}/{scratch}")


class RemoteDirectory:
    """A folder of any file system that fsspec knows."""

    batch_size = 32
    """How many files are best written together."""

    def __init__(self, fs: Any, root: str, marker: str = "") -> None:
        self.fs, self.root, self._marker = fs, root.rstrip("/"), marker

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, several at once where the file system can."""
        with write_errors(self.root):
            if self._marker:
                self.fs.invalidate_cache()
                if not self.fs.exists(self._marker):
                    raise FileNotFoundError(f"{self.root} must not be removed while it is written")
            paths = {self._path(name): data for name, data in files.items()}
            try:
                self.fs.pipe(paths)
            except FileNotFoundError:  # of what has folders, unlike a store of objects
                self.create(sorted({above for name in files for above in _folders_of(name)}))
                self.fs.pipe(paths)

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what files hold, several at once where the file system can."""
        paths = {self._path(name): name for name in names}
        with write_errors(self.root):
            if len(paths) == 1:
                path, name = paths.popitem()
                return {name: self.fs.cat_file(path)}
            found = self.fs.cat(list(paths)) if paths else {}
        bare = {path.lstrip("/"): name for path, name in paths.items()}
        return {bare[path.lstrip("/")]: data for path, data in found.items()}

    def names(self, folder: str = "") -> set[str]:
        """Return what there is in a folder."""
        with write_errors(self.root):
            self.fs.invalidate_cache()
            try:
                found = self.fs.ls(self._path(folder), detail=False)
            except FileNotFoundError:
                return set()
        return {path.rstrip("/").rpartition("/")[2] for path in found}

    def exists(self, name: str = "") -> bool:
        """Say whether there is such a name."""
        with write_errors(self.root):
            self.fs.invalidate_cache()
            return bool(self.fs.exists(self._path(name)))

    def create(self, folders: Iterable[str]) -> None:
        """Create folders; a store of objects has none, and does nothing."""
        for folder in folders:
            with write_errors(self.root), contextlib.suppress(FileExistsError):
                self.fs.mkdir(self._path(folder), create_parents=False)

    def remove(self, name: str = "") -> None:
        """Remove a file or a folder."""
        with write_errors(self.root), contextlib.suppress(FileNotFoundError):
            self.fs.invalidate_cache()
            self.fs.rm(self._path(name), recursive=True)

    def remove_all(self, names: list[str]) -> None:
        """Remove files, several at once where the file system can."""
        if names:
            with write_errors(self.root):
                self.fs.rm([self._path(name) for name in names])

    def note_on_disk(self, name: str) -> None:
        """Do nothing: what was sent is there."""

    def subfolder(self, name: str, marker: str = "") -> RemoteDirectory:
        """Return a folder of this one."""
        return RemoteDirectory(
            self.fs, self._path(name), self._path(marker) if marker else self._marker
        )

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root


def _folders_of(name: str) -> list[str]:
    """Return the folders of a name, the outermost first."""
    parts = name.split("/")[:-1]
    return ["/".join(parts[: end + 1]) for end in range(len(parts))]
