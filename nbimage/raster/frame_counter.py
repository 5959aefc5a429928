"""Draw a counter in a corner of each frame: its number, or the text of a function.

Frames are encoded in `codecs.videos`.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.scalars import holds_one, number_or_nan
from nbimage.base.text import fill_format
from nbimage.raster.fonts import load_font

CORNERS = ("ul", "ur", "ll", "lr")
Color = tuple[int, int, int]
_LETTERS = 12  # pixels
_SHARE = 16  # letters in the shorter side of a frame
_TALL = _LETTERS * _SHARE
_ROOM, _MOST = 20, 4096  # rows that letters need, and how long frames become at most for that
_DATE = re.compile(r"\d{4}-\d\d(-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?)?")
_LONG = 480  # pixels to which the longer side of smaller ones is enlarged


class Counter(NamedTuple):
    """What stands in a corner of each frame."""

    corner: str
    text: Callable[[int], Any] | None
    """Of the frame of this number; None: what the frame is called, else its number."""
    color: Color
    dates: str = ""
    """A format of the frames' dates, which `with_dates` makes the text of."""

    def with_dates(self, texts: Sequence[str]) -> Counter:
        """Return it for frames that are called so. Raises ValueError where these are no dates."""
        if not self.dates:
            return self
        moments = [_parse_date(text) for text in texts]
        if not moments or None in moments:
            wrong = repr(texts[moments.index(None)]) if moments else "none is known"
            raise ValueError(
                f"counter must be a format of the frame's number, such as 'frame {{}}', where "
                f"frames have no dates, but got {self.dates!r} and {wrong}"
            )
        words = [fill_format(self.dates, moment) for moment in moments]
        return self._replace(text=words.__getitem__, dates="")

    def word(self, number: int, texts: Sequence[str] = ()) -> str:
        """Return the text of a frame; ``texts`` are what all of them are called."""
        if self.text is not None:
            return str(self.text(number))
        return texts[number] if texts else str(number)


def parse_counter(counter: Any, color: Any = 255) -> Counter | None:
    """Return the counter that was asked for; None for none.

    True and ``"frame {}"`` (upper left); ``"lr"``; ``("lr", "{:03d}")``;
    ``("ur", lambda i: f"{i} s")``; ``"{:%B %Y}"``, of dates.
    """
    known = parse_color(color)
    if counter is None or isinstance(counter, (bool, np.bool_)):
        return Counter(CORNERS[0], None, known) if counter else None
    if isinstance(counter, str) and counter in CORNERS:
        return Counter(counter, None, known)
    corner, text = CORNERS[0], counter
    if isinstance(counter, (tuple, list)) and len(counter) == 2:
        corner, text = counter
    named = isinstance(corner, str) and corner in CORNERS
    if named and text is True:
        return Counter(corner, None, known)
    if not named or not (callable(text) or (isinstance(text, str) and "{" in text)):
        raise ValueError(
            f"counter must be True, one of {', '.join(CORNERS)}, a format such as 'frame {{}}', a "
            "function of the frame's number, or a pair of corner and one of these, but got "
            f"{counter!r}"
        )
    if callable(text):
        return Counter(corner, text, known)
    if _formats(text, 0):
        return Counter(corner, functools.partial(fill_format, text), known)
    if "%" not in text or not _formats(text, datetime.datetime(2000, 1, 1)):
        raise ValueError(
            "counter must be a format of the frame's number, such as 'frame {}', or of its date, "
            f"such as '{{:%B %Y}}', but got {text!r}"
        )
    return Counter(corner, None, known, text)


def _formats(text: str, value: Any) -> bool:
    try:
        fill_format(text, value)
    except (AttributeError, LookupError, TypeError, ValueError):
        return False
    return True


def _parse_date(text: str) -> datetime.datetime | None:
    """Return the date that a frame is called by, in microseconds; None for another text."""
    if not _DATE.fullmatch(text):
        return None
    try:
        found = np.datetime64(text.replace(" ", "T")).astype("M8[us]").item()
    except ValueError:  # the 30th of February
        return None
    return found if isinstance(found, datetime.datetime) else None


def find_counter_factor(columns: int, rows: int) -> int:
    """Return the whole factor by which frames are enlarged so that a counter can be read.

    1 from 192 pixels on the shorter side, of whose letters are 12 pixels high or more, and from
    480 on the longer one; else the least that makes this 480, and in which letters have room.
    """
    longest = max(columns, rows)
    factor = 1 if min(columns, rows) >= _TALL else max(1, -(-_LONG // longest))
    return max(factor, min(-(-_ROOM // rows), _MOST // longest))


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


def is_light(color: Sequence[int]) -> bool:
    """Return whether a color is nearer to white than to black."""
    return (299 * color[0] + 587 * color[1] + 114 * color[2]) / 1000 > 127


def draw_counter(frame: Array, text: str, corner: str, color: Color) -> Array:
    """Return a copy of a frame, ``(H, W)`` or ``(H, W, 3|4)``, with text in a corner.

    A gray one becomes RGB for a color. The letters have an outline of the opposite lightness, so
    that they read on any ground, and are smaller where the text is wider than the frame.
    """
    from PIL import Image, ImageDraw

    if frame.ndim == 2 and len(set(color)) > 1:
        frame = np.repeat(frame[:, :, None], 3, axis=2)
    height, width = frame.shape[:2]
    size = max(_LETTERS, min(height, width) // _SHARE)
    gap = size // 3
    length = load_font(size).getlength(text)
    if length > width - 2 * gap:
        size = max(8, int(size * (width - 2 * gap) / length))
    image = Image.fromarray(frame)
    draw = ImageDraw.Draw(image)
    outline = (0, 0, 0) if is_light(color) else (255, 255, 255)
    draw.text(
        (
            gap if corner[1] == "l" else width - 1 - gap,
            gap if corner[0] == "u" else height - 1 - gap,
        ),
        text,
        fill=_pillow_color(color, image.mode),
        font=load_font(size),
        anchor={"u": {"l": "la", "r": "ra"}, "l": {"l": "ld", "r": "rd"}}[corner[0]][corner[1]],
        stroke_width=max(1, size // 10),
        stroke_fill=_pillow_color(outline, image.mode),
    )
    return np.asarray(image)


def _pillow_color(color: Color, mode: str) -> Any:
    return {"L": color[0], "RGB": color, "RGBA": (*color, 255)}[mode]
