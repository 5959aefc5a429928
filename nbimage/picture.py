"""`nbimage` and `Picture`: one picture of any array, with what belongs around it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from nbimage.arrays.ingest import as_picture, as_values
from nbimage.arrays.labelled import is_small_table
from nbimage.base.chunked import Array, read_only
from nbimage.base.doors import door
from nbimage.base.text import format_repr
from nbimage.codecs.pictures import (
    MEDIA_TYPES,
    as_data_uri,
    check_options,
    encode_pixels,
    encode_preview,
    gather_options,
    resolve_picture_path,
)
from nbimage.figure.figure_layout import FigureOptions, add_labels, describe_reductions, make_layout
from nbimage.figure.hidden_values import describe_hidden
from nbimage.mapping.area_mean import factors_for
from nbimage.mapping.channels.blend import blend_channels
from nbimage.mapping.color_options import ColorOptions, as_own_labels
from nbimage.mapping.color_scale import ColorScale, alt_text
from nbimage.mapping.pixels import as_pixels
from nbimage.mapping.value_scale import UNTOUCHED, ValueScale
from nbimage.page.figure_model import Figure
from nbimage.page.html import css_background, document_html, picture_html, picture_media
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.page_size import MAX_PIXELS, MAX_SIDE, PageSize, as_max_pixels
from nbimage.page.verb import verb

if TYPE_CHECKING:
    from nbimage.typing import (
        ArrayLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        ContrastLike,
        CoordinatesLike,
        ImageLike,
        LimitLike,
        NormLike,
        OverlayLike,
        PathLike,
        PictureFormat,
    )

_SMALL_PNG = 200_000  # bytes that may be in a notebook twice: in its HTML and as image/png


class Picture:
    """A picture of an array, shown when it is displayed and never before.

    The pixels are computed at once, so later changes of the array do not show.

    Parameters
    ----------
    data : array-like, path or address
        Gray ``(H, W)``, planar ``(3|4, H, W)`` or interleaved ``(H, W, 3|4)``: NumPy, nested
        lists, PIL, torch, JAX, CuPy, xarray, pandas, dask, zarr, pydicom. Never changed. Or an
        image file of any kind that `open_pyramid` opens; see ``max_pixels`` for a large one.
    vmin, vmax, vsym, contrast, norm
        What black and white stand for, and what lies between; see `rerange`. uint8 data of which
        none of these is asked are shown value for value. NaN and masked pixels are transparent.
    cmap : str, colormap, list of colors or array ``(N, 3|4)``, optional
        Colors for the 256 bins of data of one channel: any name that the package `cmap` knows
        (matplotlib's, colorcet's, cmocean's), one of its or matplotlib's objects, colors to be
        blended. Stored as the palette. Integers from 0 to n - 1 without limits are the numbers of
        the colors of a map of n < 256 (of a list, if the largest of them is n - 1).
    under, over, nan_color : color, optional
        For values below and above the limits, and for missing ones.
    mark_clipped : bool
        Mark values beyond the limits, blue below and red above, and integers at the end of their
        dtype's range (of unsigned ones at its upper end: 0 is no sign of too little).
    labels : bool or integer array, optional
        True: the values are labels, each in a color of its own that never depends on the others;
        0 is transparent. An array ``(H, W)``: such labels laid over the picture. A picture of
        labels is made smaller by taking some of its pixels, never by means; so too, in the colors
        of other values, where the data say that they are labels (see `open_pyramid`), unless this
        is False.
    complex : {"abs", "phase", "domain"}, optional
        How complex numbers are shown; "domain" has the phase as hue and the magnitude as
        lightness, and ``vmax`` is the magnitude of full color.
    channel_axis : int, optional
        Where the channels are, if the guess is wrong; see `guess_channel_axis`.
    orientation : bool
        Turn a picture file or PIL image upright; False: as it is stored; see `open_pyramid`.
    overlay : item or list of items, optional
        Masks, labels, contour lines, points, lines, boxes, polygons and text, in the coordinates
        of the axes; see the README's table. ``"values"``: its own values, as small DataFrames have.
    title, xlabel, ylabel : str, optional
        Text above, below and at the left.
    x, y : sequence, (first, last) or bool, optional
        Coordinates of the columns and rows: numbers, dates or names; True for pixel numbers. They
        give ticks. Labelled data bring their own; False leaves these out.
    colorbar : bool or str, optional
        A colorbar, and its label. By default for data that say what their values are.
    histogram : bool or "log"
        How often each pixel value occurs, beside the picture; of colors one curve a channel.
    origin : {"upper", "lower"}, optional
        Where the first row is. By default at the top, but for latitudes that increase.
    aspect : "equal", "auto" or float, optional
        A pixel's height through its width; "auto" fills ``width`` × ``height``.
    pixel_size, unit : float and str, optional
        The side of a pixel, for a scale bar. By default the width that a file says, where its
        columns have no coordinates; False: no scale bar.
    width, height, zoom : float, optional
        Size on the page in CSS pixels (both: fits into them), or as a multiple of one for one. By
        default one for one; with something beside it a small picture is enlarged by a whole factor.
    alt, caption : str, optional
        Text in the picture's place for screen readers (default: a sentence on it); text below
        (True: the description).
    background : str, optional
        What shows through transparent pixels on the page: ``"hatch"``, a quiet gray one (not
        through labels), ``"checkerboard"`` or a CSS color; None: the page itself.
    format, quality, lossless, compression
        How the page stores it; see `encode`.
    max_pixels : float
        A larger picture is shown reduced by a whole factor by area means (of labels by taking
        some), and says so; along a
        side of more than 32,767 pixels, which not every browser shows, by itself. Of a larger file
        only a smaller level is read, and saved.
    display_id : str, optional
        A second call with the same name updates the first one's picture in place.

    Raises
    ------
    TypeError, ValueError
        For data that can't be shown faithfully and for parameters that do not fit, in one line.

    Attributes
    ----------
    description : str
        One line: shape, dtype, values, and what black and white stand for.
    width, height : float
        The picture's size on the page in CSS pixels, without what stands beside it.
    lower : bool
        The first row is at the bottom.
    labels : bool
        The values are labels, whose colors are never mixed.
    """

    @door
    def __init__(
        self,
        data: ImageLike,
        vmin: LimitLike = None,
        vmax: LimitLike = None,
        vsym: bool = False,
        *,
        contrast: ContrastLike = None,
        norm: NormLike = "linear",
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | ArrayLike | None = None,
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
        channel_axis: int | None = None,
        orientation: bool = True,
        overlay: OverlayLike = None,
        title: str | None = None,
        xlabel: str | None = None,
        ylabel: str | None = None,
        x: CoordinatesLike = None,
        y: CoordinatesLike = None,
        colorbar: bool | str | None = None,
        histogram: bool | Literal["log"] = False,
        origin: Literal["upper", "lower"] | None = None,
        aspect: float | Literal["equal", "auto"] | None = None,
        pixel_size: float | None = None,
        unit: str | None = None,
        width: float | None = None,
        height: float | None = None,
        zoom: float | None = None,
        alt: str | None = None,
        caption: str | bool = False,
        background: str | None = "hatch",
        format: PictureFormat = "png",  # noqa: A002 (the name users know)
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
        max_pixels: float = MAX_PIXELS,
        display_id: str | None = None,
    ) -> None:
        size = PageSize(width, height, zoom)
        max_pixels = as_max_pixels(max_pixels)
        if background is not None:
            css_background(background)
        own_labels = as_own_labels(labels)
        laid_over = labels is not None and own_labels is None
        written = overlay is None and complex is None and is_small_table(data)
        own_overlay: OverlayLike = "values" if written else overlay
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis)
        colors = ColorOptions.of(cmap, under, over, nan_color, mark_clipped, own_labels, complex)
        options = FigureOptions(
            title=title,
            xlabel=xlabel,
            ylabel=ylabel,
            x=x,
            y=y,
            colorbar=colorbar,
            histogram=histogram,
            overlay=add_labels(own_overlay, labels) if laid_over else own_overlay,
            origin=origin,
            aspect=aspect,
            pixel_size=pixel_size,
            unit=unit,
        )
        from nbimage.pyramid.read_files import read_image  # 3 ms that an import need not take

        image = read_image(data, channel_axis, max_pixels, orientation, labels=own_labels)
        options = options.reduced(image.factor)
        values = as_values(image.data, complex is not None)
        blended = None if complex else blend_channels(values, scale, image.channel_axis)
        if blended is not None:
            values, scale = blended[0], UNTOUCHED
        values, axis = as_picture(values, image.channel_axis)
        pixels = as_pixels(values, scale.on_axis(axis), colors)
        pixels = pixels if blended is None else pixels._replace(description=blended[1])
        self.labels: bool = pixels.labels
        rows, columns = pixels.array.shape[:2]
        shape, color_scale, metadata = (rows, columns), pixels.color_scale, values.metadata
        self._factors = factors_for(shape, pixels=max_pixels, side=MAX_SIDE)
        whole = image.shape if image.factor > 1 else None
        self._reductions = describe_reductions(shape, self._factors, whole, pixels.labels)
        own = values if axis is None and blended is None else None
        self._layout = make_layout(
            options, size, metadata, shape, axis, color_scale, pixels, self._factors, own
        )
        self.lower = self._layout.lower
        self._hidden = describe_hidden(values, pixels, scale) if complex is None else None
        self._pixels = pixels.flipped() if self.lower else pixels
        reduced = "" if whole is None else ", reduced from {}×{}".format(*whole)
        self.description: str = self._pixels.description + reduced
        self._metres = options.metres
        self._options = gather_options(quality, lossless, compression)
        self._shown = -(-columns // self._factors[1]), -(-rows // self._factors[0])
        self._format = check_options(format, self._shown[::-1], **self._options)
        self.width, self.height = self._layout.width, self._layout.height
        self._alt, self._caption = alt, caption
        hatch = background == "hatch" and (pixels.labels or not pixels.is_clear)
        self._background, self._display_id = None if hatch else background, display_id

    @property
    def pixels(self) -> Array:
        """What is shown, uint8 ``(H, W)`` or ``(H, W, 2|3|4)``, before ``max_pixels`` reduces it.

        Read-only. Without what is transparent in it; `png` has that.
        """
        return read_only(self._opaque)

    @functools.cached_property
    def _opaque(self) -> Array:
        if self._pixels.palette is None and not self._pixels.marks:
            return self._pixels.array
        return self._pixels.render()

    @functools.cached_property
    def _stored(self) -> bytes:
        """The bytes that the page holds, reduced where ``max_pixels`` asks for it."""
        down, across = self._factors
        metres = None if self._metres is None or down != across else self._metres * down
        pixels = self._pixels.reduced(self._factors)
        return encode_pixels(pixels, self._format, pixel_size=metres, **self._options)

    @functools.cached_property
    def png(self) -> bytes:
        """The picture as PNG, every pixel of it."""
        if self._format == "png" and self._factors == (1, 1):
            return self._stored
        return encode_pixels(self._pixels, "png", pixel_size=self._metres)

    @property
    def data_uri(self) -> str:
        """The picture as it is shown, as a data URI."""
        return as_data_uri(self._stored, MEDIA_TYPES[self._format])

    @property
    def color_scale(self) -> ColorScale | None:
        """What pixel values stand for."""
        return self._pixels.color_scale

    def render(self) -> Array:
        """Return the picture, read-only: `pixels`, with alpha 0 where they are missing."""
        return read_only(self._pixels.render())

    @functools.cached_property
    def figure(self) -> Figure:
        """What stands around the picture and over it."""
        rows, columns = self._pixels.array.shape[:2]
        caption = self.description if self._caption is True else str(self._caption or "")
        notes = tuple(filter(None, (caption, self._hidden, *self._reductions)))
        return self._layout.figure(columns, rows, notes)

    @property
    def html(self) -> str:
        """The picture as HTML that holds everything it needs."""
        return picture_html(
            self.data_uri,
            width=self.width,
            height=self.height,
            alt=self.alt,
            tooltip=self.description,
            crisp=self._crisp,
            labels=self.labels,
            figure=self.figure,
            background=self._background,
            display_id=self._display_id,
        )

    @property
    def inner_html(self) -> str:
        """The picture alone as HTML that fills its parent."""
        return picture_media(
            self.data_uri,
            width=self.width,
            alt=self.alt,
            tooltip=self.description,
            crisp=None,
            labels=self.labels,
            figure=self.figure,
            background=self._background,
        )

    @property
    def svg(self) -> str:
        """The picture with all that stands around it as an SVG document of its own."""
        from nbimage.page.figure_svg import figure_svg

        return figure_svg(
            self.data_uri, self.width, self.height, self.figure, alt=self.alt, crisp=self._crisp
        )

    @property
    def alt(self) -> str:
        """The text in the picture's place, for screen readers."""
        if self._alt is not None:
            return str(self._alt)
        rows, columns = self._pixels.array.shape[:2]
        text = alt_text("picture", f"{rows} × {columns}", self.color_scale)
        return f"{self._layout.title}: {text}" if self._layout.title else text

    @property
    def _crisp(self) -> bool:
        return bool(self.labels or self.width >= self._shown[0])

    def save(
        self,
        path: PathLike,
        *,
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
    ) -> Path:
        """Save every pixel as PNG, JPEG, WebP or AVIF, by the path's suffix (none: ``.png``).

        ``.svg`` and ``.html`` hold the figure: the picture as shown and all that stands around it.
        The options are as for `encode`, and the picture's own where none is given and its format
        is the same. The file is written whole or not at all. Returns its path.
        """
        from nbimage.base.atomic import write_file

        name, format_ = resolve_picture_path(path)
        given = gather_options(quality, lossless, compression)
        if format_ in ("svg", "html"):
            if given != gather_options():
                raise ValueError(f"options must be left out for {format_}: give them to Picture")
            text = self.svg if format_ == "svg" else document_html(self.html, self.alt)
            return write_file(name, text.encode("utf-8"))
        own = format_ == self._format
        if own and given == gather_options():
            given = self._options
        if own and given == self._options and self._factors == (1, 1):
            return write_file(name, self._stored)
        return write_file(
            name, encode_pixels(self._pixels, format_, pixel_size=self._metres, **given)
        )

    def _preview(self) -> bytes:
        """Return a PNG for PDF export and GitHub: the own one while small, else a reduced one."""
        if self._format == "png" and len(self._stored) <= _SMALL_PNG:
            return self._stored
        return encode_preview(self._pixels)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return mime_bundle(self.html, self._preview(), self.width, repr(self))

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return format_repr("Picture", self._layout.title, self.description)


def make_picture(values: Any, scale: ValueScale, **options: Any) -> Picture:
    """Make a picture of values that were taken in already, or of a file's image."""
    return Picture(values, **scale.parameters(), **options)


@verb(Picture, after="vsym")
def nbimage(picture: Picture, saveas: PathLike | None = None) -> None:
    """Show an array as a picture in the notebook, pixel for pixel, resizable by dragging.

    Parameters
    ----------
    saveas : path, optional
        Also save it: ``.png`` (or no suffix), ``.jpg``, ``.webp``, ``.avif`` hold every pixel,
        ``.svg`` and ``.html`` the figure with all that stands around it.
    """
    hint = ' (no notebook here: save it with saveas="picture.png")'
    if saveas is not None:
        hint = f" saved as {picture.save(saveas)}"
    show(picture, picture._display_id, hint)
