"""One range for several pictures: what each array is, to limits that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array
from nbimage.mapping.limits import (
    SAMPLE,
    Contrast,
    Extent,
    Limit,
    Limits,
    extent,
    resolve_limits,
    sample,
)
from nbimage.mapping.norms import LINEAR, Norm, own_limits, with_limits
from nbimage.mapping.pixels import without_alpha


def common_limits(
    images: Sequence[Values],
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = None,
    norm: Norm = LINEAR,
) -> tuple[Limits, Extent] | None:
    """Return the limits that hold for all of several images, and their extent together.

    None where each may be shown as it is: all are uint8, or all boolean, and nothing is asked.
    Booleans count as 0 and 1. Images whose values differ in kind (dates and numbers) raise
    ValueError.
    """
    dates = {v.dtype if v.dtype.startswith(("datetime64", "timedelta64")) else "" for v in images}
    if len(dates) > 1:
        raise ValueError(
            "images must be all dates of one unit or all numbers to share a range, but got "
            f"{', '.join(sorted({v.dtype for v in images}))}: give shared=False"
        )
    plain = vmin is None and vmax is None and not vsym and contrast is None and norm.linear
    kinds = {v.array.dtype for v in images}
    if plain and (kinds <= {np.dtype(np.uint8)} or kinds <= {np.dtype(np.bool_)}):
        return None
    known = _together(images, positive=norm.positive)
    dtype = np.result_type(*kinds) if len(kinds) > 1 else next(iter(kinds))
    array, mask = _stand_in(images, dtype, contrast)
    whole = resolve_limits(
        array, mask, vmin, vmax, vsym, contrast, None, dates.pop(), [known], norm
    )
    return whole, known


def shared_limits(
    images: Sequence[Values],
    axes: Sequence[int | None],
    vmin: Limit,
    vmax: Limit,
    vsym: bool,
    contrast: Contrast,
    norm: Norm,
) -> tuple[dict[str, Any], Extent | None]:
    """Return the limits to ask of each of several pictures so that all have one range.

    They are parameters of `as_pixels`; ``axes`` are the pictures' channel axes. And what the
    pictures hold together, where that had to be looked at.
    """
    asked: dict[str, Any] = {"vmin": vmin, "vmax": vmax, "vsym": vsym, "contrast": contrast}
    asked["norm"] = norm
    colors = [
        without_alpha(values, axis, vmin, vmax) for values, axis in zip(images, axes, strict=True)
    ]
    if norm.function is not None:
        known, positive = (_together(colors, positive=above) for above in (False, True))
        if own_limits(norm) is None:
            return asked, known
        ends = [x for x in (known.low, known.high, positive.low) if x is not None]
        settled = with_limits(norm, np.array(ends or [0, 1]), vmin, vmax)  # type: ignore[arg-type]
        return {**asked, "norm": settled, "vmin": None, "vmax": None}, known
    found = common_limits(colors, vmin, vmax, vsym, contrast, norm)
    if found is None:
        return asked, None
    limits, known = found
    low, high = (limit[0] if len(limit) == 1 else limit for limit in (limits.vmin, limits.vmax))
    return {**asked, "vmin": low, "vmax": high, "contrast": None}, known


def _together(images: Sequence[Values], *, positive: bool) -> Extent:
    known = Extent()
    for values in images:
        known = known.join(extent(values.array, values.mask, positive=positive))
    return known


def _stand_in(images: Sequence[Values], dtype: Any, contrast: Any) -> tuple[Array, Array | None]:
    """Return what stands for all images where percentiles are asked for: a sample of each."""
    if contrast is None or (isinstance(contrast, str) and contrast != "robust"):
        return np.zeros((1, 1), dtype), None
    most = max(1, SAMPLE // len(images))
    parts = [sample(values.array, values.mask, most) for values in images]
    return np.concatenate(parts).astype(dtype)[None], None
