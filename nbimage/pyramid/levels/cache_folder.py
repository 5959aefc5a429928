"""The folder in which levels are kept that were built once: what is in it, and how much."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbimage.base.disk.leftovers import TEMPORARY_NAME
from nbimage.base.lock import acquire_lock
from nbimage.base.text import one_line
from nbimage.pyramid.core.identity import UnknownImageError, file_state, identify
from nbimage.pyramid.levels.levels_file import VERSION, DamagedError, LevelsFile, UnwritableError

DEFAULT_SIZE = 20 << 30
_OLD = 86_400  # seconds after which what a killed process left is removed
_ENTRY = re.compile(r"([0-9a-f]{20})-([0-9a-f]{16})-([0-9a-f]{16})\.levels")
_UNFINISHED = re.compile(_ENTRY.pattern + r"\.part(\.lock)?")
_SIZE = re.compile(r"(\d+(?:\.\d*)?)\s*([kmgt]?)(?:i?b)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheLimits:
    """Which files get a cache of levels, and of which levels."""

    large: int = 1 << 28
    """Samples of a plane from which levels are kept."""
    small: int = 1 << 24
    """Samples of a source's smallest level up to which it needs no more."""
    small_if_asked: int = 1 << 20
    """The same where a cache was asked for."""
    smallest_level: int = 1 << 18
    """Samples of the smallest level that is built."""
    quick_block: int = 1 << 26
    """Bytes of a tile or strip up to which any part is read quickly."""
    tile_size: int = 512
    """Of the levels that are built; less for very wide images."""


_OPEN: weakref.WeakSet[LevelsFile] = weakref.WeakSet()


def cache_folder() -> Path:
    """Return where levels are kept: in ``NBIMAGE_CACHE``, or the platform's place for caches."""
    asked = os.environ.get("NBIMAGE_CACHE")
    if asked:
        return Path(asked).expanduser().absolute() / "levels"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nbimage" / "levels"
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        above = Path(local) if local else Path.home() / "AppData" / "Local"
        return above / "nbimage" / "Cache" / "levels"
    asked = os.environ.get("XDG_CACHE_HOME", "")
    above = Path(asked) if Path(asked).is_absolute() else Path.home() / ".cache"
    return above / "nbimage" / "levels"


def make_cache_folder() -> Path:
    """Return this folder, made if it was not there. Raises UnwritableError where that fails."""
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:  # no home
        raise UnwritableError(one_line(error)) from error
    return folder


def max_cache_bytes() -> int:
    """Return what the cache may take: ``NBIMAGE_CACHE_SIZE``, 20 GiB if it is not set."""
    asked = os.environ.get("NBIMAGE_CACHE_SIZE", "").strip()
    if not asked:
        return DEFAULT_SIZE
    found = _SIZE.fullmatch(asked)
    if not found:
        raise ValueError(
            f'NBIMAGE_CACHE_SIZE must be bytes, or for instance "20G", but is {asked!r}'
        )
    return int(float(found[1]) * 1024 ** " kmgt".index(found[2].lower() or " "))


def file_identity(path: Path) -> tuple[str, str]:
    """Return what tells a file, and its present state, from all others."""
    real = os.path.realpath(path)
    return _name(real, 20), _name((file_state(path), VERSION), 16)


def describe_reading(source: Any, key: Any) -> Any:
    """Return what tells how a file is read from all other ways; ``key``: by which it was opened."""
    try:
        return key, identify(source)
    except UnknownImageError:
        return key, type(source).__name__


def entry_path(folder: Path, found: tuple[str, str], options: Any) -> Path:
    """Return the name of what is kept for a file that is opened with some options."""
    return folder / f"{found[0]}-{found[1]}-{_name(options, 16)}.levels"


def _name(what: Any, length: int) -> str:
    return hashlib.sha256(repr(what).encode("utf-8", "surrogatepass")).hexdigest()[:length]


def open_entry(path: Path) -> LevelsFile | None:
    """Return what is kept under a name, as used now; None where there is nothing, or no whole."""
    try:
        opened = LevelsFile(path)
    except FileNotFoundError:
        return None
    except DamagedError:
        remove(path)
        return None
    except OSError as error:
        raise UnwritableError(one_line(error)) from error
    _OPEN.add(opened)
    with contextlib.suppress(OSError):
        os.utime(path)
    return opened


def make_room(folder: Path, wanted: int, kept: Path) -> None:
    """Remove what is out of date, and what was used longest ago, until there is room.

    What this process has open stays, and what is being built, which counts as far as it has come:
    ``wanted`` bytes are at least what lies there of it.
    """
    unfinished = sum(state.st_size for _, state in _unfinished(folder))
    wanted = max(wanted, unfinished)
    most, in_use = max_cache_bytes(), {opened.path for opened in list(_OPEN) if not opened.closed}
    held = []
    for path, state in _entries(folder):
        if path in in_use or path == kept:
            wanted += state.st_size
        elif _out_of_date(path.name, kept.name):
            remove(path)
        else:
            wanted += state.st_size
            held.append((state.st_mtime_ns, state.st_size, path))
    for _, size, path in sorted(held):
        if wanted <= most:
            return
        if remove(path):
            wanted -= size


def unfinished_path(path: Path) -> Path:
    """Return where an entry is while it is built: what is there, the next build goes on with."""
    return path.with_name(f"{path.name}.part")


def _unfinished(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    yield from _matching(folder, TEMPORARY_NAME)
    yield from _matching(folder, _UNFINISHED)


def remove_leftovers(folder: Path) -> None:
    """Remove what killed or stopped processes left a day ago or earlier."""
    for path, state in list(_unfinished(folder)):
        if time.time() - state.st_mtime > _OLD:
            remove(path)


def clear_cache() -> int:
    """Remove all levels that are kept; return how many bytes they took.

    What is open goes on to work. What other processes are building stays.

    Examples
    --------
    >>> nbimage.clear_cache()
    0
    """
    removed = 0
    with contextlib.suppress(RuntimeError):  # no home
        folder = cache_folder()
        remove_leftovers(folder)
        for path, state in list(_matching(folder, _UNFINISHED)):
            if path.suffix == ".part" and _remove_unless_locked(path):
                removed += state.st_size
        removed += sum(state.st_size for path, state in list(_entries(folder)) if remove(path))
    return removed


def _remove_unless_locked(path: Path) -> bool:
    """Remove what a stopped build has left, unless it is gone on with just now."""
    with contextlib.suppress(OSError), acquire_lock(lock_path(path)):
        removed = remove(path)
        remove(lock_path(path))
        return removed
    return False


def lock_path(unfinished: Path) -> Path:
    """Return the file that who builds an entry keeps locked."""
    return unfinished.with_name(f"{unfinished.name}.lock")


def remove(path: Path) -> bool:
    """Remove a file, and say whether that was possible."""
    try:
        path.unlink()
    except OSError:  # it is gone, or open where open files can't be removed
        return False
    return True


def _out_of_date(name: str, newer: str) -> bool:
    """Say whether an entry is of the same file as a newer one, in another state."""
    one, other = _ENTRY.fullmatch(name), _ENTRY.fullmatch(newer)
    return bool(one and other) and one[1] == other[1] and one[2] != other[2]  # type: ignore[index]


def _entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    return _matching(folder, _ENTRY)


def _matching(folder: Path, name: re.Pattern[str]) -> Iterator[tuple[Path, os.stat_result]]:
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            if name.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    yield path, path.stat()
