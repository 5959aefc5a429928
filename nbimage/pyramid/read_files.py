"""Pictures and frames of files, for all that takes arrays: every verb opens the same files alike.

`open_pyramid` says which files there are; this module reads of them what fits into memory. What
shows an image of any size takes the pyramid itself. The readers are imported when a file is named:
they take longer than all else that a picture needs.
"""

from __future__ import annotations

import math
import os
import weakref
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np

from nbimage.arrays.ingest import Values, as_values, only_variable, without_orientation
from nbimage.arrays.metadata import Metadata
from nbimage.base.forks import PositionedFile, remove_at_end
from nbimage.base.lazy_types import find_type

if TYPE_CHECKING:
    from nbimage.arrays.pillow.animation import Animation, Timing
    from nbimage.pyramid.core.pyramid import Pyramid

_ANIMATIONS = frozenset({".gif", ".webp", ".png", ".apng", ".avif"})
_FILES = (
    ("fsspec.core", "OpenFile"),
    ("upath", "UPath"),
    ("zarr", "Group"),
    ("zarr.abc.store", "Store"),
    ("nbimage.pyramid.core.pyramid", "Pyramid"),
)
_PICTURES = _ANIMATIONS | {".bmp", ".heic", ".jpeg", ".jpg", ".jxl", ".npy", ".tif", ".tiff"}


@dataclass(frozen=True, slots=True, eq=False)
class FileImage:
    """An image as it is given to a verb: an array, or what was read of a file."""

    data: Any
    channel_axis: int | None
    shape: tuple[int, int] | None = None
    """Rows and columns of the whole image, where that is a file's."""
    factor: int = 1
    """So many of its rows and columns are one of ``data``: a power of two."""


def is_file(data: Any) -> bool:
    """Say whether something names or holds files rather than being an array."""
    if isinstance(data, (str, os.PathLike)):
        return True
    return any(isinstance(data, find_type(*home)) for home in _FILES)


def file_name(data: Any) -> str:
    """Return the last part of a path or an address; nothing for what is none."""
    if not isinstance(data, (str, os.PathLike)):
        return ""
    plain = _plain_path(data).rstrip("/\\").replace("\\", "/")
    return plain.rpartition("/")[2] or plain


def unique_names(items: Sequence[Any]) -> list[str]:
    """Return a name for each path or address: the file's, with the folders that tell it apart.

    One that is there twice gets a number. Nothing for an item that is no path.
    """
    paths = [_plain_path(item) if file_name(item) else "" for item in items]
    parts = [path.rstrip("/\\").replace("\\", "/").split("/") for path in paths]
    names = [file_name(item) for item in items]
    for depth in range(2, max(map(len, parts), default=0) + 1):
        same = {name for name, paths_of in _by_name(names, paths).items() if len(paths_of) > 1}
        if not same:
            break
        names = [
            "/".join(part[-depth:]) if name in same else name
            for name, part in zip(names, parts, strict=True)
        ]
    often = Counter(names)
    return [
        f"{name} ({i + 1})" if name and often[name] > 1 else name for i, name in enumerate(names)
    ]


def _by_name(names: Sequence[str], paths: Sequence[str]) -> dict[str, set[str]]:
    """Return the different paths that have a name."""
    found: dict[str, set[str]] = {}
    for name, path in zip(names, paths, strict=True):
        found.setdefault(name, set()).add(path)
    return found


def _plain_path(data: Any) -> str:
    from nbimage.pyramid.remote.url import redact_secrets

    return redact_secrets(os.fspath(data))


