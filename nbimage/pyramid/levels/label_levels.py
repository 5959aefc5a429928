"""Smaller levels of labels in a file that have means of them, and are not used.

Not here: how levels of labels are made (`downsample`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.pyramid.core.source import Source, as_labelled, keep_levels

_SIDE = 64  # samples of a smaller level that are looked at together
_POSITIONS = ((0.5, 0.5), (0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75))


def set_labels(source: Source, labels: Any) -> None:
    """Let a source say whether its samples are labels; None: as it says itself.

    Raises TypeError and ValueError, and closes it, where they can't be.
    """
    known = source.metadata.labels
    try:
        source.metadata = as_labelled(source.metadata, labels, source.stored, source.channels)
    except (TypeError, ValueError):
        source.close()
        raise
    if source.metadata.labels and not known:
        drop_mixed_levels(source)


def drop_mixed_levels(source: Source) -> None:
    """Leave out the smaller levels of labels where samples are none of those that lie there.

    Some parts of each level are looked at.
    """
    for level in range(len(source.shapes) - 1):
        if any(_is_mixed(source, level, *position) for position in _POSITIONS):
            keep_levels(source, level + 1)
            return


def _is_mixed(source: Source, level: int, down: float, across: float) -> bool:
    """Say whether a part of the next smaller level has samples that are not in this one there."""
    whole, shape = source.shapes[level], source.shapes[level + 1]
    index = (0,) * len(source.axes)
    spans = [_find_span(count, share) for count, share in zip(shape, (down, across), strict=True)]
    small = source.read(level + 1, Box(*spans[0], *spans[1]), index)
    rows, columns = (
        _find_wider(span, large / count, large)
        for span, large, count in zip(spans, whole, shape, strict=True)
    )
    ends = [(int(each.min()), int(each.max()) + 1) for each in (rows, columns)]
    large = source.read(level, Box(*ends[0], *ends[1]), index)
    found = np.zeros(small.shape[:2], bool)
    for row in rows - ends[0][0]:
        band = large[row]
        for column in columns - ends[1][0]:
            found |= _are_same(band[:, column], small)
    return not found.all()


def _find_span(count: int, share: float) -> tuple[int, int]:
    first = min(max(0, round(count * share) - _SIDE // 2), max(0, count - _SIDE))
    return first, min(count, first + _SIDE)


def _find_wider(span: tuple[int, int], factor: float, count: int) -> Array:
    """Return which of the larger level's samples lie where those of a span do, and beside them.

    In each row the first one of each, the second, and so on.
    """
    first = np.floor(np.arange(*span) * factor).astype(int)
    offsets = np.arange(-1, math.ceil(factor) + 1)
    wider: Array = np.clip(first + offsets[:, None], 0, count - 1)
    return wider


def _are_same(one: Array, other: Array) -> Array:
    same = one == other
    if one.dtype.kind == "f":
        same |= np.isnan(one) & np.isnan(other)
    return np.asarray(same if same.ndim == 2 else same.all(axis=2))
