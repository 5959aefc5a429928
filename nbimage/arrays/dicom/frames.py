"""What an image of several frames says of each: its functional groups, its positions."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbimage.arrays.metadata import Coordinate
from nbimage.base.chunked import Array


def functional_groups(dataset: Any, name: str) -> list[Any]:
    """Return what an image of several frames says of each, or of all of them."""
    for holder in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        items = dataset.get(holder) or ()
        found = [item[name].value[0] for item in items if name in item and item[name].value]
        if found and len(found) == len(items):
            return found
    return []


def find_direction(dataset: Any) -> Array | None:
    """Return in which direction slices follow one another: across rows and columns; else None."""
    turned = dataset.get("ImageOrientationPatient")
    if turned is None or len(turned) != 6:
        return None
    parts = [float(part) for part in turned]
    normal = np.cross(parts[:3], parts[3:])
    return normal if np.isfinite(normal).all() and normal.any() else None


def find_frames(dataset: Any) -> Coordinate | None:
    """Return where the frames of an image are, if one follows the other in space."""
    values = _find_offsets(dataset)
    if values is None or len(values) < 2:
        return None
    steps = np.diff(values)
    return Coordinate(values, "[mm]") if (steps > 0).all() or (steps < 0).all() else None


def _find_offsets(dataset: Any) -> Array | None:
    offsets = dataset.get("GridFrameOffsetVector")  # of doses
    if offsets is not None and not isinstance(offsets, (int, float)):
        return np.array([float(offset) for offset in offsets], np.float64)
    positions = functional_groups(dataset, "PlanePositionSequence")
    turned = functional_groups(dataset, "PlaneOrientationSequence")
    normals = [find_direction(group) for group in turned]
    found = [group.get("ImagePositionPatient") for group in positions]
    if not normals or any(position is None or len(position) != 3 for position in found):
        return None
    normal = normals[0]
    if normal is None or not all(n is not None and np.allclose(n, normal) for n in normals):
        return None  # frames in several directions, such as a survey's
    return np.asarray(np.array(found, np.float64).reshape(-1, 3) @ normal)
