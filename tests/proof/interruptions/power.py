"""The power fails: a folder as the disk may have it after any step of a job.

Names are there in the order in which they were given, as journals keep them. Bytes are there that
were waited for (`os.fsync`, `wait_for_disk`); of all others nothing, half, or all.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nbimage.base import atomic
from nbimage.pyramid.writers import directories

_EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "open", "nbimage.synced")
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class _Disk:
    """What is on the disk of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._safe: dict[int, tuple[int, int]] = {}
        self.note_all()

    def note(self, state: os.stat_result) -> None:
        self._safe[state.st_ino] = state.st_size, state.st_mtime_ns

    def note_all(self) -> None:
        for path in self._folder.rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                self.note(path.stat())

    def copy(self, target: Path, chance: random.Random) -> None:
        """Copy the folder as it is when the power fails now."""
        for top, folders, files in os.walk(self._folder):
            own = target / Path(top).relative_to(self._folder)
            own.mkdir()
            shutil.copystat(top, own)
            folders.sort()
            for name in sorted(files):
                path = Path(top, name)
                with contextlib.suppress(FileNotFoundError):
                    state = path.stat()
                    data = path.read_bytes()
                    if self._safe.get(state.st_ino) != (state.st_size, state.st_mtime_ns):
                        data = data[: chance.choice((0, len(data) // 2, len(data)))]
                    (own / name).write_bytes(data)
                    os.utime(own / name, ns=(state.st_mtime_ns, state.st_mtime_ns))


@contextlib.contextmanager
def record(folder: Path, copies: Path, seed: int, every: float) -> Iterator[None]:
    """Keep copies of a folder as a failure of power would leave it, at some of all steps.

    ``every``: the share of steps; those around what takes a target's place are all kept. Only one
    thread may write.
    """
    chance, disk, number = random.Random(seed), _Disk(folder), 0
    inside = busy = False

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal number, busy
        if not inside or busy or event not in _EVENTS:
            return
        names = [str(each) for each in arguments[:2] if isinstance(each, (str, os.PathLike))]
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _CHANGES):
            return
        within = [Path(name).absolute() for name in names]
        parts = [path.relative_to(folder).parts for path in within if path.is_relative_to(folder)]
        if event != "nbimage.synced" and not any(parts):
            return
        hidden = all(part[0].startswith(".nbimage-") for part in parts if part)
        if chance.random() < (every if hidden else 1):
            busy = True
            disk.copy(copies / f"{number:05}", chance)
            busy = False
            number += 1

    synced, whole = os.fsync, atomic.wait_for_disk

    def fsync(descriptor: Any) -> None:
        synced(descriptor)
        number = descriptor if isinstance(descriptor, int) else descriptor.fileno()
        disk.note(os.fstat(number))

    def wait(path: Path) -> None:
        whole(path)
        disk.note_all()
        sys.audit("nbimage.synced")

    os.fsync = fsync  # type: ignore[assignment]
    atomic.wait_for_disk = directories.wait_for_disk = wait  # type: ignore[attr-defined]
    directories._SAFE_EVERY = 0.05
    sys.addaudithook(hook)
    inside = True
    try:
        yield
        busy = True
        disk.copy(copies / "end", chance)
    finally:
        inside = False


def forget_boot() -> None:
    """Let this process believe that the machine was started anew."""
    from nbimage.pyramid.writers.deepzoom import output

    find: Callable[[], bytes] = lambda: b"another"  # noqa: E731
    output.find_boot = find  # type: ignore[attr-defined]
