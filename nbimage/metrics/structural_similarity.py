"""The structural similarity (SSIM) of two images as Wang et al. (2004) have it, as a map.

With a Gaussian window of 11×11 samples: scikit-image's ``structural_similarity`` with
``gaussian_weights=True, sigma=1.5, use_sample_covariance=False``. The page has the same in
``js/view/compare/similarity.js``.
"""

from __future__ import annotations

import numpy as np

from nbimage.base.chunked import Array
from nbimage.metrics.bands import correlate, for_bands, mirror_index
from nbimage.metrics.differences import mean_of_finite

_SIGMA = 1.5
RADIUS = 5
"""Samples around one that its window has; the mean leaves so many out at each edge."""
_K1, _K2 = 0.01, 0.03


def structural_similarity(a: Array, b: Array, data_range: float) -> Array:
    """Return the similarity of two images (H, W), -1 to 1; NaN near what is missing in either."""
    rows, columns = a.shape
    out = np.empty((rows, columns))
    taps = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / _SIGMA) ** 2)
    taps /= taps.sum()
    k1, k2 = _K1 * data_range, _K2 * data_range
    c1, c2 = k1 * k1, k2 * k2
    across = mirror_index(-RADIUS, columns + RADIUS, columns)

    def work(start: int, stop: int) -> None:
        down = np.ix_(mirror_index(start - RADIUS, stop + RADIUS, rows), across)
        x, y = (np.asarray(image[down], np.float64) for image in (a, b))
        ux, uy, uxx, uyy, uxy = (
            correlate(part, taps, taps) for part in (x, y, x * x, y * y, x * y)
        )
        above = (2 * ux * uy + c1) * (2 * (uxy - ux * uy) + c2)
        below = (ux * ux + uy * uy + c1) * (uxx - ux * ux + uyy - uy * uy + c2)
        out[start:stop] = above / below

    for_bands(rows, columns, RADIUS, work)
    return out


def mean_similarity(found: Array) -> float:
    """Return the mean of a map (H, W) whose windows lie in the image; of all if none do."""
    rows, columns = found.shape
    inner = found[RADIUS : rows - RADIUS, RADIUS : columns - RADIUS]
    inner = inner if inner.size and min(rows, columns) > 2 * RADIUS else found
    return mean_of_finite(inner)
