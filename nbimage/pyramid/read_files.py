"""Pictures of files, for all that takes arrays: every verb opens the same files alike.

`open_pyramid` says which files there are; this module reads of them what fits into memory. What
shows an image of any size takes the pyramid itself. The readers are imported when a file is named:
they take longer than all else that a picture needs.
"""

from __future__ import annotations

import math
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.ingest import (
    Values,
    only_variable,
    without_orientation,
)
from nbimage.arrays.metadata import Metadata
from nbimage.base.lazy_types import find_type

if TYPE_CHECKING:
    from nbimage.mapping.channels.blend import Asked
    from nbimage.pyramid.core.pyramid import Pyramid

_FILES = (
    ("fsspec.core", "OpenFile"),
    ("upath", "UPath"),
    ("zarr", "Group"),
    ("zarr.abc.store", "Store"),
    ("nbimage.pyramid.core.pyramid", "Pyramid"),
    ("nbimage.pyramid.core.arrays.level", "Level"),
)


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
    channels: Asked = None,
) -> FileImage:
    """Return the image of a path, an address or a pyramid; anything else as it is.

    Of more than ``max_pixels`` the first smaller level is read that has no more. Where
    ``orientation`` is False, a picture is as it is stored: see `open_pyramid`, also for ``labels``.
    Channels that are no colors are one picture, whose values have ``channels``: those that are
    asked for by ``channels``, as `resolve_channels` has them.

    Raises
    ------
    OSError, TypeError, ValueError
        For what can't be opened, and for a stack of images.
    """
    if isinstance(data, FileImage):
        return data
    in_memory = type(data) is Values or type(data) is np.ndarray
    data = data if in_memory else only_variable(data)
    if in_memory or not is_file(data):
        return FileImage(data if orientation else without_orientation(data), channel_axis)
    from nbimage.pyramid.core.pyramid import Pyramid
    from nbimage.pyramid.open import find_path, open_pyramid
    from nbimage.pyramid.remote.url import redact_secrets

    array = read_array(find_path(data))
    if array is not None and (array.size <= max_pixels or array.dtype.kind not in "biuf"):
        return FileImage(array, channel_axis)
    options: Any = {"channel_axis": channel_axis, "orientation": orientation, "labels": labels}
    if isinstance(data, Pyramid) and orientation:
        alike = labels in (None, data.labels) or not _find_level(data, max_pixels)
        if alike:  # or nothing is made smaller
            return _read_level(data, "the pyramid", max_pixels, channels)
    with open_pyramid(data, **options) as pyramid:
        return _read_level(pyramid, redact_secrets(str(data)), max_pixels, channels)


def _read_level(pyramid: Pyramid, name: str, max_pixels: float, asked: Asked) -> FileImage:
    from nbimage.pyramid.core.read_channels import find_channels, pick_asked, read_channels
    from nbimage.pyramid.core.stored import find_pixel, find_windows, read_stored

    if asked:
        pyramid = pick_asked(pyramid, asked)
    along = None if asked is False else find_channels(pyramid, asked)
    if along is not None:
        level = _find_level(pyramid, max_pixels)
        values = read_channels(pyramid, along, level)
        return FileImage(values, None, pyramid.shapes[0], 1 << level)
    if math.prod(length for _, length in pyramid.axes) != 1:
        axes = ", ".join(f"{length} along {axis}" for axis, length in pyramid.axes)
        known = getattr(pyramid.source, "words", "")
        if known:
            ways = getattr(pyramid.source, "ways", "nbgrid and nbview show them all")
            raise ValueError(f"{name} is {known}, not one image: {ways}")
        raise ValueError(
            f"{name} holds a stack of images ({axes}), not one: nbview shows them all, "
            "open_pyramid reads one"
        )
    shapes, level = pyramid.shapes, _find_level(pyramid, max_pixels)
    channel_axis = None if pyramid.channels == 1 else 2
    metadata = plane_metadata(pyramid, 1 << level)
    metadata = replace(metadata, windows=find_windows(pyramid), pixel=find_pixel(pyramid, level))
    image = as_picture(read_stored(pyramid, level, metadata=metadata))
    return FileImage(image, channel_axis, shapes[0], 1 << level)


def plane_metadata(pyramid: Pyramid, factor: int = 1) -> Metadata:
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
        label_table=known.label_table,
        indexed=known.indexed,
    )


def _find_level(pyramid: Pyramid, max_pixels: float) -> int:
    shapes, level = pyramid.shapes, 0
    while level < len(shapes) - 1 and math.prod(shapes[level]) > max_pixels:
        level += 1
    return level


def as_picture(values: Values) -> Values:
    """Return samples of which nobody has to guess where the channels are."""
    return replace(values, names=None if len(values.shape) == 2 else (None, None, "sample"))


def read_array(path: Path | None) -> Any:
    """Return the array of an ``.npy`` or ``.npz`` file; None for any other."""
    from nbimage.pyramid.sources.npy_files import map_npy, read_npz

    if path is None or not path.is_file():
        return None
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return read_npz(path)
    return map_npy(path) if suffix == ".npy" else None
