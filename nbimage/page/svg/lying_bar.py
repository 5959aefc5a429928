"""A colorbar that lies below pictures, in SVG: as `flat_bar_html` has it."""

from __future__ import annotations

from nbimage.page.figure_model import Bar
from nbimage.page.figure_svg import SHARP, draw_image, draw_lines_of_path
from nbimage.page.svg.sheet import FONT, LINE, Sheet, wrap_text
from nbimage.page.svg_primitives import as_svg_color, number
from nbimage.page.ticks.density import find_bar_level

_TALL, _TIP, _ABOVE, _MARK = 14, 10, 12, 4
_TICKS, _GAP = 22, 2  # room for ticks, and from there to the label
_EDGE = 'stroke="#808080" stroke-opacity=".5"'


def draw_lying_bar(sheet: Sheet, bar: Bar, y: float, width: float) -> float:
    """Draw a colorbar below y, ``width`` CSS pixels wide; return where it ends."""
    top, bottom = y + _ABOVE, y + _ABOVE + _TALL
    left = float(_TIP if bar.under else 0)
    right = width - (_TIP if bar.over else 0)
    image = draw_image(bar.row, left, top, right - left, _TALL, SHARP)
    sheet.add(image, (0, top, width, bottom))
    sheet.parts.append(
        f'<rect x="{number(left - 0.5)}" y="{number(top - 0.5)}" '
        f'width="{number(right - left + 1)}" height="{_TALL + 1}" fill="none" {_EDGE}/>'
    )
    middle = number((top + bottom) / 2)
    for name, color, base, tip in (
        ("under", bar.under, left, 0.0),
        ("over", bar.over, right, width),
    ):
        if color:
            path = f"M{number(base)} {number(top)}V{number(bottom)}L{number(tip)} {middle}z"
            fill = as_svg_color(color, name).format_paint("fill")
            sheet.parts.append(f'<path d="{path}"{fill} {_EDGE}/>')
    level = find_bar_level(bar.ticks, width, named=bar.named, across=True)
    shown = [tick for tick in bar.ticks if level in tick.levels]
    positions = [left + (1 - tick.position) * (right - left) for tick in shown]
    if shown:
        marks = "".join(f"M{number(x)} {number(bottom)}v{_MARK}" for x in positions)
        sheet.add(draw_lines_of_path(marks), (left, bottom, right, bottom + _MARK))
    for tick, x in zip(shown, positions, strict=True):
        sheet.write(tick.text, x, bottom + 6 + LINE / 2, "middle")
    end = bottom + _TICKS
    for i, line in enumerate(wrap_text(bar.label, width, FONT, sheet.measure)):
        sheet.write(line, width / 2, end + _GAP + (i + 0.5) * LINE, "middle")
    sheet.reach(0, end, 0, end)
    return sheet.bottom
