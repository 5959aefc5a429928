"""`Pixels`: the uint8 pixels of a picture, with its palette and what is transparent."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from nbimage.arrays.device import DeviceArray
from nbimage.arrays.ingest import Values, as_picture, as_values
from nbimage.arrays.metadata import picture_axes
from nbimage.base.chunked import Array
from nbimage.mapping.alpha import (
    alpha_extents,
    alpha_of,
    has_alpha,
    opaque_alpha,
    pick_channels,
    warn_clear,
    without_alpha,
)
from nbimage.mapping.area_mean import Factors, area_mean, take_pixels
from nbimage.mapping.channels.blend import Asked, Blend, ShownChannel, blend_channels
from nbimage.mapping.color_options import PLAIN, ColorOptions, Mark, find_clipped
from nbimage.mapping.color_scale import ColorScale, describe_values
from nbimage.mapping.colormap import CLEAR, Rgba, as_palette, gray_palette, label_index
from nbimage.mapping.index_colors import index_dtype, level_colors, settle_indices
from nbimage.mapping.limits import Extent, Limits, extent, warn_blank
from nbimage.mapping.rerange_values import apply_norm, map_values
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale, is_date, parse_limit


class Pixels(NamedTuple):
    """Pixels ready to encode, and what was done to the values to get them."""

    array: Array
    """uint8, C-contiguous: ``(H, W)`` gray or indices of the palette, ``(H, W, 2)`` gray and alpha,
    ``(H, W, 3|4)``."""
    mask: Array | None
    """True where a pixel is missing and shows the page: ``(H, W)`` bool, or None."""
    bilevel: bool
    """The values were booleans: every pixel is 0 or 255."""
    description: str
    """One line: shape, dtype, value range, mapping."""
    palette: Array | None = None
    """uint8 ``(N, 4)``: the colors, where the array holds indices of it."""
    marks: tuple[Mark, ...] = ()
    """Colors that cover some of the pixels."""
    color_scale: ColorScale | None = None
    labels: bool = False
    """The values are labels, whose colors are never mixed."""
    channels: tuple[ShownChannel, ...] = ()
    """Of a composite, for its legend."""

    @property
    def is_clear(self) -> bool:
        """Whether some pixels are missing, or transparent by an alpha channel."""
        array = self.array
        own = array.ndim == 3 and array.shape[2] in (2, 4)
        return self.mask is not None or (own and bool((array[:, :, -1] < 255).any()))

    @property
    def distinct(self) -> bool:
        """Whether there is no color between two others: of labels, and of discrete levels."""
        scale = self.color_scale
        return self.labels or (scale is not None and scale.limits.norm.edges is not None)

    def render(self) -> Array:
        """Return the picture's pixels: colors looked up, marks put on, missing pixels with alpha 0.

        ``(H, W[, 2|3|4])``: gray and without alpha where that says all; the array itself where
        there is nothing to do.
        """
        array = self.array
        if self.palette is not None:
            table = self.palette if (self.palette[:, 3] < 255).any() else self.palette[:, :3]
            array = np.take(table, array, axis=0, mode="clip")
        elif self.marks:
            array = (
                array.copy()
                if array.ndim == 2 or array.shape[2] != 2
                else array[:, :, [0, 0, 0, 1]]
            )
        clear = self.mask is not None or any(color[3] < 255 for _, color in self.marks)
        if clear:
            array = _with_alpha(array)
        for where, color in self.marks:
            array[where] = color[: array.shape[2]]
        if self.mask is not None:
            array[self.mask] = 0
        return array

    def indexed(self) -> tuple[Array, Array] | None:
        """Return indices of a palette and the palette, marks and missing pixels included.

        None where the colors do not fit into a palette of 256.
        """
        if self.palette is None:
            return None
        array, palette = self.array, self.palette
        covers = [*self.marks, *([(self.mask, CLEAR)] if self.mask is not None else [])]
        if self.bilevel and not covers:
            return array >> 7, palette[[0, -1]]
        if not covers:
            return array, palette[: int(array.max()) + 1]
        array, palette = array.copy(), np.concatenate([palette, np.zeros((256, 4), np.uint8)])[:256]
        for where, _ in covers:  # what is covered needs no color of its own
            array[where] = 0
        used = used_values(array)
        used[0] = True
        free = np.flatnonzero(~used)
        if len(free) < len(covers):
            return None
        for (where, color), index in zip(covers, free, strict=False):
            array[where], palette[index] = index, color
        return array, palette[: int(array.max()) + 1]

    def reduced(self, factor: int | Factors) -> Pixels:
        """Return these pixels reduced by a whole factor, or one a side.

        By area means; of labels and of discrete levels the upper left pixel is taken.
        """
        if factor in (1, (1, 1)):
            return self
        if self.distinct:
            return self._replace(
                array=take_pixels(self.array, factor),
                mask=None if self.mask is None else take_pixels(self.mask, factor),
                marks=tuple((take_pixels(where, factor), color) for where, color in self.marks),
            )
        array, palette = self.array, self.palette
        covered = self.mask is not None or self.marks
        if palette is None or covered or (palette[:, 3] < 255).any():
            array, palette = self.render(), None
        return Pixels(area_mean(array, factor, palette), None, False, self.description)

    def flipped(self) -> Pixels:
        """Return these pixels with the first row at the bottom."""
        return self._replace(
            array=np.ascontiguousarray(self.array[::-1]),
            mask=None if self.mask is None else self.mask[::-1],
            marks=tuple((where[::-1], color) for where, color in self.marks),
        )


def used_values(array: Array, hidden: Array | None = None) -> Array:
    """Return which of the 256 values occur, where not hidden, as 256 booleans."""
    used = np.zeros(256, bool)
    rows = max(1, (1 << 16) // array.shape[1])
    for start in range(0, array.shape[0], rows):
        band = array[start : start + rows]
        used[band if hidden is None else band[~hidden[start : start + rows]]] = True
        if used.all():
            break
    return used


def _with_alpha(array: Array) -> Array:
    """Return a copy with an alpha channel, opaque where there was none."""
    array = array if array.ndim == 3 else array[:, :, None]
    if array.shape[2] in (2, 4):
        return array.copy()
    return np.concatenate([array, np.full((*array.shape[:2], 1), 255, np.uint8)], axis=2)


def as_pixels(
    data: Any,
    scale: ValueScale = UNTOUCHED,
    colors: ColorOptions = PLAIN,
    *,
    upright: bool = False,
    channels: Asked = None,
) -> Pixels:
    """Take one picture of any array-like all the way to pixels.

    The last of four channels, or of two where ``channel_axis`` or a name says that these are
    channels, is alpha (see `nbimage.mapping.alpha`), unless limits are given for it as well.
    ``upright``: a first row that belongs at the bottom, as that of increasing latitudes, is there.
    ``channels``: those of a composite that the caller asks for; see `find_channels`.
    """
    way = colors.complex
    values = as_values(data, way is not None)
    plain = way is None and colors.labels is None
    blended = blend_channels(values, scale, scale.channel_axis, asked=channels) if plain else None
    if blended is not None:
        colors.check_channels(len(blended.channels), blended.shape, scale)
        return describe_blend(
            as_pixels(blended.values, UNTOUCHED, colors, upright=upright), blended
        )
    values, axis = as_picture(values, scale.channel_axis)
    pixels = _map_values(values, axis, scale, colors)
    rows, _ = picture_axes(values.metadata, axis)
    return pixels.flipped() if upright and rows is not None and rows.upward else pixels


def describe_blend(pixels: Pixels, blended: Blend | None) -> Pixels:
    """Return the pixels of a composite with what is said of it; any others as they are."""
    if blended is None:
        return pixels
    return pixels._replace(description=blended.text, channels=blended.channels)


def _map_values(
    values: Values, axis: int | None, scale: ValueScale, colors: ColorOptions
) -> Pixels:
    way = colors.complex
    channels = 1 if axis is None else values.shape[axis]
    scale = scale.on_axis(axis).in_unit(values.metadata.value_unit)
    labels = colors.are_labels(values.metadata)
    colors = colors.check(values, channels, scale)
    if colors.labels is not None:
        return label_pixels(values, colors.labels, axis)
    if way == "domain":
        return domain_pixels(values, axis, scale.vmax, colors.missing)
    if way is not None:
        from nbimage.mapping.complex_color import as_real

        values = as_real(values, way)
    if way == "phase":
        scale, colors = phase_scale(scale), with_phase_palette(colors)
    if way is None:
        scale = scale.within(values.metadata.windows, channels)
    color = without_alpha(values, axis, scale)
    known = extent(color.array, color.mask)
    scale, colors = settle_indices(scale, colors, index_dtype(values), known)
    binned, limits = apply_norm(color, scale, [known])
    colors = level_colors(colors, limits)
    if limits.blank:
        warn_blank(values.shape, values.dtype, limits)
    elif values.opaque is None and has_alpha(channels, scale):
        colored, alpha = alpha_extents(values, axis, scale, known)
        opaque = opaque_alpha(values.array.dtype, colored, alpha)
        warn_clear(values.shape, values.dtype, alpha, opaque)
        values = replace(values, opaque=opaque)
    pixels = color_pixels(values, binned, limits, known, axis, colors)
    color_scale = ColorScale(
        limits,
        values.dtype,
        known,
        colors.under,
        colors.over,
        "" if colors.palette is None else colors.palette.name,
        None if colors.palette is None else colors.palette.array,
        channels,
        pixels.bilevel,
        way == "phase" and (limits.vmin, limits.vmax) == ((-math.pi,), (math.pi,)),
    )
    text = describe_values(values, color_scale, axis)
    return pixels._replace(
        color_scale=color_scale,
        description=text if way is None else f"{way} of {text}",
        labels=labels,
    )


def color_pixels(
    values: Values,
    binned: Values,
    limits: Limits,
    known: Extent,
    axis: int | None,
    colors: ColorOptions,
) -> Pixels:
    """Return the pixels of one picture: ``values`` are what came in, ``binned`` what has limits."""
    pixels = map_picture(values, binned, limits, axis)
    missing = _missing(binned, limits, known, axis)
    if limits.blank:
        missing = np.ones(pixels.shape[:2], bool)
    marks: tuple[Mark, ...] = ()
    if colors.under or colors.over:
        host = raw = binned.array.host() if isinstance(binned.array, DeviceArray) else binned.array
        if limits.called is not None:
            color = values
            if values.shape != binned.shape:  # alpha is not meant
                color = pick_channels(values, axis, slice(0, -1))
            raw = color.array.host() if isinstance(color.array, DeviceArray) else color.array
        marks = find_clipped(host, limits, colors, axis, raw)
    if missing is not None:  # what lies beneath marks nothing
        shown = [(where & ~missing, color) for where, color in marks]
        marks = tuple(mark for mark in shown if mark[0].any())
    if missing is not None and colors.missing is not None:
        marks, missing = (*marks, (missing, colors.missing)), None
    palette = None if colors.palette is None else colors.palette.array
    if marks and palette is None and pixels.ndim == 2:
        palette = gray_palette().array
    bilevel = values.array.dtype.kind == "b" and pixels.ndim == 2 and is_black_and_white(limits)
    return Pixels(pixels, missing, bilevel, "", palette, marks)


def phase_scale(scale: ValueScale) -> ValueScale:
    """Return the scale of phases: from -π to π, unless limits or a norm of its own are given."""
    if scale.norm.function is not None:
        return scale
    low, high = scale.vmin, scale.vmax
    low, high = -math.pi if low is None else low, math.pi if high is None else high
    return scale._replace(vmin=low, vmax=high)


def with_phase_palette(colors: ColorOptions) -> ColorOptions:
    """Return colors with a cyclic palette, unless there is another."""
    if colors.palette is not None:
        return colors
    return colors._replace(palette=as_palette("cmocean:phase"))


def label_pixels(values: Values, palette: Array, axis: int | None) -> Pixels:
    """Return labels in their colors. Raises TypeError unless they are integers or booleans."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    if array.dtype.kind not in "biu" or is_date(values.dtype):
        raise TypeError(
            f"labels must be integers or booleans, but got dtype {values.dtype}: "
            "convert them, for instance with data.astype(int)"
        )
    indices = label_index(array, len(palette) - 1)
    if values.mask is not None:
        indices[values.mask] = 0
    if axis is not None:
        indices = indices.squeeze(axis)
    return Pixels(
        np.ascontiguousarray(indices),
        None,
        False,
        describe_labels(values.shape, values.dtype),
        palette,
        labels=True,
    )


