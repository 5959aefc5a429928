"""What the tiles of a pyramid in a folder are called, in each of the layouts that libvips writes.

Levels count from 0, the full image; the numbers that layouts give them end here. Not here: the
descriptors (`descriptors`), what is in the tiles.

Source: libvips' dzsave; IIIF Image API 2 and 3; the Zoomify image format.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from nbimage.pyramid.core.grid import Grid, TileGrid

Shapes = tuple[tuple[int, int], ...]
_GROUP = 256  # tiles of a folder, in Zoomify's layout


@dataclass(frozen=True, slots=True)
class TileNames:
    """The names of one pyramid's tiles, below its folder."""

    layout: Layout
    shapes: Shapes
    """Rows and columns of each level that there is, the full image first."""
    tile_size: int
    suffix: str
    full_named: bool = True
    """IIIF's word for the region of a tile that is all of the image; libvips before 8.18 gave its
    numbers, as for others."""

    def __call__(self, level: int, column: int, row: int) -> str:
        """Return the name of a tile."""
        return self.layout.name_tile(self, level, column, row)

    def others(self, level: int, column: int, row: int) -> tuple[str, ...]:
        """Return other names that the same tile must have as well."""
        if not self.layout.full_size or self.shapes[1:] or self.counts(0) != (1, 1):
            return ()
        return (f"full/{self.layout.full_size}/0/default.{self.suffix}",)

    def repeats(self, level: int, column: int, row: int) -> bool:
        """Say whether a tile is another level's as well: one pixel, which both call the same."""
        side = self.tile_size << level
        last = self.shapes[0][0] - row * side, self.shapes[0][1] - column * side
        return level > 0 and bool(self.layout.full_size) and last == (1, 1)

    def number(self, level: int) -> int:
        """Return the number of a level where the smallest is 0."""
        return len(self.shapes) - 1 - level

    def counts(self, level: int) -> tuple[int, int]:
        """Return how many rows and columns of tiles a level has."""
        return Grid(self.shapes[level], (self.tile_size, self.tile_size)).count

    @property
    def total(self) -> int:
        """How many tiles there are."""
        counts = (self.counts(level) for level in range(len(self.shapes)))
        return sum(down * across for down, across in counts)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay out tiles in folders."""

    name: str
    title: str
    """What readers know it by."""
    tile_size: int
    overlap: int
    """Defaults; but for Deep Zoom there is no overlap at all."""
    jpeg: str
    """The suffix of JPEG files."""
    folders: int
    """How many folders a tile's name has."""
    descriptor: str
    """The file in the folder that describes it; "": ``NAME.dzi``, beside ``NAME_files``."""
    entries: str
    """What the folder's own entries are called: a pattern."""
    name_tile: Callable[[TileNames, int, int, int], str]
    one_pixel: bool = False
    """Levels go down to one pixel, rather than to the first that is no larger than a tile."""
    padded: bool = False
    """All tiles have their full size, and those that are blank are left out."""
    full_size: str = ""
    """The word for an image's own size, by which one that fits in a tile is asked for."""

    def __reduce__(self) -> str | tuple[object, ...]:
        return find_layout, (self.name,)

    def smallest(self, grid: TileGrid) -> int:
        """Return the number of the smallest level."""
        level = 0
        while max(grid.shape(level)) > (1 if self.one_pixel else grid.tile_size):
            level += 1
        return level

    def names(self, grid: TileGrid, suffix: str) -> TileNames:
        """Return the names of the tiles of a pyramid that has all its levels."""
        shapes = tuple(grid.shape(level) for level in range(self.smallest(grid) + 1))
        return TileNames(self, shapes, grid.tile_size, suffix)

    def holds(self, entry: str) -> bool:
        """Say whether a pyramid's folder may have such an entry."""
        own = entry in (self.descriptor, "vips-properties.xml")
        return own or re.fullmatch(self.entries, entry) is not None

    def suffix(self, format: str) -> str:  # noqa: A002 (the name users know)
        """Return the suffix of tiles of a format."""
        return self.jpeg if format == "jpeg" else format


