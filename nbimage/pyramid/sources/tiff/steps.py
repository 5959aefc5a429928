"""What microscopes' TIFFs say along the axes of depth, time and channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np

from nbimage.arrays.coordinates import is_ascending
from nbimage.arrays.metadata import Coordinate, Window
from nbimage.base.chunked import Array
from nbimage.pyramid.core.units import short_unit

_EVEN = 1e-6  # of a step, by which positions may be off it
_TYPES = {"i": np.int64, "u": np.uint64, "f": np.float64, "U": np.str_}
Known = dict[str, Coordinate]
"""The coordinates of axes by their names in small letters."""


def find_coordinates(
    file: Any, series: Any, axes: Sequence[tuple[str, int]], channels: int
) -> tuple[Coordinate | None, ...]:
    """Return the coordinates of a pyramid with these further axes; () where none is known."""
    found = find_lines(file, series, [name.lower() for name, _ in axes])
    return (*found, None, None, *[None] * (channels > 1)) if any(found) else ()


def find_lines(file: Any, series: Any, names: Sequence[str | None]) -> list[Coordinate | None]:
    """Return the coordinates of axes; None of those of which none are known."""
    known = read_axes(file, series) if names else {}
    return [known.get(name or "") for name in names]


def read_axes(file: Any, series: Any) -> Known:
    """Return the coordinates along axes that a file tells."""
    readers: tuple[Callable[[Any, Any], Known], ...] = (
        _of_ome,
        _of_imagej,
        _of_stk,
        _of_lsm,
        _of_json,
    )
    for read in readers:
        try:
            found = read(file, series)
        except Exception:  # what is said of an image must not keep it from being shown
            continue
        if found:
            return found
    return {}


def _along(**steps: tuple[float, str]) -> Known:
    """Return the coordinates of axes with these steps and units."""
    return {
        name: Coordinate(None, f"{name} [{unit}]" if unit else name, regular=(0.0, float(step)))
        for name, (step, unit) in steps.items()
        if 0 < step < math.inf
    }


def find_pixels(file: Any, series: Any) -> Any:
    """Return the element of OME-XML that describes the pixels of a series; None for none."""
    if not file.is_ome:
        return None
    root = ElementTree.fromstring(file.ome_metadata.encode())
    every = [e for e in root.iter() if _name(e) == "Image"]
    number = next((i for i, one in enumerate(file.series) if one is series), 0)
    named = [e for e in every if e.get("Name") and e.get("Name") == series.name]
    if len(named) == 1:
        every, number = named, 0
    elif number >= len(every):
        number = 0
    return next((e for e in every[number] if _name(e) == "Pixels"), None) if every else None


def _of_ome(file: Any, series: Any) -> Known:
    pixels = find_pixels(file, series)
    if pixels is None:
        return {}
    found: Known = {}
    for name, step, position, usual in (
        ("z", "PhysicalSizeZ", "PositionZ", "µm"),
        ("t", "TimeIncrement", "DeltaT", "s"),
    ):
        unit = short_unit(pixels.get(f"{step}Unit", usual))
        size = float(pixels.get(step, "0"))
        positions, own = _find_positions(pixels, name.upper(), position)
        if not 0 < size < math.inf:
            ordered = is_ascending(positions) or is_ascending(positions[::-1])
            if len(positions) > 1 and own and ordered:
                found[name] = Coordinate(positions, f"{name} [{own}]")
            continue
        found |= _along(**{name: (size, unit)})
        # microscopes note where they were: other than by steps it is no grid
        if len(positions) and own == unit:
            sign = 1.0 if len(positions) < 2 or positions[-1] > positions[0] else -1.0
            grid = positions[0] + sign * size * np.arange(len(positions))
            if np.abs(positions - grid).max() <= _EVEN * size:
                line = float(positions[0]), sign * size
                found[name] = replace(found[name], regular=line)
    return found


def _find_positions(pixels: Any, letter: str, name: str) -> tuple[Array, str]:
    """Return where planes are along an axis, and in which unit; empty, where not all are told."""
    others = {"TheC", "TheZ", "TheT"} - {f"The{letter}"}
    planes = [
        e
        for e in pixels
        if _name(e) == "Plane" and e.get(name) and all(e.get(one, "0") == "0" for one in others)
    ]
    stored = {int(e.get(f"The{letter}", "0")): e for e in planes}
    units = {e.get(f"{name}Unit", "s" if letter == "T" else "reference frame") for e in planes}
    if len(units) != 1 or len(stored) != int(pixels.get(f"Size{letter}", "1")):
        return np.empty(0), ""
    found = np.array([float(stored[number].get(name)) for number in sorted(stored)])
    return (found, short_unit(units.pop())) if np.isfinite(found).all() else (np.empty(0), "")


def _of_imagej(file: Any, series: Any) -> Known:
    known = file.imagej_metadata if file.is_imagej else None
    if not known:
        return {}
    unit = short_unit(str(known.get("unit", "")).replace("\\u00B5", "µ"))
    steps: dict[str, tuple[float, str]] = {}
    if known.get("spacing") and unit:
        steps["z"] = abs(float(known["spacing"])), unit
    if known.get("finterval"):
        steps["t"] = float(known["finterval"]), short_unit(known.get("tunit", "sec"))
    return _along(**steps)


def _of_stk(file: Any, series: Any) -> Known:
    known = file.stk_metadata if file.is_stk else None
    if not known:
        return {}
    depths = np.atleast_1d(np.asarray(known["ZDistance"], float))
    steps: dict[str, tuple[float, str]] = {}
    if depths.size and depths[0] > 0 and (depths == depths[0]).all():
        steps["z"] = float(depths[0]), short_unit(_text(known.get("CalibrationUnits", "")))
    times = np.diff(np.atleast_1d(np.asarray(known["TimeCreated"], float)))
    if times.size and times[0] > 0 and (times == times[0]).all():
        steps["t"] = float(times[0]) / 1000, "s"
    return _along(**steps)


def _of_lsm(file: Any, series: Any) -> Known:
    known = file.lsm_metadata if file.is_lsm else None
    if not known:
        return {}
    depth = round(float(known["VoxelSizeZ"]) * 1e6, 9)
    return _along(z=(depth, "µm"), t=(float(known["TimeIntervall"]), "s"))


def read_json(file: Any) -> dict[str, Any]:
    """Return what is told beside the shape of a stack of tifffile's."""
    found = file.shaped_metadata if file.is_shaped else None
    return dict(found[0]) if found else {}


