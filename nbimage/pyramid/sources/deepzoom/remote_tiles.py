"""A pyramid's tiles at an address, each a file of its own."""

from __future__ import annotations

from collections.abc import Sequence

from nbimage.pyramid.layouts.layout import DEEP_ZOOM, Layout
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.zip_entries import LARGEST


class RemoteTiles:
    """``NAME.dzi`` with ``NAME_files``, or a folder with its descriptor, each tile a request."""

    described = True

    absent: tuple[type[OSError], ...] = (FileNotFoundError, PermissionError)
    """The latter of some servers."""

    def __init__(self, remote: RemoteFile, layout: Layout = DEEP_ZOOM) -> None:
        self._remote, self.layout = remote, layout
        self._descriptor = remote.path
        if layout.descriptor:  # which the address names, or it names the folder
            named = remote.path.endswith(f"/{layout.descriptor}")
            self._folder, self.name = (
                text.rpartition("/")[0] if named else text.rstrip("/")
                for text in (remote.path, str(remote).partition("?")[0])
            )
            self._descriptor = f"{self._folder}/{layout.descriptor}"
        else:
            self._folder = f"{remote.path[: -len('.dzi')]}_files"
            self.name = f"{str(remote)[: -len('.dzi')]}_files"
        self._first: dict[str, bytes] = {}

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        return self._remote.fetch(self._descriptor, start=0, end=most)

    def entries(self, within: str = "") -> set[str] | None:
        """Return None: a server lists nothing."""
        return None

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
