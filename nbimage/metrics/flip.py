"""The difference that the eye sees as one image is exchanged for another: LDR-FLIP.

Andersson et al. (2020), "FLIP: A Difference Evaluator for Alternating Images", with the separate
filters of the reference implementation, ``flip-evaluator``. The page has the same in
``js/view/compare/flip.js``.
"""

from __future__ import annotations

import math

import numpy as np

from nbimage.base.chunked import Array
from nbimage.metrics.bands import correlate, edge_index, for_bands

PIXELS_PER_DEGREE = 0.7 * 3840 / 0.7 * math.pi / 180
"""Of a screen of 3840 pixels, 0.7 m wide, views from 0.7 m: 67.02, as in the article."""
_QC, _PC, _PT, _QF = 0.7, 0.4, 0.95, 0.5
_CONTRAST = (  # of luminance, red to green and blue to yellow: weights and widths of two Gaussians
    ((1.0, 0.0047), (0.0, 1e-5)),
    ((1.0, 0.0053), (0.0, 1e-5)),
    ((34.1, 0.04), (13.5, 0.025)),
)
_EDGE = 0.082  # degrees
_TO_XYZ = np.array(
    [
        [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
        [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
        [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
    ]
)
_TO_WHITE = _TO_XYZ / _TO_XYZ.sum(1, keepdims=True)  # of white, D65, each is 1
_FROM_WHITE = np.linalg.inv(_TO_WHITE)
_KNEE = 6 / 29


def flip_error(a: Array, b: Array, pixels_per_degree: float = PIXELS_PER_DEGREE) -> Array:
    """Return the error of two images, 0 to 1, which is the same whichever comes first.

    Parameters
    ----------
    a, b : array
        sRGB from 0 to 1, (H, W, 3), or (H, W) of grays.
    pixels_per_degree : float
        Pixels in a degree of the field of view.

    Returns
    -------
    array
        Of shape (H, W); NaN near what is missing in either.
    """
    rows, columns = a.shape[:2]
    out = np.empty((rows, columns))
    deviation = 0.5 * _EDGE * pixels_per_degree
    contrast = math.ceil(3 * math.sqrt(0.04 / (2 * math.pi**2)) * pixels_per_degree)
    halo = max(contrast, math.ceil(3 * deviation))
    across = edge_index(-halo, columns + halo, columns)

    def work(start: int, stop: int) -> None:
        down = edge_index(start - halo, stop + halo, rows)
        views = [_see(image, down, across, contrast, halo, pixels_per_degree) for image in (a, b)]
        color = np.abs(views[0][0][0] - views[1][0][0])
        color += np.hypot(views[0][0][1] - views[1][0][1], views[0][0][2] - views[1][0][2])
        found = _spread(color**_QC)
        features = [
            np.abs(one - other) for one, other in zip(views[0][1], views[1][1], strict=True)
        ]
        feature = (np.maximum(*features) / math.sqrt(2)) ** _QF
        out[start:stop] = found ** (1 - feature)

    for_bands(rows, columns, halo, work)
    return out


def _see(
    image: Array, down: Array, across: Array, contrast: int, halo: int, pixels_per_degree: float
) -> tuple[Array, list[Array]]:
    """Return a band in colors that are even to the eye, and how much of edges and points is there.

    ``contrast``: samples around one that the filters of contrast have, of the ``halo`` around all.
    """
    part = np.asarray(image[np.ix_(down, across)], np.float64)
    if part.ndim == 2:
        part = part[..., None]
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    red, green, blue = np.moveaxis(np.broadcast_to(linear, (*part.shape[:2], 3)), 2, 0)
    x, y, z = (row[0] * red + row[1] * green + row[2] * blue for row in _TO_WHITE)
    less = halo - contrast
    inner = (slice(less, len(down) - less), slice(less, len(across) - less))
    opponents = [y[inner], (x - y)[inner], (y - z)[inner]]
    y, xy, yz = (
        _blur(one, gaussians, contrast, pixels_per_degree)
        for one, gaussians in zip(opponents, _CONTRAST, strict=True)
    )
    x, z = xy + y, y - yz
    limited = [np.clip(row[0] * x + row[1] * y + row[2] * z, 0, 1) for row in _FROM_WHITE]
    luminance = np.asarray(_TO_WHITE[1, 0] * red + _TO_WHITE[1, 1] * green + _TO_WHITE[1, 2] * blue)
    return _even(*limited), _features(luminance, halo, pixels_per_degree)


def _blur(
    image: Array, gaussians: tuple[tuple[float, float], ...], radius: int, pixels_per_degree: float
) -> Array:
    """Return an image as the eye's contrast lets it through."""
    at = np.arange(-radius, radius + 1) / pixels_per_degree
    whole, total = np.zeros(()), 0.0
    for weight, width in gaussians:
        if weight:
            taps = np.exp(-(math.pi**2) * at**2 / width)
            height = weight * math.sqrt(math.pi / width)
            total += height * taps.sum() ** 2
            whole = whole + height * correlate(image, taps, taps)
    return np.asarray(whole / total)


def _even(red: Array, green: Array, blue: Array) -> Array:
    """Return linear RGB as L*, a*, b*, whose chroma is less where it is dark (Hunt's effect)."""
    x, y, z = (
        np.where(t > _KNEE**3, np.cbrt(t), t / (3 * _KNEE**2) + 4 / 29)
        for t in (row[0] * red + row[1] * green + row[2] * blue for row in _TO_WHITE)
    )
    light = 116 * y - 16
    return np.stack([light, 0.01 * light * 500 * (x - y), 0.01 * light * 200 * (y - z)])


def _features(luminance: Array, halo: int, pixels_per_degree: float) -> list[Array]:
    """Return how strong edges and points are. ``luminance``: Y with ``halo`` samples around."""
    deviation = 0.5 * _EDGE * pixels_per_degree
    radius = math.ceil(3 * deviation)
    at = np.arange(-radius, radius + 1)
    even = np.exp(-(at**2) / (2 * deviation**2))
    less = halo - radius
    part = luminance[less : len(luminance) - less, less : luminance.shape[1] - less]
    found = []
    for taps in (-at * even, (at**2 / deviation**2 - 1) * even):
        taps = np.where(taps < 0, taps / -taps[taps < 0].sum(), taps / taps[taps > 0].sum())
        across, along = correlate(part, taps, even), correlate(part, even, taps)
        found.append(np.hypot(across, along) / even.sum())
    return found


def _largest() -> float:
    """Return the error between the two colors that lie furthest from one another."""
    green, blue = (_even(*np.array(color)) for color in ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
    return math.pow(abs(green[0] - blue[0]) + math.hypot(*(green - blue)[1:]), _QC)


_MOST = _largest()


def _spread(error: Array) -> Array:
    """Return errors as 0 to 1, the smaller ones of which have the most room."""
    knee = _PC * _MOST
    above = _PT + (error - knee) / (_MOST - knee) * (1 - _PT)
    return np.where(error < knee, _PT / knee * error, above)
