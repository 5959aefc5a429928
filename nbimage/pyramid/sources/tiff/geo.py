"""GeoTIFF: where an image lies, and what GDAL says of its bands.

https://docs.ogc.org/is/19-008r4/19-008r4.html and https://gdal.org/drivers/raster/gtiff.html.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from nbimage.arrays.metadata import Coordinate, GeoReference, Metadata, Transform
from nbimage.base.chunked import Array
from nbimage.pyramid.sources.array import pixel_size_of
from nbimage.pyramid.sources.beside import (
    Pam,
    make_keys,
    parse_system,
    read_number,
    read_pam,
    read_system,
)
from nbimage.pyramid.sources.tiff.categories import read_categories
from nbimage.pyramid.sources.world_file import (
    describe_rotation,
    find_world_file,
    make_coordinates,
    read_world_file,
)

_SCALE, _TIEPOINT, _MATRIX = 33550, 33922, 34264
_KEYS, _DOUBLES, _TEXTS = 34735, 34736, 34737
_XML = 42112  # GDAL_METADATA
_MODEL, _RASTER, _CITATION = 1024, 1025, 1026
_GEOGRAPHIC, _GEOGRAPHIC_CITATION, _ANGULAR = 2048, 2049, 2054
_PROJECTED, _PROJECTED_CITATION, _LINEAR = 3072, 3073, 3076
_IS_POINT = 2
_OWN_CRS = 32767  # "user-defined"
_LINEAR_UNITS = {9001: "m", 9002: "ft", 9003: "ftUS", 9036: "km"}
_DEGREE = 9102
_METRIC = (  # projected systems of EPSG's in meters, of files that do not say in what they are
    *(range(zone + 1, zone + 61) for zone in (32200, 32300, 32600, 32700)),
    range(25828, 25839),
    range(26701, 26723),
    range(26901, 26924),
    range(31466, 31470),
    *(range(code, code + 1) for code in (2056, 2154, 2180, 3006, 3031, 3034, 3035, 3067, 3395)),
    *(range(code, code + 1) for code in (3413, 3857, 3976, 3995, 5070, 5514, 6931, 6932, 6933)),
    *(range(code, code + 1) for code in (21781, 27700, 28992, 31370)),
)


@dataclass(frozen=True, slots=True)
class Bands:
    """What GDAL says of each sample of a pixel; "" and 1, 0 where it says nothing."""

    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    scales: tuple[tuple[float, float], ...] = ()
    """Factor and offset of packed values; () where all are as they are."""
    thematic: bool = False
    """Values are numbers of classes."""

    def find_label(self, samples: Sequence[int]) -> str:
        """Return a label of the values of these samples, with their unit if they have one."""
        units = {self.units[sample] for sample in samples} if self.units else {""}
        unit = units.pop() if len(units) == 1 else ""
        name = self.names[samples[0]] if self.names and len(samples) == 1 else ""
        return f"{name} [{unit}]".lstrip() if unit else name


def read_bands(page: Any) -> Bands:
    """Return what GDAL's XML, in the file or beside it, says of the samples of a page."""
    own, pam = _read_own_bands(page), find_pam(page)
    if pam is None or len(pam.nodata) != int(page.samplesperpixel):
        return own
    return Bands(own.names or pam.names, own.units or pam.units, own.scales or pam.scales)


def find_pam(page: Any) -> Pam | None:
    """Return what GDAL has written beside the file of a page that is its first one."""
    handle = page.parent.filehandle
    if not handle.is_file or page.index != 0:
        return None
    return read_pam(Path(handle.dirname) / handle.name)


