"""Make thumbnails of a table's cells: one by one, or many small gray ones at once.

What the cells are is read by `rows`; tables are made by `tables`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.ingest import Values, as_picture, as_values
from nbimage.base.chunked import Array, share_out
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.user_warnings import collect_warnings, warn
from nbimage.codecs.packing.codings import FAST
from nbimage.codecs.pictures import (
    MEDIA_TYPES,
    as_data_uri,
    check_options,
    encode_pixels,
    resolve_format,
)
from nbimage.codecs.png_batch import encode_batch, split_evenly
from nbimage.mapping.area_mean import factor_for
from nbimage.mapping.channels.blend import find_channels
from nbimage.mapping.color_options import ColorOptions
from nbimage.mapping.colormap import Rgba
from nbimage.mapping.pixels import Pixels, as_pixels
from nbimage.mapping.shared_limits import shared_limits
from nbimage.mapping.value_scale import ValueScale
from nbimage.picture import Picture
from nbimage.raster.join_pictures import is_gray, join_pictures, make_join_layout
from nbimage.tables.rerange_small import is_plain, map_small
from nbimage.tables.rows import Rows, Texts

if TYPE_CHECKING:
    from nbimage.typing import ColormapLike

_SMALL = 1 << 17  # pixels of a row up to which many are encoded at once


@dataclass(frozen=True, slots=True, eq=False)
class ThumbnailOptions:
    """Options of all thumbnails of a table."""

    side: float
    format: str
    shared: bool
    scale: ValueScale
    colors: ColorOptions
    encoding: dict[str, Any]

    @classmethod
    def of(
        cls,
        size: Any,
        format_: str,
        shared: Any,
        scale: ValueScale,
        cmap: ColormapLike | None,
        quality: float | None,
        compression: int | None,
    ) -> ThumbnailOptions:
        """Check what can be checked without any picture."""
        if size is not None and not whole_or_nan(size) >= 1:
            raise ValueError(f"size must be a whole number of pixels from 1 on, but got {size!r}")
        if not isinstance(shared, (bool, np.bool_)):
            raise TypeError(f"shared must be True or False, but got {shared!r}")
        check_options(format_, (1, 1), quality, False, compression)
        return cls(
            np.inf if size is None else as_whole("size", size),
            resolve_format(format_),
            bool(shared),
            scale,
            ColorOptions.of(cmap),
            {"quality": quality, "compression": compression},
        )

    def uri(self, pixels: Pixels) -> str:
        """Return pixels as a data URI."""
        data = encode_pixels(pixels, self.format, **self.encoding)
        return as_data_uri(data, MEDIA_TYPES[self.format])


class Thumbnails:
    """The cells of rows as pixels, each reduced to the size that is asked for."""

    def __init__(self, rows: Rows, options: ThumbnailOptions) -> None:
        self.rows, self.options = rows, options
        self._shapes: list[tuple[int, int] | None] = [None] * rows.width
        self._warnings: dict[str, list[str]] = {}
        alike = self._shared if options.shared else lambda column: options.scale
        self.scales: list[ValueScale] = [alike(j) for j in range(rows.width)]

    def pixels(self, row: int, column: int) -> Pixels | None:
        """Return a cell's pixels. Raises TypeError or ValueError that names the cell."""
        cell = self.rows.cells[row][column]
        if cell is None:
            return None
        label = self.rows.label(row, column)
        with collect_warnings() as caught:
            try:
                pixels = self._pixels(cell, self.scales[column])
            except (TypeError, ValueError) as error:
                raise type(error)(f"{label}: {error}") from error
        for message in caught:
            self._warnings.setdefault(message, []).append(label)
        factor = factor_for(pixels.array.shape, side=self.options.side)
        return pixels.reduced(factor)._replace(description=pixels.description)

    def _pixels(self, cell: Any, scale: ValueScale) -> Pixels:
        if isinstance(cell, Picture):
            return cell._stored.pixels
        return as_pixels(cell, scale, self.options.colors, upright=True)

    def shape(self, column: int) -> tuple[int, int]:
        """Return the shape of a column's first picture: the room for one that is missing."""
        known = self._shapes[column]
        if known is None:
            firsts = (i for i, row in enumerate(self.rows.cells) if row[column] is not None)
            first = next(firsts, None)
            pixels = None if first is None else self.pixels(first, column)
            known = (1, 1) if pixels is None else pixels.array.shape[:2]
            self._shapes[column] = known
        return known

    def warn(self) -> None:
        """Issue each warning once, with the cells that caused it."""
        for message, labels in self._warnings.items():
            more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
            warn(f"{labels[0]}{more}: {message}")

    def _shared(self, column: int) -> ValueScale:
        """Return the scale of a column, of which all pictures have one range."""
        how = self.options.scale, self.options.colors.palette
        extremes = _find_extremes([row[column] for row in self.rows.cells], self.options)
        if extremes is not None:
            return shared_limits([Values(extremes)], [None], *how)[0]
        images, axes = [], []
        for i, row in enumerate(self.rows.cells):
            if row[column] is None or isinstance(row[column], Picture):
                continue
            try:
                values = as_values(row[column])
                if find_channels(values, self.options.scale.channel_axis) is not None:
                    continue  # each channel has limits of its own
                with collect_warnings():  # they come with the picture
                    values, axis = as_picture(values, self.options.scale.channel_axis)
            except (TypeError, ValueError) as error:
                raise type(error)(f"{self.rows.label(i, column)}: {error}") from error
            images.append(values)
            axes.append(axis)
        if not images:
            return self.options.scale
        return shared_limits(images, axes, *how)[0]


