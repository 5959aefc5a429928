"""What a picture is framed with: what was asked for and what the data say, to a `Figure`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nbimage.arrays.metadata import Metadata, picture_axes
from nbimage.figure.axes import PlacedAxis, as_axis
from nbimage.mapping.color_scale import ColorScale
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import Axis, Bar, Figure, Histogram
from nbimage.page.page_size import PageSize

_TEXT = 13  # CSS pixels of an overlay's letters, before a drag
_LEAST_SIDE = 240  # CSS pixels of a framed picture's longer side, if no size is given


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Furniture:
    """What the caller asked for; see `nbimage.nbimage`."""

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
    unit: str | None = None

    def __post_init__(self) -> None:
        if self.origin not in (None, "upper", "lower"):
            raise ValueError(f'origin must be "upper" or "lower", but got {self.origin!r}')
        shape = self.aspect
        number = isinstance(shape, (int, float, np.number)) and not isinstance(shape, bool)
        if not (shape in (None, "equal", "auto") or (number and 0 < float(shape) < math.inf)):
            raise ValueError(
                'aspect must be "equal", "auto" or a pixel\'s height through its width, '
                f"but got {shape!r}"
            )
        if not (self.pixel_size is None or _is_size(self.pixel_size)):
            raise ValueError(
                f"pixel_size must be from 1e-200 to 1e200, but got {self.pixel_size!r}"
            )
        if not isinstance(self.colorbar, (bool, np.bool_, str, type(None))):
            raise ValueError(
                f"colorbar must be True, False or its label, but got {self.colorbar!r}"
            )
        if self.unit is not None and self.pixel_size is None:
            raise ValueError(f"pixel_size must be given where unit is, but got only {self.unit!r}")

    def reduced(self, factor: int) -> Furniture:
        """Return the same for an image of which so many pixels are one."""
        if self.pixel_size is None or factor == 1:
            return self
        return replace(self, pixel_size=self.pixel_size * factor)

    @property
    def metres(self) -> float | None:
        """The pixel size in metres, where its unit is one of length."""
        if self.pixel_size is None:
            return None
        from nbimage.page.scale_bar import METRES

        if self.unit not in METRES:
            return None
        return self.pixel_size * METRES[self.unit]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """Furniture settled for one picture."""

    furniture: Furniture
    width: float
    height: float
    """The picture's size on the page in CSS pixels."""
    x: PlacedAxis
    y: PlacedAxis
    lower: bool
    overlay: str | None
    bars: tuple[Bar, ...] = ()
    histogram: Histogram | None = None
    title: str = ""

    def figure(self, columns: int, rows: int, notes: tuple[str, ...] = ()) -> Figure:
        """Return what the page draws around a picture of so many pixels."""
        width, height = self.width, self.height
        furniture = self.furniture
        scale = None
        if furniture.pixel_size is not None:
            from nbimage.page.scale_bar import scale_bar

            scale = scale_bar(furniture.pixel_size * columns, furniture.unit or "")
        square = math.isclose(height * columns, width * rows, rel_tol=1e-9)
        return Figure(
            title=self.title,
            x=_drawn(self.x, width, across=True),
            y=_drawn(self.y, height, across=False, lower=self.lower),
            bars=self.bars,
            histogram=self.histogram,
            scale_bar=scale,
            overlay=self.overlay,
            ratio=None if square else width / height,
            notes=notes,
        )


