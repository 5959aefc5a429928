"""The colorbars of a grid: at its right, or below it where the page is narrow.

Which of the two is shown is said by lengths in percent of the room there is, since outputs have no
style sheets of their own; where a sanitiser takes these away, it is the upright one.
"""

from __future__ import annotations

import math

from nbimage.page.bars.bar_html import flat_bar_html
from nbimage.page.figure_model import Bar
from nbimage.page.guard import dispensable
from nbimage.page.ticks.tick_html import UNCOPIED, estimate_width

NARROW = 520
"""CSS pixels of a page below which the bars of a grid lie below it."""
_LEAST = 240  # CSS pixels of a bar, about; as in `js/grid/grid.js`
_HEIGHT, _LINE = 48, 16  # of a bar with its ticks, and of a line of its label
_FONT = "font:12px/16px system-ui,sans-serif;white-space:nowrap"


def bars_below_html(bars: tuple[Bar, ...], width: float) -> str:
    """Return colorbars that lie below a column of pictures."""
    lying = "".join(flat_bar_html(bar, width, (4, 4)) for bar in bars)
    return dispensable(f'<div style="min-width:0;{_FONT};{UNCOPIED}">{lying}</div>')


def beside_or_below(
    main: str, upright: str, bars: tuple[Bar, ...], left: float, width: float
) -> str:
    """Return a grid with its bars at its right, or below its pictures where the page is narrow.

    ``upright`` is what stands at its right; ``left`` and ``width`` say where the pictures are, in
    CSS pixels.
    """
    side = (
        '<div class="nbimage-bars" style="position:sticky;top:8px;align-self:flex-start;flex:none;'
        f"{UNCOPIED};"
        f"overflow:hidden;max-width:max(0px,(100% - {NARROW}px)*999);"
        # where it is not seen it makes nothing taller
        f'margin-bottom:clamp(-999px,(100% - {NARROW}px)*999,0px)">{upright}</div>'
    )
    lines = sum(math.ceil(estimate_width(bar.label) / _LEAST) for bar in bars)
    tall = _HEIGHT * len(bars) + _LINE * lines
    lying = "".join(flat_bar_html(bar, _LEAST, (left, 0), name="nbimage-bar-below") for bar in bars)
    below = (
        '<div class="nbimage-bars-below" style="position:relative;height:0;overflow:hidden;'
        f"{UNCOPIED};"
        f'padding-top:min({tall}px,max(0px,({NARROW}px - 100%)*999))">'
        f'<div style="position:absolute;left:{left:g}px;right:0;top:0;'
        f'max-width:{max(_LEAST, width):g}px;{_FONT}">'
        f"{lying}</div></div>"
    )
    return (
        '<div style="display:flex">'
        f'<div style="flex:0 1 auto;min-width:0">{main}</div>{dispensable(side)}</div>'
        f"{dispensable(below)}"
    )
