"""`Shape`: a point, line, box, ellipse or polygon on an image, its size and its samples.

Points are ``(row, column)``, whole numbers at the samples' centers. Not here: which samples are
inside (`masks`), lists and files of shapes (`shape_list`), how a page has them (`page_shapes`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.mapping.colormap import as_color, as_css
from nbimage.view.shapes.masks import Point, find_inside, find_slices
from nbimage.view.shapes.measures import find_statistics, read_inside

KINDS = {"point": (1, 1), "line": (2, 100_000), "box": (2, 2), "ellipse": (2, 2)} | {
    "polygon": (3, 100_000)
}
"""The least and the most points of each kind."""
_ENDLESS = 2**62, 2**62
FARTHEST = 1e12
"""Samples from an image's corner to a point."""
DIGITS = 9  # of a sample, to which positions are kept


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape on an image.

    Parameters
    ----------
    kind : {"point", "line", "box", "ellipse", "polygon"}
    points : sequence of (row, column)
        Whole numbers are the centers of samples. Of a point one; of a line two or more; of a box
        and an ellipse two opposite corners, of the ellipse those of the box around it; of a polygon
        three or more.
    label : str
        What it is called.
    color : str
        A color as for ``channels``; "": the page's own.
    plane : dict, optional
        The indices along further axes where alone it is shown, ``{"z": 3}``; None: everywhere.
    id : str
        What tells it from others; given by the view if it is empty.

    Examples
    --------
    >>> box = nbimage.Shape("box", [(0, 0), (2, 3)], label="a", color="red", plane={"z": 1})
    >>> box.kind, box.points, box.label, box.color, box.plane, box.id
    ('box', ((0.0, 0.0), (2.0, 3.0)), 'a', '#ff0000', {'z': 1}, '')
    >>> box.length, box.area, box.slices
    (10.0, 6.0, (slice(0, 3, None), slice(0, 4, None)))
    """

    kind: str
    points: Sequence[Point]  # kept as a tuple
    label: str = ""
    color: str = ""
    plane: dict[Any, int] | None = None
    id: str = ""

    @door
    def __post_init__(self) -> None:
        checked = check_fields({name: getattr(self, name) for name in self.__slots__}, "shape")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    # Which samples are inside

    @door
    def mask(self, shape: Sequence[int]) -> Array:
        """Return which samples of an image of ``(rows, columns)`` are inside, as booleans.

        By the rules of scikit-image: the same as ``skimage.draw.polygon``, ``ellipse``, ``line``
        with the same points. A sample is inside if its center is; on the edge too, but of an
        ellipse.

        Examples
        --------
        >>> nbimage.Shape("ellipse", [(0, 0), (4, 4)]).mask((5, 6)).astype(int)
        array([[0, 0, 0, 0, 0, 0],
               [0, 1, 1, 1, 0, 0],
               [0, 1, 1, 1, 0, 0],
               [0, 1, 1, 1, 0, 0],
               [0, 0, 0, 0, 0, 0]])
        """
        rows, columns = _check_sides(shape)
        slices, inside = find_inside(self.kind, self.points, (rows, columns))
        mask = np.zeros((rows, columns), bool)
        mask[slices] = inside
        return mask

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and columns around the samples inside: of a box just these."""
        return find_slices(self.kind, self.points, _ENDLESS)

    @door
    def values(self, data: Any, axes: Any = None) -> Array:
        """Return the values of the samples inside, row by row, as ``data[mask]`` does.

        ``data`` is any array as for `View`, also one that is not in memory: nothing but the rows
        and columns of the shape is read. In place of its rows and columns it has one axis of
        samples; of further axes named in ``plane`` it has that index alone. Where values are
        missing it is a masked array. ``axes``: what each axis is, as for `View`.

        Examples
        --------
        >>> box = nbimage.Shape("box", [(0, 1), (1, 2)])
        >>> box.values(np.arange(12).reshape(3, 4))
        array([1, 2, 5, 6])
        >>> box.values(np.zeros((5, 3, 4)), axes="tyx").shape
        (5, 4)
        """
        values, _ = read_inside(self.kind, self.points, self.plane, data, axes)
        return values

    @door
    def statistics(self, data: Any, axes: Any = None) -> dict[str, Any]:
        """Return count, missing, min, max, mean, median, std and sum of the samples inside.

        Of missing and infinite values none counts but ``missing``. Numbers for a picture; arrays
        where there are channels or further axes. In double precision, whole sums exactly.

        Examples
        --------
        >>> found = nbimage.Shape("line", [(0, 0), (0, 3)]).statistics([[1.0, 2.0, 3.0, np.nan]])
        >>> found["count"], found["missing"], found["mean"]
        (3, 1, 2.0)
        """
        return find_statistics(*read_inside(self.kind, self.points, self.plane, data, axes))

    # Its size

    @property
    def length(self) -> float:
        """The length of a line, the perimeter of others, in samples; of a point 0."""
        return self.measure()["length"]

    @property
    def area(self) -> float:
        """The area that the outline encloses, in samples; of points and lines 0."""
        return self.measure()["area"]

    @door
    def measure(self, steps: float | tuple[float, float] = 1.0) -> dict[str, float]:
        """Return length and area where a step along rows and columns is so long.

        ``steps``: from one row to the next, and from one column to the next, or one number for
        both. Raises ValueError for others.

        Examples
        --------
        >>> box = nbimage.Shape("box", [(0, 0), (10, 20)])
        >>> box.measure()
        {'length': 60.0, 'area': 200.0}
        >>> box.measure((0.5, 0.25))
        {'length': 20.0, 'area': 25.0}
        """
        given = np.asarray(steps, float)
        if given.shape not in ((), (2,)):
            raise ValueError(f"steps must be a number or (down, across), but got {steps!r:.60}")
        down, across = np.abs(np.broadcast_to(given, 2)).tolist()
        corners = [(row * down, column * across) for row, column in self.points]
        if self.kind in ("box", "ellipse"):
            (y0, x0), (y1, x1) = corners
            high, wide = abs(y1 - y0), abs(x1 - x0)
            if self.kind == "box":
                return {"length": 2 * (high + wide), "area": high * wide}
            return {
                "length": _ellipse_length(high / 2, wide / 2),
                "area": math.pi * high * wide / 4,
            }
        ring = [*corners, corners[0]] if self.kind == "polygon" else corners
        sides = list(itertools.pairwise(ring))
        length = math.fsum(math.hypot(y1 - y0, x1 - x0) for (y0, x0), (y1, x1) in sides)
        if self.kind != "polygon":
            return {"length": length, "area": 0.0}
        oy, ox = corners[0]  # as seen from there, little is lost
        crosses = ((x0 - ox) * (y1 - oy) - (x1 - ox) * (y0 - oy) for (y0, x0), (y1, x1) in sides)
        return {"length": length, "area": abs(math.fsum(crosses)) / 2}

    # As plain values

    def to_dict(self) -> dict[str, Any]:
        """Return a dict of plain values, as ``View.state`` has it and the page copies it.

        Examples
        --------
        >>> nbimage.Shape("point", [(3, 4)], label="here").to_dict()
        {'kind': 'point', 'points': [[3.0, 4.0]], 'label': 'here', 'color': '',...
        """
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**found, "points": [list(point) for point in self.points]}