def describe_labels(shape: tuple[int, ...], dtype: str) -> str:
    """Return the line on a picture of labels."""
    sides = "×".join(str(n) for n in shape)
    return f"{sides} {dtype}, labels in distinct colors, 0 is transparent"


def domain_pixels(
    values: Values, axis: int | None, vmax: Any, nan_color: Rgba | None = None
) -> Pixels:
    """Return complex numbers as hue and lightness; ``vmax`` is the magnitude of full color."""
    array = values.array.host() if isinstance(values.array, DeviceArray) else values.array
    array = array if axis is None else array.squeeze(axis)
    mask = values.mask if axis is None or values.mask is None else values.mask.squeeze(axis)
    values = replace(values, array=array, mask=mask)
    given = parse_limit("vmax", vmax)
    if given is not None and (len(given) > 1 or given[0] <= 0):
        got = list(vmax) if isinstance(vmax, tuple) else vmax
        raise ValueError(f"vmax must be one number above 0 for complex='domain', but got {got!r}")
    from nbimage.mapping.complex_color import domain_colors, middle_magnitude

    middle = middle_magnitude(values) if given is None else float(given[0])
    missing = np.isnan(array) if mask is None else np.isnan(array) | mask
    hidden: Array | None = missing if missing.any() else None
    marks: tuple[Mark, ...] = ()
    if hidden is not None and nan_color is not None:
        marks, hidden = ((hidden, nan_color),), None
    shape = "×".join(str(n) for n in values.shape)
    text = (
        f"{shape} {values.dtype}, hue is the phase (red 0, cyan π), lightness the magnitude "
        f"(black 0, full color {middle:.6g}, white infinite)"
    )
    color_scale = ColorScale(Limits((-math.pi,), (math.pi,)), "float64", Extent(), middle=middle)
    return Pixels(
        domain_colors(array, middle), hidden, False, text, marks=marks, color_scale=color_scale
    )


