"""What a caller says of an image that is written: the size of its pixels, its channels.

And what is known along each axis, as formats have it: a first one, a step and a unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_names import CHANNEL_NAMES, SAMPLE_NAMES
from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.base.scalars import number_or_nan
from nbimage.mapping.colormap import as_color
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source, WrappedSource
from nbimage.pyramid.core.units import short_unit

AXIS_LETTERS = {
    **dict.fromkeys(CHANNEL_NAMES | SAMPLE_NAMES, "c"),
    **dict.fromkeys(("t", "time", "frame", "frames"), "t"),
    **dict.fromkeys(("z", "depth", "slice", "slices"), "z"),
}
"""The letters that OME's formats have for axes beside rows and columns."""
_SIZES = "a number, (height, width), (depth, height, width) or a dict by axis"


@dataclass(frozen=True, slots=True)
class Description:
    """What a caller says of an image; empty where it says nothing."""

    sizes: Mapping[str, float]
    """Of a pixel along "t", "z", "y" and "x"."""
    units: Mapping[str, str]
    names: tuple[str, ...]
    colors: tuple[str, ...]
    """Of channels, as ``#rrggbb``."""

    @classmethod
    def of(
        cls, pixel_size: Any = None, unit: Any = None, names: Any = None, colors: Any = None
    ) -> Description:
        """Return what parameters mean. Raises TypeError and ValueError."""
        sizes = _read_sizes(pixel_size)
        if unit is not None and not sizes:
            raise ValueError(f"pixel_size must be given where unit is, but got only {unit!r}")
        return cls(
            sizes,
            _read_units(unit, sizes),
            _read_names(names),
            tuple(_as_hex(color) for color in _listed("colors", colors)),
        )

    def apply(self, pyramid: Pyramid) -> Pyramid:
        """Return a pyramid of which this is known: itself, where nothing was said.

        Raises ValueError for what it does not have.
        """
        if not (self.sizes or self.names or self.colors):
            return pyramid
        return Pyramid(DescribedSource(pyramid.source, self))


def read_sizes(pixel_size: Any, unit: Any) -> tuple[tuple[float, float] | None, str]:
    """Return height, width and unit of the pixels of one picture; None where nothing is said."""
    found = Description.of(pixel_size, unit)
    if not found.sizes:
        return None, ""
    if set(found.sizes) != {"y", "x"}:
        raise ValueError(f"pixel_size must be of rows and columns, but got {pixel_size!r}")
    return (found.sizes["y"], found.sizes["x"]), found.units["y"]


class DescribedSource(WrappedSource):
    """Another source, of which a caller says more than it does itself."""

    def __init__(self, inner: Source, description: Description) -> None:
        known: dict[str, Any] = {}
        count = _count_channels(inner)
        for name, given in (
            ("channel_names", description.names),
            ("channel_colors", description.colors),
        ):
            if not given:
                continue
            if len(given) != count:
                parameter = name if name == "channel_names" else "colors"
                raise ValueError(
                    f"{parameter} must be one for each of {count} channels, but got {len(given)}"
                )
            known[name] = given
        if description.sizes:
            known |= _with_sizes(inner, description)
        super().__init__(inner, **known)


def _with_sizes(source: Source, description: Description) -> dict[str, Any]:
    """Return what is other in a source whose pixels are so large."""
    count = len(source.axes)
    letters = [AXIS_LETTERS.get(name.lower(), "") for name, _ in source.axes]
    for axis in description.sizes:
        if axis not in (*letters, "y", "x"):
            has = ", ".join(repr(letter) for letter in (*filter(None, letters), "y", "x"))
            raise ValueError(f"pixel_size must be of axes that are there, {has}, but got {axis!r}")
    known = list(source.metadata.coordinates) or [None] * (count + 2 + (source.channels > 1))
    for number, letter in enumerate(letters):
        if letter in description.sizes and letter != "c":
            own = known[number]
            line = None if own is None else own.line
            label = f"{source.axes[number][0]} [{description.units[letter]}]"
            step = description.sizes[letter]
            known[number] = Coordinate(None, label, regular=(line[0] if line else 0.0, step))
    changed: dict[str, Any] = {}
    metadata = source.metadata
    if "y" in description.sizes:
        changed["pixel_size"] = description.sizes["y"], description.sizes["x"]
        changed["unit"] = description.units["y"]
        rows = known[count]
        # what was known of positions has other steps; which row is at the top stays
        known[count] = replace(rows, values=None, regular=None) if rows and rows.upward else None
        known[count + 1] = None
        metadata = replace(metadata, georeference=None)
    return {**changed, "metadata": replace(metadata, coordinates=tuple(known))}


