"""A figure as one SVG file that needs nothing else: for papers, slides and README files.

All positions are CSS pixels from the picture's upper left corner, and the same as on the page. The
font of an SVG file's reader is not known, so margins come from generous estimates of how wide texts
are; where the package draws the figure itself (`nbimage.export`), they are measured.

The picture goes by ``xlink:href``, the older name: Inkscape before 1.3 and Qt know no other, all
browsers and librsvg know both, and both together would hold the picture's bytes twice.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from nbimage.base.text import wrap_words
from nbimage.page.bars.bar_html import (
    BAR_LETTERS,
    find_label_gap,
    find_side_width,
    head_height,
    wrap_side_label,
)
from nbimage.page.figure_html import find_overhang
from nbimage.page.figure_model import Axis, Bar, Figure, Histogram, LegendEntry, ScaleBar
from nbimage.page.svg.sheet import (
    FONT,
    INK,
    LINE,
    TITLE_FONT,
    Sheet,
    document,
    estimate_width,
    wrap_text,
)
from nbimage.page.svg_primitives import as_svg_color, escape_text, number
from nbimage.page.ticks.density import find_axis_levels, find_bar_level
from nbimage.page.ticks.levels import Tick

_MARK = 5
_GAP = 12  # between what stands side by side
_BAR, _TRIANGLE, _HISTOGRAM = 14, 10, 60
_NOTE_LINE, _NOTE_GAP = 19.5, 3
_SLOPE = math.sqrt(0.5)
_EDGE = 'stroke="#808080" stroke-opacity=".5"'  # white on white would be lost
_LEAST_LABEL, _LEAST_LINE = 120, 240  # texts are not broken shorter, however small the picture is
_FAINT = "#595959"
_SQUARE = 10  # of a channel's color
SHARP = ' image-rendering="optimizeSpeed" style="image-rendering:pixelated"'


def figure_svg(
    uri: str,
    width: float,
    height: float,
    figure: Figure,
    *,
    alt: str,
    crisp: bool,
    scale: float = 1.0,
) -> str:
    """Return a picture of this size in CSS pixels, with all that stands around it, as SVG.

    ``uri`` is the picture itself as a data URI. Everything stands on white. ``scale`` enlarges all.
    """
    sheet = Sheet(width, height, estimate_width)
    picture = draw_image(uri, 0, 0, width, height, SHARP if crisp else "")
    draw_figure(sheet, width, height, figure)
    return document(sheet, alt, picture, scale)[0]


def draw_figure(sheet: Sheet, width: float, height: float, figure: Figure) -> None:
    """Draw all that stands around a picture and over it."""
    draw_over(sheet, width, height, figure)
    draw_margins(sheet, width, height, figure)
    draw_lines(sheet, figure.title, figure.notes, figure.legend)


def draw_over(sheet: Sheet, width: float, height: float, figure: Figure) -> None:
    """Draw what lies over a picture."""
    if figure.overlay:
        position = f'<svg x="0" y="0" width="{number(width)}" height="{number(height)}"'
        overlay = figure.overlay.replace("<svg", position, 1)
        sheet.parts.append(overlay.replace(' href="data:', ' xlink:href="data:'))
    if figure.scale_bar:
        _draw_scale_bar(sheet, figure.scale_bar, width, height)


def draw_margins(sheet: Sheet, width: float, height: float, figure: Figure) -> None:
    """Draw what stands beside a picture and below it."""
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    if figure.y:
        _draw_y(sheet, figure.y, width, height, down)
    if figure.x:
        _draw_x(sheet, figure.x, width, height, across)
    x = width
    for bar in figure.bars:
        x = draw_bar(sheet, bar, x + _GAP, height)
    if figure.histogram:
        # without ticks of its own, it is read by those of the bar beside it
        beside = figure.bars[-1:] if not figure.histogram.ticks else ()
        span = _span(beside[0], height) if beside else (0.0, height)
        _draw_histogram(sheet, figure.histogram, x + _GAP, height, span)
    if figure.has_margins:
        left, right = find_overhang(figure.x, width, across + 1)
        below = 0 if figure.x and not (figure.bars or figure.histogram) else 8
        sheet.reach(-left, -max(8, head_height(figure.bars)), width + right, sheet.bottom + below)


# Parts


def draw_image(uri: str, x: float, y: float, width: float, height: float, more: str) -> str:
    """Return a picture stretched over a box. Raises ValueError unless it is a data URI."""
    if not uri.startswith("data:"):
        raise ValueError(
            f"uri must be a data URI, but got {uri[:60]!r}: an SVG file holds its pictures"
        )
    return (
        f'<image x="{number(x)}" y="{number(y)}" width="{number(width)}" '
        f'height="{number(height)}" preserveAspectRatio="none"{more} '
        f'xlink:href="{escape_text(uri)}"/>'
    )


def _draw_y(sheet: Sheet, axis: Axis, width: float, height: float, level: int) -> None:
    shown = _ticks_of_level(axis.ticks, level)
    if shown:
        marks = "".join(f"M0 {number(t.position * height)}h-{_MARK}" for t in shown)
        sheet.add(draw_lines_of_path(marks), (-_MARK, 0, 0, height))
    for tick in shown:
        sheet.write(tick.text, -_MARK - 3, tick.position * height, "end")
    lines = wrap_side_label(axis.label, width, height)
    widest = _widest(sheet, axis.ticks, level)
    room = _MARK + 4 + widest + find_side_width(lines)
    sheet.reach(-room, 0, 0, 0)
    _draw_upward(sheet, lines, -room + 1, height)


def _draw_x(sheet: Sheet, axis: Axis, width: float, height: float, level: int) -> None:
    shown = _ticks_of_level(axis.ticks, level)
    y = height
    if shown:
        marks = "".join(f"M{number(t.position * width)} {number(y)}v{_MARK}" for t in shown)
        sheet.add(draw_lines_of_path(marks), (0, y, width, y + _MARK))
        longest = max(sheet.measure(tick.text, FONT, False) for tick in shown)
        y += _MARK + 3 + (longest + FONT) * _SLOPE if axis.turned else _MARK + 1 + LINE
    for tick in shown:
        x = tick.position * width
        if axis.turned:
            sheet.write(tick.text, x + 3, height + _MARK + 6, "end", turn=-45)
        else:
            sheet.write(tick.text, x, height + _MARK + 1 + LINE / 2, "middle")
    for i, line in enumerate(wrap_text(axis.label, max(width, _LEAST_LABEL), FONT, sheet.measure)):
        gap = 3 if shown else 0
        sheet.write(line, width / 2, y + gap + (i + 0.5) * LINE, "middle")


def draw_bar(sheet: Sheet, bar: Bar, x: float, height: float) -> float:
    """Draw a colorbar whose left edge is at x; return where there is room again."""
    top, bottom = _span(bar, height)
    body = draw_image(bar.uri, x, top, _BAR, bottom - top, SHARP)
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
    free = _draw_down(sheet, bar.ticks, x + _BAR, top, bottom - top, named=bar.named)
    lines = wrap_words(bar.label, BAR_LETTERS)
    for i, line in enumerate(lines):
        sheet.write(line, x, -find_label_gap(bar) - (len(lines) - i - 0.5) * LINE)
    return max(free, x + max((sheet.measure(line, FONT, False) for line in lines), default=0.0))


def _span(bar: Bar, height: float) -> tuple[float, float]:
    """Return where a bar's colors begin and end, between its triangles."""
    end = min(_TRIANGLE, height / 3)
    return end if bar.over else 0.0, height - end if bar.under else height


