"""The notebooks that are driven in JupyterLab, and which test modules' cells each of them holds.

A module names its cells in `CELLS`, a dict of name and source; the first is its set-up. The cells
of several modules stand one after another in one notebook, which is run and opened once for all.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

BOOKS = {
    "shown": (
        "test_picture_frontends",
        "test_drag",
        "test_figure_page",
        "test_grid_page",
        "test_video_page",
        "test_view_frontends",
    ),
    "trees": ("test_trees_page",),
    "room": ("test_output_room",),
    "updated": ("test_live_update", "test_view_live"),
    "live": ("test_live_view",),
    "stream": ("test_view_stream",),
    "again": ("test_view_memory", "test_view_kept", "test_view_reports"),
}


class Book(NamedTuple):
    """A notebook: its name, its cells, and the number of the first cell of each module."""

    name: str
    cells: dict[str, str]
    offsets: dict[str, int]


def book_of(module: str) -> str:
    """Return the name of the notebook that holds a test module's cells, or nothing."""
    return next((name for name, modules in BOOKS.items() if module in modules), "")


def bind(name: str) -> Book:
    """Put the cells of a notebook's modules one after another."""
    cells: dict[str, str] = {}
    offsets = {}
    for module in BOOKS[name]:
        offsets[module] = len(cells)
        found = importlib.import_module(f"tests.e2e.{module}").CELLS
        cells |= {f"{module}: {cell}": source for cell, source in found.items()}
    return Book(name, cells, offsets)
