"""OME-Zarr images: arrays as levels, with axes, channels and positions (NGFF 0.1 to 0.6)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import AxisOrder, resolve_axis_order
from nbimage.arrays.cf import label_of
from nbimage.arrays.colors import has_file_colors
from nbimage.arrays.metadata import UNLABELLED, Coordinate, Metadata, Window
from nbimage.arrays.stores.zarr_metadata import zarr_decoding
from nbimage.base.chunked import Array
from nbimage.mapping.channels.composite import complete_colors
from nbimage.pyramid.core.units import short_unit
from nbimage.pyramid.sources.ome_zarr.labels import find_label_images, is_label, read_label_table
from nbimage.pyramid.sources.ome_zarr.source import Kind
from nbimage.pyramid.sources.ome_zarr.transforms import Placement, find_placement


def open_image(
    path: str,
    group: Any,
    ome: Mapping[str, Any],
    axes: Any,
    channel_axis: int | None,
    kind: type[Kind],
    note: str = "",
) -> Kind:
    """Return the image that a group describes as a source.

    Raises ValueError in one line where what is described is not there.
    """
    image, datasets = _described_levels(path, ome["multiscales"])
    levels = []
    for dataset in datasets:
        name = str(dataset.get("path"))
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{path} must name levels within it, but names {name!r}")
        try:
            levels.append(group[name])
        except KeyError:
            raise ValueError(f"{path} must hold its level {name!r}, but does not") from None
    shape = levels[0].shape
    placement = find_placement(image, datasets[0], len(shape))
    own = [axis.name for axis in placement.axes]
    if len(own) != len(shape):
        raise ValueError(f"{path} must name {len(shape)} axes, but names {own}")
    channels, rendering = _described(ome), _rendering(ome)
    colors = tuple(_color(channel.get("color")) for channel in channels)
    hidden = tuple(i for i, one in enumerate(channels) if one.get("active") is False)
    if rendering.get("model") == "greyscale" and len(hidden) < len(channels):
        # the first of those that are on alone, in gray
        first = next(i for i in range(len(channels)) if i not in hidden)
        hidden = tuple(i for i in range(len(channels)) if i != first)
        colors = ("#ffffff",) * len(channels)
    names = tuple(str(channel.get("label", "")) for channel in channels)
    if names == ("red", "green", "blue", "alpha"):  # four channels are four stains otherwise
        own = ["rgba" if axis == "c" else axis for axis in own]
    dtype = levels[0].dtype
    in_colors = axes is not None or has_file_colors(tuple(own), shape, dtype, colors, names)
    in_colors |= "rgba" in own
    if axes is None and placement.permuted and {"y", "x"} <= set(own):
        axes = tuple(own)  # rows are along y, wherever that is in the array
    axis_order = resolve_axis_order(shape, tuple(own), axes, channel_axis, colors=in_colors)
    in_space = [placement.axes[axis].in_space for axis in axis_order.further]
    kept, planes = [levels[0]], [(1,) * len(in_space)]
    for level, dataset in zip(levels[1:], datasets[1:], strict=True):
        before = kept[-1].shape
        with np.errstate(all="ignore"):
            smaller = find_placement(image, dataset, len(shape)).scale
            ratios = np.nan_to_num(smaller / placement.scale)
        steps = _find_plane_steps(shape, level.shape, axis_order, in_space, ratios)
        rows, columns = axis_order.rows, axis_order.columns
        if steps is not None and (level.shape[rows], level.shape[columns]) < (
            before[rows],
            before[columns],
        ):
            kept.append(level)
            planes.append(steps)
    fewer = any(step > 1 for step in planes[-1])
    count = len(ome["multiscales"])
    several = f"the first of {count} images that are described together" if count > 1 else ""
    notes = note, several, placement.note, "smaller levels are of fewer planes" if fewer else ""
    size, unit = _pixel_size(placement, axis_order)
    return kind(
        path,
        kept,
        axis_order,
        planes=planes if fewer else None,
        decoding=zarr_decoding(levels[0]),
        metadata=replace(
            _further_metadata(own, placement),
            label=label_of(dict(levels[0].attrs), ""),
            windows=_find_windows(channels, levels[0].dtype),
            labels=is_label(path, group, ome, levels[0].dtype),
            note="; ".join(filter(None, notes)),
            hidden=hidden,
            first=_find_first(rendering),
            label_images=find_label_images(group),
            label_table=read_label_table(ome),
        ),
        pixel_size=size,
        unit=unit,
        channel_names=names if any(names) else (),
        channel_colors=complete_colors(colors),
    )


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
    image = images[0] if isinstance(images, (list, tuple)) and images else None
    datasets = image.get("datasets") if isinstance(image, Mapping) else None
    if not isinstance(image, Mapping) or not isinstance(datasets, list) or not datasets:
        raise ValueError(f"{path} must describe an image of at least one level, but has none")
    return image, datasets


def _described(ome: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    omero = ome.get("omero")
    channels = omero.get("channels") if isinstance(omero, Mapping) else None
    return [c for c in channels if isinstance(c, Mapping)] if isinstance(channels, list) else []


def _rendering(ome: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what OMERO shows first: its plane, and whether it is in color."""
    omero = ome.get("omero")
    found = omero.get("rdefs") if isinstance(omero, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _find_first(rendering: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    asked = ((axis, rendering.get(f"default{axis.upper()}")) for axis in "tz")
    return tuple((axis, index) for axis, index in asked if type(index) is int and index > 0)


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


def _further_metadata(names: list[str], placement: Placement) -> Metadata:
    """Return first ones and steps along all axes that have a unit, or a step other than 1.

    Of rows and columns only where they begin elsewhere than at 0: their steps are a pixel's size.
    """
    units = [axis.unit for axis in placement.axes]
    if not placement.known:
        return UNLABELLED
    sides = [axis for axis, name in enumerate(names) if name in ("y", "x")]
    moved = any(placement.offset[axis] for axis in sides)
    coordinates: list[Coordinate | None] = []
    for axis, (name, unit) in enumerate(zip(names, units, strict=True)):
        step = float(placement.scale[axis])
        line = float(placement.offset[axis]), step
        is_known = unit or (name in ("t", "z") and line != (0, 1))
        if not is_known or not 0 < step < np.inf or (axis in sides and not moved):
            coordinates.append(None)
            continue
        label = "" if axis in sides else name
        label = f"{label} [{short_unit(unit)}]".lstrip() if unit else label
        coordinates.append(Coordinate(None, label, regular=line))
    return Metadata(coordinates=tuple(coordinates) if any(coordinates) else ())


def _pixel_size(
    placement: Placement, axis_order: AxisOrder
) -> tuple[tuple[float, float] | None, str]:
    rows, columns = axis_order.rows, axis_order.columns
    high, wide = float(placement.scale[rows]), float(placement.scale[columns])
    unit = placement.axes[rows].unit
    if (
        not placement.known
        or not (0 < high < np.inf and 0 < wide < np.inf)
        or unit != placement.axes[columns].unit
    ):
        return None, ""
    if not unit and high == wide == 1:  # what the format demands where nothing is known
        return None, ""
    return (high, wide), short_unit(unit)


def _color(color: Any) -> str:
    text = str(color or "").lstrip("#").lower()
    return f"#{text[:6]}" if len(text) in (6, 8) and not text.strip("0123456789abcdef") else ""