def map_picture(
    values: Values, color: Values, limits: Limits, axis: int | None, *, again: bool = False
) -> Array:
    """Return the pixels of one picture, channels last: colors by the limits, alpha by its own.

    C-contiguous, ``(H, W)`` or ``(H, W, 2|3|4)``; ``color`` is what `without_alpha` gave, and
    ``again`` is as for `map_values`.
    """
    if limits.unchanged:  # alpha as well: all channels in one go
        color = values
    pixels = _last(map_values(color.array, color.mask, limits, axis, again=again), axis)
    if color.shape != values.shape and axis is not None:
        alpha, opaque = alpha_of(values, axis), values.opaque
        if opaque is None:
            opaque = opaque_alpha(alpha.array.dtype, *alpha_extents(values, axis, UNTOUCHED))
        full = Limits((0,), (opaque,), unchanged=alpha.array.dtype == np.uint8)
        coverage = _last(map_values(alpha.array, alpha.mask, full, axis), axis)
        pixels = np.concatenate((pixels, coverage), axis=-1)
    if axis is not None and values.shape[axis] == 1:
        pixels = pixels[:, :, 0]
    return np.ascontiguousarray(pixels)


def is_black_and_white(limits: Limits) -> bool:
    """Return whether booleans become black and white, and nothing between."""
    plain = (limits.vmin, limits.vmax, limits.vsym) == ((0,), (1,), False)
    return plain and limits.called is None


def _last(array: Array, axis: int | None) -> Array:
    return array if axis is None else np.moveaxis(array, axis, -1)


def _missing(values: Values, limits: Limits, known: Extent, axis: int | None) -> Array | None:
    """Return where a pixel has a missing value in any channel, as ``(H, W)``; None if nowhere."""
    below = limits.norm.positive and (known.low is None or known.low < 0)
    settled = (known.finite and limits.called is None) or limits.unchanged
    if values.mask is None and settled and not below:
        return None
    missing = values.mask
    array, own = values.array, None
    if isinstance(array, DeviceArray):
        if array.dtype.kind == "f" or below:
            own = array.missing(below)
    elif array.dtype.kind == "f":
        own = np.isnan(array) | (array < 0) if below else np.isnan(array)
    elif below:
        own = array < 0
    if own is not None:
        missing = own if missing is None else own | missing
    if missing is None or not missing.any():
        return None
    return np.array(missing) if axis is None else np.asarray(missing.any(axis=axis))
