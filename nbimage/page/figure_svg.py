"""A figure as one SVG file that needs nothing else: for papers, slides and README files.

All positions are CSS pixels from the picture's upper left corner. The width of a
text can't be measured here, so margins come from generous estimates of it.

The picture goes by ``xlink:href``, the older name: Inkscape before 1.3 and Qt know no other, all
browsers and librsvg know both, and both together would hold the picture's bytes twice.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbimage.base.text import wrap_words
from nbimage.page.figure_html import BAR_LETTERS
from nbimage.page.figure_model import Axis, Bar, Figure, Histogram, ScaleBar
from nbimage.page.svg_primitives import as_svg_color, escape_text, number
from nbimage.page.ticks.density import find_axis_levels, find_bar_level
from nbimage.page.ticks.levels import Tick

_PADDING = 8
_FONT, _TITLE_FONT, _LINE = 12, 13, 16
_MARK = 5
_GAP = 12  # between what stands side by side
_BAR, _TRIANGLE, _HISTOGRAM = 14, 10, 60
_SLOPE = math.sqrt(0.5)
_EDGE = 'stroke="#808080" stroke-opacity=".5"'  # white on white would be lost
_LEAST_LABEL, _LEAST_LINE = 120, 240  # texts are not broken shorter, however small the picture is
_INK, _FAINT = "#222", "#595959"
_SHARP = ' image-rendering="optimizeSpeed" style="image-rendering:pixelated"'


@dataclass(slots=True)
class _Sheet:
    """What is drawn so far, and how far it reaches: at first as far as the picture."""

    right: float
    bottom: float
    left: float = 0.0
    top: float = 0.0
    parts: list[str] = field(default_factory=list)

    def add(self, part: str, box: tuple[float, float, float, float]) -> None:
        """Draw something that lies within left, top, right and bottom."""
        self.parts.append(part)
        self.left, self.top = min(self.left, box[0]), min(self.top, box[1])
        self.right, self.bottom = max(self.right, box[2]), max(self.bottom, box[3])

    def write(
        self,
        text: str,
        x: float,
        y: float,
        anchor: str = "start",
        *,
        turn: int = 0,
        size: int = _FONT,
        more: str = "",
    ) -> None:
        """Write one line whose middle line is at (x, y), ``turn`` degrees clockwise around it."""
        text = " ".join(text.split())  # readers disagree about white space
        length = estimate_width(text, size)
        start = {"start": 0.0, "middle": -length / 2, "end": -length}[anchor]
        end, half = start + length, 0.85 * size
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
        position = f'x="{number(x)}" y="{number(y + 0.35 * size)}"'
        self.add(f"<text {position}{named}{turned}{more}>{escape_text(text)}</text>", box)


def figure_svg(
    uri: str, width: float, height: float, figure: Figure, *, alt: str, crisp: bool
) -> str:
    """Return a picture of this size in CSS pixels, with all that stands around it, as SVG.

    ``uri`` is the picture itself as a data URI. Everything stands on white.
    """
    sheet = _Sheet(width, height)
    picture = _image(uri, 0, 0, width, height, _SHARP if crisp else "")
    if figure.overlay:
        position = f'<svg x="0" y="0" width="{number(width)}" height="{number(height)}"'
        overlay = figure.overlay.replace("<svg", position, 1)
        picture += overlay.replace(' href="data:', ' xlink:href="data:')
    if figure.scale_bar:
        _draw_scale_bar(sheet, figure.scale_bar, width, height)
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    if figure.y:
        _draw_y(sheet, figure.y, height, down)
    if figure.x:
        _draw_x(sheet, figure.x, width, height, across)
    x = width
    for bar in figure.bars:
        x = _draw_bar(sheet, bar, x + _GAP, height)
    if figure.histogram:
        # without ticks of its own, it is read by those of the bar beside it
        beside = figure.bars[-1:] if not figure.histogram.ticks else ()
        span = _span(beside[0], height) if beside else (0.0, height)
        _draw_histogram(sheet, figure.histogram, x + _GAP, height, span)
    _draw_lines(sheet, figure.title, figure.notes)
    return _document(sheet, picture, alt)


def estimate_width(text: str, size: float) -> float:
    """Return how wide a text is at most in common fonts; most are a fifth narrower."""
    return size * sum(map(_letter_width, text))


def wrap_text(text: str, room: float, size: float) -> list[str]:
    """Return a text's lines, broken between words; inside words that are too long by themselves."""
    lines: list[str] = []
    for word in text.split():
        for part in _break_word(word, room, size):
            longer = f"{lines[-1]} {part}" if lines else part
            if lines and estimate_width(longer, size) <= room:
                lines[-1] = longer
            else:
                lines.append(part)
    return lines


