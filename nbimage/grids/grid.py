"""`nbgrid` and `Grid`: many pictures with titles, one range for all or one each."""

from __future__ import annotations

import functools
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from nbimage.base.atomic import write_file
from nbimage.base.chunked import Array
from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.base.text import format_repr
from nbimage.codecs.pictures import check_options, resolve_picture_path
from nbimage.codecs.png import encode_png
from nbimage.figure.colorbar import make_colorbars
from nbimage.grids.items import as_items, resolve_columns
from nbimage.grids.make_pictures import PictureOptions, make_pictures
from nbimage.mapping.color_options import ColorOptions, as_own_labels
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.figure_model import Bar
from nbimage.page.grid_html import Cell, Layout, grid_html, with_column_bars, with_row_bars
from nbimage.page.html import css_background, document_html
from nbimage.page.ipython import Bundle, mime_bundle, show
from nbimage.page.page_size import MAX_PIXELS, PageSize, as_max_pixels, find_enlargement
from nbimage.page.verb import verb
from nbimage.picture import Picture
from nbimage.raster.montage import MontageItem, make_montage

if TYPE_CHECKING:
    from nbimage.typing import (
        ArrayLike,
        ColorLike,
        ColormapLike,
        ComplexLike,
        ContrastLike,
        ImagesLike,
        LimitLike,
        NormLike,
        PathLike,
        PictureFormat,
    )

_SMALL, _LARGE = 96, 240  # CSS pixels between which a column is where as many as fit stand in a row
_TITLED = 160  # below which a column is not narrower than its titles
_ACROSS, _PAGE = 8, 840  # columns and CSS pixels into which enlarged pictures fit
_FEW = 50  # pictures up to which each has its own colorbar by default
_PREVIEW_SIDE = 800
_PREVIEW_CELLS = 100


