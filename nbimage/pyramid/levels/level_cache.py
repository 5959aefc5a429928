"""A cache of levels for huge files that have none: they are built once, when they are first read.

A level that the file has is read from there, but where that would mean to unpack all of it. A view
does not wait for that: it shows what `background_overviews` has while `CachedSource.build` runs.
"""

from __future__ import annotations

import math
import shutil
import threading
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Any

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import call_in_child
from nbimage.base.progress import progress_bar
from nbimage.base.text import one_line
from nbimage.base.user_warnings import warn
from nbimage.logs import find_log
from nbimage.pyramid.core.downsample import choose_halving
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source, WrappedSource, split_missing
from nbimage.pyramid.levels.cache_folder import (
    CacheLimits,
    describe_reading,
    entry_path,
    file_identity,
    make_cache_folder,
    make_room,
    max_cache_bytes,
    open_entry,
    remove,
    remove_leftovers,
    unfinished_path,
)
from nbimage.pyramid.levels.levels_file import (
    DamagedError,
    LevelsFile,
    LevelsWriter,
    UnwritableError,
)
from nbimage.pyramid.levels.quick_reading import is_quick, read_in_order
from nbimage.pyramid.levels.row_bands import (
    BuildHooks,
    BuildStoppedError,
    BuiltRows,
    OnceReader,
    RowBandBuilder,
    choose_tile_size,
)
from nbimage.pyramid.levels.smallest_level import SmallestLevel
from nbimage.pyramid.sources.vips_image import VipsSource

_LIMITS = CacheLimits()
_LOG = find_log("cache")
_STOPS = BuildStoppedError, KeyboardInterrupt, SystemExit
_MOST_OPEN = 16  # planes whose files are open

Index = tuple[int, ...]


class _SupersededError(Exception):
    """Another process was quicker."""


def with_level_cache(
    source: Source,
    path: Path,
    *,
    progress: bool = True,
    key: Hashable = (),
    always: bool = False,
    limits: CacheLimits = _LIMITS,
) -> Source:
    """Return a source that has smaller levels as well: in a cache, where the file is huge.

    Nothing is read yet: the levels of a plane are built when one is first read.

    Parameters
    ----------
    source : Source
        What was opened of the file.
    path : Path
        The file.
    progress : bool
        Show a bar while levels are built, where somebody is looking.
    key : hashable
        All options by which the same file would be another source.
    always : bool
        For any file that has no small level; default: of more than 2^28 samples a plane, of which
        the smallest level has more than 2^24.
    limits : CacheLimits
        Other sizes than these.

    Raises
    ------
    ValueError
        If ``NBIMAGE_CACHE_SIZE`` is no number of bytes.
    """
    largest, smallest = (math.prod(source.shapes[i]) * source.channels for i in (0, -1))
    small = limits.small_if_asked if always else limits.small
    if smallest <= small or not (always or largest > limits.large):
        return source
    if max_cache_bytes() == 0 or not path.is_file():
        return source
    return CachedSource(read_in_order(source, path, limits), path, progress, key, limits)


