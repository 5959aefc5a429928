"""Annotations: what is drawn on an image, as Python has it and as a page does.

In Python points are (row, column), whole numbers at the samples' centers; a page has x and y, the
first sample from 0 to 1. Not here: overlays, which a caller gives (`nbimage.figure.overlay`).
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

KINDS = {"point": (1, 1), "line": (2, 2), "box": (2, 2), "polygon": (3, 100_000)}
"""The least and the most points of each kind."""
MAX_ANNOTATIONS = 100_000


def as_annotations(
    annotations: Iterable[Mapping[str, Any]], rows: int, upward: bool
) -> list[dict[str, Any]]:
    """Return annotations as a page has them, on an image of so many rows.

    ``upward``: the image's first row is at the bottom. Raises TypeError or ValueError.
    """
    if isinstance(annotations, (str, Mapping)) or not isinstance(annotations, Iterable):
        raise TypeError(f"annotations must be a list of dicts, but got {annotations!r:.60}")
    found = [
        _as_annotation(i, annotation, rows, upward) for i, annotation in enumerate(annotations)
    ]
    if len(found) > MAX_ANNOTATIONS:
        raise ValueError(f"annotations must be at most {MAX_ANNOTATIONS}, but got {len(found)}")
    ids = [one["id"] for one in found]
    if len(set(ids)) < len(ids):
        raise ValueError("annotations must have ids of their own, but some have the same")
    return found


def _as_annotation(number: int, annotation: Any, rows: int, upward: bool) -> dict[str, Any]:
    what = f"annotations[{number}]"
    if not isinstance(annotation, Mapping):
        raise TypeError(f"{what} must be a dict, but got {annotation!r:.60}")
    kind = annotation.get("kind")
    if kind not in KINDS:
        raise ValueError(f"{what}['kind'] must be one of {', '.join(KINDS)}, but got {kind!r}")
    points = annotation.get("points")
    try:
        if points is None and kind == "box" and "slices" in annotation:
            points = annotation["slices"]  # until they are read
            rows_slice, columns_slice = points
            ends = (rows_slice.start, columns_slice.start), (rows_slice.stop, columns_slice.stop)
            points = [(row - 0.5, column - 0.5) for row, column in ends]
        corners = [
            {"x": float(column) + 0.5, "y": _flip(float(row) + 0.5, rows, upward)}
            for row, column in points or ()
        ]
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise TypeError(
            f"{what}['points'] must be (row, column) pairs, but got {str(points)[:60]!r}"
        ) from None
    least, most = KINDS[kind]
    if not least <= len(corners) <= most:
        wanted = f"{least}" if least == most else f"{least} or more"
        raise ValueError(f"{what}['points'] of a {kind} must be {wanted}, but got {len(corners)}")
    if not all(math.isfinite(position) for corner in corners for position in corner.values()):
        raise ValueError(f"{what}['points'] must be finite, but got {str(points)[:60]!r}")
    return {
        "kind": kind,
        "points": corners,
        "label": str(annotation.get("label") or ""),
        "id": str(annotation.get("id") or uuid.uuid4().hex[:12]),
    }


def describe_annotations(
    annotations: Sequence[Mapping[str, Any]], rows: int, upward: bool
) -> list[dict[str, Any]]:
    """Return a page's annotations with points as Python has them."""
    return [
        {
            "kind": one["kind"],
            "points": [
                [_flip(float(p["y"]), rows, upward) - 0.5, float(p["x"]) - 0.5]
                for p in one["points"]
            ],
            "label": one.get("label", ""),
            "id": one.get("id", ""),
        }
        for one in annotations
    ]


def add_slices(annotation: dict[str, Any], shape: tuple[int, int]) -> dict[str, Any]:
    """Return an annotation with points that are tuples, and of a box the slices that it touches."""
    points = [(row, column) for row, column in annotation["points"]]
    if annotation["kind"] != "box":
        return {**annotation, "points": points}
    slices = tuple(
        _touched([point[axis] + 0.5 for point in points], shape[axis]) for axis in (0, 1)
    )
    return {**annotation, "points": points, "slices": slices}


def _flip(y: float, rows: int, upward: bool) -> float:
    return rows - y if upward else y


def _touched(ends: list[float], size: int) -> slice:
    """Return the samples that lie between two ends, in part or whole."""
    start = min(max(math.floor(min(ends) + 1e-6), 0), size)
    return slice(start, max(min(math.ceil(max(ends) - 1e-6), size), start))