class Grid:
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
    vmin, vmax, vsym, contrast, norm, cmap, under, over, nan_color, mark_clipped, labels, complex
        As for `nbimage`.
    channel_axis : int, optional
        Where a picture's channels are, if the guess is wrong.
    orientation : bool
        As for `nbimage`, for every picture.
    colorbar : bool or str, optional
        Colorbars and their label. By default where values are mapped, and of ranges of their own
        only up to 50 pictures.
    title : str, optional
        Text above all.
    width, zoom : float, optional
        Width of a column in CSS pixels, or as a multiple of the widest picture's.
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
        What stands above each.
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
        cmap: ColormapLike | None = None,
        under: ColorLike | None = None,
        over: ColorLike | None = None,
        nan_color: ColorLike | None = None,
        mark_clipped: bool = False,
        labels: bool | ArrayLike | None = None,
        complex: ComplexLike | None = None,  # noqa: A002 (the word for it)
        channel_axis: int | None = None,
        orientation: bool = True,
        colorbar: bool | str | None = None,
        title: str | None = None,
        width: float | None = None,
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
        max_pixels = as_max_pixels(max_pixels)
        # what is wrong for every picture is said once, whatever errors= is
        own_labels = as_own_labels(labels)
        scale = ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis)
        ColorOptions.of(cmap, under, over, nan_color, mark_clipped, own_labels, complex)
        check_options(format, (1, 1), quality, lossless, compression)
        if background is not None:
            css_background(background)
        self._items = as_items(images, titles, row, column, channel_axis, orientation)
        items, count = self._items.items, len(self._items.items)
        self._columns = resolve_columns(columns, self._items)
        self._title, self._display_id, self._page = title or "", display_id, as_whole("page", page)
        self._shared = shared if isinstance(shared, str) else bool(shared)
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
        )
        gathered = make_pictures(items, self._groups(count), options)
        self.pictures: tuple[Any, ...] = tuple(gathered.pictures)
        self.titles: tuple[str, ...] = tuple(
            item.title or (picture.figure.title if picture is not None else "")
            for item, picture in zip(items, self.pictures, strict=True)
        )
        self.errors: dict[int, str] = gathered.errors
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
        self._natural = max((p.width for p in self.pictures if p is not None), default=_SMALL)
        self._width = self._column_width(size)

    def _groups(self, count: int) -> list[list[int]]:
        """Return which pictures share a range."""
        every = list(range(count))
        if not isinstance(self._shared, str):
            return [every] if self._shared else [[i] for i in every]
        if self._columns is None:
            raise ValueError(
                f"columns must be a number where shared is {self._shared!r}, but got 'auto'"
            )
        columns = self._columns
        if self._shared == "row":
            return [every[i : i + columns] for i in range(0, count, columns)]
        return [every[j::columns] for j in range(min(columns, count))]

    def _column_width(self, size: PageSize) -> float:
        if size.width is not None:
            return float(size.width)
        if size.zoom is not None:
            return self._natural * size.zoom
        letters = _TITLED if self.errors else max(map(len, self.titles), default=0)
        least = min(max(_SMALL, 7 * letters), _TITLED)
        across = self._columns or min(len(self.pictures), _ACROSS)
        tallest = max((p.height for p in self.pictures if p is not None), default=self._natural)
        times = find_enlargement(self._natural, tallest, max(least, _PAGE / max(across, 3)))
        times = max(times, math.ceil(least / self._natural))
        if times > 1:
            return float(self._natural * times)
        if self._columns is not None:  # they shrink to the page
            return float(self._natural)
        large = _LARGE if all(isinstance(p, (Picture, type(None))) for p in self.pictures) else 480
        return float(min(self._natural, large))

    @property
    def width(self) -> float:
        """The width of a column on the page in CSS pixels."""
        return self._width

    @functools.cached_property
    def html(self) -> str:
        """The grid as HTML that holds everything it needs."""
        cells = [self._cell(i) for i in range(len(self.pictures))]
        columns, items = self._columns, self._items
        row_bars = False
        if columns is not None and any(self._bars):
            if self._shared == "row":
                cells, row_bars = with_row_bars(cells, columns, self._bars), True
            elif self._shared == "column":
                cells = with_column_bars(cells, columns, self._bars)
        whole = self._bars[0] if self._shared is True and self._bars else ()
        layout = Layout(
            self._width,
            self._natural,
            columns,
            items.row_titles,
            items.column_titles,
            self._page,
            row_bars,
        )
        options: dict[str, Any] = {"bars": whole, "notes": self._notes()}
        return grid_html(cells, layout, title=self._title, display_id=self._display_id, **options)

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

    def _cell(self, number: int) -> Cell:
        picture, title = self.pictures[number], self.titles[number]
        name = f"{title}: " if title else ""
        if number in self.errors:
            label = self._items.items[number].label
            return Cell("", name, title, error=f"{label}: {self.errors[number]}")
        if picture is None:
            return Cell("", "")
        share = picture.width / self._natural
        figure = picture.figure
        return Cell(
            picture.inner_html,
            name + picture.alt,
            title,
            share,
            self._width * share,
            self._width * share * picture.height / picture.width,
            figure,
        )

    @property
    def description(self) -> str:
        """One line: how many pictures there are, and what the first one is."""
        shown = [picture for picture in self.pictures if picture is not None]
        if not shown:
            return "nothing to show"
        if len(shown) == 1:
            return f"1 picture, {shown[0].description}"
        return f"{len(shown)} pictures, the first {shown[0].description}"

    def save(self, path: PathLike) -> Path | list[Path]:
        """Save all as one picture with its titles (``.png``), or as a page (``.html``).

        A path with ``{index}`` or ``{title}`` in it, such as ``"out/{index:03}.png"``, is one file
        a picture. Each file is written whole or not at all. Returns the path, or the paths.
        """
        name = os.fsdecode(path)
        if "{" in name:
            named = self._names(name)
            saved = [picture.save(file) for picture, file in named]
            return [one for some in saved for one in (some if isinstance(some, list) else [some])]
        try:
            name, format_ = resolve_picture_path(name)
        except ValueError:  # a format that single pictures have not either
            format_ = ""
            if not os.path.basename(name):
                raise
        if format_ == "html":
            return write_file(name, document_html(self.html, self._title or "Grid").encode())
        if format_ != "png":
            raise ValueError(
                f"a grid is saved as .png or .html, or one file each with {{index}} in the name, "
                f"but got {name!r}"
            )
        return write_file(name, self.png)

    def _names(self, pattern: str) -> list[tuple[Any, str]]:
        """Return each picture with the name of its file."""
        named: dict[str, Any] = {}
        for index, picture in enumerate(self.pictures):
            if picture is None:
                continue
            title = re.sub(r"[^\w.=+-]+", "_", self.titles[index]).strip("._") or str(index)
            try:
                name = pattern.format(index=index, title=title)
            except (LookupError, ValueError, AttributeError, TypeError) as error:
                raise ValueError(
                    "one file a picture must be named with {index} or {title}, such as "
                    f"'out/{{index:03}}.png', but got {pattern!r}: {error!r}"
                ) from None
            if name in named:
                raise ValueError(
                    f"each picture must have a file of its own, but {name!r} is that of two: "
                    "put {index} into the name"
                )
            named[name] = picture
        return [(picture, name) for name, picture in named.items()]

    @functools.cached_property
    def png(self) -> bytes:
        """All pictures, every pixel of them, with their titles as one PNG on white."""
        return encode_png(self._montage(len(self.pictures), np.inf))

    def _montage(self, most: int, side: float) -> Array:
        items = self._items
        tiles = [
            MontageItem(
                None if picture is None else picture.render(),
                title,
                labels=getattr(picture, "labels", False),
            )
            for picture, title in zip(self.pictures[:most], self.titles[:most], strict=True)
        ]
        columns = self._columns or max(1, round(math.sqrt(len(tiles) * 1.5)))
        return make_montage(
            tiles,
            min(columns, len(tiles)),
            title=self._title,
            rows=items.row_titles,
            heads=items.column_titles,
            side=side,
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        preview = encode_png(self._montage(_PREVIEW_CELLS, _PREVIEW_SIDE))
        return mime_bundle(self.html, preview, _PREVIEW_SIDE, repr(self))

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return format_repr("Grid", self._title, self.description)


@verb(Grid)
def nbgrid(grid: Grid, *, saveas: PathLike | None = None) -> None:
    """Show many pictures in the notebook: dragging one resizes all, a click enlarges one in place.

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
