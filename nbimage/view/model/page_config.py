"""The page's configuration: images, samples, display settings and palettes as JSON.

Its types are in the page's ``types.js``. Not here: the state that changes (`view_state`).
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.metadata import split_unit
from nbimage.base.chunked import Array
from nbimage.base.user_warnings import warn
from nbimage.figure.hidden_values import Tail
from nbimage.figure.page_coordinate import PageCoordinate
from nbimage.mapping.colormap import Palette, as_palette, gray_palette, label_palette
from nbimage.mapping.index_colors import index_palette
from nbimage.pyramid.core.units import LENGTHS, short_unit
from nbimage.view.model.display_settings import (
    CUSTOM_PALETTE,
    LABELS,
    check_finite,
    first_display,
    has_limits,
    resolve_displays,
)
from nbimage.view.model.images import Image
from nbimage.view.model.page_coordinates import find_placement
from nbimage.view.model.pane_layout import PaneLayout
from nbimage.view.model.samples import Samples, as_samples
from nbimage.view.model.stack import on_host
from nbimage.view.model.view_state import FirstState, shared_kinds
from nbimage.view.model.world.page_world import encode_world

MAX_PAGE_BYTES = 100_000_000  # of samples, compressed
_BINS = 256
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
Config = dict[str, Any]


def page_config(
    images: Sequence[Image],
    groups: Sequence[Sequence[int]],
    layout: PaneLayout,
    first: FirstState,
    *,
    cmap: Any,
    exact: bool,
    labels: bool | None = None,
    wcs: Any = None,
    max_bytes: int = MAX_PAGE_BYTES,
) -> Config:
    """Return a page's configuration, but for its size and texts.

    Parameters
    ----------
    images : sequence of Image
        With their limits.
    groups : sequence of sequence of int
        Which images share display settings.
    layout : PaneLayout
        How panes are laid out.
    first : FirstState
        What is seen first.
    cmap : colormap
        Of all gray images.
    exact : bool
        Keep every digit of float64.
    labels : bool, optional
        Labels have a color each at first; by default they can be given them on the page.
    wcs : object, optional
        The coordinates that were asked for, rather than found.
    max_bytes : int
        The limit of all samples in the page, compressed.

    Raises
    ------
    ValueError
        For more than a page should hold, and for values beyond float64.
    """
    colors = None
    if any(image.labels for image in images):
        colors = label_palette(cmap if labels else None)
    configs, displays = _image_configs(images, groups, exact, max_bytes)
    for image, own in zip(images, configs, strict=True):
        own["world"] = encode_world(image.world, image.stack, given=wcs is not None)
        own["labels"] = 0 if colors is None or not image.labels else len(colors) - 1
    for other in configs[1:]:
        other["position"] = find_placement(other, configs[0])
    gray = any(image.kind == "gray" for image in images)
    blended = gray and not labels
    chosen, palettes = choose_palettes(
        _unblended(cmap, images) if blended else None, gray or len(images) > 1
    )
    if colors is not None:
        chosen, palettes = LABELS if labels else chosen, palettes | _encode_labels(colors)
    displays = [{**display, "cmap": chosen} for display in displays]
    bases = [int(config["base"]) for config in configs]
    resolved = resolve_displays(
        first.displays, first.invert, displays, bases[: len(displays)], palettes
    )
    for group, display in zip(groups, resolved, strict=True):
        for i in group:
            untouched = not labels and has_limits(display, images[i].limits, bases[i])
            configs[i]["tail"] = _describe_tail(images[i].tail if untouched else None, bases[i])
    stack = images[0].stack
    named = zip(stack.names, stack.sizes, strict=True)
    return {
        "images": configs,
        "axes": [
            {"name": name, "size": size, "labels": stack.labels(number)}
            for number, (name, size) in enumerate(named)
        ],
        "kinds": [] if layout.kind == "ortho" else shared_kinds(images),
        "order": stack.order,
        "layout": layout.kind,
        "facet": layout.facet,
        "columns": layout.columns,
        "spacing": layout.spacing,
        "palettes": palettes,
        "state": {**first.page, "displays": resolved},
    }


def _image_configs(
    images: Sequence[Image], groups: Sequence[Sequence[int]], exact: bool, max_bytes: int
) -> tuple[list[Config], list[Config]]:
    """Return the images with their samples, and the display settings of each group of images."""
    configs: list[Config] = []
    large: list[bool] = []
    size, done, count = 0, 0, sum(image.stack.count for image in images)
    for image in images:
        tiles = image.stack.tiles
        if tiles is not None:
            large.append(image.stack.dtype.itemsize == 8)
            image.stack.forget_samples()
            configs.append(_describe(image) | {"planes": [], "exact": True, "tiles": tiles})
            continue
        planes: list[dict[str, Any]] = []
        dtypes: set[str] = set()
        exactly = True
        for samples in _encode_planes(image, exact):
            size, done = size + samples.size, done + 1
            if size > max_bytes:
                raise ValueError(
                    f"data must take at most {max_bytes / 1e6:.0f} MB in the page, but take about "
                    f"{size * count / done / 1e6:.0f}: show a part of them, or fewer planes"
                )
            planes.append(samples.stored)
            dtypes.add(samples.dtype)
            exactly = exactly and samples.exact
        large.append(bool(dtypes & {"int64", "uint64"}))
        configs.append(_describe(image) | {"planes": planes, "exact": exactly})
    displays = []
    _warn_rounded(images)
    for group in groups:
        members = [images[i] for i in group]
        base = _find_base(members, any(large[i] for i in group))
        first = first_display(members[0].limits, len(members[0].channel_colors), base)
        blended = members[0].channel_colors if members[0].kind == "composite" else ()
        colors = [list(one.color) for one in blended]
        displays.append({**first, "on": members[0].on, "colors": colors})
        for i in group:
            opaque = images[i].opaque
            configs[i] |= {
                "base": str(base),
                "extent": _shifted_extents(images[i], base),
                "alpha": None if opaque is None else [float(-base), float(opaque - base)],
            }
    return configs, displays


def _describe(image: Image) -> Config:
    """Return what does not depend on the samples; placed like the first image."""
    stack, dtype = image.stack, image.stack.stored
    x, y = (_shorten_unit(known) for known in stack.page_coordinates())
    return {
        "name": image.name,
        "source": image.source,
        "kind": image.kind,
        "rows": stack.rows,
        "columns": stack.columns,
        "channels": stack.channels,
        "full": float(np.iinfo(dtype).max) if dtype.kind in "iu" else 1.0,
        "lower": stack.upward,
        "colors": [{"name": one.name, "color": list(one.color)} for one in image.channel_colors],
        "noise": [float(noise) for noise in image.noise],
        "label": stack.label,
        "unit": split_unit(stack.label)[1],
        "names": _name_labels(image),
        "x": x,
        "y": y,
        "position": {"x": 0.0, "y": 0.0, "sx": 1.0, "sy": 1.0},
    }


def _describe_tail(tail: Tail | None, base: int) -> Config | None:
    """Return what the limits hide in words, and ways out: a name, Python, limits or a norm."""
    if tail is None:
        return None
    limits = [float(x - base) for x in tail.contrast]
    ways: list[list[Any]] = [["1\N{EN DASH}99 %", "contrast=(1, 99)", limits]]
    if tail.above and not base:  # where one is off, 0 is elsewhere
        ways.append(["asinh", 'norm="asinh"', None])
    if tail.zscale and not base:
        ways.append(["zscale", 'contrast="zscale"', list(tail.zscale)])
    return {"text": tail.text, "ways": ways}


def _shorten_unit(known: PageCoordinate | None) -> PageCoordinate | None:
    """Return an axis' coordinate with a length's unit as its symbol: "micrometer" as "µm"."""
    unit = short_unit(known["unit"]) if known else ""
    return {**known, "unit": unit} if known and unit in LENGTHS else known


def _encode_planes(image: Image, exact: bool) -> Iterator[Samples]:
    """Yield each plane's samples, of rows from the top as they are shown."""
    stack = image.stack
    rows = slice(None, None, -1) if stack.upward else slice(None)
    for plane in stack.planes():
        array, mask = on_host(plane, stack.channel_axis)
        array, mask = array[rows], None if mask is None else mask[rows]
        if mask is not None and mask.ndim == 3:
            if image.kind == "composite":
                yield _encode_masked_channels(array, mask, exact)
                continue
            mask = np.asarray(mask.any(axis=2))
        yield as_samples(array, mask, exact=exact, page=True)


