"""Pyramids of tiles written to an address, such as ``s3://bucket/name.dzi``."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbimage.pyramid.layouts.layout import DEEP_ZOOM
from nbimage.pyramid.remote.file_system import open_fs, write_errors
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.writers.checkpoint import Checkpoint, WorkFolder
from nbimage.pyramid.writers.deepzoom.archives import PackedOutput, ZipOutput
from nbimage.pyramid.writers.deepzoom.output import check_entries, find_kind
from nbimage.pyramid.writers.deepzoom.run import DeepZoomRun, TileOutput, resumable_name
from nbimage.pyramid.writers.directories import RemoteDirectory


def open_remote_output(
    address: str, run: DeepZoomRun, options: dict[str, Any] | None = None
) -> TileOutput:
    """Return where a pyramid goes by its address. Raises as `open_output`."""
    name = redact_secrets(address)
    fs, path = open_fs(address, options)
    path = path.rstrip("/")
    folder, _, last = path.rpartition("/")
    if last == run.layout.descriptor:
        address, (folder, _, last) = address.rstrip("/")[: -len(last) - 1], folder.rpartition("/")
    kind = find_kind(last, name, run.layout)
    if not last.lower().endswith(kind):
        address, last = f"{address.rstrip('/')}{kind}", f"{last}{kind}"
    stem = last[: -len(kind)] if kind else last
    if not stem or "?" in last:
        raise ValueError(f"a pyramid must have a name, but got {name!r}: add one")
    beside = RemoteDirectory(fs, folder)
    if kind in ("", ".dzi"):
        return RemoteFolderOutput(address, beside, stem, run)
    within = f"{stem}/{stem}" if kind == ".szi" else stem
    target = beside.subfolder(last).root
    if not run.checkpointed:
        return ZipOutput(_Upload(fs, target, address), within, address, run)
    top = beside.subfolder(run.work_name(last))
    work = WorkFolder(top, run.fingerprint, ("tiles",), run.resumable)
    return PackedOutput(work, _Upload(fs, target, address), within, address, run.layout)


class RemoteFolderOutput:
    """Tiles at their own addresses, and the descriptor last.

    There is nothing like renaming a folder here: an older pyramid is overwritten tile by tile.
    Its descriptor is removed before the first tile, so that no viewer opens a mixture of both.
    """

    def __init__(self, address: str, beside: RemoteDirectory, stem: str, run: DeepZoomRun) -> None:
        self._run, self._beside, self._layout = run, beside, run.layout
        self._begun = self._done = False
        self._text = b""
        if run.layout is DEEP_ZOOM:
            self._address, folder, self._name = address, f"{stem}_files", f"{stem}.dzi"
            self._descriptor = self._name
        else:
            self._descriptor = f"{stem}/{run.layout.descriptor}"
            self._address = address.rstrip("/")
            folder = self._name = stem
        self._check_replaceable(folder)
        self._work: WorkFolder | None = None
        self.tiles = beside.subfolder(folder)
        if run.checkpointed:
            top = beside.subfolder(run.work_name(self._name))
            self._work = WorkFolder(top, run.fingerprint, (), run.resumable)
            self.tiles = RemoteDirectory(
                beside.fs, self.tiles.root, f"{top.root}/{self._work.marker}"
            )
        self.checkpoint: Checkpoint | None = self._work.checkpoint if self._work else None

    def begin(self) -> None:
        """Take an older pyramid out of sight."""
        self._begun = True
        self._beside.remove(self._descriptor)
        goes_on = self.checkpoint is not None and self.checkpoint.has_tiles
        if self._layout is not DEEP_ZOOM and not goes_on:
            self.tiles.remove()  # which tiles of it are to stay is not told by their names
        self.tiles.create(["", *self._run.levels])

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Remove tiles of an older pyramid."""
        self._text = descriptor.encode()
        for level in self.tiles.names() if self._layout is DEEP_ZOOM else ():
            if not level.isdecimal():
                self.tiles.remove(level)
                continue
            tiles = self.tiles.names(level)
            older = [tile for tile in tiles if not _belongs(self._run, level, tile)]
            self.tiles.remove_all([f"{level}/{tile}" for tile in older])
        if others:
            self.tiles.write(others)

    def commit(self) -> str:
        """Write the descriptor."""
        self._beside.write({self._descriptor: self._text})
        self._done = True
        if not self._run.resumable:  # what an earlier run has left that was to be gone on with
            self._beside.remove(resumable_name(self._name))
        return self._address

    def _check_replaceable(self, folder: str) -> None:
        """Raise FileExistsError for a folder that is not a pyramid's."""
        found = dict.fromkeys(self._beside.names(folder) - {folder})
        unfinished = self._beside.exists(resumable_name(self._name))
        name = redact_secrets(self._beside.subfolder(folder).root)
        check_entries(found, name, self._layout, unfinished)

    def __enter__(self) -> RemoteFolderOutput:
        return self

    def __exit__(self, *error: object) -> None:
        if self._work is not None and self._done:
            self._work.remove()
            return
        stays = self._work is not None and self._work.leave()
        if self._begun and not self._done and not stays:
            self.tiles.remove()


class _Upload:
    """A temporary file of this machine that is sent when it is complete."""

    def __init__(self, fs: Any, target: str, address: str) -> None:
        self._fs, self._target, self._address = fs, target, address
        self._folder = tempfile.TemporaryDirectory(prefix="nbimage-")
        self.path = Path(self._folder.name, "packed.zip")

    def commit(self) -> None:
        """Send the file."""
        with write_errors(self._address):
            self._fs.put_file(str(self.path), self._target)

    def __enter__(self) -> _Upload:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError):
            self._folder.cleanup()


def _belongs(run: DeepZoomRun, level: str, tile: str) -> bool:
    """Say whether a tile of this name is one of the Deep Zoom pyramid that was written."""
    name, _, suffix = tile.partition(".")
    column, _, row = name.partition("_")
    names = run.names
    if suffix != names.suffix or not (level.isdecimal() and column.isdecimal() and row.isdecimal()):
        return False
    number = names.number(int(level))
    if number < 0:
        return False
    down, across = names.counts(number)
    return int(column) < across and int(row) < down
