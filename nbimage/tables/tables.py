"""`data_uris` and `show_images`: pictures for the cells of tables and the marks of charts.

Grids of pictures are in `grids`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nbimage.base.doors import door
from nbimage.base.scalars import as_whole, whole_or_nan
from nbimage.mapping.colormap import as_color
from nbimage.mapping.pixels import Pixels
from nbimage.mapping.value_scale import ValueScale
from nbimage.page.table_html import Markup, as_markup, image_markup, table_html
from nbimage.raster.join_pictures import BACKGROUND
from nbimage.tables.frame_texts import is_plain_polars, make_styler, read_polars_texts
from nbimage.tables.rows import (
    Rows,
    Texts,
    holds_pictures,
    is_frame,
    polars_cells,
    read_column,
    read_rows,
)
from nbimage.tables.thumbnails import JoinOptions, ThumbnailOptions, Thumbnails, encode_small_grays

if TYPE_CHECKING:
    from nbimage.typing import (
        ColorLike,
        ColormapLike,
        ContrastLike,
        ImagesLike,
        LevelsLike,
        LimitLike,
        NormLike,
        PictureFormat,
    )

_MOST_ROWS = 100  # of a polars table


@door
def data_uris(
    images: ImagesLike,
    *,
    size: int | None = None,
    format: PictureFormat = "png",  # noqa: A002 (the name users know)
    shared: bool = True,
    gap: int = 10,
    titles: bool | Sequence[str] | None = None,
    fill: ColorLike | None = None,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    channel_axis: int | None = None,
    quality: float | None = None,
    compression: int | None = None,
) -> Any:
    """Return many arrays as data URIs, for the cells of a table or the tooltips of a chart.

    Parameters
    ----------
    images : list, dict, stack ``(N, H, W[, C])``, Series or DataFrame
        Arrays, PIL images or `Picture` objects, each as for `encode`. Of a table, and of a list
        of tuples, the arrays of a row are joined side by side to one picture, their tops in line.
        None, NaN and nulls are rows without a picture; of a joined row, an empty cell.
    size : int, optional
        Thumbnails: the longest side of each array's picture is at most this, reduced by a whole
        factor by area means. Smaller ones are left as they are.
    shared : bool
        One range for all, but one for each column where rows have several: a reader compares
        down a column. Else each array has its own.
    gap : int
        Pixels between the pictures of a row.
    titles : True or list of str, optional
        Written above each picture of a row: True for the names of the columns.
    fill : color, optional
        Of the gap, of what is empty, and behind the titles. By default a light gray, opaque:
        it reads on light pages and on dark ones, and keeps gray pictures at one byte a pixel.
    format, vmin, vmax, vsym, contrast, norm, levels, cmap, channel_axis, quality, compression
        As for `encode`; ``channel_axis`` is that of each array.

    Returns
    -------
    list of str
        None where there is no picture. Of a dict a dict with its keys, of a pandas Series or
        DataFrame a Series with its index, of a polars one a Series of strings.

    Raises
    ------
    TypeError, ValueError
        As `encode`, naming the cell: ``images[17]: data must …``.

    Examples
    --------
    >>> uris = nbimage.data_uris([np.eye(200), None, np.ones((50, 50))], size=40)
    >>> [uri and uri[:22] for uri in uris]
    ['data:image/png;base64,', None, 'data:image/png;base64,']

    In a chart of Altair or Plotly such texts are the pictures of tooltips:

    >>> import pandas
    >>> frame = pandas.DataFrame({"x": [1, 2], "photo": [np.eye(8), np.zeros((8, 8))]})
    >>> nbimage.data_uris(frame["photo"]).str[:10].tolist()
    ['data:image', 'data:image']
    """
    rows = read_rows(images)
    options = ThumbnailOptions.of(
        size,
        format,
        shared,
        ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels),
        cmap,
        quality,
        compression,
    )
    if not whole_or_nan(gap) >= 0:
        raise ValueError(f"gap must be a whole number of pixels from 0 on, but got {gap!r}")
    color = BACKGROUND if fill is None else as_color("fill", fill)
    joining = JoinOptions(as_whole("gap", gap), _read_titles(titles, rows), color)
    thumbs = Thumbnails(rows, options)
    uris: Texts = [None] * len(rows.cells)
    for i in encode_small_grays(thumbs, joining, uris):
        parts = [thumbs.pixels(i, j) for j in range(rows.width)]
        if any(part is not None for part in parts):
            uris[i] = options.uri(joining.join(parts, thumbs))
    thumbs.warn()
    return rows.like(uris)


def _read_titles(titles: Any, rows: Rows) -> tuple[str, ...]:
    """Return the title of each column, empty where there are none. Raises for other numbers."""
    if titles is None or titles is False:
        return ("",) * rows.width
    if titles is True:
        if rows.names is None:
            raise ValueError("titles must be a list of texts where columns have no names")
        return tuple(map(str, rows.names))
    if isinstance(titles, (str, bytes)) or not isinstance(titles, Sequence):
        raise TypeError(f"titles must be True or a list of texts, but got {titles!r}")
    if len(titles) != rows.width:
        raise ValueError(
            f"titles must be {rows.width}, one a picture of a row, but got {len(titles)}: "
            f"{list(titles)[:4]}"
        )
    return tuple(map(str, titles))


@door
def show_images(
    frame: Any,
    columns: str | list[str] | None = None,
    *,
    size: int = 96,
    format: PictureFormat = "png",  # noqa: A002 (the name users know)
    shared: bool = True,
    vmin: LimitLike = None,
    vmax: LimitLike = None,
    vsym: bool = False,
    contrast: ContrastLike = None,
    norm: NormLike = "linear",
    levels: LevelsLike | None = None,
    cmap: ColormapLike | None = None,
    channel_axis: int | None = None,
    quality: float | None = None,
    compression: int | None = None,
) -> Any:
    """Return a table whose arrays are pictures, for the end of a cell or an HTML page.

    Parameters
    ----------
    frame : pandas or polars DataFrame
        Never changed.
    columns : str or list of str, optional
        Those that hold pictures. By default all whose first value is an array of two or three
        axes, a PIL image or a `Picture`.
    size : int
        The longest side of a picture in pixels. Larger ones are reduced by a whole factor by area
        means, smaller ones enlarged by a whole factor, with hard edges.
    shared : bool
        One range for each column; else each picture has its own.
    format, vmin, vmax, vsym, contrast, norm, levels, cmap, channel_axis, quality, compression
        As for `encode`.

    Returns
    -------
    pandas Styler, or `ImageTable` of polars
        Every other text in it is escaped; numbers and dates are written as the frame itself has
        them (``display.precision``, ``styler.format.…``). A polars one has 100 rows at most, and
        says so.

    Raises
    ------
    ImportError
        If jinja2 is missing, which pandas' Styler needs.
    TypeError, ValueError
        For what is no frame, unknown columns (with the names that are near), and as `encode`.

    Examples
    --------
    >>> import pandas
    >>> masks = [np.eye(8), np.zeros((8, 8))]
    >>> frame = pandas.DataFrame({"name": ["eye", "none"], "mask": masks})
    >>> table = nbimage.show_images(frame)
    >>> table.to_html().count("<img")
    2
    >>> nbimage.show_images(frame, "masks")
    Traceback (most recent call last):
        ...
    ValueError: columns must be some of the frame's, but got 'masks': did you mean 'mask'?
    """
    options = ThumbnailOptions.of(
        size,
        format,
        shared,
        ValueScale.of(vmin, vmax, vsym, contrast, norm, channel_axis, levels),
        cmap,
        quality,
        compression,
    )
    if is_frame(frame, "pandas"):
        return _make_pandas_table(frame, columns, options)
    if is_frame(frame, "polars"):
        return _make_polars_table(frame, columns, options)
    raise TypeError(f"frame must be a pandas or polars DataFrame, but got {type(frame).__name__}")


class ImageTable:
    """A table with pictures, shown when it is displayed."""

    def __init__(self, html: str, description: str) -> None:
        self.html, self.description = html, description

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"<ImageTable {self.description}>"


def _make_pandas_table(frame: Any, columns: Any, options: ThumbnailOptions) -> Any:
    try:
        import jinja2  # noqa: F401 (pandas' own message has no pip line)
    except ImportError as error:
        raise ImportError("tables of pandas need jinja2: pip install jinja2") from error
    names = list(frame.columns)
    cells = [list(frame.iloc[:, i]) for i in range(len(names))]
    indices = _find_picture_columns(columns, names, cells)
    shown = frame.copy(deep=False)
    for i, markup in zip(indices, _make_images(names, cells, indices, options, None), strict=True):
        texts = ["" if text is None else text for text in markup]
        shown.isetitem(i, type(frame.iloc[:, i])(texts, index=frame.index, dtype=object))
    for axis in ("index", "columns"):  # not every pandas escapes their names
        labels = getattr(shown, axis)
        escaped = [None if name is None else as_markup(name) for name in labels.names]
        setattr(shown, axis, labels.set_names(escaped))
    return make_styler(shown)


def _make_polars_table(frame: Any, columns: Any, options: ThumbnailOptions) -> ImageTable:
    names = list(frame.columns)
    cells = [polars_cells(column) for column in frame.get_columns()]
    indices = _find_picture_columns(columns, names, cells)
    count = min(frame.height, _MOST_ROWS)
    texts: list[Any] = [["null" if c is None else str(c) for c in col[:count]] for col in cells]
    plain = [i for i, kind in enumerate(frame.dtypes) if is_plain_polars(kind)]
    numbers = frame[:count, plain]
    for i, column in zip(plain, read_polars_texts(numbers), strict=True):
        texts[i] = column
    for i, markup in zip(indices, _make_images(names, cells, indices, options, count), strict=True):
        texts[i] = ["null" if text is None else text for text in markup]
    shape = f"shape: ({frame.height:_}, {frame.width:_})"
    if count < frame.height:
        shape += f", the first {count} rows"
    kinds = ["picture" if i in indices else str(kind) for i, kind in enumerate(frame.dtypes)]
    rows = list(zip(*texts, strict=True)) if texts else []
    return ImageTable(table_html(names, kinds, rows, shape), shape)


def _make_images(
    names: Sequence[Any],
    cells: Sequence[list[Any]],
    indices: Sequence[int],
    options: ThumbnailOptions,
    most: int | None,
) -> Iterator[list[Markup | None]]:
    """Yield each picture column's first cells as images; None where there is nothing."""
    for index in indices:
        rows = read_column(cells[index], names[index])
        thumbs = Thumbnails(rows, options)
        images: list[Markup | None] = []
        for i in range(len(rows.cells[:most])):
            pixels = thumbs.pixels(i, 0)
            images.append(None if pixels is None else _image(pixels, options))
        thumbs.warn()
        yield images


