"""The tiles of pictures: their range of values, found once, and their pixels on all levels.

Not here: which pictures (`planes`), where the tiles go (`output`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from nbimage.arrays.metadata import FullScale
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.progress import progress_bar
from nbimage.codecs.png import encode_png
from nbimage.mapping.channels.channel_limits import channel_scales, spread_limits
from nbimage.mapping.colormap import Palette
from nbimage.mapping.index_colors import index_palette, may_be_indices
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.downsample import halve_labels
from nbimage.pyramid.core.grid import TileGrid
from nbimage.pyramid.core.pyramid import Index, Pyramid
from nbimage.pyramid.core.stored import find_windows
from nbimage.pyramid.layouts.layout import TileNames
from nbimage.pyramid.levels.executors import Executor, Read
from nbimage.pyramid.levels.super_tiles import build_levels, cut_super_tiles, halve_pixels
from nbimage.pyramid.writers.checkpoint import Checkpoint
from nbimage.pyramid.writers.deepzoom.composite import (
    Channels,
    CompositeMapping,
    read_all,
    read_one,
)
from nbimage.pyramid.writers.deepzoom.run import TileOutput
from nbimage.pyramid.writers.tile_encoder import TileCodec, TileWriter
from nbimage.pyramid.writers.value_mapping import (
    IndexedColors,
    ValueMapping,
    find_mapping,
    make_pixel_reader,
)


@dataclass(frozen=True, slots=True, eq=False)
class TileMaker:
    """Makes the tiles of one plane after the other, all in the same way."""

    pyramid: Pyramid
    channels: Channels | None
    grid: TileGrid
    names: TileNames
    codec: TileCodec
    scale: ValueScale
    palette: Palette | None
    executor: Executor
    read: Any
    progress: bool

    def find_range(
        self, planes: Sequence[Index], store: Checkpoint | None
    ) -> ValueMapping | CompositeMapping:
        """Return how values become pixels, in one range for some planes."""
        pyramid, first = self.pyramid, planes[0]
        if self.channels is None:
            scale = self.scale.within(find_windows(pyramid, first), pyramid.channels)
            return self._find_mapping(
                scale, [self.read.at(index) for index in planes], pyramid.channels, store
            )
        mappings, count = [], len(self.channels.colors)
        for number in range(count):
            own = [self.channels.index(index, number) for index in planes]
            reads = [self.read.at(index) for index in own]
            window = find_windows(pyramid, own[0])
            if self.channels.along is None:
                reads = [read_one(read, number) for read in reads]
                window = window[number : number + 1]
            elif len(pyramid.metadata.windows) == len(self.channels.colors):
                window = pyramid.metadata.windows[number : number + 1]
            windows = [None] * count if not window else list(window) * count
            scale = channel_scales(self.scale, windows, count, pyramid.source.stored)[number]
            part = None if store is None else store.of_channel(number)
            found = self._find_mapping(scale, reads, 1, part)
            limits = spread_limits(found.limits, found.known, self.scale)
            mappings.append(replace(found, limits=limits))
        return CompositeMapping(tuple(mappings), self.channels.colors)

    def _find_mapping(
        self, scale: ValueScale, reads: Sequence[Any], channels: int, store: Checkpoint | None
    ) -> ValueMapping:
        grid, dtype, stored = self.grid, self.pyramid.dtype, self.pyramid.source.stored
        scale = scale.in_unit(self.pyramid.metadata.value_unit)
        kept = _scale_as_stored(scale, dtype, stored, channels)
        if not may_be_indices(scale, self.palette, stored):
            scale = kept
        colors = IndexedColors(self.palette, stored, kept)
        rows = grid.rows * len(reads)
        shape = (rows, grid.columns, *([channels] if channels > 1 else []))
        pixel_bytes = channels * max(2, dtype.itemsize)
        boxes = [task.inner(grid) for task in cut_super_tiles(grid, 0, pixel_bytes)]
        all_boxes = [
            box._replace(top=box.top + start, bottom=box.bottom + start)
            for start in range(0, rows, grid.rows)
            for box in boxes
        ]
        read = reads[0] if len(reads) == 1 else _read_several(reads, grid.rows)
        with progress_bar("limits", rows * grid.columns, self.progress) as watch:
            return find_mapping(
                scale, read, all_boxes, shape, dtype, watch, self.executor, store, colors
            )

    def write(
        self, plane: Index, mapping: ValueMapping | CompositeMapping, output: TileOutput
    ) -> None:
        """Write the tiles of a plane."""
        grid, names, channels = self.grid, self.names, self.channels
        levels = isinstance(mapping, ValueMapping) and mapping.limits.norm.levels is not None
        distinct = self.pyramid.labels or levels  # no color between two of them means anything
        padded = names.layout.padded
        full_side = grid.tile_size if padded else 0
        codec = replace(self.codec, has_missing=mapping.has_missing, full_side=full_side)
        if self.pyramid.labels:
            codec = replace(codec, blank=255)
        palette, count = self.palette, self.pyramid.channels
        if palette is not None and palette.steps is not None and isinstance(mapping, ValueMapping):
            low, high = mapping.limits.vmin[0], mapping.limits.vmax[0]
            norm = mapping.limits.norm if levels else mapping.scale.norm
            found = index_palette(palette, low, high, norm)
            codec = replace(codec, palette=found.array)
        read = self.read.at(plane)
        if channels is not None:
            count = len(channels.colors)
            numbers = range(count if channels.along is not None else 1)
            own = [self.read.at(channels.index(plane, number)) for number in numbers]
            read = read_all(own, channels.along is None)
        writer = TileWriter(output.tiles, codec, names)
        output.begin()
        # means at the border have what is beside it, unless that is no value but a color
        beside = 255 if padded and palette is None else None
        means = partial(halve_pixels, rounded=mapping.has_missing, beside=beside)
        with progress_bar("tiles", grid.rows * grid.columns, self.progress) as watch:
            build_levels(
                grid,
                make_pixel_reader(mapping, read),
                writer,
                channels=mapping.pixel_channels,
                pixel_bytes=count * max(2, self.pyramid.dtype.itemsize),
                reduce=halve_labels if distinct else means,
                smallest=len(names.shapes) - 1,
                watch=watch,
                flush=writer.flush,
                run=self.executor,
                stores=output.checkpoint,
            )

    @property
    def others(self) -> dict[str, bytes]:
        """The files that a pyramid's folder has beside its tiles and its descriptor."""
        if not self.names.layout.padded:
            return {}
        white = np.full((self.grid.tile_size, self.grid.tile_size), 255, np.uint8)
        return {"blank.png": encode_png(white)}


