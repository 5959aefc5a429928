"""Frames of a video within their figure: what stays is drawn once, each frame's words anew."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from nbimage.base.chunked import Array
from nbimage.export.drawing import Drawing, Picture, find_size, fit_pixels, put_on_background
from nbimage.export.figure_file import make_sheet
from nbimage.export.raster import draw_near, draw_shapes, lay_over, warn_of_missing_letters
from nbimage.page.figure_model import Figure
from nbimage.page.figure_svg import draw_lines, draw_margins, draw_over
from nbimage.page.svg.shapes import Paint, Text, read_shapes
from nbimage.page.svg.sheet import INK, TITLE_FONT, document, measure_width

_LINE = 20  # CSS pixels of the line above the picture
_RISE = 6  # from the words to the picture
_ROOM = 20  # CSS pixels, for letters that are not in the own font
_SPARE = 1.2  # times the first words are others at most, about
_BASE = 0.35  # sizes of the font from a line's middle to where letters stand


class _Words(NamedTuple):
    """Where the words of a frame are, in CSS pixels: right of x, within a strip from y on."""

    x: float
    y: float


class FigureFrames:
    """What stands around all frames and over them.

    Parameters
    ----------
    figure : Figure
    width, height : float
        The picture's size in CSS pixels.
    scale : float
        Pixels a CSS pixel.
    words : str
        What stands above the first frame, about as long as what stands above the others; empty:
        nothing.
    labels : bool
        Colors are never mixed.

    Attributes
    ----------
    size : (int, int)
        Width and height of frames with their figure, both even: most codecs ask for that.
    page_size : (float, float)
        The same in CSS pixels.
    """

    def __init__(
        self,
        figure: Figure,
        width: float,
        height: float,
        *,
        scale: float = 1.0,
        words: str = "",
        labels: bool = False,
    ) -> None:
        sheet = make_sheet(width, height)
        draw_over(sheet, width, height, figure)
        draw_margins(sheet, width, height, figure)
        line = float(-_RISE - _LINE)
        length = sheet.measure(words, TITLE_FONT, False)
        if words:
            if length * _SPARE > width:  # above the labels of colorbars too, that they never meet
                line = min(line, sheet.top - _LINE)
            sheet.reach(0, line, length * _SPARE, 0)
        draw_lines(sheet, figure.title, figure.notes, figure.legend)
        svg, wide, tall, (left, top) = document(sheet, "")
        box = left, top, width, height
        nothing = Picture(np.zeros((1, 1), np.uint8), box)
        drawing = Drawing(svg, wide, tall, (nothing,))
        warn_of_missing_letters(drawing)
        columns, rows = find_size(drawing, scale)
        self.size = columns + columns % 2, rows + rows % 2
        self.page_size = self.size[0] / scale, self.size[1] / scale
        self._scale, self._labels = scale, labels
        self._words = _Words(left, top + line) if words else None
        across, down = min(round(left * scale), columns - 1), min(round(top * scale), rows - 1)
        self._box = [across, down, *(max(1, round(side * scale)) for side in box[2:])]
        shapes = list(read_shapes(svg, scale))
        self._base = np.full((self.size[1], self.size[0], 3), 255, np.uint8)
        draw_near(self._base, shapes)
        _, _, inner_width, inner_height = self._box
        inner = draw_shapes(shapes, inner_width, inner_height, (across, down)).reshape(-1, 4)
        drawn = np.flatnonzero(inner[:, 3])
        alpha = inner[drawn, 3:].astype(np.uint16)
        # what lies over every frame: where, how much of the frame is seen, and the rest
        self._over = drawn, 255 - alpha, inner[drawn, :3] * alpha + np.uint16(127)

    @property
    def _inside(self) -> tuple[slice, slice]:
        left, top, width, height = self._box
        return slice(top, top + height), slice(left, left + width)

    def draw(self, frame: Array, words: str = "") -> Array:
        """Return a frame, uint8 ``(H, W)`` or ``(H, W, 3|4)``, within the figure, RGB."""
        canvas = self._base.copy()
        _, _, width, height = self._box
        inside = canvas[self._inside]
        fitted = fit_pixels(frame, width, height, labels=self._labels)
        pixels = np.ascontiguousarray(put_on_background(fitted, None, self._scale)).reshape(-1, 3)
        drawn, share, rest = self._over
        if len(drawn):
            pixels = pixels if pixels.flags.writeable and pixels.base is None else pixels.copy()
            pixels[drawn] = (pixels[drawn] * share + rest) // 255
        inside[...] = pixels.reshape(height, width, 3)
        if words and self._words is not None:
            self._write(canvas, words, self._words)
        return canvas

    def _write(self, canvas: Array, words: str, position: _Words) -> None:
        scale, color = self._scale, tuple(int(2 * digit, 16) for digit in INK[1:])
        top = round(position.y * scale)
        left = math.floor(position.x * scale)
        right = left + math.ceil((measure_width(words, TITLE_FONT) + _ROOM) * scale)
        strip = canvas[top : top + math.ceil(_LINE * scale), left:right]
        middle = (_LINE / 2 + _BASE * TITLE_FONT) * scale
        paint = Paint((color[0], color[1], color[2]), 1.0)
        text = Text(words, position.x * scale - left, middle, TITLE_FONT * scale, "start", paint)
        lay_over(strip, draw_shapes([text], strip.shape[1], strip.shape[0]))