def _of_json(file: Any, series: Any) -> Known:
    axes = read_json(file).get("coordinates")
    if not isinstance(axes, dict) or series is not file.series[0]:
        return {}
    return {str(name).lower(): _read_axis(known) for name, known in axes.items()}


def _read_axis(known: dict[str, Any]) -> Coordinate:
    label = str(known["label"])
    if "regular" in known:
        first, step = map(float, known["regular"])
        return Coordinate(None, label, regular=(first, step))
    if "values" not in known:
        return Coordinate(None, label)
    kind = str(known["dtype"])
    if kind[0] in "mM":
        return Coordinate(np.array(known["values"], np.int64).view(kind), label)
    return Coordinate(np.array(known["values"], _TYPES[kind]), label)


def read_imagej_channels(file: Any, channels: int) -> tuple[tuple[str, ...], tuple[Window, ...]]:
    """Return colors and windows of the channels of an ImageJ stack; () where it has none."""
    known = file.imagej_metadata if file.is_imagej else None
    if not known or channels < 2:
        return (), ()
    tables, ranges = known.get("LUTs") or (), known.get("Ranges") or ()
    colors = tuple("#" + bytes(np.asarray(t, np.uint8)[:3, -1]).hex() for t in tables)
    windows = tuple(zip(map(float, ranges[::2]), map(float, ranges[1::2]), strict=False))
    return (
        colors if len(colors) == channels else (),
        windows if len(windows) == channels and all(a != b for a, b in windows) else (),
    )


def _text(value: Any) -> str:
    """Return the text of MetaMorph, which may end with zeros."""
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip(
        "\0"
    )


def read_calibration(file: Any) -> tuple[float, float, str] | None:
    """Return height, width and unit of a pixel of MetaMorph's or Zeiss's; None without one."""
    if file.is_lsm:
        known = file.lsm_metadata
        high, wide = (round(float(known[f"VoxelSize{axis}"]) * 1e6, 9) for axis in "YX")
        return high, wide, "µm"
    known = file.stk_metadata if file.is_stk else None
    if not known or not known.get("SpatialCalibration"):
        return None
    high, wide = (_ratio(known[f"{axis}Calibration"]) for axis in "YX")
    return high, wide, _text(known.get("CalibrationUnits", ""))


def _ratio(value: Any) -> float:
    pair = isinstance(value, (tuple, list))
    return float(value[0]) / float(value[1]) if pair else float(value)


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
