"""Plates and wells of OME-Zarr: their images, fields, one after the other."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import find_composite_axis
from nbimage.arrays.metadata import Coordinate
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import format_count
from nbimage.base.workers.threads import make_pool
from nbimage.pyramid.core.source import Source, WrappedSource
from nbimage.pyramid.sources.ome_zarr.labels import read_ome

_REQUESTS = 16  # wells that are asked for together
_MOST_WELLS = 10_000  # of plates there are those of 3,456
_PARTS = re.compile(r"(\D+)|(\d+)")


@dataclass(frozen=True, slots=True)
class Well:
    """A well of a plate, and the fields in it."""

    path: str
    """Within the plate, such as "B/03"."""
    row: int
    column: int
    fields: tuple[str, ...] = ()
    """Their paths within the well."""


@dataclass(frozen=True, slots=True)
class Plate:
    """The rows, columns and wells of a plate."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    wells: tuple[Well, ...]

    def __str__(self) -> str:
        rows = format_count(len(self.rows), "row")
        columns = format_count(len(self.columns), "column")
        return f"{rows} x {columns}, {format_count(len(self.wells), 'well')}"


class FieldsSource(Source):
    """The fields of a plate or of a well along an axis "field", each opened when it is read."""

    owner: Any = None
    """What `close` closes."""
    again: tuple[Callable[..., Any], tuple[Any, ...]] | None = None
    """A function that opens it, and what it takes."""

    def __init__(
        self,
        name: str,
        fields: tuple[str, ...],
        opener: Callable[..., Source],
        asked: tuple[Any, ...],
        plate: Plate | None = None,
    ) -> None:
        """Open the first field: ``opener`` takes the path of one, and then ``asked``."""
        self.name, self.fields, self.plate = name, fields, plate
        self._opener, self._asked = opener, asked
        self._opened: dict[str, Source] = {}
        self._lock = threading.Lock()
        first = self.open_field(fields[0])
        inner = first.metadata.coordinates or (None,) * (len(first.axes) + 2 + (first.channels > 1))
        along = Coordinate(np.array(fields), "field")
        super().__init__(
            shapes=first.shapes,
            dtype=first.dtype,
            channels=first.channels,
            axes=(("field", len(fields)), *first.axes),
            pixel_size=first.pixel_size,
            unit=first.unit,
            channel_names=first.channel_names,
            channel_colors=first.channel_colors,
            metadata=replace(first.metadata, coordinates=(along, *inner), label_images=()),
            stored=first.stored,
            blocks=first.blocks,
        )

    @property
    def words(self) -> str:
        """What it is, for messages, and how a field is opened."""
        fields = f"{len(self.fields)} fields such as {self.name}/{self.fields[0]}"
        return (
            f"a well of {fields}" if self.plate is None else f"a plate ({self.plate}) of {fields}"
        )

    def open_field(self, field: str) -> Source:
        """Return a field as a source of its own, which needs no closing."""
        with self._lock:
            found = self._opened.get(field)
        if found is None:
            found = self._opener(field, *self._asked)
            with self._lock:
                self._opened[field] = found
        return found

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level of a field."""
        return self._alike(index).read(level, box, index[1:])

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return the same in the dtype that it is stored in, and where it is missing."""
        return self._alike(index).read_stored(level, box, index[1:])

    def _alike(self, index: tuple[int, ...]) -> Source:
        """Return a field. Raises ValueError where it is not as the first one."""
        field = self.fields[index[0] if index else 0]
        found = self.open_field(field)
        kind = (found.shapes, found.dtype, found.channels, found.axes)
        if kind != (self.shapes, self.dtype, self.channels, self.axes[1:]):
            rows, columns = found.shapes[0]
            raise ValueError(
                f"{self.name} must have fields that are alike to be one stack, but {field} has "
                f"{rows} rows and {columns} columns of {found.dtype}, {self.fields[0]} has "
                f"{self.shapes[0][0]} and {self.shapes[0][1]} of {self.dtype}, or they differ in "
                f"axes or levels: open {self.name}/{field}"
            )
        return found

    def close(self) -> None:
        """Let go of files and connections."""
        if self.owner is not None:
            self.owner.close()

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_lock": None, "_opened": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= {**state, "_lock": threading.Lock()}

    def __reduce__(self) -> Any:
        return super().__reduce__() if self.again is None else self.again


