"""TIFF and OME-TIFF: tiles and strips as they are asked for, level by level.

Not here: what a file says of its pixels' size and channels (`metadata`).
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.colors import has_file_colors
from nbimage.arrays.metadata import Metadata
from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.forks import PositionedFile, abandon, call_in_child
from nbimage.base.text import explain_damage
from nbimage.pyramid.core.block_cache import BlockCache, assemble
from nbimage.pyramid.core.source import Source, as_native
from nbimage.pyramid.remote.range_file import RangeFile
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.tiff.geo import describe_geo
from nbimage.pyramid.sources.tiff.metadata import (
    check_colors,
    check_pages,
    describe_samples,
    has_colors,
    page_axes,
    read_metadata,
    read_orientations,
    read_significant_bits,
    series_axes,
    series_names,
    shape_in_rgb,
)
from nbimage.pyramid.sources.tiff.quiet_logs import without_logs
from nbimage.pyramid.sources.tiff.samples import describe_levels, with_colors
from nbimage.pyramid.sources.tiff.segments import (
    Segments,
    check_decoder,
    check_segments,
    decode_segment,
    find_segments,
    make_empty,
    segment_number,
    segment_size,
)
from nbimage.pyramid.sources.tiff.series import (
    MASK,
    PICTURE,
    find_levels,
    find_similar,
    open_described,
)
from nbimage.pyramid.sources.tiff.steps import find_coordinates, read_imagej_channels
from nbimage.pyramid.sources.tiff.uncompressed import read_uncompressed, uncompressed_block


class TiffSource(Source):
    """A series of pages of a file, with its levels.

    ``pages``: those of the picture, "picture"; of its mask, "mask"; or "levels", of another file.
    ``masked``: a mask tells what is missing, and no sample does. ``like``: of the same file, of
    which tables have been read.
    """

    def __init__(
        self,
        path: Path | RemoteFile,
        axes: Any = None,
        channel_axis: int | None = None,
        part: str | None = None,
        pages: str = PICTURE,
        masked: bool = False,
        like: TiffSource | None = None,
    ) -> None:
        self._path = path
        self._kind = pages, masked
        self._like = like
        self._remote = path if isinstance(path, RemoteFile) else None
        self._asked = axes, channel_axis, part
        self._block_cache = BlockCache()
        self._is_torn = False
        self._lock = threading.Lock()
        self._reopen()
        call_in_child(self._begin_child)
        with self._closed_if_damaged():
            self._describe()

    @property
    def path(self) -> Path | None:
        """Where it is on this machine; None: elsewhere."""
        return self._path if isinstance(self._path, Path) else None

    @property
    def is_first(self) -> bool:
        """Whether it is the first series of the file, which files beside it belong to."""
        return bool(self._keyframes[0].index == 0)

    @property
    def has_alpha(self) -> bool:
        """Whether the last channel is alpha, which no mask hides."""
        return self._samples[0].alpha

    def _begin_child(self) -> None:
        """Note whether another thread of the parent process was about to find a page."""
        self._is_torn |= self._lock.locked()
        self._lock = threading.Lock()

    def _reopen(self) -> None:
        self._segments: dict[tuple[int, int], Segments | None] = {}
        self._starts: dict[tuple[int, int], tuple[Any, int] | None] = {}
        self._mapped: dict[tuple[int, int], Array] = {}
        tifffile = optional.import_tifffile()
        with self._one_line("must be a whole TIFF"):
            self._opened = self._open_file()
            try:
                self._file = open_described(tifffile, self._opened)
            except BaseException:
                self._opened.close()
                raise
        with self._closed_if_damaged():
            self._find_levels()

    def _find_levels(self) -> None:
        check_pages(self._file, str(self._path))
        self._levels, self.has_mask, self._note = find_levels(
            self._file, self._kind[0], self._asked[2]
        )
        self._keyframes = [level.keyframe for level in self._levels]

    def _open_file(self) -> PositionedFile | RangeFile:
        if isinstance(self._path, Path):
            return PositionedFile(os.path.realpath(self._path))
        size = self._path.head(4).size
        if size is None:
            raise ValueError("the server does not tell its size")
        like = None if self._like is None else self._like._opened
        return RangeFile(self._path, size, like if isinstance(like, RangeFile) else None)

    def _describe(self) -> None:
        series, keyframe = self._levels[0], self._keyframes[0]
        letters = series_axes(series)
        shape = series.shape[: len(letters)]
        page = page_axes(keyframe, letters)
        axes, channel_axis, _ = self._asked
        names = series_names(self._file, series, letters)
        colors = has_colors(keyframe) and ("c" not in names or "S" not in letters)
        if axes is None and channel_axis is None and "S" in letters:
            channel_axis = letters.index("S") if colors else None
        more = (
            describe_samples(keyframe) if "S" in letters and self._asked[:2] == (None, None) else {}
        )
        facts = more | read_metadata(self._file, series)
        known = (facts.get(f"channel_{own}", ()) for own in ("colors", "names"))
        axis_order = resolve_axis_order(
            shape_in_rgb(keyframe, shape, letters) if colors else shape,
            names,
            axes,
            channel_axis,
            colors=axes is not None or has_file_colors(names, shape, keyframe.dtype, *known),
            dtype=keyframe.dtype,
        )
        if (axis_order.rows, axis_order.columns) != (letters.index("Y"), letters.index("X")):
            raise ValueError(f"{self._path} must keep its rows and columns, but got axes={axes!r}")
        self._axis_order, self._letters, self._page = axis_order, letters, page
        self._keep_levels(shape, letters)
        in_colors = colors and axis_order.channels == letters.find("S")
        if self._kind[0] != MASK:
            check_colors(keyframe, str(self._path), in_colors=in_colors)
        for page_of_level in self._keyframes:
            check_decoder(page_of_level, str(self._path))
        self._samples = describe_levels(
            self._keyframes, in_colors=in_colors, masked=self.has_mask or self._kind[1]
        )
        samples = self._samples[0]
        self._palette = samples.palette
        channels = samples.channels(axis_order.channel_count(shape))
        extra = 0 if samples.scales else len(more.get("channel_names", ()))
        metadata, facts = self._find_metadata(channels, axis_order.axes(shape), facts)
        super().__init__(
            shapes=tuple(
                (int(level.shape[axis_order.rows]), int(level.shape[axis_order.columns]))
                for level in self._levels
            ),
            dtype=samples.dtype,
            stored=samples.dtype if samples.scales else samples.stored,
            channels=channels,
            axes=axis_order.axes(shape),
            metadata=with_colors(metadata, extra, samples),
            blocks=tuple(self._block(keyframe) for keyframe in self._keyframes),
            **facts,
        )
        found = read_orientations(self._file, series, self._keyframes, self._remote is None)
        self.orientations, self.page_orientations = found
        for page in self._keyframes:
            whole = math.prod(self._levels[0].shape) == page.size
            check_segments(page, str(self._path), whole=whole)

    def _find_metadata(
        self, channels: int, axes: Sequence[tuple[str, int]], facts: dict[str, Any]
    ) -> tuple[Metadata, dict[str, Any]]:
        """Return what is known of axes and values, and what is known of the file then.

        With the full scale of each channel, where it is not the dtype's.
        """
        series = self._levels[0]
        full = self._samples[0].full_scale(read_significant_bits(self._file, series))
        along = next((length for name, length in axes if name.lower() == "c"), 1)
        count = max(channels, along)
        found = Metadata(
            windows=read_imagej_channels(self._file, count)[1] if full is None else (full,) * count,
            note=", ".join(filter(None, (self._samples[0].note, self._note))),
            labels=self._palette is not None,
            missing_value=self._samples[0].missing_value,
            coordinates=find_coordinates(self._file, series, axes, channels),
        )
        if self._kind[0] != PICTURE:
            return found, {}
        return describe_geo(self._keyframes[0], self.path, found, channels, axes, facts)

    def _keep_levels(self, shape: Any, letters: str) -> None:
        """Leave out levels with other planes or samples than the largest."""
        kept = find_similar(self._levels, shape, letters, self._page, self._kind[0])
        self._levels = [self._levels[number] for number in kept]
        self._keyframes = [self._keyframes[number] for number in kept]

    def _block(self, keyframe: Any) -> tuple[int, int]:
        if not keyframe.is_final:
            return segment_size(keyframe)
        return (1, 1) if self._remote is None else uncompressed_block(keyframe)

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises ValueError where the file is damaged."""
        part, samples = self._read_raw(level, box, index), self._samples[level]
        return part if samples.unchanged else samples.decode(part, self._sample(index))

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        part = self._read_raw(level, box, index)
        return self._samples[level].split(part, self._sample(index))

    def _sample(self, index: tuple[int, ...]) -> int | None:
        """Return which sample of each pixel a plane is of; None: all."""
        axis = self._letters.find("S")
        if axis == self._axis_order.channels:
            return None
        return dict(zip(self._axis_order.further, index, strict=True)).get(axis, 0)

    def _read_raw(self, level: int, box: Box, index: tuple[int, ...]) -> Array:
        with self._one_line("must be a whole TIFF"):
            axis_order = self._axis_order
            if axis_order.channels is None or self._palette is not None:
                found = self._window(level, box, index, None)
            elif self._letters[axis_order.channels] == "S":
                found = self._window(level, box, index, -1)
            else:
                parts = [self._window(level, box, index, i) for i in range(self.channels)]
                found = np.stack(parts, axis=-1)
            found = found[:, :, 0] if found.ndim == 3 and self.channels == 1 else found
            return as_native(found, found.dtype.newbyteorder("="))

    def _window(self, index: int, box: Box, plane: tuple[int, ...], channel: int | None) -> Array:
        """Return ``(H, W)``, or ``(H, W, S)`` for channel -1, of one page."""
        shape = self._levels[index].shape
        indices = dict(zip(self._axis_order.further, plane, strict=True))
        indices |= dict.fromkeys(self._axis_order.dropped, 0)
        if channel is not None and channel >= 0 and self._axis_order.channels is not None:
            indices[self._axis_order.channels] = channel
        leading = [a for a, letter in enumerate(self._letters) if letter not in self._page]
        number = 0
        for axis in leading:
            number = number * int(shape[axis]) + indices[axis]
        sample = indices.get(self._letters.index("S"), 0) if "S" in self._page else 0
        keyframe = self._keyframes[index]
        start = self._start(index, number) if keyframe.is_final else None
        if start is not None and self._remote is not None:
            return read_uncompressed(
                self._remote,
                self._block_cache,
                keyframe,
                start,
                box,
                None if channel == -1 else sample,
            )
        if start is not None:
            page = self._map(index, number, start)
            part = page[:, 0, box.top : box.bottom, box.left : box.right]  # S, Y, X, s
            if part.shape[0] > 1:
                return np.moveaxis(part[..., 0], 0, -1) if channel == -1 else part[sample, ..., 0]
            return part[0] if channel == -1 else part[0, ..., sample]
        size = segment_size(keyframe)
        if keyframe.planarconfig != 1 and keyframe.samplesperpixel > 1:
            wanted = range(keyframe.samplesperpixel) if channel == -1 else [sample]
            planes = [self._put_together(index, number, s, box, size) for s in wanted]
            whole = np.concatenate(planes, axis=-1)
            return whole if channel == -1 else whole[..., 0]
        whole = self._put_together(index, number, 0, box, size)
        return whole if channel == -1 else whole[..., sample]

    def _put_together(
        self, index: int, number: int, sample: int, box: Box, size: tuple[int, int]
    ) -> Array:
        def read_tile(row: int, column: int) -> Array:
            return self._segment(index, number, sample, row, column)

        ahead = read_tile if self._remote is None else self._remote.prefetch(box, size, read_tile)
        return assemble(box, size, ahead)

    def _start(self, index: int, number: int) -> tuple[Any, int] | None:
        """Return the file and the offset in it at which an uncompressed page begins.

        None where it does not lie in one piece.
        """
        keyframe, level = self._keyframes[index], self._levels[index]
        pages = math.prod(level.shape) // math.prod(keyframe.shape)
        if len(level) == 1 < pages:  # one page is described, the others just follow
            if level.dataoffset is None:
                raise ValueError(f"page {number} is missing")
            return self._path, level.dataoffset + number * keyframe.nbytes
        key = index, number
        if key not in self._starts:
            found = self._found(index, number)
            start = None if found is None else found.contiguous_start()
            self._starts[key] = None if start is None or found is None else (found.path, start)
        return self._starts[key]

    def _map(self, index: int, number: int, start: tuple[Any, int]) -> Array:
        """Return an uncompressed page, mapped into memory, as ``(S, 1, Y, X, s)``."""
        key = index, number
        if key not in self._mapped:
            keyframe = self._keyframes[index]
            dtype = keyframe.dtype.newbyteorder(keyframe.parent.byteorder)
            self._mapped[key] = np.memmap(start[0], dtype, "r", start[1], keyframe.shaped)
        return self._mapped[key]

    def _segment(self, index: int, number: int, sample: int, row: int, column: int) -> Array:
        """Return a decoded tile or strip as ``(H, W, s)``, cut off at the image's end."""
        keyframe = self._keyframes[index]
        segment = segment_number(keyframe, sample, row, column)

        def decode() -> Array:
            found = self._found(index, number)
            if found is not None and segment >= len(found.counts):
                raise ValueError(f"it has no tile or strip {segment}")
            if found is None or not found.counts[segment]:
                return make_empty(keyframe, row, column)
            if self._remote is not None:
                data = self._remote.read_range(found.offsets[segment], found.counts[segment])
            else:
                data = found.read(segment)
            return decode_segment(keyframe, found, segment, data, row)

        return self._block_cache.get((index, number, segment), decode)

    def _found(self, index: int, number: int) -> Segments | None:
        """Return where a page's tiles or strips are; None where the page is left out."""
        key = index, number
        if key not in self._segments:
            with self._lock:
                if self._is_torn:
                    abandon(self._file)
                    self._reopen()
                    self._keep_levels(self._levels[0].shape[: len(self._letters)], self._letters)
                    self._is_torn = False
                page = self._levels[index][number]
                self._segments[key] = (
                    None
                    if page is None
                    else find_segments(page, self._file.filehandle, self._opened)
                )
        return self._segments[key]

    @contextlib.contextmanager
    def _one_line(self, must: str) -> Any:
        try:
            with without_logs("tifffile"):
                yield
        except Exception as error:  # tifffile and the codecs each have their own
            if str(self._path) in str(error):
                raise
            raise ValueError(f"{self._path} {must}: {explain_damage(error)}") from error

    def close(self) -> None:
        """Close the file."""
        self._close_file()
        if self._remote is not None:
            self._remote.close()
        self._block_cache.clear()
        self._mapped.clear()

    @contextlib.contextmanager
    def _closed_if_damaged(self) -> Iterator[None]:
        try:
            with self._one_line("must be a whole TIFF of pictures"):
                yield
        except BaseException:
            self._close_file()
            raise

    def _close_file(self) -> None:
        self._file.close()
        self._opened.close()

    def __getstate__(self) -> dict[str, Any]:
        path = self._path.absolute() if isinstance(self._path, Path) else self._path
        return {"_path": path, "_asked": self._asked, "_kind": self._kind}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["_path"], *state["_asked"], *state["_kind"])  # type: ignore[misc]
