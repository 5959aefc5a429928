"""Where the tiles of a Deep Zoom pyramid go: a folder or one file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nbimage.base.atomic import write_whole
from nbimage.pyramid.core.grid import Layout
from nbimage.pyramid.writers.checkpoint import Manifest, Part
from nbimage.pyramid.writers.directories import Folder, Place
from nbimage.pyramid.writers.tile_encoder import Tiles

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes at each run
_PICTURES = {"png", "jpg", "jpeg", "webp", "avif", "tif", "tiff", "gif", "bmp", "svg", "html"}


@dataclass(frozen=True, slots=True)
class Run:
    """How a pyramid is written."""

    layout: Layout
    suffix: str
    """Of the tiles."""
    kept: bool = False
    """Super-tiles that are finished are written down, which also lets several processes write."""
    stays: bool = False
    """What is finished stays for another run if this one is stopped."""
    name: str = "0"
    """Of what is written and how: the same in a run that may go on with this one."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The folders of tiles."""
        return tuple(str(level) for level in range(self.layout.last + 1))

    def part_name(self, target: str) -> str:
        """Return the name of the folder beside the target where it is made."""
        return f".nbimage-{target if self.stays else os.urandom(6).hex()}.part"

    def sweep(self, beside: Path, target: str) -> None:
        """Remove what an earlier run has left that was to be gone on with, unless it still runs."""
        older = beside.with_name(f".nbimage-{target}.part")
        if older.is_dir():
            with contextlib.suppress(OSError):
                lock = _locked(older)
                Folder(older).remove()
                _unlock(lock)


class Sink(Protocol):
    """Takes tiles, and is a context: left before `finish`, what may not stay is undone."""

    @property
    def tiles(self) -> Tiles:
        """Where tiles go: a `Place`, of any process, if there is a manifest."""

    @property
    def manifest(self) -> Manifest | None:
        """What is finished, if that is written down."""

    def begin(self) -> None:
        """Get ready for the first tile."""

    def finish(self, descriptor: str) -> Path | str:
        """Put the pyramid in its place, and return its name."""

    def __enter__(self) -> Sink: ...

    def __exit__(self, *error: object) -> None: ...


def open_sink(path: Any, run: Run) -> Sink:
    """Return where a pyramid goes by its name: ``.zip`` or ``.szi``, else ``.dzi`` and a folder.

    Raises OSError or ValueError for a name that will not do, before anything is written.
    """
    try:
        shown = Path(path).expanduser()
    except RuntimeError:
        raise FileNotFoundError(f"{path} must name a user that there is, but does not") from None
    kind = checked_kind(shown.name, str(path))
    shown = shown if shown.suffix.lower() == kind else shown.with_name(f"{shown.name}{kind}")
    target = Path(os.path.realpath(shown))
    if target.is_dir():
        raise IsADirectoryError(f"a file is to be written, but {shown} is a folder: add a name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} must exist, but does not: make it")
    within = f"{shown.stem}/" if kind == ".szi" else ""
    try:
        if kind == ".dzi":
            return FolderSink(shown, run)
        if run.kept:
            part = target.with_name(run.part_name(target.name))
            packed = LocalPart(part, run, "tiles")
            return PackedSink(packed, within + shown.stem, _into(target, shown), packed.path)
        return ZipSink(shown, target, within + shown.stem, run)
    except OSError as error:
        if error.filename is not None:
            error.filename = str(shown)  # the name that the user knows
        raise


def checked_kind(name: str, said: str) -> str:
    """Return ``.dzi``, ``.zip`` or ``.szi``. Raises ValueError for what is no pyramid's name."""
    kind = Path(name).suffix.lower()
    if kind[1:] in _PICTURES:
        raise ValueError(
            f"a pyramid is written as .dzi, .zip or .szi, but got {said!r}: "
            "give it one of these suffixes"
        )
    if not name.strip("/"):
        raise ValueError(f"a pyramid must have a name, but got {said!r}: add one")
    return kind if kind in (".dzi", ".zip", ".szi") else ".dzi"


class LocalPart(Part):
    """A part folder of this machine, of one run at a time."""

    def __init__(self, path: Path, run: Run, tiles: str) -> None:
        self._lock: Any = None
        self.path = path
        if run.stays:
            self._lock = _locked(path)
        folders = (tiles, *(f"{tiles}/{level}" for level in run.levels))
        top = Folder(path)
        if not top.has(f"{run.name}/{tiles}"):  # stopped between its last two steps
            top.remove(run.name)
        super().__init__(top, run.name, folders, run.stays)
        self.place = Folder(path / run.name).safe("tmp")
        self.manifest = Manifest(self.place)

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
        _unlock(self._lock)
        self._lock = None


