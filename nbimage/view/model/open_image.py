"""From a view's data to a stack: what is kept in the page, and what becomes tiles.

Not here: how files are recognized and read (`nbimage.pyramid.open`), which axis is what.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from nbimage.arrays.axis_order import AxisOrder
from nbimage.arrays.ingest import Values, as_values, without_orientation
from nbimage.base.lazy_types import find_type
from nbimage.pyramid.core.arrays.level import Level
from nbimage.pyramid.core.picked import pick_named
from nbimage.pyramid.core.pyramid import Pyramid
from nbimage.pyramid.core.source import as_labelled
from nbimage.pyramid.core.stored import read_stored
from nbimage.pyramid.open import open_whole
from nbimage.pyramid.sources.array import ArraySource
from nbimage.view.model.blended import Blended
from nbimage.view.model.page_coordinates import whole_metadata
from nbimage.view.model.stack import EmbeddedStack, Stack, as_stack
from nbimage.view.model.tiled_image import TiledStack

EMBED_LIMIT = 1 << 26  # bytes of samples up to which an array is kept in the page


def open_stack(
    data: Any,
    axes: Any,
    channel_axis: int | None,
    composite_channels: int | None,
    embed: bool | None,
    orientation: bool = True,
    *,
    blended: Blended | None = None,
    labels: bool | None = None,
    embed_limit: int = EMBED_LIMIT,
) -> Stack:
    """Open data as a stack: embedded, or tiled.

    Parameters
    ----------
    data : array-like, path or Pyramid
        A path is opened as by `open_pyramid`, an animation with all its frames.
    axes, channel_axis
        As for `View`.
    composite_channels : int, optional
        So many channels are laid over one another; None: colors or gray.
    embed : bool, optional
        Keep all samples in the page; None: up to ``embed_limit`` bytes.
    orientation : bool
        As for `open_pyramid`.
    blended : Blended, optional
        Which channels are laid over one another where ``composite_channels`` is None; by default
        none are.
    labels : bool, optional
        As for `open_pyramid`.

    Raises
    ------
    TypeError, ValueError, OSError
        For what is no image, and for channels that do not fit.
    """
    data = data if orientation else without_orientation(data)
    if _is_array(data) and _is_embedded(_array_bytes(data), embed, embed_limit):
        stack = as_stack(as_values(data), axes, channel_axis, composite_channels)
        stack = _as_labelled(stack, labels)
        return stack if composite_channels or not blended else blended.join_channels(stack)
    own = not isinstance(data, Pyramid)
    options: dict[str, Any] = {"orientation": orientation, "labels": labels}
    pyramid = open_whole(data, axes=axes, channel_axis=channel_axis, **options)
    if _is_embedded(_pyramid_bytes(pyramid), embed, embed_limit):
        values, source = _read_whole(pyramid), pyramid.source
        letters = source.axis_order.letters if isinstance(source, ArraySource) else []
        if own:
            pyramid.close()
        colors = composite_channels is None and pyramid.channels <= 4
        if colors or pyramid.channels == composite_channels:
            stack = _as_opened(values, pyramid, letters)
            return stack if composite_channels or not blended else blended.join_channels(stack)
        stack = as_stack(as_values(values), axes, channel_axis, composite_channels)
        return replace(stack, channel_colors=pyramid.channel_colors)
    if composite_channels is None and blended is not None:
        composite_channels = blended.count(pyramid)
    named = None if composite_channels is None else _name_colors(pyramid, composite_channels)
    if own and named is not None and axes is None and channel_axis is None:
        pyramid.close()
        pyramid = open_whole(data, axes=named, **options)
    tiled = TiledStack(pyramid, composite_channels, own=own)
    if composite_channels is None and tiled.channels > 4:
        raise ValueError(
            f"channels must be 1, 2, 3 or 4 of a picture in colors, but got {tiled.channels}: "
            "give channels=, a name for each, to lay them over one another"
        )
    return tiled


def pick_by_names(data: Any, names: Sequence[str], **options: Any) -> Any:
    """Return the channels of these names, where a file or a named array has others beside them.

    Or in another order; anything else as it was given.
    """
    named = hasattr(data, "dims") and hasattr(data, "coords")
    if _is_array(data) and not named:
        return data
    own = not isinstance(data, Pyramid)
    pyramid = open_whole(data, **options) if own else data
    same = tuple(names) == pyramid.channel_names
    picked = None if same else pick_named(pyramid.source, names)
    if picked is not None:
        return Pyramid(picked)
    if own:
        pyramid.close()
    return data


def _as_labelled(stack: EmbeddedStack, labels: Any) -> EmbeddedStack:
    """Return a stack that says whether its samples are labels; None: as they say themselves."""
    if labels is None:
        return stack
    metadata = as_labelled(stack.metadata, labels, stack.dtype, stack.channels)
    return replace(stack, values=replace(stack.values, metadata=metadata))


def _name_colors(pyramid: Pyramid, count: int) -> tuple[str, ...] | None:
    """Return names by which colors are an axis to go along; None where they are not in the way.

    They are where they were guessed of an array, of which another axis is as long as is asked.
    """
    source = pyramid.source
    if pyramid.channels in (1, count) or not isinstance(source, ArraySource):
        return None
    order = source.axis_order
    names = dict(zip(order.further, order.names, strict=True)) | {order.rows: "y"}
    names[order.columns] = "x"
    if not any(length == count for _, length in pyramid.axes):
        return None
    return tuple(names.get(axis, f"axis {axis}") for axis in range(order.count))


def _is_array(data: Any) -> bool:
    return not isinstance(data, (str, os.PathLike, Pyramid, Level, find_type("zarr", "Group")))


def _is_embedded(size: int, embed: bool | None, limit: int) -> bool:
    return size <= limit if embed is None else bool(embed)


def _array_bytes(data: Any) -> int:
    """Return the bytes of an array's samples; 0 if unknown."""
    shape, dtype = getattr(data, "shape", None), getattr(data, "dtype", None)
    if not isinstance(shape, tuple) or not all(isinstance(n, int) for n in shape):
        return 0
    return math.prod(shape) * int(getattr(dtype, "itemsize", 8))


