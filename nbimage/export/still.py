"""A figure as the picture that stands for it in LaTeX, PDF, docx and in restricted editors.

It holds all that the page shows, but large pictures are reduced by a whole factor; small figures
have two pixels a CSS pixel, so that their texts are sharp on paper. It is a PNG, or a JPEG where
that would take many bytes. Without resvg, and where drawing would take long, it is what the caller
has: the picture alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nbimage.base.optional_imports import import_resvg
from nbimage.codecs.pictures import gather_options
from nbimage.codecs.preview import encode_jpeg
from nbimage.export.drawing import Drawing
from nbimage.export.figure_file import draw_picture, encode_rendered, render_drawing
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import Figure

Still = tuple[bytes, float]
"""A PNG or JPEG, and how many CSS pixels wide it is shown."""
_WIDEST = 800  # CSS pixels of a picture's longer side
_LONGEST = 1600  # CSS pixels of a figure's longer side
_SMALL = 80_000  # CSS pixels of a figure that has two pixels for each, a side
_SLOW = 400_000  # letters of SVG, which take half a second
_EXACT = 96_000  # bytes of a PNG beside the HTML: texts and lines are worth more than pixels


def encode_still(
    pixels: Pixels,
    own: Callable[[], Still],
    *,
    width: float,
    height: float,
    figure: Figure,
    budget: float = _EXACT,
    **options: Any,
) -> Still:
    """Return a picture's figure as PNG or JPEG; ``own`` makes that of the picture alone.

    ``budget`` is as for `encode_still_of`; the size and ``options`` are as for `draw_picture`.
    """

    def draw() -> Drawing:
        times = max(1, math.ceil(max(width, height) / _WIDEST))
        reduction = max(1, int(pixels.array.shape[1] * times / width))
        array = pixels.reduced(reduction).render()
        size: dict[str, Any] = {"width": width / times, "height": height / times}
        return draw_picture(array, figure=figure, **size, **options)

    return encode_still_of(draw, own, budget)


def encode_still_of(
    draw: Callable[[], Drawing], own: Callable[[], Still], budget: float = _EXACT
) -> Still:
    """Return what a function draws as PNG; ``own`` makes it where that would take long.

    As JPEG of so many bytes, where that can be, if the PNG has more.
    """
    try:
        import_resvg()
    except ImportError:
        return own()
    drawing = draw()
    if len(drawing.svg) > _SLOW or max(drawing.width, drawing.height) > _LONGEST:
        return own()
    scale = 2 if drawing.width * drawing.height <= _SMALL else 1
    array = render_drawing(drawing, scale)
    png = encode_rendered(array, drawing.title, "png", scale, gather_options())
    if len(png) <= max(_EXACT, budget):
        return png, drawing.width
    return encode_jpeg(array, budget, figure=96 * scale), drawing.width
