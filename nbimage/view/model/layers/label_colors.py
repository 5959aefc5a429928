"""The colors of single labels: one of many, their own, or by a property."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nbimage.mapping.colormap import Rgba, as_palette
from nbimage.view.model.layers.label_layer import LabelLayer
from nbimage.view.model.layers.label_table import page_label

RAMP = "viridis"
"""The colors of a property that is a number."""
_GRAY = (128, 128, 128, 255)


def label_colors(
    layer: LabelLayer, by: str | None, facts: Mapping[str, Any]
) -> Callable[[int], Rgba]:
    """Return a function from a label to its color.

    ``facts`` are those that the page gets.
    """
    count = len(layer.palette) - 1
    plain: list[Any] = layer.palette.tolist()
    own = layer.facts.colors
    if by is None:
        return lambda label: own.get(label) or plain[1 + (label - 1) % count]
    column = facts["properties"][by]
    rows = {label: row for row, label in enumerate(facts["ids"])}
    numbers = as_numbers(column)
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    ramp: list[Any] = as_palette(RAMP).array.tolist()
    texts = sorted({str(value) for value in column if value is not None})
    kinds = {text: number for number, text in enumerate(texts)}

    def color(label: int) -> Any:
        row = rows.get(page_label(label))
        value = None if row is None else column[row]
        if value is None:
            return _GRAY
        if not numbers:
            return plain[1 + kinds[str(value)] % count]
        share = (value - low) / (high - low) if high > low else 0.5
        return ramp[min(255, math.floor(share * 256))]

    return color


def as_numbers(column: Sequence[Any]) -> list[float]:
    """Return a column's numbers; none where it has anything else."""
    known = [value for value in column if value is not None]
    plain = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in known)
    return known if plain else []
