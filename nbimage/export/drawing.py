"""A figure that is to be drawn: pictures on white, and own SVG around them and over them."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.scalars import number_or_nan
from nbimage.mapping.alpha import composite_over
from nbimage.page.svg_primitives import Color, as_svg_color
from nbimage.raster.montage import composite_on_white

_MOST = 400_000_000  # pixels of a file
_HATCH = (0x8A, 0x92, 0x9E), (0x79, 0x81, 0x8D)
_HATCH_STEP = 6  # CSS pixels from line to line, of which a line is one
_SQUARE = 8  # CSS pixels of a checkerboard's
_SQUARES = 0xFF, 0xBB
_RGBA = re.compile(r"rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)\s*[,/]\s*([\d.]+%?)\s*\)")


class Picture(NamedTuple):
    """A picture in a figure."""

    array: Array
    """uint8 ``(H, W)`` or ``(H, W, 2|3|4)``."""
    box: tuple[float, float, float, float]
    """Left, top, width and height in CSS pixels."""
    labels: bool = False
    """Its colors are not mixed where it is made smaller."""
    background: str | None = None
    """What shows through: a pattern's name or a CSS color."""


class Drawing(NamedTuple):
    """Pictures, and an SVG document with all the rest, which lies over them."""

    svg: str
    width: int
    height: int
    pictures: tuple[Picture, ...]
    title: str = ""
    """What the file is called by programs that show such a name."""


def as_scale(scale: object) -> float:
    """Return the pixels of a file that are one CSS pixel. Raises ValueError for none."""
    number = number_or_nan(scale)
    if not 0 < number < np.inf:
        raise ValueError(f"scale must be finite and above 0, but got {scale!r}")
    return number


def find_size(drawing: Drawing, scale: float) -> tuple[int, int]:
    """Return a drawing's width and height in pixels. Raises ValueError for too many."""
    return scale_size(drawing.width, drawing.height, scale)


def scale_size(wide: float, high: float, scale: float) -> tuple[int, int]:
    """Return a width and height in pixels. Raises ValueError for too many."""
    width, height = (max(1, round(side * scale)) for side in (wide, high))
    if width * height > _MOST:
        raise ValueError(
            f"a figure must have at most {_MOST // 1_000_000} million pixels, but this one has "
            f"{height}×{width}: give a smaller scale, or the picture a smaller width"
        )
    return width, height


def fit_pixels(array: Array, width: int, height: int, *, labels: bool = False) -> Array:
    """Return a picture of this size: enlarged each pixel is as it was, made smaller a mean."""
    rows, columns = array.shape[:2]
    if (rows, columns) == (height, width):
        return array
    if labels or (height >= rows and width >= columns):
        down, across = (
            ((np.arange(size) + 0.5) * count / size).astype(np.intp)
            for size, count in ((height, rows), (width, columns))
        )
        return np.ascontiguousarray(array[down][:, across])
    from PIL import Image

    image = Image.fromarray(array)
    mode = {"LA": "La", "RGBA": "RGBa"}.get(image.mode)
    small = (image.convert(mode) if mode else image).resize((width, height), Image.Resampling.BOX)
    return np.asarray(small.convert(image.mode) if mode else small)


def is_clear(array: Array) -> bool:
    """Return whether something shows through a picture."""
    return array.ndim == 3 and array.shape[2] in (2, 4) and bool((array[:, :, -1] < 255).any())


def put_on_background(array: Array, background: str | None, scale: float) -> Array:
    """Return a picture as RGB on what shows through it, white if it is None."""
    if background is None or not is_clear(array):
        return composite_on_white(array)
    ground = draw_background(background, array.shape[1], array.shape[0], scale)
    return composite_over(array, ground)


def draw_background(background: str, width: int, height: int, scale: float) -> Array:
    """Return what the page has behind a picture, ``(H, W, 3)``."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / scale
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / scale
    if background == "hatch":
        light, dark = (np.array(color, np.float32) for color in _HATCH)
        along = (x + height / scale - y) / np.float32(np.sqrt(2)) % _HATCH_STEP
        outside = np.abs(along - 0.5)
        outside = np.minimum(outside, _HATCH_STEP - outside)  # from the middle of a line
        share = np.clip((0.5 - outside) * scale + 0.5, 0, 1)[:, :, None]
        lines: Array = np.rint(dark + (light - dark) * share).astype(np.uint8)
        return lines
    if background == "checkerboard":
        even = (x // _SQUARE + y // _SQUARE) % 2 == 0
        squares: Array = np.where(even, *_SQUARES).astype(np.uint8)
        return np.repeat(squares[:, :, None], 3, axis=2)
    if re.fullmatch("transparent", background, re.IGNORECASE):
        return np.full((height, width, 3), 255, np.uint8)
    color = _parse_color(background)
    mixed = [
        round(255 + (part - 255) * color.opacity) for part in (color.red, color.green, color.blue)
    ]
    return np.broadcast_to(np.array(mixed, np.uint8), (height, width, 3))


def _parse_color(text: str) -> Color:
    """Return a CSS color, of those that only browsers know the usual ones."""
    found = _RGBA.fullmatch(text.strip())
    if found is not None:
        red, green, blue = (min(255, round(float(part))) for part in found.groups()[:3])
        share = found[4]
        opacity = float(share.removesuffix("%")) / (100 if share.endswith("%") else 1)
        return Color(red, green, blue, min(1.0, opacity))
    try:
        return as_svg_color(text)
    except ValueError:
        raise ValueError(
            f"a file of the figure must have a background as a name, #rrggbb, rgb, rgba or hsl, "
            f"but got {text!r}"
        ) from None
