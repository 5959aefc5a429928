"""`nbgrid` and `Grid`: many pictures with titles, one range for all or one each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.user_warnings import warn
from nbimage.codecs.pictures import check_options
from nbimage.figure.colorbar import make_colorbars
from nbimage.grids.grid_sizes import (
    TITLED,
    column_width,
    find_times,
    group_pictures,
    natural_width,
)
from nbimage.grids.items import as_items, resolve_columns, shows_itself
from nbimage.grids.make_pictures import PictureOptions, make_pictures
from nbimage.grids.per_picture import border_css, spread_options
from nbimage.grids.saved_grid import SavedGrid
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import ColorOptions, as_own_labels
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.figure_model import Bar
from nbimage.page.html import css_background
from nbimage.page.ipython import show
from nbimage.page.page_size import MAX_PIXELS, PageSize, as_max_pixels
from nbimage.page.verb import verb

if TYPE_CHECKING:
    from nbimage.typing import (
        ArrayLike,
        ChannelsLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        ContrastLike,
        CoordinatesLike,
        ImagesLike,
        LevelsLike,
        LimitLike,
        NormLike,
        OverlayLike,
        PathLike,
        PictureFormat,
    )

_FEW = 50  # pictures up to which each has its own colorbar by default


class Grid(SavedGrid):
    """Many pictures, shown when displayed and never before.

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

    Raises
    ------
    TypeError, ValueError
        For pictures and parameters that will not do, in one line that names the picture.

    Attributes
    ----------
    pictures : tuple
        A `Picture` for every array; pictures, videos and figures as they came; None where there
        is nothing to show.
    titles : tuple of str
        The title of each; of facets in full, of which the page says once what is common to all.
    errors : dict of int to str
        What could not be shown, where ``errors="show"``.

    Examples
    --------
    >>> yy, xx = np.mgrid[-1:1:60j, -1:1:80j]
    >>> grid = nbimage.Grid({"x": xx, "y": yy, "product": xx * yy}, cmap="RdBu", vsym=True)
    >>> grid
    <Grid 3 pictures, the first 60×80 float64, gray, values -1 to 1, RdBu from -1 to 1>
    >>> grid.description
    '3 pictures, the first 60×80 float64, gray, values -1 to 1, RdBu from -1 to 1'
    >>> grid.titles, grid.width
    (('x', 'y', 'product'), 240.0)
    >>> grid.pictures[2]
    <Picture 60×80 float64, gray, values -1 to 1, RdBu from -1 to 1>

    What can't be shown is an error, or stands in its place:

    >>> nbimage.Grid([xx, "no.png"])
    Traceback (most recent call last):
        ...
    FileNotFoundError: images[1]: no such file or folder: 'no.png' in ...
    >>> nbimage.Grid([xx, "no.png"], errors="show").errors
    {1: "no such file or folder: 'no.png' in ...

    Rows and columns come from lists of lists, or from a stack's axes:

    >>> table = nbimage.Grid([[xx, -xx], [yy, -yy]], border=["green", "red"] * 2)
    >>> table.html.startswith("<div"), table.png[1:4]
    (True, b'PNG')
    """

    @door
    def __init__(
        self,
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
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
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
        format: PictureFormat = "png",  # noqa: A002 (the name users know)
        quality: float | None = None,
        lossless: bool = False,
        compression: int | None = None,
        max_pixels: float = MAX_PIXELS,
        display_id: str | None = None,
    ) -> None:
        if errors not in ("raise", "show"):
            raise ValueError(f'errors must be "raise" or "show", but got {errors!r}')
        if not isinstance(shared, (bool, np.bool_)) and shared not in ("row", "column"):
            raise ValueError(f'shared must be True, False, "row" or "column", but got {shared!r}')
        if not whole_or_nan(page) >= 1:
            raise ValueError(f"page must be a whole number of 1 or more, but got {page!r}")
        size = PageSize(width, None, zoom)
        max_pixels, self._share = as_max_pixels(max_pixels), size.share
        # what is wrong for every picture is said once, whatever errors= is
        if (
            isinstance(labels, (list, tuple))
            and labels
            and all(isinstance(one, str) for one in labels)
        ):
            raise TypeError(
                f"labels must be label images, but got {labels!r:.60}: titles= has texts"
            )
        own_labels = as_own_labels(labels)
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels)
        ColorOptions.of(cmap, under, over, nan_color, mark_clipped, own_labels, complex)
        layers = resolve_channels(channels, cmap=cmap, labels=own_labels, complex_=complex)
        check_options(format, (1, 1), quality, lossless, compression)
        css_background("hatch" if background is None else background)
        self._items = as_items(images, titles, row, column, channel_axis, orientation, layers)
        items, count = self._items.items, len(self._items.items)
        self._columns = resolve_columns(columns, self._items)
        if isinstance(title, (list, tuple)) and len(title) == count > 1:
            raise TypeError(
                f"title must be a text, but got {title!r:.60}: titles= has one a picture"
            )
        self._title = "" if title is None else str(title)
        if all(item.content is None or shows_itself(item.content) for item in items):
            asked = {"vmin": vmin, "vmax": vmax, "contrast": contrast, "cmap": cmap}
            names = ", ".join(name for name, value in asked.items() if value is not None)
            if names:
                warn(f"{names}: for arrays alone, since pictures and videos keep their own")
        self._display_id, self._page = display_id, as_whole("page", page)
        self._shared = shared if isinstance(shared, str) else bool(shared)
        given = {"overlay": overlay, "x": x, "y": y, "pixel_size": pixel_size, "unit": unit}
        each = spread_options({**given, "border": border}, [item.title for item in items])
        self._borders = [border_css(own["border"]) if "border" in own else "" for own in each]
        letters = max(len(item.title) for item in items)

        def find_zooms(sizes: Sequence[Any], cell: float) -> list[float]:
            ticked = self._items.has_axes
            column = column_width(size, sizes, self._columns, letters, cell, ticked)
            scale = column / natural_width(sizes)
            return [times * scale for times in find_times(size, sizes, column)]

        own = not shared and colorbar is not False and (colorbar is not None or count <= _FEW)
        options = PictureOptions(
            scale,
            {
                "cmap": cmap,
                "under": under,
                "over": over,
                "nan_color": nan_color,
                "mark_clipped": mark_clipped,
                "labels": labels,
                "complex": complex,
                "channels": channels,
                "background": background,
                "format": format,
                "quality": quality,
                "lossless": lossless,
                "compression": compression,
                "max_pixels": max(1.0, max_pixels / count),
                "orientation": bool(orientation),
            },
            colorbar if own else False,
            errors == "raise",
            self._items.facets and x is None and y is None,
            each,
            find_zooms,
        )
        groups = group_pictures(self._shared, count, self._columns)
        gathered = make_pictures(items, groups, options)
        self.pictures: tuple[Any, ...] = tuple(gathered.pictures)
        self.titles: tuple[str, ...] = tuple(
            item.title or (picture.figure.title if picture is not None else "")
            for item, picture in zip(items, self.pictures, strict=True)
        )
        self.errors: dict[int, str] = gathered.errors
        self._readings = gathered.readings
        self._bars: list[tuple[Bar, ...]] = []
        for color_scale in gathered.color_scales if shared and colorbar is not False else ():
            label = colorbar if isinstance(colorbar, str) else self._items.label
            shown = color_scale is not None and (
                colorbar is not None or not (color_scale.limits.unchanged or color_scale.bilevel)
            )
            self._bars.append(make_colorbars(color_scale, label) if shown else ())
        if colorbar not in (None, False) and not any(gathered.color_scales):
            raise ValueError(
                "colorbar must be left out where no picture has values of one channel: colors "
                "and labels stand for themselves"
            )
        self._natural = natural_width(self.pictures)
        letters = TITLED if self.errors else max(map(len, self.titles), default=0)
        self._width = column_width(
            size, self.pictures, self._columns, letters, gathered.cell, self._items.has_axes
        )
        self._times = find_times(size, self.pictures, self._width)


@verb(Grid)
def nbgrid(grid: Grid, *, saveas: PathLike | None = None) -> None:
    """Show many pictures in the notebook: dragging one resizes all, a click enlarges one over all.

    Parameters
    ----------
    saveas : path, optional
        Also save it; see `Grid.save`.

    Examples
    --------
    >>> digits = np.random.default_rng(0).integers(0, 256, (12, 8, 8), dtype=np.uint8)
    >>> nbimage.nbgrid(digits, titles=range(12), columns=6, zoom=4)
    <Grid 12 pictures, the first 8×8 uint8, gray, values 4 to 248 shown as t...
    >>> nbimage.nbgrid({"before": digits[0], "after": 255 - digits[0]}, saveas="pair.png")
    <Grid 2 pictures, the first 8×8 uint8, gray, values 4 to 248 shown as th...
    """
    hint = ' (no notebook here: save it with saveas="grid.png")'
    if saveas is not None:
        saved = grid.save(saveas)
        hint = f" saved as {saved if isinstance(saved, Path) else f'{len(saved)} files'}"
    show(grid, grid._display_id, hint)
