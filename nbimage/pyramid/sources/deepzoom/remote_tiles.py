"""A Deep Zoom image's tiles at an address: each is a file, or lies in one zip file."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from typing import Any

from nbimage.pyramid.remote.range_file import RangeFile
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.deepzoom.tiles import LARGEST, ZipTiles


class RemoteTiles:
    """``NAME.dzi`` with ``NAME_files``, each tile a request."""

    absent: tuple[type[OSError], ...] = (FileNotFoundError, PermissionError)
    """The latter of some servers."""

    def __init__(self, remote: RemoteFile) -> None:
        self._remote = remote
        self._folder = f"{remote.path[: -len('.dzi')]}_files"
        self.name = f"{str(remote)[: -len('.dzi')]}_files"
        self._first: dict[str, bytes] = {}

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        return self._remote.fetch(start=0, end=most)

    def largest(self, known: Sequence[int], form: str) -> int:
        """Return the first of the known levels that has a tile."""
        refused: OSError | None = None
        for level in known:
            name = f"{level}/0_0.{form}"
            try:
                self._first = {name: self.tile(name)}
            except FileNotFoundError:
                continue
            except PermissionError as error:  # as some servers say of what is not there
                refused = error
            else:
                return level
        if refused is not None:
            raise refused
        return -1

    def first(self, level: int, form: str) -> str | None:
        """Return None: a server lists nothing."""
        return None

    def has_level(self, level: int, form: str) -> bool:
        """Say that it has tiles, though nobody knows."""
        return True

    def tile(self, name: str) -> bytes:
        """Return a tile's bytes; those of the first, which were asked for already, once."""
        first = self._first.pop(name, None)
        if first is not None:
            return first
        try:
            return self._remote.fetch(f"{self._folder}/{name}", most=LARGEST)
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{self._remote} must have all tiles, but lacks {self.name}/{name}"
            ) from None

    def close(self) -> None:
        """Let go of connections."""
        self._remote.close()


class RemoteZipTiles(ZipTiles):
    """The same in a ``.zip`` or ``.szi``, of which only the directory is read at first."""

    def __init__(self, remote: RemoteFile) -> None:
        self._remote = remote
        size = remote.head(4).size
        if size is None:
            raise ValueError(f"{remote} must be of a size that the server tells, but is not")
        super().__init__(remote, RangeFile(remote, size))

    def _unpacked(self, about: zipfile.ZipInfo) -> bytes:
        raise ValueError(f"{about.filename} must be stored or deflated, but is not")

    def _read_range(self, start: int, count: int) -> bytes:
        """Return bytes by a request of their own, so that threads wait for none else's."""
        return self._remote.read_range(start, count)

    def close(self) -> None:
        """Let go of connections."""
        super().close()
        self._remote.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"remote": self._remote}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["remote"])  # type: ignore[misc]
