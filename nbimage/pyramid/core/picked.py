"""Some channels of a source, picked by their names: one in gray, several as channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES, plain_name
from nbimage.arrays.metadata import Coordinate, Metadata
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import Source, WrappedSource

_RGB = "#ff0000", "#00ff00", "#0000ff"
_LISTED = 16  # names in an error


class PickedSource(WrappedSource):
    """Planes of another source's channels, along an axis, or one of them alone."""

    def __init__(self, inner: Source, along: int | None, numbers: Sequence[int]) -> None:
        """``along``: the further axis of the channels; None: those of each pixel."""
        self.inner, self._along, self._numbers = inner, along, tuple(numbers)
        several, count = len(self._numbers) > 1, len(inner.axes)
        names = tuple(inner.channel_names[number] for number in self._numbers)
        axes = list(inner.axes)
        self._axis = count if along is None else along
        own = "s" if along is None else axes[along][0]
        axes[self._axis : self._axis + 1] = [(own, len(names))] if several else []
        colors = tuple(inner.channel_colors[number] for number in self._numbers if _colors(inner))
        super().__init__(
            inner,
            axes=tuple(axes),
            channels=1,
            channel_names=names if several else (),
            channel_colors=(colors or (_RGB if len(names) == 3 else ())) if several else (),
            metadata=self._pick_metadata(inner.metadata, names),
        )

    def _pick_metadata(self, metadata: Metadata, names: tuple[str, ...]) -> Metadata:
        coordinates = list(metadata.coordinates)
        if coordinates:
            if self._along is None:
                coordinates.pop()
            own = [Coordinate(np.array(names, np.str_))] if len(names) > 1 else []
            coordinates[self._axis : self._axis + (self._along is not None)] = own
        windows = metadata.windows
        if len(windows) == len(self.inner.channel_names):
            windows = tuple(windows[number] for number in self._numbers)
        unit = f" [{metadata.unit}]" if metadata.unit else ""
        return replace(
            metadata,
            label=metadata.label if len(names) > 1 else f"{names[0]}{unit}",
            coordinates=tuple(coordinates),
            windows=windows,
            hidden=(),
        )

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level."""
        own, number = self._find(index)
        part = self.inner.read(level, box, own)
        return part if self._along is not None else part[..., number]

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        own, number = self._find(index)
        part, missing = self.inner.read_stored(level, box, own)
        if self._along is not None:
            return part, missing
        return part[..., number], None if missing is None else missing[..., number]

    def _find(self, index: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
        """Return the index in the other source, and which channel of a pixel."""
        own = list(index)
        chosen = own.pop(self._axis) if len(self._numbers) > 1 else 0
        number = self._numbers[chosen]
        if self._along is not None:
            own.insert(self._along, number)
        return tuple(own), number


def _colors(source: Source) -> bool:
    return len(source.channel_colors) == len(source.channel_names)


def _find_numbers(source: Source, names: Sequence[str]) -> list[int] | None:
    """Return the numbers of channels of these names; None where one of them is of none."""
    known = [name.strip().lower() for name in source.channel_names]
    asked = [name.strip().lower() for name in names]
    if not asked or any(known.count(name) != 1 for name in asked) or len(set(asked)) < len(asked):
        return None
    return [known.index(name) for name in asked]


def pick_named(source: Source, names: Sequence[str]) -> Source | None:
    """Return the channels of these names, in this order; None where a source has others."""
    numbers, along = _find_numbers(source, names), _find_axis(source)
    if numbers is None or (along is None and source.channels != len(source.channel_names)):
        return None
    return PickedSource(source, along, numbers)


def pick_channels(source: Source, part: str, name: str) -> Source:
    """Return the channels whose names, between commas, a path has in brackets.

    Raises ValueError, with the names that there are, and closes the source then.
    """
    found = pick_named(source, part.split(","))
    if found is not None:
        return found
    known = ", ".join(source.channel_names[:_LISTED]) or "none with names"
    more = ", …" if len(source.channel_names) > _LISTED else ""
    source.close()
    raise ValueError(f"no channels [{part}] in {name}, which has {known}{more}")


def _find_axis(source: Source) -> int | None:
    """Return the further axis that has the channels of these names."""
    if source.channels > 1:
        return None
    words, count = CHANNEL_NAMES | SAMPLE_NAMES, len(source.channel_names)
    for number, (name, length) in enumerate(source.axes):
        if length == count and plain_name(name) in words:
            return number
    return None
