"""The files that describe pyramids of tiles: written here, and read here.

Source: Deep Zoom File Format Overview; IIIF Image API 2 and 3, chapter 5; TileJSON 3.0.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from nbimage.base.text import explain_damage
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.units import short_unit
from nbimage.pyramid.layouts.layout import (
    DEEP_ZOOM,
    GOOGLE,
    IIIF,
    IIIF_2,
    ZOOMIFY,
    Layout,
    Shapes,
    TileNames,
)

LARGEST_DESCRIPTOR = 1 << 20  # bytes
_LONGEST = 1 << 31  # pixels of a side
_LARGEST_TILE = 1 << 13
_FORMAT = re.compile(r"[A-Za-z0-9]{1,8}")
_OME = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
PixelSize = tuple[tuple[float, float] | None, str]
"""Height and width of a pixel, or None, and their unit."""
_HOST = "https://example.com/iiif"
_CONTEXTS = {
    "http://iiif.io/api/image/2/context.json": IIIF_2,
    "http://iiif.io/api/image/3/context.json": IIIF,
}


class Descriptor(NamedTuple):
    """What a descriptor says."""

    layout: Layout
    grid: TileGrid
    shapes: Shapes
    """Of the levels that there may be, the full image first."""
    formats: tuple[str, ...]
    """Suffixes that tiles may have; empty where nothing is said of them."""
    pixel_size: tuple[float, float] | None = None
    unit: str = ""


# Written


def make_deep_zoom(grid: TileGrid, suffix: str, size: PixelSize = (None, "")) -> str:
    """Return the XML of a ``.dzi`` file, which may have attributes of other names."""
    more, (pixel_size, unit) = "", size
    if pixel_size is not None:
        more = f'\n  xmlns:ome="{_OME}"'
        for axis, length in zip("YX", pixel_size, strict=True):
            more += f'\n  ome:PhysicalSize{axis}="{float(length)!r}"'
            more += f"\n  ome:PhysicalSize{axis}Unit={quoteattr(unit)}" if unit else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"{more}
  Format="{suffix}"
  Overlap="{grid.overlap}"
  TileSize="{grid.tile_size}"
  >
  <Size
    Height="{grid.rows}"
    Width="{grid.columns}"
  />
</Image>
"""


def make_descriptor(
    names: TileNames,
    grid: TileGrid,
    name: str,
    url: str | None = None,
    size: PixelSize = (None, ""),
) -> str:
    """Return what describes a pyramid.

    ``name`` is its own; ``url`` is where its folder is to be found, of which only IIIF asks;
    ``size`` of a pixel is told by Deep Zoom.
    """
    layout = names.layout
    if layout is DEEP_ZOOM:
        return make_deep_zoom(grid, names.suffix, size)
    if layout is ZOOMIFY:
        return (
            f'<IMAGE_PROPERTIES WIDTH="{grid.columns}" HEIGHT="{grid.rows}" '
            f'NUMTILES="{names.total}" NUMIMAGES="1" VERSION="1.8" TILESIZE="{grid.tile_size}" />\n'
        )
    found = _make_tile_json(names, grid) if layout is GOOGLE else _make_iiif(names, name, url)
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def _make_iiif(names: TileNames, name: str, url: str | None) -> dict[str, Any]:
    (rows, columns), (high, wide) = names.shapes[0], names.shapes[-1]
    factors = [1 << level for level in range(len(names.shapes))]
    found: dict[str, Any] = {
        "@context": "http://iiif.io/api/image/3/context.json",
        "id": f"{(url or _HOST).rstrip('/')}/{name}",
        "type": "ImageService3",
        "protocol": "http://iiif.io/api/image",
        "profile": "level0",
        "width": columns,
        "height": rows,
        "sizes": [{"width": wide, "height": high}],
        "tiles": [{"width": names.tile_size, "scaleFactors": factors}],
    }
    if names.suffix != "jpg":
        found |= {"preferredFormats": [names.suffix], "extraFormats": [names.suffix]}
    return found


def _make_tile_json(names: TileNames, grid: TileGrid) -> dict[str, Any]:
    """Return TileJSON, with the size of the image, for which it has no word."""
    return {
        "tilejson": "3.0.0",
        "tiles": [f"{{z}}/{{y}}/{{x}}.{names.suffix}"],
        "minzoom": 0,
        "maxzoom": len(names.shapes) - 1,
        "tile_size": grid.tile_size,
        "width": grid.columns,
        "height": grid.rows,
    }


