"""`View.compare`: what is between two images of a view, as arrays and numbers.

Here two images come onto the same samples. Not here: the arithmetic (`nbimage.metrics`), what the
page shows of it (``js/view/compare``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.scalars import number_or_nan
from nbimage.metrics.differences import difference_map, mean_of_finite, summarize_difference
from nbimage.metrics.flip import PIXELS_PER_DEGREE, flip_error
from nbimage.metrics.registration import sample_like
from nbimage.metrics.structural_similarity import mean_similarity, structural_similarity
from nbimage.view.live.live_properties import LiveProperties
from nbimage.view.model.images import Image
from nbimage.view.model.stack import on_host
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_state import resolve_state
from nbimage.view.project.projections import Along, along_axes

METRICS = ("difference", "absolute", "relative", "ssim", "flip", "psnr", "rmse", "mae")
_MAPPED = METRICS[:5]
_FULL = 255.0, 65535.0
_MOST = 1 << 24  # samples of a plane that are read unless a level is asked for


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What is between two images.

    Attributes
    ----------
    metric : str
    images : (str, str)
        Their names.
    value : float
        The mean of what is finite in ``map``, of "ssim" without 5 samples at each edge; of
        "psnr", "rmse" and "mae" the number itself.
    map : array or None
        Of the shape of the first image, rows as in the array; NaN where nothing is known. Of a
        composite the channels that are on. Of "ssim" and "flip" (H, W), means of channels.
    numbers : dict
        Of the difference: max (magnitude), mean, mae, mse, rmse, psnr (dB), its peak, how many
        values, and, if there are some, unmatched: how many are missing or infinite in one image
        alone, or in a relative difference.
    level : int
        0: of all samples; else of the means of 2**level by 2**level.

    Examples
    --------
    >>> a = np.add.outer(np.arange(32.0), np.arange(32.0))
    >>> found = nbimage.View({"a": a, "b": a + 1}).compare("absolute")
    >>> found.metric, found.images, found.value, found.map.shape, found.level
    ('absolute', ('a', 'b'), 1.0, (32, 32), 0)
    >>> found.numbers["mse"], round(found.numbers["psnr"], 2)
    (1.0, 35.85)
    """

    metric: str
    images: tuple[str, str]
    value: float
    map: Array | None = field(repr=False)
    numbers: dict[str, float]
    level: int = 0


