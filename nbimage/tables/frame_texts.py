"""Numbers and dates of tables as pandas and polars write them themselves, column by column."""

from __future__ import annotations

import functools
import hashlib
import html
import re
import sys
from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from numbers import Number
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.page.table_html import CELL, Markup, as_markup

_STYLER_DEFAULTS = {"precision": 6, "decimal": ".", "thousands": None, "na_rep": None}
_UNNAMED = "\ue000"  # stands for the table's name until what is in the table is known


def make_styler(frame: Any) -> Any:
    """Return a pandas Styler that escapes text and writes numbers as the frame itself does.

    Its HTML is the same each time that it is made: what the elements are called comes from what
    they are, so that two tables on one page share a name only if they are the same.
    """
    base: Any = type(frame.style)
    styler = _stable_class(base)(frame, uuid=_UNNAMED)
    columns: dict[Any, list[Any]] = {}
    for i, name in enumerate(frame.columns):
        columns.setdefault(name, []).append(frame.iloc[:, i])
    writers = {name: _make_writer(parts) for name, parts in columns.items()}
    styler = styler.format(writers)
    for axis, labels in enumerate((frame.index, frame.columns)):
        levels = [labels.get_level_values(k) for k in range(labels.nlevels)]
        index_writers = {k: _make_writer([_as_column(level)]) for k, level in enumerate(levels)}
        styler = styler.format_index(index_writers, axis=axis)
    numeric = [i for i, kind in enumerate(frame.dtypes) if getattr(kind, "kind", "O") in "biufcmM"]
    styles = [{"selector": "th, td", "props": CELL}]
    if numeric:
        cells = ", ".join(f"td.col{i}" for i in numeric)
        styles.append({"selector": cells, "props": "text-align:right"})
    styler = styler.set_table_styles(styles, overwrite=False)
    return styler.set_table_attributes('style="font-variant-numeric:tabular-nums"')


def _as_column(labels: Any) -> Any:
    series: Any = sys.modules["pandas"].Series
    return series(labels)


@functools.cache
def _stable_class(base: Any) -> Any:
    """Return the class of Stylers that name their elements by what is in the table."""

    class ImageStyler(base):  # type: ignore[misc, unused-ignore]
        """A Styler whose HTML is the same each time that it is made."""

        def __repr__(self) -> str:
            rows, columns = self.data.shape
            return f"<Styler of {rows} rows and {columns} columns>"  # no address

        def to_html(self, buf: Any = None, *, table_uuid: Any = None, **options: Any) -> Any:
            if table_uuid is not None or self.uuid != _UNNAMED:
                return super().to_html(buf, table_uuid=table_uuid, **options)
            text = super().to_html(**options)
            digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
            named = text.replace(f"T_{_UNNAMED}", f"T_{digest}")
            if buf is None:
                return named
            if hasattr(buf, "write"):
                buf.write(named)
            else:
                encoding = options.get("encoding") or "utf-8"
                with Path(buf).open("w", encoding=encoding) as file:
                    file.write(named)
            return None

    for name in ("__name__", "__qualname__", "__module__"):  # by which others know a Styler
        setattr(ImageStyler, name, getattr(base, name))
    return ImageStyler


def _make_writer(columns: Iterable[Any]) -> Callable[[Any], str]:
    """Return a function that gives the text of a value of some columns as HTML."""
    texts: dict[str, str] = {}
    for column in columns:
        texts.update(_read_texts(column))

    def write(value: Any) -> str:
        if isinstance(value, Markup):
            return value
        known = texts.get(repr(value)) if _is_scalar(value) else None
        return as_markup(value) if known is None else as_markup(known)

    return write


def _read_texts(column: Any) -> dict[str, str]:
    """Return what pandas writes for the numbers and dates of a column, by their repr."""
    known = [_is_scalar(value) for value in column]
    if not any(known):
        return {}
    part = column[known] if not all(known) else column
    part = part.reset_index(drop=True)
    lines = _write_lines(part.to_frame("x"))
    if len(lines) != len(part):
        return {}
    return {repr(value): line.strip() for value, line in zip(part, lines, strict=True)}


def _write_lines(frame: Any) -> list[str]:
    """Return the rows of a frame of one column; as the options of Styler say, if any is set."""
    pandas = sys.modules["pandas"]
    if any(
        pandas.get_option(f"styler.format.{name}") != default
        for name, default in _STYLER_DEFAULTS.items()
    ):
        text: str = frame.style.hide(axis="index").hide(axis="columns").to_string()
    else:
        text = frame.to_string(index=False, header=False)
    return text.removesuffix("\n").split("\n")


def _is_scalar(value: Any) -> bool:
    """Return whether it is a number, a date or the lack of one: nothing with a line break."""
    if value is None or isinstance(value, (Number, np.generic, date, time, timedelta)):
        return not isinstance(value, (np.void, np.character))
    pandas = sys.modules["pandas"]
    return isinstance(value, (pandas.Period, pandas.Interval)) or value is pandas.NA


def read_polars_texts(frame: Any) -> list[list[str]]:
    """Return the numbers and dates of a frame as polars writes them, column by column."""
    if not frame.width or not frame.height:
        return [[] for _ in frame.columns]
    with sys.modules["polars"].Config(tbl_rows=-1, tbl_cols=-1):
        page = frame._repr_html_()
    body = page.partition("<tbody>")[2]
    cells = [html.unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", body, re.DOTALL)]
    return [cells[i :: frame.width] for i in range(frame.width)]


def is_plain_polars(kind: Any) -> bool:
    """Return whether a polars dtype is of numbers, dates or booleans."""
    return bool(kind.is_numeric() or kind.is_temporal() or kind == sys.modules["polars"].Boolean)