def _encode_masked_channels(array: Array, mask: Array, exact: bool) -> Samples:
    """Return the samples of channels each of which is NaN where it is masked itself."""
    whole, size = array.dtype.kind in "biu", array.dtype.itemsize
    wide = array.astype(array.dtype if not whole else np.float32 if size <= 2 else np.float64)
    rounded = whole and size == 8 and bool((np.abs(wide) >= _EXACT).any())
    wide[mask] = np.nan
    sample = as_samples(wide, exact=exact or whole, page=True)
    return replace(sample, exact=sample.exact and not rounded)


def _warn_rounded(images: Sequence[Image]) -> None:
    """Say that a browser tells long doubles apart less well than they differ."""
    for image in images:
        if image.stack.dtype != np.longdouble or np.dtype(np.longdouble).itemsize == 8:
            continue
        for low, high in ((extent.low, extent.high) for extent in image.extents):
            if low is None or high is None or low == high:
                continue
            if high / 2 - low / 2 < _BINS * np.finfo(np.float64).eps * max(abs(low), abs(high)) / 2:
                warn(
                    f"{image.stack.dtype} values differ by {high - low:.3g} at most, of which the "
                    "explorer shows less than 256 steps, as float64: nbimage shows them all"
                )
                return


def _find_base(images: Sequence[Image], large: bool) -> int:
    """Return what a browser takes off whole numbers that its own do not hold, before it bins."""
    whole = all(image.stack.dtype.kind in "iu" for image in images)
    norms = [limits.norm for image in images for limits in image.limits]
    linear = all(norm.linear or norm.edges is not None for norm in norms)
    least = [e.low for image in images for e in image.extents if e.low is not None]
    return int(min(least)) if large and whole and linear and least else 0


