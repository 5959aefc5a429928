"""What was asked of colours, resolved once: a palette, and colours for what lies outside of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.values.blocks import Array
from nbimage.values.colormap import (
    Palette,
    Rgba,
    as_colour,
    as_palette,
    label_palette,
)
from nbimage.values.limits import Limits

_CLIPPED: tuple[Rgba, Rgba] = (0, 0, 255, 255), (255, 0, 0, 255)
"""mark_clipped: blue below, red above, as raw developers of photographs have it."""

Mark = tuple[Array, Rgba]
"""Where a colour covers the pixels, ``(H, W)`` bool, and the colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Colours:
    """How bins become colours."""

    palette: Palette | None = None
    """None: gray, or the data's own colours."""
    under: Rgba | None = None
    over: Rgba | None = None
    missing: Rgba | None = None
    """None: a missing pixel is transparent."""
    saturated: bool = False
    """Integers at the end of their dtype's range count as over and under too."""
    labels: Array | None = None
    """The values are labels, and these their colours."""


PLAIN = Colours()


def as_colours(
    cmap: Any = None,
    under: Any = None,
    over: Any = None,
    nan_color: Any = None,
    mark_clipped: bool = False,
    labels: Any = False,
) -> Colours:
    """Resolve what was asked for; see `nbimage`. Raises ValueError for what is no colour."""
    if not isinstance(labels, (bool, np.bool_)):
        raise TypeError(
            f"labels must be True or False, but got {type(labels).__name__}: "
            "of a picture, not of this, they may be an array"
        )
    own = tuple(
        None if colour is None else as_colour(name, colour)
        for name, colour in (("under", under), ("over", over), ("nan_color", nan_color))
    )
    if labels:
        if own != (None, None, None) or mark_clipped:
            raise ValueError(
                "under, over, nan_color and mark_clipped must be left out where labels is True"
            )
        return Colours(labels=label_palette(cmap))
    if cmap is None and own == (None, None, None) and not mark_clipped:
        return PLAIN
    palette = None if cmap is None else as_palette(cmap)
    theirs = (palette.under, palette.over, palette.missing) if palette else (None, None, None)
    low, high, missing = (mine or other for mine, other in zip(own, theirs, strict=True))
    if mark_clipped:
        low, high = low or _CLIPPED[0], high or _CLIPPED[1]
    return Colours(palette, low, high, missing, mark_clipped)


def clipped(
    array: Array,
    limits: Limits,
    colours: Colours,
    axis: int | None,
) -> tuple[Mark, ...]:
    """Return where values lie beyond the limits and have a colour for that, as ``(H, W)``."""
    if colours.under is None and colours.over is None:
        return ()
    shape = [1] * array.ndim
    if axis is not None and len(limits.vmin) > 1:
        shape[axis] = -1
    ends = (np.array(limits.vmin).reshape(shape), np.array(limits.vmax).reshape(shape))
    inverted = bool((ends[0] > ends[1]).any())
    low, high = (np.minimum(*ends), np.maximum(*ends))
    if limits.unchanged or array.dtype.kind == "b":
        low, high = np.array(-np.inf), np.array(np.inf)
    marks: list[Mark] = []
    extremes = _extremes(array.dtype) if colours.saturated else (None, None)
    below, above = (colours.over, colours.under) if inverted else (colours.under, colours.over)
    for colour, beyond, end, extreme in (
        (below, np.less, low, extremes[0]),
        (above, np.greater, high, extremes[1]),
    ):
        if colour is None:
            continue
        where = beyond(array, end)
        if extreme is not None:
            where |= array == extreme
        if axis is not None:
            where = where.any(axis=axis)
        if where.any():
            marks.append((where, colour))
    return tuple(marks)


def _extremes(dtype: np.dtype[Any]) -> tuple[int | None, int | None]:
    """Return the ends of an integer dtype at which a sensor has had enough; 0 is no such end."""
    if dtype.kind not in "iu":
        return None, None
    info = np.iinfo(dtype)
    return (int(info.min) if info.min else None), int(info.max)
