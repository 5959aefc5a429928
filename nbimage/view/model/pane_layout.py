"""How a view's panes lie: the layout, the size of the stage, which images share settings.

Not here: where a pane is drawn, which the page decides by the room that it has.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nbimage.base.scalars import number_or_nan, whole_or_nan
from nbimage.page.page_size import find_enlargement
from nbimage.view.model.images import Image

NAME_HEIGHT = 20.0  # CSS pixels of what is written above each of several panes
_RATE, _SLOWEST, _FASTEST = 10.0, 1, 120  # frames a second, and between which times are kept
_MIN_WIDTH = 300  # CSS pixels of a pane's width, if the page has them


@dataclass(frozen=True, slots=True)
class PaneLayout:
    """How the panes of a view are laid out, resolved."""

    kind: str
    """As on the page: "single", "compare", "facet" or "ortho"."""
    facet: int
    """The number of the further axis whose planes lie side by side; -1: none."""
    columns: int
    """Of facets or compared images; 0: as many as fit well."""
    spacing: float
    """Of "ortho": a step in depth in steps along the columns."""


def resolve_numbers(
    columns: Any, spacing: Any, fps: Any
) -> tuple[int | None, float | None, float | None]:
    """Return plain numbers. Raises ValueError for those out of range."""
    if columns is not None:
        whole = whole_or_nan(columns)
        if not whole >= 1:
            raise ValueError(f"columns must be 1 or more, but got {columns!r}")
        columns = int(whole)
    found = []
    for name, given in (("spacing", spacing), ("fps", fps)):
        number = None if given is None else number_or_nan(given)
        if number is not None and not 0 < number < math.inf:
            raise ValueError(f"{name} must be finite and above 0, but got {given!r}")
        found.append(number)
    return columns, found[0], found[1]


def find_rate(images: Sequence[Image]) -> float:
    """Return the frames a second of playing: as recorded, if the last axis is in seconds."""
    stack = images[0].stack
    last = len(stack.names) - 1
    texts = stack.labels(last) if last >= 0 and stack.names[last].endswith("[s]") else []
    if len(texts) < 2:
        return _RATE
    try:
        lasting = float(texts[-1]) - float(texts[0])
    except ValueError:  # no numbers
        return _RATE
    rate = (len(texts) - 1) / lasting if lasting > 0 else 0.0
    return round(rate, 3) if _SLOWEST <= rate <= _FASTEST else _RATE


def resolve_layout(
    images: list[Image], facet: Any, columns: int | None, ortho: bool, spacing: float | None
) -> PaneLayout:
    """Return how panes are laid out. Of "ortho" the image's axis of depth becomes the last one."""
    chosen = {"facet": facet is not None, "ortho": bool(ortho), "several arrays": len(images) > 1}
    wanted = [name for name, on in chosen.items() if on]
    if len(wanted) > 1:
        raise ValueError(f"{wanted[0]} must be left out with {wanted[1]}: they are other layouts")
    if columns is not None and wanted not in (["facet"], ["several arrays"]):
        raise ValueError(
            "columns must be left out where there are neither facets nor several arrays"
        )
    if spacing is not None and not ortho:
        raise ValueError("spacing must be left out where ortho is False")
    if ortho:
        images[0].stack = stack = images[0].stack.with_last(_depth_axis(images[0]))
        return PaneLayout("ortho", -1, 0, float(spacing or stack.spacing()))
    if facet is not None:
        return PaneLayout("facet", images[0].stack.find("facet", facet), int(columns or 0), 1.0)
    kind = "compare" if len(images) > 1 else "single"
    return PaneLayout(kind, -1, int(columns or 0), 1.0)


def _depth_axis(image: Image) -> int:
    """Return the number of a volume's axis of depth: "z", or the last one."""
    words = [name.partition(" ")[0].lower() for name in image.stack.names]
    if not words and image.stack.tiles is None:
        raise ValueError(
            "ortho must have a volume, with an axis beside rows, columns and channels, but got "
            f"shape {image.stack.shape}"
        )
    return words.index("z") if "z" in words else len(words) - 1


def group_images(images: Sequence[Image], shared: bool) -> list[list[int]]:
    """Return which images share display settings."""
    every = list(range(len(images)))
    kinds = {image.kind for image in images}
    if shared and len(kinds) == 1 and kinds != {"composite"}:
        return [every]
    return [[i] for i in every]


# The size of the stage, which holds all panes


def view_size(
    images: Sequence[Image],
    layout: PaneLayout,
    mode: str,
    given: tuple[float | None, float | None],
) -> tuple[float, float]:
    """Return the stage's width and height in CSS pixels, in a mode of comparing."""
    stack = images[0].stack
    cell = float(stack.columns), float(stack.rows)
    count = stack.sizes[layout.facet] if layout.kind == "facet" else len(images)
    if mode != "side":
        count = 1
    largest = {"facet": (800.0, 800.0), "compare": (900.0, 720.0)}.get(layout.kind, (640.0, 560.0))
    if layout.kind == "ortho":
        depth, largest = stack.sizes[-1] * layout.spacing, (640.0, 720.0)
        ratio = (cell[1] + depth) / (cell[0] + depth)
        cell = 640.0, 640.0 * ratio + 2 * NAME_HEIGHT
    tight = layout.kind == "compare"
    return stage_size(cell, count, layout.columns, given, largest, tight=tight)


def stage_size(
    cell: tuple[float, float],
    count: int,
    columns: int,
    given: tuple[float | None, float | None],
    largest: tuple[float, float],
    *,
    tight: bool = False,
) -> tuple[float, float]:
    """Return the stage's width and height in CSS pixels.

    Parameters
    ----------
    cell : (width, height)
        What one pane would like.
    count, columns : int
        How many panes there are, and in how many columns; 0: as many as fit well.
    given : (width, height)
        What the caller asked for, which is kept.
    largest : (width, height)
        The limit where nothing was asked for.
    tight : bool
        Be less wide where that would be too high, so that panes have the shape of their pictures.
    """
    columns = min(columns or _choose_columns(cell, count), count)
    rows = math.ceil(count / columns)
    aspect = cell[1] / cell[0] * rows / columns
    names = NAME_HEIGHT * rows if count > 1 else 0.0
    width, height = given
    if width is None and height is not None:
        width = min(max((height - names) / aspect, 160.0), 1200.0)
    if width is None:
        times = max(find_enlargement(*cell), math.ceil(_MIN_WIDTH / cell[0]))  # whole: squares
        width = min(cell[0] * times * columns, largest[0])
    if height is None:
        tallest = largest[1] if given[0] is None else max(largest[1], width)
        height = min(max(width * aspect + names, 120.0), tallest)
        if tight and given[0] is None and width * aspect + names > height:
            width = max((height - names) / aspect, float(_MIN_WIDTH))
    return float(width), float(height)


def _choose_columns(cell: tuple[float, float], count: int) -> int:
    """Return the number of columns whose whole is nearest to 4:3."""

    def off(columns: int) -> float:
        rows = math.ceil(count / columns)
        return abs(math.log(cell[0] * columns / (cell[1] * rows) * 3 / 4))

    if count <= 3 and cell[0] < 2 * cell[1]:  # two or three stand side by side
        return count
    return min(range(1, count + 1), key=off)
