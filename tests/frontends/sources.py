"""What each front-end shows: the same outputs, as a notebook or an app of its own."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

SETUP = """\
import numpy as np, pandas as pd
from nbimage import nbimage, nbgrid, nbvideo, nbview, Picture, Video, Grid, View, show_images
yy, xx = np.mgrid[:160, :240]
field = np.sin(xx / 18) * np.cos(yy / 13) + xx / 240 - 0.5
movie = np.stack([np.roll(field, 6 * t, 1) for t in range(20)])
parts = [field[:60, :80], field[60:120, :80], field[:60, 80:160]]
frame = pd.DataFrame({"name": ["one", "two", "three"], "picture": parts, "n": [1, 2, 3]})
axes = dict(x=True, y=True, xlabel="column", ylabel="row", colorbar="height [m]")
"""
OBJECTS = {
    "figure": 'Picture(field, cmap="viridis", title="a figure", **axes)',
    "video": 'Video(movie, fps=10, title="a video")',
    "grid": 'Grid([np.roll(field, s, 0) for s in range(0, 60, 10)], columns=3, title="a grid")',
    "view": 'View(field, cmap="magma", title="a view")',
    "live": 'View(field, embed=False, height=240, title="a live view")',
    "table": "show_images(frame)",
}
VERBS = {
    "figure": 'nbimage(field, cmap="viridis", title="a figure", **axes)',
    "video": 'nbvideo(movie, fps=10, title="a video")',
    "grid": 'nbgrid([np.roll(field, s, 0) for s in range(0, 60, 10)], columns=3, title="a grid")',
    "view": 'nbview(field, cmap="magma", title="a view")',
    "live": OBJECTS["live"],
    "table": OBJECTS["table"],
}
NAMES = tuple(OBJECTS)


def notebook() -> dict[str, Any]:
    """Return a notebook without outputs, a cell each."""
    sources = [SETUP, *VERBS.values()]
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell{i}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def write_notebook(path: Path) -> Path:
    """Write the notebook."""
    path.write_text(json.dumps(notebook()), "utf-8")
    return path


def write_marimo(path: Path, *, dark: bool = False) -> Path:
    """Write the notebook as marimo has it."""
    names = (
        "nbimage, nbgrid, nbvideo, nbview, Picture, Video, Grid, View, show_images, "
        "np, pd, field, movie, frame, axes"
    )
    head = '# /// script\n# [tool.marimo.display]\n# theme = "dark"\n# ///\n' if dark else ""
    text = f"{head}import marimo\n\napp = marimo.App()\n\n\n@app.cell\ndef _():\n"
    text += textwrap.indent(f"{SETUP}return {names}\n\n\n", "    ", lambda line: bool(line.strip()))
    for source in VERBS.values():
        text += f"@app.cell\ndef _({names}):\n    {source}\n    return\n\n\n"
    path.write_text(text, "utf-8")
    return path


def write_app(path: Path, before: str, each: str, after: str = "", **other: str) -> Path:
    """Write an app: ``each`` is a line with ``{name}`` and ``{object}``, ``other`` for some."""
    lines = [SETUP + before]
    lines += [
        other.get(name, each).format(name=name, object=source) for name, source in OBJECTS.items()
    ]
    path.write_text("\n".join([*lines, after]), "utf-8")
    return path
