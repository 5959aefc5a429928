"""A figure as HTML: a CSS grid around the picture, with positions in percent that follow a drag.

Texts take the page's color, so they are readable on light and dark pages and on paper; what has
a color of its own is an `<img>`, since browsers print no backgrounds. Nothing needs a script;
`js/ticks.js` only picks the density of the ticks after a drag.
"""

from __future__ import annotations

import itertools
import math

from nbimage.base.text import escape
from nbimage.page.bars.bar_html import (
    PLAIN_IMAGE,
    bar_html,
    find_aside_width,
    find_side_width,
    flat_bar_html,
    head_height,
    histogram_html,
    level_labels,
    side_label,
    wrap_side_label,
)
from nbimage.page.bars.narrow import NarrowStyle, find_narrow_style
from nbimage.page.figure_model import Axis, Figure, ScaleBar
from nbimage.page.guard import BOX, ELEMENT, dispensable
from nbimage.page.ticks.density import find_axis_levels
from nbimage.page.ticks.tick_html import (
    CENTRED,
    FILL,
    UNCOPIED,
    estimate_width,
    find_widest,
    percent,
    reserve_width,
    svg_uri,
    tick_html,
)

_LABEL = 80  # CSS pixels of a label below a narrow picture
_TURNED = (
    "margin-left:-8px;inset:10px auto auto auto;writing-mode:vertical-rl;inline-size:max-content;"
    "line-height:16px;"
    "transform:translateX(3px) rotate(-135deg) translateY(-100%);transform-origin:50% 0"
)
"""Upwards at 45°, ending where it stands. Sanitisers leave but the margin: then it is level."""
_MOST_LINES = 6  # of level names below a picture
_SLOPE = math.sqrt(0.5)
_WIDE = 1.1  # times as wide as estimated, as digits of Verdana and DejaVu are


def layout_html(
    box: str,
    figure: Figure,
    width: float,
    height: float,
    *,
    margins: tuple[int, int] | None = None,
) -> str:
    """Return the box of a picture with axes, colorbars and histogram around it.

    With ``margins`` the picture is as wide as what it is in, out of which the rest stands by these
    CSS pixels left and right.
    """
    right = [bar_html(bar, height) for bar in figure.bars]
    if figure.histogram:
        # without ticks of its own, it is read by those of the bar beside it
        beside = figure.bars[-1] if figure.bars and not figure.histogram.ticks else None
        right.append(histogram_html(figure.histogram, height, beside))
    if not (right or figure.x or figure.y):
        return box
    cells = []
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    if figure.y:
        label = wrap_side_label(figure.y.label, width, height)
        cells.append(dispensable(_y_axis(figure.y, down, label)))
    cells.append(f'<div style="grid-row:1;grid-column:2;min-width:0;line-height:0">{box}</div>')
    if right:
        aside = '<div class="nbimage-aside" style="grid-row:1;grid-column:3;display:flex">'
        cells.append(dispensable(f"{aside}{''.join(right)}</div>"))
    if figure.x:
        cells.append(dispensable(_x_axis(figure.x, across, width)))
    cells.append(dispensable(level_labels(figure.y, figure.histogram)))
    low = 0 if figure.x and not right else 8  # for the half of the lowest tick's text
    name = ""
    if margins is None:
        left, beyond = find_overhang(figure.x, width, across + 1)
        if figure.bars and not figure.histogram:
            room = float(find_margins(figure, width, height)[0]), float(beyond)
            flat = "".join(flat_bar_html(bar, min(width, 240), room) for bar in figure.bars)
            flat = (
                '<div class="nbimage-flat" style="grid-row:3;grid-column:2;width:0;'
                f'min-width:100%;display:none">{flat}</div>'
            )
            cells.append(dispensable(flat))
        name = f" {find_figure_style(figure, width, height).name}".rstrip()
        shape = (
            "display:inline-grid;vertical-align:top;max-width:100%;"
            f"grid-template-columns:minmax({left}px,auto) "
            f"minmax(0,max-content) minmax({beyond}px,auto);"
            f"padding:{max(8, head_height(figure.bars))}px 0 {low}px"
        )
    else:
        left, beyond = margins
        shape = (
            f"display:grid;margin:0 -{beyond}px {low}px -{left}px;"
            f"grid-template-columns:{left}px minmax(0,1fr) {beyond}px"
        )
    return (
        f'<div class="nbimage-figure{name}" style="{shape};box-sizing:border-box;'
        "font:12px/16px system-ui,sans-serif;text-align:left;white-space:nowrap;"
        f'{UNCOPIED}">'
        f"{''.join(cells)}</div>"
    )


def find_figure_style(figure: Figure, width: float, height: float) -> NarrowStyle:
    """Return how a figure that stands by itself follows the width of its output."""
    left, beyond = find_margins(figure._replace(bars=(), histogram=None), width, height)
    return find_narrow_style(figure, width, height, left, beyond)


def find_margins(figure: Figure, width: float, height: float) -> tuple[int, int]:
    """Return the CSS pixels that are needed left and right of a picture for what stands there."""
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    left, right = find_overhang(figure.x, width, across + 1)
    if figure.y:
        beside = (
            12
            + math.ceil(find_widest(figure.y.ticks, down) * _WIDE)
            + find_side_width(wrap_side_label(figure.y.label, width, height))
        )
        left = max(left, beside)
    aside = find_aside_width(figure.bars, figure.histogram, height)
    return math.ceil(left), math.ceil(max(right, aside))


