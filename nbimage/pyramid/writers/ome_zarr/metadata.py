"""The metadata of OME-Zarr: an image's axes, its levels, and how its channels are shown.

Source: OME-NGFF 0.4 to 0.6, https://ngff.openmicroscopy.org.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from nbimage.arrays.metadata import FullScale
from nbimage.base.chunked import Array
from nbimage.mapping.limits import Extent, extent
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.units import LENGTHS, TIMES
from nbimage.pyramid.writers.described import find_line_of
from nbimage.pyramid.writers.planes import find_axis_letters

_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_UNITS = {
    "Å": "angstrom",
    "nm": "nanometer",
    "µm": "micrometer",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "km": "kilometer",
    "in": "inch",
    "ft": "foot",
    "yd": "yard",
    "mi": "mile",
    "ns": "nanosecond",
    "µs": "microsecond",
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
}
_TIMES_AND_LENGTHS = {"z": LENGTHS, "t": TIMES}
_SYSTEM = "physical"  # the coordinate system of the levels since 0.6
_RGB = ("#ff0000", "#00ff00", "#0000ff", "#ffffff")
_OTHERS = ("#00ffff", "#ff00ff", "#ffff00", "#00ff00", "#ff0000", "#0000ff")  # not as colors


def has_colors(pyramid: Pyramid) -> bool:
    """Say whether the channels are red, green and blue, maybe with alpha."""
    return pyramid.channels in (3, 4)


def make_image_metadata(
    pyramid: Pyramid, order: list[str], count: int, version: str, name: str
) -> dict[str, Any]:
    """Return what the specification asks for: axes, and the levels with their pixels' sizes."""
    high, wide = pyramid.pixel_size or (1.0, 1.0)
    unit = _UNITS.get(pyramid.unit, pyramid.unit) if pyramid.pixel_size else ""
    units, sizes = {"y": unit, "x": unit}, {"y": high, "x": wide}
    firsts: dict[str, float] = {}
    for number, letter in enumerate(find_axis_letters(pyramid, "OME-Zarr image")):
        line, own = find_line_of(pyramid.metadata.along(number))
        if letter in ("z", "t") and line is not None and own in ("", *_TIMES_AND_LENGTHS[letter]):
            sizes[letter], units[letter] = abs(line[1]), _UNITS.get(own, own)
            firsts[letter] = line[0] if line[1] > 0 else 0.0
    sides = [find_line_of(pyramid.metadata.along(len(pyramid.axes) + side))[0] for side in (0, 1)]
    known = [side for side in sides if side is not None and side[1] > 0]
    if len(known) == 2 and pyramid.pixel_size:  # of northings that decrease there is no place
        firsts |= {"y": known[0][0], "x": known[1][0]}
    axes = []
    for letter in order:
        axis = {"name": letter, "type": _TYPES[letter]}
        axes.append({**axis, "unit": units[letter]} if units.get(letter) else axis)
    datasets = []
    for level in range(count):
        # exactly twice as much a level, whatever was rounded up at the end, and the middle of
        # the first pixel is that of the pixels which it is made of
        factor = 1 << level
        scale = [
            float(sizes.get(letter, 1.0) * (factor if letter in "yx" else 1)) for letter in order
        ]
        translation = [
            firsts.get(letter, 0.0) + (sizes[letter] * (factor - 1) / 2 if letter in "yx" else 0.0)
            for letter in order
        ]
        transforms: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
        if any(translation):
            transforms.append({"type": "translation", "translation": translation})
        if version == "0.6":
            transforms = [_to_system(transforms, str(level))]
        datasets.append({"path": str(level), "coordinateTransformations": transforms})
    how = "nearest" if pyramid.labels else "mean"
    named: dict[str, Any] = {"axes": axes}
    if version == "0.6":
        named = {"coordinateSystems": [{"name": _SYSTEM, "axes": axes}]}
    image: dict[str, Any] = {"name": name, "type": how, **named, "datasets": datasets}
    if version == "0.4":
        image["version"] = "0.4"
    if not pyramid.labels or pyramid.dtype.kind not in "iu":
        return {"multiscales": [image]}
    return {"multiscales": [image], "image-label": _image_label(pyramid, version)}


