"""Deep Zoom pyramids written to an address, such as ``s3://bucket/name.dzi``."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from nbimage.pyramid.remote.file_system import open_fs, write_errors
from nbimage.pyramid.remote.url import redact_secrets
from nbimage.pyramid.writers.checkpoint import Checkpoint, WorkFolder
from nbimage.pyramid.writers.deepzoom.output import (
    DeepZoomRun,
    PackedOutput,
    TileOutput,
    ZipOutput,
    find_kind,
    resumable_name,
)
from nbimage.pyramid.writers.directories import RemoteDirectory


def open_remote_output(
    address: str, run: DeepZoomRun, options: dict[str, Any] | None = None
) -> TileOutput:
    """Return where a pyramid goes by its address. Raises as `open_output`."""
    name = redact_secrets(address)
    fs, path = open_fs(address, options)
    path = path.rstrip("/")
    folder, _, last = path.rpartition("/")
    kind = find_kind(last, name)
    if not last.lower().endswith(kind):
        address, last = f"{address.rstrip('/')}{kind}", f"{last}{kind}"
    stem = last[: -len(kind)]
    if not stem or "?" in last:
        raise ValueError(f"a pyramid must have a name, but got {name!r}: add one")
    beside = RemoteDirectory(fs, folder)
    if kind == ".dzi":
        return RemoteFolderOutput(address, beside, stem, run)
    within = f"{stem}/{stem}" if kind == ".szi" else stem
    target = beside.subfolder(last).root
    if not run.checkpointed:
        return ZipOutput(_Upload(fs, target, address), within, address, run)
    top = beside.subfolder(run.work_name(last))
    work = WorkFolder(top, run.fingerprint, ("tiles",), run.resumable)
    return PackedOutput(work, _Upload(fs, target, address), within, address)


class RemoteFolderOutput:
    """Tiles at their own addresses, and the descriptor last.

    There is nothing like renaming a folder here: an older pyramid is overwritten tile by tile.
    Its descriptor is removed before the first tile, so that no viewer opens a mixture of both.
    """

    def __init__(self, address: str, beside: RemoteDirectory, stem: str, run: DeepZoomRun) -> None:
        self._address, self._run, self._stem, self._beside = address, run, stem, beside
        self._begun = self._done = False
        _check_replaceable(beside, f"{stem}_files")
        self._work: WorkFolder | None = None
        self.tiles = beside.subfolder(f"{stem}_files")
        if run.checkpointed:
            top = beside.subfolder(run.work_name(f"{stem}.dzi"))
            self._work = WorkFolder(top, run.fingerprint, (), run.resumable)
            self.tiles = RemoteDirectory(
                beside.fs, self.tiles.root, f"{top.root}/{self._work.marker}"
            )
        self.checkpoint: Checkpoint | None = self._work.checkpoint if self._work else None

    def begin(self) -> None:
        """Take an older pyramid out of sight."""
        self._begun = True
        self._beside.remove(f"{self._stem}.dzi")
        self.tiles.create(["", *self._run.levels])

    def finish(self, descriptor: str) -> str:
        """Remove tiles of an older pyramid, and write the descriptor."""
        for level in self.tiles.names():
            if not level.isdecimal():
                self.tiles.remove(level)
                continue
            tiles = self.tiles.names(level)
            others = [tile for tile in tiles if not _belongs(self._run, level, tile)]
            self.tiles.remove_all([f"{level}/{tile}" for tile in others])
        self._beside.write({f"{self._stem}.dzi": descriptor.encode()})
        self._done = True
        if not self._run.resumable:  # what an earlier run has left that was to be gone on with
            self._beside.remove(resumable_name(f"{self._stem}.dzi"))
        return self._address

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
    """Say whether a tile of this name is one of the pyramid that was written."""
    name, _, suffix = tile.partition(".")
    column, _, row = name.partition("_")
    if suffix != run.suffix or not (level.isdecimal() and column.isdecimal() and row.isdecimal()):
        return False
    if int(level) > run.grid.last:
        return False
    down, across = run.grid.tiles(run.grid.last - int(level))  # folders count from one pixel up
    return int(column) < across and int(row) < down


def _check_replaceable(beside: RemoteDirectory, files: str) -> None:
    """Raise FileExistsError for a folder that is not a pyramid's."""
    for name in beside.names(files):
        if not name.isdecimal() and name not in (files, "vips-properties.xml"):
            folder = redact_secrets(beside.subfolder(files).root)
            raise FileExistsError(
                f"{folder} holds {name!r}, which no pyramid has, and is not replaced: "
                "give another name"
            )
