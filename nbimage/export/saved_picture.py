"""`SavedPicture`: what a picture gives: pixels, HTML, SVG, and files of these.

Not here: how the pixels come about (`nbimage.picture`), how figures are drawn (`drawing`). What
makes them is imported at use, so that ``from nbimage import nbimage`` takes little.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbimage.base.doors import door
from nbimage.page.frames.framed import FramedFigure

if TYPE_CHECKING:
    from nbimage.base.chunked import Array
    from nbimage.codecs.stored_picture import StoredPicture
    from nbimage.export.drawing import Drawing
    from nbimage.figure.figure_layout import FigureLayout
    from nbimage.mapping.channels.blend import ShownChannel
    from nbimage.mapping.color_scale import ColorScale
    from nbimage.page.figure_model import Figure
    from nbimage.page.ipython import Bundle
    from nbimage.typing import PathLike

_SMALLER = 'a lower max_pixels=, format="webp" or nbview(data, embed=False) make it less'


class SavedPicture(FramedFigure):
    """What shows and saves a picture. `Picture` is one."""

    labels: bool
    _stored: StoredPicture
    _layout: FigureLayout
    _channels: tuple[ShownChannel, ...]
    _hidden: str | None
    _reductions: tuple[str, ...]
    _alt: str | None
    _caption: str | bool
    _background: str | None
    _display_id: str | None

    @property
    def pixels(self) -> Array:
        """What is shown, uint8 ``(H, W)`` or ``(H, W, 2|3|4)``, before ``max_pixels`` reduces it.

        Read-only. Without what is transparent in it; `png` has that.
        """
        from nbimage.base.chunked import read_only

        return read_only(self._stored.opaque)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        from nbimage.base.chunked import convert_array

        return convert_array(self.pixels, dtype, copy)

    @property
    def png(self) -> bytes:
        """The picture as PNG, every pixel of it."""
        return self._stored.png

    @property
    def data_uri(self) -> str:
        """The picture as it is shown, as a data URI."""
        return self._stored.data_uri

    @property
    def color_scale(self) -> ColorScale | None:
        """What pixel values stand for."""
        return self._stored.pixels.color_scale

    def render(self) -> Array:
        """Return the picture, read-only: `pixels`, with alpha 0 where they are missing.

        Examples
        --------
        Missing values are transparent:

        >>> nbimage.Picture([[0.0, np.nan, 1.0]]).render()[..., -1]
        array([[255,   0, 255]], dtype=uint8)
        """
        from nbimage.base.chunked import read_only

        return read_only(self._stored.pixels.render())

    @functools.cached_property
    def figure(self) -> Figure:
        """What stands around the picture and over it."""
        rows, columns = self._stored.shape
        caption = self.description if self._caption is True else str(self._caption or "")
        notes = tuple(filter(None, (caption, self._hidden, *self._reductions)))
        return self._layout.figure(columns, rows, notes)

    @property
    def html(self) -> str:
        """The picture as HTML that holds everything it needs."""
        from nbimage.page.html import fill_source, picture_html

        more: dict[str, Any] = {"display_id": self._display_id, "height": self.height, **self._page}
        empty = picture_html("", crisp=self._crisp, tooltip=self.description, **more)
        return fill_source(empty, self._stored.media_type, self._stored.data)

    @property
    def inner_html(self) -> str:
        """The picture alone as HTML that fills its parent."""
        return self._fill_parent(self.data_uri, self.alt)

    def _fill_parent(self, uri: str, alt: str) -> str:
        """Return `inner_html` with these bytes and this text in it."""
        from nbimage.page.html import picture_media

        own: dict[str, Any] = {
            "width": self.width,
            "labels": self.labels,
            "background": self._background,
        }
        own |= {"figure": self.figure, "alt": alt}
        return picture_media(uri, tooltip=self.description, crisp=None, **own)

    @property
    def _page(self) -> dict[str, Any]:
        """What pages and files say of the picture."""
        return {
            "width": self.width,
            "alt": self.alt,
            "labels": self.labels,
            "figure": self.figure,
            "background": self._background,
        }

    @property
    def svg(self) -> str:
        """The picture with all that stands around it as an SVG document of its own."""
        return self._scaled_svg(1.0)

    def _scaled_svg(self, scale: float) -> str:
        from nbimage.page.figure_svg import figure_svg

        size = self.width, self.height
        options: dict[str, Any] = {"alt": self.alt, "crisp": self._crisp, "scale": scale}
        return figure_svg(self.data_uri, *size, self.figure, **options)

    @property
    def alt(self) -> str:
        """The text in the picture's place, for screen readers."""
        from nbimage.mapping.channels.blend import describe_alt
        from nbimage.mapping.color_scale import alt_text

        if self._alt is not None:
            return str(self._alt)
        rows, columns = self._stored.shape
        size, known = f"{rows} × {columns}", self._channels
        text = describe_alt("picture", size, known) or alt_text("picture", size, self.color_scale)
        return f"{self._layout.title}: {text}" if self._layout.title else text

    @property
    def _crisp(self) -> bool:
        return bool(self.labels or self.width >= self._stored.shown[0])

    @door
    def save(
        self,
        path: PathLike,
        *,
        figure: bool = False,
        scale: float = 1,
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
    ) -> Path:
        """Save every pixel as PNG, JPEG, WebP or AVIF, by the path's suffix (none: ``.png``).

        With ``figure`` the file holds the picture as shown and all that stands around it, on white,
        ``scale`` pixels a CSS pixel; ``.pdf``, ``.svg`` and ``.html`` always do. PNG and PDF hold
        the picture's pixels exactly. The options are as for `encode`, and the picture's own where
        none is given and its format is the same. The file is written whole or not at all. Returns
        its path.

        Examples
        --------
        >>> picture = nbimage.Picture(np.eye(64), colorbar=True)
        >>> picture.save("eye").name
        'eye.png'
        >>> picture.save("eye.webp", lossless=True).name
        'eye.webp'
        >>> picture.save("eye-for-print.png", figure=True, scale=3).name
        'eye-for-print.png'
        >>> picture.save("eye.bmp")
        Traceback (most recent call last):
            ...
        ValueError: a picture is saved as .png, .jpg, .webp, .avif, .svg, .pdf o...
        """
        from nbimage.base.atomic import write_file
        from nbimage.codecs.pictures import gather_options, resolve_picture_path
        from nbimage.export.figure_file import check_figure_options, encode_figure
        from nbimage.page.html import document_html

        name, format_ = resolve_picture_path(path)
        given = gather_options(quality, lossless, compression)
        scale = check_figure_options(format_, figure, scale, given, "Picture")
        if format_ == "html":
            return write_file(name, document_html(self.html, self.alt).encode("utf-8"))
        if format_ == "svg":
            return write_file(name, self._scaled_svg(scale).encode("utf-8"))
        if figure or format_ == "pdf":
            return write_file(name, encode_figure(self._draw(), format_, scale, given))
        return write_file(name, self._stored.encode(format_, given))

    def _draw(self) -> Drawing:
        """Return the whole figure for a file that this package draws itself."""
        from nbimage.export.figure_file import draw_picture

        return draw_picture(self.render(), height=self.height, **self._page)

    @functools.cached_property
    def _preview(self) -> tuple[bytes, float]:
        """The figure as PNG or JPEG for PDF and restricted editors, and its width there."""
        stored = self._stored
        if self.figure.is_bare:
            return stored.preview, self.width
        from nbimage.codecs.preview import find_budget
        from nbimage.export.still import encode_still

        shown = {"height": self.height, "budget": find_budget(len(stored.data)), **self._page}
        return encode_still(stored.pixels, lambda: (stored.preview, self.width), **shown)

    @door
    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        from nbimage.page.ipython import mime_bundle

        return mime_bundle(self.html, *self._preview, repr(self), _SMALLER)

    def __repr__(self) -> str:
        from nbimage.base.text import format_repr

        return format_repr("Picture", self._layout.title, self.description)