def as_frame(
    furniture: Furniture,
    asked: PageSize,
    metadata: Metadata,
    shape: tuple[int, int],
    channel_axis: int | None,
    color_scale: ColorScale | None,
    pixels: Pixels | None = None,
    factor: int = 1,
) -> Frame:
    """Settle size, axes, origin, overlay and colorbar for a picture of (rows, columns).

    ``pixels`` are those that a histogram counts; by ``factor`` the page's picture is reduced.
    """
    rows, columns = shape
    own_y, own_x = picture_axes(metadata, channel_axis)
    x = as_axis("x", furniture.x, furniture.xlabel, own_x, columns)
    y = as_axis("y", furniture.y, furniture.ylabel, own_y, rows)
    lower = y.upward if furniture.origin is None else furniture.origin == "lower"
    title = metadata.title if furniture.title is None else str(furniture.title)
    domain = color_scale is not None and color_scale.middle is not None
    colorbar = furniture.colorbar
    if colorbar is None:
        gray = color_scale is not None and color_scale.channels == 1 and bool(metadata.label)
        colorbar = domain or gray
    bars: tuple[Bar, ...] = ()
    if isinstance(colorbar, str) or colorbar:
        from nbimage.figure.colorbar import colorbars

        bars = colorbars(color_scale, colorbar if isinstance(colorbar, str) else metadata.label)
    histogram = None
    counted = not isinstance(furniture.histogram, (bool, np.bool_)) or furniture.histogram
    if counted and pixels is not None:
        from nbimage.figure.colorbar import histogram_of

        histogram = histogram_of(pixels, furniture.histogram, beside=bool(bars))
    framed = bool(x.shown or y.shown or x.label or y.label or bars or histogram)
    width, height = _page_size(furniture, asked, framed, -(-columns // factor), -(-rows // factor))
    overlay = None
    if furniture.overlay is not None:
        from nbimage.figure.overlay import overlay_svg  # 10 ms, and few pictures have one

        size = _TEXT * columns / width
        overlay = overlay_svg(
            furniture.overlay, shape, x.place, y.place, lower=lower, text_size=size
        )
    return Frame(
        furniture=furniture,
        width=width,
        height=height,
        x=x,
        y=y,
        lower=lower,
        overlay=overlay,
        bars=bars,
        histogram=histogram,
        title=title,
    )


def _drawn(axis: PlacedAxis, length: float, **how: bool) -> Axis | None:
    if not (axis.shown or axis.label):
        return None
    from nbimage.figure.axis_ticks import drawn

    return drawn(axis, length, **how)


def _page_size(
    furniture: Furniture, asked: PageSize, framed: bool, columns: int, rows: int
) -> tuple[float, float]:
    """Return width and height on the page: small pictures enlarged, if they are framed."""
    aspect = furniture.aspect
    if aspect == "auto":
        width = asked.width or max(480.0, columns * (asked.zoom or 1.0))
        return float(width), float(asked.height or width * 2 / 3)
    tall = rows * (1.0 if aspect in (None, "equal") else float(aspect))
    if not asked.given and framed and max(columns, tall) < _LEAST_SIDE:
        asked = PageSize(zoom=math.ceil(_LEAST_SIDE / max(columns, tall)))
    width = asked.width_of(columns, tall)
    return width, width * tall / columns


def _is_size(size: Any) -> bool:
    number = isinstance(size, (int, float, np.number)) and not isinstance(size, bool)
    return number and 1e-200 <= float(size) <= 1e200  # of which sums and metres are finite


def notes_of(
    caption: str, shape: tuple[int, int], factor: int, whole: tuple[int, int] | None
) -> tuple[str, ...]:
    """Return the lines below a picture: its caption, and what is not shown of it.

    By ``factor`` the page's picture is reduced; ``whole`` is the shape of a file of which only a
    smaller level was read.
    """
    rows, columns = shape
    notes = [caption] if caption else []
    if whole is not None:
        notes.append(
            f"{whole[0]}×{whole[1]} pixels, of which a smaller level of {rows}×{columns} was read: "
            "nbview shows every pixel, max_pixels=inf reads them all"
        )
    elif factor > 1:
        notes.append(
            f"{rows}×{columns} pixels, shown as means of {factor}×{factor}: "
            "nbview(data) shows every pixel, and saved files hold them all"
        )
    return tuple(notes)


def with_labels(overlay: Any, labels: Any) -> list[Any]:
    """Return an overlay's items with labels below them."""
    many = isinstance(overlay, list)
    return [{"labels": labels}, *(overlay if many else [] if overlay is None else [overlay])]
