"""Files and folders that are written whole or not at all.

Everything that this package saves goes through here: `write_file` for bytes in memory, `AtomicPath`
for what is written step by step, `write_small_file` for one of very many files. Whatever fails or
interrupts the writing, what was there before is as it was, and nothing is left beside it; what a
process leaves that is killed is removed by a later one (`disk/leftovers`). This is not for
addresses (see `pyramid/remote`), and it keeps no two processes apart (see `base/lock`).
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbimage.base.disk.leftovers import remove_abandoned, temporary_path
from nbimage.base.disk.system import exchange, renames_apart, wait_for_disk
from nbimage.logs import find_log

_LOG = find_log("write")


def resolve_target(path: Any) -> tuple[Path, Path]:
    """Return a path with ``~`` expanded, and where its links lead.

    Raises FileNotFoundError where nothing can be written: for an unknown user, a circle of links
    and a missing folder.
    """
    try:
        shown = Path(path).expanduser()
    except RuntimeError:
        raise FileNotFoundError(f"unknown user in path {str(path)!r}") from None
    target = Path(os.path.realpath(shown))
    if target.is_symlink():
        raise FileNotFoundError(f"{shown} is a link that leads nowhere: remove it")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist: make it first")
    return shown, target


def resolve_file_target(path: Any) -> tuple[Path, Path]:
    """Return the same for a file: raises IsADirectoryError where a folder has its name."""
    shown, target = resolve_target(path)
    if target.is_dir():
        raise IsADirectoryError(f"{shown} is a folder, but a file is to be written: add a name")
    return shown, target


def write_file(path: Any, data: bytes) -> Path:
    """Write bytes to a file, which appears or changes at once, and return its path.

    A link keeps pointing to the file it points to, a file keeps its mode; a device or a pipe is
    written to as it is, since nothing can take its place.
    """
    shown, target = resolve_file_target(path)
    if target.exists() and not target.is_file():
        target.write_bytes(data)
        return shown
    with AtomicPath(target, shown) as part:
        part.path.write_bytes(data)
        part.commit()
    return shown


def read_file(path: Any, most: int = 1 << 30) -> bytes:
    """Return all bytes of a file of at most so many.

    Raises ValueError for a larger one, and for what has no end or may never begin: a device, a
    pipe.
    """
    with open(path, "rb", opener=open_at_once) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise ValueError(f"{os.fsdecode(path)} must be a file, but is a pipe or a device")
        data = bytearray()
        while len(data) <= most and (more := file.read(1 << 22)):
            data += more
    if len(data) > most:
        raise ValueError(f"{os.fsdecode(path)} must have at most {most >> 20} MiB, but has more")
    return bytes(data)


def open_at_once(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes to as well, without waiting for who does."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def write_small_file(path: str, data: bytes, scratch: str) -> None:
    """Write one of very many files, by way of a folder ``scratch`` of the same file system.

    Unlike `write_file`, this does not wait until the bytes are on the disk, and follows no links.
    """
    part = f"{scratch}/{os.urandom(8).hex()}"
    try:
        write_new_file(part, data)
        os.replace(part, path)  # noqa: PTH105 (quicker)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(part).unlink()
        raise


def write_new_file(path: str, data: bytes) -> None:
    """Write a file that is not there yet, as it is: the quickest way for very many."""
    with open(path, "xb", 0) as file:  # noqa: PTH123 (quicker)
        written = file.write(data)
        while written < len(data):  # a disk that gets full takes a part, and refuses the next one
            written += file.write(memoryview(data)[written:])


class AtomicPath:
    """A new file or folder beside its target, which takes the target's place by `commit`.

    A context: left before `commit`, by an exception or not, it removes the new file or folder.
    An OSError that names it names the target instead, as ``shown`` has it: the name that the user
    knows. ``folder`` may be another one of the same file system.
    """

    def __init__(self, target: Path, shown: Path | None = None, folder: Path | None = None) -> None:
        self._target, self._shown, self._process = target, shown or target, os.getpid()
        self.path = temporary_path(target if folder is None else folder / "any")
        """Where to write: not there yet, beside the target or in ``folder``."""
        self._settled = False

    def settle(self) -> None:
        """Wait until a file is on the disk, which has the older one's mode then."""
        try:
            _wait_for_bytes(self.path)
            if self._target.exists():
                self.path.chmod(self._target.stat().st_mode & 0o7777)
        except OSError as error:
            self._rename_in(error)
            raise
        self._settled = True

    def commit(self) -> None:
        """Put the new file or folder in the target's place."""
        _LOG.info("%s", self._shown)
        try:
            if self.path.is_dir():
                with folder_replaced(self.path, self._target):
                    pass
                return
            if not self._settled:
                self.settle()
            os.replace(self.path, self._target)  # noqa: PTH105 (as above)
            remove_abandoned(self._target.parent)
        except OSError as error:
            self._rename_in(error)
            raise

    def discard(self) -> None:
        """Remove what was not committed; without effect after `commit` and in forked processes."""
        if os.getpid() != self._process:
            return
        with contextlib.suppress(OSError):
            if self.path.is_dir():
                _remove_folder(self.path)
            else:
                self.path.unlink(missing_ok=True)

    def __enter__(self) -> AtomicPath:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self.discard()
        if isinstance(error, OSError):
            self._rename_in(error)

    def _rename_in(self, error: OSError) -> None:
        if str(self.path) in str(error.filename):
            error.filename = str(self._shown)
            del error.filename2


@contextlib.contextmanager
def folder_replaced(new: Path, target: Path) -> Iterator[None]:
    """Put a folder in the target's place; if the context fails, all is as it was before.

    Where the system can, both are exchanged at once: whenever the process ends, and however, one of
    them is there, and whole. Elsewhere the older one is beside the target for a moment.
    """
    wait_for_disk(new)
    older, own = temporary_path(target, "old"), new.stat().st_ino
    with renames_apart(target.parent):
        try:
            if not target.exists():
                os.rename(new, target)  # noqa: PTH104 (as above)
            elif not exchange(new, target):
                os.rename(target, older)  # noqa: PTH104 (as above)
                os.rename(new, target)  # noqa: PTH104 (as above)
            yield
        except BaseException:
            if not new.exists():
                os.rename(target, new)  # noqa: PTH104 (as above)
            elif target.exists() and target.stat().st_ino == own:
                exchange(new, target)
            if older.exists() and not target.exists():
                os.rename(older, target)  # noqa: PTH104 (as above)
            raise
    for each in (new, older):
        if each.exists():
            _remove_folder(each)
    remove_abandoned(target.parent)


@contextlib.contextmanager
def file_aside(path: Path, aside: Path) -> Iterator[None]:
    """Take a file out of sight; if the context fails, it is back."""
    try:
        with contextlib.suppress(FileNotFoundError):
            os.rename(path, aside)  # noqa: PTH104 (as above)
        yield
    except BaseException:
        if aside.exists() and not path.exists():
            os.rename(aside, path)  # noqa: PTH104 (as above)
        raise


def _wait_for_bytes(path: Path) -> None:
    """Wait until the bytes of a file are on the disk: a name must not come before them."""
    with path.open("rb+") as file:  # Windows flushes only what is open for writing
        os.fsync(file.fileno())


def _remove_folder(path: Path) -> None:
    import shutil  # with its compressors 4 ms, for which no picture should wait

    shutil.rmtree(path, ignore_errors=True)
