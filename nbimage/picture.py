"""`nbimage` and `Picture`: one picture of any array, with what belongs around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from nbimage.base.doors import door
from nbimage.export.saved_picture import SavedPicture
from nbimage.page.page_size import MAX_PIXELS
from nbimage.page.verb import verb

if TYPE_CHECKING:
    from nbimage.mapping.channels.blend import ShownChannel
    from nbimage.mapping.value_scale import ValueScale
    from nbimage.typing import (
        ArrayLike,
        ChannelsLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        ContrastLike,
        CoordinatesLike,
        ImageLike,
        LevelsLike,
        LimitLike,
        NormLike,
        OverlayLike,
        PathLike,
        PictureFormat,
    )


class Picture(SavedPicture):
    """A picture of an array, shown when it is displayed and never before.

    The pixels are computed at once, so later changes of the array do not show.

    Parameters
    ----------
    data : array-like, path or address
        Gray ``(H, W)``, planar ``(3|4, H, W)`` or interleaved ``(H, W, 3|4)``: NumPy, nested
        lists, PIL, torch, JAX, CuPy, xarray, pandas, dask, zarr, pydicom. Never changed. Or an
        image file of any kind that `open_pyramid` opens; see ``max_pixels`` for a large one.
    vmin, vmax, vsym, contrast, norm, levels
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
    channels : dict {name: color}, list of names or False, optional
        Show channels as a composite: each in a color and limits of its own, from the 2nd to the
        98th percentile but for bytes. Default: 2 to 8 channels that are no colors; False: never.
    orientation : bool
        Turn a picture file or PIL image upright; False: as it is stored; see `open_pyramid`.
    overlay : item or list of items, optional
        Masks, labels, contour lines, points, lines, boxes, polygons and text, in the coordinates
        of the axes, as "Pictures" of the reference lists them. ``"values"``: its own values, as
        small DataFrames have.
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
    width, height : float or str, optional
        Size in CSS pixels (both: fits into them), or ``"300px"``, ``"50%"`` of the output's width.
    zoom : float, optional
        A multiple of one for one, the default; by it small pictures are enlarged.
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
        some), and says so; along a side of more than 32,767 pixels, which not every browser shows,
        by itself. Of a larger file only a smaller level is read, and saved.
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

    Examples
    --------
    >>> ramp = np.arange(12.0).reshape(3, 4)
    >>> picture = nbimage.Picture(ramp, cmap="viridis", title="Ramp")
    >>> picture
    <Picture 'Ramp': 3×4 float64, gray, values 0 to 11, viridis from 0 to 11>
    >>> picture.description
    '3×4 float64, gray, values 0 to 11, viridis from 0 to 11'
    >>> picture.alt
    'Ramp: Picture in colors of viridis, 3 × 4, values from 0 to 11.'

    The pixels are 256 bins between the limits, and NumPy takes a picture as them:

    >>> nbimage.Picture(ramp, vmax=5.5).pixels
    array([[  0,  46,  93, 139],
           [186, 232, 255, 255],
           [255, 255, 255, 255]], dtype=uint8)
    >>> np.asarray(picture).shape
    (3, 4, 3)

    Twelve values would be a speck on the page, so they are enlarged there, with hard edges:

    >>> picture.width, picture.height, picture.lower, picture.labels
    (320.0, 240.0, False, False)
    >>> picture.figure.title, picture.color_scale.limits.vmax
    ('Ramp', (11.0,))

    HTML and SVG hold everything they need:

    >>> picture.html.startswith("<div"), picture.inner_html.startswith("<img")
    (True, True)
    >>> picture.svg.startswith("<svg"), picture.png[1:4], picture.data_uri[:21]
    (True, b'PNG', 'data:image/png;base64')
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
        levels: LevelsLike | None = None,
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | ArrayLike | None = None,
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
        channel_axis: int | None = None,
        channels: ChannelsLike = None,
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
        width: float | str | None = None,
        height: float | str | None = None,
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
        # 20 ms that an import need not take
        from nbimage.arrays.ingest import as_picture, as_values
        from nbimage.arrays.labelled import is_small_table
        from nbimage.codecs.pictures import gather_options
        from nbimage.codecs.stored_picture import StoredPicture
        from nbimage.figure.figure_layout import (
            FigureOptions,
            add_labels,
            describe_reductions,
            make_layout,
        )
        from nbimage.figure.hidden_values import describe_hidden
        from nbimage.mapping.area_mean import factors_for
        from nbimage.mapping.channels.blend import blend_channels
        from nbimage.mapping.channels.composite import resolve_channels
        from nbimage.mapping.color_options import ColorOptions, as_own_labels
        from nbimage.mapping.pixels import as_pixels, describe_blend
        from nbimage.mapping.value_scale import UNTOUCHED, ValueScale
        from nbimage.page.html import css_background
        from nbimage.page.page_size import MAX_SIDE, PageSize, as_max_pixels
        from nbimage.pyramid.read_files import read_image

        size = PageSize(width, height, zoom)
        max_pixels = as_max_pixels(max_pixels)
        css_background("hatch" if background is None else background)
        own_labels = as_own_labels(labels)
        laid_over = labels is not None and own_labels is None
        written = overlay is None and complex is None and is_small_table(data)
        own_overlay: OverlayLike = "values" if written else overlay
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels)
        colors = ColorOptions.of(cmap, under, over, nan_color, mark_clipped, own_labels, complex)
        layers = resolve_channels(channels, cmap=cmap, labels=own_labels, complex_=complex)
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
        asked: Any = {"labels": own_labels, "channels": layers}
        image = read_image(data, channel_axis, max_pixels, orientation, **asked)
        options = options.reduced(image.factor)
        values = as_values(image.data, complex is not None)
        blended = None
        if complex is None and not own_labels:
            blended = blend_channels(values, scale, image.channel_axis, asked=layers)
        if blended is not None:
            colors.check_channels(len(blended.channels), blended.shape, scale)
            values, scale = blended.values, UNTOUCHED
        values, axis = as_picture(values, None if blended else image.channel_axis)
        pixels = describe_blend(as_pixels(values, scale.on_axis(axis), colors), blended)
        self.labels: bool = pixels.labels
        self._blended = blended is not None
        rows, columns = pixels.array.shape[:2]
        shape, color_scale, metadata = (rows, columns), pixels.color_scale, values.metadata
        factors = factors_for(shape, pixels=max_pixels, side=MAX_SIDE)
        whole = image.shape if image.factor > 1 else None
        self._reductions = describe_reductions(shape, factors, whole, pixels.distinct)
        own = values if axis is None and blended is None else None
        self._layout = make_layout(
            options, size, metadata, shape, axis, color_scale, pixels, factors, own
        )
        self._show_channels(pixels.channels)
        self.lower = self._layout.lower
        self._hidden = describe_hidden(values, pixels, scale) if complex is None else None
        upright = pixels.flipped() if self.lower else pixels
        encoding = gather_options(quality, lossless, compression)
        self._stored = StoredPicture(upright, format, encoding, factors, options.metres)
        reduced = "" if whole is None else ", reduced from {}×{}".format(*whole)
        self.description: str = upright.description + reduced
        self.width, self.height = self._layout.width, self._layout.height
        self._alt, self._caption = alt, caption
        hatch = background == "hatch" and (pixels.labels or not pixels.is_clear)
        self._background, self._display_id = None if hatch else background, display_id

    def _show_channels(self, channels: tuple[ShownChannel, ...]) -> None:
        """Say what the channels of a composite are, below the picture and in its alt text."""
        self._channels, self._layout = channels, self._layout.with_channels(channels)


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
        ``.svg``, ``.pdf`` and ``.html`` the figure with all that stands around it; see
        `Picture.save`.

    Examples
    --------
    In a notebook these show a picture; elsewhere they print what it is:

    >>> yy, xx = np.mgrid[-1:1:100j, -1:1:200j]
    >>> nbimage.nbimage(xx * yy, vsym=True, cmap="RdBu", title="x y")
    <Picture 'x y': 100×200 float64, gray, values -1 to 1, RdBu from -1 to 1...
    >>> nbimage.nbimage(np.hypot(xx, yy), levels=6, colorbar="radius", saveas="radius.svg")
    <Picture 100×200 float64, gray, values 0.0112819 to 1.41421, black is 0,...

    The module can be called as well: ``import nbimage; nbimage(array)``.

    >>> nbimage([[1, 2], [3, 4]])
    <Picture 2×2 int64, gray, values 1 to 4, black is 1, white is 4> (no not...
    """
    from nbimage.page.ipython import show

    hint = ' (no notebook here: save it with saveas="picture.png")'
    if saveas is not None:
        hint = f" saved as {picture.save(saveas)}"
    show(picture, picture._display_id, hint)
