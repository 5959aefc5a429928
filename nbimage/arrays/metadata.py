"""What labelled data say of themselves: coordinates, names, units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.chunked import Array

Window = tuple[float, float]
"""The values that are black and white at first, as a file says of a channel."""
Transform = tuple[float, float, float, float, float, float]
"""From column and row, counted from the upper left corner, to x and y, as a GeoTIFF's or GDAL's:
``x = a * column + b * row + c``, ``y = d * column + e * row + f``."""
_NAMES = ("name", "label name", "class name", "class", "label", "cell type", "type")
"""Properties that say what a label is called, the first one that there is."""
_UNIT = r"(.*?) ?\[([^\[\]]*)\]"


@dataclass(frozen=True, slots=True)
class Coordinate:
    """The coordinates along one axis, and what they are called."""

    values: Array | None
    """One a pixel: strictly monotonic numbers, datetime64 or timedelta64, or names; None if
    the axis has none, or regular ones."""
    label: str = ""
    """Such as "latitude [degrees_north]"."""
    upward: bool = False
    """The axis points up by convention and increases: its first row belongs at the bottom."""
    regular: tuple[float, float] | None = None
    """The first one and the step, where they are not listed: of an image of any size."""

    @property
    def unit(self) -> str:
        """The unit; "" for none."""
        return split_unit(self.label)[1]

    @property
    def line(self) -> tuple[float, float] | None:
        """The first one and the step of regular numbers; None of others."""
        if self.values is None or self.regular is not None:
            return self.regular
        from nbimage.arrays.coordinates import find_line  # for those who have such data

        return find_line(self.values)

    def listed(self, count: int) -> Array | None:
        """Return one a pixel, of regular ones too; None where the axis has none."""
        if self.values is not None or self.regular is None:
            return self.values
        import numpy as np

        first, step = self.regular
        return first + step * np.arange(count, dtype=np.float64)

    def reduced(self, factor: int) -> Coordinate:
        """Return the coordinates of pixels that are so many each."""
        if factor == 1 or (self.values is None and self.regular is None):
            return self
        line = self.line
        if line is not None:
            line = line[0] + line[1] * (factor - 1) / 2, line[1] * factor
            return Coordinate(None, self.label, self.upward, line)
        from nbimage.arrays.coordinates import reduce_values  # for those who have such data

        values = None if self.values is None else reduce_values(self.values, factor)
        return Coordinate(values, self.label, self.upward)

    def reversed(self, count: int) -> Coordinate:
        """Return those of so many pixels from the last one to the first, which is on top then."""
        values = None if self.values is None else self.values[::-1]
        regular = self.regular
        if regular is not None:
            regular = regular[0] + regular[1] * (count - 1), -regular[1]
        return Coordinate(values, self.label, False, regular)


class FullScale(NamedTuple):
    """In the place of a window: no limits, but the values that fewer bits than the dtype's hold."""

    low: float
    high: float


class DescribedChannels(NamedTuple):
    """Channels to be laid over one another, as far as a file describes them."""

    axis: int
    names: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    """As ``#rrggbb``."""

    def without(self, axis: int) -> DescribedChannels | None:
        """Return the same of an array that has one axis less; None where it was theirs."""
        if axis == self.axis:
            return None
        return self._replace(axis=self.axis - (self.axis > axis))


@dataclass(frozen=True, slots=True)
class GeoReference:
    """The coordinate reference system of an image."""

    crs: str = ""
    """Such as "EPSG:32633", or what the file calls it; "" where it does not say."""
    keys: tuple[tuple[int, ...], tuple[float, ...], str] | None = None
    """GeoTIFF's keys, with the numbers and the text that they refer to."""
    rotated: Transform | None = None
    """That of an image whose rows and columns do not lie along x and y."""
    text: str = ""
    """The system as well-known text, where that is known."""


