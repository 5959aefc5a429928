"""A run that writes samples, and may be gone on with: by other processes, or by a later run."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbimage.base.chunked import Array
from nbimage.mapping.limits import Extent
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.levels.executors import Executor, Read, Threads
from nbimage.pyramid.writers.checkpoint import read_extent, write_extent
from nbimage.pyramid.writers.dask_executor import ClusterExecutor, choose_executor
from nbimage.pyramid.writers.deepzoom.output import LocalWorkFolder
from nbimage.pyramid.writers.deepzoom.run import remove_unless_active, resumable_name
from nbimage.pyramid.writers.directories import Directory
from nbimage.pyramid.writers.fingerprint import make_fingerprint
from nbimage.pyramid.writers.ome_zarr.metadata import ChannelRanges

TILES, _RANGES = "tiles", "ranges"


@dataclass(frozen=True, slots=True)
class SamplesRun:
    """How a call writes an image: where its tasks run, and what it leaves if it is stopped."""

    executor: Executor
    read: Read
    resumable: bool = False
    """What is finished stays for another run if this one is stopped."""
    fingerprint: str = "0"
    """Of what is written and how: a run with the same one may go on with this one."""
    levels: tuple[str, ...] = ()
    """Folders within that of the tiles, which are made as they are needed."""

    @property
    def checkpointed(self) -> bool:
        """Whether finished super-tiles are recorded, which also lets several processes write."""
        return self.resumable or not isinstance(self.executor, Threads)

    def open_work(self, target: Path) -> LocalWorkFolder:
        """Return the folder beside the target in which tiles and what is finished are kept."""
        name = resumable_name(target.name)
        if not self.resumable:
            name = f".nbimage-{os.urandom(6).hex()}.part"
        return LocalWorkFolder(target.with_name(name), self, TILES)


def plan_run(pyramid: Pyramid, given: Pyramid, how: Any, resume: bool | None) -> SamplesRun:
    """Find out where the tasks of a run are done, and whether it is gone on with.

    ``given``: the pyramid as it was opened.
    """
    executor, read = choose_executor(pyramid)
    if resume is None:
        resume = isinstance(executor, ClusterExecutor)
        required = False
    else:
        required = resume
    if not resume:
        return SamplesRun(executor, read)
    plain = ValueScale.of(None, None, False, None, "linear")
    fingerprint = make_fingerprint(given, plain, how, given.labels, required=required)
    return SamplesRun(executor, read, True, fingerprint)


def remove_older_work(run: SamplesRun, target: Path) -> None:
    """Remove what an earlier run has left to be gone on with, once a whole file is there."""
    if not run.resumable:
        remove_unless_active(target.with_name(resumable_name(target.name)))


class RangesInFiles:
    """The ranges of channels, which any process finds, and keeps in a file of each task."""

    def __init__(self, ranges: ChannelRanges, directory: Directory) -> None:
        self._ranges, self._directory = ranges, directory

    def __call__(self, index: Index, samples: Array) -> None:
        """Keep the ranges of the samples of a box of a plane."""
        found = self._ranges.find_in(index, samples)
        ends = {str(channel): write_extent(extent) for channel, extent in found.items()}
        if ends:
            name = f"{_RANGES}/{os.urandom(8).hex()}"
            self._directory.write({name: json.dumps(ends).encode()})

    def load(self) -> None:
        """Join what all tasks have found."""
        names = [f"{_RANGES}/{name}" for name in self._directory.names(_RANGES)]
        for data in self._directory.read(names).values():
            ends: dict[str, Any] = json.loads(data)
            self._ranges.join({int(i): read_extent(one) or Extent() for i, one in ends.items()})
