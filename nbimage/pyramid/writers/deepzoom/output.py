"""Where the tiles of a Deep Zoom pyramid go on this machine: a folder or one file.

Both are written whole or not at all. What goes to an address is in `remote_output`, what
lets a later run go on with an interrupted one in `checkpoint`.
"""

from __future__ import annotations

import contextlib
import os
import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbimage.base.atomic import AtomicPath, folder_replaced, resolve_file_target, write_file
from nbimage.base.forks import detach_in_child
from nbimage.base.lock import acquire_lock
from nbimage.pyramid.core.grid import TileGrid
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

    grid: TileGrid
    suffix: str
    """Of the tiles."""
    checkpointed: bool = False
    """Finished super-tiles are recorded, which also lets several processes write."""
    resumable: bool = False
    """What is finished stays for another run if this one is stopped."""
    fingerprint: str = "0"
    """Of what is written and how: a run with the same one may go on with this one."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The folders of tiles."""
        return tuple(str(level) for level in range(self.grid.last + 1))

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

    def finish(self, descriptor: str) -> Path | str:
        """Put the pyramid in its place, and return its name."""

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
    """Return where a pyramid goes by its name: ``.zip`` or ``.szi``, else ``.dzi`` and a folder.

    Raises OSError or ValueError for a name that will not do, before anything is written.
    """
    given = Path(path)
    kind = find_kind(given.name, str(path))
    shown, target = resolve_file_target(
        given if given.suffix.lower() == kind else given.with_name(f"{given.name}{kind}")
    )
    within = f"{shown.stem}/{shown.stem}" if kind == ".szi" else shown.stem
    try:
        if kind == ".dzi":
            return FolderOutput(shown, run)
        if run.checkpointed:
            work = LocalWorkFolder(target.with_name(run.work_name(target.name)), run, "tiles")
            return PackedOutput(work, AtomicPath(target, shown, work.path), within, shown)
        return ZipOutput(AtomicPath(target, shown), within, shown, run)
    except OSError as error:
        if error.filename is not None:
            error.filename = str(shown)  # the name that the user knows
        raise


def find_kind(name: str, shown: str) -> str:
    """Return ``.dzi``, ``.zip`` or ``.szi``. Raises ValueError for what is no pyramid's name."""
    kind = Path(name).suffix.lower()
    if kind[1:] in _PICTURES:
        raise ValueError(
            f"a pyramid is written as .dzi, .zip or .szi, but got {shown!r}: "
            "give it one of these suffixes"
        )
    if not name.strip("/"):
        raise ValueError(f"a pyramid must have a name, but got {shown!r}: add one")
    return kind if kind in (".dzi", ".zip", ".szi") else ".dzi"


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
    """``NAME.dzi`` and ``NAME_files/LEVEL/COLUMN_ROW.SUFFIX``."""

    def __init__(self, shown: Path, run: DeepZoomRun) -> None:
        self._shown, self._run = shown, run
        self._files = Path(os.path.realpath(shown.with_name(f"{shown.stem}_files")))
        _check_replaceable(self._files)
        beside = self._files.with_name(run.work_name(f"{shown.stem}.dzi"))
        self._work = LocalWorkFolder(beside, run, "tiles")
        self.checkpoint = self._work.checkpoint if run.checkpointed else None
        folder = self._work.directory.subfolder("tiles")
        self.tiles: Directory = folder if run.checkpointed else LocalDirectory(folder.root)

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str) -> Path:
        """Put the folder and the descriptor in their places."""
        _check_replaceable(self._files)
        older = self._work.path / "old"
        with folder_replaced(Path(self.tiles.root), self._files, older):
            write_file(self._shown, descriptor.encode())
        self._work.remove()
        self._run.remove_leftovers(self._files, f"{self._shown.stem}.dzi")
        return self._shown

    def __enter__(self) -> FolderOutput:
        return self

    def __exit__(self, *error: object) -> None:
        self._work.leave()


class TileArchive:
    """A zip file of a pyramid, stored as it is: the tiles are compressed already."""

    def __init__(self, path: Path, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._zip = zipfile.ZipFile(path, "x")
        detach_in_child(self._zip.fp)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Append tiles."""
        for name, data in files.items():
            self._append(f"{self._name}_files/{name}", data)

    def finish(self, descriptor: str) -> None:
        """Append the descriptor, and complete the file."""
        self._append(f"{self._name}.dzi", descriptor.encode())
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
        self._archive = TileArchive(destination.path, name)
        self.tiles: TileStore = self._archive

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str) -> Path | str:
        """Append the descriptor, and put the file in its place."""
        self._archive.finish(descriptor)
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
        self, work: WorkFolder, destination: Destination, name: str, shown: Path | str
    ) -> None:
        self._work, self._destination, self._name, self._shown = work, destination, name, shown
        self.checkpoint: Checkpoint | None = work.checkpoint
        self.tiles: Directory = work.directory.subfolder("tiles", "run")

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str) -> Path | str:
        """Pack the tiles, and put the file in its place."""
        with contextlib.closing(TileArchive(self._destination.path, self._name)) as archive:
            for level in sorted(self.tiles.names(), key=int, reverse=True):
                names = sorted(f"{level}/{tile}" for tile in self.tiles.names(level))
                for start in range(0, len(names), _BATCH):
                    archive.write(self.tiles.read(names[start : start + _BATCH]))
            archive.finish(descriptor)
        self._destination.commit()
        self._work.remove()
        return self._shown

    def __enter__(self) -> PackedOutput:
        return self

    def __exit__(self, *error: Any) -> None:
        self._destination.__exit__(*error)
        self._work.leave()


def _check_replaceable(files: Path) -> None:
    """Raise FileExistsError for a folder, or a file, that is not a pyramid's."""
    if not files.exists():
        return
    if not files.is_dir():
        raise FileExistsError(f"{files} is a file, but must be a pyramid's folder: move it")
    for entry in os.scandir(files):
        level = entry.name.isdecimal() and entry.is_dir()
        if not level and entry.name != "vips-properties.xml":
            raise FileExistsError(
                f"{files} holds {entry.name!r}, which no pyramid has, and is not replaced: "
                "give another name"
            )
