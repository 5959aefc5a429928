"""The edges of the 256 bins that pixels stand for, found with what maps the values to them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.color_scale import ColorScale
from nbimage.mapping.limits import Limits
from nbimage.mapping.rerange_values import map_values

_CLOSE = 1e-4  # of a bin's width, to which its edges are found; the page allows for ten times that
_STEPS = 1100  # halvings after which two float64 have nothing between them, at the most


def find_edges(color_scale: ColorScale) -> list[list[float]] | None:
    """Return the values between which the 256 bins lie, one list a channel.

    Two of even bins, their ends; 257 else. None where values do not go up with the bins, or down.
    """
    limits = color_scale.limits
    if limits.unchanged:
        return [[-0.5, 255.5]]  # each byte in the middle of its bin, the last one too
    if limits.called is None and limits.norm.linear:
        return [
            [float(low), float(high)] for low, high in zip(limits.vmin, limits.vmax, strict=True)
        ]
    edges = []
    for channel in range(len(limits.vmin)):
        found = _bent_edges(color_scale, limits.of_channel(channel))
        if found is None:
            return None
        edges.append(found)
    return edges


def _bent_edges(color_scale: ColorScale, limits: Limits) -> list[float] | None:
    """Return the edges of bins that are not even, found with what maps the values."""
    find_bins = find_binning(limits)
    ends: tuple[Any, Any] = (limits.vmin[0], limits.vmax[0])
    if limits.called is not None:
        ends = (color_scale.known.low, color_scale.known.high)
        if color_scale.channels != 1 or None in ends:
            return None
    first, last = map(float, ends)
    if not np.isfinite(last - first):
        return None
    tried = find_bins(np.linspace(first, last, 1025)).astype(int)
    if tried[0] > tried[-1]:
        first, last, tried = last, first, tried[::-1]
    if (np.diff(tried) < 0).any():
        return None
    wanted = np.arange(1, 256)
    before, after = np.full(255, first), np.full(255, last)
    for _ in range(_STEPS):
        middle = before / 2 + after / 2
        reached = find_bins(middle) >= wanted
        after, before = np.where(reached, middle, after), np.where(reached, before, middle)
        found = np.concatenate(([first], after, [last]))
        width = np.minimum(np.abs(np.diff(found[:-1])), np.abs(np.diff(found[1:])))
        left = np.abs(after - before)
        if ((left <= width * _CLOSE) | (left <= np.spacing(np.abs(middle)))).all():
            break
    decimals = [max(0, 4 - math.floor(math.log10(w))) if 0 < w < 1e4 else 0 for w in width.tolist()]
    inner = [
        round(edge, n) if n else edge for edge, n in zip(after.tolist(), decimals, strict=True)
    ]
    return [first, *inner, last]


def find_binning(limits: Limits) -> Callable[[Array], Array]:
    """Return the function from values to bins, as a picture has them."""
    called = limits.called
    plain = Limits((0,), (1,)) if called is not None else limits._replace(clean=False)

    def find_bins(values: Array) -> Array:
        shown = values if called is None else np.asarray(called.call(values.copy()), np.float64)
        bins: Array = map_values(shown[None], None, plain)[0]
        return bins

    return find_bins