class CachedSource(WrappedSource):
    """A file's own levels, and those below its smallest."""

    def __init__(
        self, source: Source, path: Path, progress: bool, key: Hashable, limits: CacheLimits
    ) -> None:
        self.inner, self._path, self._progress, self._key = source, path, progress, key
        self._base = len(source.shapes) - 1
        rows, columns = source.shapes[-1]
        side = choose_tile_size(columns, source.channels * source.dtype.itemsize, limits.tile_size)
        self._grid = TileGrid(rows, columns, side, 0)
        self.is_quick = is_quick(source, limits)
        """Whether any part of the largest level is read without much around it."""
        self._whole = self._base == 0 and not self.is_quick
        smallest = 1
        while self._samples(smallest) > limits.smallest_level:
            smallest += 1
        self._levels = range(not self._whole, smallest + 1)
        more = range(1, smallest + 1)
        blocks = [*source.blocks, *[(side, side)] * len(more)]
        if self._whole:
            blocks[0] = side, side
        super().__init__(
            source,
            shapes=source.shapes + tuple(self._grid.shape(level) for level in more),
            blocks=tuple(blocks),
        )
        self._reset()

    def _reset(self) -> None:
        self._identity = file_identity(self._path)
        self.inner.metadata = replace(self.inner.metadata, labels=self.metadata.labels)
        self._read_as = describe_reading(self.inner, self._key)
        self._is_disabled = False
        self._open: dict[Index, LevelsFile] = {}
        self._renew_locks()
        call_in_child(self._renew_locks)
        self._uncached = Pyramid(SmallestLevel(self.inner))

    def _renew_locks(self) -> None:
        self._lock = threading.Lock()
        self._building: dict[Index, threading.Lock] = {}

    def _samples(self, level: int) -> int:
        return math.prod(self._grid.shape(level)) * self.inner.channels

    def read(self, level: int, box: Box, index: Index = ()) -> Array:
        """Return a part of a level: the first read of a plane's smaller ones builds them."""
        smaller = level - self._base
        if smaller not in self._levels:
            return self.inner.read(level, box, index)
        index = index or (0,) * len(self.axes)
        for _ in range(2):
            levels = self._open_levels(index)
            if levels is None:
                break
            try:
                return levels.read(smaller, box)
            except DamagedError:
                self._discard(index, levels)
        if smaller == 0:
            return self.inner.read(level, box, index)
        return self._uncached.read(smaller, *box.slices, index)

    def read_stored(self, level: int, box: Box, index: Index = ()) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        if level - self._base in self._levels:
            return split_missing(self.read(level, box, index), self.stored)
        return self.inner.read_stored(level, box, index)

    @property
    def own(self) -> Source:
        """The file's own levels alone: to read one never builds any."""
        return self.inner

    def is_built(self, plane: Index) -> bool:
        """Say whether the levels of a plane can be read without building them."""
        plane = plane or (0,) * len(self.axes)
        with self._lock:
            if plane in self._open or self._is_disabled:
                return plane in self._open
            building = self._building.setdefault(plane, threading.Lock())
        if not building.acquire(blocking=False):
            return False
        try:
            found = open_entry(self._entry(make_cache_folder(), plane))
        except UnwritableError:
            return False
        finally:
            building.release()
        if found is not None:
            self._keep(plane, found)
        return found is not None

    def build(self, plane: Index, hooks: BuildHooks) -> bool:
        """Build the levels of a plane if they are not there; say whether they can be read then.

        Raises what the source raises, and what ``hooks`` raise, which ends it.
        """
        return self._open_levels(plane or (0,) * len(self.axes), hooks) is not None

    def close(self) -> None:
        """Let go of files."""
        with self._lock:
            kept, self._open = list(self._open.values()), {}
        for each in kept:
            each.close()
        self._uncached.close()

    def _open_levels(self, plane: Index, hooks: BuildHooks | None = None) -> LevelsFile | None:
        """Return the levels of a plane: one thread builds them if need be, the others wait."""
        with self._lock:
            if plane in self._open:
                self._open[plane] = self._open.pop(plane)  # the newest is last
                return self._open[plane]
            building = self._building.setdefault(plane, threading.Lock())
        with building:
            with self._lock:
                if plane in self._open or self._is_disabled:
                    return self._open.get(plane)
            kept = self._find_or_build(plane, hooks)
            if kept is not None:
                self._keep(plane, kept)
            return kept

    def _keep(self, plane: Index, found: LevelsFile) -> None:
        with self._lock:
            self._open[plane] = found
            while len(self._open) > _MOST_OPEN:  # it closes when nobody reads it
                del self._open[next(iter(self._open))]

    def _entry(self, folder: Path, plane: Index) -> Path:
        labels = ("labels",) if self.metadata.labels else ()
        how = self._read_as, plane, self._base, self._whole, *labels
        return entry_path(folder, self._identity, how)

    def _discard(self, plane: Index, kept: LevelsFile) -> None:
        """Remove levels that are damaged, so that they are built anew."""
        with self._lock:
            if self._open.get(plane) is kept:
                del self._open[plane]
                remove(kept.path)

    def _find_or_build(self, plane: Index, hooks: BuildHooks | None) -> LevelsFile | None:
        try:
            folder = make_cache_folder()
            path = self._entry(folder, plane)
            found = open_entry(path)
            _LOG.info("%s %s of %s", "build" if found is None else "use", path, self._path)
            if found is None:
                try:
                    self._build(path, plane, hooks)
                except DamagedError:  # what an earlier build has left, and is gone now
                    self._build(path, plane, hooks)
                found = open_entry(path)
            if found is not None:
                return found
            reason = f"{path.name} was removed from {folder}"
        except ValueError:  # the file is damaged: what is whole is still read
            self._is_disabled = True
            raise
        except UnwritableError as error:
            reason = one_line(error)
        self._is_disabled = True
        warn(
            f"{self._path} is read without a cache of smaller levels, which is slow: {reason} "
            "(NBIMAGE_CACHE may name another folder)"
        )
        return None

    def _build(self, path: Path, plane: Index, hooks: BuildHooks | None) -> None:
        """Write the levels of a plane; another process that was quicker wins."""
        remove_leftovers(path.parent)
        self._check_disk(path.parent)
        about = {
            "channels": self.channels,
            "dtype": self.dtype.newbyteorder("<").str,
            "file": str(self._path.absolute()),
            "plane": plane,
        }
        try:
            with LevelsWriter(
                path,
                self._grid,
                self._levels,
                max_cache_bytes(),
                unfinished=unfinished_path(path),
                stops=_STOPS,
                **about,
            ) as writer:
                self._fill(writer, path, plane, hooks)
                size = writer.finish()
                if file_identity(self._path) != self._identity:
                    raise ValueError(f"{self._path} must not change while it is read")
                make_room(path.parent, size, path)
                if path.exists():
                    raise _SupersededError
                writer.replace_file()
        except _SupersededError:
            pass

    def _fill(
        self, writer: LevelsWriter, path: Path, plane: Index, hooks: BuildHooks | None
    ) -> None:
        rows, columns = self._grid.shape(0)
        progress = self._progress and hooks is None
        with progress_bar(f"levels of {self._path.name}", rows * columns, progress) as shown:
            reader = OnceReader(self.inner, self._base, plane)

            def watch(pixels: int) -> None:
                shown(pixels)
                reader.release()
                if path.exists():
                    raise _SupersededError
                if hooks is not None:
                    hooks.watch(pixels)

            def write(level: int, column: int, row: int, tile: Array) -> None:
                writer.write(level, column, row, tile)
                if hooks is not None and level == self._levels[0] and row >= shown_rows:
                    hooks.tile(level, self._grid.inner(level, column, row), tile)

            bands = RowBandBuilder(
                self._grid,
                write,
                channels=self.channels,
                dtype=self.dtype,
                smallest=self._levels[-1],
                watch=watch,
                threads=hooks.threads if hooks else None,
                halve=choose_halving(self.metadata.labels),
            )
            built = BuiltRows(writer.whole_rows(), writer.read)
            shown_rows = 0 if hooks is None else self._show_built(built, hooks)
            if not self._whole:
                bands.from_blocks(reader, self.inner.blocks[self._base], built)
            elif isinstance(self.inner, VipsSource):
                with self.inner.in_order() as read:
                    bands.from_rows(read, built)
            else:
                bands.from_rows(reader, built)

    def _show_built(self, built: BuiltRows, hooks: BuildHooks) -> int:
        """Tell of the rows that an earlier build has left, in few tiles; return how many."""
        top = 0
        for level in range(min(hooks.halvings, self._levels[-1]), self._levels[0] - 1, -1):
            top *= 2
            for row in range(top, built.counts[level]):
                for column in range(self._grid.tiles(level)[1]):
                    tile = built.read(level, column, row)
                    hooks.tile(level, self._grid.inner(level, column, row), tile)
            top = max(top, built.counts[level])
        return top

    def _check_disk(self, folder: Path) -> None:
        """Raise UnwritableError where levels that can't be compressed would not fit."""
        wanted = sum(self._samples(level) for level in self._levels) * self.dtype.itemsize
        try:
            free = shutil.disk_usage(folder).free
        except OSError:
            return
        if free < wanted:
            raise UnwritableError(
                f"{folder} must have up to {wanted / 1e9:.1f} GB free, but has {free / 1e9:.1f}"
            )

    def __getstate__(self) -> dict[str, Any]:
        left_out = (
            "_identity",
            "_read_as",
            "_is_disabled",
            "_lock",
            "_open",
            "_building",
            "_uncached",
        )
        kept = {key: value for key, value in self.__dict__.items() if key not in left_out}
        return {**kept, "_path": self._path.absolute()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._reset()