def _count_channels(source: Source) -> int:
    """Return how many channels a picture has, or there are along an axis."""
    if source.channels > 1:
        return source.channels
    found = [n for name, n in source.axes if AXIS_LETTERS.get(name.lower()) == "c"]
    return found[0] if found else 1


def _read_sizes(given: Any) -> dict[str, float]:
    if given is None:
        return {}
    if isinstance(given, Mapping):
        sizes = dict(given)
    elif isinstance(given, (str, bytes)):
        raise TypeError(f"pixel_size must be {_SIZES}, but got {given!r}")
    elif np.ndim(given) == 0:
        sizes = {"y": given, "x": given}
    else:
        parts = list(given)
        if len(parts) not in (2, 3):
            raise ValueError(f"pixel_size must be {_SIZES}, but got {given!r}")
        sizes = dict(zip("zyx"[-len(parts) :], parts, strict=True))
    if not sizes or not set(sizes) <= set("tzyx") or ("y" in sizes) != ("x" in sizes):
        raise ValueError(
            f"pixel_size must be of axes t, z, y and x, the last two together, but got {given!r}"
        )
    for size in sizes.values():
        number = math.nan if isinstance(size, (bool, np.bool_)) else number_or_nan(size)
        if not 1e-200 <= number <= 1e200:
            raise ValueError(f"pixel_size must be from 1e-200 to 1e200, but got {size!r}")
    return {axis: float(size) for axis, size in sizes.items()}


def _read_units(given: Any, sizes: Mapping[str, float]) -> dict[str, str]:
    """Return the unit of each axis; one of several axes is of all but time, which has seconds."""
    if isinstance(given, Mapping):
        units = dict(given)
        if not set(units) <= set(sizes) or units.get("y") != units.get("x"):
            raise ValueError(
                "unit must be of the axes of pixel_size, the same of y and x, but got "
                f"{given!r} for {list(sizes)}"
            )
    else:
        units = {axis: given for axis in sizes if axis != "t"}
    if not all(unit is None or isinstance(unit, str) for unit in units.values()):
        raise TypeError(f"unit must be text, or a dict of it by axis, but got {given!r}")
    return {axis: short_unit(units.get(axis, "s" if axis == "t" else "")) for axis in sizes}


def _read_names(given: Any) -> tuple[str, ...]:
    names = _listed("channel_names", given)
    if not all(isinstance(name, str) for name in names):
        raise TypeError(f"channel_names must be text, but got {given!r:.100}")
    return tuple(str(name) for name in names)


def _listed(name: str, given: Any) -> list[Any]:
    if given is None:
        return []
    if isinstance(given, (str, bytes)) or not isinstance(given, (Sequence, np.ndarray)):
        raise TypeError(f"{name} must be a list, one for each channel, but got {given!r:.100}")
    found = list(given)
    if not found:
        raise ValueError(f"{name} must be one for each channel, but got none")
    return found


def _as_hex(color: Any) -> str:
    red, green, blue, alpha = as_color("colors", color)
    if alpha != 255:
        raise ValueError(f"colors must be opaque, but got {color!r}")
    return f"#{red:02x}{green:02x}{blue:02x}"


# Along an axis


def find_line_of(known: Coordinate | None) -> tuple[tuple[float, float] | None, str]:
    """Return the first one, the step and the unit of coordinates; None of irregular ones."""
    numbers, unit = find_numbers(known)
    if numbers is None:
        return (None if known is None else known.line), unit
    return Coordinate(numbers).line, unit


def find_numbers(known: Coordinate | None) -> tuple[Array | None, str]:
    """Return listed coordinates as numbers, dates as seconds since the first, and their unit.

    None where they are not listed or are names.
    """
    if known is None:
        return None, ""
    values, unit = known.values, short_unit(known.unit)
    if values is None or values.dtype.kind not in "iufmM":
        return None, unit
    if values.dtype.kind in "mM":
        since = values - values[0] if values.dtype.kind == "M" else values
        return since / np.timedelta64(1, "s"), "s"
    return values, unit
