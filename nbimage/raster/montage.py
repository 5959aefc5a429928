"""Compose pictures and their titles to one picture, for files and previews of grids.

Grids on a page are `page.grids.grid_html`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.alpha import as_rgb, composite_over
from nbimage.mapping.area_mean import area_mean, factor_for, take_pixels
from nbimage.raster.fonts import load_font

_SPACE = 8
_LINE = 18
_TEXT_SIZE = 13
_FRAME = 3


@dataclass(frozen=True, slots=True, eq=False)
class MontageItem:
    """A picture and what is written above it."""

    array: Array | None
    """uint8 ``(H, W[, 2|3|4])``; None for an empty cell."""
    title: str = ""
    labels: bool = False
    """Its colors are never mixed."""
    border: tuple[int, ...] | None = None
    """The color of a frame around it."""


def make_montage(
    items: Sequence[MontageItem],
    columns: int,
    *,
    title: str = "",
    rows: Sequence[str] = (),
    heads: Sequence[str] = (),
    side: float = np.inf,
) -> Array:
    """Return pictures in rows on white, with their titles in black, ``(H, W, 3)``.

    ``side``: at most so many pixels a side; the pictures are reduced by a whole factor for it.
    """
    shapes = [tile.array.shape if tile.array is not None else (1, 1) for tile in items]
    wide = max(shape[1] for shape in shapes)
    tall = max(shape[0] for shape in shapes)
    count = -(-len(items) // columns)
    factor = factor_for((tall * count, wide * columns), side=side)
    arrays = [_reduced(item, factor) for item in items]
    lines = [items[i * columns : (i + 1) * columns] for i in range(count)]
    heights = []
    for i, line in enumerate(lines):
        inside = arrays[i * columns : i * columns + len(line)]
        highest = max((a.shape[0] for a in inside if a is not None), default=1)
        heights.append(highest + (_LINE if any(t.title for t in line) else 0))
    width = max(1, -(-wide // factor))
    left = (max(map(_measure_text, rows)) + _SPACE) if rows else 0
    top = (_LINE + 4 if title else 0) + (_LINE if heads else 0)
    shape = (
        top + sum(heights) + _SPACE * (count + 1),
        left + columns * (width + _SPACE) + _SPACE,
        3,
    )
    canvas = np.full(shape, 255, np.uint8)
    if title:
        _draw_line(canvas, title, (_SPACE, 4), shape[1] - 2 * _SPACE)
    for j, head in enumerate(heads):
        _draw_line(canvas, head, (left + _SPACE + j * (width + _SPACE), top - _LINE + 4), width)
    y = top + _SPACE
    for i, line in enumerate(lines):
        if i < len(rows):
            _draw_line(canvas, rows[i], (_SPACE, y + heights[i] // 2 - _LINE // 2), left)
        below = _LINE if any(t.title for t in line) else 0
        raised = _FRAME if any(t.border is not None for t in line) else 0
        for j, tile in enumerate(line):
            x = left + _SPACE + j * (width + _SPACE)
            if tile.title:
                _draw_line(canvas, tile.title, (x, y - raised), width)
            array = arrays[i * columns + j]
            if array is not None:
                start, right, bottom = y + below, x + array.shape[1], y + below + array.shape[0]
                if tile.border is not None:
                    around = (
                        slice(start - _FRAME, bottom + _FRAME),
                        slice(x - _FRAME, right + _FRAME),
                    )
                    canvas[around] = tile.border
                canvas[start:bottom, x:right] = composite_on_white(array)
        y += heights[i] + _SPACE
    return canvas


def _reduced(item: MontageItem, factor: int) -> Array | None:
    if item.array is None:
        return None
    return (take_pixels if item.labels else area_mean)(item.array, factor)


def composite_on_white(array: Array) -> Array:
    """Return pixels as RGB on white, ``(H, W, 3)``."""
    return as_rgb(composite_over(array, 255))


def _measure_text(text: str) -> int:
    return int(load_font(_TEXT_SIZE).getlength(" ".join(text.split()))) + 1


def _draw_line(canvas: Array, text: str, position: tuple[int, int], room: int) -> None:
    """Write one line in black at (x, y), cut to the room there is."""
    from PIL import Image, ImageDraw

    x, y = position
    text = " ".join(text.split())  # in one line
    room = min(room, canvas.shape[1] - x)
    height = min(_LINE, canvas.shape[0] - y)
    if room <= 0 or height <= 0:
        return
    while text and _measure_text(text) > room:
        text = text[:-2].rstrip() + "…" if len(text) > 2 else ""
    letters = Image.new("L", (room, height), 0)
    ImageDraw.Draw(letters).text((0, 0), text, fill=255, font=load_font(_TEXT_SIZE))
    ink = np.asarray(letters)[:, :, None].astype(np.uint16)
    area = canvas[y : y + height, x : x + room]
    area[...] = (area * (255 - ink) + 17 * ink + 127) // 255
