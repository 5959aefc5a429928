"""From a path on this machine to a source: which reader takes what it names.

Not here: addresses (`open_remote`), files of other packages' readers (`open_plugin`).
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbimage.pyramid.core.oriented import as_oriented
from nbimage.pyramid.core.picked import pick_channels
from nbimage.pyramid.core.source import Source
from nbimage.pyramid.open_plugin import open_by_plugin
from nbimage.pyramid.remote.references import is_references, open_references
from nbimage.pyramid.sources.array import open_npy, open_npz
from nbimage.pyramid.sources.beside import set_georeference
from nbimage.pyramid.sources.datasets.file_name import is_dataset
from nbimage.pyramid.sources.datasets.source import open_dataset
from nbimage.pyramid.sources.decoded_image import find_decoder, open_decoded
from nbimage.pyramid.sources.deepzoom.opening import find_tiles
from nbimage.pyramid.sources.deepzoom.source import DeepZoomSource
from nbimage.pyramid.sources.fits.source import is_fits, open_fits
from nbimage.pyramid.sources.jpeg2000.source import (
    is_jpeg_2000,
    open_jpeg_2000,
)
from nbimage.pyramid.sources.medical.dicom_file import is_dicom, is_directory, open_dicom
from nbimage.pyramid.sources.medical.nifti import is_nifti, open_nifti
from nbimage.pyramid.sources.medical.series import is_series, open_series
from nbimage.pyramid.sources.ome_zarr.opening import (
    is_zarr,
    open_remote_zarr,
    open_zarr,
)
from nbimage.pyramid.sources.ome_zarr.variables import explain_lack
from nbimage.pyramid.sources.ome_zarr.zip_store import SUFFIX
from nbimage.pyramid.sources.openslide_image import OpenSlideSource, is_known_slide, is_slide
from nbimage.pyramid.sources.pillow_image import (
    PillowSource,
    TooLargeError,
    open_image,
)
from nbimage.pyramid.sources.tiff.masked import MaskedSource
from nbimage.pyramid.sources.tiff.metadata import TIFF_HEADS, OtherColorsError
from nbimage.pyramid.sources.tiff.opening import AcrossPagesSource, open_tiff
from nbimage.pyramid.sources.tiff.series import NoSeriesError, find_first_file, is_companion
from nbimage.pyramid.sources.tiff.source import TiffSource
from nbimage.pyramid.sources.unread import check_read
from nbimage.pyramid.sources.video_file import is_video, open_video
from nbimage.pyramid.sources.vips_image import VipsSource
from nbimage.pyramid.sources.zipped import ZIP, is_zip, open_zip


def open_path(
    path: Path, axes: Any, channel_axis: int | None, orientation: bool, part: str | None
) -> Source:
    """Open what a path names, by what is there, its suffix and marks that only its format has."""
    if not path.exists():
        raise FileNotFoundError(explain_lack(path))
    if is_companion(path) and path.is_file():
        path = find_first_file(path)
    if not path.is_file() and not path.is_dir():
        raise ValueError(f"{path} must be a file or a folder, but is a pipe or a device")
    plugged = open_by_plugin(path, axes, channel_axis, part)
    if plugged is not None:
        return plugged
    tiles = None if path.is_dir() and is_zarr(path) else find_tiles(path)
    if tiles is not None:
        return tiles
    if is_directory(path) if path.is_file() else not is_zarr(path) and is_series(path):
        return open_series(path, axes, channel_axis, part)
    check_read(path)
    if is_references(path):
        return open_remote_zarr(open_references(path, part), axes, channel_axis)
    if path.is_file() and is_dataset(path):
        return open_dataset(path, axes, channel_axis, part)
    if path.is_file() and (part is not None or path.suffix.lower() == SUFFIX) and is_zip(path):
        return open_zip(path, axes, channel_axis, part)
    if part is not None and not (path.is_file() and (is_fits(path) or _is_tiff(path))):
        whole = open_path(path, axes, channel_axis, orientation, None)
        return pick_channels(whole, part, str(path))
    if path.suffix.lower() == ".npy":
        return open_npy(path, axes, channel_axis)
    if path.suffix.lower() == ".npz" and path.is_file():
        return open_npz(path, axes, channel_axis)
    if path.is_dir():
        if is_zarr(path):
            return open_zarr(path, axes, channel_axis)
        raise ValueError(
            f"{path} must be a zarr folder, a folder of DICOM files or a file, but is another "
            "folder: nbgrid and nbvideo take a folder of pictures"
        )
    if is_fits(path):
        return open_fits(path, axes, channel_axis, part)
    if is_nifti(path):
        return open_nifti(path, axes, channel_axis)
    if path.suffix.lower() == ".dzi":
        return DeepZoomSource(path)
    if is_dicom(path) and not is_known_slide(path):
        return open_dicom(path, axes, channel_axis)
    if part is None and is_slide(path):
        return OpenSlideSource(path)
    return _open_by_head(path, axes, channel_axis, orientation, part)


def _open_by_head(
    path: Path, axes: Any, channel_axis: int | None, orientation: bool, part: str | None
) -> Source:
    """Open a file of which its first bytes tell the format."""
    with path.open("rb") as file:
        start = file.read(12)
    head = start[:4]
    if is_video(path.name, start):
        return open_video(path, axes, channel_axis, orientation)
    if head == ZIP:
        return open_zip(path, axes, channel_axis, part)
    if is_jpeg_2000(start):
        picture = open_jpeg_2000(path)
        set_georeference(picture, path)
        return picture
    decode = find_decoder(path)
    if decode is not None:
        return open_decoded(path, decode, axes, channel_axis)
    return _open_picture(path, head in TIFF_HEADS, axes, channel_axis, orientation, part)


def _open_picture(
    path: Path,
    tiff: bool,
    axes: Any,
    channel_axis: int | None,
    orientation: bool,
    part: str | None,
) -> Source:
    """Open a TIFF, or a picture by Pillow; by libvips one too large for that."""
    found: TiffSource | MaskedSource | AcrossPagesSource | PillowSource
    try:
        if tiff:
            found = _open_tiff(path, axes, channel_axis, part)
        else:
            found = PillowSource(path)
            set_georeference(found, path)
        return _turned(found, orientation)
    except TooLargeError:
        if axes is not None or channel_axis is not None:
            raise
        huge = VipsSource(path)
        set_georeference(huge, path)
        return _turned(huge, orientation)
    except ValueError as error:
        if part is not None and isinstance(error.__cause__, NoSeriesError):
            whole = open_path(path, axes, channel_axis, orientation, None)
            if not whole.channel_names:
                whole.close()
                raise
            return pick_channels(whole, part, str(path))
        # OpenSlide, asked for a damaged TIFF, may end the process
        if not tiff and is_known_slide(path):  # such as DICOM, which needs no suffix
            return OpenSlideSource(path)
        raise


def _is_tiff(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in TIFF_HEADS


def _turned(
    source: TiffSource | MaskedSource | AcrossPagesSource | PillowSource | VipsSource,
    orientation: bool,
) -> Source:
    if not orientation:
        return source
    return as_oriented(source, source.orientations, getattr(source, "page_orientations", ()))


def _open_tiff(
    path: Path, axes: Any, channel_axis: int | None, part: str | None
) -> TiffSource | MaskedSource | AcrossPagesSource | PillowSource:
    """Open a TIFF; as a picture one of a single page in other colors, or without tifffile."""
    try:
        return open_tiff(path, axes, channel_axis, part)
    except (ImportError, OtherColorsError) as error:
        installed = isinstance(error, ImportError) and find_spec("tifffile")
        if installed or part is not None or axes is not None or channel_axis is not None:
            raise
        try:
            with open_image(path, str(path)) as image:
                single = getattr(image, "n_frames", 1) == 1
        except ValueError:  # what only tifffile reads
            single = False
        if not single:
            raise
        try:
            return PillowSource(path)
        except TooLargeError:
            if isinstance(error, OtherColorsError):  # which libvips does not convert either
                raise error from None
            raise
