"""What an entry of the list of figures is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.proof.claims.figures import Source


@dataclass(frozen=True)
class Claim:
    """A sentence with ``{}`` for each figure; without braces, one that a command alone tells."""

    page: str
    text: str
    command: str
    sources: tuple[Source, ...] = ()
    near: float = 0
    """By which part of it a figure may differ that is about so much; else its rounding holds."""


@dataclass(frozen=True)
class Relation:
    """A table of a page, of which a benchmark has written one with more digits."""

    page: str
    heads: tuple[str, ...]
    command: str
    columns: dict[str, Callable[[str], Sequence[float]]] = field(default_factory=dict)
    """Returns the numbers of a cell of each column, by the first cell of the row."""