def _break_word(word: str, room: float, size: float) -> list[str]:
    parts, length = [""], 0.0
    for letter in word:
        length += estimate_width(letter, size)
        if length > room and parts[-1]:
            parts.append("")
            length = estimate_width(letter, size)
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


# Parts


def _image(uri: str, x: float, y: float, width: float, height: float, more: str) -> str:
    if not uri.startswith("data:"):
        raise ValueError(
            f"uri must be a data URI, but got {uri[:60]!r}: an SVG file holds its pictures"
        )
    return (
        f'<image x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}" preserveAspectRatio="none"{more} '
        f'xlink:href="{escape_text(uri)}"/>'
    )


def _draw_y(sheet: _Sheet, axis: Axis, height: float, level: int) -> None:
    shown = _ticks_of_level(axis.ticks, level)
    if shown:
        marks = "".join(f"M0 {number(t.position * height)}h-{_MARK}" for t in shown)
        sheet.add(_lines(marks), (-_MARK, 0, 0, height))
    for tick in shown:
        sheet.write(tick.text, -_MARK - 3, tick.position * height, "end")
    lines = wrap_text(axis.label, max(height, _LEAST_LABEL), _FONT)
    widest = max((estimate_width(tick.text, _FONT) for tick in shown), default=0.0)
    _draw_upward(sheet, lines, -_MARK - 5 - widest - len(lines) * _LINE, height)


def _draw_x(sheet: _Sheet, axis: Axis, width: float, height: float, level: int) -> None:
    shown = _ticks_of_level(axis.ticks, level)
    y = height
    if shown:
        marks = "".join(f"M{number(t.position * width)} {number(y)}v{_MARK}" for t in shown)
        sheet.add(_lines(marks), (0, y, width, y + _MARK))
        longest = max(estimate_width(tick.text, _FONT) for tick in shown)
        y += _MARK + 3 + (longest + _FONT) * _SLOPE if axis.turned else _MARK + 1 + _LINE
    for tick in shown:
        x = tick.position * width
        if axis.turned:
            sheet.write(tick.text, x + 3, height + _MARK + 6, "end", turn=-45)
        else:
            sheet.write(tick.text, x, height + _MARK + 1 + _LINE / 2, "middle")
    for i, line in enumerate(wrap_text(axis.label, max(width, _LEAST_LABEL), _FONT)):
        sheet.write(line, width / 2, y + 2 + (i + 0.5) * _LINE, "middle")


def _draw_bar(sheet: _Sheet, bar: Bar, x: float, height: float) -> float:
    """Draw a colorbar whose left edge is at x; return where there is room again."""
    top, bottom = _span(bar, height)
    body = _image(bar.uri, x, top, _BAR, bottom - top, _SHARP)
    sheet.add(body, (x, 0, x + _BAR, height))
    sheet.parts.append(
        f'<rect x="{number(x - 0.5)}" y="{number(top - 0.5)}" width="{_BAR + 1}" '
        f'height="{number(bottom - top + 1)}" '
        f'fill="none" {_EDGE}/>'
    )
    for name, color, base, tip in (
        ("over", bar.over, top, 0.0),
        ("under", bar.under, bottom, height),
    ):
        if color:
            path = f"M{number(x)} {number(base)}h{_BAR}L{number(x + _BAR / 2)} {number(tip)}z"
            fill = as_svg_color(color, name).format_paint("fill")
            sheet.parts.append(f'<path d="{path}"{fill} {_EDGE}/>')
    free = _draw_down(sheet, bar.ticks, x + _BAR, top, bottom - top)
    lines = wrap_words(bar.label, BAR_LETTERS)
    for i, line in enumerate(lines):
        sheet.write(line, x, -6 - (len(lines) - i - 0.5) * _LINE)
    return max(free, x + max((estimate_width(line, _FONT) for line in lines), default=0.0))


def _span(bar: Bar, height: float) -> tuple[float, float]:
    """Return where a bar's colors begin and end, between its triangles."""
    end = min(_TRIANGLE, height / 3)
    return end if bar.over else 0.0, height - end if bar.under else height


def _draw_histogram(
    sheet: _Sheet, histogram: Histogram, x: float, height: float, span: tuple[float, float]
) -> None:
    top, bottom = span
    opacity = 0.55 if len(histogram.curves) > 1 else 1.0
    for color, lengths in histogram.curves:
        steps, row = [], 0
        for length, run in itertools.groupby(reversed(lengths)):
            row += len(list(run))
            down = top + row / len(lengths) * (bottom - top)
            steps.append(f"H{number(x + length * _HISTOGRAM)}V{number(down)}")
        fill = as_svg_color(color).format_paint("fill", opacity)
        start = f"M{number(x)} {number(top)}"
        sheet.parts.append(f'<path d="{start}{"".join(steps)}H{number(x)}z"{fill}/>')
    line = _lines(f"M{number(x)} {number(top)}V{number(bottom)}")
    sheet.add(line, (x, top, x + _HISTOGRAM, bottom))
    free = _draw_down(sheet, histogram.ticks, x + _HISTOGRAM, top, bottom - top)
    _draw_right_label(sheet, histogram.label, free, height)