# Read


def read_descriptor(data: bytes, name: str, layout: Layout = DEEP_ZOOM) -> Descriptor:
    """Return what a descriptor says. Raises ValueError for what none may say."""
    kind = layout.descriptor or ".dzi"
    if len(data) > LARGEST_DESCRIPTOR:
        raise ValueError(f"{name} must be a {kind} of at most 1 MiB, but has {len(data)} bytes")
    read = {
        "info.json": _read_iiif,
        "tiles.json": _read_tile_json,
        "ImageProperties.xml": _read_zoomify,
    }
    return read.get(kind, _read_deep_zoom)(data, name)


def _read_deep_zoom(data: bytes, name: str) -> Descriptor:
    found = _read_xml(data, name, ".dzi")
    if not {"Image", "Size"} <= set(found):
        raise ValueError(f"{name} must be a .dzi with Image and Size, but has {sorted(found)[:5]}")
    image, size = found["Image"], found["Size"]
    form = image.get("Format", "")
    if not _FORMAT.fullmatch(form):
        raise ValueError(f"{name} must have a Format such as png, but has {form[:40]!r}")
    rows = _number(size, "Height", 1, _LONGEST, name)
    columns = _number(size, "Width", 1, _LONGEST, name)
    side = _number(image, "TileSize", 1, _LARGEST_TILE, name)
    overlap = _number(image, "Overlap", 0, side, name)
    grid = TileGrid(rows, columns, side, overlap)
    shapes = DEEP_ZOOM.names(grid, form).shapes
    return Descriptor(DEEP_ZOOM, grid, shapes, (form,), *_find_pixel_size(image))


def _find_pixel_size(attributes: dict[str, str]) -> PixelSize:
    """Return height, width and unit of a pixel by attributes of OME's name."""
    own = {key.rpartition(":")[2]: text for key, text in attributes.items() if ":" in key}
    try:
        high, wide = (float(own[f"PhysicalSize{axis}"]) for axis in "YX")
    except (KeyError, ValueError):
        return None, ""
    units = [own.get(f"PhysicalSize{axis}Unit", "") for axis in "YX"]
    if units[0] != units[1] or not (0 < high < math.inf and 0 < wide < math.inf):
        return None, ""
    return (high, wide), short_unit(units[0])


def _read_zoomify(data: bytes, name: str) -> Descriptor:
    found = _read_xml(data, name, "ImageProperties.xml").get("IMAGE_PROPERTIES")
    if found is None:
        raise ValueError(f"{name} must have IMAGE_PROPERTIES, but has none")
    rows = _number(found, "HEIGHT", 1, _LONGEST, name)
    columns = _number(found, "WIDTH", 1, _LONGEST, name)
    side = _number(found, "TILESIZE", 1, _LARGEST_TILE, name)
    grid = TileGrid(rows, columns, side, 0)
    shapes = ZOOMIFY.names(grid, "").shapes
    if "NUMTILES" in found:  # of levels that are rounded up, as libvips has them, or down
        number = _number(found, "NUMTILES", 1, _LONGEST, name)
        ways = shapes, _halve_down(grid)
        totals = [TileNames(ZOOMIFY, way, side, "").total for way in ways]
        if number not in totals:
            raise ValueError(
                f"{name} must have {totals[0]} tiles of its {len(shapes)} levels, but has {number}"
            )
        shapes = ways[totals.index(number)]
    return Descriptor(ZOOMIFY, grid, shapes, ())


def _halve_down(grid: TileGrid) -> Shapes:
    """Return the levels of other programs, whose last odd row or column is left out."""
    shapes = [(grid.rows, grid.columns)]
    while max(shapes[-1]) > grid.tile_size:
        rows, columns = shapes[-1]
        shapes.append((max(1, rows >> 1), max(1, columns >> 1)))
    return tuple(shapes)


