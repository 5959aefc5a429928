"""What documents that others make of a notebook hold of figures: here nbconvert's LaTeX."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert import LatexExporter
from PIL import Image

from nbimage import Grid, Picture, Video, View

ROWS, COLUMNS = np.mgrid[0:90, 0:140]
WAVE = np.sin(COLUMNS / 13) * np.cos(ROWS / 17)
NOISE = np.random.default_rng(0).normal(size=(500, 640))
AROUND: dict[str, Any] = {"x": True, "y": True, "colorbar": "volt", "title": "A title"}
SHOWN: dict[str, Callable[[], Any]] = {
    "picture": lambda: Picture(WAVE, **AROUND, overlay=WAVE > 0.5),
    "grid": lambda: Grid([WAVE, -WAVE], ["one", "two"], **AROUND),
    "video": lambda: Video(np.stack([WAVE, -WAVE]), **AROUND),
    "view": lambda: View(WAVE, title="A title"),
    "photograph": lambda: Picture(NOISE, **AROUND),  # as JPEG
}


def make_notebook(item: Any) -> Any:
    """Return a notebook with one output, as JupyterLab saves it."""
    data, metadata = item._repr_mimebundle_()
    output = nbformat.v4.new_output("display_data", data=data, metadata=metadata)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("show()", outputs=[output])])


@pytest.mark.parametrize("name", SHOWN)
def test_latex_has_the_whole_figure(name: str) -> None:
    item = SHOWN[name]()
    text, resources = LatexExporter().from_notebook_node(make_notebook(item))
    ((file, data),) = resources["outputs"].items()
    assert f"{{{file}}}" in text.split("\\begin{document}")[1]
    assert data == find_still(item)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
    part = item.pictures[0] if name == "grid" else getattr(item, "picture", item)
    scale = image.width / find_width(item)
    assert image.width > scale * part.width
    assert image.height > scale * (part.height + 20)  # a title of one line above it
    # as wide on paper as on the screen: 96 CSS pixels an inch
    assert image.width / image.info["dpi"][0] * 96 == pytest.approx(find_width(item), abs=1)


def find_still(item: Any) -> bytes:
    """Return the PNG or JPEG beside the HTML."""
    data, metadata = item._repr_mimebundle_()
    (kind,) = metadata
    assert kind == ("image/jpeg" if data[kind].startswith("/9j/") else "image/png")
    return base64.b64decode(data[kind])


def find_width(item: Any) -> float:
    (shown,) = item._repr_mimebundle_()[1].values()
    return float(shown["width"])
