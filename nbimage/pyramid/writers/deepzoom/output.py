"""Where the tiles of a pyramid go on this machine: a folder or one file.

Both are written whole or not at all. What goes to an address is in `remote_output`, what
lets a later run go on with an interrupted one in `checkpoint`.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.base.atomic import (
    AtomicPath,
    file_aside,
    folder_replaced,
    resolve_file_target,
    resolve_target,
    write_file,
)
from nbimage.base.disk.system import find_boot
from nbimage.base.lock import acquire_lock
from nbimage.base.suffixes import known_suffix
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, Layout
from nbimage.pyramid.writers.checkpoint import SAFE, Checkpoint, WorkFolder
from nbimage.pyramid.writers.deepzoom.archives import PackedOutput, ZipOutput
from nbimage.pyramid.writers.deepzoom.run import DeepZoomRun, Run, TileOutput, release_lock
from nbimage.pyramid.writers.directories import Directory, LocalDirectory

if TYPE_CHECKING:
    from filelock import BaseFileLock

_WHOLE = "whole"  # finished tiles, in a work folder


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
    possible = (".zip", ".szi") if folder else (".dzi", ".zip", ".szi")
    if kind not in possible and known_suffix(name):
        suffixes = "a folder without a suffix, or .zip" if folder else ".dzi, .zip"
        raise ValueError(
            f"a pyramid is written as {suffixes} or .szi, but got {shown!r}: "
            f"give it {'another name' if folder else 'one of these suffixes'}"
        )
    if not name.strip("/"):
        raise ValueError(f"a pyramid must have a name, but got {shown!r}: add one")
    return kind if kind in possible else "" if folder else ".dzi"


class LocalWorkFolder(WorkFolder):
    """A work folder of this machine, of one run at a time if it is to stay."""

    def __init__(self, path: Path, run: Run, tiles: str) -> None:
        self._lock: BaseFileLock | None = None
        self.path, self.resumable = path, run.resumable
        if run.resumable:
            path.mkdir(exist_ok=True)
        self.lock()
        folders = (tiles, *(f"{tiles}/{level}" for level in run.levels))
        top = LocalDirectory(path)
        if not top.exists(f"{run.fingerprint}/{tiles}"):  # stopped between its last two steps
            top.remove(run.fingerprint)
        boot = find_boot()
        super().__init__(top, run.fingerprint, folders, run.resumable, boot)
        self.directory = LocalDirectory(path / run.fingerprint).shared("tmp")
        if top.read([self.marker])[self.marker] != boot:  # the power may have failed
            self.directory.remove_unsafe(SAFE, (tiles, SAFE, Path(self.marker).name))
            write_file(path / self.marker, boot)
        self.checkpoint = Checkpoint(self.directory)

    def lock(self) -> None:
        """Keep others from writing here; raise BlockingIOError where one does."""
        if self._lock is None and self.resumable:
            try:
                self._lock = acquire_lock(self.path / "lock")
            except BlockingIOError:
                raise BlockingIOError(
                    f"another process is writing the same pyramid in {self.path}: wait for it"
                ) from None

    @contextlib.contextmanager
    def replace_folder(self, tiles: Path, target: Path) -> Iterator[None]:
        """Put finished tiles in a folder's place; if the context fails, all is as it was before.

        From then on they are in no run's folder: a later one would take what is there, which may
        be the older ones, for its own.
        """
        whole, done = self.path / _WHOLE, False
        try:
            os.rename(tiles, whole)  # noqa: PTH104 (which says what was done)
            with folder_replaced(whole, target):
                yield
                done = True
                self.resumable = False  # what is left goes with this folder
        except BaseException:
            if whole.exists() and not done:
                os.rename(whole, tiles)  # noqa: PTH104 (as above)
            raise

    def leave(self) -> bool:
        """Remove the folder, unless something is finished that stays; return whether it does."""
        stays = super().leave()
        self.unlock()
        return stays

    def remove(self) -> None:
        """Remove the folder."""
        super().remove()
        self.unlock()

    def unlock(self) -> None:
        """Let go of the lock: of very many pyramids not all can be held."""
        lock, self._lock = self._lock, None
        if lock is not None:
            release_lock(lock, self.path)


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
        self._text = b""

    def begin(self) -> None:
        """Do nothing."""

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Write the descriptor into the folder, if it belongs there."""
        layout = self._run.layout
        self._text = descriptor.encode()
        within = {layout.descriptor: self._text} if layout.descriptor else {}
        for name, data in {**others, **within}.items():
            Path(self.tiles.root, name).write_bytes(data)
        self._work.unlock()

    def commit(self) -> Path:
        """Put the folder and the descriptor in their places."""
        layout, shown = self._run.layout, self._shown
        self._work.lock()
        _check_replaceable(self._files, layout)
        replaced = self._work.replace_folder(Path(self.tiles.root), self._files)
        with contextlib.ExitStack() as stack:
            if layout.descriptor:
                stack.enter_context(replaced)
            else:
                self._commit_descriptor(stack, replaced)
        self._work.remove()
        self._run.remove_leftovers(self._files, self._name)
        return shown

    def _commit_descriptor(self, stack: contextlib.ExitStack, replaced: Any) -> None:
        """Put the tiles, and the descriptor beside them, in their places.

        One that describes other tiles is taken away before: whenever the process ends, no tiles
        have another's.
        """
        target = Path(os.path.realpath(self._shown))
        part = stack.enter_context(AtomicPath(target, self._shown))
        part.path.write_bytes(self._text)
        part.settle()
        if not (target.is_file() and target.read_bytes() == self._text):
            stack.enter_context(file_aside(target, self._work.path / target.name))
        stack.enter_context(replaced)
        part.commit()

    def __enter__(self) -> FolderOutput:
        return self

    def __exit__(self, *error: object) -> None:
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


def check_entries(
    entries: Mapping[str, bool | None], folder: str, layout: Layout, unfinished: bool = False
) -> None:
    """Raise FileExistsError where a folder has an entry that no pyramid of the layout has.

    ``entries``: whether each is a folder, None where that is not known. What has numbered folders
    only is a pyramid in Google's layout where something describes it, or where one is
    ``unfinished`` there.
    """
    files = {layout.descriptor, "vips-properties.xml", "blank.png"}
    for name, is_folder in entries.items():
        if not layout.holds(name) or is_folder is (name in files):
            raise FileExistsError(
                f"{folder} holds {name!r}, which no pyramid has, and is not replaced: "
                "give another name"
            )
    described = set(entries) & {layout.descriptor, "blank.png"}
    if entries and layout.padded and not described and not unfinished:
        raise FileExistsError(
            f"{folder} holds no {layout.descriptor}, which a pyramid has, and is not replaced: "
            "give another name"
        )
