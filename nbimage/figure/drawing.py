"""What a matplotlib figure is for a grid: a picture that somebody else has drawn."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from nbimage.codecs.files import write_whole
from nbimage.codecs.pictures import as_data_uri
from nbimage.figure.cells import is_matplotlib
from nbimage.page.figure import PLAIN, Figure
from nbimage.page.html import picture_media
from nbimage.values.blocks import Array

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
        figure = getattr(content, "figure", None) or content
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=_DOTS)
        width, height = (96 * float(inches) for inches in figure.get_size_inches())
        return cls(file.getvalue(), width, height, "matplotlib figure")

    @property
    def figure(self) -> Figure:
        """What stands around it: nothing more."""
        return PLAIN

    def media(self) -> str:
        """Return HTML that fills what it is in."""
        uri = as_data_uri(self.png, "image/png")
        return picture_media(
            uri, width=self.width, alt=self.alt, tooltip=self.description, crisp=False
        )

    def shown(self) -> Array:
        """Return its pixels, uint8 ``(H, W, 4)``."""
        from PIL import Image

        with Image.open(io.BytesIO(self.png)) as image:
            return np.asarray(image.convert("RGBA"))

    def save(self, path: Any) -> Path:
        """Save it as PNG."""
        return write_whole(path, self.png)
