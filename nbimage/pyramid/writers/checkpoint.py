"""What is finished of a pyramid of tiles: enough to go on with it after a crash.

Each finished super-tile has a file of its own, written last, that holds what it leaves for the
next level; so has the summary of the values. All processes that write the tiles read these. Where
the tiles themselves go is in `deepzoom.output`.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.limits import Extent
from nbimage.pyramid.core.block_cache import find_blocks
from nbimage.pyramid.levels.super_tiles import LevelStore, SuperTile
from nbimage.pyramid.writers.directories import Directory
from nbimage.pyramid.writers.value_mapping import ValueSummary

_WORKERS = 4  # a level is cut for so many, so that another computer can go on
_DONE, _SUMMARY, _RUN = "done", "summary-2", "run"
SAFE = "safe"
"""A file of a run: what is older is there even if the power fails."""


class Checkpoint:
    """What is finished of one run."""

    workers: int | None = _WORKERS

    def __init__(self, directory: Directory, summary: str = _SUMMARY, prefix: str = "") -> None:
        self.directory, self._summary, self._prefix = directory, summary, prefix

    def of_channel(self, number: int) -> Checkpoint:
        """Return the same with a summary of one channel's own."""
        return Checkpoint(self.directory, f"{_SUMMARY}-{number}")

    def of_plane(self, number: int) -> Checkpoint:
        """Return what is finished of the tiles of one plane of several."""
        return Checkpoint(self.directory, prefix=f"{number}-")

    @property
    def begun(self) -> bool:
        """Whether there is anything to go on with."""
        return self.has_tiles or any(name.startswith(_SUMMARY) for name in self.directory.names())

    @property
    def has_tiles(self) -> bool:
        """Whether any super-tile is finished."""
        return bool(self.directory.names(_DONE))

    def open_level(
        self, first: SuperTile, shape: tuple[int, int] | None, channels: int, dtype: Any
    ) -> LevelStore:
        """Return the store of a level: a file for each super-tile."""
        rows, columns = shape or (0, 0)
        side = first.size >> first.steps
        kind = np.dtype(dtype).str
        return _LevelFiles(
            self.directory, first.level, side, rows, columns, channels, kind, self._prefix
        )

    def load(self) -> ValueSummary | None:
        """Return the summary of the values that an earlier run has kept."""
        if not self.directory.exists(self._summary):
            return None
        with np.load(io.BytesIO(self.directory.read([self._summary])[self._summary])) as file:
            header = json.loads(str(file["header"]))
            samples = tuple(file[f"sample{i}"] for i in range(header["samples"]))
        whole, alpha, *extents = (read_extent(found) for found in header["extents"])
        return ValueSummary(tuple(extents), whole, samples, alpha)

    def save(self, summary: ValueSummary) -> None:
        """Keep the summary of the values."""
        found = summary.whole, summary.alpha, *summary.extents
        extents = [write_extent(one) for one in found]
        if None in extents:
            return
        header = json.dumps({"extents": extents, "samples": len(summary.samples)})
        samples: dict[str, Any] = {f"sample{i}": sample for i, sample in enumerate(summary.samples)}
        file = io.BytesIO()
        np.savez(file, header=np.array(header), **samples)
        self.directory.write({self._summary: file.getvalue()})


class WorkFolder:
    """The folder where a run's tiles and checkpoint are until it is done.

    It has a folder for each run, named by what is written: who still works for an older one
    finds its folder gone and writes nothing.
    """

    def __init__(
        self,
        top: Directory,
        run: str,
        folders: tuple[str, ...],
        resumable: bool,
        boot: bytes = b"",
    ) -> None:
        self.resumable, self._top = resumable, top
        self.marker = f"{run}/{_RUN}"
        try:
            for other in top.names() - {run, "lock"}:
                top.remove(other)
            if not top.exists(self.marker):
                top.remove(run)
                top.create(["", run, *(f"{run}/{name}" for name in (_DONE, "tmp", *folders))])
                top.write({self.marker: boot})
        except BaseException:
            self.remove()
            raise
        self.directory = top.subfolder(run, self.marker)
        self.checkpoint = Checkpoint(self.directory)

    def lock(self) -> None:
        """Do nothing: at an address nothing is locked."""

    def unlock(self) -> None:
        """Do nothing."""

    def leave(self) -> bool:
        """Remove the folder, unless something is finished that stays; return whether it does."""
        stays = self.resumable and self.checkpoint.begun
        if not stays:
            self.remove()
        return stays

    def remove(self) -> None:
        """Remove the folder: first what tells others that they may write."""
        self._top.remove(self.marker)
        self._top.remove()


@dataclass(frozen=True, slots=True)
class _LevelFiles:
    """A reduced level in one file a super-tile."""

    directory: Directory
    above: int
    side: int
    rows: int
    columns: int
    channels: int
    dtype: str
    prefix: str = ""

    def remaining(self, tasks: list[SuperTile]) -> list[SuperTile]:
        """Return the tasks that have put nothing here yet."""
        done = self.directory.names(_DONE)
        return [task for task in tasks if self._name(task.column, task.row) not in done]

    def has(self, task: SuperTile) -> bool:
        """Say whether a task is done."""
        return self.directory.exists(f"{_DONE}/{self._name(task.column, task.row)}")

    def is_removed(self) -> bool:
        """Say whether the folder was removed, or is not to be seen from here."""
        return not self.directory.exists(_RUN)

    def put(self, task: SuperTile, reduced: Array | None) -> None:
        """Write a task's file."""
        data = b"" if reduced is None else np.ascontiguousarray(reduced).tobytes()
        self.directory.write({f"{_DONE}/{self._name(task.column, task.row)}": data})
        self.directory.note_on_disk(SAFE)

    def read(self, box: Box) -> Array:
        """Return a box of the level, assembled of files."""
        colors = () if self.channels == 1 else (self.channels,)
        whole = np.empty((*box.shape, *colors), self.dtype)
        rows, columns = find_blocks(box, (self.side, self.side))
        tasks = [(column, row) for row in rows for column in columns]
        files = self.directory.read([f"{_DONE}/{self._name(*task)}" for task in tasks])
        for column, row in tasks:
            top, left = row * self.side, column * self.side
            own = Box(
                top, min(top + self.side, self.rows), left, min(left + self.side, self.columns)
            )
            data = files[f"{_DONE}/{self._name(column, row)}"]
            pixels = np.frombuffer(data, self.dtype).reshape(*own.shape, *colors)
            both = own.common(box)
            whole[both.within(box).slices] = pixels[both.within(own).slices]
        return whole

    def _name(self, column: int, row: int) -> str:
        return f"{self.prefix}{self.above}-{column}_{row}"


def write_extent(found: Extent) -> list[Any] | None:
    """Return an extent as JSON has it, exactly; None if it can't."""
    ends: list[Any] = []
    for end in (found.low, found.high):
        if isinstance(end, (int, type(None))):
            ends.append(end)
        elif isinstance(end, float) and math.isfinite(end):
            ends.append(float(end).hex())
        else:  # a long double
            return None
    return [*ends, found.finite]


def read_extent(ends: list[Any]) -> Extent:
    """Return an extent of that."""
    low, high = (float.fromhex(end) if isinstance(end, str) else end for end in ends[:2])
    return Extent(low, high, bool(ends[2]))
