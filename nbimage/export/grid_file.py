"""A grid's figure: all pictures with their titles, axes, borders and colorbars on one sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nbimage.export.drawing import Drawing, Picture
from nbimage.export.figure_file import make_sheet
from nbimage.page.bars.bar_html import head_height
from nbimage.page.figure_model import Bar, LegendEntry
from nbimage.page.figure_svg import draw_bar, draw_lines, draw_margins, draw_over
from nbimage.page.grids.grid_html import (
    BAR_HEIGHT,
    FRAME,
    GAP,
    Cell,
    Layout,
    choose_columns,
    with_margins,
)
from nbimage.page.svg.lying_bar import draw_lying_bar
from nbimage.page.svg.sheet import LINE, TITLE_FONT, Sheet, document, wrap_text
from nbimage.page.svg_primitives import as_svg_color, number

_AWAY = 12  # CSS pixels from the pictures to the colorbars of all
_PADDED = 6  # CSS pixels around the words of an error


class GridSheet:
    """The sheet of a grid, and where its pictures lie."""

    def __init__(self, cells: Sequence[Cell], layout: Layout, pictures: Sequence[Any]) -> None:
        layout = with_margins(layout, cells)
        self._columns = layout.columns or choose_columns(len(cells), layout.column)
        self._layout, self._across = layout, self._columns + layout.row_bars
        self._cells, self._shown = cells, iter(pictures)
        self._pictures: list[Picture] = []
        self._sheet = make_sheet(0.0, 0.0)
        self._first = 0.0  # where the first row's pictures begin
        widths = (self._sheet.measure(text, TITLE_FONT, True) for text in layout.rows)
        self._left = max(widths, default=-GAP) + GAP + (layout.outer if layout.rows else 0)

    def draw(
        self,
        title: str,
        bars: Sequence[Bar],
        notes: Sequence[str],
        alt: str,
        legend: Sequence[LegendEntry] = (),
    ) -> Drawing:
        """Return the drawing of all of it."""
        y = self._draw_heads()
        for row, start in enumerate(range(0, len(self._cells), self._across)):
            bottom = self._draw_row(row, self._cells[start : start + self._across], y)
            y = bottom + GAP
        self._draw_bars(bars, y - GAP)
        draw_lines(self._sheet, title, notes, legend)
        svg, width, height, (left, top) = document(self._sheet, alt)
        moved = tuple(
            picture._replace(box=(picture.box[0] + left, picture.box[1] + top, *picture.box[2:]))
            for picture in self._pictures
        )
        return Drawing(svg, width, height, moved, alt)

    def _x(self, column: int) -> float:
        return self._left + column * (self._layout.column + GAP)

    def _draw_heads(self) -> float:
        """Write the titles of columns; return where the first row begins."""
        room = self._layout.column
        wrapped = [self._wrap(text, room, bold=True) for text in self._layout.heads]
        tallest = max(map(len, wrapped), default=0)
        for column, lines in enumerate(wrapped):
            top = (tallest - len(lines)) * LINE
            for i, line in enumerate(lines):
                middle = top + (i + 0.5) * LINE
                self._write(line, self._x(column) + room / 2, middle, "middle", bold=True)
        return tallest * LINE + GAP if tallest else 0.0

    def _draw_row(self, row: int, cells: Sequence[Cell], y: float) -> float:
        """Draw a row of cells from y on; return where it ends."""
        layout = self._layout
        titles = [self._wrap(cell.title, layout.width) for cell in cells]
        above = max(map(len, titles)) * LINE + layout.head
        top = y + max(above, *(0 if one.lies else head_height(one.bars) for one in cells))
        if row == 0:
            self._first = top
        bottom = top
        for column, (cell, lines) in enumerate(zip(cells, titles, strict=True)):
            x = self._x(column) + layout.margins[0]
            start = top - layout.head - len(lines) * LINE
            for i, line in enumerate(lines):
                self._write(line, x, start + (i + 0.5) * LINE)
            bottom = max(bottom, self._draw_cell(cell, x, top))
        if row < len(layout.rows):
            tallest = max((cell.height for cell in cells if cell.media), default=0.0)
            x, y = self._left - GAP - layout.outer, top + max(tallest, LINE) / 2
            self._write(layout.rows[row], x, y, "end", bold=True)
        return bottom

    def _draw_cell(self, cell: Cell, x: float, y: float) -> float:
        """Draw what is in a cell, its upper left corner at x, y; return where it ends."""
        if cell.error:
            return self._draw_error(cell.error, x, y)
        sheet = make_sheet(0.0, 0.0)
        if cell.bars and cell.lies:
            for bar in cell.bars:
                draw_lying_bar(sheet, bar, sheet.bottom, self._layout.width)
        elif cell.bars:
            x = x - self._layout.margins[0]
            _draw_bars(sheet, cell.bars, 0.0, cell.height)
        elif cell.media:
            picture, size = next(self._shown), (cell.width, cell.height)
            sheet.reach(0, 0, *size)
            if cell.figure is not None:
                draw_over(sheet, *size, cell.figure)
                draw_margins(sheet, *size, cell.figure)
            if cell.border:
                sheet.add(*_frame(cell.border, *size))
            labels = bool(getattr(picture, "labels", False))
            background = getattr(picture, "_background", None)
            self._pictures.append(Picture(picture.render(), (x, y, *size), labels, background))
        self._lay(sheet, x, y)
        return y + sheet.bottom

    def _draw_error(self, text: str, x: float, y: float) -> float:
        room = self._layout.width
        lines = self._wrap(text, room - 2 * _PADDED)
        for i, line in enumerate(lines):
            self._write(line, x + _PADDED, y + _PADDED + (i + 0.5) * LINE)
        height = len(lines) * LINE + 2 * _PADDED
        outline = f'fill="none" stroke="#dd3333" d="{_outline(x, y, room, height, -0.5)}"'
        self._sheet.add(f"<path {outline}/>", (x, y, x + room, y + height))
        return y + height

    def _draw_bars(self, bars: Sequence[Bar], bottom: float) -> None:
        """Draw the colorbars of all pictures at their right."""
        if not bars:
            return
        sheet = make_sheet(0.0, 0.0)
        height = min(BAR_HEIGHT, max(100.0, bottom - self._first))
        _draw_bars(sheet, bars, 0.0, height)
        self._lay(sheet, self._x(self._across) - GAP, self._first)

    def _lay(self, sheet: Sheet, x: float, y: float) -> None:
        """Put a sheet of its own onto the grid's."""
        shift = f"translate({number(x)} {number(y)})"
        box = sheet.left + x, sheet.top + y, sheet.right + x, sheet.bottom + y
        self._sheet.add(f'<g transform="{shift}">{"".join(sheet.parts)}</g>', box)

    def _wrap(self, text: str, room: float, *, bold: bool = False) -> list[str]:
        lines = wrap_text(text, room, TITLE_FONT, self._sheet.measure, bold=bold)
        return lines or [""] * bool(text)

    def _write(
        self, text: str, x: float, y: float, anchor: str = "start", *, bold: bool = False
    ) -> None:
        self._sheet.write(text, x, y, anchor, size=TITLE_FONT, bold=bold)


def _draw_bars(sheet: Sheet, bars: Sequence[Bar], x: float, height: float) -> None:
    for bar in bars:
        x = draw_bar(sheet, bar, x + _AWAY, height)


def _frame(
    color: str, width: float, height: float
) -> tuple[str, tuple[float, float, float, float]]:
    """Return a frame around a picture, and how far it reaches."""
    paint = as_svg_color(color, "border").format_paint("stroke")
    path = _outline(0, 0, width, height, FRAME / 2)
    return (
        f'<path fill="none"{paint} stroke-width="{FRAME}" d="{path}"/>',
        (-FRAME, -FRAME, width + FRAME, height + FRAME),
    )


def _outline(x: float, y: float, width: float, height: float, beyond: float) -> str:
    left, top, right, bottom = map(number, _box(x, y, width, height, beyond))
    return f"M{left} {top}H{right}V{bottom}H{left}Z"


def _box(x: float, y: float, width: float, height: float, beyond: float) -> Iterator[float]:
    yield from (x - beyond, y - beyond, x + width + beyond, y + height + beyond)
