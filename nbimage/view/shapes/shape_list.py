"""`Shapes`: a list of shapes, of a view or of their own, with files of them.

Not here: what one shape is (`shape`), how a page has them (`page_shapes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableSequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from nbimage.base.doors import door
from nbimage.view.shapes.shape import Shape, as_shape

if TYPE_CHECKING:
    from nbimage.typing import PathLike

MAX_SHAPES = 100_000


class Shapes(MutableSequence[Shape]):
    """A list of `Shape`, read and written as GeoJSON and ImageJ ROI.

    ``View.shapes`` is one that shows what is drawn at each moment, and whose changes are shown.

    Parameters
    ----------
    shapes : iterable of Shape or dict, optional
        Dicts of a shape's fields are taken too, such as the page copies as JSON.

    Raises
    ------
    TypeError, ValueError
        For what is no shape, with its number, and for ids that are not of their own.

    Examples
    --------
    >>> shapes = nbimage.Shapes([nbimage.Shape("point", [(3, 4)])])
    >>> shapes.append({"kind": "line", "points": [(0, 0), (30, 40)]})
    >>> shapes.insert(0, nbimage.Shape("box", [(0, 0), (9, 9)]))
    >>> shapes.extend([{"kind": "point", "points": [(1, 1)]}])
    >>> [shape.kind for shape in shapes], shapes[2].length
    (['box', 'point', 'line', 'point'], 50.0)
    >>> shapes.clear()
    >>> shapes
    Shapes([])
    """

    @door
    def __init__(self, shapes: Iterable[Any] = ()) -> None:
        self._own = as_shapes(shapes)

    @classmethod
    def bound(cls, read: Callable[[], list[Shape]], write: Callable[[list[Shape]], None]) -> Shapes:
        """Return a list that is read and written elsewhere. For the modules of nbimage."""
        found = _BoundShapes()
        found.read, found.write = read, write
        return found

    def _get(self) -> list[Shape]:
        return self._own

    def _set(self, shapes: list[Shape]) -> None:
        self._own = shapes

    @overload
    def __getitem__(self, number: int) -> Shape: ...

    @overload
    def __getitem__(self, number: slice) -> Shapes: ...

    def __getitem__(self, number: int | slice) -> Shape | Shapes:
        found = self._get()[number]
        return found if isinstance(found, Shape) else Shapes(found)

    def __setitem__(self, number: Any, shape: Any) -> None:
        changed = list(self._get())
        changed[number] = as_shapes(shape) if isinstance(number, slice) else as_shape(shape)
        self._set(as_shapes(changed))

    def __delitem__(self, number: Any) -> None:
        changed = list(self._get())
        del changed[number]
        self._set(changed)

    @door
    def insert(self, index: int, value: Any) -> None:
        """Add a shape before another one."""
        changed = list(self._get())
        changed.insert(index, as_shape(value))
        self._set(as_shapes(changed))

    @door
    def extend(self, values: Iterable[Any]) -> None:
        """Add shapes, all at once."""
        self._set(as_shapes([*self._get(), *as_shapes(values)]))

    def clear(self) -> None:
        """Remove all."""
        self._set([])

    def __len__(self) -> int:
        return len(self._get())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Shapes, list, tuple)):
            return NotImplemented
        return list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Shapes({self._get()!r})"

    # Files

    @door
    def to_geojson(self, path: PathLike | None = None) -> dict[str, Any]:
        """Return a GeoJSON FeatureCollection, and write it to a file if one is given.

        The file is a ``.geojson`` (so without a suffix) or a ``.json``.
        Coordinates are x, y in samples from the image's corner, as QuPath has them: the center of
        the first sample is 0.5, 0.5. Kind, name, color and plane are properties.

        Examples
        --------
        >>> shapes = nbimage.Shapes([nbimage.Shape("point", [(3, 4)], label="here")])
        >>> shapes.to_geojson("here.geojson")["features"][0]["geometry"]
        {'type': 'Point', 'coordinates': [4.5, 3.5]}
        """
        from nbimage.view.shapes.geojson import write_geojson

        return write_geojson(self._get(), path)

    @classmethod
    @door
    def from_geojson(cls, source: Any) -> Shapes:
        """Return the shapes of a GeoJSON file, of its text, or of a dict of it.

        Raises ValueError, in one line, for what is no GeoJSON, and for polygons with holes.

        Examples
        --------
        >>> nbimage.Shapes.from_geojson('{"type": "Point", "coordinates": [4.5, 3.5]}')
        Shapes([Shape(kind='point', points=((3.0, 4.0),), label='', color='', pl...
        """
        from nbimage.view.shapes.geojson import read_geojson

        return cls(read_geojson(source))

    @door
    def to_imagej(self, path: PathLike) -> Path:
        """Write ImageJ ROI: a ``.roi`` of one shape, or a ``.zip`` of any number (or no suffix).

        Raises ImportError without the package roifile: ``pip install 'nbimage[imagej]'``.

        Examples
        --------
        >>> shapes = nbimage.Shapes([nbimage.Shape("box", [(0, 0), (9, 9)], label="cell")])
        >>> shapes.to_imagej("cells.zip").name
        'cells.zip'
        """
        from nbimage.view.shapes.imagej import write_imagej

        return write_imagej(self._get(), path)

    @classmethod
    @door
    def from_imagej(cls, path: PathLike) -> Shapes:
        """Return the shapes of a ``.roi`` or ``.zip`` file of ImageJ.

        Raises ValueError, in one line, for damaged files and for ROI that are no such shapes.

        Examples
        --------
        >>> path = nbimage.Shapes([nbimage.Shape("box", [(0, 0), (9, 9)])]).to_imagej("cell.roi")
        >>> nbimage.Shapes.from_imagej(path)[0].points
        ((0.0, 0.0), (9.0, 9.0))
        """
        from nbimage.view.shapes.imagej import read_imagej

        return cls(read_imagej(path))


class _BoundShapes(Shapes):
    """A list that is read and written elsewhere."""

    read: Callable[[], list[Shape]]
    write: Callable[[list[Shape]], None]

    def __reduce__(self) -> tuple[Any, ...]:
        return Shapes, (self.read(),)  # what is copied or pickled is a list of its own

    def _get(self) -> list[Shape]:
        return self.read()

    def _set(self, shapes: list[Shape]) -> None:
        self.write(shapes)


def as_shapes(shapes: Any) -> list[Shape]:
    """Return shapes of which each has an id of its own, if any. Raises TypeError or ValueError."""
    if isinstance(shapes, (str, dict)) or not isinstance(shapes, Iterable):
        raise TypeError(f"shapes must be a list of shapes or dicts, but got {shapes!r:.60}")
    found = [as_shape(shape, f"shapes[{i}]") for i, shape in enumerate(shapes)]
    if len(found) > MAX_SHAPES:
        raise ValueError(f"shapes must be at most {MAX_SHAPES}, but got {len(found)}")
    ids = [shape.id for shape in found if shape.id]
    if len(set(ids)) < len(ids):
        raise ValueError("shapes must have ids of their own, but some have the same")
    return found
