"""What labelled data say of themselves: coordinates, names, units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbimage.base.chunked import Array

_UNIT = re.compile(r"(.*?) ?\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Coordinate:
    """The places along one axis, and what they are called."""

    values: Array | None
    """One a pixel: strictly monotonic numbers, datetime64 or timedelta64, or names; None if
    the axis has none."""
    label: str = ""
    """Such as "latitude [degrees_north]"."""
    upward: bool = False
    """The axis points up by convention and increases: its first row belongs at the bottom."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a labelled array says of itself."""

    label: str = ""
    """Of the values, with units: for the colorbar."""
    title: str = ""
    """The scalar coordinates, such as "time = 2013-01-01, level = 500 hPa"."""
    coordinates: tuple[Coordinate | None, ...] = ()
    """One an axis, in the array's order."""


UNLABELLED = Metadata()


def position_text(name: str | None, known: Coordinate | None, index: int) -> str:
    """Return what one position along an axis is called: "time = 2013-01-01", "level = 500 hPa"."""
    if known is None:
        return f"{name} = {index}"
    from nbimage.arrays.coordinates import text_of  # for those who have such data

    words, unit = split_unit(known.label)
    if known.values is None:
        return f"{name or words} = {index}"
    return f"{name or words} = {text_of(known.values[index])} {unit}".rstrip()


def split_unit(label: str) -> tuple[str, str]:
    """Return a label such as "level [hPa]" as its words and its unit."""
    found = _UNIT.fullmatch(label)
    return (found[1], found[2]) if found else (label, "")


def picture_axes(
    metadata: Metadata, channel_axis: int | None
) -> tuple[Coordinate | None, Coordinate | None]:
    """Return the coordinates of a picture's rows and columns: its axes without the channels'."""
    axes = list(metadata.coordinates)
    if axes and channel_axis is not None:
        del axes[channel_axis]
    return (axes[0], axes[1]) if len(axes) == 2 else (None, None)
