"""Layout of a figure: size, axes, colorbar, histogram and overlay of one picture.

Options of the caller and metadata of the data become a `FigureLayout`, and that a `Figure` for the
page. How a figure looks as HTML or SVG is in `page`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata, picture_axes
from nbimage.base.scalars import METRES, number_or_nan
from nbimage.figure.axes import ResolvedAxis, are_unlike, resolve_axis
from nbimage.mapping.area_mean import Factors
from nbimage.mapping.channels.blend import ShownChannel
from nbimage.mapping.color_scale import ColorScale
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import Bar, Figure, Histogram, LegendEntry
from nbimage.page.page_size import PageSize, find_enlargement, find_strip_size

_SHAPES = {
    "height": 'taller than they are: aspect="equal" keeps them square',
    "width": 'wider than they are: aspect="equal" keeps them square',
}
_TEXT = 13  # CSS pixels of an overlay's letters, before a drag


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureOptions:
    """Options for what stands around a picture and over it; see `nbimage.nbimage`."""

    title: str | None = None
    xlabel: str | None = None
    ylabel: str | None = None
    x: Any = None
    y: Any = None
    colorbar: bool | str | None = None
    histogram: bool | str = False
    overlay: Any = None
    origin: str | None = None
    aspect: float | str | None = None
    pixel_size: float | None = None
    """False: unknown, whatever a file says."""
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.origin not in (None, "upper", "lower"):
            raise ValueError(f'origin must be "upper" or "lower", but got {self.origin!r}')
        shape = self.aspect
        named = shape is None or (isinstance(shape, str) and shape in ("equal", "auto"))
        number = math.nan if named or isinstance(shape, bool) else number_or_nan(shape)
        if not named and not 0 < number < math.inf:
            raise ValueError(
                'aspect must be "equal", "auto" or a pixel\'s height through its width, '
                f"but got {shape!r}"
            )
        if not named:
            object.__setattr__(self, "aspect", number)
        if self.pixel_size is not None and self.pixel_size is not False:
            object.__setattr__(self, "pixel_size", _as_size(self.pixel_size))
        if not isinstance(self.colorbar, (bool, np.bool_, str, type(None))):
            raise ValueError(
                f"colorbar must be True, False or its label, but got {self.colorbar!r}"
            )
        if self.unit is not None and not self.pixel_size:
            raise ValueError(f"pixel_size must be given where unit is, but got only {self.unit!r}")

    def reduced(self, factor: int) -> FigureOptions:
        """Return the same for an image of which so many pixels are one."""
        if not self.pixel_size or factor == 1:
            return self
        return replace(self, pixel_size=self.pixel_size * factor)

    @property
    def metres(self) -> float | None:
        """The pixel size in metres, where its unit is one of length."""
        if not self.pixel_size:
            return None
        if self.unit not in METRES:
            return None
        return self.pixel_size * METRES[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureLayout:
    """Size, axes, colorbars and overlay, resolved for one picture."""

    options: FigureOptions
    width: float
    height: float
    """The picture's size on the page in CSS pixels."""
    x: ResolvedAxis
    y: ResolvedAxis
    lower: bool
    overlay: str | None
    bars: tuple[Bar, ...] = ()
    histogram: Histogram | None = None
    title: str = ""
    notes: tuple[str, ...] = ()
    """Lines below the picture on how it is drawn."""
    legend: tuple[LegendEntry, ...] = ()
    share: float = 0.0
    """The picture's width as a share of the output's, where it was given so."""

    def figure(self, columns: int, rows: int, notes: tuple[str, ...] = ()) -> Figure:
        """Make the figure of a picture of so many pixels."""
        width, height = self.width, self.height
        options = self.options
        scale = None
        if options.pixel_size:
            from nbimage.page.scale_bar import scale_bar

            scale = scale_bar(options.pixel_size * columns, options.unit or "")
        square = math.isclose(height * columns, width * rows, rel_tol=1e-9)
        x = y = None
        if any(axis.shown or axis.label for axis in (self.x, self.y)):
            from nbimage.figure.axis_ticks import make_axes

            x, y = make_axes(self.x, self.y, width, height, lower=self.lower)
        return Figure(
            title=self.title,
            x=x,
            y=y,
            bars=self.bars,
            histogram=self.histogram,
            scale_bar=scale,
            overlay=self.overlay,
            ratio=None if square else width / height,
            notes=notes + self.notes,
            legend=self.legend,
            share=self.share,
        )

    def with_overlay(self, overlay: str | None) -> FigureLayout:
        """Return the same with an SVG document over the picture."""
        return replace(self, overlay=overlay)

    def with_channels(self, channels: Sequence[ShownChannel]) -> FigureLayout:
        """Return the same with a legend of a composite's channels."""
        if not channels and not self.legend:
            return self
        return replace(self, legend=make_legend(channels))


def make_legend(channels: Sequence[ShownChannel]) -> tuple[LegendEntry, ...]:
    """Return the entries of a legend."""
    return tuple(
        LegendEntry("#{:02x}{:02x}{:02x}".format(*one.color), one.name, one.ends)
        for one in channels
    )


