"""What is known of single labels: names, properties and colors, as a caller or a file gives them.

Not here: which label images there are (`label_layer`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nbimage.arrays.metadata import LabelTable
from nbimage.base.text import replace_surrogates
from nbimage.mapping.colormap import Rgba

_IDS = ("label", "id", "label_id", "labelid", "label id", "label-value", "index", "value")
"""Columns that say which label a row is of, the first one that there is."""
_MOST_ROWS = 200_000
_EXACT = 2**53  # whole numbers that a browser's own numbers hold
_WORDS = (
    "names must be a dict {label: name}, or a table: a dict of columns, a DataFrame or a list of "
    "records, with a column 'label' or 'id'"
)


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What is known of the labels of an image."""

    names: Mapping[int, str] = field(default_factory=dict)
    properties: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    colors: Mapping[int, Rgba] = field(default_factory=dict)

    @classmethod
    def of_table(cls, table: LabelTable | None) -> LabelFacts:
        """Return what a file says."""
        if table is None:
            return cls()
        return cls(table.names, table.properties, dict(table.colors))

    def updated(self, other: LabelFacts) -> LabelFacts:
        """Return the same with what a caller knows better."""
        properties = {label: dict(own) for label, own in self.properties.items()}
        for label, own in other.properties.items():
            properties[label] = properties.get(label, {}) | dict(own)
        return LabelFacts({**self.names, **other.names}, properties, self.colors)

    def describe(self) -> dict[str, Any]:
        """Return what the page gets: ``ids``, ``names`` and ``properties`` in their order."""
        ids = sorted({*self.names, *self.properties, *self.colors})
        if len(ids) > _MOST_ROWS:
            raise ValueError(f"names must be of at most {_MOST_ROWS} labels, but got {len(ids)}")
        keys = dict.fromkeys(key for own in self.properties.values() for key in own)
        columns: dict[str, list[Any]] = {}
        for key in keys:
            column = [_plain(self.properties.get(label, {}).get(key)) for label in ids]
            named = [self.names.get(label) for label in ids]
            if any(value is not None for value in column) and column != named:
                columns[str(key)] = column
        return {
            "ids": [page_label(label) for label in ids],
            "names": {str(label): name for label, name in self.names.items()},
            "properties": columns,
        }


def page_label(label: int) -> int | str:
    """Return a label as a page has it: as text where its own numbers do not hold it."""
    return label if -_EXACT <= label <= _EXACT else str(label)


def read_facts(given: Any) -> LabelFacts:
    """Return what ``names=`` says of labels. Raises TypeError or ValueError, in one line."""
    if given is None:
        return LabelFacts()
    columns = _as_columns(given)
    if columns is None:
        return _read_by_label(given)
    lengths = {len(column) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"names must have columns of one length, but got {sorted(lengths)}")
    plain = {key.lower(): key for key in columns}
    key = next((plain[one] for one in _IDS if one in plain), None)
    if key is None:
        raise ValueError(
            f"names must have a column 'label' or 'id', but got {', '.join(map(repr, columns))}"
        )
    ids = [as_label(one) for one in columns[key]]
    others = {name: column for name, column in columns.items() if name != key}
    properties = {
        label: {name: column[row] for name, column in others.items()}
        for row, label in enumerate(ids)
    }
    return LabelFacts(_find_names(properties), properties)


def split_tables(names: Any, layers: Sequence[str]) -> list[Any]:
    """Return what ``names=`` says of each of several label images: of all, or of each by name."""
    if isinstance(names, Mapping) and names and set(names) <= set(layers):
        inner = [one for one in names.values() if one is not None]
        if all(isinstance(one, (Mapping, list)) or hasattr(one, "columns") for one in inner) and (
            len(layers) > 1 or not all(isinstance(one, list) for one in inner)
        ):
            return [names.get(layer) for layer in layers]
    return [names] * len(layers)


def _as_columns(given: Any) -> dict[str, list[Any]] | None:
    """Return a table's columns; None of a dict by label."""
    if hasattr(given, "columns") and hasattr(given, "to_dict"):
        if hasattr(given, "index"):  # pandas
            found = {str(key): given[key].tolist() for key in given.columns}
            if not any(key.lower() in _IDS for key in found):
                found = {"label": given.index.tolist(), **found}
            return found
        return {str(key): given[key].to_list() for key in given.columns}
    if isinstance(given, Mapping):
        if not given or not all(isinstance(key, str) for key in given):
            return None
        if not all(_is_column(column) for column in given.values()):
            return None
        return {replace_surrogates(key): list(column) for key, column in given.items()}
    if isinstance(given, (list, tuple)) and all(isinstance(row, Mapping) for row in given):
        keys = dict.fromkeys(str(key) for row in given for key in row)
        return {key: [row.get(key) for row in given] for key in keys}
    raise TypeError(f"{_WORDS}, but got {type(given).__name__} {str(given)[:60]!r}")


def _is_column(column: Any) -> bool:
    return hasattr(column, "__len__") and not isinstance(column, (str, bytes, Mapping))


def _read_by_label(given: Mapping[Any, Any]) -> LabelFacts:
    names: dict[int, str] = {}
    properties: dict[int, Mapping[str, Any]] = {}
    for key, value in given.items():
        label = as_label(key)
        if isinstance(value, Mapping):
            properties[label] = {str(name): one for name, one in value.items()}
        elif _is_column(value):
            raise TypeError(f"{_WORDS}, but got {value!r:.60} for label {label}")
        elif value is not None:
            names[label] = " ".join(replace_surrogates(value).split())
    return LabelFacts({**_find_names(properties), **names}, properties)


def _find_names(properties: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    return LabelTable({}, properties).names


def as_label(given: Any) -> int:
    """Return a label as a whole number. Raises TypeError for what is none."""
    try:
        number = int(given)
    except (TypeError, ValueError, OverflowError):
        number = None
    if number is None or isinstance(given, (bool, np.bool_)) or number != _as_number(given):
        raise TypeError(f"names must be of labels, which are whole numbers, but got {given!r:.60}")
    return number


def _as_number(given: Any) -> Any:
    return int(given) if isinstance(given, str) else given


def _plain(value: Any) -> Any:
    """Return a property as JSON has it: a number, a text, None where it is missing."""
    if value is None or isinstance(value, (bool, str)):
        return replace_surrogates(value) if isinstance(value, str) else value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return page_label(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return replace_surrogates(str(value))
