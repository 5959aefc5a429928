"""Read any collection of pictures as the rows and cells of a table.

Nothing is converted here: cells stay what they were, and each has a label for messages.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nbimage.base.lazy_types import find_type
from nbimage.picture import Picture

Texts = list[str | None]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one cell or of several, in the order in which they came."""

    cells: list[tuple[Any, ...]]
    """Array-likes; None where there is nothing."""
    keys: Sequence[Any]
    """Of the rows, for messages: ``images[17]``."""
    names: tuple[Any, ...] | None
    """Of the columns, where they have some."""
    like: Callable[[Texts], Any]
    """Give the rows' texts the form in which the rows came."""
    single: bool = False
    """A row is one cell."""
    word: str = "images"
    """The parameter that they came as, for messages."""

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self.cells[0]) if self.cells else len(self.names or (None,))

    def label(self, row: int, column: int) -> str:
        """Return a cell's label for messages, such as ``images[3]``."""
        text = f"{self.word}[{self.keys[row]!r}]"
        return text if self.single else f"{text}[{(self.names or range(self.width))[column]!r}]"


def read_rows(images: Any) -> Rows:
    """Take a list, dict, stack, series or table of pictures apart, none of them touched.

    Raises TypeError or ValueError for what can't hold several pictures.
    """
    if isinstance(images, find_type("pandas", "DataFrame")):
        columns = [list(images.iloc[:, i]) for i in range(images.shape[1])]
        series = sys.modules["pandas"].Series
        return _of_columns(
            columns,
            tuple(images.columns),
            lambda texts: series(texts, index=images.index, dtype=object),
        )
    if isinstance(images, find_type("polars", "DataFrame")):
        polars = sys.modules["polars"]
        columns = [polars_cells(column) for column in images.get_columns()]
        return _of_columns(
            columns,
            tuple(images.columns),
            lambda texts: polars.Series("images", texts, dtype=polars.String),
        )
    if isinstance(images, find_type("pandas", "Series")):
        name = images.name
        return _from_cells(
            list(images),
            lambda texts: type(images)(texts, index=images.index, name=name, dtype=object),
            None if name is None else (name,),
        )
    if isinstance(images, find_type("polars", "Series")):
        polars = sys.modules["polars"]
        return _from_cells(
            polars_cells(images),
            lambda texts: polars.Series(images.name, texts, dtype=polars.String),
            (images.name,),
        )
    if isinstance(images, Mapping):
        keys = list(images)
        return _from_cells(
            list(images.values()), lambda texts: dict(zip(keys, texts, strict=True)), None, keys
        )
    if isinstance(images, (str, bytes, Picture)) or hasattr(images, "__fspath__"):
        raise TypeError(
            f"images must be several arrays, but got {type(images).__name__} {str(images)[:60]!r}"
        )
    shape = getattr(images, "shape", None)
    of_objects = getattr(getattr(images, "dtype", None), "kind", "") == "O"
    if shape is not None and not (len(shape) == 1 and of_objects):
        if len(shape) < 3:
            raise ValueError(
                f"images must have at least 3 axes (number, height, width), but got shape "
                f"{tuple(shape)}: data_uri takes one picture"
            )
        return _from_cells([images[i] for i in range(shape[0])], list)
    if not isinstance(images, Iterable):
        raise TypeError(
            f"images must be a list, dict, stack, series or table of arrays, "
            f"but got {type(images).__name__}"
        )
    return _from_cells(list(images), list)


def _of_columns(
    columns: list[list[Any]], names: tuple[Any, ...], like: Callable[[Texts], Any]
) -> Rows:
    if not columns:
        raise ValueError("images must have at least one column, but the table has none")
    cells = [tuple(map(_cell, row)) for row in zip(*columns, strict=True)]
    return Rows(cells, range(len(cells)), names, like)


def _from_cells(
    cells: list[Any],
    like: Callable[[Texts], Any],
    names: tuple[Any, ...] | None = None,
    keys: Sequence[Any] | None = None,
) -> Rows:
    """Take single cells; where there are tuples, each is a row of several."""
    keys = range(len(cells)) if keys is None else keys
    cells = [_cell(cell) for cell in cells]
    several = [cell for cell in cells if isinstance(cell, tuple)]
    if not several:
        return Rows([(cell,) for cell in cells], keys, names, like, single=True)
    count = len(several[0])
    for key, cell in zip(keys, cells, strict=True):
        if cell is not None and not (isinstance(cell, tuple) and len(cell) == count > 0):
            raise ValueError(
                f"images[{key!r}]: a row must be a tuple of {max(count, 1)} arrays like the "
                f"others, but got {_describe(cell)}"
            )
    return Rows(
        [(None,) * count if cell is None else tuple(map(_cell, cell)) for cell in cells],
        keys,
        None,
        like,
    )


def _describe(cell: Any) -> str:
    return f"a tuple of {len(cell)}" if isinstance(cell, tuple) else type(cell).__name__


def _cell(value: Any) -> Any:
    """Return a cell, or None for any of the ways to say that there is nothing."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    pandas = sys.modules.get("pandas")
    if pandas is not None and (value is pandas.NA or value is pandas.NaT):
        return None
    return value


def polars_cells(series: Any) -> list[Any]:
    """Return the cells of a polars series: of nested columns arrays, or nested lists."""
    polars = sys.modules["polars"]
    if isinstance(series.dtype, polars.Array):
        if not series.null_count():
            return list(series.to_numpy())
        return [None if cell is None else cell.to_numpy() for cell in series]
    return [_nested(cell) for cell in series.to_list()]


def _nested(cell: Any) -> Any:
    """Return nested lists as an array, unless they are ragged or a list of single values."""
    if not (isinstance(cell, list) and cell and isinstance(cell[0], list)):
        return cell
    try:
        return np.array(cell)
    except ValueError:
        return cell


def holds_pictures(cells: Sequence[Any]) -> bool:
    """Return whether a column's first value is most likely a picture."""
    first = next((cell for cell in map(_cell, cells) if cell is not None), None)
    if isinstance(first, (Picture, find_type("PIL.Image", "Image"))):
        return True
    shape = getattr(first, "shape", None)
    return isinstance(shape, Sequence) and len(shape) in (2, 3)


def read_column(cells: Sequence[Any], name: Any) -> Rows:
    """Take one column of a table, cell by cell."""
    return Rows([(_cell(cell),) for cell in cells], range(len(cells)), (name,), list, word="frame")


def is_frame(value: Any, module: str) -> bool:
    """Return whether it is a DataFrame of pandas or polars."""
    return isinstance(value, find_type(module, "DataFrame"))
