"""From the path of a TIFF to a source: with its mask, and with what lies beside the file.

Not here: pages themselves (`source`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nbimage.arrays.axis_order import resolve_axis_order
from nbimage.arrays.colors import Samples
from nbimage.arrays.decoding import Decoding
from nbimage.arrays.metadata import Metadata
from nbimage.base import optional_imports as optional
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.sources.array import ArraySource
from nbimage.pyramid.sources.tiff.masked import MaskedSource
from nbimage.pyramid.sources.tiff.metadata import AcrossPagesError, read_metadata, series_names
from nbimage.pyramid.sources.tiff.samples import describe_levels
from nbimage.pyramid.sources.tiff.series import find_series
from nbimage.pyramid.sources.tiff.source import TiffSource
from nbimage.pyramid.sources.tiff.steps import find_lines

_BLACK_IS_ZERO = 1
_LARGEST = 1 << 30  # bytes of what goes from page to page


class AcrossPagesSource(ArraySource):
    """An image whose rows or columns go from page to page, read as a whole."""

    orientations = (1,)


def open_tiff(
    path: Path | RemoteFile, axes: Any, channel_axis: int | None, part: str | None = None
) -> TiffSource | MaskedSource | AcrossPagesSource:
    """Return an image of a TIFF as a source: the first, or the series of a number or a name."""
    try:
        return _open_with_others(path, axes, channel_axis, part)
    except ValueError as error:
        across = isinstance(error.__cause__, AcrossPagesError)
        if not across or isinstance(path, RemoteFile):
            raise
        return _open_across_pages(path, axes, channel_axis, part, error)


def _open_across_pages(
    path: Path, axes: Any, channel_axis: int | None, part: str | None, error: ValueError
) -> AcrossPagesSource:
    """Return an image whose rows or columns go from page to page, read as a whole."""
    with optional.import_tifffile().TiffFile(path) as file:
        series, _ = find_series(file, part)
        facts = read_metadata(file, series)
        if series.nbytes > _LARGEST or series.keyframe.photometric != _BLACK_IS_ZERO:
            raise error
        array, names = series.asarray(), series_names(file, series, str(series.axes))
        metadata = Metadata(coordinates=tuple(find_lines(file, series, names)))
        samples = describe_levels([series.keyframe], in_colors=False)[0]
        decoding = samples.decoding
        if samples.scales:
            scale, offset = samples.scales[0]
            decoding = replace(decoding or Decoding(), scale=scale, offset=offset)
    own = Samples(array, metadata=metadata)
    axis_order = resolve_axis_order(array.shape, names, axes, channel_axis, samples=own)
    return AcrossPagesSource([array], axis_order, decoding=decoding, metadata=metadata, **facts)


def _open_with_others(
    path: Path | RemoteFile, axes: Any, channel_axis: int | None, part: str | None
) -> TiffSource | MaskedSource:
    """Return a TIFF's pages with the mask and the smaller levels that it or its folder has."""
    mask, larger = (_beside(path, suffix) for suffix in (".msk", ".ovr"))
    source = TiffSource(path, axes, channel_axis, part, masked=mask is not None)
    if not source.is_first and (mask is not None or larger is not None):  # which are the first's
        source.close()
        mask = larger = None
        source = TiffSource(path, axes, channel_axis, part)
    opened: list[TiffSource] = [source]
    try:
        if larger is not None:
            opened.append(
                TiffSource(larger, axes, channel_axis, pages="levels", masked=source.has_mask)
            )
        levels = list(opened)
        masks = []
        if mask is not None:
            masks = [TiffSource(mask, pages="mask")]
            smaller = _beside(mask, ".ovr")
            if smaller is not None:
                masks.append(TiffSource(smaller, pages="mask"))
        elif source.has_mask:
            masks = [TiffSource(path, pages="mask", like=source)]
            if larger is not None and opened[1].has_mask:
                masks.append(TiffSource(larger, pages="mask"))
        opened += masks
        if len(opened) == 1:
            return source
        return MaskedSource(levels, masks)
    except BaseException:
        for each in opened:
            each.close()
        raise


def _beside(path: Path | RemoteFile, suffix: str) -> Path | None:
    """Return the file beside a file on this machine that has one more suffix; None without one."""
    if isinstance(path, RemoteFile):
        return None
    found = path.with_name(path.name + suffix)
    return found if found.is_file() else None
