"""What the page knows of the values of a grid's pictures, to say them below the pointer.

Small data go with the page as they are. Of larger ones each pixel tells between which values it
lies: exactly for integers that have a bin each, and for uint8 that are shown as they are.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array
from nbimage.figure.axes import ResolvedAxis
from nbimage.figure.page_coordinate import page_coordinate
from nbimage.grids.bin_edges import find_binning, find_edges
from nbimage.mapping.color_scale import ColorScale, format_value
from nbimage.mapping.colormap import label_index
from nbimage.mapping.limits import Extent
from nbimage.mapping.pixels import Pixels
from nbimage.mapping.value_scale import is_date

MOST_BYTES = 1 << 16
"""Of the samples of all pictures of a grid that go with its page."""
_MOST_LETTERS = 1 << 16  # of the coordinates of all pictures of a grid
_MOST_TEXTS = 2048  # samples that go with the page as text
_MOST_NAMES = 1000
_MOST_SCALES = 64  # of which the edges of bins are found, each in some milliseconds
_DEGREES = {"NS": "degrees_north", "EW": "degrees_east"}
_EXACT = 2**53  # up to which a page's numbers are whole
_KINDS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")


@dataclass(slots=True)
class Reading:
    """What is known of one picture, before it is written."""

    rows: int
    columns: int
    whole: bool = True
    """The page has every pixel of the data."""
    own: dict[str, Any] = field(default_factory=dict)
    """Samples, unit and names, as the page has them."""


def fits_page(arrays: Sequence[Values]) -> bool:
    """Whether the samples of all pictures go with the page."""
    return sum(values.array.size * values.array.dtype.itemsize for values in arrays) <= MOST_BYTES


def make_reading(
    picture: Any,
    values: Values,
    axis: int | None,
    whole: tuple[int, int] | None = None,
    *,
    samples: bool = False,
) -> Reading:
    """Return what can be said of a picture's values.

    ``whole``: rows and columns of a file of which only a smaller level was read. ``samples``: the
    data are small enough to go with the page.
    """
    rows, columns = (n for i, n in enumerate(values.shape) if i != axis)
    reading = Reading(*(whole or (rows, columns)), whole=whole is None)
    table = values.metadata.label_table
    names = {} if table is None else table.names
    if 0 < len(names) <= _MOST_NAMES:
        reading.own["names"] = {str(label): name for label, name in names.items()}
    if values.metadata.value_unit:
        reading.own["unit"] = values.metadata.value_unit
    if not reading.whole:
        return reading
    array: Array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    if axis is not None and values.shape[axis] > 4:
        return reading
    if samples:
        reading.own.update(_samples(values, array, axis))
    if picture.labels and picture.color_scale is None and not _has_samples(reading):
        reading.own["colors"] = _color_labels(picture, array, axis)
    return reading


def _has_samples(reading: Reading) -> bool:
    return "samples" in reading.own or "texts" in reading.own


def _samples(values: Values, array: Array, axis: int | None) -> dict[str, Any]:
    """Return samples as the page has them, in order of rows, columns, channels."""
    array = array if axis is None else np.moveaxis(array, axis, -1)
    mask = values.mask
    if mask is not None and axis is not None:
        mask = np.moveaxis(mask, axis, -1)
    if is_date(values.dtype) or array.dtype.kind == "c":
        return _texts(values.dtype, array, mask)
    if array.dtype.kind == "b":
        name, array = "bool", array.view(np.uint8)
    elif array.dtype.kind == "f" and array.dtype.itemsize <= 8:
        name = "float64" if array.dtype.itemsize == 8 else "float32"
        array = array.astype(name)
    elif array.dtype.name in _KINDS:
        name = array.dtype.name
    else:
        return {}
    if mask is not None and mask.any():
        if name == "bool" or (array.dtype.kind in "iu" and np.abs(array).max() >= _EXACT):
            return {}
        name = "float64" if array.dtype.kind in "iu" else name
        array = np.where(mask, np.nan, array).astype(name)
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {"samples": base64.b64encode(little.tobytes()).decode("ascii"), "dtype": name}


def _texts(dtype: str, array: Array, mask: Array | None) -> dict[str, Any]:
    if array.size > _MOST_TEXTS or array.ndim > 2:
        return {}
    if array.dtype.kind == "c":
        texts = ["no value" if np.isnan(z) else f"{z:.6g}" for z in array.ravel().tolist()]
    else:
        texts = [format_value(dtype, count) for count in array.ravel().tolist()]
    if mask is not None:
        hidden = mask.ravel().tolist()
        texts = ["no value" if h else t for h, t in zip(hidden, texts, strict=True)]
    return {"texts": texts}


def _color_labels(picture: Any, array: Array, axis: int | None) -> dict[str, str]:
    """Return the labels that there are by their colors, as eight hexadecimal digits."""
    palette = picture._stored.pixels.palette
    array = array if axis is None else array.squeeze(axis)
    low, high = (int(end) for end in (array.min(), array.max()))
    if high - low > max(1 << 16, array.size):
        found = np.unique(array)
    else:
        there = np.zeros(high - low + 1, bool)
        for line in array:
            there[line.astype(np.int64) - low] = True
        found = np.flatnonzero(there) + low
    if len(found) > _MOST_NAMES:
        return {}
    names: dict[str, list[str]] = {}
    indices = label_index(found, len(palette) - 1).tolist()
    for label, index in zip(found.tolist(), indices, strict=True):
        color = palette[index].tolist()
        names.setdefault(_hex(color), []).append(str(label))
    return {color: " or ".join(labels) for color, labels in names.items()}


def reading_of(picture: Any) -> Reading | None:
    """Return what can be said of a picture that was made before; None where that is nothing."""
    rows, columns = picture._stored.shape
    if picture._reductions and picture._stored.shown == (columns, rows):  # by a file's level
        return None
    return Reading(rows, columns)


def write_readings(
    pictures: Sequence[Any], readings: Sequence[Reading | None]
) -> tuple[list[str], str]:
    """Return what the page has of each picture, and as JSON what it refers to.

    That is a list of what colors stand for, and of the coordinates of axes.
    """
    scales: dict[str, int] = {}
    letters = 0
    texts: list[str] = []
    shown = [p for p, own in zip(pictures, readings, strict=True) if own is not None]
    joined: dict[Any, Extent] = {}  # what the pictures of one scale hold together
    for color_scale in [p.color_scale for p in shown if p.color_scale is not None]:
        key = _key_of(color_scale)
        joined[key] = joined.get(key, color_scale.known).join(color_scale.known)
    edges: dict[Any, list[list[float]] | None] = {}
    written: dict[Any, str] = {}  # by `_find_kind`
    for picture, reading in zip(pictures, readings, strict=True):
        if reading is None:
            texts.append("")
            continue
        own = {"columns": reading.columns, "rows": reading.rows, **reading.own}
        if picture.lower:
            own["lower"] = 1
        for name in ("x", "y") if reading.whole else ():
            text = _write_coordinates(getattr(picture._layout, name))
            if text and (text in scales or letters + len(text) <= _MOST_LETTERS):
                letters += 0 if text in scales else len(text)
                own[name] = scales.setdefault(text, len(scales))
        if reading.whole and not _has_samples(reading) and "colors" not in own:
            kind = _find_kind(picture)
            if kind is None or kind not in written:
                scale = _scale_of(picture, joined, edges)
                written[kind] = "" if scale is None else _dump(scale)
            if written[kind]:
                own["scale"] = scales.setdefault(written[kind], len(scales))
        texts.append(_dump(own))
    return texts, f"[{','.join(scales)}]" if scales else ""


def _write_coordinates(axis: ResolvedAxis) -> str:
    """Return the coordinates of an axis as JSON; "" of one without ticks or of pixel numbers."""
    if not axis.shown or axis.values is None:
        return ""
    found = page_coordinate(Coordinate(axis.values, axis.label))
    if found is None:
        return ""
    if axis.values.dtype.kind == "m":  # whose texts have a unit each
        found["unit"] = ""
    elif axis.degrees and not found["unit"]:
        found["unit"] = _DEGREES[axis.degrees]
    return _dump(found)


def _key_of(color_scale: ColorScale) -> tuple[Any, ...]:
    """Return what two scales have in common that map values to bins in the same way."""
    limits, called = color_scale.limits, color_scale.limits.called
    norm = (
        (id(called.function),) if called is not None else (limits.norm.name, limits.norm.parameter)
    )
    plain = limits.unchanged, limits.blank, limits.vsym, color_scale.channels, color_scale.dtype
    return (limits.vmin, limits.vmax, *norm, *plain)


def _find_kind(picture: Any) -> tuple[Any, ...] | None:
    """Return what pictures have in common whose pixels stand for the same; None where marked."""
    color_scale, stored = picture.color_scale, picture._stored
    if color_scale is None or color_scale.middle is not None or stored.pixels.marks:
        return None
    plain = color_scale.bilevel, color_scale.limits.blank, picture._blended
    whole = stored.shown == stored.shape[::-1]
    colors = color_scale.cmap, id(color_scale.palette), color_scale.under, color_scale.over
    return *_key_of(color_scale), *plain, whole, *colors


def _dump(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _scale_of(
    picture: Any, joined: dict[Any, Extent], found: dict[Any, list[list[float]] | None]
) -> dict[str, Any] | None:
    """Return what the colors of a picture's pixels stand for."""
    color_scale, pixels = picture.color_scale, picture._stored.pixels
    if color_scale is None or color_scale.middle is not None or color_scale.limits.blank:
        return None
    if picture._blended or picture._stored.shown != picture._stored.shape[::-1]:
        return None
    key = _key_of(color_scale)
    color_scale = color_scale._replace(known=joined[key])
    scale: dict[str, Any] = {"channels": color_scale.channels}
    if color_scale.channels == 1 and color_scale.palette is not None:
        palette = color_scale.palette.copy()
        palette[palette[:, 3] == 0] = 0
        scale["palette"] = palette.tobytes().hex()
    texts = _bin_texts(color_scale)
    if key not in found:
        limits = color_scale.limits
        even = limits.unchanged or (limits.called is None and limits.norm.linear)
        found[key] = find_edges(color_scale) if even or len(found) < _MOST_SCALES else None
    edges = [] if texts else found[key]
    if edges is None:
        return None
    scale["edges"] = edges
    if texts:
        scale["texts"] = texts
    if color_scale.dtype.startswith(("int", "uint")) and all(
        abs(end) < _EXACT for ends in edges for end in ends
    ):
        scale["whole"] = 1
    for name, beyond in zip(("below", "above"), _find_beyond(color_scale), strict=True):
        if beyond:
            scale[name] = 1
    scale["covers"] = _covers(color_scale, pixels)
    return scale