def _read_own_bands(page: Any) -> Bands:
    tag, count = page.tags.get(_XML), int(page.samplesperpixel)
    if tag is None:
        return Bands()
    try:
        root = ElementTree.fromstring(str(tag.value).strip("\0 \r\n"))
    except (ElementTree.ParseError, LookupError, ValueError):
        return Bands()
    found: dict[str, dict[int, str]] = {}
    for item in root.iter("Item"):
        kind = (item.get("role") or item.get("name") or "").lower()
        sample = item.get("sample", "")
        if sample.isdecimal() and int(sample) < count and not item.get("domain"):
            found.setdefault(kind, {})[int(sample)] = " ".join((item.text or "").split())
    names, units = (
        tuple(found.get(kind, {}).get(sample, "") for sample in range(count))
        for kind in ("description", "unittype")
    )
    scales = tuple(
        (
            read_number(found.get("scale", {}).get(sample), 1.0) or 1.0,
            read_number(found.get("offset", {}).get(sample), 0.0),
        )
        for sample in range(count)
    )
    packed = any(scale != (1.0, 0.0) for scale in scales)
    thematic = set(found.get("layer_type", {}).values()) == {"thematic"}
    return Bands(
        names if any(names) else (),
        units if any(units) else (),
        scales if packed else (),
        thematic,
    )


def unpack(values: Array, scales: Sequence[tuple[float, float]]) -> Array:
    """Return physical values of packed ones: floats, each channel with its factor and offset."""
    factors, offsets = (np.asarray(one, np.float64) for one in zip(*scales, strict=True))
    if len(scales) == 1:
        factors, offsets = factors[0], offsets[0]
    return np.asarray(values * factors + offsets, values.dtype)


# Georeferences


def read_georeference(page: Any, path: Path | None) -> tuple[Metadata, tuple[Path, ...]]:
    """Return coordinates of rows and columns and their system, and which other files tell them.

    Those of GDAL's ``.aux.xml`` or of the file itself, else of a world file beside it.
    """
    tags, keys = page.tags, _read_keys(page)
    transform, system = _read_transform(tags, keys), ""
    used: list[Path] = []
    pam = None if path is None else read_pam(path)
    if pam is not None:  # which GDAL believes more than the file itself
        used.append(pam.path)
        transform, system = pam.transform or transform, pam.system
    beside = None if path is None or transform is not None else find_world_file(path)
    if beside is not None:
        transform = read_world_file(beside)
        used.append(beside)
    if path is not None and not keys and not system and transform is not None:
        system, found_beside = read_system(path)
        used += found_beside
    names, crs = _name_axes(keys), _find_crs(keys)
    if system and not crs:
        crs, names = parse_system(system)
    coordinates, rotated = make_coordinates(transform, names)
    note = "" if transform is None or coordinates else describe_rotation(transform)
    points = tags.get(_TIEPOINT)
    if transform is None and points is not None and len(points.value) > 6:
        note = f"georeferenced by {len(points.value) // 6} control points, which axes can't show"
    if not (coordinates or crs or note):
        return Metadata(), tuple(used)
    raw = _raw_keys(tags) if keys else make_keys(system)
    found = Metadata(
        coordinates=coordinates, note=note, georeference=GeoReference(crs, raw, rotated, system)
    )
    return found, tuple(used)


def _read_transform(tags: Any, keys: dict[int, Any]) -> Transform | None:
    """Return the transform from the corners of pixels; None where there is none of six numbers."""
    scale, points, matrix = (_numbers(tags, tag) for tag in (_SCALE, _TIEPOINT, _MATRIX))
    if len(scale) >= 2 and scale[0] and scale[1] and len(points) >= 6:
        high = abs(scale[1])  # GDAL leaves out its sign too
        column, row, x, y = points[0], points[1], points[3], points[4]
        found = (scale[0], 0.0, x - column * scale[0], 0.0, -high, y + row * high)
    elif len(matrix) == 16:
        found = (matrix[0], matrix[1], matrix[3], matrix[4], matrix[5], matrix[7])
    else:
        return None
    if not all(map(math.isfinite, found)) or not found[0] * found[4] - found[1] * found[3]:
        return None
    if keys.get(_RASTER) == _IS_POINT:  # then they are of the centers
        a, b, c, d, e, f = found
        return a, b, c - (a + b) / 2, d, e, f - (d + e) / 2
    return found


def _numbers(tags: Any, code: int) -> tuple[float, ...]:
    tag = tags.get(code)
    try:
        return () if tag is None else tuple(float(one) for one in tag.value)
    except (TypeError, ValueError):
        return ()


def _raw_keys(tags: Any) -> tuple[tuple[int, ...], tuple[float, ...], str] | None:
    tag, texts = tags.get(_KEYS), tags.get(_TEXTS)
    if tag is None:
        return None
    return tuple(map(int, tag.value)), _numbers(tags, _DOUBLES), str(texts.value if texts else "")


