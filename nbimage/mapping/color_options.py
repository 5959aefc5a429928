"""What was asked of colors, resolved once: a palette, and colors for what lies outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.colormap import (
    Palette,
    Rgba,
    as_color,
    as_palette,
    label_palette,
)
from nbimage.mapping.limits import Limit, Limits
from nbimage.mapping.norms import Norm
from nbimage.mapping.rerange_values import choose_arithmetic

_CLIPPED: tuple[Rgba, Rgba] = (0, 0, 255, 255), (255, 0, 0, 255)
"""mark_clipped: blue below, red above, as raw developers of photographs have it."""

Mark = tuple[Array, Rgba]
"""Where a color covers the pixels, ``(H, W)`` bool, and the color."""


@dataclass(frozen=True, slots=True, eq=False)
class Colors:
    """How bins become colors."""

    palette: Palette | None = None
    """None: gray, or the data's own colors."""
    under: Rgba | None = None
    over: Rgba | None = None
    missing: Rgba | None = None
    """None: a missing pixel is transparent."""
    saturated: bool = False
    """Integers at the end of their dtype's range count as over and under too."""
    labels: Array | None = None
    """The values are labels, and these their colors."""


PLAIN = Colors()


def as_colors(
    cmap: Any = None,
    under: Any = None,
    over: Any = None,
    nan_color: Any = None,
    mark_clipped: bool = False,
    labels: Any = False,
) -> Colors:
    """Resolve what was asked for; see `nbimage`. Raises ValueError for what is no color."""
    if not isinstance(labels, (bool, np.bool_)):
        raise TypeError(
            f"labels must be True or False, but got {type(labels).__name__}: "
            "of a picture, not of this, they may be an array"
        )
    own = tuple(
        None if color is None else as_color(name, color)
        for name, color in (("under", under), ("over", over), ("nan_color", nan_color))
    )
    if labels:
        if own != (None, None, None) or mark_clipped:
            raise ValueError(
                "under, over, nan_color and mark_clipped must be left out where labels is True"
            )
        return Colors(labels=label_palette(cmap))
    if cmap is None and own == (None, None, None) and not mark_clipped:
        return PLAIN
    palette = None if cmap is None else as_palette(cmap)
    theirs = (palette.under, palette.over, palette.missing) if palette else (None, None, None)
    low, high, missing = (mine or other for mine, other in zip(own, theirs, strict=True))
    if mark_clipped:
        low, high = low or _CLIPPED[0], high or _CLIPPED[1]
    return Colors(palette, low, high, missing, mark_clipped)


def check_alone(
    complex_: str | None,
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: Any,
    norm: Norm,
    colors: Colors,
) -> None:
    """Raise ValueError for what means nothing to labels, or to complex numbers as colors."""
    labels, domain = colors.labels is not None, complex_ == "domain"
    if not (labels or domain):
        return
    given = {
        "vmin": vmin is not None,
        "vmax": vmax is not None and labels,
        "vsym": vsym,
        "contrast": contrast is not None,
        "norm": not norm.linear,
        "complex": labels and complex_ is not None,
        "cmap": colors.palette is not None,
        "under": colors.under is not None,
        "over": colors.over is not None,
    }
    names = [name for name, asked in given.items() if asked]
    if names:
        where = "labels is True" if labels else "complex is 'domain'"
        raise ValueError(f"{', '.join(names)} must be left out where {where}")


def find_clipped(
    array: Array,
    limits: Limits,
    colors: Colors,
    axis: int | None,
    raw: Array,
) -> tuple[Mark, ...]:
    """Return where values lie beyond the limits and have a color for that, as ``(H, W)``.

    ``raw`` is what came in, where the array is what a callable norm made of it; else the array.
    """
    first = 0 if axis is None else axis
    count = len(limits.vmin)
    parts = [(array, raw)]
    if count > 1:
        parts = list(zip(np.moveaxis(array, first, 0), np.moveaxis(raw, first, 0), strict=True))
    marks: list[Mark] = []
    for number, color in enumerate((colors.under, colors.over)):
        if color is None:
            continue
        found: list[Array] = []
        for channel, (part, came) in enumerate(parts):
            own = limits.of_channel(channel)
            upper = number == (own.vmin[0] <= own.vmax[0])
            found.append(_beyond(part, own, number, upper))
            extreme = _extremes(came.dtype)[upper]
            if colors.saturated and extreme is not None:
                found.append(came == extreme)
        where = np.asarray(np.logical_or.reduce(found))
        if axis is not None and count == 1:
            where = np.asarray(where.any(axis=axis))
        if where.any():
            marks.append((where, color))
    return tuple(marks)


def _beyond(array: Array, limits: Limits, number: int, upper: bool) -> Array:
    """Return where values lie beyond ``vmin`` (0) or ``vmax`` (1), as that is an upper limit."""
    if limits.unchanged:
        return np.zeros(array.shape, bool)
    work = choose_arithmetic(
        limits, array.dtype.newbyteorder("=")
    ).dtype  # it tells apart what `rerange` does
    end = np.array([(limits.vmin, limits.vmax)[number][0]], work)
    where: Array = array > end if upper else array < end
    return where


def _extremes(dtype: np.dtype[Any]) -> tuple[int | None, int | None]:
    """Return the ends of an integer dtype at which a sensor has had enough; 0 is no such end."""
    if dtype.kind not in "iu":
        return None, None
    info = np.iinfo(dtype)
    return (int(info.min) if info.min else None), int(info.max)
