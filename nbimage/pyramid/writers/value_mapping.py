"""One mapping of values to pixels for a whole image, found and applied part by part.

How the limits follow from values is in `mapping/limits`; here they are found without having all
values in memory, by any executor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from nbimage.arrays.ingest import Values, as_values
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.mapping.alpha import (
    has_alpha,
    is_opaque_known,
    opaque_alpha,
    warn_clear,
    without_alpha,
)
from nbimage.mapping.color_options import PLAIN
from nbimage.mapping.colormap import Palette
from nbimage.mapping.index_colors import index_scale, may_be_indices
from nbimage.mapping.limits import (
    Extent,
    Limits,
    extent,
    join_ends,
    resolve_gathered,
    resolve_limits,
    warn_blank,
)
from nbimage.mapping.norms import Norm, wants_sample, with_limits
from nbimage.mapping.pixels import color_pixels
from nbimage.mapping.rerange_values import callable_limits, map_values
from nbimage.mapping.value_sample import SAMPLE, ValueSample
from nbimage.mapping.value_scale import ValueScale
from nbimage.pyramid.core.source import split_missing
from nbimage.pyramid.levels.executors import Executor, Threads, processors, run_closed

_UNKNOWN = Extent()
_STRIP = 1 << 18  # values that one thread maps by itself
_SAMPLE = 1 << 18  # values that a sample of one part of an image holds at most


@dataclass(frozen=True, slots=True, eq=False)
class ValueMapping:
    """Values to pixels: `to_pixels` may be called by any thread."""

    scale: ValueScale
    limits: Limits
    known: Extent
    """Of the whole image; its ends may be unknown."""
    channels: int
    has_missing: bool
    """Pixels may be missing and get an alpha channel for that."""
    table: Array | None = None
    """The pixel of every value of a small dtype, by its bits."""
    opaque: float | None = None
    """The alpha that is opaque; None without alpha."""

    @property
    def pixel_channels(self) -> int:
        """How many channels the pixels have: 1 is gray, the last of 2 or 4 is alpha."""
        return self.channels + self.has_missing

    def to_pixels(self, block: Array) -> Array:
        """Return the pixels of a part of the image, uint8 ``(H, W)`` or ``(H, W, 2|3|4)``."""
        if self.limits.unchanged and block.dtype == np.uint8:
            return block
        if self.table is not None:
            bits = np.ascontiguousarray(block).view(f"u{block.dtype.itemsize}")
            return np.take(self.table, bits, mode="clip")
        depth = self.pixel_channels
        out = np.empty(block.shape[:2] if depth == 1 else (*block.shape[:2], depth), np.uint8)
        rows = max(1, _STRIP // (block.shape[1] * self.channels))
        for start in range(0, len(block), rows):
            strip = self._map_strip(block[start : start + rows])
            if strip.ndim < out.ndim or strip.shape[2:] != out.shape[2:]:  # nothing is missing
                out[start : start + rows, :, -1] = 255
                out[start : start + rows, :, :-1] = strip.reshape(*strip.shape[:2], depth - 1)
            else:
                out[start : start + rows] = strip
        return out

    def _map_strip(self, block: Array) -> Array:
        if self.limits.unchanged:  # bytes, which are floats where some are missing
            values = Values(*split_missing(block, np.dtype(np.uint8)), opaque=self.opaque)
        else:
            values = replace(as_values(block), opaque=self.opaque)
        axis = None if self.channels == 1 else 2
        binned, limits = without_alpha(values, axis, self.scale), self.limits
        if limits.called is not None:
            shown = np.asarray(binned.array)
            finite = np.isfinite(shown).any()
            spread = limits.called.call(shown) if finite else np.full(shown.shape, np.nan)
            binned = replace(binned, array=spread)
        return color_pixels(values, binned, limits, self.known, axis, PLAIN).render()


@dataclass(frozen=True, slots=True, eq=False)
class ValueSummary:
    """Extents and samples of the values of an image, or of a part of it, channel by channel."""

    extents: tuple[Extent, ...]
    whole: Extent
    samples: tuple[Array, ...] = ()
    alpha: Extent = _UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class PartSummary:
    """The same of a part of an image, whose samples are joined with those of others."""

    extents: tuple[Extent, ...]
    whole: Extent
    samples: tuple[ValueSample, ...] = ()
    alpha: Extent = _UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class IndexedColors:
    """What tells whether values are indices of colors, and the scale that they have if not."""

    palette: Palette | None
    stored: np.dtype[Any]
    """The dtype of the values where none is missing."""
    otherwise: ValueScale


class SummaryStore(Protocol):
    """Keeps a summary for another run."""

    def load(self) -> ValueSummary | None:
        """Return the summary of an earlier run, if there is one."""

    def save(self, summary: ValueSummary) -> None:
        """Keep a summary."""


@dataclass(frozen=True, slots=True, eq=False)
class SummarizeValues:
    """Summarizes the values of parts of an image."""

    scale: ValueScale
    shape: tuple[int, ...]

    def box(self, task: Box) -> Box:
        """Return the part itself."""
        return task

    def find_done(self, task: Box) -> tuple[Box, PartSummary] | None:
        """Say that nothing is known."""
        return None

    def is_removed(self) -> bool:
        """Say no: nothing is written."""
        return False

    def __call__(self, task: Box, block: Array) -> tuple[Box, PartSummary]:
        """Summarize a part."""
        scale, shape = self.scale, self.shape
        colors = without_alpha(as_values(block), *_axis(shape), scale)
        values = np.asarray(colors.array)
        count = scale.limit_count
        parts = [values] if count == 1 else list(np.moveaxis(values, 2, 0))
        whole = [_find_extent(part) for part in parts]
        extents = whole
        if scale.norm.positive or scale.norm.function is not None:
            extents = [_find_extent(part, positive=True) for part in parts]
        samples = []
        for part in parts if _wants_sample(scale) else ():
            samples.append(_new_sample(scale, _SAMPLE))
            samples[-1].add(part, None, (task.top, task.left))
        alpha = Extent()
        if has_alpha(shape[-1] if len(shape) == 3 else 1, scale):
            alpha = _find_extent(block[:, :, -1])
        return task, PartSummary(tuple(extents), _join_extents(whole), tuple(samples), alpha)


class PixelMapping(Protocol):
    """Samples to pixels."""

    def to_pixels(self, block: Array) -> Array:
        """Return the pixels of a part of the image."""


def make_pixel_reader(
    mapping: PixelMapping, read: Callable[[Box], Array]
) -> Callable[[Box], Array]:
    """Return what reads pixels; of values that workers compute, if they do."""
    return ReadPixelsLazily(mapping, read) if hasattr(read, "lazy") else ReadPixels(mapping, read)


@dataclass(frozen=True, slots=True, eq=False)
class ReadPixels:
    """Reads samples, and returns their pixels."""

    mapping: PixelMapping
    read: Any

    def __call__(self, box: Box) -> Array:
        """Return the pixels of a part."""
        return self.mapping.to_pixels(self.read(box))


class ReadPixelsLazily(ReadPixels):
    """The same where workers compute the samples first."""

    def lazy(self, box: Box) -> Any:
        """Return what is to be computed."""
        return self.read.lazy(box)

    def finish(self, block: Any) -> Array:
        """Return the pixels of what was computed."""
        return self.mapping.to_pixels(self.read.finish(block))


def find_mapping(
    scale: ValueScale,
    read: Callable[[Box], Array],
    boxes: list[Box],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    watch: Callable[[int], object],
    run: Executor | None = None,
    store: SummaryStore | None = None,
    colors: IndexedColors | None = None,
) -> ValueMapping:
    """Settle the range of a whole image: minimum and maximum exactly, percentiles by a sample.

    ``shape`` is that of the image, with its channels where it has more than one. Values are read
    only where the range depends on them, and where ``store`` holds no summary of an earlier run.
    """
    channels = shape[2] if len(shape) == 3 else 1
    tiny = without_alpha(
        Values(np.ones((1, 1, channels)[: len(shape)], dtype)),
        *_axis(shape),
        scale,
    )
    found = None
    colors = colors or IndexedColors(None, dtype, scale)
    if may_be_indices(scale, colors.palette, colors.stored):
        found = _load_or_summarize(scale, read, boxes, shape, watch, run, store)
    whole = Extent() if found is None else found.whole
    indexed = index_scale(scale, colors.palette, colors.stored, whole)
    if indexed.untouched:
        indexed = index_scale(colors.otherwise, colors.palette, colors.stored, Extent())
    scale = indexed
    norm = scale.norm
    if norm.function is None:  # what does not fit is refused before anything is read
        limits = _resolve(tiny.array, scale, channels, [])
        ends: tuple[Any, Any] = (None, None)
    else:
        ends = callable_limits(scale, "")
        limits = Limits((0,), (1,))
    if limits.unchanged:
        return ValueMapping(scale, limits, Extent(), channels, False)
    with_alpha = has_alpha(channels, scale)
    opaque = opaque_alpha(dtype, Extent(), Extent()) if with_alpha else None
    summary = ValueSummary((), Extent(finite=dtype.kind != "f"))
    if _needs_summary(scale, dtype) or (with_alpha and not is_opaque_known(dtype)):
        summary = found or _load_or_summarize(scale, read, boxes, shape, watch, run, store)
        if norm.function is not None:
            limits = _resolve_callable(norm, summary, ends)
        else:
            limits = resolve_gathered(scale, dtype, summary.extents, summary.samples)
        if limits.blank:
            warn_blank(shape, str(dtype), limits)
        elif with_alpha:
            opaque = opaque_alpha(dtype, summary.whole, summary.alpha)
            warn_clear(shape, str(dtype), summary.alpha, opaque)
    known = summary.whole
    below = norm.positive and (known.low is None or known.low < 0)
    missing = limits.blank or below or limits.called is not None or not known.finite
    table = None
    if dtype.itemsize <= 2 and dtype.kind in "iu" and not missing and channels in (1, 3):
        table = _make_table(dtype, limits)
    has_missing = missing and channels in (1, 3)
    return ValueMapping(scale, limits, known, channels, has_missing, table, opaque)


def _axis(shape: tuple[int, ...]) -> tuple[int | None]:
    return (None if len(shape) == 2 else 2,)


def _needs_summary(scale: ValueScale, dtype: np.dtype[Any]) -> bool:
    """Return whether the range is to be found from the values."""
    if scale.norm.function is not None:
        return True
    infer = scale.contrast == "infer" and dtype.kind in "iu"
    infer &= not (scale.norm.positive or scale.norm.wants_noise)
    return not (scale.settled or infer or dtype.kind == "b")


def _load_or_summarize(
    scale: ValueScale,
    read: Callable[[Box], Array],
    boxes: list[Box],
    shape: tuple[int, ...],
    watch: Callable[[int], object],
    run: Executor | None,
    store: SummaryStore | None,
) -> ValueSummary:
    """Return the summary of all values that an earlier run has kept, or a new one."""
    found = store.load() if store else None
    if found:
        return found
    summary = _summarize(scale, read, boxes, shape, watch, run or Threads(processors()))
    if store:
        store.save(summary)
    return summary


def _summarize(
    scale: ValueScale,
    read: Callable[[Box], Array],
    boxes: list[Box],
    shape: tuple[int, ...],
    watch: Callable[[int], object],
    run: Executor,
) -> ValueSummary:
    """Summarize all values, which are read once."""
    count = scale.limit_count
    extents, whole, alpha = [Extent()] * count, Extent(), Extent()
    samples = [_new_sample(scale) for _ in range(count if _wants_sample(scale) else 0)]
    work = SummarizeValues(scale, shape)
    with closing(run_closed(run, boxes, read, work)) as done:
        for box, one in done:  # in any order, which changes nothing
            whole, alpha = whole.join(one.whole), alpha.join(one.alpha)
            extents = [own.join(found) for own, found in zip(extents, one.extents, strict=True)]
            for own, found in zip(samples, one.samples, strict=True):
                own.join(found)
            watch(box.shape[0] * box.shape[1])
    return ValueSummary(tuple(extents), whole, tuple(own.values for own in samples), alpha)


def _wants_sample(scale: ValueScale) -> bool:
    return scale.sampled or wants_sample(scale.norm)


def _new_sample(scale: ValueScale, most: int = SAMPLE) -> ValueSample:
    return ValueSample("positive" if scale.norm.positive else "finite", most)


def _find_extent(values: Array, *, positive: bool = False) -> Extent:
    rows = max(1, _STRIP // max(1, values[0].size))
    strips = (values[start : start + rows] for start in range(0, len(values), rows))
    return _join_extents(extent(strip, positive=positive) for strip in strips)


def _join_extents(extents: Iterable[Extent]) -> Extent:
    whole = Extent()
    for one in extents:
        whole = whole.join(one)
    return whole


def _resolve(values: Any, scale: ValueScale, channels: int, known: list[Extent]) -> Limits:
    return resolve_limits(values, None, scale.on_axis(2 if channels > 1 else None), "", known)


def _resolve_callable(norm: Norm, summary: ValueSummary, ends: tuple[Any, Any]) -> Limits:
    """Return the limits of a callable norm that knows the image's ends, and a sample of it."""
    sample = summary.samples[0] if summary.samples else np.empty(0)
    shown = join_ends(summary.whole, summary.extents[0], sample)
    norm = with_limits(norm, shown, *ends)
    blank = not shown.size or bool(np.isnan(norm.normalize(shown, 0, 1)).all())
    return Limits((0,), (1,), blank=blank, called=norm)


def _make_table(dtype: np.dtype[Any], limits: Limits) -> Array | None:
    if len(limits.vmin) > 1:
        return None
    patterns = np.arange(256**dtype.itemsize, dtype=f"u{dtype.itemsize}").view(dtype)
    table: Array = map_values(patterns[None], None, limits)[0]
    return table
