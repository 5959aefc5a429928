"""Where the tiles of a Deep Zoom pyramid go: a folder or one file, whole or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from nbimage.codecs.files import write_whole

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes at each run
_PICTURES = {"png", "jpg", "jpeg", "webp", "avif", "tif", "tiff", "gif", "bmp", "svg", "html"}


class Sink(Protocol):
    """Takes tiles from any thread, and is a context: left before `finish`, all of it is undone."""

    def write(self, level: int, column: int, row: int, data: bytes) -> None:
        """Take a tile."""

    def finish(self, descriptor: str) -> Path:
        """Put the pyramid in its place, and return its name."""

    def __enter__(self) -> Sink: ...

    def __exit__(self, *error: Any) -> None: ...


def open_sink(path: Any, levels: int, suffix: str) -> Sink:
    """Return where a pyramid goes by its name: ``.zip`` or ``.szi``, else ``.dzi`` and a folder.

    Raises OSError or ValueError for a name that will not do, before anything is written.
    """
    try:
        shown = Path(path).expanduser()
    except RuntimeError:
        raise FileNotFoundError(f"{path} must name a user that there is, but does not") from None
    kind = shown.suffix.lower()
    if kind[1:] in _PICTURES:
        raise ValueError(
            f"a pyramid is written as .dzi, .zip or .szi, but got {str(path)!r}: "
            "give it one of these suffixes"
        )
    if kind not in (".dzi", ".zip", ".szi"):
        shown, kind = shown.with_name(f"{shown.name}.dzi"), ".dzi"
    if not shown.stem:
        raise ValueError(f"a pyramid must have a name, but got {str(path)!r}: add one")
    target = Path(os.path.realpath(shown))
    if target.is_dir():
        raise IsADirectoryError(f"a file is to be written, but {shown} is a folder: add a name")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} must exist, but does not: make it")
    try:
        if kind == ".dzi":
            return FolderSink(shown, levels, suffix)
        return ZipSink(shown, target, suffix, within=f"{shown.stem}/" if kind == ".szi" else "")
    except OSError as error:
        if error.filename is not None:
            error.filename = str(shown)  # the name that the user knows
        raise


class FolderSink:
    """``NAME.dzi`` and ``NAME_files/LEVEL/COLUMN_ROW.SUFFIX``."""

    def __init__(self, shown: Path, levels: int, suffix: str) -> None:
        self._shown, self._suffix = shown, suffix
        self._files = Path(os.path.realpath(shown.with_name(f"{shown.stem}_files")))
        _check_replaceable(self._files)
        self._part = self._files.with_name(f".nbimage-{os.urandom(6).hex()}.part")
        try:
            for level in range(levels):
                (self._part / str(level)).mkdir(parents=True)
        except BaseException:
            shutil.rmtree(self._part, ignore_errors=True)
            raise
        self._folder = str(self._part)

    def write(self, level: int, column: int, row: int, data: bytes) -> None:
        """Write a tile's file."""
        with open(f"{self._folder}/{level}/{column}_{row}.{self._suffix}", "xb", 0) as file:  # noqa: PTH123 (quicker)
            file.write(data)

    def finish(self, descriptor: str) -> Path:
        """Put the folder and the descriptor in their places."""
        _check_replaceable(self._files)
        older = self._part.with_suffix(".old")
        had = self._files.exists()
        if had:
            self._files.rename(older)
        try:
            self._part.rename(self._files)
            write_whole(self._shown, descriptor.encode())
        except BaseException:
            if not self._part.exists():
                self._files.rename(self._part)
            if had:
                older.rename(self._files)
            raise
        if had:
            shutil.rmtree(older, ignore_errors=True)
        return self._shown

    def __enter__(self) -> FolderSink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._part, ignore_errors=True)


class ZipSink:
    """One file that holds the same, stored as it is: the tiles are compressed already."""

    def __init__(self, shown: Path, target: Path, suffix: str, *, within: str = "") -> None:
        self._shown, self._target, self._suffix = shown, target, suffix
        self._name = within + shown.stem
        self._part = target.with_name(f".nbimage-{os.urandom(6).hex()}.part")
        self._lock = threading.Lock()
        self._zip = zipfile.ZipFile(self._part, "x")

    def write(self, level: int, column: int, row: int, data: bytes) -> None:
        """Append a tile."""
        self._append(f"{self._name}_files/{level}/{column}_{row}.{self._suffix}", data)

    def finish(self, descriptor: str) -> Path:
        """Append the descriptor, and put the file in its place."""
        self._append(f"{self._name}.dzi", descriptor.encode())
        self._zip.close()
        if self._target.exists():
            self._part.chmod(self._target.stat().st_mode & 0o7777)
        self._part.replace(self._target)
        return self._shown

    def _append(self, name: str, data: bytes) -> None:
        with self._lock:
            self._zip.writestr(zipfile.ZipInfo(name, _EPOCH), data)

    def __enter__(self) -> ZipSink:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._zip.close()
        with contextlib.suppress(OSError):
            self._part.unlink(missing_ok=True)


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