class LabelTable(NamedTuple):
    """What a file says of single labels."""

    colors: Mapping[int, tuple[int, int, int, int]]
    """Red, green, blue and alpha of a label, 0 to 255."""
    properties: Mapping[int, Mapping[str, Any]]
    """Anything else, by name."""

    @classmethod
    def of_names(cls, names: Mapping[int, str]) -> LabelTable | None:
        """Return the table of labels of which nothing but names is known; None of no labels."""
        return cls({}, {label: {"name": name} for label, name in names.items()}) if names else None

    @property
    def names(self) -> dict[int, str]:
        """What labels are called, of those whose properties say it."""
        found = {}
        for label, own in self.properties.items():
            texts = {str(key).lower().replace("_", " "): text for key, text in own.items()}
            known = [texts[key] for key in _NAMES if isinstance(texts.get(key), str)]
            if known:
                found[label] = " ".join(known[0].split())
        return found


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a labelled array says of itself."""

    label: str = ""
    """Of the values, with units: for the colorbar."""
    title: str = ""
    """The scalar coordinates, such as "time = 2013-01-01, level = 500 hPa"."""
    coordinates: tuple[Coordinate | None, ...] = ()
    """One an axis, in the array's order; of a pyramid further axes, rows, columns, channels."""
    dtype: str = ""
    """What came in, where samples are other numbers: "datetime64[D]" is counted in int64."""
    windows: tuple[Window | None, ...] = ()
    """One a channel: of a picture, or along a pyramid's axis "c"."""
    hidden: tuple[int, ...] = ()
    """The numbers of channels that a file does not show at first."""
    first: tuple[tuple[str, int], ...] = ()
    """The names of axes and the indices along them that a file shows first."""
    note: str = ""
    """What was done to the values, for the description: "colors converted from ... to sRGB"."""
    quantity: str = ""
    """The unit of values that are quantities and have no label."""
    labels: bool = False
    """The values are numbers of classes or objects, between which there is no mean."""
    pixel: tuple[float, str] | None = None
    """The width of a pixel and its unit, of a file's picture whose columns have no coordinates."""
    indexed: bool = False
    """The values are colors of a palette, which may be those of labels."""
    georeference: GeoReference | None = None
    """The coordinate reference system of rows and columns, where a file has one."""
    sky: str = ""
    """Cards of a FITS header that say where on the sky the last two axes, rows and columns, are."""
    missing_value: int | None = None
    """The integer that alone stands for missing values in what is stored."""
    label_images: tuple[str, ...] = ()
    """Paths of label images within the image's own, such as "labels/cells"."""
    label_table: LabelTable | None = None
    """Colors and properties of labels."""

    @property
    def name(self) -> str:
        """What the values are called."""
        return split_unit(self.label)[0]

    @property
    def unit(self) -> str:
        """The values' unit; "" for none."""
        return split_unit(self.label)[1]

    @property
    def value_unit(self) -> str:
        """The unit in the label, or that of a quantity; "" for none."""
        return self.unit or self.quantity

    def along(self, axis: int) -> Coordinate | None:
        """Return the coordinate of an axis; None where nothing is known of it."""
        return self.coordinates[axis] if self.coordinates else None

    def transposed(self, axes: Sequence[int]) -> Metadata:
        """Return the same of the array with these of its axes, in this order."""
        if not self.coordinates:
            return self
        return replace(self, coordinates=tuple(self.coordinates[axis] for axis in axes))


UNLABELLED = Metadata()


def label_channels(metadata: Metadata, axis: int) -> tuple[str, ...]:
    """Return what the channels along an axis are called; () where nothing says it."""
    known = metadata.along(axis)
    if known is None or known.values is None or np.asarray(known.values).dtype.kind not in "UO":
        return ()
    return tuple(map(str, known.values))


def position_text(name: str | None, known: Coordinate | None, index: int) -> str:
    """Return what one position along an axis is called: "time = 2013-01-01", "level = 500 hPa"."""
    if known is None:
        return f"{name} = {index}"
    from nbimage.arrays.coordinates import text_of  # for those who have such data

    words, unit = split_unit(known.label)
    if known.values is None:
        return f"{name or words} = {index}"
    return f"{name or words} = {text_of(known.values[index])} {unit}".rstrip()


def list_positions(known: Coordinate | None, count: int) -> tuple[str, ...]:
    """Return what each of so many positions along an axis is called: "2013-01-01", "500 hPa".

    () where nothing is known but numbers of no unit that nobody has listed.
    """
    if known is None or (known.values is None and not known.unit):
        return ()
    values = known.listed(count)
    if values is None or len(values) != count:
        return ()
    from nbimage.arrays.coordinates import text_of  # for those who have such data

    texts = [f"{text_of(value)} {known.unit}".rstrip() for value in values]
    if values.dtype.kind == "M":
        texts = [text_of(value) for value in values]
        if any(" " in text for text in texts):  # midnights too, where there are other hours
            texts = [text if " " in text else f"{text} 00:00" for text in texts]
    elif values.dtype.kind in "mU":
        texts = [text_of(value) for value in values]
    return tuple(texts)


def with_dropped(metadata: Metadata, names: Any, dropped: Sequence[int]) -> Metadata:
    """Return metadata of which the title tells where the axes are that are dropped."""
    texts = [metadata.title]
    for axis in dropped:
        known = metadata.along(axis)
        if known is not None and known.values is not None:
            texts.append(position_text(names[axis] if names else None, known, 0))
    return replace(metadata, title=", ".join(filter(None, texts)))


def split_unit(label: str) -> tuple[str, str]:
    """Return a label such as "level [hPa]" as its words and its unit."""
    found = re.fullmatch(_UNIT, label)
    return (found[1], found[2]) if found else (label, "")


def picture_axes(
    metadata: Metadata, channel_axis: int | None
) -> tuple[Coordinate | None, Coordinate | None]:
    """Return the coordinates of a picture's rows and columns: its axes without the channels'."""
    axes = list(metadata.coordinates)
    if axes and channel_axis is not None:
        del axes[channel_axis]
    return (axes[0], axes[1]) if len(axes) == 2 else (None, None)