def _draw_histogram(
    sheet: Sheet, histogram: Histogram, x: float, height: float, span: tuple[float, float]
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
    line = draw_lines_of_path(f"M{number(x)} {number(top)}V{number(bottom)}")
    sheet.add(line, (x, top, x + _HISTOGRAM, bottom))
    free = _draw_down(sheet, histogram.ticks, x + _HISTOGRAM, top, bottom - top)
    _draw_right_label(sheet, histogram.label, free, height)


def _draw_scale_bar(sheet: Sheet, scale: ScaleBar, width: float, height: float) -> None:
    """Draw it at the lower right; in the middle where the picture is smaller than the plate."""
    length = scale.fraction * width
    half = max(length, sheet.measure(scale.text, FONT, False)) / 2
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


def _draw_legend(sheet: Sheet, legend: Sequence[LegendEntry]) -> None:
    """Draw a square, a name and the limits of each channel in lines below all the rest."""
    left, room = sheet.left, max(sheet.right - sheet.left, _LEAST_LINE)
    x, y = left, sheet.bottom + _NOTE_GAP + _NOTE_LINE / 2
    for one in legend:
        text = f"{one.name} {one.ends}".strip()
        length = _SQUARE + 4 + sheet.measure(text, TITLE_FONT, False)
        if x > left and x + length > left + room:
            x, y = left, y + _NOTE_LINE
        fill = as_svg_color(one.color).format_paint("fill")
        top, side = y - _SQUARE / 2 + 0.5, _SQUARE - 1
        square = f'<rect x="{number(x + 0.5)}" y="{number(top)}" width="{side}" height="{side}"'
        sheet.add(f"{square}{fill} {_EDGE}/>", (x, y - _NOTE_LINE / 2, x, y + _NOTE_LINE / 2))
        sheet.write(text, x + _SQUARE + 4, y, size=TITLE_FONT)
        x += length + 12


def draw_lines(
    sheet: Sheet, title: str, notes: Sequence[str], legend: Sequence[LegendEntry] = ()
) -> None:
    """Write the title above all the rest, legend and notes below it, as wide as the figure."""
    x, room = sheet.left, max(sheet.right - sheet.left, _LEAST_LINE)
    above = wrap_text(title, room, TITLE_FONT, sheet.measure, bold=True)
    top = sheet.top - len(above) * _NOTE_LINE
    for i, line in enumerate(above):
        sheet.write(line, x, top + (i + 0.5) * _NOTE_LINE, size=TITLE_FONT, bold=True)
    _draw_legend(sheet, legend)
    for note in notes:
        y = sheet.bottom + _NOTE_GAP
        for i, line in enumerate(wrap_text(note, room, TITLE_FONT, sheet.measure)):
            middle = y + (i + 0.5) * _NOTE_LINE
            sheet.write(line, x, middle, size=TITLE_FONT, more=f' fill="{_FAINT}"')
            sheet.bottom = middle + _NOTE_LINE / 2


def _draw_down(
    sheet: Sheet,
    ticks: Sequence[Tick],
    x: float,
    top: float,
    length: float,
    *,
    named: bool = False,
) -> float:
    """Draw ticks that run downwards right of a bar; return where there is room again."""
    shown = _ticks_of_level(ticks, find_bar_level(ticks, length, named=named))
    if not shown:
        return x
    positions = [top + tick.position * length for tick in shown]
    marks = "".join(f"M{number(x)} {number(y)}h{_MARK - 1}" for y in positions)
    sheet.add(draw_lines_of_path(marks), (x, top, x + _MARK - 1, top + length))
    for tick, y in zip(shown, positions, strict=True):
        sheet.write(tick.text, x + _MARK + 2, y)
    return x + _MARK + 3 + _widest(sheet, ticks, find_bar_level(ticks, length, named=named))


def _draw_right_label(sheet: Sheet, label: str, x: float, height: float) -> None:
    lines = wrap_text(label, max(height, _LEAST_LABEL), FONT, sheet.measure)
    _draw_upward(sheet, lines, x + 2, height)


def _draw_upward(sheet: Sheet, lines: Sequence[str], x: float, height: float) -> None:
    """Write lines that run upwards along the picture, the first at x; never below the picture."""
    longest = max((sheet.measure(line, FONT, False) for line in lines), default=0.0)
    y = min(height / 2, height - longest / 2)
    for i, line in enumerate(lines):
        sheet.write(line, x + (i + 0.5) * LINE, y, "middle", turn=-90)


def _widest(sheet: Sheet, ticks: Sequence[Tick], level: int) -> float:
    """Return the width of the longest text of a level, and of the next one as on the page."""
    texts = (tick.text for tick in ticks if min(tick.levels) <= level + 1)
    return max((sheet.measure(text, FONT, False) for text in texts), default=0.0)


def _ticks_of_level(ticks: Sequence[Tick], level: int) -> list[Tick]:
    return [tick for tick in ticks if level in tick.levels]


def draw_lines_of_path(path: str) -> str:
    """Return lines one CSS pixel wide."""
    return f'<path d="{path}" fill="none" stroke="{INK}" shape-rendering="crispEdges"/>'
