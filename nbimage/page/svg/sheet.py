"""What is drawn of an SVG document so far, and how far it reaches."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from nbimage.page.svg_primitives import escape_text, number

FONT, TITLE_FONT, LINE = 12, 13, 16
PADDING = 8  # CSS pixels around a figure
INK = "#222"
_SLOPE = math.sqrt(0.5)

Measure = Callable[[str, float, bool], float]
"""The width of a text of a size, in bold letters or not."""


@dataclass(slots=True)
class Sheet:
    """What is drawn so far, and how far it reaches: at first as far as the picture."""

    right: float
    bottom: float
    measure: Measure
    tall: float = 0.85
    """Sizes of the font that a text reaches up and down from its middle."""
    left: float = 0.0
    top: float = 0.0
    parts: list[str] = field(default_factory=list)

    def add(self, part: str, box: tuple[float, float, float, float]) -> None:
        """Draw something that lies within left, top, right and bottom."""
        self.parts.append(part)
        self.reach(*box)

    def reach(self, left: float, top: float, right: float, bottom: float) -> None:
        """Keep room for what lies within."""
        self.left, self.top = min(self.left, left), min(self.top, top)
        self.right, self.bottom = max(self.right, right), max(self.bottom, bottom)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        anchor: str = "start",
        *,
        turn: int = 0,
        size: int = FONT,
        bold: bool = False,
        more: str = "",
    ) -> None:
        """Write one line whose middle line is at (x, y), ``turn`` degrees clockwise around it."""
        text = " ".join(text.split())  # readers disagree about white space
        length = self.measure(text, size, bold)
        start = {"start": 0.0, "middle": -length / 2, "end": -length}[anchor]
        end, half = start + length, self.tall * size
        box = {
            0: (x + start, y - half, x + end, y + half),
            90: (x - half, y + start, x + half, y + end),
            -90: (x - half, y - end, x + half, y - start),
            -45: (
                x + (start - half) * _SLOPE,
                y - (end + half) * _SLOPE,
                x + (end + half) * _SLOPE,
                y + (half - start) * _SLOPE,
            ),
        }[turn]
        turned = f' transform="rotate({turn} {number(x)} {number(y)})"' if turn else ""
        named = "" if anchor == "start" else f' text-anchor="{anchor}"'
        more += f' font-size="{size}"' if size != FONT else ""
        more += ' font-weight="600"' if bold else ""
        position = f'x="{number(x)}" y="{number(y + 0.35 * size)}"'
        self.add(f"<text {position}{named}{turned}{more}>{escape_text(text)}</text>", box)


def estimate_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is at most in common fonts; most are a fifth narrower."""
    return size * (1.12 if bold else 1.0) * sum(map(_letter_width, text))


def measure_width(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is in the package's own font."""
    from nbimage.raster.fonts import measure_text

    return measure_text(text, size, bold=bold)


def wrap_text(
    text: str, room: float, size: float, measure: Measure = estimate_width, *, bold: bool = False
) -> list[str]:
    """Return a text's lines, broken between words; inside words that are too long by themselves."""
    lines: list[str] = []
    for word in text.split():
        for part in _break_word(word, room, lambda part: measure(part, size, bold)):
            longer = f"{lines[-1]} {part}" if lines else part
            if lines and measure(longer, size, bold) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _break_word(word: str, room: float, measure: Callable[[str], float]) -> list[str]:
    parts, length = [""], 0.0
    for letter in word:
        length += measure(letter)
        if length > room and parts[-1]:
            parts.append("")
            length = measure(letter)
        parts[-1] += letter
    return parts


def _letter_width(letter: str) -> float:
    """Return a letter's width in sizes of the font; the widest usual one is DejaVu Sans."""
    if letter in " !'(),./:;I[\\]fijlrt|-":
        return 0.42
    if letter in "MWmw@%":
        return 1.0
    if letter.isascii():
        return 0.65 if letter.islower() or letter.isdigit() else 0.84
    if unicodedata.combining(letter):
        return 0.0
    if letter > "\uffff" or unicodedata.category(letter) == "So":
        return 1.35  # emoji
    return 1.0


def document(
    sheet: Sheet, alt: str, picture: str = "", scale: float = 1.0
) -> tuple[str, int, int, tuple[int, int]]:
    """Return an SVG document, its width and height, and where the picture's corner is in it.

    The margins are whole pixels, so that the picture's are sharp. Without a picture there is no
    white below all either: what is drawn is to be laid over it.
    """
    left, top = (math.ceil(round(-edge, 6)) + PADDING for edge in (sheet.left, sheet.top))
    width, height = (
        start + math.ceil(round(end, 6)) + PADDING
        for start, end in ((left, sheet.right), (top, sheet.bottom))
    )
    ground = f'<rect width="{width}" height="{height}" fill="#fff"/>' if picture else ""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{number(width * scale)}" height="{number(height * scale)}" '
        f'viewBox="0 0 {width} {height}" role="img">'
        f"<title>{escape_text(alt)}</title>"
        f"{ground}"
        f'<g transform="translate({left} {top})">{picture}'
        f'<g font-family="system-ui,sans-serif" font-size="{FONT}" fill="{INK}">'
        f"{''.join(sheet.parts)}</g></g></svg>\n"
    )
    return svg, width, height, (left, top)
