"""Where the levels of an image lie, and how a level is cut into blocks or tiles.

Level 0 is the whole image, each next one has half the rows and columns of the one before, rounded
up, and the last is one pixel. A tile has its own part of a level, and ``overlap`` pixels of each
neighbour. Nothing is read here.
"""

from __future__ import annotations

from dataclasses import dataclass

from nbimage.base.box import Box
from nbimage.base.scalars import as_whole


@dataclass(frozen=True, slots=True)
class Grid:
    """A level of ``shape``, cut into blocks of ``size``, rows and columns each.

    Blocks at the level's end are smaller. They are told by row and column, or numbered row by row.
    """

    shape: tuple[int, int]
    size: tuple[int, int]

    @property
    def count(self) -> tuple[int, int]:
        """How many rows and columns of blocks there are."""
        (rows, columns), (high, wide) = self.shape, self.size
        return -(-rows // high), -(-columns // wide)

    @property
    def total(self) -> int:
        """How many blocks there are."""
        down, across = self.count
        return down * across

    def box(self, row: int, column: int, overlap: int = 0) -> Box:
        """Return where a block lies, with so much of its neighbours on each side."""
        (rows, columns), (high, wide) = self.shape, self.size
        top, left = row * high, column * wide
        return Box(
            max(0, top - overlap),
            min(rows, top + high + overlap),
            max(0, left - overlap),
            min(columns, left + wide + overlap),
        )

    def box_of(self, number: int) -> Box:
        """Return where a block lies by its number."""
        return self.box(*divmod(number, self.count[1]))

    def covering(self, box: Box) -> Box:
        """Return from which to which row and column of blocks a part lies in."""
        high, wide = self.size
        return Box(box.top // high, -(-box.bottom // high), box.left // wide, -(-box.right // wide))


def count_halvings(size: int, length: int) -> int:
    """Return how often rows or columns can be halved; the whole of a length always can."""
    return 64 if size >= length else (size & -size).bit_length() - 1


@dataclass(frozen=True, slots=True)
class TileGrid:
    """The levels of an image of ``(rows, columns)``, and how each is cut into tiles."""

    rows: int
    columns: int
    tile_size: int = 254
    overlap: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for what can't be tiled."""
        if min(self.rows, self.columns) < 1:
            raise ValueError(
                f"an image must have at least one row and column, but got {self.rows} and "
                f"{self.columns}"
            )
        for name in ("tile_size", "overlap"):
            object.__setattr__(self, name, as_whole(name, getattr(self, name)))
        if not 1 <= self.tile_size <= 65_536:
            raise ValueError(f"tile_size must be 1 to 65536, but got {self.tile_size!r}")
        if not 0 <= self.overlap <= self.tile_size:
            raise ValueError(
                f"overlap must be 0 to tile_size ({self.tile_size}), but got {self.overlap!r}"
            )

    @property
    def last(self) -> int:
        """The number of the smallest level, which is one pixel."""
        return (max(self.rows, self.columns) - 1).bit_length()

    def shape(self, level: int) -> tuple[int, int]:
        """Return a level's rows and columns."""
        if not 0 <= level <= self.last:
            raise ValueError(f"level must be 0 to {self.last}, but got {level}")
        return -(-self.rows >> level), -(-self.columns >> level)

    def tiles(self, level: int) -> tuple[int, int]:
        """Return how many rows and columns of tiles a level has."""
        return self.level(level).count

    def level(self, level: int) -> Grid:
        """Return how a level is cut, without the overlap."""
        return Grid(self.shape(level), (self.tile_size, self.tile_size))

    def inner(self, level: int, column: int, row: int) -> Box:
        """Return a tile's own part of its level."""
        return self._box(level, column, row, 0)

    def bounds(self, level: int, column: int, row: int) -> Box:
        """Return the part of its level that a tile shows: its own and the overlap."""
        return self._box(level, column, row, self.overlap)

    def _box(self, level: int, column: int, row: int, overlap: int) -> Box:
        grid = self.level(level)
        down, across = grid.count
        if not (0 <= row < down and 0 <= column < across):
            raise ValueError(
                f"a tile of level {level} must lie within {across} columns and {down} rows, but "
                f"got column {column}, row {row}"
            )
        return grid.box(row, column, overlap)


def find_native_levels(grid: TileGrid, shapes: tuple[tuple[int, int], ...]) -> dict[int, int]:
    """Return which level of a pyramid which of the source's is; others are no halves."""
    found = {0: 0}
    for number, shape in enumerate(shapes[1:], 1):
        for level in range(max(found) + 1, grid.last + 1):
            down = max(1, grid.rows >> level), max(1, grid.columns >> level)
            up = grid.shape(level)
            if shape[0] in (up[0], down[0]) and shape[1] in (up[1], down[1]):
                found[level] = number
                break
    return found
