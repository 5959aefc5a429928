"""Pyramids of tiles in one zip file, in which they are in one order, however they come.

Until all are there they lie in a file that has no name, or, for other processes and later runs, in
a folder of small files.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nbimage.base.forks import detach_in_child
from nbimage.pyramid.layouts.layout import Layout
from nbimage.pyramid.writers.checkpoint import Checkpoint, WorkFolder
from nbimage.pyramid.writers.deepzoom.run import DeepZoomRun, Destination
from nbimage.pyramid.writers.directories import Directory
from nbimage.pyramid.writers.tile_encoder import TileStore

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes at each run
_BATCH = 64  # tiles that are packed together


class TileArchive:
    """A zip file of a pyramid, stored as it is: the tiles are compressed already."""

    def __init__(self, path: Path, name: str, layout: Layout) -> None:
        self._folder = name if layout.descriptor else f"{name}_files"
        self._descriptor = f"{name}/{layout.descriptor}" if layout.descriptor else f"{name}.dzi"
        self._zip = zipfile.ZipFile(path, "x")
        detach_in_child(self._zip.fp)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Append tiles."""
        for name, data in files.items():
            self._append(f"{self._folder}/{name}", data)

    def finish(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Append the descriptor, and complete the file."""
        self.write(others)
        self._append(self._descriptor, descriptor.encode())
        self._zip.close()

    def _append(self, name: str, data: bytes) -> None:
        self._zip.writestr(zipfile.ZipInfo(name, _EPOCH), data)

    def close(self) -> None:
        """Close the file, complete or not."""
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()


class _Spool:
    """Tiles in the order in which they come, in a file without a name."""

    def __init__(self, folder: Path) -> None:
        self._file: Any = tempfile.TemporaryFile(dir=folder, prefix=".nbimage-")  # noqa: SIM115
        detach_in_child(self._file)
        self._lock, self._end = threading.Lock(), 0
        self._known: dict[str, tuple[int, int]] = {}
        self._within: dict[str, set[str]] = {}

    def write(self, files: Mapping[str, bytes]) -> None:
        """Take tiles from any thread."""
        with self._lock:
            for name, data in files.items():
                self._file.write(data)
                self._known[name] = self._end, len(data)
                self._end += len(data)
                folder, _, last = name.rpartition("/")
                while last not in (within := self._within.setdefault(folder, set())):
                    within.add(last)
                    if folder:
                        folder, _, last = folder.rpartition("/")

    def names(self, folder: str = "") -> set[str]:
        """Return what there is in a folder."""
        return self._within.get(folder, set())

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """Return what tiles hold."""
        found = {}
        for name in names:
            start, length = self._known[name]
            self._file.seek(start)
            found[name] = self._file.read(length)
        return found

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _pack(
    tiles: _Spool | Directory,
    path: Path,
    name: str,
    layout: Layout,
    descriptor: str,
    others: Mapping[str, bytes],
) -> None:
    """Write all tiles and what describes them into a zip file."""
    names = walk_tiles(tiles, layout.folders)
    with contextlib.closing(TileArchive(path, name, layout)) as archive:
        while batch := list(itertools.islice(names, _BATCH)):
            archive.write(tiles.read(batch))
        archive.finish(descriptor, others)


class ZipOutput:
    """One file, written when all tiles are there."""

    checkpoint = None

    def __init__(
        self, destination: Destination, name: str, shown: Path | str, run: DeepZoomRun
    ) -> None:
        self._destination, self._shown, self._run = destination, shown, run
        self._name, self._spool = name, _Spool(destination.path.parent)
        self.tiles: TileStore = self._spool

    def begin(self) -> None:
        """Do nothing."""

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Write the file."""
        _pack(self._spool, self._destination.path, self._name, self._run.layout, descriptor, others)
        self._spool.close()  # of very many pyramids not all can be open

    def commit(self) -> Path | str:
        """Put the file in its place."""
        self._destination.commit()
        if isinstance(self._shown, Path):
            target = Path(os.path.realpath(self._shown))
            self._run.remove_leftovers(target, target.name)
        return self._shown

    def __enter__(self) -> ZipOutput:
        return self

    def __exit__(self, *error: Any) -> None:
        self._spool.close()
        self._destination.__exit__(*error)


class PackedOutput:
    """One file, packed at the end of tiles that several processes or runs have written."""

    def __init__(
        self,
        work: WorkFolder,
        destination: Destination,
        name: str,
        shown: Path | str,
        layout: Layout,
    ) -> None:
        self._work, self._destination, self._name, self._shown = work, destination, name, shown
        self._layout = layout
        self.checkpoint: Checkpoint | None = work.checkpoint
        self.tiles: Directory = work.directory.subfolder("tiles", "run")

    def begin(self) -> None:
        """Do nothing."""

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Pack the tiles."""
        path = self._destination.path
        _pack(self.tiles, path, self._name, self._layout, descriptor, others)
        self._work.unlock()

    def commit(self) -> Path | str:
        """Put the file in its place."""
        self._work.lock()
        self._destination.commit()
        self._work.remove()
        return self._shown

    def __enter__(self) -> PackedOutput:
        return self

    def __exit__(self, *error: Any) -> None:
        self._destination.__exit__(*error)
        self._work.leave()


def walk_tiles(tiles: _Spool | Directory, folders: int, within: str = "") -> Iterator[str]:
    """Yield the names of tiles, which lie so many folders deep; those of larger levels first."""
    entries = tiles.names(within)
    numbers = all(map(str.isdecimal, entries))
    for entry in sorted(entries, key=int, reverse=True) if numbers else sorted(entries):
        name = f"{within}/{entry}" if within else entry
        if folders:
            yield from walk_tiles(tiles, folders - 1, name)
        else:
            yield name