class FirstPlanes(WrappedSource):
    """A source without its further axes but that of channels: the first plane along the others."""

    def __init__(self, source: Source) -> None:
        channels = find_composite_axis(
            source.axes, max(len(source.channel_names), len(source.channel_colors))
        )
        axes = tuple(
            (name, length if axis == channels else 1)
            for axis, (name, length) in enumerate(source.axes)
        )
        left_out = [
            f"1 of {length} along {name}"
            for (name, length), (_, left) in zip(source.axes, axes, strict=True)
            if left < length
        ]
        notes = filter(None, (source.metadata.note, ", ".join(left_out)))
        super().__init__(
            source, axes=axes, metadata=replace(source.metadata, note="; ".join(notes))
        )
        self.left_out = ", ".join(left_out)

    def close(self) -> None:
        """Do nothing: the plate has the files."""


def read_plate(path: str, group: Any, about: Any) -> Plate:
    """Return the rows, columns and wells of a plate; wells that are not there are left out.

    Raises ValueError where there are none, or far too many.
    """
    given = about if isinstance(about, Mapping) else {}
    listed = [one for one in given.get("wells") or () if isinstance(one, Mapping)]
    paths = [str(one.get("path", "")).strip("/") for one in listed]
    pairs = [tuple(one.split("/")) for one in paths if one.count("/") == 1 and ".." not in one]
    rows = _names(given.get("rows"), [row for row, _ in pairs])
    columns = _names(given.get("columns"), [column for _, column in pairs])
    if len(pairs) > _MOST_WELLS:
        raise ValueError(
            f"{path} must be a plate of at most {_MOST_WELLS} wells, but lists {len(pairs)}: open "
            "one of them"
        )
    down, across = ({name: i for i, name in enumerate(names)} for names in (rows, columns))
    wells = [
        Well(f"{row}/{column}", down[row], across[column]) for row, column in dict.fromkeys(pairs)
    ]
    with make_pool(_REQUESTS, "nbimage-wells") as pool:
        fields = list(pool.map(lambda well: _read_well(group, well.path), wells))
    found = [replace(well, fields=own) for well, own in zip(wells, fields, strict=True) if own]
    if not found:
        raise ValueError(f"{path} must be a plate of one well or more, but has none")
    return Plate(rows, columns, tuple(sorted(found, key=lambda well: (well.row, well.column))))


def _names(given: Any, used: list[str]) -> tuple[str, ...]:
    """Return the names of all rows or columns, with those that only wells name."""
    listed = given if isinstance(given, (list, tuple)) else ()
    names = [str(one.get("name")) for one in listed if isinstance(one, Mapping)]
    return tuple(dict.fromkeys([*names, *sorted(set(used) - set(names), key=_natural)]))


def _natural(name: str) -> list[tuple[str, int]]:
    return [(text, int(number or 0)) for text, number in _PARTS.findall(name)]


def _read_well(group: Any, path: str) -> tuple[str, ...]:
    try:
        return read_fields(read_ome(group[path]).get("well"))
    except (KeyError, OSError, ValueError):
        return ()


def read_fields(about: Any) -> tuple[str, ...]:
    """Return the paths of a well's images within it."""
    images = about.get("images") if isinstance(about, Mapping) else None
    listed = images if isinstance(images, (list, tuple)) else ()
    paths = [str(one.get("path", "")).strip("/") for one in listed if isinstance(one, Mapping)]
    return tuple(path for path in paths if path and ".." not in path.split("/"))
