"""Many pictures on a page: a CSS grid of cells that one script resizes, enlarges and walks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from nbimage.page.figure import Bar, Figure
from nbimage.page.figure_html import bar_html, framed_html
from nbimage.page.html import TEXT, figure_html, number, script

GAP = 8  # CSS pixels between cells
_BAR_HEIGHT = 220


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of the grid."""

    media: str
    """HTML that fills what it is in; empty for an empty place."""
    name: str
    """What a screen reader calls it."""
    title: str = ""
    share: float = 1.0
    """Its width as a share of the column's."""
    width: float = 0.0
    height: float = 0.0
    """In CSS pixels, as shown at first."""
    figure: Figure | None = None
    """What stands around it."""
    bar: Bar | None = None
    """The place holds a colorbar alone."""
    error: str = ""
    """Why nothing can be shown."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells are arranged."""

    width: float
    """Of a column, in CSS pixels."""
    natural: float
    """Width of a column at which pictures are shown pixel for pixel."""
    columns: int | None = None
    """None: as many as fit."""
    rows: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    page: int = 1000
    """Cells shown at first."""

    @property
    def template(self) -> str:
        """The grid's columns in CSS."""
        width = f"{number(self.width)}px"
        if self.columns is None:
            return f"repeat(auto-fill,minmax(min({width},100%),{width}))"
        labels = "auto " if self.rows else ""
        return f"{labels}repeat({self.columns},minmax(0,{width}))"


def grid_html(
    cells: Sequence[Cell],
    layout: Layout,
    *,
    title: str = "",
    bars: tuple[Bar, ...] = (),
    display_id: str | None = None,
) -> str:
    """Return a grid of pictures: dragging one resizes all, a click enlarges one in place."""
    known = f' data-display-id="{escape(display_id)}"' if display_id else ""
    pages = [cells[i : i + layout.page] for i in range(0, len(cells), layout.page)]
    shown = _page(pages[0], layout, len(cells), known, 0)
    start = layout.page
    for page in pages[1:]:
        some = f"{start + 1} to {start + len(page)} of {len(cells)}"
        shown += (
            f'<details class="nbimage-more"><summary style="{TEXT};cursor:pointer;padding:8px 0">'
            f"more: {some}</summary>{_page(page, layout, len(cells), known, start)}</details>"
        )
        start += len(page)
    if bars:
        height = min(_BAR_HEIGHT, max(100.0, _height(cells, layout)))
        side = (
            '<div style="position:sticky;top:8px;align-self:flex-start;flex:none;display:flex;'
            f"font:12px/16px system-ui,sans-serif;white-space:nowrap;padding:8px 0;"
            f'height:{number(height)}px">{"".join(bar_html(bar, height) for bar in bars)}</div>'
        )
        grow = 1 if layout.columns is None else 0
        main = f'<div style="flex:{grow} 1 auto;min-width:0">'
        shown = f'<div style="display:flex">{main}{shown}</div>{side}</div>'
    modules = ["grid"]
    if any("<video" in cell.media for cell in cells):
        modules.append("video")
    if any(cell.figure and cell.figure.framed for cell in cells):
        modules.append("ticks")
    body = f"{shown}<script>{script(tuple(modules))}</script>"
    return figure_html(body, title=title)


def with_row_bars(
    cells: Sequence[Cell], columns: int, bars: Sequence[tuple[Bar, ...]]
) -> list[Cell]:
    """Return the cells with the colorbar of each row at its end."""
    found = []
    for number, start in enumerate(range(0, len(cells), columns)):
        line = [*cells[start : start + columns]]
        line += [Cell("", "")] * (columns - len(line))
        height = max((cell.height for cell in line), default=100.0)
        bar = bars[number][0] if bars[number] else None
        found += [*line, Cell("", "", bar=bar, height=height)]
    return found


def with_column_bars(
    cells: Sequence[Cell], columns: int, bars: Sequence[tuple[Bar, ...]]
) -> list[Cell]:
    """Return the cells with the colorbar of each column below it."""
    cells = [*cells] + [Cell("", "")] * (-len(cells) % columns)
    return cells + [Cell("", "", bar=bar[0] if bar else None, height=120.0) for bar in bars]


def _height(cells: Sequence[Cell], layout: Layout) -> float:
    """Return about how tall the grid is."""
    columns = layout.columns or 4
    tallest = max((cell.height for cell in cells[: 10 * columns]), default=0)
    return -(-len(cells) // columns) * (tallest + GAP) - GAP


def _page(cells: Sequence[Cell], layout: Layout, total: int, known: str, start: int) -> str:
    parts = []
    if layout.heads and start == 0:
        corner = "<div></div>" if layout.rows else ""
        parts.append(corner + "".join(_head(text, "center") for text in layout.heads))
    columns = layout.columns or 1
    for i, cell in enumerate(cells):
        if layout.rows and i % columns == 0 and (start + i) // columns < len(layout.rows):
            parts.append(_head(layout.rows[(start + i) // columns], "flex-end"))
        parts.append(_cell(cell))
    return (
        f'<div class="nbimage-grid" role="list" aria-label="{total} pictures: arrow keys walk, '
        'Enter enlarges, plus and minus resize, Escape restores" '
        f'data-width="{number(layout.width)}" data-natural="{number(layout.natural)}"'
        f'{known} style="display:grid;grid-template-columns:{layout.template};'
        f"gap:{GAP}px;align-items:start;justify-content:start;max-width:100%;padding:4px;margin:-4px;"
        f'image-rendering:{"pixelated" if layout.width >= layout.natural else "auto"}">'
        f"{''.join(parts)}</div>"
    )


def _head(text: str, align: str) -> str:
    """Return the title of a row or a column."""
    return (
        f'<div style="{TEXT};font-weight:600;line-height:16px;align-self:center;display:flex;'
        f'justify-content:{align};text-align:center">{escape(text)}</div>'
    )


def _cell(cell: Cell) -> str:
    title = ""
    if cell.title:
        title = (
            f'<div class="nbimage-title" title="{escape(cell.title)}" style="{TEXT};'
            'line-height:16px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap">'
            f"{escape(cell.title)}</div>"
        )
    if cell.error:
        inner = (
            f'<div class="nbimage-error" style="{TEXT};line-height:16px;border:1px solid #d33;'
            f'padding:6px;box-sizing:border-box;overflow:hidden">{escape(cell.error)}</div>'
        )
        return f'<div class="nbimage-cell" role="listitem" style="min-width:0">{title}{inner}</div>'
    if cell.bar:
        inner = (
            '<div style="display:flex;font:12px/16px system-ui,sans-serif;white-space:nowrap;'
            f'height:{number(cell.height)}px">{bar_html(cell.bar, cell.height)}</div>'
        )
        return f'<div style="min-width:0">{inner}</div>'
    if not cell.media:
        return "<div></div>"
    framed = cell.figure is not None and cell.figure.framed
    share = f"width:{number(100 * cell.share)}%"
    media = (
        f'<div class="nbimage-media" tabindex="-1" role="img" aria-label="{escape(cell.name)}" '
        f'style="position:relative;line-height:0;{"width:100%" if framed else share}">'
        f"{cell.media}</div>"
    )
    if cell.figure is not None and framed:
        media = framed_html(media, cell.figure, cell.width, cell.height, fill=True)
        media = f'<div style="{share}">{media}</div>'
    return f'<div class="nbimage-cell" role="listitem" style="min-width:0">{title}{media}</div>'
