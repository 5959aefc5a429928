"""Ticks as HTML: a mark and a text each, at a percentage of the axis, to follow a drag."""

from __future__ import annotations

import base64
import re

from nbimage.base.text import escape
from nbimage.page.ticks.density import find_bar_level
from nbimage.page.ticks.levels import Tick

FILL = "position:absolute;left:0;top:0;width:100%;height:100%"
UNCOPIED = "-webkit-user-select:none;user-select:none"  # a copy is of the picture, not of numbers


def tick_html(tick: Tick, level: int, position: str, mark: str, text: str) -> str:
    """Return a tick, hidden unless it is of this level; the rest are styles of its parts."""
    shown = "" if level in tick.levels else ";display:none"
    levels = " ".join(map(str, tick.levels))
    return (
        f'<div class="nbimage-tick" data-levels="{levels}" '
        f'style="position:absolute;{position}{shown}">'
        f'<div style="position:absolute;{mark}"></div>'
        f'<div style="position:absolute;{text}">{escape(tick.text)}</div></div>'
    )


def vertical_ticks(
    ticks: tuple[Tick, ...], height: float, *, left: int, named: bool = False
) -> str:
    """Return ticks that run downwards, right of a bar."""
    level = find_bar_level(ticks, height, named=named)
    inside = "".join(
        tick_html(
            tick,
            level,
            f"top:{percent(tick.position)};left:{left}px",
            "margin-top:-.5px;left:0;width:4px;border-top:1px solid",
            "left:7px;margin-top:-8px",
        )
        for tick in ticks
    )
    kind = ' data-named="1"' if named else ""
    return f'<div class="nbimage-axis" data-bar="1"{kind} style="{FILL}">{inside}</div>'


def reserve_width(ticks: tuple[Tick, ...], extra: int, level: int) -> str:
    """Return an invisible element as wide as the widest text in the page's own font.

    A drag may bring ticks one level denser, which may be longer.
    """
    shown = range(level + 2)
    texts = [t.text for t in ticks if set(t.levels) & set(shown)]
    unlike = {re.sub(r"\d", "0", text): text for text in texts}  # digits are of one width
    longest = sorted(unlike.values(), key=len)[-4:]
    lines = "".join(f"<div>{escape(text)}</div>" for text in longest)
    return (
        '<div class="nbimage-room" style="height:0;overflow:hidden;visibility:hidden;'
        f'padding-right:{extra}px">{lines}</div>'
        if lines
        else ""
    )


def find_widest(ticks: tuple[Tick, ...], level: int) -> int:
    """Return about the width of the texts of a level, and of the one that a drag may bring."""
    return max((estimate_width(t.text) for t in ticks if min(t.levels) <= level + 1), default=0)


def estimate_width(text: str) -> int:
    """Return about how many CSS pixels a text is wide."""
    return sum(7 if letter < "\u2e80" else 12 for letter in text)


def percent(position: float) -> str:
    """Return a share as CSS has it."""
    return f"{100 * position:.4f}".rstrip("0").rstrip(".") + "%"


def svg_uri(svg: str) -> str:
    """Return an SVG document as a data URI."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode("ascii")


CENTRED = "width:0;top:6px;display:flex;justify-content:center"
"""A text below its mark."""


def horizontal_ticks(ticks: tuple[Tick, ...], level: int, *, named: bool = False) -> str:
    """Return ticks below a bar that lies, of which the first one stands at the right end."""
    inside = "".join(
        tick_html(
            tick,
            level,
            f"left:{percent(1 - tick.position)};top:0",
            "margin-left:-.5px;top:0;height:4px;border-left:1px solid",
            CENTRED,
        )
        for tick in ticks
    )
    kind = ' data-named="1"' if named else ""
    return (
        f'<div class="nbimage-axis" data-across="1" data-bar="1"{kind} '
        f'style="position:relative;height:22px">{inside}</div>'
    )
