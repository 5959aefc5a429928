"""Pyramids written to an address, such as ``s3://bucket/name.dzi``."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from nbimage.base import optional_imports as optional
from nbimage.pyramid.remote.url import local_path, said, shown
from nbimage.pyramid.writers.checkpoint import Manifest, Part
from nbimage.pyramid.writers.deepzoom_output import (
    PackedSink,
    Run,
    Sink,
    ZipSink,
    checked_kind,
    open_sink,
)
from nbimage.pyramid.writers.directories import RemoteFolder


def open_remote_sink(address: str, run: Run, options: dict[str, Any] | None = None) -> Sink:
    """Return where a pyramid goes by its address; a ``file://`` address is a path."""
    local = local_path(address)
    if local is not None:
        return open_sink(local, run)
    name = shown(address)
    try:
        fs, path = optional.fsspec().url_to_fs(address, **(options or {}))
    except ImportError as error:
        raise ImportError(said(error)) from None
    except Exception as error:  # each file system has its own
        raise ValueError(f"{name} must be an address: {said(error)}") from None
    path = path.rstrip("/")
    folder, _, last = path.rpartition("/")
    kind = checked_kind(last, name)
    if not last.lower().endswith(kind):
        address, last = f"{address.rstrip('/')}{kind}", f"{last}{kind}"
    stem = last[: -len(kind)]
    if not stem or "?" in last:
        raise ValueError(f"a pyramid must have a name, but got {name!r}: add one")
    beside = RemoteFolder(fs, folder)
    target = beside.within(last).root
    if kind == ".dzi":
        return RemoteSink(address, beside, stem, run)
    within = f"{stem}/" if kind == ".szi" else ""
    if run.kept:
        part = Part(beside.within(run.part_name(last)), run.name, ("tiles",), run.stays)
        return PackedSink(part, within + stem, lambda packed: _sent(fs, packed, target, address))
    return _SentSink(fs, address, target, within + stem)


class RemoteSink:
    """Tiles at their own addresses, and the descriptor last.

    There is nothing like renaming a folder here: an older pyramid is overwritten tile by tile.
    Its descriptor is removed before the first tile, so that no viewer opens a mixture of both.
    """

    def __init__(self, address: str, beside: RemoteFolder, stem: str, run: Run) -> None:
        self._address, self._run, self._stem, self._beside = address, run, stem, beside
        self._begun = self._done = False
        _check_replaceable(beside, f"{stem}_files")
        self._part: Part | None = None
        self.tiles = beside.within(f"{stem}_files")
        if run.kept:
            top = beside.within(run.part_name(f"{stem}.dzi"))
            self._part = Part(top, run.name, (), run.stays)
            self.tiles = RemoteFolder(beside.fs, self.tiles.root, f"{top.root}/{self._part.marker}")
        self.manifest: Manifest | None = self._part.manifest if self._part else None

    def begin(self) -> None:
        """Take an older pyramid out of sight."""
        self._begun = True
        self._beside.remove(f"{self._stem}.dzi")
        self.tiles.make(["", *self._run.levels])

    def finish(self, descriptor: str) -> str:
        """Remove tiles of an older pyramid, and write the descriptor."""
        for level in self.tiles.names():
            if not level.isdecimal():
                self.tiles.remove(level)
                continue
            tiles = self.tiles.names(level)
            others = [tile for tile in tiles if not _belongs(self._run, level, tile)]
            self.tiles.remove_all([f"{level}/{tile}" for tile in others])
        self._beside.put({f"{self._stem}.dzi": descriptor.encode()})
        self._done = True
        if not self._run.stays:  # what an earlier run has left that was to be gone on with
            self._beside.remove(f".nbimage-{self._stem}.dzi.part")
        return self._address

    def __enter__(self) -> RemoteSink:
        return self

    def __exit__(self, *error: object) -> None:
        if self._part is not None and self._done:
            self._part.remove()
            return
        stays = self._part is not None and self._part.leave()
        if self._begun and not self._done and not stays:
            self.tiles.remove()


class _SentSink(ZipSink):
    """One file, made here and then sent."""

    def __init__(self, fs: Any, address: str, target: str, name: str) -> None:
        self._fs, self._address, self._to = fs, address, target
        self._folder = tempfile.TemporaryDirectory(prefix="nbimage-")
        packed = Path(self._folder.name, "packed.zip")
        super().__init__(packed, packed, name)

    def finish(self, descriptor: str) -> str:
        """Append the descriptor, and send the file."""
        super().finish(descriptor)
        return _sent(self._fs, self._target, self._to, self._address)

    def __exit__(self, *error: object) -> None:
        super().__exit__(*error)
        with contextlib.suppress(OSError):
            self._folder.cleanup()


def _sent(fs: Any, packed: Path, target: str, address: str) -> str:
    try:
        fs.put_file(str(packed), target)
    except Exception as error:  # each file system has its own
        message = f"{shown(address)} must take a file, but does not: {said(error)}"
        raise OSError(message) from error
    return address


def _belongs(run: Run, level: str, tile: str) -> bool:
    """Say whether a tile of this name is one of the pyramid that was written."""
    name, _, suffix = tile.partition(".")
    column, _, row = name.partition("_")
    if suffix != run.suffix or not (level.isdecimal() and column.isdecimal() and row.isdecimal()):
        return False
    if int(level) > run.layout.last:
        return False
    down, across = run.layout.tiles(int(level))
    return int(column) < across and int(row) < down


def _check_replaceable(beside: RemoteFolder, files: str) -> None:
    """Raise FileExistsError for a folder that is not a pyramid's."""
    for name in beside.names(files):
        if not name.isdecimal() and name not in (files, "vips-properties.xml"):
            folder = shown(beside.within(files).root)
            raise FileExistsError(
                f"{folder} must be a pyramid's folder to be replaced, but holds {name!r}: "
                "give another name"
            )
