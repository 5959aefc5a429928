"""What labelled data say of themselves: coordinates, names, units."""

from __future__ import annotations

from dataclasses import dataclass

from nbimage.base.chunked import Array


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


def picture_axes(
    metadata: Metadata, channel_axis: int | None
) -> tuple[Coordinate | None, Coordinate | None]:
    """Return the coordinates of a picture's rows and columns: its axes without the channels'."""
    axes = list(metadata.coordinates)
    if axes and channel_axis is not None:
        del axes[channel_axis]
    return (axes[0], axes[1]) if len(axes) == 2 else (None, None)
