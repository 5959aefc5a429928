"""How large a grid is about on a page of its own."""

from __future__ import annotations

from nbimage.page.figure_model import Bar
from nbimage.page.frames.frame_html import PLAYER_HEIGHT, find_height_beside, find_lines_height
from nbimage.page.grids.grid_html import BAR_HEIGHT, GAP, Cell, Layout, choose_columns

_PAGE = 700  # CSS pixels that a frame surely has, beside which no more columns are counted on
_TITLE = 16
_MORE = 36  # the line that opens further pages


def find_grid_size(
    cells: list[Cell], layout: Layout, bars: tuple[Bar, ...], title: str, notes: tuple[str, ...]
) -> tuple[float, float]:
    """Return about how wide and tall a grid is in CSS pixels, rather too tall than too low."""
    shown = cells[: layout.cells]
    fit = max(1, int((_PAGE + GAP) // (layout.column + GAP)))
    columns = layout.columns or min(fit, choose_columns(len(cells), layout.column))
    across = columns + layout.row_bars
    titled = _TITLE if any(cell.title for cell in cells) else 0
    tall = sum(
        max(_height(cell) for cell in shown[start : start + across]) + titled + layout.head + GAP
        for start in range(0, len(shown), across)
    )
    if layout.heads:
        tall += _TITLE + GAP
    if layout.axes is not None:
        tall += find_height_beside(layout.axes)
    if bars:
        tall = max(tall, BAR_HEIGHT) + 50
    if layout.lead:
        tall += find_lines_height(_PAGE, layout.lead, ())
    tall += _MORE * ((len(cells) - 1) // layout.cells)
    wide = layout.outer + columns * (layout.column + GAP)
    return wide, tall + find_lines_height(wide, title, notes)


def _height(cell: Cell) -> float:
    tall = cell.height + PLAYER_HEIGHT * ("<video" in cell.media)
    return tall + (find_height_beside(cell.figure) if cell.figure else 0.0)
