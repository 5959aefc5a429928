"""A matplotlib figure as a picture of a grid, drawn by matplotlib itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.base.atomic import write_file
from nbimage.base.chunked import Array
from nbimage.base.suffixes import resolve_name
from nbimage.codecs.pictures import SUFFIXES, as_data_uri, encode_pixels
from nbimage.grids.items import is_matplotlib
from nbimage.mapping.pixels import Pixels
from nbimage.page.figure_model import PLAIN, Figure
from nbimage.page.html import document_html, number, picture_media

_DOTS = 192  # an inch: two a CSS pixel, so that letters are sharp


class Drawing:
    """A drawing as PNG, of the size on the page that its author gave it."""

    def __init__(self, png: bytes, width: float, height: float, description: str) -> None:
        self.png, self.width, self.height = png, width, height
        self.description = self.alt = description

    @classmethod
    def of(cls, content: Any) -> Any:
        """Return a matplotlib figure as a drawing, and anything else as it is."""
        if not is_matplotlib(content):
            return content
        figure = content
        while figure.figure is not None and figure.figure is not figure:  # axes, and subfigures
            figure = figure.figure
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=_DOTS)
        width, height = (96 * float(inches) for inches in figure.get_size_inches())
        titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
        names = ", ".join(title for title in titles if title)
        text = f"matplotlib figure: {names}" if names else "matplotlib figure"
        return cls(file.getvalue(), width, height, text)

    @property
    def figure(self) -> Figure:
        """What stands around it: nothing more."""
        return PLAIN

    @property
    def inner_html(self) -> str:
        """The figure as HTML that fills its parent."""
        uri = as_data_uri(self.png, "image/png")
        return picture_media(
            uri, width=self.width, alt=self.alt, tooltip=self.description, crisp=False
        )

    def render(self) -> Array:
        """Return its pixels, uint8 ``(H, W, 4)``."""
        from PIL import Image

        with Image.open(io.BytesIO(self.png)) as image:
            return np.asarray(image.convert("RGBA"))

    def save(self, path: Any) -> Path:
        """Save it as PNG, JPEG, WebP, AVIF or a page, by the path's suffix (none: ``.png``)."""
        possible = {**SUFFIXES, "html": "html", "htm": "html"}
        way = "give it one of these suffixes; the figure's own savefig writes SVG and PDF"
        name, format_ = resolve_name(path, possible, "a drawing", way)
        if format_ == "png":
            return write_file(name, self.png)
        if format_ == "html":
            box = (
                f'<div style="width:{number(self.width)}px;max-width:100%">{self.inner_html}</div>'
            )
            return write_file(name, document_html(box, self.alt).encode())
        pixels = Pixels(self.render(), None, False, self.description)
        return write_file(name, encode_pixels(pixels, format_))
