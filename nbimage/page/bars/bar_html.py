"""Colorbars and histograms as HTML: as tall as the picture, or lying below it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nbimage.base.text import escape, wrap_words
from nbimage.page.figure_model import Axis, Bar, Histogram
from nbimage.page.guard import BOX, ELEMENT
from nbimage.page.ticks.density import find_bar_level
from nbimage.page.ticks.tick_html import (
    estimate_width,
    find_widest,
    horizontal_ticks,
    reserve_width,
    svg_uri,
    vertical_ticks,
)

PLAIN_IMAGE = "max-width:none;margin:0"
_TRIANGLE = 10  # CSS pixels
_BAR = 14
_HISTOGRAM = 60
_NARROW = 230  # CSS pixels of a picture on a narrow page
_LEAST_SIDE = 120  # of a line along a picture, however small that is
LABEL_GAP = 4
"""CSS pixels between a label and what it stands at: the texts of ticks, or a bar."""
BAR_LETTERS = 24
"""Of a line above a colorbar."""


def head_height(bars: tuple[Bar, ...]) -> int:
    """Return the CSS pixels of the labels above colorbars, of which the highest one counts."""
    lines = max((len(wrap_words(bar.label, BAR_LETTERS)) for bar in bars), default=0)
    return 16 * lines + max(map(find_label_gap, bars)) + 2 if lines else 0


def find_label_gap(bar: Bar) -> int:
    """Return the CSS pixels from a bar up to its label: more where a text stands at its end."""
    high = (tick for tick in bar.ticks if tick.position < 0.02 and (bar.named or 0 in tick.levels))
    return LABEL_GAP + (7 if not bar.over and any(high) else 0)


def bar_html(bar: Bar, height: float) -> str:
    """Return a colorbar as tall as the picture."""
    top, bottom = _ends(bar)
    ends = "".join(
        f'<img src="{svg_uri(_triangle(color, up))}" alt="" style="{ELEMENT};position:absolute;'
        f'left:0;{"top" if up else "bottom"}:0;width:{_BAR}px;height:{_TRIANGLE}px;{PLAIN_IMAGE}">'
        for color, up in ((bar.over, True), (bar.under, False))
        if color
    )
    inside = (
        f'<img src="{bar.uri}" alt="" style="{ELEMENT};position:absolute;left:0;top:0;'
        f"width:{_BAR}px;height:100%;{PLAIN_IMAGE};box-sizing:border-box;"
        'border:1px solid rgba(128,128,128,.5);image-rendering:pixelated">'
    )
    ticks = vertical_ticks(bar.ticks, height - top - bottom, left=_BAR, named=bar.named)
    level = find_bar_level(bar.ticks, height, named=bar.named)
    lines = "".join(f"<div>{escape(line)} </div>" for line in wrap_words(bar.label, BAR_LETTERS))
    label = room = ""
    gap = find_label_gap(bar)
    if lines:
        above = f"position:absolute;left:0;bottom:100%;padding-bottom:{gap}px"
        label = f'<div style="{above}">{lines}</div>'
        room = f'<div style="height:0;overflow:hidden;visibility:hidden">{lines}</div>'
    return (
        '<div class="nbimage-bar" aria-hidden="true" style="margin-left:12px">'
        f'<div style="position:relative;min-width:{_BAR}px;height:100%">{label}{ends}'
        f'<div style="position:absolute;left:0;right:0;top:{top}px;bottom:{bottom}px">{inside}'
        f"{ticks}</div>{reserve_width(bar.ticks, _BAR + 8, level)}{room}</div></div>"
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
        f'<img class="nbimage-histogram" src="{svg_uri(svg)}" alt="" style="{ELEMENT};'
        f'position:absolute;left:0;top:0;width:{_HISTOGRAM}px;height:100%;max-width:none;margin:0">'
    )
    ticks = vertical_ticks(histogram.ticks, height, left=_HISTOGRAM)
    top, bottom = _ends(beside)
    return (
        '<div aria-hidden="true" style="display:flex;margin-left:12px">'
        f'<div style="position:relative;width:{_HISTOGRAM}px;margin:{top}px 0 {bottom}px;'
        f'{BOX};border-left:1px solid">{image}{ticks}</div>'
        f"<div>{reserve_width(histogram.ticks, 8, find_bar_level(histogram.ticks, height))}</div>"
        f"{side_label([histogram.label] if histogram.label else [])}</div>"
    )


def flat_bar_html(
    bar: Bar,
    width: float,
    room: tuple[float, float] = (0.0, 0.0),
    *,
    name: str = "nbimage-bar",
) -> str:
    """Return a colorbar that lies, as wide as what it is in, its label below it.

    ``width``: about that width, for the first choice of its ticks; ``room``: how far texts at its
    ends may stick out left and right, in CSS pixels; ``name``: its class.
    """
    low, high = ((_TRIANGLE if color else 0) for color in (bar.under, bar.over))
    level = find_bar_level(bar.ticks, width, named=bar.named, across=True)
    out = [0.0, 0.0]
    for tick in bar.ticks:
        half = estimate_width(tick.text) / 2
        beyond = half - (1 - tick.position) * width - low, half - tick.position * width - high
        out = [max(most, own) for most, own in zip(out, beyond, strict=True)]
    left, right = (max(0, math.ceil(own - free)) for own, free in zip(out, room, strict=True))
    ends = "".join(
        f'<img src="{svg_uri(_triangle(color, None, right=at_right))}" alt="" style="{ELEMENT};'
        f"position:absolute;top:0;{'right' if at_right else 'left'}:0;width:{_TRIANGLE}px;"
        f'height:{_BAR}px;{PLAIN_IMAGE}">'
        for color, at_right in ((bar.under, False), (bar.over, True))
        if color
    )
    colors = (
        f'<img src="{bar.row}" alt="" style="{ELEMENT};display:block;width:100%;height:{_BAR}px;'
        f"{PLAIN_IMAGE};box-sizing:border-box;border:1px solid rgba(128,128,128,.5);"
        'image-rendering:pixelated">'
    )
    label = ""
    if bar.label:
        label = (
            '<div style="margin-top:2px;white-space:normal;overflow-wrap:break-word;'
            f'text-align:center">{escape(bar.label)}</div>'
        )
    return (
        f'<div class="{name}" aria-hidden="true" style="margin:12px {right}px 0 {left}px">'
        f'<div style="position:relative">{ends}<div style="margin:0 {high}px 0 {low}px">{colors}'
        f"{horizontal_ticks(bar.ticks, level, named=bar.named)}</div></div>{label}</div>"
    )


def find_aside_width(bars: tuple[Bar, ...], histogram: Histogram | None, height: float) -> float:
    """Return about how many CSS pixels bars and histogram need beside a picture."""
    aside = 0.0
    for bar in bars:
        level = find_bar_level(bar.ticks, height, named=bar.named)
        ticks = _BAR + 8 + find_widest(bar.ticks, level)
        lines = wrap_words(bar.label, BAR_LETTERS)
        aside += 12 + max(ticks, *map(estimate_width, lines), 0)
    if histogram:
        ticks = find_widest(histogram.ticks, find_bar_level(histogram.ticks, height))
        aside += (
            12
            + _HISTOGRAM
            + 8
            + ticks
            + find_side_width([histogram.label] if histogram.label else [])
        )
    return aside


def wrap_side_label(label: str, width: float, height: float) -> list[str]:
    """Return the lines of a label along the side of a picture of this size in CSS pixels.

    Such that they fit where the picture is shown smaller, as on narrow pages.
    """
    room = max(height * min(1, _NARROW / width), _LEAST_SIDE)
    count = -(-estimate_width(label) // room)
    if count < 2:
        return [label] if label else []
    most = len(label) / count
    lines = wrap_words(label, math.ceil(most))
    while len(lines) > count and most < room / 7:
        most += 1
        lines = wrap_words(label, math.ceil(most))
    return lines


def find_side_width(lines: Sequence[str]) -> int:
    """Return the CSS pixels that lines along a picture's side take."""
    return 16 * len(lines) + 3 if lines else 0