class ComparedView(LiveProperties):
    """What compares the images of a view. `View` is one."""

    @door
    def compare(
        self,
        metric: str = "difference",
        pair: Sequence[str | int] | None = None,
        *,
        index: dict[str | int, int] | None = None,
        level: int | None = None,
        data_range: float | tuple[float, float] | None = None,
        pixels_per_degree: float = PIXELS_PER_DEGREE,
    ) -> Comparison:
        """Return what is between two of the images, as the page shows it.

        Parameters
        ----------
        metric : str
            "difference": a - b; "absolute": its magnitude; "relative": its share of the magnitude
            of b, 0 where both are 0 and infinite where b alone is;
            "ssim": structural similarity in a Gaussian window of 11 by 11 samples, sigma 1.5;
            "flip": LDR-FLIP of Andersson et al. (2020), of colors or grays; "psnr" in dB, "rmse",
            "mae".
        pair : two names or numbers, optional
            The images; by default those that are compared on the page. The second one is read at
            the nearest samples to the first one's.
        index : dict, optional
            ``{axis: index}`` along further axes; by default what is seen.
        level : int, optional
            Of an image of tiles: 0 has every sample, each next one a quarter. By default the finest
            of at most 2**24 samples.
        data_range : float or (low, high), optional
            The range of "ssim" and "psnr", by default 255 of uint8, 65535 of uint16, else from the
            least to the largest value of the first image; from low to high is black to white for
            "flip", where floats within 0 to 1 are so by default.
        pixels_per_degree : float
            Of "flip": pixels in a degree of the field of view.

        Returns
        -------
        Comparison
            With ``value``, one number, ``map``, the samples of it, and ``numbers`` of the
            difference.

        Raises
        ------
        ValueError, TypeError
            For a view of one image, for images of other numbers of channels, for a parameter out
            of its range, and where a range of values must be given but is not.

        Examples
        --------
        >>> a = np.random.default_rng(0).random((32, 32))
        >>> view = nbimage.View({"sharp": a, "blurred": (a + np.roll(a, 1, 0)) / 2})
        >>> round(view.compare("ssim", data_range=1).value, 3)
        0.634
        >>> round(view.compare("psnr", pair=("blurred", "sharp"), data_range=1).value, 2)
        13.71
        """
        if not isinstance(metric, str) or metric not in METRICS:
            raise ValueError(f"metric must be one of {', '.join(METRICS)}, but got {metric!r}")
        model = self.model
        if len(model.images) < 2:
            raise ValueError(
                "a view of one image has nothing to compare: View({'a': a, 'b': b}) has two"
            )
        asked: dict[str, Any] = {} if pair is None else {"pair": pair}
        if index is not None:
            asked["index"] = index
        first, state = resolve_state(asked, model.images), model.state
        numbers = first.page["pair"] if pair is not None else state["pair"]
        along = along_axes(state["index"], state["projections"]) if index is None else first.index
        ppd = number_or_nan(pixels_per_degree)
        if not 1 <= ppd <= 1000:
            raise ValueError(
                f"pixels_per_degree must be from 1 to 1000, but got {pixels_per_degree!r}"
            )
        images = [model.images[i] for i in numbers]
        peak, ends = _find_ranges(images, data_range)
        wide = {"ssim": peak, "psnr": peak, "flip": ends[1] - ends[0]}.get(metric, 1)
        if not 0 < wide < math.inf:
            raise ValueError(
                f"data_range must be given for {metric} of images of one value, such as 1, but got "
                f"{data_range!r}"
            )
        levels = _find_levels(images, level)
        a, b = self._register(numbers, along, levels)
        less = difference_map(a, b, metric if metric == "relative" else "difference")
        described = summarize_difference(less, a, b, 0 if metric == "relative" else peak)
        found: Array | None = None
        if metric in _MAPPED[:3]:
            found = np.abs(less, out=less) if metric == "absolute" else less
            value = mean_of_finite(found)
        elif metric in _MAPPED:
            found = _perceived(metric, a, b, peak, ends, ppd, images[0].kind)
            value = mean_similarity(found) if metric == "ssim" else mean_of_finite(found)
        else:
            value = described[metric]
        if found is not None:
            found = found[..., 0] if found.ndim == 3 and found.shape[2] == 1 else found
            found = found[::-1] if images[0].stack.upward else found
        names = images[0].name, images[1].name
        return Comparison(metric, names, value, found, described, levels[0])

    def _register(
        self, pair: Sequence[int], index: Sequence[Along], levels: Sequence[int]
    ) -> tuple[Array, Array]:
        """Return samples (H, W, C) of two images, the second one's where the first one's are."""
        images = [self.model.images[i] for i in pair]
        counts = [_count_solid(image) for image in images]
        if len(set(counts) - {1}) > 1:
            raise ValueError(
                f"images that are compared must have as many channels, or one, but got {counts[0]} "
                f"and {counts[1]}"
            )
        richer = pair[0 if counts[0] > 1 else 1]
        parts, placements = [], []
        for number, image, level, count in zip(pair, images, levels, counts, strict=True):
            part = _read(image, index, level)
            part = part[..., None] if part.ndim == 2 else part[..., :count]
            if image.kind == "composite" and count > 1:
                part = part[..., np.array(self.model.display(richer)["on"], bool)]
            parts.append(part)
            own = self.model.config["images"][number]["position"]
            placements.append({**own, "sx": own["sx"] * 2**level, "sy": own["sy"] * 2**level})
        a, b = parts
        if not a.shape[2] or not b.shape[2]:
            raise ValueError("no channel is on: set on in state['displays']")
        b = sample_like(b, placements[1], a.shape, placements[0])
        shape = np.broadcast_shapes(a.shape, b.shape)
        return np.broadcast_to(a, shape), np.broadcast_to(b, shape)


