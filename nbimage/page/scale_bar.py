"""Find the length and the unit of a scale bar: round, about a quarter of the picture.

It is drawn by `figure_html` and `figure_svg`.
"""

from __future__ import annotations

from nbimage.base.scalars import METRES
from nbimage.page.figure_model import ScaleBar
from nbimage.page.ticks.numbers import format_tick, round_down_length

_PREFIXED = (("km", 1e3), ("m", 1.0), ("mm", 1e-3), ("µm", 1e-6), ("nm", 1e-9), ("pm", 1e-12))
_KEPT = {"Å", "cm", "in"}
_SHARE = 0.3


def scale_bar(width: float, unit: str) -> ScaleBar:
    """Make the scale bar of a picture ``width`` units wide; metric units change their prefix."""
    length = round_down_length(width * _SHARE)
    text = format_tick(length)
    if unit in METRES and unit not in _KEPT:
        metres = length * METRES[unit]
        for name, size in _PREFIXED:
            if metres >= size * 0.9999:
                length = round_down_length(width * METRES[unit] / size * _SHARE)
                return ScaleBar(
                    length * size / (width * METRES[unit]), f"{format_tick(length)} {name}"
                )
    return ScaleBar(length / width, f"{text} {unit}".strip())
