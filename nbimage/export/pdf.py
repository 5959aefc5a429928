"""Write a figure as PDF: texts are texts, lines are lines, pictures are stored without loss.

Pictures are stored enlarged by a whole factor: many programs smooth the pixels of small ones. The
same figure has the same bytes, for there is no date in the file.
"""

from __future__ import annotations

import contextlib
import functools
import io
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.optional_imports import import_reportlab
from nbimage.base.text import replace_surrogates
from nbimage.export.drawing import (
    Drawing,
    Picture,
    draw_background,
    fit_pixels,
    is_clear,
)
from nbimage.export.raster import draw_shapes
from nbimage.page.svg.shapes import Group, Image, Paint, Path, Shape, Stroke, Text, read_shapes
from nbimage.raster.fonts import font_path, has_letters, measure_text

_POINT = 0.75  # of a CSS pixel
_ENLARGED = 1600  # pixels up to which a picture's are repeated
_MOST = 16_000_000  # pixels of what lies behind a picture
_FINE = 4.0  # pixels of a CSS pixel, where something is no line
_NO_TEXT = "/Span << /ActualText () >> BDC"
"""Begins what is no text for those who copy it or read it aloud, until EMC."""
_FONTS = {False: "nbimage-Inter", True: "nbimage-Inter-SemiBold"}


def write_pdf(drawing: Drawing, scale: float) -> bytes:
    """Return a figure as a PDF file of one page, ``scale`` times as large as on the page."""
    canvas_module: Any = import_reportlab()
    with _plain_bytes():
        return _write(canvas_module, drawing, scale)


@contextlib.contextmanager
def _plain_bytes() -> Iterator[None]:
    """Have streams stored as bytes: as text they take a minute of a large picture."""
    from reportlab import rl_config  # type: ignore[import-untyped, unused-ignore]

    before, rl_config.useA85 = rl_config.useA85, 0
    try:
        yield
    finally:
        rl_config.useA85 = before


def _write(canvas_module: Any, drawing: Drawing, scale: float) -> bytes:
    unit = _POINT * scale
    width, height = drawing.width * unit, drawing.height * unit
    file = io.BytesIO()
    canvas = canvas_module.Canvas(file, pagesize=(width, height), invariant=1, pageCompression=1)
    _register_fonts()
    canvas.setTitle(replace_surrogates(drawing.title))
    canvas.setCreator("nbimage")
    # positions are CSS pixels from the top
    canvas.translate(0, height)
    canvas.scale(unit, -unit)
    for picture in drawing.pictures:
        _draw_picture(canvas, picture)
    for shape in read_shapes(drawing.svg):
        _draw_shape(canvas, shape)
    canvas.showPage()
    canvas.save()
    return file.getvalue()


@functools.cache
def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped, unused-ignore]
    from reportlab.pdfbase.ttfonts import TTFont  # type: ignore[import-untyped, unused-ignore]

    for bold, name in _FONTS.items():
        pdfmetrics.registerFont(TTFont(name, font_path(bold=bold)))


def _draw_picture(canvas: Any, picture: Picture) -> None:
    array, box = picture.array, picture.box
    if picture.background is not None and is_clear(array):
        fine = min(_FINE, math.sqrt(_MOST / (box[2] * box[3])))
        width, height = (max(1, round(side * fine)) for side in box[2:])
        _draw_array(canvas, draw_background(picture.background, width, height, fine), box)
    rows, columns = array.shape[:2]
    if max(rows, columns) < _ENLARGED:
        times = math.ceil(_ENLARGED / max(rows, columns))
        array = fit_pixels(array, columns * times, rows * times)
    _draw_array(canvas, array, box)


def _draw_array(
    canvas: Any, array: Array, box: tuple[float, float, float, float], opacity: float = 1.0
) -> None:
    from PIL import Image as PillowImage
    from reportlab.lib.utils import ImageReader  # type: ignore[import-untyped, unused-ignore]

    if array.ndim == 3 and array.shape[2] == 2:
        array = np.concatenate([np.repeat(array[:, :, :1], 3, axis=2), array[:, :, 1:]], axis=2)
    image = PillowImage.fromarray(np.ascontiguousarray(array))
    left, top, width, height = box
    canvas.saveState()
    canvas.setFillAlpha(opacity)
    canvas.translate(left, top + height)
    canvas.scale(1, -1)
    mask = "auto" if image.mode == "RGBA" else None
    canvas.drawImage(ImageReader(image), 0, 0, width, height, mask=mask)
    canvas.restoreState()


