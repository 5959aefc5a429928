"""Layers of napari from any file that `open_pyramid` opens: lazy, of several scales.

napari calls `get_reader` by the name in ``napari.yaml``. Nothing of napari is imported here: layers
are tuples of data, options and a kind, as its readers return them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbimage.arrays.axis_names import CHANNEL_NAMES, plain_name
from nbimage.pyramid.core.picked import PickedSource
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.read_channels import find_default_channels
from nbimage.pyramid.open import find_path, open_pyramid

LayerData = tuple[Any, dict[str, Any], str]
_SMALLEST_SIDE = 256  # rows and columns of a level below which none is of use


def get_reader(path: str | Sequence[str]) -> Callable[[Any], list[LayerData]] | None:
    """Return what reads a path as layers; None where there is no such file.

    Parameters
    ----------
    path : str or list of str
        A file, folder or address; of several paths, each is read alone.
    """
    paths = [path] if isinstance(path, str) else list(path)
    for each in paths:
        local = find_path(each)
        if local is not None and not local.exists():
            return None
    return read_layers


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """Return the layers of images: one for each, or for each of its channels, and its labels.

    Parameters
    ----------
    path : str or list of str
        A file, folder or address; of several paths, each is read alone.

    Returns
    -------
    list of (data, options, kind)
        Data are the levels of a pyramid, or the one level that there is, of which napari reads what
        it shows. Options are ``name``, ``scale``, ``translate``, ``colormap``, ``blending``,
        ``contrast_limits``, ``rgb``, ``multiscale`` and ``metadata``.

    Raises
    ------
    OSError, TypeError, ValueError
        For what can't be opened, in one line.
    """
    paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
    return [layer for each in paths for layer in _read_one(os.fspath(each))]


def _read_one(path: str) -> list[LayerData]:
    pyramid = open_pyramid(path)
    name = Path(path.rstrip("/\\")).name
    layers = [_make_layer(one, name_of, color) for one, name_of, color in _split(pyramid, name)]
    for inner in pyramid.label_images:
        labels = open_pyramid(f"{path.rstrip('/')}/{inner}", labels=True)
        layers.append(_make_layer(labels, Path(inner).name, None))
    return layers


def _split(pyramid: Pyramid, name: str) -> list[tuple[Pyramid, str, str | None]]:
    """Return each channel alone with its name and color, where channels are no colors."""
    source, names = pyramid.source, pyramid.channel_names
    along = find_default_channels(pyramid)
    if along is None:
        named = [plain_name(axis) in CHANNEL_NAMES for axis, _ in pyramid.axes]
        along = named.index(True) if True in named else None
    count = pyramid.channels if along is None else pyramid.axes[along][1]
    colors = pyramid.channel_colors
    rgb = along is None and count in (3, 4) and not colors
    if count == 1 or rgb or pyramid.labels:
        return [(pyramid, name, None)]
    source.channel_names = names if len(names) == count else tuple(map(str, range(count)))
    found = []
    for number in range(count):
        alone = Pyramid(PickedSource(source, along, [number]))
        called = f"{name}: {source.channel_names[number]}"
        found.append((alone, called, colors[number] if len(colors) == count else None))
    return found


def _make_layer(pyramid: Pyramid, name: str, color: str | None) -> LayerData:
    levels: list[Any] = [pyramid.levels[0]]
    for level in pyramid.levels[1:]:
        if max(pyramid.shapes[len(levels) - 1]) <= _SMALLEST_SIDE:
            break
        levels.append(level)
    options: dict[str, Any] = {"name": name, **_find_steps(pyramid)}
    options["multiscale"] = len(levels) > 1
    options["metadata"] = {"pyramid": pyramid, "label": pyramid.metadata.label}
    data = levels if len(levels) > 1 else levels[0]
    if pyramid.labels:
        return data, options, "labels"
    options["rgb"] = pyramid.channels in (3, 4)
    if color is not None:
        options |= {"colormap": color, "blending": "additive"}
    windows = [window for window in pyramid.metadata.windows if window is not None]
    if len(windows) == 1 and windows[0][0] < windows[0][1]:
        options["contrast_limits"] = tuple(map(float, windows[0]))
    return data, options, "image"


def _find_steps(pyramid: Pyramid) -> dict[str, Any]:
    """Return the step and the first position along each axis but that of colors."""
    steps, starts = [], []
    count = len(pyramid.axes)
    for axis in range(count + 2):
        known = pyramid.metadata.along(axis)
        line = None if known is None else known.line
        own = None if pyramid.pixel_size is None or axis < count else pyramid.pixel_size
        size = 1.0 if own is None else float(own[axis - count])
        step = size if line is None or not line[1] else float(line[1])
        steps.append(step)
        starts.append(0.0 if line is None else float(line[0]))
    return {"scale": tuple(steps), "translate": tuple(starts)}