def _covers(color_scale: ColorScale, pixels: Pixels) -> list[list[str]]:
    """Return the colors that stand for no bin, with what they stand for."""
    limits, dtype = color_scale.limits, color_scale.dtype
    clear = "transparent" if color_scale.channels in (2, 4) else "no value"
    covers = [["00000000", clear]]
    low, high = limits.vmin[0], limits.vmax[0]
    integers = np.iinfo(dtype) if dtype.startswith(("int", "uint")) else None
    plain = len(limits.vmin) == 1 and limits.called is None and low <= high
    for color in dict.fromkeys(tuple(color) for _, color in pixels.marks):
        texts = []
        if color == color_scale.under:
            end = low if integers is None else max(low, int(integers.min))
            texts.append(f"≤ {format_value(dtype, end)}" if plain else "beyond the limits")
        if color == color_scale.over:
            end = high if integers is None else min(high, int(integers.max))
            texts.append(f"≥ {format_value(dtype, end)}" if plain else "beyond the limits")
        if texts and pixels.mask is None and not color_scale.known.finite:
            texts.append("no value")  # which may have the same color
        for text in dict.fromkeys(texts or ["no value"]):
            covers.append([_hex(color), text])
    return covers


def _hex(color: Sequence[int]) -> str:
    return "00000000" if not color[3] else "".join(f"{part:02x}" for part in color)


