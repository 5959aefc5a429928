"""Axes that all pictures of a grid share: ticks at the left of the first column and below the last.

Texts at the ends of an axis are left out where they would reach into the next picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nbimage.page.figure_html import find_margins, layout_html
from nbimage.page.figure_model import Axis, Figure
from nbimage.page.grids.grid_html import Cell, Layout, choose_columns
from nbimage.page.ticks.tick_html import estimate_width

_NARROW = 160  # CSS pixels of a picture that may become narrower
_LINE = 12  # of which letters fill so many


def with_outer_axes(cells: Sequence[Cell], layout: Layout) -> tuple[list[Cell], Layout]:
    """Return cells of which only the outer ones have axes, if all have the same, and the layout.

    Rows have a known length then.
    """
    shared = _find_shared(cells)
    if shared is None:
        return list(cells), layout
    shape = max((cell.width, cell.height) for cell in cells if cell.media)
    columns = layout.columns or choose_columns(len(cells), layout.column)
    x, y = _without_ends(shared.x, shape[0], True), _without_ends(shared.y, shape[1], False)
    found = []
    for number, cell in enumerate(cells):
        if cell.figure is not None:
            below = cells[number + columns] if number + columns < len(cells) else None
            bottom = below is None or not below.media
            first = number % columns == 0
            figure = cell.figure._replace(x=x if bottom else None, y=y if first else None)
            cell = replace(cell, figure=figure)
        found.append(cell)
    outer = find_margins(Figure(y=y), *shape)[0]
    return found, replace(layout, columns=columns, outer=outer, axes=shared, shape=shape)


def _find_shared(cells: Sequence[Cell]) -> Figure | None:
    """Return the axes that all of several pictures have, as they are of one size; None else."""
    shown = [cell for cell in cells if cell.media]
    figures = [cell.figure for cell in shown]
    first = figures[0] if figures else None
    if first is None or len(shown) < 2 or not (first.x or first.y):
        return None
    for cell, figure in zip(shown, figures, strict=True):
        size = (cell.width, cell.height) == (shown[0].width, shown[0].height)
        if figure is None or (figure.x, figure.y) != (first.x, first.y) or not size:
            return None
    return Figure(x=first.x, y=first.y)


def _without_ends(axis: Axis | None, length: float, across: bool) -> Axis | None:
    """Return an axis without ticks whose texts stick out of the picture."""
    if axis is None:
        return None
    axis = axis._replace(paired=False)  # with which others have no partner
    if axis.turned:
        return axis
    length = min(length, _NARROW)
    kept = []
    for tick in axis.ticks:
        half = (estimate_width(tick.text) if across else _LINE) / 2
        if half <= tick.position * length <= length - half:
            kept.append(tick)
    return axis._replace(ticks=tuple(kept)) if kept else axis


def axes_template(layout: Layout) -> str:
    """Return the axes as they stand around an enlarged picture, for the script."""
    if layout.axes is None:
        return ""
    left, right = find_margins(layout.axes, *layout.shape)
    slot = '<div class="nbimage-slot"></div>'
    html = layout_html(slot, layout.axes, *layout.shape, margins=(left, right))
    return (  # hidden where a sanitiser takes the template away
        f'<template class="nbimage-axes" data-left="{left}" data-right="{right}">'
        f'<div style="display:none">{html}</div></template>'
    )
