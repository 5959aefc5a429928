"""Where the tiles or strips of a TIFF's pages lie, and their bytes as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbimage.base.forks import PositionedFile


@dataclass(frozen=True, slots=True)
class Segments:
    """Where the tiles or strips of one page lie in the file."""

    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    tables: Any
    """JPEG's own, for all tiles of a page."""
    path: str
    """Of the file, which may be another one than that which was opened."""
    file: PositionedFile | None
    """None: it is not open."""

    def contiguous_start(self) -> int | None:
        """Return where the page begins, if its strips follow one another."""
        ends = [offset + count for offset, count in zip(self.offsets, self.counts, strict=True)]
        whole = bool(ends) and min(self.counts) > 0 and ends[:-1] == list(self.offsets[1:])
        return self.offsets[0] if whole else None

    def read(self, segment: int) -> bytes:
        """Return the bytes of a tile or strip."""
        start, count = self.offsets[segment], self.counts[segment]
        if self.file is not None:
            data = self.file.read_range(start, count)
        else:
            with PositionedFile(self.path) as file:
                data = file.read_range(start, count)
        if len(data) < self.counts[segment]:
            raise ValueError("the file ends early")
        return data


def find_segments(page: Any, opened: Any, file: Any) -> Segments:
    """Return where a page's tiles lie: in ``file``, which tifffile has as ``opened``, or another.

    Raises ValueError where the page contradicts itself.
    """
    offsets, counts = tuple(page.dataoffsets), tuple(page.databytecounts)
    if len(offsets) != len(counts):
        raise ValueError(f"it has {len(offsets)} places, but {len(counts)} lengths of tiles")
    handle = page.parent.filehandle
    own = file if handle is opened and isinstance(file, PositionedFile) else None
    return Segments(offsets, counts, page.jpegtables, handle.path, own)
