"""See any array in a notebook: exactly, at once, at any size."""

# Written by `python -m tests.stub`.

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from nbimage.arrays.channels import guess_channel_axis as guess_channel_axis
from nbimage.codecs.ffmpeg import FFmpegError as FFmpegError
from nbimage.encoding import data_uri as data_uri
from nbimage.encoding import encode as encode
from nbimage.extension import load_ipython_extension as load_ipython_extension
from nbimage.extension import unload_ipython_extension as unload_ipython_extension
from nbimage.grids.grid import Grid as Grid
from nbimage.mapping.rerange_values import rerange as rerange
from nbimage.picture import Picture as Picture
from nbimage.pyramid.core.pyramid import Pyramid as Pyramid
from nbimage.pyramid.core.source import Source as Source
from nbimage.pyramid.levels.cache_folder import clear_cache as clear_cache
from nbimage.pyramid.open import open_pyramid as open_pyramid
from nbimage.pyramid.sources.video_file import frames as frames
from nbimage.pyramid.writers.by_suffix import write_image as write_image
from nbimage.pyramid.writers.deepzoom.write import write_dzi as write_dzi
from nbimage.pyramid.writers.ome_zarr.write import write_ome_zarr as write_ome_zarr
from nbimage.pyramid.writers.tiff import write_tiff as write_tiff
from nbimage.raster.quilt import quilt as quilt
from nbimage.tables.array_summary import describe as describe
from nbimage.tables.tables import data_uris as data_uris
from nbimage.tables.tables import show_images as show_images
from nbimage.trees.treescope_visualizer import treescope_autovisualizer as treescope_autovisualizer
from nbimage.typing import (
    ArrayLike,
    ChannelsLike,
    ColorLike,
    ColormapLike,
    ComplexLike,
    ContrastLike,
    CoordinatesLike,
    CounterLike,
    FrameContrastLike,
    FrameRateLike,
    FramesLike,
    ImageLike,
    ImagesLike,
    LabelsLike,
    LevelsLike,
    LimitLike,
    NamesLike,
    NormLike,
    OverlayLike,
    PathLike,
    PictureFormat,
    WcsLike,
)
from nbimage.video import Video as Video
from nbimage.view.explorer import View as View
from nbimage.view.live.linking import link as link
from nbimage.view.shapes.shape import Shape as Shape
from nbimage.view.shapes.shape_list import Shapes as Shapes

__all__ = [
    "FFmpegError",
    "Grid",
    "Picture",
    "Pyramid",
    "Shape",
    "Shapes",
    "Source",
    "Video",
    "View",
    "clear_cache",
    "data_uri",
    "data_uris",
    "describe",
    "encode",
    "frames",
    "guess_channel_axis",
    "link",
    "load_ipython_extension",
    "nbgrid",
    "nbimage",
    "nbvideo",
    "nbview",
    "open_pyramid",
    "quilt",
    "rerange",
    "show_images",
    "treescope_autovisualizer",
    "unload_ipython_extension",
    "write_dzi",
    "write_image",
    "write_ome_zarr",
    "write_tiff",
]
__version__: str

