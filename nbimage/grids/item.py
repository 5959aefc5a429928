"""What is in a grid's cells: items in reading order, with labels for messages and titles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import picture_axes
from nbimage.grids.facet_titles import shorten_titles


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One thing to be shown."""

    content: Any
    """An array-like, values taken in already, a path, or something that shows itself."""
    label: str
    """For messages, such as ``images[3]``."""
    title: str = ""


class Heads(NamedTuple):
    """Titles as they stand in a grid, and what is said of all of them above it."""

    titles: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """All of them in reading order, and what is known of their arrangement."""

    items: list[Item]
    columns: int | None = None
    row_titles: tuple[str, ...] = ()
    """Titles of the rows, at their left."""
    column_titles: tuple[str, ...] = ()
    """Titles of the columns, above them."""
    label: str = ""
    """What the values are, for the colorbar."""
    note: str = ""
    """What stands below them."""
    titled: bool = False
    """Their titles are the caller's."""
    facets: bool = False
    """They are parts of one array, so that they share their coordinates."""

    @property
    def has_axes(self) -> bool:
        """Whether the first one's data bring coordinates of its rows and columns."""
        first = self.items[0].content if self.items else None
        return isinstance(first, Values) and picture_axes(first.metadata, None) != (None, None)

    def shorten(self, titles: tuple[str, ...]) -> Heads:
        """Return titles without what all of them begin with, where they are facets' own."""
        if not self.facets:
            return Heads(titles, self.row_titles, self.column_titles)
        lead, short = ("", titles) if self.titled else shorten_titles(titles)
        down, rows = shorten_titles(self.row_titles)
        across, columns = shorten_titles(self.column_titles)
        named = (f"rows: {down}" if down else "", f"columns: {across}" if across else "")
        return Heads(short, rows, columns, "; ".join(filter(None, (lead, *named))))

    def find_titles(self, number: int) -> tuple[str, ...]:
        """Return the titles of the row and the column of an item, where these have some."""
        row, column = divmod(number, self.columns or len(self.items))
        titles = self.row_titles[row : row + 1], self.column_titles[column : column + 1]
        return tuple(text for found in titles for text in found)