def _image(pixels: Pixels, options: ThumbnailOptions) -> Markup:
    height, width = pixels.array.shape[:2]
    zoom = max(1, int(options.side) // max(height, width))
    size = width * zoom, height * zoom
    return image_markup(options.uri(pixels), pixels.description, size, zoom > 1 or pixels.labels)


def _find_picture_columns(columns: Any, names: list[Any], cells: Sequence[list[Any]]) -> list[int]:
    """Return the indices of the columns of pictures: those named, or those that seem to be."""
    if columns is None:
        found = [i for i, column in enumerate(cells) if holds_pictures(column)]
        if not found:
            raise ValueError(
                f"frame must have a column of pictures, but got {_quote_names(names)}: "
                "name those that are with columns="
            )
        return found
    import difflib  # only for a message

    asked = columns if isinstance(columns, list) else [columns]
    for name in asked:
        if name not in names:
            near = difflib.get_close_matches(str(name), [str(n) for n in names], 3, 0.5)
            hint = (
                f"did you mean {_quote_names(near)}?"
                if near
                else f"there are {_quote_names(names)}"
            )
            raise ValueError(f"columns must be some of the frame's, but got {name!r}: {hint}")
    return [i for i, name in enumerate(names) if name in asked]


def _quote_names(names: Sequence[Any]) -> str:
    return ", ".join(repr(name) for name in names[:8]) + (", …" if len(names) > 8 else "")
