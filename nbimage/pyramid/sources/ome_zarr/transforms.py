"""Where the samples of an OME-Zarr level lie: the axes of its array, steps and first positions.

Up to version 0.5 scales and translations of a level are followed by those of all levels. Since 0.6
a level's transform leads to a named coordinate system, by steps of several kinds; those that take
each axis to one of the system's own are followed: a picture is not turned or bent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nbimage.base.chunked import Array

Affine = tuple[Array, Array]
"""A square matrix, and what is added."""
_UP_TO_5 = frozenset({"identity", "scale", "translation"})


class Axis(NamedTuple):
    """An axis of an array."""

    name: str
    unit: str = ""
    in_space: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """The axes of an array in its own order, and positions along them."""

    axes: tuple[Axis, ...]
    scale: Array
    """The step along each."""
    offset: Array
    """Where its first sample lies."""
    known: bool
    """Whether the file tells the steps."""
    note: str = ""
    permuted: bool = False
    """The array has its axes in another order than the coordinate system."""


def find_placement(image: Mapping[str, Any], dataset: Mapping[str, Any], count: int) -> Placement:
    """Return where a level of so many axes lies.

    Parameters
    ----------
    image, dataset : mapping
        One of ``multiscales``, and one of its ``datasets``.
    count : int
        How many axes the level's array has.
    """
    systems = image.get("coordinateSystems")
    if isinstance(systems, (list, tuple)) and systems:
        return _find_in_systems(image, list(systems), dataset, count)
    axes = _read_axes(image.get("axes") or "tczyx"[-count:])
    steps = [
        step
        for holder in (dataset, image)
        for step in holder.get("coordinateTransformations") or ()
    ]
    affine = _as_sequence({"transformations": steps}, count)
    if affine is None or not set().union(*map(_kinds, steps)) <= _UP_TO_5:
        return _unknown(axes, {"type": "sequence", "transformations": steps}, count)
    known = any(_has_scale(step) for step in steps)
    return Placement(axes, np.diag(affine[0]).copy(), _finite(affine[1]), known)


def _read_axes(given: Any) -> tuple[Axis, ...]:
    axes = []
    for axis in given:
        about = axis if isinstance(axis, Mapping) else {"name": axis}
        name = str(about.get("name", ""))
        kind = about.get("type", "space" if name.lower() == "z" else "")
        axes.append(Axis(name, str(about.get("unit") or ""), kind == "space"))
    return tuple(axes)


def _finite(offset: Array) -> Array:
    return offset if np.isfinite(offset).all() else np.zeros(len(offset))


def _find_in_systems(
    image: Mapping[str, Any], systems: list[Any], dataset: Mapping[str, Any], count: int
) -> Placement:
    transforms = dataset.get("coordinateTransformations") or ({"type": "identity"},)
    transform = transforms[0]
    name = _system_name(transform.get("output"))
    found = [one for one in systems if isinstance(one, Mapping)]
    named = [one for one in found if one.get("name") == name]
    system = (named or found or [{}])[0]
    axes = _read_axes(system.get("axes") or ())
    affine = as_affine(transform, count)
    order = None if affine is None else _find_order(affine[0])
    if affine is None or order is None or len(axes) != count:
        return _unknown(axes, transform, count)
    own = tuple(axes[output] for output in order)
    scale = np.array([affine[0][output, axis] for axis, output in enumerate(order)])
    known = _has_scale(transform)
    note = _further_systems(image, system.get("name"))
    permuted = order != tuple(range(count))
    return Placement(own, scale, _finite(affine[1][list(order)]), known, note, permuted)


def _unknown(axes: tuple[Axis, ...], transform: Any, count: int) -> Placement:
    kinds = ", ".join(sorted(_kinds(transform)))
    note = f"positions are those in the array: its {kinds} transform is not followed"
    return Placement(axes, np.ones(count), np.zeros(count), False, note)


def _system_name(given: Any) -> Any:
    """Return the name of a coordinate system, which drafts of 0.6 have as it is."""
    return given.get("name") if isinstance(given, Mapping) else given


def _further_systems(image: Mapping[str, Any], own: Any) -> str:
    """Return a note of the coordinate systems in which the image is not shown."""
    names = []
    for transform in image.get("coordinateTransformations") or ():
        ends = [transform.get("input"), transform.get("output")]
        if any(isinstance(end, Mapping) and end.get("path") for end in ends):  # of label images
            continue
        names += [repr(name) for name in map(_system_name, ends) if name not in (None, own)]
    return f"positions are those in {own!r}, not in {', '.join(names)}" if names else ""


def _has_scale(transform: Mapping[str, Any]) -> bool:
    kinds = _kinds(transform)
    return bool(kinds & {"scale", "affine"})


def _kinds(transform: Any) -> set[str]:
    """Return the kinds of steps that a transform is made of."""
    if not isinstance(transform, Mapping):
        return {"unknown"}
    kind, parts = str(transform.get("type")), transform.get("transformations")
    if kind == "bijection":
        return _kinds(transform.get("forward"))
    if kind not in ("sequence", "byDimension") or not isinstance(parts, (list, tuple)):
        return {kind}
    inner = [
        part.get("transformation", part) if isinstance(part, Mapping) else part for part in parts
    ]
    return set().union(*map(_kinds, inner))


def _find_order(matrix: Array) -> tuple[int, ...] | None:
    """Return which output each input becomes, multiplied by what is above 0; None for others."""
    used = matrix != 0
    if not ((used.sum(0) == 1).all() and (used.sum(1) == 1).all() and (matrix[used] > 0).all()):
        return None
    if not np.isfinite(matrix).all():
        return None
    return tuple(int(output) for output in used.argmax(0))


def as_affine(transform: Any, count: int) -> Affine | None:
    """Return a transform of points of so many axes as a matrix; None for one that is none."""
    if not isinstance(transform, Mapping):
        return None
    make = _KINDS.get(str(transform.get("type")))
    try:
        found = None if make is None else make(transform, count)
    except (KeyError, IndexError, TypeError, ValueError):  # as no version has it
        return None
    if found is None or found[0].shape != (count, count) or found[1].shape != (count,):
        return None
    return found


def _join(first: Affine, then: Affine) -> Affine:
    return then[0] @ first[0], then[0] @ first[1] + then[1]


def _as_identity(transform: Mapping[str, Any], count: int) -> Affine:
    return np.eye(count), np.zeros(count)


def _as_scale(transform: Mapping[str, Any], count: int) -> Affine:
    return np.diag(np.asarray(transform["scale"], float)), np.zeros(count)


def _as_translation(transform: Mapping[str, Any], count: int) -> Affine:
    return np.eye(count), np.asarray(transform["translation"], float)


def _as_matrix(transform: Mapping[str, Any], count: int) -> Affine:
    matrix = np.asarray(transform["affine"], float)
    return matrix[:, :-1], matrix[:, -1]


def _as_rotation(transform: Mapping[str, Any], count: int) -> Affine:
    return np.asarray(transform["rotation"], float), np.zeros(count)


def _as_permutation(transform: Mapping[str, Any], count: int) -> Affine:
    order = list(transform["mapAxis"])
    if sorted(order) != list(range(count)):
        raise ValueError("mapAxis must be a permutation")
    return np.eye(count)[order], np.zeros(count)


def _as_sequence(transform: Mapping[str, Any], count: int) -> Affine | None:
    affine = np.eye(count), np.zeros(count)
    for one in transform["transformations"]:
        step = as_affine(one, count)
        if step is None:
            return None
        affine = _join(affine, step)
    return affine


def _by_dimension(transform: Mapping[str, Any], count: int) -> Affine | None:
    matrix, offset = np.zeros((count, count)), np.zeros(count)
    for part in transform["transformations"]:
        inputs = list(part.get("inputAxes", part.get("input_axes")))
        outputs = list(part.get("outputAxes", part.get("output_axes")))
        step = as_affine(part["transformation"], len(inputs))
        if step is None:
            return None
        matrix[np.ix_(outputs, inputs)] = step[0]
        offset[outputs] = step[1]
    return matrix, offset


def _as_bijection(transform: Mapping[str, Any], count: int) -> Affine | None:
    return as_affine(transform["forward"], count)


_KINDS: dict[str, Callable[[Mapping[str, Any], int], Affine | None]] = {
    "identity": _as_identity,
    "scale": _as_scale,
    "translation": _as_translation,
    "affine": _as_matrix,
    "rotation": _as_rotation,
    "mapAxis": _as_permutation,
    "sequence": _as_sequence,
    "byDimension": _by_dimension,
    "bijection": _as_bijection,
}
