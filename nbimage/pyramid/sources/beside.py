"""What lies beside a picture and says where it is: world files, ``.prj``, GDAL's ``.aux.xml``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from nbimage.arrays.metadata import GeoReference, Metadata, Transform
from nbimage.arrays.world.crs import name_system
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.sources.array import pixel_size_of
from nbimage.pyramid.sources.world_file import (
    describe_rotation,
    find_world_file,
    make_coordinates,
    read_world_file,
)

_OWN_SYSTEM = 32767  # of GeoTIFF's numbers: one that EPSG has none for
_MOST_BYTES = 1 << 24  # of histograms, mostly
_UNIT = re.compile(r'\b(?:LENGTH)?UNIT\[\s*"[^"]*"\s*,\s*([\d.eE+-]+)')
_METERS = {1.0: "m", 0.3048: "ft", 1200 / 3937: "ftUS", 1000.0: "km"}


@dataclass(frozen=True, slots=True)
class Pam:
    """What an ``.aux.xml`` says of a raster and its bands; "" and None where it says nothing."""

    path: Path
    names: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    scales: tuple[tuple[float, float], ...] = ()
    nodata: tuple[str | None, ...] = ()
    transform: Transform | None = None
    system: str = ""
    """As well-known text (WKT)."""


def parse_pam(path: Path | None) -> tuple[Path, ElementTree.Element] | None:
    """Return what GDAL has written beside a file, and where; None where nothing can be read."""
    beside = None if path is None else path.with_name(f"{path.name}.aux.xml")
    try:
        if beside is None or not beside.is_file() or beside.stat().st_size > _MOST_BYTES:
            return None
        root = ElementTree.parse(beside).getroot()
    except (ElementTree.ParseError, LookupError, OSError, ValueError):
        return None
    return (beside, root) if root.tag == "PAMDataset" else None


def read_pam(path: Path | None) -> Pam | None:
    """Return what GDAL says of a file's raster beside it; None where it says nothing."""
    found = parse_pam(path)
    if found is None:
        return None
    beside, root = found
    bands = sorted(root.findall("PAMRasterBand"), key=lambda band: _whole(band.get("band")))
    if [_whole(band.get("band")) for band in bands] != list(range(1, len(bands) + 1)):
        bands = []  # some of them alone, which of several is not told by their order
    scales = tuple(
        (read_number(band.findtext("Scale"), 1.0) or 1.0, read_number(band.findtext("Offset"), 0.0))
        for band in bands
    )
    transform = None
    numbers = (root.findtext("GeoTransform") or "").split(",")
    if len(numbers) == 6:
        c, a, b, f, d, e = (read_number(text, math.nan) for text in numbers)
        if all(map(math.isfinite, (a, b, c, d, e, f))) and a * e - b * d:
            transform = a, b, c, d, e, f
    return Pam(
        beside,
        _texts(bands, "Description"),
        _texts(bands, "UnitType"),
        scales if any(one != (1.0, 0.0) for one in scales) else (),
        tuple(band.findtext("NoDataValue") for band in bands),
        transform,
        " ".join((root.findtext("SRS") or "").split()),
    )


def _texts(bands: list[ElementTree.Element], key: str) -> tuple[str, ...]:
    found = tuple(" ".join((band.findtext(key) or "").split()) for band in bands)
    return found if any(found) else ()


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def read_number(text: str | None, default: float) -> float:
    """Return the finite number that a text of a header is, or the default where it is none."""
    try:
        value = float(text or "")
    except ValueError:
        return default
    return value if math.isfinite(value) else default


def read_system(path: Path) -> tuple[str, tuple[Path, ...]]:
    """Return the text of the ``.prj`` beside a file, and where that is; "" where there is none."""
    for suffix in (".prj", ".PRJ"):
        beside = path.with_suffix(suffix)
        if beside.is_file() and beside.stat().st_size <= 1 << 16:
            return " ".join(beside.read_text("utf-8", "replace").split()), (beside,)
    return "", ()


def parse_system(text: str) -> tuple[str, tuple[str, str]]:
    """Return what well-known text calls a reference system, and labels of rows and columns."""
    if not text:
        return "", ("y", "x")
    crs = name_system(text)
    kind = text.lstrip()[:6].upper()
    if kind in ("PROJCS", "PROJCR"):
        factors = _UNIT.findall(text)
        meters = read_number(factors[-1], 0.0) if factors else 0.0
        close = (unit for size, unit in _METERS.items() if math.isclose(size, meters, rel_tol=1e-6))
        unit = next(close, "")
        labels = (f"northing [{unit}]", f"easting [{unit}]") if unit else ("northing", "easting")
        return crs, labels
    if kind in ("GEOGCS", "GEOGCR", "GEODCR"):
        return crs, ("latitude [degrees_north]", "longitude [degrees_east]")
    return crs, ("y", "x")


def make_keys(text: str) -> tuple[tuple[int, ...], tuple[float, ...], str] | None:
    """Return GeoTIFF's keys of a system with a number of EPSG's; None of any other."""
    crs, _ = parse_system(text)
    code = int(crs[5:]) if crs.startswith("EPSG:") else 0
    projected = text.lstrip()[:4].upper() == "PROJ"
    if not 0 < code < _OWN_SYSTEM:
        return None
    model, key = (1, 3072) if projected else (2, 2048)
    return (1, 1, 0, 3, 1024, 0, 1, model, 1025, 0, 1, 1, key, 0, 1, code), (), ""


def set_georeference(source: Any, path: Path) -> None:
    """Give a picture without a position of its own that of the files beside it."""
    known: Source = source
    pam, world = read_pam(path), find_world_file(path)
    transform, companions = None, []
    if pam is not None and pam.transform is not None:
        transform = pam.transform
        companions.append(pam.path)
    elif world is not None:
        transform = read_world_file(world)
        companions.append(world)
    if transform is None or known.metadata.coordinates or known.axes:
        return
    text, beside = read_system(path)
    text = text or (pam.system if pam is not None else "")
    crs, labels = parse_system(text)
    coordinates, rotated = make_coordinates(transform, labels)
    note = "" if coordinates else describe_rotation(transform)
    found = Metadata(
        coordinates=coordinates,
        note=note,
        georeference=GeoReference(crs, make_keys(text), rotated, text),
    )
    add_georeference(known, found)
    known.companions = (*known.companions, *companions, *beside)


def add_georeference(source: Any, found: Metadata) -> None:
    """Give a picture the coordinates of its rows and columns and their system."""
    known: Source = source
    channels = () if known.channels == 1 or not found.coordinates else (None,)
    known.metadata = replace(
        known.metadata,
        coordinates=(*found.coordinates, *channels),
        georeference=found.georeference,
        note=", ".join(filter(None, (known.metadata.note, found.note))),
    )
    if found.coordinates:
        known.pixel_size, known.unit = pixel_size_of(*found.coordinates)
