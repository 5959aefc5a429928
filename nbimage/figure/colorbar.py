"""Colorbars and histograms of a picture, from its `ColorScale` and its pixels.

How they look on the page is in `page.figure_html` and `page.figure_svg`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.dates import date_at
from nbimage.codecs.pictures import as_data_uri
from nbimage.codecs.png import encode_png
from nbimage.figure.axes import as_datetime, duration_unit
from nbimage.mapping.bins.levels import level_pixels
from nbimage.mapping.color_scale import ColorScale, format_value
from nbimage.mapping.colormap import as_css, gray_palette
from nbimage.mapping.complex_color import lightness_colors, phase_colors
from nbimage.mapping.pixels import Pixels
from nbimage.mapping.value_scale import is_date
from nbimage.page.figure_model import Bar, Histogram
from nbimage.page.ticks.levels import Tick, edge_ticks
from nbimage.page.ticks.numbers import format_tick, number_ticks, scale_ticks

_CHANNELS = ("#e33", "#2a2", "#46f")
_PHASES = tuple(Tick(i / 4, text) for i, text in enumerate(("π", "π/2", "0", "−π/2", "−π")))
_GRAY = "#888"  # readable on light and dark pages alike


def make_colorbars(color_scale: ColorScale | None, label: str) -> tuple[Bar, ...]:
    """Return the colorbar of a picture of one channel; two of them for complex numbers."""
    if color_scale is not None and color_scale.middle is not None:
        return _make_domain_bars(color_scale.middle, label)
    if color_scale is None or color_scale.channels != 1:
        raise ValueError(
            "colorbar must be left out for colors and labels, which stand for themselves"
        )
    return (make_value_bar(color_scale, label),)


def make_value_bar(color_scale: ColorScale, label: str) -> Bar:
    """Return a colorbar whose ticks say the values."""
    palette = gray_palette().array if color_scale.palette is None else color_scale.palette
    if color_scale.bilevel:
        ends = palette[[0, -1]]
        ticks = Tick(0.75, "False"), Tick(0.25, "True")
        return _make_bar(ends, ticks, label)
    below, above = _has_values_beyond(color_scale)
    colors = [
        as_css(own or tuple(palette[end].tolist())) if beyond else None
        for own, end, beyond in ((color_scale.under, 0, below), (color_scale.over, -1, above))
    ]
    unit = _unit(color_scale)
    if unit:
        label = f"{label} [{unit}]" if label else f"[{unit}]"
    steps = _boundaries(color_scale)
    if steps is not None:
        palette = palette[_bins_between(color_scale, steps)]
    found = make_value_ticks(color_scale)
    return _make_bar(
        palette, found, label, under=colors[0], over=colors[1], named=steps is not None
    )


def _boundaries(color_scale: ColorScale) -> Array | None:
    """Return the limits of the values that have one color each, where a norm has such."""
    called, edges = color_scale.limits.called, color_scale.limits.norm.edges
    if edges is not None:
        return np.asarray(edges, np.float64)
    found = None if called is None else getattr(called.function, "boundaries", None)
    return None if found is None else np.asarray(found, np.float64)


def _bins_between(color_scale: ColorScale, steps: Array) -> Array:
    """Return the bin of the values between each two boundaries."""
    called: Any = color_scale.limits.called
    if called is None:
        return level_pixels(steps.tolist()).astype(np.intp)
    shares = called.call((steps[1:] + steps[:-1]) / 2)
    found: Array = np.clip(np.floor(shares * 256), 0, 255).astype(np.intp)
    return found


def make_value_ticks(color_scale: ColorScale) -> tuple[Tick, ...]:
    """Return the ticks of a color scale's values, from the top: the highest value."""
    steps = _boundaries(color_scale)
    if steps is not None:
        return edge_ticks([_format_edge(color_scale.dtype, x) for x in steps.tolist()])
    if color_scale.phase:
        return _PHASES
    low, high = value_range(color_scale)
    to_position = make_position(color_scale)

    def down(value: float) -> float:
        return 1 - to_position(value)

    if color_scale.dtype.startswith("datetime64"):
        from nbimage.page.ticks.dates import date_ticks

        ends = [date_at(end, color_scale.dtype) for end in (low, high)]
        first, last = (None if end is None else as_datetime(end) for end in ends)
        if first is None or last is None:
            return number_ticks(low, high, down)
        span = (last - first).total_seconds() or 1.0
        return date_ticks(
            first,
            last,
            lambda date: down(low + (high - low) * ((date - first).total_seconds() / span)),
        )
    if color_scale.dtype.startswith("timedelta64"):
        factor = duration_unit(color_scale.dtype, high - low)[1]
        return number_ticks(low * factor, high * factor, lambda x: down(x / factor))
    if color_scale.limits.norm.linear and color_scale.limits.called is None:
        whole = color_scale.dtype.startswith(("int", "uint"))
        return number_ticks(low, high, down, whole=whole and abs(high - low) >= 2)
    return scale_ticks(low, high, down)


