"""What `nbimage.xarray`, `nbimage.pandas` and `nbimage.polars` put on their arrays: ``data.nb``.

Each method makes an object of one of the package's classes, of the data that it is called on. What
data become pictures is those classes' own affair.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from nbimage.base.doors import NearNames, door
from nbimage.grids.grid import Grid
from nbimage.picture import Picture
from nbimage.tables.tables import show_images
from nbimage.video import Video
from nbimage.view.explorer import View

P = ParamSpec("P")
R = TypeVar("R")


class Accessor(NearNames):
    """The pictures of an array: ``data.nb.image(cmap="viridis")`` is ``Picture(data, cmap=…)``.

    Nothing is shown before what a method returns is displayed, as the last line of a cell is.
    """

    def __init__(self, data: Any) -> None:
        self._data = data

    def _take(self, name: str) -> Any:
        """Return what the method of this name shows."""
        return self._data

    def __repr__(self) -> str:
        kind = type(self._data)
        package = kind.__module__.partition(".")[0]
        return f"<nbimage of a {package}.{kind.__name__}: {', '.join(_list_methods(type(self)))}>"


def make_method(name: str, make: Callable[Concatenate[Any, P], R]) -> Callable[..., R]:
    """Return a method of accessors with the parameters and the document of what it makes."""

    def method(self: Accessor, *args: Any, **kwargs: Any) -> Any:
        return make(self._take(name), *args, **kwargs)

    parameters = list(inspect.signature(make).parameters.values())[1:]
    own = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    result = make.__name__ if inspect.isclass(make) else "Any"
    method.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [own, *parameters], return_annotation=result
    )
    method.__name__ = name
    method.__qualname__ = f"nb.{name}"
    method.__doc__ = inspect.getdoc(make)
    return door(method)


def _list_methods(kind: type) -> list[str]:
    return [f".{name}()" for name in dir(kind) if not name.startswith("_")]


class ArrayAccessor(Accessor):
    """The pictures of one array."""

    image = make_method("image", Picture)
    view = make_method("view", View)
    grid = make_method("grid", Grid)
    video = make_method("video", Video)


class GroupAccessor(ArrayAccessor):
    """The pictures of several arrays by their names: ``data.nb["name"]`` is one of them.

    ``.grid()`` and ``.view()`` show all that have rows and columns, ``.image()`` and ``.video()``
    the only one.
    """

    def _arrays(self) -> Mapping[Any, Any]:
        """Return the arrays that have rows and columns."""
        raise NotImplementedError

    def _take(self, name: str) -> Any:
        arrays = self._arrays()
        if not arrays:
            raise ValueError(f"{name}() must have an array of 2 axes or more, but there is none")
        if len(arrays) == 1:
            return next(iter(arrays.values()))
        if name in ("grid", "view"):
            return dict(arrays)
        first, names = next(iter(arrays)), ", ".join(map(repr, list(arrays)[:8]))
        raise ValueError(
            f"{name}() shows one array, but there are {len(arrays)}, {names}: pick one, such as "
            f"data.nb[{first!r}].{name}(), or data.nb.grid() for all"
        )


class FrameAccessor(ArrayAccessor):
    """The pictures of a table: of its numbers, of a column of arrays (``frame.nb["column"]``).

    ``.table()`` shows the table with its arrays as pictures.
    """

    table = make_method("table", show_images)


class SeriesAccessor(ArrayAccessor):
    """The pictures of a column of arrays: a grid of them, a video, or a view of all."""

    def _take(self, name: str) -> Any:
        if name == "grid":
            return self._data
        arrays = self._arrays()
        if name == "image" and len(arrays) == 1:
            return arrays[0]
        if name == "image":
            raise ValueError(
                f"image() shows one array, but there are {len(arrays)}: pick one, or "
                "data.nb.grid() for all"
            )
        return arrays

    def _arrays(self) -> list[Any]:
        """Return its arrays without what is missing."""
        raise NotImplementedError
