"""`ColorOptions`: the palette, and the colors of what lies outside of it, made once a call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import Metadata
from nbimage.base.chunked import Array
from nbimage.mapping.bins.arithmetic import choose_arithmetic
from nbimage.mapping.colormap import (
    Palette,
    Rgba,
    as_color,
    as_palette,
    label_palette,
)
from nbimage.mapping.limits import Limits
from nbimage.mapping.value_scale import ValueScale

if TYPE_CHECKING:
    from nbimage.typing import ColorLike, ColormapLike

_CLIPPED: tuple[Rgba, Rgba] = (0, 0, 255, 255), (255, 0, 0, 255)
"""mark_clipped: blue below, red above, as raw developers of photographs have it."""

_COMPLEX = ("abs", "phase", "domain")

Mark = tuple[Array, Rgba]
"""Where a color covers the pixels, ``(H, W)`` bool, and the color."""


class ColorOptions(NamedTuple):
    """How bins become colors, as the caller asked; see `nbimage.nbimage`."""

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
    complex: str | None = None
    """How complex numbers are shown: "abs", "phase" or "domain"."""
    are_labelled: bool | None = None
    """Whether the values are labels, as the caller says; None: as the data say."""

    @classmethod
    def of(
        cls,
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | None = None,
        complex: str | None = None,  # noqa: A002 (the word for it)
    ) -> ColorOptions:
        """Take a call's parameters. Raises ValueError for what is no color or colormap."""
        if complex is not None and complex not in _COMPLEX:
            raise ValueError(f'complex must be "abs", "phase" or "domain", but got {complex!r}')
        if labels is not None and not isinstance(labels, (bool, np.bool_)):
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
            return cls(labels=label_palette(cmap), complex=complex, are_labelled=True)
        are_labelled = None if labels is None else False
        if cmap is None and complex is None and own == (None, None, None) and not mark_clipped:
            return PLAIN if labels is None else PLAIN._replace(are_labelled=are_labelled)
        palette = None if cmap is None else as_palette(cmap)
        theirs = (palette.under, palette.over, palette.missing) if palette else (None, None, None)
        low, high, missing = (mine or other for mine, other in zip(own, theirs, strict=True))
        if mark_clipped:
            low, high = low or _CLIPPED[0], high or _CLIPPED[1]
        return cls(
            palette, low, high, missing, mark_clipped, complex=complex, are_labelled=are_labelled
        )

    @property
    def plain(self) -> bool:
        """Whether bins stay gray, and the data's own colors what they are."""
        asked = self.palette, self.under, self.over, self.missing, self.labels
        return all(one is None for one in asked)

    def are_labels(self, metadata: Metadata) -> bool:
        """Whether values are labels, as the caller says, or else the data."""
        return metadata.labels if self.are_labelled is None else self.are_labelled

    def check(self, values: Values, channels: int, scale: ValueScale) -> ColorOptions:
        """Return the options that hold for values: labels may have colors of their own already.

        Raise ValueError for what does not fit the values, or what is asked of black and white:
        colors for bins, labels and complex numbers have one channel.
        """
        known = values.metadata
        if self.labels is not None and channels > 1 and (known.labels or known.indexed):
            return PLAIN._replace(are_labelled=True).check(values, channels, scale)
        self.check_channels(channels, values.shape, scale)
        self.check_scale(scale)
        return self

    def check_channels(self, channels: int, shape: Sequence[int], scale: ValueScale) -> None:
        """Raise ValueError for several channels where one is colored, or cut into levels."""
        one_channel = {
            "cmap": self.palette is not None,
            "labels": self.labels is not None,
            "levels": scale.norm.levels is not None,
            f"complex={self.complex!r}": self.complex in ("domain", "phase"),
        }
        for name, asked in one_channel.items():
            if asked and channels > 1:
                raise ValueError(
                    f"{name} must have one channel, but got {channels} of shape {tuple(shape)}: "
                    "pick one of them, or leave it out"
                )

    def check_scale(self, scale: ValueScale) -> None:
        """Raise ValueError for what is asked of black and white where colors stand for no values.

        Those are labels, and complex numbers as colors.
        """
        labels, domain = self.labels is not None, self.complex == "domain"
        if not (labels or domain):
            return
        given = {
            "vmin": scale.vmin is not None,
            "vmax": scale.vmax is not None and labels,
            "vsym": scale.vsym,
            "contrast": scale.contrast is not None,
            "norm": not scale.norm.linear and scale.norm.levels is None,
            "levels": scale.norm.levels is not None,
            "complex": labels and self.complex is not None,
            "cmap": self.palette is not None,
            "under": self.under is not None,
            "over": self.over is not None,
        }
        names = [name for name, asked in given.items() if asked]
        if names:
            where = "labels is True" if labels else "complex is 'domain'"
            raise ValueError(f"{', '.join(names)} must be left out where {where}")


PLAIN = ColorOptions()


def as_own_labels(labels: Any) -> bool | None:
    """Return whether the caller says that values are labels; None of those laid over a picture."""
    return bool(labels) if isinstance(labels, (bool, np.bool_)) else None


def find_clipped(
    array: Array,
    limits: Limits,
    colors: ColorOptions,
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
            upper = number == bool(own.vmin[0] <= own.vmax[0])
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
