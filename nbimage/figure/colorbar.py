"""What pixel values stand for, drawn: colorbars and histograms, from a `Key` and the pixels."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.codecs.pictures import as_data_uri
from nbimage.codecs.png import encode_png
from nbimage.figure.axes import as_datetime, duration_unit
from nbimage.mapping.color_scale import Key
from nbimage.mapping.colormap import as_css, gray_palette
from nbimage.mapping.complex_color import lightness_colors, phase_colors
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import Bar, Histogram
from nbimage.page.ticks import Tick, number_text, number_ticks, scale_ticks

_CHANNELS = ("#e33", "#2a2", "#46f")
_PHASES = tuple(Tick(i / 4, text) for i, text in enumerate(("π", "π/2", "0", "−π/2", "−π")))
_GRAY = "#888"  # readable on light and dark pages alike


def colorbars(key: Key | None, label: str) -> tuple[Bar, ...]:
    """Return the colorbar of a picture of one channel; two of them for complex numbers."""
    if key is not None and key.middle is not None:
        return _domain_bars(key.middle, label)
    if key is None or key.channels != 1:
        raise ValueError(
            "colorbar must be left out for colors and labels, which stand for themselves"
        )
    return (value_bar(key, label),)


def value_bar(key: Key, label: str) -> Bar:
    """Return a colorbar whose ticks say the values."""
    palette = gray_palette().array if key.palette is None else key.palette
    if key.bilevel:
        ends = palette[[0, -1]]
        ticks = Tick(0.75, "False"), Tick(0.25, "True")
        return Bar(_column(ends), ticks, label)
    below, above = _beyond(key)
    colors = [
        as_css(own or tuple(palette[end].tolist())) if beyond else None
        for own, end, beyond in ((key.under, 0, below), (key.over, -1, above))
    ]
    unit = _unit(key)
    if unit:
        label = f"{label} [{unit}]" if label else f"[{unit}]"
    return Bar(_column(palette), value_ticks(key), label, colors[0], colors[1])


def value_ticks(key: Key) -> tuple[Tick, ...]:
    """Return the ticks of a key's values, from the top: the highest value."""
    if key.phase:
        return _PHASES
    low, high = key_range(key)
    place = placing(key)

    def down(value: float) -> float:
        return 1 - place(value)

    if key.dtype.startswith("datetime64"):
        from nbimage.page.date_ticks import date_ticks

        first, last = (as_datetime(np.int64(x).view(key.dtype)) for x in (low, high))
        if first is None or last is None:
            return number_ticks(low, high, down)
        span = (last - first).total_seconds() or 1.0
        return date_ticks(
            first,
            last,
            lambda date: down(low + (high - low) * ((date - first).total_seconds() / span)),
        )
    if key.dtype.startswith("timedelta64"):
        factor = duration_unit(key.dtype, high - low)[1]
        return number_ticks(low * factor, high * factor, lambda x: down(x / factor))
    if key.limits.norm.linear and key.limits.called is None:
        whole = key.dtype.startswith(("int", "uint"))
        return number_ticks(low, high, down, whole=whole and abs(high - low) >= 2)
    return scale_ticks(low, high, down)


def _unit(key: Key) -> str:
    if not key.dtype.startswith("timedelta64"):
        return ""
    low, high = key_range(key)
    return duration_unit(key.dtype, high - low)[0]


def key_range(key: Key) -> tuple[float, float]:
    """Return the values at the lower and the upper end of a colorbar."""
    limits = key.limits
    if limits.called is not None:
        function = limits.called.function
        known = key.known.low, key.known.high
        ends = [getattr(function, name, None) for name in ("vmin", "vmax")]
        low, high = (
            own if own is not None else (seen if seen is not None else default)
            for own, seen, default in zip(ends, known, (0.0, 1.0), strict=True)
        )
        return float(low), float(high)
    return float(limits.vmin[0]), float(limits.vmax[0])


def placing(key: Key) -> Callable[[float], float]:
    """Return the function from a value to its place on the colorbar: 0 at its lower end."""
    limits = key.limits
    low, high = key_range(key)
    if limits.called is not None:
        return functools.partial(_place, limits.called.place, low, high)
    if limits.unchanged:
        return lambda value: (value + 0.5) / 256
    if low == high:
        return lambda value: 0.5
    return functools.partial(_place, limits.norm.place, low, high)


def _place(place: Callable[..., Array], low: float, high: float, value: float) -> float:
    return float(place(np.array([value], np.float64), low, high)[0])


