"""Of each sample of an image the nearest one of another, by where both lie."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nbimage.base.chunked import Array

Placement = Mapping[str, float]
"""Offset and length of a sample on common axes, ``x``, ``y``, ``sx``, ``sy``."""


def nearest_samples(
    count: int, own: tuple[float, float], most: int, other: tuple[float, float]
) -> Array:
    """Return the index of the nearest one of ``most`` samples for each of ``count``; -1: none.

    ``own``, ``other``: where the first one begins, and how long each is.
    """
    at = np.floor((own[0] + own[1] * (np.arange(count) + 0.5) - other[0]) / other[1])
    return np.where((at >= 0) & (at < most), at, -1).astype(np.intp)


def sample_like(
    image: Array, placement: Placement, shape: tuple[int, ...], other: Placement
) -> Array:
    """Return an image's samples where those of another one of ``shape`` lie; NaN: beside it."""
    rows, columns = shape[:2]
    down = nearest_samples(
        rows, (other["y"], other["sy"]), len(image), (placement["y"], placement["sy"])
    )
    across = nearest_samples(
        columns, (other["x"], other["sx"]), image.shape[1], (placement["x"], placement["sx"])
    )
    whole = [np.arange(count) for count in image.shape[:2]]
    if all(map(np.array_equal, (down, across), whole)):
        return image
    found: Array = image[np.ix_(down, across)]
    if (down < 0).any() or (across < 0).any():
        found = found.astype(
            np.result_type(image, np.float64 if image.itemsize > 2 else np.float32)
        )
        found[down < 0] = np.nan
        found[:, across < 0] = np.nan
    return found