def read_image(
    data: Any,
    channel_axis: int | None = None,
    max_pixels: float = math.inf,
    orientation: bool = True,
    *,
    labels: bool | None = None,
    blend: bool = True,
) -> FileImage:
    """Return the image of a path, an address or a pyramid; anything else as it is.

    Of more than ``max_pixels`` the first smaller level is read that has no more. Where
    ``orientation`` is False, a picture is as it is stored: see `open_pyramid`, also for ``labels``.
    ``blend``: channels that are no colors are one picture, whose values have ``channels``.

    Raises
    ------
    OSError, TypeError, ValueError
        For what can't be opened, and for a stack of images.
    """
    if isinstance(data, FileImage):
        return data
    data = only_variable(data)
    if not is_file(data):
        return FileImage(data if orientation else without_orientation(data), channel_axis)
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.open import find_path, open_pyramid
    from nbimage.pyramid.remote.url import redact_secrets

    array = _read_array(find_path(data))
    if array is not None and (array.size <= max_pixels or array.dtype.kind not in "biuf"):
        return FileImage(array, channel_axis)
    options: Any = {"channel_axis": channel_axis, "orientation": orientation, "labels": labels}
    if isinstance(data, Pyramid) and orientation:
        alike = labels in (None, data.labels) or not _find_level(data, max_pixels)
        if alike:  # or nothing is made smaller
            return _read_level(data, "the pyramid", max_pixels, blend)
    with open_pyramid(data, **options) as pyramid:
        return _read_level(pyramid, redact_secrets(str(data)), max_pixels, blend)


def _read_level(pyramid: Pyramid, name: str, max_pixels: float, blend: bool) -> FileImage:
    from nbimage.pyramid.core.read_channels import find_channels, read_channels
    from nbimage.pyramid.core.stored import find_pixel, find_windows, read_stored

    along = find_channels(pyramid) if blend else None
    if along is not None:
        level = _find_level(pyramid, max_pixels)
        values = read_channels(pyramid, along, level)
        return FileImage(values, None, pyramid.shapes[0], 1 << level)
    if math.prod(length for _, length in pyramid.axes) != 1:
        axes = ", ".join(f"{length} along {axis}" for axis, length in pyramid.axes)
        known = getattr(pyramid.source, "words", "")
        if known:
            raise ValueError(f"{name} is {known}, not one image: nbgrid and nbview show them all")
        raise ValueError(
            f"{name} holds a stack of images ({axes}), not one: nbview shows them all, "
            "open_pyramid reads one"
        )
    shapes, level = pyramid.shapes, _find_level(pyramid, max_pixels)
    channel_axis = None if pyramid.channels == 1 else 2
    metadata = _plane_metadata(pyramid, 1 << level)
    metadata = replace(metadata, windows=find_windows(pyramid), pixel=find_pixel(pyramid, level))
    image = _as_picture(read_stored(pyramid, level, metadata=metadata))
    return FileImage(image, channel_axis, shapes[0], 1 << level)


def _plane_metadata(pyramid: Pyramid, factor: int = 1) -> Metadata:
    """Return metadata of one plane, of which so many rows and columns are one."""
    known, count = pyramid.metadata, len(pyramid.axes)
    if not count and factor == 1:
        return known
    coordinates = tuple(one and one.reduced(factor) for one in known.coordinates[count : count + 2])
    channels = () if pyramid.channels == 1 or not coordinates else (None,)
    return Metadata(
        label=known.label,
        coordinates=(*coordinates, *channels),
        dtype=known.dtype,
        note=known.note,
        labels=known.labels,
    )


def _find_level(pyramid: Pyramid, max_pixels: float) -> int:
    shapes, level = pyramid.shapes, 0
    while level < len(shapes) - 1 and math.prod(shapes[level]) > max_pixels:
        level += 1
    return level


def _as_picture(values: Values) -> Values:
    """Return samples of which nobody has to guess where the channels are."""
    return replace(values, names=None if len(values.shape) == 2 else (None, None, "sample"))


def _read_array(path: Path | None) -> Any:
    """Return the array of an ``.npy`` or ``.npz`` file; None for any other."""
    from nbimage.pyramid.sources.array import map_npy, read_npz

    if path is None or not path.is_file():
        return None
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return read_npz(path)
    return map_npy(path) if suffix == ".npy" else None


# Frames