def _pyramid_bytes(pyramid: Pyramid) -> int:
    rows, columns = pyramid.grid.rows, pyramid.grid.columns
    count = math.prod(length for _, length in pyramid.axes)
    return rows * columns * count * pyramid.channels * int(pyramid.dtype.itemsize)


def _as_opened(values: Values, pyramid: Pyramid, letters: Sequence[int | str]) -> EmbeddedStack:
    """Return all samples of a pyramid as a stack with the axes that the pyramid has.

    They are not guessed once more: the three pages of a file are no colors. ``letters``: what each
    axis of the array is that the file holds.
    """
    count = len(pyramid.axes)
    further = tuple(range(count))
    names = tuple(name for name, _ in pyramid.axes)
    channels = None if pyramid.channels == 1 else count + 2
    order = AxisOrder(count, count + 1, channels, further, names)
    colors, channel_names = pyramid.channel_colors, pyramid.channel_names
    return EmbeddedStack(values, order, further, colors, channel_names, letters=tuple(letters))


def _read_whole(pyramid: Pyramid) -> Values:
    """Read all samples of a small pyramid."""
    sizes = tuple(length for _, length in pyramid.axes)
    read = [read_stored(pyramid, index=index) for index in np.ndindex(sizes)]
    shape, mask = (*sizes, *read[0].shape), None
    whole = np.stack([np.asarray(plane.array) for plane in read]).reshape(shape)
    if any(plane.mask is not None for plane in read):
        none = np.zeros(read[0].shape, bool)
        masks = [none if plane.mask is None else plane.mask for plane in read]
        mask = np.stack(masks).reshape(shape)
    names = (*(name for name, _ in pyramid.axes), "y", "x")
    names = names if pyramid.channels == 1 else (*names, "s")
    metadata = whole_metadata(pyramid)
    return Values(whole, mask, names, metadata.dtype or str(whole.dtype), metadata)