def _find_extremes(cells: Sequence[Any], options: ThumbnailOptions) -> Array | None:
    """Return the minimum and the maximum of plain arrays of one dtype as a picture of two pixels.

    Its limits are those of all arrays, and found at a fraction of the time. None where it takes
    more than that: missing values, channels, percentiles, a norm.
    """
    scale = options.scale
    if scale.channel_axis is not None or not scale.norm.linear:
        return None
    if scale.contrast not in (None, "minmax"):
        return None
    arrays = [cell for cell in cells if cell is not None]
    if not arrays or not all(map(is_plain, arrays)) or len({a.dtype for a in arrays}) > 1:
        return None
    ends = np.array([[a.min() for a in arrays], [a.max() for a in arrays]])
    if not np.isfinite(ends).all():
        return None
    return np.array([[ends[0].min(), ends[1].max()]])


@dataclass(frozen=True, slots=True)
class JoinOptions:
    """How the pictures of a row are joined to one."""

    gap: int
    labels: tuple[str, ...]
    fill: Rgba

    def must_join(self, rows: Rows) -> bool:
        """Whether there is anything but one picture."""
        return rows.width > 1 or any(self.labels)

    def join(self, parts: Sequence[Pixels | None], thumbs: Thumbnails) -> Pixels:
        """Return a row's picture."""
        if parts[0] is not None and not self.must_join(thumbs.rows):
            return parts[0]
        shapes = [
            thumbs.shape(j) if part is None else part.array.shape[:2]
            for j, part in enumerate(parts)
        ]
        return join_pictures(parts, shapes, self.gap, self.labels, self.fill)


# Many small gray arrays at once


def encode_small_grays(thumbs: Thumbnails, joining: JoinOptions, uris: Texts) -> list[int]:
    """Encode rows of small, gray, ordinary arrays, and return the numbers of those left over."""
    options = thumbs.options
    ranges = [_simple_range(scale) for scale in thumbs.scales]
    other = options.format != "png" or options.scale.channel_axis is not None or False in ranges
    if other or options.colors.palette is not None:
        return list(range(len(uris)))
    if joining.must_join(thumbs.rows) and not is_gray(joining.fill):
        return list(range(len(uris)))
    cells = thumbs.rows.cells
    compression = options.encoding["compression"]
    left: list[int] = []

    def work(batches: Sequence[tuple[Any, list[int]]]) -> None:
        for shapes, batch in batches:
            plan = make_join_layout(shapes, joining.gap, joining.labels)
            stack = np.empty((len(batch), plan.shape[0] + 1, plan.shape[1]), np.uint8)
            stack[:, 0] = 0
            stack[:, 1:] = plan.gray(joining.fill[0])
            mapped = [
                _fill(
                    [cells[number][j] for number in batch],
                    limits,
                    stack[:, 1:][(slice(None), *box)],
                )
                for j, (box, limits) in enumerate(zip(plan.boxes, ranges, strict=True))
            ]
            good = [all(each) for each in zip(*mapped, strict=True)]
            done = [number for number, one in zip(batch, good, strict=True) if one]
            left.extend(number for number, one in zip(batch, good, strict=True) if not one)
            kept = stack if len(done) == len(batch) else stack[[i in done for i in batch]]
            if done:
                pngs = encode_batch(kept, FAST if compression is None else compression)
                for number, png in zip(done, pngs, strict=True):
                    uris[number] = as_data_uri(png, "image/png")

    batches = []
    numbers = range(len(uris))
    for shapes, group in itertools.groupby(numbers, lambda i: _shapes(cells[i], options.side)):
        members = list(group)
        if shapes is None:
            left += members
        else:
            batches += [(shapes, part) for part in split_evenly(members)]
    share_out(work, batches)
    return sorted(left)


def _shapes(row: tuple[Any, ...], side: float) -> tuple[tuple[int, int], ...] | None:
    """Return the shapes of a row's arrays; None if one of them needs more than the plain way."""
    if not all(map(is_plain, row)):
        return None
    shapes = tuple(array.shape for array in row)
    fits = max(map(max, shapes)) <= side and sum(h * w for h, w in shapes) <= _SMALL
    return shapes if fits else None


def _fill(arrays: list[Array], limits: Any, out: Array) -> list[bool]:
    if limits is None:
        kept = [array.dtype == np.uint8 for array in arrays]
        if all(kept):
            out[...] = arrays
            return kept
        if any(kept):
            return [
                _fill([one], limits, row[None])[0] for one, row in zip(arrays, out, strict=True)
            ]
    return map_small(arrays, limits or None, out)


def _simple_range(scale: ValueScale) -> Any:
    """Return None for each array's own range, () for its stretch, two numbers, or False."""
    ends = scale.vmin, scale.vmax
    if not scale.norm.linear or scale.vsym or scale.contrast not in (None, "minmax"):
        return False
    if all(end is None for end in ends):
        return None if scale.contrast is None else ()
    if all(type(end) in (int, float) and np.isfinite(end) for end in ends):
        return float(ends[0]), float(ends[1])
    return False
