"""`nbimage` and `Picture`: one picture of any array, and its bytes in any format."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from nbimage.codecs.files import write_whole
from nbimage.codecs.pictures import (
    MEDIA_TYPES,
    as_data_uri,
    check_options,
    encode_pixels,
    picture_format,
    picture_path,
)
from nbimage.page.bundle import Bundle, mime_bundle, show
from nbimage.page.html import css_background, picture_html
from nbimage.page.size import PageSize
from nbimage.values.blocks import Array
from nbimage.values.limits import Contrast, Limit
from nbimage.values.pixels import as_pixels
from nbimage.values.reduce import factor_for

MAX_PIXELS = 64_000_000
_NO_OPTIONS: dict[str, Any] = {"quality": None, "lossless": False, "compression": None}
_SMALL_PNG = 200_000  # bytes that may be in a notebook twice: in its HTML and as image/png
_PREVIEW_SIDE = 800  # pixels at most of the longer side of a larger picture's image/png


class Picture:
    """A picture of an array, shown when it is displayed and never before.

    The pixels are computed at once, so later changes of the array do not show. See `nbimage` for
    the parameters and what they raise.

    Attributes
    ----------
    pixels : uint8 array
        ``(H, W)`` or ``(H, W, 2|3|4)``: what is shown, before ``max_pixels`` reduces it.
    description : str
        One line: shape, dtype, values, and what black and white stand for.
    """

    def __init__(
        self,
        data: Any,
        vmin: Limit = None,
        vmax: Limit = None,
        vsym: bool = False,
        *,
        contrast: Contrast = "minmax",
        channel_axis: int | None = None,
        width: float | None = None,
        height: float | None = None,
        zoom: float | None = None,
        title: str | None = None,
        alt: str | None = None,
        caption: str | bool = False,
        background: str | None = None,
        format: str = "png",  # noqa: A002 (the name users know)
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
        max_pixels: float = MAX_PIXELS,
        display_id: str | None = None,
    ) -> None:
        self._size = PageSize(width, height, zoom)
        if not max_pixels >= 1:
            raise ValueError(f"max_pixels must be at least 1, but got {max_pixels!r}")
        if background is not None:
            css_background(background)
        self._pixels = as_pixels(
            data, vmin, vmax, vsym, contrast=contrast, channel_axis=channel_axis
        )
        self.pixels: Array = self._pixels.array
        self.description: str = self._pixels.description
        self._options: dict[str, Any] = {
            "quality": quality,
            "lossless": lossless,
            "compression": compression,
        }
        self._factor = factor_for(self.pixels.shape, pixels=max_pixels)
        rows, columns = self.pixels.shape[:2]
        shown = -(-rows // self._factor), -(-columns // self._factor)
        self._format = check_options(format, shown, **self._options)
        self._title, self._alt, self._caption = title, alt, caption
        self._background, self._display_id = background, display_id

    @functools.cached_property
    def _stored(self) -> bytes:
        """The bytes that the page holds, reduced where ``max_pixels`` asks for it."""
        return encode_pixels(self._pixels.reduced(self._factor), self._format, **self._options)

    @functools.cached_property
    def png(self) -> bytes:
        """The picture as PNG, every pixel of it."""
        if self._format == "png" and self._factor == 1:
            return self._stored
        return encode_pixels(self._pixels, "png")

    @property
    def data_uri(self) -> str:
        """The picture as it is shown, as a data URI."""
        return as_data_uri(self._stored, MEDIA_TYPES[self._format])

    @property
    def width(self) -> float:
        """The width on the page in CSS pixels."""
        rows, columns = self.pixels.shape[:2]
        return self._size.width_of(-(-columns // self._factor), -(-rows // self._factor))

    @property
    def html(self) -> str:
        """The picture as HTML that holds everything it needs."""
        rows, columns = self.pixels.shape[:2]
        notes: list[str] = []
        if self._caption:
            notes.append(self.description if self._caption is True else str(self._caption))
        if self._factor > 1:
            notes.append(
                f"{rows}×{columns} pixels, shown as means of {self._factor}×{self._factor}: "
                "nbview(data) shows every pixel, and saved files hold them all"
            )
        said = self.description if self._title is None else f"{self._title}: {self.description}"
        return picture_html(
            self.data_uri,
            width=self.width,
            alt=said if self._alt is None else self._alt,
            tooltip=self.description,
            crisp=self.width >= -(-columns // self._factor),
            title=self._title,
            notes=tuple(notes),
            background=self._background,
            display_id=self._display_id,
        )

    def save(
        self,
        path: Any,
        *,
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
    ) -> Path:
        """Save every pixel as PNG, JPEG, WebP or AVIF, by the path's suffix (none: ``.png``).

        The options are as for `encode`, and the picture's own where none is given and its format
        is the same. The file is written whole or not at all. Returns its path.
        """
        name, format_ = picture_path(path)
        options: dict[str, Any] = {
            "quality": quality,
            "lossless": lossless,
            "compression": compression,
        }
        own = format_ == self._format
        if own and options == _NO_OPTIONS:
            options = self._options
        if own and options == self._options and self._factor == 1:
            return write_whole(name, self._stored)
        return write_whole(name, encode_pixels(self._pixels, format_, **options))

    def _preview(self) -> bytes:
        """Return a PNG for PDF export and GitHub: the own one while small, else a reduced one."""
        if self._format == "png" and len(self._stored) <= _SMALL_PNG:
            return self._stored
        factor = factor_for(self.pixels.shape, side=_PREVIEW_SIDE)
        return encode_pixels(self._pixels.reduced(factor), "png")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return mime_bundle(self.html, self._preview(), self.width, repr(self))

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        title = "" if self._title is None else f"{self._title!r}: "
        return f"<Picture {title}{self.description}>"


def nbimage(
    data: Any,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    saveas: Any = None,
    *,
    contrast: Contrast = "minmax",
    channel_axis: int | None = None,
    width: float | None = None,
    height: float | None = None,
    zoom: float | None = None,
    title: str | None = None,
    alt: str | None = None,
    caption: str | bool = False,
    background: str | None = None,
    format: str = "png",  # noqa: A002 (the name users know)
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
    max_pixels: float = MAX_PIXELS,
    display_id: str | None = None,
) -> None:
    """Show an array as a picture in the notebook, pixel for pixel, resizable by dragging.

    Parameters
    ----------
    data : array-like
        Gray ``(H, W)``, planar ``(3|4, H, W)`` or interleaved ``(H, W, 3|4)``: NumPy, nested
        lists, PIL, torch, JAX, CuPy, xarray, dask, zarr. Never changed.
    vmin, vmax, vsym, contrast
        What black and white stand for; see `rerange`. uint8 data of which none of these is asked
        are shown value for value. NaN and masked pixels are transparent.
    saveas : path, optional
        Also save it, every pixel: ``.png`` (or no suffix), ``.jpg``, ``.webp``, ``.avif``.
    channel_axis : int, optional
        Where the channels are, if the guess is wrong; see `guess_channel_axis`.
    width, height, zoom : float, optional
        Size on the page in CSS pixels (both: fits into them), or as a multiple of one for one.
    title, alt, caption : str, optional
        Text above; text in the picture's place for screen readers (default: the description);
        text below (True: the description).
    background : str, optional
        What shows through transparent pixels: a CSS colour or ``"checkerboard"``; else the page.
    format, quality, lossless, compression
        How the page stores it; see `encode`.
    max_pixels : float
        A larger picture is shown reduced by a whole factor by area means, and says so.
    display_id : str, optional
        A second call with the same name updates the first one's picture in place.

    Raises
    ------
    TypeError, ValueError
        For data that can't be shown faithfully and for parameters that do not fit, in one line.
    """
    picture = Picture(
        data,
        vmin,
        vmax,
        vsym,
        contrast=contrast,
        channel_axis=channel_axis,
        width=width,
        height=height,
        zoom=zoom,
        title=title,
        alt=alt,
        caption=caption,
        background=background,
        format=format,
        quality=quality,
        lossless=lossless,
        compression=compression,
        max_pixels=max_pixels,
        display_id=display_id,
    )
    hint = ' (no notebook here: save it with saveas="picture.png")'
    if saveas is not None:
        hint = f" saved as {picture.save(saveas)}"
    show(picture, display_id, hint)


def encode(
    data: Any,
    format: str = "png",  # noqa: A002 (the name users know)
    *,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = "minmax",
    channel_axis: int | None = None,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
) -> bytes:
    """Return an array as the bytes of a picture file.

    Parameters
    ----------
    data, vmin, vmax, vsym, contrast, channel_axis
        As for `nbimage`.
    format : {"png", "jpeg", "webp", "avif"}
        PNG keeps every pixel. JPEG has no transparency: the picture is put on white.
    quality : float, optional
        0 to 100, for JPEG (default 90), WebP (90) and AVIF (80).
    lossless : bool
        Keep every pixel in WebP.
    compression : int, optional
        Effort for PNG: 0 (stored), 1 (fast, the default) to 9 (smallest).
    """
    pixels = as_pixels(data, vmin, vmax, vsym, contrast=contrast, channel_axis=channel_axis)
    return encode_pixels(
        pixels, format, quality=quality, lossless=lossless, compression=compression
    )


def data_uri(
    data: Any,
    format: str = "png",  # noqa: A002 (the name users know)
    *,
    vmin: Limit = None,
    vmax: Limit = None,
    vsym: bool = False,
    contrast: Contrast = "minmax",
    channel_axis: int | None = None,
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
) -> str:
    """Return an array as a data URI, for an ``<img>``, a chart or a table; see `encode`."""
    encoded = encode(
        data,
        format,
        vmin=vmin,
        vmax=vmax,
        vsym=vsym,
        contrast=contrast,
        channel_axis=channel_axis,
        quality=quality,
        lossless=lossless,
        compression=compression,
    )
    return as_data_uri(encoded, MEDIA_TYPES[picture_format(format)])
