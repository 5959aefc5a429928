"""Arrays of zarr as sources, one a level.

Not here: which arrays they are (`opening`, `image`).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from nbimage.arrays.axis_order import AxisOrder
from nbimage.arrays.stores.zarr_metadata import refuse_pickles
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import explain_damage
from nbimage.pyramid.sources.array import ArraySource

_LARGEST_CHUNK = 1 << 31  # bytes


class ZarrSource(ArraySource):
    """The arrays of a folder, one a level."""

    def __init__(self, path: str, levels: list[Any], axis_order: AxisOrder, **facts: Any) -> None:
        for level in levels:
            refuse_pickles(level)
            if min(level.chunks, default=1) < 1:
                raise ValueError(f"{path} must have chunks of at least 1, but has {level.chunks}")
            size = math.prod(map(min, level.chunks, level.shape)) * level.dtype.itemsize
            if size > _LARGEST_CHUNK:
                raise ValueError(
                    f"{path} must have chunks of at most 2 GiB, but has some of "
                    f"{size / 2**30:.1f} GiB: write it again with smaller ones"
                )
        super().__init__(levels, axis_order, **facts)
        self.path = path
        """As it was opened: label images lie below it."""

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises ValueError where a chunk can't be decoded."""
        with self._one_error(level, box):
            return super().read(level, box, index)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        with self._one_error(level, box):
            return super().read_stored(level, box, index)

    @contextlib.contextmanager
    def _one_error(self, level: int, box: Box) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each codec has its own
            if isinstance(error, ValueError) and self.path in str(error):
                raise
            raise ValueError(
                f"{self.path} must have whole chunks, but rows {box.top} to {box.bottom} and "
                f"columns {box.left} to {box.right} of its level {level} can't be read: "
                f"{explain_damage(error)}"
            ) from error


Kind = TypeVar("Kind", bound=ZarrSource)


class OwnedZarrSource(ZarrSource):
    """The same of an address or a zip file, which is opened again where it is unpickled."""

    owner: Any = None
    """What `close` closes."""
    again: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
    """A function that opens it, and what it takes."""

    def _begin_child(self) -> None:
        """Do nothing: the file renews itself."""

    def close(self) -> None:
        """Let go of files and connections."""
        if self.owner is not None:
            self.owner.close()

    def __reduce__(self) -> Any:
        return super().__reduce__() if self.again is None else self.again
