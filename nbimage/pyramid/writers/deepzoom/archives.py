"""Pyramids of tiles in one zip file: tiles are appended as they come, or packed in the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
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
        self._lock = threading.Lock()
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
        with self._lock:
            self._zip.writestr(zipfile.ZipInfo(name, _EPOCH), data)

    def close(self) -> None:
        """Close the file, complete or not."""
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()


class ZipOutput:
    """One file, to which tiles are appended as they come."""

    checkpoint = None

    def __init__(
        self, destination: Destination, name: str, shown: Path | str, run: DeepZoomRun
    ) -> None:
        self._destination, self._shown, self._run = destination, shown, run
        self._archive = TileArchive(destination.path, name, run.layout)
        self.tiles: TileStore = self._archive

    def begin(self) -> None:
        """Do nothing."""

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Append the descriptor, and close the file."""
        self._archive.finish(descriptor, others)

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
        self._archive.close()
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
        path, layout = self._destination.path, self._layout
        names = walk_tiles(self.tiles, layout.folders)
        with contextlib.closing(TileArchive(path, self._name, layout)) as archive:
            while batch := list(itertools.islice(names, _BATCH)):
                archive.write(self.tiles.read(batch))
            archive.finish(descriptor, others)
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


def walk_tiles(tiles: Directory, folders: int, within: str = "") -> Iterator[str]:
    """Yield the names of tiles, which lie so many folders deep; those of larger levels first."""
    entries = tiles.names(within)
    numbers = all(map(str.isdecimal, entries))
    for entry in sorted(entries, key=int, reverse=True) if numbers else sorted(entries):
        name = f"{within}/{entry}" if within else entry
        if folders:
            yield from walk_tiles(tiles, folders - 1, name)
        else:
            yield name
