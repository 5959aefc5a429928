"""zarr arrays and OME-Zarr images (NGFF 0.4 and 0.5, and what older ones have of it).

Not here: how bytes come from an address (`nbimage.pyramid.remote.zarr_store`).
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from nbimage.arrays.axis_names import has_file_colors
from nbimage.arrays.axis_order import AxisOrder, resolve_axis_order
from nbimage.arrays.metadata import UNLABELLED, Coordinate, Metadata, Window, with_dropped
from nbimage.arrays.stores.cf_arrays import Beside, choose_image
from nbimage.arrays.stores.zarr_metadata import (
    zarr_decoding,
    zarr_labels,
    zarr_names,
    zarr_variables,
)
from nbimage.base import optional_imports as optional
from nbimage.base.box import Box
from nbimage.base.chunked import Array
from nbimage.base.text import one_line
from nbimage.pyramid.core.units import short_unit
from nbimage.pyramid.remote.remote_file import RemoteFile
from nbimage.pyramid.remote.zarr_store import ZarrFileSystem
from nbimage.pyramid.sources.array import ArraySource


class ZarrSource(ArraySource):
    """The arrays of a folder, one a level."""

    def __init__(self, path: str, levels: list[Any], axis_order: AxisOrder, **facts: Any) -> None:
        for level in levels:
            if min(level.chunks, default=1) < 1:
                raise ValueError(f"{path} must have chunks of at least 1, but has {level.chunks}")
        super().__init__(levels, axis_order, **facts)
        self._path = path

    def read(self, level: int, box: Box, index: tuple[int, ...] = ()) -> Array:
        """Return a part of a level. Raises ValueError where a chunk can't be decoded."""
        with self._one_error(level, box):
            return super().read(level, box, index)

    def read_stored(
        self, level: int, box: Box, index: tuple[int, ...] = ()
    ) -> tuple[Array, Array | None]:
        """Return a part in the dtype that it is stored in, and where it is missing."""
        with self._one_error(level, box):
            return super().read_stored(level, box, index)

    @contextlib.contextmanager
    def _one_error(self, level: int, box: Box) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # each codec has its own
            if isinstance(error, ValueError) and self._path in str(error):
                raise
            raise ValueError(
                f"{self._path} must have whole chunks, but rows {box.top} to {box.bottom} and "
                f"columns {box.left} to {box.right} of its level {level} can't be read: "
                f"{one_line(error)}"
            ) from error


_Kind = TypeVar("_Kind", bound=ZarrSource)


class RemoteZarrSource(ZarrSource):
    """The same at an address, which is opened again where it is unpickled."""

    _asked: tuple[RemoteFile, Any, int | None]

    def _begin_child(self) -> None:
        """Do nothing: the file renews itself."""

    def close(self) -> None:
        """Let go of connections."""
        self._asked[0].close()

    def __reduce__(self) -> Any:
        return open_remote_zarr, self._asked


def is_zarr(path: Path) -> bool:
    """Say whether a folder holds a zarr array or group."""
    return any((path / name).is_file() for name in ("zarr.json", ".zgroup", ".zarray", ".zattrs"))


def open_zarr(path: Path, axes: Any, channel_axis: int | None) -> ZarrSource:
    """Return a folder's array, or its image of several levels, as a source."""
    zarr = optional.import_zarr()
    with _one_error(str(path)):
        found = _open_beside(path) or zarr.open(str(path.absolute()), mode="r")
        return _opened(str(path), found, axes, channel_axis, ZarrSource)


def open_zarr_array(path: Path) -> Any:
    """Return the zarr array that a folder is; None for a group and for anything else."""
    if not path.is_dir() or not is_zarr(path):
        return None
    zarr = optional.import_zarr()
    with _one_error(str(path)):
        found = _open_beside(path) or zarr.open(str(path.absolute()), mode="r")
    return found if hasattr(found, "shape") else None


