"""What a page is told: samples, looks and palettes as JSON, as `page/js/view/types.js` has it."""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import numpy as np

from nbimage.base.chunked import Array
from nbimage.mapping.colormap import Palette, as_palette, gray_palette
from nbimage.mapping.limits import Limits
from nbimage.view.model.images import Image
from nbimage.view.model.page_coordinates import picture_places
from nbimage.view.model.samples import Samples, as_samples
from nbimage.view.model.stack import Stack, on_host, split_unit
from nbimage.view.model.tiled_image import LargeStack, tiles_config

MOST = 100_000_000  # bytes of samples
NAME = 20.0  # CSS pixels of what is written above each of several panes
_EXACT = 2**53  # from which on float64 does not hold every whole number
_MAPS = (
    "viridis",
    "magma",
    "inferno",
    "plasma",
    "cividis",
    "turbo",
    "coolwarm",
    "RdBu",
    "hot",
    "twilight",
    "cubehelix",
)
OWN = "given"  # the name of colors that the caller made, which nobody else knows
Config = dict[str, Any]


def image_configs(images: Sequence[Image], groups: Sequence[Sequence[int]], exact: bool) -> Config:
    """Return the images with their samples, and the looks of the groups that share one.

    Raises ValueError for more than a page should hold, and for values beyond float64.
    """
    configs: list[Config] = []
    large: list[bool] = []
    weight, done, count = 0, 0, sum(image.stack.count for image in images)
    for image in images:
        planes: list[dict[str, str]] = []
        dtypes: set[str] = set()
        held = True
        if isinstance(image.stack, LargeStack):
            large.append(image.stack.pyramid.dtype.itemsize == 8)
            configs.append(_described(image) | {"planes": [], "exact": True})
            configs[-1]["tiles"] = tiles_config(image.stack)
            continue
        for sample in _samples(image, exact):
            weight, done = weight + len(sample.png), done + 1
            if weight > MOST:
                raise ValueError(
                    f"data must take at most {MOST / 1e6:.0f} MB in the page, but take about "
                    f"{weight * count / done / 1e6:.0f}: show a part of them, or fewer planes"
                )
            planes.append(sample.stored)
            dtypes.add(sample.dtype)
            held = held and sample.exact
        large.append(bool(dtypes & {"int64", "uint64"}))
        configs.append(_described(image) | {"planes": planes, "exact": held})
    looks = []
    for group in groups:
        own = [images[i] for i in group]
        base = _base(own, any(large[i] for i in group))
        looks.append(_look(own[0], base))
        for i in group:
            configs[i] |= {"base": str(base), "extent": _extents(images[i], base)}
    return {"images": configs, "looks": looks}


def _described(image: Image) -> Config:
    """Return what does not depend on the samples; place is that of the first image."""
    stack, metadata = image.stack, image.stack.values.metadata
    dtype = np.dtype(stack.values.array.dtype)
    if isinstance(stack, LargeStack):
        x, y = stack.places()
    else:
        x, y = picture_places(stack, image.lower)
    return {
        "name": image.name,
        "source": image.source,
        "kind": image.kind,
        "rows": stack.rows,
        "columns": stack.columns,
        "channels": stack.channels,
        "full": float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0,
        "lower": image.lower,
        "parts": [{"name": part.name, "color": list(part.color)} for part in image.parts],
        "label": metadata.label,
        "unit": split_unit(metadata.label)[1],
        "x": x,
        "y": y,
        "place": {"x": 0.0, "y": 0.0, "sx": 1.0, "sy": 1.0},
    }


def _samples(image: Image, exact: bool) -> Iterator[Samples]:
    """Yield each plane's samples, of rows from the top as they are shown."""
    stack = cast(Stack, image.stack)
    rows = slice(None, None, -1) if image.lower else slice(None)
    for plane in stack.planes():
        array, mask = on_host(plane, stack.axis)
        array, mask = array[rows], None if mask is None else mask[rows]
        if mask is not None and mask.ndim == 3:
            if image.kind == "composite":
                yield _masked_apart(array, mask, exact)
                continue
            mask = np.asarray(mask.any(axis=2))
        yield as_samples(array, mask, exact=exact)


