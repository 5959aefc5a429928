"""From a path or an array to a pyramid."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbimage.pyramid.arrays import open_array, open_npy
from nbimage.pyramid.dzis import DziSource
from nbimage.pyramid.pictures import PictureSource, TooLargeError
from nbimage.pyramid.pyramid import Pyramid
from nbimage.pyramid.source import Source
from nbimage.pyramid.tiffs import open_tiff
from nbimage.pyramid.vips import VipsSource
from nbimage.pyramid.zarrs import is_zarr, open_group, open_zarr
from nbimage.values.loaded import loaded

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ZIP = b"PK\3\4"


def open_pyramid(
    source: Any,
    *,
    tile_size: int = 254,
    overlap: int = 1,
    channel_axis: int | None = None,
    axes: Any = None,
) -> Pyramid:
    """Open an image of any size; nothing is read or computed yet.

    Parameters
    ----------
    source : array-like or path
        A NumPy, dask or zarr array or any other array-like; or the path of an ``.npy`` file, a
        TIFF or OME-TIFF, an OME-Zarr folder, a Deep Zoom ``.dzi``, ``.szi`` or ``.zip``, or a
        picture that Pillow opens.
        A pyramid is taken with other tiles; either's `close` closes both.
    tile_size, overlap : int, optional
        Of the tiles that `Pyramid.tile` returns.
    channel_axis : int, optional
        Where the channels of a pixel are; default: as the file says, or guessed from the shape.
    axes : str or sequence of str, optional
        A letter or a name for each axis, such as "tzyx"; default: the file's own.

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        For what can't be opened, in one line.
    """
    if isinstance(source, Pyramid):
        if axes is not None or channel_axis is not None:
            raise ValueError("axes and channel_axis must be left out for what is a pyramid already")
        return Pyramid(source.source, tile_size=tile_size, overlap=overlap)
    opened = _opened(source, axes, channel_axis)
    try:
        return Pyramid(opened, tile_size=tile_size, overlap=overlap)
    except BaseException:
        opened.close()
        raise


def _opened(source: Any, axes: Any, channel_axis: int | None) -> Source:
    if isinstance(source, loaded("zarr", "Group")):
        return open_group(source, axes, channel_axis)
    if not isinstance(source, (str, os.PathLike)):
        return open_array(source, axes, channel_axis)
    path = Path(source).expanduser()
    if not path.exists():
        raise FileNotFoundError(f"{path} must be a file or a folder, but there is none")
    if path.suffix.lower() == ".npy":
        return open_npy(path, axes, channel_axis)
    if path.is_dir():
        if is_zarr(path):
            return open_zarr(path, axes, channel_axis)
        raise ValueError(f"{path} must be a zarr folder or a file, but is another folder")
    if path.suffix.lower() == ".dzi":
        return DziSource(path)
    with path.open("rb") as file:
        head = file.read(4)
    if head in _TIFF:
        return open_tiff(path, axes, channel_axis)
    if head == _ZIP:
        return DziSource(path)
    try:
        return PictureSource(path)
    except TooLargeError:
        return VipsSource(path)