def _open_beside(path: Path) -> Any:
    """Return an array through the group that it is in, which has its coordinates; else None."""
    zarr, folder = optional.import_zarr(), path.absolute()
    if not is_zarr(folder.parent) or (folder / ".zgroup").exists():
        return None
    try:
        found = zarr.open_group(str(folder.parent), mode="r").get(folder.name)
    except (OSError, KeyError, ValueError):
        return None
    return found if hasattr(found, "shape") else None


def open_remote_zarr(remote: RemoteFile, axes: Any, channel_axis: int | None) -> RemoteZarrSource:
    """Return the array or the image at an address as a source."""
    zarr = optional.import_zarr()
    files = ZarrFileSystem(remote)
    with _one_error(str(remote)):
        try:
            found = zarr.open(zarr.storage.FsspecStore(files, read_only=True, path=""), mode="r")
            source = _opened(str(remote), found, axes, channel_axis, RemoteZarrSource)
        except Exception:
            if files.refused is not None:
                raise files.refused from None
            raise
    source._asked = remote, axes, channel_axis
    return source


def open_store(store: Any, axes: Any, channel_axis: int | None) -> ZarrSource:
    """Return the array or the image in a store of zarr's as a source."""
    zarr = optional.import_zarr()
    name = f"the zarr store {type(store).__name__}"
    with _one_error(name):
        return _opened(name, zarr.open(store, mode="r"), axes, channel_axis, ZarrSource)


def open_group(group: Any, axes: Any, channel_axis: int | None) -> ZarrSource:
    """Return the image of a zarr group as a source."""
    name = f"the zarr group {group.name}"
    with _one_error(name):
        return _opened(name, group, axes, channel_axis, ZarrSource)


@contextlib.contextmanager
def _one_error(name: str) -> Iterator[None]:
    """Raise ValueError in one line, whatever zarr or a codec raises."""
    try:
        yield
    except Exception as error:
        if name in str(error) and isinstance(error, (OSError, TypeError, ValueError)):
            raise
        raise ValueError(f"{name} must be a whole zarr image: {one_line(error)}") from error


def _opened(path: str, found: Any, axes: Any, channel_axis: int | None, kind: type[_Kind]) -> _Kind:
    if hasattr(found, "shape"):
        return _array(path, found, None, axes, channel_axis, kind)
    attributes = dict(found.attrs)
    ome = attributes.get("ome", attributes)
    if "multiscales" not in ome and ("bioformats2raw.layout" in ome or "0/0" in found):
        found = found["0"]  # the first of several images
        attributes = dict(found.attrs)
        ome = attributes.get("ome", attributes)
    if "multiscales" in ome:
        return _multiscale(path, found, ome, axes, channel_axis, kind)
    if "plate" in ome or "well" in ome:
        raise ValueError(f"{path} must be an image, but is a plate: name a folder of one field")
    arrays = dict(found.arrays())
    only = next(iter(arrays)) if len(arrays) == 1 else None
    name = only or choose_image(zarr_variables(arrays), path)
    return _array(path, arrays[name], arrays.get, axes, channel_axis, kind)


def _array(
    path: str,
    array: Any,
    beside: Beside | None,
    axes: Any,
    channel_axis: int | None,
    kind: type[_Kind],
) -> _Kind:
    names = zarr_names(array)
    axis_order = resolve_axis_order(array.shape, names, axes, channel_axis, dtype=array.dtype)
    metadata, decoding = zarr_labels(array, beside)
    metadata = with_dropped(metadata, names, axis_order.single(array.shape))
    return kind(path, [array], axis_order, decoding=decoding, metadata=metadata)


