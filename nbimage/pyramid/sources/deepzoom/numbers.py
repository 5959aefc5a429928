"""Which levels a pyramid of tiles has where its descriptor does not tell: Deep Zoom, Google."""

from __future__ import annotations

import io
from collections.abc import Sequence

from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.layouts.descriptors import Descriptor, describe_google
from nbimage.pyramid.sources.deepzoom.tiles import Tiles
from nbimage.pyramid.sources.pillow_image import open_image


def find_smallest_level(grid: TileGrid, tiles: Tiles, suffix: str, path: str) -> int:
    """Return the smallest level of Deep Zoom that is there.

    Deep Zoom counts levels from one pixel up to the whole image. libvips can leave small levels
    out, and counts the others from 0: it writes the largest alone, or those down to the first
    that fits in one tile.
    """
    halvings = ((max(grid.rows, grid.columns) - 1) // grid.tile_size).bit_length()
    most = tiles.largest((grid.last, halvings, 0), suffix)
    if 0 <= most < grid.last:
        most = _number_of_largest(grid, tiles, suffix, path, most, (most, halvings, grid.last))
    if most >= grid.last:
        return grid.last
    if most not in (halvings, 0):
        there = f"the last one in {tiles.name} is {most}"
        there = there if most >= 0 else f"there is none in {tiles.name}"
        raise FileNotFoundError(
            f"{path} must have a folder of tiles for level {grid.last}, but {there}"
        )
    return most


def _number_of_largest(
    grid: TileGrid, tiles: Tiles, suffix: str, path: str, number: int, numbers: Sequence[int]
) -> int:
    """Return which of some numbers the largest level has, by the size of another one's tile.

    A server lists no tiles, and the largest level's first one may have been left out as blank.
    """
    if tiles.first(number, suffix) is not None:
        return number  # they are listed, and none is larger
    high, wide = _find_size(tiles.tile(f"{number}/0_0.{suffix}"), path)
    fit = [n for n in numbers if grid.bounds(n - number, 0, 0).shape == (high, wide)]
    return fit[0] if fit else number


def find_google(tiles: Tiles, path: str) -> Descriptor:
    """Return what folders of tiles in Google's layout tell of themselves.

    Raises FileNotFoundError and ValueError where that is not enough.
    """
    numbers = {int(name) for name in tiles.entries() or () if name.isdecimal() and len(name) < 3}
    if not numbers or numbers != set(range(max(numbers) + 1)):
        raise FileNotFoundError(
            f"{path} must have a folder of tiles for each level from 0 on, but has "
            f"{sorted(numbers) or 'none'}"
        )
    largest = str(max(numbers))
    rows = columns = 0
    first = ""
    for row in tiles.entries(largest) or ():
        if not row.isdecimal():
            continue
        for tile in tiles.entries(f"{largest}/{row}") or ():
            column = tile.partition(".")[0]
            if column.isdecimal():
                rows, columns = max(rows, int(row) + 1), max(columns, int(column) + 1)
                first = first or f"{largest}/{row}/{tile}"
    if not first:
        raise FileNotFoundError(f"{path} must have tiles in {tiles.name}/{largest}, but has none")
    high, wide = _find_size(tiles.tile(first), path)
    if high != wide:
        raise ValueError(
            f"{path} must have tiles as high as they are wide, but has {high} x {wide}"
        )
    return describe_google(numbers, high, rows, columns)


def _find_size(data: bytes, path: str) -> tuple[int, int]:
    """Return the rows and columns of a tile."""
    with open_image(io.BytesIO(data), path, tile=True) as image:
        return image.size[1], image.size[0]
