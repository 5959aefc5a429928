"""`nbgrid` and `Grid`: many pictures with titles, one range for all or one each."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.text import format_repr
from nbimage.codecs.pictures import check_options
from nbimage.codecs.png import encode_png
from nbimage.figure.colorbar import make_colorbars
from nbimage.grids.facet_titles import join_lead
from nbimage.grids.grid_files import montage_pictures, save_grid
from nbimage.grids.grid_sizes import (
    TITLED,
    column_width,
    enlarge_dots,
    group_pictures,
    natural_width,
)
from nbimage.grids.items import as_items, resolve_columns
from nbimage.grids.make_pictures import PictureOptions, make_pictures
from nbimage.grids.per_picture import border_css, spread_options
from nbimage.grids.readings import write_readings
from nbimage.mapping.channels.composite import resolve_channels
from nbimage.mapping.color_options import ColorOptions, as_own_labels
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.figure_model import Bar, LegendEntry, join_legends
from nbimage.page.frames.framed import Framed
from nbimage.page.frames.grid_size import find_grid_size
from nbimage.page.grids.grid_html import Cell, Layout, grid_html, with_column_bars, with_row_bars
from nbimage.page.grids.outer_axes import axes_template, with_outer_axes
from nbimage.page.html import css_background, document_html
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.page_size import MAX_PIXELS, PageSize, as_max_pixels
from nbimage.page.verb import verb
from nbimage.picture import Picture

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
_PREVIEW_SIDE = 800
_PREVIEW_CELLS = 100

_SMALLER = 'a lower max_pixels=, format="webp" or fewer pictures make it less'


class Grid(Framed):
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
        Axes of a labelled array, or of any, that go down and across; one of them alone wraps.
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
        Width of a column, as for `nbimage`, or as a multiple of the widest picture's.
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
        own_labels = as_own_labels(labels)
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels)
        ColorOptions.of(cmap, under, over, nan_color, mark_clipped, own_labels, complex)
        layers = resolve_channels(channels, cmap=cmap, labels=own_labels, complex_=complex)
        check_options(format, (1, 1), quality, lossless, compression)
        css_background("hatch" if background is None else background)
        self._items = as_items(images, titles, row, column, channel_axis, orientation, layers)
        items, count = self._items.items, len(self._items.items)
        self._columns = resolve_columns(columns, self._items)
        self._title, self._display_id, self._page = title or "", display_id, as_whole("page", page)
        self._shared = shared if isinstance(shared, str) else bool(shared)
        given = {"overlay": overlay, "x": x, "y": y, "pixel_size": pixel_size, "unit": unit}
        each = spread_options({**given, "border": border}, [item.title for item in items])
        self._borders = [border_css(own["border"]) if "border" in own else "" for own in each]
        letters = max(len(item.title) for item in items)

        def find_width(sizes: Sequence[Any], cell: float) -> float:
            return column_width(size, sizes, self._columns, letters, cell, self._items.has_axes)

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
            find_width,
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
        self._times = enlarge_dots(size, self.pictures, self._width)

    @property
    def width(self) -> float:
        """The width of a column on the page in CSS pixels."""
        return self._width

    @functools.cached_property
    def html(self) -> str:
        """The grid as HTML that holds everything it needs."""
        cells, layout, bars = self._arrange()
        options: dict[str, Any] = {"bars": bars, "notes": self._notes(), "legend": self._legend()}
        options["template"] = axes_template(layout)
        return grid_html(cells, layout, title=self._title, display_id=self._display_id, **options)

    def _arrange(self) -> tuple[list[Cell], Layout, tuple[Bar, ...]]:
        """Return the cells, how they are arranged, and the colorbars of all pictures."""
        readings, scales = write_readings(self.pictures, self._readings)
        heads = self._items.shorten(self.titles)
        cells = [self._cell(i, readings[i], heads.titles[i]) for i in range(len(self.pictures))]
        layout = Layout(self._width, self._natural, self._columns, heads.rows, heads.columns)
        cells, layout = with_outer_axes(cells, layout)
        columns, row_bars = layout.columns, False
        if columns is not None and any(self._bars):
            if self._shared == "row":
                cells, row_bars = with_row_bars(cells, columns, self._bars), True
            elif self._shared == "column":
                cells = with_column_bars(cells, columns, self._bars)
        whole = self._bars[0] if self._shared is True and self._bars else ()
        more: dict[str, Any] = {"row_bars": row_bars, "scales": scales, "share": self._share}
        layout = replace(layout, page=self._page, lead=heads.lead, **more)
        return cells, layout, whole

    def _legend(self) -> tuple[LegendEntry, ...]:
        """Return the channels of composites, where all have the same."""
        pictures = [p for p in self.pictures if isinstance(p, Picture)]
        return join_legends([p.figure.legend for p in pictures if p.figure.legend])

    def _notes(self) -> tuple[str, ...]:
        """Return the lines below all: what the file says, and what is not shown of the pictures."""
        reduced = [p for p in self.pictures if isinstance(p, Picture) and p._reductions]
        notes = (self._items.note,) if self._items.note else ()
        if not reduced:
            return notes
        first, *more = reduced[0]._reductions
        count = len(reduced)
        which = "a picture" if count == 1 else f"{count} pictures, one of"
        return (*notes, f"{which} {first}", *more)

    def _cell(self, number: int, reading: str, title: str) -> Cell:
        picture, full = self.pictures[number], self.titles[number]
        name = f"{full}: " if full else ""
        if number in self.errors:
            label = self._items.items[number].label
            return Cell("", name, title, error=f"{label}: {self.errors[number]}")
        if picture is None:
            return Cell("", "")
        times = self._times[number]
        share = picture.width * times / self._natural
        return Cell(
            picture.inner_html,
            name + picture.alt,
            title,
            share,
            self._width * share,
            self._width * share * picture.height / picture.width,
            picture.figure,
            reading=reading,
            border=self._borders[number],
            label=", ".join(filter(None, (*self._items.find_titles(number), full))),
            crisp=times > 1,
        )

    @property
    def description(self) -> str:
        """One line: how many pictures there are, and what the first one is."""
        shown = [picture for picture in self.pictures if picture is not None]
        if not shown:
            return "nothing to show"
        more = "1 picture," if len(shown) == 1 else f"{len(shown)} pictures, the first"
        return f"{more} {shown[0].description}"

    def save(self, path: PathLike, *, figure: bool = False, scale: float = 1) -> Path | list[Path]:
        """Save all as one picture with its titles (``.png``), or as a page (``.html``).

        With ``figure`` (``.png``, ``.jpg``, ``.webp``, ``.avif``), and always as ``.pdf``, the file
        holds the grid as shown, with axes, borders and colorbars, ``scale`` pixels a CSS pixel. A
        path with ``{index}`` or ``{title}`` in it, such as ``"out/{index:03}.png"``, is one file
        a picture. Each file is written whole or not at all. Returns the path, or the paths.
        """
        return save_grid(path, self.pictures, self.titles, self._encode, figure, scale)

    def _encode(self, format_: str, figure: bool, scale: float) -> bytes:
        """Return the bytes of a file of all."""
        from nbimage.export.figure_file import encode_figure

        if format_ == "html":
            return document_html(self.html, self._title or "Grid").encode()
        return encode_figure(self._draw(), format_, scale, {}) if figure else self.png

    def _draw(self) -> Any:
        """Return the whole figure for a file that this package draws itself."""
        from nbimage.export.grid_file import GridSheet

        cells, layout, bars = self._arrange()
        shown = [p for i, p in enumerate(self.pictures) if p is not None and i not in self.errors]
        sheet, lead = GridSheet(cells, layout, shown), join_lead(self._title, layout.lead)
        alt = self._title or self.description
        return sheet.draw(lead, bars, self._notes(), alt, self._legend())

    @functools.cached_property
    def png(self) -> bytes:
        """All pictures, every pixel of them, with their titles as one PNG on white."""
        return encode_png(self._montage(len(self.pictures), np.inf))

    def _montage(self, most: int, side: float) -> Array:
        heads = self._items.shorten(self.titles)
        return montage_pictures(
            self.pictures[:most],
            heads.titles[:most],
            self._borders[:most],
            self._columns,
            title=join_lead(self._title, heads.lead),
            rows=heads.rows,
            heads=heads.columns,
            side=side,
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        preview = encode_png(self._montage(_PREVIEW_CELLS, _PREVIEW_SIDE))
        return mime_bundle(self.html, preview, _PREVIEW_SIDE, repr(self), _SMALLER)

    def _frame_size(self) -> tuple[float, float]:
        return find_grid_size(*self._arrange(), self._title, self._notes())

    def __repr__(self) -> str:
        return format_repr("Grid", self._title, self.description)


@verb(Grid)
def nbgrid(grid: Grid, *, saveas: PathLike | None = None) -> None:
    """Show many pictures in the notebook: dragging one resizes all, a click enlarges one over all.

    Parameters
    ----------
    saveas : path, optional
        Also save it; see `Grid.save`.
    """
    hint = ' (no notebook here: save it with saveas="grid.png")'
    if saveas is not None:
        saved = grid.save(saveas)
        hint = f" saved as {saved if isinstance(saved, Path) else f'{len(saved)} files'}"
    show(grid, grid._display_id, hint)
