"""The model of a figure: axes, colorbars, histogram, scale bar, overlay and notes of a picture.

Plain values without arrays; `figure_html` and `figure_svg` draw them. Named tuples: a dataclass
takes ten times as long at import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbimage.page.ticks.levels import Tick


class Axis(NamedTuple):
    """An axis along the picture's lower edge (from the left) or left edge (from the top)."""

    ticks: tuple[Tick, ...] = ()
    label: str = ""
    turned: bool = False
    """Texts below the picture rise at 45°: names that are too long side by side."""
    named: bool = False
    """The ticks are names of pixels, not numbers."""
    paired: bool = False
    """It has the other axis' scale, and so its step."""


class Bar(NamedTuple):
    """A colorbar, as tall as the picture; its ticks run from the top."""

    uri: str
    """A picture one pixel wide, the highest value at the top, to be stretched."""
    ticks: tuple[Tick, ...] = ()
    label: str = ""
    under: str | None = None
    """The CSS color of values below the limits, if there are any."""
    over: str | None = None
    named: bool = False
    """Every tick counts, as the edges of discrete levels, not about six of them."""
    row: str = ""
    """The picture of ``uri`` lying down, one pixel tall, the highest value at the right."""


class Histogram(NamedTuple):
    """How often each pixel value occurs, drawn beside the picture, the highest value on top."""

    curves: tuple[tuple[str, tuple[float, ...]], ...]
    """A CSS color, and the bins' lengths from 0 to 1, lowest value first: one a channel."""
    ticks: tuple[Tick, ...] = ()
    """From the top; none where a colorbar beside it has them."""
    label: str = ""


class ScaleBar(NamedTuple):
    """A bar of round length in the picture's lower right corner."""

    fraction: float
    """Its length in widths of the picture."""
    text: str


class LegendEntry(NamedTuple):
    """A channel of a composite."""

    color: str
    """A CSS color."""
    name: str
    ends: str = ""
    """The values that are black and that have the whole color; "" where pictures differ."""


class Figure(NamedTuple):
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
    legend: tuple[LegendEntry, ...] = ()
    """The channels of a composite, in a line above the notes."""
    share: float = 0.0
    """The picture's width as a share of the output's, where it was given so."""

    @property
    def has_margins(self) -> bool:
        """Whether something stands beside the picture."""
        return bool(self.x or self.y or self.bars or self.histogram)

    @property
    def is_bare(self) -> bool:
        """Whether there is but the picture, its pixels square, and perhaps notes below it."""
        return self._replace(notes=()) == PLAIN


PLAIN = Figure()


def join_legends(legends: Sequence[tuple[LegendEntry, ...]]) -> tuple[LegendEntry, ...]:
    """Return one legend of several pictures: without limits that differ; () for other channels."""
    if not legends:
        return ()
    first = legends[0]
    if any([one[:2] for one in own] != [one[:2] for one in first] for own in legends):
        return ()
    same = [{own[i].ends for own in legends} for i in range(len(first))]
    return tuple(
        one if len(ends) == 1 else one._replace(ends="")
        for one, ends in zip(first, same, strict=True)
    )