def _beyond(key: Key) -> tuple[bool, bool]:
    """Return whether values lie below and above the colorbar's ends."""
    low, high = key_range(key)
    known = key.known
    below = known.low is not None and known.low < min(low, high)
    above = known.high is not None and known.high > max(low, high)
    if key.limits.unchanged:
        below = above = False
    if low > high:
        below, above = above, below
    own = key.limits.called is None or hasattr(key.limits.called.function, "vmin")
    return bool(own and (below or key.under)), bool(own and (above or key.over))


def _column(colors: Array) -> str:
    """Return colors as the data URI of a picture one pixel wide, the last one at the top."""
    opaque = (colors[:, 3] == 255).all()
    column = colors[::-1, None, : 3 if opaque else 4]
    return as_data_uri(encode_png(np.ascontiguousarray(column)), "image/png")


def _domain_bars(middle: float, label: str) -> tuple[Bar, ...]:
    sizes = [Tick(1.0, "0"), Tick(0.0, "∞")]
    power = math.floor(math.log10(middle))
    for exponent in range(power - 2, power + 3):
        for step in (1, 2, 5):
            value = float(f"{step}e{exponent}")
            place = 1 - value / (value + middle)
            if 0.08 < place < 0.92:
                levels = (0, 1, 2) if step == 1 else (2,) if step == 2 else (1, 2)
                sizes.append(Tick(place, number_text(value), levels))
    every = (0, 1, 2)
    ordered = sorted(sizes, key=lambda tick: tick.position)
    ends = tuple(
        Tick(tick.position, tick.text, every) if tick.position in (0, 1) else tick
        for tick in ordered
    )
    name = label or "z"
    return (
        Bar(_column(phase_colors()), _PHASES, f"arg {name}"),
        Bar(_column(lightness_colors()), ends, f"|{name}|"),
    )


def histogram_of(pixels: Pixels, kind: Any, *, beside: bool) -> Histogram:
    """Return how often each bin occurs, one curve a channel.

    ``kind`` is True or ``"log"``, for lengths by the logarithm of the counts; ``beside`` a colorbar
    there are no ticks of its own.
    """
    if kind not in (True, "log"):
        raise ValueError(f'histogram must be True, False or "log", but got {kind!r}')
    key, array = pixels.key, pixels.array
    if key is None or key.middle is not None:
        raise ValueError("histogram must be left out for labels and for complex='domain'")
    channels = [array] if array.ndim == 2 else [array[:, :, i] for i in range(array.shape[2])]
    colors = len(channels) - (len(channels) in (2, 4))
    counts = [_counts(channel, pixels.mask) for channel in channels[:colors]]
    places = _value_bins(key)
    if places is not None:
        counts = [count[places] for count in counts]
    if kind == "log":
        counts = [np.log1p(count) for count in counts]
    inner = slice(1, -1) if any(_beyond(key)) else slice(None)  # what is clipped piles up there
    most = max(float(count[inner].max(initial=0)) for count in counts) or 1.0
    names = _CHANNELS if colors == 3 else (_GRAY,)
    curves = tuple(
        (name, tuple(np.minimum(np.round(count / most, 5), 1).tolist()))
        for name, count in zip(names, counts, strict=True)
    )
    one_scale = len(key.limits.vmin) == 1
    return Histogram(curves, value_ticks(key) if one_scale and not beside else ())


def _value_bins(key: Key) -> Array | None:
    """Return the bin of each value where these are fewer whole numbers than bins."""
    limits = key.limits
    low, high = limits.vmin[0], limits.vmax[0]
    whole = key.dtype.startswith(("int", "uint")) and float(low).is_integer()
    few = len(limits.vmin) == 1 and 0 < high - low < 255 and float(high).is_integer()
    if limits.unchanged or limits.called is not None or not (whole and few):
        return None
    values = np.arange(int(low), int(high) + 1)
    place = limits.norm.place(values.astype(np.float64), low, high)
    bins: Array = np.clip(np.floor(place * 256), 0, 255).astype(np.intp)
    return bins


def _counts(channel: Array, mask: Array | None) -> Array:
    seen = channel if mask is None else channel[~mask]
    total = np.zeros(256, np.int64)
    flat = seen.reshape(-1)
    for start in range(0, flat.size, 1 << 20):
        total += np.bincount(flat[start : start + (1 << 20)], minlength=256)
    return total
