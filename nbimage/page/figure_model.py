"""The model of a figure: axes, colorbars, histogram, scale bar, overlay and notes of a picture.

Plain values without arrays; `figure_html` and `figure_svg` draw them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbimage.page.ticks import Tick


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis along the picture's lower edge (from the left) or left edge (from the top)."""

    ticks: tuple[Tick, ...] = ()
    label: str = ""
    upright: bool = False
    """Texts below the picture run downwards: names that are too long side by side."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A colorbar, as tall as the picture; its ticks run from the top."""

    uri: str
    """A picture one pixel wide, the highest value at the top, to be stretched."""
    ticks: tuple[Tick, ...] = ()
    label: str = ""
    under: str | None = None
    """The CSS color of values below the limits, if there are any."""
    over: str | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often each pixel value occurs, drawn beside the picture, the highest value on top."""

    curves: tuple[tuple[str, tuple[float, ...]], ...]
    """A CSS color, and the bins' lengths from 0 to 1, lowest value first: one a channel."""
    ticks: tuple[Tick, ...] = ()
    """From the top; none where a colorbar beside it has them."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A bar of round length in the picture's lower right corner."""

    fraction: float
    """Its length in widths of the picture."""
    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """Everything but the picture itself."""

    title: str = ""
    x: Axis | None = None
    y: Axis | None = None
    bars: tuple[Bar, ...] = ()
    histogram: Histogram | None = None
    scale_bar: ScaleBar | None = None
    overlay: str | None = None
    """An SVG document whose viewBox is the picture."""
    ratio: float | None = None
    """Width through height as shown, where pixels are not square."""
    notes: tuple[str, ...] = ()
    """Lines below the picture."""

    @property
    def has_margins(self) -> bool:
        """Whether something stands beside the picture."""
        return bool(self.x or self.y or self.bars or self.histogram)


PLAIN = Figure()