class FolderSink:
    """``NAME.dzi`` and ``NAME_files/LEVEL/COLUMN_ROW.SUFFIX``."""

    def __init__(self, shown: Path, run: Run) -> None:
        self._shown, self._run = shown, run
        self._files = Path(os.path.realpath(shown.with_name(f"{shown.stem}_files")))
        _check_replaceable(self._files)
        beside = self._files.with_name(run.part_name(f"{shown.stem}.dzi"))
        self._part = LocalPart(beside, run, "tiles")
        self.manifest = self._part.manifest if run.kept else None
        folder = self._part.place.within("tiles")
        self.tiles: Place = folder if run.kept else Folder(folder.root)

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str) -> Path:
        """Put the folder and the descriptor in their places."""
        _check_replaceable(self._files)
        tiles, older = Path(self.tiles.root), self._part.path / "old"
        had = self._files.exists()
        if had:
            self._files.rename(older)
        try:
            tiles.rename(self._files)
            write_whole(self._shown, descriptor.encode())
        except BaseException:
            if not tiles.exists():
                self._files.rename(tiles)
            if had:
                older.rename(self._files)
            raise
        self._part.remove()
        self._run.sweep(self._files, f"{self._shown.stem}.dzi")
        return self._shown

    def __enter__(self) -> FolderSink:
        return self

    def __exit__(self, *error: object) -> None:
        self._part.leave()


class ZipSink:
    """One file that holds the same, stored as it is: the tiles are compressed already."""

    manifest = None

    def __init__(self, shown: Path, target: Path, name: str, run: Run | None = None) -> None:
        self._shown, self._target, self._name, self._run = shown, target, name, run
        self._part = target.with_name(f".nbimage-{os.urandom(6).hex()}.part")
        self._lock = threading.Lock()
        self._zip = zipfile.ZipFile(self._part, "x")
        self.tiles: Tiles = self

    def begin(self) -> None:
        """Do nothing."""

    def put(self, files: Mapping[str, bytes]) -> None:
        """Append tiles."""
        for name, data in files.items():
            self._append(f"{self._name}_files/{name}", data)

    def finish(self, descriptor: str) -> Path | str:
        """Append the descriptor, and put the file in its place."""
        self._append(f"{self._name}.dzi", descriptor.encode())
        self._zip.close()
        _into(self._target, self._shown)(self._part)
        if self._run is not None:
            self._run.sweep(self._target, self._target.name)
        return self._shown

    def _append(self, name: str, data: bytes) -> None:
        with self._lock:
            self._zip.writestr(zipfile.ZipInfo(name, _EPOCH), data)

    def __enter__(self) -> ZipSink:
        return self

    def __exit__(self, *error: object) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


class PackedSink:
    """One file, packed at the end of tiles that several processes or runs have written."""

    def __init__(
        self,
        part: Part,
        name: str,
        deliver: Callable[[Path], Path | str],
        folder: Path | None = None,
    ) -> None:
        self._part, self._name, self._deliver, self._folder = part, name, deliver, folder
        self.manifest: Manifest | None = part.manifest
        self.tiles: Place = part.place.within("tiles", "run")

    def begin(self) -> None:
        """Do nothing."""

    def finish(self, descriptor: str) -> Path | str:
        """Pack the tiles, and put the file in its place."""
        with tempfile.TemporaryDirectory(dir=self._folder, prefix="nbimage-") as folder:
            packed = Path(folder, "packed.zip")
            with ZipSink(packed, packed, self._name) as sink:
                for level in sorted(self.tiles.names(), key=int, reverse=True):
                    names = sorted(f"{level}/{tile}" for tile in self.tiles.names(level))
                    for start in range(0, len(names), 64):
                        sink.put(self.tiles.get(names[start : start + 64]))
                sink.finish(descriptor)
            done = self._deliver(packed)
        self._part.remove()
        return done

    def __enter__(self) -> PackedSink:
        return self

    def __exit__(self, *error: object) -> None:
        self._part.leave()


def _into(target: Path, shown: Path) -> Callable[[Path], Path]:
    """Return what puts a finished file of the same folder in its place."""

    def deliver(packed: Path) -> Path:
        if target.exists():
            packed.chmod(target.stat().st_mode & 0o7777)
        packed.replace(target)
        return shown

    return deliver


def _locked(path: Path) -> Any:
    """Make a folder and return an open file that only one process at a time can have."""
    path.mkdir(exist_ok=True)
    file = (path / "lock").open("w")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # not on Windows
        file.close()
        return None
    except OSError:
        file.close()
        raise BlockingIOError(
            f"only one process may write a pyramid, but another one is writing in {path}: "
            "wait for it"
        ) from None
    return file


def _unlock(lock: Any) -> None:
    if lock is not None:
        lock.close()


def _check_replaceable(files: Path) -> None:
    """Raise FileExistsError for a folder, or a file, that is not a pyramid's."""
    if not files.exists():
        return
    if not files.is_dir():
        raise FileExistsError(f"{files} must be a pyramid's folder, but is a file: move it")
    for entry in os.scandir(files):
        level = entry.name.isdecimal() and entry.is_dir()
        if not level and entry.name != "vips-properties.xml":
            raise FileExistsError(
                f"{files} must be a pyramid's folder to be replaced, but holds {entry.name!r}: "
                "give another name"
            )
