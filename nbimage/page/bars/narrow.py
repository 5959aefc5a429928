"""The style of a figure where the page is narrow: its colorbars lie below, its ticks are fewer.

Container queries, since it is the output that is narrow, not the window. Without them, or where a
sanitiser takes them away, bars stand beside the picture, and `js/ticks.js` thins out the ticks;
it also does so on a screen, while this holds for paper and for pages without scripts.
"""

from __future__ import annotations

import itertools
import math
import zlib
from typing import NamedTuple

from nbimage.page.bars.bar_html import find_aside_width, head_height
from nbimage.page.figure_model import Figure
from nbimage.page.ticks.density import find_axis_levels, find_bar_level

NARROW = 420  # CSS pixels up to which bars lie below a picture that does not fit beside them
_LEAST = 200  # that a picture keeps beside bars, if its own size asks for so many
_STEPS = (160, 230, 300, 380, 480, 600, 760)  # widths for which ticks are chosen
_ASIDE = 160  # CSS pixels of bars and histogram that stand below


class NarrowStyle(NamedTuple):
    """What a figure's elements need so that it follows the width of its output."""

    name: str
    """The class of the figure."""
    css: str
    natural: int
    """The width in CSS pixels that the figure needs to be shown in full size."""


def find_narrow_style(
    figure: Figure, width: float, height: float, left: float, beyond: float
) -> NarrowStyle:
    """Return the style of a figure whose picture has this size and this room at its sides."""
    aside = find_aside_width(figure.bars, figure.histogram, height)
    natural = math.ceil(left + width + max(beyond, aside))
    rules = []
    turn = 0
    if figure.bars or figure.histogram:
        turn = min(natural - 1, max(NARROW, math.ceil(left + aside + min(width, _LEAST))))
        head = head_height(figure.bars)
        below = (
            "@.nbimage-aside{display:none!important}@.nbimage-flat{display:block!important}"
            "@{padding-top:8px!important}"
        )
        if figure.histogram:  # has no other form
            below = (
                "@.nbimage-aside{grid-row:3!important;grid-column:2!important;width:0;"
                f"height:{_ASIDE}px;margin-top:{max(8, head)}px}}@{{padding-top:8px!important}}"
            )
        rules.append((0, turn, below))
    steps = [step for step in _STEPS if step < natural]
    usual = _choose_ticks(figure, width, height, False)
    for step, end in itertools.pairwise([*steps, natural]):
        beside = left + (aside if step > turn else beyond)
        wide = min(width, max(step - beside, 40.0))
        chosen = _choose_ticks(figure, wide, height * wide / width, step <= turn)
        ticks = [
            f"@:not([data-spaced]) {where} .nbimage-tick[data-levels]{{display:none!important}}"
            f'@:not([data-spaced]) {where} .nbimage-tick[data-levels~="{level}"]'
            "{display:block!important}"
            for where, level in chosen.items()
            if usual.get(where) != level
        ]
        if ticks:
            rules.append((step if step > steps[0] else 0, end - 1, "".join(ticks)))
    text = "".join(
        f"@container (min-width:{low}px) and (max-width:{high}.98px){{{rule}}}"
        for low, high, rule in rules
    )
    if not text:
        return NarrowStyle("", "", natural)
    name = f"nbimage-{zlib.crc32(text.encode()):08x}"
    inner = text.replace("@container", "\0").replace("@", f".{name} ").replace(" :not", ":not")
    return NarrowStyle(name, inner.replace("\0", "@container"), natural)


def _choose_ticks(figure: Figure, width: float, height: float, flat: bool) -> dict[str, int]:
    """Return the level of each axis of a picture of this size, by its selector."""
    across, down = find_axis_levels(figure.x, figure.y, width, height)
    found: dict[str, int] = {}
    if figure.x:
        found[".nbimage-x"] = across
    if figure.y:
        found[".nbimage-y"] = down
    if flat and not figure.histogram:
        found |= {
            f".nbimage-flat>:nth-child({i + 1})": find_bar_level(
                bar.ticks, width - 24, named=bar.named, across=True
            )
            for i, bar in enumerate(figure.bars)
        }
    else:
        found |= {
            f".nbimage-aside>:nth-child({i + 1})": find_bar_level(
                bar.ticks, _ASIDE if flat else height, named=bar.named
            )
            for i, bar in enumerate(figure.bars)
        }
    return found
