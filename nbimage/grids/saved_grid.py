"""`SavedGrid`: what a grid gives: HTML, and files of all its pictures or one each.

Not here: which pictures there are (`grid`), how they become one (`grid_files`).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.text import format_repr
from nbimage.codecs.png import encode_png
from nbimage.codecs.png_batch import write_uris
from nbimage.grids.facet_titles import join_lead
from nbimage.grids.grid_files import encode_preview, montage_pictures, save_grid
from nbimage.grids.item import Items
from nbimage.grids.readings import write_readings
from nbimage.page.figure_model import Bar, LegendEntry, join_legends
from nbimage.page.frames.framed import Framed
from nbimage.page.frames.grid_size import find_grid_size
from nbimage.page.grids.grid_html import Cell, Layout, grid_html, with_column_bars, with_row_bars
from nbimage.page.grids.outer_axes import axes_template, with_outer_axes
from nbimage.page.html import document_html
from nbimage.page.ipython import Bundle, mime_bundle
from nbimage.picture import Picture

if TYPE_CHECKING:
    from nbimage.typing import PathLike

_SMALLER = 'a lower max_pixels=, format="webp" or fewer pictures make it less'


class SavedGrid(Framed):
    """What shows and saves a grid. `Grid` is one."""

    pictures: tuple[Any, ...]
    titles: tuple[str, ...]
    errors: dict[int, str]
    _items: Items
    _columns: int | None
    _title: str
    _display_id: str | None
    _page: int
    _shared: bool | str
    _share: Any
    _borders: Sequence[str]
    _readings: Any
    _bars: list[tuple[Bar, ...]]
    _natural: float
    _width: float
    _times: Any

    @property
    def width(self) -> float:
        """The width of a column on the page in CSS pixels."""
        return self._width

    @functools.cached_property
    def html(self) -> str:
        """The grid as HTML that holds everything it needs."""
        cells, layout, bars = self._arrange()
        options: dict[str, Any] = {"bars": bars, "notes": self._notes(), "legend": self._legend()}
        options["template"] = axes_template(layout)
        return grid_html(cells, layout, title=self._title, display_id=self._display_id, **options)

    def _arrange(self) -> tuple[list[Cell], Layout, tuple[Bar, ...]]:
        """Return the cells, how they are arranged, and the colorbars of all pictures."""
        readings, scales = write_readings(self.pictures, self._readings)
        heads = self._items.shorten(self.titles)
        own = [i for i, picture in enumerate(self.pictures) if isinstance(picture, Picture)]
        uris = write_uris([self.pictures[i]._stored for i in own])
        sources = dict(zip(own, uris, strict=True))
        cells = [
            self._cell(i, readings[i], heads.titles[i], sources.get(i))
            for i in range(len(self.pictures))
        ]
        layout = Layout(self._width, self._natural, self._columns, heads.rows, heads.columns)
        cells, layout = with_outer_axes(cells, layout)
        columns, row_bars = layout.columns, False
        if columns is not None and any(self._bars):
            if self._shared == "row":
                cells, row_bars = with_row_bars(cells, columns, self._bars), True
            elif self._shared == "column":
                cells = with_column_bars(cells, columns, self._bars)
        whole = self._bars[0] if self._shared is True and self._bars else ()
        more: dict[str, Any] = {"row_bars": row_bars, "scales": scales, "share": self._share}
        layout = replace(layout, page=self._page, lead=heads.lead, **more)
        return cells, layout, whole

    def _legend(self) -> tuple[LegendEntry, ...]:
        """Return the channels of composites, where all have the same."""
        pictures = [p for p in self.pictures if isinstance(p, Picture)]
        return join_legends([p.figure.legend for p in pictures if p.figure.legend])

    def _notes(self) -> tuple[str, ...]:
        """Return the lines below all: what the file says, and what is not shown of the pictures."""
        reduced = [p for p in self.pictures if isinstance(p, Picture) and p._reductions]
        notes = (self._items.note,) if self._items.note else ()
        if not reduced:
            return notes
        first, *more = reduced[0]._reductions
        count = len(reduced)
        which = "a picture" if count == 1 else f"{count} pictures, one of"
        return (*notes, f"{which} {first}", *more)

    def _cell(self, number: int, reading: str, title: str, source: str | None) -> Cell:
        picture, full = self.pictures[number], self.titles[number]
        name = f"{full}: " if full else ""
        if number in self.errors:
            label = self._items.items[number].label
            return Cell("", name, title, error=f"{label}: {self.errors[number]}")
        if picture is None:
            return Cell("", "")
        times = self._times[number]
        share, alt = picture.width * times / self._natural, picture.alt
        return Cell(
            picture.inner_html if source is None else picture._fill_parent(source, alt),
            name + alt,
            title,
            share,
            self._width * share,
            self._width * share * picture.height / picture.width,
            picture.figure,
            reading=reading,
            border=self._borders[number],
            label=", ".join(filter(None, (*self._items.find_titles(number), full))),
            sharp_from=self._natural / times if times > 1 and isinstance(picture, Picture) else 0.0,
        )

    @property
    def description(self) -> str:
        """One line: how many pictures there are, and what the first one is."""
        shown = [picture for picture in self.pictures if picture is not None]
        if not shown:
            return "nothing to show"
        more = "1 picture," if len(shown) == 1 else f"{len(shown)} pictures, the first"
        return f"{more} {shown[0].description}"

    @door
    def save(self, path: PathLike, *, figure: bool = False, scale: float = 1) -> Path | list[Path]:
        """Save all as one picture with its titles (``.png``), or as a page (``.html``).

        With ``figure`` (``.png``, ``.jpg``, ``.webp``, ``.avif``), and always as ``.pdf``, the file
        holds the grid as shown, with axes, borders and colorbars, ``scale`` pixels a CSS pixel. A
        path with ``{index}`` or ``{title}`` in it, such as ``"out/{index:03}.png"``, is one file
        a picture. Each file is written whole or not at all. Returns the path, or the paths.

        Examples
        --------
        >>> grid = nbimage.Grid({"eye": np.eye(9), "ones": np.ones((9, 9))})
        >>> grid.save("both").name
        'both.png'
        >>> [path.name for path in grid.save("{index:02}-{title}.png")]
        ['00-eye.png', '01-ones.png']
        >>> grid.save("both.pdf").name
        'both.pdf'
        """
        return save_grid(path, self.pictures, self.titles, self._encode, figure, scale)

    def _encode(self, format_: str, figure: bool, scale: float) -> bytes:
        """Return the bytes of a file of all."""
        from nbimage.export.figure_file import encode_figure

        if format_ == "html":
            return document_html(self.html, self._title or "Grid").encode()
        return encode_figure(self._draw(), format_, scale, {}) if figure else self.png

    def _draw(self) -> Any:
        """Return the whole figure for a file that this package draws itself."""
        from nbimage.export.grid_file import GridSheet

        cells, layout, bars = self._arrange()
        shown = [p for i, p in enumerate(self.pictures) if p is not None and i not in self.errors]
        sheet, lead = GridSheet(cells, layout, shown), join_lead(self._title, layout.lead)
        alt = self._title or self.description
        return sheet.draw(lead, bars, self._notes(), alt, self._legend())

    @functools.cached_property
    def png(self) -> bytes:
        """All pictures, every pixel of them, with their titles as one PNG on white."""
        return encode_png(self._montage(len(self.pictures), np.inf))

    def _montage(self, most: int, side: float) -> Array:
        heads = self._items.shorten(self.titles)
        return montage_pictures(
            self.pictures[:most],
            heads.titles[:most],
            self._borders[:most],
            self._columns,
            title=join_lead(self._title, heads.lead),
            rows=heads.rows,
            heads=heads.columns,
            side=side,
        )

    @door
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return mime_bundle(self.html, *self._preview, repr(self), _SMALLER)

    @functools.cached_property
    def _preview(self) -> tuple[bytes, float]:
        return encode_preview(self._draw, self._montage, len(self.pictures))

    def _frame_size(self) -> tuple[float, float]:
        return find_grid_size(*self._arrange(), self._title, self._notes())

    def __repr__(self) -> str:
        return format_repr("Grid", self._title, self.description)
