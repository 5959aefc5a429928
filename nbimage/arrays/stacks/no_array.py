"""What is no array: what an error says of it, and the way to one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nbimage.base.lazy_types import find_type

_SHAPES = 3  # that an error lists
_FIGURE = "matplotlib.figure", "Figure"
_OWN = __name__.partition(".")[0]


def suggest_array(data: Any) -> str:
    """Return the way to an array from what is none, after a colon, as far as there is one."""
    if data is None:
        return ": a call before it returned nothing, as cv2.imread does for a missing path"
    if isinstance(data, dict):
        key = next(iter(data), "name")
        return f": pick one, such as data[{key!r}], or nbgrid(data) for all"
    if isinstance(data, find_type(*_FIGURE)):
        return ": nbgrid([data]) shows it"
    if type(data).__module__.partition(".")[0] == _OWN and hasattr(data, "save"):
        return ": it shows itself, at the end of a cell or by IPython.display.display(data)"
    if hasattr(data, "toarray"):  # scipy's sparse ones
        return ": give data.toarray()"
    if hasattr(data, "get_array"):  # what matplotlib's imshow returns
        return ": give data.get_array()"
    if hasattr(data, "read") and hasattr(data, "close"):
        return ": give the file's path"
    if isinstance(data, Iterator):
        return ": nbgrid(data) shows what it yields, nbvideo(data) plays it"
    if isinstance(data, (range, set, frozenset)):
        return ": give numpy.array(list(data))"
    return ": call it, and give what it returns" if callable(data) else ""


def describe_ragged(data: Any) -> str:
    """Return what does not fit in nested lists that are no array: lengths, or shapes of items."""
    shapes = _find_odd(data) or set()
    rows = {len(shape) for shape in shapes} == {1}
    listed = [str(shape[0] if rows else shape) for shape in sorted(shapes)[:_SHAPES]]
    if len(shapes) > _SHAPES:
        listed.append("others")
    text = " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))
    if not text:
        return "data must be rectangular, but the nested list is not"
    what = "rows of" if rows else "items of shapes"
    way = ": nbgrid(data) shows pictures of several sizes" if min(map(len, shapes)) > 1 else ""
    return f"data must be rectangular, but hold {what} {text}{way}"


def _find_odd(data: Any) -> set[tuple[int, ...]] | None:
    """Return the shapes of items that should have one; None where all are alike."""
    if not isinstance(data, (list, tuple)):
        return None
    for item in data:
        odd = _find_odd(item)
        if odd is not None:
            return odd
    shapes = {_find_shape(item) for item in data}
    return shapes if len(shapes) > 1 else None


def _find_shape(item: Any) -> tuple[int, ...]:
    if isinstance(item, (list, tuple)):
        return (len(item), *(_find_shape(item[0]) if item else ()))
    return tuple(getattr(item, "shape", ()))
