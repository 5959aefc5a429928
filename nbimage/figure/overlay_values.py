"""Values written into the cells of a picture: one format and one size, readable on every color."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values, as_values
from nbimage.base.chunked import Array
from nbimage.figure.overlay_canvas import Canvas, Options, to_numpy
from nbimage.page import svg_primitives as shapes
from nbimage.page.svg_primitives import WHITE, Color

_MOST_VALUES = 10_000
_LEAST_CELL = 32  # CSS pixels
_LETTER, _SPACE = 7, 8  # CSS pixels: of a digit, and of what is free beside a text
_WIDE = 1.5  # cells: the reciprocal of a digit's width, with what is free beside a text
_DIGITS = 7  # of a number, beyond which it is given with an exponent
_BLACK = Color(0, 0, 0)
_MIDDLE = 0.179  # the luminance on which black and white are equally readable
_BEHIND = 128  # the gray behind transparent pixels


def draw_values(canvas: Canvas, data: Any, options: Options) -> str:
    """Write each pixel's value on it, black or white by its color; a missing one is left out."""
    values = _own_values(canvas.values) if data is None else as_values(data)
    array = to_numpy(values)
    if array.shape != (canvas.rows, canvas.columns):
        raise ValueError(
            f"values must have the picture's shape {(canvas.rows, canvas.columns)}, "
            f"but got {array.shape}"
        )
    if array.size > _MOST_VALUES:
        raise ValueError(
            f"values must be {_MOST_VALUES} at most, so as to be read, but got {array.size}"
        )
    texts = format_values(values, options["format"])
    longest = max((len(text) for text in texts if text), default=1)
    size = options["size"]
    size = min(canvas.text_size, _WIDE / max(longest, 2)) if size is None else size
    y, x = (axis.ravel() + 0.5 for axis in np.indices(array.shape))
    positions = list(zip(x.tolist(), canvas.flip(y).tolist(), texts, strict=True))
    style: Options = {"anchor": "middle", "shift": (0.0, 0.35), "tabular": True}
    if options["color"] is not None:
        color = shapes.as_svg_color(options["color"])
        return shapes.draw_texts(positions, color, size, spread=0.0, **style)
    if canvas.pixels is None:  # as in videos, whose frames differ
        return shapes.draw_texts(positions, WHITE, size, **style)
    light = (find_luminance(canvas.pixels) > _MIDDLE).ravel().tolist()
    parts = []
    for color in (_BLACK, WHITE):
        own = [p for p, bright in zip(positions, light, strict=True) if bright == (color is _BLACK)]
        parts.append(shapes.draw_texts(own, color, size, spread=0.0, **style))
    return "".join(parts)


def find_cell_side(data: Any, format_: str | None, own: Values | None) -> int:
    """Return the CSS pixels of a cell in which values can be read."""
    values = own if data is None else as_values(data)
    if values is None or math.prod(values.shape) > _MOST_VALUES:
        return 0  # which is an error when they are drawn
    longest = max((len(text) for text in format_values(values, format_) if text), default=0)
    return max(_LEAST_CELL, _LETTER * longest + _SPACE)


def _own_values(values: Values | None) -> Values:
    if values is None:
        raise ValueError(
            'values must be given where a picture has several channels or frames: ("values", array)'
        )
    return values


def find_luminance(pixels: Array) -> Array:
    """Return the relative luminance of pixels, 0 to 1: sRGB, transparent ones on mid-gray."""
    colors = pixels.astype(np.float64).reshape(*pixels.shape[:2], -1)
    if colors.shape[2] in (2, 4):
        alpha = colors[:, :, -1:] / 255
        colors = colors[:, :, :-1] * alpha + _BEHIND * (1 - alpha)
    shares = colors / 255
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    weights = [1.0] if linear.shape[2] == 1 else [0.2126, 0.7152, 0.0722]
    found: Array = linear @ np.array(weights)
    return found


def format_values(values: Values, format_: str | None = None) -> list[str | None]:
    """Return the texts of values, all with as many decimals; None of missing ones."""
    array = to_numpy(values)
    missing = np.zeros(array.shape, bool) if values.mask is None else values.mask
    if array.dtype.kind == "f":
        missing = missing | np.isnan(array)
    if format_ is None and array.dtype.kind == "f":
        format_ = _find_format(array[np.isfinite(array) & ~missing].astype(np.float64))
    pairs = zip(array.ravel().tolist(), missing.ravel().tolist(), strict=True)
    return [None if gone else _format_value(value, format_) for value, gone in pairs]


def _find_format(array: Array) -> str:
    """Return a format with the decimals that tell apart a hundredth of the range."""
    if not array.size:
        return "g"
    least, most = float(array.min()), float(array.max())
    largest = max(abs(least), abs(most))
    if largest < 10**_DIGITS and (array == np.floor(array)).all():
        return ".0f"
    span = most - least if most - least > largest * 1e-9 else largest
    if not 0 < span < math.inf:
        return ".2e"
    decimals = max(0, 2 - math.floor(math.log10(span)))
    whole = max(1, math.floor(math.log10(largest)) + 1)
    return f".{decimals}f" if decimals + whole <= _DIGITS else ".2e"


def _format_value(value: Any, format_: str | None) -> str:
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = str(value) if format_ is None else format(value, format_)
    if not isinstance(value, (int, float)):
        return text
    zero = text.startswith("-") and not text.strip("-0.")  # no −0.00
    return text[1:] if zero else text.replace("-", "−")