def make_layout(
    options: FigureOptions,
    size: PageSize,
    metadata: Metadata,
    shape: tuple[int, int],
    channel_axis: int | None,
    color_scale: ColorScale | None,
    pixels: Pixels | None = None,
    factors: Factors = (1, 1),
    values: Values | None = None,
) -> FigureLayout:
    """Resolve size, axes, origin, overlay and colorbar for a picture of (rows, columns).

    ``pixels`` are those that a histogram counts; by ``factors`` the page's picture is reduced;
    ``values`` are its own ``(H, W)``, for an overlay of them.
    """
    rows, columns = shape
    own_y, own_x = picture_axes(metadata, channel_axis)
    x = resolve_axis("x", options.x, options.xlabel, own_x, columns)
    y = resolve_axis("y", options.y, options.ylabel, own_y, rows)
    if options.pixel_size is None and metadata.pixel is not None and not (x.shown or y.shown):
        options = replace(options, pixel_size=metadata.pixel[0], unit=metadata.pixel[1])
    lower = y.upward if options.origin is None else options.origin == "lower"
    title = metadata.title if options.title is None else str(options.title)
    domain = color_scale is not None and color_scale.middle is not None
    colorbar = options.colorbar
    if colorbar is None:
        gray = color_scale is not None and color_scale.channels == 1 and bool(metadata.label)
        colorbar = domain or gray
    bars: tuple[Bar, ...] = ()
    if isinstance(colorbar, str) or colorbar:
        from nbimage.figure.colorbar import make_colorbars

        bars = make_colorbars(
            color_scale, colorbar if isinstance(colorbar, str) else metadata.label
        )
    histogram = None
    counted = not isinstance(options.histogram, (bool, np.bool_)) or options.histogram
    if counted and pixels is not None:
        from nbimage.figure.colorbar import make_histogram

        histogram = make_histogram(pixels, options.histogram, beside=bool(bars))
    cell = 0
    if options.overlay is not None and not size.is_given:
        from nbimage.figure.overlay import find_least_cell

        cell = find_least_cell(options.overlay, values)
    width, height, stretched = _page_size(
        options, size, -(-columns // factors[1]), -(-rows // factors[0]), cell, are_unlike(x, y)
    )
    overlay = None
    if options.overlay is not None:
        from nbimage.figure.overlay import overlay_svg  # 10 ms, and few pictures have one

        text_size = _TEXT * columns / width
        overlay = overlay_svg(
            options.overlay,
            shape,
            x.to_positions,
            y.to_positions,
            lower=lower,
            text_size=text_size,
            values=values,
            pixels=None if pixels is None else pixels.render(),
        )
    return FigureLayout(
        options=options,
        width=width,
        height=height,
        x=x,
        y=y,
        lower=lower,
        overlay=overlay,
        bars=bars,
        histogram=histogram,
        title=title,
        share=size.share,
        notes=(f"{rows}×{columns} pixels, drawn {_SHAPES[stretched]}",) if stretched else (),
    )


def _page_size(
    options: FigureOptions, size: PageSize, columns: int, rows: int, cell: int, unlike: bool
) -> tuple[float, float, str]:
    """Return width and height on the page, and which of them is more than the pixels have.

    ``cell``: the CSS pixels that a pixel has at the least. ``unlike``: the sides measure different
    things, and each is enlarged by a factor of its own.
    """
    aspect = options.aspect
    if aspect == "auto":
        width = size.width or max(480.0, columns * (size.zoom or 1.0))
        return float(width), float(size.height or width * 2 / 3), ""
    free = aspect is None and not size.is_given
    strip = find_strip_size(columns, rows) if free and not cell else None
    if strip is not None:
        return *strip, "height" if columns > rows else "width"
    if free and unlike and not cell:
        width, height = (float(n * find_enlargement(n, n)) for n in (columns, rows))
        return width, height, ""
    tall = rows * (1.0 if aspect in (None, "equal") else float(aspect))
    width = max(size.find_width(columns, tall), float(cell * columns))
    return width, width * tall / columns, ""


def _as_size(size: Any) -> float:
    number = math.nan if isinstance(size, (bool, np.bool_)) else number_or_nan(size)
    if not 1e-200 <= number <= 1e200:  # of which sums and metres are finite
        raise ValueError(f"pixel_size must be from 1e-200 to 1e200, but got {size!r}")
    return number


def describe_reductions(
    shape: tuple[int, int], factors: Factors, whole: tuple[int, int] | None, labels: bool = False
) -> tuple[str, ...]:
    """Return the lines that say what is not shown of a picture.

    By ``factors`` the page's picture is reduced; ``whole`` is the shape of a file of which only a
    smaller level was read. ``labels``: not by means.
    """
    rows, columns = shape
    notes = []
    if whole is not None:
        notes.append(
            f"{whole[0]}×{whole[1]} pixels, of which a smaller level of {rows}×{columns} was read: "
            "nbview shows every pixel, max_pixels=inf reads them all"
        )
    if factors != (1, 1):
        each = "one of" if labels else "means of"
        means = f"{rows}×{columns} pixels, shown as {each} {factors[0]}×{factors[1]}"
        way = "nbview(data) shows every pixel, and saved files hold them all"
        notes.append(means if notes else f"{means}: {way}")
    return tuple(notes)


def add_labels(overlay: Any, labels: Any) -> list[Any]:
    """Return an overlay's items with labels below them."""
    many = isinstance(overlay, list)
    return [{"labels": labels}, *(overlay if many else [] if overlay is None else [overlay])]
