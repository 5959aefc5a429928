"""Shapes as a page has them, and back.

A page has x and y, the first sample from 0 to 1, and y goes down as the image is shown; its
``plane`` has an index for each further axis, -1 for all of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from nbimage.base.scalars import as_index
from nbimage.view.shapes.shape import DIGITS, Shape
from nbimage.view.shapes.shape_list import as_shapes


class ShapedStack(Protocol):
    """What is needed of the image that shapes are drawn on."""

    @property
    def rows(self) -> int:
        """The number of rows."""

    @property
    def upward(self) -> bool:
        """Whether the first row is shown at the bottom."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the further axes."""

    @property
    def sizes(self) -> tuple[int, ...]:
        """Their lengths."""

    def find(self, parameter: str, axis: Any) -> int:
        """Return the number of a further axis, by its name or number."""


def as_page_shapes(shapes: Any, stack: ShapedStack) -> list[dict[str, Any]]:
    """Return shapes as a page has them. Raises TypeError or ValueError."""
    found = []
    for i, shape in enumerate(add_ids(as_shapes(shapes))):
        plane = None if shape.plane is None else [-1] * len(stack.sizes)
        for axis, index in (shape.plane or {}).items():
            number = stack.find(f"shapes[{i}].plane", axis)
            what = f"shapes[{i}].plane[{stack.names[number]!r}]"
            own = as_index(what, index, stack.sizes[number])
            if plane is not None:
                plane[number] = own
        found.append(
            {
                "kind": shape.kind,
                "points": [
                    {"x": column + 0.5, "y": _flip(row + 0.5, stack)}
                    for row, column in shape.points
                ],
                "label": shape.label,
                "color": shape.color,
                "plane": plane,
                "id": shape.id,
            }
        )
    return found


def describe_page_shapes(shapes: Sequence[Mapping[str, Any]], stack: ShapedStack) -> list[Shape]:
    """Return a page's shapes as Python has them."""
    return [
        Shape(
            kind=one["kind"],
            points=tuple(
                (_round(_flip(point["y"], stack) - 0.5), _round(point["x"] - 0.5))
                for point in one["points"]
            ),
            label=one["label"],
            color=one["color"],
            plane={
                name: i for name, i in zip(stack.names, one["plane"] or (), strict=False) if i >= 0
            },
            id=one["id"],
        )
        for one in shapes
    ]


def add_ids(shapes: Sequence[Shape]) -> list[Shape]:
    """Give shapes without an id one that comes from what they are: the same at each run."""
    known = {shape.id for shape in shapes}
    found = []
    for shape in shapes:
        text, number = json.dumps(shape.to_dict()), 0
        while not shape.id:
            digest = hashlib.sha256(f"{text}{number}".encode()).hexdigest()[:12]
            if digest not in known:
                shape = replace(shape, id=digest)
            number += 1
        known.add(shape.id)
        found.append(shape)
    return found


def _flip(y: float, stack: ShapedStack) -> float:
    return stack.rows - y if stack.upward else y


def _round(position: float) -> float:
    return round(position, DIGITS)
