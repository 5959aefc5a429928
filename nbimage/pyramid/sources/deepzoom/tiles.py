"""Where a Deep Zoom image's tiles are: in a folder, or in one zip file."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from nbimage.pyramid.sources.zip_entries import LARGEST, ZipEntries

_TILE = re.compile(r"[0-9]+_[0-9]+\.")
_LEVEL = re.compile(r"[0-9]{1,2}")


class Tiles(Protocol):
    """A descriptor and the tiles beside it."""

    name: str
    """Where the tiles are, for the reader."""
    absent: tuple[type[OSError], ...]
    """What `tile` raises where there is none."""

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""

    def largest(self, known: Sequence[int], form: str) -> int:
        """Return the largest level for which there are tiles; -1 if there is none.

        ``known`` are those that may be it, for servers that send tiles only.
        """

    def first(self, level: int, form: str) -> str | None:
        """Return the name of a tile of a level; None where it has none, or nobody lists them."""

    def has_level(self, level: int, form: str) -> bool:
        """Say whether a level has any tile, as far as that is known."""

    def tile(self, name: str) -> bytes:
        """Return a tile, such as "9/0_0.png". Raises OSError where there is none: see `absent`."""

    def close(self) -> None:
        """Let go of files."""


class FolderTiles:
    """``NAME.dzi`` with ``NAME_files``."""

    absent: tuple[type[OSError], ...] = (FileNotFoundError,)

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = path.with_name(f"{path.stem}_files")
        self.name = str(self._folder)

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        with self._path.open("rb") as file:
            return file.read(most)

    def largest(self, known: Sequence[int], form: str) -> int:
        """Return the largest level for which there is a folder."""
        if not self._folder.is_dir():
            raise FileNotFoundError(f"{self._path} must have its tiles in {self.name}: it has none")
        names = [entry.name for entry in self._folder.iterdir()]
        return max((int(name) for name in names if _LEVEL.fullmatch(name)), default=-1)

    def first(self, level: int, form: str) -> str | None:
        """Return the name of a tile of a level."""
        with (
            contextlib.suppress(FileNotFoundError, NotADirectoryError),
            os.scandir(self._folder / str(level)) as entries,  # there may be very many
        ):
            for entry in entries:
                if _TILE.match(entry.name) and entry.name.partition(".")[2] == form:
                    return f"{level}/{entry.name}"
        return None

    def has_level(self, level: int, form: str) -> bool:
        """Say whether a level has any tile."""
        return self.first(level, form) is not None

    def tile(self, name: str) -> bytes:
        """Return a tile's bytes. Raises OSError for one that is there and can't be read."""
        path = self._folder / name
        try:
            with open(path, "rb", opener=_without_waiting) as file:
                about = os.fstat(file.fileno())
                if not stat.S_ISREG(about.st_mode):
                    raise ValueError(f"{self._path} must have files as tiles, but {path} is none")
                if about.st_size > LARGEST:
                    raise ValueError(_too_large(self._path, name))
                return file.read(about.st_size)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(f"{self._path} must have all tiles, but lacks {path}") from None
        except OSError as error:
            raise OSError(
                error.errno,
                f"{self._path} must have tiles that can be read, but {path}: {error.strerror}",
            ) from None

    def close(self) -> None:
        """Do nothing: no file is open."""

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self._path.absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FolderTiles.__init__(self, state["path"])


class ZipTiles:
    """The same in a ``.zip`` or ``.szi``, here or at an address."""

    absent: tuple[type[OSError], ...] = (FileNotFoundError,)

    def __init__(self, entries: ZipEntries) -> None:
        self._entries, self._path = entries, entries.path
        found = [name for name in entries.names if name.endswith(".dzi")]
        if len(found) != 1:
            entries.close()
            raise ValueError(f"{self._path} must hold one .dzi, but holds {len(found)}")
        self._descriptor = found[0]
        self._within = f"{found[0][: -len('.dzi')]}_files/"
        self.name = f"{self._path}:{self._within}"

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        return self._entries.read_start(self._descriptor, most)

    def largest(self, known: Sequence[int], form: str) -> int:
        """Return the largest level for which there are tiles."""
        names = [name for name in self._entries.names if name.startswith(self._within)]
        found = {name[len(self._within) :].partition("/")[0] for name in names}
        return max((int(name) for name in found if _LEVEL.fullmatch(name)), default=-1)

    def first(self, level: int, form: str) -> str | None:
        """Return the name of a tile of a level."""
        return self._firsts.get((str(level), form))

    @functools.cached_property
    def _firsts(self) -> dict[tuple[str, str], str]:
        """A tile of each level, by its format."""
        own = [name for name in self._entries.names[::-1] if name.startswith(self._within)]
        names = [name[len(self._within) :] for name in own]
        parts = [(name.partition("/"), name) for name in names]
        tiles = [(level, tile, name) for (level, _, tile), name in parts if _TILE.match(tile)]
        return {(level, tile.partition(".")[2]): name for level, tile, name in tiles}

    def has_level(self, level: int, form: str) -> bool:
        """Say whether a level has any tile."""
        return self.first(level, form) is not None

    def tile(self, name: str) -> bytes:
        """Return a tile's bytes."""
        try:
            size = self._entries.size(self._within + name)
        except FileNotFoundError:
            raise FileNotFoundError(
                f"{self._path} must have all tiles, but lacks {self._within}{name}"
            ) from None
        if size > LARGEST:
            raise ValueError(_too_large(self._path, name))
        return self._entries.read(self._within + name)

    def close(self) -> None:
        """Close the file."""
        self._entries.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"entries": self._entries}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ZipTiles.__init__(self, state["entries"])


def _too_large(path: Any, name: str) -> str:
    return f"{path} must have tiles of at most 256 MiB: {name} has more"


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to as well."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