def _draw_shape(canvas: Any, shape: Shape) -> None:
    canvas.saveState()
    if isinstance(shape, Path):
        _draw_path(canvas, shape)
    elif isinstance(shape, Text):
        _draw_text(canvas, shape)
    elif isinstance(shape, Group):
        path = canvas.beginPath()
        path.rect(*shape.box)
        canvas.clipPath(path, stroke=0, fill=0)
        for inner in shape.shapes:
            _draw_shape(canvas, inner)
    else:
        _draw_image(canvas, shape)
    canvas.restoreState()


def _draw_path(canvas: Any, shape: Path) -> None:
    path = canvas.beginPath()
    for points, closed in shape.lines:
        path.moveTo(*points[0])
        for point in points[1:] or points:
            path.lineTo(*point)
        if closed:
            path.close()
    _set_fill(canvas, shape.fill)
    _set_stroke(canvas, shape.stroke)
    canvas.drawPath(
        path, stroke=int(shape.stroke is not None), fill=int(shape.fill is not None), fillMode=0
    )


def _set_fill(canvas: Any, paint: Paint | None) -> None:
    if paint is not None:
        canvas.setFillColorRGB(*(part / 255 for part in paint.color), alpha=paint.opacity)


def _set_stroke(canvas: Any, stroke: Stroke | None) -> None:
    if stroke is None:
        return
    paint = stroke.paint
    canvas.setStrokeColorRGB(*(part / 255 for part in paint.color), alpha=paint.opacity)
    canvas.setLineWidth(stroke.width)
    canvas.setLineCap(1 if stroke.round_cap else 2 if stroke.square_cap else 0)
    canvas.setLineJoin(1 if stroke.round_join else 0)
    if stroke.dashes:
        canvas.setDash(list(stroke.dashes))


def _draw_text(canvas: Any, text: Text) -> None:
    if not has_letters(text.text):
        _draw_letters(canvas, text)
        return
    length = measure_text(text.text, text.size, bold=text.bold)
    start = {"start": 0.0, "middle": -length / 2, "end": -length}[text.anchor]
    canvas.translate(text.x, text.y)
    canvas.rotate(text.turn)
    canvas.scale(text.stretch[0], -text.stretch[1])
    _set_fill(canvas, text.fill)
    _set_stroke(canvas, text.halo)
    if text.halo:  # lines first, and letters over them
        canvas.addLiteral(_NO_TEXT)
        _draw_line(canvas, text, start, 1)
        canvas.addLiteral("EMC")
    _draw_line(canvas, text, start, 0)


def _draw_line(canvas: Any, text: Text, start: float, mode: int) -> None:
    """Draw a text's letters, filled (mode 0) or as their outlines (1)."""
    canvas.saveState()
    line = canvas.beginText(start, 0)
    line.setFont(_FONTS[text.bold], text.size)
    line.setTextRenderMode(mode)
    line.textOut(text.text)
    canvas.drawText(line)
    canvas.restoreState()


def _draw_letters(canvas: Any, text: Text) -> None:
    """Draw a text with letters that the font lacks as a fine picture of it."""
    reach = text.size * (len(text.text) + 2)
    moved = Text(
        text.text,
        reach * _FINE,
        reach * _FINE,
        text.size * _FINE,
        text.anchor,
        text.fill,
        text.bold,
        text.turn,
        text.stretch,
        None
        if text.halo is None
        else Stroke(text.halo.paint, text.halo.width * _FINE, round_join=True),
    )
    side = math.ceil(2 * reach * _FINE)
    ink = draw_shapes([moved], side, side)
    rows, columns = (np.flatnonzero(ink[:, :, 3].any(axis=axis)) for axis in (1, 0))
    if len(rows) == 0:
        return
    top, left = int(rows[0]), int(columns[0])
    ink = ink[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    height, width = ink.shape[:2]
    box = text.x - reach + left / _FINE, text.y - reach + top / _FINE, width / _FINE, height / _FINE
    _draw_array(canvas, ink, box)


def _draw_image(canvas: Any, image: Image) -> None:
    from PIL import Image as PillowImage

    with PillowImage.open(io.BytesIO(image.data)) as opened:
        mode = "RGBA" if opened.has_transparency_data else "RGB"
        array = np.asarray(opened.convert(mode))
    rows, columns = array.shape[:2]
    if image.sharp and max(rows, columns) < _ENLARGED:
        times = math.ceil(_ENLARGED / max(rows, columns))
        array = fit_pixels(array, columns * times, rows * times)
    _draw_array(canvas, array, image.box, image.opacity)
