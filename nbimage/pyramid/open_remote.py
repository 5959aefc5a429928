"""From an address to a source: in parts where the file's kind has some, else as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbimage.pyramid.core.oriented import as_oriented
from nbimage.pyramid.core.picked import pick_channels
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.remote.range_file import NotInPartsError
from nbimage.pyramid.remote.references import open_remote_references
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.zarr_store import holds_zarr
from nbimage.pyramid.sources.array import ArraySource, open_remote_npy
from nbimage.pyramid.sources.datasets.file_name import HDF5_HEAD
from nbimage.pyramid.sources.datasets.source import open_dataset
from nbimage.pyramid.sources.deepzoom.opening import find_remote_folder, find_remote_tiles
from nbimage.pyramid.sources.deepzoom.source import DeepZoomSource
from nbimage.pyramid.sources.downloaded import DownloadedSource
from nbimage.pyramid.sources.fits.source import FITS_HEAD, open_fits
from nbimage.pyramid.sources.jpeg2000.source import is_jpeg_2000, open_jpeg_2000
from nbimage.pyramid.sources.medical.nifti import find_version, open_nifti
from nbimage.pyramid.sources.ome_zarr.opening import open_remote_zarr
from nbimage.pyramid.sources.tiff.metadata import TIFF_HEADS
from nbimage.pyramid.sources.tiff.opening import open_tiff
from nbimage.pyramid.sources.tiff.series import NoSeriesError
from nbimage.pyramid.sources.zipped import ZIP, open_zip

_NPY = b"\x93NUMPY"
_PACKED = b"\x1f\x8b", b"BZ"
_HEAD = 512  # bytes by which kinds are told


def open_remote(
    remote: RemoteFile,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    part: str | None,
    open_path: Callable[..., Source],
) -> Source:
    """Return the image at an address; ``open_path`` opens the copy of what has no parts.

    ``part``: a series or a variable of a file, an HDU, or names of channels.
    """
    try:
        found = _open_described(remote, axes, channel_axis)
        if found is not None:
            return _picked(found, part, remote)
        try:
            head = remote.head(_HEAD)
        except FileNotFoundError:
            found = _open_folder(remote, axes, channel_axis)
            if found is None:
                raise
            return _picked(found, part, remote)
        if remote.suffix == ".json":
            return _open_references(remote, axes, channel_axis, part)
        if head.in_parts:
            try:
                return _open_in_parts(remote, head.data, axes, channel_axis, orientation, part)
            except NotInPartsError:
                pass
        return DownloadedSource(remote, (axes, channel_axis, orientation, part), open_path)
    except BaseException:
        remote.close()
        raise


def _picked(found: Source, part: str | None, remote: RemoteFile) -> Source:
    """Return the channels of an image that are named, if any are."""
    return found if part is None else pick_channels(found, part, str(remote))


def _open_described(remote: RemoteFile, axes: Any, channel_axis: int | None) -> Source | None:
    """Return tiles that have a descriptor, or what has the suffix of zarr; None for any other."""
    if remote.suffix == ".dzi":
        return DeepZoomSource(remote)
    tiles = find_remote_tiles(remote)
    if tiles is not None:
        return tiles
    if remote.suffix in ("", ".zarr") and holds_zarr(remote):
        return open_remote_zarr(remote, axes, channel_axis)
    return None


def _open_folder(remote: RemoteFile, axes: Any, channel_axis: int | None) -> Source | None:
    """Return what lies in a folder; None where nothing does."""
    folder = find_remote_folder(remote)
    if folder is not None:
        return folder
    if remote.suffix in ("", ".zarr") or not holds_zarr(remote):
        return None
    return open_remote_zarr(remote, axes, channel_axis)


def _open_references(
    remote: RemoteFile, axes: Any, channel_axis: int | None, part: str | None
) -> Source:
    found = open_remote_references(remote, part)
    remote.close()
    try:
        return open_remote_zarr(found, axes, channel_axis)
    except BaseException:
        found.close()
        raise


def _open_in_parts(
    remote: RemoteFile,
    head: bytes,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    part: str | None,
) -> Source:
    """Return an image that is read in parts. Raises NotInPartsError for other kinds."""
    if head[:4] in TIFF_HEADS:
        found = _open_tiff(remote, axes, channel_axis, part)
        if not orientation or not hasattr(found, "orientations"):  # of channels that are named
            return found
        return as_oriented(found, found.orientations, getattr(found, "page_orientations", ()))
    if head.startswith(ZIP) and remote.suffix != ".npz":
        return open_zip(remote, axes, channel_axis, part)
    if is_jpeg_2000(head):
        return _picked(open_jpeg_2000(remote), part, remote)
    if head.startswith((*_PACKED, ZIP)):
        raise NotInPartsError
    source: ArraySource
    if head.startswith(_NPY):
        source = open_remote_npy(remote, axes, channel_axis)
    elif head.startswith(FITS_HEAD):
        source = open_fits(remote, axes, channel_axis, part)
    elif find_version(head) is not None:
        source = open_nifti(remote, axes, channel_axis)
    elif head.startswith(HDF5_HEAD):
        source = open_dataset(remote, axes, channel_axis, part)
    else:
        raise NotInPartsError
    source.remote = remote
    own = part is None or head.startswith((FITS_HEAD, HDF5_HEAD))
    return source if own else _picked(source, part, remote)


def _open_tiff(remote: RemoteFile, axes: Any, channel_axis: int | None, part: str | None) -> Source:
    """Return a series of a TIFF, or channels of its first one."""
    try:
        return open_tiff(remote, axes, channel_axis, part)
    except ValueError as error:
        if part is None or not isinstance(error.__cause__, NoSeriesError):
            raise
        whole = open_tiff(remote, axes, channel_axis, None)
        if not whole.channel_names:
            raise
        return pick_channels(whole, part, str(remote))