def read_frames(
    data: Any,
    channel_axis: int | None = None,
    orientation: bool = True,
    labels: bool | None = None,
) -> tuple[Any, int | None]:
    """Return the frames of a file, a folder or a pattern, read one by one; else what was given.

    The second is where the channels are in what is returned. An animation, a TIFF of several pages,
    a stack in any file, a folder of pictures, a pattern such as ``frames/*.png``, or a list of
    paths. ``labels``: as for `open_pyramid`.
    """
    data = only_variable(data)
    if isinstance(data, (list, tuple)) and data and all(map(is_file, data)):
        return _PictureFiles(data, channel_axis, orientation, labels), None
    if isinstance(data, find_type("PIL.Image", "Image")):
        data = _as_animation(data, orientation=orientation) or [data]
    if not is_file(data):
        return data if orientation else _without_orientation(data), channel_axis
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.open import find_path, open_pyramid
    from nbimage.pyramid.remote.url import redact_secrets
    from nbimage.pyramid.sources.ome_zarr.opening import open_zarr_array

    files = list_files(data)
    if files is not None:
        return _PictureFiles(files, channel_axis, orientation, labels), None
    path = find_path(data)
    array = _read_array(path)
    if array is None and path is not None:
        array = open_zarr_array(path)  # its axes are read as those of the array in memory
    if array is not None and array.ndim != 2:  # of one picture there is one frame
        return array, channel_axis
    animation = _open_animation(data, path)
    if animation is not None:
        return animation if orientation else _without_orientation(animation), None
    own = not isinstance(data, Pyramid) or not orientation  # which says what is wrong then
    options: Any = {"channel_axis": channel_axis, "orientation": orientation, "labels": labels}
    pyramid = open_pyramid(data, **options) if own else data
    axes = [axis for axis in pyramid.axes if axis[1] > 1]
    if len(axes) > 1:
        lengths = ", ".join(f"{length} along {axis}" for axis, length in axes)
        name = redact_secrets(str(data))
        raise ValueError(f"{name} must have one axis of frames, but has {lengths}: use nbview")
    return _PyramidFrames(pyramid, own=own), None


def find_timing(frames: Any) -> Timing | None:
    """Return for how long each frame of `read_frames` is shown; None where no file tells."""
    timing: Timing | None = frames.find_timing() if hasattr(frames, "find_timing") else None
    return timing


def list_files(data: Any) -> list[str] | None:
    """Return the picture files of a folder or a pattern, sorted; None for anything else."""
    import glob

    from nbimage.pyramid.open import find_path
    from nbimage.pyramid.sources.medical.series import is_series
    from nbimage.pyramid.sources.ome_zarr.opening import is_zarr

    path = find_path(data)
    if path is None:
        return None
    if path.is_dir() and not is_zarr(path) and is_series(path):
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


def _open_animation(data: Any, path: Path | None) -> Animation | None:
    """Return what Pillow has several frames of; TIFFs have their own reader."""
    from nbimage.pyramid.remote.remote_file import RemoteFile
    from nbimage.pyramid.remote.url import find_suffix, is_address

    name = str(path if path is not None else data)
    if find_suffix(name) not in _ANIMATIONS:
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

    def __init__(
        self,
        paths: Sequence[str | os.PathLike[str]],
        channel_axis: int | None,
        orientation: bool,
        labels: bool | None,
    ) -> None:
        self._paths, self._channel_axis = paths, channel_axis
        self._options = {"orientation": orientation, "labels": labels}

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: Any) -> Any:
        options: Any = {**self._options, "blend": False}
        image = read_image(self._paths[index], self._channel_axis, **options)
        if image.channel_axis is None or isinstance(image.data, Values):
            return image.data
        return _as_picture(Values(np.moveaxis(image.data, image.channel_axis, -1)))


class _StoredFrames(Sequence[Any]):
    """Frames as they are stored, of which none is turned."""

    def __init__(self, frames: Sequence[Any]) -> None:
        self._frames = frames

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


class _PyramidFrames(Sequence[Any]):
    """The images along the axes of a pyramid, in full size; one where there are none."""

    def __init__(self, pyramid: Pyramid, *, own: bool) -> None:
        self._pyramid = pyramid
        self._sizes = tuple(length for _, length in pyramid.axes)
        if own:
            weakref.finalize(self, pyramid.close)

    def __len__(self) -> int:
        return math.prod(self._sizes)

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        from nbimage.pyramid.core.stored import find_pixel, find_windows, read_stored

        plane = tuple(int(i) for i in np.unravel_index(index, self._sizes)) if self._sizes else ()
        windows = find_windows(self._pyramid, plane)
        known, pixel = _plane_metadata(self._pyramid), find_pixel(self._pyramid)
        metadata = replace(known, windows=windows, pixel=pixel)
        return _as_picture(read_stored(self._pyramid, index=plane, metadata=metadata))