def _count_solid(image: Image) -> int:
    """Return how many channels an image has without alpha."""
    return {"gray": 1, "color": 3}.get(image.kind, len(image.channel_colors))


def _read(image: Image, index: Sequence[Along], level: int) -> Array:
    """Return the samples of a plane, rows from the top as they are shown, NaN where missing."""
    stack = image.stack
    if isinstance(stack, TiledStack):
        rows, columns = stack.level_shape(level)
        array = stack.read(level, Box(0, rows, 0, columns), index)
    else:
        array, mask = on_host(stack.plane(index), stack.channel_axis)
        if mask is not None:
            array = array.astype(np.result_type(array, np.float32 if array.itemsize < 4 else 0.0))
            array[mask] = np.nan
        array = array[::-1] if stack.upward else array
    return array.view(np.uint8) if array.dtype.kind == "b" else np.asarray(array)


def _find_levels(images: Sequence[Image], level: int | None) -> tuple[int, int]:
    """Return the level of each image: of the second one that whose samples are as large."""
    coarsest = [
        image.stack.coarsest if isinstance(image.stack, TiledStack) else 0 for image in images
    ]
    if level is None:
        samples = images[0].stack.rows * images[0].stack.columns
        level = min(coarsest[0], max(0, math.ceil(math.log2(samples / _MOST) / 2)))
    elif (
        not hasattr(level, "__index__") or isinstance(level, bool) or not 0 <= level <= coarsest[0]
    ):
        raise ValueError(f"level must be from 0 to {coarsest[0]}, but got {level!r}")
    wide = images[1].stack.columns / images[0].stack.columns
    other = round(level + math.log2(wide))
    return int(level), min(max(other, 0), coarsest[1])


def _find_ranges(images: Sequence[Image], data_range: Any) -> tuple[float, tuple[float, float]]:
    """Return the range of values, and what black and white are."""
    if data_range is not None:
        given = data_range if isinstance(data_range, (tuple, list)) else (0, data_range)
        numbers = [number_or_nan(end) for end in given]
        if len(numbers) != 2 or not 0 < numbers[1] - numbers[0] < math.inf:
            raise ValueError(f"data_range must be above 0, or (low, high), but got {data_range!r}")
        return numbers[1] - numbers[0], (numbers[0], numbers[1])
    dtype = images[0].stack.stored
    full = float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0
    if full in _FULL:
        return full, (0.0, full)
    spans = [
        [end for known in image.extents for end in (known.low, known.high) if end is not None]
        for image in images
    ]
    low, high = (float(min(spans[0])), float(max(spans[0]))) if spans[0] else (0.0, 1.0)
    every = [end for span in spans for end in span]
    unit = dtype.kind in "fb" and all(0 <= end <= 1 for end in every)
    return high - low, (0.0, 1.0) if unit else (low, high)


def _perceived(
    metric: str,
    a: Array,
    b: Array,
    peak: float,
    ends: tuple[float, float],
    pixels_per_degree: float,
    kind: str,
) -> Array:
    """Return the map of SSIM or FLIP (H, W)."""
    count = a.shape[2]
    if metric == "ssim":
        maps = [structural_similarity(a[..., c], b[..., c], peak) for c in range(count)]
        return np.asarray(np.mean(maps, axis=0))
    low, high = ends
    one, other = (np.clip((x.astype(np.float64) - low) / (high - low), 0, 1) for x in (a, b))
    if count == 3 and kind != "composite":
        return flip_error(one, other, pixels_per_degree)
    maps = [flip_error(one[..., c], other[..., c], pixels_per_degree) for c in range(count)]
    return np.asarray(np.mean(maps, axis=0))
