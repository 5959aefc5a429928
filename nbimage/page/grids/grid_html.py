"""Many pictures on a page: a CSS grid of cells that one script resizes, enlarges and walks.

What is in a cell is made by `html` and `figure_html`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from nbimage.base.text import escape, format_count
from nbimage.page.bars.bar_html import bar_html, head_height
from nbimage.page.figure_html import find_margins, layout_html
from nbimage.page.figure_model import Bar, Figure, LegendEntry
from nbimage.page.grids.grid_bars import bars_below_html, beside_or_below
from nbimage.page.guard import BOX, ELEMENT, dispensable
from nbimage.page.html import TEXT, figure_html, number
from nbimage.page.scripts import packed_script
from nbimage.page.ticks.density import find_axis_level
from nbimage.page.ticks.tick_html import estimate_width

GAP = 8  # CSS pixels between cells
BAR_HEIGHT = 240
"""CSS pixels of a colorbar of all pictures, at most."""
FRAME = 3
"""CSS pixels of a border."""
_ON_PAPER = 80  # CSS pixels of a picture on narrow paper
_PAGE = 900  # CSS pixels that a page surely has; columns that ask for more may be shown smaller


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid: a picture, colorbars, an error, or nothing."""

    media: str
    """HTML that fills its parent; empty for an empty cell."""
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
    bars: tuple[Bar, ...] = ()
    """Colorbars, in a cell that holds nothing else."""
    lies: bool = False
    """These bars lie, as wide as the column."""
    error: str = ""
    """Why nothing can be shown."""
    reading: str = ""
    """How the page reads its values, as JSON; empty where it is the one of most cells."""
    border: str = ""
    """The CSS color of a frame around it, which takes no room."""
    sharp_from: float = 0.0
    """The width of a column from which on its pixels are squares; 0 where all have one width."""
    label: str = ""
    """Its title with those of its row and column."""


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
    """Pictures shown at first; with columns, the rows that hold so many."""
    row_bars: bool = False
    """Each row has its colorbars at its end."""
    across_page: int = 0
    """Columns at most where as many as fit stand in a row."""
    margins: tuple[int, int] = (0, 0)
    """CSS pixels left and right of every picture, for what stands beside some."""
    head: int = 0
    """CSS pixels between title and picture."""
    outer: int = 0
    """CSS pixels left of the first column, for the axis that all rows share."""
    axes: Figure | None = None
    """The axes that all pictures share, of which only the outer ones are shown."""
    shape: tuple[float, float] = (0.0, 0.0)
    """Width and height of the pictures that share them."""
    lead: str = ""
    """What all titles say, once."""
    reading: str = ""
    """What the page knows of the values of the pictures that say nothing of their own, as JSON."""
    scales: str = ""
    """What pixels stand for, and coordinates, as JSON: a list to which `Cell.reading` refers."""
    share: float = 0.0
    """The width of a column as a share of the output's, where it was given so."""

    @property
    def column(self) -> float:
        """The width of a column with its margins, in CSS pixels."""
        return self.width + sum(self.margins)

    @property
    def template(self) -> str:
        """The grid's columns in CSS."""
        width = f"{number(self.column)}px"
        if self.columns is None:
            return f"repeat(auto-fill,minmax(min({width},100%),{width}))"
        labels = "auto " if self.rows else ""
        bars = " auto" if self.row_bars else ""
        return f"{labels}repeat({self.columns},minmax(0,{width})){bars}"

    @property
    def across(self) -> int:
        """Cells in a row of known length, without the row's title."""
        return (self.columns or 1) + self.row_bars

    @property
    def cells(self) -> int:
        """Cells shown at first."""
        return -(-self.page // (self.columns or 1)) * self.across


def grid_html(
    cells: Sequence[Cell],
    layout: Layout,
    *,
    title: str = "",
    bars: tuple[Bar, ...] = (),
    notes: tuple[str, ...] = (),
    template: str = "",
    legend: tuple[LegendEntry, ...] = (),
    display_id: str | None = None,
) -> str:
    """Return a grid of pictures: dragging one resizes all, a click enlarges one over all."""
    if any(cell.title for cell in cells):  # the pictures without one are in line with the others
        blank = ("\u00a0", "")
        cells = [
            cell if cell.title else replace(cell, title=blank[not cell.media]) for cell in cells
        ]
    layout = with_margins(layout, cells)
    readings = Counter(cell.reading for cell in cells if cell.media)
    layout = replace(
        layout,
        across_page=choose_columns(len(cells), layout.column),
        reading=max(readings, key=readings.__getitem__, default=""),
    )
    known = f' data-display-id="{escape(display_id)}"' if display_id else ""
    total = _count(cells)
    shown, before = "", 0
    for start in range(0, len(cells), layout.cells):
        page = cells[start : start + layout.cells]
        html = _page(page, layout, total, known, start)
        if before and _count(page):
            numbers = f"{before + 1} to {before + _count(page)} of {total}"
            html = (
                f'<details class="nbimage-more" style="{ELEMENT}">'
                '<summary data-lm-suppress-shortcuts="true" '
                f'style="{ELEMENT};{TEXT};cursor:pointer;padding:8px 0">more: {numbers}</summary>'
                f"{html}</details>"
            )
        shown, before = shown + html, before + _count(page)
    if bars:
        height = min(BAR_HEIGHT, max(100.0, _height(cells[: layout.cells], layout)))
        titled = 16 if any(cell.title for cell in cells) else 0
        above = titled + layout.head + (16 + GAP if layout.heads else 0)
        upright = (
            '<div style="display:flex;font:12px/16px system-ui,sans-serif;white-space:nowrap;'
            f"padding:{max(8, above, head_height(bars))}px 0 8px;{BOX};"
            f'height:{number(height)}px">{"".join(bar_html(bar, height) for bar in bars)}</div>'
        )
        left, width = _find_span(cells, layout)
        shown = beside_or_below(shown, upright, bars, left, width)
    modules = ["grid/grid"]
    if any("<video" in cell.media for cell in cells):
        modules.append("player/video")
    if any(cell.figure and cell.figure.has_margins for cell in cells):
        modules.append("ticks")
    if layout.lead:
        shown = f'<div style="{TEXT};opacity:.75">{escape(layout.lead)}</div>{shown}'
    body = f"{shown}{template}<script>{packed_script(*modules)}</script>"
    style = _find_paper_style(cells)
    return figure_html(body, title=title, notes=notes, legend=legend, style=style)


def _find_paper_style(cells: Sequence[Cell]) -> str:
    """Return the style by which axes have fewer ticks on narrow paper, of which no script knows."""
    axes = [cell.figure.x for cell in cells if cell.figure is not None and cell.figure.x]
    if not axes:
        return ""
    level = min(find_axis_level(axis, _ON_PAPER, across=True) for axis in axes)
    axis = ".nbimage-grid .nbimage-x .nbimage-tick"
    return (
        "@media print and (max-width:500px){"
        f'{axis}:not([data-levels~="{level}"]){{display:none!important}}'
        f'{axis}[data-levels~="{level}"]{{display:block!important}}}}'
    )


def with_row_bars(
    cells: Sequence[Cell], columns: int, bars: Sequence[tuple[Bar, ...]]
) -> list[Cell]:
    """Return the cells with the colorbars of each row at its end."""
    found = []
    for start, row_bars in zip(range(0, len(cells), columns), bars, strict=True):
        line = [*cells[start : start + columns]]
        line += [Cell("", "")] * (columns - len(line))
        titled = any(cell.title for cell in line)
        height = max(cell.height for cell in line) or 100.0
        found += [*line, Cell("", "", "\u00a0" if titled else "", bars=row_bars, height=height)]
    return found


def with_column_bars(
    cells: Sequence[Cell], columns: int, bars: Sequence[tuple[Bar, ...]]
) -> list[Cell]:
    """Return the cells with the colorbars of each column below it."""
    filled = [*cells, *[Cell("", "")] * (-len(cells) % columns)]
    return filled + [Cell("", "", bars=own, height=120.0, lies=True) for own in bars]


def choose_columns(count: int, width: float) -> int:
    """Return how many columns of a width stand in a row of a wide page: a divisor if there is one.

    64 pictures are 8 rows of 8 where there is room for 9.
    """
    most = max(1, int((_PAGE + GAP) // (width + GAP)))
    if count <= most:
        return count
    even = (columns for columns in range(most, most // 2, -1) if count % columns == 0)
    columns = next(even, most)
    # of few columns, none for more rows: 4 pictures are 2 rows of 2, but 8 are 3, 3 and 2
    return columns if most > 3 or columns * -(-count // most) >= count else most


def _count(cells: Sequence[Cell]) -> int:
    """Return how many pictures there are, those that can't be shown among them."""
    return sum(bool(cell.media or cell.error) for cell in cells)


def _height(cells: Sequence[Cell], layout: Layout) -> float:
    """Return about how tall the grid is."""
    columns = layout.columns or layout.across_page or 4
    tallest = max((cell.height for cell in cells[: 10 * columns]), default=0.0)
    titled = 16 if any(cell.title for cell in cells) else 0
    return -(-len(cells) // columns) * (tallest + GAP + titled) - GAP - titled


def _find_span(cells: Sequence[Cell], layout: Layout) -> tuple[float, float]:
    """Return where the first picture begins and how wide all columns are, about, in CSS pixels."""
    left = layout.margins[0] + layout.outer + _find_inset(cells)
    if layout.rows:
        left += math.ceil(max(map(estimate_width, layout.rows))) + GAP
    columns = layout.columns or layout.across_page
    return left, columns * (layout.column + GAP) - GAP - sum(layout.margins)


def _find_inset(cells: Sequence[Cell]) -> int:
    """Return the CSS pixels left of a grid for frames, which outputs may cut at their left."""
    return 4 if any(cell.border for cell in cells) else 0


def _page(cells: Sequence[Cell], layout: Layout, total: int, known: str, start: int) -> str:
    parts = []
    across, blank = layout.across, "<div></div>"
    if layout.heads:
        heads = "".join(_head(text, "center") for text in layout.heads)
        parts.append(f"{blank if layout.rows else ''}{heads}{blank if layout.row_bars else ''}")
    for i, cell in enumerate(cells):
        row = (start + i) // across
        if layout.rows and i % across == 0:
            style = f"flex-end;margin-right:{layout.outer}px" if layout.outer else "flex-end"
            if layout.axes is not None and layout.axes.x and row == len(layout.rows) - 1:
                below = 22 + (16 if layout.axes.x.label else 0)
                style += f";margin-bottom:{below}px"  # in line with the picture, not its ticks
            parts.append(_head(layout.rows[row], style) if row < len(layout.rows) else blank)
        parts.append(_cell(cell, layout))
    wide = layout.column * (layout.columns or 1)
    crisp = layout.natural <= layout.width and wide <= max(layout.column, _PAGE)
    count, room = _count(cells), ""
    most = count
    if layout.columns is None:  # no wider than its pictures, so that the colorbar is beside them
        most = min(count, layout.across_page or count)
        room = f"width:{number(most * (layout.column + GAP))}px;"
    top = 12 if layout.row_bars else 4  # for the half of a colorbar's uppermost text
    labelled = ' data-first="1"' if layout.rows else ""
    outer = 0 if layout.rows else layout.outer
    scales = ""
    if not start:
        written = ("scales", layout.scales), ("reading", layout.reading)
        scales = "".join(f' data-{name}="{escape(text)}"' for name, text in written if text)
    edge = 4 - _find_inset(cells)
    pictures = format_count(total, "picture")
    share = f' data-share="{number(layout.share)}"' if layout.share else ""
    return (
        f'<div class="nbimage-grid" role="list" aria-label="{pictures}: arrow keys walk, '
        'Enter enlarges, plus and minus resize, Escape restores" '
        f'data-width="{number(layout.column)}"{share} '
        f'data-natural="{number(layout.natural + sum(layout.margins))}" '
        f'data-count="{most}" data-left="{layout.margins[0]}" data-right="{layout.margins[1]}" '
        f'data-head="{layout.head}"{labelled}{known}{scales} '
        f'style="display:grid;{room}box-sizing:border-box;'
        f"grid-template-columns:{layout.template};gap:{GAP}px;align-items:start;"
        f"justify-content:start;max-width:calc(100% + {4 + edge}px);"
        f"padding:{top}px 4px 4px {4 + outer}px;margin:-4px -4px -4px -{edge}px;"
        f'image-rendering:{"pixelated" if crisp else "auto"}">'
        f"{''.join(parts)}</div>"
    )


def _head(text: str, align: str) -> str:
    """Return the title of a row or a column."""
    return (
        f'<div style="{TEXT};font-weight:600;line-height:16px;align-self:center;display:flex;'
        f'justify-content:{align};text-align:center">{escape(text)}</div>'
    )


def with_margins(layout: Layout, cells: Sequence[Cell]) -> Layout:
    """Return the layout with room beside and above all pictures for what stands there at some."""
    if any(cell.border for cell in cells):
        layout = replace(layout, head=FRAME)
    known = [(cell, cell.figure) for cell in cells if cell.figure is not None]
    if layout.axes is not None:  # they stand outside of all
        known = [(cell, figure._replace(x=None, y=None)) for cell, figure in known]
    figures = [(cell, figure) for cell, figure in known if figure.has_margins]
    if not figures:
        return layout
    beside = [find_margins(figure, cell.width, cell.height) for cell, figure in figures]
    above = max(head_height(figure.bars) - (16 if cell.title else 0) for cell, figure in figures)
    ticked = any(figure.bars or figure.y for _, figure in figures)
    return replace(
        layout,
        margins=(max(left for left, _ in beside), max(right for _, right in beside)),
        head=max(layout.head, above, 8 if ticked and not any(c.title for c in cells) else 0),
    )


def _cell(cell: Cell, layout: Layout) -> str:
    left, right = layout.margins
    shape = "min-width:0;break-inside:avoid"
    if left or right:
        shape += f";box-sizing:border-box;padding:0 {right}px 0 {left}px"
    own = ""
    if cell.sharp_from:
        sharp = cell.sharp_from <= layout.width
        shape += f";image-rendering:{'pixelated' if sharp else 'auto'}"
        own = f' data-sharp="{number(cell.sharp_from + left + right)}"'
    title = ""
    if cell.title:
        title = (
            f'<div class="nbimage-title" title="{escape(cell.title)}" style="font:13px/16px '
            'system-ui,sans-serif;overflow:hidden;text-overflow:ellipsis;white-space:nowrap">'
            f"{escape(cell.title)}</div>"
        )
    if cell.error:
        inner = (
            f'<div class="nbimage-error" style="{TEXT};line-height:16px;border:1px solid #d33;'
            f'padding:6px;box-sizing:border-box;overflow:hidden">{escape(cell.error)}</div>'
        )
        return f'<div class="nbimage-cell" role="listitem" style="{shape}">{title}{inner}</div>'
    if cell.bars and cell.lies:
        return bars_below_html(cell.bars, layout.width)
    if cell.bars:
        bars = "".join(bar_html(bar, cell.height) for bar in cell.bars)
        inner = (
            '<div style="display:flex;flex:1;font:12px/16px system-ui,sans-serif;'
            f'white-space:nowrap;padding-top:{head_height(cell.bars)}px">{bars}</div>'
        )
        return dispensable(  # as high as the pictures of its row, however wide these are
            '<div class="nbimage-row-bars" style="min-width:0;min-height:72px;display:flex;'
            f'flex-direction:column;align-self:stretch">{title}{inner}</div>'
        )
    if not cell.media:
        return "<div></div>"
    has_margins = cell.figure is not None and cell.figure.has_margins
    share = f"width:{number(100 * cell.share)}%"
    above = f"padding-top:{layout.head}px" if layout.head else ""
    role = "group" if "<video" in cell.media else "img"  # a group's controls are in reach
    frame = ""
    if cell.border:
        frame = (
            f'<div class="nbimage-border" style="position:absolute;left:-{FRAME}px;'
            f"top:-{FRAME}px;right:-{FRAME}px;bottom:-{FRAME}px;"
            f'border:{FRAME}px solid {cell.border};pointer-events:none"></div>'
        )
    known = f' data-title="{escape(cell.label)}"' if cell.label else ""
    if cell.reading != layout.reading:
        known += f' data-reading="{escape(cell.reading)}"'
    name = escape(cell.name)
    if f'alt="{name}"' not in cell.media:  # else it says so itself; scripts that take keys do then
        known = f' role="{role}" aria-label="{name}"{known}'
    media = (
        f'<div class="nbimage-media"{known} '
        f'style="position:relative;line-height:0;{"width:100%" if has_margins else share}">'
        f"{cell.media}{frame}</div>"
    )
    if cell.figure is not None and has_margins:
        beside = left + layout.outer, right
        media = layout_html(media, cell.figure, cell.width, cell.height, margins=beside)
        media = f'<div style="{share}">{media}</div>'
    media = f'<div style="{above}">{media}</div>' if above else media
    return f'<div class="nbimage-cell" role="listitem"{own} style="{shape}">{title}{media}</div>'