def _draw_scale_bar(sheet: _Sheet, scale: ScaleBar, width: float, height: float) -> None:
    """Draw it at the lower right; in the middle where the picture is smaller than the plate."""
    length = scale.fraction * width
    half = max(length, estimate_width(scale.text, _FONT)) / 2
    x = max(width - 10 - half, width / 2)
    top = max(height - 29, height / 2 - 9.5)
    left, plate_top, plate_width, plate_height = x - half - 6, top - 3, 2 * half + 12, 27
    sheet.add(
        f'<rect x="{number(left)}" y="{number(plate_top)}" width="{number(plate_width)}" '
        f'height="{plate_height}" rx="3" fill="#000" fill-opacity=".55"/>'
        f'<rect x="{number(x - length / 2)}" y="{number(top + 16)}" width="{number(length)}" '
        'height="3" fill="#fff"/>',
        (left, plate_top, left + plate_width, plate_top + plate_height),
    )
    sheet.write(scale.text, x, top + 7.5, "middle", more=' fill="#fff"')


def _draw_lines(sheet: _Sheet, title: str, notes: Sequence[str]) -> None:
    """Write the title above all the rest and the notes below it, as wide as the figure."""
    x, room = sheet.left, max(sheet.right - sheet.left, _LEAST_LINE)
    heavy = _TITLE_FONT * 1.12  # bold letters are wider
    above = wrap_text(title, room, heavy)
    top, bottom = sheet.top - 2 - len(above) * (_LINE + 2), sheet.bottom + 4
    for i, line in enumerate(above):
        y = top + (i + 0.5) * (_LINE + 2)
        sheet.write(line, x, y, size=_TITLE_FONT, more=' font-weight="bold"')
        sheet.right = max(sheet.right, x + estimate_width(line, heavy))
    below = itertools.chain.from_iterable(wrap_text(note, room, _FONT) for note in notes)
    for i, line in enumerate(below):
        sheet.write(line, x, bottom + (i + 0.5) * _LINE, more=f' fill="{_FAINT}"')


def _draw_down(sheet: _Sheet, ticks: Sequence[Tick], x: float, top: float, length: float) -> float:
    """Draw ticks that run downwards right of a bar; return where there is room again."""
    shown = _ticks_of_level(ticks, find_bar_level(ticks, length))
    if not shown:
        return x
    positions = [top + tick.position * length for tick in shown]
    marks = "".join(f"M{number(x)} {number(y)}h{_MARK - 1}" for y in positions)
    sheet.add(_lines(marks), (x, top, x + _MARK - 1, top + length))
    for tick, y in zip(shown, positions, strict=True):
        sheet.write(tick.text, x + _MARK + 2, y)
    return x + _MARK + 2 + max(estimate_width(tick.text, _FONT) for tick in shown)


def _draw_right_label(sheet: _Sheet, label: str, x: float, height: float) -> float:
    lines = wrap_text(label, max(height, _LEAST_LABEL), _FONT)
    _draw_upward(sheet, lines, x + 2, height)
    return x + 2 + len(lines) * _LINE


def _draw_upward(sheet: _Sheet, lines: Sequence[str], x: float, height: float) -> None:
    """Write lines that run upwards along the picture, the first at x; never below the picture."""
    longest = max((estimate_width(line, _FONT) for line in lines), default=0.0)
    y = min(height / 2, height - longest / 2)
    for i, line in enumerate(lines):
        sheet.write(line, x + (i + 0.5) * _LINE, y, "middle", turn=-90)


def _ticks_of_level(ticks: Sequence[Tick], level: int) -> list[Tick]:
    return [tick for tick in ticks if level in tick.levels]


def _lines(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{_INK}" shape-rendering="crispEdges"/>'


def _document(sheet: _Sheet, picture: str, alt: str) -> str:
    """Return the whole file; its margins are whole pixels, so that the picture's are sharp."""
    left, top = (math.ceil(-edge) + _PADDING for edge in (sheet.left, sheet.top))
    width, height = (
        start + math.ceil(end) + _PADDING
        for start, end in ((left, sheet.right), (top, sheet.bottom))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">'
        f'<title>{escape_text(alt)}</title><rect width="{width}" height="{height}" fill="#fff"/>'
        f'<g transform="translate({left} {top})">{picture}'
        f'<g font-family="system-ui,sans-serif" font-size="{_FONT}" fill="{_INK}">'
        f"{''.join(sheet.parts)}</g></g></svg>\n"
    )
