"""Draw a counter in a corner of each frame: its number, or the text of a function.

Frames are encoded in `codecs.videos`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.scalars import holds_one, number_or_nan

CORNERS = ("ul", "ur", "ll", "lr")
Color = tuple[int, int, int]


def parse_counter(counter: Any) -> tuple[str, Callable[[int], str]]:
    """Return the corner and the text of frame i: a corner, a format or callable, or both in a pair.

    ``"lr"``; ``"frame {}"`` (upper left); ``("lr", "{:03d}")``; ``("ur", lambda i: f"{i} s")``.
    """
    corner, text = "ul", counter
    if isinstance(counter, str) and counter in CORNERS:
        corner, text = counter, "{}"
    elif isinstance(counter, (tuple, list)) and len(counter) == 2:
        corner, text = counter
    if corner not in CORNERS or not (callable(text) or (isinstance(text, str) and "{" in text)):
        raise ValueError(
            f"counter must be one of {', '.join(CORNERS)}, a format such as 'frame {{}}', a "
            "function of the frame's number, or a pair of corner and one of these, but got "
            f"{counter!r}"
        )
    return corner, text if callable(text) else text.format


def parse_color(color: Any) -> Color:
    """Return a gray value, an RGB triple or a CSS name as an RGB triple. Raises ValueError."""
    if isinstance(color, str):
        from PIL import ImageColor

        try:
            return ImageColor.getrgb(color)[:3]
        except ValueError:
            raise ValueError(f"counter_color must be a color, but got {color!r}") from None
    parts = [color] * 3 if holds_one(color) else list(color)
    numbers = [number_or_nan(part) for part in parts]
    if len(parts) != 3 or not all(0 <= number < 256 for number in numbers):
        raise ValueError(
            f"counter_color must be a gray value or an RGB triple of 0 to 255, but got {color!r}"
        )
    red, green, blue = map(int, numbers)
    return red, green, blue


def draw_counter(frame: Array, text: str, corner: str, color: Color) -> Array:
    """Return a copy of a frame, ``(H, W)`` or ``(H, W, 3|4)``, with text in a corner.

    The letters have an outline of the opposite lightness, so that they read on any ground.
    """
    from PIL import Image, ImageDraw

    height, width = frame.shape[:2]
    size = max(8, min(height, width) // 16)
    image = Image.fromarray(frame)
    draw = ImageDraw.Draw(image)
    light = (299 * color[0] + 587 * color[1] + 114 * color[2]) / 1000
    outline = (0, 0, 0) if light > 127 else (255, 255, 255)
    gap = size // 3
    draw.text(
        (
            gap if corner[1] == "l" else width - 1 - gap,
            gap if corner[0] == "u" else height - 1 - gap,
        ),
        text,
        fill=_pillow_color(color, image.mode),
        font=_font(size),
        anchor={"u": {"l": "la", "r": "ra"}, "l": {"l": "ld", "r": "rd"}}[corner[0]][corner[1]],
        stroke_width=max(1, size // 10),
        stroke_fill=_pillow_color(outline, image.mode),
    )
    return np.asarray(image)


def _pillow_color(color: Color, mode: str) -> Any:
    return {"L": color[0], "RGB": color, "RGBA": (*color, 255)}[mode]


@functools.cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