def _format_edge(dtype: str, edge: float) -> str:
    return format_value(dtype, round(edge)) if is_date(dtype) else format_tick(edge)


def _unit(color_scale: ColorScale) -> str:
    if not color_scale.dtype.startswith("timedelta64") or _boundaries(color_scale) is not None:
        return ""
    low, high = value_range(color_scale)
    return duration_unit(color_scale.dtype, high - low)[0]


def value_range(color_scale: ColorScale) -> tuple[float, float]:
    """Return the values at the lower and the upper end of a colorbar."""
    limits = color_scale.limits
    if limits.called is not None:
        function = limits.called.function
        known = color_scale.known.low, color_scale.known.high
        ends = [getattr(function, name, None) for name in ("vmin", "vmax")]
        low, high = (
            own if own is not None else (visible if visible is not None else default)
            for own, visible, default in zip(ends, known, (0.0, 1.0), strict=True)
        )
        return float(low), float(high)
    return float(limits.vmin[0]), float(limits.vmax[0])


def make_position(color_scale: ColorScale) -> Callable[[float], float]:
    """Return the function from a value to its position on the colorbar: 0 at its lower end."""
    limits = color_scale.limits
    low, high = value_range(color_scale)
    if limits.called is not None:
        return functools.partial(_position, limits.called.normalize, low, high)
    if limits.unchanged:
        return lambda value: (value + 0.5) / 256
    if limits.norm.edges is not None:
        return functools.partial(_position_among, np.asarray(limits.norm.edges, np.float64))
    if low == high:
        return lambda value: 0.5
    return functools.partial(_position, limits.norm.normalize, low, high)


def _position_among(edges: Array, value: float) -> float:
    """Return the position on a bar of blocks of one height."""
    order = slice(None) if edges[0] < edges[-1] else slice(None, None, -1)
    return float(np.interp(value, edges[order], np.linspace(0, 1, len(edges))[order]))


def _position(normalize: Callable[..., Array], low: float, high: float, value: float) -> float:
    return float(normalize(np.array([value], np.float64), low, high)[0])


def _has_values_beyond(color_scale: ColorScale) -> tuple[bool, bool]:
    """Return whether values lie below and above the colorbar's ends."""
    low, high = value_range(color_scale)
    known = color_scale.known
    below = known.low is not None and known.low < min(low, high)
    above = known.high is not None and known.high > max(low, high)
    if color_scale.limits.unchanged:
        below = above = False
    if low > high:
        below, above = above, below
    own = color_scale.limits.called is None or hasattr(color_scale.limits.called.function, "vmin")
    return bool(own and (below or color_scale.under)), bool(own and (above or color_scale.over))


def _make_bar(colors: Array, ticks: tuple[Tick, ...], label: str, **more: Any) -> Bar:
    """Return a bar of these colors, the last of which is that of the highest values."""
    opaque = (colors[:, 3] == 255).all()
    strip = colors[:, : 3 if opaque else 4]
    pictures = strip[::-1, None], strip[None]
    uri, row = (as_data_uri(encode_png(np.ascontiguousarray(one)), "image/png") for one in pictures)
    return Bar(uri, ticks, label, row=row, **more)


