"""Shapes that are drawn on an image: as Python has them, and as a page does.

In Python points are (row, column), whole numbers at the samples' centres; a page has x and y, the
first sample from 0 to 1.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

KINDS = {"point": (1, 1), "line": (2, 2), "box": (2, 2), "polygon": (3, 100_000)}
"""The least and the most points of each kind."""
_MOST = 100_000


def as_shapes(shapes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return shapes as a page has them. Raises TypeError or ValueError."""
    if isinstance(shapes, (str, Mapping)) or not isinstance(shapes, Iterable):
        raise TypeError(f"shapes must be a list of dicts, but got {str(shapes)[:60]!r}")
    found = [_shape(i, shape) for i, shape in enumerate(shapes)]
    if len(found) > _MOST:
        raise ValueError(f"shapes must be at most {_MOST}, but got {len(found)}")
    ids = [one["id"] for one in found]
    if len(set(ids)) < len(ids):
        raise ValueError("shapes must have ids of their own, but some have the same")
    return found


def _shape(number: int, shape: Any) -> dict[str, Any]:
    what = f"shapes[{number}]"
    if not isinstance(shape, Mapping):
        raise TypeError(f"{what} must be a dict, but got {str(shape)[:60]!r}")
    kind = shape.get("kind")
    if kind not in KINDS:
        raise ValueError(f"{what}['kind'] must be one of {', '.join(KINDS)}, but got {kind!r}")
    points = shape.get("points")
    if points is None and kind == "box" and "slices" in shape:
        rows, columns = shape["slices"]
        ends = (rows.start, columns.start), (rows.stop, columns.stop)
        points = [(row - 0.5, column - 0.5) for row, column in ends]
    try:
        told = [{"x": float(column) + 0.5, "y": float(row) + 0.5} for row, column in points or ()]
    except (TypeError, ValueError):
        raise TypeError(
            f"{what}['points'] must be (row, column) pairs, but got {str(points)[:60]!r}"
        ) from None
    least, most = KINDS[kind]
    if not least <= len(told) <= most:
        wanted = f"{least}" if least == most else f"{least} or more"
        raise ValueError(f"{what}['points'] of a {kind} must be {wanted}, but got {len(told)}")
    if not all(math.isfinite(place) for point in told for place in point.values()):
        raise ValueError(f"{what}['points'] must be finite, but got {str(points)[:60]!r}")
    return {
        "kind": kind,
        "points": told,
        "label": str(shape.get("label") or ""),
        "id": str(shape.get("id") or uuid.uuid4().hex[:12]),
    }


def shapes_said(told: list[dict[str, Any]], shape: tuple[int, int]) -> list[dict[str, Any]]:
    """Return a page's shapes in Python's words, on an image of that many rows and columns."""
    return [_said(one, shape) for one in told or ()]


def _said(told: dict[str, Any], shape: tuple[int, int]) -> dict[str, Any]:
    points = [(float(point["y"]) - 0.5, float(point["x"]) - 0.5) for point in told["points"]]
    said = {
        "kind": told["kind"],
        "points": points,
        "label": told.get("label", ""),
        "id": told.get("id", ""),
    }
    if told["kind"] == "box":
        said["slices"] = tuple(
            _touched([point[axis] + 0.5 for point in points], shape[axis]) for axis in (0, 1)
        )
    return said


def _touched(ends: list[float], size: int) -> slice:
    """Return the samples that lie between two ends, in part or whole."""
    start = min(max(math.floor(min(ends) + 1e-6), 0), size)
    return slice(start, max(min(math.ceil(max(ends) - 1e-6), size), start))