def _image_label(pyramid: Pyramid, version: str) -> dict[str, Any]:
    """Return what ``image-label`` says of labels: their colors and properties."""
    table, about = pyramid.metadata.label_table, {"version": version}
    if table is None:
        return about
    colors = [{"label-value": k, "rgba": list(rgba)} for k, rgba in table.colors.items()]
    properties = [{"label-value": k, **own} for k, own in table.properties.items()]
    known = {"colors": colors, "properties": properties}
    return about | {key: found for key, found in known.items() if found}


def _to_system(steps: list[dict[str, Any]], path: str) -> dict[str, Any]:
    """Return the steps of a level as one transform to the coordinate system."""
    one = steps[0] if len(steps) == 1 else {"type": "sequence", "transformations": steps}
    return {**one, "input": {"path": path}, "output": {"name": _SYSTEM}}


class ChannelRanges:
    """The ranges of the channels, found while they are read."""

    def __init__(self, pyramid: Pyramid, letters: tuple[str, ...]) -> None:
        self._axis = letters.index("c") if "c" in letters else None
        self._wanted = not (has_colors(pyramid) and pyramid.dtype == np.uint8) and (
            self._axis is not None
            or pyramid.channels > 1
            or bool(pyramid.channel_names)
            or bool(pyramid.channel_colors)
        )
        self._lock = threading.Lock()
        self._extents: dict[int, Extent] = {}

    def add(self, index: Index, samples: Array) -> None:
        """Take the samples of a box of a plane."""
        self.join(self.find_in(index, samples))

    def find_in(self, index: Index, samples: Array) -> dict[int, Extent]:
        """Return the ranges of the channels in a box of a plane; nothing where none is wanted."""
        if not self._wanted:
            return {}
        first = 0 if self._axis is None else index[self._axis]
        one = samples.ndim == 2
        channels = [samples] if one else [samples[:, :, i] for i in range(samples.shape[2])]
        return {channel: extent(values) for channel, values in enumerate(channels, first)}

    def join(self, found: dict[int, Extent]) -> None:
        """Take ranges that were found elsewhere."""
        with self._lock:
            for channel, one in found.items():
                self._extents[channel] = self._extents.get(channel, Extent()).join(one)

    def __getstate__(self) -> dict[str, Any]:
        return {"_axis": self._axis, "_wanted": self._wanted}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ |= state
        self._lock, self._extents = threading.Lock(), {}

    def find(self, count: int) -> list[Extent]:
        """Return the range of each channel."""
        return [self._extents.get(channel, Extent()) for channel in range(count)]


def make_channels(pyramid: Pyramid, extents: list[Extent]) -> list[dict[str, Any]]:
    """Return how each channel is shown."""
    count = len(extents)
    names, colors = pyramid.channel_names, pyramid.channel_colors
    windows = pyramid.metadata.windows
    if len(colors) != count:
        if has_colors(pyramid):
            colors = _RGB[:count]
        else:
            colors = ("#ffffff",) if count == 1 else tuple(_OTHERS[i % 6] for i in range(count))
    channels = []
    for i, found in enumerate(extents):
        channel: dict[str, Any] = {"active": True, "color": colors[i].lstrip("#").upper()}
        if len(names) == count:
            channel["label"] = names[i]
        elif count == 4 and has_colors(pyramid):  # four channels are four stains otherwise
            channel["label"] = ("red", "green", "blue", "alpha")[i]
        window = _make_window(found, pyramid.dtype)
        given = windows[i] if len(windows) == count else None
        if given is not None and not isinstance(given, FullScale):
            window |= {"start": min(given), "end": max(given)}
            channel |= {"inverted": True} if given[0] > given[1] else {}
        channels.append({**channel, "window": window})
    return channels


def _make_window(found: Extent, dtype: np.dtype[Any]) -> dict[str, float]:
    """Return the range that samples may have, and that which they have."""
    low, high = (0.0, 1.0) if found.low is None or found.high is None else (found.low, found.high)
    least, most = low, high
    if dtype.kind in "iu":
        least, most = int(np.iinfo(dtype).min), int(np.iinfo(dtype).max)
        if found.low is None:
            low, high = least, most
    elif dtype.kind == "b":
        least, most = 0, 1
    window = {"min": least, "max": most, "start": low, "end": high}
    return {key: int(n) if dtype.kind in "biu" else float(n) for key, n in window.items()}