def find_overhang(axis: Axis | None, width: float, level: int) -> tuple[int, int]:
    """Return how far texts below a picture may stick out at its left and right, in CSS pixels.

    Also after it has become narrow, and denser ticks by one level.
    """
    if axis is None:
        return 0, 0
    narrow = min(width, 240)
    wanted = [(_LABEL - narrow) / 2] * 2 if axis.label else [0.0, 0.0]
    for tick in axis.ticks:
        if min(tick.levels) <= level:
            length = estimate_width(tick.text)
            reach = (length * _SLOPE, 8.0) if axis.turned else (length / 2, length / 2)
            ends = tick.position * narrow, (1 - tick.position) * narrow
            wanted = [
                max(most, out - end) for most, out, end in zip(wanted, reach, ends, strict=True)
            ]
    left, right = (math.ceil(max(most, 0)) for most in wanted)
    return left, right


def overlay_html(svg: str) -> str:
    """Return an SVG document that lies over the picture; as an `<img>` it can run nothing."""
    uri = svg_uri(svg)
    style = f"{ELEMENT};{FILL};{PLAIN_IMAGE};pointer-events:none"
    return dispensable(f'<img src="{uri}" alt="" style="{style}">')


def scale_bar_html(scale: ScaleBar) -> str:
    """Return a bar of known length in the lower right corner."""
    width = f"{100 * scale.fraction:.4f}%"
    plate = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">'
        '<rect width="1" height="1" opacity=".55"/></svg>'
    )
    bar = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">'
        '<rect width="1" height="1" fill="#fff"/></svg>'
    )
    fill = "display:block;max-width:none;margin:0"
    return dispensable(
        '<div class="nbimage-scale" aria-hidden="true" style="position:absolute;right:10px;'
        f"bottom:10px;width:{width};"
        f"pointer-events:none;{UNCOPIED};color:#fff;font:12px/16px system-ui,sans-serif;"
        'print-color-adjust:exact">'
        f'<img src="{svg_uri(plate)}" alt="" style="{ELEMENT};position:absolute;left:-6px;top:-3px;'
        f'width:calc(100% + 12px);height:calc(100% + 8px);border-radius:3px;{fill}">'
        '<div style="position:relative;display:flex;justify-content:center;white-space:nowrap;'
        f'text-shadow:0 0 3px #000">{escape(scale.text)}</div>'
        f'<img class="nbimage-length" src="{svg_uri(bar)}" alt="" style="{ELEMENT};'
        f'position:relative;width:100%;height:3px;{fill}"></div>'
    )


def _y_axis(axis: Axis, level: int, label: list[str]) -> str:
    """Return the axis at the left: its label, its texts, its marks."""
    ticks = "".join(
        tick_html(
            tick,
            level,
            f"top:{percent(tick.position)};left:0;right:0",
            "margin-top:-.5px;right:0;width:5px;border-top:1px solid",
            "right:8px;margin-top:-8px;max-width:calc(100% - 8px);overflow:hidden;"
            "text-overflow:ellipsis",
        )
        for tick in axis.ticks
    )
    return (
        '<div class="nbimage-y" aria-hidden="true" '
        'style="grid-row:1;grid-column:1;display:flex;justify-content:flex-end">'
        f"{side_label(label)}"
        f'<div class="nbimage-axis"{_kind(axis)} style="position:relative;min-width:0">'
        f"{reserve_width(axis.ticks, 9, level)}{ticks}</div></div>"
    )


def _count_lines(axis: Axis, level: int, width: float) -> int:
    """Return how many lines level names take so that none stands over the next of its line."""
    shown = [tick for tick in axis.ticks if level in tick.levels]
    longest = max((estimate_width(tick.text) for tick in shown), default=0) + 8
    return min(_MOST_LINES, math.ceil(longest * max(len(shown), 1) / width))


def _kind(axis: Axis) -> str:
    """Return the attributes from which the script knows how many ticks there are to be."""
    names = (axis.turned, "turned"), (axis.named, "named"), (axis.paired, "paired")
    return "".join(f' data-{name}="1"' for on, name in names if on)


def _x_axis(axis: Axis, level: int, width: float) -> str:
    """Return the axis below: its marks, its texts, its label."""
    lines = _count_lines(axis, level, width) if axis.turned else 1
    turns = itertools.cycle(range(lines))
    ticks = "".join(
        tick_html(
            tick,
            level,
            f"left:{percent(tick.position)};top:0",
            "margin-left:-.5px;top:0;height:5px;border-left:1px solid",
            f"top:{10 + 16 * (next(turns) if level in tick.levels else 0)}px;{_TURNED}"
            if axis.turned
            else CENTRED,
        )
        for tick in axis.ticks
    )
    room = '<div style="height:22px"></div>' if axis.ticks else ""
    if axis.turned:
        longest = max((tick.text for tick in axis.ticks), key=len, default="")
        room = (  # as high as the text rises, or as its lines are
            f'<div style="visibility:hidden;width:0;overflow:hidden;height:{16 * lines}px;'
            "writing-mode:vertical-rl;inline-size:max-content;font-size:8.5px;"
            f'{BOX};padding:9px 0 8px">{escape(longest)}</div>'
        )
    label = ""
    if axis.label:
        label = (
            '<div style="display:flex;justify-content:center;width:100%">'
            f'<div style="margin-top:{3 if axis.ticks else 0}px;min-width:{_LABEL}px;'
            "white-space:normal;overflow-wrap:break-word;"
            f'text-align:center">{escape(axis.label)}</div></div>'
        )
    return (
        '<div class="nbimage-x" aria-hidden="true" '
        'style="grid-row:2;grid-column:2;width:0;min-width:100%">'
        f'<div class="nbimage-axis" data-across="1"{_kind(axis)} style="position:relative">'
        f"{room}{ticks}"
        f"</div>{label}</div>"
    )