def _read_iiif(data: bytes, name: str) -> Descriptor:
    found = _read_json(data, name)
    contexts = found.get("@context")
    known = [_CONTEXTS[one] for one in map(str, _as_list(contexts)) if one in _CONTEXTS]
    if not known:
        raise ValueError(
            f"{name} must be of the IIIF Image API 2 or 3, but its context is "
            f"{str(contexts)[:80]!r}"
        )
    layout = known[0]
    rows = _whole(found, "height", 1, _LONGEST, name)
    columns = _whole(found, "width", 1, _LONGEST, name)
    tiles = [one for one in _as_list(found.get("tiles")) if isinstance(one, dict)]
    if not tiles:
        raise ValueError(f"{name} must have tiles, which are what is read of it, but has none")
    side = _whole(tiles[0], "width", 1, _LARGEST_TILE, name)
    if _whole({"height": side, **tiles[0]}, "height", 1, _LARGEST_TILE, name) != side:
        raise ValueError(f"{name} must have tiles as high as they are wide, but has others")
    grid = TileGrid(rows, columns, side, 0)
    factors = set(map(str, _as_list(tiles[0].get("scaleFactors"))))
    if "1" not in factors:
        raise ValueError(f"{name} must have tiles of the full image, scale factor 1, but has none")
    level = 0
    while str(2 << level) in factors and level < layout.smallest(grid):
        level += 1
    shapes = tuple(grid.shape(number) for number in range(level + 1))
    return Descriptor(layout, grid, shapes, tuple(_iiif_formats(found)))


def _iiif_formats(found: dict[str, Any]) -> list[str]:
    """Return the formats that tiles may have: those that are there for certain first."""
    profiles = [one for one in _as_list(found.get("profile")) if isinstance(one, dict)]
    lists = [found.get("preferredFormats"), *(one.get("formats") for one in profiles)]
    named = [str(one) for own in lists for one in _as_list(own)]
    named += ["jpg", *(str(one) for one in _as_list(found.get("extraFormats")))]
    return [one for one in dict.fromkeys(named) if _FORMAT.fullmatch(one)]


def _read_tile_json(data: bytes, name: str) -> Descriptor:
    found = _read_json(data, name)
    (pattern,) = [*map(str, _as_list(found.get("tiles"))), ""][:1]
    matched = re.fullmatch(r"\{z\}/\{y\}/\{x\}\.([A-Za-z0-9]{1,8})", pattern)
    if matched is None:
        raise ValueError(
            f"{name} must have tiles such as {{z}}/{{y}}/{{x}}.png, but has {pattern[:80]!r}"
        )
    rows = _whole(found, "height", 1, _LONGEST, name)
    columns = _whole(found, "width", 1, _LONGEST, name)
    side = _whole(found, "tile_size", 1, _LARGEST_TILE, name)
    grid = TileGrid(rows, columns, side, 0)
    return Descriptor(GOOGLE, grid, GOOGLE.names(grid, "").shapes, (matched[1],))


def describe_google(numbers: set[int], side: int, rows: int, columns: int) -> Descriptor:
    """Return what is known of tiles without a descriptor: their levels, and those of the largest.

    ``rows`` and ``columns`` of tiles; the image is as large as these, since what is image and what
    is background is not written anywhere.
    """
    grid = TileGrid(rows * side, columns * side, side, 0)
    shapes = tuple(grid.shape(level) for level in range(max(numbers) + 1))
    return Descriptor(GOOGLE, grid, shapes, ())


def _read_xml(data: bytes, name: str, kind: str) -> dict[str, dict[str, str]]:
    """Return the attributes of the first element of each name."""
    found: dict[str, dict[str, str]] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        found.setdefault(tag.rpartition(":")[2], attributes)

    def refuse(*_: Any) -> None:
        raise ValueError("it must have no DOCTYPE and no entities, but has some")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise ValueError(f"{name} must be a {kind}, which is XML, but: {error}") from None
    return found


def _read_json(data: bytes, name: str) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} must be JSON, but: {explain_damage(error)}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name} must be a JSON object, but is {str(found)[:40]!r}")
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _number(attributes: dict[str, str], key: str, least: int, most: int, name: str) -> int:
    text = attributes.get(key, "").strip()
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        raise ValueError(f"{name} must have {key} from {least} to {most}, but has {text[:40]!r}")
    return int(text)


def _whole(found: dict[str, Any], key: str, least: int, most: int, name: str) -> int:
    value = found.get(key)
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and value % 1 == 0
    if not whole or not least <= value <= most:  # type: ignore[operator]
        raise ValueError(
            f"{name} must have {key} from {least} to {most}, but has {str(value)[:40]!r}"
        )
    return int(value)  # type: ignore[arg-type]