def _shifted_extents(image: Image, base: int) -> list[list[float]]:
    found = []
    for extent in image.extents:
        least, most = extent.low, extent.high
        if least is None or most is None:
            least, most = base, base + 1
        found.append([float(least - base), float(most - base)])
        check_finite(*found[-1])
    return found


def _unblended(cmap: Any, images: Sequence[Image]) -> Any:
    """Return a list's own colors where values are indices of them, else the colormap itself."""
    limits = images[0].limits
    if cmap is None or not limits:
        return cmap
    palette = as_palette(cmap)
    own = index_palette(palette, limits[0].vmin[0], limits[0].vmax[0], limits[0].norm)
    return cmap if own is palette else own


def choose_palettes(cmap: Any, choice: bool) -> tuple[str, dict[str, str]]:
    """Return the name of a colormap, and the palettes of a page.

    ``choice``: those that can be chosen instead of it too.
    """
    chosen = gray_palette() if cmap is None else as_palette(cmap)
    name = chosen.name if cmap is None or isinstance(cmap, str) else CUSTOM_PALETTE
    named = _named_palettes() if choice else {}
    return name, {name: ""} | named | {name: _encode_palette(chosen)}


@functools.cache
def _named_palettes() -> dict[str, str]:
    return {"gray": _encode_palette(gray_palette())} | {
        name: _encode_palette(as_palette(name)) for name in _MAPS
    }


def _encode_palette(palette: Palette) -> str:
    """Return 256 colors as base64, with alpha where some are not opaque."""
    array = palette.array if (palette.array[:, 3] < 255).any() else palette.array[:, :3]
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")


def _encode_labels(colors: Array) -> dict[str, str]:
    """Return the palette of labels, as long as any."""
    table = np.zeros((256, 4), np.uint8)
    table[: len(colors)] = colors
    return {LABELS: base64.b64encode(table.tobytes()).decode("ascii")}


def _name_labels(image: Image) -> dict[str, str]:
    if image.stack.stored == np.bool_:
        return {"0": "False", "1": "True"}
    table, given = image.stack.metadata.label_table, image.names or {}
    names = {**({} if table is None else table.names), **given}
    return {str(label): name for label, name in names.items()}