def nbimage(
    data: ImageLike,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    saveas: PathLike | None = None,
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
    complex: ComplexLike | None = None,
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
    format: PictureFormat = "png",
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
    max_pixels: float = 64000000,
    display_id: str | None = None,
) -> None:
    """Show an array as a picture in the notebook, pixel for pixel, resizable by dragging.

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
    saveas : path, optional
        Also save it: ``.png`` (or no suffix), ``.jpg``, ``.webp``, ``.avif`` hold every pixel,
        ``.svg``, ``.pdf`` and ``.html`` the figure with all that stands around it; see
        `Picture.save`.

    Raises
    ------
    TypeError, ValueError
        For data that can't be shown faithfully and for parameters that do not fit, in one line.

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

def nbvideo(
    data: FramesLike,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    fps: FrameRateLike | None = None,
    loop: bool | None = None,
    theora: float | bool | None = None,
    h264: float | bool | None = 18,
    vp8: float | bool | None = None,
    saveas: PathLike | None = None,
    counter: CounterLike = None,
    counter_color: float | ColorLike = 255,
    *,
    vp9: float | bool | None = None,
    av1: float | bool | None = None,
    lossless: bool = False,
    format: Literal["webp", "apng", "gif"] | None = None,
    contrast: FrameContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    nan_color: ColorLike | None = None,
    mark_clipped: bool = False,
    labels: bool | None = None,
    complex: ComplexLike | None = None,
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
    origin: Literal["upper", "lower"] | None = None,
    aspect: float | Literal["equal", "auto"] | None = None,
    pixel_size: float | None = None,
    unit: str | None = None,
    figure: bool = False,
    scale: float = 1,
    width: float | str | None = None,
    height: float | str | None = None,
    zoom: float | None = None,
    alt: str | None = None,
    autoplay: bool = False,
    muted: bool = True,
    progress: bool = True,
    display_id: str | None = None,
    embed: bool = True,
) -> None:
    """Show a frame stack as a video in the notebook.

    Parameters
    ----------
    data : array-like, iterable of frames, or path
        ``(T, H, W)``, ``(T, H, W, 1|3|4)`` or ``(T, 1|3|4, H, W)``, in memory or lazy (dask, zarr,
        xarray); a list, an iterator or a generator of pictures; or the path of an animation, a TIFF
        of several pages, a stack in any file, a folder of pictures, or a pattern such as
        ``"frames/*.png"``. Read a few frames at a time. Of a video file that browsers play the
        page has the very bytes, unless an option changes its pixels, codec or rate.
    vmin, vmax, vsym, levels
        What black and white stand for in all frames; see `rerange`. NaN is black.
    fps : number or Fraction, optional
        Frames a second. Default: when the frames of an animation begin, as its file says; else 25.
    loop, autoplay, muted : bool
        How it plays. ``loop`` is that of an animation's file by default, else False.
    h264, vp8, vp9, av1, theora : number, True or None
        Each codec that is on, with its quality: h264 QP 0 (best) to 51; vp8 CRF 4 to 63; vp9 and
        av1 CRF 0 to 63; theora 0 to 10 (best). Several are encoded in one pass.
    counter : optional
        Text in a corner, over the picture on the page and drawn into files: True, the frame's
        coordinate such as its date, else its number; a corner (``"ul"``, ``"ur"``, ``"ll"``,
        ``"lr"``) for the same there; a format such as ``"frame {}"``, or ``"{:%B %Y}"`` of dates, a
        function of the number, or a pair of corner and one of these. Files of small frames are
        enlarged for it.
    counter_color : gray value, RGB triple or CSS name
        The color of the counter's letters.
    lossless : bool
        Keep every pixel (h264 and vp9).
    format : {"webp", "apng", "gif"}, optional
        An animated picture instead, for places where no video plays: it plays at once, whatever
        ``autoplay`` says. What browsers would show for longer is slowed down, with a warning.
    contrast : optional
        As for `rerange`, or ``"frame"`` for a range of each frame's own.
    norm, cmap, under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`, for every frame; the background of labels is black.
    channel_axis : int, optional
        The axis of the stack, or of a frame where these are given one by one.
    channels : dict {name: color}, list of names or False, optional
        As for `nbimage`; each channel has the same limits in all frames.
    orientation : bool
        As for `nbimage`, for every frame.
    overlay, title, xlabel, ylabel, x, y, colorbar, origin, aspect, pixel_size, unit
        As for `nbimage`: around all frames and over them, not in them.
    figure : bool
        Files have the figure in each frame: all that stands around it and over it, and above it
        the counter's words, the date or other coordinate of labelled data, or its number.
    scale : float
        Pixels of such a file that are one CSS pixel.
    progress : bool
        Show a bar while the work is long, in a notebook or a terminal; it goes when it is done.
    width, height, zoom, alt, display_id
        As for `nbimage`. A zoom by a whole number is that of the saved files too.
    saveas : path, optional
        Also save it: ``.mp4``, ``.webm``, ``.ogv`` as the codecs ask, ``.html`` the page.
    embed : bool
        False: the page refers to the files that ``saveas`` names instead of holding them.

    Raises
    ------
    TypeError, ValueError
        For data and parameters that will not do, in one line.
    FFmpegError
        Where ffmpeg or an encoder is missing, or fails.

    Examples
    --------
    >>> step, column = np.mgrid[:12, :60]
    >>> wave = np.sin(column / 9 - step / 2)[:, None].repeat(40, 1)
    >>> nbimage.nbvideo(wave, cmap="RdBu", vsym=True, fps=12, loop=True)
    <Video 12 frames of 40×60 float64, gray, values -0.999952 to 0.999952, R...
    >>> nbimage.nbvideo(wave, format="gif", counter="step {}", saveas="wave")
    <Video 12 frames of 40×60 float64, gray, values -0.999952 to 0.999952, b...
    """

def nbgrid(
    images: ImagesLike,
    titles: Iterable[Any] | None = None,
    *,
    columns: int | Literal["auto"] | None = None,
    row: str | int | None = None,
    column: str | int | None = None,
    shared: bool | Literal["row", "column"] = True,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    under: ColorLike | None = None,
    over: ColorLike | None = None,
    nan_color: ColorLike | None = None,
    mark_clipped: bool = False,
    labels: bool | ArrayLike | None = None,
    complex: ComplexLike | None = None,
    channel_axis: int | None = None,
    channels: ChannelsLike = None,
    orientation: bool = True,
    overlay: OverlayLike | Sequence[Any] = None,
    x: CoordinatesLike | Sequence[Any] | Mapping[Any, Any] = None,
    y: CoordinatesLike | Sequence[Any] | Mapping[Any, Any] = None,
    pixel_size: float | Sequence[Any] | Mapping[Any, Any] | None = None,
    unit: str | Sequence[Any] | Mapping[Any, Any] | None = None,
    border: ColorLike | Sequence[Any] | Mapping[Any, Any] | None = None,
    colorbar: bool | str | None = None,
    title: str | None = None,
    width: float | str | None = None,
    zoom: float | None = None,
    background: str | None = "hatch",
    page: int = 1000,
    errors: Literal["raise", "show"] = "raise",
    format: PictureFormat = "png",
    quality: float | None = None,
    lossless: bool = False,
    compression: int | None = None,
    max_pixels: float = 64000000,
    display_id: str | None = None,
    saveas: PathLike | None = None,
) -> None:
    """Show many pictures in the notebook: dragging one resizes all, a click enlarges one over all.

    Parameters
    ----------
    images : list, dict, stack, labelled array or path
        Arrays of any kind and size, paths of image files (their names are titles), pictures, videos
        and matplotlib figures, mixed; a dict's keys are titles; nested lists are rows; a stack
        ``(N, H, W[, C])``, ``(N, C, H, W)`` or ``(rows, columns, H, W[, C])``; a pandas or polars
        Series of arrays; a folder of pictures, a pattern such as ``"frames/*.png"``, an animation
        or a stack in a file; a plate of OME-Zarr, the first field of each well where that is in the
        plate, or a well, whose fields have the paths that open them as titles.
    titles : list, optional
        What stands above each.
    columns : int or "auto", optional
        How many stand side by side; "auto" (the default but for stacks that have rows and
        columns) is as many as fit the page.
    row, column : str or int, optional
        Axes of a labelled array, of a file's, or of any, that go down and across; one of them alone
        wraps.
    shared : bool, "row" or "column"
        One range and one colorbar for all, one for each, or for each row or column. Where all are
        uint8 and nothing is asked, they are shown value for value all the same.
    vmin, vmax, vsym, contrast, norm, levels, cmap
        As for `nbimage`.
    under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`.
    channel_axis : int, optional
        Where a picture's channels are, if the guess is wrong.
    channels : dict {name: color}, list of names or False, optional
        As for `nbimage`; False: a picture of each channel.
    orientation : bool
        As for `nbimage`, for every picture.
    overlay, x, y, pixel_size, unit : optional
        As for `nbimage`: one for all, or a list of one a picture, None for none, or a dict by title
        or number. A list of as many overlays as there are pictures is one each.
    border : color or list of colors, optional
        A frame around each picture, in one color or one each: right and wrong in green and red.
    colorbar : bool or str, optional
        Colorbars and their label. By default where values are mapped, and of ranges of their own
        only up to 50 pictures.
    title : str, optional
        Text above all.
    width, zoom : float, optional
        Width of a column, as for `nbimage`, and of each picture in it; or as a multiple of the
        widest picture's, to which the others are in scale.
    page : int
        How many are shown at first; the others are below "more".
    errors : {"raise", "show"}
        What happens to what can't be shown: an error that names it, or the words in its
        place and all others shown.
    background, format, quality, lossless, compression, display_id
        As for `nbimage`.
    max_pixels : float
        Of all pictures together; more are shown as area means.
    saveas : path, optional
        Also save it; see `Grid.save`.

    Raises
    ------
    TypeError, ValueError
        For pictures and parameters that will not do, in one line that names the picture.

    Examples
    --------
    >>> digits = np.random.default_rng(0).integers(0, 256, (12, 8, 8), dtype=np.uint8)
    >>> nbimage.nbgrid(digits, titles=range(12), columns=6, zoom=4)
    <Grid 12 pictures, the first 8×8 uint8, gray, values 4 to 248 shown as t...
    >>> nbimage.nbgrid({"before": digits[0], "after": 255 - digits[0]}, saveas="pair.png")
    <Grid 2 pictures, the first 8×8 uint8, gray, values 4 to 248 shown as th...
    """

def nbview(
    data: ImagesLike,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    saveas: PathLike | None = None,
    *,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    labels: bool | LabelsLike | None = None,
    names: NamesLike = None,
    overlay: OverlayLike = None,
    channel_axis: int | None = None,
    orientation: bool = True,
    channels: ChannelsLike = None,
    axes: str | Sequence[str] | None = None,
    facet: str | int | None = None,
    columns: int | None = None,
    ortho: bool = False,
    spacing: float | None = None,
    shared: bool = True,
    exact: bool = False,
    fps: float | None = None,
    loop: bool = True,
    wcs: WcsLike = None,
    state: Mapping[str, Any] | None = None,
    embed: bool | None = None,
    title: str | None = None,
    width: float | str | None = None,
    height: float | str | None = None,
    background: str | None = "hatch",
    display_id: str | None = None,
    keep: float = 8000000,
) -> None:
    """Show arrays in an explorer: zoom, pan, exact values, contrast.

    Parameters
    ----------
    data : array-like, dict or list of arrays
        A picture as for `nbimage`, or an array of more axes, ``(T, H, W)`` or ``(T, Z, H, W, C)``:
        each axis besides rows, columns and channels gets a slider. The readout and what is
        measured have the units of the data's coordinates (xarray's, a file's). The arrays of a dict
        ``{name: array}`` or of a list are compared: side by side, by a divider, as they blink
        or by their difference, SSIM or FLIP. The values themselves are kept in the page.
    vmin, vmax, vsym, contrast, norm, levels, cmap
        As for `nbimage`, to begin with: they can be changed on the page.
    labels : bool, array-like, path, or dict or list of such, optional
        Label images to lie over the images, ``{name: labels}`` for several: integers of the same
        rows and columns, or of a whole number of times as many or as few, along any of the images'
        further axes, by name or the last ones; of images that are compared a dict by their names
        has each its own. Those beside an OME-Zarr image are found; False leaves them out.
        True: the values of the images are labels, each in a color of its own, as for `nbimage`.
        Zoomed out, some of them are shown, never means; so too, in the colors of other values,
        where the data say that they are labels (see `open_pyramid`), unless this is False.
    names : dict {label: name} or table, optional
        What labels are called, and more of them, by which they can be colored: a dict of columns,
        a DataFrame or a list of records, with a column "label" or "id". Of several label images
        a dict of these by name.
    overlay : item or list of items, optional
        Masks, contours, points, lines, boxes, polygons and texts to lie over the images, as for
        `nbimage`.
    channel_axis : int, optional
        The axis of the channels, if the guess is wrong.
    orientation : bool
        As for `nbimage`.
    channels : dict {name: color}, list of names or False, optional
        Show channels as a composite, each in limits and a color of its own; None or no color
        takes the default one. They lie along ``channel_axis``, the axis with such a name, or the
        first one of that length. By default 2 to 8 channels along an axis named so ("c", "band"),
        or those that a file describes, unless these are red, green and blue; ``cmap``, ``facet``
        and an ``index`` of ``state`` that ask for single ones, and False, show one at a time.
    axes : str or sequence of str, optional
        What each axis is: ``"tzyx"``. "y" and "x" are rows and columns, in any order, "c" (or "s")
        channels, the others get sliders. By default the data's own names; without any the last
        two axes are rows and columns.
    facet : str or int, optional
        An axis whose planes are shown side by side.
    columns : int, optional
        The number of columns of facets or compared arrays.
    ortho : bool
        Show a volume by three planes that cut it; its depth is the axis "z", or the last one.
    spacing : float, optional
        A step in depth in steps along a row; by default from the coordinates.
    shared : bool
        Use the same limits for all arrays that are compared, or limits of its own for each.
    exact : bool
        Keep every digit of float64; else values that float32 cannot hold are rounded to it.
    fps, loop : float and bool
        Frames per second of playing along an axis, by default as recorded where it is in seconds,
        else 10, and whether it begins again at the end.
    wcs : astropy.wcs.WCS, FITS header or False, optional
        Coordinates of rows and columns on the sky, by any object of astropy's interface of these
        (APE 14). By default those of a ``CCDData``, a FITS file, a GeoTIFF or of rioxarray (degrees
        of a projected system with pyproj); False: none.
    state : dict, optional
        What is shown first, any of

        - ``index``: ``{axis: index}`` along the further axes;
        - ``viewport``: what is seen, slices of rows and columns such as ``np.s_[10:90, :50]``;
        - ``cursor``: the pinned sample, (row, column);
        - ``shapes``: what is drawn and measured, a list of `Shape` or dicts of their fields;
          ``selected``: the id of the one that is selected;
        - ``mode``: "side", "swipe", "blink", "difference", "absolute", "relative", "ssim" or
          "flip" (see `View.compare`); ``pair``: two names or numbers of images; ``swipe``: the
          divider, 0 to 1; ``rate``: of blinking, per second; ``linked``: as ``shared``;
        - ``panels``: which are open, of "contrast", "layers", "measure" and "compare";
        - ``projections``: ``{axis: kind}``, the "max", "mean", "min", "sum" or "std" of the planes
          along an axis, or of some of them, ``(kind, first, last)``, the last one included; of
          labels "max" and "min", of dates these and "mean";
        - ``axes``: whether ticks stand along the edges, and where north and east are;
        - ``invert``: whether colors are inverted, a bool or one for each of ``displays``;
        - ``displays``: for all images, or for each, a dict of ``limits``, ``norm``, ``vsym``,
          ``cmap``, ``on`` and ``colors`` (which channels of a composite, in which colors);
        - ``tip``: whether the value stands beside the pointer as well;
        - ``layers``: of each layer a dict of ``visible``, ``opacity``, ``fill`` (False: outlines),
          ``picked`` (a label, or its name) and ``by`` (a column of ``names``); or a dict of these
          by name; ``image``: ``visible`` and ``opacity`` of what they lie over.

        `View.state` has them all.
    embed : bool, optional
        Keep all values in the page, or only an overview and ask the kernel for tiles, to pan and
        zoom over images of any size. By default arrays of up to 64 MiB are kept. Paths, pyramids,
        dask and zarr arrays are opened as by `open_pyramid`, animations with all their frames. A
        view with tiles is live: what is seen can be read and set from Python.
    keep : int
        How many bytes the notebook keeps of a live view when it is saved, 8 MB by default, 0 for
        its picture alone: coarse levels, then the tiles that were looked at. Opened without its
        kernel, or exported, it still zooms and says the values of these.
    title, width, height, background, display_id
        As for `nbimage`; the size is that of the picture area. The background stands still behind
        what is missing or transparent, but not behind labels.
    saveas : path, optional
        Also save it: a page of its own (``.html``), or what is seen (``.png``, ``.svg``, ``.pdf``).

    Raises
    ------
    TypeError, ValueError
        As `nbimage`; for a norm that is a callable, unless it is matplotlib's ``Normalize``,
        ``LogNorm``, ``PowerNorm``, ``AsinhNorm`` or ``NoNorm``; for axes that do not fit; for more
        than a page should hold.
    ImportError
        For a live view without anywidget: ``pip install 'nbimage[live]'``.

    Examples
    --------
    In a notebook these show an explorer; elsewhere they print what it is:

    >>> volume = np.random.default_rng(0).poisson(9, (20, 64, 64))
    >>> nbimage.nbview(volume, axes="zyx", ortho=True)
    <View 64×64 int64, gray, values 0 to 22, black is 0, white is 25> (no no...
    >>> nbimage.nbview({"raw": volume[0], "log": np.log1p(volume[0])}, shared=False)
    <View 2 pictures, the first 64×64 int64, gray, values 0 to 22, black is...
    >>> nbimage.nbview(volume, axes="zyx", title="Counts", saveas="counts.html")
    <View 'Counts': 64×64 int64, gray, values 0 to 22, black is 0, white is...
    """