def _masked_apart(array: Array, mask: Array, exact: bool) -> Samples:
    """Return the samples of channels each of which is NaN where it is masked itself."""
    whole, size = array.dtype.kind in "biu", array.dtype.itemsize
    wide = array.astype(array.dtype if not whole else np.float32 if size <= 2 else np.float64)
    rounded = whole and size == 8 and bool((np.abs(wide) >= _EXACT).any())
    wide[mask] = np.nan
    sample = as_samples(wide, exact=exact or whole)
    return replace(sample, exact=sample.exact and not rounded)


def _base(images: Sequence[Image], large: bool) -> int:
    """Return what a browser takes off whole numbers that its own do not hold, before it bins."""
    whole = all(image.stack.values.array.dtype.kind in "iu" for image in images)
    linear = all(limits.norm.linear for image in images for limits in image.limits)
    least = [e.low for image in images for e in image.extents if e.low is not None]
    return int(min(least)) if large and whole and linear and least else 0


def _look(image: Image, base: int) -> Config:
    ends = [_ends(limits, base) for limits in image.limits]
    first = image.limits[0]
    return {
        "vmin": [x for low, _ in ends for x in low],
        "vmax": [x for _, high in ends for x in high],
        "on": [True for _ in image.parts],
        "norm": first.norm.name,
        "parameter": first.norm.parameter,
        "vsym": first.vsym,
    }


def _ends(limits: Limits, base: int) -> tuple[list[float], list[float]]:
    if limits.unchanged:  # bins of one value each
        return [0.0 - base], [256.0 - base]
    low, high = ([float(x - base) for x in limit] for limit in (limits.vmin, limits.vmax))
    _check_finite(*low, *high)
    return low, high


def _extents(image: Image, base: int) -> list[list[float]]:
    found = []
    for extent in image.extents:
        least, most = extent.low, extent.high
        if least is None or most is None:
            least, most = base, base + 1
        found.append([float(least - base), float(most - base)])
        _check_finite(*found[-1])
    return found


def _check_finite(*numbers: float) -> None:
    if not np.isfinite(numbers).all():
        raise ValueError(
            f"data must lie within the range of float64, but go from {min(numbers)} to "
            f"{max(numbers)}"
        )


def palettes(cmap: Any, choice: bool) -> tuple[str, dict[str, str]]:
    """Return the name of a colormap, and the palettes of a page.

    ``choice``: those that can be chosen instead of it too.
    """
    chosen = gray_palette() if cmap is None else as_palette(cmap)
    name = chosen.name if cmap is None or isinstance(cmap, str) else OWN
    known = _known() if choice else {}
    return name, {name: ""} | known | {name: _text(chosen)}


@functools.cache
def _known() -> dict[str, str]:
    return {"gray": _text(gray_palette())} | {name: _text(as_palette(name)) for name in _MAPS}


def _text(palette: Palette) -> str:
    """Return 256 colors as base64, with alpha where some are not opaque."""
    array = palette.array if (palette.array[:, 3] < 255).any() else palette.array[:, :3]
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


# Sizes

_LEAST = 300  # CSS pixels of a pane's width, if the page has them


def stage(
    cell: tuple[float, float],
    count: int,
    columns: int,
    given: tuple[float | None, float | None],
    most: tuple[float, float],
) -> tuple[float, float]:
    """Return the stage's width and height in CSS pixels.

    Parameters
    ----------
    cell : (width, height)
        What one pane would like.
    count, columns : int
        How many panes there are, and in how many columns; 0: as many as look well.
    given : (width, height)
        What the caller asked for: believed.
    most : (width, height)
        The largest by default.
    """
    columns = min(columns or _columns(cell, count), count)
    rows = math.ceil(count / columns)
    aspect = cell[1] / cell[0] * rows / columns
    names = NAME * rows if count > 1 else 0.0
    width, height = given
    if width is None and height is not None:
        width = min(max((height - names) / aspect, 160.0), 1200.0)
    if width is None:
        times = max(1, math.ceil(_LEAST / cell[0]))  # whole: squares all of one size
        width = min(cell[0] * times * columns, most[0])
    if height is None:
        tallest = most[1] if given[0] is None else max(most[1], width)
        height = min(max(width * aspect + names, 120.0), tallest)
    return float(width), float(height)


def _columns(cell: tuple[float, float], count: int) -> int:
    """Return the number of columns whose whole is nearest to 4:3."""

    def off(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log(cell[0] * columns / (cell[1] * rows) * 3 / 4))

    if count <= 3 and cell[0] < 2 * cell[1]:  # two or three stand side by side
        return count
    return min(range(1, count + 1), key=off)
