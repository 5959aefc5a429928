"""Pictures along the axes of an array or a file: which axes, and what is called how along them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nbimage.arrays.metadata import position_text
from nbimage.grids.item import Item, Items

if TYPE_CHECKING:
    from nbimage.arrays.frame_axes import AxisFrames
    from nbimage.arrays.metadata import Coordinate


def find_axes(
    row: Any, column: Any, names: Sequence[str | None], shape: Sequence[int]
) -> tuple[int | None, int | None]:
    """Return which axes go down and across; None for one that is not asked for.

    Raises TypeError or ValueError for what is none of the axes, and for one twice.
    """
    found = _find_axis("row", row, names, shape), _find_axis("column", column, names, shape)
    if found[0] is not None and found[0] == found[1]:
        raise ValueError(f"row and column must be two axes, but got {row!r} twice")
    return found


def _find_axis(
    which: str, axis: Any, names: Sequence[str | None], shape: Sequence[int]
) -> int | None:
    if axis is None:
        return None
    if isinstance(axis, str):
        if axis not in names:
            known = ", ".join(str(name) for name in names if name) or "none"
            raise ValueError(f"{which} must be one of the axes' names ({known}), but got {axis!r}")
        return list(names).index(axis)
    if isinstance(axis, (bool, np.bool_)) or not hasattr(axis, "__index__"):
        raise TypeError(f"{which} must be an axis or its name, but got {axis!r}")
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"{which} must be an axis of shape {tuple(shape)}, but got {axis}")
    return int(axis) % len(shape)


def list_titles(name: str | None, known: Coordinate | None, count: int) -> tuple[str, ...]:
    """Return "name = value" for each index along an axis; nothing where it has no coordinates."""
    return () if known is None else tuple(position_text(name, known, i) for i in range(count))


def split_frames(frames: AxisFrames, row: Any = None, column: Any = None) -> Items:
    """Take the frames of a file apart along the axes named as rows and columns, or its only one.

    Raises ValueError where they lie along further ones.
    """
    axes = frames.axes
    names, shape = [axis.name for axis in axes], tuple(axis.length for axis in axes)
    down, across = find_axes(row, column, names, shape)
    if (down, across) == (None, None):
        across = max(range(len(axes)), key=shape.__getitem__, default=None)
    taken = [i for i in (down, across) if i is not None]
    others = [i for i in range(len(axes)) if i not in taken]
    more = [f"{shape[i]} along {names[i]!r}" for i in others if shape[i] > 1]
    if more:
        raise ValueError(
            f"row and column must name all axes of planes, but there are {' and '.join(more)}: "
            "use nbview"
        )
    numbers = np.arange(len(frames)).reshape(shape).transpose(*taken, *others).ravel()
    contents = [frames[int(number)] for number in numbers]
    titles = [list_titles(names[i], axes[i].known, shape[i]) for i in taken]
    if len(taken) == 2:
        count = shape[taken[1]]
        items = [
            Item(content, f"images[{k // count}, {k % count}]")
            for k, content in enumerate(contents)
        ]
        return Items(items, count, titles[0], titles[1], frames.label, facets=True)
    texts = (titles and titles[0]) or ("",) * len(contents)
    items = [
        Item(content, f"images[{k}]", text)
        for k, (content, text) in enumerate(zip(contents, texts, strict=True))
    ]
    return Items(items, None if down is None else 1, label=frames.label, facets=True)
