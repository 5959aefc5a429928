"""Where the tiles of a pyramid go on this machine: a folder or one file.

Both are written whole or not at all. What goes to an address is in `remote_output`, what
lets a later run go on with an interrupted one in `checkpoint`.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbimage.base.atomic import (
    AtomicPath,
    folder_replaced,
    resolve_file_target,
    resolve_target,
    write_file,
)
from nbimage.base.forks import detach_in_child
from nbimage.base.lock import acquire_lock
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, Layout, TileNames
from nbimage.pyramid.writers.checkpoint import Checkpoint, WorkFolder
from nbimage.pyramid.writers.directories import Directory, LocalDirectory
from nbimage.pyramid.writers.tile_encoder import TileStore

if TYPE_CHECKING:
    from filelock import BaseFileLock

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes at each run
_PICTURES = {"png", "jpg", "jpeg", "webp", "avif", "tif", "tiff", "gif", "bmp", "svg", "html"}
_BATCH = 64  # tiles that are packed together


@dataclass(frozen=True, slots=True)
class DeepZoomRun:
    """One call that writes a pyramid: what it writes, and what it leaves if it is stopped."""

    names: TileNames
    """Of the tiles."""
    checkpointed: bool = False
    """Finished super-tiles are recorded, which also lets several processes write."""
    resumable: bool = False
    """What is finished stays for another run if this one is stopped."""
    fingerprint: str = "0"
    """Of what is written and how: a run with the same one may go on with this one."""

    @property
    def layout(self) -> Layout:
        """What the tiles are called."""
        return self.names.layout

    @property
    def levels(self) -> tuple[str, ...]:
        """The folders that are made before any tile; others are made with their first one."""
        return tuple(map(str, range(len(self.names.shapes)))) if self.layout is DEEP_ZOOM else ()

    def work_name(self, target: str) -> str:
        """Return the name of the folder beside the target where it is made."""
        return resumable_name(target) if self.resumable else f".nbimage-{os.urandom(6).hex()}.part"

    def remove_leftovers(self, beside: Path, target: str) -> None:
        """Remove what an earlier run has left to be gone on with, unless that run is active."""
        older = beside.with_name(resumable_name(target))
        if older.is_dir():
            with contextlib.suppress(OSError):
                lock = acquire_lock(older / "lock")
                LocalDirectory(older).remove()
                _release(lock, older)


def resumable_name(target: str) -> str:
    """Return the name of the folder from which a later run goes on, beside the target."""
    return f".nbimage-{target}.part"


class TileOutput(Protocol):
    """Takes tiles, and is a context: left before `finish`, what may not stay is undone."""

    @property
    def tiles(self) -> TileStore:
        """Where tiles go: a `Directory`, of any process, if there is a checkpoint."""

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What is finished, if that is recorded."""

    def begin(self) -> None:
        """Get ready for the first tile."""

    def finish(self, descriptor: str, others: Mapping[str, bytes]) -> Path | str:
        """Put the pyramid in its place, and return its name.

        ``others`` are further files of its folder.
        """

    def __enter__(self) -> TileOutput: ...

    def __exit__(self, *error: object) -> None: ...


class Destination(Protocol):
    """One file that is written at `path` first, and whose context removes it: an `AtomicPath`."""

    path: Path

    def commit(self) -> None:
        """Put the file where it belongs."""

    def __enter__(self) -> Destination: ...

    def __exit__(self, kind: object, error: object, trace: object) -> None: ...


def open_output(path: Any, run: DeepZoomRun) -> TileOutput:
    """Return where a pyramid goes by its name: ``.zip`` or ``.szi``, else a folder.

    Of Deep Zoom that is beside the ``.dzi``.

    Raises OSError or ValueError for a name that will not do, before anything is written.
    """
    given = Path(path)
    if given.name == run.layout.descriptor:
        given = given.parent
    kind = find_kind(given.name, str(path), run.layout)
    if kind and given.suffix.lower() != kind:
        given = given.with_name(f"{given.name}{kind}")
    try:
        if not kind:
            return FolderOutput(resolve_target(given)[0], run)
        shown, target = resolve_file_target(given)
        within = f"{shown.stem}/{shown.stem}" if kind == ".szi" else shown.stem
        if kind == ".dzi":
            return FolderOutput(shown, run)
        if run.checkpointed:
            work = LocalWorkFolder(target.with_name(run.work_name(target.name)), run, "tiles")
            return PackedOutput(
                work, AtomicPath(target, shown, work.path), within, shown, run.layout
            )
        return ZipOutput(AtomicPath(target, shown), within, shown, run)
    except OSError as error:
        if error.filename is not None:
            error.filename = str(given)  # the name that the user knows
        raise


def find_kind(name: str, shown: str, layout: Layout = DEEP_ZOOM) -> str:
    """Return ``.dzi``, ``.zip``, ``.szi`` or "", for a folder.

    Raises ValueError for what is no pyramid's name.
    """
    kind = Path(name).suffix.lower()
    folder = layout is not DEEP_ZOOM
    if kind[1:] in _PICTURES or (folder and kind in (".dzi", ".json", ".xml")):
        suffixes = "a folder without a suffix, or .zip" if folder else ".dzi, .zip"
        raise ValueError(
            f"a pyramid is written as {suffixes} or .szi, but got {shown!r}: "
            f"give it {'another name' if folder else 'one of these suffixes'}"
        )
    if not name.strip("/"):
        raise ValueError(f"a pyramid must have a name, but got {shown!r}: add one")
    return kind if kind in (".dzi", ".zip", ".szi") else "" if folder else ".dzi"


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