def _bin_texts(color_scale: ColorScale) -> list[str] | None:
    """Return what bins stand for where that is no range of numbers; None else."""
    limits, dtype = color_scale.limits, color_scale.dtype
    if color_scale.bilevel:
        return ["False"] * 128 + ["True"] * 128
    if dtype == "bool" and color_scale.channels == 1:
        off, on = find_binning(limits)(np.array([0.0, 1.0])).tolist()
        named = {off: "False", on: "True"} if off != on else {off: "False or True"}
        return [named.get(number, "") for number in range(256)]
    low, high = limits.vmin[0], limits.vmax[0]
    if limits.called is None and low == high and not limits.unchanged:
        if len(limits.vmin) > 1:
            return None
        value = format_value(dtype, low)
        known = color_scale.known
        if known.finite and known.low == known.high == low:
            return [value] * 256
        return [f"≤ {value}"] * 128 + [value] + [f"> {value}"] * 127
    if not is_date(dtype):
        return None
    edges = find_edges(color_scale)
    if edges is None:
        return None
    own = edges[0]
    if len(own) == 2:
        own = np.linspace(own[0], own[1], 257).tolist()
    below, above = _find_beyond(color_scale)
    texts = []
    for number in range(256):
        first, last = sorted(own[number : number + 2])
        ends = [format_value(dtype, round(end)) for end in (first, last)]
        text = ends[0] if ends[0] == ends[1] else " to ".join(ends)
        if (number == 0 and below) or (number == 255 and above):
            text += " or beyond"
        texts.append(text)
    return texts


def _find_beyond(color_scale: ColorScale) -> tuple[bool, bool]:
    """Return whether the lowest bin holds values beyond the limits, and whether the highest one."""
    limits, known = color_scale.limits, color_scale.known
    if limits.unchanged:
        return False, False
    if limits.called is not None:
        return not known.finite, not known.finite
    if known.low is None or known.high is None or not known.finite:
        beyond = True, True
    else:
        low, high = min(limits.vmin), max(limits.vmax)
        if len(limits.vmin) == 1 and low > high:
            beyond = known.high > low, known.low < high
        else:
            low, high = max(limits.vmin), min(limits.vmax)
            beyond = known.low < low, known.high > high
    return beyond[0] and color_scale.under is None, beyond[1] and color_scale.over is None
