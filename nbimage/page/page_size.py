"""The size of a picture on the page: width, height or zoom as the caller gave them.

It does not lay out what stands around the picture: `figure.figure_layout` does.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

from nbimage.base.scalars import number_or_nan

MAX_PIXELS = 64_000_000
"""Pixels of a picture up to which it is shown whole, if nothing else is asked."""
MAX_SIDE = 32_767
"""Rows or columns of a picture that every browser shows: Firefox no more, Chromium a million."""
_SMALL, _ENLARGED = 200, 320  # CSS pixels of the longer side: of what is enlarged, and to what
_LONG = 20  # times its width or height, beyond which a picture is a line
_DRAWN = 5  # times as long as wide such a picture is drawn
_TALLEST = 1000  # CSS pixels of such a picture's height
OUTPUT = 740
"""CSS pixels that a notebook's output is wide, beside its panels."""
_LENGTH = re.compile(r"\s*(\d+\.?\d*|\.\d+)\s*(px|%)\s*")


@dataclass(frozen=True, slots=True)
class PageSize:
    """A size in CSS pixels, or as a multiple of one CSS pixel a pixel.

    Width and height may be texts such as "300px", the width "50%" too, of the output.
    """

    width: Any = None
    height: Any = None
    zoom: Any = None
    share: float = field(default=0.0, init=False)
    """Of the output's width, where it was given so; ``width`` is what it is of a usual one's."""

    def __post_init__(self) -> None:
        for name in ("width", "height", "zoom"):
            value = getattr(self, name)
            if value is None:
                continue
            number = self._measure(name, value)
            if not 0 < number < math.inf:
                forms = {"width": ' or "50%"', "height": ""}
                way = f', or a text such as "300px"{forms[name]}' if name in forms else ""
                raise ValueError(f"{name} must be finite and above 0{way}, but got {value!r:.60}")
            object.__setattr__(self, name, number)
        if self.zoom is not None and (self.width is not None or self.height is not None):
            raise ValueError("zoom must be left out where width or height is given")

    def _measure(self, name: str, value: Any) -> float:
        """Return a length in CSS pixels, or a zoom; NaN for what is none. Keeps a share."""
        length = _LENGTH.fullmatch(value) if isinstance(value, str) and name != "zoom" else None
        if length is None:
            return number_or_nan(value)
        number = float(length[1])
        if length[2] == "px":
            return number
        if name != "width" or not number <= 100:
            return math.nan
        object.__setattr__(self, "share", number / 100)
        return OUTPUT * number / 100

    @property
    def is_given(self) -> bool:
        """Whether any of the three is set."""
        return (self.width, self.height, self.zoom) != (None, None, None)

    def find_width(self, columns: int, rows: float) -> float:
        """Return the width of a picture of so many pixels, which fits into width and height."""
        if self.width is None and self.height is None:
            return float(columns * (self.zoom or find_enlargement(columns, rows)))
        widths = [] if self.width is None else [float(self.width)]
        if self.height is not None:
            widths.append(self.height * columns / rows)
        return min(widths)


def find_enlargement(columns: float, rows: float, most: float = _ENLARGED) -> int:
    """Return the whole factor by which a picture is enlarged on the page, if no size is given.

    1 from 200 pixels on the longer side; below, the largest up to ``most`` CSS pixels.
    """
    longest = max(columns, rows)
    return 1 if longest >= _SMALL else max(1, int(most // longest))


def find_strip_size(columns: float, rows: float) -> tuple[float, float] | None:
    """Return width and height of a picture that would be a line pixel for pixel; None of others."""
    short, long = sorted((columns, rows))
    if long <= _LONG * short:
        return None
    long = float(max(long, _ENLARGED))
    if columns > rows:
        return long, min(long / _DRAWN, _ENLARGED)
    long = min(long, _TALLEST)
    return min(long / _DRAWN, _ENLARGED), long


def as_max_pixels(most: Any) -> float:
    """Return ``max_pixels`` as a number. Raises ValueError unless it is 1 or more."""
    number = number_or_nan(most)
    if not number >= 1:
        raise ValueError(f"max_pixels must be at least 1, but got {most!r}")
    return number
