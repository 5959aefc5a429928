"""Exports: a view as files that need no kernel, a folder of tiles with its page, or one page.

The folder opens from a disk and from any web server: its page asks for nothing but pictures, by
``<img>``, or for values, by ``<script>``, which browsers allow there too. Not here: pyramids
without a page (`nbimage.write_dzi`).
"""

from __future__ import annotations

import itertools
import json
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.ingest import Values
from nbimage.base.chunked import Array
from nbimage.base.progress import progress_bar
from nbimage.codecs.pictures import check_options
from nbimage.mapping.channels.composite import ChannelColor
from nbimage.mapping.channels.layers import composite
from nbimage.mapping.colormap import label_index
from nbimage.mapping.limits import Extent, Limits
from nbimage.page.html import document_html
from nbimage.page.view_html import FOLDER, view_html
from nbimage.pyramid.core.downsample import choose_halving, halve_labels
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.source import split_missing
from nbimage.pyramid.layouts.descriptors import make_deep_zoom
from nbimage.pyramid.levels.super_tiles import Reduce, Write, build_levels, halve_pixels
from nbimage.pyramid.writers.tile_encoder import DEFAULT_QUALITY, TileCodec
from nbimage.pyramid.writers.value_mapping import ValueMapping
from nbimage.view.model.display_settings import display_palette, limits_scale
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.samples import as_samples
from nbimage.view.model.tiled_image import TiledStack
from nbimage.view.model.view_model import ViewModel
from nbimage.view.model.view_state import PICTURED_MODES
from nbimage.view.serve.export_target import (
    atomic_folder,
    format_size,
    resolve_export_target,
    write_bytes,
    write_page,
)
from nbimage.view.serve.http_server import make_page

MAX_BYTES = 1 << 34  # of samples, or of pixels
_TILE, _OVERLAP = 254, 1  # of pictures, as Deep Zoom images have them
_VALUES, _SMALL_VALUES = 256, 512  # samples a side of tiles of values; of those of one byte


def export_folder(
    model: ViewModel,
    path: Any,
    *,
    raw: bool = False,
    indices: Mapping[str, Any] | None = None,
    format: str | None = None,  # noqa: A002 (the name users know from Pillow and matplotlib)
    quality: float | None = None,
    max_bytes: float = MAX_BYTES,
    progress: bool = True,
) -> Path:
    """Write a folder that shows a view without a kernel. See `nbimage.View.export`."""
    target = resolve_export_target(path)
    if not model.tiled:
        for name, given in (("indices", indices), ("format", format), ("quality", quality)):
            if given is not None:
                words = f"of a view whose values are kept in the page, but got {given!r:.60}"
                raise ValueError(f"{name} must be left out {words}: embed=False has tiles")
        with atomic_folder(target) as folder:
            html = view_html(model.picture.html, model.config, title=model.title)
            write_page(folder, document_html(html, model.title or "View"))
        return target
    if raw and (format is not None or quality is not None):
        raise ValueError("format and quality must be left out with raw: they are of pictures")
    axes = _choose_indices(model, indices)
    writers: list[_Pictures | _Raw] = []
    for number, (image, stack) in enumerate(zip(model.images, model.tiled, strict=True)):
        if raw:
            writers.append(_Raw.of(stack))
        else:
            gray = image.kind == "gray"
            palette = _palette(model.config["palettes"], model.display(number)) if gray else None
            writers.append(_Pictures.of(model, number, palette, format, quality))
    count = len(writers)
    chosen_planes: list[list[tuple[int, ...]]] = [list(itertools.product(*axes))] * count
    labels = [layer for layer in model.layers if isinstance(layer, LabelLayer)]
    writers += [_Raw.of(stack) for stack in model.tile_stacks[count:]]
    chosen_planes += [_label_planes(layer, axes) for layer in labels]
    _check_size(writers, chosen_planes, max_bytes)
    total = sum(
        w.grid.rows * w.grid.columns * len(planes)
        for w, planes in zip(writers, chosen_planes, strict=True)
    )
    with (
        atomic_folder(target) as folder,
        progress_bar("writing", total, progress, "tiles") as watch,
    ):
        for number, (writer, planes) in enumerate(zip(writers, chosen_planes, strict=True)):
            for plane, index in enumerate(planes):
                writer.write(folder / "tiles" / str(number), plane, index, watch)
        write_page(folder, make_page(model, FOLDER, _folder_config(model, axes, writers)))
    return target


