"""Where a pyramid's tiles are: in a folder, or in one zip file."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from nbimage.base.atomic import open_at_once
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, GOOGLE, IIIF, ZOOMIFY, Layout
from nbimage.pyramid.sources.zip_entries import LARGEST, ZipEntries

_TILE = re.compile(r"[0-9]+_[0-9]+\.")
_LEVEL = re.compile(r"[0-9]{1,2}")
DESCRIBED = {layout.descriptor: layout for layout in (IIIF, ZOOMIFY, GOOGLE)}
"""Layouts by the file in the folder that describes them."""


class Tiles(Protocol):
    """A descriptor and the tiles beside it."""

    name: str
    """Where the tiles are, for the reader."""
    layout: Layout
    described: bool
    """Whether there is a descriptor; Google's layout has none of its own."""
    absent: tuple[type[OSError], ...]
    """What `tile` raises where there is none."""

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""

    def entries(self, within: str = "") -> set[str] | None:
        """Return what a folder of tiles holds; None where nobody lists it."""

    def largest(self, known: Sequence[int], form: str) -> int:
        """Return the largest number of Deep Zoom's levels with tiles; -1 if there is none.

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
    """``NAME.dzi`` with ``NAME_files``; of other layouts a folder with its descriptor."""

    absent: tuple[type[OSError], ...] = (FileNotFoundError,)

    def __init__(self, path: Path, layout: Layout = DEEP_ZOOM) -> None:
        self._path, self.layout = path, layout
        self._folder = path.parent if layout.descriptor else path.with_name(f"{path.stem}_files")
        self.described = path.is_file() or not layout.padded
        self.name = str(self._folder)

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        with self._path.open("rb") as file:
            return file.read(most)

    def entries(self, within: str = "") -> set[str] | None:
        """Return what a folder of tiles holds."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return set(os.listdir(self._folder / within))  # noqa: PTH208 (names)
        return set()

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
            with open(path, "rb", opener=open_at_once) as file:
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
        return {"path": self._path.absolute(), "layout": self.layout}

    def __setstate__(self, state: dict[str, Any]) -> None:
        FolderTiles.__init__(self, state["path"], state["layout"])


class ZipTiles:
    """The same in a ``.zip`` or ``.szi``, here or at an address."""

    absent: tuple[type[OSError], ...] = (FileNotFoundError,)

    def __init__(self, entries: ZipEntries) -> None:
        self._entries, self._path = entries, entries.path
        try:
            self._descriptor, self.layout = find_descriptor(entries.names, str(self._path))
        except ValueError:
            entries.close()
            raise
        self.described = not self._descriptor.endswith("blank.png")
        self._within = f"{self._descriptor[: -len('.dzi')]}_files/"
        if self.layout.descriptor:
            self._within = "".join(self._descriptor.rpartition("/")[:2])
        self.name = f"{self._path}:{self._within}"

    def descriptor(self, most: int) -> bytes:
        """Return the descriptor, cut off after so many bytes."""
        return self._entries.read_start(self._descriptor, most)

    def entries(self, within: str = "") -> set[str] | None:
        """Return what a folder of tiles holds."""
        return self._folders.get(f"{self._within}{within}".rstrip("/"), set())

    @functools.cached_property
    def _folders(self) -> dict[str, set[str]]:
        """What each folder holds."""
        found: dict[str, set[str]] = {}
        for name in self._entries.names:
            parts = name.rstrip("/").split("/")
            for end in range(len(parts)):
                found.setdefault("/".join(parts[:end]), set()).add(parts[end])
        return found

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


def find_descriptor(names: Sequence[str], archive: str) -> tuple[str, Layout]:
    """Return which of an archive's files describes its pyramid, and its layout.

    Raises ValueError where none does, or several do.
    """
    found = [(name, DEEP_ZOOM) for name in names if name.endswith(".dzi")]
    if not found:
        found = [(name, DESCRIBED[last]) for name, last in _last_parts(names) if last in DESCRIBED]
    if not found:  # as libvips writes it
        found = [(name, GOOGLE) for name, last in _last_parts(names) if last == "blank.png"]
    if len(found) != 1:
        raise ValueError(
            f"{archive} must hold one .dzi, but holds {len(found)}, and no one of "
            f"{', '.join(DESCRIBED)}"
        )
    return found[0]


def _last_parts(names: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, name.rpartition("/")[2]) for name in names]


def _too_large(path: Any, name: str) -> str:
    return f"{path} must have tiles of at most 256 MiB: {name} has more"
