"""One range for several pictures: what each array is, to limits that all of them share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.arrays.metadata import FullScale, Window
from nbimage.mapping.alpha import without_alpha
from nbimage.mapping.colormap import Palette
from nbimage.mapping.index_colors import index_dtype, index_scale, may_be_indices
from nbimage.mapping.limits import (
    Extent,
    GatheredForNorm,
    GatheredValues,
    Limits,
    check_limit_counts,
    extent,
)
from nbimage.mapping.norms import is_index, own_limits
from nbimage.mapping.value_scale import ValueScale, is_date


def common_limits(images: Sequence[Values], scale: ValueScale) -> tuple[Limits, Extent] | None:
    """Return the limits that hold for all of several images, and their extent together.

    None where each may be shown as it is: all are uint8, or all boolean, and nothing is asked.
    Booleans count as 0 and 1. Images whose values differ in kind (dates and numbers) raise
    ValueError.
    """
    dates = {v.dtype if is_date(v.dtype) else "" for v in images}
    if len(dates) > 1:
        raise ValueError(
            "images must be all dates of one unit or all numbers to share a range, but got "
            f"{', '.join(sorted({v.dtype for v in images}))}: give shared=False"
        )
    units = {v.metadata.quantity for v in images}
    if len(units) > 1:
        raise ValueError(
            "images must be of one unit to share a range, but got "
            f"{', '.join(sorted(map(repr, units)))}: give shared=False"
        )
    scale = scale.in_unit(images[0].metadata.value_unit)
    kinds = {v.array.dtype for v in images}
    bytes_ = kinds <= {np.dtype(np.uint8)} or kinds <= {np.dtype(np.bool_)}
    if bytes_ and scale.untouched:
        return None
    gathered = GatheredValues(scale.on_axis(None))
    for number, values in enumerate(images):
        gathered.add(values, number)
    dtype = np.result_type(*kinds) if len(kinds) > 1 else next(iter(kinds))
    check_limit_counts(scale, 1)
    return gathered.resolve(dtype, dates.pop()), gathered.known


def shared_limits(
    images: Sequence[Values],
    axes: Sequence[int | None],
    scale: ValueScale,
    palette: Palette | None = None,
) -> tuple[ValueScale, Extent | None]:
    """Return a scale for each of several pictures by itself, so that all have one range.

    ``axes`` are the pictures' channel axes; ``palette`` has the colors of gray ones. And what the
    pictures hold together, where that had to be looked at.
    """
    colors = [without_alpha(values, axis, scale) for values, axis in zip(images, axes, strict=True)]
    dtypes = [index_dtype(values) for values in images]
    if palette is not None and all(may_be_indices(scale, palette, dtype) for dtype in dtypes):
        known = _join_extents(colors)
        indexed = index_scale(scale, palette, dtypes[0], known)
        if not indexed.untouched:
            return indexed, known
    norm = scale.norm
    if is_index(norm):
        return scale, _join_extents(colors)
    if norm.function is not None:
        gathered = GatheredForNorm(norm)
        for number, values in enumerate(colors):
            gathered.add(values, number)
        if own_limits(norm) is None:
            return scale, gathered.known
        scale = scale.in_unit(images[0].metadata.value_unit)
        settled = gathered.settle(scale.vmin, scale.vmax)
        return scale._replace(norm=settled, vmin=None, vmax=None), gathered.known
    found = common_limits(colors, scale)
    if found is None:
        return scale, None
    limits, known = found
    low, high = (limit[0] if len(limit) == 1 else limit for limit in (limits.vmin, limits.vmax))
    return scale._replace(vmin=low, vmax=high, contrast=None, norm=limits.norm), known


def join_windows(several: Sequence[tuple[Window | None, ...]]) -> tuple[Window | None, ...] | None:
    """Return the limits that files give of several pictures together; None where they differ.

    Full scales are joined: that of the dtype where one picture has no other.
    """
    if len(set(several)) < 2:
        return several[0] if several else ()
    scales = [one for windows in several for one in windows if isinstance(one, FullScale)]
    if len(scales) < sum(map(len, several)):
        return None
    if not all(several):
        return ()
    whole = FullScale(min(one.low for one in scales), max(one.high for one in scales))
    return (whole,) * len(several[0])


def _join_extents(images: Sequence[Values]) -> Extent:
    known = Extent()
    for values in images:
        known = known.join(extent(values.array, values.mask))
    return known