def _read_keys(page: Any) -> dict[int, Any]:
    """Return the values of GeoTIFF's keys, of which damaged ones are left out."""
    raw = _raw_keys(page.tags)
    if raw is None or len(raw[0]) < 4:
        return {}
    directory, doubles, texts = raw
    found: dict[int, Any] = {}
    for start in range(4, min(len(directory), 4 + 4 * directory[3]) - 3, 4):
        key, where, count, value = directory[start : start + 4]
        if where == 0:
            found[key] = value
        elif where == _TEXTS:
            found[key] = texts[value : value + count].rstrip("|\0")
        elif where == _DOUBLES and value < len(doubles):
            found[key] = doubles[value]
    return found


def _find_crs(keys: dict[int, Any]) -> str:
    code = keys.get(_PROJECTED if _is_projected(keys) else _GEOGRAPHIC)
    if isinstance(code, int) and 0 < code < _OWN_CRS:
        return f"EPSG:{code}"
    citations = (_PROJECTED_CITATION, _CITATION, _GEOGRAPHIC_CITATION)
    return next((" ".join(str(keys[one]).split()) for one in citations if keys.get(one)), "")


def _is_projected(keys: dict[int, Any]) -> bool:
    return keys.get(_MODEL) == 1 or (_MODEL not in keys and _PROJECTED in keys)


def _name_axes(keys: dict[int, Any]) -> tuple[str, str]:
    """Return labels of rows and of columns, with their units."""
    if _is_projected(keys):
        code, linear = keys.get(_PROJECTED, 0), keys.get(_LINEAR, 0)
        unit = _LINEAR_UNITS.get(linear, "")
        if not linear and any(code in codes for codes in _METRIC):
            unit = "m"
        return (f"northing [{unit}]", f"easting [{unit}]") if unit else ("northing", "easting")
    if keys.get(_MODEL) == 2 or _GEOGRAPHIC in keys:
        if keys.get(_ANGULAR, _DEGREE) == _DEGREE:
            return "latitude [degrees_north]", "longitude [degrees_east]"
        return "latitude", "longitude"
    return "y", "x"


# All that is known of a file


def describe_geo(
    page: Any,
    path: Path | None,
    metadata: Metadata,
    channels: int,
    axes: Sequence[tuple[str, int]],
    facts: dict[str, Any],
) -> tuple[Metadata, dict[str, Any]]:
    """Return metadata and facts of a file with what its first page says of positions and bands.

    ``path``: of a file on this machine, which others may lie beside.
    """
    geo, companions = read_georeference(page, path)
    bands, count = read_bands(page), int(page.samplesperpixel)
    sides = geo.coordinates or (None, None)
    names = [name.lower() for name, _ in axes]
    further = [metadata.along(axis) for axis in range(len(axes))]
    samples = range(count) if channels > 1 or "s" in names else range(1)
    label = bands.find_label(samples)
    if "s" in names and all(bands.names) and axes[names.index("s")][1] == len(bands.names):
        further[names.index("s")] = Coordinate(np.array(bands.names, dtype=np.str_))
        facts = {**facts, "channel_names": bands.names}
    elif channels == len(bands.names) > 1:
        facts = {**facts, "channel_names": bands.names}
    known = any(sides) or any(further)
    coordinates = (*further, *sides, *(() if channels == 1 else (None,))) if known else ()
    if any(sides):
        size, unit = pixel_size_of(*sides)
        facts = {**facts, "pixel_size": size, "unit": unit}
    listed = read_categories(path)
    companions = (*companions, *listed.companions)
    if companions:
        facts = {**facts, "companions": (*facts.get("companions", ()), *companions)}
    pam = find_pam(page)
    several = pam is not None and len(set(pam.nodata) - {None}) > 1
    differ = "missing values differ from band to band, and are not used" if several else ""
    note = ", ".join(filter(None, (metadata.note, geo.note, differ)))
    found = replace(
        metadata,
        label=label,
        labels=metadata.labels or bands.thematic or listed.known,
        label_table=listed.table if channels == 1 else None,
        coordinates=coordinates,
        note=note,
        georeference=geo.georeference,
    )
    return found, facts