def find_layout(name: str) -> Layout:
    """Return the layout of a name. Raises ValueError for an unknown one."""
    found = _LAYOUTS.get(name) if isinstance(name, str) else None
    if found is None:
        known = ", ".join(f'"{one}"' for one in WRITTEN)
        raise ValueError(f"layout must be one of {known}, but got {name!r}")
    return found


def _name_deep_zoom(names: TileNames, level: int, column: int, row: int) -> str:
    return f"{names.number(level)}/{column}_{row}.{names.suffix}"


def _name_zoomify(names: TileNames, level: int, column: int, row: int) -> str:
    number = 0
    for smaller in range(level + 1, len(names.shapes)):
        down, across = names.counts(smaller)
        number += down * across
    number += row * names.counts(level)[1] + column
    file = f"{names.number(level)}-{column}-{row}.{names.suffix}"
    return f"TileGroup{number // _GROUP}/{file}"


def _name_google(names: TileNames, level: int, column: int, row: int) -> str:
    return f"{names.number(level)}/{row}/{column}.{names.suffix}"


def _name_iiif(names: TileNames, level: int, column: int, row: int) -> str:
    wide, high = _iiif_size(names, level, column, row)
    return f"{_iiif_region(names, level, column, row)}/{wide},{high}/0/default.{names.suffix}"


def _name_iiif_2(names: TileNames, level: int, column: int, row: int) -> str:
    wide, _ = _iiif_size(names, level, column, row)
    return f"{_iiif_region(names, level, column, row)}/{wide},/0/default.{names.suffix}"


def _iiif_region(names: TileNames, level: int, column: int, row: int) -> str:
    """Return what a tile shows of the full image: left, top, width, height."""
    (rows, columns), side = names.shapes[0], names.tile_size << level
    left, top = column * side, row * side
    wide, high = min(side, columns - left), min(side, rows - top)
    full = names.full_named and (high, wide) == (rows, columns)
    return "full" if full else f"{left},{top},{wide},{high}"


def _iiif_size(names: TileNames, level: int, column: int, row: int) -> tuple[int, int]:
    (rows, columns), side = names.shapes[level], names.tile_size
    return min(side, columns - column * side), min(side, rows - row * side)


_IIIF_ENTRIES = r"full|[0-9]+,[0-9]+,[0-9]+,[0-9]+"
DEEP_ZOOM = Layout(
    "dz", "Deep Zoom", 254, 1, "jpeg", 1, "", r"[0-9]+", _name_deep_zoom, one_pixel=True
)
IIIF = Layout(
    "iiif3",
    "IIIF",
    512,
    0,
    "jpg",
    3,
    "info.json",
    _IIIF_ENTRIES,
    _name_iiif,
    full_size="max",
)
IIIF_2 = Layout(
    "iiif",
    "IIIF",
    512,
    0,
    "jpg",
    3,
    "info.json",
    _IIIF_ENTRIES,
    _name_iiif_2,
    full_size="full",
)
GOOGLE = Layout(
    "google",
    "Google",
    256,
    0,
    "jpg",
    2,
    "tiles.json",
    r"[0-9]+|blank\.png",
    _name_google,
    padded=True,
)
ZOOMIFY = Layout(
    "zoomify",
    "Zoomify",
    256,
    0,
    "jpg",
    1,
    "ImageProperties.xml",
    r"TileGroup[0-9]+",
    _name_zoomify,
)
_LAYOUTS = {layout.name: layout for layout in (DEEP_ZOOM, IIIF, IIIF_2, GOOGLE, ZOOMIFY)}
WRITTEN = ("dz", "iiif3", "google", "zoomify")
"""The names of those that are written; of IIIF 2 there are only older pyramids."""
