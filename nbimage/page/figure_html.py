"""A figure as HTML: a CSS grid around the picture, with positions in percent that follow a drag.

Texts take the page's color, so they are readable on light and dark pages and on paper; what has
a color of its own is an `<img>`, since browsers print no backgrounds. Nothing needs a script;
`js/ticks.js` only picks the density of the ticks after a drag.
"""

from __future__ import annotations

import base64
import math

from nbimage.base.text import escape, wrap_words
from nbimage.page.figure_model import Axis, Bar, Figure, Histogram, ScaleBar
from nbimage.page.ticks.density import find_axis_levels, find_bar_level
from nbimage.page.ticks.levels import Tick

_FILL = "position:absolute;left:0;top:0;width:100%;height:100%"
_PLAIN = "max-width:none;margin:0"
_TRIANGLE = 10  # CSS pixels
_BAR = 14
_HISTOGRAM = 60
_LABEL = 80  # CSS pixels of a label below a narrow picture
_STACKED = "white-space:normal;word-break:break-all"
"""One letter upon the other, where sanitisers leave no `writing-mode`."""
BAR_LETTERS = 24
"""Of a line above a colorbar."""
_TURNED = (
    f"writing-mode:vertical-rl;{_STACKED};inline-size:max-content;line-height:16px;"
    "transform:rotate(-135deg) translateY(-100%);transform-origin:50% 0"
)
"""Upwards at 45°, ending where it stands; one letter upon the other where sanitisers cut it."""
_SLOPE = math.sqrt(0.5)


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
        cells.append(_y_axis(figure.y, down))
    cells.append(f'<div style="grid-row:1;grid-column:2;min-width:0;line-height:0">{box}</div>')
    if right:
        aside = '<div class="nbimage-aside" style="grid-row:1;grid-column:3;display:flex">'
        cells.append(f"{aside}{''.join(right)}</div>")
    if figure.x:
        cells.append(_x_axis(figure.x, across))
    low = 0 if figure.x and not right else 8  # for the half of the lowest tick's text
    if margins is None:
        left, beyond = _overhang(figure.x, width, across + 1)
        shape = (
            f"display:inline-grid;max-width:100%;grid-template-columns:minmax({left}px,auto) "
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
        f'<div class="nbimage-figure" style="{shape};box-sizing:border-box;'
        "font:12px/16px system-ui,sans-serif;text-align:left;white-space:nowrap;"
        '-webkit-user-select:none;user-select:none">'  # a copy is of the picture, not of numbers
        f"{''.join(cells)}</div>"
    )


def find_margins(figure: Figure, width: float, height: float) -> tuple[int, int]:
    """Return the CSS pixels that are needed left and right of a picture for what stands there."""
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    left, right = _overhang(figure.x, width, across + 1)
    if figure.y:
        beside = 9 + _widest(figure.y.ticks, down) + (18 if figure.y.label else 0)
        left = max(left, beside)
    aside = 0
    for bar in figure.bars:
        ticks = _BAR + 8 + _widest(bar.ticks, find_bar_level(bar.ticks, height))
        lines = wrap_words(bar.label, BAR_LETTERS)
        aside += 12 + max(ticks, *map(_estimate_width, lines), 0)
    if figure.histogram:
        ticks = _widest(figure.histogram.ticks, find_bar_level(figure.histogram.ticks, height))
        aside += 12 + _HISTOGRAM + 8 + ticks + (18 if figure.histogram.label else 0)
    return math.ceil(left), math.ceil(max(right, aside))


def _widest(ticks: tuple[Tick, ...], level: int) -> int:
    """Return about the width of the texts of a level, and of the one that a drag may bring."""
    return max((_estimate_width(t.text) for t in ticks if min(t.levels) <= level + 1), default=0)


def head_height(bars: tuple[Bar, ...]) -> int:
    """Return the CSS pixels of the labels above colorbars, of which the highest one counts."""
    lines = max((len(wrap_words(bar.label, BAR_LETTERS)) for bar in bars), default=0)
    return 16 * lines + 8 if lines else 0


def _overhang(axis: Axis | None, width: float, level: int) -> tuple[int, int]:
    """Return how far texts below a picture may stick out at its left and right, in CSS pixels.

    Also after it has become narrow, and denser ticks by one level.
    """
    if axis is None:
        return 0, 0
    narrow = min(width, 240)
    wanted = [(_LABEL - narrow) / 2] * 2 if axis.label else [0.0, 0.0]
    for tick in axis.ticks:
        if min(tick.levels) <= level:
            length = _estimate_width(tick.text)
            reach = (length * _SLOPE, 8.0) if axis.turned else (length / 2, length / 2)
            ends = tick.position * narrow, (1 - tick.position) * narrow
            wanted = [
                max(most, out - end) for most, out, end in zip(wanted, reach, ends, strict=True)
            ]
    left, right = (math.ceil(max(most, 0)) for most in wanted)
    return left, right