def as_shape(given: Any, what: str = "shape") -> Shape:
    """Return a `Shape` from one or from a dict of its fields. Raises TypeError or ValueError."""
    if isinstance(given, Shape):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"{what} must be a Shape or a dict, but got {given!r:.60}")
    known = [field.name for field in fields(Shape)]
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ValueError(f"{what} must have keys of {', '.join(known)}, but got {unknown[0]!r:.60}")
    return Shape(**check_fields({"kind": None, "points": None, **given}, what))


def check_fields(given: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return the fields of a shape, each of its type. Raises TypeError or ValueError."""
    kind = given["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"{what}.kind must be one of {', '.join(KINDS)}, but got {kind!r:.60}")
    return {
        "kind": kind,
        "points": _check_points(kind, given["points"], what),
        "label": str(given.get("label") or ""),
        "color": _check_color(given.get("color"), what),
        "plane": _check_plane(given.get("plane"), what),
        "id": str(given.get("id") or ""),
    }


def _check_points(kind: str, points: Any, what: str) -> tuple[Point, ...]:
    try:
        if isinstance(points, (str, Mapping)):
            raise TypeError
        found = tuple((_round(row), _round(column)) for row, column in points)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"{what}.points must be (row, column) pairs, but got {str(points)[:60]!r}"
        ) from None
    least, most = KINDS[kind]
    if not least <= len(found) <= most:
        wanted = f"{least}" if least == most else f"{least} or more"
        raise ValueError(f"{what}.points of a {kind} must be {wanted}, but got {len(found)}")
    if not all(abs(position) <= FARTHEST for point in found for position in point):
        raise ValueError(
            f"{what}.points must be finite, and at most {FARTHEST:g} samples away, but got "
            f"{str(points)[:60]!r}"
        )
    return found


def _round(position: Any) -> float:
    number = float(position)
    # on a huge image fewer digits are left than these
    return (round(number, DIGITS) or 0.0) if math.isfinite(number) else number


def _check_color(color: Any, what: str) -> str:
    if color is None or color == "":
        return ""
    try:
        return as_css(as_color("color", color))[:7]
    except ValueError:
        raise ValueError(f"{what}.color must be a color, but got {color!r:.60}") from None


def _check_plane(plane: Any, what: str) -> dict[Any, int] | None:
    if plane is None or plane == {}:
        return None
    good = isinstance(plane, Mapping) and all(
        isinstance(axis, (str, int)) and hasattr(i, "__index__") and not isinstance(i, bool)
        for axis, i in plane.items()
    )
    if not good:
        raise TypeError(f"{what}.plane must be a dict {{axis: index}}, but got {plane!r:.60}")
    return {axis: int(i) for axis, i in plane.items()}


def _check_sides(shape: Any) -> tuple[int, int]:
    sides = tuple(shape) if isinstance(shape, Iterable) and not isinstance(shape, str) else ()
    if len(sides) != 2 or not all(hasattr(side, "__index__") and side >= 0 for side in sides):
        raise TypeError(
            f"shape must be (rows, columns) of the image, but got {shape!r:.60}: "
            "give data.shape[:2]"
        )
    return int(sides[0]), int(sides[1])


def _ellipse_length(a: float, b: float) -> float:
    """Return the perimeter of an ellipse of these half axes, by the arithmetic-geometric mean."""
    if not a or not b:
        return 4 * max(a, b)
    unit = max(a, b)  # whose square may be no number
    mean, geometric = a / unit, b / unit
    rest, factor = (mean * mean + geometric * geometric) / 2, 0.25
    while abs(mean - geometric) > 1e-15 * mean:
        rest -= factor * (mean - geometric) ** 2
        factor *= 2
        mean, geometric = (mean + geometric) / 2, math.sqrt(mean * geometric)
    return 2 * math.pi * rest / mean * unit
