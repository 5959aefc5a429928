"""From a path or an array to a pyramid."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.arrays.ingest import without_orientation
from nbimage.arrays.orientation import UPRIGHT
from nbimage.base.doors import door
from nbimage.base.lazy_types import find_type
from nbimage.logs import Lazily, find_log
from nbimage.pyramid.core.oriented import stored_source
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.levels.label_levels import set_labels
from nbimage.pyramid.levels.level_cache import with_level_cache
from nbimage.pyramid.open_path import open_path
from nbimage.pyramid.open_plugin import call_reader, find_reader
from nbimage.pyramid.open_remote import open_remote
from nbimage.pyramid.own_axes import check_axes
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.url import is_address, local_path, redact_secrets
from nbimage.pyramid.sources.array import open_array
from nbimage.pyramid.sources.datasets.file_name import split_variable
from nbimage.pyramid.sources.fits.file_name import split_part
from nbimage.pyramid.sources.jpeg2000.source import (
    Jpeg2000Source,
)
from nbimage.pyramid.sources.ome_zarr.opening import (
    open_group,
    open_store,
)
from nbimage.pyramid.sources.ome_zarr.zip_store import split_zipped
from nbimage.pyramid.sources.pillow_image import (
    PillowSource,
)
from nbimage.pyramid.sources.tiff.masked import MaskedSource
from nbimage.pyramid.sources.tiff.source import TiffSource
from nbimage.pyramid.sources.video_file import is_animation, open_video
from nbimage.pyramid.sources.vips_image import VipsSource

if TYPE_CHECKING:
    from nbimage.typing import ImageLike

_LOG = find_log("open")
_FILES = ("fsspec.core", "OpenFile"), ("upath", "UPath")
_MOST = 1 << 31  # rows and columns


@door
def open_pyramid(
    source: ImageLike,
    *,
    tile_size: int = 254,
    overlap: int = 1,
    channel_axis: int | None = None,
    axes: str | Sequence[str] | None = None,
    storage_options: Mapping[str, Any] | None = None,
    cache: bool | None = None,
    orientation: bool = True,
    labels: bool | None = None,
) -> Pyramid:
    """Open an image of any size; nothing is read or computed yet.

    Parameters
    ----------
    source : array-like, path or address
        A NumPy, dask or zarr array or any other array-like; or the path of an ``.npy`` file, an
        ``.npz`` file of one array, a TIFF or OME-TIFF (its first series, or that of a number or a
        name such as ``image.tif[1]``) or the ``.companion.ome`` of several, an OME-Zarr folder
        or ``.ozx`` (a plate or a well is a stack of its fields, each an image by its path, such as
        ``plate.zarr/B/03/0``, as a label image is: ``image.ozx/labels/cells``), a Deep Zoom
        ``.dzi``, ``.szi`` or ``.zip``, a folder of tiles in the layout of IIIF, Google or Zoomify
        (or its ``info.json``, ``tiles.json`` or ``ImageProperties.xml``), a slide that OpenSlide
        reads, a FITS file (its first image, or that of an HDU such as ``image.fits[SCI]``), a
        NIfTI, Analyze, MGH, AFNI or PAR/REC volume, a DICOM file, a folder of the DICOM files of a
        series or its DICOMDIR (of several series: ``folder[3]``), an HDF5 or NetCDF file (of
        several variables: ``file.nc/t2m``, as of a zarr folder), a video, or a picture that Pillow
        or libvips opens: of an animation (GIF, WebP, APNG, AVIF) the first frame;
        ``open_pyramid(frames(path))`` has all, as a view does.
        An address such as ``https://host/image.dzi`` or ``s3://bucket/image.ome.zarr``, of any kind
        that fsspec knows, is read in parts as they are asked for; a picture, a packed file, and
        whatever a server sends in one piece only, is fetched as a whole into a temporary file, of
        at most 4 GiB, which `close` removes. A read that fails by chance, or for which the server
        is silent for 30 seconds, is tried up to 5 times within 60 seconds.
        A zarr store, or a file of fsspec's, is taken as well; and whatever other packages read by
        the entry points ``nbimage.sources`` (see docs/plugins.md).
        A pyramid is taken with other tiles; either's `close` closes both.
    tile_size, overlap : int, optional
        Of the tiles that `Pyramid.tile` returns.
    channel_axis : int, optional
        Where the channels of a pixel are; default: as the file says, or guessed from the shape.
    axes : str or sequence of str, optional
        A letter or a name for each axis, such as "tzyx"; default: the file's own.
    storage_options : dict, optional
        What fsspec's file system takes, such as ``{"anon": True}`` for s3. They are pickled with
        the pyramid.
    cache : bool, optional
        Keep levels that a file lacks in a cache folder, built when they are first read, or behind
        the rough overview of a view. Default: of TIFF and pictures of more than 2^28 samples;
        True: of any file; False: of none. The folder is named by NBIMAGE_CACHE, its largest size
        by NBIMAGE_CACHE_SIZE (20 GiB).
    orientation : bool
        Turn a picture, or a TIFF's levels, as the orientation in its EXIF or TIFF tags asks for:
        upright. False: as the samples are stored; of a PIL image, as Pillow has them (it turns
        TIFFs itself). OME-TIFF, georeferenced TIFF and slides are never turned: what they say of
        positions is of what is stored.
    labels : bool, optional
        The samples are labels, numbers of classes or objects, of which there is no mean: smaller
        levels that the file lacks are made by taking the upper left one of two by two. True: also
        those that mix samples, where the file does not say that they are labels. Default: as
        the data say, by ``image-label`` of OME-Zarr, ``flag_values`` of CF, the intent of NIfTI,
        a segmentation of DICOM, a palette of a TIFF or JPEG 2000, or what else names classes.

    Raises
    ------
    OSError, ValueError, TypeError
        For what can't be opened, in one line.

    Examples
    --------
    >>> nbimage.open_pyramid(np.arange(30_000).reshape(3, 100, 100), axes="zyx")
    <Pyramid 100 x 100 int64, z=3, 8 levels>
    """
    own = storage_options, cache, orientation, labels
    return _open_pyramid(_opened, source, tile_size, overlap, axes, channel_axis, *own)


def open_whole(
    source: Any,
    *,
    axes: Any = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
) -> Pyramid:
    """Open what `open_pyramid` does, an animation with all its frames."""
    own = None, None, orientation, labels
    return _open_pyramid(_opened_whole, source, 254, 1, axes, channel_axis, *own)


def _open_pyramid(
    opener: Callable[..., Source],
    source: Any,
    tile_size: int,
    overlap: int,
    axes: Any,
    channel_axis: int | None,
    storage_options: Mapping[str, Any] | None,
    cache: bool | None,
    orientation: bool,
    labels: bool | None,
) -> Pyramid:
    if isinstance(source, Pyramid):
        names = "axes and channel_axis", "orientation", "labels", "storage_options", "cache"
        has_axes = axes is not None or channel_axis is not None
        differ = labels is not None and labels != source.labels
        given = has_axes, not orientation, differ, bool(storage_options), bool(cache)
        for refused in itertools.compress(names, given):
            raise ValueError(
                f"{refused} must be left out of a pyramid: give it to the open_pyramid that opens "
                "its file or array"
            )
        return Pyramid(source.source, tile_size=tile_size, overlap=overlap)
    source, part = _split(source)
    remote = _remote(source, storage_options)
    if remote is not None:
        opened = open_remote(remote, axes, channel_axis, orientation, part, opener)
        set_labels(opened, labels)
    else:
        opened = opener(source, axes, channel_axis, orientation, part)
        set_labels(opened, labels)
        turned = () if opened.turned_from == UPRIGHT else (opened.turned_from,)
        named = () if part is None else (part,)
        opened = _cached(opened, source, (axes, channel_axis, *turned, *named), cache)
    is_named = isinstance(source, (str, os.PathLike)) or remote is not None
    try:
        check_axes(opened, axes, channel_axis)
        rows, columns = opened.shapes[0]
        if is_named and not (1 <= rows <= _MOST and 1 <= columns <= _MOST):
            raise ValueError(
                f"{_describe(source)} must hold an image of 1 to 2^31 rows and columns, but it has "
                f"{rows} and {columns}"
            )
    except ValueError:
        opened.close()
        raise
    if is_named:
        kind, name = type(stored_source(opened)).__name__, Lazily(_describe, source)
        _LOG.info("%s by %s: %s of %s", name, kind, opened.shapes, opened.stored)
    try:
        return Pyramid(opened, tile_size=tile_size, overlap=overlap)
    except BaseException:
        opened.close()
        raise


def find_path(source: Any) -> Path | None:
    """Return the path on this machine that a source names; None for any other."""
    source, _ = _split(source)
    if is_address(source):
        return local_path(str(source))
    if not isinstance(source, (str, os.PathLike)) or any(
        isinstance(source, find_type(*home)) for home in _FILES
    ):
        return None
    return _path(source)


def _split(source: Any) -> tuple[Any, str | None]:
    """Return a path without the part of the file that it names, and that part."""
    found, part = split_part(source)
    if part is None:
        found, part = split_zipped(found)
    return (found, part) if part is not None else split_variable(found)


def _remote(source: Any, options: Mapping[str, Any] | None) -> RemoteFile | None:
    if is_address(source) and local_path(source) is None and find_reader(source) is None:
        return RemoteFile(source, options)
    if options:
        raise ValueError(f"storage_options must come with an address, but got {source!r:.100}")
    if any(isinstance(source, find_type(*home)) for home in _FILES):
        return RemoteFile.from_fs(source.fs, source.path)
    return None


def _opened(
    source: Any,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    part: str | None = None,
) -> Source:
    if isinstance(source, find_type("zarr", "Group")):
        return open_group(source, axes, channel_axis)
    if isinstance(source, find_type("zarr.abc.store", "Store")):
        return open_store(source, axes, channel_axis)
    if not isinstance(source, (str, os.PathLike)):
        samples = source if orientation else without_orientation(source)
        return open_array(samples, axes, channel_axis)
    reader = find_reader(source)
    if reader is not None:
        return call_reader(reader, source, axes, channel_axis)
    return open_path(_path(source), axes, channel_axis, orientation, part)


def _opened_whole(
    source: Any,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    part: str | None = None,
) -> Source:
    """Open an animation with all its frames, anything else as `_opened`."""
    if part is None and isinstance(source, (str, os.PathLike)) and is_animation(_path(source)):
        return open_video(_path(source), axes, channel_axis, orientation)
    return _opened(source, axes, channel_axis, orientation, part)


def _cached(opened: Source, source: Any, key: Any, cache: bool | None) -> Source:
    """Return a file's source with levels that are kept in the cache, where that is wanted."""
    kinds = (TiffSource, MaskedSource, Jpeg2000Source, PillowSource, VipsSource)
    large = isinstance(stored_source(opened), kinds)
    if not isinstance(source, (str, os.PathLike)) or not (large if cache is None else cache):
        return opened
    if find_reader(source) is not None:  # where nothing tells whether it changed
        return opened
    try:
        return with_level_cache(opened, _path(source), key=key, always=bool(cache))
    except BaseException:
        opened.close()
        raise


def _describe(source: Any) -> str:
    return redact_secrets(str(source))


def _path(source: Any) -> Path:
    try:
        return (is_address(source) and local_path(str(source))) or Path(source).expanduser()
    except RuntimeError:
        raise ValueError(f"unknown user in path {os.fspath(source)!r}") from None