def overlay_html(svg: str) -> str:
    """Return an SVG document that lies over the picture; as an `<img>` it can run nothing."""
    uri = _svg_uri(svg)
    return f'<img src="{uri}" alt="" style="{_FILL};max-width:none;margin:0;pointer-events:none">'


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
    return (
        '<div class="nbimage-scale" aria-hidden="true" style="position:absolute;right:10px;'
        f"bottom:10px;width:{width};"
        "pointer-events:none;color:#fff;font:12px/16px system-ui,sans-serif;"
        'print-color-adjust:exact">'
        f'<img src="{_svg_uri(plate)}" alt="" style="position:absolute;left:-6px;top:-3px;'
        f'width:calc(100% + 12px);height:calc(100% + 8px);border-radius:3px;{fill}">'
        '<div style="position:relative;display:flex;justify-content:center;white-space:nowrap;'
        f'text-shadow:0 0 3px #000">{escape(scale.text)}</div>'
        f'<img class="nbimage-length" src="{_svg_uri(bar)}" alt="" style="position:relative;'
        f'width:100%;height:3px;{fill}"></div>'
    )


def bar_html(bar: Bar, height: float) -> str:
    """Return a colorbar as tall as the picture."""
    top, bottom = _ends(bar)
    ends = "".join(
        f'<img src="{_svg_uri(_triangle(color, up))}" alt="" style="position:absolute;left:0;'
        f'{"top" if up else "bottom"}:0;width:{_BAR}px;height:{_TRIANGLE}px;{_PLAIN}">'
        for color, up in ((bar.over, True), (bar.under, False))
        if color
    )
    inside = (
        f'<img src="{bar.uri}" alt="" style="position:absolute;left:0;top:0;width:{_BAR}px;'
        f"height:100%;{_PLAIN};box-sizing:border-box;border:1px solid rgba(128,128,128,.5);"
        'image-rendering:pixelated">'
    )
    ticks = _vertical_ticks(bar.ticks, height - top - bottom, left=_BAR)
    level = find_bar_level(bar.ticks, height)
    lines = "".join(f"<div>{escape(line)} </div>" for line in wrap_words(bar.label, BAR_LETTERS))
    label = room = ""
    if lines:
        label = (
            f'<div style="position:absolute;left:0;bottom:100%;padding-bottom:6px">{lines}</div>'
        )
        room = f'<div style="height:0;overflow:hidden;visibility:hidden">{lines}</div>'
    return (
        '<div class="nbimage-bar" aria-hidden="true" style="margin-left:12px">'
        f'<div style="position:relative;min-width:{_BAR}px;height:100%">{label}{ends}'
        f'<div style="position:absolute;left:0;right:0;top:{top}px;bottom:{bottom}px">{inside}'
        f"{ticks}</div>{_reserve_width(bar.ticks, _BAR + 8, level)}{room}</div></div>"
    )


def _ends(bar: Bar | None) -> tuple[int, int]:
    """Return how high a colorbar's triangles are, the upper one and the lower one."""
    if bar is None:
        return 0, 0
    return _TRIANGLE if bar.over else 0, _TRIANGLE if bar.under else 0


def histogram_html(histogram: Histogram, height: float, beside: Bar | None = None) -> str:
    """Return the histogram as tall as the picture, or as the colors of the bar ``beside`` it.

    Its bars grow to the right.
    """
    paths = []
    for color, lengths in histogram.curves:
        count = len(lengths)
        steps = [f"H{100 * length:.2f}V{i + 1}" for i, length in enumerate(reversed(lengths))]
        opacity = ".55" if len(histogram.curves) > 1 else "1"
        paths.append(
            f'<path fill="{escape(color)}" fill-opacity="{opacity}" d="M0 0{"".join(steps)}H0Z"/>'
        )
    count = len(histogram.curves[0][1])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 {count}" width="100" '
        f'height="{count}" preserveAspectRatio="none">{"".join(paths)}</svg>'
    )
    image = (
        f'<img class="nbimage-histogram" src="{_svg_uri(svg)}" alt="" style="position:absolute;'
        f'left:0;top:0;width:{_HISTOGRAM}px;height:100%;max-width:none;margin:0">'
    )
    ticks = _vertical_ticks(histogram.ticks, height, left=_HISTOGRAM)
    top, bottom = _ends(beside)
    return (
        '<div aria-hidden="true" style="display:flex;margin-left:12px">'
        f'<div style="position:relative;width:{_HISTOGRAM}px;margin:{top}px 0 {bottom}px;'
        f'border-left:1px solid">{image}{ticks}</div>'
        f"<div>{_reserve_width(histogram.ticks, 8, find_bar_level(histogram.ticks, height))}</div>"
        f"{_side_label(histogram.label)}</div>"
    )


def _y_axis(axis: Axis, level: int) -> str:
    """Return the axis at the left: its label, its texts, its marks."""
    ticks = "".join(
        _tick(
            tick,
            level,
            f"top:{_percent(tick.position)};left:0;right:0",
            "margin-top:-.5px;right:0;width:5px;border-top:1px solid",
            "right:8px;margin-top:-8px;max-width:calc(100% - 8px);overflow:hidden;"
            "text-overflow:ellipsis",
        )
        for tick in axis.ticks
    )
    return (
        '<div class="nbimage-y" aria-hidden="true" '
        'style="grid-row:1;grid-column:1;display:flex;justify-content:flex-end">'
        f"{_side_label(axis.label)}"
        f'<div class="nbimage-axis"{_kind(axis)} style="position:relative;min-width:0">'
        f"{_reserve_width(axis.ticks, 9, level)}{ticks}</div></div>"
    )