def _read_several(reads: Sequence[Any], rows: int) -> Read:
    kind = _ReadSeveralLazily if all(hasattr(read, "lazy") for read in reads) else _ReadSeveral
    return kind(tuple(reads), rows)


@dataclass(frozen=True, slots=True, eq=False)
class _ReadSeveral:
    """Reads planes as if each lay below the one before."""

    reads: tuple[Any, ...]
    rows: int

    def __call__(self, box: Box) -> Array:
        """Return a part of one plane."""
        read, own = self.find(box)
        part: Array = read(own)
        return part

    def find(self, box: Box) -> tuple[Any, Box]:
        """Return what reads a part, and which part of its plane that is."""
        number = box.top // self.rows
        above = number * self.rows
        return self.reads[number], box._replace(top=box.top - above, bottom=box.bottom - above)


class _ReadSeveralLazily(_ReadSeveral):
    """The same where workers compute the samples first."""

    __slots__ = ()

    def lazy(self, box: Box) -> Any:
        """Return what is to be computed."""
        read, own = self.find(box)
        return read.lazy(own)

    def finish(self, block: Any) -> Array:
        """Return what was computed."""
        part: Array = self.reads[0].finish(block)
        return part


def _scale_as_stored(
    scale: ValueScale, dtype: np.dtype[Any], stored: np.dtype[Any], channels: int
) -> ValueScale:
    """Return the scale that the stored dtype has where some samples are missing.

    They are read as floats, which have a value for that: bytes would be stretched, booleans that
    are all true be black, and "infer" would not know the dtype's range.
    """
    if dtype.kind != "f" or stored.kind not in "biu":
        return scale
    limits = scale.vmin is not None or scale.vmax is not None
    if stored.kind == "b":
        return scale if limits else scale._replace(vmin=0, vmax=1, contrast=None)
    if scale.contrast == "infer":
        full = np.iinfo(stored)
        return scale.within((FullScale(int(full.min), int(full.max)),) * channels, channels)
    asked = limits or scale.contrast is not None or scale.vsym or not scale.norm.linear
    return scale if asked or stored != np.uint8 else scale._replace(vmin=0, vmax=256)
