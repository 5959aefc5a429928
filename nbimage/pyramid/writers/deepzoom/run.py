"""One call that writes a pyramid of tiles, and what takes these."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from nbimage.base.lock import acquire_lock
from nbimage.pyramid.layouts.layout import DEEP_ZOOM, Layout, TileNames
from nbimage.pyramid.writers.checkpoint import Checkpoint
from nbimage.pyramid.writers.directories import LocalDirectory
from nbimage.pyramid.writers.tile_encoder import TileStore

if TYPE_CHECKING:
    from filelock import BaseFileLock


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
        remove_unless_active(beside.with_name(resumable_name(target)))


class Run(Protocol):
    """One call that writes: what a work folder must know of it."""

    @property
    def resumable(self) -> bool:
        """Whether what is finished stays for another run if this one is stopped."""

    @property
    def fingerprint(self) -> str:
        """Of what is written and how."""

    @property
    def levels(self) -> tuple[str, ...]:
        """Folders within that of the tiles, which are made before any tile."""


def remove_unless_active(older: Path) -> None:
    """Remove what an earlier run has left to be gone on with, unless that run is active."""
    if older.is_dir():
        with contextlib.suppress(OSError):
            lock = acquire_lock(older / "lock")
            LocalDirectory(older).remove()
            release_lock(lock, older)


def resumable_name(target: str) -> str:
    """Return the name of the folder from which a later run goes on, beside the target."""
    return f".nbimage-{target}.part"


class TileOutput(Protocol):
    """Takes tiles, and is a context: left before `commit`, what may not stay is undone."""

    @property
    def tiles(self) -> TileStore:
        """Where tiles go: a `Directory`, of any process, if there is a checkpoint."""

    @property
    def checkpoint(self) -> Checkpoint | None:
        """What is finished, if that is recorded."""

    def begin(self) -> None:
        """Get ready for the first tile."""

    def complete(self, descriptor: str, others: Mapping[str, bytes]) -> None:
        """Write what is left; ``others`` are further files of the pyramid's folder."""

    def commit(self) -> Path | str:
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


def release_lock(lock: BaseFileLock, folder: Path) -> None:
    """Release the lock of a folder, which may have been removed before, but for the lock."""
    lock.release()
    if os.name == "nt":  # where a file that is open can't be removed
        with contextlib.suppress(OSError):
            if os.listdir(folder) == ["lock"]:  # noqa: PTH208 (names)
                Path(lock.lock_file).unlink()
                folder.rmdir()