def _multiscale(
    path: str,
    group: Any,
    ome: Mapping[str, Any],
    axes: Any,
    channel_axis: int | None,
    kind: type[_Kind],
) -> _Kind:
    image, datasets = _described_levels(path, ome["multiscales"])
    levels = []
    for dataset in datasets:
        name = str(dataset["path"])
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{path} must name levels within it, but names {name!r}")
        try:
            levels.append(group[name])
        except KeyError:
            raise ValueError(f"{path} must hold its level {name!r}, but does not") from None
    shape = levels[0].shape
    named = image.get("axes") or "tczyx"[-len(shape) :]
    own = [axis if isinstance(axis, str) else str(axis["name"]) for axis in named]
    if len(own) != len(shape):
        raise ValueError(f"{path} must name {len(shape)} axes, but names {own}")
    channels = _described(ome)
    colors = tuple(_color(channel.get("color")) for channel in channels)
    names = tuple(str(channel.get("label", "")) for channel in channels)
    if names == ("red", "green", "blue", "alpha"):  # four channels are four stains otherwise
        own = ["rgba" if axis == "c" else axis for axis in own]
    in_colors = axes is not None or has_file_colors(tuple(own), shape, levels[0].dtype, colors)
    in_colors |= "rgba" in own
    axis_order = resolve_axis_order(shape, tuple(own), axes, channel_axis, colors=in_colors)
    in_space = [_is_in_space(named[axis]) for axis in axis_order.further]
    kept, planes = [levels[0]], [(1,) * len(in_space)]
    first, _ = _scale(image, datasets[0], len(shape))
    for level, dataset in zip(levels[1:], datasets[1:], strict=True):
        before = kept[-1].shape
        with np.errstate(all="ignore"):
            ratios = np.nan_to_num(_scale(image, dataset, len(shape))[0] / first)
        steps = _find_plane_steps(shape, level.shape, axis_order, in_space, ratios)
        rows, columns = axis_order.rows, axis_order.columns
        if steps is not None and (level.shape[rows], level.shape[columns]) < (
            before[rows],
            before[columns],
        ):
            kept.append(level)
            planes.append(steps)
    fewer = any(step > 1 for step in planes[-1])
    units = [axis.get("unit", "") if isinstance(axis, Mapping) else "" for axis in named]
    size, unit = _pixel_size(image, datasets[0], axis_order, units)
    return kind(
        path,
        kept,
        axis_order,
        planes=planes if fewer else None,
        decoding=zarr_decoding(levels[0]),
        metadata=replace(
            _further_metadata(
                own,
                units,
                *_scale(image, datasets[0], len(units)),
                _offset(image, datasets[0], len(units)),
            ),
            windows=_find_windows(channels, levels[0].dtype),
            labels="image-label" in ome,
            note="smaller levels are of fewer planes" if fewer else "",
            hidden=tuple(i for i, one in enumerate(channels) if one.get("active") is False),
        ),
        pixel_size=size,
        unit=unit,
        channel_names=names if any(names) else (),
        channel_colors=colors if all(colors) else (),
    )


def _is_in_space(axis: Any) -> bool:
    """Say whether an axis is one along which planes may be made fewer: depth."""
    if isinstance(axis, Mapping) and "type" in axis:
        return bool(axis["type"] == "space")
    return str(axis["name"] if isinstance(axis, Mapping) else axis).lower() == "z"