def _kind(axis: Axis) -> str:
    """Return the attributes from which the script knows how many ticks there are to be."""
    names = (axis.turned, "turned"), (axis.named, "named"), (axis.paired, "paired")
    return "".join(f' data-{name}="1"' for on, name in names if on)


def _estimate_width(text: str) -> int:
    return sum(7 if letter < "\u2e80" else 12 for letter in text)


def _x_axis(axis: Axis, level: int) -> str:
    """Return the axis below: its marks, its texts, its label."""
    centred = "width:0;top:6px;display:flex;justify-content:center"
    turned = f"top:10px;margin-left:-8px;{_TURNED}"
    ticks = "".join(
        _tick(
            tick,
            level,
            f"left:{_percent(tick.position)};top:0",
            "margin-left:-.5px;top:0;height:5px;border-left:1px solid",
            turned if axis.turned else centred,
        )
        for tick in axis.ticks
    )
    room = '<div style="height:22px"></div>' if axis.ticks else ""
    if axis.turned:
        longest = max((tick.text for tick in axis.ticks), key=len, default="")
        room = (  # as high as the text rises, and as its letters would be upon each other
            '<div style="visibility:hidden;width:0;writing-mode:vertical-rl;'
            f'{_STACKED};inline-size:max-content;font-size:8.5px;padding:9px 0 8px">'
            f"{escape(longest)}</div>"
        )
    label = ""
    if axis.label:
        label = (
            '<div style="display:flex;justify-content:center;width:100%">'
            f'<div style="min-width:{_LABEL}px;white-space:normal;overflow-wrap:break-word;'
            f'text-align:center">{escape(axis.label)}</div></div>'
        )
    return (
        '<div aria-hidden="true" style="grid-row:2;grid-column:2;width:0;min-width:100%">'
        f'<div class="nbimage-axis" data-across="1"{_kind(axis)} style="position:relative">'
        f"{room}{ticks}"
        f"</div>{label}</div>"
    )


def _vertical_ticks(ticks: tuple[Tick, ...], height: float, *, left: int) -> str:
    """Return ticks that run downwards, right of a bar."""
    level = find_bar_level(ticks, height)
    inside = "".join(
        _tick(
            tick,
            level,
            f"top:{_percent(tick.position)};left:{left}px",
            "margin-top:-.5px;left:0;width:4px;border-top:1px solid",
            "left:7px;margin-top:-8px",
        )
        for tick in ticks
    )
    return f'<div class="nbimage-axis" data-bar="1" style="{_FILL}">{inside}</div>'


def _tick(tick: Tick, level: int, position: str, mark: str, text: str) -> str:
    shown = "" if level in tick.levels else ";display:none"
    levels = " ".join(map(str, tick.levels))
    return (
        f'<div class="nbimage-tick" data-levels="{levels}" '
        f'style="position:absolute;{position}{shown}">'
        f'<div style="position:absolute;{mark}"></div>'
        f'<div style="position:absolute;{text}">{escape(tick.text)}</div></div>'
    )


def _reserve_width(ticks: tuple[Tick, ...], extra: int, level: int) -> str:
    """Return an invisible element as wide as the widest text in the page's own font.

    A drag may bring ticks one level denser, which may be longer.
    """
    shown = range(level + 2)
    longest = sorted({t.text for t in ticks if set(t.levels) & set(shown)}, key=len)[-3:]
    lines = "".join(f"<div>{escape(text)}</div>" for text in longest)
    return (
        '<div class="nbimage-room" style="height:0;overflow:hidden;visibility:hidden;'
        f'padding-right:{extra}px">{lines}</div>'
        if lines
        else ""
    )


def _side_label(label: str) -> str:
    """Return a label that runs upwards along the picture's side, and gives way where it is long."""
    if not label:
        return ""
    return (
        '<div style="position:relative;width:18px;flex-shrink:0"><div style="position:absolute;'
        "left:0;top:0;bottom:0;width:18px;line-height:16px;display:flex;justify-content:center;"
        'align-items:center;text-align:center;writing-mode:vertical-rl;transform:rotate(180deg)">'
        f'<div style="{_STACKED};text-wrap-mode:nowrap;max-height:100%;'
        f'overflow:hidden;text-overflow:ellipsis" title="{escape(label)}">'
        f"{escape(label)}</div></div></div>"
    )


def _triangle(color: str, up: bool) -> str:
    points = ".5,10 13.5,10 7,.5" if up else ".5,0 13.5,0 7,9.5"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 14 10" width="14" height="10">'
        f'<polygon points="{points}" fill="{escape(color)}" stroke="#808080" '
        'stroke-opacity=".5"/></svg>'
    )


def _svg_uri(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


def _percent(position: float) -> str:
    return f"{100 * position:.4f}".rstrip("0").rstrip(".") + "%"