def _make_domain_bars(middle: float, label: str) -> tuple[Bar, ...]:
    sizes = [Tick(1.0, "0"), Tick(0.0, "∞")]
    power = math.floor(math.log10(middle))
    for exponent in range(power - 2, power + 3):
        for step in (1, 2, 5):
            value = float(f"{step}e{exponent}")
            position = 1 - value / (value + middle)
            if 0.08 < position < 0.92:
                levels = (0, 1, 2) if step == 1 else (2,) if step == 2 else (1, 2)
                sizes.append(Tick(position, format_tick(value), levels))
    every = (0, 1, 2)
    ordered = sorted(sizes, key=lambda tick: tick.position)
    ends = tuple(
        Tick(tick.position, tick.text, every) if tick.position in (0, 1) else tick
        for tick in ordered
    )
    name = label or "z"
    return (
        _make_bar(phase_colors(), _PHASES, f"arg {name}"),
        _make_bar(lightness_colors(), ends, f"|{name}|"),
    )


def make_histogram(pixels: Pixels, kind: Any, *, beside: bool) -> Histogram:
    """Return how often each bin occurs, one curve a channel.

    ``kind`` is True or ``"log"``, for lengths by the logarithm of the counts; ``beside`` a colorbar
    there are no ticks of its own.
    """
    if kind not in (True, "log"):
        raise ValueError(f'histogram must be True, False or "log", but got {kind!r}')
    color_scale, array = pixels.color_scale, pixels.array
    if color_scale is None or color_scale.middle is not None:
        raise ValueError("histogram must be left out for labels and for complex='domain'")
    channels = [array] if array.ndim == 2 else [array[:, :, i] for i in range(array.shape[2])]
    colors = len(channels) - (len(channels) in (2, 4))
    counts = [_count_pixels(channel, pixels.mask) for channel in channels[:colors]]
    bins = _value_bins(color_scale)
    if bins is not None:
        counts = [count[bins] for count in counts]
    if kind == "log":
        counts = [np.log1p(count) for count in counts]
    inner = (
        slice(1, -1) if any(_has_values_beyond(color_scale)) else slice(None)
    )  # what is clipped piles up there
    most = max(float(count[inner].max(initial=0)) for count in counts) or 1.0
    names = _CHANNELS if colors == 3 else (_GRAY,)
    curves = tuple(
        (name, tuple(np.minimum(np.round(count / most, 5), 1).tolist()))
        for name, count in zip(names, counts, strict=True)
    )
    one_scale = len(color_scale.limits.vmin) == 1
    return Histogram(curves, make_value_ticks(color_scale) if one_scale and not beside else ())


def _value_bins(color_scale: ColorScale) -> Array | None:
    """Return the bin of each value, or level, where these are fewer than bins."""
    limits = color_scale.limits
    if limits.norm.edges is not None:
        return level_pixels(limits.norm.edges).astype(np.intp)
    low, high = limits.vmin[0], limits.vmax[0]
    whole = color_scale.dtype.startswith(("int", "uint")) and float(low).is_integer()
    few = len(limits.vmin) == 1 and 0 < high - low < 255 and float(high).is_integer()
    if limits.unchanged or limits.called is not None or not (whole and few):
        return None
    values = np.arange(int(low), int(high) + 1)
    positions = limits.norm.normalize(values.astype(np.float64), low, high)
    bins: Array = np.clip(np.floor(positions * 256), 0, 255).astype(np.intp)
    return bins


def _count_pixels(channel: Array, mask: Array | None) -> Array:
    visible = channel if mask is None else channel[~mask]
    total = np.zeros(256, np.int64)
    flat = visible.reshape(-1)
    for start in range(0, flat.size, 1 << 20):
        total += np.bincount(flat[start : start + (1 << 20)], minlength=256)
    return total