def _find_plane_steps(
    shape: Sequence[int],
    smaller: Sequence[int],
    axis_order: AxisOrder,
    in_space: list[bool],
    ratios: Array,
) -> tuple[int, ...] | None:
    """Return how many planes are one of a smaller level; None where it is of others, no level.

    ``ratios``: of steps along the axes, as the file has them.
    """
    if len(smaller) != len(shape):
        return None
    steps = []
    for axis, may_differ in zip(axis_order.further, in_space, strict=True):
        length, left = shape[axis], smaller[axis]
        given = round(float(ratios[axis])) if 1 <= ratios[axis] <= length else 1
        # by the lengths alone 2 of 5 planes may be halved twice, or halved and rounded down
        asked = (given, max(1, round(length / max(1, left))))
        step = next((n for n in asked if left in (length // n or 1, -(-length // n))), None)
        if step is None or (step > 1 and not may_differ):
            return None
        steps.append(step)
    same = axis_order.channels is None or smaller[axis_order.channels] == shape[axis_order.channels]
    return tuple(steps) if same else None


def _described_levels(path: str, images: Any) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """Return the first image that a group describes, and its levels."""
    image = images[0] if isinstance(images, list) and images else None
    datasets = image.get("datasets") if isinstance(image, Mapping) else None
    if not isinstance(image, Mapping) or not isinstance(datasets, list) or not datasets:
        raise ValueError(f"{path} must describe an image of at least one level, but has none")
    return image, datasets


def _described(ome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    omero = ome.get("omero")
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    return [c for c in channels if isinstance(c, Mapping)] if isinstance(channels, list) else []


def _find_windows(channels: list[Mapping[str, Any]], dtype: Any) -> tuple[Window | None, ...]:
    """Return the limits that are shown first of each channel; () where the file has none."""
    windows = tuple(_find_window(channel) for channel in channels)
    if dtype == np.uint8 and set(windows) <= {None, (0, 255)}:  # as they are
        return ()
    return windows if any(windows) else ()


def _find_window(channel: Mapping[str, Any]) -> Window | None:
    window = channel.get("window")
    if not isinstance(window, Mapping):
        return None
    low, high = window.get("start"), window.get("end")
    if not isinstance(low, (int, float)) or not isinstance(high, (int, float)):
        return None
    if not (math.isfinite(low) and math.isfinite(high)) or low == high:
        return None
    return (high, low) if channel.get("inverted") is True else (low, high)


def _scale(image: Mapping[str, Any], dataset: Mapping[str, Any], count: int) -> tuple[Array, bool]:
    """Return the step along each axis, and whether the file tells it."""
    size, known = np.ones(count), False
    for holder in (dataset, image):
        for transform in holder.get("coordinateTransformations") or ():
            if transform.get("type") == "scale" and len(transform.get("scale", ())) == count:
                size = size * np.asarray(transform["scale"], float)
                known = True
    return size, known


def _offset(image: Mapping[str, Any], dataset: Mapping[str, Any], count: int) -> Array:
    """Return where the first sample lies along each axis; 0 where the file does not tell it."""
    offset = np.zeros(count)
    for holder in (dataset, image):
        for transform in holder.get("coordinateTransformations") or ():
            kind = transform.get("type")
            numbers = transform.get(kind) if kind in ("scale", "translation") else None
            if isinstance(numbers, list) and len(numbers) == count:
                own = np.asarray(numbers, float)
                offset = offset * own if kind == "scale" else offset + own
    return offset if np.isfinite(offset).all() else np.zeros(count)


def _further_metadata(
    names: list[str], units: list[str], size: Array, known: bool, offset: Array
) -> Metadata:
    """Return first ones and steps along all axes that have a unit.

    Of rows and columns only where they begin elsewhere than at 0: their steps are a pixel's size.
    """
    if not known or not any(units):
        return UNLABELLED
    sides = [axis for axis, name in enumerate(names) if name in ("y", "x")]
    moved = any(offset[axis] for axis in sides)
    coordinates: list[Coordinate | None] = []
    for axis, (name, unit) in enumerate(zip(names, units, strict=True)):
        if not unit or not 0 < size[axis] < np.inf or (axis in sides and not moved):
            coordinates.append(None)
            continue
        label = f"{'' if axis in sides else name} [{short_unit(unit)}]".lstrip()
        line = float(offset[axis]), float(size[axis])
        coordinates.append(Coordinate(None, label, regular=line))
    return Metadata(coordinates=tuple(coordinates))


def _pixel_size(
    image: Mapping[str, Any], dataset: Mapping[str, Any], axis_order: AxisOrder, units: list[str]
) -> tuple[tuple[float, float] | None, str]:
    size, known = _scale(image, dataset, len(units))
    high, wide = float(size[axis_order.rows]), float(size[axis_order.columns])
    unit = units[axis_order.rows]
    if (
        not known
        or not (0 < high < np.inf and 0 < wide < np.inf)
        or unit != units[axis_order.columns]
    ):
        return None, ""
    if not unit and high == wide == 1:  # what the format demands where nothing is known
        return None, ""
    return (high, wide), short_unit(unit)


def _color(color: Any) -> str:
    text = str(color or "").lstrip("#").lower()
    return f"#{text[:6]}" if len(text) in (6, 8) and not text.strip("0123456789abcdef") else ""
