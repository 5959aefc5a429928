"""Frames of files, for videos and lists of pictures: read one by one.

Not here: single pictures (`read_files`), where the frames of arrays come from
(`nbimage.arrays.frame_sources`).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from nbimage.arrays.frame_axes import AxisFrames, FrameAxis
from nbimage.arrays.ingest import Values, as_values, only_variable, without_orientation
from nbimage.arrays.pillow.animation import SUFFIXES
from nbimage.base.forks import PositionedFile, remove_at_end
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.read_files import (
    as_picture,
    is_file,
    plane_metadata,
    read_array,
    read_image,
)

if TYPE_CHECKING:
    from nbimage.arrays.pillow.animation import Animation, Timing
    from nbimage.codecs.clips.video_frames import VideoFrames
    from nbimage.mapping.channels.blend import Asked
    from nbimage.pyramid.core.pyramid import Pyramid

_PICTURES = SUFFIXES | {".bmp", ".heic", ".jpeg", ".jpg", ".jxl", ".npy", ".tif", ".tiff"}


def read_frames(
    data: Any,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
    *,
    samples_apart: bool = False,
    several: float = 1,
    channels: Asked = None,
) -> tuple[Any, int | None]:
    """Return the frames of a file, a folder or a pattern, read one by one; else what was given.

    The second is where the channels are in what is returned. An animation, a TIFF of several pages,
    a stack in any file, a folder of pictures, a pattern such as ``frames/*.png``, or a list of
    paths. ``labels``: as for `open_pyramid`. ``samples_apart``: those of a pixel that are no colors
    are a frame each; else they are one frame together. ``several``: along so many axes
    frames of a file may lie. ``channels``: those of composites, as `resolve_channels` has them.
    """
    data = only_variable(data)
    if isinstance(data, (list, tuple)) and data and all(map(is_file, data)):
        return _PictureFiles(data, channel_axis, orientation, labels, channels), None
    if isinstance(data, find_type("PIL.Image", "Image")):
        data = _as_animation(data, orientation=orientation) or [data]
    if not is_file(data):
        layers = _find_layers(data, channel_axis, channels)
        if layers is None:
            layers = data if orientation else _without_orientation(data)
        return layers, channel_axis
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.core.read_channels import (
        ChannelsOfFrames,
        find_frames_of_channels,
        pick_asked,
    )
    from nbimage.pyramid.open import find_path, open_pyramid
    from nbimage.pyramid.remote.url import redact_secrets
    from nbimage.pyramid.sources.ome_zarr.opening import open_zarr_array

    files = list_files(data)
    if files is not None:
        return _PictureFiles(files, channel_axis, orientation, labels, channels), None
    path = find_path(data)
    array = read_array(path)
    if array is None and path is not None:
        array = open_zarr_array(path)  # its axes are read as those of the array in memory
    if array is not None and array.ndim != 2:  # of one picture there is one frame
        layers = _find_layers(array, channel_axis, channels)
        return (array if layers is None else layers), channel_axis
    video = _open_video(data, path, orientation)
    if video is not None:
        return video, None
    animation = _open_animation(data, path)
    if animation is not None:
        return animation if orientation else _without_orientation(animation), None
    own = not isinstance(data, Pyramid) or not orientation  # which says what is wrong then
    options: Any = {"channel_axis": channel_axis, "orientation": orientation, "labels": labels}
    pyramid = open_pyramid(data, **options) if own else data
    pyramid = pick_asked(pyramid, channels) if channels else pyramid
    found = find_frames_of_channels(pyramid, channels, several)
    if found is not None and (found[1] or not samples_apart):
        return ChannelsOfFrames(pyramid, *found, own=own), None
    axes = [axis for axis in pyramid.axes if axis[1] > 1]
    if len(axes) > several:
        lengths = ", ".join(f"{length} along {axis}" for axis, length in axes)
        name = redact_secrets(str(data))
        one, way = "one axis of frames", "use nbview"
        if several > 1:
            one, way = "one or two axes of frames", "name its facets with row= and column="
        raise ValueError(f"{name} must have {one}, but has {lengths}: {way}")
    return _PyramidFrames(pyramid, own=own), None


def _find_layers(data: Any, channel_axis: int | None, channels: Asked) -> Any:
    """Return frames of channels that are no colors, of a lazy or a named array; else None.

    Not of a plain array in memory, whose frames need no reading (`find_channel_frames`).
    """
    plain = isinstance(data, (np.ndarray, list, tuple, Iterator)) or not hasattr(data, "shape")
    if channels is False or plain or len(data.shape) < 4:
        return None
    from nbimage.pyramid.core.read_channels import (
        ChannelsOfFrames,
        find_channels,
        find_frames_of_channels,
        pick_asked,
    )
    from nbimage.pyramid.open import open_pyramid

    try:
        pyramid = open_pyramid(data, channel_axis=channel_axis)
    except (TypeError, ValueError):  # what reads the frames says it better
        return None
    pyramid = pick_asked(pyramid, channels) if channels else pyramid
    found = find_frames_of_channels(pyramid, channels)
    alone = find_channels(pyramid, channels) if found is None else None
    if alone is not None:  # a stack of one frame
        found = alone, ()
    return None if found is None else ChannelsOfFrames(pyramid, *found, own=False)


def find_timing(frames: Any) -> Timing | None:
    """Return for how long each frame of `read_frames` is shown; None where no file tells."""
    timing: Timing | None = frames.find_timing() if hasattr(frames, "find_timing") else None
    return timing


def list_files(data: Any) -> list[str] | None:
    """Return the picture files of a folder or a pattern, sorted; None for anything else."""
    import glob

    from nbimage.pyramid.open import find_path
    from nbimage.pyramid.sources.deepzoom.opening import is_tiles
    from nbimage.pyramid.sources.medical.series import is_series
    from nbimage.pyramid.sources.ome_zarr.opening import is_zarr

    path = find_path(data)
    if path is None:
        return None
    if path.is_dir() and not is_zarr(path) and (is_series(path) or is_tiles(path)):
        return None
    if path.is_dir() and not is_zarr(path):
        files = sorted(str(file) for file in path.iterdir() if file.suffix.lower() in _PICTURES)
    elif not path.exists() and glob.has_magic(str(path)):
        files = sorted(glob.glob(str(path)))
    else:
        return None
    if not files:
        raise FileNotFoundError(f"no pictures in {str(path)!r}")
    return files


def _open_video(data: Any, path: Path | None, orientation: bool) -> VideoFrames | None:
    """Return the frames of a video, here or at an address; None of any other file."""
    from nbimage.pyramid.remote.url import is_address
    from nbimage.pyramid.sources.video_file import frames, is_video

    head = b""
    if path is not None:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            head = file.read(12)
    elif not is_address(data):
        return None
    if not is_video(str(data if path is None else path), head):
        return None
    return frames(data if path is None else path, orientation=orientation)


def _open_animation(data: Any, path: Path | None) -> Animation | None:
    """Return what Pillow has several frames of; TIFFs have their own reader."""
    from nbimage.pyramid.remote.remote_file import RemoteFile
    from nbimage.pyramid.remote.url import find_suffix, is_address

    name = str(path if path is not None else data)
    if find_suffix(name) not in SUFFIXES:
        return None
    if path is not None:
        return _as_animation(_open_by_position(path, name), name) if path.is_file() else None
    if not is_address(data):
        return None
    remote = RemoteFile(data)
    try:
        copy = remote.download()
    finally:
        remote.close()
    image = _open_by_position(copy, str(remote))
    remove_at_end(image, copy)
    return _as_animation(image, str(remote))


def _open_by_position(path: Path, name: str) -> Any:
    """Open a picture whose frames a forked process may read too, with a position of its own."""
    from nbimage.pyramid.sources.pillow_image import open_image

    file = PositionedFile(path)
    try:
        image = open_image(cast("IO[bytes]", file), name)
    except BaseException:
        file.close()
        raise
    weakref.finalize(image, file.close)
    return image


def _as_animation(
    image: Any, name: str = "the animation", orientation: bool = True
) -> Animation | None:
    from nbimage.arrays.pillow.animation import Animation, has_frames

    if not has_frames(image, name):
        return None
    if image.format != "TIFF":
        return Animation(image, name)
    return Animation(image, name, as_values if orientation else without_orientation)


class _PictureFiles(Sequence[Any]):
    """Picture files as frames, opened one at a time."""

    of_files = True

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        channel_axis: int | None,
        orientation: bool,
        labels: bool | None,
        channels: Asked,
    ) -> None:
        self._paths, self._channel_axis = paths, channel_axis
        self._options = {"orientation": orientation, "labels": labels, "channels": channels}

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: Any) -> Any:
        options: Any = self._options
        image = read_image(self._paths[index], self._channel_axis, **options)
        if image.channel_axis is None or isinstance(image.data, Values):
            return image.data
        return as_picture(Values(np.moveaxis(image.data, image.channel_axis, -1)))


class _StoredFrames(Sequence[Any]):
    """Frames as they are stored, of which none is turned."""

    def __init__(self, frames: Sequence[Any]) -> None:
        self._frames = frames

    @property
    def texts(self) -> tuple[str, ...]:
        """What each frame is called."""
        return getattr(self._frames, "texts", ())

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: Any) -> Any:
        return without_orientation(self._frames[index])

    def __iter__(self) -> Iterator[Any]:
        return map(without_orientation, self._frames)

    def find_timing(self) -> Timing | None:
        """Return for how long each frame is shown; None where that is not known."""
        return find_timing(self._frames)


def _without_orientation(frames: Any) -> Any:
    """Return frames of which none is turned; a list's are taken one by one."""
    several = isinstance(frames, Sequence) and not isinstance(frames, (str, bytes))
    return _StoredFrames(frames) if several else without_orientation(frames)


class _PyramidFrames(AxisFrames):
    """The images along the axes of a pyramid, in full size; one where there are none."""

    def __init__(self, pyramid: Pyramid, *, own: bool) -> None:
        along = pyramid.metadata.along
        axes = tuple(FrameAxis(*axis, along(i)) for i, axis in enumerate(pyramid.axes))
        super().__init__(axes, pyramid.metadata.label)
        self._pyramid = pyramid
        if own:
            weakref.finalize(self, pyramid.close)

    def _read(self, index: tuple[int, ...]) -> Values:
        from nbimage.pyramid.core.stored import find_pixel, find_windows, read_stored

        windows = find_windows(self._pyramid, index)
        known, pixel = plane_metadata(self._pyramid), find_pixel(self._pyramid)
        metadata = replace(known, windows=windows, pixel=pixel)
        return as_picture(read_stored(self._pyramid, index=index, metadata=metadata))