class LocalWorkFolder(WorkFolder):
    """A work folder of this machine, of one run at a time if it is to stay."""

    def __init__(self, path: Path, run: DeepZoomRun, tiles: str) -> None:
        self._lock: BaseFileLock | None = None
        self.path = path
        if run.resumable:
            path.mkdir(exist_ok=True)
            try:
                self._lock = acquire_lock(path / "lock")
            except BlockingIOError:
                raise BlockingIOError(
                    f"another process is writing the same pyramid in {path}: wait for it"
                ) from None
        folders = (tiles, *(f"{tiles}/{level}" for level in run.levels))
        top = LocalDirectory(path)
        if not top.exists(f"{run.fingerprint}/{tiles}"):  # stopped between its last two steps
            top.remove(run.fingerprint)
        super().__init__(top, run.fingerprint, folders, run.resumable)
        self.directory = LocalDirectory(path / run.fingerprint).shared("tmp")
        self.checkpoint = Checkpoint(self.directory)

    def leave(self) -> bool:
        """Remove the folder, unless something is finished that stays; return whether it does."""
        stays = super().leave()
        self._unlock()
        return stays

    def remove(self) -> None:
        """Remove the folder."""
        super().remove()
        self._unlock()

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            _release(lock, self.path)


def _release(lock: BaseFileLock, folder: Path) -> None:
    """Release the lock of a folder, which may have been removed before, but for the lock."""
    lock.release()
    if os.name == "nt":  # where a file that is open can't be removed
        with contextlib.suppress(OSError):
            if os.listdir(folder) == ["lock"]:  # noqa: PTH208 (names)
                Path(lock.lock_file).unlink()
                folder.rmdir()


class FolderOutput:
    """``NAME.dzi`` and ``NAME_files``; of other layouts ``NAME``, with the descriptor in it."""

    def __init__(self, shown: Path, run: DeepZoomRun) -> None:
        self._shown, self._run = shown, run
        files = shown.with_name(f"{shown.stem}_files") if run.layout is DEEP_ZOOM else shown
        self._files = Path(os.path.realpath(files))
        self._name = f"{shown.stem}.dzi" if run.layout is DEEP_ZOOM else shown.name
        _check_replaceable(self._files, run.layout)
        if not self._files.parent.is_dir():
            raise FileNotFoundError(
                errno.ENOENT, os.strerror(errno.ENOENT), str(self._files.parent)
            )
        beside = self._files.with_name(run.work_name(self._name))
        self._work = LocalWorkFolder(beside, run, "tiles")
        self.checkpoint = self._work.checkpoint if run.checkpointed else None
        folder = self._work.directory.subfolder("tiles")
        self.tiles: Directory = folder if run.checkpointed else LocalDirectory(folder.root)

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str, others: Mapping[str, bytes]) -> Path:
        """Put the folder and the descriptor in their places."""
        layout, shown = self._run.layout, self._shown
        _check_replaceable(self._files, layout)
        within = {layout.descriptor: descriptor.encode()} if layout.descriptor else {}
        for name, data in {**others, **within}.items():
            Path(self.tiles.root, name).write_bytes(data)
        with folder_replaced(Path(self.tiles.root), self._files, self._work.path / "old"):
            if not layout.descriptor:
                write_file(shown, descriptor.encode())
        self._work.remove()
        self._run.remove_leftovers(self._files, self._name)
        return shown

    def __enter__(self) -> FolderOutput:
        return self

    def __exit__(self, *error: object) -> None:
        self._work.leave()


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

    def finish(self, descriptor: str, others: Mapping[str, bytes]) -> Path | str:
        """Append the descriptor, and put the file in its place."""
        self._archive.finish(descriptor, others)
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

    def finish(self, descriptor: str, others: Mapping[str, bytes]) -> Path | str:
        """Pack the tiles, and put the file in its place."""
        path, layout = self._destination.path, self._layout
        names = walk_tiles(self.tiles, layout.folders)
        with contextlib.closing(TileArchive(path, self._name, layout)) as archive:
            while batch := list(itertools.islice(names, _BATCH)):
                archive.write(self.tiles.read(batch))
            archive.finish(descriptor, others)
        self._destination.commit()
        self._work.remove()
        return self._shown

    def __enter__(self) -> PackedOutput:
        return self

    def __exit__(self, *error: Any) -> None:
        self._destination.__exit__(*error)
        self._work.leave()


def _check_replaceable(files: Path, layout: Layout) -> None:
    """Raise FileExistsError for a folder, or a file, that is not a pyramid's."""
    if not files.exists():
        return
    if not files.is_dir():
        raise FileExistsError(f"{files} is a file, but must be a pyramid's folder: move it")
    with os.scandir(files) as entries:
        found = {entry.name: entry.is_dir() for entry in entries}
    check_entries(found, str(files), layout)


def check_entries(entries: Mapping[str, bool | None], folder: str, layout: Layout) -> None:
    """Raise FileExistsError where a folder has an entry that no pyramid of the layout has.

    ``entries``: whether each is a folder, None where that is not known. What has numbered folders
    is a pyramid only where something describes it, but for Deep Zoom, whose folder is named for it.
    """
    files = {layout.descriptor, "vips-properties.xml", "blank.png"}
    for name, is_folder in entries.items():
        if not layout.holds(name) or is_folder is (name in files):
            raise FileExistsError(
                f"{folder} holds {name!r}, which no pyramid has, and is not replaced: "
                "give another name"
            )
    if entries and layout.descriptor and not set(entries) & {layout.descriptor, "blank.png"}:
        raise FileExistsError(
            f"{folder} holds no {layout.descriptor}, which a pyramid has, and is not replaced: "
            "give another name"
        )
