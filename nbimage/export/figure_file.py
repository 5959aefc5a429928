"""A picture's figure as the bytes of a file: pixels of any format, or PDF."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.pictures import encode_pixels, gather_options
from nbimage.export.drawing import Drawing, Picture, as_scale
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import Figure
from nbimage.page.figure_svg import draw_figure
from nbimage.page.svg.sheet import Sheet, document, measure_width

_METRES = 0.0254 / 96  # of a CSS pixel
_TALL = 2 / 3  # sizes of the font from the middle of a line to its edges, as on the page


def make_sheet(width: float, height: float) -> Sheet:
    """Return a sheet for a picture of this size, on which texts are measured."""
    return Sheet(width, height, measure_width, _TALL)


def draw_picture(
    array: Array,
    *,
    width: float,
    height: float,
    figure: Figure,
    alt: str,
    labels: bool = False,
    background: str | None = None,
) -> Drawing:
    """Return the drawing of one picture with all that stands around it and over it."""
    sheet = make_sheet(width, height)
    draw_figure(sheet, width, height, figure)
    svg, wide, tall, (left, top) = document(sheet, alt)
    lying = Picture(array, (left, top, width, height), labels, background)
    return Drawing(svg, wide, tall, (lying,), alt)


def check_figure_options(
    format_: str, figure: bool, scale: Any, given: dict[str, Any], owner: str
) -> float:
    """Return the scale of a file that may hold a figure; raise ValueError for what does not fit.

    ``given`` are the format's options, ``owner`` is what takes them where the file has them from
    the page.
    """
    number = as_scale(scale)
    if number != 1 and not (figure or format_ in ("svg", "pdf")):
        raise ValueError(f"scale must be left out where figure is False, but got {scale!r}")
    if number != 1 and format_ == "html":
        raise ValueError(f"scale must be left out for html, but got {scale!r}: it is a page")
    if format_ in ("svg", "html", "pdf") and given != gather_options():
        raise ValueError(
            f"options must be left out for {format_}"
            + ("" if format_ == "pdf" else f": give them to {owner}")
        )
    return number


def encode_figure(drawing: Drawing, format_: str, scale: float, given: dict[str, Any]) -> bytes:
    """Return a file's bytes, ``scale`` pixels a CSS pixel; the same ones each time."""
    from nbimage.export.raster import warn_of_missing_letters

    warn_of_missing_letters(drawing)
    if format_ == "pdf":
        from nbimage.export.pdf import write_pdf

        return write_pdf(drawing, scale)
    array = render_drawing(drawing, scale)
    return encode_rendered(array, drawing.title, format_, scale, given)


def render_drawing(drawing: Drawing, scale: float) -> Array:
    """Return a drawing's pixels, gray where there are no colors."""
    from nbimage.export.raster import draw_pixels

    array = draw_pixels(drawing, scale)
    if (array[:, :, 0] == array[:, :, 1]).all() and (array[:, :, 1] == array[:, :, 2]).all():
        return np.ascontiguousarray(array[:, :, 0])
    return array


def encode_rendered(
    array: Array, title: str, format_: str, scale: float, given: dict[str, Any]
) -> bytes:
    """Return what `render_drawing` gave as a file's bytes."""
    pixels = Pixels(array, None, False, title)
    return encode_pixels(pixels, format_, pixel_size=_METRES / scale, **given)
