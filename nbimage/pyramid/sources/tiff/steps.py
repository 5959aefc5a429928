"""What microscopes' TIFFs say along the axes of depth, time and channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any
from xml.etree import ElementTree

import numpy as np

from nbimage.arrays.metadata import Coordinate, Window
from nbimage.pyramid.core.units import short_unit

Steps = dict[str, tuple[float, str]]
"""The step and its unit along "z" and "t"."""


def find_coordinates(
    file: Any, series: Any, axes: Sequence[tuple[str, int]], channels: int
) -> tuple[Coordinate | None, ...]:
    """Return the coordinates of a pyramid with these further axes; () where none is known."""
    found = find_lines(file, series, [name.lower() for name, _ in axes])
    return (*found, None, None, *[None] * (channels > 1)) if any(found) else ()


def find_lines(file: Any, series: Any, names: Sequence[str | None]) -> list[Coordinate | None]:
    """Return the coordinates of axes; None of those of which none are known."""
    steps = read_steps(file, series) if {"z", "t"}.intersection(names) else {}
    return [_line(name or "", steps.get(name or "")) for name in names]


def _line(name: str, step: tuple[float, str] | None) -> Coordinate | None:
    if step is None or not 0 < step[0] < math.inf or not step[1]:
        return None
    return Coordinate(None, f"{name} [{step[1]}]", regular=(0.0, float(step[0])))


def read_steps(file: Any, series: Any) -> Steps:
    """Return the steps along depth and time that a file tells."""
    readers: tuple[Callable[[Any, Any], Steps], ...] = (_of_ome, _of_imagej, _of_stk, _of_lsm)
    for read in readers:
        try:
            found = read(file, series)
        except Exception:  # what is said of an image must not keep it from being shown
            continue
        if found:
            return found
    return {}


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


def _of_ome(file: Any, series: Any) -> Steps:
    pixels = find_pixels(file, series)
    if pixels is None:
        return {}
    found: Steps = {}
    if pixels.get("PhysicalSizeZ"):
        unit = pixels.get("PhysicalSizeZUnit", "µm")
        found["z"] = float(pixels.get("PhysicalSizeZ")), short_unit(unit)
    if pixels.get("TimeIncrement"):
        unit = pixels.get("TimeIncrementUnit", "s")
        found["t"] = float(pixels.get("TimeIncrement")), short_unit(unit)
    return found


def _of_imagej(file: Any, series: Any) -> Steps:
    known = file.imagej_metadata if file.is_imagej else None
    if not known:
        return {}
    found: Steps = {}
    unit = short_unit(str(known.get("unit", "")).replace("\\u00B5", "µ"))
    if known.get("spacing") and unit:
        found["z"] = abs(float(known["spacing"])), unit
    if known.get("finterval"):
        found["t"] = float(known["finterval"]), short_unit(known.get("tunit", "sec"))
    return found


def _of_stk(file: Any, series: Any) -> Steps:
    known = file.stk_metadata if file.is_stk else None
    if not known:
        return {}
    depths = np.atleast_1d(np.asarray(known["ZDistance"], float))
    found: Steps = {}
    if depths.size and depths[0] > 0 and (depths == depths[0]).all():
        found["z"] = float(depths[0]), short_unit(_text(known.get("CalibrationUnits", "")))
    times = np.diff(np.atleast_1d(np.asarray(known["TimeCreated"], float)))
    if times.size and times[0] > 0 and (times == times[0]).all():
        found["t"] = float(times[0]) / 1000, "s"
    return found


def _of_lsm(file: Any, series: Any) -> Steps:
    known = file.lsm_metadata if file.is_lsm else None
    if not known:
        return {}
    found = {"z": (round(float(known["VoxelSizeZ"]) * 1e6, 9), "µm")}
    return found | {"t": (float(known["TimeIntervall"]), "s")}


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