def _label_planes(layer: LabelLayer, axes: list[list[int]]) -> list[tuple[int, ...]]:
    """Return the indices of the planes of labels that are written, along their own axes."""
    used = [chosen if step else [0] for chosen, step in zip(axes, layer.steps, strict=True)]
    return [layer.plane_index(index) for index in itertools.product(*used)]


def _label_steps(layer: LabelLayer, axes: list[list[int]]) -> list[int]:
    """Return by how many of these planes a step along each axis leads on."""
    steps, stride = [0] * len(axes), 1
    for axis in range(len(axes) - 1, -1, -1):
        if layer.steps[axis]:
            steps[axis], stride = stride, stride * len(axes[axis])
    return steps


# Tiles


@dataclass(frozen=True, slots=True, eq=False)
class _Raw:
    """Writes an image's values as scripts."""

    stack: TiledStack
    grid: TileGrid
    sample_bytes: int

    @property
    def halve(self) -> Reduce:
        """How samples are made fewer."""
        return choose_halving(self.stack.metadata.labels)

    @classmethod
    def of(cls, stack: TiledStack) -> _Raw:
        size = stack.channels * stack.dtype.itemsize
        side = _SMALL_VALUES if size == 1 else _VALUES
        return cls(stack, TileGrid(stack.rows, stack.columns, side, 0), size)

    def tile_format(self) -> dict[str, Any]:
        """Return what the page needs beside what it knows of any tiles."""
        return {}

    def write(
        self, folder: Path, plane: int, index: Sequence[int], watch: Callable[[int], object]
    ) -> None:
        """Write the tiles of a plane."""
        own = folder / str(plane)

        def write(level: int, column: int, row: int, values: Array) -> None:
            stored = as_samples(values, exact=True).stored
            text = f"document.currentScript.tile={json.dumps(stored)};\n"
            write_bytes(own / str(level) / f"{column}_{row}.js", text.encode("ascii"))

        _build(self, index, write, watch, lambda values: values, self.halve, self.stack.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class _Pictures:
    """Writes an image's planes as Deep Zoom images."""

    stack: TiledStack
    grid: TileGrid
    codec: TileCodec
    pixels: Callable[[Array], Array]
    sample_bytes: int
    labels: bool = False

    @classmethod
    def of(
        cls,
        model: ViewModel,
        number: int,
        palette: Array | None,
        format_: str | None,
        quality: float | None,
    ) -> _Pictures:
        image, stack, limits = model.images[number], model.tiled[number], model.limits(number)
        photo = image.kind == "color" and stack.channels == 3 and stack.dtype == np.uint8
        side = _TILE + 2 * _OVERLAP
        wanted = format_ or ("jpeg" if photo and not image.labels else "png")
        name = check_options(wanted, (side, side), quality, False, None)
        if image.labels and name != "png":
            raise ValueError(
                f'format must be "png" for labels, which others mix at their edges, but got '
                f"{wanted!r}: leave it out"
            )
        quality = DEFAULT_QUALITY.get(name, 0) if quality is None else quality
        grid = TileGrid(stack.rows, stack.columns, _TILE, _OVERLAP)
        if image.kind == "composite":
            codec = TileCodec(name, quality, None, has_missing=True)
            return cls(
                stack, grid, codec, partial(_composite, model.lit_channels(number), limits), 4
            )
        colors = model.label_colors(number) if stack.channels == 1 else None
        if colors is not None:
            codec = TileCodec(name, quality, colors)
            return cls(stack, grid, codec, partial(_number_labels, len(colors) - 1), 1, True)
        mapping = _mapping(limits[0], stack, image.opaque)
        codec = TileCodec(name, quality, palette, has_missing=mapping.has_missing)
        channels = mapping.pixel_channels
        return cls(stack, grid, codec, mapping.to_pixels, channels, image.labels)

    def tile_format(self) -> dict[str, Any]:
        """Return what the page needs beside what it knows of any tiles."""
        return {"format": self.codec.format, "last": self.grid.last}

    def write(
        self, folder: Path, plane: int, index: Sequence[int], watch: Callable[[int], object]
    ) -> None:
        """Write the tiles of a plane."""
        codec, grid, own = self.codec, self.grid, folder / f"{plane}_files"

        def write(level: int, column: int, row: int, pixels: Array) -> None:
            data = codec.encode(pixels, level > 0)
            number = grid.last - level  # Deep Zoom counts from one pixel up
            write_bytes(own / str(number) / f"{column}_{row}.{codec.format}", data)

        half = partial(halve_pixels, rounded=codec.has_missing)
        reduce = halve_labels if self.labels else half
        _build(self, index, write, watch, self.pixels, reduce, np.uint8)
        write_bytes(folder / f"{plane}.dzi", make_deep_zoom(grid, codec.format).encode())


def _build(
    writer: _Raw | _Pictures,
    index: Sequence[int],
    write: Write,
    watch: Callable[[int], object],
    pixels: Callable[[Array], Array],
    reduce: Reduce,
    dtype: Any,
) -> None:
    stack, grid = writer.stack, writer.grid
    channels = writer.sample_bytes if isinstance(writer, _Pictures) else stack.channels
    build_levels(
        grid,
        lambda box: pixels(stack.read(0, box, index)),
        write,
        channels=channels,
        pixel_bytes=stack.channels * max(2, stack.dtype.itemsize),
        reduce=reduce,
        dtype=dtype,
        smallest=None if isinstance(writer, _Pictures) else _coarsest(grid),
        watch=watch,
    )


def _coarsest(grid: TileGrid) -> int:
    """Return how often an image is halved until it fits in one tile."""
    return max(0, math.ceil(math.log2(max(grid.rows, grid.columns) / grid.tile_size)))


def _mapping(limits: Limits, stack: TiledStack, opaque: float | None) -> ValueMapping:
    """Return values to pixels in the view's present limits."""
    dtype, scale = stack.dtype, limits_scale(limits)._replace(vsym=limits.vsym)
    known = Extent(finite=dtype.kind != "f")
    missing = dtype.kind == "f" or bool(limits.norm.positive) or limits.blank
    has_missing = missing and stack.channels in (1, 3)
    return ValueMapping(scale, limits, known, stack.channels, has_missing, opaque=opaque)


def _number_labels(count: int, block: Array) -> Array:
    """Return the numbers of labels' colors; 0, which is clear, where they are missing."""
    stored = np.dtype(np.int64) if block.dtype.kind == "f" else block.dtype
    whole, missing = split_missing(block, stored)
    numbers = label_index(whole, count)
    if missing is not None:
        numbers[missing] = 0
    return numbers


def _composite(
    channel_colors: Sequence[ChannelColor], limits: Sequence[Limits], block: Array
) -> Array:
    """Return the pixels of channels that are laid over one another, RGBA."""
    axis = None if block.ndim == 2 else 2
    shown = composite(Values(block), axis, channel_colors, limits)
    out = np.empty((*block.shape[:2], 4), np.uint8)
    out[:, :, :3] = np.asarray(shown.array)
    out[:, :, 3] = 255 if shown.mask is None else np.where(shown.mask[:, :, 0], 0, 255)
    return out


def _palette(palettes: Mapping[str, str], display: Mapping[str, Any]) -> Array | None:
    """Return the colors of gray pixels, uint8 ``(256, 4)``; None: they are gray."""
    colors = display_palette(dict(display), palettes)
    if colors is None:
        return None
    whole = np.full((256, 4), 255, np.uint8)
    whole[:, : colors.shape[1]] = colors
    return whole


# The page's configuration


def _choose_indices(model: ViewModel, indices: Any) -> list[list[int]]:
    """Return the indices along each axis that are written."""
    known = {axis["name"]: int(axis["size"]) for axis in model.config["axes"]}
    asked = dict(indices or {})
    for name in asked:
        if name not in known:
            names = ", ".join(map(repr, known)) or "none"
            raise ValueError(f"indices must be of the axes ({names}), but got {name!r}")
    return [
        _resolve_indices(name, asked.get(name, slice(None)), size) for name, size in known.items()
    ]


def _resolve_indices(name: str, asked: Any, size: int) -> list[int]:
    if isinstance(asked, slice):
        found = list(range(size))[asked]
    else:
        try:
            several = asked if hasattr(asked, "__iter__") else [asked]
            found = [operator.index(i) for i in several]
        except TypeError:
            raise TypeError(
                f"indices[{name!r}] must be an index, several or a slice, but got {asked!r:.80}"
            ) from None
    bad = [i for i in found if not 0 <= i < size]
    if bad or not found or len(set(found)) < len(found):
        raise ValueError(
            f"indices[{name!r}] must be different indices from 0 to {size - 1}, but got "
            f"{asked!r:.80}"
        )
    return found


def _check_size(
    writers: Sequence[_Raw | _Pictures], each: Sequence[Sequence[Any]], max_bytes: float
) -> None:
    counts = [len(planes) for planes in each]
    size = sum(
        w.grid.rows * w.grid.columns * w.sample_bytes * count
        for w, count in zip(writers, counts, strict=True)
    )
    if size > max_bytes:
        planes = max(counts)
        several = f" of {planes} planes: choose some by indices=, or" if planes > 1 else ":"
        raise ValueError(
            f"an export must hold at most {format_size(max_bytes)} before it is compressed, but "
            f"would hold {format_size(size)}{several} give a larger max_bytes"
        )


def _folder_config(
    model: ViewModel, axes: list[list[int]], writers: Sequence[_Raw | _Pictures]
) -> dict[str, Any]:
    """Return the page's configuration: the view's, with the planes and tiles that are written."""
    config, count = model.config, len(model.images)
    axis_configs = []
    for axis, chosen in zip(config["axes"], axes, strict=True):
        labels = axis["labels"] or [str(i) for i in range(axis["size"])]
        named = axis["labels"] or len(chosen) < axis["size"]
        own = [labels[i] for i in chosen] if named else []
        axis_configs.append({**axis, "size": len(chosen), "labels": own})
    index = [
        chosen.index(i) if i in chosen else 0
        for chosen, i in zip(axes, config["state"]["index"], strict=True)
    ]
    images = [
        {**image, "tiles": _tiles_config(image, writer)}
        for image, writer in zip(config["images"], writers[:count], strict=True)
    ]
    left = iter(writers[count:])
    layers = [
        known
        if not isinstance(layer, LabelLayer)
        else {
            **known,
            "tiles": _tiles_config(known, next(left)),
            "steps": _label_steps(layer, axes),
        }
        for known, layer in zip(config["layers"], model.layers, strict=True)
    ]
    state = {**config["state"], "index": index, "shapes": _kept_shapes(config["state"], axes)}
    state["projections"] = [None] * len(axes)  # nothing makes their tiles
    if not all(image["tiles"]["dtype"] for image in images):  # there are no values
        state["panels"] = [name for name in state["panels"] if name != "contrast"]
        if state["mode"] not in PICTURED_MODES:
            state["mode"] = "side"
    whole = {**config, "axes": axis_configs, "images": images, "layers": layers}
    return {**whole, "kinds": [], "state": state}


def _kept_shapes(state: dict[str, Any], axes: Sequence[Sequence[int]]) -> list[dict[str, Any]]:
    """Return the shapes of the planes that are written, with the numbers that these have there."""
    kept = []
    for shape in state["shapes"]:
        plane = shape["plane"] or [-1] * len(axes)
        if all(i < 0 or i in chosen for chosen, i in zip(axes, plane, strict=True)):
            pairs = zip(axes, plane, strict=True)
            own = [i if i < 0 else list(chosen).index(i) for chosen, i in pairs]
            kept.append({**shape, "plane": shape["plane"] and own})
    return kept


def _tiles_config(image: dict[str, Any], writer: _Raw | _Pictures) -> dict[str, Any]:
    grid = writer.grid
    return {
        "size": grid.tile_size,
        "overlap": grid.overlap,
        "coarsest": _coarsest(grid),
        "dtype": "" if isinstance(writer, _Pictures) else image["tiles"]["dtype"],
        "rough": False,
        **writer.tile_format(),
    }