def side_label(lines: Sequence[str]) -> str:
    """Return a label that runs upwards along the picture's side, and gives way where it is long."""
    if not lines:
        return ""
    label, wide = " ".join(lines), find_side_width(lines)
    text = "".join(f"<div>{escape(line)} </div>" for line in lines)
    return (
        '<div style="position:relative;overflow:hidden;flex-shrink:0;width:0;'
        f'inline-size:{wide}px">'
        f'<div style="position:absolute;left:0;top:0;bottom:0;width:{wide - 1}px;line-height:16px;'
        "display:flex;justify-content:center;"
        'align-items:center;text-align:center;writing-mode:vertical-rl;transform:rotate(180deg)">'
        f'<div style="max-height:100%;'
        f'overflow:hidden;text-overflow:ellipsis" title="{escape(label)}">'
        f"{text}</div></div></div>"
    )


def level_labels(y: Axis | None, histogram: Histogram | None) -> str:
    """Return the labels of `side_label` as a line below all.

    It is seen only where a sanitiser leaves no `writing-mode`, and so no `block-size`.
    """
    named = ("↑ ", y.label if y else ""), ("▐ ", histogram.label if histogram else "")
    texts = [escape(f"{sign}{label}") for sign, label in named if label]
    if not texts:
        return ""
    style = (
        "grid-row:4;grid-column:1/-1;block-size:0;overflow:hidden;white-space:normal;"
        "content-visibility:hidden"
    )
    return f'<div aria-hidden="true" style="{style}"><span>{" · ".join(texts)}</span></div>'


def _triangle(color: str, up: bool | None, *, right: bool = False) -> str:
    """Return the end of a bar that goes ``up``, or down; None: to the right, or to the left."""
    points = ".5,10 13.5,10 7,.5" if up else ".5,0 13.5,0 7,9.5"
    width, height = 14, 10
    if up is None:
        points = "0,.5 0,13.5 9.5,7" if right else "10,.5 10,13.5 .5,7"
        width, height = 10, 14
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">'
        f'<polygon points="{points}" fill="{escape(color)}" stroke="#808080" '
        'stroke-opacity=".5"/></svg>'
    )
